/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules by which a step is believed: each by itself, on facts alone, and what a
 * chain is worth that was made of such steps.
 */
#include "synthetic.h"
#include "suite.h"

#include <string.h>

#include "../../src/unwind/judge.h"

/* A step that every witness speaks for. */
static const struct stk_facts sound = {
	.move = STK_MOVE_UP,
	.route = true,
	.text = true,
	.returns = true,
	.call = STK_CALL_REACHES,
	.sure = true,
	.link = -1,
};

static struct stk_facts crossing(void)
{
	struct stk_facts f = sound;

	f.move = STK_MOVE_CROSS;
	f.owner = STK_OWNER_SELF;
	return f;
}

static struct stk_facts to_user(void)
{
	struct stk_facts f = sound;

	f.user = f.user_credible = f.has_regs = true;
	f.returns = false;
	return f;
}

START_TEST(sound_steps)
{
	struct stk_facts f = crossing();

	ck_assert(stk_judge(&sound).possible);
	ck_assert_int_eq(stk_judge(&sound).doubt, STK_DOUBT_NONE);
	ck_assert(stk_judge(&sound).firm);
	ck_assert_int_eq(stk_judge(&f).doubt, STK_DOUBT_NONE);
	f = to_user();
	ck_assert_int_eq(stk_judge(&f).doubt, STK_DOUBT_NONE);
	/* What nothing speaks for or against is no doubt: only no proof. */
	f = sound;
	f.call = STK_CALL_CANNOT_TELL;
	ck_assert_int_eq(stk_judge(&f).doubt, STK_DOUBT_NONE);
	ck_assert(!stk_judge(&f).firm);
	f.call = STK_CALL_UNASKED;
	ck_assert_int_eq(stk_judge(&f).doubt, STK_DOUBT_NONE);
	ck_assert(!stk_judge(&f).firm);
	/* But where a dump lacks the code that would: unless another word has it, too. */
	f.call = STK_CALL_UNREADABLE;
	ck_assert_int_eq(stk_judge(&f).doubt, STK_DOUBT_UNREADABLE);
	ck_assert(!stk_judge(&f).firm && !stk_judge(&f).misfit);
	ck_assert_uint_eq(stk_judge(&f).evidence.agree & 1u << STK_WITNESS_CALL, 0);
	/* A call of what is not there: the frame below may be the wrong one, too. */
	f.call = STK_CALL_UNFOLLOWED;
	ck_assert_int_eq(stk_judge(&f).doubt, STK_DOUBT_UNREADABLE);
	ck_assert(!stk_judge(&f).firm && stk_judge(&f).misfit);
	ck_assert_uint_ne(stk_judge(&f).evidence.agree & 1u << STK_WITNESS_CALL, 0);
	f.regs.agree = 1u << STK_WITNESS_SHADOW;
	ck_assert_int_eq(stk_judge(&f).doubt, STK_DOUBT_NONE);
	ck_assert(!stk_judge(&f).misfit);
	f.regs.agree = 1u << STK_WITNESS_CFI;
	ck_assert_int_eq(stk_judge(&f).doubt, STK_DOUBT_UNREADABLE);
	f.returns = false;
	ck_assert_int_eq(stk_judge(&f).doubt, STK_DOUBT_NONE);
}
END_TEST

