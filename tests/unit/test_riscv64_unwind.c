/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves riscv64's steps in each mode of its page tables: over every stack, to every end,
 * out of functions that keep s0 alone, or nothing, and out of the entry code; and that no
 * damaged word gives a wrong chain that looks certain.
 */
#include "fixture.h"
#include "other_expect.h"
#include "riscv64.h"
#include "suite.h"

#include "arch/arch.h"
#include "base/context.h"
#include "machine/memory.h"

#include <stdio.h>
#include <string.h>

static void setup(void)
{
	fixture_task_of(rv_kernel(RV_SV57));
}

static void setup_mode(int mode)
{
	fixture_task_of(rv_kernel((enum riscv_mode_id)mode));
}

#define SYSCALL                                                                          \
	"vfs_write+0x90/fp __riscv_sys_write+0x50/fp do_trap_ecall_u+0x70/fp "           \
	"handle_exception+0x14a/fp end user"
#define IRQ                                                                              \
	"hrtimer_interrupt+0xa0/fp handle_riscv_irq+0x80/fp =fp= <TASK> "                \
	"call_on_irq_stack+0x52/fp do_irq+0x38/fp handle_exception+0x128/fp "
#define THREAD                                                                           \
	"worker_thread+0x40/fp! kthread+0x70/fp ret_from_fork+0x14/fp end thread_start"

static void expect_kind(const char *want, enum stk_confidence confidence)
{
	struct stk_chain *chain = unwind_cpu_1();

	ck_assert_str_eq(syn_chain_text(chain), want);
	ck_assert_msg(chain->confidence == confidence, "%s", chain->confidence_why);
	stk_chain_free(m->s, chain);
}

static void expect_certain(const char *want)
{
	expect_kind(want, STK_CERTAIN);
}

static void expect_doubtful(const char *want)
{
	expect_kind(want, STK_DOUBTFUL);
}

/* ---- stacks and ends ---- */

START_TEST(task_in_a_syscall)
{
	struct stk_start start;
	struct stk_chain *chain;

	setup_mode(_i);
	rv_syscall(&c);
	expect_certain("<TASK> task_spin+0x40/regs! " SYSCALL);
	start = syn_start(&c);
	ck_assert_int_eq(stk_unwind(m->s, &start, &chain), STK_OK);
	ck_assert_uint_eq(stk_regs_ip(m->s, chain->user), RV_USER_PC);
	ck_assert_uint_eq(chain->user_at, rv_user_regs(m, sh));
	for (size_t i = 1; i < chain->segments->nr_frames; i++)
		ck_assert_uint_eq(syn_get64(m, chain->segments->frames[i].slot),
				  chain->segments->frames[i].ip);
	stk_chain_free(m->s, chain);
}
END_TEST

/* Its stack pointer is not where the frame record has it: what that leads to is in doubt.
 */
START_TEST(record_elsewhere)
{
	struct stk_chain *chain;

	rv_syscall(&c);
	c.sp += _i ? 16 : -16;
	chain = unwind_cpu_1();
	ck_assert_int_eq(chain->confidence, STK_DOUBTFUL);
	ck_assert_int_eq(chain->segments->frames[1].doubt, STK_DOUBT_METHOD);
	ck_assert_str_eq(chain->segments->frames[1].note,
			 "its frame record is not where the code of this function and of "
			 "the one that it called puts it");
	stk_chain_free(m->s, chain);
}
END_TEST

/* The last s0 is what the thread runs, or the firmware's. */
START_TEST(starts)
{
	rv_kthread(&c);
	expect_certain("<TASK> worker_thread+0x40/regs! kthread+0x70/fp "
		       "ret_from_fork+0x14/fp end thread_start");
	setup();
	c = other_cpu(m, 1, other_idle(m, 1));
	rv_idle(&c);
	expect_certain("<TASK> do_idle+0x40/regs! start_kernel+0x90/fp "
		       "_start_kernel+0x9c/fp end idle");
}
END_TEST

