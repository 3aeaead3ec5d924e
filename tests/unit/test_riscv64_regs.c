/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what riscv64's hooks say of a CPU's stacks, of saved registers and of how the
 * kernel was entered: each answer, and that what is damaged gives none.
 */
#include "fixture.h"
#include "other_expect.h"
#include "riscv64.h"
#include "suite.h"

#include "arch/pt_regs.h"
#include "arch/riscv64/riscv64.h"
#include "arch/shadow.h"
#include "base/context.h"
#include "kernel/cpus.h"

#include <string.h>

#define SPP  0x100ull
#define SPIE 0x020ull
#define SIE  0x002ull

static struct stk *s;

static void setup(void)
{
	fixture_task_of(rv_kernel(RV_SV48));
}

/* ---- stacks ---- */

static const struct stk_stack *stack_of(const char *kind, unsigned int cpu)
{
	const struct stk_stack *stack;
	size_t nr;

	stk_cpu_stacks(s, cpu, &stack, &nr);
	for (size_t i = 0; i < nr; i++)
		if (!strcmp(stk_stack_kind_name(stack[i].kind), kind))
			return &stack[i];
	return NULL;
}

START_TEST(stacks_of_a_cpu)
{
	const struct stk_stack *stack;

	s = syn_open(m);
	stack = stack_of("IRQ", 1);
	ck_assert_ptr_nonnull(stack);
	ck_assert_uint_eq(stack->begin, other_irq_stack(m, "irq_stack_ptr", 1));
	ck_assert_uint_eq(stack->end - stack->begin, 0x4000);
	ck_assert_uint_eq(stack->guard, stack->begin - 4096);
	stack = stack_of("OVERFLOW", 1);
	ck_assert_uint_eq(stack->begin, other_percpu(m, "overflow_stack", 1));
	ck_assert_uint_eq(stack->begin & 4095, 0x70);
	ck_assert_uint_eq(stack->end - stack->begin, 4096);
	ck_assert_uint_eq(stack->guard, 0);
	ck_assert_uint_eq(s->arch->thread_size(s), 0x4000);
	/* What is no mapping of its own has no guard, whatever is before it. */
	syn_unmap(m, (stack->begin - 4096) & ~4095ull);
	s = syn_open(m);
	ck_assert_uint_eq(stack_of("OVERFLOW", 1)->guard, 0);
	/* Up to 6.4 there is none. */
	syn_no_symbol(m, "irq_stack_ptr");
	s = syn_open(m);
	ck_assert_ptr_null(stack_of("IRQ", 1));
	ck_assert_ptr_nonnull(stack_of("OVERFLOW", 1));
}
END_TEST

START_TEST(stacks_damaged)
{
	static const uint64_t bad[] = { 0, 8, 0xffff8f8001000008ull, 0x2000001000ull };

	syn_put64(m, other_percpu(m, "irq_stack_ptr", 1), bad[_i]);
	s = syn_open(m);
	ck_assert_ptr_null(stack_of("IRQ", 1));
	ck_assert_ptr_nonnull(stack_of("OVERFLOW", 1));
	ck_assert_ptr_nonnull(stack_of("IRQ", 0));
}
END_TEST

START_TEST(leads_to)
{
	static const struct {
		enum riscv_kind from, to;
		bool yes;
	} row[] = {
		{ RISCV_KIND_TASK, RISCV_KIND_IRQ, false },
		{ RISCV_KIND_TASK, RISCV_KIND_OVERFLOW, false },
		{ RISCV_KIND_IRQ, RISCV_KIND_TASK, true },
		{ RISCV_KIND_IRQ, RISCV_KIND_OVERFLOW, false },
		{ RISCV_KIND_OVERFLOW, RISCV_KIND_IRQ, true },
		{ RISCV_KIND_OVERFLOW, RISCV_KIND_TASK, true },
	};
	static const bool user[RISCV_NR_KINDS] = { true, true, false, false };

	s = syn_open(m);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert_msg((s->arch->leads_to[row[i].from] >> row[i].to & 1) ==
				      row[i].yes,
			      "row %zu", i);
	for (unsigned int kind = 1; kind < RISCV_NR_KINDS; kind++) {
		ck_assert_int_eq((s->arch->leads_to[kind] & STK_FROM_USER) != 0,
				 user[kind]);
		ck_assert_int_eq(s->arch->user_below(s, &riscv_kinds[kind], RV_TEXT),
				 user[kind]);
	}
}
END_TEST

/* ---- registers ---- */

START_TEST(tables)
{
	other_expect_registers(
		"pc ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 "
		"s8 s9 s10 s11 t3 t4 t5 t6 status badaddr cause orig_a0",
		"PC=pc:16 RA=ra:16 SP=sp:16\n"
		"GP=gp:16 TP=tp:16 T0=t0:16\n"
		"T1=t1:16 T2=t2:16 S0=s0:16\n"
		"S1=s1:16 A0=a0:16 A1=a1:16\n"
		"A2=a2:16 A3=a3:16 A4=a4:16\n"
		"A5=a5:16 A6=a6:16 A7=a7:16\n"
		"S2=s2:16 S3=s3:16 S4=s4:16\n"
		"S5=s5:16 S6=s6:16 S7=s7:16\n"
		"S8=s8:16 S9=s9:16 S10=s10:16\n"
		"S11=s11:16 T3=t3:16 T4=t4:16\n"
		"T5=t5:16 T6=t6:16\n"
		"STATUS=status:16 BADADDR=badaddr:16 CAUSE=cause:16\n"
		"ORIG_A0=orig_a0:16\n",
		"epc=pc fp=s0 ");
	other_expect_tracer_key();
}
END_TEST

