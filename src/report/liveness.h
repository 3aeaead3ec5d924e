/* SPDX-License-Identifier: GPL-2.0-or-later */
/* liveness.h - which part of which stack was in use when the machine stopped. */
#ifndef STK_LIVENESS_H
#define STK_LIVENESS_H

#include <stackinfo/place.h>

#include "../session.h"

/* struct stk_live - a stack is in use from @sp up; how it is on either side of that. */
struct stk_live {
	uint64_t sp; /* the stack's end when nothing is in use */
	const char *why_above;
	enum stk_state below;
	const char *why_below;
};

/* False when the user stopped it: then ask again. */
bool stk_live(struct stk *s, const struct stk_stack *stack, struct stk_live *out);

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
