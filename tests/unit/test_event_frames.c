/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what is read of one frame of a log's trace, and what is known of those that a
 * kernel prints wrongly or not at all: each condition by itself.
 */
#include "suite.h"

#include <stdio.h>
#include <string.h>

#include "report/events_frames.h"
#include "report/events_told.h"

/* What is behind the end of a frame's text is none of it. */
START_TEST(frames)
{
	static const struct {
		const char *text, *rest; /* that follows in memory */
		bool is, doubtful;
		const char *function, *module;
	} row[] = {
		{ "f+0x1/0x2", "", true, false, "f", NULL },
		{ " \t[<ffffffff81001234>] ? f+0x1/0x2", "", true, true, "f", NULL },
		{ "? [<0>] f+0x1/0x2 [m]", "", true, true, "f", "m" },
		{ "0xffffffffc0123456", "", true, false, NULL, NULL },
		{ "ffffffffc0123456", "", true, false, NULL, NULL },
		{ "f (mm/a.c:12)", "", true, false, "f", NULL },
		{ "f mm/a.c:12 [inline]", "", true, false, "f", NULL },
		{ "?f+0x1/0x2", "", false, false, NULL, NULL },
		{ "[f+0x1/0x2", "", false, false, NULL, NULL },
		{ "[<f+0x1/0x2", "", false, false, NULL, NULL },
		{ "f+0x1", "", false, false, NULL, NULL },
		{ "0xffffffffc012345", "", false, false, NULL, NULL },
		{ "", " f+0x1/0x2", false, false, NULL, NULL },
		{ " ", " f+0x1/0x2", false, false, NULL, NULL },
		{ "?", " f+0x1/0x2", false, false, NULL, NULL },
		{ "[", "<>f+0x1/0x2", false, false, NULL, NULL },
		{ "[<0", ">] f+0x1/0x2", false, false, NULL, NULL },
		{ " [<0", "] f+0x1/0x2", false, false, NULL, NULL },
		{ "f+0x1/0x", "2 x", false, false, NULL, NULL },
		/* A call that the compiler did inside another one, or a module. */
		{ "f+0x1/0x2 [inline]", "", true, false, "f", NULL },
		{ "f+0x1/0x2 [inlined]", "", true, false, "f", "inlined" },
		{ "f+0x1/0x2 [inlin]", "", true, false, "f", "inlin" },
		{ "f+0x1/0x2 [nvidia]", "", true, false, "f", "nvidia" },
		{ "f+0x1/0x2 [m 0123abcd]", "", true, false, "f", "m" },
		{ "f+0x1/0x2 [a-b]", "", true, false, "f", "a-b" },
		{ "f+0x1/0x2 [m,n]", "", true, false, "f", NULL },
		{ "f+0x1/0x2 []", "", true, false, "f", NULL },
		{ "f+0x1/0x2 [m", "]", true, false, "f", NULL },
		{ "f+0x1/0x2 [", "m]", true, false, "f", NULL },
		{ "f+0x1/0x2 (m]", "", true, false, "f", NULL },
		{ "f+0x1/0x2 [<m]", "", true, false, "f", NULL },
		/* A link register that may be an old one. */
		{ "f+0x1/0x2 (L)", "", true, true, "f", NULL },
		{ "f+0x1/0x2(L)", "", true, false, "f", NULL },
		{ "x f+0x1/0x2", "", false, false, NULL, NULL },
		/* Where a name is in the source. */
		{ "f.isra.0 (mm/a.c:12)", "", true, false, "f.isra.0", NULL },
		{ "f (mm/a.c:12) [m]", "", true, false, "f", "m" },
		{ "f (mm/a.c:12)[m]", "", true, false, "f", NULL },
		{ "f (a.c:1)", "", true, false, "f", NULL },
		{ "f (.c:1)", "", false, false, NULL, NULL },
		{ "f (mm/a:12)", "", false, false, NULL, NULL },
		{ "f (mm/a.c:x)", "", false, false, NULL, NULL },
		{ "f (mm/a.c:)", "", false, false, NULL, NULL },
		{ "f mm/a.c:12", "", false, false, NULL, NULL },
		{ "1f (mm/a.c:12)", "", false, false, NULL, NULL },
		{ "(mm/a.c:12)", "", false, false, NULL, NULL },
		/* An address has 16 digits. */
		{ "0xffffffffc01234567", "", false, false, NULL, NULL },
		{ "ffffffffc01234567", "", false, false, NULL, NULL },
		{ "gfffffffc0123456", "", false, false, NULL, NULL },
		{ "0x", "ffffffffc0123456", false, false, NULL, NULL },
		{ "f+0x", "1/0x2 x", false, false, NULL, NULL },
	};

	struct stk_arena arena = { 0 };

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_event_frame frame;
		char text[100];

		snprintf(text, sizeof(text), "%s%s", row[i].text, row[i].rest);
		ck_assert_msg(stk_frame_read(&arena, text, strlen(row[i].text), &frame) ==
				      row[i].is,
			      "%s", text);
		if (!row[i].is) {
			ck_assert(!frame.doubtful);
			continue;
		}
		ck_assert_int_eq(frame.doubtful, row[i].doubtful);
		ck_assert_int_eq(frame.inlined,
				 !frame.has_offset && strstr(text, "[inline]") != NULL);
		ck_assert_msg(!frame.function == !row[i].function, "%s", text);
		if (frame.function)
			ck_assert_str_eq(frame.function, row[i].function);
		ck_assert_msg(!frame.module == !row[i].module, "%s", text);
		if (frame.module)
			ck_assert_str_eq(frame.module, row[i].module);
	}
	stk_arena_free(&arena);
}
END_TEST

