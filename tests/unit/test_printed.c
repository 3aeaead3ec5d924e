/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what is taken from the log of a fault: the error code, the address, and of which
 * context they are, however the machine's kernel words it.
 */
#include "arm64.h"
#include "fixture.h"
#include "riscv64.h"
#include "suite.h"

#include "arch/printed.h"
#include "arch/riscv64/riscv64.h"

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

/* Of a line that cannot be read only the length is known: it says nothing. */
START_TEST(line_that_is_gone)
{
	char filler[4001];
	const char *const line[] = { filler, "Oops: 0002 [#1] SMP", NULL };
	const uint64_t text = syn_sym(m, "_text") + OTHER_DATA + 0x9000;
	struct stk_printed p;

	/* Behind it and the next line's head a page ends. */
	memset(filler, 'x', 4000);
	filler[4000] = '\0';
	other_log(m, line);
	ck_assert_uint_eq(syn_get64(m, text) & 0xff, 'O');
	syn_fail(m, text, STK_ERR_EXCLUDED);
	s = syn_open(m);
	stk_find_printed(s, &plain, 0x1230, &p);
	ck_assert(!p.has_error && !p.has_address && !p.has_late);
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

/* ---- the registers of an overflow ---- */

#define BEGIN 0xff60000000000070ull
#define END   0xff60000000001070ull
#define STACK "Overflow stack: [0xff60000000000070..0xff60000000001070]"
#define EPC   "epc : ffffffff80a654c8 ra : ffffffff80a654c0 sp : ff20000000123450"
#define S0    " gp : ffffffff81400000 s0 : ff20000000123490"
#define WITH_SP(sp, found)                                                               \
	{                                                                                \
		{ STACK, "epc : ffffffff80a654c8 sp : " sp, S0 }, found                  \
	}

static const struct {
	const char *line[5];
	bool found;
} overflows[] = {
	{ { STACK, EPC, S0 }, true },
	{ { STACK, S0, EPC }, true },
	{ { EPC, S0 }, false },
	/* Of another stack. */
	{ { "Overflow stack: [0xff60000000000078..0xff60000000001070]", EPC, S0 },
	  false },
	{ { "Overflow stack: [0xff60000000000070..0xff60000000001078]", EPC, S0 },
	  false },
	{ { "Overflow stack: [?", EPC, S0 }, false },
	{ { STACK, "Overflow stack: [0xff60000000000078..0xff60000000001070]", EPC, S0 },
	  false },
	{ { "Overflow stack: [0xff60000000000078..0xff60000000001070]", STACK, EPC, S0 },
	  true },
	/* What is before that is not of it. */
	{ { EPC, STACK, S0 }, false },
	{ { STACK, EPC, STACK, S0 }, false },
	{ { STACK, EPC, "Kernel panic - not syncing: stack overflow", S0 }, false },
	{ { STACK, "Kernel panic - not syncing: stack overflow", EPC, S0 }, false },
	/* Without one of those that lead on. */
	{ { STACK, EPC }, false },
	{ { STACK, "epc : ffffffff80a654c8", S0 }, false },
	{ { STACK, "sp : ff20000000123450", S0 }, false },
	/* On that very stack, to both of its ends. */
	WITH_SP("ff60000000000068", true),
	WITH_SP("ff60000000000070", false),
	WITH_SP("ff60000000000800", false),
	WITH_SP("ff60000000001070", false),
	WITH_SP("ff60000000001078", true),
	/* What is a word: 16 digits behind a name, between blanks. */
	{ { STACK, "epc:ffffffff80a654c8 sp  :  ff20000000123450",
	    "FP : ff20000000123490" },
	  true },
	{ { STACK, ": epc : ffffffff80a654c8 sp : ff20000000123450", S0 }, true },
	{ { STACK, "epc : ffffffff80a654c sp : ff20000000123450", S0 }, false },
	{ { STACK, "epc : ffffffff80a654c89 sp : ff20000000123450", S0 }, false },
	{ { STACK, "epc : ffffffff80a654c8, sp : ff20000000123450", S0 }, false },
	{ { STACK, "xepc : ffffffff80a654c8 sp : ff20000000123450", S0 }, false },
	{ { STACK, "ep : ffffffff80a654c8 sp : ff20000000123450", S0 }, false },
	{ { STACK, "epc  ffffffff80a654c8 sp : ff20000000123450", S0 }, false },
};
#define NR_OVERFLOWS (int)(sizeof(overflows) / sizeof(overflows[0]))

START_TEST(each_overflow)
{
	const struct stk_stack stack = { .begin = BEGIN, .end = END };
	const char *line[6] = { NULL };
	struct stk_regs regs = { 0 };

	memcpy(line, overflows[_i].line, sizeof(overflows[_i].line));
	other_log(m, line);
	s = syn_open(m);
	ck_assert(stk_printed_overflow(s, &stack, &regs) == overflows[_i].found);
	if (!overflows[_i].found)
		return;
	ck_assert_uint_eq(regs.v[RISCV_PC], 0xffffffff80a654c8ull);
	ck_assert_uint_eq(regs.v[RISCV_FP], 0xff20000000123490ull);
	ck_assert(!stk_has_reg(&regs, RISCV_T3));
	ck_assert(stk_has_reg(&regs, RISCV_RA) ==
		  (strstr(line[1], "ra :") || strstr(line[2], "ra :")));
}
END_TEST

/* If it overflowed again, the last time counts. */
START_TEST(overflow_again)
{
	const char *const line[] = {
		STACK, EPC, S0, STACK, "epc : ffffffff80a654d8 sp : ff20000000123450",
		S0,    NULL
	};
	const struct stk_stack stack = { .begin = BEGIN, .end = END };
	struct stk_regs regs;

	other_log(m, line);
	s = syn_open(m);
	ck_assert(stk_printed_overflow(s, &stack, &regs));
	ck_assert_uint_eq(regs.v[RISCV_PC], 0xffffffff80a654d8ull);
	ck_assert(!stk_has_reg(&regs, RISCV_RA));
}
END_TEST

static void setup_riscv64(void)
{
	fixture_task_of(rv_kernel(RV_SV48));
}

static const struct unit_test overflow_tests[] = {
	LOOP(each_overflow, NR_OVERFLOWS),
	TEST(overflow_again),
	{ 0 },
};

static const struct unit_test tests[] = {
	LOOP(each_log, NR_LOGS),
	TEST(long_line),
	TEST(line_that_is_gone),
	TEST(no_log),
	{ 0 },
};

const struct unit_suite suite_printed = {
	"printed",
	{
		{ "printed", tests, setup, NULL },
		{ "overflow", overflow_tests, setup_riscv64, NULL },
	},
};
