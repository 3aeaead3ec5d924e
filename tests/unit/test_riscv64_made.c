/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves the steps of riscv64's kernels whose entry code puts return addresses into ra
 * and jumps, where threads begin below registers of which there are none, and idle tasks
 * at the very top: and that a damaged word there is noticed.
 */
#include "fixture.h"
#include "other_expect.h"
#include "riscv64.h"
#include "suite.h"

#include "arch/riscv64/riscv64.h"
#include "base/context.h"
#include "machine/memory.h"

#include <stdio.h>
#include <string.h>

#define IRQ_CODE    0x100u /* of handle_exception */
#define TRAP_CODE   0x140u
#define WORK_CODE   0x180u
#define RET	    0x200u
#define THREAD_CODE 0x280u

#define RA 1u
#define T1 6u
#define A1 11u

#define AUIPC(rd, by) (0x17u | (rd) << 7 | (((uint32_t)(by) + 0x800u) & 0xfffff000u))
#define ADDI(rd, by)  (0x13u | (rd) << 7 | (rd) << 15 | (uint32_t)(by) << 20)
#define JR(rs, by)    (0x67u | (rs) << 15 | (uint32_t)(by) << 20)
#define C_JR(rs)      (0x8002u | (rs) << 7 | 0x10000u) /* and c.nop */
#define JALR_T1	      0x000300e7u
#define SRET	      0x10200073u

static uint64_t entry, ret;

/* la @rd, @to */
static void put_la(uint64_t at, uint32_t rd, uint64_t to)
{
	syn_put32(m, at, AUIPC(rd, to - at));
	syn_put32(m, at + 4, ADDI(rd, to - at));
}

/* tail @to */
static void put_tail(uint64_t at, uint64_t to)
{
	syn_put32(m, at, AUIPC(T1, to - at));
	syn_put32(m, at + 4, JR(T1, to - at));
}

static void setup(void)
{
	fixture_task_of(rv_kernel(RV_SV39));
	entry = syn_sym(m, "handle_exception");
	ret = entry + RET;
	syn_no_symbol(m, "ret_from_exception_end");
	syn_no_symbol(m, "__switch_to");
	syn_symbol(m, "ret_from_kernel_thread", entry + THREAD_CODE);
	syn_symbol(m, "__switch_to", entry + 0x300);
	/* la ra, ret_from_exception; la a1, do_irq; jr a1 */
	put_la(entry + IRQ_CODE, RA, ret);
	put_la(entry + IRQ_CODE + 8, A1, syn_sym(m, "do_irq"));
	syn_put32(m, entry + IRQ_CODE + 16, C_JR(A1));
	/* la ra, ret_from_exception; beq; jr t0; tail do_page_fault; jalr t1 */
	put_la(entry + TRAP_CODE, RA, ret);
	syn_put32(m, entry + TRAP_CODE + 8, 0x00b50463);
	syn_put32(m, entry + TRAP_CODE + 12, C_JR(5u));
	put_tail(entry + TRAP_CODE + 16, syn_sym(m, "do_page_fault"));
	syn_put32(m, entry + TRAP_CODE + 24, JALR_T1);
	put_tail(entry + TRAP_CODE + 28, syn_sym(m, "vfs_write"));
	syn_put32(m, ret + 0x40, SRET);
	/* la ra, ret_from_exception; jr s0 */
	put_la(entry + THREAD_CODE, RA, ret);
	syn_put32(m, entry + THREAD_CODE + 8, C_JR(8u));
}

#define THREAD                                                                           \
	"worker_thread+0x40/fp! kthread+0x70/fp handle_exception+0x200/fp end "          \
	"thread_start"
#define HANDLER                                                                          \
	"hrtimer_interrupt+0xa0/fp handle_riscv_irq+0x80/fp do_irq+0x52/fp "             \
	"handle_exception+0x200/fp "

