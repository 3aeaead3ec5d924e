/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves the walk of the kernel's page tables: 4 and 5 levels, pages of every size,
 * encryption bits, and the difference between "not mapped" and "not in the dump".
 */
#include "fixture.h"
#include "suite.h"

#include <string.h>

#define VIRT 0xffffb1c000123000ull
#define PHYS 0x0000000012345000ull

static struct stk *s;
static uint64_t phys;

static enum stk_status translate(uint64_t addr)
{
	phys = 0x5555;
	return stk_translate(s, addr, &phys);
}

static uint64_t *entry(uint64_t virt, uint64_t size)
{
	uint64_t at = syn_entry_at(m, virt, size);

	return (uint64_t *)((char *)syn_phys_page(m, at) + (at & 4095));
}

/* [level: 4 or 5] × page sizes */
START_TEST(page_sizes)
{
	static const uint64_t size[] = { 1ull << 12, 1ull << 21, 1ull << 30 };
	uint64_t page = size[_i % 3];
	uint64_t virt = VIRT & ~(page - 1), to = 0x40000000ull * 5;

	syn_free(m);
	m = syn_new(_i < 3 ? 4 : 5);
	syn_map(m, virt, to, page);
	s = syn_open(m);
	ck_assert_int_eq(translate(virt), STK_OK);
	ck_assert_uint_eq(phys, to);
	ck_assert_int_eq(translate(virt + page - 1), STK_OK);
	ck_assert_uint_eq(phys, to + page - 1);
	ck_assert_int_eq(translate(virt + page), STK_ERR_UNMAPPED);
	ck_assert_int_eq(translate(virt - 1), STK_ERR_UNMAPPED);
}
END_TEST

/* Bit 12 of a large page's entry is PAT, the upper bits are NX and keys. */
START_TEST(flags_are_no_address)
{
	uint64_t page = 1ull << 21, virt = VIRT & ~(page - 1);

	syn_map(m, virt, 0x40200000, page);
	*entry(virt, page) |= 1ull << 12 | 0x7ff0000000000000ull | 0xe00;
	s = syn_open(m);
	ck_assert_int_eq(translate(virt + 0x1234), STK_OK);
	ck_assert_uint_eq(phys, 0x40201234);
}
END_TEST

/* Bit 7 means "large" in the upper levels only; in a PTE it is PAT. */
START_TEST(pat_bit_of_a_small_page)
{
	syn_map(m, VIRT, PHYS, 4096);
	*entry(VIRT, 4096) |= 0x80;
	s = syn_open(m);
	ck_assert_int_eq(translate(VIRT + 0xabc), STK_OK);
	ck_assert_uint_eq(phys, PHYS + 0xabc);
}
END_TEST

/* No page is as large as what an entry of the root is for. */
START_TEST(large_bit_in_the_root)
{
	syn_map(m, VIRT, PHYS, 4096);
	*entry(VIRT, 1ull << 39) |= 0x80;
	s = syn_open(m);
	ck_assert_int_eq(translate(VIRT + 0xabc), STK_OK);
	ck_assert_uint_eq(phys, PHYS + 0xabc);
}
END_TEST

START_TEST(not_canonical)
{
	static const uint64_t addr4[] = { 0x0000800000000000ull, 0xffff7fffffffffffull,
					  0x4141414141414141ull };
	static const uint64_t addr5[] = { 0x0100000000000000ull, 0xfeffffffffffffffull,
					  0x4141414141414141ull };

	syn_map(m, addr4[_i % 3] & 0x0000fffffffff000ull, PHYS, 4096);
	s = syn_open(m);
	ck_assert_int_eq(translate(addr4[_i % 3]), STK_ERR_UNMAPPED);
	syn_free(m);
	m = syn_new(5);
	syn_map(m, addr5[_i % 3] & 0x01fffffffffff000ull, PHYS, 4096);
	s = syn_open(m);
	ck_assert_int_eq(translate(addr5[_i % 3]), STK_ERR_UNMAPPED);
}
END_TEST

