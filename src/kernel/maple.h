/* SPDX-License-Identifier: GPL-2.0-or-later */
/* maple.h - what a maple tree holds (lib/maple_tree.c, 6.1+). */
#ifndef STK_MAPLE_H
#define STK_MAPLE_H

#include "../base/context.h"

/*
 * Call @entry for each of the tree's entries in ascending order, until it says false.
 * @tree: the address of the struct maple_tree. Visits no more nodes than a process can
 * have, and none whose range is not inside its parent's, so that loops end.
 */
void stk_maple_walk(struct stk *s, uint64_t tree,
		    bool (*entry)(struct stk *s, uint64_t value, void *ctx), void *ctx);

#endif
