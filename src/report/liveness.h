/* SPDX-License-Identifier: GPL-2.0-or-later */
/* liveness.h - which part of which stack was in use when the machine stopped. */
#ifndef STK_LIVENESS_H
#define STK_LIVENESS_H

#include <stackinfo/place.h>

#include "../session.h"

/*
 * The state of the byte at @addr of @stack (in the range that the stack pointer
 * uses), and a clause that says why.
 */
enum stk_state stk_liveness(struct stk *s, const struct stk_stack *stack, uint64_t addr,
			    const char **why);

#endif
