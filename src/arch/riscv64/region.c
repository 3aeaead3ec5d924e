/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The regions of the address space: Documentation/arch/riscv/vm-layout.rst. VMCOREINFO
 * has their bounds since 6.2 (commit 649d6b1019a2).
 */
#include "riscv64.h"

#include "../../kernel/layout.h"
#include "../../machine/memory.h"
#include "../regions.h"

/* The direct map ends with the machine's memory, or below what comes next. */
static uint64_t last_of_direct(struct stk *s, uint64_t base, uint64_t image)
{
	uint64_t at, max;

	if (stk_find_symbol(s, "max_pfn", &at) && !stk_read_u64(s, at, &max) &&
	    !(max >> 44) && riscv_direct_map(s, max << s->page_shift, &at) && at > base)
		return at - 1;
	return image - 1;
}

static enum stk_status find_regions(struct stk *s, void *value)
{
	struct stk_regions *r = value;
	uint64_t bits, kernel, image = UINT64_MAX << 31, at, pfn;

	stk_begin_regions(s, r);
	if (!stk_vmcoreinfo_number(s, "NUMBER(VA_BITS)", 10, &bits) || bits < 39 ||
	    bits > 57)
		return STK_OK;
	kernel = UINT64_MAX << (bits - 1);
	stk_paint(r, 0, ~kernel, &stk_user_space);
	stk_paint(r, ~kernel + 1, kernel - 1, &stk_not_canonical);
	stk_paint(r, kernel, UINT64_MAX, &stk_kernel_space);
	if (riscv_direct(s, &r->direct, &r->direct_phys))
		stk_paint(r, r->direct, last_of_direct(s, r->direct, image),
			  &stk_direct_map);
	stk_paint_told(s, r, "NUMBER(VMALLOC_START)", "NUMBER(VMALLOC_END)",
		       &stk_vmalloc_area);
	pfn = stk_page_number(s, r->direct_phys);
	if (stk_find_symbol(s, "vmemmap_start_pfn", &at))
		stk_read_u64(s, at, &pfn);
	stk_paint_vmemmap(s, r, pfn);
	stk_paint_told(s, r, "NUMBER(MODULES_VADDR)", "NUMBER(MODULES_END)",
		       &stk_module_area);
	/* Up to 5.12 the direct map begins with it. */
	if (r->direct && stk_find_symbol(s, "_start", &at) && at == r->direct)
		image = at;
	stk_paint_image(s, r, image);
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
	struct riscv_state *x = riscv_state(s);

	if (!x || stk_once(s, &x->regions, &once))
		return NULL;
	return x->regions.value;
}

void riscv_region(struct stk *s, uint64_t addr, struct stk_place *place)
{
	stk_tell_region(get_regions(s), addr, place);
}

bool riscv_page_struct(struct stk *s, uint64_t phys, uint64_t *addr)
{
	return stk_find_page_struct(get_regions(s), phys, addr);
}
