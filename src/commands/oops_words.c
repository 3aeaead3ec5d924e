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
