/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what the command by itself has besides the commands: the line that shows how far
 * it is, its help, and the lines of a batch.
 */
#include "findings.h"
#include "golden.h"
#include "suite.h"

#include "cli/cli.h"
#include "cli/progress.h"
#include "commands/args.h"
#include "commands/help.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char text[16384];

/* What is written to a file descriptor goes to a file until it is given back. */
static FILE *kept;
static int saved = -1;

static void catch_stderr(void)
{
	fflush(stderr);
	kept = tmpfile();
	saved = dup(STDERR_FILENO);
	ck_assert(kept && saved >= 0);
	dup2(fileno(kept), STDERR_FILENO);
}

static const char *file_text(FILE *f)
{
	size_t len;

	fflush(f);
	rewind(f);
	len = fread(text, 1, sizeof(text) - 1, f);
	text[len] = '\0';
	fclose(f);
	return text;
}

static const char *caught(void)
{
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	return file_text(kept);
}

/* ---- how far it is ---- */

/* As if it had begun @ms ago, and been shown as long ago. */
static struct cli_progress begun(unsigned int ms, unsigned int shown_ms)
{
	struct cli_progress p;

	cli_progress_init(&p, "xbt");
	p.wanted = true;
	/* The clock of a machine that has just started may not go back so far. */
	p.begin -= ms;
	p.last = p.begin + ms - shown_ms;
	return p;
}

START_TEST(progress_is_grouped)
{
	static const struct {
		size_t nr;
		const char *want;
	} row[] = {
		{ 0, "0" },
		{ 7, "7" },
		{ 12, "12" },
		{ 123, "123" },
		{ 1234, "1,234" },
		{ 30055, "30,055" },
		{ 999999, "999,999" },
		{ 1234567, "1,234,567" },
		{ (size_t)-1, "18,446,744,073,709,551,615" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct cli_progress p = begun(2000, 2000);
		char want[128];

		snprintf(want, sizeof(want), "\rxbt: %s of 5 tasks\033[K", row[i].want);
		catch_stderr();
		cli_progress_show(&p, "tasks", row[i].nr, 5, true);
		ck_assert_str_eq(caught(), want);
		ck_assert(p.shown);
	}
}
END_TEST

/* Not in the first second, and not ten times in the next. */
START_TEST(progress_waits)
{
	static const struct {
		unsigned int begun, shown;
		bool wanted, is_shown;
	} row[] = {
		{ 2000, 1000, true, true },   { 1000, 1000, true, true },
		{ 1040, 140, true, true },    { 500, 500, true, false },
		{ 2000, 10, true, false },    { 0, 0, true, false },
		{ 2000, 1000, false, false },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct cli_progress p = begun(row[i].begun, row[i].shown);
		uint64_t last = p.last;

		p.wanted = row[i].wanted;
		catch_stderr();
		cli_progress_show(&p, "tasks", 1, 2, true);
		ck_assert_msg(!*caught() == !row[i].is_shown, "row %zu", i);
		ck_assert(p.shown == row[i].is_shown);
		ck_assert((p.last != last) == row[i].is_shown);
		/* At once again: that was just now. */
		catch_stderr();
		cli_progress_show(&p, "tasks", 2, 2, true);
		ck_assert_str_eq(caught(), "");
	}
}
END_TEST

START_TEST(progress_goes_away)
{
	struct cli_progress p = begun(2000, 2000);

	catch_stderr();
	cli_progress_clear(&p);
	ck_assert_str_eq(caught(), "");
	catch_stderr();
	cli_progress_show(&p, "tasks", 1, 2, true);
	cli_progress_clear(&p);
	cli_progress_clear(&p);
	ck_assert_str_eq(caught(), "\rxbt: 1 of 2 tasks\033[K\r\033[K");
	ck_assert(!p.shown);
}
END_TEST

/* Standard error is a file: nobody looks at it now. The clock is not the wall's. */
START_TEST(progress_begins)
{
	struct cli_progress p = { .shown = true }, later;

	catch_stderr();
	cli_progress_init(&p, "tss");
	usleep(20000);
	cli_progress_init(&later, "tss");
	caught();
	ck_assert(!p.wanted && !p.shown);
	ck_assert_str_eq(p.name, "tss");
	ck_assert_uint_eq(p.last, 0);
	/* Milliseconds. */
	ck_assert_uint_ge(later.begin - p.begin, 15);
	ck_assert_uint_lt(later.begin - p.begin, 15000);
}
END_TEST

/*
 * Whoever looks at a terminal wants it there, unless the answer itself goes to it line by
 * line, or to another program, which may have a terminal of its own.
 */
START_TEST(progress_on_a_terminal)
{
	static const struct {
		bool terminal, file, wanted, shown, shown_when_collected;
	} row[] = {
		{ true, false, true, false, true },
		{ false, true, true, true, true },
		{ false, false, false, false, false },
	};
	int master = posix_openpt(O_RDWR | O_NOCTTY), terminal, pair[2];
	int err = dup(STDERR_FILENO), out = dup(STDOUT_FILENO);
	FILE *file = tmpfile();
	struct cli_progress p;
	bool wanted, shown[2];

	ck_assert(master >= 0 && !grantpt(master) && !unlockpt(master));
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
	ck_assert(terminal >= 0 && !pipe(pair) && file);
	fflush(stdout);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		dup2(terminal, STDERR_FILENO);
		dup2(row[i].terminal ? terminal
		     : row[i].file   ? fileno(file)
				     : pair[1],
		     STDOUT_FILENO);
		cli_progress_init(&p, "xbt");
		wanted = p.wanted;
		for (int collects = 0; collects < 2; collects++) {
			p.shown = false;
			p.last = p.begin -= 5000;
			cli_progress_show(&p, "tasks", 1, 2, collects);
			shown[collects] = p.shown;
		}
		dup2(err, STDERR_FILENO);
		dup2(out, STDOUT_FILENO);
		ck_assert_msg(wanted == row[i].wanted, "row %zu", i);
		ck_assert_msg(shown[0] == row[i].shown, "row %zu", i);
		ck_assert_msg(shown[1] == row[i].shown_when_collected, "row %zu", i);
	}
	fclose(file);
	close(terminal);
	close(master);
	close(pair[0]);
	close(pair[1]);
	close(err);
	close(out);
}
END_TEST

