/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Per-CPU memory comes in chunks; in each, every CPU has a unit at the same distance
 * from the chunk's base: pcpu_unit_offsets[cpu]. The first chunk begins with the
 * variables that the kernel was linked with, then come those of modules (the reserved
 * part) and the first of what alloc_percpu() gives; later chunks are in vmalloc space.
 */
#include "percpu.h"

#include "../base/sorted.h"
#include "../base/vec.h"
#include "../machine/memory.h"
#include "cpus.h"
#include "layout.h"
#include "list.h"

#define MAX_LISTS 256u
#define SHARE	  8u /* of the budget */
#define MAX_UNITS (4u * 1024 * 1024)

struct unit {
	uint64_t begin, end;
	uint64_t delta; /* from the per-CPU address to this one */
	uint32_t cpu;
	bool linked;
};

struct stk_percpu {
	struct unit *unit;
	size_t nr, room;
};

static bool add_unit(struct stk *s, struct stk_percpu *p, const struct unit *unit)
{
	struct unit *u;

	if (unit->begin >= unit->end || p->nr >= MAX_UNITS)
		return true;
	u = stk_vec_next(&s->arena, p->unit, p->nr, p->room);
	if (!u)
		return false;
	*u = *unit;
	p->nr++;
	return true;
}

/*
 * With what follows the linked variables in the first chunk; the rest of it was given
 * back. If this is less than those, nothing follows.
 */
static uint64_t first_chunk_size(struct stk *s, uint64_t linked)
{
	uint64_t at, base, chunk, begin, pages, after;

	if (!stk_find_symbol(s, "pcpu_base_addr", &at) || stk_read_u64(s, at, &base) ||
	    !stk_find_symbol(s, "pcpu_first_chunk", &at) || stk_read_u64(s, at, &chunk) ||
	    stk_read_member(s, chunk, "pcpu_chunk", "base_addr", &begin) ||
	    stk_read_member(s, chunk, "pcpu_chunk", "nr_pages", &pages) ||
	    stk_read_member(s, chunk, "pcpu_chunk", "end_offset", &after))
		return linked;
	begin += pages * stk_page_size(s) - after - base;
	return begin < 1ull << 30 ? begin : linked;
}

static bool add_first(struct stk *s, struct stk_percpu *p, const struct stk_cpus *cpus)
{
	uint64_t start, end, size;

	if (!stk_find_symbol(s, "__per_cpu_start", &start) ||
	    !stk_find_symbol(s, "__per_cpu_end", &end))
		return true;
	size = first_chunk_size(s, end - start);
	for (unsigned int i = 0; i < cpus->nr; i++) {
		uint64_t delta = cpus->cpu[i].offset;
		struct unit linked = { start + delta, end + delta, delta, i, true };
		struct unit more = { end + delta, start + delta + size, delta, i, false };

		if (cpus->cpu[i].possible &&
		    (!add_unit(s, p, &linked) || !add_unit(s, p, &more)))
			return false;
	}
	return true;
}

struct chunks {
	uint64_t base, unit_offsets; /* pcpu_base_addr, *pcpu_unit_offsets */
	uint64_t first, reserved;    /* chunks that lie in the first one */
	uint32_t unit_size;
	uint64_t start; /* __per_cpu_start */
};

static bool add_chunk(struct stk *s, struct stk_percpu *p, const struct stk_cpus *cpus,
		      const struct chunks *c, uint64_t chunk)
{
	uint64_t base;

	if (chunk == c->first || chunk == c->reserved ||
	    stk_read_member(s, chunk, "pcpu_chunk", "base_addr", &base) ||
	    (int64_t)base >= 0 || stk_page_offset(s, base))
		return true;
	for (unsigned int i = 0; i < cpus->nr; i++) {
		struct unit u = { .cpu = i };
		uint64_t offset;

		if (!cpus->cpu[i].possible ||
		    stk_read_u64(s, c->unit_offsets + 8ull * i, &offset))
			continue;
		u.begin = base + offset;
		u.end = u.begin + c->unit_size;
		/* __addr_to_pcpu_ptr() and per_cpu_ptr(), mm/percpu.c */
		u.delta = u.begin - (base - c->base + c->start);
		if (!add_unit(s, p, &u))
			return false;
	}
	return true;
}

