/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call through a pointer that leads to no code: what was called, its operand still
 * says, since nothing ran since. Retpolines call a thunk, which is named for the register
 * that it goes by (arch/x86/lib/retpoline.S).
 */
#include <stdio.h>

#include "../../kernel/layout.h"
#include "x86_64.h"

/* The register by which the thunk at @target goes; -1: it is none. */
static int thunk_register(struct stk *s, uint64_t target)
{
	static const struct {
		const char *name;
		int reg;
	} row[] = {
		{ "rax", X86_AX },  { "rbx", X86_BX },	{ "rcx", X86_CX },
		{ "rdx", X86_DX },  { "rsi", X86_SI },	{ "rdi", X86_DI },
		{ "rbp", X86_BP },  { "r8", X86_R8 },	{ "r9", X86_R9 },
		{ "r10", X86_R10 }, { "r11", X86_R11 }, { "r12", X86_R12 },
		{ "r13", X86_R13 }, { "r14", X86_R14 }, { "r15", X86_R15 },
	};
	char name[40];
	uint64_t addr;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		snprintf(name, sizeof(name), "__x86_indirect_thunk_%s", row[i].name);
		if (stk_find_symbol(s, name, &addr) && addr == target)
			return row[i].reg;
	}
	return -1;
}

bool x86_called_there(struct stk *s, const struct stk_regs *regs, uint64_t ret)
{
	struct stk_regs before = *regs;
	struct stk_operand operand;
	uint64_t target, value;
	int reg;

	if (!x86_call_before(s, ret, &target))
		return false;
	if (target) {
		reg = thunk_register(s, target);
		return reg >= 0 && x86_has(regs, (unsigned int)reg) &&
		       regs->v[reg] == regs->v[X86_IP];
	}
	/* It pushed the return address. */
	x86_set(&before, X86_SP, regs->v[X86_SP] + 8);
	if (!x86_operand(s, x86_call_begin(s, ret), &before, &operand))
		return false;
	value = operand.value;
	if (operand.memory && stk_read_u64(s, operand.value, &value))
		return false;
	return value == regs->v[X86_IP];
}
