/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves which entries of a maple tree are told, in which order, and what ends the walk:
 * nodes of each type, full or not, deep ones, and what cannot be one.
 */
#include "fixture.h"
#include "golden.h"
#include "suite.h"
#include "words.h"

#include "kernel/maple.h"

#define AT	 (SYN_DATA + 0x100000) /* free room in the image */
#define TREE	 AT
#define NODES	 (AT + 0x1000)
#define NODE(nr) (NODES + 256ull * (nr))

enum { DENSE, LEAF, RANGE, ARANGE };

/* Of each type: where pivots, slots and the number of the last slot are. */
static const struct {
	uint64_t pivot, slot, meta;
	unsigned int slots;
} shape[] = {
	[LEAF] = { 8, 128, 248, 16 },
	[RANGE] = { 8, 128, 248, 16 },
	[ARANGE] = { 8, 80, 240, 10 },
};

static struct stk *s;

static void setup(void)
{
	fixture_free();
	fixture_kernel();
	syn_fill(m, AT, 0x4000, 0);
	syn_member(m, "maple_tree.ma_root", 8, 8);
	syn_member(m, "maple_range_64.pivot", 8, 120);
	syn_member(m, "maple_range_64.slot", 128, 128);
	syn_member(m, "maple_range_64.meta", 248, 2);
	syn_member(m, "maple_arange_64.pivot", 8, 72);
	syn_member(m, "maple_arange_64.slot", 80, 80);
	syn_member(m, "maple_arange_64.meta", 240, 2);
}

/* As slots have it, and the root. */
static uint64_t encoded(unsigned int nr, unsigned int type)
{
	return NODE(nr) | type << 3 | 2;
}

static void set_root(uint64_t root)
{
	syn_put64(m, TREE + 8, root);
}

static void set_slot(unsigned int nr, unsigned int type, unsigned int slot,
		     uint64_t value)
{
	syn_put64(m, NODE(nr) + shape[type].slot + 8ull * slot, value);
}

static void set_pivot(unsigned int nr, unsigned int type, unsigned int slot,
		      uint64_t value)
{
	syn_put64(m, NODE(nr) + shape[type].pivot + 8ull * slot, value);
}

static void set_end(unsigned int nr, unsigned int type, uint8_t last)
{
	syn_put8(m, NODE(nr) + shape[type].meta, last);
}

/* Node @nr: entries from @first on, of which each takes @step numbers. */
static void fill(unsigned int nr, unsigned int type, unsigned int entries, uint64_t first,
		 uint64_t step)
{
	for (unsigned int i = 0; i < entries; i++) {
		set_slot(nr, type, i, 0x1000 * (first + i));
		if (i + 1 < shape[type].slots)
			set_pivot(nr, type, i, (i + 1) * step - 1);
	}
	if (entries < shape[type].slots)
		set_end(nr, type, (uint8_t)(entries - 1));
}

/* What was told: the values in thousands of hexadecimal. */
static struct told {
	size_t nr, at_most;
	uint64_t value[64];
} told;

static bool tell(struct stk *unused, uint64_t value, void *ctx)
{
	struct told *t = ctx;

	ck_assert_ptr_eq(unused, s);
	ck_assert_uint_lt(t->nr, 64);
	t->value[t->nr++] = value / 0x1000;
	return t->nr != t->at_most;
}

static void walk(size_t at_most)
{
	s = syn_open(m);
	told = (struct told){ .at_most = at_most };
	stk_maple_walk(s, TREE, tell, &told);
}

/* @nr values that ascend from @first on. */
static void expect(size_t nr, uint64_t first)
{
	walk(0);
	ck_assert_uint_eq(told.nr, nr);
	for (size_t i = 0; i < nr; i++)
		ck_assert_uint_eq(told.value[i], first + i);
}

/* From one entry up to all of the slots: a full one has a last pivot in place of a count.
 */
START_TEST(how_many_entries)
{
	for (unsigned int nr = 1; nr <= 16; nr++) {
		setup();
		set_root(encoded(0, LEAF));
		fill(0, LEAF, nr, 1, 16);
		expect(nr, 1);
	}
	setup();
	/* A count that says more than there is room for; one that a pivot belies. */
	set_root(encoded(0, LEAF));
	fill(0, LEAF, 15, 1, 16);
	for (unsigned int i = 14; i < 16; i++)
		set_slot(0, LEAF, i, 0x1000 * (i + 1ull));
	set_end(0, LEAF, 16);
	set_pivot(0, LEAF, 14, 0);
	expect(14, 1);
	set_end(0, LEAF, 255);
	expect(14, 1);
	set_pivot(0, LEAF, 14, 15 * 16 - 1);
	set_end(0, LEAF, 3);
	expect(16, 1);
}
END_TEST

