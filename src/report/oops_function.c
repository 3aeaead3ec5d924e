/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops_text.h"

#include <ctype.h>
#include <string.h>

bool stk_oops_in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

bool stk_oops_hex(const char *digits, size_t len, uint64_t *value)
{
	uint64_t n = 0;

	if (!len || len > 16)
		return false;
	for (size_t i = 0; i < len; i++) {
		int c = tolower((unsigned char)digits[i]);

		if (!isxdigit(c))
			return false;
		n = n << 4 | (uint64_t)(isdigit(c) ? c - '0' : c - 'a' + 10);
	}
	*value = n;
	return true;
}

static bool in_name(char c)
{
	return stk_oops_in_word(c) || c == '.' || c == '$';
}

/* "0x" and up to 16 digits, or a 0 and 16, at *@at, which moves behind them. */
static bool hex_at(const char *line, size_t len, size_t *at, uint64_t *value)
{
	size_t end = *at + 2, begin = end;

	if (len - *at < 3 || line[*at] != '0' || line[*at + 1] != 'x')
		return false;
	while (end < len && isxdigit((unsigned char)line[end]))
		end++;
	/* An assembler wants a 0 before a digit above 9. */
	if (end - begin == 17 && line[begin] == '0')
		begin++;
	if (!stk_oops_hex(line + begin, end - begin, value))
		return false;
	*at = end;
	return true;
}

/* "[<ffffffff81001234>]" or "? " and that before it ends at @end. */
static void address_before(const char *line, size_t end, struct stk_oops_function *out)
{
	size_t begin;

	while (end && strchr(" \t?", line[end - 1]))
		end--;
	if (end < 2 || memcmp(line + end - 2, ">]", 2))
		return;
	end -= 2;
	for (begin = end; begin && isxdigit((unsigned char)line[begin - 1]); begin--)
		;
	if (end - begin == 16 && begin >= 2 && !memcmp(line + begin - 2, "[<", 2))
		out->has_addr = stk_oops_hex(line + begin, 16, &out->addr);
}

bool stk_oops_function(const char *line, size_t len, size_t *at,
		       struct stk_oops_function *out)
{
	for (const char *plus; (plus = memchr(line + *at, '+', len - *at));) {
		size_t end = (size_t)(plus - line), begin = end, next = end + 1;

		*at = next;
		while (begin && in_name(line[begin - 1]))
			begin--;
		if (begin == end || end - begin >= sizeof(out->name) ||
		    !hex_at(line, len, &next, &out->offset) || next >= len ||
		    line[next++] != '/' || !hex_at(line, len, &next, &out->size))
			continue;
		*at = next;
		memcpy(out->name, line + begin, end - begin);
		out->name[end - begin] = '\0';
		out->begin = begin;
		out->has_addr = false;
		address_before(line, begin, out);
		out->in_module = next + 1 < len && line[next] == ' ' &&
				 line[next + 1] == '[' &&
				 (next + 2 == len || line[next + 2] != '<');
		return true;
	}
	return false;
}
