/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The regions of the address space: Documentation/arch/x86/x86_64/mm.rst. Bounds are
 * taken from the kernel's variables where it has them: the bases that KASLR moves, and
 * the table of markers that its dump of page tables uses (arch/x86/mm/dump_pagetables.c;
 * CONFIG_PTDUMP). What is left are the constants of that document.
 *
 * The table is made once, by painting region after region over what was there before.
 */
#include "x86_64.h"

#include <string.h>

#include "../../base/sorted.h"
#include "../../kernel/layout.h"
#include "../../machine/memory.h"

#define MAX_SPANS   96u
#define MAX_MARKERS 64u

#define FIXMAP_TOP    0xffffffffff7ff000ull /* FIXADDR_TOP: the address of index 0 */
#define FIXMAP_LAST   0xffffffffff7fffffull
#define MODULES_LAST  0xfffffffffeffffffull
#define KASAN_OFFSET  0xdffffc0000000000ull /* CONFIG_KASAN_SHADOW_OFFSET, x86_64 */
#define SECTION_PAGES 32768u		    /* of one section of memory: 128 MiB */

struct x86_regions;

/* What follows from an address of a region alone. */
typedef void about_address(const struct x86_regions *r, uint64_t addr,
			   struct stk_place *place);

/* A region, as a row. */
struct region {
	const char *name;
	enum stk_region_kind kind;
	about_address *about; /* or NULL */
};

struct span {
	uint64_t first, last; /* both inclusive */
	const struct region *row;
	const char *part; /* of the kernel image */
	const char *detail;
	uint64_t region, until; /* bounds of the whole region, inclusive */
};

struct x86_regions {
	struct span span[MAX_SPANS];
	size_t nr;
	uint64_t direct, vmemmap;
	uint32_t page_size; /* sizeof(struct page); 0: not known */
};

bool x86_is_kernel_address(uint64_t addr)
{
	return (int64_t)addr < 0;
}

/* ---- the rows ---- */

static void about_direct(const struct x86_regions *r, uint64_t addr,
			 struct stk_place *place)
{
	place->about = (struct stk_about){ "phys", addr - r->direct };
}

static void about_vmemmap(const struct x86_regions *r, uint64_t addr,
			  struct stk_place *place)
{
	if (!r->page_size)
		return;
	place->about = (struct stk_about){ "pfn", (addr - r->vmemmap) / r->page_size };
	place->area.what = "struct page";
	place->area.begin = r->vmemmap + place->about.value * r->page_size;
	place->area.end = place->area.begin + r->page_size;
}

static void about_kasan(const struct x86_regions *r, uint64_t addr,
			struct stk_place *place)
{
	place->about = (struct stk_about){ "shadow of", (addr - KASAN_OFFSET) << 3 };
}

static void about_fixmap(const struct x86_regions *r, uint64_t addr,
			 struct stk_place *place)
{
	place->about = (struct stk_about){ "index", (FIXMAP_TOP - (addr & ~0xfffull)) /
							    X86_PAGE_SIZE };
}

static const struct region hole = { "hole", STK_REGION_HOLE, NULL };
static const struct region user_space = { "user space", STK_REGION_USER, NULL };
static const struct region not_canonical = { "not canonical", STK_REGION_INVALID, NULL };
static const struct region ldt = { "LDT of page-table isolation", STK_REGION_OTHER,
				   NULL };
static const struct region direct = { "direct map", STK_REGION_DIRECT, about_direct };
static const struct region vmalloc_area = { "vmalloc", STK_REGION_VMALLOC, NULL };
static const struct region vmemmap = { "vmemmap", STK_REGION_OTHER, about_vmemmap };
static const struct region kasan = { "KASAN shadow", STK_REGION_OTHER, about_kasan };
static const struct region entry_area = { "cpu_entry_area", STK_REGION_OTHER, NULL };
static const struct region espfix = { "ESPFIX stacks", STK_REGION_OTHER, NULL };
static const struct region efi = { "EFI runtime", STK_REGION_FIRMWARE, NULL };
static const struct region image_area = { "kernel image area", STK_REGION_HOLE, NULL };
static const struct region image = { "kernel image", STK_REGION_IMAGE, NULL };
static const struct region module_area = { "module area", STK_REGION_MODULES, NULL };
static const struct region fixmap = { "fixmap", STK_REGION_OTHER, about_fixmap };
static const struct region vsyscall = { "vsyscall", STK_REGION_OTHER, NULL };

