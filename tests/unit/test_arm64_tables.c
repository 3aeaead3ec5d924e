/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves the walk of arm64's page tables in each shape that they have, where a kernel for
 * 52 bits runs with fewer, too; the linear map, wherever it is; and the regions.
 */
#include "arm64.h"
#include "fixture.h"
#include "other_expect.h"
#include "suite.h"

#include "arch/arch.h"
#include "base/context.h"

#include <string.h>

static const struct arm64_shape *shape;
static struct stk *s;
static uint64_t phys;

static void open_shape(enum arm64_shape_id id)
{
	fixture_free();
	shape = &arm64_shapes[id];
	m = arm64_machine(id);
}

static void setup(void)
{
	open_shape(A64_4K_48);
}

static enum stk_status translate(uint64_t addr)
{
	phys = 0x5555;
	return stk_translate(s, addr, &phys);
}

/* ---- the walk ---- */

/* Below the first, at the last, and in the middle of what the tables reach. */
START_TEST(each_shape)
{
	const uint64_t high[] = { 0x0000123456780000ull, 0x000d923456780000ull };
	uint64_t page, first, last, middle;
	const bool wide = _i == A64_4K_52 || _i == A64_16K_52 || _i >= A64_64K_52;

	open_shape((enum arm64_shape_id)_i);
	page = syn_page_size(m);
	first = UINT64_MAX << shape->live;
	middle = first + (1ull << (shape->live - 1)) + 3 * page;
	last = -2 * page;
	syn_map(m, first + page, high[wide], page);
	syn_map(m, middle, A64_RAM + page, page);
	syn_map(m, last, A64_RAM + 2 * page, page);
	s = syn_open(m);
	ck_assert_uint_eq(1ull << s->page_shift, page);
	other_expect_phys(shape->name, first + page, high[wide]);
	other_expect_phys(shape->name, first + 2 * page - 1, high[wide] + page - 1);
	other_expect_phys(shape->name, middle + 8, A64_RAM + page + 8);
	other_expect_phys(shape->name, last, A64_RAM + 2 * page);
	ck_assert_int_eq(translate(last + page), STK_ERR_UNMAPPED);
	ck_assert_int_eq(translate(first + 2 * page), STK_ERR_UNMAPPED);
	/* With bits that are not in use: it would be the same entry. */
	ck_assert_int_eq(translate((first + page) & ~(1ull << shape->live)),
			 STK_ERR_UNMAPPED);
	ck_assert_int_eq(translate((first + page) & ~(1ull << 55)), STK_ERR_UNMAPPED);
	ck_assert_int_eq(translate((first + page) & ((1ull << shape->live) - 1)),
			 STK_ERR_UNMAPPED);
}
END_TEST

/*
 * Of fewer bits than it was built for the first in use is not where the linear map would
 * begin. What nobody can tell is 0.
 */
START_TEST(base_of_each_shape)
{
	uint64_t first;

	open_shape((enum arm64_shape_id)_i);
	first = UINT64_MAX << shape->live;
	if (first < shape->linear)
		first = shape->linear;
	s = syn_open(m);
	ck_assert_uint_eq(s->arch->phys_base(s),
			  first - shape->linear + shape->phys_offset);
	ck_assert_uint_eq(first - arm64_linear(shape, A64_RAM),
			  s->arch->phys_base(s) - A64_RAM);
	syn_no_vmcoreinfo(m, "SYMBOL(swapper_pg_dir)");
	s = syn_open(m);
	ck_assert_uint_eq(s->arch->phys_base(s), 0);
}
END_TEST

/* Blocks of each level above the last that can have them. */
START_TEST(blocks)
{
	unsigned int bits;
	uint64_t at;

	open_shape((enum arm64_shape_id)_i);
	bits = shape->tables.page_shift - 3;
	at = (UINT64_MAX << shape->live) + (1ull << (shape->live - 2));
	for (unsigned int level = 1; level < shape->tables.levels && level < 3; level++) {
		uint64_t size = 1ull << (shape->tables.page_shift + level * bits);
		uint64_t virt = at + level * (1ull << (shape->live - 4));

		virt &= ~(size - 1);
		if (size > 1ull << 40)
			break;
		syn_map(m, virt, 3 * size, size);
		s = syn_open(m);
		other_expect_phys(shape->name, virt + size - 3, 4 * size - 3);
		ck_assert_int_eq(translate(virt + size), STK_ERR_UNMAPPED);
	}
}
END_TEST