/* The kernel runs nothing at the user's addresses, whatever its tables say. */
START_TEST(executable)
{
	const uint64_t at = m->next_stack + (1ull << 30);

	syn_map_text(m, at);
	syn_map_text(m, 0x10000);
	s = syn_open(m);
	ck_assert(s->arch->executable(s, at));
	ck_assert(!s->arch->executable(s, 0x10000));
}
END_TEST

/* Notes have no status: there addresses tell, and both must be the user's. */
START_TEST(modes)
{
	static const struct {
		bool has_status;
		uint64_t status, pc, sp;
		bool user;
		int interruptible;
	} row[] = {
		{ true, SPP | SPIE, RV_TEXT, RV_TEXT, false, 1 },
		{ true, SPP, 0, 0, false, 0 },
		{ true, SPIE, RV_TEXT, RV_TEXT, true, 1 },
		{ false, 0, RV_USER_PC, RV_USER_SP, true, -1 },
		{ false, 0, RV_TEXT, RV_USER_SP, false, -1 },
		{ false, 0, RV_USER_PC, RV_TEXT, false, -1 },
	};
	struct stk_regs regs = { .valid = row[_i].has_status ? RISCV_ALL_REGS
							     : RISCV_NOTE_REGS };

	regs.v[RISCV_PC] = row[_i].pc;
	regs.v[RISCV_SP] = row[_i].sp;
	regs.v[RISCV_STATUS] = row[_i].status;
	s = syn_open(m);
	ck_assert_int_eq(s->arch->user_mode(&regs), row[_i].user);
	ck_assert_int_eq(s->arch->interruptible(&regs), row[_i].interruptible);
	/* Of registers that are not known nothing is. */
	regs.valid = 1ull << RISCV_PC | 1ull << RISCV_SP;
	ck_assert(!s->arch->user_mode(&regs));
}
END_TEST

START_TEST(may_be_user)
{
	const uint64_t top = rv_user_regs(m, sh);
	struct stk_regs regs = { .valid = RISCV_ALL_REGS };
	struct stk_stack stack;

	regs.v[RISCV_PC] = RV_USER_PC;
	s = syn_open(m);
	ck_assert_int_eq(stk_find_stack(s, top, &stack), STK_OK);
	ck_assert(s->arch->may_be_user(s, NULL, &regs, 0));
	ck_assert(s->arch->may_be_user(s, &stack, &regs, top));
	ck_assert(!s->arch->may_be_user(s, &stack, &regs, top - 0x200));
	regs.v[RISCV_PC] = RV_TEXT;
	ck_assert(s->arch->may_be_user(s, &stack, &regs, top));
	ck_assert(!s->arch->may_be_user(s, NULL, &regs, 0));
}
END_TEST

START_TEST(notes)
{
	struct stk_saved saved;
	struct stk_regs regs;

	rv_syscall(&c);
	rv_note(&c);
	saved = syn_saved(&m->note[0]);
	s = syn_open(m);
	ck_assert_uint_eq(saved.prstatus.size, 376);
	ck_assert_int_eq(s->arch->note_regs(s, &saved, &regs), STK_OK);
	ck_assert_uint_eq(regs.v[RISCV_PC], c.ip);
	ck_assert_uint_eq(regs.v[RISCV_RA], c.lr);
	ck_assert_uint_eq(regs.v[RISCV_SP], c.sp);
	ck_assert_uint_eq(regs.v[RISCV_TP], sh);
	ck_assert_uint_eq(regs.v[RISCV_FP], c.bp);
	ck_assert_uint_eq(regs.v[31], 0x6600 + 31);
	ck_assert_uint_eq(regs.valid, RISCV_NOTE_REGS);
	saved.prstatus.size = 392;
	ck_assert_int_eq(s->arch->note_regs(s, &saved, &regs), STK_ERR_UNSUPPORTED);
}
END_TEST

static enum stk_status monitor_reg(void *priv, unsigned int cpu, const char *reg,
				   uint64_t *value)
{
	static const char *const told[] = { "pc", "sp", "t6" };

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]) && cpu == 1; i++)
		if (!strcmp(told[i], reg)) {
			*value = 5 + i;
			return STK_OK;
		}
	return STK_ERR_NO_REGS;
}

START_TEST(registers_of_a_monitor)
{
	static const struct stk_monitor_ops ops = { "a test", monitor_reg };
	struct stk_saved saved = { .by_monitor = true, .cpu = 1 };
	struct stk_regs regs;

	m->target.monitor = &ops;
	s = syn_open(m);
	ck_assert_int_eq(s->arch->note_regs(s, &saved, &regs), STK_OK);
	ck_assert_uint_eq(regs.v[RISCV_PC], 5);
	ck_assert_uint_eq(regs.v[RISCV_SP], 6);
	ck_assert_uint_eq(regs.v[31], 7);
	ck_assert(!riscv_has(&regs, RISCV_FP));
	saved.cpu = 0;
	ck_assert_int_eq(s->arch->note_regs(s, &saved, &regs), STK_ERR_NO_REGS);
}
END_TEST

