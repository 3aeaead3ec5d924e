/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves where a command's text ends: with the file, at an empty line of what is pasted,
 * at a pause of a terminal; and what runs around each command: what it failed of without
 * knowing, and how its answer comes to a terminal of bytes.
 */
#include "fixture.h"
#include "memory.h"
#include "suite.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/context.h"
#include "commands/answer.h"
#include "commands/args.h"
#include "commands/input.h"
#include "commands/select.h"

static struct stk_command cmd;
static char got[1024], errors[512], path[64], told[512];
static unsigned int nr_texts, most_texts;

static bool take(void *ctx, char *text, size_t size)
{
	const size_t len = strlen(got);

	ck_assert_ptr_eq(ctx, &cmd);
	ck_assert_uint_le(size, strlen(text));
	snprintf(got + len, sizeof(got) - len, "<%.*s>", (int)size, text);
	return ++nr_texts < most_texts;
}

static bool take_size(void *ctx, char *text, size_t size)
{
	*(size_t *)ctx = size;
	return true;
}

static void on_error(struct stk_command *unused, const char *text)
{
	const size_t len = strlen(errors);

	snprintf(errors + len, sizeof(errors) - len, "%s\n", text);
}

static void setup(void)
{
	int fd;

	fixture_task();
	cmd = (struct stk_command){ .s = syn_open(m), .error = on_error };
	*got = *errors = *told = '\0';
	nr_texts = 0;
	most_texts = 10;
	strcpy(path, "/tmp/input-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void teardown(void)
{
	unlink(path);
}

static void put(const char *text)
{
	FILE *f = fopen(path, "w");

	fputs(text, f);
	fclose(f);
}

static enum stk_command_result read_it(const char *file, bool pieces)
{
	return stk_input_read(&cmd, "fake", file, pieces, take, &cmd);
}

/* ---- files ---- */

static const char *const texts[] = {
	"", "one", "one\n", "one\n\ntwo\n", "\n\n", "\r\none\r\n\r\n",
};

/* Empty lines end nothing there, whatever is asked of a terminal. */
START_TEST(all_of_a_file)
{
	char want[64];

	put(texts[_i % 6]);
	cmd.paste = _i >= 6;
	ck_assert_int_eq(read_it(path, cmd.paste), STK_CMD_OK);
	snprintf(want, sizeof(want), "<%s>", texts[_i % 6]);
	ck_assert_str_eq(got, want);
	ck_assert_str_eq(errors, "");
}
END_TEST

/* All of it may be 64 MiB; of what is longer these are taken, and that is told. */
START_TEST(as_long_as_can_be)
{
	enum { MOST = 64 << 20 };
	size_t size = 0;
	char want[128];

	snprintf(want, sizeof(want), "%s: too long: the first 64 MiB were read\n", path);
	for (int more = 0; more <= 1; more++) {
		ck_assert(!truncate(path, MOST + more));
		ck_assert_int_eq(
			stk_input_read(&cmd, "fake", path, false, take_size, &size),
			more ? STK_CMD_FAILED : STK_CMD_OK);
		ck_assert_uint_eq(size, MOST);
		ck_assert_str_eq(errors, more ? want : "");
	}
}
END_TEST

START_TEST(no_file)
{
	char want[128];

	unlink(path);
	snprintf(want, sizeof(want), "%s: No such file or directory\n", path);
	ck_assert_int_eq(read_it(path, false), STK_CMD_FAILED);
	ck_assert_str_eq(errors, want);
	ck_assert(!mkdir(path, 0700));
	*errors = '\0';
	snprintf(want, sizeof(want), "%s: Is a directory\n", path);
	ck_assert_int_eq(read_it(path, false), STK_CMD_FAILED);
	ck_assert_str_eq(errors, want);
	/* Nothing was read. */
	ck_assert_str_eq(got, "");
	rmdir(path);
}
END_TEST

START_TEST(an_interrupted_command_reads_nothing)
{
	put("one\n");
	m->interrupt = true;
	ck_assert_int_eq(read_it(path, false), STK_CMD_FAILED);
	ck_assert_str_eq(errors, "interrupted\n");
	ck_assert_str_eq(got, "");
}
END_TEST

/* ---- standard input ---- */

/* What a child writes there, with pauses at '|'. */
static enum stk_command_result read_stdin(int to, int from, const char *text, bool pieces)
{
	int old = dup(STDIN_FILENO), status;
	enum stk_command_result res;
	pid_t child;

	dup2(from, STDIN_FILENO);
	close(from);
	child = fork();
	if (!child) {
		for (; *text; text++)
			if (*text == '|')
				usleep(200000);
			else if (write(to, text, 1) != 1)
				_exit(1);
		_exit(0);
	}
	if (!isatty(STDIN_FILENO))
		close(to);
	res = read_it("-", pieces);
	ck_assert_int_ge(fcntl(STDIN_FILENO, F_GETFD), 0);
	waitpid(child, &status, 0);
	dup2(old, STDIN_FILENO);
	close(old);
	clearerr(stdin);
	__fpurge(stdin);
	if (fcntl(to, F_GETFD) >= 0)
		close(to);
	return res;
}

/* What is left in a pipe for whoever reads next. */
static const char *left_in(int fd)
{
	static char left[64];
	ssize_t len;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	len = read(fd, left, sizeof(left) - 1);
	left[len > 0 ? len : 0] = '\0';
	return left;
}

static void interrupt(int signal)
{
	m->interrupt = true;
}

/* Who is interrupted takes nothing more: not of what is there, nor of what comes. */
START_TEST(an_interrupted_command_leaves_the_rest)
{
	const struct itimerval soon = { .it_value.tv_usec = 50000 };
	struct sigaction action = { .sa_handler = interrupt };
	int ends[2], old = dup(STDIN_FILENO);
	pid_t child;

	sigaction(SIGALRM, &action, NULL);
	ck_assert(!pipe(ends));
	dup2(ends[0], STDIN_FILENO);
	child = fork();
	if (!child) {
		usleep(500000);
		_exit(write(ends[1], "late", 4) != 4);
	}
	close(ends[1]);
	errno = 0;
	setitimer(ITIMER_REAL, &soon, NULL);
	ck_assert_int_eq(read_it("-", false), STK_CMD_FAILED);
	ck_assert_str_eq(errors, "interrupted\n");
	ck_assert_str_eq(got, "");
	waitpid(child, NULL, 0);
	ck_assert_str_eq(left_in(ends[0]), "late");
	close(ends[0]);
	/* It was so before. */
	ck_assert(!pipe(ends));
	dup2(ends[0], STDIN_FILENO);
	ck_assert_int_eq(write(ends[1], "early", 5), 5);
	close(ends[1]);
	cmd.told_interrupted = false;
	ck_assert_int_eq(read_it("-", false), STK_CMD_FAILED);
	ck_assert_str_eq(left_in(ends[0]), "early");
	close(ends[0]);
	dup2(old, STDIN_FILENO);
	close(old);
}
END_TEST

/* Nothing is to come for now, and then something does. */
START_TEST(a_pipe_is_waited_for)
{
	int ends[2];

	ck_assert(!pipe(ends));
	ck_assert_int_eq(read_stdin(ends[1], ends[0], "||one\n||two\n", false),
			 STK_CMD_OK);
	ck_assert_str_eq(got, "<one\ntwo\n>");
}
END_TEST

/* One read may give many lines: there is no pause between them. */
START_TEST(lines_that_came_together)
{
	int master, old = dup(STDIN_FILENO), terminal = open_terminal(&master);
	struct termios raw;

	ck_assert(!tcgetattr(terminal, &raw));
	cfmakeraw(&raw);
	ck_assert(!tcsetattr(terminal, TCSANOW, &raw));
	dup2(terminal, STDIN_FILENO);
	close(terminal);
	ck_assert_int_eq(write(master, "one\ntwo\n", 8), 8);
	most_texts = 1;
	ck_assert_int_eq(read_it("-", true), STK_CMD_OK);
	ck_assert_str_eq(got, "<one\ntwo\n>");
	dup2(old, STDIN_FILENO);
	close(old);
	close(master);
}
END_TEST

/* Files are closed, but not stdin; and memory is given back. */
START_TEST(nothing_is_kept)
{
	const int next = dup(STDIN_FILENO);

	close(next);
	put("one\n");
	memory_hold();
	read_it(path, false);
	ck_assert_uint_eq(memory_held(), 0);
	ck_assert_int_eq(dup(STDIN_FILENO), next);
	close(next);
}
END_TEST

/* Whoever is to write to a FIFO may come later. */
START_TEST(a_fifo_is_waited_for)
{
	pid_t child;

	unlink(path);
	ck_assert(!mkfifo(path, 0600));
	child = fork();
	if (!child) {
		usleep(200000);
		put("one\n");
		_exit(0);
	}
	ck_assert_int_eq(read_it(path, false), STK_CMD_OK);
	ck_assert_str_eq(got, "<one\n>");
	waitpid(child, NULL, 0);
}
END_TEST

/* A pipe has no pauses. */
static const struct {
	const char *text;
	bool terminal, paste, pieces;
	const char *want;
} inputs[] = {
	{ "one\n\ntwo\n", false, false, false, "<one\n\ntwo\n>" },
	{ "one\n|two\n", false, false, true, "<one\ntwo\n>" },
	{ "one\n\ntwo\n", false, true, false, "<one\n>" },
	{ "one\n\r\ntwo\n", false, true, false, "<one\n>" },
	{ "one\n x\n\ntwo\n", false, true, false, "<one\n x\n>" },
	{ "\none\n", false, true, false, "<>" },
	{ "one\n", false, true, true, "<one\n>" },
	{ "one\n\ntwo\n\004", true, false, false, "<one\n\ntwo\n>" },
	{ "one\n\ntwo\n", true, true, false, "<one\n>" },
	{ "one\ntwo\n|three\n\004", true, false, true, "<one\ntwo\n><three\n><>" },
	{ "one\ntwo\n|three\n\004", true, false, false, "<one\ntwo\nthree\n>" },
};

START_TEST(standard_input_ends)
{
	int ends[2], master;
	const char *want = inputs[_i].want;

	cmd.paste = inputs[_i].paste;
	if (inputs[_i].terminal) {
		ends[0] = open_terminal(&master);
		ends[1] = master;
	} else {
		ck_assert(!pipe(ends));
	}
	ck_assert_int_eq(read_stdin(ends[1], ends[0], inputs[_i].text, inputs[_i].pieces),
			 STK_CMD_OK);
	/* The last of the pieces may be empty, or there is none. */
	if (strlen(got) > 2 && strlen(want) > 2 &&
	    !strcmp(want + strlen(want) - 2, "<>") &&
	    strcmp(got + strlen(got) - 2, "<>") != 0)
		strcat(got, "<>");
	ck_assert_str_eq(got, want);
	ck_assert_str_eq(errors, "");
}
END_TEST

/* Whoever has enough is given no more. */
START_TEST(enough_is_enough)
{
	int master, terminal = open_terminal(&master);

	most_texts = 1;
	read_stdin(master, terminal, "one\n|two\n\004", true);
	ck_assert_str_eq(got, "<one\n>");
}
END_TEST

/* Only who sits before two terminals is told what to do. */
START_TEST(a_terminal_is_prompted)
{
	static const struct {
		bool in, err, paste;
		const char *want;
	} row[] = {
		{ true, true, false, "fake: paste or type text; Ctrl-D ends it\r\n" },
		{ true, true, true,
		  "fake: paste or type text; an empty line or Ctrl-D ends it\r\n" },
		{ true, false, true, "" },
		{ false, true, true, "" },
		{ false, true, false, "" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		int in, err, in_end = open_terminal(&in), err_end = open_terminal(&err),
			     old = dup(STDERR_FILENO), ends[2],
			     file = open("/dev/null", O_WRONLY);
		size_t len = 0;
		ssize_t more;

		ck_assert(!pipe(ends));
		cmd.paste = row[i].paste;
		fflush(stderr);
		dup2(row[i].err ? err_end : file, STDERR_FILENO);
		read_stdin(row[i].in ? dup(in) : ends[1], row[i].in ? in_end : ends[0],
			   "one\n\n\004", false);
		fflush(stderr);
		dup2(old, STDERR_FILENO);
		/* It comes in pieces. */
		close(err_end);
		while ((more = read(err, told + len, sizeof(told) - 1 - len)) > 0)
			len += (size_t)more;
		told[len] = '\0';
		ck_assert_msg(!strcmp(told, row[i].want), "row %zu: \"%s\"", i, told);
		close(old);
		close(file);
		close(in);
		close(err);
		if (!row[i].in)
			close(in_end);
		else
			close(ends[0]), close(ends[1]);
	}
}
END_TEST

static const struct unit_test t_input[] = {
	LOOP(all_of_a_file, 12),
	TEST(as_long_as_can_be),
	TEST(no_file),
	TEST(an_interrupted_command_reads_nothing),
	TEST(an_interrupted_command_leaves_the_rest),
	TEST(a_pipe_is_waited_for),
	TEST(lines_that_came_together),
	TEST(nothing_is_kept),
	TEST(a_fifo_is_waited_for),
	LOOP(standard_input_ends, sizeof(inputs) / sizeof(inputs[0])),
	TEST(enough_is_enough),
	TEST(a_terminal_is_prompted),
	{ 0 },
};

/* ---- around a command ---- */

static enum stk_command_result result;
static void (*body)(struct stk_command *by);

static enum stk_command_result fake(struct stk_command *by, const struct stk_args *args)
{
	if (body)
		body(by);
	return result;
}

static const struct stk_option options[] = { STK_NO_MORE_OPTIONS };

static const struct stk_command_info info = {
	.name = "fake", .doors = STK_EVERYWHERE, .options = options, .run = fake
};

static enum stk_command_result run(void)
{
	static const struct stk_args none;
	FILE *out = tmpfile();
	enum stk_command_result res;
	size_t len;

	*errors = '\0';
	cmd.out = out;
	res = stk_run_command(&info, &cmd, &none);
	ck_assert_ptr_eq(cmd.out, out);
	rewind(out);
	len = fread(got, 1, sizeof(got) - 1, out);
	got[len] = '\0';
	fclose(out);
	return res;
}

static void print(struct stk_command *by)
{
	fputs("caf\xc3\xa9\n", by->out);
}

START_TEST(a_terminal_of_bytes)
{
	body = print;
	result = STK_CMD_DOUBT;
	ck_assert_int_eq(run(), STK_CMD_DOUBT);
	ck_assert_str_eq(got, "caf\xc3\xa9\n");
	cmd.ascii = true;
	ck_assert_int_eq(run(), STK_CMD_DOUBT);
	ck_assert(!strncmp(got, "caf", 3));
	for (const char *p = got; *p; p++)
		ck_assert_msg(!(*p & 0x80), "%s", got);
	cmd.ascii = false;
}
END_TEST

static void run_short(struct stk_command *by)
{
	by->s->budget.short_of_memory = by->s->budget.question;
}

static void misuse(struct stk_command *by)
{
	by->misused = true;
}

static void was_interrupted(struct stk_command *by)
{
	by->misused = true;
	by->told_interrupted = true;
	run_short(by);
}

static const struct {
	void (*body)(struct stk_command *by);
	enum stk_command_result result, want;
	const char *errors;
} runs[] = {
	{ NULL, STK_CMD_OK, STK_CMD_OK, "" },
	{ NULL, STK_CMD_DOUBT, STK_CMD_DOUBT, "" },
	{ run_short, STK_CMD_OK, STK_CMD_FAILED, "out of memory: not all may be told\n" },
	{ run_short, STK_CMD_DOUBT, STK_CMD_FAILED,
	  "out of memory: not all may be told\n" },
	{ run_short, STK_CMD_FAILED, STK_CMD_FAILED,
	  "out of memory: not all may be told\n" },
	{ run_short, STK_CMD_USAGE, STK_CMD_USAGE, "" },
	{ misuse, STK_CMD_OK, STK_CMD_USAGE, "" },
	{ misuse, STK_CMD_FAILED, STK_CMD_USAGE, "" },
	{ was_interrupted, STK_CMD_OK, STK_CMD_OK, "" },
};

START_TEST(what_a_command_comes_to)
{
	body = runs[_i].body;
	result = runs[_i].result;
	ck_assert_int_eq(run(), runs[_i].want);
	ck_assert_str_eq(errors, runs[_i].errors);
}
END_TEST

static const struct stk_letter letters[] = {
	{ "-e", true, "there" },
	{ "-f", true, "here" },
	{ "-x MASK", true, "else" },
	{ 0 },
};

START_TEST(letters_of_habit)
{
	struct stk_command_info with = info;
	struct stk_args args = { .unknown = 'f' };

	ck_assert_ptr_null(stk_habit(&with, &args));
	with.letters = letters;
	ck_assert_ptr_eq(stk_habit(&with, &args), &letters[1]);
	args.unknown = 'x';
	ck_assert_ptr_eq(stk_habit(&with, &args), &letters[2]);
	args.unknown = 'e';
	ck_assert_ptr_eq(stk_habit(&with, &args), &letters[0]);
	args.unknown = 'z';
	ck_assert_ptr_null(stk_habit(&with, &args));
	args.unknown = 0;
	ck_assert_ptr_null(stk_habit(&with, &args));
}
END_TEST

/* ---- what a choice of tasks comes to ---- */

static const struct {
	struct stk_select sel;
	const char *want; /* NULL: nothing is to be told */
} choices[] = {
	{ { .nr_seen = 3, .nr_met = 0, .nr_unsure = 1 }, NULL },
	{ { .any = true }, NULL },
	{ { .any = true, .nr_seen = 3, .nr_met = 1 }, NULL },
	{ { .any = true, .nr_seen = 3 }, "none of 3 tasks matches" },
	{ { .any = true, .nr_seen = 3, .nr_unsure = 1, .of_chain = true },
	  "none of 3 tasks matches; whether 1 more matches is not known: the chain is not "
	  "certain" },
	{ { .any = true, .nr_seen = 3, .nr_met = 1, .nr_unsure = 2, .of_chain = true },
	  "whether 2 more match is not known: the chain is not certain" },
	{ { .any = true, .nr_seen = 3, .nr_met = 1, .nr_unsure = 1, .state = "D" },
	  "whether 1 more matches is not known: the state is damaged" },
	{ { .any = true,
	    .nr_seen = 3,
	    .nr_met = 1,
	    .nr_unsure = 1,
	    .of_chain = true,
	    .state = "D" },
	  "whether 1 more matches is not known: the state is damaged or the chain is not "
	  "certain" },
};

START_TEST(choices_are_told)
{
	char text[200] = "?";
	const char *want = choices[_i].want;

	ck_assert(stk_select_text(&choices[_i].sel, text, sizeof(text)) ==
		  (want != NULL));
	ck_assert_str_eq(text, want ? want : "");
	/* Cut, and not written behind. */
	memset(text, '?', sizeof(text));
	stk_select_text(&choices[_i].sel, text, 20);
	ck_assert_int_eq(text[20], '?');
	ck_assert(!want || !strncmp(text, want, strlen(text)));
}
END_TEST

/* A document is printed whole, or not at all; and who could not be told so is. */
START_TEST(documents)
{
	static const struct {
		enum stk_command_result before, want;
		bool stop, no_memory;
		const char *text;
	} row[] = {
		{ STK_CMD_OK, STK_CMD_OK, false, false, "{ \"a\": 1 }\n" },
		{ STK_CMD_DOUBT, STK_CMD_DOUBT, false, false, "{ \"a\": 1 }\n" },
		{ STK_CMD_FAILED, STK_CMD_FAILED, true, false, "" },
		{ STK_CMD_OK, STK_CMD_FAILED, false, true, "" },
		{ STK_CMD_DOUBT, STK_CMD_FAILED, false, true, "" },
	};

	cmd.s = NULL;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_answer answer = { .cmd = &cmd,
					     .res = row[i].before,
					     .stop = row[i].stop };
		char *text = NULL;
		size_t len;

		memory_hold();
		answer.doc = json_object_new_object();
		json_object_object_add(answer.doc, "a", json_object_new_int(1));
		cmd.out = open_memstream(&text, &len);
		*errors = '\0';
		errno = row[i].no_memory ? ENOMEM : 0;
		ck_assert_int_eq(stk_answer_end(&answer), row[i].want);
		ck_assert_ptr_null(answer.doc);
		fclose(cmd.out);
		ck_assert_str_eq(text, row[i].text);
		ck_assert(!*errors == !row[i].no_memory);
		free(text);
		ck_assert_uint_eq(memory_held(), 0);
	}
}
END_TEST

START_TEST(a_choice_is_given_back)
{
	static const struct stk_args none;
	struct stk_select select;

	ck_assert_int_eq(stk_prepare(cmd.s), STK_OK);
	memory_hold();
	ck_assert_int_eq(stk_select_begin(&select, &cmd, &none, "0"), STK_CMD_OK);
	ck_assert(select.any && select.cpus.in && stk_select_cpu(&select, 0) &&
		  !stk_select_cpu(&select, 1) && !stk_select_cpu(&select, -1));
	stk_select_free(&select);
	ck_assert_uint_eq(memory_held(), 0);
	ck_assert(!select.cpus.in);
}
END_TEST

/* What is too long for memory goes to a file, of whatever number. */
START_TEST(a_file_may_be_the_first)
{
	enum { PIECES = 80, PIECE = 65537 };
	const int old = dup(STDIN_FILENO);
	char *piece = malloc(PIECE), *text = NULL;
	struct stk_spool spool;
	size_t len;
	FILE *fp = open_memstream(&text, &len);

	close(STDIN_FILENO);
	ck_assert(stk_spool_open(&spool));
	for (int i = 0; i < PIECES; i++) {
		memset(piece, 'a' + i % 26, PIECE);
		ck_assert_uint_eq(fwrite(piece, 1, PIECE, spool.fp), PIECE);
	}
	ck_assert_int_eq(spool.fd, STDIN_FILENO);
	ck_assert(stk_spool_is_whole(&spool) && stk_spool_print(&spool, fp));
	stk_spool_close(&spool);
	dup2(old, STDIN_FILENO);
	close(old);
	fclose(fp);
	ck_assert_uint_eq(len, (size_t)PIECES * PIECE);
	for (size_t i = 0; i < len; i += 101)
		ck_assert(text[i] == (char)('a' + i / PIECE % 26));
	free(piece);
	free(text);
}
END_TEST

static const struct unit_test t_around[] = {
	TEST(a_file_may_be_the_first),
	TEST(a_choice_is_given_back),
	TEST(documents),
	TEST(a_terminal_of_bytes),
	LOOP(what_a_command_comes_to, sizeof(runs) / sizeof(runs[0])),
	TEST(letters_of_habit),
	LOOP(choices_are_told, sizeof(choices) / sizeof(choices[0])),
	{ 0 },
};

const struct unit_suite suite_input = {
	"input",
	{
		{ "input", t_input, setup, teardown },
		{ "around", t_around, setup, teardown },
	},
};
