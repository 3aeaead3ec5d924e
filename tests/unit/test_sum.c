/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that "sum" counts what is the same, whatever kind of report it comes in, and
 * that lines of anybody's making do no harm.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/sum.h"
#include "suite.h"

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
	{ { "sum", tests, setup, teardown } },
};
