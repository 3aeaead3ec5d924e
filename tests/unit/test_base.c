/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what all else stands on: the arena (alignment, zeroes, overflow, growing), the
 * texts of statuses, how texts are wrapped, and that a session costs nothing to open,
 * copies its target and keeps the text of its last error.
 */
#include "synthetic.h"
#include "suite.h"

#include "base/arena.h"
#include "base/context.h"
#include "base/duration.h"
#include "base/say.h"
#include "base/wrap.h"

#include <stdlib.h>
#include <string.h>

static struct stk_arena arena;

static void setup(void)
{
	arena = (struct stk_arena){ 0 };
}

static void teardown(void)
{
	stk_arena_free(&arena);
}

START_TEST(aligned_and_zeroed)
{
	static const size_t size[] = {
		1, 15, 16, 17, 4096, 8191, 8192, 8193, 100000, 3, 0
	};

	unsigned char dirty = 0;

	for (size_t round = 0; round < 20; round++) {
		for (size_t i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
			unsigned char *p = stk_arena_alloc(&arena, size[i]);

			ck_assert_ptr_nonnull(p);
			ck_assert_uint_eq((uintptr_t)p % 16, 0);
			for (size_t b = 0; b < size[i]; b++)
				dirty |= p[b];
			ck_assert_uint_eq(dirty, 0);
			/* If two overlap, the next one is not zero. */
			memset(p, 0xa5, size[i]);
		}
	}
}
END_TEST

/* A large one gets a block of its own and the current block is still filled. */
START_TEST(large_ones_waste_nothing)
{
	char *a = stk_arena_alloc(&arena, 64), *b;

	stk_arena_alloc(&arena, 1 << 20);
	b = stk_arena_alloc(&arena, 64);
	ck_assert_ptr_eq(b, a + 64);
}
END_TEST

START_TEST(sizes_that_overflow)
{
	ck_assert_ptr_null(stk_arena_alloc(&arena, SIZE_MAX));
	ck_assert_ptr_null(stk_arena_alloc(&arena, SIZE_MAX / 2 + 1));
	ck_assert_ptr_null(stk_arena_array(&arena, SIZE_MAX / 8, 16));
	ck_assert_ptr_null(
		stk_arena_array(&arena, (SIZE_MAX >> 32) + 2, (size_t)1 << 32));
	ck_assert_ptr_nonnull(stk_arena_array(&arena, 0, 16));
	ck_assert_ptr_nonnull(stk_arena_array(&arena, 16, 0));
}
END_TEST

START_TEST(strings)
{
	char *p = stk_arena_strndup(&arena, "abcdef", 3);
	char longer[5000];

	ck_assert_str_eq(p, "abc");
	ck_assert_str_eq(stk_arena_strndup(&arena, "", 0), "");
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	p = stk_arena_printf(&arena, "%d %s", 42, longer);
	ck_assert_uint_eq(strlen(p), 3 + strlen(longer));
	ck_assert(!strncmp(p, "42 x", 4));
	ck_assert_str_eq(stk_arena_printf(&arena, "%s", ""), "");
}
END_TEST

START_TEST(growing)
{
	uint64_t *array = NULL;
	size_t room = 0;

	for (size_t i = 0; i < 1000; i++) {
		array = stk_arena_grow(&arena, array, i, &room, sizeof(*array));
		ck_assert_ptr_nonnull(array);
		ck_assert_uint_gt(room, i);
		/* By doubling. */
		ck_assert_uint_eq(room & (room - 1), 0);
		array[i] = i * 3;
	}
	for (size_t i = 0; i < 1000; i++)
		ck_assert_uint_eq(array[i], i * 3);
	/* With room nothing moves. */
	ck_assert_ptr_eq(stk_arena_grow(&arena, array, 1000, &room, sizeof(*array)),
			 array);
}
END_TEST

START_TEST(usable_after_free)
{
	stk_arena_alloc(&arena, 10);
	stk_arena_free(&arena);
	ck_assert_ptr_null(arena.blocks);
	ck_assert_ptr_nonnull(stk_arena_alloc(&arena, 10));
}
END_TEST

/* ---- status, names ---- */

