/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An interrupted function without a frame record: a leaf, or one that was at its
 * beginning or its end. The caller is in x30 alone, and x29 is the caller's: to follow
 * that loses the caller, as the kernel's own trace does.
 *
 * After a call of its own x30 is a return address within the function, and stale.
 */
#include "../../kernel/layout.h"
#include "../../kernel/names.h"
#include "../cfi_step.h"
#include "../shadow_step.h"
#include "insn.h"

/* A call through a pointer to what is no code: the register that it went by has it. */
static bool called_there(struct stk *s, const struct stk_regs *regs, uint64_t ret)
{
	uint64_t target;
	uint32_t insn;

	return arm64_read_insn(s, ret - 4, &insn) &&
	       arm64_flow(insn, ret - 4, &target) == STK_FLOW_CALL_REG &&
	       regs->v[insn >> 5 & 31] == regs->v[ARM64_PC];
}

static bool same_function(struct stk *s, uint64_t a, uint64_t b)
{
	struct stk_function f;

	return stk_function_at(s, a, &f) && stk_within(b, f.begin, f.end);
}

/* Is x30 the return address of what was interrupted? @frame: as the code has it. */
static bool has_caller(struct stk *s, const struct stk_cursor *c, uint64_t lr,
		       const struct stk_code_frame *frame, struct stk_step *out)
{
	uint64_t ip = c->regs.v[ARM64_PC], target, record;

	if (!stk_is_text(s, lr))
		return false;
	if (frame->known)
		return !frame->has_record;
	if (!arm64_call_before(s, lr, &target))
		return false;
	if (!stk_is_text(s, ip)) {
		out->reliable = called_there(s, &c->regs, lr);
		return true;
	}
	/* Nothing tells of it. */
	out->reliable = false;
	out->note = "what this called may have no frame of its own: taken from x30";
	return !same_function(s, ip, lr - 4) &&
	       (stk_read_u64(s, c->regs.v[ARM64_FP] + 8, &record) ||
		arm64_code_address(s, record) != lr);
}

enum stk_step_result arm64_step_leaf(struct stk *s, const struct stk_cursor *c,
				     struct stk_step *out)
{
	uint64_t ip = c->regs.v[ARM64_PC], fp = c->regs.v[ARM64_FP], lr, expected;
	struct stk_code_frame callee, caller;

	if (!c->signal || !arm64_has(&c->regs, ARM64_LR) ||
	    !arm64_has(&c->regs, ARM64_FP))
		return STK_STEP_NO_RULE;
	lr = arm64_code_address(s, c->regs.v[ARM64_LR]);
	callee = arm64_frame_at(s, ip);
	/* Code that cannot be followed, such as most assembly. */
	if (!callee.known && stk_is_text(s, ip) &&
	    arm64_step_cfi(s, c, out) == STK_STEP_OK)
		return STK_STEP_OK;
	out->reliable = true;
	if (!has_caller(s, c, lr, &callee, out)) {
		out->note = NULL;
		return STK_STEP_NO_RULE;
	}
	out->how = STK_HOW_REGS;
	arm64_set(&out->regs, ARM64_PC, lr);
	arm64_set(&out->regs, ARM64_FP, fp);
	arm64_set(&out->regs, ARM64_SP, c->regs.v[ARM64_SP] + (uint64_t)callee.size);
	out->at = fp;
	out->in_register = out->beside = true;
	stk_shadow_step(s, c, &(struct stk_shadow_step){ .code = callee }, out);
	caller = arm64_frame_at(s, lr - 4);
	expected = out->regs.v[ARM64_SP] + (uint64_t)(caller.size - caller.record);
	if (callee.size_known && caller.has_record && caller.size_known &&
	    expected != fp) {
		out->reliable = false;
		out->misfit = true;
		out->note = "x29 is not where the code of this function and of the one "
			    "that it called has it";
	}
	if (callee.known)
		stk_cfi_weigh(s, c, 0, out);
	return STK_STEP_OK;
}
