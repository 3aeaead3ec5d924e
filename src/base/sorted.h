/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sorted.h - looking up an address in an array that is sorted by one. */
#ifndef STK_SORTED_H
#define STK_SORTED_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

#endif
