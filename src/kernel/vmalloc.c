/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each allocation in vmalloc space is a struct vmap_area with, as a rule, a struct
 * vm_struct that says who wanted it. The areas are on one list up to 6.8, and since 6.9
 * (commit d093602919ad "mm: vmalloc: remove global vmap_area_root rb-tree") on those of
 * several nodes. All lists ascend but the one of 5.10 and before that holds what is
 * freed; so one that does not ascend is damaged, and none can loop.
 */
#include "vmalloc.h"

#include <string.h>

#include "../base/sorted.h"
#include "../base/vec.h"
#include "../machine/lost.h"
#include "../machine/memory.h"
#include "layout.h"
#include "list.h"

#define MAX_AREAS (4u * 1024 * 1024)
#define MAX_NODES 1024u
#define MAX_FREED 65536u
#define MAX_TYPE  256u
#define SHARE	  8u /* of the budget */

/* include/linux/vmalloc.h: the same numbers in all of 4.14-7.3. */
#define VM_NO_GUARD 0x40u

static const struct {
	uint64_t flag;
	const char *what;
} kind[] = {
	{ 0x01, "ioremap" }, { 0x02, "vmalloc" },	{ 0x04, "vmap" },
	{ 0x10, "DMA" },     { 0x1000, "sparse vmap" },
};

struct stk_vmap_areas {
	struct stk_vmap_area *area;
	size_t nr, room;
	bool torn; /* there may be others, or they may be elsewhere */
};

/* What leads on from an area: its list's links, and what has to ascend. */
struct entry {
	uint64_t begin, link[2];
};

static uint64_t member_value(const unsigned char *buf, const struct stk_member *m)
{
	uint64_t v = 0;

	if (m->size <= sizeof(v) && m->offset + m->size <= MAX_TYPE)
		memcpy(&v, buf + m->offset, m->size);
	return v;
}

/* What a struct vm_struct says. */
struct vm {
	uint64_t addr, size, flags, phys, caller, pages, nr_pages;
};

static bool read_vm(struct stk *s, uint64_t at, struct vm *out)
{
	struct stk_member addr, size, flags, phys, caller, pages, nr_pages;
	unsigned char buf[MAX_TYPE] = { 0 };
	uint32_t len;

	if (!at || !stk_find_size(s, "vm_struct", &len) ||
	    !stk_find_member(s, "vm_struct", "addr", &addr) ||
	    !stk_find_member(s, "vm_struct", "size", &size) ||
	    !stk_find_member(s, "vm_struct", "flags", &flags) ||
	    !stk_find_member(s, "vm_struct", "phys_addr", &phys) ||
	    !stk_find_member(s, "vm_struct", "caller", &caller) ||
	    stk_read(s, at, buf, len < MAX_TYPE ? len : MAX_TYPE))
		return false;
	*out = (struct vm){ member_value(buf, &addr),
			    member_value(buf, &size),
			    member_value(buf, &flags),
			    member_value(buf, &phys),
			    member_value(buf, &caller),
			    0,
			    0 };
	if (stk_find_member(s, "vm_struct", "pages", &pages) &&
	    stk_find_member(s, "vm_struct", "nr_pages", &nr_pages)) {
		out->pages = member_value(buf, &pages);
		out->nr_pages = member_value(buf, &nr_pages);
	}
	return true;
}

/* @at: its vm_struct, or 0. False: the two do not tell the same. */
static bool describe_area(struct stk *s, uint64_t at, struct stk_vmap_area *a)
{
	struct vm vm;

	/* The word is shared with other uses of an area that has no vm_struct. */
	if (!read_vm(s, at, &vm) || vm.addr != a->begin)
		return !at;
	for (size_t i = 0; i < sizeof(kind) / sizeof(kind[0]); i++)
		if (vm.flags & kind[i].flag)
			a->what = kind[i].what;
	a->vm = at;
	a->caller = vm.caller;
	a->phys = vm.phys;
	if (vm.pages && vm.nr_pages <= stk_page_number(s, a->end - a->begin)) {
		a->pages = vm.pages;
		a->nr_pages = vm.nr_pages;
	}
	if (!(vm.flags & VM_NO_GUARD) && vm.size == a->end - a->begin &&
	    vm.size > stk_page_size(s))
		a->guard = a->end - stk_page_size(s);
	return vm.size == a->end - a->begin;
}

