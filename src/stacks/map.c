/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "map.h"

#include <stdlib.h>
#include <string.h>

#include "../arch/shadow.h"
#include "../base/sorted.h"
#include "../base/vec.h"
#include "../kernel/cpus.h"
#include "../machine/memory.h"
#include "doubts.h"
#include "homes.h"

struct page {
	uint64_t pfn;
	uint32_t stack;
	int32_t offset; /* of the page's first byte in the stack; several may share it */
};

struct stk_map {
	/* Everything, sorted by begin. */
	struct stk_stack *all;
	size_t nr, room;
	bool complete;
	/* Every page of everything, sorted by physical page. */
	struct page *page;
	size_t nr_pages, pages_room;
	bool pages_complete;
	struct stk_purse purse;
};

static enum stk_status make_map(struct stk *s, void *value)
{
	struct stk_cpus *cpus;

	return stk_cpus_get(s, &cpus);
}

static enum stk_status get_map(struct stk *s, struct stk_map **out)
{
	static const struct stk_once once = { .size = sizeof(**out), .find = make_map };
	enum stk_status st = stk_once(s, &s->map, &once);

	*out = s->map.value;
	return st;
}

int stk_irq_stack_in_use(struct stk *s, unsigned int cpu)
{
	return s->arch->irq_in_use(s, cpu);
}

enum stk_status stk_map_add(struct stk *s, struct stk_map *m,
			    const struct stk_stack *stack)
{
	struct stk_stack *p = stk_vec_next(&s->arena, m->all, m->nr, m->room);

	if (!p)
		return stk_why_stop(s);
	*p = *stack;
	m->nr++;
	return STK_OK;
}

static enum stk_status add_cpus(struct stk *s, struct stk_map *m)
{
	for (unsigned int cpu = 0; cpu < stk_nr_cpus(s); cpu++) {
		const struct stk_stack *stack;
		enum stk_status st;
		size_t nr;

		/* Of a CPU that cannot be there are none. */
		st = stk_cpu_stacks(s, cpu, &stack, &nr);
		if (stk_is_passing(st))
			return st;
		for (size_t i = 0; i < nr; i++) {
			st = stk_map_add(s, m, &stack[i]);
			if (st)
				return st;
		}
	}
	return STK_OK;
}

static enum stk_status add_tasks(struct stk *s, struct stk_map *m)
{
	const struct stk_task *task;
	size_t nr;
	enum stk_status st = stk_tasks(s, &task, &nr);

	if (stk_is_passing(st))
		return st;
	for (size_t i = 0; !st && i < nr; i++) {
		struct stk_stack stack;
		uint64_t sp;

		if (!stk_task_stack(s, &task[i], &stack))
			st = stk_map_add(s, m, &stack);
		if (!st && stk_stack_kept(s, &task[i], &stack))
			st = stk_map_add(s, m, &stack);
		if (!st && stk_task_shadow(s, &task[i], &stack, &sp))
			st = stk_map_add(s, m, &stack);
	}
	return stk_is_passing(st) ? st : STK_OK;
}

/*
 * A vmapped stack has an unmapped page on either side; one in the direct map none.
 * Where the page tables are lost, what cannot be read below is taken for a guard.
 */
void stk_map_guards(struct stk *s, struct stk_stack *stack)
{
	uint64_t phys, below = stack->begin - stk_page_size(s);

	if (stk_kind_is(stack->kind, STK_KIND_GUARD) && !stack->guard &&
	    stk_translate(s, below, &phys) != STK_OK)
		stack->guard = below;
	if (!stk_page_offset(s, stack->end) &&
	    stk_translate(s, stack->end, &phys) == STK_ERR_UNMAPPED)
		stack->guard_end = stack->end + stk_page_size(s);
}

/* Is @p, which waits for a task or was kept by one, the stack that a task has? */
static bool is_had(const struct stk_stack *task, const struct stk_stack *p)
{
	return p->begin == task->begin && p->kind == task->kind &&
	       (stk_stack_is_free(p) || p->doubt);
}

/*
 * Sort them. One that waits for a task may just have been given to one; and what a task
 * kept that seemed to have another is not its own, if another's pointer leads there.
 */
static void sort_stacks(struct stk_map *m)
{
	size_t nr = 0;

	if (m->nr)
		qsort(m->all, m->nr, sizeof(*m->all), stk_stack_by_begin);
	for (size_t i = 0; i < m->nr; i++)
		if (!nr || !is_had(&m->all[nr - 1], &m->all[i]))
			m->all[nr++] = m->all[i];
	m->nr = nr;
}

/* Those of CPUs first: they are few, and what matters most. */
static enum stk_status add_all(struct stk *s, struct stk_map *m)
{
	enum stk_status st = add_cpus(s, m);

