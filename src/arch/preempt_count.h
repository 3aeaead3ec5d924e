/* SPDX-License-Identifier: GPL-2.0-or-later */
/* preempt_count.h - what a CPU counts of the contexts that it is in. */
#ifndef STK_ARCH_PREEMPT_COUNT_H
#define STK_ARCH_PREEMPT_COUNT_H

#include "../base/context.h"

/* linux/preempt.h */
#define STK_COUNT_INTERRUPTS 0x000fff00u /* softirqs and hardirqs */
#define STK_COUNT_NMI	     0x00f00000u

/*
 * Does the current task of @cpu, in which it is kept, count one of @bits? 1, or -1: it is
 * counted after the stack is entered, and silence is no proof.
 */
int stk_task_counts(struct stk *s, unsigned int cpu, uint32_t bits);

#endif
