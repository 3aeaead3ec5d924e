/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doubts.h - is a stack whose it is said to be?
 *
 * Where a stack lies one word tells: of its task, or of its CPU. A second one tells
 * whether that is so: the vmalloc area which the task keeps for it (CONFIG_VMAP_STACK,
 * fork.c), or the pages which the CPU has for it at another address.
 */
#ifndef STK_DOUBTS_H
#define STK_DOUBTS_H

#include <stackinfo/stacks.h>

#include "../base/context.h"
#include "../kernel/vmalloc.h"

/* Can @area be a task's stack? Its size counts the guard page above it. */
bool stk_is_stack_area(struct stk *s, const struct stk_vmap_area *area);

/* Do both words of @stack agree? 1, 0, -1: there is no second one to ask. */
int stk_stack_agrees(struct stk *s, const struct stk_stack *stack);

/*
 * The stack whose area @task keeps, though its pointer leads elsewhere: it may not be its
 * own. False: there is none such.
 */
bool stk_stack_kept(struct stk *s, const struct stk_task *task, struct stk_stack *out);

/*
 * Set what is to be doubted of the @nr stacks at @all, which ascend. Of those that begin
 * at the same address the last one is to be believed then, if any is.
 */
enum stk_status stk_doubt_stacks(struct stk *s, struct stk_stack *all, size_t nr);

#endif
