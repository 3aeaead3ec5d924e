/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "events_match.h"

#include <ctype.h>
#include <string.h>

#include "../base/bytes.h"
#include "oops_text.h"

/* "0x", and something behind it. */
static size_t hex_mark(const char *p, size_t len)
{
	return len > 2 && p[0] == '0' && tolower((unsigned char)p[1]) == 'x' ? 2 : 0;
}

/* What %d, %x or %w may take; 0: nothing. */
static size_t taken_length(char what, const char *p, size_t len)
{
	size_t zero = hex_mark(p, len), n;

	switch (what) {
	case 'd':
		return stk_run_of(isdigit, p, len);
	case 'x':
		n = stk_run_of(isxdigit, p + zero, len - zero);
		return n ? n + zero : 0;
	case 'w':
		return stk_run_of(isgraph, p, len);
	default:
		return len;
	}
}

/* How much of @pattern is literal. */
static size_t literal_length(const char *pattern)
{
	return strcspn(pattern, "%");
}

/* Is @pattern's literal beginning at @p? Its length in the text, or SIZE_MAX. */
static size_t literal_at(const char *pattern, size_t n, const char *p, size_t len)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		if (pattern[i] == ' ') {
			size_t blanks = stk_run_of(isblank, p + at, len - at);

			if (!blanks)
				return SIZE_MAX;
			at += blanks;
		} else if (at < len && p[at] == pattern[i]) {
			at++;
		} else {
			return SIZE_MAX;
		}
	}
	return at;
}

/* %s: the bytes before the literal that follows in @pattern; SIZE_MAX: it does not. */
static size_t string_length(const char *pattern, const char *p, size_t len)
{
	size_t n = literal_length(pattern);

	if (!*pattern)
		return len;
	for (size_t i = 0; i <= len; i++)
		if (literal_at(pattern, n, p + i, len - i) != SIZE_MAX)
			return i;
	return SIZE_MAX;
}

bool stk_event_match(const char *pattern, const char *text, size_t len,
		     struct stk_taken *taken)
{
	size_t nr = 0;

	while (*pattern) {
		size_t literal = literal_length(pattern);
		size_t n = literal_at(pattern, literal, text, len);

		if (n == SIZE_MAX)
			return false;
		text += n;
		len -= n;
		pattern += literal;
		if (!*pattern)
			break;
		n = pattern[1] == 's' ? string_length(pattern + 2, text, len)
				      : taken_length(pattern[1], text, len);
		if (n == SIZE_MAX || (!n && pattern[1] != '*') || nr == STK_MAX_TAKEN)
			return false;
		taken[nr++] = (struct stk_taken){ text, n };
		text += n;
		len -= n;
		pattern += 2;
	}
	return true;
}

bool stk_taken_hex(const struct stk_taken *taken, uint64_t *value)
{
	size_t zero = hex_mark(taken->text, taken->len);

	return stk_oops_hex(taken->text + zero, taken->len - zero, value);
}

bool stk_taken_number(const struct stk_taken *taken, uint64_t *value)
{
	const char *p = taken->text;
	/* More digits may be more than there is room for. */
	const size_t len = taken->len <= 18 ? taken->len : 0;

	*value = 0;
	for (size_t i = 0; i < len; i++)
		*value = *value * 10 + (uint64_t)(p[i] - '0');
	return len;
}
