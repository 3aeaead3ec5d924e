/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The regions of the address space: Documentation/arch/x86/x86_64/mm.rst. Bounds are
 * taken from the kernel's variables where it has them: the bases that KASLR moves, and
 * the table of markers that its dump of page tables uses (arch/x86/mm/dump_pagetables.c;
 * CONFIG_PTDUMP). What is left are the constants of that document.
 */
#include "x86_64.h"

#include <string.h>

#include "../../kernel/layout.h"
#include "../../machine/memory.h"
#include "../regions.h"

#define MAX_MARKERS 64u

#define FIXMAP_TOP    0xffffffffff7ff000ull /* FIXADDR_TOP: the address of index 0 */
#define FIXMAP_LAST   0xffffffffff7fffffull
#define MODULES_LAST  0xfffffffffeffffffull
#define KASAN_OFFSET  0xdffffc0000000000ull /* CONFIG_KASAN_SHADOW_OFFSET, x86_64 */
#define SECTION_PAGES 32768u		    /* of one section of memory: 128 MiB */

bool x86_is_kernel_address(uint64_t addr)
{
	return (int64_t)addr < 0;
}

/* ---- the rows ---- */

static void about_kasan(const struct stk_regions *r, uint64_t addr,
			struct stk_place *place)
{
	place->about = (struct stk_about){ "shadow of", (addr - KASAN_OFFSET) << 3 };
}

static void about_fixmap(const struct stk_regions *r, uint64_t addr,
			 struct stk_place *place)
{
	place->about = (struct stk_about){ "index", (FIXMAP_TOP - (addr & ~0xfffull)) /
							    X86_PAGE_SIZE };
}

static const struct stk_region ldt = { "LDT of page-table isolation", STK_REGION_OTHER,
				       NULL };
static const struct stk_region kasan = { "KASAN shadow", STK_REGION_OTHER, about_kasan };
static const struct stk_region entry_area = { "cpu_entry_area", STK_REGION_OTHER, NULL };
static const struct stk_region espfix = { "ESPFIX stacks", STK_REGION_OTHER, NULL };
static const struct stk_region efi = { "EFI runtime", STK_REGION_FIRMWARE, NULL };
static const struct stk_region image_area = { "kernel image area", STK_REGION_HOLE,
					      NULL };
static const struct stk_region fixmap = { "fixmap", STK_REGION_OTHER, about_fixmap };
static const struct stk_region vsyscall = { "vsyscall", STK_REGION_OTHER, NULL };

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

static void paint_direct(struct stk_regions *r, uint64_t end, uint64_t max_pfn)
{
	uint64_t room = end - r->direct, size = max_pfn * X86_PAGE_SIZE;

	/* What a damaged max_pfn adds may not even be an address. */
	if (!max_pfn || size > room)
		size = room;
	stk_paint(r, r->direct, r->direct + size - 1, &stk_direct_map);
}

static void paint_vmemmap(struct stk_regions *r, uint64_t max_pfn)
{
	uint64_t pages = (max_pfn + SECTION_PAGES - 1) / SECTION_PAGES * SECTION_PAGES;
	uint64_t last = r->vmemmap + pages * r->page_struct - 1;

	if (!pages || !r->page_struct || last >= X86_RO_IDT)
		last = X86_RO_IDT - 1;
	stk_paint(r, r->vmemmap, last, &stk_vmemmap_area);
}

/* The three that CONFIG_DYNAMIC_MEMORY_LAYOUT and KASLR move, in ascending order. */
static void paint_bases(struct stk *s, struct stk_regions *r, bool l5, uint64_t kernel)
{
	uint64_t vmalloc, max_pfn, last, end;
	uint64_t vmalloc_size = (l5 ? 12800ull : 32ull) << 40;

	if (!x86_direct_map(s, 0, &r->direct) ||
	    !stk_within(r->direct, kernel, X86_RO_IDT))
		r->direct = 0;
	vmalloc =
		read_base(s, "vmalloc_base",
			  l5 ? 0xffa0000000000000ull : 0xffffc90000000000ull, r->direct);
	r->vmemmap = read_base(s, "vmemmap_base",
			       l5 ? 0xffd4000000000000ull : 0xffffea0000000000ull,
			       vmalloc ? vmalloc : r->direct);
	if (!read_symbol_u64(s, "max_pfn", &max_pfn) || max_pfn >> 40)
		max_pfn = 0;
	end = r->vmemmap ? r->vmemmap : X86_RO_IDT;
	if (r->direct)
		paint_direct(r, vmalloc ? vmalloc : end, max_pfn);
	if (vmalloc) {
		last = vmalloc + vmalloc_size - 1;
		stk_paint(r, vmalloc, last < end ? last : end - 1, &stk_vmalloc_area);
	}
	if (r->vmemmap)
		paint_vmemmap(r, max_pfn);
}

