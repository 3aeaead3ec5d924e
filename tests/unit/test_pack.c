/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what a small dump stands on: the set of words that were read has just these, in
 * a file and back; the kernel's memory is recorded by what is read of it, page tables and
 * strings included, and a search is not; and what a small dump does not have is no zero.
 */
#include "fixture.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

#include "machine/lost.h"
#include "machine/memory.h"
#include "machine/watch.h"
#include "session/dump_kept.h"

#include "memory.h"

static struct stk_words *words;

static void setup_words(void)
{
	words = stk_words_new();
	ck_assert_ptr_nonnull(words);
}

static void teardown_words(void)
{
	stk_words_free(words);
}

static uint64_t count_words(const struct stk_words *w)
{
	uint64_t nr = 0;

	for (size_t i = 0; i < stk_words_nr(w); i++)
		for (unsigned int k = 0; k < STK_WORDS_MASKS; k++)
			nr += (unsigned int)__builtin_popcountll(
				stk_words_page(w, i)->has[k]);
	return nr;
}

static const struct {
	uint64_t phys;
	size_t len;
	uint64_t nr_words, nr_pages;
} readings[] = {
	{ 0x1000, 1, 1, 1 },	      { 0x1007, 1, 1, 1 },
	{ 0x1007, 2, 2, 1 },	      { 0x11f8, 8, 1, 1 },
	{ 0x11f8, 9, 2, 1 },	      { 0x1200, 8, 1, 1 },
	{ 0x1000, 0x1000, 512, 1 },   { 0x1ff8, 16, 2, 2 },
	{ 0x1ffc, 0x1008, 514, 3 },   { 0x3000, 0, 0, 1 },
	{ 0xffffffffff000, 8, 1, 1 }, { 0x1e00, 0x400, 128, 2 },
};

START_TEST(has_each_word_of_a_reading)
{
	const uint64_t phys = readings[_i].phys;
	const size_t len = readings[_i].len;

	stk_words_add(words, phys, len, 0x42000, "a test");
	ck_assert_uint_eq(count_words(words), readings[_i].nr_words);
	ck_assert_uint_eq(stk_words_nr(words), readings[_i].nr_pages);
	ck_assert_uint_eq(stk_words_page(words, 0)->virt, 0x42000);
	ck_assert_str_eq(stk_words_page(words, 0)->what, "a test");
	ck_assert(stk_words_have(words, phys, len));
	if (readings[_i].nr_words % 512) {
		ck_assert(!stk_words_have(words, phys - 8, 16) ||
			  phys % STK_WORDS_PAGE < 8);
		ck_assert(!stk_words_have(words, phys, len + 8) ||
			  !((phys + len) % STK_WORDS_PAGE));
	}
	/* Of a page that it does not know nothing was left out. */
	ck_assert(stk_words_have(words, phys + 0x10000, 0x1000));
	ck_assert(!stk_words_full(words));
}
END_TEST

START_TEST(goes_to_a_file_and_back)
{
	struct stk_words *back;
	void *desc;
	size_t size;

	for (unsigned int i = 0; i < 2000; i++)
		stk_words_add(words, 0x9000ull * (i * 7919u % 2000) + i % 97 * 8,
			      8 + i % 5, 0, NULL);
	stk_words_add(words, 0x7000, 0x1000, 0, NULL);
	stk_words_add(words, 0x8000, 0, 0, NULL);
	ck_assert(stk_words_sort(words));
	for (size_t i = 1; i < stk_words_nr(words); i++)
		ck_assert_uint_lt(stk_words_page(words, i - 1)->pfn,
				  stk_words_page(words, i)->pfn);
	ck_assert_int_eq(stk_kept_write(words, &desc, &size), STK_OK);
	ck_assert_int_eq(stk_kept_read(desc, size, &back), STK_OK);
	/* A whole page need not be told. */
	ck_assert_uint_eq(stk_words_nr(back), stk_words_nr(words) - 1);
	for (size_t i = 0; i < stk_words_nr(words); i++) {
		const struct stk_words_page *p = stk_words_page(words, i);

		for (unsigned int k = 0; k < 512; k++)
			ck_assert_int_eq(stk_words_have(back, (p->pfn << 12) + k * 8, 8),
					 p->has[k / 64] >> k % 64 & 1);
	}
	stk_words_free(back);
	free(desc);
}
END_TEST

