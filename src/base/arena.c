/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t)32 * 1024)
#define ALIGN	   ((size_t)16)

struct stk_arena_block {
	struct stk_arena_block *next;
	size_t used, size;
	_Alignas(16) unsigned char data[];
};

/* @zeroed: what is taken of it has to be. */
static struct stk_arena_block *new_block(struct stk_arena *a, size_t size, bool zeroed)
{
	struct stk_arena_block *b;

	const bool pays = a->budget && !a->unpaid;

	if (pays && !stk_budget_bytes(a->budget, size))
		return NULL;
	/* What fills a block is zeroed as it is taken: most of a chain's stays unused.
	 * The system gives large ones zeroed, unless they were somebody's before. */
	b = size == BLOCK_SIZE || !zeroed ? malloc(sizeof(*b) + size)
					  : calloc(1, sizeof(*b) + size);
	if (b) {
		b->used = 0;
		b->size = size;
	} else {
		a->failed = true;
		if (a->budget)
			stk_budget_short(a->budget);
	}
	if (b && pays)
		a->taken += size;
	else if (pays)
		stk_budget_back(a->budget, size);
	return b;
}

/*
 * Memory for @size bytes, a multiple of ALIGN; if @zeroed, it is unless it is @dirty. A
 * block that is not BLOCK_SIZE is taken whole.
 */
static void *take(struct stk_arena *a, size_t size, bool zeroed, bool *dirty)
{
	struct stk_arena_block *b = a->blocks;
	void *p;

	if (!b || b->size - b->used < size) {
		b = new_block(a, size > BLOCK_SIZE / 4 ? size : BLOCK_SIZE, zeroed);
		if (!b)
			return NULL;
		if (a->blocks && b->size == size) {
			/* A block of its own: keep filling the current one. */
			b->next = a->blocks->next;
			a->blocks->next = b;
		} else {
			b->next = a->blocks;
			a->blocks = b;
		}
	}
	p = b->data + b->used;
	b->used += size;
	*dirty = b->size == BLOCK_SIZE;
	return p;
}

static size_t whole(size_t size)
{
	return (size + ALIGN - 1) & ~(ALIGN - 1);
}

void *stk_arena_alloc(struct stk_arena *a, size_t size)
{
	bool dirty;
	void *p = size > SIZE_MAX / 2 ? NULL : take(a, whole(size), true, &dirty);

	return p && dirty ? memset(p, 0, whole(size)) : p;
}

void *stk_arena_room(struct stk_arena *a, size_t size)
{
	bool dirty;

	return size > SIZE_MAX / 2 ? NULL : take(a, whole(size), false, &dirty);
}

void *stk_arena_array(struct stk_arena *a, size_t nr, size_t size)
{
	if (size && nr > SIZE_MAX / 2 / size)
		return NULL;
	return stk_arena_alloc(a, nr * size);
}

char *stk_arena_strndup(struct stk_arena *a, const char *str, size_t len)
{
	char *p = stk_arena_alloc(a, len + 1);

	if (p)
		memcpy(p, str, len);
	return p;
}

char *stk_arena_printf(struct stk_arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		return NULL;
	p = stk_arena_alloc(a, (size_t)len + 1);
	if (!p)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(p, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return p;
}

void *stk_arena_grow(struct stk_arena *a, void *array, size_t nr, size_t *room,
		     size_t size)
{
	size_t more = *room ? *room * 2 : 16;
	void *p;

	if (nr < *room)
		return array;
	p = stk_arena_array(a, more, size);
	if (!p)
		return NULL;
	if (nr)
		memcpy(p, array, nr * size);
	*room = more;
	return p;
}

void stk_arena_free(struct stk_arena *a)
{
	struct stk_arena_block *b = a->blocks;

	a->blocks = NULL;
	if (a->budget)
		stk_budget_back(a->budget, a->taken);
	a->taken = 0;
	while (b) {
		struct stk_arena_block *next = b->next;

		free(b);
		b = next;
	}
}
