/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hash.h - finding things by a hash of their keys.
 *
 * The things stand in an array of the caller's. The table holds their numbers, from 1 on,
 * by open addressing. It knows no keys: the caller compares them.
 *
 *	stk_hash_each(slot, &table, hash)
 *		if (!strcmp(thing[*slot - 1].name, name))
 *			break;
 *
 * Where the loop ends by itself, *slot is 0: a new thing's number is stored there, once
 * stk_hash_reserve() has made room. The loop does end: no table is more than half full.
 */
#ifndef STK_HASH_H
#define STK_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

/* More things than this have no table. */
#define STK_MAX_HASHED (1u << 30)

struct stk_hash {
	uint32_t *slot; /* numbers of things; 0: free */
	unsigned int bits;
	uint32_t none; /* a table that has no room yet has this slot, which is free */
};

/* The hash of the thing with the number @number. */
typedef uint32_t stk_hash_of(const void *priv, uint32_t number);

/* How many slots a table for @nr things has, as a power of two; 0: too many. */
unsigned int stk_hash_bits(size_t nr);

/*
 * Make room for @nr things in all. What the table holds moves to a larger one by @of,
 * which may be NULL for a table that is empty; the old one stays in the arena, so it is
 * worth to tell the whole number where that is known. False: no memory.
 */
bool stk_hash_reserve(struct stk_hash *h, struct stk_arena *a, size_t nr, stk_hash_of *of,
		      const void *priv);

/*
 * The hash of a string is a polynomial in its characters, so that the hashes of its parts
 * give it: for what follows another part, times STK_HASH_FACTOR for each character of it.
 */
#define STK_HASH_FACTOR 0x01000193u

/* @max: so many bytes of it count. */
static inline uint32_t stk_hash_string(const char *string, size_t max)
{
	uint32_t hash = 0;

	for (size_t i = 0; i < max && string[i]; i++)
		hash = hash * STK_HASH_FACTOR + (unsigned char)string[i];
	return hash;
}

/* The same of bytes, whatever they are. */
static inline uint32_t stk_hash_bytes(const void *bytes, size_t size)
{
	const unsigned char *p = bytes;
	uint32_t hash = 0;

	for (size_t i = 0; i < size; i++)
		hash = hash * STK_HASH_FACTOR + p[i];
	return hash;
}

static inline uint32_t stk_hash_number(uint64_t number)
{
	return (uint32_t)(number * 0x9e3779b97f4a7c15ull >> 32);
}

/* Where the things with @hash begin. */
static inline uint32_t *stk_hash_first(const struct stk_hash *h, uint32_t hash)
{
	/* The best mixed bits are the upper ones, once multiplied. */
	return h->slot ? &h->slot[hash * 0x9e3779b1u >> (32 - h->bits)]
		       : (uint32_t *)&h->none;
}

static inline uint32_t *stk_hash_next(const struct stk_hash *h, const uint32_t *slot)
{
	return &h->slot[(size_t)(slot + 1 - h->slot) & (((size_t)1 << h->bits) - 1)];
}

#define stk_hash_each(slot, table, hash)                                                 \
	for ((slot) = stk_hash_first(table, hash); *(slot);                              \
	     (slot) = stk_hash_next(table, slot))

#endif
