/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves arm64's steps in kernels of three eras, with pages of three sizes: over every
 * stack, to every end, out of functions without a frame and out of the entry code; and
 * that no damaged word gives a wrong chain that looks certain.
 */
#include "arm64.h"
#include "asked.h"
#include "fixture.h"
#include "other_expect.h"
#include "suite.h"

#include "arch/arm64/arm64.h"

#include "arch/arch.h"
#include "base/context.h"
#include "machine/memory.h"

#include <stackinfo/render.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NR_ERAS 3

static enum a64_era era;

static void open_kernel(enum arm64_shape_id id, enum a64_era of)
{
	fixture_task_of(a64_kernel(id, of));
}

static void setup(void)
{
	era = A64_6_12;
	open_kernel(A64_4K_48, era);
}

static void setup_era(int of)
{
	era = (enum a64_era)of;
	open_kernel(A64_4K_48, era);
}

/* What differs between the eras. */
static const struct {
	const char *syscall, *irq, *fault;
} rest[NR_ERAS] = {
	[A64_5_10] = { "el0_sync+0x80/fp end user", "el1_irq+0x90/fp",
		       "el1_sync+0x70/fp" },
	[A64_6_12] = { "el0t_64_sync+0x80/fp end user",
		       "call_on_irq_stack+0x30/fp do_interrupt_handler+0x50/fp "
		       "el1_interrupt+0x60/fp el1h_64_irq_handler+0x40/fp "
		       "el1h_64_irq+0x70/fp",
		       "el1h_64_sync+0x70/fp" },
	[A64_6_14] = { "el0t_64_sync+0x80/fp end user",
		       "call_on_irq_stack+0x30/fp do_interrupt_handler+0x50/fp "
		       "el1_interrupt+0x60/fp el1h_64_irq_handler+0x40/fp "
		       "el1h_64_irq+0x70/fp",
		       "el1h_64_sync+0x70/fp" },
};

/* In @want "{S}" is a system call's rest, "{I}" that of an interrupt, "{F}" a fault's. */
static const char *spelled(const char *want)
{
	static char text[4096];
	size_t n = 0;

	for (const char *p = want; *p; p++) {
		const char *part = p[0] != '{'	 ? NULL
				   : p[1] == 'S' ? rest[era].syscall
				   : p[1] == 'I' ? rest[era].irq
						 : rest[era].fault;

		if (part) {
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", part);
			p += 2;
		} else {
			text[n++] = *p;
		}
	}
	text[n] = '\0';
	return text;
}

#define SYSCALL                                                                          \
	"vfs_write+0x90/fp __arm64_sys_write+0x50/fp invoke_syscall+0x70/fp "            \
	"el0t_64_sync_handler+0x60/fp {S}"
#define IRQ "hrtimer_interrupt+0xa0/fp gic_handle_irq+0x80/fp =fp= <TASK> {I} "

static void expect_certain(const char *want)
{
	struct stk_chain *chain = unwind_cpu_1();

	ck_assert_str_eq(syn_chain_text(chain), spelled(want));
	ck_assert_msg(chain->confidence == STK_CERTAIN, "%s", chain->confidence_why);
	stk_chain_free(m->s, chain);
}

/* The same chain, but not without a mark. */
static void expect_doubtful(const char *want)
{
	struct stk_chain *chain = unwind_cpu_1();

	ck_assert_str_eq(syn_chain_text(chain), spelled(want));
	ck_assert_int_eq(chain->confidence, STK_DOUBTFUL);
	stk_chain_free(m->s, chain);
}

/* ---- stacks and ends ---- */

START_TEST(task_in_a_syscall)
{
	struct stk_start start;
	struct stk_chain *chain;

	setup_era(_i);
	a64_syscall(&c);
	expect_certain("<TASK> task_spin+0x40/regs! " SYSCALL);
	start = syn_start(&c);
	ck_assert_int_eq(stk_unwind(m->s, &start, &chain), STK_OK);
	ck_assert_uint_eq(stk_regs_ip(m->s, chain->user), A64_USER_PC);
	ck_assert_uint_eq(chain->user_at, a64_user_regs(m, sh));
	for (size_t i = 1; i < chain->segments->nr_frames; i++)
		ck_assert_uint_eq(syn_get64(m, chain->segments->frames[i].slot),
				  chain->segments->frames[i].ip);
	stk_chain_free(m->s, chain);
}
END_TEST

/* Up to 5.10 x29 is zero where a thread begins; then there is a last record. */
START_TEST(thread_start)
{
	setup_era(_i);
	a64_kthread(&c);
	expect_certain("<TASK> worker_thread+0x40/regs! kthread+0x70/fp "
		       "ret_from_fork+0x14/fp end thread_start");
}
END_TEST

START_TEST(idle_start)
{
	setup_era(_i);
	c = other_cpu(m, 1, other_idle(m, 1));
	a64_idle(&c);
	expect_certain("<TASK> do_idle+0x40/regs! start_kernel+0x90/fp "
		       "__primary_switched+0x80/fp end idle");
}
END_TEST

/* A record that leads nowhere ends no chain but where its stack begins. */
START_TEST(idle_start_cut)
{
	struct stk_chain *chain;

	setup_era(_i);
	c = other_cpu(m, 1, other_idle(m, 1));
	a64_idle(&c);
	a64_call(&c, 0x80, "schedule");
	syn_put64(m, c.bp, 0);
	chain = unwind_cpu_1();
	ck_assert_int_ne(chain->confidence, STK_CERTAIN);
	stk_chain_free(m->s, chain);
}
END_TEST

