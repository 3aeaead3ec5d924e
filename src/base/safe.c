/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "safe.h"

#include <stdint.h>
#include <string.h>

/*
 * What valid UTF-8 may have and nobody sees, or what changes how others are seen:
 * Unicode's categories Cc, Cf, Zl and Zp, fillers, tags, surrogates, and what is no
 * character.
 */
static const struct {
	uint32_t first, last;
} hidden[] = {
	{ 0x80, 0x9f },	      { 0xad, 0xad },	    { 0x34f, 0x34f },
	{ 0x600, 0x605 },     { 0x61c, 0x61c },	    { 0x6dd, 0x6dd },
	{ 0x70f, 0x70f },     { 0x890, 0x891 },	    { 0x8e2, 0x8e2 },
	{ 0x115f, 0x1160 },   { 0x17b4, 0x17b5 },   { 0x180b, 0x180f },
	{ 0x200b, 0x200f },   { 0x2028, 0x202e },   { 0x2060, 0x206f },
	{ 0x3164, 0x3164 },   { 0xd800, 0xdfff },   { 0xfdd0, 0xfdef },
	{ 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },   { 0xfff0, 0xfffb },
	{ 0x110bd, 0x110bd }, { 0x110cd, 0x110cd }, { 0x13430, 0x1343f },
	{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
};

static bool is_hidden(uint32_t character)
{
	/* The last two of each plane are none. */
	if ((character & 0xfffe) == 0xfffe)
		return true;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (character >= hidden[i].first && character <= hidden[i].last)
			return true;
	return false;
}

size_t stk_printable(const char *text, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)text;
	uint32_t character;
	size_t n;

	if (!len)
		return 0;
	if (*p < 0x80)
		return stk_is_printable(*text);
	n = *p < 0xc0 ? 0 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf8 ? 4 : 0;
	if (n > len)
		return 0;
	character = *p & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (p[i] & 0x3f);
	}
	return character < least[n] || character > 0x10ffff || is_hidden(character) ? 0
										    : n;
}

void stk_safe_bytes(char *name, size_t len)
{
	for (size_t i = 0, n; i < len; i += n ? n : 1) {
		n = stk_printable(name + i, len - i);
		if (!n)
			name[i] = '?';
	}
}

const char *stk_safe_name(struct stk_arena *arena, const char *name)
{
	size_t len = strnlen(name, STK_MAX_NAME), good = 0, n;
	char *copy;

	while ((n = stk_printable(name + good, len - good)))
		good += n;
	if (good == len && len < STK_MAX_NAME)
		return name;
	if (len == STK_MAX_NAME)
		len--;
	copy = stk_arena_strndup(arena, name, len);
	if (copy)
		stk_safe_bytes(copy, len);
	return copy;
}

static const char *hex_text(char hex[5], char byte)
{
	snprintf(hex, 5, "\\x%02x", (unsigned char)byte);
	return hex;
}

char *stk_safe_text(char *buf, size_t size, const char *text)
{
	size_t len = strlen(text), at = 0;

	while (len) {
		size_t n = stk_printable(text, len), width = n ? n : 4;
		char hex[5];

		if (at + width >= size)
			break;
		if (n)
			memcpy(buf + at, text, n);
		else
			memcpy(buf + at, hex_text(hex, *text), width);
		at += width;
		text += n ? n : 1;
		len -= n ? n : 1;
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

void stk_print_ascii(FILE *fp, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x80)
			fputc(text[i], fp);
		else
			fprintf(fp, "\\x%02x", (unsigned char)text[i]);
}
