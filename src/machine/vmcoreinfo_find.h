/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmcoreinfo_find.h - VMCOREINFO in memory, for dumps that lost its note. */
#ifndef STK_VMCOREINFO_FIND_H
#define STK_VMCOREINFO_FIND_H

#include <stackinfo/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/budget.h"

/* The physical memory to search. */
struct stk_pages {
	/* Go to the first page of the dump that is not below *@pfn; false: there is none.
	 */
	bool (*next)(void *priv, uint64_t *pfn);
	enum stk_status (*read)(void *priv, uint64_t addr, void *buf, size_t len);
	uint64_t page_size; /* in bytes */
	void *priv;
	struct stk_budget *budget; /* for what a header promises and the file has not */
};

/* A page that begins like VMCOREINFO. It may be another kernel's. */
struct stk_vmcoreinfo_at {
	uint64_t addr; /* of the text */
	size_t size;   /* as its note's header has it, or 0 */
	bool crashed;  /* it has the line that a crash adds */
};

/* Fill @at, most credible ones first; returns how many. */
size_t stk_vmcoreinfo_find(const struct stk_pages *pages, struct stk_vmcoreinfo_at *at,
			   size_t room);

/* Read the text into @text; returns its length, 0 when it makes no sense. */
#define STK_VMCOREINFO_SIZE 8192u
size_t stk_vmcoreinfo_read(const struct stk_pages *pages,
			   const struct stk_vmcoreinfo_at *at,
			   char text[STK_VMCOREINFO_SIZE]);

#endif
