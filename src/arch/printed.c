/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "printed.h"

#include <stdlib.h>
#include <string.h>

#include <stackinfo/machine.h>

#define MAX_LINE 256u

struct search {
	const struct stk_printed_words *words;
	uint64_t sp;
	bool here; /* the lines are of that context */
	struct stk_printed *out;
	struct stk_printed next; /* of lines that come before the registers */
};

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
	size_t len = record->len < MAX_LINE - 1 ? record->len : MAX_LINE - 1;
	char line[MAX_LINE];
	uint64_t value;

	if (!record->text)
		return true;
	memcpy(line, record->text, len);
	line[len] = '\0';
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
