/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's own page tables, walked in physical memory: 4 or 5 levels, 4 KiB,
 * 2 MiB and 1 GiB pages.
 */
#include "x86_64.h"

#include <string.h>

#include "../../kernel/layout.h"
#include "../../machine/lost.h"
#include "../../machine/memory.h"

#define PTE_PRESENT 1ull
#define PTE_LARGE   0x80ull /* PSE in a PUD or PMD entry */
#define PTE_NX	    (1ull << 63)

struct x86_state *x86_state(struct stk *s)
{
	if (!s->arch_priv)
		s->arch_priv = stk_arena_alloc(&s->fixed, sizeof(struct x86_state));
	return s->arch_priv;
}

/*
 * VMCOREINFO knows where to begin. SYMBOL() gives the run-time virtual address;
 * phys_base may be negative. The page-table root is called init_top_pgt since 4.13
 * and still exported to VMCOREINFO as swapper_pg_dir, too.
 */
static bool find_root(struct stk *s, uint64_t *root)
{
	const struct stk_symbol_ops *ops = s->target.symbols;

	/* A namelist may know it, too. */
	return stk_vmcoreinfo_number(s, "SYMBOL(init_top_pgt)", 16, root) ||
	       stk_vmcoreinfo_number(s, "SYMBOL(swapper_pg_dir)", 16, root) ||
	       (ops && !ops->address(s->target.symbols_priv, "init_top_pgt", root));
}

/* Whether the tables have five levels is older than that it is told: do they fit? */
static void guess_levels(struct stk *s, struct x86_state *x, uint64_t root)
{
	uint64_t phys;

	/* For the walk. */
	x->paging_tried = true;
	x->paging_status = STK_OK;
	for (int l5 = 0; l5 <= 1; l5++) {
		x->l5 = l5;
		if (!x86_translate(s, root, &phys) && phys == x->pgd)
			return;
	}
	x->l5 = false;
}

static enum stk_status load_paging(struct stk *s, struct x86_state *x)
{
	uint64_t root, mask, l5;

	if (!find_root(s, &root))
		return stk_fail(s, STK_ERR_UNSUPPORTED,
				"no VMCOREINFO: cannot find the page tables");
	if (!stk_vmcoreinfo_number(s, "NUMBER(phys_base)", 10, &x->phys_base))
		return stk_fail(s, STK_ERR_UNSUPPORTED, "no phys_base in VMCOREINFO");
	if (root < X86_KERNEL_MAP)
		return stk_fail(s, STK_ERR_CORRUPT, "the page-table root is at %#llx",
				(unsigned long long)root);
	x->tables.phys_mask = X86_ADDR_MASK;
	/* With memory encryption one address bit is not one. */
	if (stk_vmcoreinfo_number(s, "NUMBER(sme_mask)", 10, &mask))
		x->tables.phys_mask &= ~mask;
	x->pgd = root - X86_KERNEL_MAP + x->phys_base;
	if (stk_vmcoreinfo_number(s, "NUMBER(pgtable_l5_enabled)", 10, &l5))
		x->l5 = l5;
	else
		guess_levels(s, x, root);
	return STK_OK;
}

#define CR4_LA57 (1ull << 12)

enum stk_status x86_page_by(struct stk *s, uint64_t cr3, uint64_t cr4)
{
	struct x86_state *x = x86_state(s);

	if (!x)
		return STK_ERR_NOMEM;
	x->tables.phys_mask = X86_ADDR_MASK;
	x->pgd = x86_cr3_table(cr3);
	x->l5 = (cr4 & CR4_LA57) != 0;
	x->paging_tried = true;
	x->paging_status = STK_OK;
	return STK_OK;
}

enum stk_status x86_paging(struct stk *s, struct x86_state **out)
{
	struct x86_state *x = x86_state(s);

	*out = x;
	if (!x)
		return STK_ERR_NOMEM;
	if (!x->paging_tried) {
		x->paging_status = load_paging(s, x);
		x->paging_tried = !stk_must_stop(s);
	}
	return x->paging_status;
}

static struct stk_entry_bits decode_entry(const struct stk_tables *t, uint64_t entry,
					  unsigned int shift)
{
	return (struct stk_entry_bits){
		.present = entry & PTE_PRESENT,
		.page = entry & PTE_LARGE && shift <= 30,
		.no_code = entry & PTE_NX,
		.phys = entry & t->phys_mask,
	};
}

