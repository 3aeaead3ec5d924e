/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clock.h - how late it was, by the clocks that the kernel kept in memory. */
#ifndef STK_CLOCK_H
#define STK_CLOCK_H

#include "../base/context.h"

/*
 * How long the machine had been up, with the time that it was suspended, when its
 * timekeeper was last updated: a tick ago, or as long as all of it was idle. False: not
 * known.
 */
bool stk_uptime(struct stk *s, uint64_t *seconds);

/*
 * The newest of the scheduler's clocks, in nanoseconds: what it stamps tasks with. It
 * stands still where the machine was stopped. False: not known.
 */
bool stk_sched_clock(struct stk *s, uint64_t *ns);

/*
 * How long before that the task was last put on a CPU: if it sleeps, it has slept for a
 * little less. False: not known.
 */
bool stk_task_idle_for(struct stk *s, uint64_t task, uint64_t now, uint64_t *ns);

#endif