START_TEST(interrupt)
{
	setup_era(_i);
	a64_syscall(&c);
	a64_irq(&c);
	expect_certain("<IRQ> timer_fn+0x40/regs! " IRQ "task_spin+0x40/fp! " SYSCALL);
}
END_TEST

/* On the IRQ stack there is no switch; a fault on top of that. */
START_TEST(nested)
{
	setup_era(_i);
	a64_kthread(&c);
	a64_irq(&c);
	a64_irq(&c);
	a64_fault(&c);
	expect_certain(
		_i == A64_5_10
			? "<IRQ> panic+0x40/regs! do_mem_abort+0x60/fp "
			  "el1h_64_sync_handler+0x40/fp {F} timer_fn+0x40/fp! "
			  "hrtimer_interrupt+0xa0/fp gic_handle_irq+0x80/fp "
			  "el1_irq+0x90/fp timer_fn+0x40/fp! " IRQ
			  "worker_thread+0x40/fp! kthread+0x70/fp ret_from_fork+0x14/fp "
			  "end thread_start"
			: "<IRQ> panic+0x40/regs! do_mem_abort+0x60/fp "
			  "el1h_64_sync_handler+0x40/fp {F} timer_fn+0x40/fp! "
			  "hrtimer_interrupt+0xa0/fp gic_handle_irq+0x80/fp "
			  "do_interrupt_handler+0x30/fp el1_interrupt+0x60/fp "
			  "el1h_64_irq_handler+0x40/fp el1h_64_irq+0x70/fp "
			  "timer_fn+0x40/fp! " IRQ
			  "worker_thread+0x40/fp! kthread+0x70/fp ret_from_fork+0x14/fp "
			  "end thread_start");
}
END_TEST

#define OVERFLOW                                                                         \
	"<OVERFLOW> panic+0x40/regs! handle_bad_stack+0x50/fp __bad_stack+0x78/fp =regs= "

START_TEST(overflow)
{
	setup_era(_i % NR_ERAS);
	a64_syscall(&c);
	if (_i >= NR_ERAS)
		a64_irq(&c);
	a64_overflow(&c);
	expect_certain(_i < NR_ERAS ? OVERFLOW "<TASK> task_spin+0x40/fp! " SYSCALL
				    : OVERFLOW "<IRQ> timer_fn+0x40/fp! " IRQ
					       "task_spin+0x40/fp! " SYSCALL);
}
END_TEST

/* Pages of each size, and each number of bits, with and without signatures. */
START_TEST(shapes)
{
	static const enum arm64_shape_id of[] = {
		A64_4K_48,  A64_4K_48_OLD,    A64_4K_52,	A64_4K_52_ON_48,
		A64_16K_47, A64_16K_48,	      A64_16K_52,	A64_64K_48,
		A64_64K_52, A64_64K_52_ON_48, A64_16K_52_ON_47,
	};

	open_kernel(of[_i], era);
	ck_assert_uint_eq(syn_open(m)->arch->thread_size(m->s),
			  of[_i] >= A64_64K_42 ? 0x10000 : 0x4000);
	a64_sign(m);
	a64_syscall(&c);
	a64_irq(&c);
	expect_certain("<IRQ> timer_fn+0x40/regs! " IRQ "task_spin+0x40/fp! " SYSCALL);
	ck_assert_uint_ne(syn_get64(m, c.bp + 8), c.lr);
}
END_TEST

START_TEST(sleeping)
{
	struct stk_task task;
	struct stk_start start;

	setup_era(_i);
	a64_sign(m);
	a64_syscall(&c);
	a64_sleep(&c);
	syn_open(m);
	ck_assert_int_eq(stk_task_read(m->s, sh, &task), STK_OK);
	ck_assert_uint_eq(task.sp, c.sp);
	ck_assert_int_eq(stk_start_task(m->s, &task, &start), STK_OK);
	ck_assert_ptr_null(start.doubt);
	syn_expect(m->s, &start,
		   spelled("<TASK> __switch_to+0x60/regs __schedule+0x90/fp "
			   "schedule+0x50/fp task_spin+0xa0/fp " SYSCALL));
}
END_TEST

/* One of the words that cpu_switch_to() saved is not the one that goes with the others.
 */
START_TEST(sleeping_damaged)
{
	static const unsigned int word[] = { 80, 88, 96 }; /* fp, sp, pc */
	uint64_t at = sh + syn_off(m, "task_struct.thread") +
		      syn_off(m, "thread_struct.cpu_context") + word[_i];
	struct stk_task task;
	struct stk_start start;

	a64_syscall(&c);
	a64_sleep(&c);
	syn_put64(m, at, syn_get64(m, at) - 0x20);
	syn_open(m);
	ck_assert_int_eq(stk_task_read(m->s, sh, &task), STK_OK);
	ck_assert_int_eq(stk_start_task(m->s, &task, &start), STK_OK);
	ck_assert_ptr_nonnull(start.doubt);
}
END_TEST

/* Without a mapping of its own such a stack begins anywhere; with one it is aligned. */
START_TEST(stack_pointer_damaged)
{
	uint64_t pointer = other_percpu(m, "irq_stack_ptr", 1), begin;
	const struct stk_stack *stack;
	bool found = false;
	size_t nr;

	begin = syn_get64(m, pointer);
	syn_put64(m, pointer, begin + 0x400);
	if (_i)
		other_percpu_symbol(m, "irq_stack", 0x800);
	syn_open(m);
	ck_assert_int_eq(stk_cpu_stacks(m->s, 1, &stack, &nr), STK_OK);
	for (size_t i = 0; i < nr; i++)
		found |= stack[i].begin == begin + 0x400;
	ck_assert(found == _i);
}
END_TEST

