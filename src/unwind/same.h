/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STK_SAME_H
#define STK_SAME_H

#include <stackinfo/unwind.h>

/*
 * Do they go through the same code on stacks of the same kinds, to the same end, and are
 * they as certain? Whose they are and where the stacks lie does not count.
 */
bool stk_same_chain(const struct stk_chain *a, const struct stk_chain *b);

/* The same for those that are the same. */
uint64_t stk_chain_hash(const struct stk_chain *chain);

#endif
