/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last resort on a stack that was switched to: what the switch itself left at
 * the top of it. Frames in between are lost, and the frame says so, but the chain
 * of the interrupted context is not.
 */
#include "exception.h"
#include "orc.h"

static enum stk_step_result from_called_stack(const struct stk_cursor *c,
					      const struct x86_called *called,
					      struct stk_step *out)
{
	out->slot = c->stack.end - 16;
	if (c->regs.v[X86_SP] > out->slot)
		return STK_STEP_NO_RULE;
	x86_set(&out->regs, X86_IP, called->ret);
	x86_set(&out->regs, X86_SP, out->slot + 8);
	return STK_STEP_OK;
}

static enum stk_step_result
from_exception_stack(struct stk *s, const struct stk_cursor *c, struct stk_step *out)
{
	const struct x86_exception_frame *frame = x86_frame_on(s, &c->stack);
	struct x86_called called;
	uint64_t at;

	if (!frame)
		return x86_called_stack(s, &c->stack, &called)
			       ? from_called_stack(c, &called, out)
			       : STK_STEP_NO_RULE;
	if (frame->in_use && x86_is_handled(s, &c->stack, frame) != 1)
		return STK_STEP_NO_RULE;
	/* Below sp there is only residue. */
	at = c->stack.end - frame->pt_regs;
	if (at < c->regs.v[X86_SP] || x86_read_pt_regs(s, at, &out->regs))
		return STK_STEP_NO_RULE;
	if (!x86_is_code_segment(out->regs.v[X86_CS]))
		return STK_STEP_NO_RULE;
	out->full = true;
	out->regs_at = at;
	out->signal = true;
	return STK_STEP_OK;
}

/* The outermost call on this stack returns to the code that switches. */
static enum stk_step_result from_irq_stack(struct stk *s, const struct stk_cursor *c,
					   struct stk_step *out)
{
	uint64_t slot = c->stack.end - 16, ret, target, bp;
	struct orc_rule rule;

	if (c->regs.v[X86_SP] > slot || stk_read_u64(s, slot, &ret) ||
	    !stk_is_text(s, ret) || !x86_is_return(s, ret, &target))
		return STK_STEP_NO_RULE;
	x86_set(&out->regs, X86_IP, ret);
	x86_set(&out->regs, X86_SP, slot + 8);
	out->slot = slot;
	/*
	 * asm_call_on_stack() of 5.8-5.11 and do_softirq_own_stack() before it go back
	 * by rbp, which they pushed last and stored rsp for in the topmost word: that
	 * word is rbp. The inline switch of 5.12+ stores the middle of a C function's
	 * frame there.
	 */
	if (!x86_inline_irq_switch(s) && !orc_find(s, ret - 1, &rule) &&
	    rule.type == ORC_CALL && rule.sp_reg == ORC_BP &&
	    !stk_read_u64(s, slot + 8, &bp))
		x86_set(&out->regs, X86_BP, bp);
	return STK_STEP_OK;
}

/*
 * A task's stack begins with the pt_regs of its entry from user mode, and directly
 * below them lies the return address into the entry code. Only for 4.14, whose tables
 * have holes in C code (do_syscall_64): elsewhere a chain that breaks is damaged, and
 * a jump to its far end would make it look well.
 */
static enum stk_step_result from_task_stack(struct stk *s, const struct stk_cursor *c,
					    struct stk_step *out)
{
	uint64_t regs = x86_task_pt_regs(s, &c->stack), ret;
	struct stk_regs user;

	if (orc_tells_end(s) || c->regs.v[X86_SP] >= regs ||
	    x86_read_pt_regs(s, regs, &user) || !x86_user_mode(&user) ||
	    stk_read_u64(s, regs - 8, &ret) || !stk_is_text(s, ret))
		return STK_STEP_NO_RULE;
	x86_set(&out->regs, X86_IP, ret);
	x86_set(&out->regs, X86_SP, regs);
	out->slot = regs - 8;
	return STK_STEP_OK;
}

enum stk_step_result x86_step_link(struct stk *s, const struct stk_cursor *c,
				   struct stk_step *out)
{
	enum stk_step_result res;

	switch (stk_kind_id(c->stack.kind)) {
	case X86_KIND_IRQ:
		res = from_irq_stack(s, c, out);
		break;
	case X86_KIND_TASK:
		res = from_task_stack(s, c, out);
		break;
	default:
		res = from_exception_stack(s, c, out);
		break;
	}
	if (res == STK_STEP_OK) {
		out->how = STK_HOW_LINK;
		out->reliable = false;
		out->note =
			"frames before this one may be missing: it is what the stack's top "
			"says";
	}
	return res;
}