/* Nothing, a value of the tree's own, and an entry of the range. */
START_TEST(what_is_no_entry)
{
	set_root(encoded(0, LEAF));
	fill(0, LEAF, 6, 1, 16);
	set_slot(0, LEAF, 1, 0);
	set_slot(0, LEAF, 2, 0x3002);
	set_slot(0, LEAF, 3, 0x402);
	walk(0);
	ck_assert_uint_eq(told.nr, 3);
	ck_assert_uint_eq(told.value[0], 1);
	ck_assert_uint_eq(told.value[1], 5);
	ck_assert_uint_eq(told.value[2], 6);
	/* Bits 0 and 1 of a value that is not a pointer. */
	set_slot(0, LEAF, 1, 0x2001);
	set_slot(0, LEAF, 2, 0x3003);
	set_slot(0, LEAF, 3, 0x4004);
	expect(6, 1);
}
END_TEST

START_TEST(roots)
{
	set_root(0);
	expect(0, 0);
	/* The only entry. */
	set_root(0x7000);
	expect(1, 7);
	/* One of the tree's own. */
	set_root(0x402);
	expect(0, 0);
	fill(0, LEAF, 3, 1, 16);
	for (unsigned int type = 0; type < 16; type++) {
		set_root(encoded(0, type));
		expect(type == LEAF ? 3 : 0, 1);
	}
	/* Not in the dump. */
	set_root(encoded(0, LEAF));
	syn_fail(m, NODE(0), STK_ERR_EXCLUDED);
	expect(0, 0);
}
END_TEST

/* Inner nodes of both types; what they lead to is in their range. */
START_TEST(inner_nodes)
{
	for (unsigned int type = RANGE; type <= ARANGE; type++) {
		set_root(encoded(0, type));
		for (unsigned int i = 0; i < 3; i++) {
			set_slot(0, type, i, encoded(i + 1, LEAF));
			set_pivot(0, type, i, 0x100 * (i + 1) - 1);
			fill(i + 1, LEAF, 4, 1 + 4 * i, 16);
			for (unsigned int k = 0; k < 4; k++)
				set_pivot(i + 1, LEAF, k, 0x100 * i + 16 * (k + 1) - 1);
		}
		set_end(0, type, 2);
		expect(12, 1);
		/* Whoever has enough ends all of it. */
		for (size_t most = 1; most <= 12; most++) {
			walk(most);
			ck_assert_uint_eq(told.nr, most);
		}
		/* What is no node is passed over. */
		set_slot(0, type, 1, 0x5000);
		walk(0);
		ck_assert_uint_eq(told.nr, 8);
		ck_assert_uint_eq(told.value[4], 9);
		set_slot(0, type, 1, encoded(2, DENSE));
		walk(0);
		ck_assert_uint_eq(told.nr, 8);
		syn_fill(m, NODE(0), 256, 0);
	}
}
END_TEST

/* Ranges ascend, each within its node's. */
START_TEST(pivots)
{
	set_root(encoded(0, RANGE));
	set_slot(0, RANGE, 0, encoded(1, LEAF));
	set_slot(0, RANGE, 1, encoded(2, LEAF));
	set_pivot(0, RANGE, 0, 0xff);
	set_end(0, RANGE, 1);
	fill(1, LEAF, 4, 1, 64);
	fill(2, LEAF, 4, 5, 64);
	for (unsigned int k = 0; k < 4; k++)
		set_pivot(2, LEAF, k, 0x100 + 64 * (k + 1) - 1);
	expect(8, 1);
	/* One number is enough for an entry; none is not. */
	set_pivot(1, LEAF, 0, 0);
	expect(8, 1);
	set_pivot(1, LEAF, 1, 1);
	expect(8, 1);
	set_pivot(1, LEAF, 1, 0);
	walk(0);
	ck_assert_uint_eq(told.nr, 5);
	ck_assert_uint_eq(told.value[1], 5);
	/* Beyond the end of the node's own range, and at it: what is behind is not. */
	set_pivot(1, LEAF, 1, 0x100);
	walk(0);
	ck_assert_uint_eq(told.nr, 5);
	set_pivot(1, LEAF, 1, 0xff);
	walk(0);
	ck_assert_uint_eq(told.nr, 6);
	ck_assert_uint_eq(told.value[1], 2);
	ck_assert_uint_eq(told.value[2], 5);
	/* Before the beginning of the second one's. */
	set_pivot(2, LEAF, 0, 0xff);
	walk(0);
	ck_assert_uint_eq(told.nr, 2);
	set_pivot(2, LEAF, 0, 0x100);
	walk(0);
	ck_assert_uint_eq(told.nr, 6);
	/* All there is. */
	set_pivot(2, LEAF, 2, ~0ull);
	walk(0);
	ck_assert_uint_eq(told.nr, 5);
}
END_TEST

