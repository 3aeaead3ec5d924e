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
		if (f->at != g->at || x->stack.begin != y->stack.begin)
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
	struct stk_name name;
	uint64_t target;

	if (!follows_call(v, ret, &target))
		return false;
	if (!target)
		return true;
	stk_symbolize(v->e->base, target, false, &name);
	return name.function && strstr(name.function, "__x86_indirect_");
}

/* An indirect call may have called any function. */
static bool indirect_site(struct inventory *v, const struct attempt *a,
			  const struct subject *x, const struct stk_chain *chain)
{
	const struct stk_frame *f, *g;

	return one_ip_differs(chain, x->truth, &f, &g) && is_indirect(v, f->ip);
}

/* A small dump has the code that its chains have, and of other code nothing. */
static bool code_lost(struct inventory *v, const struct attempt *a,
		      const struct subject *x, const struct stk_chain *chain)
{
	const struct stk_frame *f, *g;
	unsigned char byte;

	return one_ip_differs(chain, x->truth, &f, &g) &&
	       stk_read(v->e->base, f->ip - 1, &byte, 1) == STK_ERR_EXCLUDED;
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
	uint64_t word = v->arch->records ? v->fp_offset : v->sp_offset, phys;

	if (x->cpu >= 0 || a->nr != 1 || !engine_phys(v->e, x->task.addr + word, &phys) ||
	    a->change[0].phys != phys || compare_chains(chain, x->truth).header)
		return false;
	f = chain_frame(chain, 0, &in);
	g = chain_frame(x->truth, 0, &was);
	return f && g && f->ip == g->ip && in->stack.begin == was->stack.begin;
}

/* Another instruction of the function that was interrupted, with a frame as large. */
static bool same_function(struct inventory *v, const struct attempt *a,
			  const struct subject *x, const struct stk_chain *chain)
{
	struct difference d = compare_chains(chain, x->truth);
	const struct stk_segment *in, *was;
	const struct stk_frame *f = chain_frame(chain, d.first, &in);
	const struct stk_frame *g = chain_frame(x->truth, d.first, &was);
	struct stk_frame *edit = (struct stk_frame *)(uintptr_t)f;
	uint64_t ip;
	bool same;

	if (d.header || !f || !g || !f->interrupted || !g->interrupted ||
	    f->at != g->at || !f->name.function || !g->name.function ||
	    strcmp(f->name.function, g->name.function))
		return false;
	ip = f->ip;
	edit->ip = g->ip;
	same = compare_chains(chain, x->truth).same;
	edit->ip = ip;
	return same;
}

/*
 * Saved registers whose instruction and stack pointer are both changed, in all copies, to
 * those of an older frame of the same chain: a context that the machine was in, too.
 */
static bool whole_context(struct inventory *v, const struct attempt *a,
			  const struct subject *x, const struct stk_chain *chain)
{
	struct difference d = compare_chains(chain, x->truth);
	const struct stk_segment *in, *was;
	const struct stk_frame *f = chain_frame(chain, d.first, &in);
	const struct stk_frame *g = chain_frame(x->truth, d.first, &was);

	if (d.header || a->nr < 2 || !f || !g || !f->interrupted || !g->interrupted ||
	    f->at == g->at || f->ip == g->ip)
		return false;
	for (size_t i = d.first + 1; (g = chain_frame(x->truth, i, &was)); i++)
		if (g->ip == f->ip && g->at == f->at)
			return true;
	return false;
}

/* Can the call before @ret have led into the function of @callee? */
static bool could_call(struct inventory *v, uint64_t ret, const struct stk_frame *callee)
{
	uint64_t target;

	if (v->arch->was_changed(v->e->base, ret))
		return true;
	if (!follows_call(v, ret, &target))
		return false;
	return is_indirect(v, ret) ||
	       v->arch->could_lead(v->e->base, ret, target, callee);
}

static bool is_true_frame(const struct stk_chain *truth, const struct stk_frame *f)
{
	const struct stk_segment *seg;
	const struct stk_frame *g;

	for (size_t i = 0; (g = chain_frame(truth, i, &seg)); i++)
		if (g->ip == f->ip && g->at == f->at)
			return true;
	return false;
}

#define MANY_WORDS 8u /* more is a page, or part of one */

static uint64_t regs_at(const struct stk_chain *chain, size_t i)
{
	const struct stk_segment *seg;
	const struct stk_frame *f = chain_frame(chain, i, &seg);

	return f ? f->regs_at : 0;
}

/*
 * Where the chain is wrong, every return address follows a call that can have led to the
 * frame below, by pointer or by name: the code allows that chain as well as the true one.
 */
static bool allowed(struct inventory *v, const struct attempt *a, const struct subject *x,
		    const struct stk_chain *chain)
{
	struct difference d = compare_chains(chain, x->truth);
	const struct stk_frame *below = NULL;

	/* With many words changed at once the end may be another thread's, too. */
	if (d.header || !d.first ||
	    (a->nr <= MANY_WORDS &&
	     (chain->end != x->truth->end || chain->user_at != x->truth->user_at)))
		return false;
	for (size_t i = d.first - 1; i < chain->nr_frames; i++) {
		const struct stk_segment *seg;
		const struct stk_frame *f = chain_frame(chain, i, &seg);

		/* Of saved registers the words may be others, but not their place. */
		if (below && f->interrupted &&
		    (i > d.first || f->regs_at != regs_at(x->truth, i)))
			return false;
		if (below && !f->interrupted && !could_call(v, f->ip, below))
			return false;
		below = f;
		if (i >= d.first && is_true_frame(x->truth, f))
			return true;
	}
	return true;
}

const struct class classes[] = {
	{ "name-only", "the name of the task, and nothing else", name_only },
	{ "same-callee",
	  "another call of the same function, from a frame of the same size",
	  same_callee },
	{ "indirect-site", "an indirect call, from a frame of the same size",
	  indirect_site },
	{ "code-lost", "the code before the return address is not in the dump",
	  code_lost },
	{ "same-function", "another instruction of the interrupted function",
	  same_function },
	{ "whole-context",
	  "saved registers that are an older frame's, rip and rsp and all copies",
	  whole_context },
	{ "allowed", "every call on the way can have led to the frame below", allowed },
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
