/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STK_VMALLOC_H
#define STK_VMALLOC_H

#include <stackinfo/kernel.h>

#include "../session.h"

/* struct stk_vmap_area - what the kernel's vm_struct says of a piece of vmalloc space. */
struct stk_vmap_area {
	uint64_t begin, end; /* with the guard page above, if it has one */
	uint64_t caller;     /* return address of who allocated it; 0: not known */
};

/*
 * All areas in use, in ascending order of address; an array owned by the session. What
 * damaged lists lead to is left out.
 */
enum stk_status stk_vmap_areas(struct stk *s, const struct stk_vmap_area **areas,
			       size_t *nr);

#endif
