/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * out.h - text that is put together before it is written: each call of stdio costs as
 * much as ten characters. What does not fit is cut off.
 */
#ifndef STK_OUT_H
#define STK_OUT_H

#include <stddef.h>
#include <string.h>

#include "digits.h"

struct stk_out {
	char *text; /* not ended by a zero before stk_out_end() */
	size_t size, len;
};

/* @size: of @buf, at least 1. */
static inline struct stk_out stk_out(char *buf, size_t size)
{
	return (struct stk_out){ buf, size, 0 };
}

/* Where @n characters can be written; NULL: they do not fit. */
static inline char *stk_out_room(const struct stk_out *l, size_t n)
{
	return n <= l->size - 1 - l->len ? l->text + l->len : NULL;
}

static inline void stk_out_chars(struct stk_out *l, const char *text, size_t n)
{
	const size_t room = l->size - 1 - l->len;

	n = n < room ? n : room;
	memcpy(l->text + l->len, text, n);
	l->len += n;
}

static inline void stk_out_text(struct stk_out *l, const char *text)
{
	stk_out_chars(l, text, strlen(text));
}

/* Spaces up to what has @len characters in @width columns. */
static inline void stk_out_pad(struct stk_out *l, size_t len, size_t width)
{
	const size_t room = l->size - 1 - l->len;
	size_t n = len < width ? width - len : 0;

	n = n < room ? n : room;
	memset(l->text + l->len, ' ', n);
	l->len += n;
}

/* With zeros to @width digits, at most 16. */
static inline void stk_out_hex(struct stk_out *l, uint64_t value, unsigned int width)
{
	char digits[STK_HEX_DIGITS];
	const char *end = stk_put_hex(digits, value, width);

	stk_out_chars(l, digits, (size_t)(end - digits));
}

static inline void stk_out_decimal(struct stk_out *l, uint64_t value)
{
	char digits[STK_DECIMAL_DIGITS];
	const char *end = stk_put_decimal(digits, value);

	stk_out_chars(l, digits, (size_t)(end - digits));
}

static inline const char *stk_out_end(struct stk_out *l)
{
	l->text[l->len] = '\0';
	return l->text;
}

#endif
