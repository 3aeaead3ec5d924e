/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what no dump shows of the regions: kernels whose bases are constants, KASAN,
 * markers and bases that are damaged; and that mappings and vmalloc areas are found in
 * trees with inner nodes, while loops and dead ends in their lists end the walk.
 */
#include "fixture.h"
#include "suite.h"
#include "viewed.h"

#include "kernel/maple.h"
#include "kernel/mm.h"

#include <string.h>

#define AT	  (SYN_DATA + 0x100000) /* free room in the image */
#define MM	  (AT + 0x0)
#define NODES	  (AT + 0x1000)
#define VMAS	  (AT + 0x3000)
#define AREAS	  (AT + 0x5000)
#define LIST	  (AT + 0x7000)
#define MARKERS	  (AT + 0x8000)
#define ALLOCATED (SYN_VMALLOC + 0x40000000)

static struct stk *s;
static struct stk_place p;
static uint64_t task;

static void setup(void)
{
	fixture_kernel();
	syn_fill(m, AT, 0xa000, 0);
	task = syn_task(m, "sh", 227, 0);
}

static void classify(uint64_t addr)
{
	ck_assert_int_eq(stk_classify_in(s, addr, task, &p), STK_OK);
	same_place(s, addr, task, &p);
}

static void expect_region(uint64_t addr, const char *region)
{
	classify(addr);
	ck_assert_msg(!strcmp(p.region, region), "%llx: %s, not %s",
		      (unsigned long long)addr, p.region, region);
}

/* ---- bounds ---- */

START_TEST(constant_bases)
{
	static const uint64_t base[] = { 0xffff888000000000ull, 0xffff880000000000ull };

	syn_no_symbol(m, "page_offset_base");
	syn_no_symbol(m, "vmalloc_base");
	syn_no_symbol(m, "vmemmap_base");
	syn_map(m, base[_i], 0, 1ull << 30);
	syn_size(m, "page", 64);
	syn_symbol(m, "max_pfn", AT);
	syn_put64(m, AT, 0x40000);
	s = syn_open(m);
	expect_region(base[_i], "direct map");
	ck_assert_str_eq(p.about.what, "phys");
	ck_assert_uint_eq(p.about.value, 0);
	expect_region(base[_i] - 1, "hole");
	expect_region(base[_i] + (1ull << 30) - 1, "direct map");
	expect_region(base[_i] + (1ull << 30), "hole");
	expect_region(0xffffc90000000000ull, "vmalloc");
	expect_region(0xffffe8ffffffffffull, "vmalloc");
	expect_region(0xffffe90000000000ull, "hole");
	expect_region(0xffffea0000000000ull + 64 * 5 + 8, "vmemmap");
	ck_assert_uint_eq(p.about.value, 5);
	expect_region(0xffffea0000000000ull + 64 * 0x40000, "hole");
}
END_TEST

START_TEST(kasan_shadow)
{
	syn_symbol(m, "kasan_early_shadow_page", AT);
	syn_symbol(m, "max_pfn", AT);
	syn_put64(m, AT, 0x40000);
	syn_size(m, "page", 64);
	s = syn_open(m);
	expect_region(0xffffec0000000000ull, "KASAN shadow");
	ck_assert_uint_eq(p.about.value, 0xffff800000000000ull);
	expect_region(0xfffffbffffffffffull, "KASAN shadow");
	expect_region(0xfffffc0000000000ull, "hole");
}
END_TEST

