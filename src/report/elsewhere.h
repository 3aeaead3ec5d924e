/* SPDX-License-Identifier: GPL-2.0-or-later */
/* elsewhere.h - what an address is that may lie on no stack. */
#ifndef STK_ELSEWHERE_H
#define STK_ELSEWHERE_H

#include <stackinfo/place.h>

#include "../base/context.h"

/*
 * With the region set: the area of the address, and its translation, in the page tables
 * that hold for it. @task: whose a user address is; 0: see stk_classify_in().
 */
void stk_locate(struct stk *s, struct stk_place *p, uint64_t task);

/* The address of the same byte in the kernel's image; false: it is not in that. */
bool stk_in_image(struct stk *s, const struct stk_place *p, uint64_t *image);

/* The symbol, per-CPU or not. */
void stk_name_place(struct stk *s, struct stk_place *p);

#endif
