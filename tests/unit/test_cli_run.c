/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what a command finds when it is run on a dump file: the session, its streams,
 * who hears how far it is; and what its result and a file that is no dump come to.
 */
#include "suite.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "commands/args.h"

#include "dumped.h"
#include "terminal.h"

/* What the command was given, and what it comes to. */
static struct stk_command given;
static unsigned int nr_runs;
static enum stk_command_result result;
static void (*body)(struct stk_command *cmd);
static char errors[1024];

static enum stk_command_result fake(struct stk_command *cmd, const struct stk_args *args)
{
	given = *cmd;
	nr_runs++;
	if (body)
		body(cmd);
	return result;
}

static const struct stk_option no_options[] = { STK_NO_MORE_OPTIONS };

static struct stk_command_info command;
static struct stk_args no_args;
static struct cli_request request;

static void on_error(void *priv, const char *text)
{
	const size_t len = strlen(errors);

	ck_assert_ptr_eq(priv, &request);
	snprintf(errors + len, sizeof(errors) - len, "%s\n", text);
}

static enum cli_status run(const char *path, FILE *out)
{
	*errors = '\0';
	nr_runs = 0;
	return cli_run(&request, path, out, on_error, &request);
}

static void setup(void)
{
	dumped_setup();
	dumped_vmcoreinfo();
	dumped_elf();
	given = (struct stk_command){ 0 };
	result = STK_CMD_OK;
	body = NULL;
	command = (struct stk_command_info){
		.name = "fake", .doors = STK_IN_CLI, .options = no_options, .run = fake
	};
	request = (struct cli_request){ .command = &command, .args = &no_args };
}

/* ---- which of them have a dump ---- */

START_TEST(has_a_dump_if_it_needs_one)
{
	static const struct {
		bool no_dump, or_dump, named, has;
	} row[] = {
		{ false, false, true, true }, { false, false, false, false },
		{ true, false, true, false }, { true, false, false, false },
		{ true, true, true, true },   { true, true, false, false },
	};
	FILE *out = tmpfile();

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		command.no_dump = row[i].no_dump;
		command.or_dump = row[i].or_dump;
		ck_assert_int_eq(run(row[i].named ? f.path : NULL, out), CLI_OK);
		ck_assert_str_eq(errors, "");
		ck_assert_uint_eq(nr_runs, 1);
		ck_assert_ptr_eq(given.out, out);
		ck_assert_msg(!given.dump == !row[i].has, "row %zu", i);
		ck_assert_msg(!given.s == !row[i].has, "row %zu", i);
		ck_assert(!given.ascii && !given.collects);
	}
	fclose(out);
}
END_TEST

static void read_banner(struct stk_command *cmd)
{
	ck_assert_ptr_eq(cmd->s, stk_dump_session(cmd->dump));
	ck_assert_str_eq(stk_release(cmd->s), "6.1.0-syn");
}

START_TEST(the_session_is_of_the_dump)
{
	FILE *out = tmpfile();

	body = read_banner;
	for (int i = 0; i < 2; i++) {
		request.debuginfod = i;
		ck_assert_int_eq(run(f.path, out), CLI_OK);
		ck_assert_uint_eq(nr_runs, 1);
	}
	fclose(out);
}
END_TEST

/* What is known of it goes along: without that there is nothing that it could be. */
START_TEST(what_is_known_goes_along)
{
	FILE *out = tmpfile();

	request.how.namelist = "/no/such/namelist";
	ck_assert_int_eq(run(f.path, out), CLI_NO_DUMP);
	ck_assert_str_eq(errors, "/no/such/namelist: No such file or directory\n");
	ck_assert_uint_eq(nr_runs, 0);
	fclose(out);
}
END_TEST

START_TEST(a_file_that_is_no_dump)
{
	FILE *out = tmpfile();

	ck_assert_int_eq(run("/no/such/dump", out), CLI_NO_DUMP);
	ck_assert_str_eq(errors, "/no/such/dump: No such file or directory\n");
	ck_assert_uint_eq(nr_runs, 0);
	fclose(out);
}
END_TEST

/* It is answered for all the same. */
START_TEST(a_warning_is_told)
{
	FILE *out = tmpfile();

	image_cut(&f, image_size(&f) - 4096);
	ck_assert_int_eq(run(f.path, out), CLI_OK);
	ck_assert_ptr_nonnull(strstr(errors, "the file is cut off"));
	ck_assert_ptr_eq(strchr(errors, '\n'), errors + strlen(errors) - 1);
	ck_assert_uint_eq(nr_runs, 1);
	fclose(out);
}
END_TEST

START_TEST(each_result_has_a_status)
{
	static const struct {
		enum stk_command_result result;
		enum cli_status status;
	} row[] = {
		{ STK_CMD_OK, CLI_OK },
		{ STK_CMD_FAILED, CLI_FAILED },
		{ STK_CMD_USAGE, CLI_USAGE },
		{ STK_CMD_DOUBT, CLI_DOUBT },
	};
	FILE *out = tmpfile();

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		result = row[i].result;
		ck_assert_int_eq(run(f.path, out), row[i].status);
		ck_assert_int_eq(run(NULL, out), row[i].status);
	}
	fclose(out);
}
END_TEST