/* struct pages are allotted by sections of 128 MiB, up to what must come behind. */
START_TEST(end_of_the_vmemmap)
{
	static const struct {
		uint64_t max_pfn, size;
	} row[] = {
		{ 0x8000, 64 * 0x8000 },
		{ 0x8001, 64 * 0x10000 },
		{ 0xffff, 64 * 0x10000 },
		{ 0, SYN_RO_IDT - SYN_VMEMMAP },
		{ 1ull << 39, SYN_RO_IDT - SYN_VMEMMAP },
		{ 1ull << 41, SYN_RO_IDT - SYN_VMEMMAP },
	};

	syn_symbol(m, "max_pfn", AT);
	syn_put64(m, AT, row[_i].max_pfn);
	syn_size(m, "page", 64);
	s = syn_open(m);
	expect_region(SYN_VMEMMAP + row[_i].size - 1, "vmemmap");
	classify(SYN_VMEMMAP + row[_i].size);
	ck_assert_str_ne(p.region, "vmemmap");
	expect_region(SYN_RO_IDT, "cpu_entry_area");
	classify(0xffffff4000000000ull);
	ck_assert_str_ne(p.region, "vmemmap");
}
END_TEST

static void marker(unsigned int i, uint64_t begin, const char *name)
{
	syn_put64(m, MARKERS + 24ull * i, begin);
	syn_put64(m, MARKERS + 24ull * i + 8, MARKERS + 0x400 + 32ull * i);
	syn_write(m, MARKERS + 0x400 + 32ull * i, name, strlen(name) + 1);
}

START_TEST(markers)
{
	uint64_t index;

	syn_symbol(m, "address_markers", MARKERS);
	syn_size(m, "addr_marker", 24);
	marker(0, 0, "User Space");
	marker(1, 0xffff880000000000ull, "LDT remap");
	marker(2, 0xffffffffa0000000ull, "Modules");
	marker(3, 0xffffffffff579000ull, "Fixmap Area");
	marker(4, ~0ull, "");
	s = syn_open(m);
	expect_region(0xffff880000000000ull, "LDT of page-table isolation");
	expect_region(0xffff887fffffffffull, "LDT of page-table isolation");
	expect_region(0xffffffffa0000000ull, "module area");
	expect_region(0xffffffffff578fffull, "hole");
	expect_region(0xffffffffff57fabcull, "fixmap");
	ck_assert_str_eq(p.about.what, "index");
	index = p.about.value;
	expect_region(0xffffffffff57f000ull, "fixmap");
	ck_assert_uint_eq(p.about.value, index);
	expect_region(0xffffffffff57efffull, "fixmap");
	ck_assert_uint_eq(p.about.value, index + 1);
	expect_region(0xffffffffff579000ull, "fixmap");
	ck_assert_uint_eq(p.about.value, index + 6);
	/* A table without an end, and one whose names lead nowhere. */
	for (unsigned int i = 0; i < 80; i++)
		syn_put64(m, MARKERS + 24ull * i, 0xffff880000000000ull);
	s = syn_open(m);
	expect_region(SYN_TEXT, "kernel image");
}
END_TEST

/* A shadow that only ends begins nowhere. */
START_TEST(kasan_without_a_begin)
{
	syn_symbol(m, "address_markers", MARKERS);
	syn_size(m, "addr_marker", 24);
	marker(0, 0xfffffc0000000000ull, "KASAN shadow end");
	marker(1, ~0ull, "");
	s = syn_open(m);
	expect_region(0x1000, "user space");
	expect_region(SYN_DIRECT + 0x1000, "direct map");
}
END_TEST

/* A marker within what comes before is none. */
START_TEST(fixmap_marker)
{
	syn_symbol(m, "address_markers", MARKERS);
	syn_size(m, "addr_marker", 24);
	marker(0, 0xfffffffffeffffffull + _i, "Fixmap Area");
	marker(1, ~0ull, "");
	s = syn_open(m);
	expect_region(0xfffffffffeffffffull, "module area");
	expect_region(0xffffffffff000000ull, "fixmap");
}
END_TEST

/* The image's area ends where modules begin: the build says where, or 1 GiB. */
START_TEST(size_of_the_image_area)
{
	uint64_t end = 0xffffffff80000000ull + (_i ? 512ull << 20 : 1ull << 30);

	syn_no_vmcoreinfo(m, "NUMBER(KERNEL_IMAGE_SIZE)");
	if (_i)
		syn_vmcoreinfo(m, "NUMBER(KERNEL_IMAGE_SIZE)", "%llu", 512ull << 20);
	s = syn_open(m);
	expect_region(end - 1, "kernel image area");
	expect_region(end, "module area");
	expect_region(0xfffffffffeffffffull, "module area");
}
END_TEST

