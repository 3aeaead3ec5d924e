/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memory.h - reads by way of the page cache. */
#ifndef STK_MEMORY_H
#define STK_MEMORY_H

#include "../base/context.h"

#define STK_PAGE_SIZE 4096u

/*
 * The string at @addr, up to its end or to the last byte of @room, as a name (see
 * base/safe.h). Cut where memory ends that can be read, unless nothing of it can.
 */
enum stk_status stk_read_string(struct stk *s, uint64_t addr, char *buf, size_t room);

/* The same in the session's memory, at most @room bytes; NULL when there is none. */
const char *stk_string_at(struct stk *s, uint64_t addr, size_t room);

/* Physical memory, across pages; all or nothing. Not cached. */
enum stk_status stk_read_phys(struct stk *s, uint64_t addr, void *buf, size_t len);

/* Is the page of @phys in the dump? To ask is no loss. */
bool stk_in_dump(struct stk *s, uint64_t phys);

/* Forget all that was read of memory that may have changed. */
void stk_forget_memory(struct stk *s);

#endif
