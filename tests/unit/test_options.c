/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves how a command line is taken apart, with tables of options that no command has:
 * whose an option is, what its value is, what is wrong and how that is told; and how
 * options are laid out in help.
 */
#include "memory.h"
#include "suite.h"

#include "commands/help.h"
#include "commands/options.h"

#include <stdlib.h>
#include <string.h>

static const struct stk_option inner[] = {
	{ 'a', "all", .excludes = "ab" }, /* they share the list, with their own key */
	{ 'b', "bare", .excludes = "ab" },
	{ 'c', "count", .arg = "nr" },
	{ 'n', "needy", .needs = "c" },
	{ 'm', "many", .arg = "word", .many = true },
	{ 'o', "output", .arg = "folded", .literal = true },
	{ 'w', "wordless", .excludes = "@" },
	{ 1, "long", .excludes = "w" },
	{ 2, "long-value", .arg = "x", .needs = "\1" },
	STK_NO_MORE_OPTIONS,
};

static const struct stk_option outer[] = {
	{ 'o', "output", .arg = "file" },
	{ 'a', "any", .help = "" },
	{ 'z', "zip", .help = "" },
	STK_NO_MORE_OPTIONS,
};

static char said[512];

static void add(const char *text)
{
	strncat(said, text, sizeof(said) - strlen(said) - 1);
}

/* "a c=5": what is behind a key is its value. */
static void add_given(const struct stk_args *args)
{
	for (int key = 0; key < STK_NR_KEYS; key++) {
		const char name[] = { key < ' ' ? (char)('0' + key) : (char)key, '\0' };

		if (!stk_given(args, (char)key))
			continue;
		add(*said && said[strlen(said) - 1] != ' ' ? " " : "");
		add(name);
		add(*stk_value(args, (char)key) ? "=" : "");
		add(stk_value(args, (char)key));
	}
}

/* Words of @line, of which the last is behind the end. */
static int split(const char *line, char copy[256], char *argv[16])
{
	char *save;
	int argc = 0;

	snprintf(copy, 256, "%s", line);
	argv[argc++] = (char *)"name";
	for (char *p = strtok_r(copy, " ", &save); p; p = strtok_r(NULL, " ", &save))
		argv[argc++] = p;
	argv[argc] = (char *)"folded";
	return argc;
}

static const char *said_of(const struct stk_args *args, const struct stk_args *second)
{
	*said = '\0';
	if (*args->wrong) {
		add("!");
		add(args->wrong);
		return said;
	}
	add_given(args);
	if (second) {
		add(" / ");
		add_given(second);
	}
	for (int i = 0; i < args->nr; i++) {
		add(" <");
		add(args->word[i]);
		add(">");
	}
	return said;
}

/* ---- one table ---- */

