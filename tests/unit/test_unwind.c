/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves the walk: whole chains over every kind of stack end where they should, the
 * two witnesses at a crossing are compared, and whatever is damaged stops the chain
 * with the right name instead of looping, inventing frames or crashing.
 */
#include "fixture.h"
#include "suite.h"

#include <string.h>

#define SYSCALL                                                                          \
	"vfs_write+0x9b/orc ksys_write+0x6f/orc do_syscall_64+0x58/orc "                 \
	"entry_SYSCALL_64+0x63/orc "
#define IRQ_REST                                                                         \
	"hrtimer_interrupt+0xa9/orc __sysvec_apic_timer_interrupt+0x56/orc "             \
	"sysvec_apic_timer_interrupt+0x45/orc =link= <TASK> "                            \
	"asm_sysvec_apic_timer_interrupt+0x16/orc "
#define NMI                                                                              \
	"<NMI> crash_nmi_callback+0x40/regs! nmi_handle+0x5e/orc exc_nmi+0x70/orc "      \
	"asm_exc_nmi+0x80/orc =regs= "

START_TEST(task_in_a_syscall)
{
	struct stk_chain *chain;

	syn_syscall(&c);
	expect_chain("<TASK> task_spin+0x40/regs! " SYSCALL "end user");
	chain = unwind_cpu_1();
	ck_assert_ptr_nonnull(chain->user);
	ck_assert_uint_eq(stk_regs_ip(m->s, chain->user), SYN_USER_IP);
	ck_assert_uint_eq(chain->user_at, syn_stack(m, sh) + SYN_THREAD_SIZE - 168);
	ck_assert_uint_eq(chain->nr_segments, 1);
	ck_assert_uint_eq(chain->nr_frames, 5);
	ck_assert(!chain->dead_end.met);
	ck_assert(stk_end_is_good(chain->end));
	ck_assert_str_eq(chain->end_text, "user mode at 0x7f1122334455, syscall");
	stk_chain_free(m->s, chain);
}
END_TEST

/* Which one: 0 is a number, too. */
START_TEST(number_of_the_syscall)
{
	uint64_t regs = syn_stack(m, sh) + SYN_THREAD_SIZE - 168;
	struct stk_chain *chain;

	syn_syscall(&c);
	syn_put64(m, regs + 8 * X86_ORIG_AX, (uint64_t)_i);
	chain = unwind_cpu_1();
	ck_assert_str_eq(chain->end_text, _i ? "user mode at 0x7f1122334455, syscall 1"
					     : "user mode at 0x7f1122334455, syscall 0");
	stk_chain_free(m->s, chain);
}
END_TEST

/* Each frame tells where its return address is and where its stack pointer was. */
START_TEST(frames_carry_their_evidence)
{
	uint64_t top = syn_stack(m, sh) + SYN_THREAD_SIZE;
	struct stk_chain *chain;
	struct stk_frame *f;

	syn_syscall(&c);
	chain = unwind_cpu_1();
	f = chain->segments->frames;
	ck_assert_uint_eq(f[0].slot, 0);
	ck_assert_uint_eq(f[0].sp, c.sp);
	ck_assert_ptr_nonnull(f[0].regs);
	for (size_t i = 1; i < 5; i++) {
		ck_assert_uint_eq(syn_get64(m, f[i].slot), f[i].ip);
		ck_assert_uint_eq(f[i].sp, f[i].slot + 8);
		ck_assert(f[i].reliable);
		ck_assert(!f[i].interrupted);
	}
	/* entry_SYSCALL_64 is where the stack held nothing but the pt_regs. */
	ck_assert_uint_eq(f[4].sp, top - 168);
	stk_chain_free(m->s, chain);
}
END_TEST

