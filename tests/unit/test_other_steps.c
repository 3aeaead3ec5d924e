/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves single steps of arm64 and riscv64, each by itself: what is found of the caller,
 * where its frame lies, and whether the code of both functions agrees.
 */
#include "arm64.h"
#include "fixture.h"
#include "riscv64.h"
#include "suite.h"

#include "arch/arm64/arm64.h"
#include "arch/riscv64/riscv64.h"
#include "kernel/layout.h"

#include <stdio.h>
#include <string.h>

static struct stk *s;
static struct stk_cursor cursor;
static struct stk_step step;
static uint64_t low; /* the stack's lowest byte */

static void new_cursor(const struct stk_kind *kind)
{
	low = m->next_stack + 0x10000;
	for (uint64_t off = 0; off < 0x4000; off += 4096)
		syn_map(m, low + off, syn_alloc(m, 1), 4096);
	syn_fill(m, low, 0x4000, 0);
	cursor = (struct stk_cursor){ .cpu = -1 };
	cursor.stack = (struct stk_stack){
		.kind = kind, .begin = low, .end = low + 0x4000, .task = sh
	};
}

static void open_step(void)
{
	s = syn_open(m);
	cursor.arena = &s->texts;
	step = (struct stk_step){ .signal = false };
}

static void setup_arm64(void)
{
	fixture_task_of(a64_kernel(A64_4K_48, A64_6_12));
	new_cursor(ARM64_STACK(TASK));
}

static void setup_riscv64(void)
{
	fixture_task_of(rv_kernel(RV_SV48));
	new_cursor(RISCV_STACK(TASK));
}

#define RECORD 0x1000 /* where the record lies on the stack */

/* What is expected of a step by a record. */
struct expected {
	bool reliable, misfit, lost;
	int64_t sp; /* from the stack's begin on; -1: not known */
};

static void expect_step(const struct expected *want, unsigned int sp)
{
	ck_assert_int_eq(step.how, STK_HOW_FP);
	ck_assert_int_eq(step.reliable, want->reliable);
	ck_assert_int_eq(step.misfit, want->misfit);
	ck_assert_int_eq(step.note != NULL, want->lost || want->misfit);
	if (want->lost)
		ck_assert_ptr_nonnull(strstr(step.note, "is lost"));
	ck_assert_int_eq(stk_has_reg(&step.regs, sp), want->sp >= 0);
	if (want->sp >= 0)
		ck_assert_uint_eq(step.regs.v[sp], low + (uint64_t)want->sp);
}

/* ---- arm64 ---- */

/*
 * timer_fn() has 32 bytes with its record at their begin, hrtimer_interrupt() 128 with it
 * at 16, vfs_write() 96 with it at 16; leaf_fn() has none, and in last_function() sp is
 * computed.
 */
START_TEST(arm64_record)
{
	static const struct {
		const char *callee;
		unsigned int at;
		bool signal;
		const char *caller;
		int64_t fp; /* of the caller, on the stack */
		bool irq;   /* on an IRQ stack */
		struct expected want;
	} row[] = {
#define CFA (RECORD + 32)
		{ "timer_fn",
		  0x40,
		  false,
		  "vfs_write",
		  CFA + 16,
		  false,
		  { true, false, false, CFA } },
		{ "timer_fn",
		  0x40,
		  false,
		  "vfs_write",
		  CFA + 32,
		  false,
		  { false, true, false, CFA } },
		{ "timer_fn",
		  0x40,
		  false,
		  "task_spin",
		  CFA,
		  false,
		  { true, false, false, CFA } },
		{ "hrtimer_interrupt",
		  0x40,
		  false,
		  "vfs_write",
		  RECORD + 112 + 16,
		  false,
		  { true, false, false, RECORD + 112 } },
		{ "hrtimer_interrupt",
		  0x40,
		  false,
		  "vfs_write",
		  RECORD + 112,
		  false,
		  { false, true, false, RECORD + 112 } },
		/* A caller whose code does not tell. */
		{ "timer_fn",
		  0x40,
		  false,
		  "leaf_fn",
		  0x1800,
		  false,
		  { true, false, false, CFA } },
		{ "timer_fn",
		  0x40,
		  false,
		  "last_function",
		  0x1800,
		  false,
		  { true, false, false, CFA } },
		/* A callee that has no record, which none that calls lacks; nor any code.
		 */
		{ "leaf_fn",
		  0x40,
		  false,
		  "vfs_write",
		  0x1800,
		  false,
		  { false, true, false, -1 } },
		{ "leaf_fn",
		  0x40,
		  true,
		  "vfs_write",
		  0x1800,
		  false,
		  { false, false, true, -1 } },
		{ NULL,
		  0x40,
		  true,
		  "vfs_write",
		  0x1800,
		  false,
		  { false, false, true, -1 } },
		{ NULL,
		  0x40,
		  false,
		  "vfs_write",
		  0x1800,
		  false,
		  { true, false, false, -1 } },
		/* Before and behind mov x29, sp: the address is that of the next. */
		{ "timer_fn",
		  8,
		  true,
		  "vfs_write",
		  CFA + 16,
		  false,
		  { true, false, false, CFA } },
		{ "timer_fn",
		  8,
		  false,
		  "vfs_write",
		  CFA + 16,
		  false,
		  { false, true, false, -1 } },
		{ "timer_fn",
		  4,
		  true,
		  "vfs_write",
		  CFA + 16,
		  false,
		  { false, false, true, -1 } },
		/* On to another stack: from the IRQ stack by its top alone. */
		{ "timer_fn",
		  0x40,
		  false,
		  "vfs_write",
		  -16,
		  false,
		  { true, false, false, -1 } },
		{ "timer_fn",
		  0x40,
		  false,
		  "vfs_write",
		  0x4000,
		  false,
		  { true, false, false, -1 } },
		{ "timer_fn",
		  0x40,
		  false,
		  "vfs_write",
		  0,
		  false,
		  { false, true, false, CFA } },
		{ "timer_fn",
		  0x40,
		  false,
		  "vfs_write",
		  0x3ff8,
		  false,
		  { false, true, false, CFA } },
		{ "timer_fn",
		  0x40,
		  false,
		  "vfs_write",
		  -16,
		  true,
		  { false, true, false, -1 } },
	};
	static const uint32_t computed[] = { 0xa9bd7bfd, 0x910003fd, 0xcb2063ff };

	if (row[_i].irq)
		cursor.stack.kind = ARM64_STACK(IRQ);
	syn_write(m, syn_sym(m, "last_function"), computed, sizeof(computed));
	cursor.signal = row[_i].signal;
	arm64_set(&cursor.regs, ARM64_PC,
		  (row[_i].callee ? syn_sym(m, row[_i].callee) : A64_TEXT + OTHER_DATA) +
			  row[_i].at);
	arm64_set(&cursor.regs, ARM64_FP, low + RECORD);
	syn_put64(m, low + RECORD, low + (uint64_t)row[_i].fp);
	syn_put64(m, low + RECORD + 8, syn_sym(m, row[_i].caller) + 0x90);
	open_step();
	ck_assert_int_eq(arm64_step_record(s, &cursor, &step), STK_STEP_OK);
	expect_step(&row[_i].want, ARM64_SP);
	ck_assert_uint_eq(step.regs.v[ARM64_FP], low + (uint64_t)row[_i].fp);
	ck_assert_uint_eq(step.regs.v[ARM64_PC], syn_sym(m, row[_i].caller) + 0x90);
	ck_assert_uint_eq(step.slot, low + RECORD + 8);
	ck_assert_uint_eq(step.at, low + (uint64_t)row[_i].fp);
	ck_assert(!step.signal && !step.full);
}
END_TEST

