/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hash.h"

#define MIN_BITS 8u

unsigned int stk_hash_bits(size_t nr)
{
	unsigned int bits = MIN_BITS;

	if (nr > STK_MAX_HASHED)
		return 0;
	while ((size_t)1 << bits < 2 * nr)
		bits++;
	return bits;
}

bool stk_hash_reserve(struct stk_hash *h, struct stk_arena *a, size_t nr, stk_hash_of *of,
		      const void *priv)
{
	struct stk_hash larger = { 0 };

	if (h->slot && nr <= (size_t)1 << (h->bits - 1))
		return true;
	larger.bits = stk_hash_bits(nr);
	if (larger.bits)
		larger.slot = stk_arena_array(a, (size_t)1 << larger.bits,
					      sizeof(*larger.slot));
	if (!larger.slot)
		return false;
	for (size_t i = 0; h->slot && i < (size_t)1 << h->bits; i++) {
		uint32_t *slot;

		if (!h->slot[i])
			continue;
		stk_hash_each (slot, &larger, of(priv, h->slot[i]))
			;
		*slot = h->slot[i];
	}
	*h = larger;
	return true;
}
