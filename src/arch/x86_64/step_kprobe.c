/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Out of the detour of an optimized kprobe: the probed instruction was replaced by a
 * jump to a copy of optprobe_template_entry (arch/x86/kernel/kprobes/opt.c), which
 * builds a pt_regs on the stack and calls optimized_callback(). No table describes it.
 */
#include "../../kernel/layout.h"
#include "x86_64.h"

enum stk_step_result x86_step_kprobe(struct stk *s, const struct stk_cursor *c,
				     struct stk_step *out)
{
	uint64_t ip = c->regs.v[X86_IP], sp = c->regs.v[X86_SP], callback, target;

	if (c->signal || stk_sym(s, optimized_callback, &callback) ||
	    !x86_call_before(s, ip, &target) || target != callback ||
	    x86_read_pt_regs(s, sp, &out->regs))
		return STK_STEP_NO_RULE;
	/*
	 * optimized_callback() completes it: ip is the probe's address plus one, cs the
	 * kernel's. What lies above is the probed function's, whatever sp says: old
	 * kernels leave it as it was pushed in the middle of the pt_regs.
	 */
	if (!stk_is_text(s, out->regs.v[X86_IP]))
		return STK_STEP_NO_RULE;
	x86_set(&out->regs, X86_SP, sp + X86_PT_REGS_SIZE);
	out->how = STK_HOW_REGS;
	out->regs_at = sp;
	out->full = true;
	out->signal = true;
	out->reliable = true;
	return STK_STEP_OK;
}
