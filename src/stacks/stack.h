/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stack.h - a stack is a value.
 *
 * This is left of the architectures, which make stacks and say of which kind they are;
 * those of a CPU are kept here. The map, which knows all stacks, is to their right
 * (map.h).
 */
#ifndef STK_STACK_H
#define STK_STACK_H

#include <stackinfo/stacks.h>

/* More than any CPU has. */
#define STK_MAX_CPU_STACKS 12u

/* Does it begin at its lowest address? */
static inline bool stk_stack_grows_up(const struct stk_stack *stack)
{
	return stk_kind_is(stack->kind, STK_KIND_GROWS_UP);
}

/* Where its stack pointer is while it is empty, and when it is full. */
static inline uint64_t stk_stack_empty(const struct stk_stack *stack)
{
	return stk_stack_grows_up(stack) ? stack->begin : stack->end;
}

static inline uint64_t stk_stack_full(const struct stk_stack *stack)
{
	return stk_stack_grows_up(stack) ? stack->end : stack->begin;
}

/* How much of it is in use when its stack pointer is @sp. */
static inline uint64_t stk_stack_depth(const struct stk_stack *stack, uint64_t sp)
{
	return stk_stack_grows_up(stack) ? sp - stack->begin : stack->end - sp;
}

/* Compares two by address. */
int stk_stack_by_begin(const void *a, const void *b);

/* The stack of @cpu that holds @addr; NULL. */
const struct stk_stack *stk_cpu_stack_at(struct stk *s, unsigned int cpu, uint64_t addr);

/* stk_find_stack() for an architecture: the map is given to it. */
enum stk_status stk_stack_with(struct stk *s, uint64_t addr, struct stk_stack *out);

#endif