/* Without the size of struct page no number of one can be told. */
START_TEST(unknown_page_size)
{
	syn_no_member(m, "page");
	syn_symbol(m, "max_pfn", AT);
	syn_put64(m, AT, 0x40000);
	s = syn_open(m);
	expect_region(SYN_VMEMMAP + 0x1000, "vmemmap");
	ck_assert_ptr_null(p.about.what);
	ck_assert_ptr_null(p.area.what);
	expect_region(SYN_RO_IDT - 1, "vmemmap");
}
END_TEST

/* 4.15-4.20 had code there, too, of which only the symbol tells. */
START_TEST(entry_trampoline)
{
	const uint32_t at = syn_off(m, "cpu_entry_area.estacks");

	syn_member(m, "cpu_entry_area.entry_trampoline", at, 0x1000);
	s = syn_open(m);
	classify(syn_cea(m, 1) + at + 0x10);
	ck_assert_str_eq(p.detail, "guard page of the exception stacks");
	syn_symbol(m, "_entry_trampoline", SYN_TEXT + 0x9000);
	s = syn_open(m);
	classify(syn_cea(m, 1) + at + 0x10);
	ck_assert_str_eq(p.detail, "entry trampoline's code");
}
END_TEST

/* What is built in for five levels: mm.rst. */
START_TEST(five_levels)
{
	const uint64_t end = 0xffa0000000000000ull + (12800ull << 40);

	syn_use_read_virt(m);
	syn_vmcoreinfo(m, "NUMBER(pgtable_l5_enabled)", "1");
	syn_no_symbol(m, "vmalloc_base");
	syn_no_symbol(m, "vmemmap_base");
	syn_put64(m, syn_sym(m, "page_offset_base"), 0xff11000000000000ull);
	s = syn_open(m);
	expect_region(0x00ffffffffffffffull, "user space");
	classify(0x0100000000000000ull);
	ck_assert(strcmp(p.region, "user space"));
	expect_region(0xff11000000000000ull, "direct map");
	expect_region(0xff9fffffffffffffull, "direct map");
	expect_region(0xffa0000000000000ull, "vmalloc");
	expect_region(end - 1, "vmalloc");
	expect_region(end, "hole");
	expect_region(0xffd3ffffffffffffull, "hole");
	expect_region(0xffd4000000000000ull, "vmemmap");
}
END_TEST

START_TEST(damaged_bases)
{
	static const uint64_t value[] = { 0, ~0ull, 0x1234, 0xffffffff81000000ull,
					  SYN_TEXT + 0x1000 };

	const char *low;

	s = syn_open(m);
	classify(0x1000);
	low = p.region;
	for (size_t i = 0; i < sizeof(value) / sizeof(value[0]); i++) {
		syn_put64(m, syn_sym(m, "vmalloc_base"), value[i]);
		syn_put64(m, syn_sym(m, "vmemmap_base"), value[i]);
		s = syn_open(m);
		expect_region(0x1000, low);
		expect_region(SYN_TEXT, "kernel image");
		expect_region(0xfffffe0000000000ull, "cpu_entry_area");
		expect_region(SYN_DIRECT + 0x1000, "direct map");
		syn_put64(m, syn_sym(m, "page_offset_base"), value[i]);
		s = syn_open(m);
		expect_region(SYN_TEXT, "kernel image");
		syn_put64(m, syn_sym(m, "page_offset_base"), SYN_DIRECT);
	}
}
END_TEST

/* One that is in order, but not where such areas begin. */
START_TEST(misaligned_base)
{
	syn_put64(m, syn_sym(m, "vmalloc_base"), SYN_VMALLOC + _i * 0x1000);
	s = syn_open(m);
	expect_region(SYN_VMALLOC + 0x2000, _i ? "direct map" : "vmalloc");
}
END_TEST

