/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what no dump at hand has of the lists that the kernel keeps of its memory: links
 * that do not lead back; chunks of per-CPU memory, those of memory cgroups and of
 * modules; vmalloc areas on several nodes; areas that were freed, by each name that their
 * list has had; code made at run time; the names of the machine.
 */
#include "fixture.h"
#include "golden.h"
#include "memory.h"
#include "suite.h"
#include "words.h"

#include "kernel/code.h"
#include "kernel/list.h"
#include "kernel/percpu.h"
#include "kernel/stack_areas.h"
#include "kernel/vmalloc.h"

#include <elf.h>
#include <string.h>

#define AT	  (SYN_DATA + 0x100000) /* free room in the image */
#define LISTS	  (AT + 0x100)
#define OFFSETS	  (AT + 0x200)
#define CHUNKS	  (AT + 0x400)
#define AREAS	  (AT + 0x1000)
#define HEADS	  (AT + 0x2000)
#define ALLOCATED (SYN_VMALLOC + 0x40000000)
#define UNIT	  0x8000u
#define UNITS	  0x10000u /* from one CPU's unit to the next */

static struct stk *s;

static void setup(void)
{
	fixture_kernel();
	syn_fill(m, AT, 0x4000, 0);
}

static void empty(uint64_t head)
{
	syn_put64(m, head, head);
	syn_put64(m, head + 8, head);
}

/* At the end of the list at @head; the links are the first member. */
static void append(uint64_t head, uint64_t node)
{
	uint64_t last = syn_get64(m, head + 8);

	syn_put64(m, last, node);
	syn_put64(m, node, head);
	syn_put64(m, node + 8, last);
	syn_put64(m, head + 8, node);
}

/* ---- an entry's neighbours ---- */

static void expect_links(uint64_t node, uint64_t next, uint64_t prev)
{
	uint64_t at;

	ck_assert_int_eq(stk_list_next(s, node, &at), next != 0);
	ck_assert(!next || at == next);
	ck_assert_int_eq(stk_list_prev(s, node, &at), prev != 0);
	ck_assert(!prev || at == prev);
}

START_TEST(neighbours)
{
	const uint64_t head = HEADS, a = HEADS + 0x20, b = HEADS + 0x40;

	empty(head);
	s = syn_open(m);
	expect_links(head, head, head);
	append(head, a);
	append(head, b);
	s = syn_open(m);
	expect_links(head, a, b);
	expect_links(a, b, head);
	expect_links(b, head, a);
	/* One word is wrong: both that it leads to and that lead to it say so. */
	syn_put64(m, a + 8, b);
	s = syn_open(m);
	expect_links(head, 0, b);
	expect_links(a, b, 0);
	expect_links(b, head, a);
	syn_put64(m, a, 0);
	s = syn_open(m);
	expect_links(a, 0, 0);
	expect_links(b, head, 0);
}
END_TEST

static const struct unit_test links_tests[] = {
	TEST(neighbours),
	{ 0 },
};

/* ---- per-CPU memory ---- */

static uint64_t chunk(unsigned int i)
{
	return CHUNKS + 64ull * i;
}

static uint64_t chunk_base(unsigned int i)
{
	return ALLOCATED + 0x100000ull * i;
}

/* Four lists of which the second two are there for memory cgroups. */
static void percpu_setup(void)
{
	static const char *const variable[] = { "pcpu_slot",	      "pcpu_nr_slots",
						"pcpu_base_addr",     "pcpu_unit_offsets",
						"pcpu_unit_size",     "pcpu_first_chunk",
						"pcpu_reserved_chunk" };
	const uint64_t value[] = { LISTS, 2,	    SYN_PERCPU(0), OFFSETS,
				   UNIT,  chunk(0), chunk(1) };

	setup();
	for (size_t i = 0; i < sizeof(value) / sizeof(value[0]); i++) {
		syn_symbol(m, variable[i], AT + 8 * i);
		syn_put64(m, AT + 8 * i, value[i]);
	}
	syn_member(m, "pcpu_chunk.list", 0, 16);
	syn_member(m, "pcpu_chunk.base_addr", 16, 8);
	syn_member(m, "pcpu_chunk.nr_pages", 24, 4);
	syn_member(m, "pcpu_chunk.end_offset", 28, 4);
	for (unsigned int i = 0; i < SYN_NR_CPUS; i++)
		syn_put64(m, OFFSETS + 8ull * i, (uint64_t)UNITS * i);
	for (unsigned int i = 0; i < 4; i++)
		empty(LISTS + 16ull * i);
	for (unsigned int i = 0; i < 8; i++)
		syn_put64(m, chunk(i) + 16, chunk_base(i));
}