static const struct {
	const char *line, *keys, *want;
} lines[] = {
	{ "", NULL, "" },
	{ "x", NULL, " <x>" },
	{ "-", NULL, " <->" },
	{ "-a", NULL, "a" },
	{ "-an", NULL, "a n" },
	{ "x -a y", NULL, "a <x> <y>" },
	{ "x -- -a", NULL, " <x> <-a>" },
	{ "-- --", NULL, " <-->" },
	{ "--all", NULL, "a" },
	{ "--al", NULL, "!--al: no such option" },
	{ "--alle", NULL, "!--alle: no such option" },
	{ "--all=", NULL, "!--all takes no value: \"\"" },
	{ "--all=1", NULL, "!--all takes no value: \"1\"" },
	{ "-c5", NULL, "c=5" },
	{ "-c 5 6", NULL, "c=5 <6>" },
	{ "-c -a", NULL, "c=-a" },
	{ "-ac5a", NULL, "a c=5a" },
	{ "-c5 -c 6", NULL, "c=6" },
	{ "--count=5", NULL, "c=5" },
	{ "--count= 5", NULL, "c <5>" },
	{ "--count=5=6", NULL, "c=5=6" },
	{ "--count 5 6", NULL, "c=5 <6>" },
	{ "-c", NULL, "!-c: nr is missing" },
	{ "-ac", NULL, "!-c: nr is missing" },
	{ "--count", NULL, "!--count: nr is missing" },
	{ "x --count", NULL, "!--count: nr is missing" },
	{ "-m1", NULL, "m=1" },
	{ "-m 1 --many=2 --many 3", NULL, "m=1,2,3" },
	{ "-o folded", NULL, "o=folded" },
	{ "-ofolded", NULL, "o=folded" },
	{ "--output=folded", NULL, "o=folded" },
	{ "-o svg", NULL, "!-o takes only \"folded\": \"svg\"" },
	{ "--output=fold", NULL, "!--output takes only \"folded\": \"fold\"" },
	{ "-o", NULL, "!-o: folded is missing" },
	{ "--output", NULL, "!--output: folded is missing" },
	{ "-x", NULL, "!-x: no such option" },
	{ "-ax", NULL, "!-x: no such option" },
	{ "-x\033", NULL, "!-x: no such option" },
	{ "-\033", NULL, "!-\\x1b: no such option" },
	/* A key is no letter. */
	{ "-\1", NULL, "!-\\x01: no such option" },
	{ "--long", NULL, "1" },
	{ "--long-value 4", NULL, "2=4" },
	{ "---", NULL, "!---: no such option" },
	/* Lines: options are what is made of these keys, up to the first that is not. */
	{ "-ab --all x", "ab", "a b <x>" },
	{ "-a x -b", "ab", "a <x> <-b>" },
	{ "-a -ac -b", "ab", "a <-ac> <-b>" },
	{ "--bare --count=5", "ab", "b <--count=5>" },
	{ "--nothing -a", "ab", " <--nothing> <-a>" },
	{ "-a - -b", "ab", "a <-> <-b>" },
	{ "-a -- -b", "ab", "a <--> <-b>" },
	{ "-a", "", " <-a>" },
};

START_TEST(a_line)
{
	char copy[256], *argv[16];
	struct stk_args args;

	stk_args_parse(&args, inner, split(lines[_i].line, copy, argv), argv,
		       lines[_i].keys);
	ck_assert_str_eq(said_of(&args, NULL), lines[_i].want);
	stk_args_free(&args);
	ck_assert(!args.word && !args.list);
}
END_TEST

START_TEST(answers_and_letters)
{
	char copy[256], *argv[16];
	struct stk_args args;

	ck_assert(stk_args_parse(&args, inner, split("-a", copy, argv), argv, NULL));
	ck_assert_int_eq(args.unknown, 0);
	stk_args_free(&args);
	ck_assert(!stk_args_parse(&args, inner, split("-axb", copy, argv), argv, NULL));
	ck_assert_int_eq(args.unknown, 'x');
	stk_args_free(&args);
	ck_assert(!stk_args_parse(&args, inner, split("--x", copy, argv), argv, NULL));
	ck_assert_int_eq(args.unknown, 0);
	stk_args_free(&args);
	/* Not even a name. */
	ck_assert(stk_args_parse(&args, inner, 0, argv, NULL));
	ck_assert_int_eq(args.nr, 0);
	ck_assert_ptr_null(args.word[0]);
	stk_args_free(&args);
}
END_TEST

/* ---- two ---- */

static const struct {
	const char *line;
	int until;
	const char *want;
} both[] = {
	{ "", 0, " / " },
	{ "-z x", 0, " / z <x>" },
	{ "-a", 0, "a / " },
	/* Of the arguments before that one the second. */
	{ "-a", 1, "a / " },
	{ "-a", 2, " / a" },
	{ "x -a", 2, "a /  <x>" },
	{ "x -a", 3, " / a <x>" },
	{ "-a -a", 2, "a / a" },
	{ "-ac5", 3, "c=5 / a" },
	/* Each has its own names. */
	{ "--any", 0, " / a" },
	{ "--all", 3, "a / " },
	/* What the one cannot take is the other's. */
	{ "-o folded", 0, "o=folded / " },
	{ "-o svg", 0, " / o=svg" },
	{ "-osvg", 0, " / o=svg" },
	{ "--output=svg", 0, " / o=svg" },
	{ "--output=folded", 0, "o=folded / " },
	{ "--output folded", 0, "o=folded / " },
	{ "-o folded", 3, " / o=folded" },
	{ "-osvg -ofolded", 0, "o=folded / o=svg" },
	{ "-o", 0, "!-o: file is missing" },
	{ "-o", 2, "!-o: file is missing" },
	{ "-y", 0, "!-y: no such option" },
	{ "-y", 2, "!-y: no such option" },
	{ "--zip=1", 0, "!--zip takes no value: \"1\"" },
};