/*
 * @table: the root, physical.
 * @nx: no execution, at any level of the way.
 */
static enum stk_status walk_tables(struct stk *s, struct x86_state *x, uint64_t table,
				   uint64_t addr, uint64_t *phys, bool *nx)
{
	/* Canonical addresses only: the bits above the top level are all alike. */
	int64_t above = (int64_t)addr >> (x->l5 ? 56 : 47);

	if (above != 0 && above != -1)
		return STK_ERR_UNMAPPED;
	x->tables.top_shift = x->l5 ? 48 : 39;
	x->tables.top_bits = x->tables.level_bits = 9;
	x->tables.decode = decode_entry;
	return stk_walk_tables(s, &x->tables, table, addr, phys, nx);
}

static enum stk_status walk_kernel(struct stk *s, uint64_t addr, uint64_t *phys, bool *nx)
{
	struct x86_state *x;
	enum stk_status st = x86_paging(s, &x);

	return st ? st : walk_tables(s, x, x->pgd, addr, phys, nx);
}

enum stk_status x86_translate(struct stk *s, uint64_t addr, uint64_t *phys)
{
	bool nx;

	return walk_kernel(s, addr, phys, &nx);
}

enum stk_status x86_translate_in(struct stk *s, uint64_t root, uint64_t addr,
				 uint64_t *phys)
{
	uint64_t table = 0;
	bool nx;
	enum stk_status st = x86_translate(s, root, &table);

	/* Tables lie in pages; what a damaged mm_struct says may not. */
	table &= ~(uint64_t)(X86_PAGE_SIZE - 1);
	return st ? st : walk_tables(s, x86_state(s), table, addr, phys, &nx);
}

int x86_maps_same(struct stk *s, uint64_t cr3, uint64_t addr)
{
	uint64_t table = x86_cr3_table(cr3), want, phys;
	struct x86_state *x;
	enum stk_status st;
	bool excused, nx;

	/* Whoever's they are, they are no loss. */
	if (x86_paging(s, &x) || x86_translate(s, addr, &want))
		return X86_UNKNOWN;
	excused = stk_lost_excuse(s, true);
	st = walk_tables(s, x, table & x->tables.phys_mask, addr, &phys, &nx);
	stk_lost_excuse(s, excused);
	return !st ? phys == want : st == STK_ERR_UNMAPPED ? 0 : X86_UNKNOWN;
}

bool x86_executable(struct stk *s, uint64_t addr)
{
	uint64_t phys;
	bool nx;

	return x86_is_kernel_address(addr) && !walk_kernel(s, addr, &phys, &nx) && !nx;
}

/*
 * Where the direct map begins: a variable with CONFIG_DYNAMIC_MEMORY_LAYOUT, as KASLR
 * needs it. Without, it is where it was built to be, up to 4.19 and since (commit
 * d52888aa2753 "x86/mm: Move LDT remap out of KASLR region on 5-level paging"): the page
 * tables, which are mapped there, tell which.
 */
static bool find_direct_base(struct stk *s, struct x86_state *x)
{
	static const uint64_t built[2][2] = {
		{ 0xffff888000000000ull, 0xffff880000000000ull },
		{ 0xff11000000000000ull, 0xff10000000000000ull },
	};
	uint64_t at, phys;

	if (stk_find_symbol(s, "page_offset_base", &at))
		return !stk_read_u64(s, at, &x->direct_base);
	if (x86_paging(s, &x))
		return false;
	for (size_t i = 0; i < 2; i++) {
		if (!x86_translate(s, built[x->l5][i] + x->pgd, &phys) &&
		    phys == x->pgd) {
			x->direct_base = built[x->l5][i];
			return true;
		}
	}
	return false;
}

bool x86_direct_map(struct stk *s, uint64_t phys, uint64_t *addr)
{
	struct x86_state *x = x86_state(s);

	if (!x)
		return false;
	if (!x->have_direct) {
		if (!find_direct_base(s, x))
			return false;
		x->have_direct = true;
	}
	*addr = x->direct_base + phys;
	return true;
}

bool x86_image_map(struct stk *s, uint64_t phys, uint64_t *addr)
{
	struct x86_state *x;

	if (x86_paging(s, &x))
		return false;
	*addr = phys - x->phys_base + X86_KERNEL_MAP;
	return stk_between_symbols(s, "_text", "_end", *addr);
}