START_TEST(interrupt)
{
	setup_mode(_i);
	rv_syscall(&c);
	rv_irq(&c);
	expect_certain("<IRQ> timer_fn+0x40/regs! " IRQ "task_spin+0x40/fp! " SYSCALL);
}
END_TEST

/* On the IRQ stack there is no switch; a fault on top of that. */
START_TEST(nested)
{
	rv_kthread(&c);
	rv_irq(&c);
	rv_irq(&c);
	rv_fault(&c);
	expect_certain(
		"<IRQ> panic+0x40/regs! do_page_fault+0x60/fp "
		"handle_exception+0x14a/fp timer_fn+0x40/fp! "
		"hrtimer_interrupt+0xa0/fp handle_riscv_irq+0x80/fp do_irq+0x52/fp "
		"handle_exception+0x128/fp timer_fn+0x40/fp! " IRQ THREAD);
}
END_TEST

#define OVERFLOW "<OVERFLOW> panic+0x40/regs! handle_bad_stack+0x50/fp =regs= "

START_TEST(overflow)
{
	rv_syscall(&c);
	if (_i)
		rv_irq(&c);
	rv_overflow(&c);
	expect_certain(_i ? OVERFLOW "<IRQ> timer_fn+0x40/fp! " IRQ
				     "task_spin+0x40/fp! " SYSCALL
			  : OVERFLOW "<TASK> task_spin+0x40/fp! " SYSCALL);
}
END_TEST

/* The hardware's event left no more than its registers: nothing was called yet. */
START_TEST(overflow_begins)
{
	rv_syscall(&c);
	rv_overflow(&c);
	c.ip = syn_sym(m, "handle_bad_stack");
	c.sp = other_percpu(m, "overflow_stack", 1) + 4096 - RV_REGS_SIZE;
	c.bp = syn_get64(m, c.sp + 8 * RV_S0);
	c.lr = syn_get64(m, c.sp + 8 * RV_RA);
	expect_certain("<OVERFLOW> handle_bad_stack+0x0/regs! =regs= <TASK> "
		       "task_spin+0x40/fp! " SYSCALL);
}
END_TEST

/*
 * An event on the overflow stack begins at its top: what had overflowed is in the log,
 * and is certain from where memory proves it.
 */
static char stack_line[80], regs_line[4][120];

static void print_overflow(uint64_t pc, uint64_t sp, uint64_t s0)
{
	const uint64_t begin = other_percpu(m, "overflow_stack", 1);
	const char *lines[] = { "Insufficient stack space to handle exception!",
				stack_line,
				"epc : task_spin+0x40/0x100",
				" ra : vfs_write+0x90/0x100",
				regs_line[0],
				regs_line[1],
				regs_line[2],
				"Kernel panic - not syncing: Kernel stack overflow",
				regs_line[3],
				NULL };

	snprintf(stack_line, sizeof(stack_line), "Overflow stack: [0x%016llx..0x%016llx]",
		 (unsigned long long)begin, (unsigned long long)begin + 4096);
	snprintf(regs_line[0], sizeof(regs_line[0]),
		 "epc : %016llx ra : %016llx sp : %016llx", (unsigned long long)pc,
		 (unsigned long long)syn_sym(m, "vfs_write") + 0x90,
		 (unsigned long long)sp);
	snprintf(regs_line[1], sizeof(regs_line[1]),
		 " t1 : %016llx t2 : %016llx s0 : %016llx", 1ull, 2ull,
		 (unsigned long long)s0);
	snprintf(regs_line[2], sizeof(regs_line[2]),
		 "status: %016llx badaddr: %016llx cause: %016llx", 0x120ull, 0ull,
		 15ull);
	/* Of something else. */
	snprintf(regs_line[3], sizeof(regs_line[3]),
		 "epc : %016llx ra : %016llx sp : %016llx", 1ull, 2ull, 3ull);
	other_log(m, lines);
}