/* ---- help ---- */

START_TEST(help_names_all)
{
	FILE *f = tmpfile();
	const char *at;

	cli_print_help(f);
	file_text(f);
	ck_assert(!strncmp(text, "usage: stackinfo ", 17));
	for (const struct stk_command_info *const *c = stk_commands; *c; c++) {
		char line[64];

		snprintf(line, sizeof(line), "\n    %-8s ", (*c)->name);
		at = strstr(text, line);
		ck_assert_msg(!at == !((*c)->doors & STK_IN_CLI), "%s", (*c)->name);
	}
	ck_assert_ptr_nonnull(strstr(text, "\n    help     options, arguments"));
	ck_assert_ptr_nonnull(strstr(text, "OPTIONS\n"));
	ck_assert_ptr_nonnull(strstr(text, "--debuginfod"));
	ck_assert_ptr_nonnull(strstr(text, "    Without one: why did this machine die"));
	ck_assert_ptr_nonnull(strstr(text, "\"stackinfo help COMMAND\" tells more.\n"));
}
END_TEST

START_TEST(commands_are_found)
{
	FILE *f = tmpfile();

	ck_assert_ptr_eq(cli_find_command("help"), cli_commands[0]);
	ck_assert_ptr_eq(cli_find_command("xbt"), &stk_xbt_command);
	ck_assert_ptr_eq(cli_find_command("bt"), &stk_xbt_command);
	ck_assert_ptr_null(cli_find_command("nosuch"));
	cli_print_command(f, &stk_xbt_command);
	file_text(f);
	ck_assert(!strncmp(text, "xbt - ", 6));
	/* Its synopsis goes on below where it began. */
	ck_assert_ptr_nonnull(strstr(text, "\n\nstackinfo xbt "));
	ck_assert_ptr_nonnull(strstr(text, "\nEXAMPLES\n"));
}
END_TEST

static char complaint[512];

static void on_error(struct stk_command *unused, const char *why)
{
	snprintf(complaint, sizeof(complaint), "%s", why);
}

static enum stk_command_result run_help(const char *word)
{
	char first[] = "help", name[32], *argv[] = { first, name, NULL };
	struct stk_command cmd = { .out = tmpfile(), .error = on_error };
	enum stk_command_result res;

	complaint[0] = '\0';
	snprintf(name, sizeof(name), "%s", word ? word : "");
	res = stk_run_words(cli_commands[0], &cmd, word ? 2 : 1, argv);
	file_text(cmd.out);
	return res;
}

START_TEST(help_of_a_command)
{
	ck_assert_int_eq(run_help(NULL), STK_CMD_OK);
	ck_assert(!strncmp(text, "usage: ", 7));
	ck_assert_int_eq(run_help("tss"), STK_CMD_OK);
	ck_assert(!strncmp(text, "tss - ", 6));
	ck_assert_int_eq(run_help("nosuch"), STK_CMD_USAGE);
	ck_assert_str_eq(complaint, "no such command: \"nosuch\"");
	ck_assert_str_eq(text, "");
}
END_TEST

