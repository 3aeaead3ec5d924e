/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slab.h - which object of a slab cache an address is of, as its page says. */
#ifndef STK_SLAB_H
#define STK_SLAB_H

#include "../base/context.h"

/* An object, in use or free; or what lies between two, or behind the last one. */
struct stk_slab_object {
	uint64_t begin, size;
	bool gap;
};

/*
 * The place in a slab of the cache that the variable @cache points to; @addr: in the
 * direct map, at @phys. False: in none, or in one of a cache that is not only for that
 * type.
 */
bool stk_slab_object_at(struct stk *s, const char *cache, uint64_t addr, uint64_t phys,
			struct stk_slab_object *out);

/* Is the page of @addr, at @phys, one of that cache? */
bool stk_slab_is_of(struct stk *s, const char *cache, uint64_t addr, uint64_t phys);

/*
 * Does the page at @phys tell that it is none of that cache, and nothing of it that it
 * is?
 */
bool stk_slab_is_other(struct stk *s, const char *cache, uint64_t phys);

#endif
