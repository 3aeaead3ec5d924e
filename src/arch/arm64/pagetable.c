/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's own page tables, walked in physical memory: pages of 4, 16 or 64 KiB,
 * addresses of 36 to 52 bits. The hardware's TCR_EL1.T1SZ says how many are in use; a
 * kernel that was built for 52 may run with 48 (commit c812026c54cf), or 47.
 */
#include "arm64.h"

#include "../../kernel/layout.h"
#include "../../machine/lost.h"
#include "../no_tables.h"

#define DESC_VALID    1ull
#define DESC_TABLE    2ull	   /* clear: it maps a block */
#define DESC_PXN      (1ull << 53) /* not executable by the kernel */
#define DESC_PXNTABLE (1ull << 59)
#define DESC_ADDRESS  0x0000fffffffff000ull

#define SHIFT_4K  12u
#define SHIFT_64K 16u

#define MAX_VA_BITS 52u /* without the LVA3 of larger ones */
#define MIN_VA_BITS 36u

struct arm64_state *arm64_state(struct stk *s)
{
	if (!s->arch_priv)
		s->arch_priv = stk_arena_alloc(&s->fixed, sizeof(struct arm64_state));
	return s->arch_priv;
}

unsigned int arm64_page_shift(struct stk *s)
{
	uint64_t size;

	for (unsigned int shift = SHIFT_4K; shift <= SHIFT_64K; shift += 2)
		if (stk_vmcoreinfo_number(s, "PAGESIZE", 10, &size) &&
		    size == 1ull << shift)
			return shift;
	return SHIFT_4K;
}

bool arm64_is_kernel_address(uint64_t addr)
{
	return addr >> MAX_VA_BITS == 0xfff;
}

/*
 * Where physical addresses have 52 bits, the upper four do not fit: with 64 KiB pages
 * they stand in bits 15:12, which are zero else. With smaller pages, where LPA2 is in
 * use, 51:50 stand in bits 9:8, and 49:48 in place (FEAT_LPA2; 6.9).
 */
static uint64_t output_address(const struct stk_tables *t, uint64_t entry)
{
	uint64_t phys = entry & t->phys_mask;

	if (t->level_bits == SHIFT_64K - 3)
		return (phys & ~0xf000ull) | (entry & 0xf000) << 36;
	if (t->phys_mask > DESC_ADDRESS)
		phys |= (entry & 0x300) << 42;
	return phys;
}

static struct stk_entry_bits decode_entry(const struct stk_tables *t, uint64_t entry,
					  unsigned int shift)
{
	bool last = shift == t->level_bits + 3, page = last || !(entry & DESC_TABLE);

	return (struct stk_entry_bits){
		/* There are no blocks at the last level: the hardware faults. */
		.present = entry & DESC_VALID && (!last || entry & DESC_TABLE),
		.page = page,
		.no_code = entry & (page ? DESC_PXN : DESC_PXNTABLE),
		.phys = output_address(t, entry),
	};
}

/* How many levels tables have for so many bits. */
static unsigned int nr_levels(const struct stk_tables *t, unsigned int va_bits)
{
	unsigned int page_shift = t->level_bits + 3;

	return (va_bits - page_shift + t->level_bits - 1) / t->level_bits;
}

/*
 * @built: the bits that the kernel was built for. A root of as many levels has room for
 * all of them, whatever is in use: then kernel addresses are at its end.
 */
static void shape_tables(struct stk *s, struct stk_paging *p, unsigned int built)
{
	struct stk_tables *t = &p->tables;
	unsigned int levels, bits = p->bits;

	t->level_bits = s->page_shift - 3;
	t->decode = decode_entry;
	t->phys_mask = DESC_ADDRESS;
	if (p->bits > 48 && s->page_shift != SHIFT_64K)
		t->phys_mask |= 3ull << 48;
	levels = nr_levels(t, p->bits);
	if (built > bits && nr_levels(t, built) == levels)
		bits = built;
	t->top_shift = s->page_shift + (levels - 1) * t->level_bits;
	t->top_bits = bits - t->top_shift;
}

static bool is_va_bits(uint64_t bits)
{
	return bits >= MIN_VA_BITS && bits <= MAX_VA_BITS;
}

static enum stk_status load_paging(struct stk *s, struct stk_paging *p)
{
	uint64_t root, built, t1sz;

