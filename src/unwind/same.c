/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chains that are equal but for whose they are. */
#include "same.h"

uint64_t stk_chain_hash(const struct stk_chain *chain)
{
	uint64_t h = 14695981039346656037ull ^ (uint64_t)chain->end ^
		     (uint64_t)chain->confidence << 32;

	for (const struct stk_segment *seg = chain->segments; seg; seg = seg->next) {
		uint64_t kind = seg->stack.kind ? seg->stack.kind->id : 0;

		for (size_t i = 0; i < seg->nr_frames; i++)
			h = (h ^ seg->frames[i].ip ^ kind << 56) * 1099511628211ull;
	}
	return h;
}

bool stk_same_chain(const struct stk_chain *a, const struct stk_chain *b)
{
	const struct stk_segment *x = a->segments, *y = b->segments;

	if (a->end != b->end || a->nr_frames != b->nr_frames ||
	    a->confidence != b->confidence)
		return false;
	for (; x && y; x = x->next, y = y->next) {
		if (x->stack.kind != y->stack.kind || x->nr_frames != y->nr_frames)
			return false;
		for (size_t i = 0; i < x->nr_frames; i++)
			if (x->frames[i].ip != y->frames[i].ip)
				return false;
	}
	return !x && !y;
}
