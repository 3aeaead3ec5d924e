/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what is taken from the log of a fault: the error code, the address, and of which
 * context they are, however the machine's kernel words it.
 */
#include "arm64.h"
#include "fixture.h"
#include "suite.h"

#include "arch/printed.h"

#include <stdio.h>
#include <string.h>

static struct stk *s;

static void setup(void)
{
	fixture_task_of(a64_kernel(A64_4K_48, A64_6_12));
}

static const struct stk_printed_words plain = {
	.sp = "sp : ",
	.line = "Unable to handle",
	.address = "address ",
};

static const struct stk_printed_words full = {
	.sp = "RSP: ",
	.selector = true,
	.line = "BUG: ",
	.address = "address: ",
	.late_address = "CR2: ",
	.no_error = { "guard page", "overflow" },
};

static const struct stk_printed_words only_second = {
	.sp = "sp : ",
	.line = "Unable",
	.address = "address ",
	.no_error = { NULL, "overflow" },
};

#define SP	"sp : 0000000000001230"
#define OOPS	"Oops: 96000044 [#1] SMP"
#define ADDRESS "Unable to handle kernel NULL pointer at virtual address 0000000000000010"
#define RSP	"RSP: 0018:ffffc90000001230 EFLAGS: 00000046"
#define CR2	"CR2: 0000000000000018 CR3: 000000010a2b4001"
#define HIGH	0xffffc90000001230ull
#define NOTHING -1

static const struct {
	const char *line[5];
	const struct stk_printed_words *words;
	uint64_t sp;
	int64_t error, address, late; /* NOTHING: it has none */
} logs[] = {
	/* All of it, and less. */
	{ { ADDRESS, OOPS, SP }, &plain, 0x1230, 0x96000044, 0x10, NOTHING },
	{ { OOPS, SP }, &plain, 0x1230, 0x96000044, NOTHING, NOTHING },
	{ { ADDRESS, SP }, &plain, 0x1230, NOTHING, NOTHING, NOTHING },
	{ { SP }, &plain, 0x1230, NOTHING, NOTHING, NOTHING },
	{ { ADDRESS, OOPS }, &plain, 0x1230, NOTHING, NOTHING, NOTHING },
	/* Of another context, before and behind. */
	{ { ADDRESS, OOPS, SP }, &plain, 0x1238, NOTHING, NOTHING, NOTHING },
	{ { OOPS, "sp : 1238", SP }, &plain, 0x1230, NOTHING, NOTHING, NOTHING },
	{ { OOPS, SP, "Oops: 0004 [#2]", "sp : 1238" },
	  &plain,
	  0x1230,
	  0x96000044,
	  NOTHING,
	  NOTHING },
	/* The last time counts. */
	{ { OOPS, SP, "Oops: 86000004 [#2]", SP },
	  &plain,
	  0x1230,
	  0x86000004,
	  NOTHING,
	  NOTHING },
	{ { ADDRESS, OOPS, SP, "Oops: 86000004 [#2]", SP },
	  &plain,
	  0x1230,
	  0x86000004,
	  NOTHING,
	  NOTHING },
	/* What is an error code: four digits at least, behind a blank. */
	{ { "Oops: 0002 [#1]", SP }, &plain, 0x1230, 2, NOTHING, NOTHING },
	{ { "Oops: 002 [#1]", SP }, &plain, 0x1230, NOTHING, NOTHING, NOTHING },
	{ { "Oops: x0002 [#1]", SP }, &plain, 0x1230, NOTHING, NOTHING, NOTHING },
	{ { "0002 [#1]", SP }, &plain, 0x1230, NOTHING, NOTHING, NOTHING },
	{ { " 0002 [#1]", SP }, &plain, 0x1230, 2, NOTHING, NOTHING },
	{ { "Oops: 0002 (#1)", SP }, &plain, 0x1230, NOTHING, NOTHING, NOTHING },
	{ { "Oops: abcdef09 [#1]", SP }, &plain, 0x1230, 0xabcdef09, NOTHING, NOTHING },
	{ { "Oops: ABCD [#1]", SP }, &plain, 0x1230, NOTHING, NOTHING, NOTHING },
	/* Nothing behind what should have a number. */
	{ { "Unable to handle, address ?", OOPS, SP },
	  &plain,
	  0x1230,
	  0x96000044,
	  NOTHING,
	  NOTHING },
	{ { "unable to handle, address 10", OOPS, SP },
	  &plain,
	  0x1230,
	  0x96000044,
	  NOTHING,
	  NOTHING },
	{ { OOPS, "sp : ?", SP }, &plain, 0x1230, 0x96000044, NOTHING, NOTHING },
	/* With a selector, and an address that comes later. */
	{ { "BUG: at address: 18", OOPS, RSP, CR2 },
	  &full,
	  HIGH,
	  0x96000044,
	  0x18,
	  0x18 },
	{ { OOPS, RSP, "CR2: 20" }, &full, HIGH, 0x96000044, NOTHING, 0x20 },
	{ { RSP, CR2 }, &full, HIGH, NOTHING, NOTHING, 0x18 },
	{ { CR2, RSP }, &full, HIGH, NOTHING, NOTHING, NOTHING },
	{ { RSP, "CR2: ?" }, &full, HIGH, NOTHING, NOTHING, NOTHING },
	{ { RSP, "RSP: 0018:1238", CR2 }, &full, HIGH, NOTHING, NOTHING, NOTHING },
	{ { OOPS, "RSP: ffffc90000001230" }, &full, HIGH, NOTHING, NOTHING, NOTHING },
	{ { RSP, CR2, RSP, "CR2: 28" }, &full, HIGH, NOTHING, NOTHING, 0x28 },
	{ { SP, "CR2: 28" }, &plain, 0x1230, NOTHING, NOTHING, NOTHING },
	/* Lines that have no code, by either of their words. */
	{ { "guard page: 0000 [#1]", RSP }, &full, HIGH, NOTHING, NOTHING, NOTHING },
	{ { "overflow: 0000 [#1]", RSP }, &full, HIGH, NOTHING, NOTHING, NOTHING },
	{ { "overflow: 0000 [#1]", SP },
	  &only_second,
	  0x1230,
	  NOTHING,
	  NOTHING,
	  NOTHING },
	{ { "guard page: 0000 [#1]", SP }, &only_second, 0x1230, 0, NOTHING, NOTHING },
};
#define NR_LOGS (int)(sizeof(logs) / sizeof(logs[0]))

