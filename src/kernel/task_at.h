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

enum stk_task_sure {
	STK_TASK_UNSURE, /* stk_task_at() has to tell */
	STK_TASK_NONE,
	STK_TASK_FOUND,
};

/*
 * The same by what the page says and the task's neighbours in the lists, while nobody has
 * listed all tasks. @addr: in the direct map, at @phys; @image: where the kernel's image
 * has that, or 0.
 */
enum stk_task_sure stk_task_near(struct stk *s, uint64_t addr, uint64_t phys,
				 uint64_t image, struct stk_task *out, uint32_t *size);

#endif
