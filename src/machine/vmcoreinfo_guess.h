/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmcoreinfo_guess.h - what VMCOREINFO would say, had the kernel come to write it. */
#ifndef STK_VMCOREINFO_GUESS_H
#define STK_VMCOREINFO_GUESS_H

#include <stackinfo/target.h>

#include "vmcoreinfo_find.h"

/*
 * Make up in @text what is needed of VMCOREINFO, from the page tables that a CPU used by
 * the registers in @note; @memory and @priv read physical memory, for which @budget pays.
 * Returns its length, 0 when these page tables show no kernel.
 */
size_t stk_vmcoreinfo_guess(const struct stk_memory_ops *memory, void *priv,
			    struct stk_budget *budget, const struct stk_note *note,
			    char text[STK_VMCOREINFO_SIZE]);

#endif