START_TEST(irq_over_task)
{
	struct stk_chain *chain;
	struct stk_crossing *x;
	struct stk_frame *f;

	syn_syscall(&c);
	syn_irq(&c);
	expect_chain("<IRQ> timer_fn+0x40/regs! " IRQ_REST "task_spin+0x40/regs! " SYSCALL
		     "end user");
	chain = unwind_cpu_1();
	x = &chain->segments->crossing;
	ck_assert(x->have_link && x->agree);
	ck_assert_ptr_null(x->note);
	ck_assert_uint_eq(x->link_at, syn_irq_top(1) - 8);
	ck_assert_uint_eq(x->at, syn_irq_top(1) - 8);
	ck_assert_uint_eq(x->link, syn_get64(m, syn_irq_top(1) - 8));
	/* The interrupted frame has its registers. */
	f = &chain->segments->next->frames[1];
	ck_assert_str_eq(f->name.function, "task_spin");
	ck_assert_ptr_nonnull(f->regs);
	ck_assert_uint_ne(f->regs_at, 0);
	ck_assert_uint_eq(f->regs->v[X86_R12], 0x7700 + X86_R12);
	stk_chain_free(m->s, chain);
}
END_TEST

START_TEST(nmi_over_irq_over_task)
{
	syn_syscall(&c);
	syn_irq(&c);
	syn_nmi(&c);
	expect_chain(NMI "<IRQ> timer_fn+0x40/regs! " IRQ_REST
			 "task_spin+0x40/regs! " SYSCALL "end user");
}
END_TEST

START_TEST(nmi_over_task)
{
	struct stk_chain *chain;

	syn_syscall(&c);
	syn_nmi(&c);
	expect_chain(NMI "<TASK> task_spin+0x40/regs! " SYSCALL "end user");
	chain = unwind_cpu_1();
	ck_assert_uint_eq(chain->segments->crossing.at, syn_ist_top(m, 1, "NMI") - 264);
	ck_assert_uint_eq(chain->segments->crossing.link_at,
			  syn_ist_top(m, 1, "NMI") - 16);
	stk_chain_free(m->s, chain);
}
END_TEST

START_TEST(nmi_over_idle)
{
	c = syn_cpu(m, 1, syn_idle(m, 1));
	syn_idle_loop(&c);
	syn_nmi(&c);
	expect_chain(NMI "<TASK> do_idle+0x40/regs! cpu_startup_entry+0x19/orc "
			 "secondary_startup_64+0xe0/orc end idle");
}
END_TEST

START_TEST(kthread_ends_at_its_start)
{
	syn_kthread(&c);
	expect_chain(
		"<TASK> worker_thread+0x40/regs! kthread+0xe9/orc ret_from_fork+0x22/orc "
		"end thread_start");
}
END_TEST

START_TEST(irq_over_idle_of_the_boot_cpu)
{
	c = syn_cpu(m, 0, syn_idle(m, 0));
	syn_idle_loop(&c);
	syn_irq(&c);
	expect_chain("<IRQ> timer_fn+0x40/regs! " IRQ_REST
		     "do_idle+0x40/regs! cpu_startup_entry+0x19/orc "
		     "secondary_startup_64+0xe0/orc end idle");
}
END_TEST

/* 5.4: the pointer is the top itself, the word points at the pt_regs. */
START_TEST(old_irq_switch)
{
	struct stk_chain *chain;

	syn_free(m);
	m = syn_kernel(SYN_5_4);
	sh = syn_task(m, "sh", 227, 0);
	c = syn_cpu(m, 1, sh);
	syn_syscall(&c);
	syn_irq(&c);
	syn_nmi(&c);
	expect_chain(NMI
		     "<IRQ> timer_fn+0x40/regs! hrtimer_interrupt+0xa9/orc "
		     "smp_apic_timer_interrupt+0x56/orc apic_timer_interrupt+0x2f/orc "
		     "=link= <TASK> task_spin+0x40/regs! " SYSCALL "end user");
	chain = unwind_cpu_1();
	ck_assert(chain->segments->next->crossing.agree != 0);
	stk_chain_free(m->s, chain);
}
END_TEST