/* @at: of a struct vmap_area. False: what lies there is none, or memory is short. */
static bool add_area(struct stk *s, struct stk_vmap_areas *l, uint64_t at,
		     const char *what, struct entry *entry)
{
	struct stk_member start, end, vm, list;
	unsigned char buf[MAX_TYPE] = { 0 };
	struct stk_vmap_area a = { 0 }, *p;
	uint32_t len;

	if (l->nr >= MAX_AREAS || !stk_find_size(s, "vmap_area", &len) ||
	    !stk_find_member(s, "vmap_area", "va_start", &start) ||
	    !stk_find_member(s, "vmap_area", "va_end", &end) ||
	    !stk_find_member(s, "vmap_area", "vm", &vm) ||
	    !stk_find_member(s, "vmap_area", "list", &list) ||
	    list.offset > MAX_TYPE - sizeof(entry->link) ||
	    stk_read(s, at, buf, len < MAX_TYPE ? len : MAX_TYPE))
		return false;
	a.begin = member_value(buf, &start);
	a.end = member_value(buf, &end);
	if ((int64_t)a.begin >= 0 || a.end <= a.begin ||
	    stk_page_offset(s, a.begin | a.end))
		return false;
	entry->begin = a.begin;
	memcpy(entry->link, buf + list.offset, sizeof(entry->link));
	a.what = what;
	a.freed = what != NULL;
	if (!what) {
		a.what = "vm_map_ram";
		l->torn |= !describe_area(s, member_value(buf, &vm), &a);
	}
	p = stk_vec_next(&s->arena, l->area, l->nr, l->room);
	if (!p)
		return false;
	*p = a;
	l->nr++;
	return true;
}

/* Does the word at @link, which nobody needs to follow the list, lead to @node? */
static bool leads_to(struct stk *s, uint64_t link, uint64_t node)
{
	const bool excused = stk_lost_excuse(s, true);
	uint64_t to;
	enum stk_status st = stk_read_u64(s, link, &to);

	stk_lost_excuse(s, excused);
	return !st && to == node;
}

/*
 * Around the list at @head, @back or onwards. False: not all around, for an entry is not
 * in the dump, or is none. @known: what begins up to there was found from the other end.
 */
static bool walk_around(struct stk *s, struct stk_vmap_areas *l, uint64_t head,
			const char *what, bool back, uint64_t known)
{
	uint64_t at, from = head, before = back ? UINT64_MAX : 0;
	struct stk_member list;
	struct entry entry;

	if (!stk_find_member(s, "vmap_area", "list", &list) ||
	    stk_read_u64(s, head + (back ? 8 : 0), &at))
		return false;
	for (; at != head; at = entry.link[back]) {
		if (!add_area(s, l, at - list.offset, what, &entry))
			return false;
		if (back ? entry.begin >= before || entry.begin <= known
			 : entry.begin <= before) {
			l->nr--;
			return false;
		}
		l->torn |= entry.link[!back] != from;
		before = entry.begin;
		from = at;
	}
	l->torn |= !leads_to(s, head + (back ? 0 : 8), from);
	return true;
}

/* Where an entry is missing, the others are found from both ends. */
static void walk_area_list(struct stk *s, struct stk_vmap_areas *l, uint64_t head,
			   const char *what)
{
	const size_t first = l->nr;

	if (walk_around(s, l, head, what, false, 0))
		return;
	l->torn = true;
	walk_around(s, l, head, what, true, l->nr > first ? l->area[l->nr - 1].begin : 0);
}

#define FREED "freed vmalloc area"

