/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves which text oops and the report answer of: a file, standard input, or the dump's
 * log; that all of what is known of it is told; and nothing where it cannot be had.
 */
#include "asked.h"
#include "crowd.h"
#include "logged.h"
#include "suite.h"

#include "render/events.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WARNING                                                                          \
	"------------[ cut here ]------------\n"                                         \
	"WARNING: CPU: 1 PID: 227 at fs/f.c:12 f+0x1/0x2\n"                              \
	"CPU: 1 PID: 227 Comm: sh Not tainted 6.1.0-syn #1\n"                            \
	"RIP: 0010:f+0x1/0x2\nCall Trace:\n <TASK>\n g+0x1/0x2\n </TASK>\n"              \
	"---[ end trace 0 ]---\n"
#define LOCKUP "watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [sh:227]\n"

static struct stk *s;
static char path[] = "/tmp/reported-XXXXXX";

static void setup(void)
{
	int fd;

	crowd();
	s = syn_open(m);
	strcpy(path + strlen(path) - 6, "XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_eq(write(fd, WARNING, strlen(WARNING)), (int)strlen(WARNING));
	close(fd);
}

static void teardown(void)
{
	unlink(path);
	asked_free();
	memset(&asked_by, 0, sizeof(asked_by));
}

static void put_log(const char *text)
{
	syn_log(m, text);
	s = syn_open(m);
}

static bool goes_on(void *unused)
{
	return false;
}

/* All that is told of the events in @text. */
static char *told_of(const char *text, bool verbose)
{
	struct stk_events events;
	char *copy = strdup(text), *out = NULL;
	size_t len;
	FILE *fp = open_memstream(&out, &len);

	stk_events_read(&events, copy, strlen(copy), goes_on, NULL);
	stk_text_events(fp, &events, verbose);
	stk_events_free(&events);
	fclose(fp);
	free(copy);
	return out;
}

static void expect_told(enum stk_command_result res, const char *text, bool verbose)
{
	char *want = told_of(text, verbose);

	ck_assert_int_eq(res, STK_CMD_OK);
	ck_assert_str_eq(asked.errors, "");
	ck_assert_str_eq(asked.out, want);
	free(want);
}

/* How many there are in the document's @list; -1: there is no such list. */
static int nr_in(const char *list)
{
	struct json_object *doc = json_tokener_parse(asked.out), *value;
	int nr = -1;

	ck_assert_ptr_nonnull(doc);
	if (json_object_object_get_ex(doc, list, &value))
		nr = (int)json_object_array_length(value);
	json_object_put(doc);
	return nr;
}

static void expect_failed(const char *errors)
{
	ck_assert_int_eq(asked.result, STK_CMD_FAILED);
	ck_assert_str_eq(asked.errors, errors);
	ck_assert_str_eq(asked.out, "");
}

START_TEST(of_a_file)
{
	expect_told(ask(NULL, "oops %s", path), WARNING, false);
	expect_told(ask(NULL, "oops -v %s", path), WARNING, true);
	ck_assert_int_eq(ask(NULL, "oops -j %s", path), STK_CMD_OK);
	ck_assert_int_eq(nr_in("events"), 1);
	ask(NULL, "oops /nonexistent");
	expect_failed("/nonexistent: No such file or directory\n");
	ask(NULL, "oops -j /nonexistent");
	expect_failed("/nonexistent: No such file or directory\n");
	ck_assert_int_eq(ask(NULL, "oops %s %s", path, path), STK_CMD_USAGE);
	ck_assert_str_eq(asked.out, "");
}
END_TEST

START_TEST(of_standard_input)
{
	static const char *const line[] = { "oops", "oops -" };
	const int old = dup(STDIN_FILENO);

	for (int i = 0; i < 2; i++) {
		int ends[2];

		ck_assert(!pipe(ends));
		ck_assert_int_gt(write(ends[1], LOCKUP, strlen(LOCKUP)), 0);
		close(ends[1]);
		dup2(ends[0], STDIN_FILENO);
		close(ends[0]);
		expect_told(ask(i ? s : NULL, "%s", line[i]), LOCKUP, false);
	}
	dup2(old, STDIN_FILENO);
	close(old);
}
END_TEST

/* The dump's own log, unless a text is named. */
START_TEST(of_the_log)
{
	char *want;

	put_log(LOCKUP);
	ck_assert_int_eq(ask(s, "oops"), STK_CMD_OK);
	ck_assert_str_eq(asked.errors, "");
	ck_assert_ptr_nonnull(strstr(asked.out, "soft lockup"));
	ck_assert_int_eq(ask(s, "oops -j"), STK_CMD_OK);
	ck_assert_int_eq(nr_in("events"), 1);
	want = told_of(WARNING, false);
	ck_assert_ptr_null(strstr(want, "soft lockup"));
	ask(s, "oops %s", path);
	ck_assert_str_eq(asked.out, want);
	free(want);
}
END_TEST

START_TEST(of_no_log)
{
	static const char *const line[] = { "oops", "oops -j", "log", "log -T" };

	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(ask(s, "%s", line[i]), STK_CMD_FAILED);
		ck_assert_ptr_nonnull(strstr(asked.errors, "VMCOREINFO"));
		ck_assert_str_eq(asked.out, "");
	}
}
END_TEST