/* How the kernel was entered: the number of an exception, of which 0 is one. */
START_TEST(exception_from_user_mode)
{
	const uint64_t idt = syn_sym(m, "idt_table"), page_fault = idt + 16 * 14;
	struct stk_chain *chain;
	struct stk_start start;

	if (_i == 0) {
		syn_put64(m, idt, syn_get64(m, page_fault));
		syn_put64(m, idt + 8, syn_get64(m, page_fault + 8));
	}
	syn_pt_regs(&c, SYN_USER_IP, 0x33, 0x7ffc00001000, 0);
	c.function = "asm_exc_page_fault";
	syn_call(&c, 0x26, "exc_page_fault");
	start = syn_start(&c);
	ck_assert_int_eq(stk_unwind(syn_open(m), &start, &chain), STK_OK);
	ck_assert_str_eq(
		chain->end_text,
		_i ? "user mode at 0x7f1122334455, exception 14 (exc_page_fault)"
		   : "user mode at 0x7f1122334455, exception 0 (exc_page_fault)");
	stk_chain_free(m->s, chain);
	ck_assert_ptr_null(m->s->chains);
}
END_TEST

START_TEST(user_mode_has_no_frames)
{
	struct stk *s = syn_open(m);
	struct stk_start start = { .from = STK_FROM_PRSTATUS, .cpu = 1, .signal = true };
	struct stk_chain *chain;

	x86_set(&start.regs, X86_IP, SYN_USER_IP);
	x86_set(&start.regs, X86_SP, 0x7ffc00001000);
	x86_set(&start.regs, X86_CS, 0x33);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert_str_eq(syn_chain_text(chain), "end user");
	ck_assert_uint_eq(chain->nr_frames, 0);
	ck_assert_ptr_nonnull(chain->user);
	ck_assert_uint_eq(chain->user_at, 0);
	ck_assert_ptr_null(chain->user_doubt);
	stk_chain_free(s, chain);
	/* That of a kernel thread is in doubt. */
	start.has_task = !stk_task_read(s, sh, &start.task);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert_ptr_null(chain->user_doubt);
	stk_chain_free(s, chain);
	start.task.flags |= 0x00200000; /* PF_KTHREAD */
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert_str_eq(chain->user_doubt, "a kernel thread has no user mode");
	ck_assert_int_eq(chain->confidence, STK_DOUBTFUL);
	stk_chain_free(s, chain);
}
END_TEST

/* A module's own ORC carries the chain, and its symbols name it. */
START_TEST(frame_in_a_module)
{
	syn_module(m, "stackcase", SYN_MODULE, "sc_fn");
	syn_syscall(&c);
	syn_symbol(m, "sc_fn", SYN_MODULE + 0x100);
	syn_push(&c, syn_call_insn(m, "task_spin", 0x77, "sc_fn"));
	syn_push(&c, 0);
	syn_push(&c, 0);
	c.ip = SYN_MODULE + 0x130;
	expect_chain("<TASK> stackcase:sc_fn+0x30/regs! task_spin+0x77/orc " SYSCALL
		     "end user");
}
END_TEST

/* ---- the two witnesses ---- */

/* The pt_regs is followed; the word at the top says another stack pointer. */
START_TEST(witnesses_disagree)
{
	struct stk_chain *chain;

	syn_syscall(&c);
	syn_nmi(&c);
	syn_put64(m, syn_ist_top(m, 1, "NMI") - 16, syn_stack(m, sh) + 0x100);
	expect_chain(
		"<NMI> crash_nmi_callback+0x40/regs! nmi_handle+0x5e/orc exc_nmi+0x70/orc "
		"asm_exc_nmi+0x80/orc =regs,disagree= <TASK> task_spin+0x40/regs!? " SYSCALL
		"end user");
	chain = unwind_cpu_1();
	ck_assert_ptr_nonnull(chain->segments->crossing.note);
	ck_assert_ptr_nonnull(strstr(chain->segments->crossing.note, "the word at"));
	stk_chain_free(m->s, chain);
}
END_TEST

/* The chain crosses an IRQ stack that the CPU's own mark calls unused. */
START_TEST(irq_mark_contradicts)
{
	struct stk_chain *chain;

	syn_syscall(&c);
	syn_irq(&c);
	syn_put8(m, syn_percpu(m, "hardirq_stack_inuse", 1), 0);
	chain = unwind_cpu_1();
	ck_assert_ptr_nonnull(chain->segments->crossing.note);
	ck_assert_int_eq(chain->end, STK_END_USER);
	stk_chain_free(m->s, chain);
}
END_TEST

