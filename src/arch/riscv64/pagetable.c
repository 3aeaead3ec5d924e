/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's own page tables, walked in physical memory: 3, 4 or 5 levels, as many as
 * the machine has (sv39, sv48, sv57). VMCOREINFO tells the bits that are in use.
 */
#include "riscv64.h"

#include "../../kernel/layout.h"
#include "../no_tables.h"

#define PTE_VALID 0x01ull
#define PTE_LEAF  0x0eull /* readable, writable or executable */
#define PTE_EXEC  0x08ull
#define PTE_NAPOT (1ull << 63) /* Svnapot: a page of 64 KiB, bit 3 of the number set */

#define PTE_NUMBER(entry) ((entry) >> 10 & 0xfffffffffffull)

#define PAGE_SHIFT  12u
#define LEVEL_BITS  9u
#define NAPOT_SHIFT 16u

struct riscv_state *riscv_state(struct stk *s)
{
	if (!s->arch_priv)
		s->arch_priv = stk_arena_alloc(&s->fixed, sizeof(struct riscv_state));
	return s->arch_priv;
}

bool riscv_is_kernel_address(uint64_t addr)
{
	return addr >> 63;
}

static struct stk_entry_bits decode_entry(const struct stk_tables *t, uint64_t entry,
					  unsigned int shift)
{
	bool leaf = entry & PTE_LEAF;

	return (struct stk_entry_bits){
		/* The last level leads to no other: the hardware faults. */
		.present = entry & PTE_VALID && (leaf || shift > PAGE_SHIFT),
		.page = leaf,
		.shift = leaf && entry & PTE_NAPOT ? NAPOT_SHIFT : 0,
		.no_code = leaf && !(entry & PTE_EXEC),
		.phys = PTE_NUMBER(entry) << PAGE_SHIFT,
	};
}

void riscv_set_mode(struct stk_paging *p, unsigned int bits)
{
	p->bits = bits - 1;
	p->tables.level_bits = p->tables.top_bits = LEVEL_BITS;
	p->tables.top_shift = bits - LEVEL_BITS;
	p->tables.decode = decode_entry;
}

static enum stk_status load_paging(struct stk *s, struct stk_paging *p)
{
	uint64_t root, bits;

	/* The last two may be found, not told: vmcoreinfo.c. */
	if (!stk_vmcoreinfo_number(s, "SYMBOL(swapper_pg_dir)", 16, &root))
		return stk_fail(s, STK_ERR_UNSUPPORTED,
				"no VMCOREINFO: cannot find the page tables");
	if (!stk_vmcoreinfo_number(s, "NUMBER(VA_BITS)", 10, &bits) ||
	    (bits != 39 && bits != 48 && bits != 57) ||
	    !stk_vmcoreinfo_number(s, "NUMBER(va_kernel_pa_offset)", 16, &p->image_minus))
		return stk_fail(s, STK_ERR_UNSUPPORTED,
				"no va_kernel_pa_offset, or no VA_BITS that can be, in "
				"VMCOREINFO");
	riscv_set_mode(p, (unsigned int)bits);
	p->root = root - p->image_minus;
	p->image_begins = "_start";
	return STK_OK;
}

static enum stk_status get_paging(struct stk *s, struct stk_paging **p)
{
	struct riscv_state *x = riscv_state(s);

	*p = x ? &x->paging : NULL;
	return x ? stk_paging(s, *p, load_paging) : STK_ERR_NOMEM;
}

enum stk_status riscv_translate(struct stk *s, uint64_t addr, uint64_t *phys)
{
	struct stk_paging *p;
	enum stk_status st = get_paging(s, &p);

	return st ? st : stk_translate_kernel(s, p, addr, phys);
}

enum stk_status riscv_translate_in(struct stk *s, uint64_t root, uint64_t addr,
				   uint64_t *phys)
{
	struct stk_paging *p;
	enum stk_status st = get_paging(s, &p);

	return st ? st : stk_walk_process(s, p, root, addr, phys);
}

bool riscv_executable(struct stk *s, uint64_t addr)
{
	struct stk_paging *p;

	return riscv_is_kernel_address(addr) && !get_paging(s, &p) &&
	       stk_executable_kernel(s, p, addr);
}

/*
 * Before 6.2 VMCOREINFO does not tell, but the kernel's own variables do: va_pa_offset,
 * since 5.14 (commit 658e2c5125bb) a member of kernel_map. Where the map begins is
 * another, or, up to 5.13, where the image does: what is below that is not mapped.
 */
static bool find_direct(struct stk *s, uint64_t *base, uint64_t *ram)
{
	uint64_t at, minus;
	struct stk_paging *p;

	if (get_paging(s, &p))
		return false;
	if (stk_find_symbol(s, "kernel_map", &at)) {
		if (stk_read_member(s, at, "kernel_mapping", "va_pa_offset", &minus))
			return false;
	} else if (!stk_find_symbol(s, "va_pa_offset", &at) ||
		   stk_read_u64(s, at, &minus)) {
		return false;
	}
	if (stk_find_symbol(s, "phys_ram_base", &at)) {
		if (stk_read_u64(s, at, ram))
			return false;
	} else if (stk_find_symbol(s, p->image_begins, &at)) {
		*ram = at - p->image_minus;
	} else {
		return false;
	}
	*base = *ram + minus;
	return riscv_is_kernel_address(*base);
}

bool riscv_direct(struct stk *s, uint64_t *base, uint64_t *ram)
{
	if (stk_vmcoreinfo_number(s, "NUMBER(PAGE_OFFSET)", 16, base) &&
	    stk_vmcoreinfo_number(s, "NUMBER(phys_ram_base)", 10, ram))
		return riscv_is_kernel_address(*base);
	return find_direct(s, base, ram);
}

bool riscv_direct_map(struct stk *s, uint64_t phys, uint64_t *addr)
{
	uint64_t base, ram;

	if (!riscv_direct(s, &base, &ram))
		return false;
	*addr = phys - ram + base;
	return true;
}

bool riscv_image_map(struct stk *s, uint64_t phys, uint64_t *addr)
{
	struct stk_paging *p;

	return !get_paging(s, &p) && stk_paging_image(s, p, phys, addr);
}
