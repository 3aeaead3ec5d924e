/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * map.h - all stacks as sorted intervals.
 *
 * The stacks of a CPU are found when that CPU is first asked for; those of all
 * tasks, and the physical pages below everything, only when a question needs them.
 */
#ifndef STK_MAP_H
#define STK_MAP_H

#include <stackinfo/stacks.h>

#define STK_MAX_CPU_STACKS 12u

#include "../session.h"

/* The stack of @cpu that holds @addr; NULL. */
const struct stk_stack *stk_cpu_stack_at(struct stk *s, unsigned int cpu, uint64_t addr);

/*
 * Like stk_find_stack(), and also a stack whose guard below, or whose first byte
 * above, is @addr's page; @guard: -1 below the stack, 0 on it, 1 above it.
 */
enum stk_status stk_find_near(struct stk *s, uint64_t addr, struct stk_stack *out,
			      int *guard);

/* The stack that has physical page @pfn, and that page's place in it. */
enum stk_status stk_find_pfn(struct stk *s, uint64_t pfn, struct stk_stack *out,
			     uint64_t *page_offset);

/* The task that owns @stack. */
bool stk_stack_owner(struct stk *s, const struct stk_stack *stack, struct stk_task *out);

#endif
