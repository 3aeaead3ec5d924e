/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves the page cache: a page is read once, failures are kept too, what lies before
 * a guard page is given, and an interruption is not taken for a fact.
 */
#include "fixture.h"
#include "suite.h"

#include "base/safe.h"
#include "machine/memory.h"

#include <string.h>

#define BASE 0xffffb1c000200000ull

static struct stk *s;
static unsigned char buf[3 * 4096];

/* Two pages with a pattern, then nothing. */
static void setup(void)
{
	fixture_memory();
	for (unsigned int i = 0; i < 8192; i++)
		buf[i] = (unsigned char)(i * 7 + (i >> 8));
	syn_write(m, BASE, buf, 8192);
	s = syn_open(m);
	memset(buf, 0, sizeof(buf));
}

static void setup_virt(void)
{
	setup();
	syn_use_read_virt(m);
	s = syn_open(m);
}

static void expect_pattern(uint64_t offset, size_t len)
{
	for (size_t i = 0; i < len; i++)
		syn_assert(buf[i] ==
			   (unsigned char)((offset + i) * 7 + ((offset + i) >> 8)));
}

START_TEST(across_pages)
{
	static const struct {
		uint64_t offset;
		size_t len;
	} row[] = { { 0, 1 },	    { 0, 8192 }, { 4095, 2 },	{ 4092, 8 },
		    { 4096, 4096 }, { 8191, 1 }, { 100, 8000 }, { 50, 0 } };

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		ck_assert_int_eq(stk_read(s, BASE + row[i].offset, buf, row[i].len),
				 STK_OK);
		expect_pattern(row[i].offset, row[i].len);
	}
}
END_TEST

START_TEST(guard_page_after_the_data)
{
	ck_assert_int_eq(stk_read(s, BASE + 8184, buf, 8), STK_OK);
	expect_pattern(8184, 8);
	ck_assert_int_eq(stk_read(s, BASE + 8184, buf, 9), STK_ERR_UNMAPPED);
	ck_assert_int_eq(stk_read(s, BASE + 8192, buf, 1), STK_ERR_UNMAPPED);
	ck_assert_int_eq(stk_read(s, BASE - 1, buf, 2), STK_ERR_UNMAPPED);
	ck_assert_int_eq(stk_read(s, BASE, buf, 8), STK_OK);
}
END_TEST

START_TEST(words)
{
	uint64_t v64;
	uint32_t v32;

	syn_put64(m, BASE + 4092, 0x1122334455667788ull);
	s = syn_open(m);
	ck_assert_int_eq(stk_read_u64(s, BASE + 4092, &v64), STK_OK);
	ck_assert_uint_eq(v64, 0x1122334455667788ull);
	ck_assert_int_eq(stk_read_u32(s, BASE + 4094, &v32), STK_OK);
	ck_assert_uint_eq(v32, 0x33445566);
}
END_TEST

/* Hits cost nothing at all; a miss asks the provider. */
START_TEST(read_once)
{
	unsigned int reads;

	stk_read(s, BASE, buf, 8192);
	reads = m->calls.read_phys + m->calls.read_virt;
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(stk_read(s, BASE + 80 * (uint64_t)i, buf, 64), STK_OK);
	ck_assert_uint_eq(m->calls.read_phys + m->calls.read_virt, reads);
}
END_TEST

START_TEST(failures_are_kept)
{
	unsigned int reads;

	syn_fail(m, BASE + 4096, STK_ERR_EXCLUDED);
	s = syn_open(m);
	ck_assert_int_eq(stk_read(s, BASE + 4096, buf, 8), STK_ERR_EXCLUDED);
	ck_assert_int_eq(stk_read(s, BASE + 8192, buf, 8), STK_ERR_UNMAPPED);
	reads = m->calls.read_phys + m->calls.read_virt;
	for (int i = 0; i < 10; i++) {
		ck_assert_int_eq(stk_read(s, BASE + 4096, buf, 8), STK_ERR_EXCLUDED);
		ck_assert_int_eq(stk_read(s, BASE + 8192, buf, 8), STK_ERR_UNMAPPED);
	}
	ck_assert_uint_eq(m->calls.read_phys + m->calls.read_virt, reads);
	/* All or nothing, but what is before it is there. */
	ck_assert_int_eq(stk_read(s, BASE + 4000, buf, 96), STK_OK);
	expect_pattern(4000, 96);
}
END_TEST

