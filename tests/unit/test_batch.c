/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves how the dumps of a batch share the machine: as many at once as were asked for,
 * the first one alone, each with its own descriptors and none of the others'; and what
 * their ends come to, in sum and when there is no more room.
 */
#include "suite.h"

#include <dirent.h>
#include <errno.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/temp.h"
#include "cli/cli.h"
#include "commands/answer.h"
#include "commands/args.h"
#include "commands/spool.h"

#define MOST 80u

/* What the children, each in its own process, tell each other. */
static struct shared {
	atomic_uint started, now, most;
	unsigned int descriptors[MOST];
	atomic_int pid[MOST];
} * shared;

static void (*body)(struct stk_command *cmd, unsigned int nr);
static const enum stk_command_result *results; /* of each; NULL: all is well */
static struct stk_args parsed;
static struct cli_request request;
static char *text, *told; /* what was printed, and to standard error */

static unsigned int open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int nr = 0;

	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr;
}

static enum stk_command_result fake(struct stk_command *cmd, const struct stk_args *args)
{
	const unsigned int nr = atomic_fetch_add(&shared->started, 1);

	shared->descriptors[nr] = open_descriptors();
	if (body)
		body(cmd, nr);
	else
		fprintf(cmd->out, "{}");
	return results ? results[nr] : STK_CMD_OK;
}

static const struct stk_option options[] = { STK_OPTION_JSON, STK_NO_MORE_OPTIONS };

static const struct stk_command_info command = {
	.name = "fake",
	.doors = STK_IN_CLI,
	.no_dump = true,
	.options = options,
	.run = fake,
};

static void forget(void)
{
	memset(shared, 0, sizeof(*shared));
	free(text);
	free(told);
	text = told = NULL;
}

static void setup(void)
{
	char first[] = "fake", json[] = "-j", *argv[] = { first, json, NULL };

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(shared != MAP_FAILED);
	body = NULL;
	results = NULL;
	ck_assert(stk_args_parse(&parsed, options, 2, argv, NULL));
	request = (struct cli_request){
		.command = &command, .args = &parsed, .timeout = 20, .jobs = 1
	};
}

static void teardown(void)
{
	forget();
	stk_args_free(&parsed);
	munmap(shared, sizeof(*shared));
}

static char *all_of(FILE *f)
{
	char *all = NULL;
	size_t size = 0;

	rewind(f);
	if (getdelim(&all, &size, '\0', f) < 0) {
		free(all);
		all = strdup("");
	}
	fclose(f);
	return all;
}

/* stderr goes to @err until errors_caught(), which has what came and closes it. */
static int catch_errors(FILE *err)
{
	int saved = dup(STDERR_FILENO);

	fflush(stderr);
	dup2(fileno(err), STDERR_FILENO);
	return saved;
}

static char *errors_caught(int saved, FILE *err)
{
	dup2(saved, STDERR_FILENO);
	close(saved);
	return all_of(err);
}

/* Of dumps d0, d1, ...; the answers go to @out, or to @text. */
static enum cli_status batch_to(unsigned int nr, FILE *out)
{
	char name[MOST][12], *dumps[MOST + 1] = { 0 };
	FILE *file = out ? out : tmpfile(), *err = tmpfile();
	enum cli_status st;
	int saved;

	for (unsigned int i = 0; i < nr; i++) {
		snprintf(name[i], sizeof(name[i]), "d%u", i);
		dumps[i] = name[i];
	}
	forget();
	saved = catch_errors(err);
	st = cli_batch(&request, dumps, file);
	told = errors_caught(saved, err);
	if (!out)
		text = all_of(file);
	return st;
}

static enum cli_status batch(unsigned int nr)
{
	return batch_to(nr, NULL);
}

/* There are lines of the first @nr dumps, in that order, and no others. */
static void expect_lines(unsigned int nr)
{
	const char *line = text;

	for (unsigned int i = 0; i < nr; i++) {
		char want[32];

		snprintf(want, sizeof(want), "{ \"dump\": \"d%u\", ", i);
		ck_assert_msg(!strncmp(line, want, strlen(want)), "%s, not %s", line,
			      want);
		line = strchr(line, '\n');
		ck_assert_ptr_nonnull(line);
		line++;
	}
	ck_assert_str_eq(line, "");
}

