/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kprobe.h - which instructions have a breakpoint in their place. */
#ifndef STK_KPROBE_H
#define STK_KPROBE_H

#include "../base/context.h"

/*
 * Is a kprobe registered at @addr? 1; 0; -1: the kernel's table of them is not known, or
 * not whole in the dump.
 */
int stk_has_kprobe(struct stk *s, uint64_t addr);

#endif