/* It has not run yet: all it has is what copy_thread() made. */
START_TEST(new_thread)
{
	uint64_t at = sh + syn_off(m, "task_struct.thread") +
		      syn_off(m, "thread_struct.cpu_context");
	struct stk_task task;
	struct stk_start start;

	setup_era(_i);
	syn_fill(m, a64_user_regs(m, sh), A64_REGS_SIZE, 0);
	syn_put64(m, at + 80,
		  _i == A64_5_10 ? 0
				 : a64_user_regs(m, sh) + (_i == A64_6_14 ? 296 : 304));
	syn_put64(m, at + 88, a64_user_regs(m, sh));
	syn_put64(m, at + 96, syn_sym(m, "ret_from_fork"));
	other_set_current(m, 1, other_idle(m, 1));
	syn_open(m);
	ck_assert_int_eq(stk_task_read(m->s, sh, &task), STK_OK);
	ck_assert_int_eq(stk_start_task(m->s, &task, &start), STK_OK);
	syn_expect(m->s, &start, "<TASK> ret_from_fork+0x0/regs! end thread_start");
}
END_TEST

/* ---- functions without a record ---- */

/* The kernel's own trace loses task_spin(): x30 alone has it. */
START_TEST(leaf)
{
	setup_era(_i);
	a64_sign(m);
	a64_syscall(&c);
	a64_call(&c, 0x80, "leaf_fn");
	expect_certain("<TASK> leaf_fn+0x40/regs! task_spin+0x80/regs " SYSCALL);
	a64_irq(&c);
	a64_call(&c, 0x80, "leaf_fn");
	a64_fault(&c);
	expect_certain("<IRQ> panic+0x40/regs! do_mem_abort+0x60/fp "
		       "el1h_64_sync_handler+0x40/fp {F} leaf_fn+0x40/fp! "
		       "timer_fn+0x80/regs " IRQ
		       "leaf_fn+0x40/fp! task_spin+0x80/regs " SYSCALL);
}
END_TEST

/*
 * Before the function has its record, and after it has none any more; in between x30 is
 * stale, whatever it says.
 */
START_TEST(beginning_and_end)
{
	static const struct {
		const char *callee;
		unsigned int at;
		bool record;
		unsigned int below; /* of the frame, at that time */
	} row[] = {
		{ "timer_fn", 0, false, 0 },
		{ "timer_fn", 4, false, 32 },
		{ "timer_fn", 8, true, 32 },
		{ "timer_fn", 0xf8, true, 32 },
		{ "timer_fn", 0xfc, false, 0 },
		{ "hrtimer_interrupt", 4, false, 128 },
		{ "hrtimer_interrupt", 8, false, 128 },
		{ "hrtimer_interrupt", 12, true, 128 },
		{ "hrtimer_interrupt", 0xf8, false, 128 },
	};
	uint64_t fp;
	char want[1000];

	a64_syscall(&c);
	fp = c.bp;
	a64_call(&c, 0x80, row[_i].callee);
	c.ip = syn_sym(m, row[_i].callee) + row[_i].at;
	if (!row[_i].record) {
		c.sp = fp - row[_i].below;
		c.bp = fp;
	} else {
		/* Of the last call that it made. */
		c.lr = a64_call_insn(m, row[_i].callee, 0x60, "last_function");
	}
	snprintf(want, sizeof(want), "<TASK> %s+0x%x/regs! task_spin+0x80/%s " SYSCALL,
		 row[_i].callee, row[_i].at, row[_i].record ? "fp" : "regs");
	expect_certain(want);
}
END_TEST

/* A call through a pointer that is none: pc is 0, and so is the record's. */
START_TEST(call_of_nothing)
{
	uint64_t at;

	setup_era(_i % NR_ERAS);
	a64_syscall(&c);
	c.lr = syn_sym(m, "task_spin") + 0x80;
	syn_put32(m, c.lr - 4, 0xd63f0100); /* blr x8 */
	c.ip = 0;
	at = a64_exception(&c, "el1h_64_sync");
	syn_put64(m, at + 8 * 8, _i < NR_ERAS ? 0 : 0x7708);
	a64_call(&c, 0x70, "el1h_64_sync_handler");
	a64_call(&c, 0x40, "do_mem_abort");
	if (_i < NR_ERAS)
		expect_certain("<TASK> do_mem_abort+0x40/regs! "
			       "el1h_64_sync_handler+0x40/fp {F} 0x0/fp! "
			       "task_spin+0x80/regs " SYSCALL);
	else /* x8 says that the call there was of something else */
		expect_doubtful("<TASK> do_mem_abort+0x40/regs! "
				"el1h_64_sync_handler+0x40/fp {F} 0x0/fp! "
				"task_spin+0x80/regs? " SYSCALL);
}
END_TEST

/* The same, and x30 is damaged: what called it is lost. */
START_TEST(call_of_nothing_lost)
{
	a64_syscall(&c);
	c.lr = _i ? 0x1234 : A64_TEXT + 0xf000;
	c.ip = 0;
	a64_fault(&c);
	expect_doubtful("<TASK> panic+0x40/regs! do_mem_abort+0x60/fp "
			"el1h_64_sync_handler+0x40/fp {F} 0x0/fp! vfs_write+0x90/fp? "
			"__arm64_sys_write+0x50/fp invoke_syscall+0x70/fp "
			"el0t_64_sync_handler+0x60/fp {S}");
}
END_TEST

