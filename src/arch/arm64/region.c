/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The regions of the address space: Documentation/arch/arm64/memory.rst. VMCOREINFO has
 * the bounds of most since 5.18 (commit 2369f171d5c5); before, those that the kernel's
 * linear map has, by which half it is in. What lies elsewhere in the kernel's half is
 * told from user space alone.
 */
#include "arm64.h"

#include "../../kernel/layout.h"
#include "../regions.h"

/*
 * The linear map ends in the middle of the addresses that the kernel can do with:
 * VA_BITS_MIN of them (asm/memory.h), that is 48, or 47 with 16 KiB pages, where more
 * are in use. Where it is in the upper half, up to 5.3, it ends with them.
 */
#define SHIFT_16K 14u

static uint64_t last_of_direct(struct stk *s, const struct arm64_state *x)
{
	unsigned int bits = x->paging.bits;

	if (x->linear_base & 1ull << (bits - 1))
		return UINT64_MAX;
	if (bits > 48)
		bits = s->page_shift == SHIFT_16K ? 47 : 48;
	return (UINT64_MAX << (bits - 1)) - 1;
}

static enum stk_status find_regions(struct stk *s, void *value)
{
	struct stk_regions *r = value;
	struct arm64_state *x = arm64_state(s);
	uint64_t bits, kernel;

	stk_begin_regions(s, r);
	if (!arm64_direct_map(s, 0, &kernel))
		return STK_OK;
	bits = x->paging.bits;
	kernel = UINT64_MAX << bits;
	r->direct = x->linear_base > kernel ? x->linear_base : kernel;
	r->direct_phys = x->phys_offset + (r->direct - x->linear_base);
	stk_paint(r, 0, (1ull << bits) - 1, &stk_user_space);
	stk_paint(r, 1ull << bits, kernel - 1, &stk_not_canonical);
	stk_paint(r, kernel, UINT64_MAX, &stk_kernel_space);
	stk_paint(r, r->direct, last_of_direct(s, x), &stk_direct_map);
	stk_paint_told(s, r, "NUMBER(VMALLOC_START)", "NUMBER(VMALLOC_END)",
		       &stk_vmalloc_area);
	stk_paint_told(s, r, "NUMBER(MODULES_VADDR)", "NUMBER(MODULES_END)",
		       &stk_module_area);
	stk_paint_vmemmap(s, r, (uint64_t)((int64_t)x->phys_offset >> r->page_shift));
	stk_paint_image(s, r, kernel);
	/* Nothing is ever mapped there: errors are told by such pointers. */
	stk_paint(r, STK_FIRST_ERROR, UINT64_MAX, &stk_hole);
	return STK_OK;
}

static struct stk_regions *get_regions(struct stk *s)
{
	static const struct stk_once once = {
		.size = sizeof(struct stk_regions),
		.find = find_regions,
	};
	struct arm64_state *x = arm64_state(s);

	if (!x || stk_once(s, &x->regions, &once))
		return NULL;
	return x->regions.value;
}

void arm64_region(struct stk *s, uint64_t addr, struct stk_place *place)
{
	stk_tell_region(get_regions(s), addr, place);
}

bool arm64_page_struct(struct stk *s, uint64_t phys, uint64_t *addr)
{
	return stk_find_page_struct(get_regions(s), phys, addr);
}
