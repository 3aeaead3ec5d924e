/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what is typed and piped in: options that have no letter, the shape of help and
 * of a synopsis, text from standard input and pasted into crash; and what is said when
 * there is no CPU and no session.
 */
#include "fixture.h"
#include "suite.h"

#include "commands/args.h"
#include "commands/help.h"

#include <stackinfo/render.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct stk *s;
static char *out, errors[512];
static size_t out_len;
static FILE *fp;

static void on_error(struct stk_command *unused, const char *text)
{
	strncat(errors, text, sizeof(errors) - strlen(errors) - 1);
}

static void setup(void)
{
	fixture_kernel();
	errors[0] = '\0';
	fp = open_memstream(&out, &out_len);
}

static void teardown(void)
{
	fclose(fp);
	free(out);
	out = NULL;
}

static void expect_out(const char *want)
{
	fflush(fp);
	ck_assert_str_eq(out, want);
}

/* ---- help ---- */

static const struct stk_option options[] = {
	{ 'a', "all", .excludes = "n", .help = "All of them." },
	{ 'n', "number", "number",
	  .help = "So many, one two three four five six seven "
		  "eight nine ten eleven twelve." },
	{ 'u', "under", "n", .needs = "n", .help = "Under that." },
	{ 1, "only-a-long-name-of-it", .help = "Without a letter." },
	{ 'p', "plain", .help = "Plain." },
	STK_OPTION_JSON,
	STK_NO_MORE_OPTIONS,
};

static const struct stk_word words[] = { { "WORD", "What is meant." }, { 0 } };

static const struct stk_example examples[] = {
	{ .options = "-a", .words = "one" },
	{ .words = "two", .doors = STK_IN_CLI },
	{ .options = "-p", .doors = STK_IN_CRASH },
	STK_NO_MORE_EXAMPLES,
};

static const struct stk_command_info command = {
	.name = "command",
	.purpose = "test",
	.max_words = 1,
	.about = "First paragraph, which is long enough that it has to go on in a second "
		 "line below the first.\n\nSecond.",
	.options = options,
	.words = words,
	.notes = "A note.",
	.crash_notes = "A note on crash.",
	.cli_notes = "A note on the command line.",
	.examples = examples,
};

static const char help[] =
	"  First paragraph, which is long enough that it has to go on in a second line\n"
	"  below the first.\n"
	"\n"
	"  Second.\n"
	"\n"
	"    -a, --all              All of them.\n"
	"    -n, --number=number    So many, one two three four five six seven eight nine\n"
	"                           ten eleven twelve.\n"
	"    -u, --under=n          Under that.\n"
	"        --only-a-long-name-of-it\n"
	"                           Without a letter.\n"
	"    -p, --plain            Plain.\n"
	"    -j, --json             JSON: one document on one line.\n"
	"    WORD                   What is meant.\n"
	"\n"
	"  A note.\n";

START_TEST(help_in_crash)
{
	char *want;

	stk_print_help(fp, &command, STK_IN_CRASH);
	ck_assert_int_gt(asprintf(&want,
				  "%s\n  A note on crash.\n\nEXAMPLES\n"
				  "    crash> command -a one\n    crash> command -p\n",
				  help),
			 0);
	expect_out(want);
	free(want);
}
END_TEST

START_TEST(help_elsewhere)
{
	char *want;

	stk_print_help(fp, &command, STK_IN_CLI);
	ck_assert_int_gt(asprintf(&want,
				  "%s\n  A note on the command line.\n\nEXAMPLES\n"
				  "    stackinfo command -a vmcore one\n"
				  "    stackinfo command vmcore two\n",
				  help),
			 0);
	expect_out(want);
	free(want);
}
END_TEST

/* Lines end before column 80, and those that follow are indented. */
START_TEST(synopsis)
{
	stk_print_synopsis(fp, &command, STK_IN_CLI, 0, 4);
	expect_out(
		"[-pj] [-a | -n number [-u n]] [--only-a-long-name-of-it] VMCORE [WORD]\n");
	rewind(fp);
	stk_print_synopsis(fp, &command, STK_IN_CLI, 10, 4);
	fflush(fp);
	ck_assert_ptr_null(strstr(out, "\n    "));
	rewind(fp);
	stk_print_synopsis(fp, &command, STK_IN_CLI, 11, 4);
	fflush(fp);
	ck_assert_str_eq(strstr(out, "\n"), "\n    [WORD]\n");
}
END_TEST

/* ---- options ---- */