/* Which CPU's, and by which pointer; -1: nobody's. */
static void expect_unit(uint64_t addr, int cpu, uint64_t ptr)
{
	struct stk_percpu_place p;
	bool found = stk_percpu_at(s, addr, &p);

	ck_assert_msg(found == (cpu >= 0), "%llx", (unsigned long long)addr);
	if (!found)
		return;
	ck_assert_uint_eq(p.cpu, (unsigned int)cpu);
	ck_assert_uint_eq(p.ptr, ptr);
	ck_assert(p.begin <= addr && addr < p.end);
}

/* What per-CPU pointers point to, of @offset in chunk @i. */
static uint64_t pointer(unsigned int i, uint64_t offset)
{
	return chunk_base(i) + offset - SYN_PERCPU(0) + syn_sym(m, "__per_cpu_start");
}

START_TEST(chunks_of_percpu_memory)
{
	/* Two of one list, one of the last of the second two. */
	append(LISTS, chunk(2));
	append(LISTS, chunk(3));
	append(LISTS + 48, chunk(4));
	/* These are parts of the first chunk, which is another matter. */
	append(LISTS + 16, chunk(0));
	append(LISTS + 16, chunk(1));
	s = syn_open(m);
	for (unsigned int i = 2; i < 5; i++) {
		uint64_t base = chunk_base(i);

		expect_unit(base - 1, -1, 0);
		expect_unit(base, 0, pointer(i, 0));
		expect_unit(base + UNIT - 1, 0, pointer(i, UNIT - 1));
		expect_unit(base + UNIT, -1, 0);
		expect_unit(base + UNITS + 8, 1, pointer(i, 8));
		expect_unit(base + 2 * UNITS, 2, pointer(i, 0));
	}
	expect_unit(chunk_base(0), -1, 0);
	expect_unit(chunk_base(1), -1, 0);
}
END_TEST

/* A variable of a module is told by its name, on each CPU; others have none. */
START_TEST(variables_of_modules)
{
	const uint64_t mod = syn_module(m, "mod", SYN_MODULE, "var");
	const Elf64_Sym sym = { .st_name = 20,
				.st_shndx = 1,
				.st_value = pointer(2, 0x40) };
	struct stk_place p;

	append(LISTS, chunk(2));
	syn_member(m, "module.percpu", 0x600, 8);
	syn_member(m, "module.percpu_size", 0x608, 4);
	syn_put64(m, mod + 0x600, pointer(2, 0x40));
	syn_put32(m, mod + 0x608, 0x20);
	syn_write(m, SYN_MODULE + 0x3100, &sym, sizeof(sym));
	syn_put32(m, SYN_MODULE + 0x3008, 1);
	s = syn_open(m);
	for (unsigned int cpu = 0; cpu < SYN_NR_CPUS; cpu++)
		for (uint64_t at = 0x38; at <= 0x60; at += 4) {
			const bool is = at >= 0x40 && at < 0x60;

			ck_assert_int_eq(
				stk_classify(s, chunk_base(2) + UNITS * cpu + at, &p),
				STK_OK);
			ck_assert(p.percpu && p.has_percpu_ptr);
			ck_assert_uint_eq(p.percpu_cpu, cpu);
			ck_assert_uint_eq(p.percpu_ptr, pointer(2, at));
			ck_assert(!p.name.function == !is);
			if (!is)
				continue;
			ck_assert_str_eq(p.name.function, "var");
			ck_assert_str_eq(p.name.module, "mod");
			ck_assert_uint_eq(p.name.offset, at - 0x40);
		}
}
END_TEST