/* copy_thread() left no more than a status. */
static void begin_thread(void)
{
	const uint64_t regs = rv_user_regs(m, c.task);

	syn_fill(m, regs, RV_REGS_SIZE, 0);
	syn_put64(m, regs + 8 * RV_STATUS, 0x120);
	c.sp = regs;
	c.bp = syn_sym(m, "worker_thread");
	rv_jump(&c, ret, "kthread");
	rv_call_pointer(&c, 0x70, "worker_thread");
}

static void interrupt(void)
{
	rv_exception(&c, 1ull << 63 | 5);
	rv_jump(&c, ret, "do_irq");
	rv_call_pointer(&c, 0x52, "handle_riscv_irq");
	rv_call_pointer(&c, 0x80, "hrtimer_interrupt");
	rv_call_pointer(&c, 0xa0, "timer_fn");
}

static void expect_kind(const char *want, enum stk_confidence confidence)
{
	struct stk_chain *chain = unwind_cpu_1();

	if (want)
		ck_assert_str_eq(syn_chain_text(chain), want);
	ck_assert_msg(chain->confidence == confidence, "%s: %s", syn_chain_text(chain),
		      chain->confidence_why);
	stk_chain_free(m->s, chain);
}

START_TEST(chains)
{
	begin_thread();
	expect_kind("<TASK> worker_thread+0x40/regs! kthread+0x70/fp "
		    "handle_exception+0x200/fp end thread_start",
		    STK_CERTAIN);
	interrupt();
	expect_kind("<TASK> timer_fn+0x40/regs! " HANDLER THREAD, STK_CERTAIN);
	/* In the first instructions of a handler ra alone has it. */
	rv_exception(&c, 13);
	c.function = "do_page_fault";
	c.ip = syn_sym(m, "do_page_fault");
	c.lr = ret;
	expect_kind("<TASK> do_page_fault+0x0/regs! handle_exception+0x200/regs "
		    "timer_fn+0x40/fp! " HANDLER THREAD,
		    STK_CERTAIN);
}
END_TEST

/* Registers that are not as they were left there: it was in user mode, or is damaged. */
START_TEST(not_blank)
{
	static const struct {
		unsigned int reg;
		uint64_t word;
	} row[] = {
		{ 0, 0x1000 },
		{ RV_SP, 8 },
		{ 31, 1 },
		{ RV_STATUS, 0x100 },
		{ RV_STATUS, 0x320 },
		{ RV_STATUS, 0x122 },
		{ RV_BADADDR, 1 },
		{ RV_CAUSE, 1ull << 63 },
		{ 35, 1 },
	};

	begin_thread();
	syn_put64(m, rv_user_regs(m, c.task) + 8 * row[_i].reg, row[_i].word);
	expect_kind(NULL, STK_BROKEN);
}
END_TEST

/* Elsewhere than at the top no thread begins, however blank. */
START_TEST(not_at_the_top)
{
	begin_thread();
	rv_exception(&c, 13);
	for (unsigned int r = 0; r < 36; r++)
		syn_put64(m, c.sp + 8 * r, r == RV_STATUS ? 0x120 : 0);
	rv_jump(&c, ret, "do_page_fault");
	expect_kind(NULL, STK_BROKEN);
}
END_TEST

/* Nor where the entry code called. */
START_TEST(called_above_blank)
{
	const uint64_t regs = rv_user_regs(m, c.task);

	syn_fill(m, regs, RV_REGS_SIZE, 0);
	syn_put64(m, regs + 8 * RV_STATUS, 0x120);
	c.sp = regs;
	c.function = "handle_exception";
	rv_call_pointer(&c, 0x1c0, "do_trap_ecall_u");
	expect_kind(NULL, STK_BROKEN);
}
END_TEST

