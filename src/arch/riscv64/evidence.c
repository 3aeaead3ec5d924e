/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What proves a step, or speaks against it, on this machine. */
#include <string.h>

#include "riscv64.h"

#include "../../kernel/layout.h"
#include "../preempt_count.h"

#define KIND(kind) (1u << RISCV_KIND_##kind)

/*
 * An interrupt, and a softirq, goes on to the IRQ stack from a task's only (do_irq()).
 * The overflow stack is for whatever ran out of its own.
 */
const uint32_t riscv_leads_to[32] = {
	[RISCV_KIND_UNKNOWN] =
		KIND(UNKNOWN) | KIND(TASK) | KIND(IRQ) | KIND(OVERFLOW) | STK_FROM_USER,
	[RISCV_KIND_TASK] = KIND(UNKNOWN) | STK_FROM_USER,
	[RISCV_KIND_IRQ] = KIND(TASK) | KIND(UNKNOWN),
	[RISCV_KIND_OVERFLOW] = KIND(UNKNOWN) | KIND(TASK) | KIND(IRQ),
};

#define STATUS_SPIE 0x020ull
#define STATUS_SIE  0x002ull /* the hardware clears it */
#define STACK_ALIGN 15u	     /* by the calling convention */

static bool kernel_words(const struct stk_regs *r)
{
	return !(r->v[RISCV_SP] & STACK_ALIGN) && !(r->v[RISCV_STATUS] & STATUS_SIE);
}

/*
 * User mode runs with interrupts on, and cannot turn them off. Without pc and sp they are
 * the zeros that a thread begins with which never was there (top.c).
 */
static bool user_words(const struct stk_regs *r)
{
	return r->v[RISCV_STATUS] & STATUS_SPIE && !(r->v[RISCV_STATUS] & STATUS_SIE) &&
	       !(r->v[RISCV_PC] & 1) && (r->v[RISCV_PC] || r->v[RISCV_SP]);
}

/*
 * Right below the stack pointer: no event changes the stack before the registers are
 * saved, but one that finds it used up.
 */
static int place_agrees(struct stk *s, const struct stk_stack *stack,
			const struct stk_regs *r, uint64_t at)
{
	uint64_t end = at + stk_pt_regs_room(s), sp = r->v[RISCV_SP];

	if (stk_sp_within(sp, stack->begin, stack->end))
		return end == sp;
	return stack->kind == RISCV_STACK(OVERFLOW) && end == stack->end;
}

void riscv_weigh_regs(struct stk *s, const struct stk_stack *stack,
		      const struct stk_regs *regs, uint64_t at, uint64_t by,
		      struct stk_evidence *e)
{
	uint64_t top = stack->kind ? stk_user_regs_at(s, stack) : 0;

	if (!riscv_has(regs, RISCV_STATUS))
		return;
	if (riscv_user_mode(regs)) {
		stk_weigh(e, STK_WITNESS_REGS, user_words(regs));
		if (top)
			stk_weigh(e, STK_WITNESS_PLACE, at == top);
		return;
	}
	stk_weigh(e, STK_WITNESS_REGS, kernel_words(regs));
	if (stack->kind)
		stk_weigh(e, STK_WITNESS_PLACE, place_agrees(s, stack, regs, at));
}

bool riscv_user_below(struct stk *s, const struct stk_kind *kind, uint64_t ip)
{
	return kind != RISCV_STACK(IRQ) && kind != RISCV_STACK(OVERFLOW) &&
	       !stk_kind_is(kind, STK_KIND_GROWS_UP);
}

static bool is_fork(const char *function)
{
	return function && (!strncmp(function, "ret_from_fork", 13) ||
			    !strcmp(function, "ret_from_kernel_thread"));
}

/* Is s0 where the code that calls there has it, above this stack pointer? */
static bool frame_fits(struct stk *s, const struct stk_regs *regs)
{
	struct stk_code_frame f = riscv_frame_of_call(s, regs->v[RISCV_PC]);

	return !riscv_has(regs, RISCV_FP) || !f.has_record || !f.size_known ||
	       regs->v[RISCV_FP] == regs->v[RISCV_SP] + (uint64_t)(f.size - f.record);
}

/*
 * __switch_to() is called in one place, in context_switch(), and what it saved is the
 * address behind that call; of a new task it is ret_from_fork (copy_thread()).
 */
int riscv_begins_sleep(struct stk *s, const struct stk_regs *regs)
{
	uint64_t ip = regs->v[RISCV_PC], target;
	struct stk_name name;
	const char *why;

	if (!stk_is_text(s, ip))
		return 0;
	stk_symbolize(s, ip, false, &name);
	if (is_fork(name.function) && !name.offset)
		return 1;
	if (!stk_find_symbol(s, "__switch_to", &target))
		return -1;
	switch (riscv_call_evidence(s, ip, target, true, &why)) {
	case STK_CALL_REACHES:
		return frame_fits(s, regs);
	case STK_CALL_UNREADABLE:
	case STK_CALL_UNFOLLOWED:
		return -2;
	default:
		return 0;
	}
}

/*
 * A thread begins in ret_from_fork (copy_thread()), or is to return to what would lead to
 * user mode (made.c), an idle task where its CPU started; both right below the place of
 * the registers of an entry from user mode, if there is one.
 */
bool riscv_begins_stack(struct stk *s, const struct stk_cursor *c, bool idle)
{
	uint64_t top = riscv_stack_top(s, &c->stack), ip = c->regs.v[RISCV_PC];
	struct stk_name name;
	bool forked;

	if (!top || c->at != top)
		return false;
	stk_symbolize(s, ip, !c->signal, &name);
	forked = is_fork(name.function) || riscv_is_thread_start(s, c);
	return idle ? !forked && !riscv_in_entry_code(s, ip) : forked;
}

int riscv_counts_context(struct stk *s, unsigned int cpu, const struct stk_kind *kind)
{
	return stk_task_counts(s, cpu,
			       kind == RISCV_STACK(IRQ) ? STK_COUNT_INTERRUPTS : 0);
}
