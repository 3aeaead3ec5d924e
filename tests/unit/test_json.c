/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that JSON which is written as it comes is that of json-c, to the byte, whatever
 * is in it; and that an answer which waits in a spool is printed whole, from memory or
 * from a file, or not at all.
 */
#include "suite.h"

#include "base/temp.h"
#include "commands/spool.h"
#include "render/json_write.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the writer ---- */

static struct stk_json j;
static FILE *fp;
static char *text;
static size_t len;

static void setup(void)
{
	fp = open_memstream(&text, &len);
	memset(&j, 0xff, sizeof(j));
	stk_json_start(&j, fp);
}

static void teardown(void)
{
	fclose(fp);
	free(text);
}

/* What was written is one value, which json-c writes as it is. */
static void expect(const char *want)
{
	struct json_object *o;
	uint64_t size = stk_json_size(&j);

	stk_json_flush(&j);
	fflush(fp);
	ck_assert_uint_eq(size, len);
	ck_assert_uint_eq(stk_json_size(&j), len);
	for (size_t i = 0; want && i <= strlen(want); i++)
		if (text[i] != want[i])
			ck_abort_msg("at %zu: %.40s for %.40s", i, text + i, want + i);
	o = json_tokener_parse(text);
	ck_assert_str_eq(
		text, json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE |
								JSON_C_TO_STRING_SPACED));
	json_object_put(o);
}

START_TEST(values)
{
	stk_json_open(&j, NULL, '{');
	stk_json_put_null(&j, "null");
	stk_json_put_bool(&j, "yes", true);
	stk_json_put_bool(&j, "no", false);
	stk_json_put_number(&j, "n", -17);
	stk_json_put_number(&j, "least", INT64_MIN);
	stk_json_put_number(&j, "most", INT64_MAX);
	stk_json_put_addr(&j, "at", 0xffff800000001000);
	stk_json_put_addr(&j, "zero", 0);
	stk_json_put_addr_or_null(&j, "none", 0);
	stk_json_put_addr_or_null(&j, "one", 1);
	stk_json_put_cpu(&j, "cpu", 0);
	stk_json_put_cpu(&j, "no cpu", -1);
	stk_json_put_string(&j, "text", "a/b");
	stk_json_put_string(&j, "no text", NULL);
	stk_json_close(&j, '}');
	expect("{ \"null\": null, \"yes\": true, \"no\": false, \"n\": -17, "
	       "\"least\": -9223372036854775808, \"most\": 9223372036854775807, "
	       "\"at\": \"0xffff800000001000\", \"zero\": \"0x0\", \"none\": null, "
	       "\"one\": \"0x1\", \"cpu\": 0, \"no cpu\": null, \"text\": \"a/b\", "
	       "\"no text\": null }");
}
END_TEST

START_TEST(nested)
{
	stk_json_open(&j, NULL, '[');
	stk_json_open(&j, NULL, '[');
	stk_json_close(&j, ']');
	stk_json_open(&j, NULL, '{');
	stk_json_open(&j, "a", '{');
	stk_json_close(&j, '}');
	stk_json_open(&j, "b", '[');
	stk_json_put_number(&j, NULL, 1);
	stk_json_put_number(&j, NULL, 2);
	stk_json_close(&j, ']');
	stk_json_put_null(&j, "c");
	stk_json_close(&j, '}');
	stk_json_put_bool(&j, NULL, true);
	stk_json_close(&j, ']');
	expect("[ [ ], { \"a\": { }, \"b\": [ 1, 2 ], \"c\": null }, true ]");
}
END_TEST

/* Each character, and some of more bytes. */
START_TEST(strings)
{
	char all[160];

	for (int i = 1; i < 128; i++)
		all[i - 1] = (char)i;
	strcpy(all + 127, "ä€\xf0\x9f\x90\xa7");
	stk_json_open(&j, NULL, '[');
	stk_json_put_string(&j, NULL, all);
	stk_json_put_string(&j, NULL, "");
	stk_json_put_string(&j, NULL, "\"");
	stk_json_put_string(&j, NULL, "a\\");
	stk_json_close(&j, ']');
	expect(NULL);
}
END_TEST

/* What json-c would read back from less than was written, too. */
START_TEST(escapes)
{
	static const char *const row[][2] = {
		{ "\x01", "\\u0001" },	  { "\x1f", "\\u001f" },
		{ "\x10", "\\u0010" },	  { " \x7f", " \x7f" },
		{ "a\nb\n", "a\\nb\\n" }, { "\b\r\t\f", "\\b\\r\\t\\f" },
		{ "\"\\/", "\\\"\\\\/" }, { "\v\v", "\\u000b\\u000b" },
	};
	char want[200] = "[";

	stk_json_open(&j, NULL, '[');
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		stk_json_put_string(&j, NULL, row[i][0]);
		snprintf(want + strlen(want), sizeof(want) - strlen(want), "%s \"%s\"",
			 i ? "," : "", row[i][1]);
	}
	stk_json_close(&j, ']');
	strcat(want, " ]");
	expect(want);
}
END_TEST

