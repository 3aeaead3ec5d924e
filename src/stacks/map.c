/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "map.h"

#include <stdlib.h>
#include <string.h>

#include "../arch/arch.h"
#include "../kernel/cpus.h"
#include "../target/memory.h"

struct cpu_stacks {
	bool tried;
	enum stk_status status;
	struct stk_stack stack[STK_MAX_CPU_STACKS];
	size_t nr;
};

struct interval {
	struct stk_stack stack;
	size_t task; /* index in the list of tasks, for a task's stack */
};

struct page {
	uint64_t pfn;
	uint32_t interval;
	uint32_t offset;
};

struct stk_map {
	struct cpu_stacks *cpu;
	/* Everything, sorted by begin. */
	struct interval *all;
	size_t nr, room;
	bool complete;
	/* Every page of everything, sorted by physical page. */
	struct page *page;
	size_t nr_pages, pages_room;
	bool pages_complete;
};

const char *stk_stack_kind_name(enum stk_stack_kind kind)
{
	static const char *const name[] = {
#define STK_NAME(id, name) name,
		STK_STACK_KINDS(STK_NAME)
#undef STK_NAME
	};

	return (unsigned int)kind < STK_NR_STACK_KINDS ? name[kind] : "UNKNOWN";
}

static struct stk_map *get_map(struct stk *s)
{
	if (!s->map) {
		struct stk_map *m = stk_arena_alloc(&s->arena, sizeof(*m));
		struct stk_cpus *cpus;

		if (!m || stk_cpus_get(s, &cpus))
			return NULL;
		m->cpu = stk_arena_array(&s->arena, cpus->nr, sizeof(*m->cpu));
		if (!m->cpu)
			return NULL;
		s->map = m;
	}
	return s->map;
}

static int by_begin(const void *a, const void *b)
{
	const struct interval *x = a, *y = b;

	return x->stack.begin < y->stack.begin ? -1 : x->stack.begin > y->stack.begin;
}

static int stack_by_begin(const void *a, const void *b)
{
	const struct stk_stack *x = a, *y = b;

	return x->begin < y->begin ? -1 : x->begin > y->begin;
}

enum stk_status stk_cpu_stacks(struct stk *s, unsigned int cpu,
			       const struct stk_stack **stacks, size_t *nr)
{
	struct stk_map *m = get_map(s);
	struct cpu_stacks *c;

	*nr = 0;
	if (!m)
		return stk_fail(s, STK_ERR_CORRUPT, "cannot tell the machine's CPUs");
	if (!stk_cpu_possible(s, cpu))
		return stk_fail(s, STK_ERR_ARG, "there is no CPU %u", cpu);
	c = &m->cpu[cpu];
	if (!c->tried) {
		c->status =
			s->arch->cpu_stacks(s, cpu, c->stack, STK_MAX_CPU_STACKS, &c->nr);
		if (stk_interrupted(s))
			return STK_ERR_INTERRUPTED;
		qsort(c->stack, c->nr, sizeof(c->stack[0]), stack_by_begin);
		c->tried = true;
	}
	*stacks = c->stack;
	*nr = c->nr;
	return c->status;
}

const struct stk_stack *stk_cpu_stack_at(struct stk *s, unsigned int cpu, uint64_t addr)
{
	const struct stk_stack *stack;
	size_t nr;

	if (stk_cpu_stacks(s, cpu, &stack, &nr))
		return NULL;
	for (size_t i = 0; i < nr; i++)
		if (stack[i].mapped && addr >= stack[i].begin && addr < stack[i].end)
			return &stack[i];
	return NULL;
}

enum stk_status stk_task_stack(struct stk *s, const struct stk_task *task,
			       struct stk_stack *out)
{
	uint64_t size = s->arch->thread_size(s);

	if (!task->stack || !size)
		return stk_fail(s, STK_ERR_NOT_FOUND, "PID %u has no stack any more",
				task->pid);
	*out = (struct stk_stack){
		.kind = STK_STACK_TASK,
		.cpu = -1,
		.task = task->addr,
		.begin = task->stack,
		.end = task->stack + size,
		.mapped = true,
	};
	return STK_OK;
}

int stk_irq_stack_in_use(struct stk *s, unsigned int cpu)
{
	return s->arch->irq_in_use(s, cpu);
}

static enum stk_status add(struct stk *s, struct stk_map *m,
			   const struct stk_stack *stack, size_t task)
{
	struct interval *p =
		stk_arena_grow(&s->arena, m->all, m->nr, &m->room, sizeof(*p));

	if (!p)
		return STK_ERR_NOMEM;
	m->all = p;
	p[m->nr++] = (struct interval){ *stack, task };
	return STK_OK;
}

static enum stk_status complete(struct stk *s, struct stk_map **out)
{
	struct stk_map *m = get_map(s);
	const struct stk_task *task;
	size_t nr_tasks;
	enum stk_status st;

