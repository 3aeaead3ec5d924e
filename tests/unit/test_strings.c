/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves the one rule for strings from outside (base/safe.h): what any byte becomes,
 * where a string ends that does not, and that all names which the library gives out keep
 * it. And that an error's text is that of the call that failed.
 */
#include "fixture.h"
#include "suite.h"

#include "base/safe.h"
#include "commands/args.h"
#include "base/context.h"
#include "machine/memory.h"

#include <stackinfo/render.h>
#include <stdlib.h>
#include <string.h>

#define PAGES  0xffffb1c000200000ull
#define MODULE (SYN_MODULE + 0x40000)

/* Without an end: what follows it is the test's. */
#define HOSTILE "\x1b[2J\xff\"\xc2\x9b\xe2\x80\xae\n\x7f"
#define AS_NAME                                                                          \
	"?[2J?\"??????"                                                                  \
	"?"
#define AS_TEXT "\\x1b[2J\\xff\"\\xc2\\x9b\\xe2\\x80\\xae\\x0a\\x7f"

static struct stk *s;

/* ---- the rule ---- */

START_TEST(every_byte)
{
	char text[2] = { (char)_i, 0 }, name[2] = { (char)_i, 0 }, out[8], want[8];
	bool printable = _i >= ' ' && _i <= '~';

	snprintf(want, sizeof(want), printable ? "%c" : "\\x%02x", _i);
	ck_assert_str_eq(stk_safe_text(out, sizeof(out), text), want);
	stk_safe_bytes(name, 1);
	ck_assert_int_eq(name[0], printable ? _i : '?');
	ck_assert(stk_is_printable((char)_i) == printable);
}
END_TEST

/* A character, or several, that nothing may be lost of; and what is to be seen of others.
 */
static const struct {
	const char *text, *name, *as_text; /* name NULL: all is as it is */
} utf8[] = {
	{ "\xc3\xa4", NULL, NULL }, /* U+00E4 */
	{ "\xc2\xa0", NULL, NULL }, /* the first behind C1 */
	{ "\xc3\x9b"
	  "31m",
	  NULL, NULL },		     /* U+00DB */
	{ "e\xcc\x81", NULL, NULL }, /* combining */
	{ "\xe6\xbc\xa2\xe5\xad\x97", NULL, NULL },
	{ "\xe2\x86\x92", NULL, NULL },
	{ "\xef\xbf\xbd", NULL, NULL }, /* U+FFFD */
	{ "\xf0\x9f\x98\x80", NULL, NULL },
	{ "\xf4\x8f\xbf\xbd", NULL, NULL }, /* U+10FFFD */
	{ "a\xc3\xa4\xff"
	  "b",
	  "a\xc3\xa4?b", "a\xc3\xa4\\xffb" },
	/* C1, the soft hyphen, marks of direction, separators, invisible ones, tags. */
	{ "\xc2\x80", "??", "\\xc2\\x80" },
	{ "\xc2\x9f", "??", "\\xc2\\x9f" },
	{ "\xc2\xad", "??", "\\xc2\\xad" },
	{ "\xd8\x9c", "??", "\\xd8\\x9c" },
	{ "\xe2\x80\x8b", "???", "\\xe2\\x80\\x8b" },
	{ "\xe2\x80\x8f", "???", "\\xe2\\x80\\x8f" },
	{ "\xe2\x80\xa8", "???", "\\xe2\\x80\\xa8" },
	{ "\xe2\x80\xa9", "???", "\\xe2\\x80\\xa9" },
	{ "\xe2\x80\xae", "???", "\\xe2\\x80\\xae" },
	{ "\xe2\x81\xa6", "???", "\\xe2\\x81\\xa6" },
	{ "\xe2\x81\xa9", "???", "\\xe2\\x81\\xa9" },
	{ "\xef\xbb\xbf", "???", "\\xef\\xbb\\xbf" },
	{ "\xf3\xa0\x80\x81", "????", "\\xf3\\xa0\\x80\\x81" },
	/* No characters; surrogates. */
	{ "\xef\xb7\x90", "???", "\\xef\\xb7\\x90" },
	{ "\xef\xbf\xbe", "???", "\\xef\\xbf\\xbe" },
	{ "\xf0\x9f\xbf\xbf", "????", "\\xf0\\x9f\\xbf\\xbf" },
	{ "\xed\xa0\x80", "???", "\\xed\\xa0\\x80" },
	{ "\xed\xbf\xbf", "???", "\\xed\\xbf\\xbf" },
	/* Longer than they need be, too large, cut, without a beginning. */
	{ "\xc0\x9b", "??", "\\xc0\\x9b" },
	{ "\xc1\xbf", "??", "\\xc1\\xbf" },
	{ "\xe0\x82\x9b", "???", "\\xe0\\x82\\x9b" },
	{ "\xe0\x9f\xbf", "???", "\\xe0\\x9f\\xbf" },
	{ "\xf0\x80\x82\x9b", "????", "\\xf0\\x80\\x82\\x9b" },
	{ "\xf0\x8f\xbf\xbd", "????", "\\xf0\\x8f\\xbf\\xbd" },
	{ "\xf4\x90\x80\x80", "????", "\\xf4\\x90\\x80\\x80" },
	{ "\xf8\x88\x80\x80\x80", "?????", "\\xf8\\x88\\x80\\x80\\x80" },
	{ "\xc3", "?", "\\xc3" },
	{ "\xc3(", "?(", "\\xc3(" },
	{ "\xe6\xbc"
	  "x",
	  "??x", "\\xe6\\xbcx" },
	{ "\xf0\x9f\x98", "???", "\\xf0\\x9f\\x98" },
	{ "\x80\xbf", "??", "\\x80\\xbf" },
};

