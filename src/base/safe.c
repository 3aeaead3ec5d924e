/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "safe.h"

#include <stdio.h>
#include <string.h>

void stk_safe_bytes(char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!stk_is_printable(name[i]))
			name[i] = '?';
}

const char *stk_safe_name(struct stk_arena *arena, const char *name)
{
	size_t len = strnlen(name, STK_MAX_NAME), printable = 0;
	char *copy;

	while (printable < len && stk_is_printable(name[printable]))
		printable++;
	if (printable == len && len < STK_MAX_NAME)
		return name;
	if (len == STK_MAX_NAME)
		len--;
	copy = stk_arena_strndup(arena, name, len);
	if (copy)
		stk_safe_bytes(copy, len);
	return copy;
}

char *stk_safe_text(char *buf, size_t size, const char *text)
{
	size_t at = 0;

	for (; *text; text++) {
		char hex[8];
		int len = 1;

		if (stk_is_printable(*text))
			hex[0] = *text;
		else
			len = snprintf(hex, sizeof(hex), "\\x%02x", (unsigned char)*text);
		if (at + (size_t)len >= size)
			break;
		memcpy(buf + at, hex, (size_t)len);
		at += (size_t)len;
	}
	if (size)
		buf[at] = '\0';
	return buf;
}

void stk_safe_vprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	char text[1024];

	vsnprintf(text, sizeof(text), fmt, ap);
	stk_safe_text(buf, size, text);
}
