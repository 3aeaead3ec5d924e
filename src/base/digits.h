/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digits.h - numbers as text, which is most of a backtrace: printf() takes ten times as
 * long, and with many tasks as long as to unwind them.
 */
#ifndef STK_RENDER_DIGITS_H
#define STK_RENDER_DIGITS_H

#include <stdint.h>

/* The most digits of a number, in hexadecimal and in decimal. */
#define STK_HEX_DIGITS	   16u
#define STK_DECIMAL_DIGITS 20u

/* Write @value at @to, with zeros to @width digits, at most 16. Returns its end. */
static inline char *stk_put_hex(char *to, uint64_t value, unsigned int width)
{
	static const char digit[] = "0123456789abcdef";
	unsigned int nr = value ? (67u - (unsigned int)__builtin_clzll(value)) / 4 : 1;

	if (nr < width)
		nr = width;
	for (unsigned int i = nr; i--; value >>= 4)
		to[i] = digit[value & 15];
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