/* ---- damage ---- */

START_TEST(return_address_not_text)
{
	struct stk_chain *chain;

	syn_syscall(&c);
	syn_put64(m, c.sp, 0xffff888012345678ull); /* task_spin()'s */
	expect_chain(
		"<TASK> task_spin+0x40/regs! ksys_write+0x6f/scan? do_syscall_64+0x58/orc? "
		"entry_SYSCALL_64+0x63/scan? end user");
	chain = unwind_cpu_1();
	ck_assert_ptr_nonnull(
		strstr(chain->segments->frames[1].note, "0xffff888012345678"));
	ck_assert(chain->dead_end.met);
	ck_assert_int_eq(chain->dead_end.why, STK_END_NOT_TEXT);
	ck_assert_uint_eq(chain->dead_end.bad, 0xffff888012345678ull);
	ck_assert_uint_eq(chain->dead_end.slot, c.sp);
	ck_assert_uint_eq(chain->dead_end.segment, 0);
	ck_assert_uint_eq(chain->dead_end.frame, 0);
	stk_chain_free(m->s, chain);
}
END_TEST

/* Zeroes are no return addresses: no frames of 0x0 up to the stack's top. */
START_TEST(return_address_zero)
{
	syn_syscall(&c);
	syn_fill(m, c.sp, 512, 0);
	expect_chain("<TASK> task_spin+0x40/regs! end not_text");
}
END_TEST

/* rbp is wrong, so the rule leads downwards: but the caller's call is still there. */
START_TEST(wrong_rbp_and_a_call_site)
{
	struct stk_chain *chain;

	syn_syscall(&c);
	c.bp = c.sp - 0x200;
	syn_put64(m, c.bp + 8, syn_sym(m, "do_syscall_64") + 0x58);
	chain = unwind_cpu_1();
	ck_assert_int_eq(chain->end, STK_END_USER);
	ck_assert_str_eq(chain->segments->frames[2].name.function, "ksys_write");
	ck_assert_int_eq(chain->segments->frames[2].how, STK_HOW_SCAN);
	stk_chain_free(m->s, chain);
}
END_TEST

START_TEST(backwards)
{
	syn_syscall(&c);
	syn_put8(m, syn_sym(m, "ksys_write") + 0x6d, 0xff); /* call *%rax: to anything */
	syn_put8(m, syn_sym(m, "ksys_write") + 0x6e, 0xd0);
	syn_put8(m, syn_sym(m, "ksys_write") + 0x6a, 0x90);
	c.bp = c.sp - 0x200;
	syn_put64(m, c.bp + 8, syn_sym(m, "ksys_write") + 0x6f);
	expect_chain(
		"<TASK> task_spin+0x40/regs! vfs_write+0x9b/orc? ksys_write+0x6f/scan? "
		"do_syscall_64+0x58/orc? entry_SYSCALL_64+0x63/scan? end user");
}
END_TEST

START_TEST(off_stack)
{
	syn_syscall(&c);
	c.bp = SYN_DIRECT + syn_alloc(m, 1) + 0x800;
	syn_put64(m, c.bp + 8, syn_sym(m, "ksys_write") + 0x6f);
	expect_chain(
		"<TASK> task_spin+0x40/regs! vfs_write+0x9b/orc? ksys_write+0x6f/scan? "
		"do_syscall_64+0x58/orc? entry_SYSCALL_64+0x63/scan? end user");
}
END_TEST

