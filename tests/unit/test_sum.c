/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that "sum" counts what is the same, whatever kind of report it comes in, and
 * that lines of anybody's making do no harm.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "commands/commands.h"
#include "commands/sum.h"
#include "golden.h"
#include "suite.h"
#include "words.h"

static struct stk_sum sum;

static void setup(void)
{
	sum = (struct stk_sum){ 0 };
}

static void teardown(void)
{
	stk_sum_free(&sum);
}

static void add(const char *line)
{
	ck_assert(stk_sum_line(&sum, line, strlen(line)));
}

/* A report's line, with what differs. */
static void add_report(const char *dump, const char *title, const char *culprit,
		       const char *hash, const char *release, int when)
{
	char line[1000];

	snprintf(line, sizeof(line),
		 "{\"dump\":\"%s\",\"status\":0,\"errors\":[],\"answer\":{\"events\":[],"
		 "\"died\":true,\"kernel\":{\"release\":\"%s\",\"crash_time\":%d},"
		 "\"signature\":{\"kind\":\"k\",\"title\":\"%s\",\"hash\":\"%s\","
		 "\"culprit\":%s,\"module\":null}}}\n",
		 dump, release, when, title, hash, culprit);
	add(line);
}

START_TEST(same_are_counted)
{
	add_report("a", "BUG in f", "\"f\"", "v1:1", "6.1", 300);
	add_report("b", "BUG in g", "\"g\"", "v1:2", "6.1", 0);
	add_report("c", "BUG in f", "\"f\"", "v1:1", "6.12", 100);
	add_report("d", "BUG in f", "\"f\"", "v1:1", "6.1", 200);
	stk_sum_sort(&sum);
	ck_assert_uint_eq(sum.nr, 2);
	ck_assert_uint_eq(sum.nr_reports, 4);
	ck_assert_str_eq(sum.crash[0].hash, "v1:1");
	ck_assert_uint_eq(sum.crash[0].count, 3);
	ck_assert_int_eq(sum.crash[0].first, 100);
	ck_assert_int_eq(sum.crash[0].last, 300);
	ck_assert_uint_eq(sum.crash[0].nr_kernels, 2);
	ck_assert_str_eq(sum.crash[0].kernel[0].release, "6.1");
	ck_assert_uint_eq(sum.crash[0].kernel[0].count, 2);
	ck_assert_uint_eq(sum.crash[0].nr_dumps, 3);
	ck_assert_str_eq(sum.crash[0].dump[1], "c");
	ck_assert_int_eq(sum.crash[1].first, 0);
}
END_TEST

/* Without a culprit the hash is that of the kind: texts of panics tell them apart. */
START_TEST(title_counts_without_culprit)
{
	add_report("a", "panic: this", "null", "v1:1", "6.1", 1);
	add_report("b", "panic: that", "null", "v1:1", "6.1", 1);
	add_report("c", "panic: that", "null", "v1:1", "6.1", 1);
	add_report("d", "panic: 3 in f", "\"f\"", "v1:2", "6.1", 1);
	add_report("e", "panic: 4 in f", "\"f\"", "v1:2", "6.1", 1);
	stk_sum_sort(&sum);
	ck_assert_uint_eq(sum.nr, 3);
	ck_assert_uint_eq(sum.crash[0].count, 2);
	ck_assert_uint_eq(sum.crash[1].count, 2);
	ck_assert_uint_eq(sum.crash[2].count, 1);
	ck_assert_str_eq(sum.crash[2].title, "panic: this");
}
END_TEST

/* Documents of -j and of oops -j, and lines of dumps without an answer. */
START_TEST(each_kind_of_line)
{
	add("{\"events\":[],\"died\":false,\"signature\":{\"hash\":\"v1:1\",\"title\":\"t\"}}");
	add("{\"events\":[],\"death\":null,\"signature\":null}");
	add("{\"events\":[{}],\"death\":0,\"machine\":{\"release\":\"5.4\"},"
	    "\"signature\":{\"hash\":\"v1:1\",\"title\":\"t\",\"culprit\":\"f\"}}");
	add("{\"dump\":\"x\",\"status\":3,\"errors\":[\"no dump\"],\"answer\":null}");
	add("{\"dump\":\"y\",\"status\":139,\"errors\":[],\"answer\":null}");
	ck_assert_uint_eq(sum.nr_reports, 5);
	ck_assert_uint_eq(sum.nr_lived, 2);
	ck_assert_uint_eq(sum.nr_wrong, 0);
	ck_assert_uint_eq(sum.nr, 1);
	ck_assert_str_eq(sum.crash[0].kernel[0].release, "5.4");
	ck_assert_uint_eq(sum.crash[0].nr_dumps, 0);
	ck_assert_uint_eq(sum.nr_failures, 2);
	ck_assert_str_eq(sum.failure[0].error, "no dump");
	ck_assert_str_eq(sum.failure[1].error, "");
	ck_assert_str_eq(sum.failure[1].dump, "y");
}
END_TEST