START_TEST(status_texts)
{
	ck_assert_str_eq(stk_status_text(STK_OK), "success");
	ck_assert_str_eq(stk_status_text(STK_ERR_EXCLUDED), "page is not in the dump");
	ck_assert_str_eq(stk_status_text(STK_ERR_INTERRUPTED), "interrupted");
	ck_assert_str_eq(stk_status_name(STK_OK), "ok");
	ck_assert_str_eq(stk_status_name(STK_ERR_CUT_OFF), "cut_off");
	for (int i = 0; i < STK_NR_STATUS; i++)
		for (int j = 0; j < i; j++) {
			ck_assert_str_ne(stk_status_text((enum stk_status)i),
					 stk_status_text((enum stk_status)j));
			ck_assert_str_ne(stk_status_name((enum stk_status)i),
					 stk_status_name((enum stk_status)j));
		}
	ck_assert_str_eq(stk_status_name((enum stk_status)STK_NR_STATUS), "unknown");
	ck_assert_str_eq(stk_status_name((enum stk_status) - 1), "unknown");
	ck_assert_str_eq(stk_status_text((enum stk_status)STK_NR_STATUS),
			 "unknown error");
	ck_assert_str_eq(stk_status_text((enum stk_status) - 1), "unknown error");
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(stk_stack_kind_name(X86_STACK(ENTRY)), "ENTRY_TRAMPOLINE");
	ck_assert_str_eq(stk_stack_kind_name(X86_STACK(MCE)), "#MC");
	ck_assert_str_eq(stk_stack_kind_name(NULL), "UNKNOWN");
	ck_assert_str_eq(stk_how_name(STK_HOW_SCAN), "scan");
	ck_assert_str_eq(stk_how_name(STK_HOW_CFI), "cfi");
	ck_assert_str_eq(stk_from_name(STK_FROM_THREAD_SP), "thread_sp");
	ck_assert_str_eq(stk_end_name(STK_END_THREAD_START), "thread_start");
	ck_assert(stk_end_is_good(STK_END_IDLE));
	ck_assert(!stk_end_is_good(STK_END_LIMIT));
	ck_assert_str_eq(stk_state_name(STK_STATE_UNMAPPED), "unmapped");
}
END_TEST

/* ---- session ---- */

START_TEST(opening_reads_nothing)
{
	struct syn *m = syn_kernel(SYN_6_1);
	struct stk *s = syn_open(m);

	ck_assert_uint_eq(m->calls.read_phys + m->calls.symbol + m->calls.member +
				  m->calls.size + m->calls.note + m->calls.vmcoreinfo,
			  0);
	ck_assert_str_eq(stk_error_text(s), "");
	ck_assert_str_eq(stk_arch_name(s), "x86_64");
	syn_free(m);
}
END_TEST

START_TEST(target_is_copied)
{
	struct syn *m = syn_kernel(SYN_6_1);
	struct stk *s = syn_open(m);

	memset(&m->target, 0, sizeof(m->target));
	ck_assert_int_eq(stk_prepare(s), STK_OK);
	syn_free(m);
}
END_TEST

START_TEST(errors_have_a_text)
{
	struct syn *m = syn_kernel(SYN_6_1);
	struct stk *s = syn_open(m);
	char many[600];

	memset(many, 'y', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	ck_assert_int_eq(stk_fail(s, STK_ERR_IO, "cannot %s", "do"), STK_ERR_IO);
	ck_assert_str_eq(stk_error_text(s), "cannot do");
	stk_fail(s, STK_ERR_IO, "%s", many);
	ck_assert_uint_lt(strlen(stk_error_text(s)), 256);
	syn_free(m);
}
END_TEST

/* What an earlier call said is never told of another one. */
START_TEST(texts_are_of_the_last_call)
{
	struct syn *m = syn_kernel(SYN_6_1);
	struct stk *s = syn_open(m);
	struct stk_stack stack;
	struct stk_task task;

	ck_assert_int_eq(stk_task_by_pid(s, 4711, &task), STK_ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(stk_error_text(s), "4711"));
	ck_assert_int_eq(stk_find_stack(s, 0x1000, &stack), STK_ERR_NOT_FOUND);
	ck_assert_str_eq(stk_error_text(s), stk_status_text(STK_ERR_NOT_FOUND));
	stk_fail(s, STK_ERR_IO, "stale");
	ck_assert_int_eq(stk_prepare(s), STK_OK);
	ck_assert_str_eq(stk_error_text(s), "");
	/* A call within a call leaves the outer one's text alone. */
	stk_enter(s);
	stk_fail(s, STK_ERR_CORRUPT, "the outer one");
	ck_assert_int_eq(stk_find_stack(s, 0x1000, &stack), STK_ERR_NOT_FOUND);
	ck_assert_int_eq(stk_leave(s, STK_ERR_CORRUPT), STK_ERR_CORRUPT);
	ck_assert_str_eq(stk_error_text(s), "the outer one");
	syn_free(m);
}
END_TEST

/* Memory that was not had is the machine's, unless the budget refused it. */
START_TEST(why_it_stops)
{
	static const struct {
		bool refused, dry, is_short, interrupted;
		enum stk_status status;
	} row[] = {
		{ false, false, false, false, STK_ERR_NOMEM },
		{ true, false, false, false, STK_ERR_LIMIT },
		{ false, true, false, false, STK_ERR_LIMIT },
		{ true, true, false, false, STK_ERR_LIMIT },
		{ true, true, true, false, STK_ERR_NOMEM },
		{ false, false, true, true, STK_ERR_INTERRUPTED },
		{ true, true, false, true, STK_ERR_INTERRUPTED },
	};
	struct syn *m = syn_kernel(SYN_6_1);
	struct stk *s = syn_open(m);

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		s->budget.refused = row[i].refused;
		s->budget.dry = row[i].dry;
		s->budget.short_of_memory = row[i].is_short ? s->budget.question : 0;
		m->interrupt = row[i].interrupted;
		ck_assert_msg(stk_why_stop(s) == row[i].status, "row %zu", i);
	}
	syn_free(m);
}
END_TEST

