/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was seen of a call is not asked again, and nobody else's answer is taken for it.
 */
#include "fixture.h"
#include "suite.h"

#include <string.h>

#include "../../src/unwind/calls.h"

static struct stk_arch arch;
static enum stk_call says;
static size_t asked;

static enum stk_call answer(struct stk *s, uint64_t ret, uint64_t callee, bool exact,
			    const char **why)
{
	asked++;
	*why = says == STK_CALL_REACHES ? NULL : "as it is";
	return says;
}

static void setup(void)
{
	fixture_kernel();
	syn_open(m);
	arch = *m->s->arch;
	arch.call_evidence = answer;
	m->s->arch = &arch;
	says = STK_CALL_REACHES;
	asked = 0;
}

/* How often the code is read for it. */
static size_t ask(uint64_t ret, uint64_t callee, bool exact, enum stk_call want)
{
	const size_t before = asked;
	const char *why = "not told";

	ck_assert_int_eq(stk_call_evidence(m->s, ret, callee, exact, &why), want);
	ck_assert(want == STK_CALL_REACHES ? !why : why && !strcmp(why, "as it is"));
	return asked - before;
}

START_TEST(asked_once)
{
	ck_assert_uint_eq(ask(0x1000, 0x2000, false, STK_CALL_REACHES), 1);
	ck_assert_uint_eq(ask(0x1000, 0x2000, false, STK_CALL_REACHES), 0);
	/* Each of the three makes it another question. */
	ck_assert_uint_eq(ask(0x1004, 0x2000, false, STK_CALL_REACHES), 1);
	ck_assert_uint_eq(ask(0x1000, 0x2004, false, STK_CALL_REACHES), 1);
	ck_assert_uint_eq(ask(0x1000, 0x2000, true, STK_CALL_REACHES), 1);
	/* Nobody asked this one, for all that is empty. */
	ck_assert_uint_eq(ask(0, 0, false, STK_CALL_REACHES), 1);
}
END_TEST

/* What speaks against a call is told each time, and may change. */
START_TEST(doubt_is_not_kept)
{
	says = _i;
	ck_assert_uint_eq(ask(0x1000, 0x2000, false, says), 1);
	ck_assert_uint_eq(ask(0x1000, 0x2000, false, says), 1);
	says = STK_CALL_REACHES;
	ck_assert_uint_eq(ask(0x1000, 0x2000, false, says), 1);
	says = _i;
	ck_assert_uint_eq(ask(0x1000, 0x2000, false, STK_CALL_REACHES), 0);
}
END_TEST

/* A machine that runs may change its code. */
START_TEST(live)
{
	m->s->target.live = true;
	for (int i = 0; i < 2; i++)
		ck_assert_uint_eq(ask(0x1000, 0x2000, false, STK_CALL_REACHES), 1);
}
END_TEST

/* More than there is room for: none gets the answer of another. */
START_TEST(many)
{
	size_t again = 0;

	for (int round = 0; round < 2; round++) {
		for (uint64_t at = 0; at < 20000; at++) {
			says = at % 2 ? STK_CALL_REACHES : STK_CALL_ELSEWHERE;
			again += !ask(at * 5, at * 16, at % 3, says);
		}
	}
	/* Those that came last are still there, once the others are passed. */
	for (uint64_t at = 19999; at > 19960; at -= 2)
		again += !ask(at * 5, at * 16, at % 3, STK_CALL_REACHES);
	ck_assert_uint_ge(again, 15);
}
END_TEST

static const struct unit_test tests[] = {
	TEST(asked_once),
	TEST(live),
	TEST(many),
	RANGE(doubt_is_not_kept, STK_CALL_NONE, STK_CALL_REACHES),
	{ 0 },
};

const struct unit_suite suite_calls = {
	"what was seen of calls",
	{ { "calls", tests, setup, NULL } },
};