/* ---- the entry code ---- */

/* At the vector of an event from the kernel: x29 and x30 are those of before. */
START_TEST(at_the_vector)
{
	a64_syscall(&c);
	c.ip = syn_sym(m, "vectors") + 0x280;
	switch (_i) {
	case 0: /* in task_spin(), before its first call */
		c.lr = syn_sym(m, "vfs_write") + 0x90;
		expect_doubtful("<TASK> vectors+0x280/regs! vfs_write+0x90/fp? "
				"__arm64_sys_write+0x50/fp invoke_syscall+0x70/fp "
				"el0t_64_sync_handler+0x60/fp {S}");
		break;
	case 1: /* in what task_spin() called */
		c.lr = a64_call_insn(m, "task_spin", 0x80, "leaf_fn");
		expect_doubtful("<TASK> vectors+0x280/regs! task_spin+0x80/fp? " SYSCALL);
		break;
	default: /* x30 is used for something else */
		c.lr = 0x1234;
		expect_doubtful("<TASK> vectors+0x280/regs! vfs_write+0x90/fp? "
				"__arm64_sys_write+0x50/fp invoke_syscall+0x70/fp "
				"el0t_64_sync_handler+0x60/fp {S}");
	}
}
END_TEST

/* At one of an event from user mode the stack is empty, and x29 is the user's. */
START_TEST(at_the_vector_from_user)
{
	static const unsigned int slot[] = { 0x400, 0x480, 0x57c, 0x600, 0x680 };
	char want[200];

	c.ip = syn_sym(m, "vectors") + slot[_i];
	c.bp = 0x0000ffffdeadbf00ull;
	c.lr = A64_USER_PC;
	snprintf(want, sizeof(want), "<TASK> vectors+0x%x/regs! end user", slot[_i]);
	expect_certain(want);
	ck_assert(m->s->arch->on_user_stack(m->s, &(struct stk_regs){ .v[32] = c.ip }));
}
END_TEST

/* Of the trampoline's text the last byte is one, in the image and where it runs. */
START_TEST(ends_of_the_trampoline)
{
	const uint64_t at = a64_trampoline(m, 4), size = 3 * syn_page_size(m);
	struct stk *s = syn_open(m);
	uint64_t begin = syn_sym(m, "__entry_tramp_text_end") - size;

	ck_assert_uint_eq(arm64_tramp_text(s, begin), begin);
	ck_assert_uint_eq(arm64_tramp_text(s, begin + size - 1), begin + size - 1);
	ck_assert_uint_eq(arm64_tramp_text(s, begin + size), 0);
	ck_assert_uint_eq(arm64_tramp_text(s, begin - 1), 0);
	ck_assert_uint_eq(arm64_tramp_text(s, at), begin);
	ck_assert_uint_eq(arm64_tramp_text(s, at + size - 1), begin + size - 1);
	ck_assert_uint_eq(arm64_tramp_text(s, at + size), 0);
	/* What is lost later is a loss again. */
	ck_assert(!s->lost_excused);
}
END_TEST

/*
 * With page-table isolation user mode comes to another table first, which runs at an
 * address of its own. Nothing of the kernel's is on its stack.
 */
START_TEST(at_the_trampoline)
{
	static const struct {
		unsigned int nr, at;
		const char *want;
	} row[] = {
		{ 4, 0x480, "<TASK> tramp_vectors+0x480/regs! end user" },
		{ 4, 0x4a4, "<TASK> tramp_vectors+0x4a4/regs! end user" },
		{ 4, 0x1e00, "<TASK> tramp_vectors+0x1e00/regs! end user" },
		{ 1, 0x680, "<TASK> __entry_tramp_text_start+0x680/regs! end user" },
	};
	const uint64_t at = a64_trampoline(m, row[_i].nr);
	struct stk_start start;
	struct stk_saved saved;
	struct stk_name name;
	struct stk_place p;
	char want[80];

	c.ip = at + row[_i].at;
	c.bp = 0x0000ffffdeadbf00ull;
	c.lr = at + 0x420; /* BL within it has changed the user's */
	expect_certain(row[_i].want);
	stk_symbolize(m->s, c.ip, false, &name);
	ck_assert_ptr_nonnull(name.function);
	ck_assert_uint_eq(name.offset, row[_i].at);
	ck_assert_int_eq(stk_classify(m->s, c.ip, &p), STK_OK);
	ck_assert_str_eq(p.name.function, name.function);
	other_percpu_symbol(m, "this_cpu_vector", 0x128);
	syn_put64(m, other_percpu(m, "this_cpu_vector", 1), at);
	ask(syn_open(m), "entry -c 1");
	ck_assert_msg(strstr(asked.out, "+0, in the fixmap\n"), "%s", asked.out);
	asked_free();
	/* It is nobody's code in the direct map. */
	ck_assert_uint_eq(m->s->arch->code_alias(m->s, m->direct + A64_IMAGE + 0x170480),
			  0);
	ck_assert_uint_eq(m->s->arch->code_alias(m->s, syn_stack(m, sh) + 0x480), 0);
	syn_note(m, STK_NOTE_PRSTATUS, 1);
	a64_note(&c);
	saved = syn_saved(&m->note[1]);
	ck_assert_int_eq(stk_start_cpu(syn_open(m), 1, &start), STK_OK);
	ck_assert_ptr_null(start.doubt);
	snprintf(want, sizeof(want), "at the vector of an event from user mode (%s)",
		 _i == 1 || _i == 0 ? "interrupt"
		 : _i == 2	    ? "exception"
				    : "interrupt");
	ck_assert_msg(!strncmp(m->s->arch->entry_state(m->s, 1, &saved)->text, want,
			       strlen(want)),
		      "%s", m->s->arch->entry_state(m->s, 1, &saved)->text);
	expect_answers(__func__, _i);
}
END_TEST

