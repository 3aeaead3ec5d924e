/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves when the log's trace of an event and the stack in the dump are said to be the
 * same.
 */
#include <stdlib.h>
#include <string.h>

#include "report/triage.h"
#include "suite.h"

#define MAX_FRAMES 32

static struct stk_event_frame frames[2][MAX_FRAMES];
static char words[2][512];
static struct stk_event_trace trace[2];

/*
 * "f g ?h =i ^j": "?" in doubt, "=" inlined, "^" at the function's end, "-" without a
 * name; "f@m": of a module; "<g" at g's start, "f>g" that leads there, "f~" whose return
 * address a tracer replaced; "!f" in a register only.
 */
static void make(int which, const char *text)
{
	struct stk_event_trace *t = &trace[which];
	char *save, *word;

	strcpy(words[which], text);
	*t = (struct stk_event_trace){ .frames = frames[which], .cpu = -1, .pid = -1 };
	for (word = strtok_r(words[which], " ", &save); word;
	     word = strtok_r(NULL, " ", &save)) {
		struct stk_event_frame *f = &frames[which][t->nr_frames++];
		char *module = strchr(word, '@'), *next = strchr(word, '>');
		char *replaced = strchr(word, '~');

		*f = (struct stk_event_frame){ .doubtful = strchr("?<", *word),
					       .at_start = *word == '<',
					       .inlined = *word == '=',
					       .lost = *word == '!',
					       .replaced = replaced,
					       .has_offset = true,
					       .offset = *word == '^' ? 32 : 31,
					       .size = 32 };
		if (module)
			*module++ = '\0';
		if (next)
			*next++ = '\0';
		if (replaced)
			*replaced = '\0';
		f->module = module;
		f->leads_to = next;
		f->function =
			*word == '-' ? NULL : word + (strchr("?=^<!", *word) != NULL);
	}
}

static const struct {
	const char *log, *stack;
	enum stk_join_verdict verdict;
	size_t nr_log, nr_same;
	const char *missing;
} row[] = {
	{ "f g h", "f g h", STK_JOIN_AGREES, 3, 3, NULL },
	{ "f h", "e f g h i", STK_JOIN_AGREES, 2, 2, NULL },
	/* Nobody vouches for these. */
	{ "f ?x =y - h", "f g h", STK_JOIN_AGREES, 2, 2, NULL },
	/* They are on the stack while they print. */
	{ "dump_stack_lvl panic f g", "__crash_kexec panic f g", STK_JOIN_AGREES, 2, 2,
	  NULL },
	{ "f x h", "f g h", STK_JOIN_DIFFERS, 3, 2, "x" },
	{ "x f y", "f g h", STK_JOIN_DIFFERS, 3, 1, "x" },
	/* The order counts: g is behind h. */
	{ "h g", "f g h", STK_JOIN_DIFFERS, 2, 1, "g" },
	/* One of the stack is one of the log. */
	{ "f f f", "f f g", STK_JOIN_DIFFERS, 3, 2, "f" },
	{ "x y", "f g h", STK_JOIN_GONE, 2, 0, "x" },
	{ "f g", "", STK_JOIN_GONE, 2, 0, "f" },
	{ "?f", "f g h", STK_JOIN_NONE, 0, 0, NULL },
	{ "", "f", STK_JOIN_NONE, 0, 0, NULL },
	/* A kretprobe's trampoline; and a call that never returns. */
	{ "f ^x h", "f g h", STK_JOIN_AGREES, 2, 2, NULL },
	{ "f ^g h", "f g h", STK_JOIN_AGREES, 3, 3, NULL },
	{ "^x", "f", STK_JOIN_NONE, 0, 0, NULL },
	/* A call that never returns, at the function's end; and a tracer's trampoline. */
	{ "f <x h", "f g>x h", STK_JOIN_AGREES, 3, 3, NULL },
	{ "f <x h", "f g>y h", STK_JOIN_AGREES, 2, 2, NULL },
	{ "f <x h", "f h g>x", STK_JOIN_DIFFERS, 3, 2, "h" },
	{ "f <return_to_handler h", "f g~ h", STK_JOIN_AGREES, 3, 3, NULL },
	{ "f <x h", "f g~ h", STK_JOIN_AGREES, 2, 2, NULL },
	{ "f <x h <x", "f g>x h i>x", STK_JOIN_AGREES, 4, 4, NULL },
	{ "f <x", "f ?g>x", STK_JOIN_AGREES, 1, 1, NULL },
	/* That is not printed. */
	{ "f !x g", "f x g", STK_JOIN_AGREES, 2, 2, NULL },
	{ "f !x g", "f g", STK_JOIN_AGREES, 2, 2, NULL },
	/* Which module is told by both, or does not count. */
	{ "f@m", "f@m", STK_JOIN_AGREES, 1, 1, NULL },
	{ "f@m", "f", STK_JOIN_AGREES, 1, 1, NULL },
	{ "f@m g", "f@n g", STK_JOIN_DIFFERS, 2, 1, "f" },
	/* Code of a module that the dump does not have; the kernel's has names. */
	{ "f@m g@m h", "- - h", STK_JOIN_AGREES, 1, 1, NULL },
	{ "f@m g@m h i", "- h - i", STK_JOIN_DIFFERS, 2, 1, "h" },
	{ "f@m g@m h", "- h", STK_JOIN_DIFFERS, 2, 1, "g" },
	{ "f h", "- h", STK_JOIN_DIFFERS, 2, 1, "f" },
	{ "h f@m", "- h", STK_JOIN_DIFFERS, 2, 1, "f" },
};