START_TEST(damaged_words)
{
	const char *truth = "<TASK> timer_fn+0x40/regs! " HANDLER THREAD;
	const uint64_t top = syn_stack(m, sh) + m->thread_size;
	uint64_t pc;

	rv_call_insn(m, "last_function", 0x60, "vfs_write");
	begin_thread();
	pc = c.sp - RV_REGS_SIZE;
	interrupt();
	syn_open(m);
	ck_assert(!other_is_wrong(truth));
	for (uint64_t at = c.sp; at < top; at += 8)
		if (at != pc)
			other_damage_word(at, truth);
}
END_TEST

static enum stk_call evidence(uint64_t at, const char *callee, bool exact)
{
	const char *why;

	return riscv_call_evidence(m->s, at, syn_sym(m, callee) + !exact, exact, &why);
}

START_TEST(where_it_jumps)
{
	uint64_t target;

	syn_open(m);
	ck_assert_int_eq(evidence(ret, "do_irq", false), STK_CALL_REACHES);
	ck_assert_int_eq(evidence(ret, "do_irq", true), STK_CALL_REACHES);
	ck_assert_int_eq(evidence(ret, "do_page_fault", true), STK_CALL_REACHES);
	ck_assert_int_eq(evidence(ret, "vfs_write", true), STK_CALL_PUSHED);
	for (uint64_t at = ret - 8; at <= ret + 8; at += 2) {
		ck_assert_int_eq(riscv_makes_return(m->s, at), at == ret);
		ck_assert_int_eq(riscv_call_before(m->s, at, &target), at == ret);
		if (at != ret)
			ck_assert_int_eq(evidence(at, "do_irq", true), STK_CALL_NONE);
	}
	/* Where all jumps are known, others are none of them; and one within it. */
	syn_put32(m, entry + TRAP_CODE + 8, 0x0080006f);
	put_tail(entry + THREAD_CODE + 8, syn_sym(m, "kthread"));
	put_tail(entry + TRAP_CODE + 12, syn_sym(m, "do_page_fault"));
	syn_put32(m, entry + TRAP_CODE + 20, JALR_T1);
	syn_open(m);
	ck_assert_int_eq(evidence(ret, "kthread", true), STK_CALL_REACHES);
	ck_assert_int_eq(evidence(ret, "vfs_write", true), STK_CALL_ELSEWHERE);
	/* The address of another register, or one that was changed since. */
	put_la(entry + IRQ_CODE + 8, 12u, syn_sym(m, "do_irq"));
	syn_open(m);
	ck_assert_int_eq(evidence(ret, "do_irq", true), STK_CALL_PUSHED);
	/* No such code: nothing leads there. */
	put_la(entry + IRQ_CODE, 5u, ret);
	put_la(entry + TRAP_CODE, RA, ret + 4);
	put_la(entry + THREAD_CODE, 7u, ret);
	syn_open(m);
	ck_assert(!riscv_makes_return(m->s, ret));
	ck_assert_int_eq(evidence(ret, "do_irq", true), STK_CALL_NONE);
	/* Halves of two registers; and at the end of the code. */
	syn_put32(m, entry + IRQ_CODE, AUIPC(5u, RET - IRQ_CODE));
	syn_put32(m, entry + IRQ_CODE + 4, ADDI(RA, RET - IRQ_CODE));
	syn_put32(m, entry + WORK_CODE, AUIPC(RA, RET - WORK_CODE));
	syn_put32(m, entry + WORK_CODE + 4,
		  (ADDI(5u, RET - WORK_CODE) & ~(31u << 7)) | RA << 7);
	syn_put32(m, entry + 0x2fc, AUIPC(RA, 0));
	syn_open(m);
	ck_assert(!riscv_makes_return(m->s, ret));
	put_la(entry + IRQ_CODE, RA, ret);
	syn_open(m);
	ck_assert(riscv_makes_return(m->s, ret));
	/* The last instructions of the code are enough. */
	put_la(entry + IRQ_CODE, 5u, ret);
	put_la(entry + 0x2f8, RA, ret);
	syn_open(m);
	ck_assert(riscv_makes_return(m->s, ret));
	syn_put32(m, entry + 0x2fc, ADDI(RA, RET - 0x2f8 + 4));
	syn_open(m);
	ck_assert(!riscv_makes_return(m->s, ret));
	ck_assert(riscv_makes_return(m->s, ret + 4));
	put_la(entry + IRQ_CODE, RA, ret);
	/* Where the code that is made to be returned to is no entry code it is none. */
	put_la(entry + WORK_CODE, RA, entry + 0x300);
	put_la(entry + WORK_CODE + 0x10, RA, entry + 0x2fe);
	put_la(entry + WORK_CODE + 0x20, RA, entry - 2);
	syn_open(m);
	ck_assert(!riscv_makes_return(m->s, entry + 0x300));
	ck_assert(riscv_makes_return(m->s, entry + 0x2fe));
	ck_assert(!riscv_makes_return(m->s, entry - 2));
	/* A call that ends there is believed. */
	rv_call_insn(m, "handle_exception", RET, "vfs_write");
	syn_open(m);
	ck_assert(!riscv_makes_return(m->s, ret));
	ck_assert_int_eq(evidence(ret, "vfs_write", true), STK_CALL_REACHES);
}
END_TEST

