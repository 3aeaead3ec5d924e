/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last resort: no method knows the caller. The first word above that follows a call
 * and from which a chain comes to a good end is taken for a return address. Frames may
 * be lost before it, and it may be left over; so all that comes of it is marked, as far
 * as the next stack whose own word confirms the way.
 */
#include "../machine/memory.h"
#include "walk.h"

#define MAX_TRIALS 64u

static bool was_here(const struct stk_walk *w, const struct stk_stack *stack)
{
	/* The stack that it starts from is this one. */
	for (size_t i = 0; i + 1 < w->c->chain.nr_segments; i++)
		if (w->segs[i]->stack.begin == stack->begin)
			return true;
	return false;
}

/* Would a chain from here come to a good end? */
static bool leads_to_end(struct stk_walk *w, uint64_t slot, uint64_t ip)
{
	struct stk_start start = w->c->chain.start;
	struct stk_chain *chain;
	bool good;

	start.from = STK_FROM_STACK;
	start.signal = false;
	stk_regs_behind(w->s, slot, ip, &start.regs);
	if (stk_unwind_until(w->s, &start, w->stop_at, true, &chain))
		return false;
	good = stk_end_is_good(chain->end);
	/* Going back to where the chain was before is no end. */
	for (struct stk_segment *seg = chain->segments; seg; seg = seg->next)
		good = good && !was_here(w, &seg->stack);
	stk_chain_free(w->s, chain);
	return good;
}

static enum stk_status take_return(struct stk_walk *w, uint64_t slot, uint64_t ip,
				   enum stk_end why, uint64_t bad)
{
	struct stk_candidate c = {
		.step = { .how = STK_HOW_SCAN, .slot = slot, .at = slot + 8 },
		.read_on = true
	};

	stk_regs_behind(w->s, slot, ip, &c.step.regs);
	c.step.note = stk_arena_printf(
		&w->c->arena,
		"%s (%#llx): found by reading on; frames may be missing before it",
		stk_end_text(why), (unsigned long long)bad);
	if (!c.step.note)
		return STK_ERR_NOMEM;
	c.stack = w->cur.stack;
	c.verdict = (struct stk_verdict){
		.doubt = STK_DOUBT_METHOD,
		.evidence.agree = 1u << STK_WITNESS_CALL,
	};
	return stk_apply(w, &c);
}

enum stk_status stk_read_on(struct stk_walk *w, enum stk_end why, uint64_t bad,
			    bool *found)
{
	const struct stk_arch *a = w->s->arch;
	const struct stk_stack *stack = &w->cur.stack;
	uint64_t slot = (w->cur.at + 7) & ~7ull, ip, target;
	unsigned int trials = 0;

	*found = false;
	if (!stack->kind)
		return STK_OK;
	for (; slot + 8 <= stack->end && trials < MAX_TRIALS; slot += 8) {
		if (stk_interrupted(w->s) || stk_read_u64(w->s, slot, &ip))
			return STK_OK;
		ip = stk_code_address(w->s, ip);
		if (!stk_is_text(w->s, ip) || !a->call_before(w->s, ip, &target))
			continue;
		trials++;
		if (!leads_to_end(w, slot, ip))
			continue;
		*found = true;
		return take_return(w, slot, ip, why, bad);
	}
	return STK_OK;
}