/* On the way to user mode its registers are still where they were loaded from. */
START_TEST(leaving_by_the_trampoline)
{
	const uint64_t at = a64_trampoline(m, 4) + 0x2000;
	struct stk_start start;
	struct stk_chain *chain;

	a64_syscall(&c);
	c.ip = at + 8;
	c.bp = 0x0000ffffdeadbf00ull;
	c.sp = a64_user_regs(m, sh) + (_i ? A64_REGS_SIZE : 0);
	expect_certain("<TASK> tramp_exit+0x8/regs! end user");
	chain = unwind_cpu_1();
	ck_assert_uint_eq(stk_regs_ip(m->s, chain->user), A64_USER_PC);
	ck_assert_uint_eq(chain->user_at, a64_user_regs(m, sh));
	stk_chain_free(m->s, chain);
	syn_note(m, STK_NOTE_PRSTATUS, 1);
	a64_note(&c);
	ck_assert_int_eq(stk_start_cpu(syn_open(m), 1, &start), STK_OK);
	ck_assert_msg(!start.doubt, "%s", start.doubt);
	ck_assert_str_eq(start.entry->text,
			 "in the trampoline on the way to user mode, whose registers are "
			 "loaded");
}
END_TEST

/* Registers to load are at the end of a task's stack alone. */
START_TEST(leaving_on_another_stack)
{
	const uint64_t at = a64_trampoline(m, 4) + 0x2008;
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	struct stk_step out = { 0 };

	a64_syscall(&c);
	cur.stack.begin = other_irq_stack(m, "irq_stack_ptr", 1);
	cur.stack = (struct stk_stack){ .kind = ARM64_STACK(IRQ),
					.cpu = 1,
					.begin = cur.stack.begin,
					.end = cur.stack.begin + 0x4000,
					.mapped = true };
	arm64_set(&cur.regs, ARM64_PC, at);
	arm64_set(&cur.regs, ARM64_SP, cur.stack.end);
	cur.arena = &syn_open(m)->arena;
	ck_assert_int_eq(arm64_step_entry(m->s, &cur, &out), STK_STEP_OK);
	ck_assert(!out.reliable);
	ck_assert_uint_eq(out.regs_at, 0);
	ck_assert_int_eq(out.how, STK_HOW_REGS);
}
END_TEST

/* What the firmware calls there interrupts anything: that is not known to be user mode.
 */
START_TEST(firmware_at_the_trampoline)
{
	struct stk_chain *chain;

	a64_syscall(&c);
	c.ip = a64_trampoline(m, 4) + 0x2044;
	chain = unwind_cpu_1();
	ck_assert_int_ne(chain->confidence, STK_CERTAIN);
	ck_assert_str_eq(chain->segments->frames[0].name.function,
			 "__sdei_asm_entry_trampoline");
	stk_chain_free(m->s, chain);
}
END_TEST

/* While the registers are being saved x29 is still that of before; then it is not. */
START_TEST(within_the_entry_code)
{
	a64_syscall(&c);
	c.lr = a64_call_insn(m, "task_spin", 0x80, "leaf_fn");
	if (_i) {
		a64_exception(&c, "el1h_64_irq");
		c.ip = syn_sym(m, "el1h_64_irq") + 0x60;
		expect_certain(
			"<TASK> el1h_64_irq+0x60/regs! task_spin+0x40/fp! " SYSCALL);
		ck_assert(!m->s->arch->on_user_stack(
			m->s, &(struct stk_regs){ .v[32] = c.ip }));
	} else {
		c.sp -= A64_REGS_SIZE;
		c.ip = syn_sym(m, "el1h_64_irq") + 0x10;
		expect_doubtful(
			"<TASK> el1h_64_irq+0x10/regs! task_spin+0x80/fp? " SYSCALL);
	}
}
END_TEST

/* An interrupt needs an instruction; of an exception it is not known. */
START_TEST(came_in_at_no_code)
{
	const uint64_t ip[] = { 0, A64_TEXT + OTHER_DATA, 0xf,
				syn_sym(m, "task_spin") + 0x41 };
	struct stk_chain *chain;
	const struct stk_frame *f;

	a64_syscall(&c);
	c.ip = ip[_i / 2];
	a64_exception(&c, _i % 2 ? "el1h_64_irq" : "el1h_64_sync");
	a64_call(&c, 0x70, _i % 2 ? "el1h_64_irq_handler" : "el1h_64_sync_handler");
	chain = unwind_cpu_1();
	f = &chain->segments->frames[2];
	ck_assert(f->interrupted && f->ip == ip[_i / 2]);
	ck_assert_int_eq(f->doubt == STK_DOUBT_REGS, _i % 2);
	stk_chain_free(m->s, chain);
}
END_TEST

START_TEST(within_the_entry_code_from_user)
{
	a64_syscall(&c);
	c.sp = a64_user_regs(m, sh);
	c.ip = syn_sym(m, "el0t_64_sync") + 0x20;
	c.bp = 0;
	expect_doubtful("<TASK> el0t_64_sync+0x20/regs! end user");
}
END_TEST