	if (!m)
		return STK_ERR_CORRUPT;
	*out = m;
	if (m->complete)
		return STK_OK;
	m->nr = 0;
	for (unsigned int cpu = 0; cpu < stk_nr_cpus(s); cpu++) {
		const struct stk_stack *stack;
		size_t nr;

		if (!stk_cpu_possible(s, cpu))
			continue;
		st = stk_cpu_stacks(s, cpu, &stack, &nr);
		if (st == STK_ERR_INTERRUPTED || st == STK_ERR_NOMEM)
			return st;
		for (size_t i = 0; i < nr; i++) {
			st = add(s, m, &stack[i], 0);
			if (st)
				return st;
		}
	}
	st = stk_tasks(s, &task, &nr_tasks);
	if (st == STK_ERR_INTERRUPTED || st == STK_ERR_NOMEM)
		return st;
	for (size_t i = 0; !st && i < nr_tasks; i++) {
		struct stk_stack stack;

		if (stk_task_stack(s, &task[i], &stack))
			continue;
		if (add(s, m, &stack, i))
			return STK_ERR_NOMEM;
	}
	if (m->nr)
		qsort(m->all, m->nr, sizeof(*m->all), by_begin);
	m->complete = true;
	return STK_OK;
}

/* The last interval that begins at or below @addr; NULL. */
static struct interval *at_or_below(struct stk_map *m, uint64_t addr)
{
	size_t low = 0, high = m->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (m->all[mid].stack.begin <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? &m->all[low - 1] : NULL;
}

static void set_guard(struct stk *s, struct stk_stack *stack)
{
	uint64_t phys, below = stack->begin - STK_PAGE_SIZE;

	/*
	 * A vmapped stack has an unmapped page below it; one in the direct map none.
	 * Where the page tables are lost, what cannot be read is taken for a guard.
	 */
	if (stack->kind == STK_STACK_TASK && !stack->guard &&
	    stk_translate(s, below, &phys) != STK_OK)
		stack->guard = below;
}

enum stk_status stk_find_stack(struct stk *s, uint64_t addr, struct stk_stack *out)
{
	struct interval *p;
	struct stk_map *m;
	enum stk_status st = complete(s, &m);

	if (st)
		return st;
	p = at_or_below(m, addr);
	if (!p || addr >= p->stack.end)
		return STK_ERR_NOT_FOUND;
	*out = p->stack;
	set_guard(s, out);
	return STK_OK;
}

enum stk_status stk_find_near(struct stk *s, uint64_t addr, struct stk_stack *out,
			      int *guard)
{
	struct interval *p, *next;
	struct stk_map *m;
	uint64_t phys;
	enum stk_status st = complete(s, &m);

	if (st)
		return st;
	p = at_or_below(m, addr);
	*guard = 0;
	if (p && addr < p->stack.end) {
		*out = p->stack;
		set_guard(s, out);
		return STK_OK;
	}
	next = p ? p + 1 : m->all;
	if (next < m->all + m->nr) {
		*out = next->stack;
		set_guard(s, out);
		*guard = -1;
		if (out->guard && addr >= out->guard)
			return STK_OK;
	}
	if (p && addr - p->stack.end < STK_PAGE_SIZE &&
	    (p->stack.kind == STK_STACK_TASK || p->stack.kind == STK_STACK_IRQ) &&
	    stk_translate(s, addr, &phys) == STK_ERR_UNMAPPED) {
		*out = p->stack;
		set_guard(s, out);
		*guard = 1;
		return STK_OK;
	}
	return STK_ERR_NOT_FOUND;
}

static int by_pfn(const void *a, const void *b)
{
	const struct page *x = a, *y = b;

	return x->pfn < y->pfn ? -1 : x->pfn > y->pfn;
}

static enum stk_status complete_pages(struct stk *s, struct stk_map **out)
{
	struct stk_map *m;
	enum stk_status st = complete(s, &m);

	if (st)
		return st;
	*out = m;
	if (m->pages_complete)
		return STK_OK;
	m->nr_pages = 0;
	for (size_t i = 0; i < m->nr; i++) {
		const struct stk_stack *k = &m->all[i].stack;

		if (stk_interrupted(s))
			return STK_ERR_INTERRUPTED;
		for (uint64_t at = k->begin; k->mapped && at < k->end;
		     at += STK_PAGE_SIZE) {
			struct page *p;
			uint64_t phys;

			if (stk_translate(s, at, &phys))
				continue;
			p = stk_arena_grow(&s->arena, m->page, m->nr_pages,
					   &m->pages_room, sizeof(*p));
			if (!p)
				return STK_ERR_NOMEM;
			m->page = p;
			p[m->nr_pages++] =
				(struct page){ phys / STK_PAGE_SIZE, (uint32_t)i,
					       (uint32_t)(at - k->begin) };
		}
	}
	if (m->nr_pages)
		qsort(m->page, m->nr_pages, sizeof(*m->page), by_pfn);
	m->pages_complete = true;
	return STK_OK;
}

enum stk_status stk_find_pfn(struct stk *s, uint64_t pfn, struct stk_stack *out,
			     uint64_t *page_offset)
{
	struct stk_map *m;
	struct page *p, key = { .pfn = pfn };
	enum stk_status st = complete_pages(s, &m);

	if (st)
		return st;
	p = m->nr_pages ? bsearch(&key, m->page, m->nr_pages, sizeof(key), by_pfn) : NULL;
	if (!p)
		return STK_ERR_NOT_FOUND;
	*out = m->all[p->interval].stack;
	*page_offset = p->offset;
	set_guard(s, out);
	return STK_OK;
}

bool stk_stack_owner(struct stk *s, const struct stk_stack *stack, struct stk_task *out)
{
	if (stack->task)
		return stk_task_read(s, stack->task, out) == STK_OK;
	return stack->cpu >= 0 &&
	       stk_cpu_current(s, (unsigned int)stack->cpu, out) == STK_OK;
}
