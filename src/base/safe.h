/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * safe.h - strings from outside: of a dump, a namelist, a file, the command line.
 *
 * One rule for all of them: a printable character is printed as it is, in ASCII or in
 * UTF-8. Anything else may move the cursor, turn the direction of the writing, hide, or
 * be no UTF-8, which JSON must be.
 *
 *   a name  is made safe where it is read: at most STK_MAX_NAME bytes with its end, and
 *           "?" for each byte of what is not printable, so that it keeps its length
 *   a text  (a message, a line, an argument) when it is printed: \x1b for such a byte, as
 *           /dev/kmsg has it
 *
 * A terminal that reads bytes finds control characters in valid UTF-8, too: the second
 * byte of U+00DB is 9b, which begins a sequence. Whoever prints on such a one takes
 * stk_print_ascii().
 */
#ifndef STK_SAFE_H
#define STK_SAFE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "arena.h"

/* Twice KSYM_NAME_LEN, the longest name of anything in a kernel. */
#define STK_MAX_NAME 1024u

/* Of ASCII. Not isprint(), which asks the locale of whoever uses the library. */
static inline bool stk_is_printable(char byte)
{
	return byte >= ' ' && byte <= '~';
}

/* How many of @len bytes make the printable character that begins at @text; 0: none. */
size_t stk_printable(const char *text, size_t len);

/* The rule for names, in place: @len bytes, of which none is the end. */
void stk_safe_bytes(char *name, size_t len);

/* @name if the rule is kept, else a copy that keeps it; NULL when memory is short. */
const char *stk_safe_name(struct stk_arena *arena, const char *name);

/* The rule for texts: @text in @buf, cut if it is too long. Returns @buf. */
char *stk_safe_text(char *buf, size_t size, const char *text);

/* The same of what vsnprintf() would write, of which up to 1023 bytes count. */
void stk_safe_vprintf(char *buf, size_t size, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

/* What is finished and may have UTF-8: each byte of that as \xc3. */
void stk_print_ascii(FILE *fp, const char *text, size_t len);

#endif