static const char *const strange[] = {
	"[]",
	"17",
	"null",
	"\"events\"",
	"{",
	"{\"events\":[",
	"not JSON at all",
	"{\"chains\":[]}",
	"{\"dump\":7,\"errors\":{},\"answer\":[1,2]}",
	"{\"events\":[]} {\"events\":[]",
};

START_TEST(strange_lines)
{
	add(strange[_i]);
	ck_assert_uint_eq(sum.nr, 0);
	ck_assert_uint_eq(sum.nr_wrong + sum.nr_lived, 1);
}
END_TEST

START_TEST(wrong_types)
{
	add("{\"events\":5,\"died\":\"yes\",\"kernel\":[],\"signature\":{\"title\":[],"
	    "\"hash\":{},\"kind\":3,\"module\":false,\"culprit\":7}}");
	add("{\"events\":[],\"died\":1,\"kernel\":{\"release\":9,\"crash_time\":\"x\"},"
	    "\"signature\":\"v1\"}");
	add("{\"errors\":[3],\"answer\":null}");
	ck_assert_uint_eq(sum.nr_reports, 3);
	ck_assert_uint_eq(sum.nr_failures, 1);
}
END_TEST

START_TEST(deep_and_empty)
{
	char deep[4000];

	memset(deep, '[', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	add(deep);
	ck_assert_uint_eq(sum.nr_wrong, 1);
	add("");
	add("\r\n");
	add("   ");
	ck_assert_uint_eq(sum.nr_wrong + sum.nr_reports, 1);
}
END_TEST

/* They go to a terminal. */
START_TEST(texts_are_safe)
{
	char *text = NULL;
	size_t size;
	FILE *fp = open_memstream(&text, &size);

	add_report("a\\u001b[2J", "t\\u001b]0;x\\u0007\\n", "null", "v1:\\u009b", "6\\r",
		   1);
	add("{\"dump\":\"\\u001b\",\"errors\":[\"\\u001b[A\"],\"answer\":null}");
	stk_sum_print(fp, &sum);
	fclose(fp);
	for (size_t i = 0; i < size; i++)
		ck_assert_msg(text[i] == '\n' || (unsigned char)text[i] >= ' ', "%s",
			      text);
	ck_assert_ptr_null(strstr(text, "\xc2\x9b"));
	free(text);
}
END_TEST

START_TEST(many)
{
	char title[40], hash[40];

	for (int i = 0; i < 3000; i++) {
		snprintf(title, sizeof(title), "BUG in f%d", i % 1000);
		snprintf(hash, sizeof(hash), "v1:%d", i % 1000);
		add_report("d", title, "\"f\"", hash, "6.1", i + 1);
	}
	ck_assert_uint_eq(sum.nr, 1000);
	for (size_t i = 0; i < sum.nr; i++)
		ck_assert_uint_eq(sum.crash[i].count, 3);
}
END_TEST

/* ---- what is printed ---- */

/* One of each kind, and one more than are named of what there may be many of. */
static void add_all(void)
{
	char dump[40], release[40];

	for (int i = 0; i < 10; i++) {
		snprintf(dump, sizeof(dump), "dump%d", i);
		snprintf(release, sizeof(release), "6.%d", i < 9 ? i : 0);
		add_report(dump, "BUG in f", "\"f\"", "v1:1", release, i + 1);
	}
	add("{\"events\":[],\"died\":true,\"kernel\":{\"release\":\"5.4\",\"crash_time\":"
	    "86400},\"signature\":{\"kind\":\"k\",\"title\":\"in a module\",\"hash\":\"v1:2\","
	    "\"culprit\":\"g\",\"module\":\"mod\"}}");
	add("{\"events\":[],\"died\":true,\"kernel\":{\"crash_time\":-5},\"signature\":{"
	    "\"title\":\"a bare one\",\"hash\":\"v1:3\",\"culprit\":\"g\"}}");
	add("{\"events\":[],\"died\":false}");
	add("[]");
	for (int i = 0; i < 17; i++) {
		char line[100];

		snprintf(line, sizeof(line),
			 "{\"dump\":\"f%d\",\"errors\":[\"no %d\"],\"answer\":null}", i,
			 i);
		add(line);
	}
	stk_sum_sort(&sum);
}

static const char all_of_them[] =
	"30 reports: 12 crashes of 3 signatures, 1 that did not die, 17 without an answer\n"
	"1 lines are no reports\n"
	"\n"
	"    10  BUG in f  v1:1\n"
	"        6.0 (2), 6.1 (1), 6.2 (1), 6.3 (1), 6.4 (1), 6.5 (1), 6.6 (1), 6.7 (1), others "
	"(1)\n"
	"        1970-01-01 00:00:01 to 1970-01-01 00:00:10 UTC\n"
	"        dump0\n"
	"        dump1\n"
	"        dump2\n"
	"        dump3\n"
	"        and 6 more\n"
	"\n"
	"     1  a bare one  v1:3\n"
	"\n"
	"     1  in a module [mod]  v1:2\n"
	"        5.4 (1)\n"
	"        1970-01-02 00:00:00 UTC\n"
	"\n"
	"Without an answer:\n"
	"        f0: no 0\n"
	"        f1: no 1\n"
	"        f2: no 2\n"
	"        f3: no 3\n"
	"        f4: no 4\n"
	"        f5: no 5\n"
	"        f6: no 6\n"
	"        f7: no 7\n"
	"        f8: no 8\n"
	"        f9: no 9\n"
	"        f10: no 10\n"
	"        f11: no 11\n"
	"        f12: no 12\n"
	"        f13: no 13\n"
	"        f14: no 14\n"
	"        f15: no 15\n"
	"        and 1 more\n";

static char *text;
static size_t text_size;

static const char *printed(void)
{
	FILE *fp = open_memstream(&text, &text_size);

	stk_sum_print(fp, &sum);
	fclose(fp);
	return text;
}

START_TEST(all_is_printed)
{
	add_all();
	ck_assert_str_eq(printed(), all_of_them);
	free(text);
}
END_TEST

/* Nothing, and of what may be many as many as are named. */
START_TEST(little_is_printed)
{
	ck_assert_str_eq(printed(),
			 "0 reports: 0 crashes of 0 signatures, 0 that did not "
			 "die, 0 without an answer\n");
	free(text);
	for (int i = 0; i < 16; i++)
		add("{\"dump\":\"f\",\"errors\":[],\"answer\":null}");
	ck_assert_ptr_null(strstr(printed(), "more"));
	ck_assert_ptr_null(strstr(text, "no reports"));
	free(text);
	stk_sum_free(&sum);
	for (int i = 0; i < 4; i++)
		add_report("d", "t", "\"f\"", "v1:1", "6.1", 5);
	ck_assert_str_eq(printed(),
			 "4 reports: 4 crashes of 1 signatures, 0 that did not "
			 "die, 0 without an answer\n"
			 "\n"
			 "     4  t  v1:1\n"
			 "        6.1 (4)\n"
			 "        1970-01-01 00:00:05 UTC\n"
			 "        d\n"
			 "        d\n"
			 "        d\n"
			 "        d\n");
	free(text);
}
END_TEST

START_TEST(all_in_json)
{
	static const char want[] =
		"{\"crashes\":[{\"count\":2,\"title\":\"BUG in f\",\"hash\":\"v1:1\",\"kind\":"
		"\"k\",\"module\":null,\"first\":7,\"last\":9,\"kernels\":[{\"release\":"
		"\"6.1\",\"count\":1},{\"release\":\"6.2\",\"count\":1}],\"dumps\":[\"a\","
		"\"b\"]},{\"count\":1,\"title\":\"t\",\"hash\":\"v1:2\",\"kind\":\"\","
		"\"module\":\"mod\",\"first\":null,\"last\":null,\"kernels\":[],\"dumps\":[]"
		"}],\"reports\":5,\"lived\":1,\"no_reports\":1,\"failures\":[{\"dump\":\"x\","
		"\"error\":\"no dump\"}]}";
	struct json_object *doc = json_object_new_object();

	add_report("a", "BUG in f", "\"f\"", "v1:1", "6.1", 9);
	add_report("b", "BUG in f", "\"f\"", "v1:1", "6.2", 7);
	add("{\"events\":[],\"died\":true,\"signature\":{\"title\":\"t\",\"hash\":\"v1:2\","
	    "\"culprit\":\"f\",\"module\":\"mod\"}}");
	add("{\"dump\":\"x\",\"errors\":[\"no dump\"],\"answer\":null}");
	add("{\"events\":[],\"died\":false}");
	add("{}");
	stk_sum_sort(&sum);
	stk_sum_json(doc, &sum);
	ck_assert_str_eq(
		json_object_to_json_string_ext(
			doc, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
		want);
	json_object_put(doc);
}
END_TEST

/* By how often, then by title, then by hash. */
START_TEST(order)
{
	static const char *const want[] = { "v1:5", "v1:1", "v1:2", "v1:3" };

	add_report("", "b", "\"f\"", "v1:3", "", 0);
	add_report("", "a", "\"f\"", "v1:2", "", 0);
	add_report("", "z", "\"f\"", "v1:5", "", 0);
	add_report("", "a", "\"f\"", "v1:1", "", 0);
	add_report("", "z", "\"f\"", "v1:5", "", 0);
	stk_sum_sort(&sum);
	ck_assert_uint_eq(sum.nr, 4);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_str_eq(sum.crash[i].hash, want[i]);
		ck_assert_uint_eq(sum.crash[i].nr_kernels, 0);
		ck_assert_uint_eq(sum.crash[i].nr_dumps, 0);
	}
}
END_TEST

/* ---- the command ---- */

static char told[1000];

static void on_error(struct stk_command *cmd, const char *error)
{
	snprintf(told, sizeof(told), "%s", error);
}

static enum stk_command_result run(const char *path, bool json)
{
	char *argv[4] = { (char *)"sum", (char *)path };
	struct stk_command cmd = { .error = on_error };
	enum stk_command_result res;

	if (json)
		argv[2] = (char *)"-j";
	cmd.out = open_memstream(&text, &text_size);
	told[0] = '\0';
	res = stk_run_words(&stk_sum_command, &cmd, 2 + json, argv);
	fclose(cmd.out);
	return res;
}

/* Lines of any length; the last one needs no end. */
START_TEST(file_of_lines)
{
	char path[] = "/tmp/stk-sum-XXXXXX";
	FILE *fp = fdopen(mkstemp(path), "w");

	fprintf(fp, "\n%200000s{\"events\":[],\"died\":false}\n[]\n", "");
	fprintf(fp, "{\"dump\":\"x\",\"errors\":[\"%070000d\"],\"answer\":null}\n", 0);
	fputs("{\"events\":[],\"died\":false}", fp);
	fclose(fp);
	ck_assert_int_eq(run(path, false), STK_CMD_OK);
	ck_assert_ptr_nonnull(strstr(text,
				     "3 reports: 0 crashes of 0 signatures, 2 that did "
				     "not die, 1 without an answer\n1 lines are no "
				     "reports\n"));
	free(text);
	ck_assert_int_eq(run(path, true), STK_CMD_OK);
	ck_assert_ptr_nonnull(strstr(text, "\"lived\": 2"));
	ck_assert_str_eq(told, "");
	free(text);
	unlink(path);
}
END_TEST

START_TEST(file_that_is_not_there)
{
	ck_assert_int_eq(run(_i ? "/" : "/none/such", false), STK_CMD_FAILED);
	ck_assert_str_eq(told, _i ? "/: Is a directory"
				  : "/none/such: No such file or directory");
	ck_assert_str_eq(text, "");
	free(text);
}
END_TEST

/* What is counted of a line, and how. */
static void tell_sum(FILE *fp, const char *line)
{
	teardown();
	setup();
	stk_sum_line(&sum, line, strlen(line));
	stk_sum_sort(&sum);
	stk_sum_print(fp, &sum);
}

static void tell_line(FILE *fp, const char *line)
{
	char *out = NULL;
	size_t len;
	FILE *into = open_memstream(&out, &len);

	tell_sum(into, line);
	fclose(into);
	for (size_t i = 0; i < len; i++)
		fputc(out[i] == '\n' ? '~' : out[i], fp);
	free(out);
}

START_TEST(damaged_bytes)
{
	bytes_damage(
		"report",
		"{\"dump\":\"d\",\"status\":0,\"errors\":[],\"answer\":{\"events\":[],"
		"\"died\":true,\"kernel\":{\"release\":\"6.1\",\"crash_time\":7},"
		"\"signature\":{\"title\":\"t\",\"hash\":\"v1:1\",\"culprit\":\"f\","
		"\"module\":\"mod\"}}}",
		tell_line);
	bytes_damage("no answer", "{\"dump\":\"x\",\"errors\":[\"y\"],\"answer\":null}",
		     tell_line);
	bytes_damage("lived", "{\"events\":[],\"died\":false}", tell_line);
	golden_expect("bytes", "sum");
}
END_TEST

static const struct unit_test print_tests[] = {
	TEST(damaged_bytes), TEST(all_is_printed), TEST(little_is_printed),
	TEST(all_in_json),   TEST(order),	   { 0 },
};

static const struct unit_test command_tests[] = {
	TEST(file_of_lines),
	LOOP(file_that_is_not_there, 2),
	{ 0 },
};

static const struct unit_test tests[] = {
	TEST(same_are_counted),
	TEST(title_counts_without_culprit),
	TEST(each_kind_of_line),
	LOOP(strange_lines, (int)(sizeof(strange) / sizeof(strange[0]))),
	TEST(wrong_types),
	TEST(deep_and_empty),
	TEST(texts_are_safe),
	TEST(many),
	{ 0 },
};

const struct unit_suite suite_sum = {
	"sum",
	{
		{ "lines", tests, setup, teardown },
		{ "print", print_tests, setup, teardown },
		{ "command", command_tests, setup, teardown },
	},
};