/* ---- at once ---- */

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Until as many are there as may be, and a little longer: is there one more? */
static void wait_for_others(struct stk_command *cmd, unsigned int nr)
{
	const unsigned int now = atomic_fetch_add(&shared->now, 1) + 1;
	unsigned int most = atomic_load(&shared->most);
	const double until = seconds() + 60;

	while (most < now && !atomic_compare_exchange_weak(&shared->most, &most, now))
		;
	if (!nr)
		usleep(30000);
	while (nr && atomic_load(&shared->most) < request.jobs && seconds() < until)
		usleep(1000);
	if (nr && nr < request.jobs)
		usleep(30000);
	fprintf(cmd->out, "{\"alone\":%d}", atomic_load(&shared->started) == 1);
	atomic_fetch_sub(&shared->now, 1);
}

START_TEST(as_many_at_once_as_asked_for)
{
	static const unsigned int jobs[] = { 1, 2, 3, CLI_MAX_JOBS };
	const unsigned int nr = jobs[_i] == CLI_MAX_JOBS ? 70 : 7,
			   before = open_descriptors();

	request.jobs = jobs[_i];
	body = wait_for_others;
	ck_assert_int_eq(batch(nr), CLI_OK);
	expect_lines(nr);
	ck_assert_uint_eq(atomic_load(&shared->started), nr);
	ck_assert_uint_eq(atomic_load(&shared->most), jobs[_i]);
	/* Only of the first one that is so. */
	ck_assert_ptr_nonnull(strstr(text, "{\"alone\":1}"));
	ck_assert_ptr_null(strstr(strchr(text, '\n'), "{\"alone\":1}"));
	/* A file of its own where there are several, and none of the others'. */
	for (unsigned int i = 1; i < nr; i++)
		ck_assert_uint_eq(shared->descriptors[i],
				  shared->descriptors[0] + (jobs[_i] > 1));
	ck_assert_uint_eq(open_descriptors(), before);
	ck_assert_str_eq(told, "");
}
END_TEST

static void later_is_sooner(struct stk_command *cmd, unsigned int nr)
{
	usleep(nr ? (4 - nr) * 30000 : 0);
	fprintf(cmd->out, "{\"nr\":%u}", nr);
}

START_TEST(lines_keep_their_order)
{
	request.jobs = 3;
	body = later_is_sooner;
	ck_assert_int_eq(batch(4), CLI_OK);
	expect_lines(4);
}
END_TEST

/* More than a pipe or a piece of a copy has room for. */
static void say_much(struct stk_command *cmd, unsigned int nr)
{
	fprintf(cmd->out, "\"%0100000u\"", nr);
}

START_TEST(long_lines_are_whole)
{
	request.jobs = 1 + (unsigned int)_i;
	body = say_much;
	ck_assert_int_eq(batch(3), CLI_OK);
	expect_lines(3);
	ck_assert_uint_gt(strlen(text), 300000);
	ck_assert_uint_lt(strlen(text), 301000);
}
END_TEST

/* ---- what the ends come to ---- */

#define OK    STK_CMD_OK
#define BAD   STK_CMD_FAILED
#define DOUBT STK_CMD_DOUBT
#define USAGE STK_CMD_USAGE

static const struct {
	enum stk_command_result of[3];
	enum cli_status all;
	unsigned int asked, lines;
} ends[] = {
	{ { OK, OK, OK }, CLI_OK, 3, 3 },
	{ { DOUBT, OK, OK }, CLI_DOUBT, 3, 3 },
	{ { OK, OK, DOUBT }, CLI_DOUBT, 3, 3 },
	{ { DOUBT, BAD, OK }, CLI_FAILED, 3, 3 },
	{ { BAD, DOUBT, OK }, CLI_FAILED, 3, 3 },
	{ { BAD, OK, OK }, CLI_FAILED, 3, 3 },
	{ { OK, DOUBT, BAD }, CLI_FAILED, 3, 3 },
	{ { USAGE, OK, OK }, CLI_USAGE, 1, 0 },
	{ { BAD, USAGE, OK }, CLI_USAGE, 2, 1 },
	{ { DOUBT, USAGE, BAD }, CLI_USAGE, 2, 1 },
};

START_TEST(ends_are_summed_up)
{
	results = ends[_i].of;
	ck_assert_int_eq(batch(3), ends[_i].all);
	ck_assert_uint_eq(atomic_load(&shared->started), ends[_i].asked);
	expect_lines(ends[_i].lines);
}
END_TEST