/* NMI, task, and back to the NMI stack: an NMI cannot have interrupted that. */
START_TEST(stack_entered_twice)
{
	uint64_t nmi = syn_ist_top(m, 1, "NMI");
	struct stk_chain *chain;
	uint64_t sp;

	syn_syscall(&c);
	sp = c.sp;
	c.bp = nmi - 0x100;
	syn_put64(m, c.bp + 8, syn_sym(m, "ksys_write") + 0x6f);
	syn_nmi(&c);
	syn_put64(m, nmi - 264 + 8 * X86_BP, nmi - 0x800);
	syn_put64(m, nmi - 0x800 + 8, syn_sym(m, "ksys_write") + 0x6f);
	expect_chain(
		NMI
		"<TASK> task_spin+0x40/regs! vfs_write+0x9b/orc? ksys_write+0x6f/scan? "
		"do_syscall_64+0x58/orc? entry_SYSCALL_64+0x63/scan? end user");
	chain = unwind_cpu_1();
	ck_assert_int_eq(chain->dead_end.why, STK_END_RECURSION);
	ck_assert_uint_eq(chain->dead_end.bad, nmi - 0x800 + 16);
	ck_assert_uint_eq(chain->dead_end.slot, 0);
	ck_assert_uint_eq(chain->dead_end.segment, 1);
	ck_assert_uint_eq(chain->dead_end.frame, 1);
	stk_chain_free(m->s, chain);
	/* With no other way it ends there, and says where that would have been. */
	for (uint64_t at = sp; at < syn_stack(m, sh) + SYN_THREAD_SIZE; at += 8)
		if (syn_get64(m, at) != syn_sym(m, "vfs_write") + 0x9b)
			syn_put64(m, at, 0);
	chain = unwind_cpu_1();
	ck_assert_int_eq(chain->end, STK_END_RECURSION);
	ck_assert_ptr_nonnull(strstr(chain->end_text, ", on the NMI stack of CPU 1)"));
	stk_chain_free(m->s, chain);
}
END_TEST

START_TEST(stack_unreadable_midway)
{
	uint64_t page = 0;

	syn_syscall(&c);
	/* One more call, from a page below. */
	while (c.sp >= syn_stack(m, sh) + SYN_THREAD_SIZE - 0x1000)
		syn_call(&c, 0x94, "task_spin");
	page = (c.sp & ~0xfffull) + 0x1000;
	syn_fail(m, page, STK_ERR_EXCLUDED);
	{
		struct stk_chain *chain = unwind_cpu_1();

		ck_assert_int_eq(chain->end, STK_END_UNREADABLE);
		ck_assert_int_eq(chain->dead_end.why, STK_END_UNREADABLE);
		ck_assert_uint_eq(chain->dead_end.bad, page);
		ck_assert_uint_eq(chain->dead_end.frame, 1);
		ck_assert_uint_eq(chain->nr_frames, 2);
		ck_assert_ptr_nonnull(strstr(chain->end_text, "cannot be read"));
		stk_chain_free(m->s, chain);
	}
}
END_TEST

/* The machine died because this is no code: the frame stays, its caller is found. */
START_TEST(interrupted_ip_not_text)
{
	syn_syscall(&c);
	syn_irq(&c);
	/* timer_fn() called a function pointer that was garbage, and an NMI hit there:
	 * the fault came first, or that is not where. */
	syn_push(&c, syn_sym(m, "timer_fn") + 0x40);
	syn_put8(m, syn_sym(m, "timer_fn") + 0x3e, 0xff); /* call *%rax */
	syn_put8(m, syn_sym(m, "timer_fn") + 0x3f, 0xd0);
	c.ip = 0x4141414141414141ull;
	syn_nmi(&c);
	expect_chain(NMI "<IRQ> 0x4141414141414141/regs!? timer_fn+0x40/scan? " IRQ_REST
			 "task_spin+0x40/regs! " SYSCALL "end user");
}
END_TEST

