/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves when two chains are the same: by their code, the kinds of their stacks and how
 * they end; and that what is not the same has another number.
 */
#include "suite.h"

#include <string.h>

#include "../../src/arch/x86_64/x86_64.h"
#include "../../src/unwind/same.h"

struct made {
	struct stk_chain chain;
	struct stk_segment seg[3];
	struct stk_frame frame[4];
};

static struct made a, b;

/* Two frames on the IRQ stack, and one on the task's. */
static void make(struct made *made)
{
	memset(made, 0, sizeof(*made));
	made->chain = (struct stk_chain){
		.end = STK_END_USER,
		.confidence = STK_DOUBTFUL,
		.segments = &made->seg[0],
		.nr_segments = 2,
		.nr_frames = 3,
	};
	made->seg[0].stack.kind = X86_STACK(IRQ);
	made->seg[0].frames = &made->frame[0];
	made->seg[0].nr_frames = 2;
	made->seg[0].next = &made->seg[1];
	made->seg[1].stack.kind = X86_STACK(TASK);
	made->seg[1].frames = &made->frame[2];
	made->seg[1].nr_frames = 1;
	for (unsigned int i = 0; i < 4; i++)
		made->frame[i].ip = 0xffffffff81000000ull + 0x100 * i;
}

static void another_end(void)
{
	b.chain.end = STK_END_IDLE;
}

static void more_certain(void)
{
	b.chain.confidence = STK_CERTAIN;
}

static void first_frame(void)
{
	b.frame[0].ip++;
}

static void second_frame(void)
{
	b.frame[1].ip++;
}

static void last_frame(void)
{
	b.frame[2].ip++;
}

static void frames_change_places(void)
{
	b.frame[0].ip = a.frame[1].ip;
	b.frame[1].ip = a.frame[0].ip;
}

static void another_kind(void)
{
	b.seg[1].stack.kind = X86_STACK(NMI);
}

static void on_no_stack(void)
{
	b.seg[0].stack.kind = NULL;
}

static void left_later(void)
{
	b.seg[0].nr_frames = 1;
	b.seg[1].frames = &b.frame[1];
	b.seg[1].nr_frames = 2;
}

static void one_frame_less(void)
{
	b.seg[1].nr_frames = 0;
	b.chain.nr_frames = 2;
}

static void one_frame_more(void)
{
	b.seg[1].nr_frames = 2;
	b.chain.nr_frames = 4;
}

static void one_stack_less(void)
{
	one_frame_less();
	b.seg[0].next = NULL;
}

static void one_stack_more(void)
{
	b.seg[1].next = &b.seg[2];
	b.seg[2].stack.kind = X86_STACK(TASK);
	b.seg[2].frames = &b.frame[3];
}

/* The same frames as on two stacks of one kind. */
static void one_stack(void)
{
	a.seg[0].stack.kind = X86_STACK(TASK);
	b.seg[0].stack.kind = X86_STACK(TASK);
	b.seg[0].nr_frames = 3;
	b.seg[0].next = NULL;
}

static void nothing(void)
{
}

static void whose(void)
{
	b.chain.start.cpu = 3;
	b.chain.start.task.pid = 5;
	b.seg[0].stack.cpu = 3;
	b.seg[1].stack.begin = 0x1000;
	b.frame[0].sp = 0x2000;
	b.frame[0].slot = 0x2000;
	b.chain.entry.nr = 7;
	/* What lies behind the last frame is none. */
	b.frame[3].ip++;
}

static const struct {
	const char *name;
	void (*change)(void);
	bool same, hash;
} rows[] = {
	{ "nothing", nothing, true, true },
	{ "whose", whose, true, true },
	{ "another end", another_end, false, false },
	{ "more certain", more_certain, false, false },
	{ "first frame", first_frame, false, false },
	{ "second frame", second_frame, false, false },
	{ "last frame", last_frame, false, false },
	{ "frames change places", frames_change_places, false, false },
	{ "another kind", another_kind, false, false },
	{ "on no stack", on_no_stack, false, false },
	{ "left later", left_later, false, false },
	{ "one frame less", one_frame_less, false, false },
	{ "one frame more", one_frame_more, false, false },
	{ "one stack less", one_stack_less, false, false },
	/* What is on none of its frames says nothing in the number. */
	{ "one stack more", one_stack_more, false, true },
	{ "one stack", one_stack, false, true },
};

START_TEST(same_chain)
{
	make(&a);
	make(&b);
	rows[_i].change();
	ck_assert_msg(stk_same_chain(&a.chain, &b.chain) == rows[_i].same, "%s",
		      rows[_i].name);
	ck_assert_msg(stk_same_chain(&b.chain, &a.chain) == rows[_i].same, "%s",
		      rows[_i].name);
	ck_assert_msg((stk_chain_hash(&a.chain) == stk_chain_hash(&b.chain)) ==
			      rows[_i].hash,
		      "%s", rows[_i].name);
}
END_TEST

/* Chains without frames differ by their ends only. */
START_TEST(empty_chains)
{
	make(&a);
	make(&b);
	a.chain.segments = b.chain.segments = NULL;
	a.chain.nr_frames = b.chain.nr_frames = 0;
	ck_assert(stk_same_chain(&a.chain, &b.chain));
	ck_assert_uint_eq(stk_chain_hash(&a.chain), stk_chain_hash(&b.chain));
	another_end();
	ck_assert(!stk_same_chain(&a.chain, &b.chain));
	ck_assert_uint_ne(stk_chain_hash(&a.chain), stk_chain_hash(&b.chain));
}
END_TEST

/* However many frames follow, the first still counts. */
START_TEST(long_chains)
{
	static struct stk_frame frame[2][200];

	for (unsigned int i = 0; i < 200; i++)
		frame[0][i].ip = frame[1][i].ip = 0xffffffff81000000ull + 0x100 * i;
	frame[1][0].ip += 0x100;
	make(&a);
	make(&b);
	a.seg[1].frames = frame[0];
	b.seg[1].frames = frame[1];
	a.seg[1].nr_frames = b.seg[1].nr_frames = 200;
	a.chain.nr_frames = b.chain.nr_frames = 202;
	ck_assert(!stk_same_chain(&a.chain, &b.chain));
	ck_assert_uint_ne(stk_chain_hash(&a.chain), stk_chain_hash(&b.chain));
}
END_TEST

static const struct unit_test t_tests[] = {
	LOOP(same_chain, sizeof(rows) / sizeof(rows[0])),
	TEST(empty_chains),
	TEST(long_chains),
	{ 0 },
};

const struct unit_suite suite_same = {
	"same",
	{
		{ "same", t_tests, NULL, NULL },
	},
};
