/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves the count of what a dump does not have: a page once, by its cause, for each
 * question anew; and that nothing else counts.
 */
#include "fixture.h"
#include "suite.h"

#include "commands/args.h"
#include "machine/lost.h"
#include "machine/memory.h"

#include <stdlib.h>
#include <string.h>

#define BASE 0xffffb1c000200000ull

static struct stk *s;
static struct stk_losses l;
static unsigned char buf[64];

/* Eight pages that are there. */
static void setup(void)
{
	static const unsigned char zero[8 * 4096];

	m = syn_new(4);
	syn_write(m, BASE, zero, sizeof(zero));
	s = syn_open(m);
}

static void setup_virt(void)
{
	setup();
	syn_use_read_virt(m);
	s = syn_open(m);
}

static void want(unsigned int page)
{
	ck_assert_int_ne(stk_read(s, BASE + page * 4096ull + 8, buf, 8), STK_OK);
}

static void expect(uint64_t excluded, uint64_t cut_off, uint64_t io, uint64_t damaged)
{
	memset(&l, 0, sizeof(l));
	ck_assert_int_eq(stk_get_losses(s, &l, sizeof(l)),
			 excluded + cut_off + io + damaged > 0);
	ck_assert_uint_eq(l.excluded, excluded);
	ck_assert_uint_eq(l.cut_off, cut_off);
	ck_assert_uint_eq(l.io_error, io);
	ck_assert_uint_eq(l.damaged, damaged);
}

START_TEST(by_cause)
{
	uint64_t phys;

	syn_fail(m, BASE + 4096, STK_ERR_CUT_OFF);
	syn_fail(m, BASE + 2 * 4096, STK_ERR_EXCLUDED);
	syn_fail(m, BASE + 3 * 4096, STK_ERR_EXCLUDED);
	syn_fail(m, BASE + 4 * 4096, STK_ERR_IO);
	syn_fail(m, BASE + 5 * 4096, STK_ERR_CORRUPT);
	syn_fail(m, BASE + 6 * 4096, STK_ERR_UNSUPPORTED);
	expect(0, 0, 0, 0);
	/* Each more than once. */
	for (unsigned int i = 0; i < 12; i++)
		want(1 + i % 6);
	expect(2, 1, 1, 2);
	ck_assert(syn_phys(m, BASE + 4096, &phys));
	ck_assert_uint_eq(l.first, phys);
	ck_assert_ptr_null(l.what);
	ck_assert(!l.more);
}
END_TEST

START_TEST(what_is_no_loss)
{
	struct stk_target live;
	uint64_t phys;

	/* What was never mapped, what is there, and what was not waited for. */
	ck_assert_int_eq(stk_read(s, BASE + (1 << 20), buf, 8), STK_ERR_UNMAPPED);
	ck_assert_int_eq(stk_read(s, BASE, buf, 8), STK_OK);
	syn_fail(m, BASE + 4096, STK_ERR_INTERRUPTED);
	want(1);
	/* Only to ask is none. */
	syn_fail(m, BASE + 2 * 4096, STK_ERR_EXCLUDED);
	ck_assert(syn_phys(m, BASE + 2 * 4096, &phys));
	ck_assert(!stk_in_dump(s, phys));
	ck_assert(syn_phys(m, BASE, &phys));
	ck_assert(stk_in_dump(s, phys));
	expect(0, 0, 0, 0);
	/* What was gone before the dump was made, until the excuse ends. */
	stk_lost_excuse(s, true);
	want(2);
	expect(0, 0, 0, 0);
	stk_lost_excuse(s, false);
	syn_fail(m, BASE + 3 * 4096, STK_ERR_EXCLUDED);
	want(3);
	expect(1, 0, 0, 0);
	/* A running machine is no dump. */
	live = m->target;
	live.live = true;
	s = stk_open(&live, sizeof(live));
	want(3);
	expect(0, 0, 0, 0);
	stk_close(s);
}
END_TEST

START_TEST(each_question_anew)
{
	syn_fail(m, BASE + 4096, STK_ERR_EXCLUDED);
	syn_fail(m, BASE + 2 * 4096, STK_ERR_CUT_OFF);
	want(1);
	/* What was lost when the dump was opened is the first question's, too. */
	stk_question(s);
	expect(1, 0, 0, 0);
	stk_question(s);
	expect(0, 0, 0, 0);
	/* The page cache knows by now that it is not there. */
	m->calls.read_phys = 0;
	want(1);
	ck_assert_uint_eq(m->calls.read_phys, 0);
	expect(1, 0, 0, 0);
	stk_question(s);
	want(2);
	want(1);
	expect(1, 1, 0, 0);
}
END_TEST

/* It is the table's page that is missing. */
START_TEST(page_table)
{
	uint64_t table = syn_entry_at(m, BASE, 4096);

	syn_fail_phys(m, table, STK_ERR_CUT_OFF);
	s = syn_open(m);
	want(1);
	want(2);
	expect(0, 1, 0, 0);
	ck_assert_uint_eq(l.first, table - table % 4096);
}
END_TEST

