/* SPDX-License-Identifier: GPL-2.0-or-later */
/* liveness.h - which part of which stack was in use when the machine stopped. */
#ifndef STK_LIVENESS_H
#define STK_LIVENESS_H

#include <stackinfo/place.h>

#include "../base/context.h"

/* struct stk_live - a stack is in use from @sp up; how it is on either side of that. */
struct stk_live {
	uint64_t sp; /* the stack's end when nothing is in use */
	bool exact;  /* that is a stack pointer; if not, more or less may be in use */
	const char *why_above;
	enum stk_state below;
	const char *why_below;
};

/* False when the user stopped it: then ask again. */
bool stk_live(struct stk *s, const struct stk_stack *stack, struct stk_live *out);

/*
 * How much of @seg's stack is in use: with what the CPU went on to since, if the segment
 * is part of that; what the segment itself takes, if not.
 */
uint64_t stk_used(struct stk *s, const struct stk_segment *seg);

/*
 * struct stk_base - the kernel's own words at the base of a stack: STACK_END_MAGIC of a
 * task's; struct vm_stack in one that waits to be freed (kernel/fork.c,
 * thread_stack_delayed_free()).
 */
struct stk_base {
	uint64_t size; /* bytes */
	bool overrun;  /* something else is there, where STACK_END_MAGIC should be */
	uint64_t word; /* then this */
};
struct stk_base stk_base(struct stk *s, const struct stk_stack *stack);

/*
 * The lowest address of @stack at which there is a word other than zero, or its end; the
 * words at the base that are the kernel's do not count. False when that cannot be told.
 */
bool stk_low_water(struct stk *s, const struct stk_stack *stack, uint64_t *at);

/*
 * The state of the byte at @addr of @stack (in the range that the stack pointer
 * uses), and a clause that says why.
 */
enum stk_state stk_liveness(struct stk *s, const struct stk_stack *stack, uint64_t addr,
			    const char **why);

#endif
