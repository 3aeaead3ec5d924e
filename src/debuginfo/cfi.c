/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cfi.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "cfa.h"

/* What register @reg of the caller holds. */
static bool caller_reg(const struct stk_cfa_frame *f, Dwarf_Frame *rules,
		       unsigned int reg, uint64_t *value)
{
	Dwarf_Op mem[3], *ops;
	size_t nr;
	uint64_t at;

	if (dwarf_frame_register(rules, (int)reg, mem, &ops, &nr))
		return false;
	if (!nr) {
		/* ops NULL: unchanged ("same value"); else undefined. */
		return !ops && stk_cfa_reg(f, reg, value);
	}
	if (ops[nr - 1].atom == DW_OP_stack_value)
		return stk_cfa_evaluate(f, ops, nr - 1, value);
	/* In another register: libdw says so for all of them. */
	if (nr == 1 && ops[0].atom == DW_OP_regx)
		return stk_cfa_reg(f, ops[0].number, value);
	return stk_cfa_evaluate(f, ops, nr, &at) && !f->read(f->ctx, at, value);
}

/* The registers that are wanted, and the return address, of the frame's caller. */
static bool apply_rules(Dwarf_Frame *rules, struct stk_cfi_frame *frame,
			stk_cfi_read *read, void *ctx)
{
	struct stk_cfa_frame f = {
		.reg = frame->reg, .valid = frame->valid, .read = read, .ctx = ctx
	};
	struct stk_cfi_frame out = { .wanted = frame->wanted };
	int ra = dwarf_frame_info(rules, NULL, NULL, NULL);
	Dwarf_Op *ops;
	size_t nr;

	if (ra < 0 || (unsigned int)ra >= STK_CFI_REGS ||
	    dwarf_frame_cfa(rules, &ops, &nr) || !stk_cfa_evaluate(&f, ops, nr, &out.cfa))
		return false;
	f.cfa = out.cfa;
	f.have_cfa = true;
	out.ra = (unsigned int)ra;
	for (unsigned int r = 0; r < STK_CFI_REGS; r++)
		if ((r == out.ra || (out.wanted >> r & 1)) &&
		    caller_reg(&f, rules, r, &out.reg[r]))
			out.valid |= 1ull << r;
	*frame = out;
	return true;
}

enum stk_status stk_cfi_caller(struct stk_elf *image, uint64_t pc,
			       struct stk_cfi_frame *frame, stk_cfi_read *read, void *ctx)
{
	uint64_t bias;
	Dwarf *dwarf = stk_elf_dwarf(image, &bias);
	Dwarf_CFI *cfi = dwarf ? dwarf_getcfi(dwarf) : NULL;
	Dwarf_Frame *rules;
	bool ok;

	if (!cfi || dwarf_cfi_addrframe(cfi, pc - bias, &rules))
		return STK_ERR_NOT_FOUND;
	ok = apply_rules(rules, frame, read, ctx);
	free(rules);
	return ok ? STK_OK : STK_ERR_NOT_FOUND;
}
