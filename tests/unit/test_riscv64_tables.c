/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves the walk of riscv64's page tables in each mode, with pages of each size and
 * those of Svnapot; the maps whose places VMCOREINFO has; and the regions.
 */
#include "fixture.h"
#include "other_expect.h"
#include "riscv64.h"
#include "suite.h"

#include "arch/arch.h"
#include "base/context.h"

#include <string.h>

#define VIRT 0xffffffc600123000ull /* in all modes */

static const struct riscv_mode *mode;
static struct stk *s;
static uint64_t phys;

static void open_mode(enum riscv_mode_id id)
{
	fixture_free();
	mode = &riscv_modes[id];
	m = riscv_machine(id);
}

static void setup(void)
{
	open_mode(RV_SV39);
}

static enum stk_status translate(uint64_t addr)
{
	phys = 0x5555;
	return stk_translate(s, addr, &phys);
}

/* ---- the walk ---- */

START_TEST(each_mode)
{
	const uint64_t high = 0x00ff123456789000ull; /* 56 bits of an address */
	uint64_t first;

	open_mode((enum riscv_mode_id)_i);
	first = UINT64_MAX << (mode->bits - 1);
	syn_map(m, first, high, 4096);
	syn_map(m, VIRT, RV_RAM, 4096);
	syn_map(m, -8192ull, RV_RAM + 0x5000, 4096);
	s = syn_open(m);
	other_expect_phys(mode->name, first, high);
	other_expect_phys(mode->name, first + 4095, high + 4095);
	other_expect_phys(mode->name, VIRT + 8, RV_RAM + 8);
	other_expect_phys(mode->name, -8192ull, RV_RAM + 0x5000);
	ck_assert_int_eq(translate(first + 4096), STK_ERR_UNMAPPED);
	ck_assert_int_eq(translate(-4096ull), STK_ERR_UNMAPPED);
	/* The same entries, by addresses that are none. */
	ck_assert_int_eq(translate(first - (1ull << mode->bits)), STK_ERR_UNMAPPED);
	ck_assert_int_eq(translate(VIRT & ((1ull << mode->bits) - 1)), STK_ERR_UNMAPPED);
	ck_assert_int_eq(translate(VIRT & ~(1ull << 63)), STK_ERR_UNMAPPED);
}
END_TEST

/* 2 MiB, 1 GiB, and what more levels have; each can be read, or run alone. */
START_TEST(large_pages)
{
	for (unsigned int shift = 21; shift < mode->bits - 2; shift += 9) {
		uint64_t size = 1ull << shift, virt = VIRT & ~(size - 1);

		open_mode((enum riscv_mode_id)_i);
		syn_map(m, virt, 2 * size, size);
		s = syn_open(m);
		other_expect_phys(mode->name, virt + size - 1, 3 * size - 1);
		ck_assert_int_eq(translate(virt + size), STK_ERR_UNMAPPED);
		/* Code that can be run but not read is no table. */
		*other_entry(virt, size) ^= 2 | RV_EXEC;
		s = syn_open(m);
		other_expect_phys(mode->name, virt + size - 1, 3 * size - 1);
	}
}
END_TEST

/* Sixteen pages, each of whose entries is the same: 8 in the lowest bits of the number.
 */
START_TEST(napot)
{
	const uint64_t virt = VIRT & ~0xffffull;

	for (uint64_t off = 0; off < 0x10000; off += 4096) {
		syn_map(m, virt + off, RV_RAM + 0x128000, 4096);
		*other_entry(virt + off, 4096) |= RV_NAPOT;
	}
	s = syn_open(m);
	for (uint64_t off = 0; off < 0x10000; off += 0xff8)
		other_expect_phys(mode->name, virt + off, RV_RAM + 0x120000 + off);
}
END_TEST

START_TEST(not_present_at_each_level)
{
	const uint64_t size = 1ull << (12 + 9 * _i);

	syn_map(m, VIRT, RV_RAM, 4096);
	*other_entry(VIRT, size) &= ~1ull;
	s = syn_open(m);
	ck_assert_int_eq(translate(VIRT), STK_ERR_UNMAPPED);
}
END_TEST