/* The tracer is called before there is a record: it has made that. */
START_TEST(arm64_traced)
{
	const uint64_t at = syn_sym(m, "leaf_fn");
	struct expected want = { _i == 0, _i > 0, false, -1 };

	syn_put32(m, at, _i == 1 ? 0xaa1e03ea : 0xaa1e03e9); /* mov x9, x30 */
	arm64_set(&cursor.regs, ARM64_PC, at + (_i == 2 ? 12 : 8));
	arm64_set(&cursor.regs, ARM64_FP, low + RECORD);
	syn_put64(m, low + RECORD, low + 0x1800);
	syn_put64(m, low + RECORD + 8, syn_sym(m, "vfs_write") + 0x90);
	open_step();
	ck_assert_int_eq(arm64_step_record(s, &cursor, &step), STK_STEP_OK);
	expect_step(&want, ARM64_SP);
}
END_TEST

/* From the IRQ stack on, where its top is. */
START_TEST(arm64_top_of_irq)
{
	struct expected want = { true, false, false, -1 };

	cursor.stack.kind = ARM64_STACK(IRQ);
	arm64_set(&cursor.regs, ARM64_PC, syn_sym(m, "timer_fn") + 0x40);
	arm64_set(&cursor.regs, ARM64_FP, low + 0x4000 - 32 - 16 * (uint64_t)_i);
	syn_put64(m, cursor.regs.v[ARM64_FP], low - 0x100);
	syn_put64(m, cursor.regs.v[ARM64_FP] + 8, syn_sym(m, "vfs_write") + 0x90);
	open_step();
	ck_assert_int_eq(arm64_step_record(s, &cursor, &step), STK_STEP_OK);
	want.reliable = !_i;
	want.misfit = _i;
	expect_step(&want, ARM64_SP);
}
END_TEST

/* Where the record is when x29 is not known, and what cannot be read. */
START_TEST(arm64_no_x29)
{
	arm64_set(&cursor.regs, ARM64_PC, syn_sym(m, "timer_fn") + 0x40);
	arm64_set(&cursor.regs, ARM64_SP, low + RECORD + 16);
	syn_put64(m, low + RECORD, low + 0x2000);
	syn_put64(m, low + 0x2000, low + 0x2100);
	syn_put64(m, low + 0x2000 + 8, syn_sym(m, "vfs_write") + 0x90);
	open_step();
	ck_assert_int_eq(arm64_step_record(s, &cursor, &step), STK_STEP_OK);
	ck_assert_uint_eq(step.regs.v[ARM64_FP], low + 0x2100);
	cursor.signal = true;
	ck_assert_int_eq(arm64_step_record(s, &cursor, &step), STK_STEP_NO_RULE);
	cursor.signal = false;
	arm64_set(&cursor.regs, ARM64_SP, low);
	ck_assert_int_eq(arm64_step_record(s, &cursor, &step), STK_STEP_NO_RULE);
	arm64_set(&cursor.regs, ARM64_FP, 0);
	ck_assert_int_eq(arm64_step_record(s, &cursor, &step), STK_STEP_END);
	arm64_set(&cursor.regs, ARM64_FP, low - 0x100);
	ck_assert_int_eq(arm64_step_record(s, &cursor, &step), STK_STEP_FAILED);
	ck_assert_int_eq(step.end, STK_END_UNREADABLE);
	ck_assert_uint_eq(step.bad, low - 0x100);
}
END_TEST

/* The outermost record is in the registers of the entry from user mode, if any. */
START_TEST(arm64_last_record)
{
	static const struct {
		uint64_t pstate, pc, sp;
		int64_t from; /* of sp of the frame before, from the top; 1: not known */
		enum stk_step_result want;
		bool reliable;
	} row[] = {
		{ 0, A64_USER_PC, A64_USER_SP, 0, STK_STEP_OK, true },
		{ 0, A64_USER_PC, A64_USER_SP, 1, STK_STEP_OK, true },
		{ 0, A64_USER_PC, A64_USER_SP, -16, STK_STEP_OK, false },
		{ 0, A64_USER_PC, 0, 0, STK_STEP_OK, true },
		{ 0, 0, A64_USER_SP, 0, STK_STEP_OK, true },
		{ 0, 0, 0, 0, STK_STEP_END, true },
		{ A64_EL1H, A64_USER_PC, A64_USER_SP, 0, STK_STEP_END, true },
	};
	const uint64_t top = low + 0x4000 - A64_REGS_SIZE;

	syn_put64(m, top + 8 * A64_PSTATE, row[_i].pstate);
	syn_put64(m, top + 8 * A64_PC, row[_i].pc);
	syn_put64(m, top + 8 * A64_SP, row[_i].sp);
	arm64_set(&cursor.regs, ARM64_PC, syn_sym(m, "timer_fn") + 0x40);
	arm64_set(&cursor.regs, ARM64_FP, top + 304);
	if (row[_i].from <= 0)
		arm64_set(&cursor.regs, ARM64_SP, top + (uint64_t)row[_i].from);
	open_step();
	ck_assert_int_eq(arm64_step_record(s, &cursor, &step), row[_i].want);
	ck_assert_int_eq(step.reliable, row[_i].reliable);
	ck_assert_int_eq(step.note != NULL, !row[_i].reliable);
	ck_assert(step.full && step.signal);
	ck_assert_uint_eq(step.regs_at, top);
	ck_assert_uint_eq(step.regs.v[ARM64_PC], row[_i].pc);
}
END_TEST

/* Entry code's frame is its pt_regs, at whose end its record lies. */
START_TEST(arm64_place)
{
	static const struct {
		const char *caller;
		unsigned int off;
		bool entry;
	} row[] = {
		{ "el1h_64_irq", 0x70, true },
		{ "vectors", 1, true },
		{ "vectors", 0, false },
		{ "vfs_write", 0x90, false },
	};
	const uint64_t fp = low + 0x2000;

	arm64_set(&cursor.regs, ARM64_PC, syn_sym(m, "timer_fn") + 0x40);
	arm64_set(&cursor.regs, ARM64_FP, low + RECORD);
	syn_put64(m, low + RECORD, fp);
	syn_put64(m, low + RECORD + 8, syn_sym(m, row[_i].caller) + row[_i].off);
	open_step();
	ck_assert_int_eq(arm64_step_record(s, &cursor, &step), STK_STEP_OK);
	ck_assert_uint_eq(step.at, row[_i].entry ? fp - 304 : fp);
	/* Where there is none, there is the end of this one. */
	syn_put64(m, low + RECORD, 0);
	syn_put64(m, low + RECORD + 8, syn_sym(m, "vfs_write") + 0x90);
	open_step();
	ck_assert_int_eq(arm64_step_record(s, &cursor, &step), STK_STEP_OK);
	ck_assert_uint_eq(step.at, low + RECORD + 16);
	/* The outermost record's. */
	syn_put64(m, low + RECORD, low + 0x4000 - A64_REGS_SIZE + 304);
	open_step();
	ck_assert_int_eq(arm64_step_record(s, &cursor, &step), STK_STEP_OK);
	ck_assert_uint_eq(step.at, low + 0x4000 - A64_REGS_SIZE);
}
END_TEST
#undef CFA

