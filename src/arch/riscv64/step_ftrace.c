/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Out of a callback of ftrace's. The traced function calls ftrace_caller by t0 before it
 * does anything, and that makes no frame record: it saves the registers that matter in a
 * struct ftrace_regs, to which sp points when it calls. There the traced function is as
 * if it had been interrupted.
 */
#include <string.h>

#include "../../kernel/layout.h"
#include "riscv64.h"

static bool in_tracer(struct stk *s, uint64_t ip)
{
	struct stk_name name;

	stk_symbolize(s, ip, true, &name);
	return name.function && !name.module &&
	       (!strncmp(name.function, "ftrace_call", 11) ||
		!strncmp(name.function, "ftrace_regs_call", 16));
}

/* 6.13 put the registers into a type of its own, commit 7888af4166d4. */
static bool saved(struct stk *s, uint64_t at, const char *member, uint64_t *value)
{
	return !stk_read_member(s, at, "__arch_ftrace_regs", member, value) ||
	       !stk_read_member(s, at, "ftrace_regs", member, value);
}

enum stk_step_result riscv_step_ftrace(struct stk *s, const struct stk_cursor *c,
				       struct stk_step *out)
{
	static const struct {
		const char *member;
		enum riscv_reg reg;
	} words[] = {
		{ "epc", RISCV_PC },
		{ "ra", RISCV_RA },
		{ "sp", RISCV_SP },
		{ "s0", RISCV_FP },
	};
	uint64_t value;

	if (c->signal || !riscv_has(&c->regs, RISCV_SP) ||
	    !in_tracer(s, c->regs.v[RISCV_PC]))
		return STK_STEP_NO_RULE;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!saved(s, c->regs.v[RISCV_SP], words[i].member, &value))
			return STK_STEP_NO_RULE;
		riscv_set(&out->regs, words[i].reg, value);
	}
	out->how = STK_HOW_REGS;
	out->signal = true;
	/* It ends a call by t0; a damaged word hardly does. */
	out->reliable = riscv_traced(s, out->regs.v[RISCV_PC]);
	if (!out->reliable)
		out->note = "no call of a tracer ends there";
	return STK_STEP_OK;
}