/* Of no words, too. */
START_TEST(nothing_goes_to_a_file_and_back)
{
	struct stk_words *back;
	void *desc;
	size_t size;

	ck_assert_int_eq(stk_kept_write(words, &desc, &size), STK_OK);
	ck_assert_int_eq(stk_kept_read(desc, size, &back), STK_OK);
	ck_assert_uint_eq(stk_words_nr(back), 0);
	stk_words_free(back);
	free(desc);
}
END_TEST

/* How long it says that it is must be so, and no memory is asked for what cannot be. */
START_TEST(length_of_it_is_its_own)
{
	enum { ROW = 72 };
	static const struct {
		int64_t more; /* than it is */
		uint64_t says;
		enum stk_status status;
		size_t asked;
	} row[] = {
		{ -1, 0, STK_ERR_CORRUPT, 1 },	 { 1, 0, STK_ERR_CORRUPT, 1 },
		{ -ROW, 0, STK_ERR_CORRUPT, 1 }, { ROW, 0, STK_ERR_CORRUPT, 1 },
		{ 0, 1, STK_ERR_CORRUPT, 0 }, /* than can be */
	};
	struct stk_words *back;
	unsigned char *bytes;
	uint64_t len, says;
	size_t size, asked;
	enum stk_status st;
	void *desc;

	stk_words_add(words, 0x1008, 8, 0, NULL);
	stk_words_add(words, 0x2008, 8, 0, NULL);
	ck_assert_int_eq(stk_kept_write(words, &desc, &size), STK_OK);
	bytes = desc;
	memcpy(&len, bytes, 8);
	ck_assert_uint_eq(len, 2 * ROW);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		says = row[i].says ? stk_words_most_bytes() + row[i].says
				   : len + (uint64_t)row[i].more;
		memcpy(bytes, &says, 8);
		memory_watch();
		st = stk_kept_read(bytes, size, &back);
		memory_end();
		asked = memory_places();
		ck_assert_msg(st == row[i].status && !back && asked == row[i].asked,
			      "row %zu: %d, %zu", i, (int)st, asked);
	}
	free(desc);
}
END_TEST

/* Bytes that nobody wrote: each is refused, or is a set. */
START_TEST(damage_of_it_is_told)
{
	unsigned char *desc, copy[400];
	struct stk_words *back;
	void *bytes;
	size_t size;

	stk_words_add(words, 0x1008, 8, 0, NULL);
	stk_words_add(words, 0x2008, 8, 0, NULL);
	ck_assert_int_eq(stk_kept_write(words, &bytes, &size), STK_OK);
	desc = bytes;
	ck_assert_uint_lt(size, sizeof(copy));
	for (size_t i = 0; i < size; i++) {
		ck_assert_int_eq(stk_kept_read(desc, i, &back), STK_ERR_CORRUPT);
		memcpy(copy, desc, size);
		copy[i] ^= 0x55;
		if (!stk_kept_read(copy, size, &back))
			stk_words_free(back);
		else
			ck_assert_ptr_null(back);
	}
	memset(copy, 0xff, sizeof(copy));
	ck_assert_int_eq(stk_kept_read(copy, sizeof(copy), &back), STK_ERR_CORRUPT);
	/* The same page twice. */
	memset(copy, 0, 144);
	ck_assert_int_eq(stk_words_read(copy, 144, &back), STK_ERR_CORRUPT);
	ck_assert_int_eq(stk_words_read(copy, 71, &back), STK_ERR_CORRUPT);
	ck_assert_int_eq(stk_words_read(copy, 72, &back), STK_OK);
	ck_assert(!stk_words_have(back, 0xff8, 8));
	stk_words_free(back);
	free(desc);
}
END_TEST

