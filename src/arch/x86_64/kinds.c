/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of stacks, by the names that the kernel prints. */
#include "x86_64.h"

#define AREA "cpu_entry_area"

#define KIND(id_, name_, view_, flags_)                                                  \
	[X86_KIND_##id_] = {                                                             \
		.name = name_, .view = view_, .id = X86_KIND_##id_, .flags = flags_      \
	}

const struct stk_kind x86_kinds[X86_NR_KINDS] = {
	KIND(TASK, "TASK", NULL, STK_KIND_TASK | STK_KIND_GUARD),
	KIND(IRQ, "IRQ", NULL, STK_KIND_INTERRUPT),
	KIND(SOFTIRQ, "SOFTIRQ", NULL, 0),
	KIND(ENTRY, "ENTRY_TRAMPOLINE", AREA, 0),
	KIND(DF, "#DF", AREA, STK_KIND_EXCEPTION),
	KIND(NMI, "NMI", AREA, STK_KIND_EXCEPTION),
	KIND(DB2, "#DB2", AREA, STK_KIND_EXCEPTION),
	KIND(DB1, "#DB1", AREA, STK_KIND_EXCEPTION),
	KIND(DB, "#DB", AREA, STK_KIND_EXCEPTION),
	KIND(MCE, "#MC", AREA, STK_KIND_EXCEPTION),
	KIND(VC, "#VC", AREA, STK_KIND_EXCEPTION),
	KIND(VC2, "#VC2", AREA, STK_KIND_EXCEPTION),
	KIND(ESPFIX, "ESPFIX", "ESPFIX", 0),
};
