/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what comes of a question when there is no memory for a part of its answer: each
 * place that asks for some gets none once. It is told, or the answer is whole; and the
 * same question, asked again, has all of it. And what is had is given back.
 */
#include "suite.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "base/ran_out.h"
#include "commands/commands.h"
#include "dumped.h"
#include "event_texts.h"
#include "logged.h"
#include "memory.h"
#include "session/dump_pack.h"
#include "worlds.h"

/* ---- what is asked ---- */

static char told[1u << 20], errors[4096];

static void on_error(struct stk_command *unused, const char *text)
{
	const size_t len = strlen(errors);

	snprintf(errors + len, sizeof(errors) - len, "%s\n", text);
}

/* What begins with the next question; NULL: nothing. */
static void (*begin)(void);
static bool chains_left; /* behind a question */

static const char *answer(struct stk *session, const char *line)
{
	char words[256], *argv[16], *save, *out = NULL;
	struct stk_command cmd = { .s = session, .error = on_error };
	enum stk_command_result result;
	size_t len;
	int argc = 0;

	snprintf(words, sizeof(words), "%s", line);
	for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	argv[argc] = NULL;
	*errors = '\0';
	cmd.out = open_memstream(&out, &len);
	if (begin)
		begin();
	result = stk_run_words(stk_find_command(argv[0], STK_EVERYWHERE), &cmd, argc,
			       argv);
	memory_end();
	chains_left |= session->chains != NULL;
	fclose(cmd.out);
	snprintf(told, sizeof(told), "%d\n%s%s", (int)result, out, errors);
	free(out);
	return told;
}

/* ---- each place ---- */

static bool lost;	  /* a page is not in the dump */
static size_t place, nth; /* which gets no memory, and when */
static char *sound;	  /* the answer, and what was complained of */

static void fail_place(void)
{
	memory_fail(place, nth);
}

static void expect_sound(const char *line)
{
	const char *now = answer(m->s, line);
	size_t at = 0;

	while (now[at] && now[at] == sound[at])
		at++;
	ck_assert_msg(!now[at] && !sound[at], "%s: place %zu: \"%.200s\", not \"%.200s\"",
		      line, place, now + (at > 100 ? at - 100 : 0),
		      sound + (at > 100 ? at - 100 : 0));
}

static void without(void (*build)(void), const char *line)
{
	const char *now;

	build();
	syn_open(m);
	begin = fail_place;
	now = answer(m->s, line);
	begin = NULL;
	ck_assert_msg(!chains_left, "%s: place %zu", line, place);
	ck_assert_msg(memory_failed(), "%s: place %zu asks no more", line, place);
	ck_assert_msg(!strcmp(now, sound) || strstr(errors, "memory"),
		      "%s: place %zu, %zu: %s", line, place, nth, errors);
	/* What is not in the dump may be told of a question before. */
	if (!lost)
		expect_sound(line);
}

static void each_place(void (*build)(void), const char *line)
{
	size_t nr, held;

	build();
	syn_finish(m);
	chains_left = false;
	memory_hold();
	syn_open(m);
	begin = memory_watch;
	answer(m->s, line);
	stk_close(m->s);
	m->s = NULL;
	held = memory_held();
	nr = memory_places();
	sound = strdup(told);
	/* No chain outlives the question that it was unwound for, and nothing a session.
	 */
	ck_assert(!chains_left);
	ck_assert_uint_eq(held, 0);
	for (place = 0; place < nr; place++) {
		nth = 0;
		without(build, line);
#ifndef UNIT_QUICK
		nth = memory_asked(place) - 1;
		if (nth)
			without(build, line);
#endif
	}
	free(sound);
}

static const struct {
	size_t world;
	const char *line;
	const char *log; /* how a name in event_texts begins; NULL: none */
	bool lost;
} questions[] = {
	{ 0, "xbt -A -v", NULL, false },
	{ 0, "xbt -A -j", NULL, false },
	{ 0, "xbt -A -f", NULL, false },
	{ 0, "xbt -A", NULL, true },
	{ 0, "entry", NULL, false },
	{ 0, "tss", NULL, false },
	{ 0, "stackof -m", NULL, false },
	{ 0, "stackof -j -m", NULL, false },
	{ 0, "stackinfo", "", false },
	{ 0, "stackinfo -v", "", false },
	{ 0, "stackinfo -j", "", false },
	{ 0, "log", "", false },
	{ 0, "oops", "", false },
	{ 0, "stackinfo", "6.12, x86_64", false },
	{ 0, "oops", "an RCU stall that", false },
	{ 0, "stackinfo", "an expedited", false },
	{ 0, "oops", "KASAN", false },
	{ 10, "stackinfo -v", "6.12, arm64", false },
	{ 15, "stackinfo", "6.12, riscv64", false },
	{ 0, "oops -j", "an RCU stall that", false },
	{ 0, "entry -j", NULL, false },
	{ 0, "tss -j", NULL, false },
	{ 0, "xbt -A -g", NULL, false },
	{ 0, "xbt -A -o folded", NULL, false },
	{ 0, "xbt -c 1 --no-addresses", NULL, false },
	{ 0, "xbt -c 1 -l", NULL, false },
	{ 0, "xbt -c 0,1 -n idle", NULL, false },
	{ 0, "stackof -l", "an RCU stall that", false },
	{ 0, "stackof -q -l", "an RCU stall that", false },
	{ 0, "stackof -j -l", "an RCU stall that", false },
	{ 0, "stackof -j init_task..init_task+0x40", NULL, false },
	{ 0, "stackof -c 1", NULL, false },
	{ 0, "stackof -m -N sh --function *_fn", NULL, false },
	{ 10, "entry -j", NULL, false },
	{ 0, "sum", NULL, false },
	{ 5, "xbt -A -v", NULL, false },
	{ 9, "xbt -A -v", NULL, false },
	{ 10, "xbt -A -v", NULL, false },
	{ 10, "stackof -m", NULL, false },
	{ 13, "stackinfo", NULL, false },
	{ 15, "xbt -A -v", NULL, false },
	{ 15, "stackof -m", NULL, false },
};