/* What changes ra ends what the code before has made. */
START_TEST(ra_changes)
{
	static const struct {
		uint32_t insn;
		bool changes;
	} row[] = {
		{ 0x00010001, false }, { 0x000083b3, false }, /* add t2, ra, zero */
		{ 0x0080b0a3, false },			      /* sd s0, 1(ra) */
		{ 0x00b500e3, false }, /* beq, its offset where rd would be */
		{ 0x00813083, true },  /* ld ra, 8(sp) */
		{ 0x00008093, true },  /* mv ra, ra */
		{ 0x00016082, true },  /* c.ldsp ra, 0(sp) */
		{ 0x000170a6, true },  /* c.ldsp ra, 104(sp) */
		{ 0x00016102, false }, /* c.ldsp sp, 0(sp) */
		{ 0x00018082, true },  /* c.jr ra */
		{ 0x00019282, true },  /* c.jalr t0 */
		{ 0x008000ef, true },  /* jal ra */
		{ SRET, true },
	};

	put_la(entry + WORK_CODE, RA, ret);
	syn_put32(m, entry + WORK_CODE + 8, row[_i].insn);
	put_tail(entry + WORK_CODE + 12, syn_sym(m, "handle_bad_stack"));
	syn_open(m);
	ck_assert_int_eq(evidence(ret, "handle_bad_stack", true),
			 row[_i].changes ? STK_CALL_PUSHED : STK_CALL_REACHES);
}
END_TEST

/* A short jump has bits where others have a register: what that holds is not asked. */
START_TEST(short_jump)
{
	put_la(entry + WORK_CODE, RA, ret);
	put_la(entry + WORK_CODE + 8, 8u, syn_sym(m, "handle_bad_stack"));
	syn_put32(m, entry + WORK_CODE + 16, 0x0001a401); /* c.j, 0x200 on */
	syn_open(m);
	ck_assert_int_eq(evidence(ret, "handle_bad_stack", true), STK_CALL_PUSHED);
	syn_put32(m, entry + WORK_CODE + 16, C_JR(8u));
	syn_open(m);
	ck_assert_int_eq(evidence(ret, "handle_bad_stack", true), STK_CALL_REACHES);
}
END_TEST

/* ---- idle tasks at the very top ---- */

static void begin_idle(const char *start)
{
	c = other_cpu(m, 1, other_idle(m, 1));
	c.sp = syn_stack(m, c.task) + m->thread_size;
	c.bp = 0;
	c.function = start;
	rv_call(&c, 0x9c, "start_kernel");
	rv_call(&c, 0x90, "do_idle");
}

