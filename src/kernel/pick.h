/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pick.h - of several places where kernels keep one thing, the one that is in use.
 *
 * Vendors backport a new place and leave the old one, for the sake of their ABI, or the
 * other way round. RHEL 9.3-9.6 have a thread_info.cpu that nothing writes, and in
 * task_struct.cpu what task_cpu() reads: upstream, commit bcf9033e5449 (5.16) moved it
 * from the second to the first. So each is compared with a second fact.
 */
#ifndef STK_PICK_H
#define STK_PICK_H

#include "../base/context.h"

enum stk_pick {
	STK_PICK_TASK_CPU, /* in a task_struct: where the task runs or last ran */
	STK_PICK_CURRENT,  /* in per-CPU memory: the pointer to the current task */
	STK_NR_PICKS
};

struct stk_picked {
	uint64_t offset; /* from a task_struct; or from a CPU's per-CPU offset */
	uint32_t size;
};

/*
 * The place in use: of those that the kernel has the newest that agrees with the second
 * fact in more than half of the cases. STK_ERR_CORRUPT: there are several, none of which
 * does; which it is, is not known then.
 */
enum stk_status stk_pick(struct stk *s, enum stk_pick what, struct stk_picked *out);

#endif
