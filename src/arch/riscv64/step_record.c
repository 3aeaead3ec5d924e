/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The step of all C code: by the frame record {caller's s0, return address} below what s0
 * points to, which is the stack pointer before the call. It leads from one stack to
 * another, too: whoever switches leaves his own record on the stack that he leaves.
 *
 * Where the functions' code tells how large their frames are, it tells where the caller's
 * s0 must point to: a damaged word leads elsewhere.
 */
#include "../../kernel/layout.h"
#include "riscv64.h"

/*
 * Where a chain begins with a return address that was found on a stack: the word below is
 * the s0 of that frame.
 */
static bool find_fp(struct stk *s, const struct stk_cursor *c, uint64_t *fp)
{
	if (riscv_has(&c->regs, RISCV_FP)) {
		*fp = c->regs.v[RISCV_FP];
		return true;
	}
	return !c->signal && !stk_read_u64(s, c->regs.v[RISCV_SP] - RISCV_RECORD, fp);
}

/* Where x of the caller must be; 0: the code does not tell. */
static uint64_t expected_fp(struct stk *s, uint64_t cfa, uint64_t ret)
{
	struct stk_code_frame caller = riscv_frame_at(s, ret - 1 - (ret & 1));

	return caller.known && caller.has_record && caller.size_known
		       ? cfa + (uint64_t)(caller.size - caller.record)
		       : 0;
}

static bool is_on(const struct stk_stack *stack, uint64_t addr)
{
	return addr > stack->begin && addr <= stack->end;
}

/* The caller, whose stack pointer was @cfa, and its own s0 is @fp. */
static void place_caller(struct stk *s, const struct stk_cursor *c, uint64_t cfa,
			 struct stk_step *out)
{
	uint64_t fp = out->regs.v[RISCV_FP], ret = out->regs.v[RISCV_PC], expected;
	uint64_t top = riscv_user_regs_at(s, &c->stack);

	out->at = cfa;
	riscv_set(&out->regs, RISCV_SP, cfa);
	/* Entry code, and where threads begin: s0 is nobody's. */
	if (riscv_in_entry_code(s, ret - 1) || cfa == top)
		return;
	if (is_on(&c->stack, fp)) {
		expected = expected_fp(s, cfa, ret);
		out->reliable = !expected || expected == fp;
	} else {
		/* What changes stacks begins at the top of the other one. */
		out->at = fp - RISCV_RECORD;
		out->regs.valid &= ~(1ull << RISCV_SP);
		out->reliable = !stk_kind_is(c->stack.kind, STK_KIND_INTERRUPT) ||
				cfa == c->stack.end;
	}
	if (!out->reliable)
		out->note = "its frame record is not where the code of this function "
			    "and of the one that it called puts it";
}

/*
 * handle_kernel_stack_overflow saves all registers at the top of the overflow stack and
 * jumps to handle_bad_stack(), whose record holds what nobody called it from.
 */
static bool is_overflow(struct stk *s, const struct stk_cursor *c, uint64_t fp)
{
	return c->stack.kind == RISCV_STACK(OVERFLOW) &&
	       fp == c->stack.end - riscv_pt_regs_room(s);
}

enum stk_step_result riscv_step_record(struct stk *s, const struct stk_cursor *c,
				       struct stk_step *out)
{
	uint64_t fp, top = riscv_user_regs_at(s, &c->stack), record[2];
	enum stk_step_result res;

	out->how = STK_HOW_FP;
	out->reliable = true;
	/* Nothing is left of the stack. */
	if (top && !c->signal && riscv_has(&c->regs, RISCV_SP) &&
	    c->regs.v[RISCV_SP] == top) {
		res = riscv_regs_step(s, top, out);
		return res == STK_STEP_OK && riscv_user_mode(&out->regs) &&
				       out->regs.v[RISCV_STATUS]
			       ? STK_STEP_OK
			       : STK_STEP_END;
	}
	if (!find_fp(s, c, &fp))
		return STK_STEP_NO_RULE;
	if (is_overflow(s, c, fp))
		return riscv_regs_step(s, fp, out);
	if (stk_read(s, fp - RISCV_RECORD, record, sizeof(record))) {
		out->end = STK_END_UNREADABLE;
		out->bad = fp - RISCV_RECORD;
		return STK_STEP_FAILED;
	}
	riscv_set(&out->regs, RISCV_FP, record[0]);
	riscv_set(&out->regs, RISCV_PC, record[1]);
	out->slot = fp - 8;
	place_caller(s, c, fp, out);
	return STK_STEP_OK;
}