START_TEST(characters)
{
	const char *text = utf8[_i].text, *want = utf8[_i].name ? utf8[_i].name : text;
	struct stk_arena arena = { 0 };
	char name[16], out[64], *printed;
	size_t size;
	FILE *fp;

	snprintf(name, sizeof(name), "%s", text);
	stk_safe_bytes(name, strlen(name));
	ck_assert_str_eq(name, want);
	ck_assert_str_eq(stk_safe_name(&arena, text), want);
	ck_assert((stk_safe_name(&arena, text) == text) == !utf8[_i].name);
	want = utf8[_i].name ? utf8[_i].as_text : text;
	ck_assert_str_eq(stk_safe_text(out, sizeof(out), text), want);
	fp = open_memstream(&printed, &size);
	stk_text_safe(fp, text, strlen(text));
	fclose(fp);
	ck_assert_str_eq(printed, want);
	free(printed);
	stk_arena_free(&arena);
}
END_TEST

/* For what reads bytes. */
START_TEST(ascii)
{
	const char *text = "a\t\xc3\xa4\n~";
	char *printed;
	size_t size;
	FILE *fp = open_memstream(&printed, &size);

	stk_print_ascii(fp, text, strlen(text));
	fclose(fp);
	ck_assert_str_eq(printed, "a\t\\xc3\\xa4\n~");
	ck_assert_uint_eq(size, strlen(printed));
	free(printed);
}
END_TEST

START_TEST(texts_are_cut)
{
	char out[8];

	ck_assert_str_eq(stk_safe_text(out, sizeof(out), "1234567"), "1234567");
	ck_assert_str_eq(stk_safe_text(out, sizeof(out), "12345678"), "1234567");
	/* Not within the four bytes that stand for one. */
	ck_assert_str_eq(stk_safe_text(out, sizeof(out), "123\x1b"), "123\\x1b");
	ck_assert_str_eq(stk_safe_text(out, sizeof(out), "1234\x1b"), "1234");
	ck_assert_str_eq(stk_safe_text(out, 1, "1"), "");
	/* Nor within a character. */
	ck_assert_str_eq(stk_safe_text(out, sizeof(out), "12345\xc3\xa4"),
			 "12345\xc3\xa4");
	ck_assert_str_eq(stk_safe_text(out, sizeof(out), "123456\xc3\xa4"), "123456");
}
END_TEST