	if (st)
		return st;
	m->purse.kept = true;
	stk_purse_open(&s->budget, &m->purse, "the table of stacks", 2);
	st = add_tasks(s, m);
	if (!st)
		st = stk_map_add_free(s, m);
	stk_purse_close(&s->budget, &m->purse);
	return st == STK_ERR_LIMIT && !s->budget.dry ? STK_OK : st;
}

static enum stk_status complete_map(struct stk *s, struct stk_map **out)
{
	struct stk_map *m;
	enum stk_status st = get_map(s, &m);

	if (st)
		return st;
	*out = m;
	if (m->complete)
		return STK_OK;
	m->nr = 0;
	st = add_all(s, m);
	if (st)
		return st;
	sort_stacks(m);
	st = stk_doubt_stacks(s, m->all, m->nr);
	for (size_t i = 0; !st && i < m->nr; i++) {
		stk_map_guards(s, &m->all[i]);
		if (i % 256 == 0 && stk_must_stop(s))
			st = stk_why_stop(s);
	}
	if (st || stk_must_stop(s))
		return st ? st : stk_why_stop(s);
	m->complete = true;
	return STK_OK;
}

static enum stk_status list_stacks(struct stk *s, const struct stk_stack **stacks,
				   size_t *nr)
{
	struct stk_map *m;
	enum stk_status st = complete_map(s, &m);

	*nr = 0;
	if (st)
		return st;
	*stacks = m->all;
	*nr = m->nr;
	return STK_OK;
}

enum stk_status stk_stacks(struct stk *s, const struct stk_stack **stacks, size_t *nr)
{
	stk_enter(s);
	return stk_leave(s, list_stacks(s, stacks, nr));
}

/* The last stack that begins at or below @addr; NULL. */
static const struct stk_stack *at_or_below(const struct stk_map *m, uint64_t addr)
{
	size_t low = stk_upto(m->all, m->nr, begin, addr);

	return low ? &m->all[low - 1] : NULL;
}

/* Of those that others claim, too, so many are looked at for one that is believed. */
#define MAX_CLAIMS 16

/* The stack with @addr that is believed, or any other; @p: at_or_below(). NULL: none. */
static const struct stk_stack *believed(const struct stk_map *m,
					const struct stk_stack *p, uint64_t addr)
{
	const struct stk_stack *found = NULL;

	for (int i = 0; p && i < MAX_CLAIMS && p - m->all >= i; i++) {
		if (addr >= p[-i].end)
			continue;
		if (!p[-i].doubt)
			return &p[-i];
		found = found ? found : &p[-i];
	}
	return found;
}

/* In a guard of a stack; of one that is @doubted, or of one that is not. */
static const struct stk_stack *guarded(const struct stk_map *m, const struct stk_stack *p,
				       uint64_t addr, bool doubted, int *guard)
{
	const struct stk_stack *next = p ? p + 1 : m->all;

	*guard = -1;
	for (int i = 0; i < MAX_CLAIMS && next + i < m->all + m->nr; i++)
		if (next[i].guard && addr >= next[i].guard && !next[i].doubt != doubted)
			return &next[i];
	*guard = 1;
	for (int i = 0; p && i < MAX_CLAIMS && p - m->all >= i; i++)
		if (addr >= p[-i].end && addr < p[-i].guard_end &&
		    !p[-i].doubt != doubted)
			return &p[-i];
	*guard = 0;
	return NULL;
}

static enum stk_status search_near(const struct stk_map *m, uint64_t addr,
				   const struct stk_stack **out, int *guard)
{
	const struct stk_stack *p = at_or_below(m, addr);
	const struct stk_stack *on = believed(m, p, addr), *sound = NULL;

	*guard = 0;
	if (!on || on->doubt)
		sound = guarded(m, p, addr, false, guard);
	*out = sound ? sound : on ? on : guarded(m, p, addr, true, guard);
	return *out ? STK_OK : STK_ERR_NOT_FOUND;
}

enum stk_status stk_map_near(struct stk *s, uint64_t addr, const struct stk_stack **out,
			     int *guard)
{
	struct stk_map *m;
	enum stk_status st = get_map(s, &m);
	enum stk_home home;

	if (st)
		return st;
	if (!m->complete) {
		home = stk_home_near(s, addr, out, guard);
		if (home != STK_HOME_UNSURE)
			return home == STK_HOME_FOUND ? STK_OK : STK_ERR_NOT_FOUND;
		st = complete_map(s, &m);
	}
	return st ? st : search_near(m, addr, out, guard);
}