/* ---- tracers ---- */

/* The kretprobe knows the call by the x29 that the replaced record has. */
START_TEST(kretprobe)
{
	const uint64_t node = m->direct + syn_alloc(m, 1);
	struct stk_chain *chain;
	uint64_t real;

	if (_i)
		a64_sign(m);
	syn_symbol(m, "__kretprobe_trampoline", syn_sym(m, "last_function"));
	syn_no_symbol(m, "last_function");
	syn_member(m, "task_struct.kretprobe_instances", 3000, 8);
	syn_member(m, "kretprobe_instance.llist", 16, 8);
	syn_member(m, "kretprobe_instance.ret_addr", 32, 8);
	syn_member(m, "kretprobe_instance.fp", 40, 8);
	a64_syscall(&c);
	real = syn_sym(m, "vfs_write") + 0x90;
	syn_put64(m, c.bp + 8, a64_signed(m, syn_sym(m, "__kretprobe_trampoline")));
	syn_put64(m, sh + 3000, node + 16);
	syn_put64(m, node + 16, 0);
	syn_put64(m, node + 32, real);
	syn_put64(m, node + 40, syn_get64(m, c.bp));
	expect_certain("<TASK> task_spin+0x40/regs! " SYSCALL);
	/* Of another call: the real one is lost. */
	syn_put64(m, node + 40, c.bp);
	chain = unwind_cpu_1();
	ck_assert_uint_eq(chain->segments->frames[1].ip,
			  syn_sym(m, "__kretprobe_trampoline"));
	ck_assert(!chain->segments->frames[1].reliable);
	stk_chain_free(m->s, chain);
}
END_TEST

/* ---- other stacks ---- */

#define FIRMWARE "> sdei_handler+0x40/regs! __sdei_asm_handler+0x90/fp "

/* The firmware calls back: x30 of what it interrupted is in the event alone. */
START_TEST(firmware_event)
{
	setup_era(_i);
	a64_syscall(&c);
	a64_irq(&c);
	a64_call(&c, 0x80, "leaf_fn");
	a64_firmware(&c, "sdei_stack_normal_ptr", false, true);
	expect_certain("<SDEI_NORMAL" FIRMWARE "=regs= <IRQ> leaf_fn+0x40/fp! "
		       "timer_fn+0x80/regs " IRQ "task_spin+0x40/fp! " SYSCALL);
}
END_TEST

/* The first CPU has its events, too. */
START_TEST(firmware_event_of_the_first)
{
	c = other_cpu(m, 0, sh);
	a64_syscall(&c);
	a64_call(&c, 0x80, "leaf_fn");
	a64_firmware(&c, "sdei_stack_normal_ptr", false, true);
	expect_certain("<SDEI_NORMAL" FIRMWARE "=regs= <TASK> leaf_fn+0x40/fp! "
		       "task_spin+0x80/regs " SYSCALL);
}
END_TEST

/* Without one there are pc and x29. */
START_TEST(firmware_event_of_old)
{
	a64_syscall(&c);
	a64_firmware(&c, "sdei_stack_critical_ptr", false, false);
	expect_certain("<SDEI_CRITICAL" FIRMWARE
		       "=fp= <TASK> task_spin+0x40/fp! " SYSCALL);
}
END_TEST

/* An event that is another's. */
START_TEST(firmware_event_damaged)
{
	uint64_t regs;

	a64_syscall(&c);
	regs = a64_firmware(&c, "sdei_stack_normal_ptr", false, true);
	syn_put64(m, regs + 8 * A64_PC, syn_sym(m, "vfs_write") + 0x44);
	expect_certain("<SDEI_NORMAL" FIRMWARE "=fp= <TASK> task_spin+0x40/fp! " SYSCALL);
	syn_put64(m, other_percpu(m, "sdei_active_normal_event", 1), 0x1234);
	expect_certain("<SDEI_NORMAL" FIRMWARE "=fp= <TASK> task_spin+0x40/fp! " SYSCALL);
}
END_TEST

START_TEST(firmware_event_over_user_mode)
{
	a64_firmware(&c, _i ? "sdei_stack_critical_ptr" : "sdei_stack_normal_ptr", true,
		     false);
	expect_certain(_i ? "<SDEI_CRITICAL" FIRMWARE "end user"
			  : "<SDEI_NORMAL" FIRMWARE "end user");
}
END_TEST

/*
 * A service of the firmware faults, on a stack of its own: which of its functions called
 * which nobody knows, but the kernel's call of it is in x30, or at least in x29's record.
 */
START_TEST(firmware_service)
{
	const uint64_t low = m->next_stack;

	m->next_stack += 0x8000;
	for (uint64_t off = 0; off < 0x4000; off += 4096)
		syn_map(m, low + off, syn_alloc(m, 1), 4096);
	syn_symbol(m, "efi_rt_stack_top", syn_sym(m, "modules") + 0x900);
	syn_put64(m, syn_sym(m, "efi_rt_stack_top"), low + 0x4000);
	/* The machine has one, and it is listed with the first CPU. */
	c = other_cpu(m, 0, sh);
	a64_syscall(&c);
	a64_call(&c, 0x80, "__efi_rt_asm_wrapper");
	c.lr = syn_sym(m, "__efi_rt_asm_wrapper") + 0x30;
	syn_put32(m, c.lr - 4, 0xd63f0100); /* blr x8 */
	if (_i)
		c.lr = 0x20004444;
	c.sp = low + 0x4000 - 64;
	c.ip = 0x20001234;
	a64_fault(&c);
	expect_doubtful(
		_i ? "<EFI> panic+0x40/regs! do_mem_abort+0x60/fp "
		     "el1h_64_sync_handler+0x40/fp {F} 0x20001234/fp! =fp= <TASK> "
		     "task_spin+0x80/fp? " SYSCALL
		   : "<EFI> panic+0x40/regs! do_mem_abort+0x60/fp "
		     "el1h_64_sync_handler+0x40/fp {F} 0x20001234/fp! =regs= <TASK> "
		     "__efi_rt_asm_wrapper+0x30/regs? task_spin+0x80/fp " SYSCALL);
}
END_TEST