START_TEST(pt_regs)
{
	struct stk_regs regs;
	uint64_t at;

	rv_syscall(&c);
	at = rv_exception(&c, 13);
	s = syn_open(m);
	ck_assert_int_eq(s->arch->read_pt_regs(s, at, &regs), STK_OK);
	ck_assert_uint_eq(regs.v[RISCV_PC], c.ip);
	ck_assert_uint_eq(regs.v[RISCV_STATUS], SPP | SPIE);
	ck_assert_uint_eq(regs.v[RISCV_CAUSE], 13);
	ck_assert_uint_eq(regs.v[RISCV_ORIG_A0], 0x7700);
	ck_assert_uint_eq(regs.valid, RISCV_ALL_REGS);
	ck_assert_int_ne(s->arch->read_pt_regs(s, 0xffff900000000000ull, &regs), STK_OK);
	ck_assert_uint_eq(regs.valid, 0);
}
END_TEST

/* The code of the switch, or what is called there, is not in the dump. */
START_TEST(sleeper_without_code)
{
	static const struct {
		const char *called;
		uint64_t lost; /* from _text on; 0: nothing */
		int want;
	} row[] = {
		{ "__switch_to", 0, 1 },       { "far_fn", 0, 0 },
		{ "__switch_to", 0xb000, 1 },  { "far_fn", 0xb000, -2 },
		{ "__switch_to", 0xa000, -2 },
	};
	struct stk_regs regs = { .valid = 1ull << RISCV_PC | 1ull << RISCV_SP };

	syn_symbol(m, "switching_fn", RV_TEXT + 0xa000);
	syn_symbol(m, "far_fn", RV_TEXT + 0xb000);
	syn_symbol(m, "far_end", RV_TEXT + 0xb100);
	syn_fill(m, RV_TEXT + 0xa000, 0x2000, 0);
	syn_put32(m, RV_TEXT + 0xb000, 0x00008067); /* ret */
	regs.v[RISCV_PC] = rv_call_insn(m, "switching_fn", 0x60, row[_i].called);
	if (row[_i].lost)
		syn_fail(m, RV_TEXT + row[_i].lost, STK_ERR_EXCLUDED);
	s = syn_open(m);
	ck_assert_int_eq(s->arch->begins_sleep(s, &regs), row[_i].want);
}
END_TEST

START_TEST(sleeping_registers)
{
	static const char *const fork[] = { "ret_from_fork_kernel_asm",
					    "ret_from_fork_user_asm",
					    "ret_from_kernel_thread" };
	uint64_t at = sh + syn_off(m, "task_struct.thread");
	struct stk_task task;
	struct stk_regs regs;
	bool signal;

	rv_syscall(&c);
	rv_sleep(&c);
	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, sh, &task), STK_OK);
	ck_assert_int_eq(s->arch->sleeping_regs(s, &task, &regs, &signal), STK_OK);
	ck_assert(!signal);
	ck_assert(riscv_has(&regs, RISCV_PC) && riscv_has(&regs, RISCV_S2 + 9));
	ck_assert(!riscv_has(&regs, RISCV_RA));
	ck_assert_uint_eq(regs.v[RISCV_SP], c.sp);
	ck_assert_uint_eq(regs.v[RISCV_FP], c.bp);
	ck_assert_uint_eq(regs.v[RISCV_S1], 0x8801);
	for (unsigned int i = 2; i < 12; i++)
		ck_assert_uint_eq(regs.v[RISCV_S2 + i - 2], 0x8800 + i);
	ck_assert_int_eq(s->arch->begins_sleep(s, &regs), 1);
	/* s0 is where the code has it, if it is known. */
	regs.v[RISCV_FP] += 16;
	ck_assert_int_eq(s->arch->begins_sleep(s, &regs), 0);
	regs.valid &= ~(1ull << RISCV_FP);
	ck_assert_int_eq(s->arch->begins_sleep(s, &regs), 1);
	regs.v[RISCV_PC] = syn_sym(m, "vfs_write") + 0x90;
	ck_assert_int_eq(s->arch->begins_sleep(s, &regs), 0);
	regs.v[RISCV_PC] = RV_USER_PC;
	ck_assert_int_eq(s->arch->begins_sleep(s, &regs), 0);
	/* By each name that it has had a new task begins there. */
	for (size_t i = 0; i < sizeof(fork) / sizeof(fork[0]); i++) {
		syn_symbol(m, fork[i], RV_TEXT + 0xf000 + 0x100 * i);
		syn_put64(m, at, RV_TEXT + 0xf000 + 0x100 * i);
		s = syn_open(m);
		ck_assert_int_eq(s->arch->sleeping_regs(s, &task, &regs, &signal),
				 STK_OK);
		ck_assert(signal);
		ck_assert_int_eq(s->arch->begins_sleep(s, &regs), 1);
	}
	syn_no_member(m, "thread_struct.s");
	s = syn_open(m);
	ck_assert_int_eq(s->arch->sleeping_regs(s, &task, &regs, &signal),
			 STK_ERR_NO_TYPE);
	ck_assert_uint_eq(regs.valid, 0);
	syn_no_member(m, "task_struct.thread");
	s = syn_open(m);
	ck_assert_int_eq(s->arch->sleeping_regs(s, &task, &regs, &signal),
			 STK_ERR_NO_TYPE);
	regs.v[RISCV_PC] = syn_sym(m, "vfs_write") + 0x90;
	syn_no_symbol(m, "__switch_to");
	s = syn_open(m);
	ck_assert_int_eq(s->arch->begins_sleep(s, &regs), -1);
}
END_TEST