/* With 5 levels the addresses between are fine. */
START_TEST(five_levels_reach_further)
{
	uint64_t virt = 0xff11000000000000ull + 0x123000;

	syn_free(m);
	m = syn_new(5);
	syn_map(m, virt, PHYS, 4096);
	s = syn_open(m);
	ck_assert_int_eq(translate(virt + 7), STK_OK);
	ck_assert_uint_eq(phys, PHYS + 7);
}
END_TEST

START_TEST(not_present_at_each_level)
{
	static const uint64_t size[] = { 1ull << 12, 1ull << 21, 1ull << 30, 1ull << 39 };
	uint64_t *e;

	syn_map(m, VIRT, PHYS, 4096);
	if (_i < 3) {
		e = entry(VIRT, size[_i]);
	} else {
		e = (uint64_t *)((char *)syn_phys_page(m, m->pgd) +
				 (VIRT >> 39 & 511) * 8);
	}
	ck_assert_uint_eq(*e & 1, 1);
	*e &= ~1ull; /* swapped out, or a migration entry: the rest stays */
	s = syn_open(m);
	ck_assert_int_eq(translate(VIRT), STK_ERR_UNMAPPED);
}
END_TEST

/* makedumpfile left a page-table page out. */
START_TEST(table_not_in_the_dump)
{
	static const uint64_t size[] = { 1ull << 12, 1ull << 21, 1ull << 30 };
	enum stk_status fail = _i < 3 ? STK_ERR_EXCLUDED : STK_ERR_IO;

	syn_map(m, VIRT, PHYS, 4096);
	syn_fail_phys(m, syn_entry_at(m, VIRT, size[_i % 3]), fail);
	s = syn_open(m);
	ck_assert_int_eq(translate(VIRT), STK_ERR_EXCLUDED);
}
END_TEST

START_TEST(walk_interrupted)
{
	syn_map(m, VIRT, PHYS, 4096);
	syn_fail_phys(m, m->pgd, STK_ERR_INTERRUPTED);
	s = syn_open(m);
	ck_assert_int_eq(translate(VIRT), STK_ERR_INTERRUPTED);
}
END_TEST

/* SME: one bit of every entry's address is the encryption mark. */
START_TEST(sme_mask)
{
	uint64_t bit = 1ull << 47;

	syn_map(m, VIRT, PHYS | bit, 4096);
	*entry(VIRT, 1ull << 21) |= bit;
	*entry(VIRT, 1ull << 30) |= bit;
	syn_vmcoreinfo(m, "NUMBER(sme_mask)", "%llu", (unsigned long long)bit);
	s = syn_open(m);
	ck_assert_int_eq(translate(VIRT + 8), STK_OK);
	ck_assert_uint_eq(phys, PHYS + 8);
	/* And a kernel without it has 0 there. */
	syn_free(m);
	m = syn_new(4);
	syn_map(m, VIRT, PHYS, 4096);
	syn_vmcoreinfo(m, "NUMBER(sme_mask)", "0");
	s = syn_open(m);
	ck_assert_int_eq(translate(VIRT + 8), STK_OK);
	ck_assert_uint_eq(phys, PHYS + 8);
}
END_TEST

/* ---- where the tables begin ---- */

START_TEST(root_by_either_name)
{
	uint64_t root = m->pgd - (uint64_t)SYN_PHYS_BASE + X86_KERNEL_MAP;

	syn_map(m, VIRT, PHYS, 4096);
	syn_no_vmcoreinfo(m, "SYMBOL(swapper_pg_dir)");
	syn_vmcoreinfo(m, "SYMBOL(init_top_pgt)", "%llx", (unsigned long long)root);
	s = syn_open(m);
	ck_assert_int_eq(translate(VIRT), STK_OK);
	ck_assert_uint_eq(phys, PHYS);
}
END_TEST

START_TEST(phys_base_above_zero)
{
	syn_map(m, VIRT, PHYS, 4096);
	syn_vmcoreinfo(m, "NUMBER(phys_base)", "%d", 0x1000000);
	syn_vmcoreinfo(m, "SYMBOL(swapper_pg_dir)", "%llx",
		       (unsigned long long)(m->pgd - 0x1000000 + X86_KERNEL_MAP));
	s = syn_open(m);
	ck_assert_int_eq(translate(VIRT), STK_OK);
}
END_TEST

