/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmalloc.h"

#include <stdlib.h>

#include "../arch/arch.h"
#include "layout.h"

#define MAX_NODES 1024u

struct stk_vmap_list {
	struct stk_vmap_area *area;
	size_t nr, room;
};

static enum stk_status add(struct stk *s, struct stk_vmap_list *l, uint64_t vm)
{
	struct stk_vmap_area a = { 0 }, *p;
	uint64_t size;

	/* A piece without a vm_struct: vm_map_ram(), or freed and not yet purged. */
	if (!vm || vm & 7 || !s->arch->is_kernel_address(vm) ||
	    stk_read_member(s, vm, vm_struct, addr, &a.begin) ||
	    stk_read_member(s, vm, vm_struct, size, &size) || !size ||
	    a.begin + size < a.begin)
		return STK_OK;
	a.end = a.begin + size;
	stk_read_member(s, vm, vm_struct, caller, &a.caller);
	p = stk_arena_grow(&s->arena, l->area, l->nr, &l->room, sizeof(*p));
	if (!p)
		return STK_ERR_NOMEM;
	l->area = p;
	p[l->nr++] = a;
	return STK_OK;
}

static enum stk_status walk(struct stk *s, struct stk_vmap_list *l, uint64_t head)
{
	struct stk_member list, vm;
	uint64_t at, area, mark = 0;
	enum stk_status st = stk_member(s, vmap_area, list, &list);

	if (!st)
		st = stk_member(s, vmap_area, vm, &vm);
	if (!st)
		st = stk_read_u64(s, head, &at);
	/* A damaged list may loop: it comes by the mark, which is moved ever further. */
	for (size_t n = 0, next = 1; !st && at != head && at != mark; n++) {
		if (n == next) {
			mark = at;
			next *= 2;
		}
		st = stk_read_u64(s, at - list.offset + vm.offset, &area);
		if (!st)
			st = add(s, l, area);
		if (!st)
			st = stk_read_u64(s, at, &at);
	}
	return st;
}

static int by_begin(const void *a, const void *b)
{
	const struct stk_vmap_area *x = a, *y = b;

	return x->begin < y->begin ? -1 : x->begin > y->begin;
}

/*
 * One list of all areas up to 6.8; then a few nodes that share them (6.9, commit
 * 72210662c5a2).
 */
static enum stk_status walk_all(struct stk *s, struct stk_vmap_list *l)
{
	struct stk_member busy, head;
	uint64_t sym, nodes;
	uint32_t size, nr;
	enum stk_status st = stk_sym(s, vmap_area_list, &sym);

	if (!st)
		return walk(s, l, sym);
	if (stk_sym(s, vmap_nodes, &sym) || stk_read_u64(s, sym, &nodes) ||
	    stk_sym(s, nr_vmap_nodes, &sym) || stk_read_u32(s, sym, &nr) ||
	    stk_size(s, vmap_node, &size) || stk_member(s, vmap_node, busy, &busy) ||
	    stk_member(s, rb_list, head, &head))
		return st;
	st = STK_OK;
	for (uint32_t i = 0; i < nr && i < MAX_NODES; i++) {
		st = walk(s, l, nodes + (uint64_t)i * size + busy.offset + head.offset);
		if (st == STK_ERR_INTERRUPTED || st == STK_ERR_NOMEM)
			break;
	}
	return st;
}

enum stk_status stk_vmap_areas(struct stk *s, const struct stk_vmap_area **areas,
			       size_t *nr)
{
	struct stk_vmap_list *l = s->vmap_areas;
	size_t kept = 0;
	enum stk_status st;

	*nr = 0;
	if (!l) {
		l = stk_arena_alloc(&s->arena, sizeof(*l));
		if (!l)
			return STK_ERR_NOMEM;
		st = walk_all(s, l);
		if (st == STK_ERR_INTERRUPTED || st == STK_ERR_NOMEM)
			return st;
		if (l->nr)
			qsort(l->area, l->nr, sizeof(*l->area), by_begin);
		for (size_t i = 0; i < l->nr; i++)
			if (!kept || l->area[kept - 1].begin != l->area[i].begin)
				l->area[kept++] = l->area[i];
		l->nr = kept;
		s->vmap_areas = l;
	}
	*areas = l->area;
	*nr = l->nr;
	return STK_OK;
}