/* By what its caller's code tells: all of the frame, or less. */
/* Each word is where its member says, and without one of them nothing is told. */
START_TEST(words_of_a_sleeper)
{
	static const char *const member[] = { "task_struct.thread", "thread_struct.ra",
					      "thread_struct.s" };
	const uint64_t thread = sh + syn_off(m, "task_struct.thread");
	struct stk_task task;
	struct stk_regs regs;
	bool signal;

	rv_syscall(&c);
	rv_sleep(&c);
	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, sh, &task), STK_OK);
	if (_i < 3) {
		syn_no_member(m, member[_i]);
		s = syn_open(m);
		ck_assert_int_eq(s->arch->sleeping_regs(s, &task, &regs, &signal),
				 STK_ERR_NO_TYPE);
		ck_assert_uint_eq(regs.valid, 0);
		return;
	}
	syn_member(m, "thread_struct.ra", 0x180, 8);
	syn_put64(m, thread + 0x180, syn_sym(m, "vfs_write") + 0x90);
	s = syn_open(m);
	ck_assert_int_eq(s->arch->sleeping_regs(s, &task, &regs, &signal), STK_OK);
	ck_assert_uint_eq(regs.v[RISCV_PC], syn_sym(m, "vfs_write") + 0x90);
	ck_assert(riscv_has(&regs, RISCV_PC));
	/* What is not there, of the one and of the others. */
	syn_member(m, "thread_struct.ra", 1u << 30, 8);
	s = syn_open(m);
	ck_assert_int_ne(s->arch->sleeping_regs(s, &task, &regs, &signal), STK_OK);
	ck_assert_uint_eq(regs.valid, 0);
	syn_member(m, "thread_struct.ra", 0x180, 8);
	syn_member(m, "thread_struct.s", 1u << 30, 96);
	s = syn_open(m);
	ck_assert_int_ne(s->arch->sleeping_regs(s, &task, &regs, &signal), STK_OK);
	ck_assert_uint_eq(regs.valid, 0);
}
END_TEST

START_TEST(frames_of_a_sleeper)
{
	static const struct {
		uint32_t code[4];
		int64_t fp; /* from sp on; 0: any does */
	} row[] = {
		/* addi sp, sp, -48; addi s0, sp, 48; and of any number of arguments */
		{ { 0xfd010113, 0x03010413 }, 48 },
		{ { 0xfd010113, 0x01010413 }, 16 },
		/* sub sp, sp, a0: where that is is not known */
		{ { 0xfd010113, 0x03010413, 0x40a10133 }, 0 },
		/* no record */
		{ { 0xfd010113 }, 0 },
	};
	const uint64_t at = syn_sym(m, "last_function");
	struct stk_regs regs = { .valid = 1ull << RISCV_PC | 1ull << RISCV_SP |
					  1ull << RISCV_FP };

	syn_write(m, at, row[_i].code, sizeof(row[_i].code));
	for (size_t i = 0; i < 4; i++)
		if (!row[_i].code[i])
			syn_put32(m, at + 4 * i, 0x00000013); /* nop */
	regs.v[RISCV_PC] = rv_call_insn(m, "last_function", 0x14, "__switch_to");
	regs.v[RISCV_SP] = 0x10000;
	s = syn_open(m);
	for (int64_t fp = 0; fp <= 64; fp += 8) {
		regs.v[RISCV_FP] = 0x10000 + (uint64_t)fp;
		ck_assert_int_eq(s->arch->begins_sleep(s, &regs),
				 !row[_i].fp || fp == row[_i].fp);
	}
}
END_TEST

/* Of return addresses that none can sleep with. */
START_TEST(no_sleeper)
{
	const uint64_t data = RV_TEXT + OTHER_DATA + 0x4010;
	const uint64_t ip[] = { syn_sym(m, "ret_from_fork") + 4, syn_sym(m, "vfs_write"),
				data };
	struct stk_regs regs = { .valid = RISCV_NOTE_REGS };

	syn_fail(m, data, STK_ERR_EXCLUDED);
	regs.v[RISCV_PC] = ip[_i];
	s = syn_open(m);
	ck_assert_int_eq(s->arch->begins_sleep(s, &regs), 0);
}
END_TEST

START_TEST(counted_contexts)
{
	static const struct {
		enum riscv_kind kind;
		uint32_t count;
		int want;
	} row[] = {
		{ RISCV_KIND_IRQ, 0x00010000, 1 },
		{ RISCV_KIND_IRQ, 0x100, 1 },
		{ RISCV_KIND_IRQ, 0x00100001, -1 },
		{ RISCV_KIND_TASK, 0x00010101, -1 },
		{ RISCV_KIND_OVERFLOW, 0x00010101, -1 },
		{ RISCV_KIND_IRQ, 0x00010101, 1 },
		{ RISCV_KIND_IRQ, 0x00080000, 1 },
		{ RISCV_KIND_IRQ, 0xfff000ff, -1 },
	};

	/* Not where the task begins. */
	syn_member(m, "task_struct.thread_info", 0x100, 0x40);
	syn_put32(m, sh + 0x100 + syn_off(m, "thread_info.preempt_count"), row[_i].count);
	s = syn_open(m);
	ck_assert_int_eq(s->arch->counts_context(s, 1, &riscv_kinds[row[_i].kind]),
			 row[_i].want);
}
END_TEST

/* ---- what proves saved registers ---- */

#define REGS  (1u << STK_WITNESS_REGS)
#define PLACE (1u << STK_WITNESS_PLACE)