/* A #DF whose pt_regs has rsp in the guard page below the task's stack. */
START_TEST(overflow_into_the_guard_page)
{
	uint64_t top = syn_ist_top(m, 1, "DF"), low = syn_stack(m, sh);
	struct stk_chain *chain;
	struct stk_segment *seg;
	uint64_t inner_ip, inner_sp;

	syn_syscall(&c);
	while (c.sp > low + 0x10)
		syn_call(&c, 0x94, "task_spin");
	/* vfs_write() was entered, pushed rbp, and stands on the page below. */
	syn_push(&c, syn_call_insn(m, "task_spin", 0x94, "ksys_write"));
	inner_ip = syn_sym(m, "ksys_write") + 0x40;
	inner_sp = c.sp - 40;
	c.sp = top;
	c.function = "asm_exc_double_fault";
	syn_pt_regs(&c, inner_ip, 0x10, inner_sp, c.bp);
	syn_call(&c, 0x30, "exc_double_fault");
	chain = unwind_cpu_1();
	seg = chain->segments;
	ck_assert_ptr_eq(seg->stack.kind, X86_STACK(DF));
	seg = seg->next;
	ck_assert_ptr_nonnull(seg);
	ck_assert_ptr_null(seg->stack.kind);
	ck_assert_uint_eq(seg->nr_frames, 1);
	ck_assert_ptr_nonnull(seg->frames[0].note);
	ck_assert_ptr_nonnull(strstr(seg->frames[0].note, "guard page below"));
	seg = seg->next;
	ck_assert_ptr_nonnull(seg);
	ck_assert_ptr_eq(seg->stack.kind, X86_STACK(TASK));
	ck_assert_int_eq(chain->end, STK_END_USER);
	stk_chain_free(m->s, chain);
}
END_TEST

/* A loop that rises forever cannot be; 4096 frames are the limit. */
START_TEST(frame_limit)
{
	struct stk_chain *chain;
	uint64_t ret;

	/* A stack of 64 KiB full of return addresses to a function without a frame. */
	syn_symbol(m, "__end_init_task", SYN_DATA + 0x14000);
	c = syn_cpu(m, 0, syn_idle(m, 0));
	ret = syn_call_insn(m, "task_spin", 0x94, "task_spin");
	for (uint64_t at = SYN_DATA + 0x4000; at < SYN_DATA + 0x14000; at += 8)
		syn_put64(m, at, ret);
	c.sp = SYN_DATA + 0x4000;
	c.ip = syn_sym(m, "task_spin") + 0x40;
	chain = unwind_cpu_1();
	ck_assert_int_eq(chain->end, STK_END_LIMIT);
	ck_assert_uint_eq(chain->nr_frames, 4096);
	stk_chain_free(m->s, chain);
}
END_TEST

START_TEST(interrupted_by_the_user)
{
	struct stk_start start;
	struct stk_chain *chain;
	struct stk *s;

	syn_syscall(&c);
	s = syn_open(m);
	start = syn_start(&c);
	m->interrupt = true;
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert_int_eq(chain->end, STK_END_INTERRUPTED);
	ck_assert_str_eq(chain->end_text, "interrupted");
	stk_chain_free(s, chain);
	/* And it left nothing behind that makes the next answer worse. */
	m->interrupt = false;
	syn_expect(s, &start, "<TASK> task_spin+0x40/regs! " SYSCALL "end user");
}
END_TEST

/* At whichever poll the user interrupts, the next answer is whole. */
START_TEST(interrupted_anywhere)
{
	struct stk_start start;
	struct stk_chain *chain;
	unsigned int at;
	struct stk *s;

	syn_syscall(&c);
	syn_irq(&c);
	syn_nmi(&c);
	for (at = 1; at < 4000; at += at < 60 ? 1 : 37) {
		bool hit;

		s = syn_open(m);
		start = syn_start(&c);
		m->interrupt_after = at;
		ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
		if (chain->end == STK_END_INTERRUPTED)
			ck_assert_str_eq(chain->end_text, "interrupted");
		stk_chain_free(s, chain);
		hit = m->interrupt;
		m->interrupt = false;
		m->interrupt_after = 0;
		syn_expect(s, &start,
			   NMI "<IRQ> timer_fn+0x40/regs! " IRQ_REST
			       "task_spin+0x40/regs! " SYSCALL "end user");
		if (!hit)
			break;
	}
	ck_assert_uint_gt(at, 30);
}
END_TEST

