/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The step over an exception: the entry code makes a pt_regs below the interrupted stack
 * pointer, and lets x29 point to the frame record at its end. Code in there that calls
 * has done so; where a CPU was stopped in it, it may not have.
 */
#include "../../kernel/layout.h"
#include "../callsite.h"
#include "../shadow_step.h"
#include "arm64.h"

bool arm64_stackframe(struct stk *s, uint64_t *offset)
{
	struct stk_member m;

	if (!stk_find_member(s, "pt_regs", "stackframe", &m))
		return false;
	*offset = m.offset;
	return true;
}

enum stk_step_result arm64_user_step(struct stk_step *out)
{
	arm64_set(&out->regs, ARM64_PSTATE, 0);
	out->how = STK_HOW_REGS;
	out->signal = true;
	return STK_STEP_OK;
}

/*
 * x29 and x30 are still those of what was interrupted, whose own address only ELR_EL1
 * has. x30 leads to its caller, if it has no frame or has called nothing yet, or into it;
 * whichever it is, x29 is that function's.
 */
static enum stk_step_result to_unknown(struct stk *s, const struct stk_cursor *c,
				       struct stk_step *out)
{
	uint64_t fp = c->regs.v[ARM64_FP], record[2], target;
	uint64_t lr = arm64_code_address(s, c->regs.v[ARM64_LR]);
	bool called;

	if (!arm64_has(&c->regs, ARM64_FP) || !arm64_has(&c->regs, ARM64_LR) ||
	    stk_read(s, fp, record, sizeof(record)))
		return STK_STEP_NO_RULE;
	out->how = STK_HOW_FP;
	/* No call led from there to the vector, and nothing is on the stack yet. */
	out->beside = true;
	arm64_set(&out->regs, ARM64_FP, fp);
	arm64_set(&out->regs, ARM64_PC, lr);
	out->at = fp;
	called = stk_is_text(s, lr) && arm64_call_before(s, lr, &target) &&
		 lr != arm64_code_address(s, record[1]);
	if (!called) {
		arm64_set(&out->regs, ARM64_FP, record[0]);
		arm64_set(&out->regs, ARM64_PC, arm64_code_address(s, record[1]));
		out->at = record[0];
	}
	out->note = stk_note_unknown(s, c, out->regs.v[ARM64_PC], "ELR_EL1");
	stk_shadow_unknown(s, c, called, out);
	return STK_STEP_OK;
}

/* Where a CPU was stopped, not where it called from. */
static enum stk_step_result stopped_in_entry(struct stk *s, const struct stk_cursor *c,
					     uint64_t offset, struct stk_step *out)
{
	uint64_t sp = c->regs.v[ARM64_SP], top = stk_user_regs_at(s, &c->stack);
	struct arm64_path path;

	if (!arm64_entry_path(s, c->regs.v[ARM64_PC], &path))
		return STK_STEP_NO_RULE;
	/* It is the last that the entry code does, and the first that it undoes. */
	if (!path.vector && arm64_has(&c->regs, ARM64_FP) &&
	    c->regs.v[ARM64_FP] == sp + offset) {
		out->reliable = true;
		return stk_regs_step(s, sp, out);
	}
	if (!path.user)
		return to_unknown(s, c, out);
	/* They are still where they were loaded from. */
	if (path.leaves && top && (sp == top || sp == c->stack.end)) {
		out->reliable = true;
		return stk_regs_step(s, top, out);
	}
	if (path.vector || !top || sp != top) {
		out->reliable = path.vector;
		return arm64_user_step(out);
	}
	out->note = "not all of these registers may be saved yet";
	return stk_regs_step(s, top, out);
}

enum stk_step_result arm64_step_entry(struct stk *s, const struct stk_cursor *c,
				      struct stk_step *out)
{
	uint64_t offset, at;

	if (!arm64_in_entry_code(s, c->regs.v[ARM64_PC] - !c->signal) ||
	    !arm64_stackframe(s, &offset))
		return STK_STEP_NO_RULE;
	if (c->signal)
		return stopped_in_entry(s, c, offset, out);
	if (!arm64_has(&c->regs, ARM64_FP))
		return STK_STEP_NO_RULE;
	at = c->regs.v[ARM64_FP] - offset;
	/* It calls with sp where it has saved them, if it does not change stacks. */
	out->reliable = !arm64_has(&c->regs, ARM64_SP) || c->regs.v[ARM64_SP] == at;
	out->misfit = !out->reliable;
	if (out->misfit)
		out->note = "these registers are not where the code that saved them has "
			    "its stack pointer";
	return stk_regs_step(s, at, out);
}
