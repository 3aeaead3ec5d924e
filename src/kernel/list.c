/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "list.h"

#include "../machine/memory.h"

#define NEXT 0u
#define PREV 8u

static bool neighbour(struct stk *s, uint64_t node, uint64_t way, uint64_t *to)
{
	uint64_t back;

	return !stk_read_u64(s, node + way, to) &&
	       !stk_read_u64(s, *to + (way ^ PREV), &back) && back == node;
}

bool stk_list_next(struct stk *s, uint64_t node, uint64_t *next)
{
	return neighbour(s, node, NEXT, next);
}

bool stk_list_prev(struct stk *s, uint64_t node, uint64_t *prev)
{
	return neighbour(s, node, PREV, prev);
}