START_TEST(weighed)
{
	static const struct {
		unsigned int reg;
		uint64_t by; /* with which it is changed */
		bool user;
		uint32_t differ;
	} row[] = {
		{ RV_SP, 0, false, 0 },
		{ RV_SP, 8, false, REGS | PLACE },
		{ RV_SP, 16, false, PLACE },
		{ RV_STATUS, SIE, false, REGS },
		{ RV_STATUS, SPIE, false, 0 },
		{ RV_SP, 0, true, 0 },
		{ RV_STATUS, SPIE, true, REGS },
		{ RV_STATUS, SIE, true, REGS },
		{ 0, 1, true, REGS },
	};
	struct stk_evidence e = { 0 };
	struct stk_stack stack;
	struct stk_regs regs;
	uint64_t at, word;

	rv_syscall(&c);
	at = row[_i].user ? rv_user_regs(m, sh) : rv_exception(&c, 13);
	word = at + 8 * (uint64_t)row[_i].reg;
	syn_put64(m, word, syn_get64(m, word) ^ row[_i].by);
	s = syn_open(m);
	ck_assert_int_eq(stk_find_stack(s, at, &stack), STK_OK);
	ck_assert_int_eq(s->arch->read_pt_regs(s, at, &regs), STK_OK);
	s->arch->weigh_regs(s, &stack, &regs, at, RV_TEXT, &e);
	ck_assert_uint_eq(e.differ, row[_i].differ);
	ck_assert_uint_eq(e.agree | e.differ, REGS | PLACE);
	e = (struct stk_evidence){ 0 };
	s->arch->weigh_regs(s, &stack, &regs, at - 16, RV_TEXT, &e);
	ck_assert(e.differ & PLACE);
}
END_TEST

/* What cannot be read is said, and where. */
START_TEST(registers_not_there)
{
	struct stk_step out = { 0 };

	s = syn_open(m);
	ck_assert_int_eq(stk_regs_step(s, 0x123450, &out), STK_STEP_FAILED);
	ck_assert_int_eq(out.end, STK_END_UNREADABLE);
	ck_assert_uint_eq(out.bad, 0x123450);
	ck_assert_uint_eq(out.regs_at, 0);
	rv_syscall(&c);
	s = syn_open(m);
	ck_assert_int_eq(stk_regs_step(s, rv_user_regs(m, sh), &out), STK_STEP_OK);
	ck_assert_uint_eq(out.regs_at, rv_user_regs(m, sh));
	ck_assert(out.full && out.signal);
}
END_TEST

/* Kernels without shadow call stacks have no member for them. */
START_TEST(shadows_need_a_member)
{
	struct stk_stack stack;
	struct stk_task task;
	uint64_t sp;

	rv_shadows(m);
	s = syn_open(m);
	ck_assert_uint_ne(stk_shadow_size(s), 0);
	ck_assert_int_eq(stk_task_read(s, sh, &task), STK_OK);
	syn_no_member(m, "thread_info.scs_base");
	s = syn_open(m);
	ck_assert_uint_eq(stk_shadow_size(s), 0);
	ck_assert(!stk_task_shadow(s, &task, &stack, &sp));
}
END_TEST

/* Which bits of status, of sp and of pc speak against them. */
START_TEST(weighed_words)
{
	const struct stk_stack nowhere = { .kind = NULL };
	struct stk_regs regs = { .valid = RISCV_ALL_REGS };
	struct stk_evidence e;

	s = syn_open(m);
	for (unsigned int i = 0; i < 8; i++)
		for (uint64_t by = 0; by <= 16; by = by ? 2 * by : 1) {
			const uint64_t status = (i & 1 ? SPP : 0) | (i & 2 ? SPIE : 0) |
						(i & 4 ? SIE : 0);
			const bool good =
				status & SPP
					? !(status & SIE) && !(by & 15)
					: (status & SPIE) && !(status & SIE) && !(by & 1);

			regs.v[RISCV_STATUS] = status;
			regs.v[RISCV_SP] = 0x10000 + by;
			regs.v[RISCV_PC] = 0x20000 + by;
			e = (struct stk_evidence){ 0 };
			regs.valid = RISCV_ALL_REGS;
			s->arch->weigh_regs(s, &nowhere, &regs, 0, 0, &e);
			ck_assert_uint_eq(e.agree | e.differ, REGS);
			ck_assert_msg((e.agree == REGS) == good, "%llx, by %llu",
				      (unsigned long long)status, (unsigned long long)by);
			/* Without status they say nothing. */
			e = (struct stk_evidence){ 0 };
			regs.valid = RISCV_NOTE_REGS;
			s->arch->weigh_regs(s, &nowhere, &regs, 0, 0, &e);
			ck_assert_uint_eq(e.agree | e.differ, 0);
		}
}
END_TEST

START_TEST(weighed_places)
{
	const struct other_place row[] = {
		{ RISCV_STACK(TASK), 0, 0, 1 },
		{ RISCV_STACK(TASK), 0, 16, 0 },
		{ RISCV_STACK(TASK), 0x4000, 0x4000, 1 },
		{ RISCV_STACK(TASK), 0x4000, 0x3ff0, 0 },
		{ RISCV_STACK(TASK), -16, 0x4000, 0 },
		{ RISCV_STACK(TASK), 0x4010, 0x4010, 0 },
		{ RISCV_STACK(IRQ), 0x2000, 0x2000, 1 },
		{ RISCV_STACK(IRQ), -16, 0x4000, 0 },
		{ RISCV_STACK(OVERFLOW), -16, 0x4000, 1 },
		{ RISCV_STACK(OVERFLOW), -16, 0x3ff0, 0 },
		{ RISCV_STACK(OVERFLOW), 0x2000, 0x2000, 1 },
		{ RISCV_STACK(OVERFLOW), 0x2000, 0x4000, 0 },
		{ NULL, 0, 0, 0 },
	};
	struct stk_regs regs = { .valid = RISCV_ALL_REGS };

	regs.v[RISCV_STATUS] = SPP;
	other_expect_places(row, regs);
}
END_TEST