static const char *wrong_of(char *line)
{
	static char text[320];
	char *argv[16], *save;
	struct stk_args args;
	int argc = 0;

	for (char *p = strtok_r(line, " ", &save); p; p = strtok_r(NULL, " ", &save))
		argv[argc++] = p;
	argv[argc] = NULL;
	text[0] = '\0';
	if (!stk_command_args(&command, false, argc, argv, &args))
		snprintf(text, sizeof(text), "%s", args.wrong);
	stk_args_free(&args);
	return text;
}

START_TEST(what_is_wrong)
{
	static const char *const row[][2] = {
		{ "command -n 1 one", "" },
		{ "command -n1 -u2", "" },
		{ "command --number=1", "" },
		{ "command -- -a", "" },
		{ "command -", "" },
		{ "command -a -n 1", "-a and -n exclude each other" },
		{ "command -u 1", "-u needs -n" },
		{ "command -n", "-n: number is missing" },
		{ "command --number", "--number: number is missing" },
		{ "command --all=1", "--all takes no value: \"1\"" },
		{ "command -x", "-x: no such option" },
		{ "command -pax", "-x: no such option" },
		{ "command --nothing", "--nothing: no such option" },
		{ "command \001", "" },
		{ "command one two", "\"two\": no such argument is expected" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char line[64];

		snprintf(line, sizeof(line), "%s", row[i][0]);
		ck_assert_str_eq(wrong_of(line), row[i][1]);
	}
}
END_TEST

START_TEST(an_option_without_a_letter)
{
	static const struct stk_option two[] = {
		{ 1, "one-name", .excludes = "o", .help = "One." },
		{ 'o', "other", .help = "Other." },
		STK_NO_MORE_OPTIONS,
	};
	char *argv[] = { "command", "-o", "--one-name", NULL };
	struct stk_args args;

	ck_assert(stk_args_parse(&args, two, 3, argv, NULL));
	ck_assert(!stk_args_check(&args, two, -1));
	ck_assert_str_eq(args.wrong, "--one-name and -o exclude each other");
	stk_args_free(&args);
}
END_TEST

START_TEST(options_of_two_tables)
{
	static const struct stk_option inner[] = {
		{ 'n', "without", "idle", .literal = true, .help = "Inner." },
		{ 'v', "verbose", .help = "Inner." },
		STK_NO_MORE_OPTIONS,
	};
	static const struct stk_option outer[] = {
		{ 'n', "names", "FILE", .help = "Outer." },
		{ 'v', "version", .help = "Outer." },
		STK_NO_MORE_OPTIONS,
	};
	char *argv[] = { "command", "-n", "idle", "-vnx", "--version", "one", NULL };
	char *none[] = { "command", "-x", NULL };
	struct stk_args in, own;

	ck_assert(stk_args_parse_both(&in, inner, &own, outer, 0, 6, argv));
	ck_assert_str_eq(stk_value(&in, 'n'), "idle");
	ck_assert_str_eq(stk_value(&own, 'n'), "x");
	ck_assert(stk_given(&in, 'v') && stk_given(&own, 'v'));
	ck_assert_int_eq(in.nr, 1);
	stk_args_free(&in);
	stk_args_free(&own);
	/* The first three are of the outer table, if that has them. */
	ck_assert(stk_args_parse_both(&in, inner, &own, outer, 5, 6, argv));
	ck_assert_str_eq(stk_value(&own, 'n'), "x");
	ck_assert(!stk_given(&in, 'n') && !stk_given(&in, 'v'));
	stk_args_free(&in);
	stk_args_free(&own);
	ck_assert(!stk_args_parse_both(&in, inner, &own, outer, 0, 2, none));
	ck_assert_str_eq(in.wrong, "-x: no such option");
	ck_assert_int_eq(in.unknown, 'x');
	stk_args_free(&in);
	stk_args_free(&own);
}
END_TEST

START_TEST(words_are_taken_one_by_one)
{
	char *argv[] = { "command", "one", "-a", "two", NULL };
	struct stk_args args;

	ck_assert(stk_args_parse(&args, options, 4, argv, NULL));
	ck_assert_int_eq(args.nr, 2);
	ck_assert_str_eq(stk_args_shift(&args), "one");
	ck_assert_int_eq(args.nr, 1);
	ck_assert_str_eq(args.word[0], "two");
	ck_assert_str_eq(stk_args_shift(&args), "two");
	ck_assert_ptr_null(stk_args_shift(&args));
	ck_assert_int_eq(args.nr, 0);
	stk_args_free(&args);
}
END_TEST

START_TEST(a_complaint_without_a_session)
{
	struct stk_command cmd = { .error = on_error };

	ck_assert_int_eq(stk_complain(&cmd, "so much: %d\n", 7), STK_CMD_FAILED);
	ck_assert_str_eq(errors, "so much: 7\\x0a");
}
END_TEST

/* ---- standard input ---- */

/* What stackof says of @text on standard input; what it left of it comes in @rest. */
static enum stk_command_result stackof_of(const char *text, bool paste, char rest[64])
{
	struct stk_command cmd = { .out = fp, .error = on_error, .paste = paste };
	char *argv[] = { "stackof", "-", NULL };
	int pipes[2], before = dup(STDIN_FILENO);
	enum stk_command_result res;

	s = cmd.s = syn_open(m);
	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert_int_eq(write(pipes[1], text, strlen(text)), (ssize_t)strlen(text));
	close(pipes[1]);
	dup2(pipes[0], STDIN_FILENO);
	close(pipes[0]);
	clearerr(stdin);
	res = stk_run_words(stk_find_command("stackof", STK_EVERYWHERE), &cmd, 2, argv);
	if (!fgets(rest, 64, stdin))
		rest[0] = '\0';
	dup2(before, STDIN_FILENO);
	close(before);
	return res;
}

START_TEST(piped_in)
{
	char rest[64];

	ck_assert_int_eq(stackof_of("RIP 0xffffffff9b001234\n\nlast", false, rest),
			 STK_CMD_OK);
	expect_out(
		"RIP 0xffffffff9b001234\n"
		"    ffffffff9b001234: kernel image: do_syscall_64+52: text\n\nlast\n");
	ck_assert_str_eq(rest, "");
	ck_assert_str_eq(errors, "");
}
END_TEST

/* Inside crash an empty line ends it, and crash's own commands follow. */
START_TEST(pasted)
{
	char rest[64];

	ck_assert_int_eq(stackof_of("one\r\ntwo\n\nbt -a\n", true, rest), STK_CMD_OK);
	expect_out("one\ntwo\nstackof: no word of this text is an address of the kernel; "
		   "-v explains other numbers, too\n");
	ck_assert_str_eq(rest, "bt -a\n");
}
END_TEST

START_TEST(a_word_of_many_zeros)
{
	char rest[64];

	/* As long as a word can be that is looked at, and one longer. */
	ck_assert_int_eq(stackof_of("0x00000ffffffff9b001234 0x000000ffffffff9b001235\n",
				    false, rest),
			 STK_CMD_OK);
	fflush(fp);
	ck_assert_ptr_nonnull(strstr(out, "\n    ffffffff9b001234: "));
	ck_assert_ptr_null(strstr(out, "\n    ffffffff9b001235: "));
}
END_TEST

START_TEST(no_cpu_is_online)
{
	struct stk_command cmd = { .out = fp, .error = on_error };
	char *argv[] = { "xbt", "-a", NULL };

	syn_put64(m, syn_sym(m, "__cpu_online_mask"), 0);
	s = cmd.s = syn_open(m);
	ck_assert_int_eq(
		stk_run_words(stk_find_command("xbt", STK_EVERYWHERE), &cmd, 2, argv),
		STK_CMD_FAILED);
	ck_assert_str_eq(errors,
			 "no CPU is online: the kernel died before bringing one up");
	expect_out("");
}
END_TEST

/* ---- records of the log ---- */

START_TEST(records)
{
	struct stk_log_record r = { .ns = 12345678901234ull,
				    .text = "one\n\ttwo\x1b",
				    .len = 9,
				    .has_caller = true,
				    .caller = 42 };

	stk_text_record(fp, &r, false, 0);
	stk_text_record(fp, &r, true, 0);
	r.caller = 1u << 31 | 3;
	r.ns = 1999;
	r.len = 3;
	stk_text_record(fp, &r, true, 0);
	r.has_caller = false;
	stk_text_record(fp, &r, true, 0);
	r.text = NULL;
	stk_text_record(fp, &r, true, 0);
	expect_out("[12345.678901] one\n               \ttwo\\x1b\n"
		   "[12345.678901] [     T42] one\n                          \ttwo\\x1b\n"
		   "[    0.000001] [      C3] one\n"
		   "[    0.000001] one\n"
		   "[    0.000001] (not in the dump)\n");
}
END_TEST

static const struct unit_test tests[] = {
	TEST(help_in_crash),
	TEST(help_elsewhere),
	TEST(synopsis),
	TEST(what_is_wrong),
	TEST(an_option_without_a_letter),
	TEST(options_of_two_tables),
	TEST(words_are_taken_one_by_one),
	TEST(a_complaint_without_a_session),
	TEST(piped_in),
	TEST(pasted),
	TEST(a_word_of_many_zeros),
	TEST(no_cpu_is_online),
	TEST(records),
	{ 0 },
};

const struct unit_suite suite_typed = {
	"typed",
	{
		{ "typed", tests, setup, teardown },
	},
};