START_TEST(names_are_copied_if_they_must)
{
	struct stk_arena arena = { 0 };
	char longer[STK_MAX_NAME + 10];
	const char *good = "good", *bad = HOSTILE, *safe;

	ck_assert_ptr_eq(stk_safe_name(&arena, good), good);
	ck_assert_str_eq(stk_safe_name(&arena, bad), AS_NAME);
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	safe = stk_safe_name(&arena, longer);
	ck_assert_uint_eq(strlen(safe), STK_MAX_NAME - 1);
	longer[STK_MAX_NAME - 1] = '\0';
	ck_assert_ptr_eq(stk_safe_name(&arena, longer), longer);
	stk_arena_free(&arena);
}
END_TEST

/* ---- the reader ---- */

static void expect_string(uint64_t at, size_t room, const char *want)
{
	char buf[STK_MAX_NAME];

	memset(buf, 'z', sizeof(buf));
	ck_assert_int_eq(stk_read_string(s, at, buf, room), STK_OK);
	ck_assert_str_eq(buf, want);
	ck_assert(buf[room] == 'z');
}

START_TEST(strings_end)
{
	char buf[16];

	syn_fill(m, PAGES, 4096, 'a');
	syn_write(m, PAGES + 16, HOSTILE, sizeof(HOSTILE));
	syn_write(m, PAGES + 4090, "123456", 6);
	s = syn_open(m);
	expect_string(PAGES + 16, 64, AS_NAME);
	expect_string(PAGES + 16, 5, "?[2J");
	expect_string(PAGES + 16, 1, "");
	/* Where memory ends; what there is of it is told. */
	expect_string(PAGES + 4090, 64, "123456");
	expect_string(PAGES + 4090, 4, "123");
	ck_assert_int_eq(stk_read_string(s, PAGES + 4096, buf, sizeof(buf)),
			 STK_ERR_UNMAPPED);
	ck_assert_str_eq(buf, "");
	ck_assert_ptr_null(stk_string_at(s, PAGES + 4096, 64));
	ck_assert_ptr_null(stk_string_at(s, PAGES + 16 + sizeof(HOSTILE) - 1, 64));
	ck_assert_str_eq(stk_string_at(s, PAGES + 16, 64), AS_NAME);
	/* Without an end: the limit is one, whatever is asked for. */
	ck_assert_uint_eq(strlen(stk_string_at(s, PAGES + 64, 1 << 20)),
			  STK_MAX_NAME - 1);
	/* Across pages. */
	syn_write(m, PAGES + 4096, "789", 4);
	s = syn_open(m);
	expect_string(PAGES + 4090, 64, "123456789");
}
END_TEST

/* ---- who keeps it ---- */

START_TEST(names_of_modules)
{
	uint64_t mod = syn_module(m, HOSTILE, MODULE, HOSTILE "fn");
	char many[4096];
	struct stk_name n;

	memset(many, 'y', sizeof(many));
	/* A name that fills its array, and symbols' names that run into each other. */
	if (_i) {
		syn_write(m, mod + syn_off(m, "module.name"), many, 56);
		syn_write(m, MODULE + 0x3800 + 20, many, 0x1e0);
	}
	s = syn_open(m);
	stk_symbolize(s, MODULE + 0x110, false, &n);
	ck_assert_ptr_nonnull(n.function);
	if (_i) {
		ck_assert_uint_eq(strspn(n.module, "y"), strlen(n.module));
		ck_assert_uint_lt(strlen(n.module), 64);
		ck_assert_uint_lt(strlen(n.function), STK_MAX_NAME);
	} else {
		ck_assert_str_eq(n.module, AS_NAME);
		ck_assert_str_eq(n.function, AS_NAME "fn");
	}
	ck_assert_uint_eq(n.offset, 0x10);
}
END_TEST