/* Each begins above the one before it, and below the area of the CPUs' entries. */
START_TEST(base_at_a_bound)
{
	syn_put64(m, syn_sym(m, "vmalloc_base"), _i ? 0xfffffe0000000000ull : SYN_DIRECT);
	s = syn_open(m);
	expect_region(SYN_DIRECT, "direct map");
	expect_region(0xfffffe0000000000ull, "cpu_entry_area");
	expect_region(SYN_VMALLOC, "direct map");
}
END_TEST

/* What is built in counts above the direct map only. */
START_TEST(built_in_base_at_a_bound)
{
	syn_no_symbol(m, "vmalloc_base");
	syn_put64(m, syn_sym(m, "page_offset_base"),
		  0xffffc90000000000ull - _i * 0x200000);
	s = syn_open(m);
	expect_region(0xffffc90000000000ull, _i ? "vmalloc" : "direct map");
}
END_TEST

/* A direct map at the CPUs' entry areas, or above, says nothing of the others. */
START_TEST(direct_map_out_of_place)
{
	syn_put64(m, syn_sym(m, "page_offset_base"),
		  0xfffffe0000000000ull + _i * 0x200000);
	s = syn_open(m);
	expect_region(SYN_VMALLOC, "vmalloc");
	expect_region(0xfffffe0000200000ull, "cpu_entry_area");
}
END_TEST

/* Memory that would reach further than its map does is not there. */
START_TEST(more_memory_than_room)
{
	syn_symbol(m, "max_pfn", AT);
	syn_put64(m, AT, 1ull << 39);
	s = syn_open(m);
	expect_region(SYN_VMALLOC - 1, "direct map");
	expect_region(SYN_VMALLOC, "vmalloc");
	expect_region(SYN_VMALLOC + (32ull << 40) - 1, "vmalloc");
	expect_region(SYN_VMALLOC + (32ull << 40), "hole");
	/* So many pages no machine has. */
	syn_put64(m, AT, 1ull << 40);
	s = syn_open(m);
	expect_region(SYN_VMALLOC - 1, "direct map");
	expect_region(SYN_VMALLOC + (32ull << 40), "hole");
}
END_TEST

/* The direct map may begin where the kernel's half does. */
START_TEST(lowest_direct_map)
{
	syn_put64(m, syn_sym(m, "page_offset_base"),
		  0xffff800000000000ull - _i * 0x200000);
	s = syn_open(m);
	classify(0xffff800000000000ull);
	ck_assert(!strcmp(p.region, "direct map") == !_i);
}
END_TEST

/* The first 64 markers are looked at, of 16 bytes at least. */
START_TEST(size_of_the_markers)
{
	static const uint32_t size[] = { 16, 15, 24, 24 };
	const unsigned int last = _i == 3 ? 64 : _i == 2 ? 63 : 0;

	syn_symbol(m, "address_markers", MARKERS);
	syn_size(m, "addr_marker", size[_i]);
	for (unsigned int i = 0; i <= 64; i++)
		marker(i, SYN_TEXT, "");
	marker(last, 0xffff880000000000ull, "LDT remap");
	s = syn_open(m);
	classify(0xffff880000000000ull);
	ck_assert(!strcmp(p.region, "LDT of page-table isolation") == !(_i % 2));
}
END_TEST

/* A marker at 0, or in the user's half, says nothing. */
START_TEST(marker_that_says_nothing)
{
	syn_symbol(m, "address_markers", MARKERS);
	syn_size(m, "addr_marker", 24);
	marker(0, 0xffff880000000000ull, "LDT remap");
	marker(1, _i ? 0x1000 : 0, "LDT remap");
	marker(2, ~0ull, "");
	s = syn_open(m);
	expect_region(0xffff880000000000ull, "LDT of page-table isolation");
}
END_TEST