START_TEST(not_present_at_each_level)
{
	const uint64_t virt = 0xffff800012345000ull;
	uint64_t size = 1ull << (12 + 9 * _i);

	syn_map(m, virt, A64_RAM, 4096);
	*other_entry(virt, size) &= ~1ull;
	s = syn_open(m);
	ck_assert_int_eq(translate(virt), STK_ERR_UNMAPPED);
	*other_entry(virt, size) |= 1;
	s = syn_open(m);
	ck_assert_int_eq(translate(virt), STK_OK);
}
END_TEST

/* What would be a block in the last table is reserved. */
START_TEST(block_of_a_page)
{
	const uint64_t virt = 0xffff800012345000ull;

	syn_map(m, virt, A64_RAM, 4096);
	*other_entry(virt, 4096) &= ~2ull;
	s = syn_open(m);
	ck_assert_int_eq(translate(virt), STK_ERR_UNMAPPED);
}
END_TEST

START_TEST(table_not_in_the_dump)
{
	const uint64_t virt = 0xffff800012345000ull;

	syn_map(m, virt, A64_RAM, 4096);
	syn_fail_phys(m, syn_entry_at(m, virt, 1ull << (12 + 9 * _i)), STK_ERR_EXCLUDED);
	s = syn_open(m);
	ck_assert_int_eq(translate(virt), STK_ERR_EXCLUDED);
}
END_TEST

/* What the tables are is asked once more, if the user stopped it; else only once. */
START_TEST(stopped_and_asked_again)
{
	const uint64_t virt = 0xffff800012345000ull;
	unsigned int asked;

	syn_map(m, virt, A64_RAM, 4096);
	s = syn_open(m);
	m->interrupt = true;
	ck_assert_int_ne(translate(virt), STK_OK);
	m->interrupt = false;
	ck_assert_int_eq(translate(virt), STK_OK);
	asked = m->calls.vmcoreinfo;
	ck_assert_int_eq(translate(virt), STK_OK);
	ck_assert_uint_eq(m->calls.vmcoreinfo, asked);
}
END_TEST

START_TEST(nothing_tells_the_tables)
{
	static const char *const key[] = { "SYMBOL(swapper_pg_dir)",
					   "NUMBER(kimage_voffset)", "NUMBER(VA_BITS)" };

	syn_no_vmcoreinfo(m, key[_i]);
	s = syn_open(m);
	ck_assert_int_eq(translate(A64_TEXT), STK_ERR_UNSUPPORTED);
	ck_assert_str_ne(stk_error_text(s), "");
	ck_assert(!s->arch->direct_map(s, A64_RAM, &phys));
}
END_TEST

/* Bits that cannot be: of the configuration they are all there is, of the live ones not.
 */
START_TEST(bits_damaged)
{
	static const struct {
		const char *key, *value;
		enum stk_status want;
	} row[] = {
		{ "NUMBER(VA_BITS)", "0", STK_ERR_UNSUPPORTED },
		{ "NUMBER(VA_BITS)", "35", STK_ERR_UNSUPPORTED },
		{ "NUMBER(VA_BITS)", "53", STK_ERR_UNSUPPORTED },
		{ "NUMBER(VA_BITS)", "4294967344", STK_ERR_UNSUPPORTED },
		{ "NUMBER(TCR_EL1_T1SZ)", "0x0", STK_OK },
		{ "NUMBER(TCR_EL1_T1SZ)", "0x40", STK_OK },
		{ "NUMBER(TCR_EL1_T1SZ)", "0xffffffffffffffff", STK_OK },
	};
	uint64_t at = arm64_linear(shape, m->pgd);

	syn_vmcoreinfo(m, row[_i].key, "%s", row[_i].value);
	s = syn_open(m);
	ck_assert_int_eq(translate(at), row[_i].want);
}
END_TEST

