/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "oops.h"

#include <ctype.h>
#include <string.h>

#include "../arch/arch.h"
#include "args.h"

/* A longer line is cut at the next end of a word. */
#define LINE_SIZE (STK_OOPS_LINE - 64)

bool stk_oops_line(const char *text, size_t size, size_t *at, const char **line,
		   size_t *len)
{
	size_t room = size - *at < STK_OOPS_LINE ? size - *at : STK_OOPS_LINE;
	const char *end = memchr(text + *at, '\n', room);

	*line = text + *at;
	*len = end ? (size_t)(end - *line) : room;
	if (!end && room > LINE_SIZE)
		for (*len = LINE_SIZE; *len < room && stk_oops_in_word((*line)[*len]);)
			++*len;
	*at += *len + (end != NULL);
	if (!room)
		return false;
	if (*len && (*line)[*len - 1] == '\r')
		--*len;
	return true;
}

bool stk_oops_in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static bool ends_with(const char *line, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len >= n && !strncasecmp(line + len - n, end, n);
}

/*
 * Before the address that was accessed: "BUG: unable to handle page fault for address:",
 * "kernel NULL pointer dereference at", "for non-canonical address", KASAN's "at addr"
 * and "in range [".
 */
static const char *const before_fault[] = { "address:",	      "address",
					    "dereference at", "request at",
					    "reference at",   "at addr",
					    "range [" };

/* Does @line up to @len say that an address follows that could not be accessed? */
static bool tells_fault(struct stk *s, const char *line, size_t len)
{
	const char *reg = s->arch->fault_register;

	while (len && strchr(" \t", line[len - 1]))
		len--;
	if (reg && len && line[len - 1] == ':' && ends_with(line, len - 1, reg))
		return true;
	for (size_t i = 0; i < sizeof(before_fault) / sizeof(before_fault[0]); i++)
		if (ends_with(line, len, before_fault[i]))
			return true;
	return false;
}

/* Are the @digits that the @len characters of @word begin with an address? */
static bool is_address(const char *word, size_t digits, size_t len)
{
	if (digits == 16 || !strncmp(word, "0x", 2))
		return true;
	/* An assembler wants a 0 before a digit above 9: 0ffffffff9b001234h. */
	return digits == 17 && *word == '0' && digits < len;
}

bool stk_oops_word(struct stk *s, const char *line, size_t len, size_t *at,
		   struct stk_oops_word *out)
{
	while (*at < len) {
		size_t begin, end, digits;
		char word[24];

		for (begin = *at; begin < len && !stk_oops_in_word(line[begin]); begin++)
			;
		for (end = begin; end < len && stk_oops_in_word(line[end]); end++)
			;
		*at = end;
		if (begin == end || end - begin >= sizeof(word) ||
		    (begin && strchr("+/", line[begin - 1])))
			continue;
		memcpy(word, line + begin, end - begin);
		word[end - begin] = '\0';
		digits = stk_number_length(word);
		word[digits] = '\0';
		if (!is_address(word, digits, end - begin) ||
		    !stk_parse_hex(word, &out->value))
			continue;
		out->fault = tells_fault(s, line, begin);
		return true;
	}
	return false;
}

/* ---- functions ---- */

static bool in_name(char c)
{
	return stk_oops_in_word(c) || c == '.' || c == '$';
}

/* "0x" and up to 16 digits at *@at, which moves behind them. */
static bool hex_at(const char *line, size_t len, size_t *at, uint64_t *value)
{
	size_t end = *at + 2;
	char text[20];

	if (len < 3 || *at > len - 3 || line[*at] != '0' || line[*at + 1] != 'x')
		return false;
	while (end < len && isxdigit((unsigned char)line[end]))
		end++;
	if (end - *at >= sizeof(text))
		return false;
	memcpy(text, line + *at, end - *at);
	text[end - *at] = '\0';
	*at = end;
	return stk_parse_hex(text, value);
}

/* "[<ffffffff81001234>]" or "? " and that before it ends at @end. */
static void address_before(const char *line, size_t end, struct stk_oops_function *out)
{
	char text[20];
	size_t begin;

	while (end && strchr(" \t?", line[end - 1]))
		end--;
	if (!ends_with(line, end, ">]"))
		return;
	end -= 2;
	for (begin = end; begin && isxdigit((unsigned char)line[begin - 1]); begin--)
		;
	if (end - begin != 16 || !ends_with(line, begin, "[<"))
		return;
	memcpy(text, line + begin, 16);
	text[16] = '\0';
	out->has_addr = stk_parse_hex(text, &out->addr);
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
		out->has_addr = false;
		address_before(line, begin, out);
		out->in_module = next + 1 < len && line[next] == ' ' &&
				 line[next + 1] == '[' &&
				 (next + 2 == len || line[next + 2] != '<');
		return true;
	}
	return false;
}
