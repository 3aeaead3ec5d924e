/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that what stands behind the end of a text is none of it, whoever reads it and
 * wherever it ends; and what a pattern of a message takes.
 */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/events_frames.h"
#include "report/events_line.h"
#include "report/events_match.h"
#include "report/events_trace.h"
#include "report/oops_text.h"

/* Lines of each form that any of these reads. */
static const char *const lines[] = {
	"<4>[   12.345678] [    T1] RIP: 0010:f+0x12/0x34 [m 0123abcd]",
	"6,416,17584,-,caller=T12;Call Trace:",
	"kern  :alert : BUG: a",
	"Nov 26 07:18:43 host kern.warn kernel[1]: words",
	"Nov 26 07:18:43 host kernel: words",
	"Nov 26 07:18:43  words",
	"2026-11-26T07:18:43.123456+01:00 host kernel: words",
	"2026-11-26 07:18:43,1Z words",
	"host login: [   12.345678] words",
	"[Thu Nov 26 07:18:43 2026] words",
	"> > |\t kernel: words",
	" \t[<ffffffff81001234>] ? f+0x1/0x2 [m]",
	"? [<0>] f.isra.0+0x1/0x2 (L)",
	"f (mm/a.c:12 mm/b.h:3) [m]",
	"f mm/a.c:12 [inline]",
	"0xffffffffc0123456",
	"ffffffffc0123456",
	"call f+0x12/0x34 and [<ffffffff81001234>] g.cold+0x0ffff/0x2 [<n]",
	"CPU: 1 UID: 0 PID: 7 Comm: a b Not tainted 6.1.0 #1",
	"CPU: 1 PID: 7 Comm: a Tainted: G W 6.1.0 #1",
	"task:sh  state:D stack:0 pid:12",
	"BUG: a\\nb\\\\tc\\u000ad\\u001b[31me\\x0af#012g#033[0mh^[[1mi\033(Bj\033[1;31mk\r\nl",
	"\033[1;31mwords",
	"a=\nb=\r\nc=3D=20=5B &lt;IRQ&gt; &amp;&#39;&#x3c;&nbsp;= =3",
	"Code: 12 34 <56> 78",
	"pid 12 at 0x1f in f of the rest",
};

/* The first @n bytes of a line, with the rest behind them, or with zeros. */
struct ends {
	char *with, *without;
	size_t n;
};

#define each_end(e)                                                                      \
	for (size_t i_ = 0; i_ < sizeof(lines) / sizeof(lines[0]); i_++)                 \
		for (struct ends e = { .n = 0 }; next_end(&e, lines[i_]); e.n++)