START_TEST(whose_it_is)
{
	char copy[256], *argv[16];
	struct stk_args args, second;

	ck_assert(stk_args_parse_both(&args, inner, &second, outer, both[_i].until,
				      split(both[_i].line, copy, argv),
				      argv) == (both[_i].want[0] != '!'));
	ck_assert_str_eq(said_of(&args, &second), both[_i].want);
	ck_assert_str_eq(second.wrong, "");
	ck_assert_int_eq(second.nr, 0);
	stk_args_free(&args);
	stk_args_free(&second);
}
END_TEST

/* ---- do they go together? ---- */

static const struct {
	const char *line;
	int max_words;
	const char *want; /* "": they do */
} checks[] = {
	{ "", 0, "" },
	{ "-a", 0, "" },
	{ "-b", 0, "" },
	{ "-a -b", 0, "-a and -b exclude each other" },
	{ "-b -a", 0, "-a and -b exclude each other" },
	{ "-a -c 1", 0, "" },
	{ "-n", 0, "-n needs -c" },
	{ "-n -c 1", 0, "" },
	{ "-c 1", 0, "" },
	{ "--long-value 1", 0, "--long-value needs --long" },
	{ "--long-value 1 --long", 0, "" },
	/* Only one of them says so. */
	{ "-w --long", 0, "-w and --long exclude each other" },
	{ "-w", 1, "" },
	{ "-w x", 1, "-w and \"x\" exclude each other" },
	{ "-a x", 1, "" },
	{ "--long x", 1, "" },
	{ "x", 1, "" },
	{ "x y", 1, "\"y\": no such argument is expected" },
	{ "x", 0, "\"x\": no such argument is expected" },
	{ "x y z", 2, "\"z\": no such argument is expected" },
	{ "x y z", 3, "" },
	{ "x y z", -1, "" },
	{ "", -1, "" },
};

START_TEST(together)
{
	char copy[256], *argv[16];
	struct stk_args args;

	ck_assert(stk_args_parse(&args, inner, split(checks[_i].line, copy, argv), argv,
				 NULL));
	ck_assert(stk_args_check(&args, inner, checks[_i].max_words) ==
		  !*checks[_i].want);
	ck_assert_str_eq(args.wrong, checks[_i].want);
	stk_args_free(&args);
}
END_TEST

START_TEST(a_row)
{
	ck_assert_ptr_eq(stk_find_option(inner, 'a'), &inner[0]);
	ck_assert_ptr_eq(stk_find_option(inner, 2), &inner[8]);
	ck_assert_ptr_null(stk_find_option(inner, 'z'));
	ck_assert_ptr_null(stk_find_option(&inner[9], 'a'));
	ck_assert(stk_options_exclude(&inner[0], &inner[1]));
	ck_assert(stk_options_exclude(&inner[6], &inner[7]));
	ck_assert(stk_options_exclude(&inner[7], &inner[6]));
	ck_assert(!stk_options_exclude(&inner[0], &inner[2]));
	ck_assert(!stk_options_exclude(&inner[2], &inner[0]));
	ck_assert(!stk_options_exclude(&inner[2], &inner[3]));
}
END_TEST

START_TEST(words_go)
{
	char copy[256], *argv[16];
	struct stk_args args;

	ck_assert(stk_args_parse(&args, inner, split("x y z", copy, argv), argv, NULL));
	ck_assert_str_eq(stk_args_shift(&args), "x");
	ck_assert_int_eq(args.nr, 2);
	ck_assert_str_eq(args.word[0], "y");
	ck_assert_str_eq(args.word[1], "z");
	ck_assert_ptr_null(args.word[2]);
	ck_assert_str_eq(stk_args_shift(&args), "y");
	ck_assert_str_eq(stk_args_shift(&args), "z");
	ck_assert_ptr_null(args.word[0]);
	ck_assert_ptr_null(stk_args_shift(&args));
	ck_assert_int_eq(args.nr, 0);
	stk_args_free(&args);
}
END_TEST

