/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmalloc.h - the areas of vmalloc space, by the kernel's own lists. */
#ifndef STK_VMALLOC_H
#define STK_VMALLOC_H

#include <stackinfo/kernel.h>

#include "../base/context.h"

struct stk_vmap_area {
	uint64_t begin, end;
	uint64_t guard;	   /* where its guard page begins; 0: it has none */
	uint64_t vm;	   /* its vm_struct; 0: it has none */
	uint64_t caller;   /* the code that asked for it; 0: not known */
	uint64_t phys;	   /* what ioremap() mapped; 0: no such area */
	uint64_t pages;	   /* an array of pointers to struct page, of each of its pages */
	uint64_t nr_pages; /* 0: there is none */
	bool freed;
	const char *what;
};

/*
 * All areas, freed ones that the kernel has not taken back yet among them, in ascending
 * order of address; an array owned by the session. What damaged lists lead to is left
 * out.
 */
enum stk_status stk_vmap_areas(struct stk *s, const struct stk_vmap_area **areas,
			       size_t *nr);

/* Are they all, and as they are told, as far as all that tells it twice agrees? */
bool stk_vmap_areas_whole(struct stk *s);

/* The area that holds @addr, its guard page included, or NULL. Indexed once. */
const struct stk_vmap_area *stk_vmap_area_at(struct stk *s, uint64_t addr);

#endif
