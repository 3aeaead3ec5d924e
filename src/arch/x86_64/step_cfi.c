/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A step by DWARF call frame information, where a namelist has it and ORC has a
 * hole. The compiler wrote it for all C code; it knows nothing of what inline
 * assembly does to the stack (the switch to the IRQ stack), so ORC comes first.
 */
#include <string.h>

#include "../../kernel/layout.h"
#include "x86_64.h"

/* System V psABI, figure 3.36: DWARF register number mapping. */
static const enum x86_reg dwarf_reg[16] = {
	X86_AX, X86_DX, X86_CX,	 X86_BX,  X86_SI,  X86_DI,  X86_BP,  X86_SP,
	X86_R8, X86_R9, X86_R10, X86_R11, X86_R12, X86_R13, X86_R14, X86_R15,
};

#define NR_DWARF_REGS 17u /* and the return address */

static enum stk_status read_word(void *ctx, uint64_t addr, uint64_t *value)
{
	return stk_read_u64(ctx, addr, value);
}

enum stk_step_result x86_step_cfi(struct stk *s, const struct stk_cursor *c,
				  struct stk_step *out)
{
	const struct stk_cfi_ops *ops = s->target.cfi;
	uint64_t reg[STK_CFI_REGS] = { 0 }, kaslr = 0, cfa;
	uint64_t pc = c->regs.v[X86_IP] - (c->signal ? 0 : 1), begin, end;
	uint32_t valid = 0;
	struct stk_name name;
	unsigned int ra;

	/* Of the kernel only: the namelist's addresses are no good for modules. */
	if (!ops || !stk_find_symbol(s, "_stext", &begin) ||
	    !stk_find_symbol(s, "_etext", &end) || pc < begin || pc >= end)
		return STK_STEP_NO_RULE;
	stk_vmcoreinfo_number(s, "KERNELOFFSET", 16, &kaslr);
	for (unsigned int i = 0; i < 16; i++) {
		if (!x86_has(&c->regs, dwarf_reg[i]))
			continue;
		reg[i] = c->regs.v[dwarf_reg[i]];
		valid |= 1u << i;
	}
	if (ops->caller(s->target.cfi_priv, pc - kaslr, reg, &valid, &ra, &cfa, read_word,
			s) ||
	    ra >= NR_DWARF_REGS || !(valid >> ra & 1))
		return STK_STEP_NO_RULE;
	for (unsigned int i = 0; i < 16; i++)
		if (valid >> i & 1)
			x86_set(&out->regs, dwarf_reg[i], reg[i]);
	x86_set(&out->regs, X86_SP, cfa);
	x86_set(&out->regs, X86_IP, reg[ra]);
	out->how = STK_HOW_CFI;
	out->slot = cfa - 8;
	/* Where a rule exists and led nowhere, something is damaged. */
	out->reliable = x86_no_rule(s, c);
	stk_symbolize(s, c->regs.v[X86_IP], !c->signal, &name);
	out->note = stk_arena_printf(c->arena, "%s %s: found by DWARF CFI",
				     name.function ? name.function : "the code",
				     x86_why_no_rule(s, out->reliable));
	return STK_STEP_OK;
}
