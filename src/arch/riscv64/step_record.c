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
#include "../../kernel/names.h"
#include "../callsite.h"
#include "../cfi_step.h"
#include "../printed.h"
#include "../shadow_step.h"
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

/*
 * The stack pointer before the call. It is what s0 points to, but in functions that take
 * any number of arguments: they put those from registers between the two.
 */
static uint64_t called_at(const struct stk_code_frame *f, uint64_t fp)
{
	return f->has_record ? fp + (uint64_t)f->record : fp;
}

/* Where s0 of the caller must point to; 0: the code does not tell. */
static uint64_t expected_fp(struct stk *s, uint64_t cfa, uint64_t ret)
{
	struct stk_code_frame caller = riscv_frame_of_call(s, ret);

	return caller.has_record && caller.size_known
		       ? cfa + (uint64_t)(caller.size - caller.record)
		       : 0;
}

/* Of what was interrupted the stack pointer says it, too. */
static bool agrees_with_sp(const struct stk_cursor *c, const struct stk_code_frame *f,
			   uint64_t fp)
{
	return !c->signal || !riscv_has(&c->regs, RISCV_SP) || !f->has_record ||
	       !f->size_known ||
	       fp + (uint64_t)f->record == c->regs.v[RISCV_SP] + (uint64_t)f->size;
}

static bool is_on(const struct stk_stack *stack, uint64_t addr)
{
	return addr > stack->begin && addr <= stack->end;
}

/*
 * A function that was interrupted without all of its frame, or what is no code, and ra
 * leads nowhere: this is the caller's caller.
 */
static bool lost_caller(struct stk *s, const struct stk_cursor *c)
{
	struct stk_code_frame f;

	if (!c->signal)
		return false;
	f = riscv_frame_at(s, c->regs.v[RISCV_PC]);
	return (f.known && !(f.has_record && f.ret && f.fp)) ||
	       !stk_is_text(s, c->regs.v[RISCV_PC]);
}

static void set_misfit(struct stk_step *out, bool fits)
{
	out->reliable = fits;
	out->misfit = !fits;
	if (!fits)
		out->note = "its frame record is not where the code of this function "
			    "and of the one that it called puts it";
}

/* The caller, whose stack pointer was @cfa, and its own s0 is @fp. */
static void place_caller(struct stk *s, const struct stk_cursor *c, uint64_t cfa,
			 struct stk_step *out)
{
	uint64_t fp = out->regs.v[RISCV_FP], ret = out->regs.v[RISCV_PC], expected;
	uint64_t top = riscv_stack_top(s, &c->stack);
	bool fits;

	out->at = cfa;
	riscv_set(&out->regs, RISCV_SP, cfa);
	if (lost_caller(s, c)) {
		out->reliable = false;
		out->note =
			"what this called is lost: ra, which had it, leads to no call";
		return;
	}
	/* Entry code, and where threads begin: s0 is nobody's. */
	if (riscv_in_entry_code(s, ret - 1) || cfa == top)
		return;
	if (is_on(&c->stack, fp)) {
		expected = expected_fp(s, cfa, ret);
		fits = !expected || expected == fp;
	} else {
		/* What changes stacks begins at the top of the other one. */
		out->at = fp - RISCV_RECORD;
		out->regs.valid &= ~(1ull << RISCV_SP);
		fits = !stk_kind_is(c->stack.kind, STK_KIND_INTERRUPT) ||
		       cfa == c->stack.end;
	}
	set_misfit(out, fits);
}

bool riscv_is_overflow(struct stk *s, const struct stk_cursor *c, uint64_t cfa)
{
	return c->stack.kind == RISCV_STACK(OVERFLOW) &&
	       cfa == c->stack.end - stk_pt_regs_room(s);
}

enum stk_step_result riscv_leave_overflow(struct stk *s, const struct stk_cursor *c,
					  uint64_t at, struct stk_step *out)
{
	enum stk_step_result res = stk_regs_step(s, at, out);
	struct stk_regs printed;

	if (res != STK_STEP_OK || !is_on(&c->stack, out->regs.v[RISCV_SP]) ||
	    !stk_printed_overflow(s, &c->stack, &printed))
		return res;
	*out = (struct stk_step){
		.regs = printed,
		.how = STK_HOW_LOG,
		.full = true,
		.signal = true,
		.note = "by the registers in the log: an event came on the overflow "
			"stack and used it from its start, so what had been saved there "
			"is lost",
	};
	return STK_STEP_OK;
}

enum stk_step_result riscv_step_record(struct stk *s, const struct stk_cursor *c,
				       struct stk_step *out)
{
	uint64_t fp, top = riscv_stack_top(s, &c->stack), record[2];
	struct stk_shadow_step shadow = { 0 };
	enum stk_step_result res;

	out->how = STK_HOW_FP;
	out->reliable = true;
	/* Nothing is left of the stack. */
	if (top && riscv_has(&c->regs, RISCV_SP) && c->regs.v[RISCV_SP] == top) {
		if (top == c->stack.end)
			return STK_STEP_END;
		res = stk_regs_step(s, top, out);
		return res == STK_STEP_OK && riscv_user_mode(&out->regs) &&
				       out->regs.v[RISCV_STATUS]
			       ? STK_STEP_OK
			       : STK_STEP_END;
	}
	if (!find_fp(s, c, &fp))
		return STK_STEP_NO_RULE;
	if (riscv_is_overflow(s, c, fp))
		return riscv_leave_overflow(s, c, fp, out);
	if (stk_read(s, fp - RISCV_RECORD, record, sizeof(record))) {
		out->end = STK_END_UNREADABLE;
		out->bad = fp - RISCV_RECORD;
		return STK_STEP_FAILED;
	}
	riscv_set(&out->regs, RISCV_FP, record[0]);
	riscv_set(&out->regs, RISCV_PC, record[1]);
	out->slot = fp - 8;
	shadow.code = c->signal ? riscv_frame_at(s, c->regs.v[RISCV_PC])
				: riscv_frame_of_call(s, c->regs.v[RISCV_PC]);
	shadow.next_slot = record[0] - 8;
	place_caller(s, c, called_at(&shadow.code, fp), out);
	if (!agrees_with_sp(c, &shadow.code, fp))
		set_misfit(out, false);
	if (!c->signal)
		stk_nothing_calls(s, &riscv_insns, c, &shadow.code, out);
	stk_shadow_step(s, c, &shadow, out);
	stk_cfi_weigh(s, c, RISCV_RA, out);
	return STK_STEP_OK;
}
