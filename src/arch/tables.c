/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tables.h"

#include "../kernel/layout.h"
#include "../machine/memory.h"

/*
 * Page tables are read a page at a time and kept: neighbours are asked for next. Direct
 * mapped, by the table's physical page. A root may be smaller than a page.
 */
static enum stk_status read_entry(struct stk *s, struct stk_tables *t, uint64_t at,
				  uint64_t *entry)
{
	uint64_t page = at - stk_page_offset(s, at);
	enum stk_status st;
	size_t i = stk_page_number(s, page) % STK_KEPT_TABLES;

	if (!t->kept[i].entry) {
		t->kept[i].phys = UINT64_MAX;
		t->kept[i].entry = stk_arena_alloc(&s->fixed, stk_page_size(s));
		if (!t->kept[i].entry)
			return STK_ERR_NOMEM;
	}
	if (t->kept[i].phys != page) {
		t->kept[i].phys = UINT64_MAX;
		st = stk_read_phys(s, page, t->kept[i].entry, stk_page_size(s));
		if (st)
			return st;
		t->kept[i].phys = page;
	}
	*entry = t->kept[i].entry[stk_page_offset(s, at) / sizeof(*entry)];
	return STK_OK;
}

enum stk_status stk_walk_tables(struct stk *s, struct stk_tables *t, uint64_t root,
				uint64_t addr, uint64_t *phys, bool *no_code)
{
	unsigned int shift = t->top_shift, bits = t->top_bits;
	struct stk_entry_bits e = { .phys = root };
	bool none = false;

	for (;; shift -= t->level_bits, bits = t->level_bits) {
		uint64_t index = addr >> shift & ((1ull << bits) - 1), entry;
		enum stk_status st = read_entry(s, t, e.phys + 8 * index, &entry);

		if (st)
			return stk_is_passing(st) ? st : STK_ERR_EXCLUDED;
		e = t->decode(t, entry, shift);
		if (!e.present)
			return STK_ERR_UNMAPPED;
		none |= e.no_code;
		if (e.page || shift == s->page_shift)
			break;
	}
	shift = e.shift ? e.shift : shift;
	*phys = (e.phys & ~((1ull << shift) - 1)) + (addr & ((1ull << shift) - 1));
	if (no_code)
		*no_code = none;
	return STK_OK;
}

enum stk_status stk_paging(struct stk *s, struct stk_paging *p,
			   enum stk_status (*load)(struct stk *s, struct stk_paging *p))
{
	if (!p->tried) {
		p->status = load(s, p);
		p->tried = !stk_must_stop(s);
	}
	return p->status;
}

enum stk_status stk_walk_kernel(struct stk *s, struct stk_paging *p, uint64_t addr,
				uint64_t *phys, bool *no_code)
{
	if (addr >> p->bits != UINT64_MAX >> p->bits)
		return STK_ERR_UNMAPPED;
	return stk_walk_tables(s, &p->tables, p->root, addr, phys, no_code);
}

enum stk_status stk_walk_process(struct stk *s, struct stk_paging *p, uint64_t root,
				 uint64_t addr, uint64_t *phys)
{
	uint64_t table;
	enum stk_status st = stk_walk_kernel(s, p, root, &table, NULL);

	if (st)
		return st;
	if (addr >> p->bits)
		return STK_ERR_UNMAPPED;
	return stk_walk_tables(s, &p->tables, table & ~7ull, addr, phys, NULL);
}

bool stk_paging_image(struct stk *s, const struct stk_paging *p, uint64_t phys,
		      uint64_t *addr)
{
	*addr = phys + p->image_minus;
	return stk_between_symbols(s, p->image_begins, "_end", *addr);
}
