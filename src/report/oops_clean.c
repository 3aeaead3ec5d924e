/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops_text.h"

#include <ctype.h>
#include <string.h>

#include "oops_mail.h"

#define ESCAPE '\033'

/* How logs write a control character. */
static const struct {
	const char *text;
	char byte;
} escapes[] = {
	{ "\\n", '\n' },       { "\\t", '\t' },	    { "\\r", '\r' },
	{ "\\u000a", '\n' },   { "\\u0009", '\t' }, { "\\u000d", '\r' },
	{ "\\u001b", ESCAPE }, { "\\x0a", '\n' },   { "\\x09", '\t' },
	{ "\\x0d", '\r' },     { "\\x1b", ESCAPE }, { "#012", '\n' },
	{ "#011", '\t' },      { "#015", '\r' },    { "#033", ESCAPE },
	{ "^[[", ESCAPE },
};

/* The bytes of @text that stand for one control character; 0: none do. */
static size_t escape_length(const char *text, size_t len, char *byte)
{
	size_t slashes = 0;

	/* A document within a document has more of them: \\n. */
	while (slashes < len && text[slashes] == '\\')
		slashes++;
	if (slashes > 1) {
		text += slashes - 1;
		len -= slashes - 1;
	}
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		size_t n = strlen(escapes[i].text);

		if (len < n || strncasecmp(text, escapes[i].text, n))
			continue;
		*byte = escapes[i].byte;
		/* The second "[" of "^[[" is the sequence's own. */
		return n - (*text == '^') + (slashes > 1 ? slashes - 1 : 0);
	}
	return 0;
}

static size_t decode_escapes(char *text, size_t len)
{
	size_t to = 0;

	for (size_t from = 0; from < len;) {
		char byte = text[from];
		size_t n = strchr("\\#^", byte) && byte
				   ? escape_length(text + from, len - from, &byte)
				   : 0;

		text[to++] = byte;
		from += n ? n : 1;
	}
	return to;
}

/* Where the bytes from @n on that are @first to @last end. */
static size_t skip_bytes(const char *text, size_t n, size_t len, char first, char last)
{
	while (n < len && text[n] >= first && text[n] <= last)
		n++;
	return n;
}

/*
 * The length of a terminal's sequence (ECMA-48: CSI, parameters, intermediates, the final
 * byte) or of the choice of a character set; 0: the bytes are none.
 */
static size_t sequence_length(const char *text, size_t len)
{
	size_t n;

	if (len < 3 || text[0] != ESCAPE)
		return 0;
	if (strchr("()", text[1]) && text[1])
		return isalnum((unsigned char)text[2]) ? 3 : 0;
	if (text[1] != '[')
		return 0;
	n = skip_bytes(text, 2, len, 0x30, 0x3f);
	n = skip_bytes(text, n, len, 0x20, 0x2f);
	return n < len && text[n] >= 0x40 && text[n] <= 0x7e ? n + 1 : 0;
}

static size_t drop_sequences(char *text, size_t len)
{
	size_t to = 0;

	for (size_t from = 0; from < len;) {
		size_t n = sequence_length(text + from, len - from);

		if (!n &&
		    !(text[from] == '\r' && from + 1 < len && text[from + 1] == '\n'))
			text[to++] = text[from];
		from += n ? n : 1;
	}
	return to;
}

size_t stk_oops_clean(char *text, size_t len)
{
	len = drop_sequences(text, decode_escapes(text, len));
	return stk_oops_unwrap(text, len);
}
