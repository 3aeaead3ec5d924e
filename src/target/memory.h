/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memory.h - reads by way of the page cache. */
#ifndef STK_MEMORY_H
#define STK_MEMORY_H

#include "../session.h"

#define STK_PAGE_SIZE 4096u

/* Physical memory, across pages; all or nothing. Not cached. */
enum stk_status stk_read_phys(struct stk *s, uint64_t addr, void *buf, size_t len);

/* Forget all that was read of memory that may have changed. */
void stk_forget_memory(struct stk *s);

#endif
