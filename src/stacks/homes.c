/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "homes.h"

#include <stdlib.h>

#include "../arch/arch.h"
#include "../arch/shadow.h"
#include "../base/sorted.h"
#include "../base/vec.h"
#include "../kernel/cpus.h"
#include "../kernel/layout.h"
#include "../kernel/tasks_stack.h"
#include "../kernel/vmalloc.h"
#include "../machine/memory.h"
#include "claims.h"
#include "map.h"

/* Who asks for more is better served by the map. */
#define MAX_ASKED 16u

struct home {
	uint64_t begin;
	struct stk_stack stack; /* its owner and guards only if it is settled */
	bool settled;
};

/* All of them, ascending. */
struct stk_homes {
	struct home *home;
	size_t nr, room;
	bool sure; /* there are no others */
	unsigned int asked;
};

static enum stk_status add_home(struct stk *s, struct stk_homes *h,
				const struct stk_stack *stack)
{
	struct home *p = stk_vec_next(&s->arena, h->home, h->nr, h->room);

	if (!p)
		return stk_why_stop(s);
	*p = (struct home){ .begin = stack->begin, .stack = *stack };
	h->nr++;
	return STK_OK;
}

/* One whose owner is known. */
static enum stk_status add_settled(struct stk *s, struct stk_homes *h,
				   const struct stk_stack *stack)
{
	enum stk_status st = add_home(s, h, stack);

	if (st)
		return st;
	stk_map_guards(s, &h->home[h->nr - 1].stack);
	h->home[h->nr - 1].settled = true;
	return STK_OK;
}

static enum stk_status add_task(struct stk *s, struct stk_homes *h,
				const struct stk_task *task)
{
	struct stk_stack stack;

	return stk_task_stack(s, task, &stack) ? STK_OK : add_settled(s, h, &stack);
}

/* What the CPUs have and whom they run, and the first task, whose stack is the image's.
 */
static enum stk_status add_certain(struct stk *s, struct stk_homes *h)
{
	enum stk_status st = STK_OK;
	const struct stk_stack *stack;
	struct stk_task task;
	uint64_t init;
	size_t nr;

	for (unsigned int cpu = 0; !st && cpu < stk_nr_cpus(s); cpu++) {
		/* Of a CPU that cannot be there are none. */
		st = stk_cpu_stacks(s, cpu, &stack, &nr);
		st = stk_is_passing(st) ? st : STK_OK;
		for (size_t i = 0; !st && i < nr; i++)
			st = add_settled(s, h, &stack[i]);
		if (!st && stk_cpu_possible(s, cpu) && !stk_cpu_current(s, cpu, &task))
			st = add_task(s, h, &task);
	}
	if (!st && stk_find_symbol(s, "init_task", &init) &&
	    !stk_task_read(s, init, &task))
		st = add_task(s, h, &task);
	return st;
}

/* An area's size counts the guard page above it. */
static bool may_be_stack(const struct stk *s, const struct stk_vmap_area *area,
			 uint64_t size)
{
	return !area->freed && area->end - area->begin == size + stk_page_size(s);
}

static enum stk_status add_areas(struct stk *s, struct stk_homes *h)
{
	const uint64_t size = s->arch->thread_size(s);
	const struct stk_vmap_area *area;
	size_t nr;
	enum stk_status st = stk_vmap_areas(s, &area, &nr);

	for (size_t i = 0; !st && i < nr; i++) {
		const struct stk_stack stack = {
			.kind = s->arch->task_kind,
			.cpu = -1,
			.begin = area[i].begin,
			.end = area[i].begin + size,
			.mapped = true,
		};

		if (may_be_stack(s, &area[i], size))
			st = add_home(s, h, &stack);
	}
	return st;
}

static int by_begin(const void *a, const void *b)
{
	const struct home *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return y->settled - x->settled;
}

/* An area whose owner was known before is there twice. One at least must be. */
static void sort_homes(struct stk_homes *h)
{
	size_t nr = 0;

	qsort(h->home, h->nr, sizeof(*h->home), by_begin);
	for (size_t i = 0; i < h->nr; i++) {
		if (nr && h->home[nr - 1].begin == h->home[i].begin) {
			h->sure |= !h->home[i].settled &&
				   stk_stack_is_task(&h->home[nr - 1].stack);
			continue;
		}
		h->home[nr++] = h->home[i];
	}
	h->nr = nr;
}

/*
 * Where all stacks are mapped (CONFIG_VMAP_STACK) and nothing is missing. A small dump
 * has what others asked for.
 */
