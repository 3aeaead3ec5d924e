/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "classes.h"

#include <stddef.h>
#include <string.h>

#include "judge.h"

/*
 * The chain has the true one's frames in the true places, but for one return address:
 * its number. All else of the stack is as it was.
 */
static bool one_ip_differs(const struct stk_chain *chain, const struct stk_chain *truth,
			   const struct stk_frame **here, const struct stk_frame **there)
{
	const struct stk_segment *x, *y;
	const struct stk_frame *f, *g;

	*here = NULL;
	if (chain->nr_frames != truth->nr_frames || chain->end != truth->end ||
	    compare_chains(chain, truth).header)
		return false;
	for (size_t i = 0; i < chain->nr_frames; i++) {
		f = chain_frame(chain, i, &x);
		g = chain_frame(truth, i, &y);
		if (f->sp != g->sp || x->stack.begin != y->stack.begin)
			return false;
		if (f->ip == g->ip)
			continue;
		if (*here || f->interrupted || g->interrupted)
			return false;
		*here = f;
		*there = g;
	}
	return *here != NULL;
}

/* Two direct calls of one function, whose callers have frames of one size. */
static bool same_callee(struct inventory *v, const struct attempt *a,
			const struct subject *x, const struct stk_chain *chain)
{
	const struct stk_frame *f, *g;
	uint64_t now, before;

	return one_ip_differs(chain, x->truth, &f, &g) && follows_call(v, f->ip, &now) &&
	       follows_call(v, g->ip, &before) && now && now == before;
}

/* Does the call go by way of a register, be it through a retpoline? */
static bool is_indirect(struct inventory *v, uint64_t ret)
{
	static const char thunk[] = "__x86_indirect_";
	struct stk_name name;
	uint64_t target;

	if (!follows_call(v, ret, &target))
		return false;
	if (!target)
		return true;
	stk_symbolize(v->e->base, target, false, &name);
	return name.function && !strncmp(name.function, thunk, sizeof(thunk) - 1);
}

/* An indirect call may have called any function. */
static bool indirect_site(struct inventory *v, const struct attempt *a,
			  const struct subject *x, const struct stk_chain *chain)
{
	const struct stk_frame *f, *g;

	return one_ip_differs(chain, x->truth, &f, &g) && is_indirect(v, f->ip);
}

/* A task may give itself any name: prctl(PR_SET_NAME). */
static bool name_only(struct inventory *v, const struct attempt *a,
		      const struct subject *x, const struct stk_chain *chain)
{
	struct stk_chain named = *chain;

	memcpy(named.start.task.comm, x->truth->start.task.comm,
	       sizeof(named.start.task.comm));
	return compare_chains(&named, x->truth).same;
}

/*
 * thread.sp names an older frame of __switch_to_asm() on the task's own stack, whole up
 * to the return address into the same place of __schedule().
 */
static bool old_switch(struct inventory *v, const struct attempt *a,
		       const struct subject *x, const struct stk_chain *chain)
{
	const struct stk_frame *f, *g;
	const struct stk_segment *in, *was;
	uint64_t phys;

	if (x->cpu >= 0 || a->nr != 1 ||
	    !engine_phys(v->e, x->task.addr + v->sp_offset, &phys) ||
	    a->change[0].phys != phys || compare_chains(chain, x->truth).header)
		return false;
	f = chain_frame(chain, 0, &in);
	g = chain_frame(x->truth, 0, &was);
	return f && g && f->ip == g->ip && in->stack.begin == was->stack.begin;
}

const struct class classes[] = {
	{ "name-only", "the name of the task, and nothing else", name_only },
	{ "same-callee",
	  "another call of the same function, from a frame of the same size",
	  same_callee },
	{ "indirect-site", "an indirect call, from a frame of the same size",
	  indirect_site },
	{ "old-switch", "an older frame of the switch on the task's own stack",
	  old_switch },
};

const size_t nr_classes = sizeof(classes) / sizeof(classes[0]);
_Static_assert(sizeof(classes) / sizeof(classes[0]) <= MAX_CLASSES, "MAX_CLASSES");

const struct class *class_of(struct inventory *v, const struct attempt *a,
			     const struct subject *x, const struct stk_chain *chain)
{
	for (size_t i = 0; i < nr_classes; i++)
		if (classes[i].holds(v, a, x, chain))
			return &classes[i];
	return NULL;
}
