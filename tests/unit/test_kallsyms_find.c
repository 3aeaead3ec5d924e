/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that the kallsyms tables are found in an image by what they look like, each
 * where it is: few symbols and many, narrow markers and wide ones, names of two-byte
 * lengths; and that one word which does not fit makes them none.
 */
#include "fixture.h"
#include "suite.h"

#include "kernel/kallsyms_find.h"
#include "machine/watch.h"

#include <stdio.h>
#include <string.h>

#define BEGIN (SYN_TEXT + 0x200000) /* of an image of its own */
#define AT    (BEGIN + 0x12340)

static struct stk *s;

/* What is built, and where it came to lie. */
static struct tables {
	unsigned int nr, width, long_name; /* long_name: which; ~0u: none */
	bool addresses;
	unsigned int slack; /* bytes behind the names that are none */
	uint64_t base;
	/* made of that */
	struct stk_kallsyms_tables is;
	uint64_t markers, digit, end;
} t;

static uint64_t align8(uint64_t at)
{
	return (at + 7) & ~7ull;
}

/* 256 strings, and where each begins. */
static uint64_t put_tokens(uint64_t at)
{
	uint16_t index[256];
	size_t pos = 0;

	t.is.token_table = at;
	for (unsigned int i = 0; i < 256; i++) {
		char text[8];

		if (i >= '0' && i <= '9')
			snprintf(text, sizeof(text), "%c", (char)i);
		else
			snprintf(text, sizeof(text), "%s%c", i % 3 ? "to" : "",
				 'a' + (char)(i % 26));
		if (i == '0')
			t.digit = at + pos;
		index[i] = (uint16_t)pos;
		syn_write(m, at + pos, text, strlen(text) + 1);
		pos += strlen(text) + 1;
	}
	t.is.token_index = align8(at + pos);
	syn_write(m, t.is.token_index, index, sizeof(index));
	return t.is.token_index + sizeof(index);
}

static void build(void)
{
	static unsigned char names[20000], marker[8 * 16];
	size_t pos = 0, nr_markers = 0;
	uint64_t at = AT;

	memset(names, 0, sizeof(names));
	for (unsigned int i = 0; i < t.nr; i++) {
		unsigned int len = i == t.long_name ? 0x1c3 : 1 + i % 7;

		if (i % 256 == 0) {
			const uint64_t value = pos;

			memcpy(marker + nr_markers++ * t.width, &value, t.width);
		}
		if (len > 127)
			names[pos++] = (unsigned char)(0x80 | (len & 0x7f));
		names[pos++] = (unsigned char)(len > 127 ? len >> 7 : len);
		for (unsigned int k = 0; k < len; k++)
			names[pos++] = (unsigned char)(1 + (i + k) % 250);
	}
	t.is = (struct stk_kallsyms_tables){ 0 };
	syn_fill(m, BEGIN, 0x30000, 0xcc);
	if (t.addresses) {
		t.is.addresses = at;
		for (unsigned int i = 0; i < t.nr; i++, at += 8)
			syn_put64(m, at, BEGIN + 0x8000000 + 16 * i);
	} else {
		t.is.offsets = at;
		for (unsigned int i = 0; i < t.nr; i++, at += 4)
			syn_put32(m, at, 16 * i);
		at = align8(at);
		t.is.relative_base = at;
		syn_put64(m, at, t.base);
		at += 8;
	}
	t.is.num_syms = at;
	syn_put64(m, at, t.nr);
	t.is.names = at + 8;
	syn_write(m, t.is.names, names, align8(pos + t.slack));
	t.markers = t.is.names + align8(pos + t.slack);
	syn_put64(m, t.markers + nr_markers * t.width - t.width, 0);
	syn_write(m, t.markers, marker, nr_markers * t.width);
	at = align8(t.markers + nr_markers * t.width);
	if (at != t.markers + nr_markers * t.width)
		syn_put32(m, at - 4, 0);
	t.end = put_tokens(at);
}

static void defaults(void)
{
	t = (struct tables){ .nr = 300, .width = 4, .long_name = ~0u, .base = BEGIN };
}

static void setup(void)
{
	fixture_free();
	fixture_kernel();
	defaults();
}

static bool find(struct stk_kallsyms_tables *out)
{
	s = syn_open(m);
	/* Nobody looks through all of what may be an image. */
	s->budget.steps = s->budget.max_steps = 40000;
	return stk_kallsyms_find(s, BEGIN + 0x123, out);
}

static void found(void)
{
	struct stk_kallsyms_tables is;

	ck_assert_msg(find(&is), "%u symbols, markers of %u", t.nr, t.width);
	ck_assert_uint_eq(is.token_table, t.is.token_table);
	ck_assert_uint_eq(is.token_index, t.is.token_index);
	ck_assert_uint_eq(is.names, t.is.names);
	ck_assert_uint_eq(is.num_syms, t.is.num_syms);
	ck_assert_uint_eq(is.addresses, t.is.addresses);
	ck_assert_uint_eq(is.offsets, t.is.offsets);
	ck_assert_uint_eq(is.relative_base, t.is.relative_base);
}

static void not_found(const char *why)
{
	struct stk_kallsyms_tables is;

	ck_assert_msg(!find(&is), "%s", why);
}

