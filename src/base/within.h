/* SPDX-License-Identifier: GPL-2.0-or-later */
/* within.h - does an address lie in a range? The end of each is behind its last byte. */
#ifndef STK_WITHIN_H
#define STK_WITHIN_H

#include <stdbool.h>
#include <stdint.h>

static inline bool stk_within(uint64_t addr, uint64_t begin, uint64_t end)
{
	return addr >= begin && addr < end;
}

/* The same of a stack pointer: that of an empty stack is its end. */
static inline bool stk_sp_within(uint64_t sp, uint64_t begin, uint64_t end)
{
	return sp >= begin && sp <= end;
}

#endif