/* What is compared, and what may have changed since. */
START_TEST(compared_copies)
{
	struct stk_regs regs = { .valid = RISCV_NOTE_REGS }, other;
	struct stk_copy copy[2];
	struct stk_stack task;
	uint64_t at;

	rv_syscall(&c);
	at = rv_exception(&c, 13);
	s = syn_open(m);
	ck_assert_int_eq(stk_find_stack(s, at, &task), STK_OK);
	ck_assert_int_eq(s->arch->read_pt_regs(s, rv_user_regs(m, sh), &regs), STK_OK);
	for (unsigned int r = 0; r < RISCV_NR_REGS; r++) {
		const bool compared =
			r == RISCV_PC || r == RISCV_RA || r == RISCV_SP || r == RISCV_FP;

		if (r == RISCV_STATUS)
			continue; /* says of which mode they are */
		other = regs;
		other.v[r] ^= 16;
		ck_assert_msg(s->arch->saved_copies(s, 1, &task, &other, copy, 2) ==
				      !compared,
			      "register %u", r);
	}
}
END_TEST

/*
 * Where a stack begins, by the function at its top and by where that lies; and of an idle
 * task's.
 */
START_TEST(begins_stack)
{
	static const struct {
		const char *function;
		unsigned int offset;
		bool signal, thread, idle;
	} row[] = {
		{ "ret_from_fork", 0, true, true, false },
		{ "ret_from_fork", 0x14, false, true, false },
		{ "ret_from_fork", 0, false, false, true }, /* of what is before it */
		{ "_start_kernel", 0x9c, false, false, true },
		{ "handle_exception", 0x20, true, false, false },
		{ "handle_exception", 0x14a, false, false, false },
	};
	const uint64_t top = rv_user_regs(m, sh);
	struct stk_cursor cursor = { .cpu = -1 };
	struct stk_stack stack;

	s = syn_open(m);
	ck_assert_int_eq(stk_find_stack(s, top, &stack), STK_OK);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		for (int64_t by = -8; by <= 8; by += 8) {
			cursor.stack = stack;
			cursor.at = top + (uint64_t)by;
			cursor.signal = row[i].signal;
			cursor.regs.v[RISCV_PC] =
				syn_sym(m, row[i].function) + row[i].offset;
			ck_assert_msg(s->arch->begins_stack(s, &cursor, false) ==
					      (row[i].thread && !by),
				      "row %zu", i);
			ck_assert_msg(s->arch->begins_stack(s, &cursor, true) ==
					      (row[i].idle && !by),
				      "row %zu", i);
			/* No other stack has registers of user mode at its top. */
			cursor.stack.kind = RISCV_STACK(IRQ);
			ck_assert(!s->arch->begins_stack(s, &cursor, false));
			ck_assert(!s->arch->begins_stack(s, &cursor, true));
			cursor.at = 0;
			ck_assert(!s->arch->begins_stack(s, &cursor, false));
			ck_assert(!s->arch->begins_stack(s, &cursor, true));
		}
	/* Of what has no name only that it is no new task's. */
	cursor.stack = stack;
	cursor.at = top;
	cursor.regs.v[RISCV_PC] = 0x1234;
	ck_assert(!s->arch->begins_stack(s, &cursor, false));
	ck_assert(s->arch->begins_stack(s, &cursor, true));
}
END_TEST

START_TEST(copies)
{
	struct stk_copy copy[2];
	struct stk_stack task;
	struct stk_regs regs = { .valid = RISCV_NOTE_REGS };
	uint64_t at;

	rv_syscall(&c);
	regs.v[RISCV_PC] = c.ip;
	regs.v[RISCV_SP] = c.sp;
	regs.v[RISCV_RA] = c.lr;
	regs.v[RISCV_FP] = c.bp;
	at = rv_exception(&c, 13);
	s = syn_open(m);
	ck_assert_int_eq(stk_find_stack(s, at, &task), STK_OK);
	ck_assert_uint_eq(s->arch->saved_copies(s, 1, &task, &regs, copy, 2), 1);
	ck_assert_uint_eq(copy[0].regs_at, at);
	ck_assert_uint_eq(s->arch->saved_copies(s, 1, NULL, &regs, copy, 2), 0);
	ck_assert_uint_eq(s->arch->saved_copies(s, 1, &task, &regs, copy, 0), 0);
	regs.v[RISCV_RA] += 4;
	ck_assert_uint_eq(s->arch->saved_copies(s, 1, &task, &regs, copy, 2), 0);
	ck_assert_int_eq(s->arch->read_pt_regs(s, rv_user_regs(m, sh), &regs), STK_OK);
	ck_assert_uint_eq(s->arch->saved_copies(s, 1, &task, &regs, copy, 2), 1);
	ck_assert_uint_eq(copy[0].regs_at, rv_user_regs(m, sh));
}
END_TEST

/* ---- how the kernel was entered ---- */

#define INTERRUPT (1ull << 63)