/* What is not in code that can be followed: behind a return that nothing jumps over. */
#define UNREACHED 8u

/* x30 has the caller of a function without a record, where that is told. */
START_TEST(arm64_leaf)
{
	enum lr { CALL, POINTER, NO_CALL, NO_CODE, OWN };
	static const struct {
		const char *callee; /* NULL: no code */
		unsigned int at;
		enum lr lr;
		int64_t fp;	/* from sp on */
		bool x8;	/* has what is called */
		bool in_record; /* x29's record has it, too */
		enum stk_step_result want;
		int64_t sp; /* the caller's, from sp on */
		bool reliable, misfit;
	} row[] = {
		/* vfs_write() has x29 16 bytes above sp. */
		{ "leaf_fn", 0x40, CALL, 16, false, false, STK_STEP_OK, 0, true, false },
		{ "leaf_fn", 0x40, CALL, 32, false, false, STK_STEP_OK, 0, false, true },
		{ "leaf_fn", 0x40, CALL, 16, false, true, STK_STEP_OK, 0, true, false },
		{ "leaf_fn", 0x40, NO_CALL, 16, false, false, STK_STEP_OK, 0, true,
		  false },
		{ "timer_fn", 4, CALL, 48, false, false, STK_STEP_OK, 32, true, false },
		{ "timer_fn", 4, CALL, 16, false, false, STK_STEP_OK, 32, false, true },
		{ "timer_fn", 8, CALL, 48, false, false, STK_STEP_NO_RULE, 0, 0, 0 },
		{ "leaf_fn", 0x40, NO_CODE, 16, false, false, STK_STEP_NO_RULE, 0, 0, 0 },
		/* No code: the register that the call went by has its address. */
		{ NULL, 0, POINTER, 16, true, false, STK_STEP_OK, 0, true, false },
		{ NULL, 0, POINTER, 16, false, false, STK_STEP_OK, 0, false, false },
		{ NULL, 0, CALL, 16, true, false, STK_STEP_OK, 0, false, false },
		{ NULL, 0, NO_CALL, 16, true, false, STK_STEP_NO_RULE, 0, 0, 0 },
		/* Code that cannot be followed. */
		{ "last_function", UNREACHED, CALL, 64, false, false, STK_STEP_OK, 0,
		  false, false },
		{ "last_function", UNREACHED, CALL, 64, false, true, STK_STEP_NO_RULE, 0,
		  0, 0 },
		{ "last_function", UNREACHED, OWN, 64, false, false, STK_STEP_NO_RULE, 0,
		  0, 0 },
		{ "last_function", UNREACHED, NO_CALL, 64, false, false, STK_STEP_NO_RULE,
		  0, 0, 0 },
	};
	static const uint32_t nothing[] = { 0xd65f03c0, 0xd65f03c0, 0x8b020020 };
	const uint64_t sp = low + RECORD, last = syn_sym(m, "last_function");
	uint64_t lr = syn_sym(m, "vfs_write") + 0x80, ip = A64_TEXT + OTHER_DATA;

	syn_write(m, last, nothing, sizeof(nothing));
	if (row[_i].callee)
		ip = syn_sym(m, row[_i].callee) + row[_i].at;
	if (row[_i].lr == CALL)
		a64_call_insn(m, "vfs_write", 0x80, "last_function");
	if (row[_i].lr == POINTER)
		syn_put32(m, lr - 4, 0xd63f0100); /* blr x8 */
	if (row[_i].lr == NO_CODE)
		lr = A64_TEXT + OTHER_DATA;
	if (row[_i].lr == OWN)
		lr = a64_call_insn(m, "last_function", 0x80, "vfs_write");
	cursor.signal = true;
	arm64_set(&cursor.regs, ARM64_PC, ip);
	arm64_set(&cursor.regs, ARM64_SP, sp);
	arm64_set(&cursor.regs, ARM64_FP, sp + (uint64_t)row[_i].fp);
	arm64_set(&cursor.regs, ARM64_LR, lr);
	arm64_set(&cursor.regs, 8, row[_i].x8 ? ip : ip + 4);
	syn_put64(m, sp + (uint64_t)row[_i].fp + 8, row[_i].in_record ? lr : lr + 4);
	open_step();
	ck_assert_int_eq(arm64_step_leaf(s, &cursor, &step), row[_i].want);
	if (row[_i].want == STK_STEP_OK) {
		ck_assert_int_eq(step.how, STK_HOW_REGS);
		ck_assert_uint_eq(step.regs.v[ARM64_PC], lr);
		ck_assert_uint_eq(step.regs.v[ARM64_FP], sp + (uint64_t)row[_i].fp);
		ck_assert_uint_eq(step.regs.v[ARM64_SP], sp + (uint64_t)row[_i].sp);
		ck_assert_uint_eq(step.at, sp + (uint64_t)row[_i].fp);
		ck_assert(step.in_register && step.beside);
		ck_assert_int_eq(step.reliable, row[_i].reliable);
		ck_assert_int_eq(step.misfit, row[_i].misfit);
		ck_assert(step.reliable || step.note || !row[_i].callee);
	} else {
		ck_assert_ptr_null(step.note);
	}
	/* Only of what was interrupted, and with both registers. */
	cursor.signal = false;
	ck_assert_int_eq(arm64_step_leaf(s, &cursor, &step), STK_STEP_NO_RULE);
	cursor.signal = true;
	cursor.regs.valid &= ~(1ull << ARM64_LR);
	ck_assert_int_eq(arm64_step_leaf(s, &cursor, &step), STK_STEP_NO_RULE);
	cursor.regs.valid |= 1ull << ARM64_LR;
	cursor.regs.valid &= ~(1ull << ARM64_FP);
	ck_assert_int_eq(arm64_step_leaf(s, &cursor, &step), STK_STEP_NO_RULE);
}
END_TEST

/* The entry code calls with sp where it saved the registers, and x29 at their end. */
START_TEST(arm64_entry)
{
	static const int64_t by[] = { 0, 16, -16 };
	const uint64_t regs = low + RECORD;

	syn_put64(m, regs + 8 * A64_PC, syn_sym(m, "vfs_write") + 0x44);
	cursor.cpu = -1;
	for (size_t i = 0; i < 3; i++)
		for (unsigned int known = 0; known < 2; known++) {
			cursor.signal = false;
			cursor.regs.valid = 0;
			arm64_set(&cursor.regs, ARM64_PC,
				  syn_sym(m, "el1h_64_irq") + 0x70);
			arm64_set(&cursor.regs, ARM64_FP, regs + 304);
			if (known)
				arm64_set(&cursor.regs, ARM64_SP, regs + (uint64_t)by[i]);
			open_step();
			ck_assert_int_eq(arm64_step_entry(s, &cursor, &step),
					 STK_STEP_OK);
			ck_assert_int_eq(step.reliable, !known || !by[i]);
			ck_assert_int_eq(step.note != NULL, !step.reliable);
			ck_assert(step.full && step.signal);
			ck_assert_uint_eq(step.regs_at, regs);
			ck_assert_uint_eq(step.regs.v[ARM64_PC],
					  syn_sym(m, "vfs_write") + 0x44);
			cursor.regs.valid &= ~(1ull << ARM64_FP);
			ck_assert_int_eq(arm64_step_entry(s, &cursor, &step),
					 STK_STEP_NO_RULE);
		}
	/* By the call: the byte before the address. */
	arm64_set(&cursor.regs, ARM64_FP, regs + 304);
	for (uint64_t off = 0; off <= 0x1001; off += off == 1 ? 0xfff : 1) {
		arm64_set(&cursor.regs, ARM64_PC, A64_TEXT + OTHER_ENTRY + off);
		open_step();
		ck_assert_int_eq(arm64_step_entry(s, &cursor, &step),
				 off == 0 || off == 0x1001 ? STK_STEP_NO_RULE
							   : STK_STEP_OK);
	}
	syn_no_member(m, "pt_regs.stackframe");
	arm64_set(&cursor.regs, ARM64_PC, syn_sym(m, "el1h_64_irq") + 0x70);
	open_step();
	ck_assert_int_eq(arm64_step_entry(s, &cursor, &step), STK_STEP_NO_RULE);
}
END_TEST