/* A page table that points at itself on every level ends, too. */
START_TEST(recursive_table)
{
	uint64_t *table;

	open_shape((enum arm64_shape_id)_i);
	for (uint64_t off = 0; off < syn_page_size(m); off += 4096) {
		table = syn_phys_page(m, m->pgd + off);
		for (int i = 0; i < 512; i++)
			table[i] = shape->tables.coded(m->pgd) | 3;
	}
	s = syn_open(m);
	other_expect_phys(shape->name, UINT64_MAX << shape->live, m->pgd);
}
END_TEST

/* ---- who may run code ---- */

START_TEST(executable)
{
	const uint64_t virt = 0xffff800012345000ull, block = 0xffff800040000000ull;

	syn_map_text(m, virt);
	syn_map(m, block, A64_RAM, 2 << 20);
	*other_entry(block, 2 << 20) &= ~A64_PXN;
	s = syn_open(m);
	ck_assert(s->arch->executable(s, virt));
	ck_assert(s->arch->executable(s, block + 0x5000));
	ck_assert(!s->arch->executable(s, virt + 4096));
	ck_assert(!s->arch->executable(s, virt & ((1ull << 48) - 1)));
	/* By the page, and by each table on the way to it. */
	*other_entry(virt, 4096) |= A64_PXN;
	*other_entry(block, 1ull << (30 + 9 * _i)) |= A64_PXNTABLE;
	s = syn_open(m);
	ck_assert(!s->arch->executable(s, virt));
	ck_assert(!s->arch->executable(s, block + 0x5000));
	ck_assert_int_eq(translate(block + 0x5000), STK_OK);
}
END_TEST

START_TEST(kernel_addresses)
{
	s = syn_open(m);
	ck_assert(s->arch->is_kernel_address(UINT64_MAX << 52));
	ck_assert(s->arch->is_kernel_address(UINT64_MAX));
	ck_assert(!s->arch->is_kernel_address((UINT64_MAX << 52) - 1));
	ck_assert(!s->arch->is_kernel_address(0x0000ffffffffffffull));
	/* A pointer with a tag in its upper byte is none. */
	ck_assert(!s->arch->is_kernel_address(0xf4ff800012345000ull));
}
END_TEST

/* ---- other ways to the same memory ---- */

START_TEST(linear_map)
{
	uint64_t at = A64_RAM + 0x4567890, addr;

	open_shape((enum arm64_shape_id)_i);
	s = syn_open(m);
	ck_assert(s->arch->direct_map(s, at, &addr));
	ck_assert_msg(addr == arm64_linear(shape, at), "%s: %llx", shape->name,
		      (unsigned long long)addr);
	if (_i == A64_4K_52_ON_48) /* as measured */
		ck_assert_uint_eq(arm64_linear(shape, 0x4a79b780), 0xffff3dac0a79b780ull);
	/* Where the tables do not map themselves nobody knows. */
	syn_unmap(m, arm64_linear(shape, m->pgd));
	s = syn_open(m);
	ck_assert(!s->arch->direct_map(s, at, &addr));
	stk_classify(s, addr, &(struct stk_place){ 0 });
}
END_TEST

/* Or as far as the bits in use go, in all of that half or in half of it. */
START_TEST(linear_map_of_live_bits)
{
	const uint64_t at = A64_RAM + 0x4567890;
	uint64_t base, addr;

	open_shape(A64_4K_52_ON_48);
	base = UINT64_MAX << (shape->live - (unsigned int)_i);
	syn_vmcoreinfo(m, "NUMBER(PHYS_OFFSET)", "0x%llx",
		       (unsigned long long)(shape->phys_offset + base - shape->linear));
	s = syn_open(m);
	ck_assert(s->arch->direct_map(s, at, &addr));
	ck_assert_uint_eq(addr, arm64_linear(shape, at));
}
END_TEST

START_TEST(image)
{
	uint64_t addr;

	syn_symbol(m, "_text", A64_TEXT);
	s = syn_open(m);
	ck_assert(!s->arch->image_map(s, A64_IMAGE, &addr));
	syn_symbol(m, "_end", A64_TEXT + 0x200000);
	s = syn_open(m);
	ck_assert(s->arch->image_map(s, A64_IMAGE, &addr));
	ck_assert_uint_eq(addr, A64_TEXT);
	ck_assert(s->arch->image_map(s, A64_IMAGE + 0x1fffff, &addr));
	ck_assert(!s->arch->image_map(s, A64_IMAGE + 0x200000, &addr));
	ck_assert(!s->arch->image_map(s, A64_IMAGE - 1, &addr));
}
END_TEST