START_TEST(idle_at_the_top)
{
	static const char *const start[] = { "_start_kernel", "clear_bss_done",
					     "secondary_start_common",
					     "secondary_start_sbi", "another" };
	char want[128];

	if (_i)
		syn_symbol(m, start[_i], syn_sym(m, "no_function") + 0x400);
	begin_idle(start[_i]);
	/* What lies above is another's, though it looks like registers of user mode. */
	syn_put64(m, syn_stack(m, c.task) + m->thread_size, RV_USER_PC);
	syn_put64(m, syn_stack(m, c.task) + m->thread_size + 8 * RV_STATUS, 0x20);
	snprintf(want, sizeof(want),
		 "<TASK> do_idle+0x40/regs! start_kernel+0x90/fp %s+0x9c/fp end idle",
		 start[_i]);
	expect_kind(_i < 4 ? want : NULL, _i < 4 ? STK_CERTAIN : STK_BROKEN);
	if (_i)
		return;
	interrupt();
	expect_kind(
		"<TASK> timer_fn+0x40/regs! " HANDLER
		"do_idle+0x40/fp! start_kernel+0x90/fp _start_kernel+0x9c/fp end idle",
		STK_CERTAIN);
}
END_TEST

START_TEST(damaged_idle)
{
	const char *truth = "<TASK> do_idle+0x40/regs! start_kernel+0x90/fp "
			    "_start_kernel+0x9c/fp end idle";
	const uint64_t top = syn_stack(m, other_idle(m, 1)) + m->thread_size;

	begin_idle("_start_kernel");
	syn_open(m);
	ck_assert(!other_is_wrong(truth));
	for (uint64_t at = c.sp; at < top; at += 8)
		other_damage_word(at, truth);
}
END_TEST

/* That word is in the hole above the user's registers of any other task. */
START_TEST(no_idle_task)
{
	struct stk_stack stack;

	rv_syscall(&c);
	syn_put64(m, syn_stack(m, sh) + m->thread_size - 8,
		  syn_sym(m, "_start_kernel") + 0x9c);
	syn_open(m);
	ck_assert_int_eq(stk_find_stack(m->s, syn_stack(m, sh), &stack), STK_OK);
	ck_assert_uint_eq(riscv_user_regs_at(m->s, &stack), rv_user_regs(m, sh));
	ck_assert_uint_eq(riscv_stack_top(m->s, &stack), rv_user_regs(m, sh));
}
END_TEST

/* ---- which CPU a task is on ---- */

/* The entry code swaps its own: only of those that run it is right. */
START_TEST(cpu_of_a_task)
{
	struct stk_task task;

	syn_put32(m, sh + 32, 0);
	if (_i) {
		syn_member(m, "task_struct.cpu", 96, 4);
		for (unsigned int cpu = 0; cpu < OTHER_NR_CPUS; cpu++)
			syn_put32(m, other_idle(m, cpu) + 96, cpu);
		syn_put32(m, sh + 96, 1);
	}
	syn_open(m);
	ck_assert_int_eq(stk_task_read(m->s, sh, &task), STK_OK);
	ck_assert_int_eq(task.cpu, _i);
}
END_TEST

static const struct unit_test made_tests[] = {
	TEST(chains),
	LOOP(not_blank, 9),
	TEST(not_at_the_top),
	TEST(called_above_blank),
	TEST(damaged_words),
	TEST(where_it_jumps),
	LOOP(ra_changes, 13),
	TEST(short_jump),
	{ 0 },
};

static const struct unit_test top_tests[] = {
	LOOP(idle_at_the_top, 5),
	TEST(damaged_idle),
	TEST(no_idle_task),
	LOOP(cpu_of_a_task, 2),
	{ 0 },
};

const struct unit_suite suite_riscv64_made = {
	"riscv64_made",
	{
		{ "made", made_tests, setup, NULL },
		{ "top", top_tests, setup, NULL },
	},
};