static const char *outside_name = HOSTILE;

static enum stk_status outside_lookup(void *priv, uint64_t addr, const char **name,
				      uint64_t *offset)
{
	*name = outside_name;
	*offset = 4;
	return STK_OK;
}

/* Crash's symbol table is as good as the namelist that it is from. */
START_TEST(names_from_outside)
{
	struct stk_symbol_ops ops = *m->target.symbols;
	struct stk_name n;

	ops.lookup = outside_lookup;
	m->target.symbols = &ops;
	m->kallsyms_base = 0; /* the dump's own are asked first */
	s = syn_open(m);
	stk_symbolize(s, syn_sym(m, "_text") + 0x100, false, &n);
	ck_assert_str_eq(n.function, AS_NAME);
}
END_TEST

static size_t hostile_lines(void *priv, void *image, uint64_t pc, struct stk_line *out,
			    size_t room)
{
	out[0] = (struct stk_line){ HOSTILE, NULL, 3 };
	out[1] = (struct stk_line){ "inlined", NULL, 1 };
	out[2] = (struct stk_line){ HOSTILE, "/" HOSTILE ".c", 2 };
	return 3;
}

START_TEST(names_in_dwarf)
{
	static const struct stk_debuginfo_ops ops = { .lines = hostile_lines };
	struct stk_frame frame = { .ip = syn_sym(m, "_text") + 0x100 };
	struct stk_line line[4];

	m->target.debuginfo = &ops;
	s = syn_open(m);
	ck_assert_uint_eq(stk_frame_lines(s, &frame, line, 4), 3);
	ck_assert_str_eq(line[0].function, AS_NAME);
	ck_assert_str_eq(line[1].function, "inlined");
	ck_assert_ptr_null(line[1].file);
	ck_assert_str_eq(line[2].function, AS_NAME);
	ck_assert_str_eq(line[2].file, "/" AS_NAME ".c");
}
END_TEST

/* Names of any length would be the whole of a line, or of memory. */
START_TEST(names_of_bpf)
{
	struct stk_name n;

	syn_map_text(m, MODULE);
	syn_symbol(m, "bpf_kallsyms", PAGES);
	syn_member(m, "bpf_ksym.start", 0, 8);
	syn_member(m, "bpf_ksym.end", 8, 8);
	syn_member(m, "bpf_ksym.name", 16, 512);
	syn_member(m, "bpf_ksym.lnode", 528, 16);
	syn_fill(m, PAGES, 4096, 'y');
	syn_put64(m, PAGES, PAGES + 0x100 + 528);
	syn_put64(m, PAGES + 0x100, MODULE);
	syn_put64(m, PAGES + 0x108, MODULE + 0x200);
	syn_put64(m, PAGES + 0x100 + 528, PAGES);
	if (!_i)
		syn_write(m, PAGES + 0x110, HOSTILE, sizeof(HOSTILE));
	s = syn_open(m);
	stk_symbolize(s, MODULE + 0x40, false, &n);
	ck_assert_ptr_nonnull(n.function);
	if (_i)
		ck_assert_uint_eq(strlen(n.function), 511);
	else
		ck_assert_str_eq(n.function, AS_NAME);
	ck_assert_uint_eq(n.offset, 0x40);
}
END_TEST

/* ---- errors ---- */

START_TEST(texts_of_errors)
{
	s = syn_open(m);
	stk_fail(s, STK_ERR_ARG, "no %s here", HOSTILE);
	ck_assert_str_eq(stk_error_text(s), "no " AS_TEXT " here");
}
END_TEST