/*
 * Lists of chunks by how much room they have. From 5.9 to 5.13 there are twice as many
 * as pcpu_nr_slots where memory cgroups are built in; what is past the end is no list.
 */
static bool add_lists(struct stk *s, struct stk_percpu *p, const struct stk_cpus *cpus,
		      const struct chunks *c, uint64_t lists, uint32_t nr)
{
	struct stk_member link;

	if (!stk_find_member(s, "pcpu_chunk", "list", &link))
		return true;
	for (uint32_t i = 0; i < 2 * nr; i++) {
		const uint64_t head = lists + 16ull * i;
		uint64_t at = head, next = 0;

		while (stk_list_next(s, at, &next) && next != head) {
			if (!add_chunk(s, p, cpus, c, next - link.offset))
				return false;
			at = next;
		}
		if (i >= nr && at == head && next != head)
			break;
	}
	return true;
}

static bool read_u64_at(struct stk *s, const char *symbol, uint64_t *value)
{
	uint64_t at;

	return stk_find_symbol(s, symbol, &at) && !stk_read_u64(s, at, value);
}

static bool read_u32_at(struct stk *s, const char *symbol, uint32_t *value)
{
	uint64_t at;

	return stk_find_symbol(s, symbol, &at) && !stk_read_u32(s, at, value);
}

static bool add_chunks(struct stk *s, struct stk_percpu *p, const struct stk_cpus *cpus)
{
	struct chunks c = { 0 };
	uint64_t lists;
	uint32_t nr;

	/* pcpu_slot got its new name in 5.9. */
	if ((!read_u64_at(s, "pcpu_chunk_lists", &lists) &&
	     !read_u64_at(s, "pcpu_slot", &lists)) ||
	    !read_u32_at(s, "pcpu_nr_slots", &nr) || nr > MAX_LISTS ||
	    !read_u64_at(s, "pcpu_base_addr", &c.base) ||
	    !read_u64_at(s, "pcpu_unit_offsets", &c.unit_offsets) ||
	    !read_u32_at(s, "pcpu_unit_size", &c.unit_size) ||
	    !stk_find_symbol(s, "__per_cpu_start", &c.start))
		return true;
	/* Either may be no chunk of its own. */
	read_u64_at(s, "pcpu_first_chunk", &c.first);
	read_u64_at(s, "pcpu_reserved_chunk", &c.reserved);
	return add_lists(s, p, cpus, &c, lists, nr);
}

static enum stk_status find_units(struct stk *s, void *value)
{
	struct stk_percpu *p = value;
	struct stk_cpus *cpus;
	enum stk_status st = stk_cpus_get(s, &cpus);

	if (st)
		return st;
	if (!add_first(s, p, cpus) || !add_chunks(s, p, cpus))
		st = stk_why_stop(s);
	stk_sort(p->unit, p->nr, begin);
	return st;
}

bool stk_percpu_at(struct stk *s, uint64_t addr, struct stk_percpu_place *out)
{
	static const struct stk_once once = {
		.size = sizeof(struct stk_percpu),
		.find = find_units,
		.what = "the lists of per-CPU chunks",
		.share = SHARE,
	};
	const struct stk_percpu *p;
	const struct unit *u;
	size_t low;

	if (stk_once(s, &s->percpu, &once))
		return false;
	p = s->percpu.value;
	low = stk_upto(p->unit, p->nr, begin, addr);
	if (!low || addr >= p->unit[low - 1].end)
		return false;
	u = &p->unit[low - 1];
	*out = (struct stk_percpu_place){ u->cpu, addr - u->delta, u->begin, u->end,
					  u->linked };
	return true;
}
