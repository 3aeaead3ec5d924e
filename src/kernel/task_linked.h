/* SPDX-License-Identifier: GPL-2.0-or-later */
/* task_linked.h - is it a task, which the lists lead to? */
#ifndef STK_TASK_LINKED_H
#define STK_TASK_LINKED_H

#include <stackinfo/kernel.h>

#include "../base/context.h"

/*
 * The task at @addr, if it is in the kernel's lists as far as its neighbours there tell:
 * for who asks about one, and would rather not follow all. False: it may be in none, be
 * an idle one, or none at all; stk_tasks() tells.
 */
bool stk_task_linked(struct stk *s, uint64_t addr, struct stk_task *out);

#endif
