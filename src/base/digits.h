/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digits.h - numbers as text, which is most of a backtrace: printf() takes ten times as
 * long, and with many tasks as long as to unwind them.
 */
#ifndef STK_DIGITS_H
#define STK_DIGITS_H

#include <stdint.h>
#include <string.h>

/* The most digits of a number, in hexadecimal and in decimal. */
#define STK_HEX_DIGITS	   16u
#define STK_DECIMAL_DIGITS 20u

/* The eight digits of @value, the first in the lowest byte: all of them at once. */
static inline uint64_t stk_hex_digits(uint32_t value)
{
	const uint64_t each = 0x0101010101010101;
	uint64_t v = value, letters;

	v = (v << 16 | v) & 0x0000ffff0000ffff;
	v = (v << 8 | v) & 0x00ff00ff00ff00ff;
	v = (v << 4 | v) & 0x0f0f0f0f0f0f0f0f;
	/* What is above 9 reaches the next bit with 6 more. */
	letters = (v + 6 * each) >> 4 & each;
	return __builtin_bswap64(v + '0' * each + letters * ('a' - '0' - 10));
}

/*
 * Write @value at @to, with zeros to @width digits, at most 16. Returns its end; there
 * must be room for STK_HEX_DIGITS in any case.
 */
static inline char *stk_put_hex(char *to, uint64_t value, unsigned int width)
{
	unsigned int nr = value ? (67u - (unsigned int)__builtin_clzll(value)) / 4 : 1;
	uint64_t digits[2];

	if (nr < width)
		nr = width;
	value <<= 4 * (STK_HEX_DIGITS - nr);
	digits[0] = stk_hex_digits((uint32_t)(value >> 32));
	digits[1] = stk_hex_digits((uint32_t)value);
	memcpy(to, digits, sizeof(digits));
	return to + nr;
}

static inline char *stk_put_decimal(char *to, uint64_t value)
{
	char reverse[STK_DECIMAL_DIGITS];
	unsigned int nr = 0;

	do {
		reverse[nr++] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	while (nr)
		*to++ = reverse[--nr];
	return to;
}

#endif