/* Each kind of piece comes to stand across the end of the writer's own room. */
START_TEST(across_the_end)
{
	static const char rest[] =
		"\", \"abcdefgh\\u0001\\n\", { \"key\": null, \"n\": -17, "
		"\"at\": \"0x123456789abcdef\" }, [ ], true ]";
	char before[sizeof(j.text)], want[4 + sizeof(j.text) + sizeof(rest)];

	for (size_t i = 0; i < sizeof(before); i++)
		before[i] = (char)('a' + i % 26);
	before[sizeof(before) - 1 - (size_t)_i] = '\0';
	stk_json_open(&j, NULL, '[');
	stk_json_put_string(&j, NULL, before);
	stk_json_put_string(&j, NULL, "abcdefgh\x01\n");
	stk_json_open(&j, NULL, '{');
	stk_json_put_null(&j, "key");
	stk_json_put_number(&j, "n", -17);
	stk_json_put_addr(&j, "at", 0x123456789abcdef);
	stk_json_close(&j, '}');
	stk_json_open(&j, NULL, '[');
	stk_json_close(&j, ']');
	stk_json_put_bool(&j, NULL, true);
	stk_json_close(&j, ']');
	snprintf(want, sizeof(want), "[ \"%s%s", before, rest);
	expect(want);
}
END_TEST

/* A value that is longer than the writer's room, more than once. */
START_TEST(long_ones)
{
	const size_t nr = 3 * sizeof(j.text) + 7;
	char *value = calloc(nr + 1, 1), *want = malloc(nr + 7);

	for (size_t i = 0; i < nr; i++)
		value[i] = (char)('a' + i % 23);
	sprintf(want, "[ \"%s\" ]", value);
	stk_json_open(&j, NULL, '[');
	stk_json_put_string(&j, NULL, value);
	stk_json_close(&j, ']');
	expect(want);
	free(value);
	free(want);
}
END_TEST

/* ---- the spool ---- */

static struct stk_spool spool;
static char *copy, *tmpdir;
static size_t copied;

static void setup_spool(void)
{
	const char *dir = getenv("TMPDIR");

	tmpdir = dir ? strdup(dir) : NULL;
	ck_assert(stk_spool_open(&spool));
}

static void teardown_spool(void)
{
	stk_spool_close(&spool);
	free(copy);
	copy = NULL;
	if (tmpdir)
		setenv("TMPDIR", tmpdir, 1);
	else
		unsetenv("TMPDIR");
	free(tmpdir);
}

static bool print(void)
{
	FILE *out = open_memstream(&copy, &copied);
	bool printed = stk_spool_print(&spool, out);

	fclose(out);
	return printed;
}

static void write_numbers(unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		fprintf(spool.fp, "%07u\n", i);
}

/* One line, of numbers with blanks between. */
static void expect_numbers(unsigned int nr)
{
	char want[16];

	ck_assert(print());
	ck_assert_uint_eq(copied, nr ? 8 * nr - 1 : 0);
	for (unsigned int i = 0; i < nr; i++) {
		snprintf(want, sizeof(want), "%07u%s", i, i + 1 < nr ? " " : "");
		if (memcmp(copy + 8 * i, want, strlen(want)))
			ck_abort_msg("%.8s for %s", copy + 8 * i, want);
	}
}

START_TEST(in_memory)
{
	ck_assert(stk_spool_is_empty(&spool));
	expect_numbers(0);
	free(copy);
	write_numbers(3);
	ck_assert(!stk_spool_is_empty(&spool));
	expect_numbers(3);
	ck_assert_int_lt(spool.fd, 0);
}
END_TEST

/* A piece of what is read from the file ends in a newline that is not the last one. */
START_TEST(in_a_file)
{
	write_numbers(1000000);
	expect_numbers(1000000);
	ck_assert_int_ge(spool.fd, 0);
	ck_assert_ptr_null(spool.text);
}
END_TEST

/* 4 MiB stay in memory, and not a byte more. */
START_TEST(how_much)
{
	write_numbers(512 * 1024);
	ck_assert(!stk_spool_is_empty(&spool));
	ck_assert_int_lt(spool.fd, 0);
	fputc('x', spool.fp);
	ck_assert(!stk_spool_is_empty(&spool));
	ck_assert_int_ge(spool.fd, 0);
}
END_TEST

START_TEST(no_room_for_files)
{
	setenv("TMPDIR", "/nowhere", 1);
	write_numbers(1000000);
	expect_numbers(1000000);
	ck_assert_int_lt(spool.fd, 0);
}
END_TEST

/* What was lost on the way is not printed in part. */
START_TEST(not_whole)
{
	write_numbers(1000000);
	fflush(spool.fp);
	close(spool.fd);
	spool.fd = open("/dev/full", O_RDWR | O_CLOEXEC);
	if (spool.fd < 0)
		return;
	write_numbers(1);
	ck_assert(!print());
	ck_assert_uint_eq(copied, 0);
}
END_TEST

START_TEST(where_files_are)
{
	setenv("TMPDIR", "/x", 1);
	ck_assert_str_eq(stk_temp_dir(), "/x");
	setenv("TMPDIR", "", 1);
	ck_assert_str_eq(stk_temp_dir(), "/var/tmp");
	unsetenv("TMPDIR");
	ck_assert_str_eq(stk_temp_dir(), "/var/tmp");
}
END_TEST

static const struct unit_test write_tests[] = {
	TEST(values),
	TEST(nested),
	TEST(strings),
	TEST(escapes),
	LOOP(across_the_end, 128),
	TEST(long_ones),
	{ 0 },
};

static const struct unit_test spool_tests[] = {
	TEST(in_memory), TEST(in_a_file),	TEST(how_much), TEST(no_room_for_files),
	TEST(not_whole), TEST(where_files_are), { 0 },
};

const struct unit_suite suite_json = {
	"json",
	{
		{ "write", write_tests, setup, teardown },
		{ "spool", spool_tests, setup_spool, teardown_spool },
	},
};