static bool next_end(struct ends *e, const char *line)
{
	const size_t len = strlen(line);

	free(e->with);
	free(e->without);
	if (e->n > len)
		return false;
	e->with = calloc(1, len + 64);
	e->without = calloc(1, len + 64);
	memcpy(e->with, line, len);
	memcpy(e->without, line, e->n);
	return true;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

START_TEST(ends_of_lines)
{
	each_end(e)
	{
		struct stk_event_line a, b;

		stk_event_line(&a, e.with, e.n);
		stk_event_line(&b, e.without, e.n);
		ck_assert_msg(a.len == b.len && a.text - e.with == b.text - e.without,
			      "%s", e.without);
		ck_assert_msg(!a.time == !b.time && a.time_len == b.time_len &&
				      a.caller == b.caller && a.id == b.id,
			      "%s", e.without);
		ck_assert(a.text >= e.with && a.text + a.len <= e.with + e.n);
	}
}
END_TEST

START_TEST(ends_of_frames)
{
	struct stk_arena arena = { 0 };

	each_end(e)
	{
		struct stk_event_frame a, b;
		const bool is = stk_frame_read(&arena, e.without, e.n, &b);

		ck_assert_msg(stk_frame_read(&arena, e.with, e.n, &a) == is, "%s",
			      e.without);
		ck_assert_msg(same_text(a.function, b.function) &&
				      same_text(a.module, b.module),
			      "%s", e.without);
		ck_assert_msg(a.offset == b.offset && a.size == b.size &&
				      a.has_offset == b.has_offset &&
				      a.doubtful == b.doubtful && a.inlined == b.inlined,
			      "%s", e.without);
	}
	stk_arena_free(&arena);
}
END_TEST

START_TEST(ends_of_functions)
{
	each_end(e)
	{
		struct stk_oops_function a = { 0 }, b = { 0 };
		size_t at = 0, at_b = 0;
		bool is;

		do {
			is = stk_oops_function(e.without, e.n, &at_b, &b);
			ck_assert_msg(stk_oops_function(e.with, e.n, &at, &a) == is, "%s",
				      e.without);
			if (!is)
				break;
			ck_assert_msg(at == at_b && a.begin == b.begin &&
					      !strcmp(a.name, b.name),
				      "%s", e.without);
			ck_assert_msg(a.offset == b.offset && a.size == b.size &&
					      a.has_addr == b.has_addr &&
					      (!a.has_addr || a.addr == b.addr) &&
					      a.in_module == b.in_module,
				      "%s", e.without);
		} while (true);
	}
}
END_TEST

START_TEST(ends_of_texts)
{
	each_end(e)
	{
		const bool begins = stk_trace_begins(e.without, e.n);
		size_t len;

		ck_assert_msg(stk_trace_begins(e.with, e.n) == begins, "%s", e.without);
		len = stk_oops_clean(e.without, e.n);
		ck_assert_uint_le(len, e.n);
		ck_assert_msg(stk_oops_clean(e.with, e.n) == len, "%.*s", (int)len,
			      e.without);
		ck_assert_mem_eq(e.with, e.without, len);
	}
}
END_TEST

/* What is taken, each in "<>"; NULL: it does not match. */
static const struct {
	const char *pattern, *text, *rest; /* that follows in memory */
	const char *taken;
} matches[] = {
	{ "", "", "", "" },
	{ "", "abc", "", "" },
	{ "abc", "abc", "", "" },
	{ "abc", "abcd", "", "" },
	{ "abc", "ab", "c", NULL },
	{ "abc", "abd", "", NULL },
	/* A blank is one or more, of either kind. */
	{ "a b", "a b", "", "" },
	{ "a b", "a \t  b", "", "" },
	{ "a b", "ab", "", NULL },
	{ "a b", "a ", "b", NULL },
	{ "a ", "a", " ", NULL },
	{ "a ", "a ", "", "" },
	/* decimal */
	{ "%d", "12", "", "<12>" },
	{ "%d", "12", "34", "<12>" },
	{ "%d", "12x", "", "<12>" },
	{ "%d", "x", "", NULL },
	{ "%d", "", "1", NULL },
	{ "n %d of", "n 1 of 2", "", "<1>" },
	{ "n %d of", "n 1 o", "f", NULL },
	/* hexadecimal */
	{ "%x", "0x1f", "", "<0x1f>" },
	{ "%x", "0X1F", "", "<0X1F>" },
	{ "%x", "0x1f", "ab", "<0x1f>" },
	{ "%x", "1f", "ab", "<1f>" },
	{ "%x", "0x1", "", "<0x1>" },
	{ "%x", "0x1g", "", "<0x1>" },
	{ "%x", "0x", "1", "<0>" },
	{ "%x", "0", "x1", "<0>" },
	{ "%x", "0xg", "", NULL },
	{ "%x", "1x2", "", "<1>" },
	{ "%x", "g", "", NULL },
	{ "%x:", "0x12:", "", "<0x12>" },
	/* a word */
	{ "%w", "a-b c", "", "<a-b>" },
	{ "%w", "ab", "cd", "<ab>" },
	{ "%w", " a", "", NULL },
	{ "%w", "", "a", NULL },
	/* up to the rest */
	{ "%s", "a b", "c", "<a b>" },
	{ "%s", "", "a", NULL },
	{ "%s:", "a b: c", "", "<a b>" },
	{ "%s: d", "a: b: d", "", "<a: b>" },
	{ "%s:", "a b", ":", NULL },
	{ "%s:", ":", "", NULL },
	{ "%s:%d", "a:b:1", "", NULL },
	{ "%s[%d]", "sh[12]", "", "<sh><12>" },
	/* all that is left, if it is none */
	{ "a%*", "a", "b", "<>" },
	{ "a%*", "abc", "d", "<bc>" },
	{ "%d %*", "1 a b", "", "<1><a b>" },
	/* No more than there is room for. */
	{ "%d %d %d %d %d %d %d %d", "1 2 3 4 5 6 7 8", "", "<1><2><3><4><5><6><7><8>" },
	{ "%d %d %d %d %d %d %d %d %d", "1 2 3 4 5 6 7 8 9", "", NULL },
};

START_TEST(patterns)
{
	struct stk_taken taken[STK_MAX_TAKEN + 1] = { 0 };
	char text[128], got[256] = "";
	bool is;

	snprintf(text, sizeof(text), "%s%s", matches[_i].text, matches[_i].rest);
	is = stk_event_match(matches[_i].pattern, text, strlen(matches[_i].text), taken);
	ck_assert_msg(is == (matches[_i].taken != NULL), "%s", matches[_i].text);
	ck_assert_ptr_null(taken[STK_MAX_TAKEN].text);
	if (!is)
		return;
	for (size_t i = 0; i < STK_MAX_TAKEN && taken[i].text; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "<%.*s>",
			 (int)taken[i].len, taken[i].text);
	ck_assert_str_eq(got, matches[_i].taken);
}
END_TEST

START_TEST(numbers)
{
	static const struct {
		const char *text;
		bool decimal, hex;
		uint64_t value, hex_value;
	} row[] = {
		{ "", false, false, 0, 0 },
		{ "0", true, true, 0, 0 },
		{ "12", true, true, 12, 0x12 },
		{ "987654321098765432", true, false, 987654321098765432, 0 },
		{ "9876543210987654321", false, false, 0, 0 },
		{ "0123456789012345", true, true, 123456789012345, 0x123456789012345 },
		{ "0x1f", false, true, 0, 0x1f },
		{ "0X1F", false, true, 0, 0x1f },
		{ "0x", false, false, 0, 0 },
		{ "0xfedcba9876543210", false, true, 0, 0xfedcba9876543210 },
		{ "fedcba98765432101", false, false, 0, 0 },
		{ "0x1g", false, false, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct stk_taken taken = { row[i].text, strlen(row[i].text) };
		uint64_t value;

		if (strspn(row[i].text, "0123456789") == taken.len) {
			ck_assert_int_eq(stk_taken_number(&taken, &value),
					 row[i].decimal);
			if (row[i].decimal)
				ck_assert_uint_eq(value, row[i].value);
		}
		ck_assert_msg(stk_taken_hex(&taken, &value) == row[i].hex, "%s",
			      row[i].text);
		if (row[i].hex)
			ck_assert_uint_eq(value, row[i].hex_value);
	}
}
END_TEST

/* A mark of a stack, in front of a frame or alone; it needs its end. */
START_TEST(marks)
{
	static const struct {
		const char *text, *rest;
		bool is;
		const char *stack, *function;
	} row[] = {
		{ "<IRQ>", "", true, "IRQ", NULL },
		{ "<IRQ> f+0x1/0x2", "", true, "IRQ", "f" },
		{ "<IRQ>f+0x1/0x2", "", true, "IRQ", "f" },
		{ "<IRQ", "> f+0x1/0x2", false, NULL, NULL },
		{ "<IRQ> f+0x1/0x", "2", true, "IRQ", NULL },
		{ "</IRQ>", "", true, "TASK", NULL },
		{ "<EOI>", "", true, "TASK", NULL },
		{ "<<EOE>>", "", true, "TASK", NULL },
		{ "<<EOE>", ">", true, "TASK", NULL },
		{ "<#DF>", "", true, "#DF", NULL },
		{ "<>", "", false, NULL, NULL },
		{ "<", "IRQ>", false, NULL, NULL },
		{ "f+0x1/0x2", "", true, NULL, "f" },
		{ "words", "", false, NULL, NULL },
		{ "", "<IRQ>", true, NULL, NULL },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_arena arena = { 0 };
		struct stk_event_trace t = { 0 };
		struct stk_trace_reader r = { .arena = &arena,
					      .trace = &t,
					      .in_frames = true };
		char text[64];

		snprintf(text, sizeof(text), "%s%s", row[i].text, row[i].rest);
		ck_assert_msg(stk_frame_line(&r, text, strlen(row[i].text)) == row[i].is,
			      "%s", text);
		ck_assert_msg(same_text(r.stack, row[i].stack), "%s", text);
		ck_assert_uint_eq(t.nr_frames, row[i].function != NULL);
		if (row[i].function) {
			ck_assert_str_eq(t.frames[0].function, row[i].function);
			ck_assert(same_text(t.frames[0].stack, row[i].stack));
		}
		stk_arena_free(&arena);
	}
}
END_TEST

static const struct unit_test tests[] = {
	TEST(ends_of_lines),
	TEST(ends_of_frames),
	TEST(ends_of_functions),
	TEST(ends_of_texts),
	LOOP(patterns, sizeof(matches) / sizeof(matches[0])),
	TEST(numbers),
	TEST(marks),
	{ 0 },
};

const struct unit_suite suite_text_ends = {
	"text_ends",
	{ { "ends", tests, NULL, NULL } },
};
