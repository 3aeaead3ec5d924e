/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sorted.h - arrays that are sorted by an address, and looking one up in them. */
#ifndef STK_SORTED_H
#define STK_SORTED_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The first of two elements that begin with the key is less, equal or more: -1, 0, 1. */
static inline int stk_sorted_compare(const void *a, const void *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x < y ? -1 : x > y;
}

/* Sort @nr elements by @key, a uint64_t that is their first member. */
#define stk_sort(array, nr, key)                                                         \
	do {                                                                             \
		static_assert(offsetof(__typeof__(*(array)), key) == 0 &&                \
				      sizeof((array)->key) == sizeof(uint64_t),          \
			      "the first member");                                       \
		if (nr)                                                                  \
			qsort(array, nr, sizeof(*(array)), stk_sorted_compare);          \
	} while (0)

/* The same of an array of nothing but keys. */
static inline void stk_sort_keys(uint64_t *keys, size_t nr)
{
	if (nr)
		qsort(keys, nr, sizeof(*keys), stk_sorted_compare);
}

static inline size_t stk_sorted_upto(const void *array, size_t nr, size_t size,
				     size_t key_at, uint64_t addr)
{
	const char *p = array;
	size_t low = 0;

	while (low < nr) {
		size_t mid = low + (nr - low) / 2;
		uint64_t key;

		memcpy(&key, p + mid * size + key_at, sizeof(key));
		if (key <= addr)
			low = mid + 1;
		else
			nr = mid;
	}
	return low;
}

/*
 * How many of @nr elements have a @key, a uint64_t member, that is not above @addr: so
 * the last of them, if any, is the one that @addr lies in, or beyond.
 */
#define stk_upto(array, nr, key, addr)                                                   \
	stk_sorted_upto(array, nr, sizeof(*(array)),                                     \
			offsetof(__typeof__(*(array)), key), addr)

/* How many are below it, so the index of the first that is not. */
#define stk_below(array, nr, key, addr) ((addr) ? stk_upto(array, nr, key, (addr)-1) : 0)

/* The same of an array of nothing but keys. */
static inline size_t stk_keys_upto(const uint64_t *keys, size_t nr, uint64_t addr)
{
	return stk_sorted_upto(keys, nr, sizeof(*keys), 0, addr);
}

static inline size_t stk_keys_below(const uint64_t *keys, size_t nr, uint64_t addr)
{
	return addr ? stk_keys_upto(keys, nr, addr - 1) : 0;
}

#endif