/* What a question takes for its texts the next one has again, and no more. */
START_TEST(texts_are_paid_by_one_question)
{
	struct syn *m = syn_kernel(SYN_6_1);
	struct stk *s = syn_open(m);
	const uint64_t all = s->budget.bytes;

	for (int i = 0; i < 3; i++) {
		ck_assert_ptr_nonnull(stk_say(s, "%0*d", 20000, i));
		ck_assert_uint_lt(s->budget.bytes, all);
		stk_question(s);
		ck_assert_uint_eq(s->budget.bytes, all);
		stk_question(s);
		ck_assert_uint_eq(s->budget.bytes, all);
	}
	syn_free(m);
}
END_TEST

START_TEST(close_null)
{
	stk_close(NULL);
}
END_TEST

START_TEST(register_names)
{
	struct syn *m = syn_kernel(SYN_6_1);
	struct stk *s = syn_open(m);

	ck_assert_str_eq(stk_reg_name(s, X86_IP), "rip");
	ck_assert_str_eq(stk_reg_name(s, X86_SP), "rsp");
	ck_assert_str_eq(stk_reg_name(s, X86_R15), "r15");
	ck_assert_str_eq(stk_reg_name(s, X86_SS), "ss");
	ck_assert_ptr_null(stk_reg_name(s, X86_NR_REGS));
	ck_assert_ptr_null(stk_reg_name(s, 1000));
	syn_free(m);
}
END_TEST

static void expect_wrapped(const struct stk_wrap *how, bool pieces, const char *text,
			   const char *expected)
{
	struct stk_wrap w = *how;
	char *got = NULL;
	size_t size;

	w.fp = open_memstream(&got, &size);
	ck_assert_ptr_nonnull(w.fp);
	stk_wrap_text(&w, text);
	if (pieces)
		stk_wrap_piece(&w, "a b");
	ck_assert_int_eq(fclose(w.fp), 0);
	ck_assert_str_eq(got, expected);
	free(got);
}

START_TEST(wrapped)
{
	const struct stk_wrap fresh = { .width = 10, .indent = 2 },
			      begun = { .width = 10, .indent = 4, .column = 3 },
			      beside = { .width = 10, .indent = 2, .column = 5 };

	/* A line may be full; one column more is too much. */
	expect_wrapped(&fresh, false, "abcd efg hi", "  abcd efg\n  hi");
	expect_wrapped(&fresh, false, "abcd efgh", "  abcd\n  efgh");
	/* What is too long for any line is not broken, nor does it leave an empty one. */
	expect_wrapped(&fresh, false, "abcdefghijkl m", "  abcdefghijkl\n  m");
	expect_wrapped(&fresh, false, "", "");
	expect_wrapped(&fresh, false, " a  b ", "  a b");
	/* Others began the line: left of the indent nothing is added to that. */
	expect_wrapped(&begun, false, "ab cdefgh", "ab\n    cdefgh");
	expect_wrapped(&beside, false, "ab cd", " ab\n  cd");
	/* A piece stays whole, blank and all, and needs no comma where it is the first.
	 */
	expect_wrapped(&fresh, true, "ab", "  ab, a b");
	expect_wrapped(&fresh, true, "abcd", "  abcd,\n  a b");
	expect_wrapped(&fresh, true, "", "  a b");
}
END_TEST

START_TEST(durations)
{
	static const struct {
		uint64_t seconds;
		const char *text;
	} row[] = {
		{ 0, "0:00:00" },
		{ 59, "0:00:59" },
		{ 60, "0:01:00" },
		{ 3599, "0:59:59" },
		{ 3600, "1:00:00" },
		{ 86399, "23:59:59" },
		{ 86400, "1 day 0:00:00" },
		{ 2 * 86400 + 3723, "2 days 1:02:03" },
		{ UINT64_MAX, "213503982334601 days 7:00:15" },
	};
	char text[64];

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert_str_eq(stk_duration_text(row[i].seconds, text, sizeof(text)),
				 row[i].text);
}
END_TEST

static const struct unit_test a_tests[] = {
	TEST(aligned_and_zeroed),
	TEST(large_ones_waste_nothing),
	TEST(sizes_that_overflow),
	TEST(strings),
	TEST(growing),
	TEST(usable_after_free),
	{ 0 },
};

static const struct unit_test text_tests[] = {
	TEST(wrapped),
	TEST(durations),
	{ 0 },
};

static const struct unit_test session_tests[] = {
	TEST(status_texts),
	TEST(names),
	TEST(opening_reads_nothing),
	TEST(target_is_copied),
	TEST(errors_have_a_text),
	TEST(texts_are_of_the_last_call),
	TEST(why_it_stops),
	TEST(texts_are_paid_by_one_question),
	TEST(close_null),
	TEST(register_names),
	{ 0 },
};

const struct unit_suite suite_base = {
	"base",
	{
		{ "arena", a_tests, setup, teardown },
		{ "texts", text_tests, NULL, NULL },
		{ "session", session_tests, NULL, NULL },
	},
};