/* A process's: the root is a page, or less, of the linear map. */
START_TEST(tables_of_a_process)
{
	const uint64_t user = 0x0000123456789000ull;
	uint64_t root, kernel = m->pgd;

	m->pgd = syn_alloc(m, 1);
	syn_map(m, user, 0x47000000, 4096);
	root = arm64_linear(shape, m->pgd);
	m->pgd = kernel;
	syn_map(m, root, root - shape->linear + shape->phys_offset, 4096);
	s = syn_open(m);
	ck_assert_int_eq(s->arch->translate_in(s, root, user + 5, &phys), STK_OK);
	ck_assert_uint_eq(phys, 0x47000005);
	ck_assert_int_eq(s->arch->translate_in(s, root, user + 4096, &phys),
			 STK_ERR_UNMAPPED);
	ck_assert_int_eq(s->arch->translate_in(s, root, user | 1ull << 48, &phys),
			 STK_ERR_UNMAPPED);
	ck_assert_int_eq(s->arch->translate_in(s, root, ~user, &phys), STK_ERR_UNMAPPED);
	ck_assert_int_ne(s->arch->translate_in(s, 0xffff900000000000ull, user, &phys),
			 STK_OK);
}
END_TEST

/* ---- regions ---- */

static void told_regions(void)
{
	static const struct {
		const char *key;
		uint64_t value;
	} row[] = {
		{ "NUMBER(MODULES_VADDR)", 0xffff800000000000ull },
		{ "NUMBER(MODULES_END)", 0xffff800008000000ull },
		{ "NUMBER(VMALLOC_START)", 0xffff800008000000ull },
		{ "NUMBER(VMALLOC_END)", 0xfffffbfff0000000ull },
		{ "NUMBER(VMEMMAP_START)", 0xfffffc0000000000ull },
		{ "NUMBER(VMEMMAP_END)", 0xfffffe0000000000ull },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		syn_vmcoreinfo(m, row[i].key, "0x%llx", (unsigned long long)row[i].value);
	syn_symbol(m, "_text", A64_TEXT);
	syn_symbol(m, "_end", A64_TEXT + 0x200000);
	syn_size(m, "page", 64);
}

START_TEST(regions)
{
	struct stk_place p = { 0 };
	uint64_t addr;

	told_regions();
	s = syn_open(m);
	other_expect_region(shape->name, 0, "user space");
	other_expect_region(shape->name, 0x0000ffffffffffffull, "user space");
	other_expect_region(shape->name, 0x0001000000000000ull, "not canonical");
	other_expect_region(shape->name, 0xfffeffffffffffffull, "not canonical");
	other_expect_region(shape->name, 0xffff000000000000ull, "direct map");
	other_expect_region(shape->name, 0xffff7fffffffffffull, "direct map");
	other_expect_region(shape->name, 0xffff800000000000ull, "module area");
	other_expect_region(shape->name, 0xffff800007ffffffull, "module area");
	other_expect_region(shape->name, 0xffff800008000000ull, "vmalloc");
	other_expect_region(shape->name, 0xfffffbffefffffffull, "vmalloc");
	other_expect_region(shape->name, 0xfffffbfff0000000ull, "kernel space");
	other_expect_region(shape->name, 0xfffffc0000000000ull, "vmemmap");
	other_expect_region(shape->name, 0xfffffdffffffffffull, "vmemmap");
	other_expect_region(shape->name, 0xfffffe0000000000ull, "kernel space");
	other_expect_region(shape->name, A64_TEXT - 1, "vmalloc");
	other_expect_region(shape->name, A64_TEXT, "kernel image");
	other_expect_region(shape->name, A64_TEXT + 0x1fffff, "kernel image");
	other_expect_region(shape->name, A64_TEXT + 0x200000, "vmalloc");
	other_expect_region(shape->name, 0xfffffffffffff000ull - 1, "kernel space");
	other_expect_region(shape->name, UINT64_MAX, "hole");
	s->arch->region(s, 0xffff000000001234ull, &p);
	ck_assert_str_eq(p.about.what, "phys");
	ck_assert_uint_eq(p.about.value, A64_RAM + 0x1234);
	s->arch->region(s, 0xfffffc0000000000ull + 64 * 5 + 8, &p);
	ck_assert_str_eq(p.about.what, "pfn");
	ck_assert_uint_eq(p.about.value, (A64_RAM >> 12) + 5);
	ck_assert(s->arch->page_struct(s, A64_RAM + 0x5123, &addr));
	ck_assert_uint_eq(addr, 0xfffffc0000000000ull + 64 * 5);
}
END_TEST

/* The linear map is half of what the kernel can do with: of 48 bits, or 47. */
START_TEST(end_of_the_linear_map)
{
	static const struct {
		enum arm64_shape_id id;
		uint64_t first, last;
	} row[] = {
		{ A64_4K_39, 0xffffff8000000000ull, 0xffffffbfffffffffull },
		{ A64_4K_48, 0xffff000000000000ull, 0xffff7fffffffffffull },
		{ A64_4K_52, 0xfff0000000000000ull, 0xffff7fffffffffffull },
		{ A64_4K_52_ON_48, 0xffff000000000000ull, 0xffff7fffffffffffull },
		{ A64_16K_36, 0xfffffff000000000ull, 0xfffffff7ffffffffull },
		{ A64_16K_47, 0xffff800000000000ull, 0xffffbfffffffffffull },
		{ A64_16K_52, 0xfff0000000000000ull, 0xffffbfffffffffffull },
		{ A64_16K_52_ON_47, 0xffff800000000000ull, 0xffffbfffffffffffull },
		{ A64_64K_42, 0xfffffc0000000000ull, 0xfffffdffffffffffull },
		{ A64_64K_52, 0xfff0000000000000ull, 0xffff7fffffffffffull },
		{ A64_64K_52_ON_48, 0xffff000000000000ull, 0xffff7fffffffffffull },
		/* The upper half, to the end. */
		{ A64_4K_48_OLD, 0xffff800000000000ull, 0xfffffffffffff000ull },
	};
	struct stk_place p = { 0 };

	open_shape(row[_i].id);
	s = syn_open(m);
	other_expect_region(shape->name, row[_i].first, "direct map");
	other_expect_region(shape->name, row[_i].last, "direct map");
	other_expect_region(shape->name, row[_i].first - 1,
			    row[_i].id == A64_4K_48_OLD ? "kernel space"
							: "not canonical");
	other_expect_region(shape->name, row[_i].last + 1,
			    row[_i].id == A64_4K_48_OLD ? "hole" : "kernel space");
	s->arch->region(s, arm64_linear(shape, A64_RAM + 0x123), &p);
	ck_assert_uint_eq(p.about.value, A64_RAM + 0x123);
}
END_TEST

static const struct unit_test walk_tests[] = {
	LOOP(each_shape, A64_NR_SHAPES),
	LOOP(base_of_each_shape, A64_NR_SHAPES),
	LOOP(blocks, A64_NR_SHAPES),
	LOOP(not_present_at_each_level, 4),
	TEST(block_of_a_page),
	LOOP(table_not_in_the_dump, 4),
	TEST(stopped_and_asked_again),
	LOOP(nothing_tells_the_tables, 3),
	LOOP(bits_damaged, 7),
	LOOP(recursive_table, A64_NR_SHAPES),
	RANGE(executable, 0, 2),
	TEST(kernel_addresses),
	{ 0 },
};

static const struct unit_test place_tests[] = {
	LOOP(linear_map, A64_NR_SHAPES),
	LOOP(linear_map_of_live_bits, 2),
	TEST(image),
	TEST(tables_of_a_process),
	TEST(regions),
	LOOP(end_of_the_linear_map, 12),
	{ 0 },
};

const struct unit_suite suite_arm64_tables = {
	"arm64_tables",
	{
		{ "walk", walk_tests, setup, NULL },
		{ "places", place_tests, setup, NULL },
	},
};