/* Whoever translates for us says only that it failed. */
START_TEST(translated_by_the_provider)
{
	uint64_t phys;

	ck_assert_int_ne(stk_read(s, BASE + (1 << 20), buf, 8), STK_OK);
	expect(0, 0, 0, 0);
	syn_fail(m, BASE + 4096, STK_ERR_EXCLUDED);
	want(1);
	expect(1, 0, 0, 0);
	ck_assert(syn_phys(m, BASE + 4096, &phys));
	ck_assert_uint_eq(l.first, phys);
}
END_TEST

START_TEST(what_was_read)
{
	struct stk_purse purse = { 0 };

	syn_fail(m, BASE + 4096, STK_ERR_EXCLUDED);
	stk_purse_open(&s->budget, &purse, "the list of tests", 2);
	want(1);
	stk_purse_close(&s->budget, &purse);
	expect(1, 0, 0, 0);
	ck_assert_str_eq(l.what, "the list of tests");
}
END_TEST

START_TEST(more_than_can_be_counted)
{
	for (uint64_t i = 0; i < 12288; i++)
		for (int twice = 0; twice < 2; twice++)
			stk_lost_note(s, i << 30, STK_ERR_EXCLUDED);
	expect(12288, 0, 0, 0);
	ck_assert(!l.more);
	stk_lost_note(s, 1 << 20, STK_ERR_CUT_OFF);
	expect(12288, 0, 0, 0);
	ck_assert(l.more);
}
END_TEST

/* Pages that lie anyhow are found again: in a row, each second one, far apart. */
START_TEST(each_page_once)
{
	static const uint64_t step[] = { 1, 2, 3, 1 << 14, 1ull << 20, 1ull << 38 };
	const uint64_t most = 12288;

	for (uint64_t i = 0; i < most; i++)
		stk_lost_note(s, i * step[_i] << 12, STK_ERR_IO);
	expect(0, 0, most, 0);
	for (uint64_t i = 0; i < most; i++)
		stk_lost_note(s, i * step[_i] << 12 | 0xfff, STK_ERR_IO);
	expect(0, 0, most, 0);
	ck_assert(!l.more);
}
END_TEST

static char told[400];

static void error(struct stk_command *cmd, const char *text)
{
	ck_assert_str_eq(told, "");
	snprintf(told, sizeof(told), "%s", text);
}

START_TEST(one_line)
{
	struct stk_command cmd = { .s = s, .error = error };
	char *out = NULL;
	size_t size;

	cmd.out = open_memstream(&out, &size);
	told[0] = '\0';
	/* All of it is certain, or it is one chain: nothing to tell. */
	cmd.summary = true;
	cmd.nr_chains = cmd.nr_certain = 3;
	stk_tell_lost(&cmd);
	cmd.nr_chains = 1;
	cmd.nr_certain = 0;
	stk_tell_lost(&cmd);
	fflush(cmd.out);
	ck_assert_str_eq(out, "");
	cmd.nr_chains = 3;
	cmd.nr_certain = 1;
	stk_tell_lost(&cmd);
	fflush(cmd.out);
	ck_assert_str_eq(out, "xbt: 1 of 3 chains is certain\n");
	ck_assert_str_eq(told, "");
	stk_lost_note(s, 0x1b41bf123, STK_ERR_EXCLUDED);
	stk_tell_lost(&cmd);
	ck_assert_str_eq(told, "1 page was not in the dump (1 excluded; first at phys "
			       "0x1b41bf000); 1 of 3 chains is certain");
	told[0] = '\0';
	stk_lost_note(s, 0x2000, STK_ERR_CUT_OFF);
	cmd.nr_chains = 0;
	stk_tell_lost(&cmd);
	ck_assert_str_eq(told, "2 pages were not in the dump (1 excluded, 1 cut off; "
			       "first at phys 0x1b41bf000)");
	fflush(cmd.out);
	ck_assert_str_eq(out, "xbt: 1 of 3 chains is certain\n");
	fclose(cmd.out);
	free(out);
}
END_TEST

/* A part of a question forgets nothing of it, nor does the first one. */
START_TEST(by_question)
{
	struct stk_purse purse = { 0 };

	syn_fail(m, BASE + 4096, STK_ERR_EXCLUDED);
	syn_fail(m, BASE + 2 * 4096, STK_ERR_EXCLUDED);
	want(1);
	expect(1, 0, 0, 0);
	stk_question(s);
	expect(1, 0, 0, 0);
	want(2);
	expect(2, 0, 0, 0);
	stk_purse_open(&s->budget, &purse, "a part", 2);
	stk_question(s);
	expect(2, 0, 0, 0);
	stk_purse_close(&s->budget, &purse);
	stk_question(s);
	expect(0, 0, 0, 0);
}
END_TEST

static const struct unit_test t_tests[] = {
	TEST(by_cause),
	TEST(by_question),
	TEST(what_is_no_loss),
	TEST(each_question_anew),
	TEST(page_table),
	TEST(what_was_read),
	TEST(more_than_can_be_counted),
	LOOP(each_page_once, 6),
	TEST(one_line),
	{ 0 },
};

static const struct unit_test virt_tests[] = {
	TEST(translated_by_the_provider),
	{ 0 },
};

const struct unit_suite suite_lost = {
	"lost",
	{
		{ "lost", t_tests, setup, NULL },
		{ "virt", virt_tests, setup_virt, NULL },
	},
};
