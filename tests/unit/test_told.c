/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what is told beside an answer: what the dump lacks, in one line and as JSON, how
 * many chains are certain; the whole of tss; and how a command line is taken apart where
 * two tables share it.
 */
#include "asked.h"
#include "crowd.h"
#include "suite.h"

#include "commands/answer.h"
#include "commands/help.h"
#include "commands/hide.h"
#include "machine/lost.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

static struct stk *s;

static void setup(void)
{
	fixture_interrupt();
	s = syn_open(m);
	ask(s, "tss -c 0");
	asked.errors[0] = '\0';
}

static void teardown(void)
{
	asked_free();
	memset(&asked_by, 0, sizeof(asked_by));
}

/* ---- what is lost ---- */

START_TEST(lost_in_words)
{
	static const struct {
		unsigned int excluded, cut_off, io, damaged;
		const char *text;
	} row[] = {
		{ 1, 0, 0, 0, "1 page was not in the dump (1 excluded; first" },
		{ 2, 0, 0, 0, "2 pages were not in the dump (2 excluded; first" },
		{ 0, 1, 0, 0, "1 page was not in the dump (1 cut off; first" },
		{ 0, 0, 1, 0, "1 page was not in the dump (1 with an I/O error; first" },
		{ 0, 0, 0, 1, "1 page was not in the dump (1 damaged; first" },
		{ 1, 2, 4, 8,
		  "15 pages were not in the dump (1 excluded, 2 cut off, 4 with an I/O "
		  "error, 8 damaged; first" },
		{ 0, 3, 0, 4,
		  "7 pages were not in the dump (3 cut off, 4 damaged; first" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const unsigned int nr[] = { row[i].excluded, row[i].cut_off, row[i].io,
					    row[i].damaged };
		static const enum stk_status why[] = { STK_ERR_EXCLUDED, STK_ERR_CUT_OFF,
						       STK_ERR_IO, STK_ERR_CORRUPT };
		uint64_t page = 5;
		char want[256];

		s = asked.cmd.s = syn_open(m);
		asked.errors[0] = '\0';
		for (size_t k = 0; k < 4; k++)
			for (unsigned int n = 0; n < nr[k]; n++)
				stk_lost_note(s, page++ << 12 | 0x123, why[k]);
		stk_tell_lost(&asked.cmd);
		snprintf(want, sizeof(want), "%s at phys 0x5000)\n", row[i].text);
		ck_assert_str_eq(asked.errors, want);
	}
}
END_TEST

static void note(uint64_t page)
{
	stk_lost_note(s, page << 12, STK_ERR_EXCLUDED);
}

/* More than can be told apart, what was read, and how many chains are certain. */
START_TEST(lost_and_more)
{
	struct stk_purse purse = { 0 };

	stk_purse_open(&s->budget, &purse, "the list of tests", 2);
	note(7);
	stk_purse_close(&s->budget, &purse);
	asked.cmd.nr_chains = 1;
	stk_tell_lost(&asked.cmd);
	ck_assert_str_eq(
		asked.errors,
		"1 page was not in the dump (1 excluded; first at phys 0x7000, met "
		"while reading the list of tests)\n");
	asked.errors[0] = '\0';
	asked.cmd.nr_chains = 2;
	stk_tell_lost(&asked.cmd);
	ck_assert_str_eq(
		asked.errors,
		"1 page was not in the dump (1 excluded; first at phys 0x7000, met "
		"while reading the list of tests); 0 of 2 chains are certain\n");
	asked.errors[0] = '\0';
	asked.cmd.nr_certain = 1;
	for (uint64_t i = 0; i < 12289; i++)
		note(i + 100);
	stk_tell_lost(&asked.cmd);
	ck_assert_ptr_eq(strstr(asked.errors,
				"more than 12288 pages were not in the dump ("
				"12288 excluded; first at phys 0x7000"),
			 asked.errors);
	ck_assert_ptr_nonnull(strstr(asked.errors, "); 1 of 2 chains is certain\n"));
}
END_TEST

START_TEST(lost_in_json)
{
	struct json_object *doc = json_object_new_object();
	struct stk_purse purse = { 0 };

	stk_add_lost(&asked.cmd, doc);
	ck_assert_str_eq(json_object_to_json_string_ext(doc, JSON_C_TO_STRING_PLAIN),
			 "{}");
	note(7);
	note(8);
	stk_lost_note(s, 9 << 12, STK_ERR_CUT_OFF);
	for (uint64_t i = 0; i < 3; i++)
		stk_lost_note(s, (20 + i) << 12, STK_ERR_IO);
	for (uint64_t i = 0; i < 4; i++)
		stk_lost_note(s, (30 + i) << 12, STK_ERR_CORRUPT);
	stk_add_lost(&asked.cmd, doc);
	ck_assert_str_eq(json_object_to_json_string_ext(doc, JSON_C_TO_STRING_PLAIN),
			 "{\"lost\":{\"excluded\":2,\"cut_off\":1,\"io_error\":3,"
			 "\"damaged\":4,\"more\":false,\"first\":\"0x7000\","
			 "\"reading\":null}}");
	json_object_put(doc);
	s = asked.cmd.s = syn_open(m);
	doc = json_object_new_object();
	stk_purse_open(&s->budget, &purse, "tests", 2);
	note(3);
	stk_purse_close(&s->budget, &purse);
	stk_add_lost(&asked.cmd, doc);
	ck_assert_str_eq(json_object_to_json_string_ext(doc, JSON_C_TO_STRING_PLAIN),
			 "{\"lost\":{\"excluded\":1,\"cut_off\":0,\"io_error\":0,"
			 "\"damaged\":0,\"more\":false,\"first\":\"0x3000\","
			 "\"reading\":\"tests\"}}");
	json_object_put(doc);
}
END_TEST

/* The line below all chains, where text has a place for it. */
START_TEST(certain_chains)
{
	static const struct {
		bool summary;
		size_t nr, certain;
		const char *text;
	} row[] = {
		{ true, 0, 0, "" },
		{ true, 1, 0, "" },
		{ true, 2, 2, "" },
		{ false, 2, 1, "" },
		{ true, 2, 1, "xbt: 1 of 2 chains is certain\n" },
		{ true, 2, 0, "xbt: 0 of 2 chains are certain\n" },
		{ true, 9, 8, "xbt: 8 of 9 chains are certain\n" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_command cmd = asked.cmd;
		char *text = NULL;
		size_t len;

		cmd.out = open_memstream(&text, &len);
		cmd.summary = row[i].summary;
		cmd.nr_chains = row[i].nr;
		cmd.nr_certain = row[i].certain;
		stk_tell_lost(&cmd);
		fclose(cmd.out);
		ck_assert_str_eq(text, row[i].text);
		ck_assert_str_eq(asked.errors, "");
		free(text);
	}
}
END_TEST

/* ---- documents ---- */

START_TEST(a_value_in_its_place)
{
	static const char *const row[][2] = {
		{ NULL, "{ \"a\": 1, \"b\": \"x/y\" }\n" },
		{ "c", "{ \"a\": 1, \"b\": \"x/y\", \"c\": [ 1, 2 ] }\n" },
		{ "a", "{ \"a\": [ 1, 2 ], \"b\": \"x/y\" }\n" },
	};

	for (size_t i = 0; i < 3; i++) {
		struct json_object *doc = json_object_new_object();
		struct stk_spool value;
		char *text = NULL;
		size_t len;
		FILE *fp = open_memstream(&text, &len);

		json_object_object_add(doc, "a", json_object_new_int(1));
		json_object_object_add(doc, "b", json_object_new_string("x/y"));
		ck_assert(stk_spool_open(&value));
		fputs("[ 1,\n2 ]\n", value.fp);
		ck_assert(stk_json_print(fp, doc, row[i][0], row[i][0] ? &value : NULL));
		stk_spool_close(&value);
		fclose(fp);
		ck_assert_str_eq(text, row[i][1]);
		free(text);
		json_object_put(doc);
	}
}
END_TEST

START_TEST(answers_begin_and_end)
{
	struct stk_args text = { 0 }, json = { 0 };
	struct stk_answer a;
	char *out = NULL;
	size_t len;

	json.given['j'] = "";
	asked.cmd.out = open_memstream(&out, &len);
	ck_assert(stk_answer_begin(&a, &asked.cmd, &text, "list"));
	ck_assert(!a.doc && !a.list && !a.stop);
	a.res = STK_CMD_DOUBT;
	ck_assert_int_eq(stk_answer_end(&a), STK_CMD_DOUBT);
	ck_assert(stk_answer_begin(&a, &asked.cmd, &json, NULL));
	ck_assert(a.doc && !a.list);
	a.stop = true;
	ck_assert_int_eq(stk_answer_end(&a), STK_CMD_OK);
	fflush(asked.cmd.out);
	ck_assert_uint_eq(len, 0);
	ck_assert(stk_answer_begin(&a, &asked.cmd, &json, "list"));
	ck_assert(a.doc && a.list);
	json_object_array_add(a.list, json_object_new_int(7));
	a.res = STK_CMD_FAILED;
	ck_assert_int_eq(stk_answer_end(&a), STK_CMD_FAILED);
	ck_assert_ptr_null(a.doc);
	fclose(asked.cmd.out);
	ck_assert_ptr_nonnull(strstr(out, ", \"list\": [ 7 ] }\n"));
	free(out);
}
END_TEST

/* ---- tss ---- */

static const struct {
	const char *line;
	enum stk_command_result result;
	const char *heads, *errors;
} tss[] = {
	{ "tss", STK_CMD_OK, "CPU 0  TSS|CPU 1  TSS|CPU 2 (off|", "" },
	{ "tss -c 1", STK_CMD_OK, "CPU 1  TSS|", "" },
	{ "tss -c 0,2", STK_CMD_OK, "CPU 0  TSS|CPU 2 (off|", "" },
	{ "tss -c a", STK_CMD_OK, "CPU 0  TSS|CPU 1  TSS|CPU 2 (off|", "" },
	{ "tss -c 1 -c 2", STK_CMD_OK, "CPU 2 (off|", "" },
	{ "tss -c 9", STK_CMD_FAILED, "", "there is no CPU 9: the highest is 2\n" },
	{ "tss -c x", STK_CMD_USAGE, "", "not a list of CPUs: \"x\"\n" },
};

START_TEST(tss_of_cpus)
{
	char heads[128] = "";
	size_t nr = 0, blank = 0;

	ck_assert_int_eq(ask(s, "%s", tss[_i].line), tss[_i].result);
	ck_assert_str_eq(asked.errors, tss[_i].errors);
	for (char *line = asked.out; *line; line = strchr(line, '\n') + 1) {
		const size_t len = strlen(heads);

		blank += *line == '\n';
		if (strncmp(line, "CPU ", 4))
			continue;
		nr++;
		snprintf(heads + len, sizeof(heads) - len, "%.10s|", line);
	}
	ck_assert_str_eq(heads, tss[_i].heads);
	/* An empty line between two. */
	ck_assert_uint_eq(blank, nr ? nr - 1 : 0);
	ck_assert_int_ne(asked.out[0], '\n');
	expect_answers(__func__, _i);
}
END_TEST

/* Each that cannot be told is, and the document is whole. */
START_TEST(tss_that_is_missing)
{
	struct json_object *doc, *list;

	syn_no_symbol(m, "cpu_tss_rw");
	s = syn_open(m);
	ck_assert_int_eq(ask(s, "tss -c 0-1"), STK_CMD_FAILED);
	ck_assert_str_eq(asked.errors, "CPU 0: symbol cpu_tss: no such symbol\n"
				       "CPU 1: symbol cpu_tss: no such symbol\n");
	ck_assert_str_eq(asked.out, "");
	ck_assert_int_eq(ask(s, "tss -j -c 0-1"), STK_CMD_FAILED);
	doc = json_tokener_parse(asked.out);
	ck_assert(json_object_object_get_ex(doc, "tss", &list));
	ck_assert_uint_eq(json_object_array_length(list), 0);
	json_object_put(doc);
	expect_answers(__func__, _i);
}
END_TEST

START_TEST(tss_interrupted)
{
	unsigned int at, nr = 0;
	char *all;

	ask(s, _i ? "tss" : "tss -j");
	all = strdup(asked.out);
	for (at = 1; at < 2000; at += at < 30 ? 1 : 13) {
		s = syn_open(m);
		ck_assert_int_eq(stk_prepare(s), STK_OK);
		m->interrupt_after = at;
		ask(s, _i ? "tss" : "tss -j");
		m->interrupt_after = 0;
		if (!m->interrupt)
			break;
		m->interrupt = false;
		if (asked.result == STK_CMD_OK)
			continue;
		nr++;
		ck_assert_str_eq(asked.errors, "interrupted\n");
		if (!_i)
			ck_assert_str_eq(asked.out, "");
	}
	free(all);
	ck_assert_uint_gt(nr, 0);
}
END_TEST

/* ---- without addresses ---- */

/* As printf() has it. A number goes with what is around it, in the columns it had. */
static const char *const hidden[][2] = {
	/* what is moved, at its edges */
	{ "ff00000000000000", "(kernel)" },
	{ "feffffffffffffff", "feffffffffffffff" },
	{ "ffffffffffffefff", "(kernel)" },
	{ "fffffffffffff000", "fffffffffffff000" },
	{ "100000000", "(user)" },
	{ "0ffffffff", "0ffffffff" },
	{ "ffffffff", "ffffffff" },
	{ "00ffffffffffffff", "(user)" },
	{ "0100000000000000", "0100000000000000" },
	{ "0xff00000000000000", "(kernel)" },
	{ "0x7f1122334455", "(user)" },
	{ "0Xff00000000000000", "0Xff00000000000000" },
	{ "10ff00000000000000", "10ff00000000000000" },
	/* a word of its own */
	{ "ff00000000000000 ", "(kernel)         " },
	{ "ff00000000000000  x", "(kernel)          x" },
	{ "ff00000000000000,x", "(kernel),x" },
	{ "xff00000000000000", "xff00000000000000" },
	{ "_ff00000000000000", "_ff00000000000000" },
	{ ".ff00000000000000", ".ff00000000000000" },
	{ "+ff00000000000000", "+ff00000000000000" },
	{ "+0xff00000000000000", "+0xff00000000000000" },
	{ "-ff00000000000000", "-(kernel)" },
	{ "ff00000000000000_", "ff00000000000000_" },
	{ "ff00000000000000g", "ff00000000000000g" },
	{ "ff00000000000000.", "(kernel)." },
	{ "FF00000000000000", "FF00000000000000" },
	{ "ff0000000000000A", "ff0000000000000A" },
	/* the bounds of a stack */
	{ "x ff00000000000000-ff00000000004000 y", "x y" },
	{ "x ff00000000000000-ff00000000004000, y", "x, y" },
	{ "x ff00000000000000-1 y", "x (kernel)-1 y" },
	{ "x ff00000000000000-", "x (kernel)-" },
	{ "ff00000000000000-ff00000000004000", "(kernel)-(kernel)" },
	/* and what goes with one */
	{ "TASK: ff00000000000000  x", "x" },
	{ "TASK: ff00000000000000 x", "TASK: (kernel)         x" },
	{ "TASK:  ff00000000000000  x", "TASK:  (kernel)          x" },
	{ "[ff00000000000000] x", "x" },
	{ "[ff00000000000000]x", "[(kernel)]x" },
	{ "[ff00000000000000", "[(kernel)" },
	{ "a at ff00000000000000", "a" },
	{ "a at ff00000000000000 b", "a b" },
	{ "at ff00000000000000", "at (kernel)" },
	{ "a at ff00000000000000-ff00000000004000 b", "a at b" },
	/* names */
	{ "ffffffff9b001540", "task_spin+64" },
	{ "ffffffff9b001540 x", "task_spin+64     x" },
	{ "fffffe0000048f00", "NMI-256" },
	{ "ffffffff9b001540 ffffffff9b001541", "task_spin+64     task_spin+65" },
	{ "ffffffff9b001540\nx", "task_spin+64\nx" },
	{ "\n\nffffffff9b001540\n", "\n\ntask_spin+64\n" },
	{ "", "" },
};

START_TEST(without_addresses)
{
	char *out = NULL;
	size_t len;
	FILE *fp = open_memstream(&out, &len);

	ck_assert_int_eq(stk_prepare(s), STK_OK);
	stk_hide_addresses(s, fp, hidden[_i][0], strlen(hidden[_i][0]));
	fclose(fp);
	ck_assert_str_eq(out, hidden[_i][1]);
	free(out);
}
END_TEST

static const struct unit_test lost_tests[] = {
	TEST(lost_in_words),
	TEST(lost_and_more),
	TEST(lost_in_json),
	TEST(certain_chains),
	{ 0 },
};

static const struct unit_test answer_tests[] = {
	TEST(a_value_in_its_place),
	TEST(answers_begin_and_end),
	LOOP(tss_of_cpus, sizeof(tss) / sizeof(tss[0])),
	TEST(tss_that_is_missing),
	LOOP(tss_interrupted, 2),
	LOOP(without_addresses, sizeof(hidden) / sizeof(hidden[0])),
	{ 0 },
};

const struct unit_suite suite_told = {
	"told",
	{
		{ "lost", lost_tests, setup, teardown },
		{ "answers", answer_tests, setup, teardown },
	},
};
