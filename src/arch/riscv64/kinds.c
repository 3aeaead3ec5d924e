/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of stacks, by the names that the kernel prints. */
#include "riscv64.h"

#define KIND(id_, name_, flags_)                                                         \
	[RISCV_KIND_##id_] = { .name = name_, .id = RISCV_KIND_##id_, .flags = flags_ }

const struct stk_kind riscv_kinds[RISCV_NR_KINDS] = {
	KIND(TASK, "TASK", STK_KIND_TASK | STK_KIND_GUARD),
	KIND(IRQ, "IRQ", STK_KIND_INTERRUPT),
	KIND(OVERFLOW, "OVERFLOW", STK_KIND_EXCEPTION),
	KIND(SCS, "SCS", STK_KIND_TASK | STK_KIND_GROWS_UP),
	KIND(IRQ_SCS, "IRQ_SCS", STK_KIND_GROWS_UP),
};