static const struct unit_test parser[] = {
	LOOP(a_line, sizeof(lines) / sizeof(lines[0])),
	TEST(answers_and_letters),
	LOOP(whose_it_is, sizeof(both) / sizeof(both[0])),
	LOOP(together, sizeof(checks) / sizeof(checks[0])),
	TEST(a_row),
	TEST(words_go),
	{ 0 },
};

/* ---- how they are laid out ---- */

#define TEN	"1234567890"
#define FIFTEEN TEN "12345"
#define BLANK27 "                           "

static char *text;
static size_t text_len;
static FILE *fp;

static void help_setup(void)
{
	fp = open_memstream(&text, &text_len);
}

static void help_teardown(void)
{
	if (fp)
		fclose(fp);
	fp = NULL;
	free(text);
	text = NULL;
}

static void expect_text(const char *want)
{
	fclose(fp);
	fp = NULL;
	ck_assert_str_eq(text, want);
	help_teardown();
	help_setup();
}

START_TEST(texts_of_options)
{
	static const struct {
		struct stk_option option;
		const char *want;
	} row[] = {
		{ { 'a', "all", .help = "x." }, "    -a, --all              x.\n" },
		{ { 'a', "all", .arg = "nr", .help = "x." },
		  "    -a, --all=nr           x.\n" },
		{ { 1, "all", .help = "x." }, "        --all              x.\n" },
		{ { 2, "all", .arg = "nr", .help = "x." },
		  "        --all=nr           x.\n" },
		/* One column is left for a blank; then none. */
		{ { 'a', FIFTEEN "6", .help = "x." }, "    -a, --" FIFTEEN "6 x.\n" },
		{ { 'a', FIFTEEN "67", .help = "x." },
		  "    -a, --" FIFTEEN "67\n" BLANK27 "x.\n" },
		{ { 1, TEN, .arg = "12345", .help = "x." },
		  "        --" TEN "=12345 x.\n" },
		{ { 1, TEN, .arg = "123456", .help = "x." },
		  "        --" TEN "=123456\n" BLANK27 "x.\n" },
		/* Fifty-three columns are left for the text. */
		{ { 'a', "all", .help = TEN TEN TEN TEN TEN "123 x." },
		  "    -a, --all              " TEN TEN TEN TEN TEN "123\n" BLANK27
		  "x.\n" },
		{ { 'a', "all", .help = TEN TEN TEN TEN TEN " 12 x." },
		  "    -a, --all              " TEN TEN TEN TEN TEN " 12\n" BLANK27
		  "x.\n" },
		{ { 'a', "all", .help = TEN TEN TEN TEN TEN " 123 x." },
		  "    -a, --all              " TEN TEN TEN TEN TEN "\n" BLANK27
		  "123 x.\n" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct stk_option options[] = { row[i].option,
						      STK_NO_MORE_OPTIONS };

		stk_print_options(fp, options);
		expect_text(row[i].want);
	}
}
END_TEST

/* Paragraphs are parted; where the text begins is said by who calls. */
START_TEST(wrapped_texts)
{
	stk_print_wrapped(fp, "one  two\nthree", 0, 2);
	expect_text("  one two\n\n  three\n");
	stk_print_wrapped(fp, "one\n\n two", 3, 3);
	expect_text("one\n\n   two\n");
	stk_print_wrapped(fp, "one", 2, 3);
	expect_text(" one\n");
	stk_print_wrapped(fp, "one", 4, 3);
	expect_text(" one\n");
	stk_print_wrapped(fp, "", 0, 1);
	expect_text(" \n");
}
END_TEST

#define THIRTY TEN TEN TEN

/* As much as 80 columns have, whatever stands before it, and of each further line. */
START_TEST(lines_of_a_synopsis)
{
	static const struct {
		const char *first, *second, *third;
		int at;
		const char *want;
	} row[] = {
		/* Each piece is four longer than its name: "[--" and "]", and what marks
		 * them is not seen. */
		{ THIRTY "12345", THIRTY "12345", "x", 0,
		  "[--" THIRTY "12345] [--" THIRTY "12345]\n    [--x]\n" },
		{ THIRTY "12345", THIRTY "123456", "x", 0,
		  "[--" THIRTY "12345] [--" THIRTY "123456]\n    [--x]\n" },
		{ THIRTY "12345", THIRTY "123456", "x", 1,
		  "[--" THIRTY "12345]\n    [--" THIRTY "123456] [--x]\n" },
		/* Further lines begin behind four blanks. */
		{ THIRTY THIRTY TEN, THIRTY, THIRTY "1234567", 10,
		  "[--" THIRTY THIRTY TEN "]\n    [--" THIRTY "] [--" THIRTY
		  "1234567]\n" },
		{ THIRTY THIRTY TEN, THIRTY, THIRTY "12345678", 10,
		  "[--" THIRTY THIRTY TEN "]\n    [--" THIRTY "]\n    [--" THIRTY
		  "12345678]\n" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct stk_option options[] = { { 1, row[i].first, .help = "" },
						      { 2, row[i].second, .help = "" },
						      { 3, row[i].third, .help = "" },
						      STK_NO_MORE_OPTIONS };
		const struct stk_command_info info = { .options = options };

		stk_print_synopsis(fp, &info, STK_IN_CRASH, row[i].at, 4);
		expect_text(row[i].want);
	}
}
END_TEST

static const struct stk_option few[] = {
	{ 'a', "all", .help = "All." },
	{ 'b', "bare", .help = "Bare." },
	{ 'c', "count", .arg = "nr", .help = "So many.", .excludes = "d@" },
	{ 'd', "deep", .help = "Deep." },
	{ 'e', "each", .arg = "x", .help = "Each.", .needs = "d" },
	{ 'f', "full", .arg = "literal", .literal = true, .help = "Full." },
	{ 1, "long", .help = "Long." },
	STK_NO_MORE_OPTIONS,
};

static const struct stk_word two_words[] = { { "ONE", "The one." },
					     { "OTHER", "The other." },
					     { 0 } };

static const struct stk_letter two_letters[] = { { "-x", false, "Here." },
						 { "-y", true, "Not here." },
						 { 0 } };

static const struct stk_example four_examples[] = {
	{ 0 },
	{ .options = "-a", .words = "1" },
	{ .options = "-b", .doors = STK_IN_CLI },
	{ .words = "2", .doors = STK_IN_CRASH },
	{ .doors = ~0u },
};

static const struct stk_command_info full = {
	.name = "fake",
	.about = "It does.",
	.max_words = -1,
	.options = few,
	.words = two_words,
	.notes = "A note.",
	.habit = "bt",
	.letters = two_letters,
	.crash_notes = "Of crash.",
	.cli_notes = "Of the CLI.",
	.examples = four_examples,
};

#define HEAD                                                                             \
	"  It does.\n\n"                                                                 \
	"    -a, --all              All.\n"                                              \
	"    -b, --bare             Bare.\n"                                             \
	"    -c, --count=nr         So many.\n"                                          \
	"    -d, --deep             Deep.\n"                                             \
	"    -e, --each=x           Each.\n"                                             \
	"    -f, --full=literal     Full.\n"                                             \
	"        --long             Long.\n"                                             \
	"    ONE                    The one.\n"                                          \
	"    OTHER                  The other.\n"                                        \
	"\n  A note.\n\n  "
#define LETTERS                                                                          \
	"\n\nLETTERS OF bt IN fake\n"                                                    \
	"    -x         Here.\n"                                                         \
	"    -y (none)  Not here.\n"                                                     \
	"\nEXAMPLES\n"

START_TEST(all_of_help)
{
	struct stk_command_info some = { .name = "fake",
					 .about = "It.",
					 .options = &few[7],
					 .no_dump = true,
					 .examples = four_examples };

	stk_print_help(fp, &full, STK_IN_CRASH);
	expect_text(HEAD "Of crash." LETTERS "    crash> fake\n    crash> fake -a 1\n"
			 "    crash> fake 2\n");
	stk_print_help(fp, &full, STK_IN_CLI);
	expect_text(HEAD "Of the CLI." LETTERS "    stackinfo fake vmcore\n"
			 "    stackinfo fake -a vmcore 1\n"
			 "    stackinfo fake -b vmcore\n");
	stk_print_help(fp, &some, STK_IN_CLI);
	expect_text("  It.\n\nEXAMPLES\n    stackinfo fake\n    stackinfo fake -a 1\n"
		    "    stackinfo fake -b\n");
	some.examples = NULL;
	stk_print_help(fp, &some, STK_IN_CRASH);
	expect_text("  It.\n");
	some.words = two_words;
	stk_print_help(fp, &some, STK_IN_CRASH);
	expect_text("  It.\n\n    ONE                    The one.\n"
		    "    OTHER                  The other.\n");
	some.words = NULL;
	some.options = &few[6];
	stk_print_help(fp, &some, STK_IN_CRASH);
	expect_text("  It.\n\n        --long             Long.\n");
	ck_assert(stk_example_is_for(&four_examples[0], STK_IN_CRASH));
	ck_assert(stk_example_is_for(&four_examples[3], STK_IN_CRASH));
	ck_assert(!stk_example_is_for(&four_examples[2], STK_IN_CRASH));
	ck_assert(!stk_example_is_for(&four_examples[4], STK_IN_CRASH));
}
END_TEST

START_TEST(pieces_of_a_synopsis)
{
	/* Three may stand with what they need; a fourth makes all of them stand alone. */
	static const struct stk_option needy[] = {
		{ 'a', "a", .arg = "A" },
		{ 'b', "b", .needs = "a" },
		{ 'c', "c", .arg = "C", .needs = "a" },
		{ 1, "d", .needs = "a" },
		{ 'e', "e", .needs = "a" },
		STK_NO_MORE_OPTIONS,
	};
	/* Each excludes the next: the last does not exclude the first. */
	static const struct stk_option chain[] = {
		{ 'a', "a", .excludes = "ab" },
		{ 'b', "b", .excludes = "c" },
		{ 'c', "c", .help = "" },
		{ 'd', "d", .excludes = "a" },
		STK_NO_MORE_OPTIONS,
	};
	struct stk_option three[5];
	struct stk_command_info info = full;

	stk_synopsis(fp, &info, STK_IN_CRASH);
	expect_text("[\1-ab\3]\n[\1-c\3 \2nr\3 | \1-d\3 [\1-e\3 \2x\3]]\n"
		    "[\1-f\3 \1literal\3]\n[\1--long\3]\n"
		    "[\2ONE\3 | \2OTHER\3 ...]\n");
	info.max_words = 0;
	stk_synopsis(fp, &info, STK_IN_CLI);
	expect_text("[\1-ab\3]\n[\1-c\3 \2nr\3 | \1-d\3 [\1-e\3 \2x\3]]\n"
		    "[\1-f\3 \1literal\3]\n[\1--long\3]\n"
		    "\2VMCORE\3\n[\2ONE\3 | \2OTHER\3]\n");
	info.words = NULL;
	info.no_dump = true;
	info.options = needy;
	stk_synopsis(fp, &info, STK_IN_CLI);
	expect_text("[\1-a\3 \2A\3]\n[\1-b\3]\n[\1-c\3 \2C\3]\n[\1--d\3]\n[\1-e\3]\n");
	memcpy(three, needy, sizeof(three));
	three[4] = needy[5];
	info.options = three;
	stk_synopsis(fp, &info, STK_IN_CRASH);
	expect_text("[\1-a\3 \2A\3 [\1-b\3] [\1-c\3 \2C\3] [\1--d\3]]\n");
	info.options = chain;
	stk_synopsis(fp, &info, STK_IN_CRASH);
	expect_text("[\1-a\3 | \1-b\3]\n[\1-c\3]\n[\1-d\3]\n");
}
END_TEST

/* Who has no memory for it goes without. */
START_TEST(no_memory_for_a_synopsis)
{
	memory_watch();
	stk_print_synopsis(fp, &full, STK_IN_CRASH, 0, 4);
	memory_end();
	rewind(fp);
	memory_fail(0, 0);
	stk_print_synopsis(fp, &full, STK_IN_CRASH, 0, 4);
	memory_end();
	ck_assert(memory_failed());
	ck_assert_int_eq(ftell(fp), 0);
}
END_TEST

static const struct unit_test help[] = {
	TEST(no_memory_for_a_synopsis),
	TEST(texts_of_options),
	TEST(wrapped_texts),
	TEST(lines_of_a_synopsis),
	TEST(all_of_help),
	TEST(pieces_of_a_synopsis),
	{ 0 },
};

const struct unit_suite suite_options = {
	"options",
	{
		{ "parser", parser, NULL, NULL },
		{ "help", help, help_setup, help_teardown },
	},
};
