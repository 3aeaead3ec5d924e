/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * safe.h - strings from outside: of a dump, a namelist, a file, the command line.
 *
 * One rule for all of them: only printable ASCII, 0x20 to 0x7e, is printed as it is.
 * Anything else may move the cursor, turn the direction of the writing, or be no UTF-8,
 * which JSON must be. That goes for valid UTF-8, too: a terminal that reads bytes finds
 * control characters in it (the second byte of U+00DB is 9b, which begins a sequence).
 *
 *   a name  is made safe where it is read: at most STK_MAX_NAME bytes with its end, and
 *           "?" for each byte that is not printable, so that it keeps its length
 *   a text  (a message, a line, an argument) when it is printed: \x1b for such a byte, as
 *           /dev/kmsg has it
 */
#ifndef STK_SAFE_H
#define STK_SAFE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

/* Twice KSYM_NAME_LEN, the longest name of anything in a kernel. */
#define STK_MAX_NAME 1024u

/* Not isprint(), which asks the locale of whoever uses the library. */
static inline bool stk_is_printable(char byte)
{
	return byte >= ' ' && byte <= '~';
}

/* The rule for names, in place: @len bytes, of which none is the end. */
void stk_safe_bytes(char *name, size_t len);

/* @name if the rule is kept, else a copy that keeps it; NULL when memory is short. */
const char *stk_safe_name(struct stk_arena *arena, const char *name);

/* The rule for texts: @text in @buf, cut if it is too long. Returns @buf. */
char *stk_safe_text(char *buf, size_t size, const char *text);

/* The same of what vsnprintf() would write, of which up to 1023 bytes count. */
void stk_safe_vprintf(char *buf, size_t size, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

#endif