/* A shadow that ends where it begins is none. */
START_TEST(empty_kasan_shadow)
{
	const uint64_t at = 0xffffec0000000000ull;

	syn_symbol(m, "address_markers", MARKERS);
	syn_size(m, "addr_marker", 24);
	marker(0, at, "KASAN shadow");
	marker(1, at + _i, "KASAN shadow end");
	marker(2, ~0ull, "");
	syn_symbol(m, "max_pfn", AT);
	syn_put64(m, AT, 0x40000);
	s = syn_open(m);
	classify(at);
	ck_assert_int_eq(!strcmp(p.region, "KASAN shadow"), _i);
	expect_region(0xfffffe0000000000ull, "cpu_entry_area");
}
END_TEST

/* Modules lie between the image and the fixmap: a marker elsewhere is none. */
START_TEST(modules_marker_at_a_bound)
{
	static const uint64_t at[] = { 0xffffffff80000000ull, 0xfffffffffeffffffull };

	syn_symbol(m, "address_markers", MARKERS);
	syn_size(m, "addr_marker", 24);
	marker(0, at[_i], "Modules");
	marker(1, ~0ull, "");
	s = syn_open(m);
	expect_region(0xffffffff80000000ull, "kernel image area");
	expect_region(0xfffffffffeffffffull, "module area");
	expect_region(0xfffffffffefffffeull, "module area");
}
END_TEST

/* The same of what the build says. */
START_TEST(image_area_at_a_bound)
{
	static const uint64_t size[] = { 0, 0x7effffff };

	syn_no_vmcoreinfo(m, "NUMBER(KERNEL_IMAGE_SIZE)");
	syn_vmcoreinfo(m, "NUMBER(KERNEL_IMAGE_SIZE)", "%llu",
		       (unsigned long long)size[_i]);
	s = syn_open(m);
	expect_region(0xfffffffffeffffffull, "hole");
	expect_region(0xffffffff80000000ull, "hole");
}
END_TEST

/* ---- mappings ---- */

static void add_mm_types(void)
{
	syn_mm_types(m);
	syn_put64(m, task + 0x7f0, MM);
	syn_put64(m, MM + 8, 0x30000);
	syn_put64(m, MM + 16, 0x31000);
	syn_put64(m, MM + 24, 0x7f0000000800ull);
}

static uint64_t vma(unsigned int i, uint64_t begin, uint64_t end, uint64_t flags)
{
	uint64_t at = VMAS + 64ull * i;

	syn_put64(m, at, begin);
	syn_put64(m, at + 8, end);
	syn_put64(m, at + 16, flags);
	return at;
}

static void expect_vma(uint64_t addr, const char *what, const char *access)
{
	classify(addr);
	ck_assert_str_eq(p.region, "user space");
	ck_assert_uint_eq(p.task.pid, 227);
	if (!what) {
		ck_assert_ptr_null(p.area.what);
		return;
	}
	ck_assert_ptr_nonnull(p.area.what);
	ck_assert_str_eq(p.area.what, what);
	ck_assert_str_eq(p.area.access, access);
}

START_TEST(list_of_mappings)
{
	uint64_t one, two, three;

	add_mm_types();
	one = vma(0, 0x30000, 0x31000, 3);
	two = vma(1, 0x40000, 0x42000, 0xd);
	three = vma(2, 0x7f0000000000ull, 0x7f0000001000ull, 3);
	syn_put64(m, MM + 32, one);
	syn_put64(m, one + 32, two);
	syn_put64(m, two + 32, three);
	s = syn_open(m);
	expect_vma(0x30000, "heap", "rw-p");
	expect_vma(0x31000, NULL, NULL);
	expect_vma(0x41fff, "anonymous", "r-xs");
	expect_vma(0x7f0000000fffull, "stack", "rw-p");
	expect_vma(0x7f0000001000ull, NULL, NULL);
	/* A loop: what does not ascend ends the walk, what came before stays. */
	syn_put64(m, two + 32, one);
	s = syn_open(m);
	expect_vma(0x40000, "anonymous", "r-xs");
	expect_vma(0x7f0000000fffull, NULL, NULL);
	/* A kernel thread. */
	syn_put64(m, task + 0x7f0, 0);
	s = syn_open(m);
	expect_vma(0x40000, NULL, NULL);
	ck_assert_ptr_nonnull(p.detail);
}
END_TEST

