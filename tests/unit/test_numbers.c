/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what arguments are numbers, symbols and CPUs, to the last character, and the
 * words in which it is told that one is none.
 */
#include "asked.h"
#include "memory.h"
#include "suite.h"

#include "commands/args.h"

#include <stdlib.h>
#include <string.h>

static struct stk *s;

static void setup(void)
{
	fixture_kernel();
	syn_use_kallsyms(m);
	s = syn_open(m);
	ask(s, "tss -c 0");
}

START_TEST(lengths_of_numbers)
{
	static const struct {
		const char *text;
		size_t len;
	} row[] = {
		{ "", 0 },
		{ "0", 1 },
		{ "12", 2 },
		{ "12UL", 4 }, /* a word of its own */
		{ "0x12", 4 },
		{ "0X12", 4 },
		{ "0x12u", 4 },
		{ "0x12U", 4 },
		{ "0x12l", 4 },
		{ "0x12L", 4 },
		{ "0x12ul", 4 },
		{ "0x12ULL", 4 },
		{ "0x12ulll", 8 },
		{ "0x1", 3 },
		{ "0x", 2 },
		{ "0xul", 4 },
		{ "0xgul", 5 },
		{ "0x12h", 5 },
		{ "0x12H", 5 },
		{ "ffffffff81001234", 16 },
		{ "ffffffff81001234u", 16 },
		{ "ffffffff81001234UL", 16 },
		{ "ffffffff81001234ULL", 16 },
		{ "ffffffff81001234ULLL", 20 },
		{ "fffffff81001234UL", 17 },
		{ "0ffffffff81001234UL", 19 },
		{ "ffffffff8100123gUL", 18 },
		{ "ffffffff81001234h", 16 },
		{ "FFFFFFFF81001234H", 16 },
		{ "0ffffffff81001234h", 17 },
		{ "fffffff81001234h", 16 }, /* 15 digits: a word */
		{ "ffffffff8100123gh", 17 },
		{ "ull", 3 },
		{ "ulul", 4 },
		{ "h", 1 },
		{ "H", 1 },
		{ "l", 1 },
		{ "xffffffff81001234", 17 },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert_msg(stk_number_length(row[i].text) == row[i].len, "%s: %zu",
			      row[i].text, stk_number_length(row[i].text));
}
END_TEST

START_TEST(hexadecimal)
{
	static const struct {
		const char *text;
		uint64_t value;
		bool wrong;
	} row[] = {
		{ "0", 0, false },
		{ "aF09", 0xaf09, false },
		{ "0xaF09", 0xaf09, false },
		{ "0Xa", 0xa, false },
		{ "00000000000000000001", 1, false },
		{ "ffffffffffffffff", ~0ull, false },
		{ "10000000000000000", 0, true },
		{ "", 0, true },
		{ "0x", 0, true },
		{ "0X", 0, true },
		{ "x1", 0, true },
		{ "1x", 0, true },
		{ "0x0x1", 0, true },
		{ "+1", 0, true },
		{ "-1", 0, true },
		{ "0x-1", 0, true },
		{ " 1", 0, true },
		{ "1g", 0, true },
		{ "1G", 0, true },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		uint64_t value = 77;

		ck_assert_msg(stk_parse_hex(row[i].text, &value) == !row[i].wrong, "%s",
			      row[i].text);
		if (!row[i].wrong)
			ck_assert_uint_eq(value, row[i].value);
	}
}
END_TEST

START_TEST(bare_words)
{
	static const char *const row[][2] = {
		{ "", "" },
		{ "a", "a" },
		{ "[<ffffffff81001234>]", "ffffffff81001234" },
		{ "(a)", "a" },
		{ "{a}", "a" },
		{ "\"a\"", "a" },
		{ "'a'", "a" },
		{ "`a`", "a" },
		{ "*a", "a" },
		{ "&a", "a" },
		{ "a*", "a*" },
		{ "a,", "a" },
		{ "a;", "a" },
		{ "a.", "a" },
		{ "a.b.", "a.b" },
		{ "a>])", "a" },
		{ "<[a", "a" },
		{ "12:", "12" },
		{ "0xfF:", "0xfF" },
		{ "foo+12:", "foo+12" },
		{ "<foo+12>:", "foo+12" },
		{ "<foo>:", "foo" },
		{ "foo:", "foo:" }, /* its CPU is missing */
		{ "foo:1", "foo:1" },
		/* What closes it stands right before the colon. */
		{ "<longer_name>:", "longer_name" },
		{ "a)longer:", "a)longer:" },
		{ "a:", "a" },
		{ "g:", "g:" },
		{ ":", ":" },
		{ "+:", "+" },
		{ "[]", "" },
		{ "([<>])", "" },
		{ "1234567", "1234567" },
		{ "[12345678]", NULL },
		{ "[1234567]", "1234567" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char buf[8 + 1 + 16] = "";
		const size_t size =
			i + 3 < sizeof(row) / sizeof(row[0]) ? sizeof(buf) : 8;

		ck_assert_pstr_eq(stk_bare_word(row[i][0], buf, size), row[i][1]);
	}
}
END_TEST

/* What is told, and whether any other dump could make sense of it. */
START_TEST(addresses)
{
	const uint64_t fn = syn_sym(m, "vfs_write");
	const struct {
		const char *text;
		uint64_t value;
		const char *error; /* NULL: it is one */
		bool misused;
	} row[] = {
		{ "ffffffff9b001410", 0xffffffff9b001410, NULL, false },
		{ "vfs_write", fn, NULL, false },
		{ "vfs_write+0", fn, NULL, false },
		{ "vfs_write+16", fn + 16, NULL, false },
		{ "vfs_write+0x10", fn + 16, NULL, false },
		{ "vfs_write+0x10/0x100", fn + 16, NULL, false },
		{ "<vfs_write+0x10/0x100>:", fn + 16, NULL, false },
		/* Digits are a number, not a symbol, however long. */
		{ "0xffffffff9b001410UL", 0xffffffff9b001410, NULL, false },
		{ "0000000000000000000000000000012", 0x12, NULL, false },
		{ "00000000000000000000000000000012", 0,
		  "00000000000000000000000000000012: neither an address nor a symbol: there "
		  "is no symbol 00000000000000000000000000000012\n",
		  false },
		{ "current_task:1", SYN_PERCPU(1) + 0x1f010, NULL, false },
		{ "current_task:65535", 0,
		  "current_task:65535: neither an address nor a symbol: there is no CPU "
		  "65535\n",
		  false },
		{ "current_task:65536", 0, "not a CPU number: \"65536\"\n", true },
		{ "current_task:4294967297", 0, "not a CPU number: \"4294967297\"\n",
		  true },
		{ "current_task:-1", 0, "not a CPU number: \"-1\"\n", true },
		{ "current_task:1x", 0, "not a CPU number: \"1x\"\n", true },
		{ "current_task:", 0, "not a CPU number: \"\"\n", true },
		{ "vfs_write+", 0, "not an offset: \"\"\n", true },
		{ "vfs_write+x", 0, "not an offset: \"x\"\n", true },
		{ "vfs_write+1x", 0, "not an offset: \"1x\"\n", true },
		{ "vfs_write+0x10/", 0, "not an offset: \"0x10/\"\n", true },
		{ "vfs_write+0x10/0", 0, "not an offset: \"0x10/0\"\n", true },
		{ "vfs_write+0x10/x", 0, "not an offset: \"0x10/x\"\n", true },
		{ "vfs_write+0x10/0x20x", 0, "not an offset: \"0x10/0x20x\"\n", true },
		{ "vfs_write+0x10000000000000000", 0,
		  "not an offset: \"0x10000000000000000\"\n", true },
		{ "vfs_write+1/0x10000000000000000", 0,
		  "not an offset: \"1/0x10000000000000000\"\n", true },
		{ "nothing", 0,
		  "nothing: neither an address nor a symbol: there is no symbol nothing\n",
		  false },
		{ "[nothing+1]", 0,
		  "[nothing+1]: neither an address nor a symbol: there is no symbol "
		  "nothing\n",
		  false },
		{ "nothing+1/2", 0,
		  "nothing+1/2: neither an address nor a symbol: there is no symbol "
		  "nothing\n",
		  false },
		{ "()", 0, "not an address: \"()\"\n", true },
		{ "", 0, "not an address: \"\"\n", true },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		uint64_t value = 77;

		asked.errors[0] = '\0';
		asked.cmd.misused = false;
		ck_assert_msg(stk_parse_address(&asked.cmd, row[i].text, &value) ==
				      !row[i].error,
			      "%s", row[i].text);
		ck_assert_str_eq(asked.errors, row[i].error ? row[i].error : "");
		ck_assert_msg(asked.cmd.misused == row[i].misused, "%s", row[i].text);
		if (!row[i].error)
			ck_assert_uint_eq(value, row[i].value);
	}
}
END_TEST

/* Of several functions of that name the one of that size; else that is told. */
START_TEST(sizes_of_functions)
{
	const uint64_t fn = syn_sym(m, "vfs_write");
	uint64_t value;

	asked.errors[0] = '\0';
	ck_assert(stk_parse_address(&asked.cmd, "vfs_write+0x10/0x110", &value));
	ck_assert_uint_eq(value, fn + 16);
	ck_assert_str_eq(asked.errors,
			 "vfs_write is 0x100 bytes long here, not 0x110: is that of "
			 "another kernel?\n");
	/* Data has no such size. */
	asked.errors[0] = '\0';
	ck_assert(stk_parse_address(&asked.cmd, "init_task+0x10/0x110", &value));
	ck_assert_uint_eq(value, syn_sym(m, "init_task") + 16);
	ck_assert_str_eq(asked.errors, "");
}
END_TEST

START_TEST(a_long_word)
{
	char text[600];
	uint64_t value;

	/* Digits, too. */
	memset(text, '0', 500);
	text[500] = '\0';
	asked.errors[0] = '\0';
	ck_assert(!stk_parse_address(&asked.cmd, text, &value));
	ck_assert(!strncmp(asked.errors, text, 300));

	for (size_t len = 511; len <= 512; len++) {
		memset(text, 'z', len);
		text[len] = '\0';
		asked.errors[0] = '\0';
		ck_assert(!stk_parse_address(&asked.cmd, text, &value));
		ck_assert((len == 512) ==
			  !strcmp(asked.errors, "the name of a symbol is too long\n"));
	}
}
END_TEST

START_TEST(numbers_of_cpus)
{
	static const struct {
		const char *text;
		unsigned int value;
		const char *error;
		bool misused;
	} row[] = {
		{ "0", 0, NULL, false },
		{ "2", 2, NULL, false },
		{ "002", 2, NULL, false },
		{ "3", 0, "there is no CPU 3: the highest is 2\n", false },
		{ "65535", 0, "there is no CPU 65535: the highest is 2\n", false },
		{ "65536", 0, "not a CPU number: \"65536\"\n", true },
		{ "4294967296", 0, "not a CPU number: \"4294967296\"\n", true },
		{ "99999999999999999999", 0,
		  "not a CPU number: \"99999999999999999999\"\n", true },
		{ "", 0, "not a CPU number: \"\"\n", true },
		{ "x", 0, "not a CPU number: \"x\"\n", true },
		{ "0x1", 0, "not a CPU number: \"0x1\"\n", true },
		{ "-0", 0, "not a CPU number: \"-0\"\n", true },
		{ "1,2", 0, "not a CPU number: \"1,2\"\n", true },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		unsigned int value = 77;

		asked.errors[0] = '\0';
		asked.cmd.misused = false;
		ck_assert_msg(stk_parse_cpu(&asked.cmd, row[i].text, &value) ==
				      !row[i].error,
			      "%s", row[i].text);
		ck_assert_str_eq(asked.errors, row[i].error ? row[i].error : "");
		ck_assert_msg(asked.cmd.misused == row[i].misused, "%s", row[i].text);
		if (!row[i].error)
			ck_assert_uint_eq(value, row[i].value);
	}
}
END_TEST

START_TEST(lists_of_cpus)
{
	static const struct {
		const char *text, *set, *error;
		bool misused;
	} row[] = {
		{ NULL, "111", NULL, false },
		{ "a", "111", NULL, false },
		{ "all", "111", NULL, false },
		{ "al", NULL, "not a list of CPUs: \"al\"\n", true },
		{ "0", "100", NULL, false },
		{ "0,2", "101", NULL, false },
		{ ",1,,2,", "011", NULL, false },
		{ "1-2", "011", NULL, false },
		{ "2-2", "001", NULL, false },
		{ "2-1", NULL, "not a range of CPUs: 2-1\n", true },
		{ "1-3", NULL, "there is no CPU 3: the highest is 2\n", false },
		{ "0,3", NULL, "there is no CPU 3: the highest is 2\n", false },
		{ "x,9", NULL, "not a list of CPUs: \"x\"\n", true },
		{ "1-x", NULL, "not a list of CPUs: \"x\"\n", true },
		{ "1-2-3", NULL, "not a list of CPUs: \"2-3\"\n", true },
		{ "-1", NULL, "not a list of CPUs: \"1\"\n", true },
		{ "", NULL, "an empty list of CPUs\n", true },
		{ ",,", NULL, "an empty list of CPUs\n", true },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_cpu_set set;

		memory_hold();
		asked.errors[0] = '\0';
		asked.cmd.misused = false;
		ck_assert_msg(stk_parse_cpus(&asked.cmd, row[i].text, &set) ==
				      !row[i].error,
			      "%s", row[i].text);
		ck_assert_uint_eq(set.nr, 3);
		ck_assert_str_eq(asked.errors, row[i].error ? row[i].error : "");
		ck_assert(asked.cmd.misused == row[i].misused);
		ck_assert((set.in != NULL) == !row[i].error);
		for (unsigned int cpu = 0; set.in && cpu < 3; cpu++)
			ck_assert_uint_eq(set.in[cpu], row[i].set[cpu] == '1');
		free(set.in);
		/* What the session keeps came with the first. */
		ck_assert(!i || !memory_held());
	}
}
END_TEST

/* Whatever fails behind a Ctrl-C, that is told, and once. */
START_TEST(complaints)
{
	asked.errors[0] = '\0';
	ck_assert_int_eq(stk_complain(&asked.cmd, "a %d", 1), STK_CMD_FAILED);
	ck_assert(!asked.cmd.misused);
	ck_assert_int_eq(stk_misuse(&asked.cmd, "b"), STK_CMD_USAGE);
	ck_assert(asked.cmd.misused && !asked.cmd.told_interrupted);
	m->interrupt = true;
	ck_assert_int_eq(stk_complain(&asked.cmd, "c"), STK_CMD_FAILED);
	ck_assert(asked.cmd.told_interrupted);
	ck_assert_int_eq(stk_complain(&asked.cmd, "d"), STK_CMD_FAILED);
	m->interrupt = false;
	ck_assert_str_eq(asked.errors, "a 1\nb\ninterrupted\n");
}
END_TEST

static const struct unit_test tests[] = {
	TEST(lengths_of_numbers), TEST(hexadecimal),
	TEST(bare_words),	  TEST(addresses),
	TEST(sizes_of_functions), TEST(a_long_word),
	TEST(numbers_of_cpus),	  TEST(lists_of_cpus),
	TEST(complaints),	  { 0 },
};

const struct unit_suite suite_numbers = {
	"numbers",
	{ { "arguments", tests, setup, asked_free } },
};