START_TEST(table_not_in_the_dump)
{
	syn_map(m, VIRT, RV_RAM, 4096);
	syn_fail_phys(m, syn_entry_at(m, VIRT, 1ull << (12 + 9 * _i)), STK_ERR_EXCLUDED);
	s = syn_open(m);
	ck_assert_int_eq(translate(VIRT), STK_ERR_EXCLUDED);
}
END_TEST

START_TEST(nothing_tells_the_tables)
{
	static const char *const key[] = { "SYMBOL(swapper_pg_dir)", "NUMBER(VA_BITS)",
					   "NUMBER(va_kernel_pa_offset)" };

	syn_no_vmcoreinfo(m, key[_i]);
	s = syn_open(m);
	ck_assert_int_eq(translate(VIRT), STK_ERR_UNSUPPORTED);
	ck_assert_str_ne(stk_error_text(s), "");
}
END_TEST

START_TEST(bits_damaged)
{
	static const char *const value[] = { "0",  "38", "47",
					     "64", "-1", "18446744073709551615" };

	syn_vmcoreinfo(m, "NUMBER(VA_BITS)", "%s", value[_i]);
	s = syn_open(m);
	ck_assert_int_eq(translate(VIRT), STK_ERR_UNSUPPORTED);
	stk_classify(s, VIRT, &(struct stk_place){ 0 });
}
END_TEST

/* A table that points at itself on every level: the last one leads to no other. */
START_TEST(recursive_table)
{
	uint64_t *table;

	open_mode((enum riscv_mode_id)_i);
	table = syn_phys_page(m, m->pgd);
	for (int i = 0; i < 512; i++)
		table[i] = mode->tables.coded(m->pgd) | 1;
	s = syn_open(m);
	ck_assert_int_eq(translate(VIRT), STK_ERR_UNMAPPED);
}
END_TEST

START_TEST(executable)
{
	syn_map_text(m, VIRT);
	syn_map(m, VIRT + 4096, RV_RAM, 4096);
	s = syn_open(m);
	ck_assert(s->arch->executable(s, VIRT));
	ck_assert(!s->arch->executable(s, VIRT + 4096));
	ck_assert(!s->arch->executable(s, VIRT + 8192));
	ck_assert(!s->arch->executable(s, VIRT & ((1ull << 39) - 1)));
	ck_assert(s->arch->is_kernel_address(1ull << 63));
	ck_assert(!s->arch->is_kernel_address((1ull << 63) - 1));
}
END_TEST

/* ---- other ways to the same memory ---- */

START_TEST(maps)
{
	uint64_t addr;

	open_mode((enum riscv_mode_id)_i);
	syn_symbol(m, "_start", RV_TEXT);
	syn_symbol(m, "_end", RV_TEXT + 0x200000);
	s = syn_open(m);
	ck_assert(s->arch->direct_map(s, RV_RAM + 0x1234, &addr));
	ck_assert_uint_eq(addr, mode->linear + 0x1234);
	ck_assert(s->arch->image_map(s, RV_IMAGE + 0x1fffff, &addr));
	ck_assert_uint_eq(addr, RV_TEXT + 0x1fffff);
	ck_assert(!s->arch->image_map(s, RV_IMAGE + 0x200000, &addr));
	ck_assert(!s->arch->image_map(s, RV_IMAGE - 1, &addr));
	syn_no_vmcoreinfo(m, "NUMBER(phys_ram_base)");
	s = syn_open(m);
	ck_assert(!s->arch->direct_map(s, RV_RAM, &addr));
}
END_TEST

START_TEST(tables_of_a_process)
{
	const uint64_t user = 0x0000003456789000ull;
	uint64_t root, kernel = m->pgd;

	m->pgd = syn_alloc(m, 1);
	syn_map(m, user, 0x87000000, 4096);
	syn_map(m, user | 1ull << 38, 0x87000000, 4096);
	root = riscv_linear(mode, m->pgd);
	m->pgd = kernel;
	syn_map(m, root, root - mode->linear + RV_RAM, 4096);
	s = syn_open(m);
	ck_assert_int_eq(s->arch->translate_in(s, root, user + 5, &phys), STK_OK);
	ck_assert_uint_eq(phys, 0x87000005);
	ck_assert_int_eq(s->arch->translate_in(s, root, user + 4096, &phys),
			 STK_ERR_UNMAPPED);
	/* The kernel's half of the same table is no user's. */
	ck_assert_int_eq(s->arch->translate_in(s, root, user | 1ull << 38, &phys),
			 STK_ERR_UNMAPPED);
	ck_assert_int_eq(s->arch->translate_in(s, root, user | 1ull << 39, &phys),
			 STK_ERR_UNMAPPED);
	ck_assert_int_ne(s->arch->translate_in(s, VIRT, user, &phys), STK_OK);
}
END_TEST