/* ---- its streams ---- */

/* At a terminal a text is pasted; it is a filter else, if it may read at all. */
START_TEST(reads_standard_input)
{
	static const struct {
		bool input, terminal, paste, filter;
	} row[] = {
		{ false, false, false, false },
		{ false, true, false, false },
		{ true, false, false, true },
		{ true, true, true, false },
	};
	int master, terminal = open_terminal(&master), old = dup(STDIN_FILENO),
		    null = open("/dev/null", O_RDONLY);
	FILE *out = tmpfile();

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		request.input = row[i].input;
		dup2(row[i].terminal ? terminal : null, STDIN_FILENO);
		run(f.path, out);
		dup2(old, STDIN_FILENO);
		ck_assert_msg(given.paste == row[i].paste, "row %zu", i);
		ck_assert_msg(given.filter == row[i].filter, "row %zu", i);
	}
	close(old);
	close(null);
	close(terminal);
	close(master);
	fclose(out);
}
END_TEST

/* A terminal of bytes, in the locale of tests. */
START_TEST(writes_for_its_reader)
{
	int master, terminal = open_terminal(&master);
	FILE *out = fdopen(terminal, "w");

	setenv("LC_ALL", "C", 1);
	run(f.path, out);
	unsetenv("LC_ALL");
	ck_assert(given.ascii);
	fclose(out);
	close(master);
}
END_TEST

/* ---- how far it is ---- */

static char shown[512];

static void work(struct stk_command *cmd)
{
	ck_assert(!cmd->progress == (cmd->out != stdout));
	if (!cmd->progress)
		return;
	cmd->collects = true;
	cmd->progress(cmd, "tasks", 1, 9);
	usleep(1010000);
	cmd->progress(cmd, "tasks", 2, 9);
	cmd->progress(cmd, NULL, 0, 0);
	usleep(110000);
	cmd->progress(cmd, "tasks", 3, 9);
	stk_complain(cmd, "what went wrong");
	usleep(110000);
	cmd->progress(cmd, "tasks", 4, 9);
}

/* Not before it has begun, and gone before anything else is told, or it ends. */
START_TEST(progress_is_shown_and_goes)
{
	int master, terminal = open_terminal(&master), out = dup(STDOUT_FILENO),
		    err = dup(STDERR_FILENO);
	size_t len = 0;
	ssize_t got;

	body = work;
	fflush(stdout);
	dup2(terminal, STDOUT_FILENO);
	dup2(terminal, STDERR_FILENO);
	run(f.path, stdout);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close(terminal);
	while ((got = read(master, shown + len, sizeof(shown) - 1 - len)) > 0)
		len += (size_t)got;
	shown[len] = '\0';
	ck_assert_str_eq(shown, "\rfake: 2 of 9 tasks\033[K\r\033[K"
				"\rfake: 3 of 9 tasks\033[K\r\033[K"
				"\rfake: 4 of 9 tasks\033[K\r\033[K");
	ck_assert_str_eq(errors, "what went wrong\n");
	close(out);
	close(err);
	close(master);
}
END_TEST

START_TEST(progress_of_a_batch_is_not_shown)
{
	FILE *out = tmpfile();

	body = work;
	run(f.path, out);
	ck_assert_uint_eq(nr_runs, 1);
	fclose(out);
}
END_TEST

static char *written;
static size_t written_size;

static void complain_behind(struct stk_command *cmd)
{
	fputs("answer", cmd->out);
	ck_assert_uint_eq(written_size, 0);
	stk_complain(cmd, "what went wrong");
}

static void on_error_look(void *priv, const char *text)
{
	/* The answer until now is before it. */
	ck_assert_uint_eq(written_size, 6);
	ck_assert_str_eq(text, "what went wrong");
}

START_TEST(complaints_come_in_their_place)
{
	FILE *out = open_memstream(&written, &written_size);

	body = complain_behind;
	ck_assert_int_eq(cli_run(&request, f.path, out, on_error_look, NULL), CLI_OK);
	fclose(out);
	free(written);
}
END_TEST

static const struct unit_test t_dumps[] = {
	TEST(has_a_dump_if_it_needs_one),
	TEST(the_session_is_of_the_dump),
	TEST(what_is_known_goes_along),
	TEST(a_file_that_is_no_dump),
	TEST(a_warning_is_told),
	TEST(each_result_has_a_status),
	{ 0 },
};

static const struct unit_test t_streams[] = {
	TEST(reads_standard_input),	      TEST(writes_for_its_reader),
	TEST(progress_is_shown_and_goes),     TEST(progress_of_a_batch_is_not_shown),
	TEST(complaints_come_in_their_place), { 0 },
};

const struct unit_suite suite_cli_run = {
	"cli_run",
	{
		{ "dumps", t_dumps, setup, dumped_teardown },
		{ "streams", t_streams, setup, dumped_teardown },
	},
};