/* A CPU that was stopped in there: what it has saved by then. */
START_TEST(arm64_stopped)
{
	static const struct {
		const char *function;
		unsigned int at;
		int64_t sp, fp; /* from the registers on; of sp 1: not at the top */
		bool top;	/* the registers are at the task's top */
		enum stk_step_result want;
		bool full, user, reliable;
	} row[] = {
		/* x29 is at the end of the registers: the last that is done. */
		{ "el1h_64_irq", 0x40, 0, 304, false, STK_STEP_OK, true, false, true },
		{ "el0t_64_sync", 0x40, 0, 304, true, STK_STEP_OK, true, false, true },
		{ "el1h_64_irq", 0x40, 0, 288, false, STK_STEP_NO_RULE, 0, 0, 0 },
		/* From user mode: nothing is left, at the vector, or not all of it. */
		{ "vectors", 0x480, 0, 304, true, STK_STEP_OK, false, true, true },
		{ "el0t_64_sync", 0x40, 0, 0, true, STK_STEP_OK, true, false, false },
		{ "el0t_64_sync", 0x40, 16, 0, true, STK_STEP_OK, false, true, false },
		/* From the kernel: only x29 and x30 are known. */
		{ "vectors", 0x280, 0, 304, false, STK_STEP_NO_RULE, 0, 0, 0 },
		{ "__bad_stack", 0x40, 0, 304, false, STK_STEP_NO_RULE, 0, 0, 0 },
	};
	const uint64_t regs = row[_i].top ? low + 0x4000 - A64_REGS_SIZE : low + RECORD;

	syn_put64(m, regs + 8 * A64_PC, A64_USER_PC);
	cursor.signal = true;
	arm64_set(&cursor.regs, ARM64_PC, syn_sym(m, row[_i].function) + row[_i].at);
	arm64_set(&cursor.regs, ARM64_SP, regs + (uint64_t)row[_i].sp);
	arm64_set(&cursor.regs, ARM64_FP, regs + (uint64_t)row[_i].fp);
	open_step();
	ck_assert_int_eq(arm64_step_entry(s, &cursor, &step), row[_i].want);
	if (row[_i].want != STK_STEP_OK)
		return;
	ck_assert_int_eq(step.full, row[_i].full);
	ck_assert_int_eq(step.reliable, row[_i].reliable);
	ck_assert(step.signal);
	if (row[_i].full) {
		ck_assert_uint_eq(step.regs_at, regs);
		ck_assert_int_eq(step.note != NULL, !row[_i].reliable);
	} else {
		ck_assert_uint_eq(step.regs.valid, 1ull << ARM64_PSTATE);
		ck_assert_uint_eq(step.regs.v[ARM64_PSTATE], 0);
		ck_assert_int_eq(step.how, STK_HOW_REGS);
	}
}
END_TEST

/* What the register of return addresses and the innermost record say of each other. */
static const struct unknown {
	bool call;	/* the register is behind one */
	bool in_record; /* the record has the same */
	bool by_record; /* it is that record that leads on */
} unknown[] = { { true, false, false },
		{ true, true, true },
		{ false, false, true },
		{ false, true, true } };
#define NR_UNKNOWN ((int)(sizeof(unknown) / sizeof(unknown[0])))

/* x30 leads to the caller of what was interrupted, or into it. */
START_TEST(arm64_unknown)
{
	const struct unknown *row = &unknown[_i];
	const uint64_t fp = low + RECORD, lr = syn_sym(m, "vfs_write") + 0x80;
	const uint64_t other = syn_sym(m, "task_spin") + 0x60;

	if (row->call)
		a64_call_insn(m, "vfs_write", 0x80, "last_function");
	syn_put64(m, fp, low + 0x2000);
	syn_put64(m, fp + 8, row->in_record ? lr : other);
	cursor.signal = true;
	arm64_set(&cursor.regs, ARM64_PC, syn_sym(m, "vectors") + 0x280);
	arm64_set(&cursor.regs, ARM64_SP, low + 0x800);
	arm64_set(&cursor.regs, ARM64_FP, fp);
	arm64_set(&cursor.regs, ARM64_LR, lr);
	open_step();
	ck_assert_int_eq(arm64_step_entry(s, &cursor, &step), STK_STEP_OK);
	ck_assert_int_eq(step.how, STK_HOW_FP);
	ck_assert(step.beside && !step.reliable && !step.signal);
	ck_assert_ptr_nonnull(strstr(step.note, "ELR_EL1"));
	ck_assert_ptr_nonnull(strstr(step.note, !row->by_record && row->call
							? ", or last_function"
							: ", or "));
	ck_assert_uint_eq(step.regs.v[ARM64_FP], row->by_record ? low + 0x2000 : fp);
	ck_assert_uint_eq(step.regs.v[ARM64_PC],
			  row->by_record && !row->in_record ? other : lr);
	ck_assert_uint_eq(step.at, row->by_record ? low + 0x2000 : fp);
	arm64_set(&cursor.regs, ARM64_FP, low - 0x100);
	ck_assert_int_eq(arm64_step_entry(s, &cursor, &step), STK_STEP_NO_RULE);
	arm64_set(&cursor.regs, ARM64_FP, fp);
	cursor.regs.valid &= ~(1ull << ARM64_LR);
	ck_assert_int_eq(arm64_step_entry(s, &cursor, &step), STK_STEP_NO_RULE);
}
END_TEST

/* The record at the end of a stack of SDEI's; of each other, and elsewhere, it is none.
 */
