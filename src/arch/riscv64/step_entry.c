/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The step over an exception: the entry code makes a pt_regs below the interrupted stack
 * pointer, and calls with sp pointing to it. Where a CPU was stopped in there, it may not
 * have yet.
 */
#include "../../kernel/layout.h"
#include "../callsite.h"
#include "../shadow_step.h"
#include "riscv64.h"

/* From user mode, with registers of which none was saved. */
static enum stk_step_result to_user_mode(struct stk_step *out)
{
	riscv_set(&out->regs, RISCV_STATUS, 0);
	out->how = STK_HOW_REGS;
	out->signal = true;
	out->reliable = true;
	return STK_STEP_OK;
}

/*
 * ra and s0 are still those of what was interrupted, whose own address only sepc has. ra
 * leads to its caller, if it has called nothing yet, or into it; whichever it is, s0 is
 * that function's, unless the interrupted one has its frame already.
 */
static enum stk_step_result to_unknown(struct stk *s, const struct stk_cursor *c,
				       struct stk_step *out)
{
	uint64_t fp = c->regs.v[RISCV_FP], ra = c->regs.v[RISCV_RA], record[2], target;
	bool called;

	if (!riscv_has(&c->regs, RISCV_FP) || !riscv_has(&c->regs, RISCV_RA) ||
	    stk_read(s, fp - RISCV_RECORD, record, sizeof(record)))
		return STK_STEP_NO_RULE;
	called = stk_is_text(s, ra) && riscv_call_before(s, ra, &target) &&
		 ra != record[1];
	out->how = STK_HOW_FP;
	out->beside = true;
	riscv_set(&out->regs, RISCV_FP, fp);
	riscv_set(&out->regs, RISCV_PC, ra);
	out->at = fp - RISCV_RECORD;
	if (!called) {
		riscv_set(&out->regs, RISCV_FP, record[0]);
		riscv_set(&out->regs, RISCV_PC, record[1]);
		riscv_set(&out->regs, RISCV_SP, fp);
		out->at = fp;
	}
	out->note = stk_note_unknown(s, c, out->regs.v[RISCV_PC], "sepc");
	stk_shadow_unknown(s, c, called, out);
	return STK_STEP_OK;
}

enum stk_step_result riscv_step_entry(struct stk *s, const struct stk_cursor *c,
				      struct stk_step *out)
{
	if (!riscv_in_entry_code(s, c->regs.v[RISCV_PC] - !c->signal))
		return STK_STEP_NO_RULE;
	if (!c->signal) {
		if (!riscv_has(&c->regs, RISCV_SP))
			return STK_STEP_NO_RULE;
		if (riscv_is_thread_start(s, c))
			return STK_STEP_END;
		out->reliable = true;
		return stk_regs_step(s, c->regs.v[RISCV_SP], out);
	}
	return riscv_on_user_stack(s, &c->regs) ? to_user_mode(out)
						: to_unknown(s, c, out);
}