/* A task_struct of which the second half is not there. */
START_TEST(the_reason_is_the_calls_own)
{
	uint64_t at = (PAGES + 4096 - syn_off(m, "task_struct.pid") + 7) & ~7ull;
	struct stk_task t;

	ck_assert_uint_lt(syn_off(m, "task_struct.stack"), syn_off(m, "task_struct.pid"));
	syn_fill(m, PAGES, 4096, 0);
	s = syn_open(m);
	ck_assert_int_eq(stk_task_by_pid(s, 9999, &t), STK_ERR_NOT_FOUND);
	ck_assert_int_eq(stk_task_read(s, at, &t), STK_ERR_UNMAPPED);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "pid: address is not mapped"));
	ck_assert_ptr_null(strstr(stk_error_text(s), "9999"));
	/* Nothing said why: then it is not what was said last. */
	ck_assert_str_eq(stk_reason(s, STK_ERR_NOMEM), "out of memory");
	ck_assert_str_eq(stk_reason(s, STK_ERR_UNMAPPED), stk_error_text(s));
}
END_TEST

START_TEST(reads_say_why)
{
	uint64_t v;

	s = syn_open(m);
	stk_fail(s, STK_ERR_ARG, "something else");
	ck_assert_int_eq(stk_read_u64(s, PAGES, &v), STK_ERR_UNMAPPED);
	ck_assert_str_eq(
		stk_error_text(s),
		"cannot read 8 bytes at 0xffffb1c000200000: address is not mapped");
}
END_TEST

static char told[512];

static void on_error(struct stk_command *cmd, const char *text)
{
	snprintf(told, sizeof(told), "%s", text);
}

START_TEST(complaints_about_arguments)
{
	struct stk_command cmd = { .error = on_error };
	uint64_t addr;

	cmd.s = s = syn_open(m);
	ck_assert(!stk_parse_address(&cmd, HOSTILE, &addr));
	ck_assert_str_eq(told, AS_TEXT ": neither an address nor a symbol: there is no "
				       "symbol " AS_TEXT);
}
END_TEST

/*
 * Which characters are printed: their number, and a sum that changes with any of them.
 * The command's tests compare each with Unicode's tables, which are not at hand here.
 */
START_TEST(every_character)
{
	uint32_t nr = 0, sum = 0;

	for (uint32_t i = 0x80; i < 0x110000; i++) {
		char text[4] = { (char)(0xf0 | i >> 18), (char)(0x80 | (i >> 12 & 0x3f)),
				 (char)(0x80 | (i >> 6 & 0x3f)),
				 (char)(0x80 | (i & 0x3f)) };
		size_t len = i < 0x800 ? 2 : i < 0x10000 ? 3 : 4;
		char *first = text + 4 - len;

		if (len < 4)
			*first = (char)(len == 2 ? 0xc0 | i >> 6 : 0xe0 | i >> 12);
		if (stk_printable(first, len) == len) {
			nr++;
			sum = sum * 31 + i;
		}
	}
	ck_assert_uint_eq(nr, 1107646);
	ck_assert_uint_eq(sum, 3632438695u);
}
END_TEST

static const struct unit_test rule_tests[] = {
	RANGE(every_byte, 1, 256),
	LOOP(characters, sizeof(utf8) / sizeof(utf8[0])),
	TEST(ascii),
	TEST(every_character),
	TEST(texts_are_cut),
	TEST(names_are_copied_if_they_must),
	{ 0 },
};

static const struct unit_test names_tests[] = {
	TEST(strings_end),    LOOP(names_of_modules, 2), TEST(names_from_outside),
	TEST(names_in_dwarf), LOOP(names_of_bpf, 2),	 { 0 },
};

static const struct unit_test errors_tests[] = {
	TEST(texts_of_errors),
	TEST(the_reason_is_the_calls_own),
	TEST(reads_say_why),
	TEST(complaints_about_arguments),
	{ 0 },
};

const struct unit_suite suite_strings = {
	"strings",
	{
		{ "rule", rule_tests, NULL, NULL },
		{ "names", names_tests, fixture_kernel, NULL },
		{ "errors", errors_tests, fixture_kernel, NULL },
	},
};
