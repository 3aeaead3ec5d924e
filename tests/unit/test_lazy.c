/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves the one rule for what is found out once: a value and a failure of the data are
 * kept; no memory, an interrupt and an empty budget say nothing of the dump, and are
 * asked again.
 */
#include "synthetic.h"
#include "suite.h"

#include <elf.h>
#include <string.h>

#include "base/context.h"

/* What a try does, and how often it was made. */
static struct {
	enum stk_status status;
	const char *text;
	uint64_t steps;
	size_t bytes;
	bool no_memory, interrupt, recurse;
	unsigned int tries;
} plan;

struct value {
	unsigned int found;
};

static struct stk *s;
static struct stk_lazy lazy;
static bool stop;

static enum stk_status find_value(struct stk *session, void *value);

static const struct stk_once bare = { sizeof(struct value), find_value, NULL, 0, false };
static const struct stk_once list = { sizeof(struct value), find_value, "a list", 8,
				      false };
static const struct stk_once table = { sizeof(struct value), find_value, "a table", 8,
				       true };

static bool wants_to_stop(void *priv)
{
	return stop;
}

static enum stk_status find_value(struct stk *session, void *value)
{
	struct value *v = value;

	plan.tries++;
	/* What another try left is not there any more. */
	ck_assert_uint_eq(v->found, 0);
	v->found = 1;
	if (plan.recurse) {
		ck_assert_int_eq(stk_once(session, &lazy, &bare), STK_ERR_NOT_FOUND);
		ck_assert_ptr_null(lazy.value);
	}
	if (plan.no_memory)
		session->budget.short_of_memory = session->budget.question;
	if (plan.bytes && !stk_arena_alloc(&session->arena, plan.bytes))
		return stk_why_stop(session);
	stop = plan.interrupt;
	if (plan.steps && !stk_spend(session, plan.steps))
		return stk_why_stop(session);
	v->found = 2;
	return plan.text ? stk_fail(session, plan.status, "%s", plan.text) : plan.status;
}

static void setup(void)
{
	static const struct stk_target target = { .interrupted = wants_to_stop,
						  .machine = EM_X86_64 };

	memset(&plan, 0, sizeof(plan));
	lazy = (struct stk_lazy){ 0 };
	stop = false;
	s = stk_open(&target, sizeof(target));
	ck_assert_ptr_nonnull(s);
}

static void teardown(void)
{
	stk_close(s);
}

static void expect_value(const struct stk_once *once, unsigned int found)
{
	const struct value *v;

	ck_assert_int_eq(stk_once(s, &lazy, once), STK_OK);
	v = lazy.value;
	ck_assert_ptr_nonnull(v);
	ck_assert_uint_eq(v->found, found);
}

START_TEST(value_is_found_once)
{
	plan.recurse = true;
	expect_value(&bare, 2);
	expect_value(&bare, 2);
	ck_assert_uint_eq(plan.tries, 1);
}
END_TEST

START_TEST(failure_of_the_data_is_kept_with_its_text)
{
	plan.status = STK_ERR_CORRUPT;
	plan.text = "the list leads nowhere";
	for (int i = 0; i < 3; i++) {
		stk_fail(s, STK_ERR_IO, "something else");
		ck_assert_int_eq(stk_once(s, &lazy, &bare), STK_ERR_CORRUPT);
		ck_assert_str_eq(stk_error_text(s), "the list leads nowhere");
		ck_assert_ptr_null(lazy.value);
	}
	ck_assert_uint_eq(plan.tries, 1);
}
END_TEST

START_TEST(text_of_another_failure_is_not_kept)
{
	plan.status = STK_ERR_NO_TYPE;
	stk_fail(s, STK_ERR_IO, "something else");
	stk_once(s, &lazy, &bare);
	ck_assert_int_eq(stk_once(s, &lazy, &bare), STK_ERR_NO_TYPE);
	ck_assert_str_eq(stk_error_text(s), stk_status_text(STK_ERR_NO_TYPE));
}
END_TEST

START_TEST(machine_that_runs_is_asked_again)
{
	s->target.live = true;
	plan.status = STK_ERR_CORRUPT;
	ck_assert_int_eq(stk_once(s, &lazy, &bare), STK_ERR_CORRUPT);
	plan.status = STK_OK;
	expect_value(&bare, 2);
}
END_TEST

START_TEST(no_memory_says_nothing)
{
	plan.status = STK_ERR_NOMEM;
	ck_assert_int_eq(stk_once(s, &lazy, &bare), STK_ERR_NOMEM);
	plan.status = STK_OK;
	/* Nor if the room took it for an end of its list. */
	plan.no_memory = true;
	ck_assert_int_eq(stk_once(s, &lazy, &bare), STK_ERR_NOMEM);
	ck_assert(stk_must_stop(s));
	ck_assert_ptr_null(lazy.value);
	plan.no_memory = false;
	stk_question(s);
	expect_value(&bare, 2);
	ck_assert_uint_eq(plan.tries, 3);
}
END_TEST