/* Up to 5.10 freed areas are on a list that ends in NULL, in no order. */
static void walk_freed(struct stk *s, struct stk_vmap_areas *l, uint64_t head)
{
	struct stk_member node;
	struct entry entry;
	uint64_t at;

	if (!stk_find_member(s, "vmap_area", "purge_list", &node) ||
	    stk_read_u64(s, head, &at))
		return;
	for (unsigned int i = 0; at && i < MAX_FREED; i++)
		if (!add_area(s, l, at - node.offset, FREED, &entry) ||
		    stk_read_u64(s, at, &at))
			return;
}

/* Is there a list at @head, be it an empty one? */
static bool is_list(struct stk *s, uint64_t head)
{
	const bool excused = stk_lost_excuse(s, true);
	uint64_t first;
	bool is = stk_list_next(s, head, &first);

	stk_lost_excuse(s, excused);
	return is;
}

static void walk_nodes(struct stk *s, struct stk_vmap_areas *l, uint64_t sym)
{
	struct stk_member busy, lazy, head;
	uint64_t node, at;
	uint32_t size, nr;

	l->torn = true;
	if (!stk_find_symbol(s, "nr_vmap_nodes", &at) || stk_read_u32(s, at, &nr) ||
	    stk_read_u64(s, sym, &node) || !stk_find_size(s, "vmap_node", &size) ||
	    !stk_find_member(s, "vmap_node", "busy", &busy) ||
	    !stk_find_member(s, "vmap_node", "lazy", &lazy) ||
	    !stk_find_member(s, "rb_list", "head", &head))
		return;
	l->torn = nr > MAX_NODES;
	for (uint32_t i = 0; i < nr && i < MAX_NODES; i++, node += size) {
		walk_area_list(s, l, node + busy.offset + head.offset, NULL);
		walk_area_list(s, l, node + lazy.offset + head.offset, FREED);
	}
	/* One more behind the last: there are more than that word says. */
	l->torn |= is_list(s, node + busy.offset + head.offset);
}

static void walk_all(struct stk *s, struct stk_vmap_areas *l)
{
	uint64_t sym;

	if (stk_find_symbol(s, "vmap_nodes", &sym))
		walk_nodes(s, l, sym);
	/* A list that nothing is on any more may still be there. */
	if (!l->nr && stk_find_symbol(s, "vmap_area_list", &sym)) {
		walk_area_list(s, l, sym, NULL);
		/* 5.11, commit 96e2db456135 "mm/vmalloc: rework the drain logic". */
		if (stk_find_symbol(s, "purge_vmap_area_list", &sym))
			walk_area_list(s, l, sym, FREED);
		else if (stk_find_symbol(s, "vmap_purge_list", &sym))
			walk_freed(s, l, sym);
	}
}

static enum stk_status find_areas(struct stk *s, void *value)
{
	struct stk_vmap_areas *l = value;

	walk_all(s, l);
	stk_sort(l->area, l->nr, begin);
	return STK_OK;
}

static enum stk_status get_areas(struct stk *s, struct stk_vmap_areas **out)
{
	static const struct stk_once once = {
		.size = sizeof(**out),
		.find = find_areas,
		.what = "the list of vmalloc areas",
		.share = SHARE,
	};
	enum stk_status st = stk_once(s, &s->vmap_areas, &once);

	*out = s->vmap_areas.value;
	return st;
}

enum stk_status stk_vmap_areas(struct stk *s, const struct stk_vmap_area **areas,
			       size_t *nr)
{
	struct stk_vmap_areas *l;
	enum stk_status st = get_areas(s, &l);

	*areas = l ? l->area : NULL;
	*nr = l ? l->nr : 0;
	return st;
}

bool stk_vmap_areas_whole(struct stk *s)
{
	struct stk_vmap_areas *l;

	return !get_areas(s, &l) && l->nr && !l->torn;
}

const struct stk_vmap_area *stk_vmap_area_at(struct stk *s, uint64_t addr)
{
	struct stk_vmap_areas *l;
	size_t low = get_areas(s, &l) ? 0 : stk_upto(l->area, l->nr, begin, addr);

	return low && addr < l->area[low - 1].end ? &l->area[low - 1] : NULL;
}
