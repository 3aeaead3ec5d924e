/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves which tasks the options of xbt and stackof -m choose, that they go together,
 * what is said when none is met or when it cannot be known, and which values make sense.
 */
#include "asked.h"
#include "crowd.h"
#include "suite.h"

#include "commands/select.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

static struct stk *s;

/* The stack of sleeper was once in use to 4096 bytes. */
static void setup(void)
{
	crowd();
	syn_put64(m, SYN_VMALLOC + 0x118000 + 0x3000, 1);
	s = syn_open(m);
}

#define NOT_KNOWN "whether 1 more matches is not known: the state is damaged"

/* The PIDs in the order of the chains, and the line below them. */
static const struct {
	const char *options, *pids, *told;
} chosen[] = {
	{ "--state D", "401 402", NOT_KNOWN },
	{ "--state un", "401 402", NOT_KNOWN },
	{ "--state UNINTERRUPTIBLE", "401 402", NOT_KNOWN },
	{ "--state S", "300", NOT_KNOWN },
	{ "--state I", "600", NOT_KNOWN },
	{ "--state idle", "600", NOT_KNOWN },
	{ "--state ?", "700", "" },
	{ "--state S,?", "300 700", "" },
	{ "--state D,S", "300 401 402", NOT_KNOWN },
	{ "--state S --state I,?", "300 600 700", "" },
	{ "--state t", "", "none of 10 tasks matches; " NOT_KNOWN },
	{ "--state new,T,frozen", "", "none of 10 tasks matches; " NOT_KNOWN },
	{ "-N writer", "401", "" },
	{ "-N *riter", "401 402", "" },
	{ "-N ?riter", "401 402", "" },
	{ "-N rite", "", "none of 10 tasks matches" },
	{ "-N s[hl]*", "300 227", "" },
	{ "-u -N *r*", "300 401 402 700", "" },
	{ "-k -N k*", "600", "" },
	{ "-k -N writer", "", "none of 10 tasks matches" },
	{ "-u -N kworker", "", "none of 10 tasks matches" },
	{ "--used 1", "300 401 402 600 700 227", "" },
	{ "--used 480", "300 401 402 700 227", "" },
	{ "--used 481", "401 402 227", "" },
	{ "--used 0x208", "401 402 227", "" },
	{ "--used 0x209", "227", "" },
	{ "--used 1k", "", "none of 10 tasks matches" },
	{ "--deepest 528", "300 227", "" },
	{ "--deepest 4k", "300", "" },
	{ "--deepest 4K --used 481", "", "none of 10 tasks matches" },
	{ "--deepest 4097", "", "none of 10 tasks matches" },
	{ "-A -c 1 --used 1", "300 401 402 700 227", "" },
	{ "-A -c 0 -N k*", "600", "" },
	{ "-A -c 2 -N k*", "", "none of 10 tasks matches" },
	{ "-c 1 -N sh", "227", "" },
	{ "-c 1 -N writer", "", "none of 1 tasks matches" },
	{ "300 -N sleeper", "300", "" },
	{ "300 401 -N writer", "401", "" },
	/* Tasks that no chain can be had of are said to be unsure. */
	{ "-M disk", "401 402",
	  "whether 4 more match is not known: the chain is not certain" },
	{ "-M d* -N w*", "401", "" },
	{ "--function disk_wait --state D", "401 402",
	  "whether 1 more matches is not known: the state is damaged or the chain is not "
	  "certain" },
	{ "--function timer_fn", "227",
	  "whether 4 more match is not known: the chain is not certain" },
	{ "--function *_thread -k --used 1", "600", "" },
	{ "--function vfs_write -M disk -u --used 1", "", "none of 10 tasks matches" },
	{ "--function disk_wait -M disk -N W*", "402", "" },
	{ "--function nothing -N w*", "", "none of 10 tasks matches" },
	{ "-R disk_wait -N W*", "402", "" },
};

/* The last line, if it is about the choice. */
static const char *told(void)
{
	static char text[256];
	const char *at = strstr(asked.out, "xbt: none of");

	if (!at)
		at = strstr(asked.out, "xbt: whether");
	snprintf(text, sizeof(text), "%.*s", at ? (int)strcspn(at, "\n") - 5 : 0,
		 at ? at + 5 : "");
	return text;
}