START_TEST(arm64_sdei)
{
	static const struct {
		enum arm64_kind kind;
		int64_t fp; /* from the stack's end on */
		bool signal, user;
		enum stk_step_result want;
	} row[] = {
		{ ARM64_KIND_SDEI_NORMAL, -16, false, false, STK_STEP_OK },
		{ ARM64_KIND_SDEI_CRITICAL, -16, false, false, STK_STEP_OK },
		{ ARM64_KIND_SDEI_CRITICAL, -16, false, true, STK_STEP_OK },
		{ ARM64_KIND_SDEI_NORMAL, -32, false, false, STK_STEP_NO_RULE },
		{ ARM64_KIND_SDEI_NORMAL, -16, true, false, STK_STEP_NO_RULE },
		{ ARM64_KIND_IRQ, -16, false, false, STK_STEP_NO_RULE },
		{ ARM64_KIND_TASK, -16, false, false, STK_STEP_NO_RULE },
	};
	const uint64_t fp = low + 0x4000 + (uint64_t)row[_i].fp;

	cursor.stack.kind = &arm64_kinds[row[_i].kind];
	cursor.signal = row[_i].signal;
	syn_put64(m, fp, row[_i].user ? 0 : low + 0x2000);
	syn_put64(m, fp + 8, row[_i].user ? 0 : syn_sym(m, "vfs_write") + 0x44);
	arm64_set(&cursor.regs, ARM64_PC, syn_sym(m, "__sdei_asm_handler") + 0x90);
	arm64_set(&cursor.regs, ARM64_FP, fp);
	open_step();
	ck_assert_int_eq(arm64_step_sdei(s, &cursor, &step), row[_i].want);
	if (row[_i].want != STK_STEP_OK)
		return;
	ck_assert(step.reliable && step.signal && !step.full);
	if (row[_i].user) {
		ck_assert_uint_eq(step.regs.valid, 1ull << ARM64_PSTATE);
	} else {
		ck_assert_int_eq(step.how, STK_HOW_FP);
		ck_assert_uint_eq(step.at, low + 0x2000);
		ck_assert_uint_eq(step.regs.v[ARM64_FP], low + 0x2000);
		ck_assert_uint_eq(step.regs.v[ARM64_PC], syn_sym(m, "vfs_write") + 0x44);
	}
	/* One word alone is of the kernel. */
	syn_put64(m, fp, row[_i].user ? 8 : 0);
	open_step();
	ck_assert_int_eq(arm64_step_sdei(s, &cursor, &step), STK_STEP_OK);
	ck_assert_int_eq(step.how, STK_HOW_FP);
	cursor.regs.valid &= ~(1ull << ARM64_FP);
	ck_assert_int_eq(arm64_step_sdei(s, &cursor, &step), STK_STEP_NO_RULE);
}
END_TEST

/* ---- riscv64 ---- */

/*
 * timer_fn() has 32 bytes, vfs_write() 96 with the record at their end; panic() 160 with
 * it 64 below that. leaf_fn() has none, and in last_function() sp is computed.
 */
START_TEST(riscv64_record)
{
	static const struct {
		const char *callee;
		unsigned int at;
		bool signal;
		const char *caller;
		int64_t fp; /* of the caller, on the stack */
		bool irq;   /* on an IRQ stack */
		struct expected want;
	} row[] = {
		{ "timer_fn",
		  0x40,
		  false,
		  "vfs_write",
		  RECORD + 96,
		  false,
		  { true, false, false, RECORD } },
		{ "timer_fn",
		  0x40,
		  false,
		  "vfs_write",
		  RECORD + 80,
		  false,
		  { false, true, false, RECORD } },
		{ "timer_fn",
		  0x40,
		  false,
		  "panic",
		  RECORD + 96,
		  false,
		  { true, false, false, RECORD } },
		{ "panic",
		  0x40,
		  false,
		  "vfs_write",
		  RECORD + 64 + 96,
		  false,
		  { true, false, false, RECORD + 64 } },
		{ "panic",
		  0x40,
		  false,
		  "panic",
		  RECORD + 64 + 96,
		  false,
		  { true, false, false, RECORD + 64 } },
		{ "panic",
		  0x40,
		  false,
		  "vfs_write",
		  RECORD + 96,
		  false,
		  { false, true, false, RECORD + 64 } },
		/* A caller whose code does not tell. */
		{ "timer_fn",
		  0x40,
		  false,
		  "leaf_fn",
		  0x1800,
		  false,
		  { true, false, false, RECORD } },
		{ "timer_fn",
		  0x40,
		  false,
		  "last_function",
		  0x1800,
		  false,
		  { true, false, false, RECORD } },
		{ "timer_fn",
		  0x40,
		  false,
		  "handle_exception",
		  0x1800,
		  false,
		  { true, false, false, RECORD } },
		/* A callee that has no record, which none that calls lacks; nor any code.
		 */
		{ "leaf_fn",
		  0x40,
		  false,
		  "vfs_write",
		  RECORD + 96,
		  false,
		  { false, true, false, RECORD } },
		{ "leaf_fn",
		  0x40,
		  true,
		  "vfs_write",
		  RECORD + 96,
		  false,
		  { false, false, true, RECORD } },
		{ NULL,
		  0x40,
		  true,
		  "vfs_write",
		  RECORD + 96,
		  false,
		  { false, false, true, RECORD } },
		{ NULL,
		  0x40,
		  false,
		  "vfs_write",
		  RECORD + 96,
		  false,
		  { true, false, false, RECORD } },
		/* Before and behind addi s0, sp, 32: the address is that of the next. */
		{ "timer_fn",
		  16,
		  true,
		  "vfs_write",
		  RECORD + 96,
		  false,
		  { true, false, false, RECORD } },
		{ "timer_fn",
		  12,
		  true,
		  "vfs_write",
		  RECORD + 96,
		  false,
		  { false, false, true, RECORD } },
		/* On to another stack: from the IRQ stack by its top alone. */
		{ "timer_fn",
		  0x40,
		  false,
		  "vfs_write",
		  0,
		  false,
		  { true, false, false, -1 } },
		{ "timer_fn",
		  0x40,
		  false,
		  "vfs_write",
		  -16,
		  false,
		  { true, false, false, -1 } },
		{ "timer_fn",
		  0x40,
		  false,
		  "vfs_write",
		  0x4010,
		  false,
		  { true, false, false, -1 } },
		{ "timer_fn",
		  0x40,
		  false,
		  "vfs_write",
		  16,
		  false,
		  { false, true, false, RECORD } },
		{ "timer_fn",
		  0x40,
		  false,
		  "vfs_write",
		  0x4000,
		  false,
		  { false, true, false, RECORD } },
		{ "timer_fn",
		  0x40,
		  false,
		  "vfs_write",
		  -16,
		  true,
		  { false, true, false, -1 } },
	};
	/* addi sp, sp, -48; addi s0, sp, 48; sub sp, sp, a0 */
	static const uint32_t computed[] = { 0xfd010113, 0x03010413, 0x40a10133 };
	uint64_t at;

	if (row[_i].irq)
		cursor.stack.kind = RISCV_STACK(IRQ);
	syn_write(m, syn_sym(m, "last_function"), computed, sizeof(computed));
	cursor.signal = row[_i].signal;
	riscv_set(&cursor.regs, RISCV_PC,
		  (row[_i].callee ? syn_sym(m, row[_i].callee) : RV_TEXT + OTHER_DATA) +
			  row[_i].at);
	riscv_set(&cursor.regs, RISCV_FP, low + RECORD);
	syn_put64(m, low + RECORD - 16, low + (uint64_t)row[_i].fp);
	syn_put64(m, low + RECORD - 8, syn_sym(m, row[_i].caller) + 0x90);
	open_step();
	ck_assert_int_eq(riscv_step_record(s, &cursor, &step), STK_STEP_OK);
	expect_step(&row[_i].want, RISCV_SP);
	ck_assert_uint_eq(step.regs.v[RISCV_FP], low + (uint64_t)row[_i].fp);
	ck_assert_uint_eq(step.regs.v[RISCV_PC], syn_sym(m, row[_i].caller) + 0x90);
	ck_assert_uint_eq(step.slot, low + RECORD - 8);
	at = row[_i].want.sp < 0 ? low + (uint64_t)row[_i].fp - 16
				 : low + (uint64_t)row[_i].want.sp;
	ck_assert_uint_eq(step.at, at);
	ck_assert(!step.signal && !step.full);
}
END_TEST