#define AGAIN "<OVERFLOW> panic+0x40/regs! handle_bad_stack+0x50/fp =log= "
#define FROM_LOG                                                                         \
	"task_spin+0x40/log!? vfs_write+0x90/fp __riscv_sys_write+0x50/fp "              \
	"do_trap_ecall_u+0x70/fp handle_exception+0x14a/fp end user"

START_TEST(overflow_stack_used_again)
{
	struct stk_chain *chain;
	uint64_t pc, sp, s0;

	rv_syscall(&c);
	pc = c.ip;
	sp = c.sp;
	s0 = c.bp;
	rv_overflow(&c);
	rv_overflow(&c);
	if (_i < 2)
		print_overflow(pc, sp, s0);
	if (_i == 1) {
		c.ip = syn_sym(m, "handle_bad_stack");
		c.sp = other_percpu(m, "overflow_stack", 1) + 4096 - RV_REGS_SIZE;
		c.bp = syn_get64(m, c.sp + 8 * RV_S0);
		c.lr = syn_get64(m, c.sp + 8 * RV_RA);
	}
	if (_i == 2) {
		/* That of another CPU, or nothing at all. */
		other_log(
			m,
			(const char *const[]){
				"Overflow stack: [0xff60000000000070..0xff60000000001070]",
				regs_line[0], NULL });
	}
	if (_i == 3)
		print_overflow(pc, c.sp, s0);
	chain = unwind_cpu_1();
	if (_i >= 2) {
		ck_assert_int_eq(chain->confidence, STK_BROKEN);
		stk_chain_free(m->s, chain);
		return;
	}
	ck_assert_int_eq(chain->confidence, STK_DOUBTFUL);
	ck_assert_str_eq(
		syn_chain_text(chain),
		_i ? "<OVERFLOW> handle_bad_stack+0x0/regs! =log= <TASK> " FROM_LOG
		   : AGAIN "<TASK> " FROM_LOG);
	ck_assert_str_eq(chain->segments->next->frames[0].note,
			 "by the registers in the log: an event came on the overflow "
			 "stack and used it from its start, so what had been saved there "
			 "is lost");
	stk_chain_free(m->s, chain);
}
END_TEST

START_TEST(sleeping)
{
	struct stk_task task;
	struct stk_start start;

	rv_syscall(&c);
	rv_sleep(&c);
	syn_open(m);
	ck_assert_int_eq(stk_task_read(m->s, sh, &task), STK_OK);
	ck_assert_uint_eq(task.sp, c.sp);
	ck_assert_int_eq(stk_start_task(m->s, &task, &start), STK_OK);
	ck_assert_ptr_null(start.doubt);
	syn_expect(
		m->s, &start,
		"<TASK> __schedule+0x90/regs schedule+0x50/fp task_spin+0xa0/fp " SYSCALL);
}
END_TEST

/* It has not run yet: all it has is what copy_thread() made. */
START_TEST(new_thread)
{
	uint64_t at = sh + syn_off(m, "task_struct.thread");
	struct stk_task task;
	struct stk_start start;

	syn_fill(m, rv_user_regs(m, sh), RV_REGS_SIZE, 0);
	syn_put64(m, at, syn_sym(m, "ret_from_fork"));
	syn_put64(m, at + 8, rv_user_regs(m, sh));
	syn_put64(m, at + 16, syn_sym(m, "worker_thread"));
	other_set_current(m, 1, other_idle(m, 1));
	syn_open(m);
	ck_assert_int_eq(stk_task_read(m->s, sh, &task), STK_OK);
	ck_assert_int_eq(stk_start_task(m->s, &task, &start), STK_OK);
	syn_expect(m->s, &start, "<TASK> ret_from_fork+0x0/regs! end thread_start");
}
END_TEST

/* ---- functions without a record ---- */

