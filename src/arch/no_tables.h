/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * no_tables.h - where page tables are not in the dump: addresses by arithmetic, and by
 * what the kernel itself keeps of vmalloc space.
 *
 * kexec-tools of some machines leaves out all memory that was reserved at boot, and with
 * it page tables, per-CPU areas and the structures of pages.
 */
#ifndef STK_ARCH_NO_TABLES_H
#define STK_ARCH_NO_TABLES_H

#include "tables.h"

/*
 * stk_walk_kernel(), and where a table cannot be read, without it: the image and the
 * direct map are arithmetic, and of what is in vmalloc space struct vm_struct has the
 * pages. STK_ERR_EXCLUDED: that cannot be told, either.
 */
enum stk_status stk_translate_kernel(struct stk *s, struct stk_paging *p, uint64_t addr,
				     uint64_t *phys);

/* May the kernel run what is at @addr? Without a table only the image's text is known. */
bool stk_executable_kernel(struct stk *s, struct stk_paging *p, uint64_t addr);

#endif