/* A chunk is in the kernel's half, at a page, and where nobody knows them it is none. */
START_TEST(what_is_no_chunk)
{
	static const uint64_t base[] = { 0, 0x1000, 0x7ffffffffffff000 };

	append(LISTS, chunk(2));
	append(LISTS, chunk(3));
	for (size_t i = 0; i < sizeof(base) / sizeof(base[0]); i++) {
		syn_put64(m, chunk(2) + 16, base[i]);
		s = syn_open(m);
		for (unsigned int cpu = 0; cpu < SYN_NR_CPUS; cpu++)
			expect_unit(base[i] + UNITS * cpu, -1, 0);
		expect_unit(chunk_base(3), 0, pointer(3, 0));
	}
	syn_no_member(m, "pcpu_chunk.list");
	s = syn_open(m);
	expect_unit(chunk_base(3), -1, 0);
	expect_unit(SYN_PERCPU(1), 1, syn_sym(m, "__per_cpu_start"));
}
END_TEST

START_TEST(damaged_lists_of_chunks)
{
	append(LISTS, chunk(2));
	append(LISTS, chunk(3));
	append(LISTS, chunk(4));
	append(LISTS + 16, chunk(5));
	/* Whose link back is wrong is not believed, nor what follows. */
	syn_put64(m, chunk(3) + 8, chunk(4));
	/* A chunk where none can be. */
	append(LISTS + 16, chunk(6));
	syn_put64(m, chunk(6) + 16, chunk_base(6) + 8);
	append(LISTS + 16, chunk(7));
	/* What follows the lists is none, and neither is what follows that. */
	syn_put64(m, LISTS + 32, 0x1234);
	append(LISTS + 48, chunk(1));
	syn_no_symbol(m, "pcpu_reserved_chunk");
	s = syn_open(m);
	expect_unit(chunk_base(2), 0, pointer(2, 0));
	expect_unit(chunk_base(3), -1, 0);
	expect_unit(chunk_base(4), -1, 0);
	expect_unit(chunk_base(5), 0, pointer(5, 0));
	expect_unit(chunk_base(6) + 8, -1, 0);
	expect_unit(chunk_base(7), 0, pointer(7, 0));
	expect_unit(chunk_base(1), -1, 0);
	/* Every list of them may be in use. */
	empty(LISTS + 32);
	s = syn_open(m);
	expect_unit(chunk_base(1), 0, pointer(1, 0));
	/* No kernel has that many. */
	syn_put32(m, syn_sym(m, "pcpu_nr_slots"), 257);
	s = syn_open(m);
	expect_unit(chunk_base(2), -1, 0);
	syn_put32(m, syn_sym(m, "pcpu_nr_slots"), 256);
	s = syn_open(m);
	expect_unit(chunk_base(2), 0, pointer(2, 0));
}
END_TEST

/* Behind the variables that were linked: those of modules, and what is given out first.
 */
START_TEST(the_first_chunk)
{
	uint64_t start = syn_sym(m, "__per_cpu_start"), end = syn_sym(m, "__per_cpu_end");
	uint64_t size = (end - start + 0xfff) & ~0xfffull, last = SYN_PERCPU(1);

	syn_put64(m, chunk(0) + 16, SYN_PERCPU(0));
	syn_put32(m, chunk(0) + 24, (uint32_t)(size / 4096 + 4));
	syn_put32(m, chunk(0) + 28, 0x800);
	s = syn_open(m);
	expect_unit(last, 1, start);
	expect_unit(last + (end - start), 1, end);
	expect_unit(last + size + 0x37ff, 1, start + size + 0x37ff);
	expect_unit(last + size + 0x3800, -1, 0);
	/* Less than is linked: that is there all the same. */
	syn_put32(m, chunk(0) + 24, 1);
	s = syn_open(m);
	expect_unit(last, 1, start);
	expect_unit(last + (end - start) - 1, 1, end - 1);
	expect_unit(last + (end - start), -1, 0);
	/* A size that cannot be. */
	syn_put32(m, chunk(0) + 24, 0x40001);
	s = syn_open(m);
	expect_unit(last + (end - start) - 1, 1, end - 1);
	expect_unit(last + (end - start), -1, 0);
}
END_TEST

/* ---- vmalloc areas ---- */