static const struct {
	uint64_t cause;
	const char *kind, *name;
	enum stk_fault_kind fault;
	const char *access;
	bool address;
} causes[] = {
	{ INTERRUPT | 5, "interrupt", NULL, STK_FAULT_OTHER, NULL, false },
	{ 0, "exception", "instruction address misaligned", STK_FAULT_PROTECTION,
	  "execute", true },
	{ 1, "exception", "instruction access fault", STK_FAULT_PROTECTION, "execute",
	  true },
	{ 2, "exception", "illegal instruction", STK_FAULT_OTHER, NULL, false },
	{ 3, "exception", "breakpoint", STK_FAULT_TRAP, NULL, false },
	{ 4, "exception", "load address misaligned", STK_FAULT_PROTECTION, "read", true },
	{ 5, "exception", "load access fault", STK_FAULT_PROTECTION, "read", true },
	{ 6, "exception", "store address misaligned", STK_FAULT_PROTECTION, "write",
	  true },
	{ 7, "exception", "store access fault", STK_FAULT_PROTECTION, "write", true },
	{ 9, "exception", "environment call from S-mode", STK_FAULT_OTHER, NULL, false },
	{ 10, "exception", NULL, STK_FAULT_OTHER, NULL, false },
	{ 11, "exception", NULL, STK_FAULT_OTHER, NULL, false },
	{ 12, "exception", "instruction page fault", STK_FAULT_PAGE, "execute", true },
	{ 13, "exception", "load page fault", STK_FAULT_PAGE, "read", true },
	{ 14, "exception", NULL, STK_FAULT_OTHER, NULL, false },
	{ 15, "exception", "store page fault", STK_FAULT_PAGE, "write", true },
	{ 16, "exception", NULL, STK_FAULT_OTHER, NULL, false },
	{ UINT64_MAX / 2, "exception", NULL, STK_FAULT_OTHER, NULL, false },
};

static void expect_text(const char *got, const char *want)
{
	ck_assert_int_eq(got != NULL, want != NULL);
	if (want)
		ck_assert_str_eq(got, want);
}

START_TEST(each_cause)
{
	const uint64_t ip = syn_sym(m, "handle_exception") + 0x14a;
	struct stk_regs regs = { .valid = RISCV_ALL_REGS };
	struct stk_entry entry;
	struct stk_fault fault;
	bool is_fault;

	regs.v[RISCV_CAUSE] = causes[_i].cause;
	regs.v[RISCV_BADADDR] = 0x10;
	s = syn_open(m);
	s->arch->describe_entry(s, ip, &regs, 0, &entry);
	ck_assert_str_eq(stk_entry_kind_name(entry.kind), causes[_i].kind);
	expect_text(entry.name, causes[_i].name);
	ck_assert_int_eq(entry.nr, -1);
	if (causes[_i].cause & INTERRUPT) {
		ck_assert_int_eq(entry.code, -1);
		ck_assert_ptr_null(entry.code_name);
	} else {
		ck_assert_str_eq(entry.code_name, "scause");
	}
	is_fault = s->arch->describe_fault(s, ip, &regs, 0, &fault);
	ck_assert_int_eq(is_fault, !(causes[_i].cause & INTERRUPT));
	if (is_fault) {
		ck_assert_int_eq(fault.kind, causes[_i].fault);
		ck_assert_int_eq(fault.entry.code, (int64_t)causes[_i].cause);
		expect_text(fault.access, causes[_i].access);
		expect_text(fault.address_name, causes[_i].address ? "badaddr" : NULL);
		ck_assert_uint_eq(fault.address, causes[_i].address ? 0x10 : 0);
	}
	/* Elsewhere it was nothing, nor without scause. */
	for (uint64_t at = 0; at <= 0x301; at++) {
		const uint64_t begin = syn_sym(m, "handle_exception");

		s->arch->describe_entry(s, begin + at, &regs, 0, &entry);
		ck_assert_int_eq(entry.kind != NULL, at >= 1 && at <= 0x300);
		ck_assert(entry.kind || (entry.nr == -1 && entry.code == -1));
	}
	regs.valid &= ~(1ull << RISCV_CAUSE);
	s->arch->describe_entry(s, ip, &regs, 0, &entry);
	ck_assert_ptr_null(entry.kind);
}
END_TEST

/* A number that no table has is none. */
START_TEST(system_calls)
{
	static const uint64_t nr[] = { 64, 0xfff, 0x1000, UINT64_MAX };
	const uint64_t ip = syn_sym(m, "handle_exception") + 0x14a;
	const uint64_t table = syn_sym(m, "modules") + 0xa00;
	struct stk_regs regs = { .valid = RISCV_ALL_REGS };
	struct stk_entry entry;
	struct stk_fault fault;

	regs.v[RISCV_CAUSE] = 8;
	regs.v[RISCV_A7] = nr[_i];
	syn_symbol(m, "sys_call_table", table);
	syn_put64(m, table + 8 * 64, syn_sym(m, "__riscv_sys_write"));
	s = syn_open(m);
	s->arch->describe_entry(s, ip, &regs, 0, &entry);
	ck_assert_str_eq(stk_entry_kind_name(entry.kind), "syscall");
	ck_assert_int_eq(entry.code, -1);
	ck_assert_ptr_null(entry.code_name);
	ck_assert_int_eq(entry.nr, _i < 2 ? (int64_t)nr[_i] : -1);
	expect_text(entry.name, _i ? NULL : "write");
	ck_assert(!s->arch->describe_fault(s, ip, &regs, 0, &fault));
}
END_TEST