/* A page has where it was read first, and for whom: also the second page of a reading. */
START_TEST(says_who_read_it_first)
{
	static const struct {
		uint64_t phys, virt, len;
		uint64_t first, second; /* addresses; the second page has none: 0 */
	} row[] = {
		{ 0x1ff0, 0x42ff0, 0x20, 0x42ff0, 0x43000 },
		{ 0x1fff, 0x52fff, 2, 0x52fff, 0x53000 },
		{ 0x1000, 0x62000, 0x1001, 0x62000, 0x63000 },
		{ 0x1ff0, 0, 0x20, 0, 0 },
	};
	const struct stk_words_page *p;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		teardown_words();
		setup_words();
		stk_words_add(words, row[i].phys, row[i].len, row[i].virt, "the first");
		stk_words_add(words, 0x1000, 0x3000, 0x99000, "another");
		ck_assert_uint_eq(stk_words_nr(words), 3);
		for (size_t k = 0; k < 3; k++) {
			p = stk_words_page(words, k);
			ck_assert_uint_eq(p->pfn, 1 + k);
			ck_assert_uint_eq(p->virt, k == 0   ? row[i].first
						   : k == 1 ? row[i].second
							    : 0x9b000);
			ck_assert_str_eq(p->what, k < 2 ? "the first" : "another");
		}
	}
}
END_TEST

/* Of no byte there is no word, wherever it is. */
START_TEST(has_no_word_of_nothing)
{
	for (uint64_t at = 0x1000; at < 0x1010; at++)
		stk_words_add(words, at, 0, 0, NULL);
	stk_words_add(words, 0x1fff, 0, 0, NULL);
	ck_assert_uint_eq(stk_words_nr(words), 1);
	ck_assert_uint_eq(count_words(words), 0);
	ck_assert(stk_words_have(words, 0x1008, 0));
	ck_assert(!stk_words_have(words, 0x1008, 1));
}
END_TEST

/* Whatever is asked: all of it, or not. Pages 1 to 3 lack the word that is the hole. */
START_TEST(tells_what_is_missing)
{
	static const uint64_t holes[] = { 0x1000, 0x11f8, 0x1200, 0x1ff8,
					  0x2000, 0x2dc0, 0x3ff0 };
	const uint64_t hole = holes[_i];

	stk_words_add(words, 0x1000, hole - 0x1000, 0, NULL);
	stk_words_add(words, hole + 8, 0x4000 - hole - 8, 0, NULL);
	ck_assert_uint_eq(count_words(words), 3 * 512 - 1);
	for (uint64_t at = 0x1000; at < 0x4000; at++)
		for (size_t len = 1; len <= 17; len += 4)
			ck_assert_int_eq(stk_words_have(words, at, len),
					 at + len <= hole || at >= hole + 8);
	ck_assert(stk_words_have(words, 0x1000, hole - 0x1000));
	ck_assert(!stk_words_have(words, 0x1000, hole - 0x1000 + 1));
	ck_assert(stk_words_have(words, hole + 8, 0x10000));
	ck_assert(!stk_words_have(words, hole + 7, 0x10000));
	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(stk_words_whole(stk_words_page(words, i)),
				 hole >> 12 != i + 1);
	/* Page 0 is not known. */
	ck_assert(stk_words_have(words, 0xff8, 8));
	ck_assert_int_eq(stk_words_have(words, 0xff8, 16), hole > 0x1000);
}
END_TEST

/* Of none, too. */
START_TEST(nothing_in_order)
{
	ck_assert(stk_words_sort(words));
	ck_assert_uint_eq(stk_words_nr(words), 0);
}
END_TEST

/* Before they are sorted, and when there was no memory for that, as they came. */
START_TEST(in_order)
{
	static const uint64_t came[] = { 7, 3, 9, 1, 4 }, sorted[] = { 1, 3, 4, 7, 9 };
	bool done = false;

	for (size_t i = 0; i < 5; i++)
		stk_words_add(words, came[i] << 12, 8, 0, NULL);
	for (int round = 0; round < 3; round++) {
		if (round == 1) {
			memory_watch();
			done = stk_words_sort(words);
			memory_end();
		}
		if (round == 2) {
			/* The array of their numbers is the first thing that it wants. */
			memory_fail(0, 0);
			done = stk_words_sort(words);
			memory_end();
		}
		ck_assert_int_eq(done, round == 1);
		for (size_t i = 0; i < 5; i++)
			ck_assert_uint_eq(stk_words_page(words, i)->pfn,
					  (round == 1 ? sorted : came)[i]);
	}
}
END_TEST