START_TEST(by_option)
{
	ck_assert_int_eq(ask(s, "xbt %s", chosen[_i].options), STK_CMD_OK);
	ck_assert_str_eq(asked.errors, "");
	ck_assert_msg(!strcmp(asked_pids(), chosen[_i].pids), "%s: %s",
		      chosen[_i].options, asked_pids());
	ck_assert_msg(!strcmp(told(), chosen[_i].told), "%s: %s", chosen[_i].options,
		      told());
	expect_answers(__func__, _i);
}
END_TEST

static int count_of(const char *key)
{
	struct json_object *doc = json_tokener_parse(asked.out), *value;
	int nr = -1;

	ck_assert_ptr_nonnull(doc);
	if (json_object_object_get_ex(doc, key, &value))
		nr = json_object_is_type(value, json_type_array)
			     ? (int)json_object_array_length(value)
			     : json_object_get_int(value);
	json_object_put(doc);
	return nr;
}

/* A document has the number that the text has in words, and only of a choice. */
START_TEST(in_json)
{
	ck_assert_int_eq(ask(s, "xbt -j --state D"), STK_CMD_OK);
	ck_assert_int_eq(count_of("chains"), 2);
	ck_assert_int_eq(count_of("tasks_unsure"), 1);
	ck_assert_int_eq(ask(s, "xbt -j -M disk"), STK_CMD_OK);
	ck_assert_int_eq(count_of("chains"), 2);
	ck_assert_int_eq(count_of("tasks_unsure"), 4);
	ck_assert_int_eq(ask(s, "xbt -j 300"), STK_CMD_OK);
	ck_assert_int_eq(count_of("tasks_unsure"), -1);
	ck_assert_int_eq(ask(s, "stackof -m -j --state D"), STK_CMD_OK);
	ck_assert_int_eq(count_of("stacks"), 2);
	ck_assert_int_eq(count_of("tasks_unsure"), 1);
	ck_assert_int_eq(ask(s, "stackof -m -j -M disk"), STK_CMD_OK);
	ck_assert_int_eq(count_of("stacks"), 2);
	ck_assert_int_eq(ask(s, "stackof -m -j"), STK_CMD_OK);
	ck_assert_int_eq(count_of("stacks"), 35);
	ck_assert_int_eq(count_of("tasks_unsure"), -1);
}
END_TEST

/* The rows that stay of the map, by what is in their last column. */
static const struct {
	const char *options, *rows;
} mapped[] = {
	{ "--state D",
	  "TASK 401 \"writer\" D\nTASK 402 \"Writer\" D\n"
	  "0 stacks of CPUs, 0 KiB; 2 of tasks, 32 KiB, deepest use 520: TASK 401 "
	  "\"writer\" D\n"
	  "stackof: " NOT_KNOWN "\n" },
	{ "-k -N k*",
	  "TASK 600 \"kworker\" I\n"
	  "0 stacks of CPUs, 0 KiB; 1 of tasks, 16 KiB, deepest use 408: TASK 600 "
	  "\"kworker\" I\n" },
	{ "--function timer_fn --used 1",
	  "TASK 227 \"sh\" R\n"
	  "0 stacks of CPUs, 0 KiB; 1 of tasks, 16 KiB, deepest use 528: TASK 227 \"sh\" "
	  "R\n" },
	{ "-c 2", "IRQ CPU 2\nENTRY_TRAMPOLINE CPU 2\n#DF CPU 2\nNMI CPU 2\n#DB CPU 2\n"
		  "#MC CPU 2\n#VC CPU 2\n#VC2 CPU 2\nTASK 0 \"swapper/2\" R\n"
		  "8 stacks of CPUs, 52 KiB; 1 of tasks, 16 KiB\n" },
	{ "-c 2 -N s*", "TASK 0 \"swapper/2\" R\n"
			"0 stacks of CPUs, 0 KiB; 1 of tasks, 16 KiB\n" },
	{ "-N nobody", "0 stacks of CPUs, 0 KiB; 0 of tasks, 0 KiB\n"
		       "stackof: none of 11 tasks matches\n" },
	/* A task that has no chain may have been in it. */
	{ "-M disk -N w*",
	  "TASK 401 \"writer\" D\n"
	  "0 stacks of CPUs, 0 KiB; 1 of tasks, 16 KiB, deepest use 520: TASK "
	  "401 \"writer\" D\n" },
	{ "-M disk -N init",
	  "0 stacks of CPUs, 0 KiB; 0 of tasks, 0 KiB\n"
	  "stackof: none of 11 tasks matches; whether 1 more matches is not known: the chain "
	  "is not certain\n" },
};

