/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * After a break: from where might the chain go on? Places from which the rules alone lead
 * to a good end are tried, by what they show of themselves: saved registers, of a task
 * that sleeps the frame of a task switch, a return address. The lowest of the best kind
 * is offered; of the first two kinds one with nothing against it, if there is any. It is
 * no part of the chain: whatever an earlier call left on the stack looks the same.
 */
#include <string.h>

#include "../kernel/layout.h"
#include "../stacks/map.h"
#include "../machine/memory.h"
#include "walk.h"

#define MAX_TRIALS 64u

/* Where to look: [begin, end) of one stack. */
struct range {
	struct stk_stack stack;
	uint64_t begin;
};

struct search {
	struct stk *s;
	const struct stk_chain *broken;
	struct range range;
	struct stk_chain *found;
	uint64_t at;
	unsigned int trials;
	bool any; /* the first that comes to a good end will do */
};

/* Is the word at @slot such a place? Fills in the registers of @start. */
typedef bool place_at(struct search *f, uint64_t slot, struct stk_start *start);

static bool saved_regs(struct search *f, uint64_t slot, struct stk_start *start)
{
	const uint32_t both = 1u << STK_WITNESS_REGS | 1u << STK_WITNESS_PLACE;
	const struct stk_arch *a = f->s->arch;
	struct stk_evidence e = { 0 };

	if (a->read_pt_regs(f->s, slot, &start->regs) || a->user_mode(&start->regs) ||
	    !stk_is_text(f->s, start->regs.v[a->ip]))
		return false;
	a->weigh_regs(f->s, &f->range.stack, &start->regs, slot, 0, &e);
	start->signal = true;
	return (e.agree & both) == both && !(e.differ & both);
}

static bool switch_frame(struct search *f, uint64_t slot, struct stk_start *start)
{
	struct stk_task task = start->task;
	struct stk_member ret;

	if (f->broken->start.from != STK_FROM_THREAD_SP ||
	    !stk_find_member(f->s, "inactive_task_frame", "ret_addr", &ret))
		return false;
	task.sp = slot - ret.offset;
	return task.sp >= f->range.begin &&
	       !f->s->arch->sleeping_regs(f->s, &task, &start->regs, &start->signal) &&
	       stk_is_text(f->s, start->regs.v[f->s->arch->ip]) &&
	       f->s->arch->begins_sleep(f->s, &start->regs) == 1;
}

static bool return_address(struct search *f, uint64_t slot, struct stk_start *start)
{
	const struct stk_arch *a = f->s->arch;
	uint64_t ip, target;

	if (stk_read_u64(f->s, slot, &ip))
		return false;
	ip = stk_code_address(f->s, ip);
	if (!stk_is_text(f->s, ip) || !a->call_before(f->s, ip, &target))
		return false;
	stk_regs_behind(f->s, slot, ip, &start->regs);
	start->signal = false;
	return true;
}

/* Did the chain pass this stack before it broke, other than where the rest is sought? */
static bool was_here(const struct search *f, const struct stk_stack *stack)
{
	if (stack->begin == f->range.stack.begin)
		return false;
	for (const struct stk_segment *seg = f->broken->segments; seg; seg = seg->next)
		if (seg->stack.begin == stack->begin)
			return true;
	return false;
}

static bool is_rest(const struct search *f, const struct stk_chain *chain)
{
	if (!stk_end_is_good(chain->end))
		return false;
	for (const struct stk_segment *seg = chain->segments; seg; seg = seg->next)
		if (was_here(f, &seg->stack))
			return false;
	return chain->segments != NULL;
}

/*
 * Keeps the first that is certain, else the first. True: there is no better one. A chain
 * from a return address lacks what the registers were, hence may lack a proof.
 */
static bool try_place(struct search *f, uint64_t slot, const struct stk_start *start)
{
	struct stk_chain *chain;

	f->trials++;
	if (stk_unwind_until(f->s, start, 0, true, &chain))
		return false;
	if (!is_rest(f, chain) || (f->found && chain->confidence != STK_CERTAIN)) {
		stk_chain_free(f->s, chain);
		return false;
	}
	stk_chain_free(f->s, f->found);
	f->found = chain;
	f->at = slot;
	return chain->confidence == STK_CERTAIN || f->any;
}