static void vmalloc_setup(void)
{
	static const struct {
		const char *name;
		uint32_t offset, size;
	} types[] = {
		{ "vmap_area", 0, 64 },
		{ "vmap_area.va_start", 0, 8 },
		{ "vmap_area.va_end", 8, 8 },
		{ "vmap_area.list", 40, 16 },
		{ "vmap_area.purge_list", 40, 8 },
		{ "vmap_area.vm", 56, 8 },
		{ "vm_struct", 0, 64 },
		{ "vm_struct.addr", 8, 8 },
		{ "vm_struct.size", 16, 8 },
		{ "vm_struct.flags", 24, 8 },
		{ "vm_struct.phys_addr", 48, 8 },
		{ "vm_struct.caller", 56, 8 },
		{ "vmap_node", 0, 96 },
		{ "vmap_node.busy", 0, 32 },
		{ "vmap_node.lazy", 32, 32 },
		{ "rb_list.head", 8, 16 },
	};

	setup();
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		syn_member(m, types[i].name, types[i].offset, types[i].size);
	for (uint64_t at = HEADS; at < HEADS + 0x200; at += 8)
		empty(at & ~15ull);
}

static uint64_t area_begin(unsigned int i)
{
	return ALLOCATED + 0x10000ull * i;
}

/* An area of two pages; returns its links. */
static uint64_t area(unsigned int i)
{
	syn_put64(m, AREAS + 64ull * i, area_begin(i));
	syn_put64(m, AREAS + 64ull * i + 8, area_begin(i) + 0x2000);
	return AREAS + 64ull * i + 40;
}

static void expect_area(unsigned int i, const char *what)
{
	const struct stk_vmap_area *a = stk_vmap_area_at(s, area_begin(i) + 0x1fff);

	if (!what) {
		ck_assert_ptr_null(a);
		return;
	}
	ck_assert_ptr_nonnull(a);
	ck_assert_uint_eq(a->begin, area_begin(i));
	ck_assert_str_eq(a->what, what);
	ck_assert_ptr_null(stk_vmap_area_at(s, area_begin(i) + 0x2000));
	ck_assert_ptr_null(stk_vmap_area_at(s, area_begin(i) - 1));
}

START_TEST(areas_on_several_nodes)
{
	uint64_t nodes = HEADS + 0x20;

	syn_symbol(m, "vmap_nodes", AT);
	syn_symbol(m, "nr_vmap_nodes", AT + 8);
	syn_put64(m, AT, nodes);
	syn_put32(m, AT + 8, 2);
	for (unsigned int i = 0; i < 3; i++) {
		empty(nodes + 96 * i + 8);
		empty(nodes + 96 * i + 32 + 8);
		append(nodes + 96 * i + 8, area(2 * i));
		append(nodes + 96 * i + 32 + 8, area(2 * i + 1));
	}
	/* The list of older kernels is not looked at. */
	syn_symbol(m, "vmap_area_list", HEADS);
	empty(HEADS);
	append(HEADS, area(6));
	s = syn_open(m);
	expect_area(0, "vm_map_ram");
	expect_area(1, "freed vmalloc area");
	expect_area(2, "vm_map_ram");
	expect_area(3, "freed vmalloc area");
	/* There are two nodes, it says; but another one is behind them. */
	expect_area(4, NULL);
	expect_area(5, NULL);
	expect_area(6, NULL);
	ck_assert(!stk_vmap_areas_whole(s));
	/* What is there is none. */
	syn_put64(m, nodes + 96 * 2 + 8, nodes + 96 * 2);
	s = syn_open(m);
	ck_assert(stk_vmap_areas_whole(s));
	expect_area(4, NULL);
	/* But when the nodes have none. */
	syn_put32(m, AT + 8, 0);
	s = syn_open(m);
	expect_area(0, NULL);
	expect_area(6, "vm_map_ram");
}
END_TEST

START_TEST(freed_areas)
{
	empty(HEADS);
	empty(HEADS + 16);
	syn_symbol(m, "vmap_area_list", HEADS);
	append(HEADS, area(0));
	append(HEADS + 16, area(1));
	append(HEADS + 16, area(2));
	syn_symbol(m, "purge_vmap_area_list", HEADS + 16);
	s = syn_open(m);
	expect_area(0, "vm_map_ram");
	expect_area(1, "freed vmalloc area");
	expect_area(2, "freed vmalloc area");
	/* Before: linked once, to NULL, in no order. */
	syn_no_symbol(m, "purge_vmap_area_list");
	syn_symbol(m, "vmap_purge_list", HEADS + 32);
	syn_put64(m, HEADS + 32, area(4));
	syn_put64(m, area(4), area(3));
	syn_put64(m, area(3), 0);
	s = syn_open(m);
	expect_area(0, "vm_map_ram");
	expect_area(1, NULL);
	expect_area(3, "freed vmalloc area");
	expect_area(4, "freed vmalloc area");
}
END_TEST

