/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * map.h - all stacks as sorted intervals.
 *
 * The stacks of a CPU are found when that CPU is first asked for; those of all
 * tasks, and the physical pages below everything, only when a question needs them.
 */
#ifndef STK_MAP_H
#define STK_MAP_H

#include "../base/context.h"
#include "stack.h"

struct stk_map;

/*
 * Like stk_find_stack(), and also a stack in one of whose guards @addr is; @guard: -1
 * below the stack, 0 on it, 1 above it.
 */
enum stk_status stk_find_near(struct stk *s, uint64_t addr, struct stk_stack *out,
			      int *guard);

/* The same; what @out points to is the session's. */
enum stk_status stk_map_near(struct stk *s, uint64_t addr, const struct stk_stack **out,
			     int *guard);

/* The stack that holds physical address @phys, and where in its own range that is. */
enum stk_status stk_map_phys(struct stk *s, uint64_t phys, const struct stk_stack **out,
			     uint64_t *at);

/* While the map is being made: add a stack; free.c: add those that no task has. */
enum stk_status stk_map_add(struct stk *s, struct stk_map *m,
			    const struct stk_stack *stack);
enum stk_status stk_map_add_free(struct stk *s, struct stk_map *m);

/* Look for the guards of @stack. */
void stk_map_guards(struct stk *s, struct stk_stack *stack);

/* The task that owns @stack. */
bool stk_stack_owner(struct stk *s, const struct stk_stack *stack, struct stk_task *out);

#endif
