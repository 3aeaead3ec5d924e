/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hide.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <stackinfo/render.h>
#include <stackinfo/stacks.h>

#include "../base/bytes.h"

#define LOW_KERNEL 0xff00000000000000ull
#define ERRNOS	   0xfffffffffffff000ull /* -1 to -4095 are numbers */
#define LOW_USER   (1ull << 32)		 /* below is what no one moves, and numbers */
#define END_USER   (1ull << 56)
#define MIN_DIGITS 9u

/* A place in the text where a number may begin. */
struct spot {
	const char *at, *end; /* of the text */
	const char *last;     /* behind the number */
	uint64_t value;
};

static bool is_moved(uint64_t value)
{
	return (value >= LOW_KERNEL && value < ERRNOS) ||
	       (value >= LOW_USER && value < END_USER);
}

static bool is_in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '+';
}

/* An address stands at @p, and is a word of its own. */
static bool is_address(struct spot *p)
{
	const char *digits = p->at, *at;
	char number[17] = "";

	if (p->end - digits > 2 && digits[0] == '0' && digits[1] == 'x')
		digits += 2;
	for (at = digits; at < p->end && isxdigit((unsigned char)*at); at++)
		if (at - digits >= 16 || isupper((unsigned char)*at))
			return false;
	if (at - digits < (int)MIN_DIGITS ||
	    (at < p->end && (isalnum((unsigned char)*at) || *at == '_')))
		return false;
	memcpy(number, digits, (size_t)(at - digits));
	p->value = strtoull(number, NULL, 16);
	p->last = at;
	return is_moved(p->value);
}

/* What stays of an address in any kernel of the same build. */
static void name_address(struct stk *s, FILE *out, const struct spot *p)
{
	struct stk_stack stack;
	struct stk_name name;
	char text[640], rust[512];
	int len;

	stk_symbolize(s, p->value, false, &name);
	if (p->value < LOW_KERNEL)
		snprintf(text, sizeof(text), "(user)");
	else if (name.function)
		snprintf(text, sizeof(text), "%s+%" PRIu64,
			 stk_function_text(name.function, rust, sizeof(rust)),
			 name.offset);
	else if (!stk_find_stack(s, p->value, &stack))
		snprintf(text, sizeof(text), "%s-%" PRIu64,
			 stk_stack_kind_name(stack.kind), stack.end - p->value);
	else
		snprintf(text, sizeof(text), "(kernel)");
	len = fprintf(out, "%s", text);
	/* Columns stay columns. */
	for (; len < p->last - p->at && p->last < p->end && *p->last == ' '; len++)
		fputc(' ', out);
}

/* What goes with an address, before it and behind it. */
static const struct {
	const char *before, *behind;
} frames_of_address[] = {
	{ "TASK: ", "  " },
	{ "[", "] " },
	{ " at ", "" },
};

/*
 * How much of what was kept before an address goes with it; *@last: where the text goes
 * on. -1: the address is told in other words.
 */
static int vanishes(const char *line, size_t kept, struct spot *p)
{
	struct spot second = { .at = p->last + 1, .end = p->end };

	/* The bounds of a stack. */
	if (kept && p->last < p->end && *p->last == '-' && is_address(&second)) {
		p->last = second.last;
		return 1;
	}
	for (size_t i = 0; i < sizeof(frames_of_address) / sizeof(frames_of_address[0]);
	     i++) {
		const char *before = frames_of_address[i].before,
			   *behind = frames_of_address[i].behind;
		const size_t n = strlen(behind);

		if (!stk_ends_with(line, kept, before) ||
		    (size_t)(p->end - p->last) < n || memcmp(p->last, behind, n))
			continue;
		p->last += n;
		return (int)strlen(before);
	}
	return -1;
}

/* One line, with its newline if it has one. */
static void hide_in_line(struct stk *s, FILE *out, const char *line, size_t len)
{
	struct spot p = { .at = line, .end = line + len };
	const char *from = line; /* what was not printed yet */

	while (p.at < p.end) {
		int gone;

		if ((p.at > line && is_in_word(p.at[-1])) || !is_address(&p)) {
			p.at++;
			continue;
		}
		gone = vanishes(from, (size_t)(p.at - from), &p);
		fwrite(from, 1, (size_t)(p.at - from) - (gone > 0 ? (size_t)gone : 0),
		       out);
		if (gone < 0)
			name_address(s, out, &p);
		from = p.at = p.last;
	}
	fwrite(from, 1, (size_t)(p.end - from), out);
}

void stk_hide_addresses(struct stk *s, FILE *out, const char *text, size_t len)
{
	while (len) {
		const char *newline = memchr(text, '\n', len);
		size_t n = newline ? (size_t)(newline - text) + 1 : len;

		hide_in_line(s, out, text, n);
		text += n;
		len -= n;
	}
}