/* What lies where an area should be is none; those behind it are found from the end. */
START_TEST(what_is_no_area)
{
	static const uint64_t wrong[][2] = {
		{ 0x7f0000001000ull, 0x7f0000002000ull },
		{ 0, 0x1000 },
		{ ALLOCATED + 0x10000, ALLOCATED + 0x10000 },
		{ ALLOCATED + 0x10008, ALLOCATED + 0x12000 },
		{ ALLOCATED + 0x10000, ALLOCATED + 0x12008 },
	};

	syn_symbol(m, "vmap_area_list", HEADS);
	empty(HEADS);
	append(HEADS, area(0));
	append(HEADS, area(1));
	append(HEADS, area(2));
	s = syn_open(m);
	expect_area(2, "vm_map_ram");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		syn_put64(m, AREAS + 64, wrong[i][0]);
		syn_put64(m, AREAS + 72, wrong[i][1]);
		s = syn_open(m);
		expect_area(0, "vm_map_ram");
		expect_area(1, NULL);
		expect_area(2, "vm_map_ram");
		ck_assert_ptr_null(stk_vmap_area_at(s, 0x800));
	}
}
END_TEST

/* Each once, and none of those that do not descend from the end. */
START_TEST(areas_from_the_end)
{
	const struct stk_vmap_area *areas;
	size_t nr;

	syn_symbol(m, "vmap_area_list", HEADS);
	empty(HEADS);
	for (unsigned int i = 0; i < 4; i++)
		append(HEADS, area(i));
	syn_put64(m, area(1), 0x123450);
	s = syn_open(m);
	ck_assert_int_eq(stk_vmap_areas(s, &areas, &nr), STK_OK);
	ck_assert_uint_eq(nr, 4);
	for (unsigned int i = 0; i < 4; i++)
		expect_area(i, "vm_map_ram");
	syn_put64(m, area(3) + 8, area(3));
	s = syn_open(m);
	ck_assert_int_eq(stk_vmap_areas(s, &areas, &nr), STK_OK);
	ck_assert_uint_eq(nr, 3);
	expect_area(2, NULL);
	expect_area(3, "vm_map_ram");
}
END_TEST

/* ---- stacks of CPUs ---- */

/* A stack of 16 KiB and its guard page, which the code at @caller asked for. */
static void stack_area(unsigned int i, uint64_t caller)
{
	const uint64_t begin = area_begin(i), vm = AREAS + 0x800 + 64ull * i;

	append(HEADS, area(i));
	syn_put64(m, AREAS + 64ull * i + 8, begin + 0x5000);
	syn_put64(m, AREAS + 64ull * i + 56, vm);
	syn_put64(m, vm + 8, begin);
	syn_put64(m, vm + 16, 0x5000);
	syn_put64(m, vm + 24, 2);
	syn_put64(m, vm + 56, caller);
}

/* Of each area, in their order: "w" vfs_write(), "k" ksys_write(), "i" do_idle(), "-". */
static const struct {
	const char *by;
	uint64_t size;
	int first, last; /* where those of CPUs 0 and 2 are; -1: it is not known */
} stacks_of[] = {
	{ "www", 0x4000, 0, 2 },    { "wwwiii", 0x4000, 0, 2 }, { "iwiww", 0x4000, 1, 4 },
	{ "kkk", 0x4000, 0, 2 },    { "-www-", 0x4000, 1, 3 },	{ "ww", 0x4000, -1, -1 },
	{ "wwww", 0x4000, -1, -1 }, { "wwk", 0x4000, -1, -1 },	{ "kww", 0x4000, -1, -1 },
	{ "iii", 0x4000, -1, -1 },  { "", 0x4000, -1, -1 },	{ "www", 0, -1, -1 },
	{ "www", 0x3000, -1, -1 },  { "www", 0x5000, -1, -1 },
};