/* ---- damage ---- */

/* Each word of each stack: records, pt_regs, their copies in the stackframe. */
START_TEST(damaged_words)
{
	char truth[4096];
	uint64_t pc;

	setup_era(_i);
	a64_call_insn(m, "last_function", 0x60, "vfs_write");
	a64_syscall(&c);
	a64_call(&c, 0x80, "leaf_fn");
	pc = c.sp - A64_REGS_SIZE + 8 * A64_PC;
	a64_irq(&c);
	syn_open(m);
	snprintf(truth, sizeof(truth), "%s",
		 spelled("<IRQ> timer_fn+0x40/regs! " IRQ
			 "leaf_fn+0x40/fp! task_spin+0x80/regs " SYSCALL));
	ck_assert(!other_is_wrong(truth));
	for (uint64_t at = c.sp; at < other_irq_stack(m, "irq_stack_ptr", 1) + 0x4000;
	     at += 8)
		other_damage_word(at, truth);
	for (uint64_t at = syn_stack(m, sh) + 0x4000 - 0x500;
	     at < syn_stack(m, sh) + 0x4000; at += 8)
		/* There is no copy: another place of the same leaf may well be it. */
		if (era != A64_6_14 || at != pc)
			other_damage_word(at, truth);
}
END_TEST

/* The first byte of all code: no call ends where nothing is mapped. */
START_TEST(return_to_the_beginning)
{
	const char *why;

	syn_open(m);
	ck_assert_int_eq(m->s->arch->call_evidence(m->s, A64_TEXT,
						   syn_sym(m, "vfs_write") + 0x40, true,
						   &why),
			 STK_CALL_NONE);
	ck_assert_str_eq(why, "no code is mapped before it");
}
END_TEST

/* x29 is that of a frame further out: the code of both functions tells. */
START_TEST(leaf_with_another_frame)
{
	struct stk_chain *chain;
	const struct stk_frame *f;

	a64_syscall(&c);
	a64_call(&c, 0x80, "leaf_fn");
	c.bp = syn_get64(m, c.bp);
	chain = unwind_cpu_1();
	f = &chain->segments->frames[1];
	ck_assert_uint_eq(f->ip, syn_sym(m, "task_spin") + 0x80);
	ck_assert_int_eq(f->doubt, STK_DOUBT_METHOD);
	ck_assert_str_eq(f->note, "x29 is not where the code of this function and of the "
				  "one that it called has it");
	stk_chain_free(m->s, chain);
}
END_TEST

/* What changes to another stack begins at the top of that: no frame of it is left out. */
START_TEST(irq_stack_begins_at_its_top)
{
	struct stk_chain *chain;
	const struct stk_frame *f;
	uint64_t gic;

	a64_syscall(&c);
	a64_irq(&c);
	gic = syn_get64(m, syn_get64(m, c.bp));
	syn_put64(m, syn_get64(m, c.bp), syn_get64(m, gic));
	syn_put64(m, syn_get64(m, c.bp) + 8, syn_get64(m, gic + 8));
	chain = unwind_cpu_1();
	ck_assert_ptr_nonnull(chain->segments->next);
	f = &chain->segments->next->frames[0];
	ck_assert_str_eq(f->name.function, "call_on_irq_stack");
	ck_assert(!f->reliable);
	ck_assert_int_eq(chain->confidence, STK_DOUBTFUL);
	ck_assert_msg(strstr(f->note, "its frame record is not where"), "%s", f->note);
	stk_chain_free(m->s, chain);
}
END_TEST

/*
 * A return address into another function, whose call and that before the next one are by
 * pointer: the registers of the entry are not where that function's frame ends.
 */
START_TEST(damaged_below_the_entry)
{
	const uint64_t other = syn_sym(m, "worker_thread") + 0x70;
	struct stk_chain *chain;
	const struct stk_frame *f;

	a64_syscall(&c);
	syn_put32(m, syn_sym(m, "el0t_64_sync") + 0x7c, 0xd63f0100); /* blr x8 */
	syn_put32(m, other - 4, 0xd63f0100);
	chain = unwind_cpu_1();
	ck_assert_int_eq(chain->confidence, STK_CERTAIN);
	f = &chain->segments->frames[4];
	ck_assert_str_eq(f->name.function, "el0t_64_sync_handler");
	syn_put64(m, f->slot, other);
	stk_chain_free(m->s, chain);
	chain = unwind_cpu_1();
	ck_assert_int_eq(chain->end, STK_END_USER);
	ck_assert_int_eq(chain->confidence, STK_DOUBTFUL);
	f = &chain->segments->frames[4];
	ck_assert_str_eq(f->name.function, "worker_thread");
	ck_assert(!f->reliable);
	stk_chain_free(m->s, chain);
}
END_TEST

