/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops_mail.h"

#include <stdbool.h>
#include <string.h>

#include "../base/bytes.h"

/* RFC 2045 6.7 allows no longer line, so each long one has such a break. */
#define ENOUGH_BREAKS 2u

static const struct {
	const char *name;
	char byte;
} entities[] = {
	{ "&lt;", '<' },   { "&gt;", '>' },   { "&amp;", '&' },	  { "&quot;", '"' },
	{ "&#39;", '\'' }, { "&#34;", '"' },  { "&#x27;", '\'' }, { "&apos;", '\'' },
	{ "&#60;", '<' },  { "&#62;", '>' },  { "&#x3c;", '<' },  { "&#x3e;", '>' },
	{ "&nbsp;", ' ' }, { "&#160;", ' ' },
};

static size_t entity_length(const char *text, size_t len, char *byte)
{
	for (size_t i = 0; i < STK_ARRAY_SIZE(entities); i++) {
		size_t n = strlen(entities[i].name);

		if (len < n || strncasecmp(text, entities[i].name, n))
			continue;
		*byte = entities[i].byte;
		return n;
	}
	return 0;
}

/*
 * "=" and a line's end: the line goes on. A kernel ends no line so, but with "=====",
 * which would be "=3D=3D" in such a mail. Its length, or 0.
 */
static size_t break_length(const char *text, size_t at, size_t len)
{
	size_t n = at + 1;

	if (text[at] != '=' || (at && text[at - 1] == '='))
		return 0;
	if (n < len && text[n] == '\r')
		n++;
	return n < len && text[n] == '\n' ? n + 1 - at : 0;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "=3D"; other bytes than a character that is printed, a blank or a tab stay. */
static size_t coded_length(const char *text, size_t len, char *byte)
{
	int high, low, value;

	if (len < 3 || *text != '=')
		return 0;
	high = digit_of(text[1]);
	low = digit_of(text[2]);
	/* Below 0, too, where either is no digit. */
	value = high * 16 | low;
	if (value != '\t' && (value < ' ' || value > '~'))
		return 0;
	*byte = (char)value;
	return 3;
}

static bool is_quoted_printable(const char *text, size_t len)
{
	size_t breaks = 0;

	for (size_t i = 0; i < len && breaks < ENOUGH_BREAKS; i++)
		breaks += break_length(text, i, len) != 0;
	return breaks == ENOUGH_BREAKS;
}

size_t stk_oops_unwrap(char *text, size_t len)
{
	bool quoted = is_quoted_printable(text, len);
	size_t to = 0;

	for (size_t from = 0; from < len;) {
		char byte = text[from];
		size_t n = 0;

		if (quoted && byte == '=') {
			n = break_length(text, from, len);
			if (n) {
				from += n;
				continue;
			}
			n = coded_length(text + from, len - from, &byte);
		} else if (byte == '&') {
			n = entity_length(text + from, len - from, &byte);
		}
		text[to++] = byte;
		from += n ? n : 1;
	}
	return to;
}