/* ra alone has the caller of a leaf, whether or not it keeps s0. */
START_TEST(leaf)
{
	static const char *const name[] = { "leaf_fn", "old_leaf_fn" };
	char want[1000];

	rv_syscall(&c);
	rv_call(&c, 0x80, name[_i]);
	snprintf(want, sizeof(want), "<TASK> %s+0x40/regs! task_spin+0x80/regs " SYSCALL,
		 name[_i]);
	expect_certain(want);
	rv_irq(&c);
	rv_call(&c, 0x80, name[_i]);
	rv_fault(&c);
	snprintf(want, sizeof(want),
		 "<IRQ> panic+0x40/regs! do_page_fault+0x60/fp handle_exception+0x14a/fp "
		 "%s+0x40/fp! timer_fn+0x80/regs " IRQ
		 "%s+0x40/fp! task_spin+0x80/regs " SYSCALL,
		 name[_i], name[_i]);
	expect_certain(want);
}
END_TEST

/* As far as a prologue has come, and an epilogue. */
START_TEST(beginning_and_end)
{
	static const struct {
		const char *callee;
		unsigned int at, below;
		bool fp, saved; /* s0 is the function's own; both words are saved */
	} row[] = {
		{ "timer_fn", 0, 0, false, false },
		{ "timer_fn", 4, 32, false, false },
		{ "timer_fn", 8, 32, false, false },
		{ "timer_fn", 12, 32, false, true },
		{ "timer_fn", 16, 32, true, true },
		{ "timer_fn", 0xf0, 32, true, true },
		{ "timer_fn", 0xf4, 32, true, true },
		{ "timer_fn", 0xf8, 32, false, true },
		{ "timer_fn", 0xfc, 0, false, true },
		{ "old_leaf_fn", 4, 16, false, false },
		{ "old_leaf_fn", 8, 16, false, true },
		{ "old_leaf_fn", 12, 16, true, true },
		{ "old_leaf_fn", 0xf8, 16, false, true },
		{ "old_leaf_fn", 0xfc, 0, false, true },
	};
	uint64_t fp, sp;
	char want[1000];

	rv_syscall(&c);
	fp = c.bp;
	sp = c.sp;
	rv_call(&c, 0x80, row[_i].callee);
	c.ip = syn_sym(m, row[_i].callee) + row[_i].at;
	c.sp = sp - row[_i].below;
	if (!row[_i].saved) {
		syn_put64(m, sp - 16, 0x2222);
		if (row[_i].at != 8)
			syn_put64(m, sp - 8, 0x2222);
	}
	if (!row[_i].fp)
		c.bp = fp;
	snprintf(want, sizeof(want), "<TASK> %s+0x%x/regs! task_spin+0x80/%s " SYSCALL,
		 row[_i].callee, row[_i].at,
		 row[_i].fp && row[_i].at < 0xf4 && row[_i].callee[0] == 't' ? "fp"
									     : "regs");
	expect_certain(want);
}
END_TEST

/* A call through a pointer that is none: the kernel prints no trace at all. */
START_TEST(call_of_nothing)
{
	uint64_t at;

	rv_syscall(&c);
	c.lr = syn_sym(m, "task_spin") + 0x80;
	syn_put32(m, c.lr - 4, 0x000780e7); /* jalr a5 */
	c.ip = 0;
	at = rv_exception(&c, 12);
	syn_put64(m, at + 8 * 15, _i ? 0x7708 : 0); /* a5 */
	rv_call_pointer(&c, 0x14a, "do_page_fault");
	if (!_i)
		expect_certain(
			"<TASK> do_page_fault+0x40/regs! handle_exception+0x14a/fp "
			"0x0/fp! task_spin+0x80/regs " SYSCALL);
	else /* what the call there was of is something else */
		expect_doubtful(
			"<TASK> do_page_fault+0x40/regs! handle_exception+0x14a/fp "
			"0x0/fp! task_spin+0x80/regs? " SYSCALL);
}
END_TEST

