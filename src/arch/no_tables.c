/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "no_tables.h"

#include <string.h>

#include <stackinfo/place.h>

#include "../kernel/layout.h"
#include "../kernel/modules.h"
#include "../kernel/vmalloc.h"
#include "../machine/lost.h"
#include "../machine/memory.h"
#include "arch.h"

/* Until the image's symbols are read, it is taken to reach so far; they are in it. */
#define MAX_IMAGE (1ull << 30)
/* It may begin so far before _stext, with the head and init code. */
#define MAX_HEAD (1ull << 26)

/* The pages of an array of pages may be in vmalloc space, too. */
#define MAX_DEPTH 4u

static bool is_image(struct stk *s, const struct stk_paging *p, uint64_t addr)
{
	uint64_t stext;

	if (!stk_vmcoreinfo_number(s, "SYMBOL(_stext)", 16, &stext) ||
	    addr - (stext - MAX_HEAD) >= MAX_HEAD + MAX_IMAGE)
		return false;
	/* Who reads the symbols cannot ask for one. */
	return s->kallsyms.finding ||
	       stk_between_symbols(s, p->image_begins, "_end", addr);
}

/* Where the memory of the struct page at @page is. */
static bool page_phys(struct stk *s, uint64_t page, uint64_t *phys)
{
	struct stk_place place = { 0 };

	s->arch->region(s, page, &place);
	*phys = place.about.value << s->page_shift;
	return place.about.what && !strcmp(place.about.what, "pfn") &&
	       place.area.begin == page;
}

static enum stk_status find_in_vmalloc(struct stk *s, uint64_t addr, uint64_t *phys)
{
	const struct stk_vmap_area *area = stk_vmap_area_at(s, addr);
	uint64_t index, page;

	if (!area)
		return STK_ERR_EXCLUDED;
	if (area->freed || (area->guard && addr >= area->guard))
		return STK_ERR_UNMAPPED;
	index = stk_page_number(s, addr - area->begin);
	if (index >= area->nr_pages ||
	    stk_read_u64(s, area->pages + index * sizeof(page), &page) ||
	    !page_phys(s, page, phys))
		return STK_ERR_EXCLUDED;
	*phys += stk_page_offset(s, addr);
	return STK_OK;
}

static enum stk_status find_around(struct stk *s, struct stk_paging *p, uint64_t addr,
				   uint64_t *phys)
{
	struct stk_place place = { 0 };
	enum stk_status st;
	uint64_t zero;

	if (is_image(s, p, addr)) {
		*phys = addr - p->image_minus;
		return STK_OK;
	}
	/* The regions are made once, with the image's symbols. */
	if (s->kallsyms.finding || p->depth >= MAX_DEPTH)
		return STK_ERR_EXCLUDED;
	s->arch->region(s, addr, &place);
	switch (place.region_kind) {
	case STK_REGION_DIRECT:
		if (!s->arch->direct_map(s, 0, &zero))
			return STK_ERR_EXCLUDED;
		*phys = addr - zero;
		return STK_OK;
	case STK_REGION_VMALLOC:
	case STK_REGION_MODULES:
		p->depth++;
		st = find_in_vmalloc(s, addr, phys);
		p->depth--;
		return st;
	default:
		return STK_ERR_EXCLUDED;
	}
}

enum stk_status stk_translate_kernel(struct stk *s, struct stk_paging *p, uint64_t addr,
				     uint64_t *phys)
{
	bool excused;
	enum stk_status st, around;

	/* A table is lost only if nothing takes its place. */
	excused = stk_lost_excuse(s, true);
	st = stk_walk_kernel(s, p, addr, phys, NULL);
	stk_lost_excuse(s, excused);
	if (st != STK_ERR_EXCLUDED)
		return st;
	around = find_around(s, p, addr, phys);
	if (around == STK_ERR_EXCLUDED)
		return stk_walk_kernel(s, p, addr, phys, NULL);
	s->no_tables |= !around;
	return around;
}

/* In a module's memory whose struct module is not in the dump either. */
static bool may_be_module(struct stk *s, uint64_t addr)
{
	struct stk_place place = { 0 };
	const struct stk_vmap_area *area;

	s->arch->region(s, addr, &place);
	if (place.region_kind != STK_REGION_MODULES || stk_module_at(s, addr))
		return false;
	area = stk_vmap_area_at(s, addr);
	return area && !area->freed && !(area->guard && addr >= area->guard);
}

bool stk_executable_kernel(struct stk *s, struct stk_paging *p, uint64_t addr)
{
	bool excused;
	uint64_t phys;
	enum stk_status st;
	bool no_code;

	excused = stk_lost_excuse(s, true);
	st = stk_walk_kernel(s, p, addr, &phys, &no_code);
	stk_lost_excuse(s, excused);
	if (st == STK_ERR_EXCLUDED)
		return stk_between_symbols(s, p->image_begins, "_etext", addr) ||
		       may_be_module(s, addr);
	return !st && !no_code;
}
