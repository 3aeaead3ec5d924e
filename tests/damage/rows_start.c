/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a sleeping task's chain begins. */
#include "rows.h"

static const struct site *sleeper(struct inventory *v, uint64_t *n)
{
	return &v->sleepers.site[take(n, v->sleepers.nr)];
}

static uint64_t count_other(struct inventory *v)
{
	return v->sleepers.nr * v->nr_tasks;
}

static bool make_sp_other(struct inventory *v, uint64_t n, uint64_t *random,
			  struct attempt *a)
{
	const struct site *x = sleeper(v, &n);
	const struct stk_task *other = &v->task[n];

	look_at(a, x->subject);
	return other->stack && other->addr != v->e->subject[x->subject].task.addr &&
	       put(v, a, x->at, other->sp);
}

static bool make_stack_sp_other(struct inventory *v, uint64_t n, uint64_t *random,
				struct attempt *a)
{
	const struct site *x = &v->sleepers.site[n % v->sleepers.nr];
	const struct stk_task *other = &v->task[n / v->sleepers.nr];

	return make_sp_other(v, n, random, a) &&
	       put(v, a, x->at - v->sp_offset + v->stack_offset, other->stack);
}

static uint64_t count_own(struct inventory *v)
{
	return v->sleepers.nr * v->thread_size / 8;
}

static bool make_sp_own(struct inventory *v, uint64_t n, uint64_t *random,
			struct attempt *a)
{
	const struct site *x = sleeper(v, &n);
	uint64_t sp = v->e->subject[x->subject].task.stack + 8 * n;

	look_at(a, x->subject);
	return sp != x->value && put(v, a, x->at, sp);
}

static uint64_t count_sp_bit(struct inventory *v)
{
	return v->sleepers.nr * 64;
}

static bool make_sp_bit(struct inventory *v, uint64_t n, uint64_t *random,
			struct attempt *a)
{
	const struct site *x = sleeper(v, &n);

	look_at(a, x->subject);
	return put(v, a, x->at, x->value ^ 1ull << n);
}

static bool make_stack_other(struct inventory *v, uint64_t n, uint64_t *random,
			     struct attempt *a)
{
	const struct site *x = sleeper(v, &n);
	const struct stk_task *other = &v->task[n];

	look_at(a, x->subject);
	return other->stack && other->addr != v->e->subject[x->subject].task.addr &&
	       put(v, a, x->at - v->sp_offset + v->stack_offset, other->stack);
}

static const struct row rows[] = {
	{ "sp-other", "a sleeping task's thread.sp: another task's", count_other,
	  make_sp_other },
	{ "stack-sp-other", "its stack and thread.sp: both of another task", count_other,
	  make_stack_sp_other },
	{ "stack-other", "its stack: another task's", count_other, make_stack_other },
	{ "sp-own", "its thread.sp: elsewhere on its own stack", count_own, make_sp_own },
	{ "sp-bit", "one bit of its thread.sp", count_sp_bit, make_sp_bit },
};

const struct row_table rows_start = { rows, sizeof(rows) / sizeof(rows[0]) };