static void paint_image(struct stk *s, struct stk_regions *r, uint64_t modules)
{
	stk_paint(r, X86_KERNEL_MAP, modules - 1, &image_area);
	stk_paint(r, modules, MODULES_LAST, &stk_module_area);
	stk_paint_image(s, r, X86_KERNEL_MAP);
}

static void paint_all(struct stk *s, struct stk_regions *r, bool l5)
{
	/* User space, and the end of the hole that the two halves leave. */
	uint64_t user = 1ull << (l5 ? 56 : 47), kernel = -user, image_size;
	struct markers m = { 0 };

	read_markers(s, &m);
	stk_paint(r, 0, user - 1, &stk_user_space);
	stk_paint(r, user, kernel - 1, &stk_not_canonical);
	paint_bases(s, r, l5, kernel);
	if (m.ldt)
		stk_paint(r, m.ldt, m.ldt + (1ull << (l5 ? 48 : 39)) - 1, &ldt);
	if (!m.kasan && (stk_has_symbol(s, "kasan_early_shadow_page") ||
			 stk_has_symbol(s, "kasan_zero_page"))) {
		m.kasan = KASAN_OFFSET + (kernel >> 3);
		m.kasan_end = m.kasan + (user >> 3);
	}
	if (m.kasan && m.kasan_end)
		stk_paint(r, m.kasan, m.kasan_end - 1, &kasan);
	/* The same for 4- and 5-level paging: P4D_SHIFT is 39 in both. */
	stk_paint(r, X86_RO_IDT, 0xfffffe7fffffffffull, &entry_area);
	stk_paint(r, 0xffffff0000000000ull, 0xffffff7fffffffffull, &espfix);
	stk_paint(r, 0xffffffef00000000ull, 0xfffffffeffffffffull, &efi);
	/* 512 MiB where the image cannot move (CONFIG_RANDOMIZE_BASE), else 1 GiB. */
	if (m.modules <= X86_KERNEL_MAP || m.modules >= MODULES_LAST)
		m.modules = X86_KERNEL_MAP +
			    (stk_vmcoreinfo_number(s, "NUMBER(KERNEL_IMAGE_SIZE)", 10,
						   &image_size)
				     ? image_size
				     : 1ull << 30);
	if (m.modules > X86_KERNEL_MAP && m.modules < MODULES_LAST)
		paint_image(s, r, m.modules);
	stk_paint(r, m.fixmap > MODULES_LAST ? m.fixmap : MODULES_LAST + 1, FIXMAP_LAST,
		  &fixmap);
	stk_paint(r, 0xffffffffff600000ull, 0xffffffffff600fffull, &vsyscall);
	stk_name_holes(s, r);
}

static enum stk_status find_regions(struct stk *s, void *value)
{
	struct stk_regions *r = value;
	struct x86_state *x;
	bool l5 = x86_paging(s, &x) == STK_OK && x->l5;

	stk_begin_regions(s, r);
	paint_all(s, r, l5);
	return STK_OK;
}

static struct stk_regions *get_regions(struct stk *s)
{
	static const struct stk_once once = {
		.size = sizeof(struct stk_regions),
		.find = find_regions,
	};
	struct x86_state *x = x86_state(s);

	if (!x || stk_once(s, &x->regions, &once))
		return NULL;
	return x->regions.value;
}

void x86_region(struct stk *s, uint64_t addr, struct stk_place *place)
{
	if (stk_tell_region(get_regions(s), addr, place) == &entry_area)
		x86_entry_area_part(s, addr, place);
}

bool x86_page_struct(struct stk *s, uint64_t phys, uint64_t *addr)
{
	return stk_find_page_struct(get_regions(s), phys, addr);
}
