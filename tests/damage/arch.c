/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arch.h"

#include <stackinfo/unwind.h>
#include <string.h>

#include "arch/arm64/arm64.h"
#include "arch/init_text.h"
#include "arch/riscv64/riscv64.h"
#include "kernel/layout.h"

static bool follows_call(struct stk *s, uint64_t addr, uint64_t *target)
{
	return s->arch->call_before(s, addr, target);
}

/* Where no call is, but a tracer or the start of a task put the address there. */
static bool was_changed(struct stk *s, uint64_t ret)
{
	return stk_init_text_freed(s, ret);
}

/* No second opinion: that of the library, but for what it cannot tell. */
static bool could_lead(struct stk *s, uint64_t ret, uint64_t target,
		       const struct stk_frame *callee)
{
	const char *why;

	switch (s->arch->call_evidence(s, ret, callee->ip, callee->interrupted, &why)) {
	case STK_CALL_NONE:
	case STK_CALL_ELSEWHERE:
		return false;
	default:
		return true;
	}
}

static const struct damage_arch damage_arm64 = {
	.name = "aarch64",
	.note_reg = { ARM64_PC, ARM64_PSTATE, ARM64_SP, ARM64_FP, ARM64_LR },
	.mode = { { ARM64_PSTATE, 0x60400005 } },
	.records = true,
	.fp_distance = -8,
	.saved_fp = { { "task_struct", "thread" },
		      { "thread_struct", "cpu_context" },
		      { "cpu_context", "fp" } },
	.saved_pc = { { "task_struct", "thread" },
		      { "thread_struct", "cpu_context" },
		      { "cpu_context", "pc" } },
	.follows_call = follows_call,
	.was_changed = was_changed,
	.could_lead = could_lead,
};

static const struct damage_arch damage_riscv64 = {
	.name = "riscv64",
	.note_reg = { RISCV_PC, RISCV_RA, RISCV_SP, RISCV_FP, RISCV_TP },
	.mode = { { RISCV_STATUS, 0x200000120 } },
	.records = true,
	.fp_distance = 8,
	.saved_fp = { { "task_struct", "thread" }, { "thread_struct", "s" } },
	.saved_pc = { { "task_struct", "thread" }, { "thread_struct", "ra" } },
	.follows_call = follows_call,
	.was_changed = was_changed,
	.could_lead = could_lead,
};

const struct damage_arch *damage_arch(const struct stk *s)
{
	static const struct damage_arch *const all[] = { &damage_x86_64, &damage_arm64,
							 &damage_riscv64 };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(all[i]->name, s->arch->name))
			return all[i];
	return NULL;
}

bool inner_offset(struct stk *s, const struct stk_inner *in, uint64_t *offset)
{
	struct stk_member m;

	*offset = 0;
	if (!in || !in->type)
		return false;
	for (; in->type; in++) {
		if (!stk_find_member(s, in->type, in->member, &m))
			return false;
		*offset += m.offset;
	}
	return true;
}