START_TEST(riscv64_top_of_irq)
{
	struct expected want = { true, false, false, -1 };

	cursor.stack.kind = RISCV_STACK(IRQ);
	riscv_set(&cursor.regs, RISCV_PC, syn_sym(m, "timer_fn") + 0x40);
	riscv_set(&cursor.regs, RISCV_FP, low + 0x4000 - 16 * (uint64_t)_i);
	syn_put64(m, cursor.regs.v[RISCV_FP] - 16, low - 0x100);
	syn_put64(m, cursor.regs.v[RISCV_FP] - 8, syn_sym(m, "vfs_write") + 0x90);
	open_step();
	ck_assert_int_eq(riscv_step_record(s, &cursor, &step), STK_STEP_OK);
	want.reliable = !_i;
	want.misfit = _i;
	expect_step(&want, RISCV_SP);
}
END_TEST

START_TEST(riscv64_no_s0)
{
	riscv_set(&cursor.regs, RISCV_PC, syn_sym(m, "timer_fn") + 0x40);
	riscv_set(&cursor.regs, RISCV_SP, low + RECORD);
	syn_put64(m, low + RECORD - 16, low + 0x2000);
	syn_put64(m, low + 0x2000 - 16, low + 0x2100);
	syn_put64(m, low + 0x2000 - 8, syn_sym(m, "vfs_write") + 0x90);
	open_step();
	ck_assert_int_eq(riscv_step_record(s, &cursor, &step), STK_STEP_OK);
	ck_assert_uint_eq(step.regs.v[RISCV_FP], low + 0x2100);
	cursor.signal = true;
	ck_assert_int_eq(riscv_step_record(s, &cursor, &step), STK_STEP_NO_RULE);
	cursor.signal = false;
	riscv_set(&cursor.regs, RISCV_SP, low);
	ck_assert_int_eq(riscv_step_record(s, &cursor, &step), STK_STEP_NO_RULE);
	riscv_set(&cursor.regs, RISCV_FP, low);
	ck_assert_int_eq(riscv_step_record(s, &cursor, &step), STK_STEP_FAILED);
	ck_assert_int_eq(step.end, STK_END_UNREADABLE);
	ck_assert_uint_eq(step.bad, low - 16);
}
END_TEST

/* Nothing is left of the stack but the registers of an entry from user mode, or none. */
START_TEST(riscv64_end)
{
	static const struct {
		uint64_t status;
		enum stk_step_result want;
	} row[] = {
		{ 0x20, STK_STEP_OK },
		{ 0x120, STK_STEP_END },
		{ 0, STK_STEP_END },
	};
	const uint64_t top = low + 0x4000 - RV_REGS_SIZE;

	syn_put64(m, top + 8 * RV_STATUS, row[_i].status);
	syn_put64(m, top, RV_USER_PC);
	riscv_set(&cursor.regs, RISCV_PC, syn_sym(m, "_start_kernel") + 0x9c);
	riscv_set(&cursor.regs, RISCV_SP, top);
	open_step();
	ck_assert_int_eq(riscv_step_record(s, &cursor, &step), row[_i].want);
	ck_assert(step.full && step.signal && step.reliable);
	ck_assert_uint_eq(step.regs_at, top);
	ck_assert_uint_eq(step.regs.v[RISCV_PC], RV_USER_PC);
}
END_TEST

/* The registers on the overflow stack are of what nobody called from. */
START_TEST(riscv64_overflow)
{
	const uint64_t regs = low + 0x4000 - RV_REGS_SIZE;

	for (unsigned int i = 0; i < 3; i++) {
		new_cursor(i == 1 ? RISCV_STACK(TASK) : RISCV_STACK(OVERFLOW));
		riscv_set(&cursor.regs, RISCV_PC, syn_sym(m, "timer_fn") + 0x40);
		riscv_set(&cursor.regs, RISCV_FP, regs + (i == 2 ? 16 : 0));
		syn_put64(m, regs, syn_sym(m, "vfs_write") + 0x44);
		open_step();
		ck_assert_int_eq(riscv_step_record(s, &cursor, &step), STK_STEP_OK);
		ck_assert_int_eq(step.full, !i);
		if (!i)
			ck_assert_uint_eq(step.regs_at, regs);
	}
}
END_TEST

/*
 * Out of a callback of ftrace's: the traced function had called it by t0, and is as if it
 * had been interrupted.
 */
START_TEST(riscv64_ftrace)
{
	static const struct {
		const char *name;
		bool signal, known; /* the stack pointer */
		bool wide;	    /* the types of 6.13 */
		bool traced;
		bool tracer;
	} row[] = {
		{ "ftrace_call", false, true, false, true, true },
		{ "ftrace_regs_call", false, true, true, true, true },
		{ "ftrace_call", false, true, true, false, true },
		{ "ftrace_call", true, true, false, true, false },
		{ "ftrace_call", false, false, false, true, false },
		{ "ftrace_stub", false, true, false, true, false },
		{ "vfs_write", false, true, false, true, false },
	};
	static const char *const member[] = { "epc", "ra", "sp", "s0" };
	const uint64_t sp = low + 0x800, traced = syn_sym(m, "task_spin") + 8;
	char type[64];

	if (!syn_find_symbol(m, row[_i].name))
		syn_symbol(m, row[_i].name, RV_TEXT + 0xf000);
	for (size_t i = 0; i < 4; i++) {
		snprintf(type, sizeof(type), "%s.%s",
			 row[_i].wide ? "__arch_ftrace_regs" : "ftrace_regs", member[i]);
		syn_member(m, type, 8 * i, 8);
		syn_put64(m, sp + 8 * i, i ? 0x1000 * i : traced);
	}
	/* auipc t0; jalr t0, 8(t0) */
	syn_put32(m, traced - 8, 0x00001297);
	syn_put32(m, traced - 4, row[_i].traced ? 0x008282e7 : 0x00000013);
	riscv_set(&cursor.regs, RISCV_PC, syn_sym(m, row[_i].name) + 8);
	if (row[_i].known)
		riscv_set(&cursor.regs, RISCV_SP, sp);
	cursor.signal = row[_i].signal;
	open_step();
	ck_assert_int_eq(riscv_step_ftrace(s, &cursor, &step),
			 row[_i].tracer ? STK_STEP_OK : STK_STEP_NO_RULE);
	if (!row[_i].tracer)
		return;
	ck_assert_int_eq(step.how, STK_HOW_REGS);
	ck_assert(step.signal);
	ck_assert_int_eq(step.reliable, row[_i].traced);
	ck_assert_int_eq(step.note != NULL, !row[_i].traced);
	ck_assert_uint_eq(step.regs.valid, 1ull << RISCV_PC | 1ull << RISCV_RA |
						   1ull << RISCV_SP | 1ull << RISCV_FP);
	ck_assert_uint_eq(step.regs.v[RISCV_PC], traced);
	ck_assert_uint_eq(step.regs.v[RISCV_RA], 0x1000);
	ck_assert_uint_eq(step.regs.v[RISCV_SP], 0x2000);
	ck_assert_uint_eq(step.regs.v[RISCV_FP], 0x3000);
	/* What has no name, and types that are not there. */
	riscv_set(&cursor.regs, RISCV_PC, 0xffff900000000000ull);
	ck_assert_int_eq(riscv_step_ftrace(s, &cursor, &step), STK_STEP_NO_RULE);
	riscv_set(&cursor.regs, RISCV_PC, syn_sym(m, row[_i].name) + 8);
	syn_no_member(m, type);
	open_step();
	ck_assert_int_eq(riscv_step_ftrace(s, &cursor, &step), STK_STEP_NO_RULE);
}
END_TEST