enum stk_status stk_find_near(struct stk *s, uint64_t addr, struct stk_stack *out,
			      int *guard)
{
	const struct stk_stack *p;
	enum stk_status st = stk_map_near(s, addr, &p, guard);

	if (!st)
		*out = *p;
	return st;
}

static enum stk_status find_stack_at(struct stk *s, uint64_t addr, struct stk_stack *out)
{
	int guard;
	enum stk_status st = stk_find_near(s, addr, out, &guard);

	return !st && guard ? STK_ERR_NOT_FOUND : st;
}

enum stk_status stk_find_stack(struct stk *s, uint64_t addr, struct stk_stack *out)
{
	stk_enter(s);
	return stk_leave(s, find_stack_at(s, addr, out));
}

static int by_pfn(const void *a, const void *b)
{
	const struct page *x = a, *y = b;

	if (x->pfn != y->pfn)
		return x->pfn < y->pfn ? -1 : 1;
	return x->stack < y->stack ? -1 : x->stack > y->stack;
}

static enum stk_status add_pages(struct stk *s, struct stk_map *m, uint32_t stack)
{
	const struct stk_stack *k = &m->all[stack];

	for (uint64_t at = k->begin - stk_page_offset(s, k->begin);
	     k->mapped && at < k->end; at += stk_page_size(s)) {
		struct page *p;
		uint64_t phys;

		if (!stk_spend(s, 1))
			return stk_why_stop(s);

		if (stk_translate(s, at, &phys))
			continue;
		p = stk_vec_next(&s->arena, m->page, m->nr_pages, m->pages_room);
		if (!p)
			return stk_why_stop(s);
		*p = (struct page){ stk_page_number(s, phys), stack,
				    (int32_t)(at - k->begin) };
		m->nr_pages++;
	}
	return STK_OK;
}

static enum stk_status complete_pages(struct stk *s, struct stk_map **out)
{
	struct stk_map *m;
	enum stk_status st = complete_map(s, &m);

	if (st)
		return st;
	*out = m;
	if (m->pages_complete)
		return STK_OK;
	m->nr_pages = 0;
	stk_purse_open(&s->budget, &m->purse, "the table of stacks", 2);
	for (size_t i = 0; !st && i < m->nr; i++)
		st = add_pages(s, m, (uint32_t)i);
	stk_purse_close(&s->budget, &m->purse);
	if (stk_must_stop(s) || (st && st != STK_ERR_LIMIT))
		return stk_must_stop(s) ? stk_why_stop(s) : st;
	if (m->nr_pages)
		qsort(m->page, m->nr_pages, sizeof(*m->page), by_pfn);
	m->pages_complete = true;
	return STK_OK;
}

static enum stk_status search_phys(struct stk *s, const struct stk_map *m, uint64_t phys,
				   const struct stk_stack **out, uint64_t *at)
{
	const uint64_t pfn = stk_page_number(s, phys);

	unsigned int claims = 0;

	/* Small stacks share a page, and the last one of a stack may hold other things.
	 */
	for (size_t i = stk_below(m->page, m->nr_pages, pfn, pfn);
	     i < m->nr_pages && m->page[i].pfn == pfn && claims < MAX_CLAIMS; i++) {
		const struct stk_stack *k = &m->all[m->page[i].stack];
		int64_t offset = m->page[i].offset + (int64_t)stk_page_offset(s, phys);

		/* One before its first byte is far behind its last, too. */
		if ((uint64_t)offset >= k->end - k->begin || (claims++ && k->doubt))
			continue;
		*out = k;
		*at = k->begin + (uint64_t)offset;
		if (!k->doubt)
			return STK_OK;
	}
	return claims ? STK_OK : STK_ERR_NOT_FOUND;
}

enum stk_status stk_map_phys(struct stk *s, uint64_t phys, const struct stk_stack **out,
			     uint64_t *at)
{
	struct stk_map *m;
	enum stk_status st = get_map(s, &m);
	enum stk_home home;

	if (st)
		return st;
	if (!m->pages_complete) {
		home = stk_home_phys(s, phys, out, at);
		if (home != STK_HOME_UNSURE)
			return home == STK_HOME_FOUND ? STK_OK : STK_ERR_NOT_FOUND;
		st = complete_pages(s, &m);
	}
	return st ? st : search_phys(s, m, phys, out, at);
}

bool stk_stack_owner(struct stk *s, const struct stk_stack *stack, struct stk_task *out)
{
	if (stack->task)
		return stk_task_read(s, stack->task, out) == STK_OK;
	return stack->cpu >= 0 && !stk_stack_is_free(stack) &&
	       stk_cpu_current(s, (unsigned int)stack->cpu, out) == STK_OK;
}