/* Wherever it is interrupted: all, or nothing and why. */
START_TEST(of_the_interrupted)
{
	static const char *const line[] = { "oops", "oops -j", "oops %s", "stackinfo -j",
					    "stackof -m -j -u" };
	unsigned int at = 1, nr = 0;
	char *all;

	put_log(LOCKUP WARNING);
	ask(s, line[_i], path);
	all = strdup(asked.out);
	for (;; at += 1 + at / 64) {
		m->interrupt_after = at;
		ask(s, line[_i], path);
		if (!m->interrupt)
			break;
		m->interrupt = false;
		nr++;
		if (asked.result == STK_CMD_FAILED)
			ck_assert_str_eq(asked.errors, "interrupted\n");
		if (asked.result != STK_CMD_FAILED || *asked.out)
			ck_assert_str_eq(asked.out, all);
	}
	m->interrupt_after = 0;
	ck_assert_uint_gt(nr, 1);
	ck_assert_str_eq(asked.out, all);
	free(all);
}
END_TEST

/* ---- the report ---- */

/* With -v all chains stand behind it, as xbt has them. */
START_TEST(chains_behind_the_report)
{
	char *chains, *brief;
	size_t len;

	put_log(LOCKUP);
	ask(s, "xbt -a -v");
	chains = strdup(asked.out);
	len = strlen(chains);
	ask(s, "stackinfo");
	brief = strdup(asked.out);
	ck_assert_ptr_nonnull(strstr(brief, "soft lockup"));
	ck_assert_ptr_null(strstr(brief, chains));
	ask(s, "stackinfo -v");
	ck_assert_uint_gt(asked.len, len + 2);
	ck_assert_str_eq(asked.out + asked.len - len, chains);
	ck_assert(!strncmp(asked.out + asked.len - len - 2, "\n\n", 2));
	ask(s, "stackinfo -j -v");
	/* CPU 2 is offline. */
	ck_assert_int_eq(nr_in("chains"), 2);
	ck_assert_int_eq(nr_in("events"), 1);
	free(chains);
	free(brief);
}
END_TEST

/* Where there is no log, that is told in it; without the stacks it is no report. */
START_TEST(report_of_what_is_not)
{
	ask(s, "stackinfo");
	ck_assert_ptr_nonnull(strstr(asked.out, "VMCOREINFO"));
	ck_assert_str_eq(asked.errors, "");
	for (int log = 0; log <= 1; log++) {
		syn_no_symbol(m, "nr_cpu_ids");
		if (log)
			syn_log(m, LOCKUP);
		s = syn_open(m);
		for (int i = 0; i < 4; i++) {
			asked_by.dump = i & 1 ? (struct stk_dump *)&asked_by : NULL;
			ask(s, i & 2 ? "stackinfo -j" : "stackinfo");
			ck_assert_int_eq(asked.result, STK_CMD_FAILED);
			ck_assert_str_eq(asked.out, "");
			ck_assert_ptr_nonnull(strstr(asked.errors, "nr_cpu_ids"));
			ck_assert(!strstr(asked.errors, "oops VMCORE tells") ==
				  !(log && i & 1));
		}
	}
}
END_TEST

static const struct unit_test oops_tests[] = {
	TEST(of_a_file), TEST(of_standard_input),     TEST(of_the_log),
	TEST(of_no_log), LOOP(of_the_interrupted, 5), { 0 },
};

static const struct unit_test report_tests[] = {
	TEST(chains_behind_the_report),
	TEST(report_of_what_is_not),
	{ 0 },
};

const struct unit_suite suite_reported = {
	"reported",
	{
		{ "oops", oops_tests, setup, teardown },
		{ "report", report_tests, setup, teardown },
	},
};