static void complain_twice(struct stk_command *cmd, unsigned int nr)
{
	stk_complain(cmd, "this is no word");
	stk_complain(cmd, "nor is this");
}

START_TEST(a_misuse_is_told_once)
{
	static const enum stk_command_result misuse[] = { USAGE, USAGE, USAGE };

	results = misuse;
	body = complain_twice;
	request.jobs = 1 + (unsigned int)_i;
	ck_assert_int_eq(batch(3), CLI_USAGE);
	ck_assert_str_eq(text, "");
	ck_assert_str_eq(told, "fake: this is no word\nfake: nor is this\n"
			       "usage: stackinfo fake [-j]\n");
}
END_TEST

/* ---- readers that are slow ---- */

/* The time that it may take is the dump's, not the reader's. */
START_TEST(a_reader_may_take_longer)
{
	int pipes[2], status;
	FILE *out;
	pid_t reader;

	ck_assert(!pipe(pipes));
	reader = fork();
	if (!reader) {
		static char piece[1 << 16];
		size_t all = 0;
		ssize_t got;

		close(pipes[1]);
		usleep(1300000);
		while ((got = read(pipes[0], piece, sizeof(piece))) > 0)
			all += (size_t)got;
		_exit(all < 100000 || all > 100200);
	}
	close(pipes[0]);
	out = fdopen(pipes[1], "w");
	body = say_much;
	request.timeout = 1;
	ck_assert_int_eq(batch_to(1, out), CLI_OK);
	fclose(out);
	ck_assert_int_eq(waitpid(reader, &status, 0), reader);
	ck_assert_int_eq(status, 0);
}
END_TEST

/* ---- no room ---- */

/* Of the two that are asked at once, the one that was started later. */
static void hang_at_last(struct stk_command *cmd, unsigned int nr)
{
	fprintf(cmd->out, "{}");
	atomic_store(&shared->pid[nr], getpid());
	if (nr != 1 && nr != 2)
		return;
	while (!atomic_load(&shared->pid[3 - nr]))
		usleep(1000);
	if (getpid() > atomic_load(&shared->pid[3 - nr]))
		pause();
}

/* The next ones are not waited for; whoever closes the file tells it. */
START_TEST(full_behind_the_first_line)
{
	const double begin = seconds();
	struct rlimit old, little;
	FILE *out = tmpfile();
	enum cli_status st;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	/* A line is a little more than half of it. */
	little = (struct rlimit){ 90, old.rlim_max };
	request.jobs = 2;
	body = hang_at_last;
	setrlimit(RLIMIT_FSIZE, &little);
	st = batch_to(5, out);
	setrlimit(RLIMIT_FSIZE, &old);
	ck_assert_int_eq(st, CLI_FAILED);
	ck_assert(ferror(out));
	clearerr(out);
	text = all_of(out);
	ck_assert_uint_eq(strlen(text), 90);
	*strchr(text, '\n') = '\0';
	ck_assert_str_eq(text, "{ \"dump\": \"d0\", \"status\": 0, \"errors\": [ ], "
			       "\"answer\": {} }");
	ck_assert_uint_le(atomic_load(&shared->started), 4);
	ck_assert(seconds() - begin < 10);
}
END_TEST

static void say_very_much(struct stk_command *cmd, unsigned int nr)
{
	for (unsigned int i = 0; i < 60; i++)
		say_much(cmd, nr);
}

/* An answer that began to wait in a file, and cannot, is none; its line says so. */
START_TEST(no_room_for_an_answer)
{
	struct rlimit old, little;
	struct json_object *o, *value;
	char why[300];
	enum cli_status st;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	little = (struct rlimit){ (4 << 20) + (300 << 10), old.rlim_max };
	body = say_very_much;
	setrlimit(RLIMIT_FSIZE, &little);
	st = batch(1);
	setrlimit(RLIMIT_FSIZE, &old);
	ck_assert_int_eq(st, CLI_FAILED);
	o = json_tokener_parse(text);
	ck_assert_msg(o != NULL, "%.80s", text);
	ck_assert(json_object_object_get_ex(o, "answer", &value) && !value);
	ck_assert(json_object_object_get_ex(o, "status", &value));
	ck_assert_int_eq(json_object_get_int(value), CLI_FAILED);
	ck_assert(json_object_object_get_ex(o, "errors", &value));
	snprintf(why, sizeof(why), STK_NO_ROOM, stk_temp_dir());
	ck_assert_uint_eq(json_object_array_length(value), 1);
	ck_assert_str_eq(json_object_get_string(json_object_array_get_idx(value, 0)),
			 why);
	json_object_put(o);
}
END_TEST

