/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tasks that sleep and cannot be woken, but by what they wait for: since when, where,
 * and for which lock. Of many, those that wait the longest.
 */
#include <stdlib.h>
#include <string.h>

#include "../base/context.h"
#include "../base/vec.h"
#include "../kernel/clock.h"
#include "triage.h"

/* Frozen tasks, and those that wait for work, are as they should be. */
static bool is_blocked(const struct stk_task *task)
{
	return task->now && !task->on_cpu && !task->idle &&
	       !strcmp(task->now->code, "D") && strcmp(task->now->name, "frozen") != 0;
}

static enum stk_status add_task(struct stk *s, struct stk_triage *t,
				const struct stk_task *task, uint64_t now)
{
	struct stk_blocked *b = stk_vec_next(&t->events.arena, t->blocked, t->nr_blocked,
					     t->room_blocked);

	if (!b)
		return STK_ERR_NOMEM;
	b->task = *task;
	b->has_ns = now && stk_task_idle_for(s, task->addr, now, &b->ns);
	t->nr_blocked++;
	return STK_OK;
}

/* Those that wait the longest come first, then those of which it is not known. */
static int by_time(const void *left, const void *right)
{
	const struct stk_blocked *a = left, *b = right;

	if (a->has_ns != b->has_ns)
		return a->has_ns ? -1 : 1;
	if (a->has_ns && a->ns != b->ns)
		return a->ns > b->ns ? -1 : 1;
	return a->task.pid < b->task.pid ? -1 : a->task.pid > b->task.pid;
}

static enum stk_status follow(struct stk *s, struct stk_triage *t, struct stk_blocked *b)
{
	enum stk_status st = stk_triage_follow(s, t, &b->task, &b->trace);

	if (st || !b->trace)
		return st;
	stk_lock_wait(s, &b->task, b->trace, &b->wait);
	return stk_interrupted(s) ? STK_ERR_INTERRUPTED : STK_OK;
}

enum stk_status stk_triage_blocked(struct stk *s, struct stk_triage *t,
				   const struct stk_task *task, size_t nr)
{
	enum stk_status st = STK_OK;
	uint64_t now;

	if (!stk_sched_clock(s, &now))
		now = 0;
	for (size_t i = 0; i < nr && !st; i++)
		if (is_blocked(&task[i]))
			st = add_task(s, t, &task[i], now);
	if (!st && t->nr_blocked)
		qsort(t->blocked, t->nr_blocked, sizeof(*t->blocked), by_time);
	for (size_t i = 0;
	     i < t->nr_blocked && i < STK_MAX_BLOCKED && !st && !s->budget.dry; i++)
		st = follow(s, t, &t->blocked[i]);
	return st;
}