START_TEST(of_the_map)
{
	char rows[8192] = "";

	ck_assert_int_eq(ask(s, "stackof -m %s", mapped[_i].options), STK_CMD_OK);
	/* The first line has the columns' names. */
	strtok(asked.out, "\n");
	for (char *line; (line = strtok(NULL, "\n"));) {
		const size_t len = strlen(rows);
		bool is_row = line[16] == ' ' && line[33] == ' ';

		snprintf(rows + len, sizeof(rows) - len, "%s\n",
			 line + (is_row ? 63 : 0));
	}
	ck_assert_str_eq(rows, mapped[_i].rows);
	expect_answers(__func__, _i);
}
END_TEST

/* ---- values ---- */

static enum stk_command_result begin(struct stk_select *sel, char key, const char *value,
				     const char *cpus)
{
	struct stk_args args = { 0 };

	args.given[(unsigned char)key] = value;
	return stk_select_begin(sel, &asked.cmd, &args, cpus);
}

START_TEST(bytes)
{
	static const struct {
		const char *text;
		uint64_t value;
		bool wrong;
	} row[] = {
		{ "0", 0, false },
		{ "7", 7, false },
		{ "4096", 4096, false },
		{ "0x10", 16, false },
		{ "1k", 1024, false },
		{ "2K", 2048, false },
		{ "0x2k", 2048, false },
		{ "4294967294", 4294967294, false },
		{ "4294967295", 0, true },
		{ "4194303k", 4294966272, false },
		{ "4194304k", 0, true },
		/* Too much for 64 bits, too: with k it is 1024 again. */
		{ "18014398509481985k", 0, true },
		{ "18446744073709551617", 0, true },
		{ "", 0, true },
		{ "k", 0, true },
		{ "-1", 0, true },
		{ "-0", 0, true },
		{ "+1", 0, true },
		{ "1kk", 0, true },
		{ "1m", 0, true },
		{ "1 ", 0, true },
	};

	ask(s, "tss -c 0");
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		static const char key[] = { STK_KEY_USED, STK_KEY_DEEPEST };
		char want[96];

		for (size_t k = 0; k < 2; k++) {
			struct stk_select sel;
			enum stk_command_result res;

			asked.errors[0] = '\0';
			res = begin(&sel, key[k], row[i].text, NULL);
			ck_assert_msg(res == (row[i].wrong ? STK_CMD_USAGE : STK_CMD_OK),
				      "%s", row[i].text);
			ck_assert(sel.any && !sel.of_chain);
			snprintf(want, sizeof(want), "not a number of bytes: \"%s\"\n",
				 row[i].text);
			ck_assert_str_eq(asked.errors, row[i].wrong ? want : "");
			if (!row[i].wrong)
				ck_assert_uint_eq(k ? sel.deepest : sel.used,
						  row[i].value);
			if (!row[i].wrong)
				ck_assert_uint_eq(k ? sel.used : sel.deepest, 0);
			stk_select_free(&sel);
		}
	}
	expect_answers(__func__, _i);
}
END_TEST

/* A letter as it stands, words in any case. */
START_TEST(states)
{
	static const struct {
		const char *text, *wrong;
	} row[] = {
		{ "R", NULL },
		{ "D,Z", NULL },
		{ "new,?", NULL },
		{ "?,R", NULL },
		{ "uN,Zombie", NULL },
		{ "", "" },
		{ ",", "," },
		{ "R,", "" },
		{ ",R", ",R" },
		{ "R,,S", ",S" },
		{ "R,x,S", "x,S" },
		{ "r", "r" },
		{ "NEW", NULL },
		{ "RS", "RS" },
		{ "??", "??" },
		{ "sleepin", "sleepin" },
		{ "sleepings", "sleepings" },
		{ "1234567890123456789012345678901234567890x",
		  "1234567890123456789012345678901234567890" },
	};

	ask(s, "tss -c 0");
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_select sel;
		char want[160];

		asked.errors[0] = '\0';
		ck_assert_msg(begin(&sel, STK_KEY_STATE, row[i].text, NULL) ==
				      (row[i].wrong ? STK_CMD_USAGE : STK_CMD_OK),
			      "%s", row[i].text);
		snprintf(want, sizeof(want),
			 "--state: \"%s\" is none of R, S, D, T, t, Z, X, P, I, new and "
			 "?\n",
			 row[i].wrong ? row[i].wrong : "");
		ck_assert_str_eq(asked.errors, row[i].wrong ? want : "");
		stk_select_free(&sel);
	}
	expect_answers(__func__, _i);
}
END_TEST

