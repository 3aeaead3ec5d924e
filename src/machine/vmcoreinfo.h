/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vmcoreinfo.h - what the kernel says of itself in VMCOREINFO.
 *
 * This is where all else begins: where the page tables are is among it. So nothing here
 * translates an address, or asks for a kernel's symbol.
 */
#ifndef STK_VMCOREINFO_H
#define STK_VMCOREINFO_H

#include "../base/context.h"

/* The value of a VMCOREINFO line, or NULL; and that value as a number. */
const char *stk_vmcoreinfo(struct stk *s, const char *key);
bool stk_vmcoreinfo_number(struct stk *s, const char *key, int base, uint64_t *value);

#endif