static void look_for(struct search *f, place_at *place)
{
	struct stk_start start = { .from = place == saved_regs ? STK_FROM_PT_REGS
							       : STK_FROM_STACK,
				   .cpu = f->broken->start.cpu,
				   .has_task = f->broken->start.has_task,
				   .task = f->broken->start.task,
				   .switching = f->broken->start.switching,
				   .other = f->broken->start.other };

	f->trials = 0;
	f->any = place == return_address;
	for (uint64_t slot = f->range.begin;
	     slot + 8 <= f->range.stack.end && f->trials < MAX_TRIALS; slot += 8)
		if (stk_must_stop(f->s) ||
		    (place(f, slot, &start) && try_place(f, slot, &start)))
			return;
}

/* Above what the chain has of @stack already. */
static void set_range(struct search *f, const struct stk_stack *stack)
{
	f->range.stack = *stack;
	f->range.begin = stack->begin;
	for (const struct stk_segment *seg = f->broken->segments; seg; seg = seg->next)
		if (seg->stack.begin == stack->begin && seg->nr_frames)
			f->range.begin = (seg->frames[seg->nr_frames - 1].at + 7) & ~7ull;
}

/* The stack that it broke on, if it was its own, and that of its task. */
static size_t broken_stacks(struct stk *s, const struct stk_chain *broken,
			    struct stk_stack out[2])
{
	const struct stk_segment *last = broken->segments;
	size_t nr = 0;

	while (last && last->next)
		last = last->next;
	if (last && broken->end != STK_END_BAD_START && last->stack.kind)
		out[nr++] = last->stack;
	if (broken->start.has_task && !stk_task_stack(s, &broken->start.task, &out[nr]) &&
	    out[nr].mapped && (!nr || out[0].begin != out[nr].begin))
		nr++;
	return nr;
}

/* Nothing of it is certain, and whoever sees a frame of it must see that. */
static void mark_doubtful(struct stk_chain *chain)
{
	for (struct stk_segment *seg = chain->segments; seg; seg = seg->next)
		for (size_t i = 0; i < seg->nr_frames; i++) {
			struct stk_frame *f = &seg->frames[i];

			if (!f->reliable)
				continue;
			f->reliable = false;
			f->doubt = STK_DOUBT_RESYNC;
			if (!f->note)
				f->note = stk_doubt_text(f->doubt);
		}
	chain->confidence = STK_DOUBTFUL;
	chain->confidence_why = stk_doubt_text(STK_DOUBT_RESYNC);
}

static enum stk_status find_resync(struct stk *s, const struct stk_chain *broken,
				   uint64_t *at, struct stk_chain **out)
{
	static place_at *const places[] = { switch_frame, saved_regs, return_address };
	struct search f = { .s = s, .broken = broken };
	struct stk_purse purse = { 0 };
	struct stk_stack stack[2];
	size_t nr;

	*out = NULL;
	if (stk_end_is_good(broken->end) || broken->end == STK_END_INTERRUPTED ||
	    s->target.live)
		return STK_ERR_NOT_FOUND;
	stk_purse_open(&s->budget, &purse, "the rest of a broken chain", 16);
	nr = broken_stacks(s, broken, stack);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !f.found; i++)
		for (size_t j = 0; j < nr && !f.found; j++) {
			set_range(&f, &stack[j]);
			look_for(&f, places[i]);
		}
	stk_purse_close(&s->budget, &purse);
	if (!f.found)
		return STK_ERR_NOT_FOUND;
	mark_doubtful(f.found);
	*at = f.at;
	*out = f.found;
	return STK_OK;
}

enum stk_status stk_resync(struct stk *s, const struct stk_chain *broken, uint64_t *at,
			   struct stk_chain **out)
{
	stk_enter(s);
	return stk_leave(s, find_resync(s, broken, at, out));
}
