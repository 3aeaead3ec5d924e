/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * claims.h - does a stack have one owner?
 *
 * A task has one stack and a CPU has its own. Where a damaged word says otherwise, two
 * of them claim the same memory, and neither can be believed by this alone.
 */
#ifndef STK_CLAIMS_H
#define STK_CLAIMS_H

#include <stackinfo/stacks.h>

#include "../base/context.h"

struct stk_claims;

/* Another task that claims part of @task's stack. False: none. */
bool stk_claimed_by_other(struct stk *s, const struct stk_task *task,
			  struct stk_task *other);

/* Is part of @stack, a CPU's, another CPU's too, or that of @task (NULL: none)? */
bool stk_is_shared(struct stk *s, const struct stk_stack *stack,
		   const struct stk_task *task);

/*
 * Has the struct pid of @task the number that the task has (4.19+, commit
 * 2c4704756cab)? 1, 0, -1: it has none, or it cannot be read.
 */
int stk_pid_agrees(struct stk *s, const struct stk_task *task);

/*
 * Is the vmalloc area that @task keeps for its stack the stack that it has
 * (CONFIG_VMAP_STACK, fork.c)? 1, 0, -1: it has none, or it cannot be read.
 */
int stk_vm_area_agrees(struct stk *s, const struct stk_task *task);

#endif
