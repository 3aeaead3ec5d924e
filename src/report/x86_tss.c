/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is what a TSS seems to say of a handler in progress borne out by anything else? */
#include <stackinfo/x86_64.h>

#include <stackinfo/unwind.h>
#include <string.h>

#include "../arch/arch.h"
#include "liveness.h"
#include "../base/say.h"

static const char *no_note(const char *text)
{
	return text ? text : "nothing else tells";
}

/* The code that the switch to @stack left, if the chain has the crossing. */
static const struct stk_frame *left_code(const struct stk_chain *chain,
					 const struct stk_stack *stack)
{
	for (const struct stk_segment *seg = chain->segments; seg; seg = seg->next)
		if (seg->stack.begin == stack->begin)
			return seg->next && seg->next->nr_frames ? seg->next->frames
								 : NULL;
	return NULL;
}

static void of_slot(struct stk *s, struct stk_x86_tss_slot *slot,
		    const struct stk_chain *chain)
{
	const struct stk_stack *w = &slot->witness;
	const char *why = NULL, *kind = stk_stack_kind_name(w->kind);
	const struct stk_frame *f = chain ? left_code(chain, w) : NULL;

	if (stk_liveness(s, w, w->end - 8, &why) != STK_STATE_LIVE)
		slot->evidence =
			stk_say(s, "not confirmed: the %s stack is not in use (%s)", kind,
				no_note(why));
	else if (f && f->name.function)
		slot->evidence = stk_say(
			s,
			"confirmed: the CPU's chain is on the %s stack, and "
			"goes on in %s+%llu",
			kind, f->name.function, (unsigned long long)f->name.offset);
	else
		slot->evidence = stk_say(s, "confirmed: the %s stack is in use%s%s", kind,
					 why ? ": " : "", why ? why : "");
}

/* Is the CPU in the function that switches tasks? */
static bool is_switching(const struct stk_chain *chain)
{
	for (const struct stk_segment *seg = chain->segments; seg; seg = seg->next)
		for (size_t i = 0; i < seg->nr_frames; i++)
			if (seg->frames[i].name.function &&
			    !strncmp(seg->frames[i].name.function, "__switch_to", 11))
				return true;
	return false;
}

static bool wants_chain(const struct stk_x86_tss *tss)
{
	bool any = false;

	for (size_t i = 0; i < STK_X86_NR_TSS_SLOTS; i++)
		any |= tss->slot[i].has_witness;
	for (size_t i = 0; i < tss->nr_facts; i++)
		any |= tss->fact[i].in_flight;
	return any;
}

void stk_x86_tss_evidence(struct stk *s, struct stk_x86_tss *tss)
{
	struct stk_chain *chain = NULL;
	struct stk_start start;

	if (!wants_chain(tss))
		return;
	if (stk_start_cpu(s, tss->cpu, &start) || stk_unwind(s, &start, &chain))
		chain = NULL;
	for (size_t i = 0; i < STK_X86_NR_TSS_SLOTS; i++)
		if (tss->slot[i].has_witness)
			of_slot(s, &tss->slot[i], chain);
	for (size_t i = 0; i < tss->nr_facts; i++) {
		struct stk_x86_tss_fact *f = &tss->fact[i];

		/* The only one of them that a chain can bear out. */
		if (!f->in_flight || strcmp(f->name, "top_of_stack"))
			continue;
		f->evidence = chain && is_switching(chain)
				      ? "confirmed: the CPU is in __switch_to()"
				      : "not confirmed: the CPU's chain is not in "
					"__switch_to()";
	}
	if (chain)
		stk_chain_free(s, chain);
}

enum stk_state stk_x86_tss_state(struct stk *s, const struct stk_x86_tss_slot *slot,
				 const char **why)
{
	const struct stk_stack *k = &slot->stack;
	bool within = slot->has_witness && slot->witness.begin == k->begin;

	*why = NULL;
	if (!k->mapped)
		return STK_STATE_UNMAPPED;
	return stk_liveness(s, k, within ? k->end - 8 : slot->value - 8, why);
}