static void expect_number(bool has, uint64_t value, int64_t want)
{
	ck_assert_int_eq(has, want != NOTHING);
	if (has)
		ck_assert_uint_eq(value, (uint64_t)want);
}

START_TEST(each_log)
{
	const char *line[6] = { NULL };
	struct stk_printed p;

	memcpy(line, logs[_i].line, sizeof(logs[_i].line));
	other_log(m, line);
	s = syn_open(m);
	stk_find_printed(s, logs[_i].words, logs[_i].sp, &p);
	expect_number(p.has_error, p.error, logs[_i].error);
	expect_number(p.has_address, p.address, logs[_i].address);
	expect_number(p.has_late, p.late, logs[_i].late);
}
END_TEST

/* A line is cut off at 255 bytes. */
START_TEST(long_line)
{
	const char *line[] = { NULL, SP, NULL };
	struct stk_printed p;
	char text[400];

	for (int end = 250; end < 260; end++) {
		setup();
		/* "… 0002 [#" ends at @end. */
		snprintf(text, sizeof(text), "%*s 0002 [#1] and more of it", end - 8,
			 "x");
		line[0] = text;
		other_log(m, line);
		s = syn_open(m);
		stk_find_printed(s, &plain, 0x1230, &p);
		ck_assert_int_eq(p.has_error, end <= 255);
	}
}
END_TEST

START_TEST(no_log)
{
	struct stk_printed p = { .has_error = true, .has_address = true };

	s = syn_open(m);
	stk_find_printed(s, &plain, 0x1230, &p);
	ck_assert(!p.has_error && !p.has_address && !p.has_late);
}
END_TEST

static const struct unit_test tests[] = {
	LOOP(each_log, NR_LOGS),
	TEST(long_line),
	TEST(no_log),
	{ 0 },
};

const struct unit_suite suite_printed = {
	"printed",
	{
		{ "printed", tests, setup, NULL },
	},
};
