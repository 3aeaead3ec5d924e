/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cpu_entry_area: the read-only IDT in its first page, then one struct
 * cpu_entry_area for each CPU, since 6.2 in random order (commit 97e3d26b5e5f
 * "x86/mm: Randomize per-cpu entry area").
 */
#include "exception.h"

#include <string.h>

#include "../../base/sorted.h"
#include "../../kernel/layout.h"
#include "../../machine/memory.h"

/* In the order in which they are looked at: what is in another before that. */
static const struct {
	const char *member, *type, *inner; /* inner NULL: all of the member */
	const char *what;
} part_row[] = {
#define PART(member, text)                                                               \
	{                                                                                \
#member, NULL, NULL, text                                                \
	}
#define IN(member, type, field, text)                                                    \
	{                                                                                \
#member, #type, #field, text                                             \
	}
	PART(gdt, "GDT (read-only; guards the entry stack)"),
	PART(entry_stack_page, "entry stack page"),
	IN(tss, tss_struct, io_bitmap, "I/O bitmap of the TSS (read-only)"),
	IN(tss, tss_struct, x86_tss, "TSS (read-only)"),
	PART(tss, "TSS's pages (read-only)"),
	PART(entry_trampoline, "entry trampoline's code"),
	PART(estacks, "guard page of the exception stacks"),
	PART(exception_stacks, "exception stacks"),
	PART(cpu_debug_store, "debug store"),
	PART(cpu_debug_buffers, "debug store's buffers"),
#undef PART
#undef IN
};

#define NR_PARTS (sizeof(part_row) / sizeof(part_row[0]))

struct x86_entry_areas {
	struct {
		uint32_t begin, end;
		const char *what;
	} part[NR_PARTS + X86_NR_EXCEPTIONS];
	size_t nr_parts;
	uint32_t size; /* of struct cpu_entry_area */
	struct base {
		uint64_t base;
		unsigned int cpu;
	} * base; /* ascending */
	size_t nr;
};

static void add_part(struct x86_entry_areas *a, uint32_t begin, uint32_t size,
		     const char *what)
{
	/* A stack that is compiled out has no size. */
	if (!size)
		return;
	a->part[a->nr_parts].begin = begin;
	a->part[a->nr_parts].end = begin + size;
	a->part[a->nr_parts++].what = what;
}

static void find_stacks(struct stk *s, struct x86_entry_areas *a)
{
	struct stk_member stacks, m;

	if (!stk_find_member(s, "cpu_entry_area", "estacks", &stacks))
		return;
	for (size_t i = 0; i < X86_NR_EXCEPTIONS; i++)
		if (stk_find_member(s, "cea_exception_stacks", x86_exceptions[i].member,
				    &m))
			add_part(a, stacks.offset + m.offset, m.size,
				 x86_exceptions[i].part);
}

static void find_parts(struct stk *s, struct x86_entry_areas *a)
{
	find_stacks(s, a);
	for (size_t i = 0; i < NR_PARTS; i++) {
		struct stk_member outer, inner = { 0 };

		/* 4.15-4.20; asking for what a type lacks is not cheap. */
		if (!strcmp(part_row[i].member, "entry_trampoline") &&
		    !stk_has_symbol(s, "_entry_trampoline"))
			continue;
		if (!stk_find_member(s, "cpu_entry_area", part_row[i].member, &outer))
			continue;
		if (part_row[i].inner) {
			if (!stk_find_member(s, part_row[i].type, part_row[i].inner,
					     &inner))
				continue;
			outer.offset += inner.offset;
			outer.size = inner.size;
		}
		add_part(a, outer.offset, outer.size, part_row[i].what);
	}
}

static enum stk_status find_entry_areas(struct stk *s, void *value)
{
	struct x86_entry_areas *a = value;

	/* None before 4.15, and late 4.14.y. */
	if (!stk_find_size(s, "cpu_entry_area", &a->size))
		return STK_OK;
	a->base = stk_arena_array(&s->fixed, stk_nr_cpus(s), sizeof(*a->base));
	if (!a->base)
		return STK_ERR_NOMEM;
	for (unsigned int cpu = 0; cpu < stk_nr_cpus(s); cpu++) {
		uint64_t base = stk_cpu_possible(s, cpu) ? x86_cpu_entry_area(s, cpu) : 0;

		if (base)
			a->base[a->nr++] = (struct base){ base, cpu };
	}
	stk_sort(a->base, a->nr, base);
	find_parts(s, a);
	return STK_OK;
}

static struct x86_entry_areas *get_entry_areas(struct stk *s)
{
	static const struct stk_once once = {
		.size = sizeof(struct x86_entry_areas),
		.find = find_entry_areas,
	};
	struct x86_state *x = x86_state(s);

	if (!x || stk_once(s, &x->entry_areas, &once))
		return NULL;
	return x->entry_areas.value;
}

static const struct base *find_base(const struct x86_entry_areas *a, uint64_t addr)
{
	size_t low = stk_upto(a->base, a->nr, base, addr);

	return low && addr - a->base[low - 1].base < a->size ? &a->base[low - 1] : NULL;
}

static void set_detail(struct stk_place *place, const char *what, uint64_t begin,
		       uint64_t end)
{
	place->detail = what;
	place->area.what = what;
	place->area.begin = begin;
	place->area.end = end;
}

void x86_entry_area_part(struct stk *s, uint64_t addr, struct stk_place *place)
{
	const struct x86_entry_areas *a;
	const struct base *b;
	uint64_t end;

	if (addr - X86_RO_IDT < X86_PAGE_SIZE) {
		set_detail(place, "IDT (read-only)", X86_RO_IDT,
			   X86_RO_IDT + X86_PAGE_SIZE);
		return;
	}
	a = get_entry_areas(s);
	b = a ? find_base(a, addr) : NULL;
	if (!b) {
		place->detail = "of no CPU";
		return;
	}
	place->percpu = true;
	place->percpu_cpu = b->cpu;
	end = b->base + a->size;
	set_detail(place, "unused part", b->base, end);
	for (size_t i = 0; i < a->nr_parts; i++) {
		uint64_t begin = b->base + a->part[i].begin;
		uint64_t behind = b->base + a->part[i].end;

		if (!stk_within(addr, begin, behind))
			continue;
		set_detail(place, a->part[i].what, begin, behind);
		return;
	}
}
