/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call through a pointer that leads to no code: what was called, its operand still
 * says, since nothing ran since. Retpolines call a thunk, which is named for the register
 * that it goes by (arch/x86/lib/retpoline.S).
 */
#include "../../kernel/layout.h"
#include "x86_64.h"

/* The register by which the thunk at @target goes, if it is one. */
static bool thunk_register(struct stk *s, uint64_t target, enum x86_reg *reg)
{
	/* Names that stay: symbols are remembered by them. */
	static const struct {
		const char *name;
		enum x86_reg reg;
	} row[] = {
		{ "__x86_indirect_thunk_rax", X86_AX },
		{ "__x86_indirect_thunk_rbx", X86_BX },
		{ "__x86_indirect_thunk_rcx", X86_CX },
		{ "__x86_indirect_thunk_rdx", X86_DX },
		{ "__x86_indirect_thunk_rsi", X86_SI },
		{ "__x86_indirect_thunk_rdi", X86_DI },
		{ "__x86_indirect_thunk_rbp", X86_BP },
		{ "__x86_indirect_thunk_r8", X86_R8 },
		{ "__x86_indirect_thunk_r9", X86_R9 },
		{ "__x86_indirect_thunk_r10", X86_R10 },
		{ "__x86_indirect_thunk_r11", X86_R11 },
		{ "__x86_indirect_thunk_r12", X86_R12 },
		{ "__x86_indirect_thunk_r13", X86_R13 },
		{ "__x86_indirect_thunk_r14", X86_R14 },
		{ "__x86_indirect_thunk_r15", X86_R15 },
	};
	uint64_t addr;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (stk_find_symbol(s, row[i].name, &addr) && addr == target) {
			*reg = row[i].reg;
			return true;
		}
	return false;
}

bool x86_called_there(struct stk *s, const struct stk_regs *regs, uint64_t ret)
{
	struct stk_regs before = *regs;
	struct stk_operand operand;
	uint64_t target, value, call = x86_call_begin(s, ret, &target);
	enum x86_reg reg;

	if (!call)
		return false;
	if (target)
		return thunk_register(s, target, &reg) && x86_has(regs, reg) &&
		       regs->v[reg] == regs->v[X86_IP];
	/* It pushed the return address. */
	x86_set(&before, X86_SP, regs->v[X86_SP] + 8);
	if (!x86_operand(s, call, &before, &operand))
		return false;
	value = operand.value;
	if (operand.memory && stk_read_u64(s, operand.value, &value))
		return false;
	return value == regs->v[X86_IP];
}
