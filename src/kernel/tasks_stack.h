/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tasks_stack.h - whose stack it is, asked of the stack. */
#ifndef STK_TASKS_STACK_H
#define STK_TASKS_STACK_H

#include "../base/context.h"

/*
 * The task, of those in the lists, whose stack of @size bytes begins at @begin. False:
 * the stack does not name it, or nobody's is there; the lists tell.
 */
bool stk_task_by_stack(struct stk *s, uint64_t begin, uint64_t size, uint64_t *task);

#endif