static bool can_tell(struct stk *s)
{
	struct stk_member area;

	return !s->target.live && !s->watch && !s->no_tables &&
	       stk_find_member(s, "task_struct", "stack_vm_area", &area) &&
	       !stk_shadow_size(s) && stk_vmap_areas_whole(s);
}

static enum stk_status find_homes(struct stk *s, void *value)
{
	struct stk_homes *h = value;
	enum stk_status st;

	h->nr = 0;
	h->sure = false;
	if (!can_tell(s))
		return stk_must_stop(s) ? stk_why_stop(s) : STK_OK;
	st = add_certain(s, h);
	if (!st)
		st = add_areas(s, h);
	if (st || stk_must_stop(s))
		return st ? st : stk_why_stop(s);
	if (h->nr)
		sort_homes(h);
	return STK_OK;
}

/* NULL: they do not tell, or are not wanted any more: the tasks are listed. */
static struct stk_homes *get_homes(struct stk *s)
{
	static const struct stk_once once = { .size = sizeof(struct stk_homes),
					      .find = find_homes };
	struct stk_homes *h;

	if (s->tasks.value || stk_once(s, &s->homes, &once))
		return NULL;
	h = s->homes.value;
	return h->sure && h->asked < MAX_ASKED ? h : NULL;
}

/* Who owns it, and its guards. False: not known; it may be nobody's. */
static bool settle(struct stk *s, struct stk_homes *h, struct home *p)
{
	struct stk_task task;

	if (p->settled)
		return true;
	h->asked++;
	if (!stk_task_by_stack(s, p->begin, p->stack.end - p->begin, &p->stack.task) ||
	    stk_task_read(s, p->stack.task, &task) || stk_vm_area_agrees(s, &task) != 1)
		return false;
	stk_map_guards(s, &p->stack);
	p->settled = !stk_must_stop(s);
	return p->settled;
}

enum stk_home stk_home_near(struct stk *s, uint64_t addr, const struct stk_stack **out,
			    int *guard)
{
	struct stk_homes *h = get_homes(s);
	struct home *p, *next;
	size_t low;

	if (!h)
		return STK_HOME_UNSURE;
	low = stk_upto(h->home, h->nr, begin, addr);
	p = low ? &h->home[low - 1] : NULL;
	next = low < h->nr ? &h->home[low] : NULL;
	*guard = 0;
	if (p && addr < p->stack.end) {
		*out = &p->stack;
		return settle(s, h, p) ? STK_HOME_FOUND : STK_HOME_UNSURE;
	}
	/* One that is not settled has a page for each guard, if any. */
	if (next && next->begin - addr <= stk_page_size(s) && !settle(s, h, next))
		return STK_HOME_UNSURE;
	if (next && next->stack.guard && addr >= next->stack.guard) {
		*out = &next->stack;
		*guard = -1;
		return STK_HOME_FOUND;
	}
	if (p && addr - p->stack.end < stk_page_size(s) && !settle(s, h, p))
		return STK_HOME_UNSURE;
	if (!p || addr >= p->stack.guard_end)
		return STK_HOME_NONE;
	*out = &p->stack;
	*guard = 1;
	return STK_HOME_FOUND;
}

/* Which page of @p is the one at @phys? @at: that byte of it. */
static bool page_in(struct stk *s, const struct home *p, uint64_t phys, uint64_t *at)
{
	const uint64_t offset = stk_page_offset(s, phys);
	uint64_t mapped;

	for (*at = p->begin - stk_page_offset(s, p->begin) + offset;
	     *at < p->stack.end && p->stack.mapped; *at += stk_page_size(s))
		if (*at >= p->begin && !stk_translate(s, *at, &mapped) && mapped == phys)
			return true;
	return false;
}

enum stk_home stk_home_phys(struct stk *s, uint64_t phys, const struct stk_stack **out,
			    uint64_t *at)
{
	struct stk_homes *h = get_homes(s);

	if (!h)
		return STK_HOME_UNSURE;
	h->asked++;
	for (size_t i = 0; i < h->nr; i++) {
		struct home *p = &h->home[i];
		const bool found = page_in(s, p, phys, at);

		if (stk_must_stop(s))
			return STK_HOME_UNSURE;
		if (!found)
			continue;
		*out = &p->stack;
		return settle(s, h, p) ? STK_HOME_FOUND : STK_HOME_UNSURE;
	}
	return STK_HOME_NONE;
}
