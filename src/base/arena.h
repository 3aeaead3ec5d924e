/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arena.h - memory with one owner.
 *
 * What a session allocates hangs on an arena that can be freed whole, whatever became of
 * what was found.
 */
#ifndef STK_ARENA_H
#define STK_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "budget.h"

struct stk_arena_block;

struct stk_arena {
	struct stk_arena_block *blocks;
	struct stk_budget *budget; /* that its blocks are taken from, or NULL */
	uint64_t taken;		   /* from there */
	bool unpaid;		   /* they are not: it is only told what was not had */
	bool failed;		   /* the machine once had no memory for one */
};

/* Zeroed memory, aligned for any type; NULL when there is none. */
void *stk_arena_alloc(struct stk_arena *a, size_t size);
/* The same, but of what is written before it is read: it may hold anything. */
void *stk_arena_room(struct stk_arena *a, size_t size);
/* nr * size with a check for overflow. */
void *stk_arena_array(struct stk_arena *a, size_t nr, size_t size);
char *stk_arena_strndup(struct stk_arena *a, const char *str, size_t len);
char *stk_arena_printf(struct stk_arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void stk_arena_free(struct stk_arena *a);

/*
 * Make room for one more element in an array that grows by doubling; the old copy
 * stays in the arena. Returns the array, or NULL.
 */
void *stk_arena_grow(struct stk_arena *a, void *array, size_t nr, size_t *room,
		     size_t size);

#endif
