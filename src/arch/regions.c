/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "regions.h"

#include "../base/sorted.h"
#include "../kernel/layout.h"
#include "../machine/memory.h"
#include "arch.h"

static void about_direct(const struct stk_regions *r, uint64_t addr,
			 struct stk_place *place)
{
	place->about = (struct stk_about){ "phys", addr - r->direct + r->direct_phys };
}

static void about_vmemmap(const struct stk_regions *r, uint64_t addr,
			  struct stk_place *place)
{
	uint64_t index;

	if (!r->page_struct)
		return;
	index = (addr - r->vmemmap) / r->page_struct;
	place->about = (struct stk_about){ "pfn", index + r->vmemmap_pfn };
	place->area.what = "struct page";
	place->area.begin = r->vmemmap + index * r->page_struct;
	place->area.end = place->area.begin + r->page_struct;
}

const struct stk_region stk_hole = { "hole", STK_REGION_HOLE, NULL };
const struct stk_region stk_user_space = { "user space", STK_REGION_USER, NULL };
const struct stk_region stk_direct_map = { "direct map", STK_REGION_DIRECT,
					   about_direct };
const struct stk_region stk_vmalloc_area = { "vmalloc", STK_REGION_VMALLOC, NULL };
const struct stk_region stk_vmemmap_area = { "vmemmap", STK_REGION_OTHER, about_vmemmap };
const struct stk_region stk_image = { "kernel image", STK_REGION_IMAGE, NULL };
const struct stk_region stk_module_area = { "module area", STK_REGION_MODULES, NULL };
const struct stk_region stk_kernel_space = { "kernel space", STK_REGION_OTHER, NULL };
const struct stk_region stk_not_canonical = { "not canonical", STK_REGION_INVALID, NULL };

void stk_begin_regions(struct stk *s, struct stk_regions *r)
{
	r->nr = 1;
	r->span[0] = (struct stk_span){ .last = ~0ull, .row = &stk_hole };
	r->page_shift = s->page_shift;
	stk_find_size(s, "page", &r->page_struct);
}

static void put_span(struct stk_regions *r, struct stk_span s)
{
	if (r->nr < STK_MAX_SPANS)
		r->span[r->nr++] = s;
}

void stk_paint_span(struct stk_regions *r, struct stk_span s)
{
	struct stk_regions old = *r;

	if (s.first > s.last)
		return;
	r->nr = 0;
	for (size_t i = 0; i < old.nr; i++) {
		struct stk_span o = old.span[i], low = o, high = o;

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

void stk_paint(struct stk_regions *r, uint64_t first, uint64_t last,
	       const struct stk_region *row)
{
	stk_paint_span(r, (struct stk_span){ .first = first,
					     .last = last,
					     .row = row,
					     .region = first,
					     .until = last });
}

bool stk_told_address(struct stk *s, const char *key, uint64_t *addr)
{
	return stk_vmcoreinfo_number(s, key, 16, addr) &&
	       s->arch->is_kernel_address(*addr);
}

void stk_paint_told(struct stk *s, struct stk_regions *r, const char *from,
		    const char *to, const struct stk_region *row)
{
	uint64_t begin, end;

	if (stk_told_address(s, from, &begin) && stk_told_address(s, to, &end))
		stk_paint(r, begin, stk_page_offset(s, end) ? end : end - 1, row);
}

void stk_paint_vmemmap(struct stk *s, struct stk_regions *r, uint64_t pfn)
{
	uint64_t zero;

	if (!stk_told_address(s, "NUMBER(VMEMMAP_START)", &r->vmemmap))
		return;
	stk_paint_told(s, r, "NUMBER(VMEMMAP_START)", "NUMBER(VMEMMAP_END)",
		       &stk_vmemmap_area);
	r->vmemmap_pfn = pfn;
	/* Either may lie above the other. */
	if (r->page_struct && stk_vmcoreinfo_number(s, "SYMBOL(vmemmap)", 16, &zero))
		r->vmemmap_pfn = (uint64_t)((int64_t)(r->vmemmap - zero) /
					    (int64_t)r->page_struct);
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

void stk_paint_image(struct stk *s, struct stk_regions *r, uint64_t lowest)
{
	uint64_t text, end, b, e;

	if (!stk_find_symbol(s, "_text", &text) || !stk_find_symbol(s, "_end", &end) ||
	    text < lowest || end <= text)
		return;
	stk_paint(r, text, end - 1, &stk_image);
	for (size_t i = 0; i < sizeof(section) / sizeof(section[0]); i++)
		if (stk_find_symbol(s, section[i].begin, &b) &&
		    stk_find_symbol(s, section[i].end, &e) && b >= text && e <= end &&
		    b < e)
			stk_paint_span(r, (struct stk_span){ .first = b,
							     .last = e - 1,
							     .row = &stk_image,
							     .part = section[i].what,
							     .region = text,
							     .until = end - 1 });
}

static const char *neighbour_name(const struct stk_span *p)
{
	return p->row->kind == STK_REGION_INVALID ? "non-canonical addresses"
						  : p->row->name;
}

void stk_name_holes(struct stk *s, struct stk_regions *r)
{
	for (size_t i = 0; i < r->nr; i++) {
		struct stk_span *p = &r->span[i];

		if (p->row->kind != STK_REGION_HOLE)
			continue;
		p->region = p->first;
		p->until = p->last;
		if (!i || i + 1 == r->nr || p->row != &stk_hole)
			continue;
		p->detail = stk_arena_printf(&s->fixed, "between %s and %s",
					     neighbour_name(&r->span[i - 1]),
					     neighbour_name(&r->span[i + 1]));
	}
}

const struct stk_region *stk_tell_region(const struct stk_regions *r, uint64_t addr,
					 struct stk_place *place)
{
	const struct stk_span *p;
	size_t low;

	place->region = stk_hole.name;
	low = r ? stk_upto(r->span, r->nr, first, addr) : 0;
	if (!low)
		return NULL;
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
	return p->row;
}

bool stk_find_page_struct(const struct stk_regions *r, uint64_t phys, uint64_t *addr)
{
	if (!r || !r->vmemmap || !r->page_struct)
		return false;
	*addr = r->vmemmap + ((phys >> r->page_shift) - r->vmemmap_pfn) * r->page_struct;
	return true;
}