/* ---- code made at run time ---- */

#define CODE	(SYN_MODULE + 0x800000)
#define ENTRIES (SYN_DATA + 0x100000)
#define NR_CODE 40u

static uint64_t entry(unsigned int i)
{
	return ENTRIES + 0x400 * (i + 1ull);
}

/* Trampolines of ftrace, programs of BPF, and pages of kprobes: so many, in a list. */
static void add_code_list(int kind)
{
	static const char *const head[] = { "ftrace_ops_list", "bpf_kallsyms",
					    "kprobe_insn_slots" };
	const uint64_t link = (const uint64_t[]){ 0, 528, 0 }[kind];

	syn_fill(m, ENTRIES, 0x400 * (NR_CODE + 2ull), 0);
	syn_symbol(m, head[kind], ENTRIES);
	syn_member(m, "ftrace_ops.trampoline", 0, 8);
	syn_member(m, "ftrace_ops.trampoline_size", 8, 8);
	syn_member(m, "ftrace_ops.next", 16, 8);
	syn_member(m, "bpf_ksym.start", 0, 8);
	syn_member(m, "bpf_ksym.end", 8, 8);
	syn_member(m, "bpf_ksym.name", 16, 512);
	syn_member(m, "bpf_ksym.lnode", 528, 16);
	syn_member(m, "kprobe_insn_cache.pages", 0, 16);
	syn_member(m, "kprobe_insn_page.list", 0, 16);
	syn_member(m, "kprobe_insn_page.insns", 16, 8);
	syn_put64(m, ENTRIES, entry(0) + link);
	for (unsigned int i = 0; i < NR_CODE; i++) {
		const uint64_t at = entry(i), begin = CODE + 0x1000ull * i,
			       next = i + 1 < NR_CODE ? entry(i + 1) : 0;

		if (kind < 2) {
			syn_put64(m, at, begin);
			syn_put64(m, at + 8, kind ? begin + 0x200 : 0x200);
			syn_put64(m, at + (kind ? link : 16),
				  kind ? (next ? next + link : ENTRIES) : next);
		} else {
			syn_put64(m, at, next ? next : ENTRIES);
			syn_put64(m, at + 16, begin);
		}
	}
}

static void expect_all_code(int kind)
{
	static const int kinds[] = { STK_CODE_FTRACE, STK_CODE_BPF, STK_CODE_KPROBE };
	const uint64_t size = kind == 2 ? 0x1000 : 0x200;

	for (unsigned int i = 0; i < NR_CODE; i++) {
		const uint64_t begin = CODE + 0x1000ull * i;
		const struct stk_code *code = stk_code_at(s, begin + size - 1);

		ck_assert_msg(code != NULL, "%u", i);
		ck_assert_uint_eq(code->begin, begin);
		ck_assert_uint_eq(code->end, begin + size);
		ck_assert_int_eq(code->kind, kinds[kind]);
		ck_assert_ptr_eq(stk_code_at(s, begin), code);
		if (size < 0x1000)
			ck_assert_ptr_null(stk_code_at(s, begin + size));
	}
	ck_assert_ptr_null(stk_code_at(s, CODE - 1));
	ck_assert_ptr_null(stk_code_at(s, CODE + 0x1000ull * NR_CODE));
}

START_TEST(code_without_memory)
{
	add_code_list(_i);
	s = syn_open(m);
	memory_watch();
	expect_all_code(_i);
	memory_end();
	for (size_t i = 0; i < memory_places(); i++)
		for (size_t nth = 0; nth < memory_asked(i); nth++) {
			s = syn_open(m);
			memory_fail(i, nth);
			stk_code_at(s, CODE);
			memory_end();
			stk_question(s);
			expect_all_code(_i);
		}
}
END_TEST

/* An interruption is no end of a list. */
START_TEST(code_when_interrupted)
{
	bool stopped = false;

	add_code_list(_i);
	for (unsigned int at = 1; at < 200; at += 3) {
		s = syn_open(m);
		m->interrupt_after = at;
		stopped |= !stk_code_at(s, CODE + 0x1000ull * (NR_CODE - 1));
		m->interrupt = false;
		m->interrupt_after = 0;
		stk_question(s);
		expect_all_code(_i);
	}
	ck_assert(stopped);
}
END_TEST