/* The same, and ra is damaged: what called it is lost. */
START_TEST(call_of_nothing_lost)
{
	rv_syscall(&c);
	c.lr = _i ? 0x1234 : RV_TEXT + 0xf000;
	c.ip = 0;
	rv_exception(&c, _i ? 0 : 12);
	rv_call_pointer(&c, 0x14a, "do_page_fault");
	rv_call(&c, 0x60, "panic");
	expect_doubtful("<TASK> panic+0x40/regs! do_page_fault+0x60/fp "
			"handle_exception+0x14a/fp 0x0/fp! vfs_write+0x90/fp? "
			"__riscv_sys_write+0x50/fp do_trap_ecall_u+0x70/fp "
			"handle_exception+0x14a/fp end user");
}
END_TEST

/* What needs an instruction, and what is about the fetching of one. */
START_TEST(came_in_at_no_code)
{
	static const uint64_t cause[] = { 5 | 1ull << 63, 2, 3, 13, 15, 0, 1, 12, 10 };
	const bool fetching = _i >= 5 && _i < 8;
	struct stk_chain *chain;
	const struct stk_frame *f;

	rv_syscall(&c);
	c.lr = syn_sym(m, "task_spin") + 0x80;
	syn_put32(m, c.lr - 4, 0x000780e7); /* jalr a5 */
	c.ip = 0;
	rv_exception(&c, cause[_i]);
	rv_call_pointer(&c, 0x14a, "do_page_fault");
	chain = unwind_cpu_1();
	f = &chain->segments->frames[2];
	ck_assert(f->interrupted && !f->ip);
	ck_assert_int_eq(f->reliable, fetching);
	ck_assert_int_eq(f->doubt, fetching ? STK_DOUBT_NONE : STK_DOUBT_REGS);
	if (!fetching)
		ck_assert_str_eq(f->note,
				 "the saved registers cannot be those of such a context: "
				 "an event came in where there is no code");
	stk_chain_free(m->s, chain);
}
END_TEST

/* ---- the entry code ---- */

START_TEST(at_the_vector)
{
	rv_syscall(&c);
	c.ip = syn_sym(m, "handle_exception") + (_i & 1 ? 0x14 : 0);
	switch (_i / 2) {
	case 0: /* in task_spin(), before its first call */
		c.lr = syn_sym(m, "vfs_write") + 0x90;
		break;
	case 1: /* in what task_spin() called */
		c.lr = rv_call_insn(m, "task_spin", 0x80, "leaf_fn");
		break;
	default: /* ra is used for something else */
		c.lr = 0x1234;
	}
	expect_doubtful(_i / 2 == 1 ? _i & 1 ? "<TASK> handle_exception+0x14/regs! "
					       "task_spin+0x80/fp? " SYSCALL
					     : "<TASK> handle_exception+0x0/regs! "
					       "task_spin+0x80/fp? " SYSCALL
			: _i & 1    ? "<TASK> handle_exception+0x14/regs! "
				      "vfs_write+0x90/fp? __riscv_sys_write+0x50/fp "
				      "do_trap_ecall_u+0x70/fp handle_exception+0x14a/fp "
				      "end user"
				 : "<TASK> handle_exception+0x0/regs! vfs_write+0x90/fp? "
				   "__riscv_sys_write+0x50/fp do_trap_ecall_u+0x70/fp "
				   "handle_exception+0x14a/fp end user");
}
END_TEST

/* sp, s0 and tp are the user's. */
START_TEST(at_the_vector_from_user)
{
	struct stk_chain *chain;
	struct stk_start start;
	struct stk *s;

	syn_note(m, STK_NOTE_PRSTATUS, 1);
	c.ip = syn_sym(m, "handle_exception") + (_i ? 4 : 0);
	c.sp = RV_USER_SP;
	c.bp = 0x00000000deadbf00ull;
	c.lr = RV_USER_PC;
	rv_note(&c);
	m->note[1].gpr[RV_TP] = 0x16e1b760;
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_uint_eq(start.task.addr, sh);
	ck_assert_ptr_nonnull(start.entry);
	ck_assert_str_eq(start.entry->stack, "user");
	ck_assert(s->arch->on_user_stack(s, &start.regs));
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert_str_eq(chain->end_text, "user mode (where is in no register)");
	stk_chain_free(s, chain);
	expect_certain(_i ? "<UNKNOWN> handle_exception+0x4/regs! end user"
			  : "<UNKNOWN> handle_exception+0x0/regs! end user");
}
END_TEST