/* stk_close() frees chains that nobody did; the leak checker sees to it. */
START_TEST(chains_left_behind)
{
	struct stk_chain *a, *b;
	struct stk_start start;
	struct stk *s;

	syn_syscall(&c);
	s = syn_open(m);
	start = syn_start(&c);
	ck_assert_int_eq(stk_unwind(s, &start, &a), STK_OK);
	ck_assert_int_eq(stk_unwind(s, &start, &b), STK_OK);
	stk_chain_free(s, a);
	stk_chain_free(s, NULL);
	ck_assert_int_eq(stk_unwind(s, &start, &a), STK_OK);
}
END_TEST

/* The library must not look at notes, symbols or types again for a second chain. */
START_TEST(second_chain_asks_nothing)
{
	struct stk_start start;
	unsigned int symbols, members, sizes, reads;
	struct stk *s;

	syn_syscall(&c);
	syn_irq(&c);
	s = syn_open(m);
	start = syn_start(&c);
	syn_expect(s, &start,
		   "<IRQ> timer_fn+0x40/regs! " IRQ_REST "task_spin+0x40/regs! " SYSCALL
		   "end user");
	symbols = m->calls.symbol;
	members = m->calls.member;
	sizes = m->calls.size;
	reads = m->calls.read_phys;
	syn_expect(s, &start,
		   "<IRQ> timer_fn+0x40/regs! " IRQ_REST "task_spin+0x40/regs! " SYSCALL
		   "end user");
	ck_assert_uint_eq(m->calls.symbol, symbols);
	ck_assert_uint_eq(m->calls.member, members);
	ck_assert_uint_eq(m->calls.size, sizes);
	ck_assert_uint_eq(m->calls.read_phys, reads);
}
END_TEST

/* An ORC register base is of the last whole set, over partial ones. */
START_TEST(whole_registers_are_kept)
{
	struct stk_chain *chain;
	struct stk_start start;
	uint64_t fn = SYN_TEXT + 0x8000, sp;
	struct stk *s;

	syn_syscall(&c);
	sp = c.sp;
	syn_symbol(m, "stub", fn);
	syn_orc(m, fn, ORC_REGS_PARTIAL, ORC_SP, 0, ORC_UNDEFINED, 0);
	syn_orc(m, fn + 0x40, ORC_CALL, ORC_R10, 0, ORC_UNDEFINED, 0);
	c.sp &= ~15ull;
	syn_push(&c, 0x18);
	syn_push(&c, sp);
	syn_push(&c, 0x246);
	syn_push(&c, 0x10);
	syn_push(&c, fn + 0x44);
	c.ip = fn + 4;
	s = syn_open(m);
	start = syn_start(&c);
	x86_set(&start.regs, X86_R10, sp + 8);
	x86_set(&start.regs, X86_R15, 0x1234);
	syn_call_by_pointer(m, "vfs_write", 0x9b);
	syn_expect(s, &start,
		   "<TASK> stub+0x4/regs! stub+0x44/regs! vfs_write+0x9b/orc "
		   "ksys_write+0x6f/orc do_syscall_64+0x58/orc entry_SYSCALL_64+0x63/orc "
		   "end user");
	/* Those of a switch are no such set, for nothing was interrupted there. */
	start.signal = false;
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert_ptr_nonnull(strstr(syn_chain_text(chain), "stub+0x44/regs"));
	ck_assert_ptr_null(strstr(syn_chain_text(chain), "vfs_write+0x9b/orc"));
	/* No register is one of a shadow call stack. */
	for (size_t i = 0; i < chain->segments->nr_frames; i++)
		ck_assert_uint_eq(chain->segments->frames[i].shadow, 0);
	stk_chain_free(s, chain);
}
END_TEST

/* "The stack begins here" is no good end where a stack does not begin. */
START_TEST(end_in_the_middle)
{
	struct stk_start start;
	struct stk_chain *chain;
	struct stk *s;

	syn_syscall(&c);
	syn_put64(m, c.sp, syn_call_insn(m, "ret_from_fork", 0x22, "kthread"));
	s = syn_open(m);
	start = syn_start(&c);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert_int_eq(chain->end, STK_END_NO_RULE);
	stk_chain_free(s, chain);
}
END_TEST