/* What the code of an interrupted function has saved by then, and where. */
START_TEST(riscv64_code)
{
	static const struct {
		const char *callee;
		unsigned int at;
		int64_t cfa; /* from sp on */
		int64_t ret; /* below that the return address is; 0: in ra */
		bool own_fp; /* s0 is saved, too */
		enum stk_step_result want;
	} row[] = {
		{ "leaf_fn", 0x40, 0, 0, false, STK_STEP_OK },
		{ "timer_fn", 0, 0, 0, false, STK_STEP_OK },
		{ "timer_fn", 4, 32, 0, false, STK_STEP_OK },
		{ "timer_fn", 8, 32, 8, false, STK_STEP_OK },
		{ "timer_fn", 12, 32, 8, true, STK_STEP_OK },
		{ "timer_fn", 16, 32, 8, true, STK_STEP_NO_RULE }, /* the record tells */
		{ "timer_fn", 0xf4, 32, 0, true, STK_STEP_OK },
		{ "timer_fn", 0xfc, 0, 0, false, STK_STEP_OK },
		{ "old_leaf_fn", 12, 16, 0, true, STK_STEP_OK },
		{ "panic", 12, 160, 72, true, STK_STEP_OK },
	};
	const uint64_t sp = low + RECORD, cfa = sp + (uint64_t)row[_i].cfa;
	const uint64_t ret = rv_call_insn(m, "vfs_write", 0x80, "timer_fn");
	const uint64_t fp = row[_i].cfa == 16 ? 8 : row[_i].ret + 8;

	cursor.signal = true;
	riscv_set(&cursor.regs, RISCV_PC, syn_sym(m, row[_i].callee) + row[_i].at);
	riscv_set(&cursor.regs, RISCV_SP, sp);
	riscv_set(&cursor.regs, RISCV_FP, low + 0x2000);
	riscv_set(&cursor.regs, RISCV_RA, row[_i].ret ? 0x1234 : ret);
	if (row[_i].ret)
		syn_put64(m, cfa - (uint64_t)row[_i].ret, ret);
	if (row[_i].own_fp)
		syn_put64(m, cfa - (row[_i].at == 0xf4 ? 16 : fp), low + 0x3000);
	open_step();
	ck_assert_int_eq(riscv_step_code(s, &cursor, &step), row[_i].want);
	if (row[_i].want != STK_STEP_OK)
		return;
	ck_assert_int_eq(step.how, STK_HOW_REGS);
	ck_assert_uint_eq(step.regs.v[RISCV_PC], ret);
	ck_assert_uint_eq(step.regs.v[RISCV_SP], cfa);
	ck_assert_uint_eq(step.regs.v[RISCV_FP],
			  low + (row[_i].own_fp ? 0x3000 : 0x2000));
	ck_assert_uint_eq(step.at, cfa);
	ck_assert(step.beside && step.reliable && !step.misfit);
	ck_assert_int_eq(step.in_register, !row[_i].ret);
	ck_assert_uint_eq(step.slot, row[_i].ret ? cfa - (uint64_t)row[_i].ret : 0);
	/* What is no return address, and what is missing. */
	if (!row[_i].ret) {
		riscv_set(&cursor.regs, RISCV_RA, ret + 4);
		ck_assert_int_eq(riscv_step_code(s, &cursor, &step), STK_STEP_NO_RULE);
		riscv_set(&cursor.regs, RISCV_RA, RV_TEXT + OTHER_DATA);
		ck_assert_int_eq(riscv_step_code(s, &cursor, &step), STK_STEP_NO_RULE);
		riscv_set(&cursor.regs, RISCV_RA, ret);
	} else {
		riscv_set(&cursor.regs, RISCV_SP, low - 0x1000);
		ck_assert_int_eq(riscv_step_code(s, &cursor, &step), STK_STEP_NO_RULE);
		riscv_set(&cursor.regs, RISCV_SP, sp);
	}
	cursor.signal = false;
	ck_assert_int_eq(riscv_step_code(s, &cursor, &step), STK_STEP_NO_RULE);
	cursor.signal = true;
	cursor.regs.valid &= ~(1ull << RISCV_RA);
	ck_assert_int_eq(riscv_step_code(s, &cursor, &step), STK_STEP_NO_RULE);
	cursor.regs.valid = 1ull << RISCV_RA;
	ck_assert_int_eq(riscv_step_code(s, &cursor, &step), STK_STEP_NO_RULE);
}
END_TEST

/* A stack pointer that was computed: s0 tells, if it is the function's own. */
START_TEST(riscv64_computed)
{
	static const struct {
		uint32_t code[4];
		enum stk_step_result want;
	} row[] = {
		/* addi sp, sp, -48; sd s0, 40(sp); addi s0, sp, 48; sub sp, sp, a0 */
		{ { 0xfd010113, 0x02813423, 0x03010413, 0x40a10133 }, STK_STEP_OK },
		/* addi sp, sp, -48; sub sp, sp, a0 */
		{ { 0xfd010113, 0x00000013, 0x00000013, 0x40a10133 }, STK_STEP_NO_RULE },
	};

	syn_write(m, syn_sym(m, "last_function"), row[_i].code, 16);
	cursor.signal = true;
	riscv_set(&cursor.regs, RISCV_PC, syn_sym(m, "last_function") + 16);
	riscv_set(&cursor.regs, RISCV_SP, low + 0x800);
	riscv_set(&cursor.regs, RISCV_FP, low + RECORD);
	riscv_set(&cursor.regs, RISCV_RA, rv_call_insn(m, "vfs_write", 0x80, "timer_fn"));
	syn_put64(m, low + RECORD - 8, low + 0x3000);
	open_step();
	ck_assert_int_eq(riscv_step_code(s, &cursor, &step), row[_i].want);
	if (row[_i].want != STK_STEP_OK)
		return;
	ck_assert_uint_eq(step.regs.v[RISCV_SP], low + RECORD);
	ck_assert_uint_eq(step.regs.v[RISCV_FP], low + 0x3000);
	/* Behind a return: nothing tells. */
	syn_put32(m, syn_sym(m, "last_function"), 0x00008067);
	open_step();
	ck_assert_int_eq(riscv_step_code(s, &cursor, &step), STK_STEP_NO_RULE);
}
END_TEST

/* No code: the register that the call went by has its address. */
START_TEST(riscv64_no_code)
{
	const uint64_t ret = syn_sym(m, "vfs_write") + 0x80, ip = RV_TEXT + OTHER_DATA;

	syn_put32(m, ret - 4, _i == 2 ? 0x008000ef : 0x000780e7); /* jal; jalr a5 */
	cursor.signal = true;
	riscv_set(&cursor.regs, RISCV_PC, ip);
	riscv_set(&cursor.regs, RISCV_SP, low + RECORD);
	riscv_set(&cursor.regs, RISCV_FP, low + 0x2000);
	riscv_set(&cursor.regs, RISCV_RA, ret);
	riscv_set(&cursor.regs, 15, _i == 1 ? ip + 2 : ip);
	open_step();
	ck_assert_int_eq(riscv_step_code(s, &cursor, &step), STK_STEP_OK);
	ck_assert_int_eq(step.reliable, !_i);
	ck_assert_uint_eq(step.regs.v[RISCV_PC], ret);
	ck_assert_uint_eq(step.regs.v[RISCV_SP], low + RECORD);
	ck_assert_uint_eq(step.regs.v[RISCV_FP], low + 0x2000);
	ck_assert(step.in_register && !step.slot);
}
END_TEST

