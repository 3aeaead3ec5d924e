/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bits.h - the fields of instructions. */
#ifndef STK_ARCH_BITS_H
#define STK_ARCH_BITS_H

#include <stdint.h>

/* The @nr bits of @word from bit @at on; fewer than 32. */
static inline uint32_t stk_bits(uint32_t word, unsigned int at, unsigned int nr)
{
	return word >> at & ((1u << nr) - 1);
}

/* The same as a signed number. */
static inline int32_t stk_signed_bits(uint32_t word, unsigned int at, unsigned int nr)
{
	return (int32_t)(word << (32 - at - nr)) >> (32 - nr);
}

#endif