/* ---- regions ---- */

START_TEST(regions)
{
	struct stk_place p = { 0 };
	uint64_t kernel, addr;

	open_mode((enum riscv_mode_id)_i);
	kernel = UINT64_MAX << (mode->bits - 1);
	syn_symbol(m, "_text", RV_TEXT);
	syn_symbol(m, "_end", RV_TEXT + 0x200000);
	syn_size(m, "page", 64);
	syn_symbol(m, "max_pfn", RV_TEXT + 0x1000);
	syn_put64(m, RV_TEXT + 0x1000, (RV_RAM >> 12) + 0x20000);
	s = syn_open(m);
	other_expect_region(mode->name, 0, "user space");
	other_expect_region(mode->name, ~kernel, "user space");
	other_expect_region(mode->name, ~kernel + 1, "not canonical");
	other_expect_region(mode->name, kernel - 1, "not canonical");
	other_expect_region(mode->name, kernel, "kernel space");
	other_expect_region(mode->name, mode->vmemmap, "vmemmap");
	other_expect_region(mode->name, mode->vmalloc - 1, "vmemmap");
	other_expect_region(mode->name, mode->vmalloc, "vmalloc");
	other_expect_region(mode->name, mode->linear - 1, "vmalloc");
	other_expect_region(mode->name, mode->linear, "direct map");
	other_expect_region(mode->name, mode->linear + 0x1fffffff, "direct map");
	other_expect_region(mode->name, mode->linear + 0x20000000, "kernel space");
	other_expect_region(mode->name, RV_TEXT - 0x7e000000, "module area");
	other_expect_region(mode->name, RV_TEXT - 1, "module area");
	other_expect_region(mode->name, RV_TEXT, "kernel image");
	other_expect_region(mode->name, RV_TEXT + 0x200000, "kernel space");
	other_expect_region(mode->name, UINT64_MAX, "hole");
	s->arch->region(s, mode->linear + 0x1234, &p);
	ck_assert_str_eq(p.about.what, "phys");
	ck_assert_uint_eq(p.about.value, RV_RAM + 0x1234);
	s->arch->region(s, mode->vmemmap + 64 * 5 + 8, &p);
	ck_assert_str_eq(p.about.what, "pfn");
	ck_assert_uint_eq(p.about.value, (RV_RAM >> 12) + 5);
	ck_assert(s->arch->page_struct(s, RV_RAM + 0x5123, &addr));
	ck_assert_uint_eq(addr, mode->vmemmap + 64 * 5);
}
END_TEST

/* Which page the first struct page is of: what the kernel keeps, or VMCOREINFO. */
START_TEST(first_page)
{
	static const int64_t first[] = { 0, (RV_RAM >> 12) - 7, (RV_RAM >> 12) + 3, -5 };
	const uint64_t pfn = (uint64_t)first[_i % 4];
	struct stk_place p = { 0 };
	uint64_t addr;

	syn_size(m, "page", 64);
	syn_symbol(m, "vmemmap_start_pfn", RV_TEXT + 0x1000);
	syn_put64(m, RV_TEXT + 0x1000, _i < 4 ? 0x77 : pfn);
	if (_i < 4)
		syn_vmcoreinfo(m, "SYMBOL(vmemmap)", "%llx",
			       (unsigned long long)(mode->vmemmap - pfn * 64));
	s = syn_open(m);
	s->arch->region(s, mode->vmemmap + 64 * 5 + 8, &p);
	ck_assert_uint_eq(p.about.value, pfn + 5);
	ck_assert(s->arch->page_struct(s, (pfn + 9) << 12, &addr));
	ck_assert_uint_eq(addr & UINT64_MAX >> 6,
			  (mode->vmemmap + 64 * 9) & UINT64_MAX >> 6);
}
END_TEST

