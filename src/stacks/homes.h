/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * homes.h - where stacks can be, without a list of all tasks.
 *
 * To list some thousand tasks costs more than all else that one address asks for. But a
 * stack that is mapped is a piece of vmalloc space, and of those there is a list of small
 * things; the stack then names its task, which the lists around it must confirm. What is
 * in no such place is on no stack. Where any of that is not sure, the map is asked.
 */
#ifndef STK_HOMES_H
#define STK_HOMES_H

#include <stackinfo/stacks.h>

#include "../base/context.h"

enum stk_home {
	STK_HOME_UNSURE, /* the map has to tell */
	STK_HOME_NONE,
	STK_HOME_FOUND,
};

/* stk_map_near(), so. */
enum stk_home stk_home_near(struct stk *s, uint64_t addr, const struct stk_stack **out,
			    int *guard);

/* stk_map_phys(), so. */
enum stk_home stk_home_phys(struct stk *s, uint64_t phys, const struct stk_stack **out,
			    uint64_t *at);

#endif