/* As many symbols as one marker, and two, and three are for. */
START_TEST(of_each_shape)
{
	static const unsigned int nr[] = { 1,	2,   7,	  8,   255, 256,
					   257, 511, 512, 513, 700, 1024 };

	for (size_t i = 0; i < sizeof(nr) / sizeof(nr[0]); i++) {
		defaults();
		t.nr = nr[i];
		t.width = _i & 1 ? 8 : 4;
		t.addresses = _i & 2;
		t.long_name = _i & 4 ? nr[i] / 2 : ~0u;
		build();
		found();
	}
}
END_TEST

/* What lies across the pieces that are read at a time. */
START_TEST(at_each_place)
{
	struct stk_kallsyms_tables is;

	build();
	/* The search may begin anywhere before them. */
	for (uint64_t back = 0; back < 0x20000; back += 0x1000) {
		s = syn_open(m);
		s->budget.steps = s->budget.max_steps = 40000;
		ck_assert(stk_kallsyms_find(s, BEGIN + back, &is) ==
			  (BEGIN + back <= t.digit));
	}
}
END_TEST

/* The lowest address is the image's begin, or what is not far below it. */
START_TEST(relative_bases)
{
	static const struct {
		uint64_t base;
		bool relative;
	} row[] = {
		{ BEGIN, true },
		{ BEGIN - 0x1000, true },
		{ BEGIN - 0x7ffffff, true },
		{ BEGIN - 0x8000000, false },
		{ BEGIN + 1, false },
		{ 0, false },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		t.base = row[i].base;
		build();
		if (!row[i].relative) {
			t.is.addresses = t.is.num_syms - 8 * t.nr;
			t.is.offsets = t.is.relative_base = 0;
		}
		found();
	}
}
END_TEST

/* Each table by a word: what is put there, and how. */
START_TEST(what_does_not_fit)
{
	build();
	found();
	/* An index that is another one's, the first and the last. */
	syn_put8(m, t.is.token_index, 1);
	not_found("first index");
	build();
	syn_put8(m, t.is.token_index + 510, 1);
	not_found("last index");
	build();
	syn_fail(m, t.is.token_index, STK_ERR_EXCLUDED);
	not_found("no index");
	setup();
	/* A digit that is none. */
	build();
	syn_put8(m, t.is.token_table + 150, 'x');
	syn_fill(m, t.is.token_table, 400, 'x');
	not_found("tokens");
	/* Markers that do not rise, or lead beyond any names. */
	build();
	syn_put32(m, t.markers, 1);
	not_found("first marker");
	t.nr = 600;
	build();
	syn_put32(m, t.markers + 4, syn_get64(m, t.markers + 8) & 0xffffffff);
	not_found("markers that are equal");
	build();
	syn_put32(m, t.markers + 8, (32u << 20) + 1);
	not_found("a marker of too much");
	build();
	syn_put32(m, t.markers + 4, (uint32_t)syn_get64(m, t.markers + 4) + 1);
	not_found("a marker in a name");
	/* More or fewer symbols than there are names, or markers for. */
	build();
	syn_put64(m, t.is.num_syms, 599);
	not_found("one name less");
	syn_put64(m, t.is.num_syms, 601);
	not_found("one name more");
	syn_put64(m, t.is.num_syms, 769);
	not_found("a marker too few");
	syn_put64(m, t.is.num_syms, 512);
	not_found("a marker too many");
	syn_put64(m, t.is.num_syms, 600ull << 32);
	not_found("no number");
	/* A name without a length, and one behind the end. */
	build();
	syn_put8(m, t.is.names, 0);
	not_found("an empty name");
	build();
	syn_put8(m, t.is.names, 0xff);
	not_found("a name that is too long");
	defaults();
	t.nr = 5;
	build();
	syn_put8(m, t.markers - 1, 0x7f);
	found();
	/* What the compiler leaves behind them is less than a word. */
	for (t.slack = 0; t.slack < 24; t.slack++) {
		build();
		if (t.markers - t.is.names - 20 < 8)
			found();
		else
			not_found("much behind the names");
	}
	/* Below the number of symbols there must be something. */
	defaults();
	build();
	s = syn_open(m);
	syn_unmap(m, BEGIN + 0x12000);
	not_found("no offsets");
}
END_TEST

/* What is met on the way was not wanted, and does not count as read. */
START_TEST(a_search_is_no_reading)
{
	struct stk_words *words = stk_words_new();
	struct stk_watch watch = { .record = words };
	struct stk_kallsyms_tables is;

	build();
	s = syn_open(m);
	s->watch = &watch;
	ck_assert(stk_kallsyms_find(s, BEGIN, &is));
	ck_assert(!watch.searching);
	for (size_t i = 0; i < stk_words_nr(words); i++) {
		uint64_t phys;

		ck_assert(syn_phys(m, BEGIN + 0x2000, &phys));
		if (stk_words_page(words, i)->pfn != phys >> 12)
			continue;
		for (unsigned int k = 0; k < STK_WORDS_MASKS; k++)
			ck_assert_uint_eq(stk_words_page(words, i)->has[k], 0);
	}
	s->watch = NULL;
	stk_words_free(words);
}
END_TEST

static const struct unit_test t_tests[] = {
	LOOP(of_each_shape, 8),	 TEST(at_each_place),	       TEST(relative_bases),
	TEST(what_does_not_fit), TEST(a_search_is_no_reading), { 0 },
};

const struct unit_suite suite_kallsyms_find = {
	"kallsyms_find",
	{
		{ "find", t_tests, setup, NULL },
	},
};
