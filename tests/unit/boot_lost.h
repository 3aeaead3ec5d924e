/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * boot_lost.h - a machine of other.h whose dump lacks what was reserved at boot: page
 * tables but for the root, per-CPU areas, and the structures of pages, which it never
 * had.
 */
#ifndef UNIT_BOOT_LOST_H
#define UNIT_BOOT_LOST_H

#include "synthetic.h"

#define LOST_PAGE_SIZE 64u /* sizeof(struct page) */

/*
 * The kernel keeps what is in vmalloc space so far in a list of areas, and the pages of
 * each. @vmemmap: the struct page of physical address 0.
 */
void lost_keep_areas(struct syn *m, uint64_t vmalloc, uint64_t vmemmap);
/* The vm_struct of the area of @addr, which lies so far behind its vmap_area. */
#define LOST_VM 0x40u
uint64_t lost_vm_of(struct syn *m, uint64_t vmalloc, uint64_t addr);
/* Where that has the pointer to the struct page of @addr. */
uint64_t lost_page_of(struct syn *m, uint64_t vmalloc, uint64_t addr);
/* From now on nothing that was reserved can be read. */
void lost_forget_boot(struct syn *m);

#endif