/* Far more pages than it has places for. */
START_TEST(evicted_pages_come_back)
{
	uint64_t v, bytes = 0;

	for (uint64_t i = 0; i < 6000; i++)
		syn_put64(m, BASE + 0x100000 + 4096 * i, i);
	s = syn_open(m);
	for (int round = 0; round < 2; round++) {
		for (uint64_t i = 0; i < 6000; i++) {
			syn_assert(!stk_read_u64(s, BASE + 0x100000 + 4096 * i, &v));
			syn_assert(v == i);
		}
		/* In the memory of those that went. */
		if (round)
			ck_assert_uint_eq(s->budget.bytes, bytes);
		bytes = s->budget.bytes;
	}
}
END_TEST

START_TEST(end_of_the_address_space)
{
	ck_assert_int_eq(stk_read(s, ~0ull, buf, 1), STK_ERR_UNMAPPED);
	ck_assert_int_eq(stk_read(s, ~0ull - 3, buf, 8), STK_ERR_UNMAPPED);
	ck_assert_int_eq(stk_read(s, 0, buf, 8), STK_ERR_UNMAPPED);
	/* It does not go on at the other end. */
	syn_put64(m, ~0ull - 15, 1);
	syn_put64(m, 0, 2);
	s = syn_open(m);
	ck_assert_int_eq(stk_read(s, ~0ull - 15, buf, 8), STK_OK);
	ck_assert_int_eq(stk_read(s, ~0ull - 3, buf, 8), STK_ERR_UNMAPPED);
}
END_TEST

START_TEST(interrupted)
{
	m->interrupt = true;
	ck_assert_int_eq(stk_read(s, BASE, buf, 8), STK_ERR_INTERRUPTED);
	m->interrupt = false;
	ck_assert_int_eq(stk_read(s, BASE, buf, 8), STK_OK);
	expect_pattern(0, 8);
}
END_TEST

/* The provider itself was interrupted: no fact either. */
START_TEST(provider_interrupted)
{
	syn_fail(m, BASE, STK_ERR_INTERRUPTED);
	ck_assert_int_eq(stk_read(s, BASE, buf, 8), STK_ERR_INTERRUPTED);
	syn_fail(m, BASE, STK_OK);
	ck_assert_int_eq(stk_read(s, BASE, buf, 8), STK_OK);
}
END_TEST

/* read_phys() promises to cut at pages; the synthetic target checks it. */
START_TEST(physical_across_pages)
{
	uint64_t phys = syn_alloc(m, 2);

	memset(syn_phys_page(m, phys), 'a', 4096);
	memset(syn_phys_page(m, phys + 4096), 'b', 4096);
	ck_assert_int_eq(stk_read_phys(s, phys + 4000, buf, 200), STK_OK);
	ck_assert_uint_eq(buf[95], 'a');
	ck_assert_uint_eq(buf[96], 'b');
	ck_assert_uint_eq(buf[199], 'b');
	ck_assert_int_eq(stk_read_phys(s, phys + 8000, buf, 200), STK_ERR_EXCLUDED);
}
END_TEST

/* Of a machine that runs: each page is read anew, the first place's and the last's. */
START_TEST(what_was_forgotten)
{
	uint64_t v;

	for (uint64_t i = 0; i < 2048; i++)
		syn_put64(m, BASE + 0x100000 + 4096 * i, i);
	s = syn_open(m);
	for (uint64_t round = 0; round < 2; round++) {
		for (uint64_t i = 0; i < 2048; i++) {
			syn_assert(!stk_read_u64(s, BASE + 0x100000 + 4096 * i, &v));
			ck_assert_uint_eq(v, i + round);
			syn_put64(m, BASE + 0x100000 + 4096 * i, i + 1);
		}
		stk_forget_memory(s);
	}
}
END_TEST

/* A page that could not be fetched for now takes a place, and says nothing of who had it.
 */
START_TEST(place_of_what_was_not_read)
{
	uint64_t v;

	for (uint64_t i = 0; i < 2049; i++)
		syn_put64(m, BASE + 0x100000 + 4096 * i, i);
	s = syn_open(m);
	for (uint64_t i = 0; i < 2048; i++)
		syn_assert(!stk_read_u64(s, BASE + 0x100000 + 4096 * i, &v));
	s->budget.steps = 10;
	ck_assert_int_eq(stk_read_u64(s, BASE + 0x100000 + 4096 * 2048, &v),
			 STK_ERR_LIMIT);
	stk_question(s);
	for (uint64_t i = 0; i < 2049; i++) {
		ck_assert_int_eq(stk_read_u64(s, BASE + 0x100000 + 4096 * i, &v), STK_OK);
		ck_assert_uint_eq(v, i);
	}
}
END_TEST

/* Nobody who has spent all of a question's steps reads on. What is in the cache is free
 * of the dump, but not of the budget. */
