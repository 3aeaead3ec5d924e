/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lock_wait.h - which lock a task sleeps for, and who has it, where that is certain. */
#ifndef STK_LOCK_WAIT_H
#define STK_LOCK_WAIT_H

#include <stackinfo/kernel.h>

#include "events.h"

struct stk_lock_wait {
	const char *what; /* "mutex", "semaphore", "rwsem", "rt_mutex"; NULL: not known */
	uint64_t lock;	  /* its address */
	bool has_owner;	  /* @owner has it */
	bool has_last;	  /* @owner was the last to take it, and may have given it back */
	bool readers;	  /* there may be several: readers have it */
	struct stk_task owner;
};

/*
 * What @task, which sleeps in @trace, waits for. Kernels since 6.15 say so in the task
 * (CONFIG_DETECT_HUNG_TASK_BLOCKER), and all do for an rt_mutex, of which PREEMPT_RT
 * makes its other locks. Else the task's entry in the list of those who wait lies on its
 * stack, and the list leads to the lock: every link of it is checked in both directions.
 */
void stk_lock_wait(struct stk *s, const struct stk_task *task,
		   const struct stk_event_trace *trace, struct stk_lock_wait *out);

#endif