/* ---- batches ---- */

static struct stk_args parsed;

static struct cli_request request(const struct stk_command_info *info)
{
	char first[] = "tss", json[] = "-j", *argv[] = { first, json, NULL };
	struct cli_request r = { .command = info, .args = &parsed, .timeout = 60 };

	ck_assert(stk_args_parse(&parsed, info->options, 2, argv, NULL));
	return r;
}

/* Each line has its own process, so the answer goes to a file. */
static enum cli_status batch(const struct cli_request *r, const char *names)
{
	FILE *list = tmpfile(), *out = tmpfile();
	enum cli_status st;

	fputs(names, list);
	rewind(list);
	st = cli_batch_list(r, list, out);
	fclose(list);
	file_text(out);
	return st;
}

static struct json_object *line_of(const char *line)
{
	char copy[2048];
	struct json_object *o;

	snprintf(copy, sizeof(copy), "%.*s", (int)strcspn(line, "\n"), line);
	o = json_tokener_parse(copy);
	ck_assert_msg(o != NULL, "%s", copy);
	return o;
}

static struct json_object *member(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	ck_assert_msg(json_object_object_get_ex(o, name, &value), "no %s", name);
	return value;
}

/* Blank lines name none; each other has its line, in that order. */
START_TEST(batch_of_no_dumps)
{
	static const char *const want[] = { "/none/one", "\\xff\\x0d", "/none/two" };
	struct cli_request r = request(&stk_tss_command);
	const char *line = text;

	ck_assert_int_eq(batch(&r, "/none/one\n\n\xff\r\n/none/two"), CLI_FAILED);
	for (size_t i = 0; i < 3; i++) {
		struct json_object *o = line_of(line);

		ck_assert_str_eq(json_object_get_string(member(o, "dump")), want[i]);
		ck_assert_int_eq(json_object_get_int(member(o, "status")), CLI_NO_DUMP);
		ck_assert_uint_eq(json_object_array_length(member(o, "errors")), 1);
		ck_assert_ptr_null(member(o, "answer"));
		json_object_put(o);
		line = strchr(line, '\n') + 1;
	}
	ck_assert_str_eq(line, "");
	stk_args_free(&parsed);
}
END_TEST

static enum stk_command_result result;
static const char *answered;

static enum stk_command_result fake(struct stk_command *cmd, const struct stk_args *args)
{
	fputs(answered, cmd->out);
	if (result == STK_CMD_FAILED)
		stk_complain(cmd, "of no use");
	if (!strcmp(answered, "dies"))
		abort();
	if (!strcmp(answered, "hangs"))
		for (;;)
			pause();
	return result;
}

static const struct stk_option fake_options[] = { STK_OPTION_JSON, STK_NO_MORE_OPTIONS };

static const struct stk_command_info fake_command = {
	.name = "fake",
	.doors = STK_IN_CLI,
	.no_dump = true,
	.options = fake_options,
	.run = fake,
};

START_TEST(batch_has_each_ones_status)
{
	static const struct {
		enum stk_command_result result;
		const char *answer, *want;
		enum cli_status status, all;
		const char *error;
	} row[] = {
		{ STK_CMD_OK, "{\"a\":\n1}\n", "{ \"a\": 1 }", CLI_OK, CLI_OK, NULL },
		{ STK_CMD_OK, "", NULL, CLI_OK, CLI_OK, NULL },
		{ STK_CMD_DOUBT, "{}\n", "{ }", CLI_DOUBT, CLI_DOUBT, NULL },
		{ STK_CMD_FAILED, "{}\n", "{ }", CLI_FAILED, CLI_FAILED, "of no use" },
		{ STK_CMD_OK, "dies", NULL, (enum cli_status)(128 + 6), CLI_FAILED,
		  "reading it was ended by signal 6" },
		{ STK_CMD_OK, "hangs", NULL, (enum cli_status)(128 + 14), CLI_FAILED,
		  "no answer within 1 s (--timeout)" },
	};
	struct cli_request r = request(&fake_command);

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct json_object *o, *errors, *answer;

		result = row[i].result;
		answered = row[i].answer;
		r.timeout = row[i].status == 128 + 14 ? 1 : 60;
		ck_assert_int_eq(batch(&r, "x\n"), row[i].all);
		o = line_of(text);
		ck_assert_int_eq(json_object_get_int(member(o, "status")), row[i].status);
		errors = member(o, "errors");
		ck_assert_uint_eq(json_object_array_length(errors), row[i].error != NULL);
		if (row[i].error)
			ck_assert_str_eq(json_object_get_string(
						 json_object_array_get_idx(errors, 0)),
					 row[i].error);
		answer = member(o, "answer");
		ck_assert_pstr_eq(answer ? json_object_to_json_string(answer) : NULL,
				  row[i].want);
		json_object_put(o);
	}
	stk_args_free(&parsed);
}
END_TEST

