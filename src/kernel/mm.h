/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mm.h - a process's mappings. */
#ifndef STK_MM_H
#define STK_MM_H

#include <stackinfo/kernel.h>

#include "../base/context.h"

struct stk_vma {
	uint64_t begin, end;
	const char
		*what; /* "stack", "heap", "file", "anonymous"; "[vdso]" and its like */
	const char *name; /* of the file, or NULL */
	char access[5];	  /* "rw-p" as /proc/PID/maps has it */
};

struct stk_mm {
	struct stk_mm *next;
	uint64_t mm;  /* its struct mm_struct */
	uint64_t pgd; /* virtual address of its page table's root; 0: not readable */
	struct stk_vma *vma; /* ascending */
	size_t nr, room;
	bool bad; /* it cannot be read: remembered, not asked for again */
};

/*
 * The mappings of the task at @task, read when first asked for. NULL when it has none
 * (a kernel thread, an idle task, one that gave them back at its exit) or they cannot
 * be read.
 */
const struct stk_mm *stk_mm_of(struct stk *s, uint64_t task);

/*
 * By the page tables of the firmware's runtime services, which are their own since 4.6:
 * efi_mm's. STK_ERR_UNMAPPED where there are none.
 */
enum stk_status stk_translate_firmware(struct stk *s, uint64_t addr, uint64_t *phys);

const struct stk_vma *stk_vma_at(const struct stk_mm *mm, uint64_t addr);

#endif