enum { LEAF = 1, ARANGE = 3 };

/* As encoded in slots: lib/maple_tree.c, mt_mk_node(). */
static uint64_t node(unsigned int i, unsigned int type)
{
	return (NODES + 256ull * i) | type << 3 | 2;
}

static void put_slot(unsigned int i, bool leaf, unsigned int slot, uint64_t value,
		     uint64_t pivot)
{
	uint64_t at = NODES + 256ull * i;

	syn_put64(m, at + (leaf ? 128 : 80) + 8ull * slot, value);
	if (slot < (leaf ? 15u : 9u))
		syn_put64(m, at + 8 + 8ull * slot, pivot);
	/* Its last slot in use: struct maple_metadata. */
	syn_put8(m, at + (leaf ? 248 : 240), (uint8_t)slot);
}

static void add_maple_types(void)
{
	syn_member(m, "mm_struct.mm_mt", 64, 16);
	syn_member(m, "maple_tree.ma_root", 8, 8);
	syn_member(m, "maple_range_64.pivot", 8, 120);
	syn_member(m, "maple_range_64.slot", 128, 128);
	syn_member(m, "maple_range_64.meta", 248, 2);
	syn_member(m, "maple_arange_64.pivot", 8, 72);
	syn_member(m, "maple_arange_64.slot", 80, 80);
	syn_member(m, "maple_arange_64.meta", 240, 2);
	syn_put64(m, MM + 64 + 8, node(0, ARANGE));
}

START_TEST(tree_of_mappings)
{
	add_mm_types();
	add_maple_types();
	put_slot(0, false, 0, node(1, LEAF), 0x3ffff);
	put_slot(0, false, 1, node(2, LEAF), 0);
	put_slot(1, true, 0, 0, 0x2ffff);
	put_slot(1, true, 1, vma(0, 0x30000, 0x31000, 3), 0x30fff);
	put_slot(1, true, 2, 0, 0x3ffff);
	put_slot(2, true, 0, vma(1, 0x40000, 0x42000, 5), 0x41fff);
	put_slot(2, true, 1, 0, 0x7effffffffffull);
	put_slot(2, true, 2, vma(2, 0x7f0000000000ull, 0x7f0000001000ull, 3),
		 0x7f0000000fffull);
	put_slot(2, true, 3, 0, 0);
	s = syn_open(m);
	expect_vma(0x30000, "heap", "rw-p");
	expect_vma(0x2ffff, NULL, NULL);
	expect_vma(0x41fff, "anonymous", "r-xp");
	expect_vma(0x7f0000000800ull, "stack", "rw-p");
	/* A node below itself; and one whose pivots leave its parent's range. */
	put_slot(0, false, 0, node(0, ARANGE), 0x3ffff);
	put_slot(0, false, 1, node(2, LEAF), 0);
	s = syn_open(m);
	expect_vma(0x30000, NULL, NULL);
	put_slot(0, false, 0, node(2, LEAF), 0x3ffff);
	put_slot(0, false, 1, node(2, LEAF), 0);
	s = syn_open(m);
	expect_vma(0x30000, NULL, NULL);
	/* A root that is no node but the one mapping there is. */
	syn_put64(m, MM + 64 + 8, vma(0, 0x30000, 0x31000, 3));
	s = syn_open(m);
	expect_vma(0x30000, "heap", "rw-p");
}
END_TEST

struct visited {
	size_t nr, at_most;
	uint64_t value[8];
};

static bool visit(struct stk *session, uint64_t value, void *ctx)
{
	struct visited *v = ctx;

	(void)session;
	v->value[v->nr++] = value;
	return v->nr < v->at_most;
}