/* What is wrong for one is wrong for all; a doubt does not hide a failure. */
START_TEST(batch_ends)
{
	struct cli_request r = request(&fake_command);

	answered = "{}\n";
	result = STK_CMD_USAGE;
	ck_assert_int_eq(batch(&r, "a\nb\n"), CLI_USAGE);
	ck_assert_str_eq(text, ""); /* it is told once, on standard error */
	result = STK_CMD_OK;
	ck_assert_int_eq(batch(&r, "a\nb\n"), CLI_OK);
	ck_assert_ptr_nonnull(strstr(text, "\"b\""));
	ck_assert_int_eq(batch(&r, ""), CLI_OK);
	ck_assert_str_eq(text, "");
	stk_args_free(&parsed);
}
END_TEST

/* ---- lines ---- */

static void put_words(const char *what, int nr, char *const *word)
{
	fprintf(golden, " %s", what);
	for (int i = 0; i < nr; i++)
		fprintf(golden, " %s", word[i]);
}

static void put_options(const char *what, const struct stk_option *option,
			const struct stk_args *args)
{
	fprintf(golden, " %s", what);
	for (const struct stk_option *o = option; o && o->key; o++)
		if (stk_given(args, o->key))
			fprintf(golden, " %s=%s", o->name ? o->name : "?",
				o->arg ? stk_value(args, o->key) : "");
}

static void put_line(int argc, char **argv)
{
	struct cli_line l;
	char typed[200], small[20];

	put_words("--", argc, argv);
	if (!cli_line_parse(&l, argc, argv)) {
		fprintf(golden, ": %s%s\n", l.args.wrong, l.front.wrong);
		cli_line_free(&l);
		return;
	}
	fprintf(golden, "\n%s/%s", l.name ? l.name : "-",
		*l.command->name ? l.command->name : "report");
	put_words("|", l.argc, l.argv);
	put_words("|", l.args.nr, l.args.word);
	put_options("front", cli_options, &l.front);
	put_options("own", l.command->options, &l.args);
	ck_assert(cli_line_namelist(&l));
	fprintf(golden, " namelist %s", l.namelist ? l.namelist : "-");
	put_words("left", l.args.nr, l.args.word);
	fprintf(golden, " %d dumps, xbt's %d, sum's %d", cli_line_nr_dumps(&l),
		cli_is_of(cli_find_command("xbt"), &l),
		cli_is_of(cli_find_command("sum"), &l));
	fprintf(golden, "\n%s", cli_typed(typed, sizeof(typed), &l, "log"));
	fprintf(golden, "|%s", cli_typed(small, sizeof(small), &l, NULL));
	if (cli_is_swapped(&l))
		fprintf(golden, "|%s", cli_typed(typed, sizeof(typed), &l, NULL));
	fputc('\n', golden);
	cli_line_free(&l);
}

/* Lines as the dice fall. */
START_TEST(thrown_lines)
{
	static const char *const word[] = {
		"xbt",	     "xbt",	  "stackof",   "report",     "help",	 "sum",
		"pack",	     "oops",	  "bt",	       "dmesg",	     "-c",	 "-v",
		"-n",	     "-nx",	  "-j",	       "-q",	     "-",	 "--",
		"--batch",   "--timeout", "--verbose", "--namelist", "--nosuch", "1",
		"/dev/null", "/dev/null", "/bin/sh",   "/bin/sh",    "/dev",	 "a,b",
		"/no/such",  "--kaslr",	  "0x10",      "-l",	     "-f",	 "-a",
	};
	const unsigned int nr = sizeof(word) / sizeof(word[0]);

	golden_setup();
	dice_seed(5);
	for (unsigned int i = 0; i < 300; i++) {
		char *argv[8] = { (char *)"stackinfo" };
		int argc = 1;

		for (unsigned int most = dice(6); argc <= (int)most; argc++)
			argv[argc] = (char *)(uintptr_t)word[dice(nr)];
		put_line(argc, argv);
	}
	golden_expect("lines", "thrown");
}
END_TEST

