/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bytes.h - small questions about texts: so many bytes, which nothing need end. */
#ifndef STK_BYTES_H
#define STK_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define STK_ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

static inline bool stk_begins_with(const char *text, size_t len, const char *begin)
{
	const size_t n = strlen(begin);

	return len >= n && !memcmp(text, begin, n);
}

static inline bool stk_ends_with(const char *text, size_t len, const char *end)
{
	const size_t n = strlen(end);

	return len >= n && !memcmp(text + len - n, end, n);
}

/* Where @what first is; NULL: nowhere. */
static inline const char *stk_find_text(const char *text, size_t len, const char *what)
{
	return memmem(text, len, what, strlen(what));
}

/* How many bytes from @text on are of a class of <ctype.h>. */
static inline size_t stk_run_of(int (*is)(int), const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && is((unsigned char)text[n]))
		n++;
	return n;
}

/* Of two strings; NULL begins with none. */
static inline bool stk_starts_with(const char *text, const char *begin)
{
	return text && stk_begins_with(text, strlen(text), begin);
}

/* The same texts? NULL is one, too. */
static inline bool stk_same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

#endif