/* What is no set is given back; a page's number is 8 bytes, its words are 64. */
START_TEST(rows_of_it)
{
	enum { ROW = 72 };
	static unsigned char rows[4 * ROW];
	static const struct {
		size_t size;
		enum stk_status status;
		size_t nr;
	} row[] = {
		{ 0, STK_OK, 0 },
		{ 1, STK_ERR_CORRUPT, 0 },
		{ ROW - 1, STK_ERR_CORRUPT, 0 },
		{ ROW, STK_OK, 1 },
		{ ROW + 1, STK_ERR_CORRUPT, 0 },
		{ 2 * ROW - 8, STK_ERR_CORRUPT, 0 },
		{ 2 * ROW, STK_OK, 2 },
		{ 3 * ROW, STK_OK, 3 },
		/* The same page twice. */
		{ 4 * ROW, STK_ERR_CORRUPT, 0 },
	};
	struct stk_words *back;
	enum stk_status st;
	uint64_t has, pfn;

	for (uint64_t i = 0; i < 4; i++) {
		pfn = i == 3 ? 0x100000000001 : 0x100000000000 + i;
		memcpy(rows + ROW * i, &pfn, 8);
		for (uint64_t k = 0; k < 8; k++) {
			has = 1ull << (8 * i + k);
			memcpy(rows + ROW * i + 8 + 8 * k, &has, 8);
		}
	}
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		memory_hold();
		st = stk_words_read(rows, row[i].size, &back);
		ck_assert_int_eq(st, row[i].status);
		ck_assert_int_eq(back != NULL, !st);
		if (back) {
			ck_assert_uint_eq(stk_words_nr(back), row[i].nr);
			for (size_t k = 0; k < row[i].nr; k++)
				ck_assert_mem_eq(stk_words_page(back, k), rows + ROW * k,
						 ROW);
		}
		stk_words_free(back);
		ck_assert_uint_eq(memory_held(), 0);
	}
}
END_TEST

static const struct unit_test t_words[] = {
	TEST(says_who_read_it_first),
	TEST(has_no_word_of_nothing),
	LOOP(tells_what_is_missing, 7),
	TEST(nothing_in_order),
	TEST(in_order),
	TEST(rows_of_it),
	LOOP(has_each_word_of_a_reading, sizeof(readings) / sizeof(readings[0])),
	TEST(goes_to_a_file_and_back),
	TEST(nothing_goes_to_a_file_and_back),
	TEST(length_of_it_is_its_own),
	TEST(damage_of_it_is_told),
	{ 0 },
};

/* ---- a machine that is watched ---- */

static struct stk_watch watch;

#define BASE 0xffffb1c000200000ull

/* Two pages; a string ends in the first. */
static struct stk *begin_watch(void)
{
	struct stk *s = syn_open(m);

	s->watch = &watch;
	return s;
}

static void setup_watch(void)
{
	static const char name[] = "kworker/0:1";
	static const unsigned char page[4096] = { 1 };

	fixture_memory();
	syn_write(m, BASE, page, sizeof(page));
	syn_write(m, BASE + 4096, page, sizeof(page));
	syn_write(m, BASE + 0x100, name, sizeof(name));
	setup_words();
	watch = (struct stk_watch){ .record = words };
}

static uint64_t phys_of(struct stk *s, uint64_t addr)
{
	uint64_t phys;

	ck_assert_int_eq(stk_translate(s, addr, &phys), STK_OK);
	return phys;
}

/* How many words of the page at @phys were read; -1: it was not asked for. */
static int words_of(uint64_t phys)
{
	for (size_t i = 0; i < stk_words_nr(words); i++) {
		const struct stk_words_page *p = stk_words_page(words, i);
		int nr = 0;

		for (unsigned int k = 0; k < STK_WORDS_MASKS; k++)
			nr += __builtin_popcountll(p->has[k]);
		if (p->pfn == phys >> STK_WORDS_PAGE_SHIFT)
			return nr;
	}
	return -1;
}