static void make_hole(const char *fn, const char *caller, unsigned int off)
{
	syn_orc(m, syn_sym(m, fn), ORC_HOLE, ORC_UNDEFINED, 0, ORC_UNDEFINED, 0);
	syn_orc(m, syn_sym(m, fn) + 4, ORC_HOLE, ORC_UNDEFINED, 0, ORC_UNDEFINED, 0);
	syn_put8(m, syn_sym(m, caller) + off - 5, 0x90);
}

/* A word that follows a call, but from which the chain breaks, is no return address. */
START_TEST(scan_passes_leftovers)
{
	struct stk_chain *chain;

	syn_syscall(&c);
	make_hole("task_spin", "vfs_write", 0x9b);
	for (int i = 0; i < 8; i++)
		syn_push(&c, 0x1111);
	syn_push(&c, syn_call_insn(m, "hrtimer_interrupt", 0xa9, "timer_fn"));
	chain = unwind_cpu_1();
	ck_assert_str_eq(syn_chain_text(chain),
			 "<TASK> task_spin+0x40/regs! ksys_write+0x6f/scan? "
			 "do_syscall_64+0x58/orc? entry_SYSCALL_64+0x63/scan? end user");
	/* The one above vfs_write()'s saved rbp. */
	ck_assert_uint_eq(chain->segments->frames[1].slot, c.bp + 8);
	ck_assert_uint_eq(chain->segments->frames[1].at, c.bp + 16);
	stk_chain_free(m->s, chain);
}
END_TEST

/* Frames that a scan leads to are doubtful until a stack's own word agrees. */
START_TEST(scan_until_firm_ground)
{
	struct stk_start start;
	struct stk *s;

	syn_syscall(&c);
	syn_nmi(&c);
	make_hole("crash_nmi_callback", "nmi_handle", 0x5e);
	/* So that the stack's top does not tell. */
	syn_put64(m, syn_ist_top(m, 1, "NMI") - 56, 0);
	s = syn_open(m);
	start = syn_start(&c);
	syn_expect(s, &start,
		   "<NMI> crash_nmi_callback+0x40/regs! exc_nmi+0x70/scan? "
		   "asm_exc_nmi+0x80/orc? =regs= <TASK> task_spin+0x40/regs! "
		   "vfs_write+0x9b/orc ksys_write+0x6f/orc do_syscall_64+0x58/orc "
		   "entry_SYSCALL_64+0x63/orc end user");
}
END_TEST

static const struct unit_test chains_tests[] = {
	TEST(task_in_a_syscall),
	LOOP(number_of_the_syscall, 2),
	TEST(frames_carry_their_evidence),
	TEST(irq_over_task),
	TEST(nmi_over_irq_over_task),
	TEST(nmi_over_task),
	TEST(nmi_over_idle),
	TEST(kthread_ends_at_its_start),
	TEST(irq_over_idle_of_the_boot_cpu),
	TEST(old_irq_switch),
	LOOP(exception_from_user_mode, 2),
	TEST(user_mode_has_no_frames),
	TEST(frame_in_a_module),
	TEST(witnesses_disagree),
	TEST(irq_mark_contradicts),
	TEST(second_chain_asks_nothing),
	{ 0 },
};

static const struct unit_test damage_tests[] = {
	TEST(return_address_not_text),
	TEST(return_address_zero),
	TEST(wrong_rbp_and_a_call_site),
	TEST(backwards),
	TEST(off_stack),
	TEST(whole_registers_are_kept),
	TEST(end_in_the_middle),
	TEST(scan_passes_leftovers),
	TEST(scan_until_firm_ground),
	TEST(stack_entered_twice),
	TEST(stack_unreadable_midway),
	TEST(interrupted_ip_not_text),
	TEST(overflow_into_the_guard_page),
	TEST(frame_limit),
	TEST(interrupted_by_the_user),
	TEST(interrupted_anywhere),
	TEST(chains_left_behind),
	{ 0 },
};

const struct unit_suite suite_unwind = {
	"unwind",
	{
		{ "chains", chains_tests, fixture_task, NULL },
		{ "damage", damage_tests, fixture_task, NULL },
	},
};
