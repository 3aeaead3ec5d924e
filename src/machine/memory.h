/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memory.h - reads by way of the page cache. */
#ifndef STK_MEMORY_H
#define STK_MEMORY_H

#include "../base/context.h"

/* The smallest pages of any machine: what is read at a time where pages may be larger. */
#define STK_MIN_PAGE_SIZE 4096u

/* The size of the machine's pages, in bytes. */
static inline uint64_t stk_page_size(const struct stk *s)
{
	return 1ull << s->page_shift;
}

/* How far @addr is in its page. */
static inline uint64_t stk_page_offset(const struct stk *s, uint64_t addr)
{
	return addr & (stk_page_size(s) - 1);
}

/* How many of @len bytes at @addr are in its page. */
static inline size_t stk_in_page(const struct stk *s, uint64_t addr, size_t len)
{
	uint64_t rest = stk_page_size(s) - stk_page_offset(s, addr);

	return len < rest ? len : (size_t)rest;
}

/* The number of the page of @addr, virtual or physical. */
static inline uint64_t stk_page_number(const struct stk *s, uint64_t addr)
{
	return addr >> s->page_shift;
}

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