/* As "find -print0" has them. */
START_TEST(batch_list_may_have_nul)
{
	static const char names[] = "a\0\0\nb c\0d";
	static const char *const want[] = { "a", "b c", "d" };
	FILE *list = fmemopen((void *)(uintptr_t)names, sizeof(names) - 1, "r");
	const char *error = NULL;
	char *name;

	for (size_t i = 0; i < 3; i++) {
		name = cli_next_name(list, &error);
		ck_assert_pstr_eq(name, want[i]);
		free(name);
	}
	ck_assert_ptr_null(cli_next_name(list, &error));
	ck_assert_ptr_null(error);
	fclose(list);
}
END_TEST

static ssize_t endless(void *cookie, char *to, size_t size)
{
	*(size_t *)cookie += size;
	memset(to, 'x', size);
	return (ssize_t)size;
}

static ssize_t unreadable(void *cookie, char *to, size_t size)
{
	errno = EISDIR;
	return -1;
}

START_TEST(batch_list_without_end)
{
	size_t taken = 0;
	FILE *list = fopencookie(&taken, "r", (cookie_io_functions_t){ .read = endless });
	const char *error = NULL;

	ck_assert_ptr_null(cli_next_name(list, &error));
	ck_assert_pstr_eq(error, "it has a name of more than a MiB");
	ck_assert_uint_lt(taken, 2u << 20);
	fclose(list);
}
END_TEST

START_TEST(batch_list_that_cannot_be_read)
{
	FILE *list =
		fopencookie(NULL, "r", (cookie_io_functions_t){ .read = unreadable });
	const char *error = NULL;

	ck_assert_ptr_null(cli_next_name(list, &error));
	ck_assert_pstr_eq(error, "Is a directory");
	fclose(list);
}
END_TEST

/* It is told once, and the others are not asked. */
START_TEST(batch_that_cannot_be_written)
{
	struct cli_request r = request(&fake_command);
	char a[] = "a", b[] = "b", c[] = "c", *dumps[] = { a, b, c, NULL };

	answered = "{}";
	result = STK_CMD_OK;
	for (r.jobs = 1; r.jobs < 3; r.jobs++) {
		FILE *full = fopen("/dev/full", "w");
		enum cli_status st;

		catch_stderr();
		st = cli_batch(&r, dumps, full);
		fclose(full);
		ck_assert_str_eq(caught(), "stackinfo: the answer could not be written: "
					   "No space left on device\n");
		ck_assert_int_eq(st, CLI_FAILED);
	}
	stk_args_free(&parsed);
}
END_TEST

/* A line that cannot wait in a file is asked for again when its turn has come. */
START_TEST(batch_without_room_for_files)
{
	struct cli_request r = request(&fake_command);
	char name[4] = "a", *dumps[] = { name, name, name, name, NULL };
	struct rlimit none, old;
	enum cli_status st;
	int ends[2], nr = 0;
	FILE *out;

	answered = "{}";
	result = STK_CMD_OK;
	r.jobs = 3;
	ck_assert(!pipe(ends));
	out = fdopen(ends[1], "w");
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	none = (struct rlimit){ 0, old.rlim_max };
	setrlimit(RLIMIT_FSIZE, &none);
	st = cli_batch(&r, dumps, out);
	setrlimit(RLIMIT_FSIZE, &old);
	fclose(out);
	out = fdopen(ends[0], "r");
	while (fgets(text, sizeof(text), out) && ++nr)
		ck_assert_str_eq(text,
				 "{ \"dump\": \"a\", \"status\": 0, \"errors\": [ ], "
				 "\"answer\": {} }\n");
	fclose(out);
	ck_assert_int_eq(nr, 4);
	ck_assert_int_eq(st, CLI_OK);
	stk_args_free(&parsed);
}
END_TEST

static const struct unit_test progress_tests[] = {
	TEST(progress_is_grouped), TEST(progress_waits),	 TEST(progress_goes_away),
	TEST(progress_begins),	   TEST(progress_on_a_terminal), { 0 },
};

static const struct unit_test help_tests[] = {
	TEST(thrown_lines),
	TEST(help_names_all),
	TEST(commands_are_found),
	TEST(help_of_a_command),
	{ 0 },
};

static const struct unit_test batch_tests[] = {
	TEST(batch_of_no_dumps),
	TEST(batch_has_each_ones_status),
	TEST(batch_ends),
	TEST(batch_list_may_have_nul),
	TEST(batch_list_without_end),
	TEST(batch_list_that_cannot_be_read),
	TEST(batch_that_cannot_be_written),
	TEST(batch_without_room_for_files),
	{ 0 },
};

const struct unit_suite suite_cli = {
	"command by itself",
	{
		{ "progress", progress_tests, NULL, NULL },
		{ "help", help_tests, NULL, NULL },
		{ "batch", batch_tests, NULL, NULL },
	},
};