/* When a caller that is in a register only was not printed. */
START_TEST(caller_is_lost)
{
	static const struct {
		const char *pc, *link; /* NULL: no function */
		uint64_t offset;       /* of the link */
		bool from_pc, in_user;
		const char
			*first;	  /* the only frame so far; "?": in doubt, "<": a start */
		const char *next; /* the same; "=": inlined */
		bool lost;
	} row[] = {
		{ "f", "g", 4, true, false, NULL, "h", true },
		/* It is of the instruction's function, or is printed next. */
		{ "f", "f", 4, true, false, NULL, "h", false },
		{ "f", "f.cold", 4, true, false, NULL, "h", false },
		{ "f.cold", "f", 4, true, false, NULL, "h", false },
		{ "f", "ff", 4, true, false, NULL, "h", true },
		{ "f", "h", 4, true, false, NULL, "h", false },
		{ "f", "h", 4, true, false, NULL, "h.cold", false },
		{ "f", "i", 4, true, false, NULL, "h", true },
		/* Nobody knows it. */
		{ "f", NULL, 4, true, false, NULL, "h", false },
		{ "f", "g", 0, true, false, NULL, "h", false },
		{ "f", "g", 1, true, false, NULL, "h", true },
		{ "f", "g", 4, true, true, NULL, "h", false },
		/* The instruction must be among the frames, if it is any function's. */
		{ "f", "g", 4, false, false, NULL, "h", false },
		{ NULL, "g", 4, false, false, NULL, "h", true },
		/* What comes next says nothing. */
		{ "f", "g", 4, true, false, NULL, "?h", false },
		{ "f", "g", 4, true, false, NULL, "=h", false },
		{ "f", "g", 4, true, false, NULL, NULL, false },
		/* Behind a frame it is too late, unless that is the register. */
		{ "f", "g", 4, true, false, "h", "i", false },
		{ "f", "g", 4, true, false, "g", "i", false },
		{ "f", "g", 4, true, false, "?g", "i", true },
		{ "f", "g", 4, true, false, "?h", "i", false },
		{ "f", "g", 4, true, false, "<g", "i", false },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
#define NAME(text) ((text) ? (text) + strspn(text, "?<=") : NULL)
		struct stk_event_frame first = { .function = NAME(row[i].first) };
		const struct stk_event_frame next = {
			.function = NAME(row[i].next),
			.doubtful = row[i].next && *row[i].next == '?',
			.inlined = row[i].next && *row[i].next == '=',
		};
		struct stk_event_trace t = {
			.pc.function = row[i].pc,
			.link = { .function = row[i].link, .offset = row[i].offset },
			.from_pc = row[i].from_pc,
			.in_user = row[i].in_user,
			.frames = &first,
			.nr_frames = row[i].first != NULL,
		};

		if (row[i].first) {
			first.doubtful = strchr("?<", *row[i].first) != NULL;
			first.at_start = *row[i].first == '<';
		}
		ck_assert_msg(stk_link_is_lost(&t, &next) == row[i].lost, "row %zu", i);
		t.nr_frames = 2;
		ck_assert(!row[i].first || !stk_link_is_lost(&t, &next));
	}
}
END_TEST