/* ---- painting ---- */

static void put_span(struct x86_regions *r, struct span s)
{
	if (r->nr < MAX_SPANS)
		r->span[r->nr++] = s;
}

static void paint_part(struct x86_regions *r, struct span s)
{
	struct x86_regions old = *r;

	if (s.first > s.last)
		return;
	r->nr = 0;
	for (size_t i = 0; i < old.nr; i++) {
		struct span o = old.span[i], low = o, high = o;

		if (o.last < s.first || o.first > s.last) {
			put_span(r, o);
			continue;
		}
		if (o.first < s.first) {
			low.last = s.first - 1;
			put_span(r, low);
		}
		if (o.first <= s.first)
			put_span(r, s);
		if (o.last > s.last) {
			high.first = s.last + 1;
			put_span(r, high);
		}
	}
}

static void paint_row(struct x86_regions *r, uint64_t first, uint64_t last,
		      const struct region *row)
{
	paint_part(r, (struct span){ .first = first,
				     .last = last,
				     .row = row,
				     .region = first,
				     .until = last });
}

/* ---- where the kernel says they are ---- */

struct markers {
	uint64_t ldt, kasan, kasan_end, modules, fixmap; /* 0: it does not say */
};

static const struct {
	const char *name;
	size_t at;
} marker_name[] = {
	{ "LDT remap", offsetof(struct markers, ldt) },
	{ "KASAN shadow", offsetof(struct markers, kasan) },
	{ "KASAN shadow end", offsetof(struct markers, kasan_end) },
	{ "Modules", offsetof(struct markers, modules) },
	{ "Fixmap Area", offsetof(struct markers, fixmap) },
};

static void read_markers(struct stk *s, struct markers *m)
{
	uint64_t at, begin, name;
	uint32_t size;
	char text[32];

	/* struct addr_marker: start_address, name, max_lines. */
	if (!stk_find_symbol(s, "address_markers", &at) ||
	    !stk_find_size(s, "addr_marker", &size) || size < 16)
		return;
	for (unsigned int i = 0; i < MAX_MARKERS; i++, at += size) {
		if (stk_read_u64(s, at, &begin) || begin == ~0ull ||
		    stk_read_u64(s, at + 8, &name))
			return;
		memset(text, 0, sizeof(text));
		if (stk_read(s, name, text, sizeof(text) - 1))
			continue;
		for (size_t k = 0; k < sizeof(marker_name) / sizeof(marker_name[0]); k++)
			if (!strcmp(text, marker_name[k].name) && (int64_t)begin < 0)
				memcpy((char *)m + marker_name[k].at, &begin,
				       sizeof(begin));
	}
}

/* A base that KASLR moved, else @built. A variable that cannot be right tells nothing. */
static uint64_t read_base(struct stk *s, const char *symbol, uint64_t built,
			  uint64_t above)
{
	uint64_t at, base;

	if (!stk_find_symbol(s, symbol, &at))
		return built > above ? built : 0;
	if (stk_read_u64(s, at, &base) || base % (1ull << 21) || base <= above ||
	    base >= X86_RO_IDT)
		return 0;
	return base;
}

static bool read_symbol_u64(struct stk *s, const char *symbol, uint64_t *value)
{
	uint64_t at;

	return stk_find_symbol(s, symbol, &at) && !stk_read_u64(s, at, value);
}

/* ---- the regions ---- */

static void paint_direct(struct x86_regions *r, uint64_t end, uint64_t max_pfn)
{
	uint64_t last = r->direct + max_pfn * X86_PAGE_SIZE - 1;

	if (!max_pfn || last >= end)
		last = end - 1;
	paint_row(r, r->direct, last, &direct);
}