/* What cannot be, and the end that it makes. */
START_TEST(impossible_steps)
{
	struct stk_facts f[12];
	static const enum stk_end end[] = {
		STK_END_NOT_TEXT,   STK_END_BACKWARDS, STK_END_RECURSION,
		STK_END_OFF_STACK,  STK_END_NOT_OWN,   STK_END_NO_WAY,
		STK_END_NOT_TEXT,   STK_END_NO_WAY,    STK_END_USER_PLACE,
		STK_END_USER_PLACE,
	};

	for (size_t i = 0; i < sizeof(f) / sizeof(f[0]); i++)
		f[i] = sound;
	f[0].text = false;
	f[1].move = STK_MOVE_BACK;
	f[2].move = STK_MOVE_REENTER;
	f[3].move = STK_MOVE_NOWHERE;
	f[4] = crossing();
	f[4].owner = STK_OWNER_OTHER;
	f[5] = crossing();
	f[5].route = false;
	f[6] = to_user();
	f[6].user_credible = false;
	f[7] = to_user();
	f[7].route = false;
	f[8].in_user_regs = true;
	f[9].above_user_regs = true;
	for (size_t i = 0; i < sizeof(end) / sizeof(end[0]); i++) {
		struct stk_verdict v = stk_judge(&f[i]);

		ck_assert_msg(!v.possible, "row %zu", i);
		ck_assert_msg(v.end == end[i], "row %zu: %s", i, stk_end_name(v.end));
		/* Where the chain is to end it ends, whatever those registers are. */
		f[i].joins = true;
		ck_assert_msg(stk_judge(&f[i]).possible, "row %zu", i);
	}
	/* The near misses. */
	f[0].interrupted = true;
	f[0].returns = false;
	f[3].has_regs = true;
	f[4].given = true;
	for (size_t i = 0; i < 5; i++)
		f[i].joins = false;
	ck_assert(stk_judge(&f[0]).possible);
	ck_assert_int_eq(stk_judge(&f[3]).doubt, STK_DOUBT_NO_STACK);
	ck_assert_int_eq(stk_judge(&f[4]).doubt, STK_DOUBT_OWNER);
	f[4].owner = STK_OWNER_UNKNOWN;
	ck_assert_int_eq(stk_judge(&f[4]).doubt, STK_DOUBT_NONE);
	f[4].owner = STK_OWNER_SHARED;
	ck_assert_int_eq(stk_judge(&f[4]).doubt, STK_DOUBT_OWNER);
}
END_TEST

static struct stk_evidence against(enum stk_witness witness)
{
	return (struct stk_evidence){ .differ = 1u << witness };
}

START_TEST(doubtful_steps)
{
	struct stk_facts f[7];
	static const enum stk_doubt doubt[] = {
		STK_DOUBT_NO_CALL, STK_DOUBT_TARGET, STK_DOUBT_METHOD, STK_DOUBT_REGS,
		STK_DOUBT_PLACE,   STK_DOUBT_COPY,   STK_DOUBT_LINK,
	};

	for (size_t i = 0; i < sizeof(f) / sizeof(f[0]); i++)
		f[i] = i < 6 ? sound : crossing();
	f[0].call = STK_CALL_NONE;
	f[1].call = STK_CALL_ELSEWHERE;
	f[2].sure = false;
	f[3].regs = against(STK_WITNESS_REGS);
	f[4].regs = against(STK_WITNESS_PLACE);
	f[5].regs = against(STK_WITNESS_COPY);
	f[6].link = 0;
	for (size_t i = 0; i < sizeof(f) / sizeof(f[0]); i++) {
		struct stk_verdict v = stk_judge(&f[i]);

		ck_assert_msg(v.possible, "row %zu", i);
		ck_assert_msg(v.doubt == doubt[i], "row %zu: %s", i,
			      stk_doubt_name(v.doubt));
		/* A call that does not fit accuses the frame below, as do registers in a
		 * place where no entry saves them, */
		ck_assert_msg(v.misfit == (i < 2 || i == 4), "row %zu", i);
	}
	/* whatever else is wrong with them, */
	f[4].regs.differ |= 1u << STK_WITNESS_REGS;
	ck_assert_int_eq(stk_judge(&f[4]).doubt, STK_DOUBT_REGS);
	ck_assert(stk_judge(&f[4]).misfit);
	/* and a method that knows where both have to lie. */
	f[2].misfit = true;
	ck_assert(stk_judge(&f[2]).misfit);
	/* Of an ip that was interrupted no call tells. */
	f[0].returns = false;
	ck_assert_int_eq(stk_judge(&f[0]).doubt, STK_DOUBT_NONE);
	f[6].link = 1;
	ck_assert_int_eq(stk_judge(&f[6]).doubt, STK_DOUBT_NONE);
	ck_assert(stk_judge(&f[6]).evidence.agree & 1u << STK_WITNESS_LINK);
	/* A method that guesses proves nothing, whatever the call says. */
	ck_assert(!stk_judge(&f[2]).firm);
}
END_TEST

