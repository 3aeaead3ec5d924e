/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list.h - struct list_head: the links to the next entry and to the one before. */
#ifndef STK_LIST_H
#define STK_LIST_H

#include <stdbool.h>
#include <stdint.h>

struct stk;

/*
 * The links of the neighbour of the list_head at @node, if its other link leads back:
 * two words of one mind. A list that is followed so cannot loop but through where it
 * began. What cannot be read is a loss, unless it is excused.
 */
bool stk_list_next(struct stk *s, uint64_t node, uint64_t *next);
bool stk_list_prev(struct stk *s, uint64_t node, uint64_t *prev);

#endif