/* Where nothing was called, the register alone has who called. */
START_TEST(caller_is_all)
{
	const struct stk_event_trace all = { .has_pc = true,
					     .link = { .function = "g", .offset = 4 } };
	struct stk_event_trace t = all;

	ck_assert(stk_link_is_all(&t));
	t.has_pc = false;
	ck_assert(!stk_link_is_all(&t));
	t = all;
	t.in_user = true;
	ck_assert(!stk_link_is_all(&t));
	t = all;
	t.pc.function = "f";
	ck_assert(!stk_link_is_all(&t));
	t = all;
	t.link.function = NULL;
	ck_assert(!stk_link_is_all(&t));
	t = all;
	t.link.offset = 0;
	ck_assert(!stk_link_is_all(&t));
	t = all;
	t.nr_frames = 1;
	ck_assert(!stk_link_is_all(&t));
}
END_TEST

/* A return address at a function's start is of the one before, if that made a call. */
START_TEST(next_function)
{
	static const struct {
		const char *before; /* the last frame; NULL: none */
		bool from_pc;
		const char *next;
		bool has_offset, interrupted;
		uint64_t offset;
		bool is;
	} row[] = {
		{ "f", false, "g", true, false, 0, true },
		{ "f", false, "g", true, false, 1, false },
		{ "f", false, "g", false, false, 0, false },
		{ "f", false, "g", true, true, 0, false },
		{ "f", false, NULL, true, false, 0, false },
		{ "f", false, "ret_from_fork", true, false, 0, false },
		{ "el1h_64_irq", false, "g", true, false, 0, false },
		{ NULL, false, "g", true, false, 0, false },
		{ NULL, true, "g", true, false, 0, true },
		{ "el1h_64_irq", true, "g", true, false, 0, false },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_event_frame frame[] = { { .function = "f" },
						   { .function = row[i].before } };
		const struct stk_event_frame next = { .function = row[i].next,
						      .has_offset = row[i].has_offset,
						      .offset = row[i].offset,
						      .interrupted = row[i].interrupted };
		const struct stk_event_trace t = { .frames = frame,
						   .nr_frames = row[i].before ? 2 : 0,
						   .pc.function = "p",
						   .from_pc = row[i].from_pc };

		ck_assert_msg(stk_frame_is_next(&t, &next) == row[i].is, "row %zu", i);
	}
}
END_TEST

/* Of another CPU's task that runs, its stack is from when it slept. */
START_TEST(slept)
{
	const struct stk_event_trace other = { .of_other_cpu = true };
	const struct stk_event_frame sleeps = { .function = "__switch_to" },
				     runs = { .function = "f" }, nobody = { 0 };
	struct stk_event_trace t = other;

	ck_assert(stk_frame_slept(&t, &sleeps));
	ck_assert(!stk_frame_slept(&t, &runs));
	ck_assert(!stk_frame_slept(&t, &nobody));
	t.of_other_cpu = false;
	ck_assert(!stk_frame_slept(&t, &sleeps));
	t = other;
	t.nr_frames = 1;
	ck_assert(!stk_frame_slept(&t, &sleeps));
	t = other;
	t.has_pc = true;
	ck_assert(!stk_frame_slept(&t, &sleeps));
}
END_TEST

static const struct unit_test tests[] = {
	TEST(frames),	     TEST(caller_is_lost), TEST(caller_is_all),
	TEST(next_function), TEST(slept),	   { 0 },
};

const struct unit_suite suite_event_frames = {
	"event_frames",
	{ { "frames", tests, NULL, NULL } },
};