#define BIT(witness) (1u << STK_WITNESS_##witness)

/* What is wrong with a step, by which doubt it makes: what comes first is said. */
enum flaw {
	NO_CALL,
	TARGET,
	UNREADABLE,
	METHOD,
	REGS,
	PLACE,
	COPY,
	SHADOW,
	CFI,
	NO_STACK,
	OWNER,
	LINK,
	NR_FLAWS
};

static void spoil(struct stk_facts *f, enum flaw flaw)
{
	static const enum stk_call call[] = { STK_CALL_NONE, STK_CALL_ELSEWHERE,
					      STK_CALL_UNREADABLE };
	static const uint32_t differ[NR_FLAWS] = {
		[REGS] = BIT(REGS),	[PLACE] = BIT(PLACE), [COPY] = BIT(COPY),
		[SHADOW] = BIT(SHADOW), [CFI] = BIT(CFI),
	};

	f->regs.differ |= differ[flaw];
	if (flaw <= UNREADABLE)
		f->call = call[flaw];
	if (flaw == METHOD)
		f->sure = false;
	if (flaw == NO_STACK) {
		f->move = STK_MOVE_NOWHERE;
		f->has_regs = true;
	}
	if (flaw == OWNER || flaw == LINK)
		f->move = STK_MOVE_CROSS;
	if (flaw == OWNER)
		f->owner = STK_OWNER_SHARED;
	if (flaw == LINK)
		f->link = 0;
}

START_TEST(first_doubt)
{
	static const struct {
		enum stk_doubt doubt;
		bool misfit; /* the frame below led to the wrong place */
	} want[NR_FLAWS] = {
		[NO_CALL] = { STK_DOUBT_NO_CALL, true },
		[TARGET] = { STK_DOUBT_TARGET, true },
		[UNREADABLE] = { STK_DOUBT_UNREADABLE, false },
		[METHOD] = { STK_DOUBT_METHOD, false },
		[REGS] = { STK_DOUBT_REGS, false },
		[PLACE] = { STK_DOUBT_PLACE, true },
		[COPY] = { STK_DOUBT_COPY, false },
		[SHADOW] = { STK_DOUBT_SHADOW, true },
		[CFI] = { STK_DOUBT_CFI, true },
		[NO_STACK] = { STK_DOUBT_NO_STACK, false },
		[OWNER] = { STK_DOUBT_OWNER, false },
		[LINK] = { STK_DOUBT_LINK, false },
	};

	for (enum flaw i = NO_CALL; i < NR_FLAWS; i++)
		for (enum flaw j = i; j < NR_FLAWS; j++) {
			struct stk_facts f = sound;
			struct stk_verdict v;

			spoil(&f, j);
			spoil(&f, i);
			v = stk_judge(&f);
			ck_assert_msg(v.possible && v.doubt == want[i].doubt,
				      "%d and %d: %s", i, j, stk_doubt_name(v.doubt));
			/* Registers in no place for them accuse it whatever else is said.
			 */
			ck_assert_msg(v.misfit == (want[i].misfit || j == PLACE),
				      "%d and %d", i, j);
		}
}
END_TEST

/* On the same stack nobody else is its owner, and its top's word is not asked. */
START_TEST(doubts_of_a_crossing)
{
	for (int owner = STK_OWNER_SELF; owner <= STK_OWNER_UNKNOWN; owner++)
		for (int link = -1; link <= 1; link++)
			for (int move = 0; move < 2; move++) {
				const bool others = owner == STK_OWNER_OTHER ||
						    owner == STK_OWNER_SHARED;
				struct stk_facts f = move ? crossing() : sound;
				enum stk_doubt want = STK_DOUBT_NONE;

				f.given = true;
				f.owner = (enum stk_owner)owner;
				f.link = link;
				if (move && others)
					want = STK_DOUBT_OWNER;
				else if (move && !link)
					want = STK_DOUBT_LINK;
				ck_assert_int_eq(stk_judge(&f).doubt, want);
			}
}
END_TEST