START_TEST(interrupt_says_nothing)
{
	plan.interrupt = true;
	ck_assert_int_eq(stk_once(s, &lazy, &bare), STK_ERR_INTERRUPTED);
	/* Whatever else it came to. */
	plan.status = STK_ERR_CORRUPT;
	ck_assert_int_eq(stk_once(s, &lazy, &bare), STK_ERR_INTERRUPTED);
	plan.interrupt = false;
	plan.status = STK_OK;
	expect_value(&bare, 2);
}
END_TEST

START_TEST(empty_budget_says_nothing)
{
	plan.steps = s->budget.max_steps + 1;
	ck_assert_int_eq(stk_once(s, &lazy, &bare), STK_ERR_LIMIT);
	stk_question(s);
	plan.steps = 0;
	expect_value(&bare, 2);
}
END_TEST

/* It was empty before: even a try that needed nothing may have left something out. */
START_TEST(nothing_is_found_with_an_empty_budget)
{
	ck_assert(!stk_spend(s, s->budget.max_steps + 1));
	ck_assert_int_eq(stk_once(s, &lazy, &list), STK_ERR_LIMIT);
	ck_assert_ptr_null(lazy.value);
	stk_question(s);
	expect_value(&list, 2);
}
END_TEST

/* Or each try would cost the memory of a value, which is not given back. */
START_TEST(tries_share_their_memory)
{
	void *first;

	plan.interrupt = true;
	ck_assert_int_eq(stk_once(s, &lazy, &bare), STK_ERR_INTERRUPTED);
	first = lazy.memory;
	ck_assert_ptr_nonnull(first);
	plan.interrupt = false;
	expect_value(&bare, 2);
	ck_assert_ptr_eq(lazy.value, first);
}
END_TEST

START_TEST(what_is_around_was_empty)
{
	ck_assert(stk_spend(s, s->budget.steps - 10));
	plan.steps = 20;
	ck_assert_int_eq(stk_once(s, &lazy, &list), STK_ERR_LIMIT);
	ck_assert_ptr_null(lazy.value);
	stk_question(s);
	expect_value(&list, 2);
	ck_assert_uint_eq(plan.tries, 2);
}
END_TEST

START_TEST(own_purse_keeps_what_was_found)
{
	plan.steps = s->budget.max_steps / 8 + 1;
	expect_value(&list, 1);
	ck_assert_uint_eq(s->budget.nr_cuts, 1);
	ck_assert(s->budget.cut[0].kept);
	stk_question(s);
	expect_value(&list, 1);
	ck_assert_uint_eq(plan.tries, 1);
}
END_TEST

START_TEST(tries_that_were_cut_short_take_nothing)
{
	plan.bytes = s->budget.max_bytes / list.share / 2;
	plan.interrupt = true;
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(stk_once(s, &lazy, &list), STK_ERR_INTERRUPTED);
		stk_question(s);
	}
	plan.interrupt = false;
	expect_value(&list, 2);
	ck_assert_uint_eq(s->budget.nr_cuts, 0);
}
END_TEST

START_TEST(half_of_a_whole_is_a_failure)
{
	plan.steps = s->budget.max_steps / 8 + 1;
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(stk_once(s, &lazy, &table), STK_ERR_LIMIT);
		ck_assert_ptr_null(lazy.value);
		ck_assert_ptr_nonnull(strstr(stk_error_text(s), "a table: "));
		stk_question(s);
	}
	ck_assert_uint_eq(plan.tries, 1);
}
END_TEST

static const struct unit_test t_tests[] = {
	TEST(value_is_found_once),
	TEST(failure_of_the_data_is_kept_with_its_text),
	TEST(text_of_another_failure_is_not_kept),
	TEST(machine_that_runs_is_asked_again),
	TEST(no_memory_says_nothing),
	TEST(interrupt_says_nothing),
	TEST(empty_budget_says_nothing),
	TEST(nothing_is_found_with_an_empty_budget),
	TEST(tries_share_their_memory),
	TEST(what_is_around_was_empty),
	TEST(own_purse_keeps_what_was_found),
	TEST(tries_that_were_cut_short_take_nothing),
	TEST(half_of_a_whole_is_a_failure),
	{ 0 },
};

const struct unit_suite suite_lazy = {
	"lazy",
	{
		{ "lazy", t_tests, setup, teardown },
	},
};