START_TEST(stacks_of_cpus)
{
	static const char *const by[] = { "vfs_write", "ksys_write", NULL };
	const char *how = stacks_of[_i].by;
	uint64_t begin;

	syn_symbol(m, "vmap_area_list", HEADS);
	empty(HEADS);
	for (unsigned int i = 0; how[i]; i++)
		stack_area(i, how[i] == '-'   ? 0
			      : how[i] == 'w' ? syn_sym(m, "vfs_write") + 1
			      : how[i] == 'k' ? syn_sym(m, "ksys_write") + 0x100
					      : syn_sym(m, "do_idle") + 5);
	s = syn_open(m);
	for (unsigned int cpu = 0; cpu < 3; cpu += 2) {
		const int at = cpu ? stacks_of[_i].last : stacks_of[_i].first;

		begin = 0;
		ck_assert_int_eq(stk_stack_of_cpu(s, by, stacks_of[_i].size, cpu, &begin),
				 at >= 0);
		if (at >= 0)
			ck_assert_uint_eq(begin, area_begin((unsigned int)at));
	}
	/* A CPU that cannot be has none. */
	if (strcmp(how, "ww"))
		return;
	syn_put64(m, syn_sym(m, "__cpu_possible_mask"), 5);
	s = syn_open(m);
	for (unsigned int cpu = 0; cpu < 3; cpu += 2) {
		ck_assert(stk_stack_of_cpu(s, by, 0x4000, cpu, &begin));
		ck_assert_uint_eq(begin, area_begin(cpu / 2));
	}
	/* Nor is one that does not begin where a stack may. */
	syn_put64(m, AREAS, area_begin(0) + 0x1000);
	syn_put64(m, AREAS + 8, area_begin(0) + 0x6000);
	syn_put64(m, AREAS + 0x808, area_begin(0) + 0x1000);
	s = syn_open(m);
	ck_assert(!stk_stack_of_cpu(s, by, 0x4000, 0, &begin));
}
END_TEST

/* ---- the machine ---- */

START_TEST(names_of_the_machine)
{
	struct stk_machine machine;

	syn_symbol(m, "init_uts_ns", AT);
	syn_member(m, "uts_namespace.name", 16, 0x186);
	syn_member(m, "new_utsname.nodename", 0x41, 0x41);
	syn_member(m, "new_utsname.version", 0xc3, 0x41);
	syn_write(m, AT + 16 + 0x41, "node", 5);
	syn_write(m, AT + 16 + 0xc3, "#1 SMP", 7);
	s = syn_open(m);
	ck_assert_int_eq(stk_machine(s, &machine), STK_OK);
	ck_assert_str_eq(machine.node, "node");
	ck_assert_str_eq(machine.version, "#1 SMP");
	ck_assert_int_eq(machine.crash_time, 0);
	ck_assert(!machine.incomplete);
	syn_vmcoreinfo(m, "CRASHTIME", "%u", 1700000000u);
	m->target.incomplete = true;
	s = syn_open(m);
	ck_assert_int_eq(stk_machine(s, &machine), STK_OK);
	ck_assert_int_eq(machine.crash_time, 1700000000);
	ck_assert(machine.incomplete);
	syn_no_member(m, "new_utsname.nodename");
	s = syn_open(m);
	ck_assert_int_eq(stk_machine(s, &machine), STK_OK);
	ck_assert_ptr_null(machine.node);
	ck_assert_str_eq(machine.version, "#1 SMP");
	syn_no_symbol(m, "init_uts_ns");
	s = syn_open(m);
	ck_assert_int_eq(stk_machine(s, &machine), STK_OK);
	ck_assert_ptr_null(machine.version);
}
END_TEST

/* ---- every word ---- */

static void tell_percpu(FILE *fp)
{
	const uint64_t at[] = { 0, UNIT - 1, UNIT, UNITS, UNITS + UNIT, 2 * UNITS + 8 };

	s = syn_open(m);
	for (unsigned int i = 0; i < 6; i++)
		for (size_t k = 0; k < sizeof(at) / sizeof(at[0]); k++) {
			struct stk_percpu_place p;

			if (!stk_percpu_at(s, chunk_base(i) + at[k], &p))
				fputs("-", fp);
			else
				fprintf(fp, " %u.%lx.%lx", p.cpu,
					(unsigned long)(p.ptr - pointer(i, 0)),
					(unsigned long)(p.end - p.begin));
		}
}