/* In order, and no further than whoever asks wants. */
START_TEST(tree_is_walked)
{
	struct visited v;

	add_mm_types();
	add_maple_types();
	put_slot(0, false, 0, node(1, LEAF), 0x3ffff);
	put_slot(0, false, 1, node(2, LEAF), 0);
	put_slot(1, true, 0, 0x1000, 0x2ffff);
	put_slot(1, true, 1, 0, 0x30fff);
	put_slot(1, true, 2, 0x2000, 0x3ffff);
	put_slot(2, true, 0, 0x3000, 0x41fff);
	put_slot(2, true, 1, 0x4000, 0);
	s = syn_open(m);
	for (size_t i = 1; i <= 5; i++) {
		v = (struct visited){ .at_most = i };
		stk_maple_walk(s, MM + 64, visit, &v);
		ck_assert_uint_eq(v.nr, i < 4 ? i : 4);
		for (size_t j = 0; j < v.nr; j++)
			ck_assert_uint_eq(v.value[j], 0x1000 * (j + 1));
	}
	/* A range has a byte at least; one that ends before it begins is the last. */
	for (size_t i = 0; i < 2; i++) {
		put_slot(1, true, 1, 0x7000, 0x2ffff + i);
		put_slot(1, true, 2, 0x2000, 0x3ffff);
		s = syn_open(m);
		v = (struct visited){ .at_most = 8 };
		stk_maple_walk(s, MM + 64, visit, &v);
		ck_assert_uint_eq(v.nr, i ? 5 : 3);
		ck_assert_uint_eq(v.value[1], i ? 0x7000 : 0x3000);
	}
}
END_TEST

/* ---- vmalloc space ---- */

static uint64_t area(unsigned int i, uint64_t begin, uint64_t end, uint64_t flags)
{
	uint64_t at = AREAS + 0x100ull * i, vm = at + 0x80;

	syn_put64(m, at, begin);
	syn_put64(m, at + 8, end);
	syn_put64(m, at + 56, vm);
	syn_put64(m, vm + 8, begin);
	syn_put64(m, vm + 16, end - begin);
	syn_put64(m, vm + 24, flags);
	syn_put64(m, vm + 56, syn_sym(m, "vfs_write") + 4);
	return at + 40;
}

/* What a chain pays for a process with so many mappings. */
static uint64_t price_of_mappings(unsigned int nr)
{
	struct stk_purse purse = { 0 };
	const struct stk_mm *mm;
	uint64_t left;

	for (unsigned int i = 0; i < nr; i++) {
		uint64_t at = vma(i, 0x30000 + i * 0x1000, 0x31000 + i * 0x1000, 3);

		syn_put64(m, i ? at - 64 + 32 : MM + 32, at);
	}
	s = syn_open(m);
	ck_assert_int_eq(stk_prepare(s), STK_OK);
	stk_purse_open(&s->budget, &purse, "a chain", 16);
	left = purse.steps;
	mm = stk_mm_of(s, task);
	ck_assert_ptr_nonnull(mm);
	ck_assert_uint_eq(mm->nr, nr);
	ck_assert_ptr_eq(s->budget.purse, &purse);
	stk_purse_close(&s->budget, &purse);
	return left - purse.steps;
}

/* That there are many is no fault of whoever asks first. */
START_TEST(who_pays_for_mappings)
{
	add_mm_types();
	ck_assert_uint_eq(price_of_mappings(1), price_of_mappings(100));
}
END_TEST