static void paint_vmemmap(struct x86_regions *r, uint64_t max_pfn)
{
	uint64_t pages = (max_pfn + SECTION_PAGES - 1) / SECTION_PAGES * SECTION_PAGES;
	uint64_t last = r->vmemmap + pages * r->page_size - 1;

	if (!pages || !r->page_size || last >= X86_RO_IDT)
		last = X86_RO_IDT - 1;
	paint_row(r, r->vmemmap, last, &vmemmap);
}

/* The three that CONFIG_DYNAMIC_MEMORY_LAYOUT and KASLR move, in ascending order. */
static void paint_bases(struct stk *s, struct x86_regions *r, bool l5, uint64_t kernel)
{
	uint64_t vmalloc, max_pfn = 0, last, end;
	uint64_t vmalloc_size = (l5 ? 12800ull : 32ull) << 40;

	if (!x86_direct_map(s, 0, &r->direct) || r->direct < kernel)
		r->direct = 0;
	vmalloc =
		read_base(s, "vmalloc_base",
			  l5 ? 0xffa0000000000000ull : 0xffffc90000000000ull, r->direct);
	r->vmemmap = read_base(s, "vmemmap_base",
			       l5 ? 0xffd4000000000000ull : 0xffffea0000000000ull,
			       vmalloc ? vmalloc : r->direct);
	stk_find_size(s, "page", &r->page_size);
	if (!read_symbol_u64(s, "max_pfn", &max_pfn) || max_pfn >> 40)
		max_pfn = 0;
	end = r->vmemmap ? r->vmemmap : X86_RO_IDT;
	if (r->direct)
		paint_direct(r, vmalloc ? vmalloc : end, max_pfn);
	if (vmalloc) {
		last = vmalloc + vmalloc_size - 1;
		paint_row(r, vmalloc, last < end ? last : end - 1, &vmalloc_area);
	}
	if (r->vmemmap)
		paint_vmemmap(r, max_pfn);
}

static const struct {
	const char *begin, *end, *what;
} section[] = {
	{ "_text", "_etext", "text" },
	{ "__start_rodata", "__end_rodata", "rodata" },
	{ "_sdata", "_edata", "data" },
	{ "__init_begin", "__init_end", "init (freed after boot)" },
	{ "__bss_start", "__bss_stop", "bss" },
	{ "__brk_base", "__brk_limit", "brk" },
};

static void paint_image(struct stk *s, struct x86_regions *r, uint64_t modules)
{
	uint64_t text, end, b, e;

	paint_row(r, X86_KERNEL_MAP, modules - 1, &image_area);
	paint_row(r, modules, MODULES_LAST, &module_area);
	if (!stk_find_symbol(s, "_text", &text) || !stk_find_symbol(s, "_end", &end) ||
	    text < X86_KERNEL_MAP || end <= text)
		return;
	paint_row(r, text, end - 1, &image);
	for (size_t i = 0; i < sizeof(section) / sizeof(section[0]); i++)
		if (stk_find_symbol(s, section[i].begin, &b) &&
		    stk_find_symbol(s, section[i].end, &e) && b >= text && e <= end &&
		    b < e)
			paint_part(r, (struct span){ .first = b,
						     .last = e - 1,
						     .row = &image,
						     .part = section[i].what,
						     .region = text,
						     .until = end - 1 });
}

static const char *neighbour_name(const struct span *p)
{
	return p->row == &not_canonical ? "non-canonical addresses" : p->row->name;
}

/* What is left: each hole has its own bounds, and its neighbours' names. */
static void name_holes(struct stk *s, struct x86_regions *r)
{
	for (size_t i = 0; i < r->nr; i++) {
		struct span *p = &r->span[i];

		if (p->row->kind != STK_REGION_HOLE)
			continue;
		p->region = p->first;
		p->until = p->last;
		if (!i || i + 1 == r->nr || p->row != &hole)
			continue;
		p->detail = stk_arena_printf(&s->fixed, "between %s and %s",
					     neighbour_name(&r->span[i - 1]),
					     neighbour_name(&r->span[i + 1]));
	}
}