/* ---- tracers ---- */

/* Both know the call by the s0 that the replaced record has. */
START_TEST(replaced)
{
	static const char *const name[] = { "arch_rethook_trampoline",
					    "return_to_handler" };
	const uint64_t node = m->direct + syn_alloc(m, 1);
	struct stk_chain *chain;
	uint64_t real, key;

	syn_symbol(m, name[_i], syn_sym(m, "last_function"));
	syn_no_symbol(m, "last_function");
	rv_syscall(&c);
	real = syn_sym(m, "vfs_write") + 0x90;
	key = syn_get64(m, c.bp - 16);
	syn_put64(m, c.bp - 8, syn_sym(m, name[_i]));
	if (_i) {
		syn_member(m, "task_struct.ret_stack", 3000, 8);
		syn_member(m, "task_struct.curr_ret_stack", 2992, 4);
		syn_member(m, "ftrace_ret_stack.ret", 0, 8);
		syn_member(m, "ftrace_ret_stack.fp", 24, 8);
		syn_member(m, "ftrace_ret_stack.retp", 32, 8);
		syn_size(m, "ftrace_ret_stack", 40);
		syn_put64(m, sh + 3000, node);
		syn_put32(m, sh + 2992, 6);
		syn_put64(m, node, real);
		syn_put64(m, node + 24, key);
		syn_put64(m, node + 32, key + 0x40); /* a slot that is used again */
		syn_put64(m, node + 40, 0x1405);
	} else {
		syn_member(m, "task_struct.rethooks", 3000, 8);
		syn_member(m, "rethook_node.llist", 16, 8);
		syn_member(m, "rethook_node.ret_addr", 32, 8);
		syn_member(m, "rethook_node.frame", 40, 8);
		syn_put64(m, sh + 3000, node + 16);
		syn_put64(m, node + 16, 0);
		syn_put64(m, node + 32, real);
		syn_put64(m, node + 40, key);
	}
	expect_certain("<TASK> task_spin+0x40/regs! " SYSCALL);
	/* Of another call: the real one is lost. */
	syn_put64(m, node + (_i ? 24 : 40), c.bp);
	chain = unwind_cpu_1();
	ck_assert_uint_eq(chain->segments->frames[1].ip, syn_sym(m, name[_i]));
	ck_assert(!chain->segments->frames[1].reliable);
	stk_chain_free(m->s, chain);
}
END_TEST

/* ---- damage ---- */

/* Each word of each stack; only the interrupted pc has no other word that tells it. */
START_TEST(damaged_words)
{
	char truth[4096];
	uint64_t pc;

	rv_call_insn(m, "last_function", 0x60, "vfs_write");
	rv_syscall(&c);
	rv_call(&c, 0x80, _i ? "old_leaf_fn" : "leaf_fn");
	pc = c.sp - RV_REGS_SIZE;
	rv_irq(&c);
	syn_open(m);
	snprintf(truth, sizeof(truth),
		 "<IRQ> timer_fn+0x40/regs! " IRQ
		 "%s+0x40/fp! task_spin+0x80/regs " SYSCALL,
		 _i ? "old_leaf_fn" : "leaf_fn");
	ck_assert(!other_is_wrong(truth));
	for (uint64_t at = c.sp; at < other_irq_stack(m, "irq_stack_ptr", 1) + 0x4000;
	     at += 8)
		other_damage_word(at, truth);
	for (uint64_t at = syn_stack(m, sh) + 0x4000 - 0x480;
	     at < syn_stack(m, sh) + 0x4000; at += 8)
		if (at != pc)
			other_damage_word(at, truth);
}
END_TEST

