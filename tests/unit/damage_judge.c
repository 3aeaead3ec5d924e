/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The judge of tests/damage/: what a chain is worth beside the true one. */
#include "synthetic.h"
#include "suite.h"

#include <string.h>

#include "../damage/judge.h"

/* Two stacks: three frames on an IRQ stack, then two on a task's. */
struct made {
	struct stk_chain chain;
	struct stk_segment irq, task;
	struct stk_frame on_irq[3], on_task[2];
};

static void make(struct made *m)
{
	memset(m, 0, sizeof(*m));
	for (size_t i = 0; i < 3; i++)
		m->on_irq[i] = (struct stk_frame){ .ip = 0x1000 + i,
						   .sp = 0xa100 + 16 * i,
						   .reliable = true };
	for (size_t i = 0; i < 2; i++)
		m->on_task[i] = (struct stk_frame){ .ip = 0x2000 + i,
						    .sp = 0xb100 + 16 * i,
						    .reliable = true };
	m->irq = (struct stk_segment){
		.stack = { .kind = X86_STACK(IRQ), .begin = 0xa000, .end = 0xb000 },
		.frames = m->on_irq,
		.nr_frames = 3,
		.crossing = { .agree = true },
		.next = &m->task,
	};
	m->task = (struct stk_segment){
		.stack = { .kind = X86_STACK(TASK),
			   .task = 0x77,
			   .begin = 0xb000,
			   .end = 0xc000 },
		.frames = m->on_task,
		.nr_frames = 2,
	};
	m->chain = (struct stk_chain){
		.segments = &m->irq,
		.nr_segments = 2,
		.nr_frames = 5,
		.end = STK_END_THREAD_START,
		.confidence = STK_CERTAIN,
		.start = { .has_task = true, .task = { .addr = 0x77, .pid = 7 } },
	};
}

static enum verdict verdict_of(struct made *damaged)
{
	struct made truth;

	make(&truth);
	return judge(&damaged->chain, &truth.chain);
}

START_TEST(true_chain)
{
	struct made m;

	make(&m);
	ck_assert_int_eq(verdict_of(&m), VERDICT_SAME);
	m.chain.confidence = STK_DOUBTFUL;
	ck_assert_int_eq(verdict_of(&m), VERDICT_DOUBT);
	/* What counts is what the chain says of itself. */
	make(&m);
	m.on_irq[2].reliable = false;
	ck_assert_int_eq(verdict_of(&m), VERDICT_SAME);
}
END_TEST

START_TEST(false_frame)
{
	struct made m;

	make(&m);
	m.on_task[0].ip++;
	ck_assert_int_eq(verdict_of(&m), VERDICT_STRONG);
	m.chain.confidence = STK_DOUBTFUL;
	m.on_task[1].reliable = false;
	ck_assert_int_eq(verdict_of(&m), VERDICT_WEAK);
	m.on_task[0].reliable = false;
	ck_assert_int_eq(verdict_of(&m), VERDICT_TOLD);
	make(&m);
	m.on_task[1].sp += 8;
	ck_assert_int_eq(verdict_of(&m), VERDICT_STRONG);
	make(&m);
	m.task.stack.task = 0x78;
	ck_assert_int_eq(verdict_of(&m), VERDICT_STRONG);
}
END_TEST

/* Frames that are left out in the middle are as wrong as others in their place. */
START_TEST(missing_frame)
{
	struct made m;

	make(&m);
	m.irq.nr_frames = 2;
	m.chain.nr_frames = 4;
	ck_assert_int_eq(verdict_of(&m), VERDICT_STRONG);
	m.chain.confidence = STK_DOUBTFUL;
	ck_assert_int_eq(verdict_of(&m), VERDICT_WEAK);
	m.on_task[0].reliable = false;
	ck_assert_int_eq(verdict_of(&m), VERDICT_TOLD);
}
END_TEST

START_TEST(shorter)
{
	struct made m;

	make(&m);
	m.task.nr_frames = 1;
	m.chain.nr_frames = 4;
	/* That it ends well there is wrong; that it breaks is told. */
	ck_assert_int_eq(verdict_of(&m), VERDICT_STRONG);
	m.chain.end = STK_END_NOT_TEXT;
	m.chain.confidence = STK_BROKEN;
	ck_assert_int_eq(verdict_of(&m), VERDICT_LOST);
	m.irq.next = NULL;
	m.irq.nr_frames = m.chain.nr_frames = 2;
	ck_assert_int_eq(verdict_of(&m), VERDICT_LOST);
	make(&m);
	ck_assert_int_eq(judge(NULL, &m.chain), VERDICT_LOST);
}
END_TEST

START_TEST(longer)
{
	struct made m, truth;

	make(&m);
	make(&truth);
	truth.task.nr_frames = 1;
	truth.chain.nr_frames = 4;
	ck_assert_int_eq(judge(&m.chain, &truth.chain), VERDICT_STRONG);
	m.chain.confidence = STK_BROKEN;
	m.chain.end = STK_END_NOT_TEXT;
	m.on_task[1].reliable = false;
	ck_assert_int_eq(judge(&m.chain, &truth.chain), VERDICT_TOLD);
	m.on_task[1].reliable = true;
	ck_assert_int_eq(judge(&m.chain, &truth.chain), VERDICT_WEAK);
}
END_TEST

START_TEST(other_owner)
{
	struct made m;

	make(&m);
	m.chain.start.task.pid = 8;
	ck_assert_int_eq(verdict_of(&m), VERDICT_STRONG);
	m.chain.confidence = STK_DOUBTFUL;
	ck_assert_int_eq(verdict_of(&m), VERDICT_TOLD);
	make(&m);
	m.chain.cpu = 1;
	ck_assert_int_eq(verdict_of(&m), VERDICT_STRONG);
	make(&m);
	m.chain.end = STK_END_USER;
	ck_assert_int_eq(verdict_of(&m), VERDICT_STRONG);
}
END_TEST

static const struct unit_test t_tests[] = {
	TEST(true_chain),
	TEST(false_frame),
	TEST(missing_frame),
	TEST(shorter),
	TEST(longer),
	TEST(other_owner),
	{ 0 },
};

const struct unit_suite suite_damage_judge = {
	"damage/judge",
	{
		{ "judge", t_tests, NULL, NULL },
	},
};