	if (!stk_vmcoreinfo_number(s, "SYMBOL(swapper_pg_dir)", 16, &root))
		return stk_fail(s, STK_ERR_UNSUPPORTED,
				"no VMCOREINFO: cannot find the page tables");
	if (!stk_vmcoreinfo_number(s, "NUMBER(kimage_voffset)", 16, &p->image_minus) ||
	    !stk_vmcoreinfo_number(s, "NUMBER(VA_BITS)", 10, &built) ||
	    !is_va_bits(built))
		return stk_fail(
			s, STK_ERR_UNSUPPORTED,
			"no kimage_voffset, or no VA_BITS that can be, in VMCOREINFO");
	stk_vmcoreinfo_number(s, "NUMBER(PHYS_OFFSET)", 16, &arm64_state(s)->phys_offset);
	p->bits = (unsigned int)built;
	/* 5.7, commit bbdbc11804ff */
	if (stk_vmcoreinfo_number(s, "NUMBER(TCR_EL1_T1SZ)", 16, &t1sz) &&
	    is_va_bits(64 - t1sz))
		p->bits = (unsigned int)(64 - t1sz);
	p->root = root - p->image_minus;
	p->image_begins = "_text";
	shape_tables(s, p, (unsigned int)built);
	return STK_OK;
}

static enum stk_status get_paging(struct stk *s, struct stk_paging **p)
{
	struct arm64_state *x = arm64_state(s);

	*p = x ? &x->paging : NULL;
	return x ? stk_paging(s, *p, load_paging) : STK_ERR_NOMEM;
}

enum stk_status arm64_translate(struct stk *s, uint64_t addr, uint64_t *phys)
{
	struct stk_paging *p;
	enum stk_status st = get_paging(s, &p);

	return st ? st : stk_translate_kernel(s, p, addr, phys);
}

enum stk_status arm64_translate_in(struct stk *s, uint64_t root, uint64_t addr,
				   uint64_t *phys)
{
	struct stk_paging *p;
	enum stk_status st = get_paging(s, &p);

	return st ? st : stk_walk_process(s, p, root, addr, phys);
}

bool arm64_executable(struct stk *s, uint64_t addr)
{
	struct stk_paging *p;

	return arm64_is_kernel_address(addr) && !get_paging(s, &p) &&
	       stk_executable_kernel(s, p, addr);
}

/*
 * Since 5.4 the linear map is in the lower half of the kernel's addresses (commit
 * 14c127c957c1), before in the upper. PHYS_OFFSET is what lies at its beginning, modulo
 * 2^64: where fewer bits are in use than it was built for, that is no memory. The page
 * tables, which are mapped there, too, tell which it is; without them the image does,
 * which is in the other half.
 */
static bool find_linear_base(struct stk *s, struct arm64_state *x)
{
	struct stk_paging *p = &x->paging;
	bool excused;
	bool lost = false;
	/* Kernels that need not use all bits they were built for have it in the lower. */
	uint64_t bits[] = { p->bits, p->bits, p->bits - 1 }, phys, stext;

	stk_vmcoreinfo_number(s, "NUMBER(VA_BITS)", 10, &bits[0]);
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		uint64_t base = UINT64_MAX << bits[i];
		enum stk_status st;

		excused = stk_lost_excuse(s, true);
		st = stk_walk_kernel(s, p, base + p->root - x->phys_offset, &phys, NULL);
		stk_lost_excuse(s, excused);
		if (!st && phys == p->root) {
			x->linear_base = base;
			return true;
		}
		lost |= st == STK_ERR_EXCLUDED;
	}
	if (!lost || !stk_vmcoreinfo_number(s, "SYMBOL(_stext)", 16, &stext))
		return false;
	x->linear_base = UINT64_MAX
			 << (stext >> (p->bits - 1) & 1 ? bits[0] : bits[0] - 1);
	return true;
}

bool arm64_direct_map(struct stk *s, uint64_t phys, uint64_t *addr)
{
	struct arm64_state *x = arm64_state(s);
	struct stk_paging *p;

	if (get_paging(s, &p))
		return false;
	if (!x->have_linear) {
		if (!find_linear_base(s, x))
			return false;
		x->have_linear = true;
	}
	*addr = phys - x->phys_offset + x->linear_base;
	return true;
}

/*
 * With PHYS_OFFSET itself crash finds no memory where fewer bits are in use than the
 * kernel was built for: it takes it for what lies at the first address that those reach.
 */
uint64_t arm64_phys_base(struct stk *s)
{
	struct arm64_state *x = arm64_state(s);
	uint64_t at_zero, first;

	if (!x || !arm64_direct_map(s, 0, &at_zero))
		return 0;
	first = UINT64_MAX << x->paging.bits;
	return (first > x->linear_base ? first : x->linear_base) - at_zero;
}

bool arm64_image_map(struct stk *s, uint64_t phys, uint64_t *addr)
{
	struct stk_paging *p;

	return !get_paging(s, &p) && stk_paging_image(s, p, phys, addr);
}
