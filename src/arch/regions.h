/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * regions.h - the regions of an address space. The table is made once, by painting region
 * after region over what was there before.
 */
#ifndef STK_ARCH_REGIONS_H
#define STK_ARCH_REGIONS_H

#include <stackinfo/place.h>

#include "../base/context.h"

#define STK_MAX_SPANS 96u

struct stk_regions;

/* struct stk_region - a region, as a row. */
struct stk_region {
	const char *name;
	enum stk_region_kind kind;
	/* What follows from an address of it alone; or NULL. */
	void (*about)(const struct stk_regions *r, uint64_t addr,
		      struct stk_place *place);
};

/* Those that every machine has. */
extern const struct stk_region stk_hole, stk_user_space, stk_direct_map, stk_vmalloc_area,
	stk_vmemmap_area, stk_image, stk_module_area, stk_kernel_space, stk_not_canonical;

struct stk_span {
	uint64_t first, last; /* both inclusive */
	const struct stk_region *row;
	const char *part; /* of the kernel image */
	const char *detail;
	uint64_t region, until; /* bounds of the whole region, inclusive */
};

struct stk_regions {
	struct stk_span span[STK_MAX_SPANS];
	size_t nr;
	uint64_t direct, direct_phys; /* where it begins, and what is there */
	uint64_t vmemmap, vmemmap_pfn;
	uint32_t page_struct; /* sizeof(struct page); 0: not known */
	unsigned int page_shift;
};

/* Nothing but a hole. */
void stk_begin_regions(struct stk *s, struct stk_regions *r);
/* Nothing is painted when @first lies above @last. */
void stk_paint_span(struct stk_regions *r, struct stk_span span);
void stk_paint(struct stk_regions *r, uint64_t first, uint64_t last,
	       const struct stk_region *row);
/* An address of the kernel's that VMCOREINFO has as @key. */
bool stk_told_address(struct stk *s, const char *key, uint64_t *addr);
/* From @from up to @to, where it has both: that is the last address, or the first behind.
 */
void stk_paint_told(struct stk *s, struct stk_regions *r, const char *from,
		    const char *to, const struct stk_region *row);
/* The kernel's image with its parts, if it begins at @lowest or above. */
void stk_paint_image(struct stk *s, struct stk_regions *r, uint64_t lowest);
/* What is left: each hole has its own bounds, and its neighbours' names. */
void stk_name_holes(struct stk *s, struct stk_regions *r);

/* Tell what is known of @addr. @r: NULL when there is no table. Returns the row. */
const struct stk_region *stk_tell_region(const struct stk_regions *r, uint64_t addr,
					 struct stk_place *place);

/*
 * The region of struct pages, and of which page the first is: vmemmap, that of page 0, is
 * in VMCOREINFO in kernels that need it (6.9); @pfn: where it is not.
 */
void stk_paint_vmemmap(struct stk *s, struct stk_regions *r, uint64_t pfn);

/* CONFIG_SPARSEMEM_VMEMMAP; without it nothing is mapped there. */
bool stk_find_page_struct(const struct stk_regions *r, uint64_t phys, uint64_t *addr);

#endif