START_TEST(damaged_words_of_percpu)
{
	append(LISTS, chunk(2));
	append(LISTS, chunk(3));
	append(LISTS + 16, chunk(0));
	append(LISTS + 48, chunk(4));
	words_damage("variables", AT, 7, 8, tell_percpu);
	words_damage("offsets", OFFSETS, 3, 8, tell_percpu);
	words_damage("lists", LISTS, 8, 8, tell_percpu);
	words_damage("a chunk", chunk(2), 4, 8, tell_percpu);
	words_damage("its pages", chunk(2) + 24, 2, 4, tell_percpu);
	golden_expect("words", "percpu");
}
END_TEST

static const struct unit_test percpu_tests[] = {
	TEST(damaged_words_of_percpu),
	TEST(chunks_of_percpu_memory),
	TEST(variables_of_modules),
	TEST(what_is_no_chunk),
	TEST(damaged_lists_of_chunks),
	TEST(the_first_chunk),
	{ 0 },
};

static void tell_areas(FILE *fp)
{
	const struct stk_vmap_area *list;
	size_t nr;

	s = syn_open(m);
	if (stk_vmap_areas(s, &list, &nr))
		return;
	for (size_t i = 0; i < nr; i++)
		fprintf(fp, " %lx-%lx%s%s.%lx.%lx.%lx %s,",
			(unsigned long)(list[i].begin - ALLOCATED),
			(unsigned long)(list[i].end - ALLOCATED),
			list[i].freed ? "f" : "", list[i].guard ? "g" : "",
			(unsigned long)list[i].caller, (unsigned long)list[i].phys,
			(unsigned long)list[i].nr_pages, list[i].what);
	fprintf(fp, " %d", stk_vmap_area_at(s, area_begin(1) + 0x1fff) != NULL);
}

START_TEST(damaged_words_of_areas)
{
	const uint64_t vm = AREAS + 0x800;

	syn_symbol(m, "vmap_area_list", HEADS);
	empty(HEADS);
	for (unsigned int i = 0; i < 4; i++) {
		append(HEADS, area(i));
		if (i == 3)
			continue;
		syn_put64(m, AREAS + 64ull * i + 56, vm + 64 * i);
		syn_put64(m, vm + 64 * i + 8, area_begin(i));
		syn_put64(m, vm + 64 * i + 16, 0x2000);
		syn_put64(m, vm + 64 * i + 24, 1u << i);
		syn_put64(m, vm + 64 * i + 48, i ? 0 : 0xfe000000);
		syn_put64(m, vm + 64 * i + 56, SYN_TEXT + 0x1010);
	}
	words_damage("the list", HEADS, 2, 8, tell_areas);
	words_damage("an area", AREAS + 64, 8, 8, tell_areas);
	words_damage("its vm_struct", vm + 64, 8, 8, tell_areas);
	words_damage("the first vm_struct", vm, 8, 8, tell_areas);
	golden_expect("words", "areas");
}
END_TEST

static const struct unit_test areas_tests[] = {
	TEST(damaged_words_of_areas),
	TEST(areas_on_several_nodes),
	TEST(freed_areas),
	TEST(what_is_no_area),
	TEST(areas_from_the_end),
	LOOP(stacks_of_cpus, sizeof(stacks_of) / sizeof(stacks_of[0])),
	{ 0 },
};

static const struct unit_test code_tests[] = {
	LOOP(code_without_memory, 3),
	LOOP(code_when_interrupted, 3),
	{ 0 },
};

static const struct unit_test machine_tests[] = {
	TEST(names_of_the_machine),
	{ 0 },
};

const struct unit_suite suite_lists = {
	"lists",
	{
		{ "links", links_tests, setup, NULL },
		{ "percpu", percpu_tests, percpu_setup, NULL },
		{ "areas", areas_tests, vmalloc_setup, NULL },
		{ "code", code_tests, setup, NULL },
		{ "machine", machine_tests, setup, NULL },
	},
};
