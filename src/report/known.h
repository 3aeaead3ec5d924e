/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * known.h - what was found out about a stack, kept: whoever asks for one address of it
 * is likely to ask for more.
 */
#ifndef STK_KNOWN_H
#define STK_KNOWN_H

#include "liveness.h"

struct stk_known_page {
	uint64_t phys;
	enum stk_status status;
	bool in_dump;
};

struct stk_known {
	/* What stk_classify() says of its lowest byte, less what differs by byte. */
	struct stk_place place;
	bool named; /* it lies in a variable */
	struct stk_live live;
	struct stk_base base;
	/* Beyond it nothing is but zeros; where the stack is full when that is not known.
	 */
	uint64_t low;
	bool has_residue;
	struct stk_residue residue;
	struct stk_known_page page[]; /* the one that has its first byte, and so on */
};

/* NULL when memory is short or the user stopped it. */
const struct stk_known *stk_known(struct stk *s, const struct stk_stack *stack);

/* By what name does the stack's own range go? */
const char *stk_own_view(const struct stk_stack *stack, const char *region);

#endif