static void paint_all(struct stk *s, struct x86_regions *r, bool l5)
{
	/* User space, and the end of the hole that the two halves leave. */
	uint64_t user = 1ull << (l5 ? 56 : 47), kernel = -user, image_size;
	struct markers m = { 0 };

	read_markers(s, &m);
	paint_row(r, 0, ~0ull, &hole);
	paint_row(r, 0, user - 1, &user_space);
	paint_row(r, user, kernel - 1, &not_canonical);
	paint_bases(s, r, l5, kernel);
	if (m.ldt)
		paint_row(r, m.ldt, m.ldt + (1ull << (l5 ? 48 : 39)) - 1, &ldt);
	if (!m.kasan && (stk_has_symbol(s, "kasan_early_shadow_page") ||
			 stk_has_symbol(s, "kasan_zero_page"))) {
		m.kasan = KASAN_OFFSET + (kernel >> 3);
		m.kasan_end = m.kasan + (user >> 3);
	}
	if (m.kasan && m.kasan_end > m.kasan)
		paint_row(r, m.kasan, m.kasan_end - 1, &kasan);
	/* The same for 4- and 5-level paging: P4D_SHIFT is 39 in both. */
	paint_row(r, X86_RO_IDT, 0xfffffe7fffffffffull, &entry_area);
	paint_row(r, 0xffffff0000000000ull, 0xffffff7fffffffffull, &espfix);
	paint_row(r, 0xffffffef00000000ull, 0xfffffffeffffffffull, &efi);
	/* 512 MiB where the image cannot move (CONFIG_RANDOMIZE_BASE), else 1 GiB. */
	if (m.modules <= X86_KERNEL_MAP || m.modules >= MODULES_LAST)
		m.modules = X86_KERNEL_MAP +
			    (stk_vmcoreinfo_number(s, "NUMBER(KERNEL_IMAGE_SIZE)", 10,
						   &image_size)
				     ? image_size
				     : 1ull << 30);
	if (m.modules > X86_KERNEL_MAP && m.modules < MODULES_LAST)
		paint_image(s, r, m.modules);
	paint_row(r, m.fixmap > MODULES_LAST ? m.fixmap : MODULES_LAST + 1, FIXMAP_LAST,
		  &fixmap);
	paint_row(r, 0xffffffffff600000ull, 0xffffffffff600fffull, &vsyscall);
	name_holes(s, r);
}

static enum stk_status find_regions(struct stk *s, void *value)
{
	struct x86_regions *r = value;
	struct x86_state *x;
	bool l5 = x86_paging(s, &x) == STK_OK && x->l5;

	r->nr = 1;
	r->span[0] = (struct span){ .last = ~0ull, .row = &hole };
	paint_all(s, r, l5);
	return STK_OK;
}

static struct x86_regions *get_regions(struct stk *s)
{
	static const struct stk_once once = {
		.size = sizeof(struct x86_regions),
		.find = find_regions,
	};
	struct x86_state *x = x86_state(s);

	if (!x || stk_once(s, &x->regions, &once))
		return NULL;
	return x->regions.value;
}

void x86_region(struct stk *s, uint64_t addr, struct stk_place *place)
{
	const struct x86_regions *r = get_regions(s);
	const struct span *p;
	size_t low;

	place->region = hole.name;
	low = r ? stk_upto(r->span, r->nr, first, addr) : 0;
	if (!low)
		return;
	p = &r->span[low - 1];
	place->region_kind = p->row->kind;
	place->region = p->row->name;
	place->detail = p->detail;
	place->region_first = p->region;
	place->region_last = p->until;
	if (p->part) {
		place->area.what = p->part;
		place->area.begin = p->first;
		place->area.end = p->last + 1;
	}
	if (p->row->about)
		p->row->about(r, addr, place);
	if (p->row == &entry_area)
		x86_entry_area_part(s, addr, place);
}

/* CONFIG_SPARSEMEM_VMEMMAP; without it nothing is mapped there. */
bool x86_page_struct(struct stk *s, uint64_t phys, uint64_t *addr)
{
	const struct x86_regions *r = get_regions(s);

	if (!r || !r->vmemmap || !r->page_size)
		return false;
	*addr = r->vmemmap + phys / X86_PAGE_SIZE * r->page_size;
	return true;
}
