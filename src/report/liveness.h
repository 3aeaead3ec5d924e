/* SPDX-License-Identifier: GPL-2.0-or-later */
/* liveness.h - which part of which stack was in use when the machine stopped. */
#ifndef STK_LIVENESS_H
#define STK_LIVENESS_H

#include <stackinfo/place.h>

#include "../base/context.h"

/*
 * struct stk_live - a stack is in use from where it begins to @sp; how it is on either
 * side of that: as most grow down, above and below.
 */
struct stk_live {
	uint64_t sp; /* where the stack begins when nothing is in use */
	bool exact;  /* that is a stack pointer; if not, more or less may be in use */
	const char *why_above;
	enum stk_state below;
	const char *why_below;
};

/* Is the byte at @at of @stack in use? */
bool stk_live_at(const struct stk_stack *stack, const struct stk_live *live, uint64_t at);

/* False when the user stopped it: then ask again. */
bool stk_live(struct stk *s, const struct stk_stack *stack, struct stk_live *out);

/*
 * How much of @seg's stack is in use: with what the CPU went on to since, if the segment
 * is part of that; what the segment itself takes, if not.
 */
uint64_t stk_used(struct stk *s, const struct stk_segment *seg);

/*
 * struct stk_base - the kernel's own words where a stack is full: STACK_END_MAGIC of a
 * task's, SCS_END_MAGIC of a shadow call stack; struct vm_stack in one that waits to be
 * freed (kernel/fork.c, thread_stack_delayed_free()).
 */
struct stk_base {
	uint64_t size; /* bytes */
	bool overrun;  /* something else is there */
	uint64_t word; /* then this */
};
struct stk_base stk_base(struct stk *s, const struct stk_stack *stack);

/* Is @at among these words? */
bool stk_in_base(const struct stk_stack *stack, const struct stk_base *base, uint64_t at);

/*
 * How far there are words other than zero on @stack: the stack pointer that it would have
 * then. The kernel's own where it is full do not count. False when that cannot be told.
 */
bool stk_low_water(struct stk *s, const struct stk_stack *stack, uint64_t *at);

/*
 * The state of the byte at @addr of @stack (in the range that the stack pointer
 * uses), and a clause that says why.
 */
enum stk_state stk_liveness(struct stk *s, const struct stk_stack *stack, uint64_t addr,
			    const char **why);

#endif