START_TEST(records_what_is_read)
{
	struct stk *s = begin_watch();
	uint64_t value, phys;
	char name[64];

	ck_assert_int_eq(stk_read_u64(s, BASE + 0x10, &value), STK_OK);
	phys = phys_of(s, BASE);
	ck_assert_int_eq(words_of(phys), 1);
	/* Whoever finds it in a cache has read it, too. */
	ck_assert_int_eq(stk_read_u64(s, BASE + 0x18, &value), STK_OK);
	ck_assert_int_eq(words_of(phys), 2);
	/* A string, and no more than a piece of what is behind it. */
	ck_assert_int_eq(stk_read_string(s, BASE + 0x100, name, sizeof(name)), STK_OK);
	ck_assert_int_eq(words_of(phys), 4);
	/* The tables that lead there, whole. */
	ck_assert_int_eq(words_of(m->pgd), 512);
	ck_assert_uint_eq(stk_words_nr(words), 1 + m->tables->levels);
	/* A page that was asked for is there, with nothing in it. */
	ck_assert(stk_in_dump(s, phys_of(s, BASE + 4096)));
	ck_assert_int_eq(words_of(phys_of(s, BASE + 4096)), 0);
	/* Where it was read, if by an address at all. */
	for (size_t i = 0; i < stk_words_nr(words); i++)
		ck_assert_uint_eq(
			stk_words_page(words, i)->virt,
			stk_words_page(words, i)->pfn == phys >> 12 ? BASE + 0x10 : 0);
}
END_TEST

START_TEST(a_search_is_no_reading)
{
	struct stk *s = begin_watch();
	uint64_t value;

	stk_watch_search(s, true);
	ck_assert_int_eq(stk_read_u64(s, BASE, &value), STK_OK);
	ck_assert(stk_in_dump(s, phys_of(s, BASE + 4096)));
	ck_assert_int_eq(words_of(phys_of(s, BASE + 4096)), 0);
	stk_watch_search(s, false);
	/* But later readers will not walk the tables again. */
	ck_assert_uint_eq(stk_words_nr(words), m->tables->levels + 1);
	ck_assert_int_eq(stk_read_u64(s, BASE, &value), STK_OK);
	ck_assert_int_eq(words_of(phys_of(s, BASE)), 1);
}
END_TEST

START_TEST(what_was_left_out_is_no_zero)
{
	struct stk *s = begin_watch();
	struct stk_losses lost;
	uint64_t value;
	unsigned char byte;

	ck_assert_int_eq(stk_read_u64(s, BASE + 0x10, &value), STK_OK);
	watch = (struct stk_watch){ .kept = words };
	s = begin_watch();
	ck_assert_int_eq(stk_read_u64(s, BASE + 0x10, &value), STK_OK);
	ck_assert(!stk_get_losses(s, &lost, sizeof(lost)));
	ck_assert_int_eq(stk_read_u64(s, BASE + 0x18, &value), STK_ERR_EXCLUDED);
	ck_assert_int_eq(stk_read_phys(s, phys_of(s, BASE), &byte, 1), STK_ERR_EXCLUDED);
	ck_assert(stk_get_losses(s, &lost, sizeof(lost)));
	ck_assert_uint_eq(lost.excluded, 1);
	/* Who searches sees zeros there, and goes on. */
	stk_watch_search(s, true);
	ck_assert_int_eq(stk_read_u64(s, BASE + 0x18, &value), STK_OK);
	stk_watch_search(s, false);
	/* Of a page that it does not know all is there. */
	ck_assert_int_eq(stk_read_u64(s, BASE + 4096 + 8, &value), STK_OK);
}
END_TEST

static const struct unit_test t_watch[] = {
	TEST(records_what_is_read),
	TEST(a_search_is_no_reading),
	TEST(what_was_left_out_is_no_zero),
	{ 0 },
};

const struct unit_suite suite_pack = {
	"pack",
	{
		{ "words", t_words, setup_words, teardown_words },
		{ "watch", t_watch, setup_watch, teardown_words },
	},
};
