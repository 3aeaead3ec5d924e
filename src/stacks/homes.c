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
#include "doubts.h"
#include "map.h"

/* Who asks for more is better served by the map. */
#define MAX_ASKED 16u

struct home {
	uint64_t begin;
	struct stk_stack stack; /* its guards only if it is settled */
	bool known;		/* its owner is, if nothing speaks against it */
	bool settled;		/* nothing does */
	bool area;		/* one for a task's stack begins there, too */
	bool shared;		/* it overlaps another one */
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
	p->known = stack->cpu >= 0 || stack->task;
	h->nr++;
	return STK_OK;
}

static enum stk_status add_task(struct stk *s, struct stk_homes *h,
				const struct stk_task *task)
{
	struct stk_stack stack;

	return stk_task_stack(s, task, &stack) ? STK_OK : add_home(s, h, &stack);
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
			st = add_home(s, h, &stack[i]);
		if (!st && stk_cpu_possible(s, cpu) && !stk_cpu_current(s, cpu, &task))
			st = add_task(s, h, &task);
	}
	if (!st && stk_find_symbol(s, "init_task", &init) &&
	    !stk_task_read(s, init, &task))
		st = add_task(s, h, &task);
	return st;
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

		if (stk_is_stack_area(s, &area[i]))
			st = add_home(s, h, &stack);
	}
	return st;
}

static int by_begin(const void *a, const void *b)
{
	const struct home *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return y->known - x->known;
}

/* Is @p the stack at @last once more: its area, or what was found in two ways? */
static bool is_again(const struct home *last, const struct home *p)
{
	return p->known ? stk_stack_is_same(&last->stack, &p->stack)
			: last->begin == p->begin;
}

/*
 * An area whose owner was known before is there twice. One at least must be. Two others
 * have nothing in common, as a rule.
 */
static void sort_homes(struct stk_homes *h)
{
	struct home *last = h->home, *far = h->home;

	qsort(h->home, h->nr, sizeof(*h->home), by_begin);
	for (struct home *p = h->home + 1; p < h->home + h->nr; p++) {
		if (is_again(last, p)) {
			last->area |= !p->known;
			h->sure |= last->area && stk_stack_is_task(&last->stack);
			continue;
		}
		*++last = *p;
		if (last->begin < far->stack.end)
			last->shared = far->shared = true;
		if (last->stack.end > far->stack.end)
			far = last;
	}
	h->nr = (size_t)(last - h->home) + 1;
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

/* The task whose stack it is, as two words of it say. */
static bool find_owner(struct stk *s, struct stk_homes *h, const struct home *p,
		       uint64_t *owner)
{
	struct stk_task task;

	h->asked++;
	return stk_task_by_stack(s, p->begin, p->stack.end - p->begin, owner) &&
	       !stk_task_read(s, *owner, &task) && stk_vm_area_agrees(s, &task) == 1;
}

/* Is it whose it is said to be? A CPU's may be a task's, if nothing proves that. */
static bool is_owned(struct stk *s, struct stk_homes *h, struct home *p)
{
	int agrees;

	if (!p->known)
		return find_owner(s, h, p, &p->stack.task);
	agrees = stk_stack_agrees(s, &p->stack);
	return agrees == 1 || (agrees && (!p->area || stk_stack_is_task(&p->stack)));
}

/* Who owns it, and its guards. False: not known; it may be nobody's. */
static bool settle(struct stk *s, struct stk_homes *h, struct home *p)
{
	if (p->settled)
		return true;
	if (p->shared || !is_owned(s, h, p))
		return false;
	stk_map_guards(s, &p->stack);
	p->settled = !stk_must_stop(s);
	return p->settled;
}

/* Can @addr be in a guard of @p? One that is not settled has a page for each, if any. */
static bool may_guard(struct stk *s, const struct home *p, uint64_t addr)
{
	return addr < p->begin ? p->begin - addr <= stk_page_size(s) ||
					 (p->stack.guard && addr >= p->stack.guard)
			       : addr - p->stack.end < stk_page_size(s) ||
					 addr < p->stack.guard_end;
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
	/* What reaches here may be an earlier one. */
	if (p && p->shared)
		return STK_HOME_UNSURE;
	if (next && may_guard(s, next, addr) && !settle(s, h, next))
		return STK_HOME_UNSURE;
	if (next && next->stack.guard && addr >= next->stack.guard) {
		*out = &next->stack;
		*guard = -1;
		return STK_HOME_FOUND;
	}
	if (p && may_guard(s, p, addr) && !settle(s, h, p))
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
