/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of stacks, by the names that the kernel prints. */
#include "arm64.h"

#define KIND(id_, name_, flags_)                                                         \
	[ARM64_KIND_##id_] = { .name = name_, .id = ARM64_KIND_##id_, .flags = flags_ }

const struct stk_kind arm64_kinds[ARM64_NR_KINDS] = {
	KIND(TASK, "TASK", STK_KIND_TASK | STK_KIND_GUARD),
	KIND(IRQ, "IRQ", STK_KIND_INTERRUPT),
	KIND(OVERFLOW, "OVERFLOW", STK_KIND_EXCEPTION),
	KIND(SDEI_NORMAL, "SDEI_NORMAL", STK_KIND_EXCEPTION),
	KIND(SDEI_CRITICAL, "SDEI_CRITICAL", STK_KIND_EXCEPTION),
	KIND(EFI, "EFI", STK_KIND_SYSTEM),
	KIND(SCS, "SCS", STK_KIND_TASK | STK_KIND_GROWS_UP),
	KIND(IRQ_SCS, "IRQ_SCS", STK_KIND_GROWS_UP),
	KIND(SDEI_NORMAL_SCS, "SDEI_NORMAL_SCS", STK_KIND_GROWS_UP),
	KIND(SDEI_CRITICAL_SCS, "SDEI_CRITICAL_SCS", STK_KIND_GROWS_UP),
};