static int question;

static const char *text_of(const char *name)
{
	const struct event_text *t = event_texts;

	while (strncmp(t->name, name, strlen(name)) != 0)
		t++;
	return t->text;
}

static void build_world(void)
{
	fixture_free();
	worlds[questions[question].world].build();
	if (questions[question].log)
		syn_log(m, text_of(questions[question].log));
	if (lost)
		syn_fail(m, sh, STK_ERR_EXCLUDED);
}

START_TEST(of_a_machine)
{
	question = _i;
	lost = questions[_i].lost;
	each_place(build_world, questions[_i].line);
}
END_TEST

/* Where malloc() has some, and says that there was none, nothing is missing. */
START_TEST(from_elsewhere)
{
	const char *line = questions[_i].line;

	question = _i;
	lost = questions[_i].lost;
	build_world();
	syn_open(m);
	sound = strdup(answer(m->s, line));
	build_world();
	syn_open(m);
	memory_from_elsewhere(true);
	answer(m->s, line);
	memory_from_elsewhere(false);
	ck_assert_str_eq(told, sound);
	free(sound);
}
END_TEST

/* Only what malloc() does when it has some tells whether errno is to be believed. */
START_TEST(errno_is_believed)
{
	errno = 0;
	ck_assert(!stk_ran_out_of_memory());
	errno = EINTR;
	ck_assert(!stk_ran_out_of_memory() && !errno);
	errno = ENOMEM;
	memory_watch();
	memory_hold();
	ck_assert(stk_ran_out_of_memory() && !errno);
	ck_assert_uint_eq(memory_held(), 0);
	ck_assert_uint_ge(memory_places(), 1);
	memory_end();
	memory_from_elsewhere(true);
	errno = ENOMEM;
	ck_assert(!stk_ran_out_of_memory() && !errno);
	errno = ENOMEM;
	memory_fail(0, 0);
	ck_assert(stk_ran_out_of_memory() && memory_failed());
	memory_end();
	memory_from_elsewhere(false);
}
END_TEST

/* ---- dumps ---- */

static size_t nr_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t nr = 0;

	syn_assert(dir);
	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr;
}

static bool note_page(void *unused, const struct stk_words_page *page, size_t bytes)
{
	return true;
}

/* Open the file in one of these ways, ask, and pack what is recorded to the file g. */
enum { BY_NOTE, BY_SEARCH, RECORDED, NR_WAYS };

static enum stk_status open_and_ask(int way)
{
	static const struct stk_dump_options how = { 0 };
	static const struct stk_pack_options all = { 0 };
	struct stk_packed small = { .page = note_page };
	enum stk_status st;

	*dump_error = '\0';
	st = way == RECORDED
		     ? stk_dump_open_recorded(f.path, &how, &all, &d, dump_error,
					      sizeof(dump_error))
		     : stk_dump_open(f.path, NULL, &d, dump_error, sizeof(dump_error));
	if (!st)
		st = stk_prepare(stk_dump_session(d));
	if (!st && way == RECORDED)
		st = stk_dump_pack(d, g.fd, &small, dump_error, sizeof(dump_error));
	return st;
}

static void put_dump(int way)
{
	if (way == BY_SEARCH)
		dumped_put_vmcoreinfo();
	else
		dumped_vmcoreinfo();
	dumped_qemu(m->pgd);
	dumped_elf();
}

/* Opened, asked and closed: how much is still held? No assertion between takes memory. */
static enum stk_status held_by(int way, size_t *held, size_t *files)
{
	const size_t before = nr_files();
	enum stk_status st;

	memory_hold();
	st = open_and_ask(way);
	memory_end();
	stk_dump_close(d);
	d = NULL;
	*held = memory_held();
	*files = nr_files() - before;
	return st;
}

START_TEST(of_a_dump)
{
	size_t nr, held, files;
	enum stk_status st;

	put_dump(_i);
	memory_watch();
	st = held_by(_i, &held, &files);
	ck_assert_msg(!st && !held && !files, "%s: %zu, %zu", dump_error, held, files);
	nr = memory_places();
	ck_assert_uint_gt(nr, 10);
	for (place = 0; place < nr; place++) {
		memory_fail(place, 0);
		st = held_by(_i, &held, &files);
		ck_assert_msg(memory_failed(), "place %zu asks no more", place);
		ck_assert_msg(!st || st == STK_ERR_NOMEM || strstr(dump_error, "memory"),
			      "place %zu: %d: %s", place, (int)st, dump_error);
		/* Whoever cannot open it is told, too. */
		ck_assert_msg(!*dump_error || strstr(dump_error, "out of memory"),
			      "place %zu: %s", place, dump_error);
		ck_assert_msg(!held && !files, "place %zu: %zu, %zu", place, held, files);
	}
}
END_TEST

static const struct unit_test machines[] = {
	LOOP(of_a_machine, sizeof(questions) / sizeof(questions[0])),
	LOOP(from_elsewhere, sizeof(questions) / sizeof(questions[0])),
	TEST(errno_is_believed),
	{ 0 },
};

static const struct unit_test dumps[] = { LOOP(of_a_dump, NR_WAYS), { 0 } };

const struct unit_suite suite_memory = {
	"memory",
	{
		{ "machines", machines, NULL, NULL },
		{ "dumps", dumps, dumped_setup, dumped_teardown },
	},
};