/* What each answer of the call makes of the frame, and of the one below. */
START_TEST(doubts_of_a_call)
{
	static const struct {
		enum stk_call call;
		enum stk_doubt doubt, with_shadow;
		bool firm, misfit, misfit_with_shadow;
	} row[] = {
#define ROW(call, doubt, with, ...)                                                      \
	{ STK_CALL_##call, STK_DOUBT_##doubt, STK_DOUBT_##with, __VA_ARGS__ }
		ROW(REACHES, NONE, NONE, true, false, false),
		ROW(CANNOT_TELL, NONE, NONE, false, false, false),
		ROW(UNASKED, NONE, NONE, false, false, false),
		ROW(PUSHED, NONE, NONE, false, false, false),
		ROW(FREED, NONE, NONE, false, false, false),
		ROW(UNREADABLE, UNREADABLE, NONE, false, false, false),
		ROW(UNFOLLOWED, UNREADABLE, NONE, false, true, false),
		ROW(NONE, NO_CALL, NO_CALL, false, true, true),
		ROW(ELSEWHERE, TARGET, TARGET, false, true, true),
#undef ROW
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		for (int how = 0; how < 8; how++) {
			const bool shadow = how & 1, returns = !(how & 2),
				   sure = !(how & 4);
			struct stk_facts f = sound;
			struct stk_verdict v;
			enum stk_doubt want = shadow ? row[i].with_shadow : row[i].doubt;

			f.call = row[i].call;
			f.returns = returns;
			f.sure = sure;
			f.regs.agree = shadow ? BIT(SHADOW) : 0;
			if (!returns)
				want = STK_DOUBT_NONE;
			if (want == STK_DOUBT_NONE && !sure)
				want = STK_DOUBT_METHOD;
			v = stk_judge(&f);
			ck_assert_msg(v.doubt == want, "row %zu, %d: %s", i, how,
				      stk_doubt_name(v.doubt));
			/* The other word proves it as well as a call does. */
			ck_assert_msg(v.firm == (returns && sure &&
						 (row[i].firm ||
						  (shadow && want == STK_DOUBT_NONE))),
				      "row %zu, %d", i, how);
			ck_assert_msg(v.misfit == (returns &&
						   (shadow ? row[i].misfit_with_shadow
							   : row[i].misfit)),
				      "row %zu, %d", i, how);
		}
}
END_TEST

/* What is said for and against a step, whatever comes of it. */
START_TEST(said_of_steps)
{
	const uint32_t call = BIT(CALL) | BIT(TARGET);
	const struct {
		enum stk_move move;
		enum stk_call call;
		bool returns;
		enum stk_owner owner;
		bool route;
		int link;
		uint32_t agree, differ;
	} row[] = {
#define SAME(call, agree, differ)                                                        \
	{ STK_MOVE_UP, STK_CALL_##call, true, STK_OWNER_SELF, true, -1, agree, differ }
		SAME(REACHES, call, 0),
		SAME(NONE, 0, BIT(CALL)),
		SAME(ELSEWHERE, BIT(CALL), BIT(TARGET)),
		SAME(CANNOT_TELL, BIT(CALL), 0),
		SAME(UNREADABLE, 0, 0),
		SAME(UNFOLLOWED, BIT(CALL), 0),
		SAME(UNASKED, 0, 0),
		SAME(PUSHED, 0, 0),
		SAME(FREED, 0, 0),
#undef SAME
		/* Of what was interrupted no call tells. */
		{ STK_MOVE_UP, STK_CALL_REACHES, false, STK_OWNER_SELF, true, -1, 0, 0 },
#define CROSS(owner, route, link, agree, differ)                                         \
	{ STK_MOVE_CROSS, STK_CALL_REACHES, true,  STK_OWNER_##owner, route,             \
	  link,		  call | (agree),   differ }
		CROSS(SELF, true, -1, BIT(OWNER) | BIT(ROUTE), 0),
		CROSS(OTHER, true, -1, BIT(ROUTE), BIT(OWNER)),
		CROSS(SHARED, true, -1, BIT(ROUTE), BIT(OWNER)),
		CROSS(UNKNOWN, true, -1, BIT(ROUTE), 0),
		CROSS(SELF, false, -1, BIT(OWNER), BIT(ROUTE)),
		CROSS(SELF, true, 1, BIT(OWNER) | BIT(ROUTE) | BIT(LINK), 0),
		CROSS(SELF, true, 0, BIT(OWNER) | BIT(ROUTE), BIT(LINK)),
#undef CROSS
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_facts f = sound;
		struct stk_evidence e;

		f.move = row[i].move;
		f.call = row[i].call;
		f.returns = row[i].returns;
		f.owner = row[i].owner;
		f.route = row[i].route;
		f.link = row[i].link;
		e = stk_judge(&f).evidence;
		ck_assert_msg(e.agree == row[i].agree && e.differ == row[i].differ,
			      "row %zu: %#x, %#x", i, e.agree, e.differ);
	}
}
END_TEST

struct made {
	struct stk_chain chain;
	struct stk_segment irq, task;
	struct stk_frame frame[3];
	struct stk_arena arena;
};

static void make(struct made *m)
{
	memset(m, 0, sizeof(*m));
	for (size_t i = 0; i < 3; i++)
		m->frame[i] = (struct stk_frame){ .reliable = true };
	m->irq = (struct stk_segment){ .frames = m->frame,
				       .nr_frames = 1,
				       .crossing = { .agree = -1 },
				       .next = &m->task };
	m->task = (struct stk_segment){ .frames = m->frame + 1, .nr_frames = 2 };
	m->chain = (struct stk_chain){ .segments = &m->irq, .end = STK_END_USER };
}

/* @what: which link of the chain is weak. */
START_TEST(weakest_link)
{
	static const enum stk_confidence want[] = { STK_CERTAIN,  STK_BROKEN,
						    STK_DOUBTFUL, STK_DOUBTFUL,
						    STK_DOUBTFUL, STK_DOUBTFUL,
						    STK_CERTAIN };
	struct made m;

	make(&m);
	switch (_i) {
	case 1:
		m.chain.end = STK_END_NOT_TEXT;
		m.chain.end_text = "why";
		break;
	case 2:
		m.frame[2].reliable = false;
		m.frame[2].doubt = STK_DOUBT_NO_CALL;
		break;
	case 3:
		m.irq.crossing.agree = 0;
		break;
	case 4:
		m.chain.start.doubt = "why";
		break;
	case 5:
		m.chain.user_doubt = "why";
		break;
	case 6:
		m.irq.crossing.agree = 1;
		break;
	}
	m.chain.confidence_why = "what was said before";
	stk_judge_chain(&m.chain, &m.arena);
	ck_assert(m.chain.confidence != STK_CERTAIN || !m.chain.confidence_why);
	ck_assert_int_eq(m.chain.confidence, want[_i]);
	ck_assert_int_eq(!m.chain.confidence_why, want[_i] == STK_CERTAIN);
	stk_arena_free(&m.arena);
}
END_TEST

static const struct unit_test tc_tests[] = {
	TEST(sound_steps),   TEST(impossible_steps),	 TEST(doubtful_steps),
	TEST(first_doubt),   TEST(doubts_of_a_crossing), TEST(doubts_of_a_call),
	TEST(said_of_steps), LOOP(weakest_link, 7),	 { 0 },
};

const struct unit_suite suite_judge = {
	"unwind judge",
	{
		{ "rules", tc_tests, NULL, NULL },
	},
};