/* Of an exception nothing but that it came is in the log, which says which it was. */
START_TEST(exception_without_a_name)
{
	const struct stk_text_options opt = { 0 };
	struct stk_chain *chain;
	bool doubts = false;
	char *out = NULL;
	size_t len;
	FILE *fp;

	a64_syscall(&c);
	a64_fault(&c);
	chain = unwind_cpu_1();
	fp = open_memstream(&out, &len);
	stk_text_chain(m->s, fp, chain, &opt, &doubts);
	fclose(fp);
	ck_assert_ptr_nonnull(strstr(out, "[exception PC: task_spin+64]\n     PC: "));
	free(out);
	stk_chain_free(m->s, chain);
}
END_TEST

/* The registers that the chain begins with. */
START_TEST(damaged_start)
{
	char truth[4096];
	uint64_t *const reg[] = { &c.bp, &c.lr, &c.sp, &c.ip };
	uint64_t good;

	setup_era(_i);
	a64_syscall(&c);
	a64_irq(&c);
	a64_call(&c, 0x80, "leaf_fn");
	syn_open(m);
	snprintf(truth, sizeof(truth), "%s",
		 spelled("<IRQ> leaf_fn+0x40/regs! timer_fn+0x80/regs " IRQ
			 "task_spin+0x40/fp! " SYSCALL));
	ck_assert(!other_is_wrong(truth));
	for (size_t r = 0; r < 3; r++) {
		const uint64_t bad[] = { 0,
					 1,
					 *reg[r] + 16,
					 *reg[r] - 16,
					 0xdeadbeef00000000ull,
					 A64_USER_PC,
					 syn_sym(m, "vfs_write") + 0x90 };

		good = *reg[r];
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

/* Nothing but garbage, some of it addresses: no crash, no loop. */
START_TEST(garbage)
{
	uint64_t state = 0x1234567 + (uint64_t)_i;
	const uint64_t top = syn_stack(m, sh) + 0x4000;

	setup_era(_i % NR_ERAS);
	a64_syscall(&c);
	syn_open(m);
	for (int round = 0; round < 40; round++) {
		struct stk_start start;
		struct stk_chain *chain;

		for (uint64_t at = top - 0x800; at < top; at += 8) {
			uint64_t word = other_random(&state);

			switch (word >> 60) {
			case 0 ... 3:
				word = top - (word & 0x7f8);
				break;
			case 4 ... 6:
				word = A64_TEXT + (word & 0xfffc);
				break;
			case 7:
				word = other_irq_stack(m, "irq_stack_ptr", 1) +
				       (word & 0x3ff8);
				break;
			}
			syn_put64(m, at, word);
		}
		c.bp = top - 0x800 + (other_random(&state) & 0x7f8);
		c.sp = top - 0x800 + (other_random(&state) & 0x7f0);
		c.lr = A64_TEXT + (other_random(&state) & 0xfffc);
		c.ip = A64_TEXT + (other_random(&state) & 0xfffc);
		start = syn_start(&c);
		stk_forget_memory(m->s);
		ck_assert_int_eq(stk_unwind(m->s, &start, &chain), STK_OK);
		ck_assert_uint_lt(chain->nr_frames, 1000);
		stk_chain_free(m->s, chain);
	}
}
END_TEST

static const struct unit_test chain_tests[] = {
	LOOP(task_in_a_syscall, NR_ERAS),
	LOOP(thread_start, NR_ERAS),
	LOOP(idle_start, NR_ERAS),
	LOOP(idle_start_cut, NR_ERAS),
	LOOP(interrupt, NR_ERAS),
	LOOP(nested, NR_ERAS),
	LOOP(overflow, 2 * NR_ERAS),
	LOOP(shapes, 11),
	LOOP(sleeping, NR_ERAS),
	LOOP(sleeping_damaged, 3),
	LOOP(stack_pointer_damaged, 2),
	LOOP(new_thread, NR_ERAS),
	{ 0 },
};

static const struct unit_test edge_tests[] = {
	LOOP(leaf, NR_ERAS),
	LOOP(beginning_and_end, 9),
	LOOP(call_of_nothing, NR_ERAS + 1),
	LOOP(call_of_nothing_lost, 2),
	LOOP(at_the_vector, 3),
	LOOP(at_the_vector_from_user, 5),
	TEST(ends_of_the_trampoline),
	LOOP(at_the_trampoline, 4),
	LOOP(leaving_by_the_trampoline, 2),
	TEST(leaving_on_another_stack),
	TEST(firmware_at_the_trampoline),
	LOOP(within_the_entry_code, 2),
	LOOP(came_in_at_no_code, 8),
	TEST(within_the_entry_code_from_user),
	LOOP(kretprobe, 2),
	LOOP(firmware_event, NR_ERAS),
	TEST(firmware_event_of_the_first),
	TEST(firmware_event_of_old),
	TEST(firmware_event_damaged),
	LOOP(firmware_event_over_user_mode, 2),
	LOOP(firmware_service, 2),
	{ 0 },
};

static const struct unit_test damage_tests[] = {
	TEST(return_to_the_beginning),
	LOOP(damaged_words, NR_ERAS),
	TEST(damaged_below_the_entry),
	TEST(exception_without_a_name),
	TEST(leaf_with_another_frame),
	TEST(irq_stack_begins_at_its_top),
	LOOP(damaged_start, NR_ERAS),
	LOOP(garbage, 6),
	{ 0 },
};

const struct unit_suite suite_arm64_unwind = {
	"arm64_unwind",
	{
		{ "chains", chain_tests, setup, NULL },
		{ "edges", edge_tests, setup, NULL },
		{ "damage", damage_tests, setup, NULL },
	},
};
