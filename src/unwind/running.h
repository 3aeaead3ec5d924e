/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * running.h - which task was each CPU running?
 *
 * The CPU's current pointer says so, and the run queue, and the tasks themselves say
 * whether they are on a CPU. Where these contradict each other, most of them are
 * believed, and the contradiction is told.
 */
#ifndef STK_RUNNING_H
#define STK_RUNNING_H

#include <stackinfo/unwind.h>

struct stk_running_task {
	bool known;
	struct stk_task task;
	bool switching; /* a switch was under way, from or to @other */
	struct stk_task other;
	struct stk_evidence evidence;
	const char *doubt; /* NULL: none */
};

/* What is known of @cpu, which must be possible. NULL: no memory, or interrupted. */
const struct stk_running_task *stk_running_task(struct stk *s, unsigned int cpu);

/* The same, of a CPU that was running at all: @cpu's task is no other CPU's. */
const char *stk_running_elsewhere(struct stk *s, unsigned int cpu);

#endif