START_TEST(compares)
{
	struct stk_join j = { .log = &trace[0], .stack = &trace[1] };

	make(0, row[_i].log);
	make(1, row[_i].stack);
	stk_join_name(&trace[0], &trace[1]);
	stk_join_compare(&j);
	ck_assert_int_eq(j.verdict, row[_i].verdict);
	ck_assert_uint_eq(j.nr_log, row[_i].nr_log);
	ck_assert_uint_eq(j.nr_same, row[_i].nr_same);
	if (row[_i].missing)
		ck_assert_str_eq(j.missing->function, row[_i].missing);
	else
		ck_assert_ptr_null(j.missing);
}
END_TEST

/* The instruction is a frame, too, unless it is the user's. */
START_TEST(instruction_counts)
{
	for (int in_user = 0; in_user < 2; in_user++) {
		struct stk_join j = { .log = &trace[0], .stack = &trace[1] };

		make(0, "g");
		make(1, "f g");
		trace[0].has_pc = true;
		trace[0].in_user = in_user;
		trace[0].pc.function = in_user ? "user" : "f";
		stk_join_compare(&j);
		ck_assert_int_eq(j.verdict, STK_JOIN_AGREES);
		ck_assert_uint_eq(j.nr_same, in_user ? 1 : 2);
	}
}
END_TEST

/* A frame that was printed by a wrong name gets all of the stack's. */
START_TEST(named_by_the_stack)
{
	const struct stk_event_frame *f = &frames[0][1];

	make(0, "f <x h");
	make(1, "f g@m>x h");
	frames[1][1].offset = 7;
	stk_join_name(&trace[0], &trace[1]);
	ck_assert_str_eq(f->function, "g");
	ck_assert_str_eq(f->module, "m");
	ck_assert_uint_eq(f->offset, 7);
	/* How large that is, the stack does not say. */
	ck_assert_uint_eq(f->size, 0);
	ck_assert(!f->at_start && !f->doubtful);
	ck_assert_str_eq(f->by, "stack");
	/* The others keep theirs. */
	for (size_t i = 0; i < 3; i += 2) {
		ck_assert_uint_eq(frames[0][i].size, 32);
		ck_assert_ptr_null(frames[0][i].by);
	}
}
END_TEST

static const struct unit_test tests[] = {
	LOOP(compares, (int)(sizeof(row) / sizeof(row[0]))),
	TEST(instruction_counts),
	TEST(named_by_the_stack),
	{ 0 },
};

const struct unit_suite suite_join = {
	"join",
	{ { "join", tests, NULL, NULL } },
};
