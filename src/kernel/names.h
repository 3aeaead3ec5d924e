/* SPDX-License-Identifier: GPL-2.0-or-later */
/* names.h - functions with their bounds. */
#ifndef STK_NAMES_H
#define STK_NAMES_H

#include <stackinfo/kernel.h>

#include "../base/context.h"

struct stk_function {
	const char *name;
	uint64_t begin, end; /* to the next symbol: padding behind it is in it */
};

/* Is @addr in the kernel's image? */
bool stk_is_image(struct stk *s, uint64_t addr);

/* In its code, but for that of the start? */
bool stk_is_image_text(struct stk *s, uint64_t addr);

/* Has the image a function called @name? */
bool stk_is_function(struct stk *s, const char *name);

/* The function that @addr is in; false when nothing names it. */
bool stk_function_at(struct stk *s, uint64_t addr, struct stk_function *out);

#endif