/* ---- lists ---- */

static ssize_t one_then_none(void *cookie, char *to, size_t size)
{
	if ((*(unsigned int *)cookie)++) {
		errno = EISDIR;
		return -1;
	}
	memcpy(to, "d0\nd1\n", 6);
	return 6;
}

/* What was named until then is answered for. */
START_TEST(a_list_that_breaks_off)
{
	unsigned int reads = 0;
	FILE *list = fopencookie(&reads, "r",
				 (cookie_io_functions_t){ .read = one_then_none }),
	     *out = tmpfile(), *err = tmpfile();
	int saved = catch_errors(err);
	enum cli_status st = cli_batch_list(&request, list, out);

	told = errors_caught(saved, err);
	fclose(list);
	text = all_of(out);
	ck_assert_int_eq(st, CLI_FAILED);
	ck_assert_str_eq(told, "stackinfo: the list of dumps: Is a directory\n");
	expect_lines(2);
}
END_TEST

/* Nor is more of it read than can be answered for. */
START_TEST(a_list_is_left_when_nothing_can_be_written)
{
	static const char names[] = "d0\nd1\nd2\n";
	FILE *list = fmemopen((void *)(uintptr_t)names, sizeof(names) - 1, "r"),
	     *out = fopen("/dev/full", "w"), *err = tmpfile();
	int saved = catch_errors(err);
	enum cli_status st = cli_batch_list(&request, list, out);

	told = errors_caught(saved, err);
	ck_assert_int_eq(ftell(list), 3);
	fclose(list);
	fclose(out);
	ck_assert_int_eq(st, CLI_FAILED);
}
END_TEST

static const struct {
	size_t len;
	bool too_long;
} lengths[] = {
	{ 1, false },	    { 254, false },
	{ 255, false },	    { 256, false },
	{ 257, false },	    { 511, false },
	{ 512, false },	    { 513, false },
	{ 1 << 16, false }, { (1 << 20) - 1, false },
	{ 1 << 20, true },  { 2 << 20, true },
};

START_TEST(names_of_any_length)
{
	const size_t len = lengths[_i].len;
	char *bytes = malloc(len + 3), *name;
	const char *error = NULL;
	FILE *list;

	memset(bytes, 'x', len);
	memcpy(bytes + len, "\ny\n", 3);
	list = fmemopen(bytes, len + 3, "r");
	name = cli_next_name(list, &error);
	if (lengths[_i].too_long) {
		ck_assert_ptr_null(name);
		ck_assert_pstr_eq(error, "it has a name of more than a MiB");
	} else {
		ck_assert_ptr_nonnull(name);
		ck_assert_uint_eq(strlen(name), len);
		ck_assert_uint_eq(strspn(name, "x"), len);
		free(name);
		name = cli_next_name(list, &error);
		ck_assert_pstr_eq(name, "y");
		ck_assert_ptr_null(error);
		free(name);
	}
	fclose(list);
	free(bytes);
}
END_TEST

static const struct unit_test t_once[] = {
	LOOP(as_many_at_once_as_asked_for, 4),
	TEST(lines_keep_their_order),
	LOOP(long_lines_are_whole, 2),
	LOOP(ends_are_summed_up, sizeof(ends) / sizeof(ends[0])),
	LOOP(a_misuse_is_told_once, 2),
	TEST(a_reader_may_take_longer),
	TEST(full_behind_the_first_line),
	TEST(no_room_for_an_answer),
	{ 0 },
};

static const struct unit_test t_lists[] = {
	TEST(a_list_that_breaks_off),
	TEST(a_list_is_left_when_nothing_can_be_written),
	LOOP(names_of_any_length, sizeof(lengths) / sizeof(lengths[0])),
	{ 0 },
};

const struct unit_suite suite_batch = {
	"batch",
	{
		{ "at once", t_once, setup, teardown },
		{ "lists", t_lists, setup, teardown },
	},
};