/* A max_pfn that cannot be, or ends that are the first addresses behind. */
START_TEST(bounds)
{
	syn_vmcoreinfo(m, "NUMBER(VMALLOC_END)", "0x%llx",
		       (unsigned long long)mode->linear);
	syn_symbol(m, "max_pfn", RV_TEXT + 0x1000);
	syn_put64(m, RV_TEXT + 0x1000, _i ? 1ull << 52 | ((RV_RAM >> 12) + 0x20000) : 1);
	s = syn_open(m);
	other_expect_region(mode->name, mode->linear - 1, "vmalloc");
	other_expect_region(mode->name, mode->linear, "direct map");
	other_expect_region(mode->name, RV_TEXT - 0x7e000000 - 1, "direct map");
}
END_TEST

/* How far the direct map reaches: to the end of memory, if that can be, or the image. */
START_TEST(end_of_the_direct_map)
{
	static const struct {
		uint64_t max_pfn, size; /* 0: up to the image */
	} row[] = {
		{ (RV_RAM >> 12) + 1, 4096 },
		{ (RV_RAM >> 12) + 0x20000, 0x20000000 },
		{ (RV_RAM >> 12) + (1ull << 28), 1ull << 40 },
		{ RV_RAM >> 12, 0 },
		{ (RV_RAM >> 12) - 1, 0 },
		{ 1ull << 52 | ((RV_RAM >> 12) + 1), 0 },
	};
	uint64_t size = row[_i].size;

	open_mode(RV_SV57);
	syn_no_vmcoreinfo(m, "NUMBER(MODULES_VADDR)");
	syn_symbol(m, "max_pfn", RV_TEXT + 0x1000);
	syn_put64(m, RV_TEXT + 0x1000, row[_i].max_pfn);
	s = syn_open(m);
	other_expect_region(mode->name, mode->linear, "direct map");
	other_expect_region(mode->name, RV_TEXT - 1,
			    size ? "kernel space" : "direct map");
	other_expect_region(mode->name, RV_TEXT, "kernel space");
	if (size) {
		other_expect_region(mode->name, mode->linear + size - 1, "direct map");
		other_expect_region(mode->name, mode->linear + size, "kernel space");
	}
	/* Without it, it is the same as with one that cannot be. */
	syn_no_symbol(m, "max_pfn");
	s = syn_open(m);
	other_expect_region(mode->name, RV_TEXT - 1, "direct map");
}
END_TEST

/* Numbers of bits that no mode has, and an image that lies too low. */
START_TEST(no_regions)
{
	static const char *const bits[] = { "38", "58", "0", "4294967343" };

	syn_symbol(m, "_text", RV_TEXT - 0x1000);
	syn_symbol(m, "_end", RV_TEXT + 0x1000);
	s = syn_open(m);
	other_expect_region(mode->name, RV_TEXT, "kernel space");
	other_expect_region(mode->name, RV_TEXT - 1, "module area");
	syn_vmcoreinfo(m, "NUMBER(VA_BITS)", "%s", bits[_i]);
	s = syn_open(m);
	other_expect_region(mode->name, 0, "hole");
	other_expect_region(mode->name, UINT64_MAX, "hole");
	other_expect_region(mode->name, RV_TEXT, "hole");
}
END_TEST

static const struct unit_test walk_tests[] = {
	LOOP(each_mode, RV_NR_MODES),
	LOOP(large_pages, RV_NR_MODES),
	TEST(napot),
	LOOP(not_present_at_each_level, 3),
	LOOP(table_not_in_the_dump, 3),
	LOOP(nothing_tells_the_tables, 3),
	LOOP(bits_damaged, 6),
	LOOP(recursive_table, RV_NR_MODES),
	TEST(executable),
	{ 0 },
};

static const struct unit_test place_tests[] = {
	LOOP(maps, RV_NR_MODES),
	TEST(tables_of_a_process),
	LOOP(regions, RV_NR_MODES),
	LOOP(first_page, 8),
	LOOP(bounds, 2),
	LOOP(end_of_the_direct_map, 6),
	LOOP(no_regions, 4),
	{ 0 },
};

const struct unit_suite suite_riscv64_tables = {
	"riscv64_tables",
	{
		{ "walk", walk_tests, setup, NULL },
		{ "places", place_tests, setup, NULL },
	},
};
