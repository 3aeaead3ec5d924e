/* SPDX-License-Identifier: GPL-2.0-or-later */
/* task_at.h - which task an address is of. */
#ifndef STK_TASK_AT_H
#define STK_TASK_AT_H

#include <stackinfo/kernel.h>

#include "../base/context.h"

/*
 * The task whose task_struct holds @addr, and how long that is; false: no task's does. A
 * task_struct whose task has exited is none.
 */
bool stk_task_at(struct stk *s, uint64_t addr, struct stk_task *out, uint32_t *size);

#endif