/* The registers that the chain begins with. */
START_TEST(damaged_start)
{
	char truth[4096];
	uint64_t *const reg[] = { &c.bp, &c.lr, &c.sp };

	rv_syscall(&c);
	rv_irq(&c);
	rv_call(&c, 0x80, _i ? "old_leaf_fn" : "leaf_fn");
	syn_open(m);
	snprintf(truth, sizeof(truth),
		 "<IRQ> %s+0x40/regs! timer_fn+0x80/regs " IRQ
		 "task_spin+0x40/fp! " SYSCALL,
		 _i ? "old_leaf_fn" : "leaf_fn");
	ck_assert(!other_is_wrong(truth));
	for (size_t r = 0; r < 3; r++) {
		const uint64_t good = *reg[r];
		const uint64_t bad[] = {
			0,
			1,
			good + 16,
			good - 16,
			0xdeadbeef00000000ull,
			RV_USER_PC,
			syn_sym(m, "vfs_write") + 0x90,
		};

		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			*reg[r] = bad[i];
			ck_assert_msg(!other_is_wrong(truth), "%zu: %llx: %s", r,
				      (unsigned long long)bad[i],
				      syn_chain_text(unwind_cpu_1()));
		}
		*reg[r] = good;
	}
}
END_TEST

/* What garbage is made of: some of it addresses that are. */
static uint64_t garbage_word(uint64_t *state, uint64_t top)
{
	const uint64_t word = other_random(state);

	switch (word >> 61) {
	case 0:
	case 1:
		return top - (word & 0x7f8);
	case 2:
		return RV_TEXT + (word & 0xfffe);
	case 3:
		return other_irq_stack(m, "irq_stack_ptr", 1) + (word & 0x3ff8);
	default:
		return word;
	}
}

/* No crash, no loop. */
START_TEST(garbage)
{
	uint64_t state = 0x1234567 + (uint64_t)_i;
	const uint64_t top = syn_stack(m, sh) + 0x4000;

	rv_syscall(&c);
	syn_open(m);
	for (int round = 0; round < 40; round++) {
		struct stk_start start;
		struct stk_chain *chain;

		for (uint64_t at = top - 0x800; at < top; at += 8)
			syn_put64(m, at, garbage_word(&state, top));
		c.bp = top - 0x800 + (other_random(&state) & 0x7f8);
		c.sp = top - 0x800 + (other_random(&state) & 0x7f0);
		c.lr = RV_TEXT + (other_random(&state) & 0xfffe);
		c.ip = RV_TEXT + (other_random(&state) & 0xfffe);
		start = syn_start(&c);
		stk_forget_memory(m->s);
		ck_assert_int_eq(stk_unwind(m->s, &start, &chain), STK_OK);
		ck_assert_uint_lt(chain->nr_frames, 1000);
		stk_chain_free(m->s, chain);
	}
}
END_TEST

static const struct unit_test chain_tests[] = {
	LOOP(task_in_a_syscall, RV_NR_MODES),
	TEST(starts),
	LOOP(record_elsewhere, 2),
	LOOP(interrupt, RV_NR_MODES),
	TEST(nested),
	LOOP(overflow, 2),
	TEST(overflow_begins),
	LOOP(overflow_stack_used_again, 4),
	TEST(sleeping),
	TEST(new_thread),
	{ 0 },
};

static const struct unit_test edge_tests[] = {
	LOOP(leaf, 2),
	LOOP(beginning_and_end, 14),
	LOOP(call_of_nothing, 2),
	LOOP(at_the_vector, 6),
	LOOP(call_of_nothing_lost, 2),
	LOOP(came_in_at_no_code, 9),
	LOOP(at_the_vector_from_user, 2),
	LOOP(replaced, 2),
	{ 0 },
};

static const struct unit_test damage_tests[] = {
	LOOP(damaged_words, 2),
	LOOP(damaged_start, 2),
	LOOP(garbage, 4),
	{ 0 },
};

const struct unit_suite suite_riscv64_unwind = {
	"riscv64_unwind",
	{
		{ "chains", chain_tests, setup, NULL },
		{ "edges", edge_tests, setup, NULL },
		{ "damage", damage_tests, setup, NULL },
	},
};