START_TEST(without_steps)
{
	const struct {
		uint64_t steps;
		bool byte, phys, there;
	} row[] = {
		/* A page that is not known yet is a fetch, and a walk of its tables. */
		{ 0, false, false, false },
		{ 1, true, false, false },
		{ STK_FETCH_STEPS - 1, true, false, false },
		{ STK_FETCH_STEPS, true, true, true },
		{ STK_FETCH_STEPS + 1, true, true, true },
	};
	uint64_t phys;

	ck_assert(syn_phys(m, BASE, &phys));
	ck_assert_int_eq(stk_read(s, BASE, buf, 1), STK_OK);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		for (int what = 0; what < 3; what++) {
			stk_question(s);
			s->budget.steps = row[i].steps;
			if (what == 0)
				ck_assert_int_eq(stk_read(s, BASE, buf, 1),
						 row[i].byte ? STK_OK : STK_ERR_LIMIT);
			else if (what == 1)
				ck_assert_int_eq(stk_read_phys(s, phys, buf, 1),
						 row[i].phys ? STK_OK : STK_ERR_LIMIT);
			else
				ck_assert_int_eq(stk_in_dump(s, phys), row[i].there);
		}
	}
}
END_TEST

/* A string ends with its zero, with the room, or where memory does. */
START_TEST(strings)
{
	static const char text[] = "0123456789abcdef0123456789abcdef";
	const struct {
		uint64_t at;
		size_t room;
		const char *want; /* NULL: nothing can be read */
	} row[] = {
		{ BASE, 64, text },
		{ BASE + 31, 64, "f" },
		{ BASE + 32, 64, "" },
		{ BASE, 33, text },
		{ BASE, 17, "0123456789abcdef" },
		{ BASE, 16, "0123456789abcde" },
		{ BASE + 1, 2, "1" },
		{ BASE + 15, 18, "f0123456789abcdef" },
		/* The end of memory. */
		{ BASE + 8192 - 3, 64, "xyz" },
		{ BASE + 8192 - 16 - 3, 64, "xyz0123456789abcxyz" },
		{ BASE + 8192, 64, NULL },
		{ BASE + 8192, 1, "" },
	};
	char got[80];

	syn_write(m, BASE, text, sizeof(text));
	syn_write(m, BASE + 8192 - 19, "xyz0123456789abcxyz", 19);
	s = syn_open(m);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const char *kept, *want = row[i].want ? row[i].want : "";
		enum stk_status st;

		memset(got, '#', sizeof(got));
		st = stk_read_string(s, row[i].at, got, row[i].room);
		ck_assert_int_eq(st, row[i].want ? STK_OK : STK_ERR_UNMAPPED);
		ck_assert_str_eq(got, want);
		ck_assert_int_eq(got[row[i].room], '#');
		kept = stk_string_at(s, row[i].at, row[i].room);
		ck_assert_pstr_eq(kept, *want ? want : NULL);
	}
	ck_assert_ptr_null(stk_string_at(s, BASE, 0));
	/* Interrupted: what was read until then is not the string. */
	m->interrupt = true;
	ck_assert_int_eq(stk_read_string(s, BASE, got, 64), STK_ERR_INTERRUPTED);
	ck_assert_ptr_null(stk_string_at(s, BASE, 64));
	m->interrupt = false;
	/* At once, and at the second piece. */
	for (unsigned int polls = 1; polls < 3; polls++) {
		m->interrupt_after = polls;
		ck_assert_int_eq(stk_read_string(s, BASE, got, 64), STK_ERR_INTERRUPTED);
		ck_assert_uint_eq(strlen(got), polls == 1 ? 0 : 16);
		m->interrupt = false;
		m->interrupt_after = polls;
		ck_assert_ptr_null(stk_string_at(s, BASE, 64));
		m->interrupt = false;
	}
	/* A name's room is the most. */
	syn_fill(m, BASE, 4096, 'n');
	s = syn_open(m);
	ck_assert_uint_eq(strlen(stk_string_at(s, BASE, 4096)), STK_MAX_NAME - 1);
	ck_assert_uint_eq(strlen(stk_string_at(s, BASE, STK_MAX_NAME - 1)),
			  STK_MAX_NAME - 2);
}
END_TEST

static const struct unit_test tests[] = {
	TEST(what_was_forgotten),
	TEST(place_of_what_was_not_read),
	TEST(without_steps),
	TEST(strings),
	TEST(across_pages),
	TEST(guard_page_after_the_data),
	TEST(words),
	TEST(read_once),
	TEST(failures_are_kept),
	TEST(evicted_pages_come_back),
	TEST(end_of_the_address_space),
	TEST(interrupted),
	TEST(provider_interrupted),
	TEST(physical_across_pages),
	{ 0 },
};

const struct unit_suite suite_cache = {
	"page cache",
	{
		{ "own walk", tests, setup, NULL },
		{ "provider's walk", tests, setup_virt, NULL },
	},
};