/* As deep as a tree may be, and one more. */
START_TEST(depth)
{
	for (unsigned int deep = 30; deep <= 33; deep++) {
		set_root(encoded(0, RANGE));
		for (unsigned int i = 0; i < deep; i++) {
			set_slot(i, RANGE, 0,
				 encoded(i + 1, i + 1 < deep ? RANGE : LEAF));
			set_end(i, RANGE, 0);
		}
		fill(deep, LEAF, 2, 1, 16);
		expect(deep <= 31 ? 2 : 0, 1);
		syn_fill(m, NODES, 0x3000, 0);
	}
}
END_TEST

/* A kernel whose nodes have other sizes. */
START_TEST(sizes)
{
	static const struct {
		uint32_t slots, meta;
		size_t nr;
	} row[] = {
		{ 0, 248, 1 },	{ 7, 248, 1 },	{ 8, 248, 1 },
		{ 16, 248, 2 }, { 24, 248, 3 }, { 64, 248, 3 },
		{ 64, 255, 1 }, { 64, 256, 1 }, { 256, 248, 1 },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		syn_member(m, "maple_range_64.slot", 128, row[i].slots);
		syn_member(m, "maple_range_64.meta", row[i].meta, 2);
		set_root(encoded(0, LEAF));
		fill(0, LEAF, 3, 1, 16);
		if (row[i].nr == 2)
			set_pivot(0, LEAF, 0, 15);
		expect(row[i].nr, 1);
	}
	/* Beyond its end a node has nothing. */
	syn_member(m, "maple_range_64.slot", 240, 24);
	syn_member(m, "maple_range_64.meta", 0, 2);
	syn_fill(m, NODE(0), 512, 0);
	syn_put64(m, NODE(0), 2);
	for (unsigned int i = 0; i < 3; i++) {
		syn_put64(m, NODE(0) + 240 + 8 * i, 0x1000 * (i + 1));
		set_pivot(0, LEAF, i, 16 * (i + 1) - 1);
	}
	expect(2, 1);
}
END_TEST

START_TEST(unknown_types)
{
	static const char *const needed[] = {
		"maple_tree.ma_root",	"maple_range_64.pivot",	 "maple_range_64.slot",
		"maple_range_64.meta",	"maple_arange_64.pivot", "maple_arange_64.slot",
		"maple_arange_64.meta",
	};

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		setup();
		set_root(encoded(0, LEAF));
		fill(0, LEAF, 3, 1, 16);
		expect(3, 1);
		syn_no_member(m, needed[i]);
		expect(0, 1);
	}
}
END_TEST

static void tell_tree(FILE *fp)
{
	walk(60);
	for (size_t i = 0; i < told.nr; i++)
		fprintf(fp, " %lx", (unsigned long)told.value[i]);
}

START_TEST(damaged_words)
{
	setup();
	set_root(encoded(0, ARANGE));
	for (unsigned int i = 0; i < 3; i++) {
		set_slot(0, ARANGE, i, encoded(i + 1, i == 1 ? RANGE : LEAF));
		set_pivot(0, ARANGE, i, 0x100 * (i + 1) - 1);
	}
	set_end(0, ARANGE, 2);
	fill(1, LEAF, 4, 1, 16);
	set_slot(2, RANGE, 0, encoded(4, LEAF));
	set_slot(2, RANGE, 1, encoded(5, LEAF));
	set_pivot(2, RANGE, 0, 0x17f);
	set_pivot(2, RANGE, 1, 0x1ff);
	set_end(2, RANGE, 1);
	fill(3, LEAF, 16, 0x30, 16);
	fill(4, LEAF, 2, 0x40, 16);
	fill(5, LEAF, 3, 0x50, 16);
	for (unsigned int i = 0; i < 16; i++) {
		set_pivot(3, LEAF, i < 15 ? i : 14, 0x200 + 16 * (i < 15 ? i : 14) + 15);
		set_pivot(4, LEAF, i % 2, 0x100 + 16 * (i % 2) + 15);
		set_pivot(5, LEAF, i % 3, 0x180 + 16 * (i % 3) + 15);
	}
	words_damage("root", TREE, 2, 8, tell_tree);
	words_damage("first node", NODE(0), 14, 8, tell_tree);
	words_damage("its last", NODE(0) + 240, 2, 1, tell_tree);
	words_damage("leaf", NODE(1), 6, 8, tell_tree);
	words_damage("slots of a leaf", NODE(1) + 128, 6, 8, tell_tree);
	words_damage("its last", NODE(1) + 248, 2, 1, tell_tree);
	words_damage("a range", NODE(2), 4, 8, tell_tree);
	words_damage("a full leaf", NODE(3) + 112, 18, 8, tell_tree);
	golden_expect("words", "maple");
}
END_TEST

static const struct unit_test t_tests[] = {
	TEST(damaged_words),
	TEST(how_many_entries),
	TEST(what_is_no_entry),
	TEST(roots),
	TEST(inner_nodes),
	TEST(pivots),
	TEST(depth),
	TEST(sizes),
	TEST(unknown_types),
	{ 0 },
};

const struct unit_suite suite_maple = {
	"maple",
	{
		{ "maple", t_tests, setup, NULL },
	},
};
