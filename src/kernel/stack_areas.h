/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stack_areas.h - pieces of vmalloc space that are stacks of tasks, and nobody's. */
#ifndef STK_STACK_AREAS_H
#define STK_STACK_AREAS_H

#include <stackinfo/kernel.h>

#include "../base/context.h"

/*
 * Where stacks begin that none of @nr tasks has, ascending; an array for free(). They are
 * told by who allocated them: whoever did so for those of the tasks.
 * @size: of a stack without its guard page; 0: as large as the tasks' own are, which it
 *        is set to
 */
enum stk_status stk_stacks_without_task(struct stk *s, const struct stk_task *task,
					size_t nr, uint64_t *size, uint64_t **begin,
					size_t *nr_begin);

/*
 * Where CPUs' stacks begin that nothing in the dump points to any more: areas of @size
 * and a guard page that one of the functions @by, ended by NULL, asked for, if there are
 * as many as CPUs. They were made for one CPU after the other. False: not known.
 */
bool stk_stack_of_cpu(struct stk *s, const char *const *by, uint64_t size,
		      unsigned int cpu, uint64_t *begin);

#endif