/* Nothing but CPUs: only then their own stacks are meant, too. */
START_TEST(of_cpus_only)
{
	static const struct {
		char key;
		const char *value, *cpus;
		bool only, any, of_chain;
	} row[] = {
		{ 'j', "", NULL, false, false, false },
		{ 'j', "", "0,2", true, true, false },
		{ 'u', "", "0,2", false, true, false },
		{ 'k', "", "0,2", false, true, false },
		{ 'N', "a", "0,2", false, true, false },
		{ 'M', "a", "0,2", false, true, true },
		{ STK_KEY_FUNCTION, "a", "0,2", false, true, true },
		{ STK_KEY_STATE, "R", "0,2", false, true, false },
		{ STK_KEY_USED, "1", "0,2", false, true, false },
		{ STK_KEY_DEEPEST, "1", "0,2", false, true, false },
		{ 'u', "", NULL, false, true, false },
	};
	struct stk_select sel;

	ask(s, "tss -c 0");
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		ck_assert_int_eq(begin(&sel, row[i].key, row[i].value, row[i].cpus),
				 STK_CMD_OK);
		ck_assert_msg(stk_select_cpus_only(&sel) == row[i].only, "row %zu", i);
		ck_assert(sel.any == row[i].any && sel.of_chain == row[i].of_chain);
		ck_assert(stk_select_cpu(&sel, 0) && stk_select_cpu(&sel, 2));
		for (int cpu = -1; cpu <= 3; cpu += cpu < 0 ? 2 : 2)
			ck_assert(stk_select_cpu(&sel, cpu) == !row[i].cpus);
		stk_select_free(&sel);
		ck_assert_ptr_null(sel.cpus.in);
	}
	asked.errors[0] = '\0';
	ck_assert_int_eq(begin(&sel, 'u', "", "0,9"), STK_CMD_FAILED);
	ck_assert_str_eq(asked.errors, "there is no CPU 9: the highest is 2\n");
	stk_select_free(&sel);
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(what_is_said)
{
	static const struct {
		struct stk_select sel;
		const char *text; /* NULL: nothing */
	} row[] = {
		{ { .nr_seen = 3 }, NULL },
		{ { .nr_seen = 3, .nr_unsure = 1 }, NULL },
		{ { .any = true }, NULL },
		{ { .any = true, .nr_seen = 3, .nr_met = 1 }, NULL },
		{ { .any = true, .nr_seen = 3 }, "none of 3 tasks matches" },
		{ { .any = true, .nr_seen = 3, .nr_unsure = 2 },
		  "none of 3 tasks matches; whether 2 more match is not known: the state "
		  "is damaged" },
		{ { .any = true,
		    .of_chain = true,
		    .nr_seen = 3,
		    .nr_met = 2,
		    .nr_unsure = 1 },
		  "whether 1 more matches is not known: the chain is not certain" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char text[160] = "x";

		ck_assert(stk_select_text(&row[i].sel, text, sizeof(text)) ==
			  (row[i].text != NULL));
		ck_assert_str_eq(text, row[i].text ? row[i].text : "");
	}
}
END_TEST

static const struct unit_test tests[] = {
	LOOP(by_option, sizeof(chosen) / sizeof(chosen[0])),
	TEST(in_json),
	LOOP(of_the_map, sizeof(mapped) / sizeof(mapped[0])),
	TEST(bytes),
	TEST(states),
	TEST(of_cpus_only),
	TEST(what_is_said),
	{ 0 },
};

const struct unit_suite suite_select = {
	"select",
	{ { "tasks", tests, setup, asked_free } },
};