static void add_vmalloc(void)
{
	static const struct {
		const char *name;
		uint32_t offset, size;
	} types[] = {
		{ "vmap_area", 0, 64 },	       { "vmap_area.va_start", 0, 8 },
		{ "vmap_area.va_end", 8, 8 },  { "vmap_area.list", 40, 16 },
		{ "vmap_area.vm", 56, 8 },     { "vm_struct", 0, 64 },
		{ "vm_struct.addr", 8, 8 },    { "vm_struct.size", 16, 8 },
		{ "vm_struct.flags", 24, 8 },  { "vm_struct.phys_addr", 48, 8 },
		{ "vm_struct.caller", 56, 8 },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		syn_member(m, types[i].name, types[i].offset, types[i].size);
	syn_symbol(m, "vmap_area_list", LIST);
}

START_TEST(vmalloc_areas)
{
	uint64_t one, two, three;

	add_vmalloc();
	one = area(0, ALLOCATED, ALLOCATED + 0x5000, 2);
	two = area(1, ALLOCATED + 0x8000, ALLOCATED + 0xa000, 0x41);
	three = area(2, ALLOCATED + 0x20000, ALLOCATED + 0x21000, 4);
	syn_put64(m, LIST, one);
	syn_put64(m, one, two);
	syn_put64(m, two, three);
	syn_put64(m, three, LIST);
	s = syn_open(m);
	classify(ALLOCATED);
	ck_assert_str_eq(p.area.what, "vmalloc");
	ck_assert_uint_eq(p.area.guard, ALLOCATED + 0x4000);
	ck_assert_uint_eq(p.area.caller, syn_sym(m, "vfs_write") + 4);
	classify(ALLOCATED + 0x5000);
	ck_assert_ptr_null(p.area.what);
	classify(ALLOCATED + 0x9fff);
	ck_assert_str_eq(p.area.what, "ioremap");
	ck_assert_uint_eq(p.area.guard, 0);
	classify(ALLOCATED + 0x20800);
	ck_assert_str_eq(p.area.what, "vmap");
	/* A list that loops keeps what it had. */
	syn_put64(m, two, one);
	s = syn_open(m);
	classify(ALLOCATED + 0x8000);
	ck_assert_str_eq(p.area.what, "ioremap");
	classify(ALLOCATED + 0x20800);
	ck_assert_ptr_null(p.area.what);
	/* One that follows itself, and one that leads out of memory. */
	syn_put64(m, two, two);
	s = syn_open(m);
	classify(ALLOCATED + 0x8000);
	ck_assert_str_eq(p.area.what, "ioremap");
	syn_put64(m, one, 0x1234);
	s = syn_open(m);
	classify(ALLOCATED);
	ck_assert_str_eq(p.area.what, "vmalloc");
	/* No vm_struct: the word belongs to something else. */
	syn_put64(m, AREAS + 56, 0xdead);
	s = syn_open(m);
	classify(ALLOCATED);
	ck_assert_str_eq(p.area.what, "vm_map_ram");
}
END_TEST

static const struct unit_test bounds_tests[] = {
	LOOP(constant_bases, 2),
	TEST(kasan_shadow),
	TEST(markers),
	TEST(five_levels),
	TEST(damaged_bases),
	LOOP(misaligned_base, 2),
	LOOP(base_at_a_bound, 2),
	LOOP(built_in_base_at_a_bound, 2),
	LOOP(direct_map_out_of_place, 2),
	TEST(more_memory_than_room),
	LOOP(lowest_direct_map, 2),
	LOOP(size_of_the_markers, 4),
	LOOP(marker_that_says_nothing, 2),
	LOOP(empty_kasan_shadow, 2),
	LOOP(modules_marker_at_a_bound, 2),
	LOOP(image_area_at_a_bound, 2),
	TEST(unknown_page_size),
	LOOP(size_of_the_image_area, 2),
	LOOP(fixmap_marker, 2),
	LOOP(end_of_the_vmemmap, 6),
	TEST(entry_trampoline),
	TEST(kasan_without_a_begin),
	{ 0 },
};

static const struct unit_test areas_tests[] = {
	TEST(list_of_mappings), TEST(who_pays_for_mappings), TEST(tree_of_mappings),
	TEST(tree_is_walked),	TEST(vmalloc_areas),	     { 0 },
};

const struct unit_suite suite_regions = {
	"regions",
	{
		{ "bounds", bounds_tests, setup, NULL },
		{ "areas", areas_tests, setup, NULL },
	},
};
