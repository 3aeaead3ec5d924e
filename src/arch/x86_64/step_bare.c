/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A step in a kernel that has neither ORC nor frame pointers (CONFIG_UNWINDER_GUESS):
 * only what the entry code does is known without a namelist. A handler that it called
 * finds the pt_regs right above its return address, and the first one on a task's stack
 * lies where the stack begins.
 */
#include "../../stacks/stack.h"
#include "x86_64.h"

/*
 * Where the stack was switched in the middle of a function, the word at its top is the
 * rsp that comes back (asm/irq_stack.h): what CFI says of the function holds for that.
 */
static enum stk_step_result switched_step(struct stk *s, const struct stk_cursor *c,
					  struct stk_step *out)
{
	struct stk_cursor back = *c;
	uint64_t at, link;

	if (c->signal || !x86_link_word(s, &c->stack, &at, &link) ||
	    c->regs.v[X86_SP] != at || stk_stack_with(s, link, &back.stack))
		return STK_STEP_NO_RULE;
	x86_set(&back.regs, X86_SP, link);
	return x86_step_cfi(s, &back, out);
}

enum stk_step_result x86_step_bare(struct stk *s, const struct stk_cursor *c,
				   struct stk_step *out)
{
	bool on_task = c->stack.kind == X86_STACK(TASK);
	uint64_t top = on_task ? x86_task_pt_regs(s, &c->stack) : 0;
	uint64_t ip = c->regs.v[X86_IP], sp = c->regs.v[X86_SP];

	if (x86_unwinder(s) != X86_UNWINDER_NONE)
		return STK_STEP_NO_RULE;
	if ((c->signal && x86_step_syscall(s, c, out) == STK_STEP_OK) ||
	    switched_step(s, c, out) == STK_STEP_OK)
		return STK_STEP_OK;
	out->how = STK_HOW_REGS;
	out->reliable = true;
	if (on_task && x86_at_task_start(s, c, top))
		return x86_regs_step(s, top, out) == STK_STEP_OK &&
				       x86_user_mode(&out->regs)
			       ? STK_STEP_OK
			       : STK_STEP_END;
	/* What is below such a pt_regs is not another one, but the entry code's own. */
	if (c->signal || !x86_in_entry_code(s, ip - 1) ||
	    x86_regs_step(s, sp, out) != STK_STEP_OK ||
	    !(x86_user_mode(&out->regs) || x86_is_code_segment(out->regs.v[X86_CS])))
		return STK_STEP_NO_RULE;
	return STK_STEP_OK;
}
