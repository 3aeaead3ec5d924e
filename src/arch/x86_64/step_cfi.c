/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A step by DWARF call frame information, where the files have it and ORC has a
 * hole. The compiler wrote it for all C code; it knows nothing of what inline
 * assembly does to the stack (the switch to the IRQ stack), so ORC comes first.
 */
#include "../../kernel/images.h"
#include "../../kernel/layout.h"
#include "../../kernel/modules.h"
#include "x86_64.h"

/* System V psABI, figure 3.36: DWARF register number mapping. */
#define NR_DWARF_REGS 16u
#define DWARF_RA      16u

static const enum x86_reg dwarf_reg[NR_DWARF_REGS] = {
	X86_AX, X86_DX, X86_CX,	 X86_BX,  X86_SI,  X86_DI,  X86_BP,  X86_SP,
	X86_R8, X86_R9, X86_R10, X86_R11, X86_R12, X86_R13, X86_R14, X86_R15,
};

enum stk_step_result x86_step_cfi(struct stk *s, const struct stk_cursor *c,
				  struct stk_step *out)
{
	struct stk_cfi_frame f = { 0 };
	uint64_t pc = c->regs.v[X86_IP] - (c->signal ? 0 : 1);
	struct stk_name name;

	if (!stk_image_has_calls(s, pc))
		return STK_STEP_NO_RULE;
	for (unsigned int i = 0; i < NR_DWARF_REGS; i++) {
		f.wanted |= 1ull << i;
		if (!x86_has(&c->regs, dwarf_reg[i]))
			continue;
		f.reg[i] = c->regs.v[dwarf_reg[i]];
		f.valid |= 1ull << i;
	}
	if (stk_image_caller(s, pc, &f) || f.ra != DWARF_RA || !(f.valid >> f.ra & 1))
		return STK_STEP_NO_RULE;
	for (unsigned int i = 0; i < NR_DWARF_REGS; i++)
		if (f.valid >> i & 1)
			x86_set(&out->regs, dwarf_reg[i], f.reg[i]);
	x86_set(&out->regs, X86_SP, f.cfa);
	x86_set(&out->regs, X86_IP, f.reg[f.ra]);
	out->how = STK_HOW_CFI;
	out->slot = f.cfa - 8;
	/* Where the kernel has no rules at all this is the best there is. */
	if (x86_unwinder(s) == X86_UNWINDER_NONE) {
		out->reliable = true;
		return STK_STEP_OK;
	}
	/* Where a rule exists and led nowhere, something is damaged. */
	out->reliable = x86_no_rule(s, c);
	stk_symbolize(s, c->regs.v[X86_IP], !c->signal, &name);
	out->note = stk_arena_printf(c->arena, "%s %s: found by DWARF CFI",
				     name.function ? name.function : "the code",
				     x86_why_no_rule(s, out->reliable));
	return STK_STEP_OK;
}