START_TEST(nothing_tells_the_root)
{
	syn_no_vmcoreinfo(m, _i ? "NUMBER(phys_base)" : "SYMBOL(swapper_pg_dir)");
	s = syn_open(m);
	ck_assert_int_eq(translate(VIRT), STK_ERR_UNSUPPORTED);
	ck_assert_str_ne(stk_error_text(s), "");
}
END_TEST

START_TEST(root_damaged)
{
	static const char *const bad[] = { "1234", "", "ffffffffb0000000x" };

	syn_vmcoreinfo(m, "SYMBOL(swapper_pg_dir)", "%s", bad[_i]);
	s = syn_open(m);
	ck_assert_int_ne(translate(VIRT), STK_OK);
}
END_TEST

/* It may be where the image's mapping begins, and not below. */
START_TEST(root_at_the_lowest)
{
	syn_vmcoreinfo(m, "SYMBOL(swapper_pg_dir)", "%llx", 0xffffffff80000000ull - _i);
	syn_vmcoreinfo(m, "NUMBER(phys_base)", "%lld", (long long)m->pgd);
	s = syn_open(m);
	ck_assert_int_eq(translate(VIRT), _i ? STK_ERR_CORRUPT : STK_ERR_UNMAPPED);
}
END_TEST

/* Before VMCOREINFO told how many levels there are, only the tables do. */
START_TEST(levels_that_nobody_tells)
{
	const unsigned int levels = 4 + (unsigned int)_i;
	uint64_t root;

	syn_free(m);
	m = syn_new(levels);
	root = m->pgd - (uint64_t)SYN_PHYS_BASE + 0xffffffff80000000ull;
	syn_map(m, root, m->pgd, 4096);
	syn_map(m, VIRT, 0x5000, 4096);
	syn_no_vmcoreinfo(m, "NUMBER(pgtable_l5_enabled)");
	s = syn_open(m);
	ck_assert_int_eq(translate(VIRT), STK_OK);
	ck_assert_uint_eq(phys, 0x5000);
}
END_TEST

/* Where neither fits it was built with four, as ever. */
START_TEST(levels_that_do_not_fit)
{
	syn_map(m, VIRT, 0x5000, 4096);
	syn_no_vmcoreinfo(m, "NUMBER(pgtable_l5_enabled)");
	s = syn_open(m);
	ck_assert_int_eq(
		translate(m->pgd - (uint64_t)SYN_PHYS_BASE + 0xffffffff80000000ull),
		STK_ERR_UNMAPPED);
	ck_assert_int_eq(translate(VIRT), STK_OK);
	ck_assert_uint_eq(phys, 0x5000);
}
END_TEST

/* A page table that points at itself on every level ends, too. */
START_TEST(recursive_table)
{
	uint64_t *table = syn_phys_page(m, m->pgd);

	for (int i = 0; i < 512; i++)
		table[i] = m->pgd | 0x63;
	s = syn_open(m);
	ck_assert_int_eq(translate(VIRT), STK_OK);
	ck_assert_uint_eq(phys & ~0xfffull, m->pgd);
}
END_TEST

static const struct unit_test walk_tests[] = {
	LOOP(page_sizes, 6),
	TEST(flags_are_no_address),
	TEST(pat_bit_of_a_small_page),
	TEST(large_bit_in_the_root),
	LOOP(not_canonical, 3),
	TEST(five_levels_reach_further),
	LOOP(not_present_at_each_level, 4),
	LOOP(table_not_in_the_dump, 4),
	TEST(walk_interrupted),
	TEST(sme_mask),
	TEST(recursive_table),
	{ 0 },
};

static const struct unit_test root_tests[] = {
	TEST(root_by_either_name),
	TEST(phys_base_above_zero),
	LOOP(nothing_tells_the_root, 2),
	LOOP(root_at_the_lowest, 2),
	LOOP(levels_that_nobody_tells, 2),
	TEST(levels_that_do_not_fit),
	LOOP(root_damaged, 3),
	{ 0 },
};

const struct unit_suite suite_pagetable = {
	"pagetable",
	{
		{ "walk", walk_tests, fixture_memory, NULL },
		{ "root", root_tests, fixture_memory, NULL },
	},
};
