/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sized.h - structures whose size the program tells. */
#ifndef STK_SIZED_H
#define STK_SIZED_H

#include <string.h>

/*
 * Both ends may be newer than the other. Copy the first of @whole bytes at @info to @out,
 * which has room for @size. What is beyond @whole the program knows of, and we do not.
 */
static inline void stk_give(void *out, size_t size, const void *info, size_t whole)
{
	memcpy(out, info, size < whole ? size : whole);
	if (size > whole)
		memset((char *)out + whole, 0, size - whole);
}

#endif
