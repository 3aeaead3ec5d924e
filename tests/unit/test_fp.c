/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves the walk by frame pointers in a kernel without ORC
 * (CONFIG_UNWINDER_FRAME_POINTER): frames, pt_regs marked by an odd rbp, the pt_regs of
 * the entry from user mode, and functions interrupted before their frame was made.
 */
#include "synthetic.h"

#include <string.h>

#include "arch/arch.h"

#define IN_SYSCALL                                                                       \
	"ksys_write+0x6f/fp do_syscall_64+0x58/fp entry_SYSCALL_64+0x63/fp end user"

static struct syn *m;
static struct syn_cpu c;

/* "push %rbp; mov %rsp,%rbp; sub $16,%rsp", whatever the function. */
static void call(unsigned int off, const char *callee)
{
	syn_push(&c, syn_call_insn(m, c.function, off, callee));
	syn_push(&c, c.bp);
	c.bp = c.sp;
	syn_push(&c, 0x1111);
	syn_push(&c, 0x2222);
	c.function = callee;
	c.ip = syn_sym(m, callee) + 0x40;
}

static void setup(void)
{
	m = syn_kernel(SYN_6_1);
	m->orc_base = 0;
	c = syn_cpu(m, 1, syn_task(m, "sh", 227, 0));
	syn_pt_regs(&c, SYN_USER_IP, 0x33, 0x7ffc00001000, 0);
	c.function = "entry_SYSCALL_64";
	c.bp = 0;
	call(0x63, "do_syscall_64");
	call(0x58, "ksys_write");
	call(0x6f, "vfs_write");
}

static void teardown(void)
{
	syn_free(m);
}

static void expect(const char *want)
{
	struct stk *s = syn_open(m);
	struct stk_start start = syn_start(&c);

	syn_expect(s, &start, want);
}

START_TEST(frames_of_a_syscall)
{
	expect("<TASK> vfs_write+0x40/regs! " IN_SYSCALL);
}
END_TEST

/* ENCODE_FRAME_POINTER: the pt_regs is at rbp - 1. */
START_TEST(marked_pt_regs)
{
	uint64_t regs = syn_pt_regs(&c, c.ip, 0x10, c.sp, c.bp);

	c.bp = regs + 1;
	c.function = "asm_sysvec_apic_timer_interrupt";
	call(0x16, "sysvec_apic_timer_interrupt");
	call(0x45, "timer_fn");
	expect("<TASK> timer_fn+0x40/regs! sysvec_apic_timer_interrupt+0x45/fp "
	       "asm_sysvec_apic_timer_interrupt+0x16/fp vfs_write+0x40/fp! " IN_SYSCALL);
}
END_TEST

/* A frame pointer below rsp is of a frame that is gone. */
START_TEST(downwards)
{
	struct stk_cursor cur = { .cpu = 1 };
	struct stk_step out = { 0 };

	x86_set(&cur.regs, X86_IP, c.ip);
	x86_set(&cur.regs, X86_SP, c.sp);
	x86_set(&cur.regs, X86_BP, c.bp);
	ck_assert_int_eq(x86_step_fp(syn_open(m), &cur, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.regs.v[X86_SP], c.bp + 16);
	ck_assert_uint_eq(out.slot, c.bp + 8);
	x86_set(&cur.regs, X86_SP, c.bp + 8);
	ck_assert_int_eq(x86_step_fp(m->s, &cur, &out), STK_STEP_NO_RULE);
}
END_TEST

/* Where ORC is, frame pointers are the compiler's to use as it likes. */
START_TEST(not_beside_orc)
{
	struct stk_cursor cur = { .cpu = 1 };
	struct stk_step out = { 0 };

	m->orc_base = SYN_TEXT + 0x20000;
	x86_set(&cur.regs, X86_IP, c.ip);
	x86_set(&cur.regs, X86_SP, c.sp);
	x86_set(&cur.regs, X86_BP, c.bp);
	ck_assert_int_eq(x86_step_fp(syn_open(m), &cur, &out), STK_STEP_NO_RULE);
}
END_TEST

/* A function's first instructions: rbp is still the caller's. */
START_TEST(before_the_frame)
{
	static const unsigned char code[] = { 0xf3, 0x0f, 0x1e, 0xfa, 0x0f, 0x1f, 0x44,
					      0x00, 0x00, 0x55, 0x48, 0x89, 0xe5 };
	static const struct {
		unsigned int skip, off; /* bytes that this function lacks, where it is */
		bool pushed;
	} row[] = {
		{ 0, 0, false }, { 0, 4, false }, { 0, 9, false },
		{ 0, 10, true }, { 4, 0, false }, { 4, 5, false },
		{ 4, 6, true },	 { 9, 0, false }, { 9, 1, true },
	};
	uint64_t fn = syn_sym(m, "task_spin");

	syn_write(m, fn, code + row[_i].skip, sizeof(code) - row[_i].skip);
	syn_push(&c, syn_call_insn(m, "vfs_write", 0x9b, "task_spin"));
	if (row[_i].pushed)
		syn_push(&c, c.bp);
	c.ip = fn + row[_i].off;
	{
		struct stk *s = syn_open(m);
		struct stk_start start = syn_start(&c);
		struct stk_chain *chain;
		const struct stk_frame *f;

		ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
		ck_assert_uint_eq(chain->segments->nr_frames, 5);
		f = &chain->segments->frames[1];
		ck_assert_uint_eq(f->ip, syn_sym(m, "vfs_write") + 0x9b);
		ck_assert_uint_eq(f->sp, c.sp + 8 + 8 * row[_i].pushed);
		ck_assert_int_eq(f->how, STK_HOW_FP);
		ck_assert(f->reliable);
		ck_assert_int_eq(chain->end, STK_END_USER);
		stk_chain_free(s, chain);
	}
}
END_TEST

Suite *suite_fp(void)
{
	Suite *suite = suite_create("frame pointers");
	TCase *step = tcase_create("step");

	tcase_add_checked_fixture(step, setup, teardown);
	tcase_add_test(step, frames_of_a_syscall);
	tcase_add_test(step, marked_pt_regs);
	tcase_add_test(step, downwards);
	tcase_add_test(step, not_beside_orc);
	tcase_add_loop_test(step, before_the_frame, 0, 9);
	suite_add_tcase(suite, step);
	return suite;
}
