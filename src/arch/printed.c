/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "printed.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <stackinfo/machine.h>

#include "arch.h"

#define MAX_LINE 256u

struct search {
	const struct stk_printed_words *words;
	uint64_t sp;
	bool here; /* the lines are of that context */
	struct stk_printed *out;
	struct stk_printed next; /* of lines that come before the registers */
};

/* The first bytes of a line as a string; of one that is gone there are none. */
static void copy_line(const struct stk_log_record *record, char line[MAX_LINE])
{
	size_t len = record->len < MAX_LINE - 1 ? record->len : MAX_LINE - 1;

	if (!record->text)
		len = 0;
	if (len)
		memcpy(line, record->text, len);
	line[len] = '\0';
}

/* The number behind @what; false: it is not there. */
static bool number_behind(const char *line, const char *what, uint64_t *out)
{
	const char *at = strstr(line, what);
	char *end;

	if (!at)
		return false;
	at += strlen(what);
	*out = strtoull(at, &end, 16);
	return end > at;
}

/* "Oops: 0002 [#1] SMP": die_counter comes behind the error code. */
static bool error_code(const struct stk_printed_words *words, const char *line,
		       uint64_t *out)
{
	const char *at = strstr(line, " [#");
	size_t digits = 0;
	char *end;

	for (size_t i = 0; i < 2; i++)
		if (words->no_error[i] && strstr(line, words->no_error[i]))
			return false;
	if (!at)
		return false;
	while (at > line && strchr("0123456789abcdef", at[-1])) {
		at--;
		digits++;
	}
	if (digits < 4 || at == line || at[-1] != ' ')
		return false;
	*out = strtoull(at, &end, 16);
	return true;
}

/* "RSP: 0018:ffffc900000b8cf8 EFLAGS: 00000046" */
static bool stack_pointer(const struct stk_printed_words *words, const char *line,
			  uint64_t *out)
{
	const char *at;

	if (!words->selector)
		return number_behind(line, words->sp, out);
	at = strstr(line, words->sp);
	at = at ? strchr(at + strlen(words->sp), ':') : NULL;
	return at && number_behind(at, ":", out);
}

static void take_registers(struct search *q, uint64_t sp)
{
	struct stk_printed *out = q->out;

	q->here = sp == q->sp;
	if (q->here && q->next.has_error) {
		out->has_error = true;
		out->error = q->next.error;
		out->has_address = q->next.has_address;
		out->address = q->next.address;
	}
	q->next = (struct stk_printed){ 0 };
}

static bool on_record(void *ctx, const struct stk_log_record *record)
{
	struct search *q = ctx;
	const struct stk_printed_words *words = q->words;
	char line[MAX_LINE];
	uint64_t value;

	copy_line(record, line);
	if (error_code(words, line, &q->next.error)) {
		q->next.has_error = true;
	} else if (!strncmp(line, words->line, strlen(words->line))) {
		q->next.has_address =
			number_behind(line, words->address, &q->next.address);
	} else if (stack_pointer(words, line, &value)) {
		take_registers(q, value);
	} else if (q->here && words->late_address &&
		   number_behind(line, words->late_address, &value)) {
		q->out->has_late = true;
		q->out->late = value;
	}
	return true;
}

void stk_find_printed(struct stk *s, const struct stk_printed_words *words, uint64_t sp,
		      struct stk_printed *out)
{
	struct stk_printed found = { 0 };
	struct search q = { .words = words, .sp = sp, .out = &found };

	*out = (struct stk_printed){ 0 };
	if (!stk_log(s, on_record, &q))
		*out = found;
}

/* ---- what was saved on an overflow stack ---- */

struct overflow {
	struct stk *s;
	const struct stk_stack *stack;
	bool here;	     /* the lines are of that stack */
	struct stk_regs now; /* that are being printed */
	struct stk_regs found;
};

/* "Overflow stack: [0xff6000000ffc8070..0xff6000000ffc9070]" */
static bool names_stack(const char *line, uint64_t *begin, uint64_t *end)
{
	const char *at = strstr(line, "Overflow stack:");

	return at && number_behind(at, "[", begin) && number_behind(at, "..", end);
}

/* The register called @name, which is @len bytes long; -1: none. */
static int register_of(const struct stk_arch *a, const char *name, size_t len)
{
	for (const struct stk_reg_word *w = a->reg_words; w && w->name; w++)
		if (strlen(w->name) == len && !strncasecmp(w->name, name, len))
			return (int)w->reg;
	for (int i = 0; a->reg_names[i]; i++)
		if (strlen(a->reg_names[i]) == len &&
		    !strncasecmp(a->reg_names[i], name, len))
			return i;
	return -1;
}

#define WORD_DIGITS 16u

/* "epc : ffffffff80a654c8 ra : ffffffff01e96056": what is no number of 64 bits is a name.
 */
static void take_words(struct overflow *o, const char *line)
{
	for (const char *at = line; (at = strchr(at, ':'));) {
		const char *name = at, *value = ++at;
		size_t digits = 0, len = 0;
		int reg;

		while (name > line && name[-1] == ' ')
			name--;
		for (; name > line && isalnum((unsigned char)name[-1]); name--)
			len++;
		value += strspn(value, " ");
		while (isxdigit((unsigned char)value[digits]))
			digits++;
		reg = register_of(o->s->arch, name, len);
		if (reg < 0 || digits != WORD_DIGITS ||
		    (value[digits] && value[digits] != ' '))
			continue;
		o->now.v[reg] = strtoull(value, NULL, 16);
		o->now.valid |= 1ull << reg;
	}
}

/* What came when the stack was in use already tells nothing of what led to it. */
static void keep_words(struct overflow *o)
{
	const struct stk_arch *a = o->s->arch;
	const uint64_t want = 1ull << a->ip | 1ull << a->sp | 1ull << a->fp;
	uint64_t sp = o->now.v[a->sp];

	if ((o->now.valid & want) == want &&
	    !stk_sp_within(sp, o->stack->begin, o->stack->end))
		o->found = o->now;
}

static bool on_overflow(void *ctx, const struct stk_log_record *record)
{
	struct overflow *o = ctx;
	char line[MAX_LINE];
	uint64_t begin, end;

	copy_line(record, line);
	if (names_stack(line, &begin, &end)) {
		o->here = begin == o->stack->begin && end == o->stack->end;
		o->now = (struct stk_regs){ 0 };
	} else if (o->here && strstr(line, "Kernel panic")) {
		o->here = false;
	} else if (o->here) {
		take_words(o, line);
		keep_words(o);
	}
	return true;
}

bool stk_printed_overflow(struct stk *s, const struct stk_stack *stack,
			  struct stk_regs *regs)
{
	struct overflow o = { .s = s, .stack = stack };

	if (stk_log(s, on_overflow, &o) || !o.found.valid)
		return false;
	*regs = o.found;
	return true;
}
