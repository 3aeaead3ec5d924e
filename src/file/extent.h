/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * extent.h - where in the file, or the files, of a dump each page lies.
 *
 * libkdumpfile up to 0.5.4 does not look: a page behind the end of the file is read as
 * zeros, or touches a mapping of what is not there, which ends the process (fcache.c).
 */
#ifndef STK_EXTENT_H
#define STK_EXTENT_H

#include <stackinfo/status.h>
#include <stddef.h>
#include <stdint.h>

struct stk_extents;

/* Of the files @fd, which stay the caller's. NULL: short of memory. */
struct stk_extents *stk_extents_new(const int *fd, size_t nr);
void stk_extents_free(struct stk_extents *x);

/*
 * Is all that the file should have of the page at @phys, of @page_size bytes, there?
 * STK_OK, also where that cannot be told; STK_ERR_CUT_OFF; STK_ERR_IO; STK_ERR_CORRUPT.
 * @fd, @at: where the byte at @phys is, if it and the rest of its page lie there as they
 * are; @fd -1: if not.
 */
enum stk_status stk_extents_check(struct stk_extents *x, uint64_t phys,
				  uint64_t page_size, int *fd, uint64_t *at);

#endif
