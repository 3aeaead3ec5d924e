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

/*
 * Lines that a small dump has beside the kernel's own (src/session/dump_pack.h). What it
 * was made without is not looked for: no reader takes it for damaged.
 */
#define STK_PACKED   "STACKINFO_PACKED"
#define STK_NO_LOG   "STACKINFO_NO_LOG"
#define STK_NO_NAMES "STACKINFO_NO_NAMES"
enum stk_left_out { STK_LOG_LEFT_OUT, STK_NAMES_LEFT_OUT, STK_NR_LEFT_OUT };
bool stk_left_out(struct stk *s, enum stk_left_out what);

/* "log", "names": the @i-th thing that it was made without; NULL past the last one. */
const char *stk_left_out_name(struct stk *s, size_t i);

#endif
