/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Out of the detour of an optimized kprobe: the probed instruction was replaced by a
 * jump to a copy of optprobe_template_entry (arch/x86/kernel/kprobes/opt.c), which
 * builds a pt_regs on the stack and calls optimized_callback(). No table describes it.
 */
#include <string.h>

#include "../../kernel/kprobe.h"
#include "../../kernel/layout.h"
#include "../../machine/memory.h"
#include "x86_64.h"

#define INT3 0xccu
#define JMP  0xe9u

#define DETOUR_MAX 512u /* of optprobe_template_entry and what is behind it */

bool x86_has_int3(struct stk *s, uint64_t addr)
{
	unsigned char byte;

	return stk_read(s, addr, &byte, 1) || byte == INT3 ||
	       stk_has_kprobe(s, addr) == 1;
}

/*
 * The jump at @addr leads to the detour that calls at @ip. Before it is undone a
 * breakpoint takes its place, of which there are others, between functions.
 */
static bool leads_to_detour(struct stk *s, uint64_t addr, uint64_t ip)
{
	unsigned char insn[5];
	int32_t to;

	if (stk_read(s, addr, insn, sizeof(insn)))
		return true;
	if (insn[0] != JMP)
		return stk_has_kprobe(s, addr) > 0 ||
		       (insn[0] == INT3 && stk_has_kprobe(s, addr));
	memcpy(&to, insn + 1, sizeof(to));
	return ip - (addr + sizeof(insn) + (uint64_t)(int64_t)to) < DETOUR_MAX;
}

enum stk_step_result x86_step_kprobe(struct stk *s, const struct stk_cursor *c,
				     struct stk_step *out)
{
	uint64_t ip = c->regs.v[X86_IP], sp = c->regs.v[X86_SP], callback, target, end;

	if (c->signal || !stk_find_symbol(s, "optimized_callback", &callback) ||
	    !x86_is_return(s, ip, &target) || !x86_enters(s, target, callback) ||
	    x86_read_pt_regs(s, sp, &out->regs))
		return STK_STEP_NO_RULE;
	/*
	 * optimized_callback() completes it: ip is the probe's address plus one, cs the
	 * kernel's. Its sp is what it was at the probe: where the pt_regs ends, with
	 * its ss or, in old kernels, without.
	 */
	end = sp + X86_PT_REGS_SIZE - out->regs.v[X86_SP];
	if (!stk_is_text(s, out->regs.v[X86_IP]) || (end != 0 && end != 8))
		return STK_STEP_NO_RULE;
	out->how = STK_HOW_REGS;
	out->regs_at = sp;
	out->full = true;
	out->signal = true;
	out->reliable = leads_to_detour(s, out->regs.v[X86_IP] - 1, ip);
	if (!out->reliable)
		out->note = "no jump leads from there to the detour of a kprobe";
	return STK_STEP_OK;
}