/* A row of the table that leads into a function, to another kind of one, to no code. */
START_TEST(system_calls_damaged)
{
	const uint64_t row[] = { syn_sym(m, "__riscv_sys_write") + 4,
				 syn_sym(m, "vfs_write"), syn_sym(m, "modules") };
	const uint64_t table = syn_sym(m, "modules") + 0xa00;
	struct stk_regs regs = { .valid = RISCV_ALL_REGS };
	struct stk_entry entry;

	regs.v[RISCV_CAUSE] = 8;
	regs.v[RISCV_A7] = 64;
	syn_symbol(m, "sys_call_table", table);
	syn_put64(m, table + 8 * 64, row[_i]);
	s = syn_open(m);
	s->arch->describe_entry(s, syn_sym(m, "handle_exception") + 0x14a, &regs, 0,
				&entry);
	ck_assert_int_eq(entry.nr, 64);
	ck_assert_ptr_null(entry.name);
}
END_TEST

/* The range of the entry code, where its end has a name and where it has none. */
START_TEST(entry_code)
{
	const uint64_t begin = syn_sym(m, "handle_exception");

	s = syn_open(m);
	ck_assert(riscv_in_entry_code(s, begin));
	ck_assert(riscv_in_entry_code(s, begin + 0x2ff));
	ck_assert(!riscv_in_entry_code(s, begin + 0x300));
	ck_assert(!riscv_in_entry_code(s, begin - 1));
	syn_no_symbol(m, "ret_from_exception_end");
	syn_symbol(m, "__switch_to", begin + 0x400);
	s = syn_open(m);
	ck_assert(riscv_in_entry_code(s, begin + 0x3ff));
	ck_assert(!riscv_in_entry_code(s, begin + 0x400));
}
END_TEST

START_TEST(entry_states)
{
	const struct stk_entry_state *state;
	struct stk_saved saved;

	rv_syscall(&c);
	if (_i)
		c.ip = syn_sym(m, "handle_exception") + 4;
	if (_i == 2)
		c.sp = RV_USER_SP;
	rv_note(&c);
	saved = syn_saved(&m->note[0]);
	s = syn_open(m);
	state = s->arch->entry_state(s, 1, &saved);
	if (!_i) {
		ck_assert_ptr_null(state);
		return;
	}
	ck_assert_str_eq(state->stack, _i == 2 ? "user" : "TASK");
	ck_assert_ptr_nonnull(strstr(state->text, _i == 2 ? "user mode" : "the kernel"));
}
END_TEST

/* A thread's in ret_from_fork(), an idle task's elsewhere, both at the end. */
START_TEST(stack_begins)
{
	const uint64_t top = rv_user_regs(m, sh);
	struct stk_cursor cur = { .at = top };
	struct stk_task task;

	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, sh, &task), STK_OK);
	ck_assert_int_eq(stk_task_stack(s, &task, &cur.stack), STK_OK);
	riscv_set(&cur.regs, RISCV_PC, syn_sym(m, "ret_from_fork") + 0x14);
	ck_assert(riscv_begins_stack(s, &cur, false));
	ck_assert(!riscv_begins_stack(s, &cur, true));
	cur.at = top - 16;
	ck_assert(!riscv_begins_stack(s, &cur, false));
	cur.at = top + 16;
	ck_assert(!riscv_begins_stack(s, &cur, false));
	cur.at = top;
	riscv_set(&cur.regs, RISCV_PC, syn_sym(m, "_start_kernel") + 0x9c);
	ck_assert(!riscv_begins_stack(s, &cur, false));
	ck_assert(riscv_begins_stack(s, &cur, true));
	riscv_set(&cur.regs, RISCV_PC, syn_sym(m, "handle_exception") + 0x14a);
	ck_assert(!riscv_begins_stack(s, &cur, true));
	cur.stack.kind = RISCV_STACK(IRQ);
	ck_assert(!riscv_begins_stack(s, &cur, false));
}
END_TEST

static const struct unit_test stack_tests[] = {
	TEST(stacks_of_a_cpu),
	LOOP(stacks_damaged, 4),
	TEST(leads_to),
	TEST(stack_begins),
	{ 0 },
};

static const struct unit_test reg_tests[] = {
	TEST(tables),
	TEST(executable),
	LOOP(modes, 6),
	TEST(may_be_user),
	TEST(notes),
	TEST(registers_of_a_monitor),
	TEST(pt_regs),
	TEST(sleeping_registers),
	LOOP(sleeper_without_code, 5),
	LOOP(words_of_a_sleeper, 4),
	LOOP(frames_of_a_sleeper, 4),
	LOOP(no_sleeper, 3),
	LOOP(counted_contexts, 8),
	LOOP(weighed, 9),
	TEST(registers_not_there),
	TEST(shadows_need_a_member),
	TEST(weighed_words),
	TEST(weighed_places),
	TEST(begins_stack),
	TEST(compared_copies),
	TEST(copies),
	{ 0 },
};

static const struct unit_test entry_tests[] = {
	LOOP(each_cause, 18), LOOP(system_calls, 4), LOOP(system_calls_damaged, 3),
	TEST(entry_code),     LOOP(entry_states, 3), { 0 },
};

const struct unit_suite suite_riscv64_regs = {
	"riscv64_regs",
	{
		{ "stacks", stack_tests, setup, NULL },
		{ "registers", reg_tests, setup, NULL },
		{ "entries", entry_tests, setup, NULL },
	},
};