/* The entry code calls with sp where it saved the registers. */
START_TEST(riscv64_entry)
{
	const uint64_t begin = syn_sym(m, "handle_exception"), regs = low + RECORD;

	syn_put64(m, regs, syn_sym(m, "vfs_write") + 0x44);
	for (uint64_t off = 0; off <= 0x301; off += off == 1 ? 0x2ff : 1) {
		cursor.regs.valid = 0;
		riscv_set(&cursor.regs, RISCV_PC, begin + off);
		riscv_set(&cursor.regs, RISCV_SP, regs);
		open_step();
		ck_assert_int_eq(riscv_step_entry(s, &cursor, &step),
				 off == 0 || off == 0x301 ? STK_STEP_NO_RULE
							  : STK_STEP_OK);
		if (off == 0 || off == 0x301)
			continue;
		ck_assert(step.full && step.signal && step.reliable);
		ck_assert_uint_eq(step.regs_at, regs);
		ck_assert_uint_eq(step.regs.v[RISCV_PC], syn_sym(m, "vfs_write") + 0x44);
		cursor.regs.valid &= ~(1ull << RISCV_SP);
		ck_assert_int_eq(riscv_step_entry(s, &cursor, &step), STK_STEP_NO_RULE);
	}
}
END_TEST

/* Stopped in there: with the user's stack pointer nothing is left but that. */
START_TEST(riscv64_stopped)
{
	cursor.signal = true;
	riscv_set(&cursor.regs, RISCV_PC, syn_sym(m, "handle_exception"));
	riscv_set(&cursor.regs, RISCV_SP, RV_USER_SP);
	open_step();
	ck_assert_int_eq(riscv_step_entry(s, &cursor, &step), STK_STEP_OK);
	ck_assert(step.signal && step.reliable && !step.full);
	ck_assert_int_eq(step.how, STK_HOW_REGS);
	ck_assert_uint_eq(step.regs.valid, 1ull << RISCV_STATUS);
	ck_assert_uint_eq(step.regs.v[RISCV_STATUS], 0);
	riscv_set(&cursor.regs, RISCV_PC, syn_sym(m, "handle_exception") + 0x300);
	open_step();
	ck_assert_int_eq(riscv_step_entry(s, &cursor, &step), STK_STEP_NO_RULE);
}
END_TEST

/* ra leads to the caller of what was interrupted, or into it. */
START_TEST(riscv64_unknown)
{
	const struct unknown *row = &unknown[_i];
	const uint64_t fp = low + RECORD, ra = syn_sym(m, "vfs_write") + 0x80;
	const uint64_t other = syn_sym(m, "task_spin") + 0x60;

	if (row->call)
		rv_call_insn(m, "vfs_write", 0x80, "last_function");
	syn_put64(m, fp - 16, low + 0x2000);
	syn_put64(m, fp - 8, row->in_record ? ra : other);
	cursor.signal = true;
	riscv_set(&cursor.regs, RISCV_PC, syn_sym(m, "handle_exception") + 4);
	riscv_set(&cursor.regs, RISCV_SP, low + 0x800);
	riscv_set(&cursor.regs, RISCV_FP, fp);
	riscv_set(&cursor.regs, RISCV_RA, ra);
	open_step();
	ck_assert_int_eq(riscv_step_entry(s, &cursor, &step), STK_STEP_OK);
	ck_assert_int_eq(step.how, STK_HOW_FP);
	ck_assert(step.beside && !step.reliable && !step.signal);
	ck_assert_ptr_nonnull(strstr(step.note, "sepc"));
	ck_assert_uint_eq(step.regs.v[RISCV_FP], row->by_record ? low + 0x2000 : fp);
	ck_assert_uint_eq(step.regs.v[RISCV_PC],
			  row->by_record && !row->in_record ? other : ra);
	ck_assert_int_eq(riscv_has(&step.regs, RISCV_SP), row->by_record);
	ck_assert_uint_eq(step.regs.v[RISCV_SP], row->by_record ? fp : 0);
	ck_assert_uint_eq(step.at, row->by_record ? fp : fp - 16);
	riscv_set(&cursor.regs, RISCV_FP, low - 0x100);
	ck_assert_int_eq(riscv_step_entry(s, &cursor, &step), STK_STEP_NO_RULE);
	riscv_set(&cursor.regs, RISCV_FP, fp);
	cursor.regs.valid &= ~(1ull << RISCV_RA);
	ck_assert_int_eq(riscv_step_entry(s, &cursor, &step), STK_STEP_NO_RULE);
}
END_TEST

/* Where s0 is nobody's: of entry code's callers, and at a thread's top. */
START_TEST(riscv64_nobody)
{
	static const struct {
		uint64_t off; /* of the return address, in the entry code */
		bool irq, top, nobody;
	} row[] = {
		{ 0, true, false, false },    { 1, true, false, true },
		{ 0x300, true, false, true }, { 0x301, true, false, false },
		{ 0, false, true, true },     { 0, false, false, false },
	};
	const uint64_t fp = row[_i].top ? low + 0x4000 - RV_REGS_SIZE : low + RECORD;

	if (row[_i].irq)
		cursor.stack.kind = RISCV_STACK(IRQ);
	riscv_set(&cursor.regs, RISCV_PC, syn_sym(m, "timer_fn") + 0x40);
	riscv_set(&cursor.regs, RISCV_FP, fp);
	syn_put64(m, fp - 16, low - 0x100);
	syn_put64(m, fp - 8, syn_sym(m, "handle_exception") + row[_i].off);
	open_step();
	ck_assert_int_eq(riscv_step_record(s, &cursor, &step), STK_STEP_OK);
	ck_assert_int_eq(riscv_has(&step.regs, RISCV_SP), row[_i].nobody);
	ck_assert_int_eq(step.reliable, row[_i].nobody || !row[_i].irq);
	ck_assert_uint_eq(step.at, row[_i].nobody ? fp : low - 0x100 - 16);
}
END_TEST

static const struct unit_test arm64_tests[] = {
	LOOP(arm64_record, 19),	   LOOP(arm64_traced, 3),
	LOOP(arm64_top_of_irq, 2), TEST(arm64_no_x29),
	LOOP(arm64_leaf, 16),	   TEST(arm64_entry),
	LOOP(arm64_stopped, 8),	   LOOP(arm64_unknown, NR_UNKNOWN),
	LOOP(arm64_sdei, 7),	   LOOP(arm64_last_record, 7),
	LOOP(arm64_place, 4),	   { 0 },
};

static const struct unit_test riscv64_tests[] = {
	LOOP(riscv64_record, 21),
	LOOP(riscv64_top_of_irq, 2),
	TEST(riscv64_no_s0),
	LOOP(riscv64_code, 10),
	LOOP(riscv64_computed, 2),
	LOOP(riscv64_no_code, 3),
	TEST(riscv64_entry),
	TEST(riscv64_stopped),
	LOOP(riscv64_unknown, NR_UNKNOWN),
	LOOP(riscv64_nobody, 6),
	LOOP(riscv64_end, 3),
	TEST(riscv64_overflow),
	LOOP(riscv64_ftrace, 7),
	{ 0 },
};

const struct unit_suite suite_other_steps = {
	"other_steps",
	{
		{ "arm64", arm64_tests, setup_arm64, NULL },
		{ "riscv64", riscv64_tests, setup_riscv64, NULL },
	},
};
