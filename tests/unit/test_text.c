/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves how a chain reads, to the letter: the header and frames in the look of crash's
 * bt, a line of dashes for each stack, marks and their legend, evidence, user mode.
 */
#include "fixture.h"
#include "suite.h"

#include <stackinfo/render.h>
#include <stdlib.h>
#include <string.h>

/* Read by a human before it was put here. */
static const char golden_irq[] =
	"PID: 227      TASK: ffff9a402001e000  CPU: 1   COMMAND: \"sh\"  STATE: R  [certain]\n"
	"  #0 [ffffb1c000009f90] timer_fn+64 at ffffffff9b001c40\n"
	"  #1 [ffffb1c000009fa0] hrtimer_interrupt+169 at ffffffff9b001ba9\n"
	"  #2 [ffffb1c000009fe0] __sysvec_apic_timer_interrupt+86 at ffffffff9b001856\n"
	"  #3 [ffffb1c000009ff0] sysvec_apic_timer_interrupt+69 at ffffffff9b001745\n"
	"--- <IRQ> CPU 1 ffffb1c000006000-ffffb1c00000a000, 112 used; left by word at ffffb1c000009ff8 ---\n"
	"  #4 [ffffb1c00011be00] asm_sysvec_apic_timer_interrupt+22 at ffffffff9b001616\n"
	"    [exception RIP: task_spin+64]\n"
	"    RIP: ffffffff9b001540  RSP: ffffb1c00011beb8  RFLAGS: 00000246\n"
	"    RAX: 000000000000770a  RBX: 0000000000007705  RCX: 000000000000770b\n"
	"    RDX: 000000000000770c  RSI: 000000000000770d  RDI: 000000000000770e\n"
	"    RBP: ffffb1c00011bef0   R8: 0000000000007709   R9: 0000000000007708\n"
	"    R10: 0000000000007707  R11: 0000000000007706  R12: 0000000000007703\n"
	"    R13: 0000000000007702  R14: 0000000000007701  R15: 0000000000007700\n"
	"    ORIG_RAX: ffffffffffffffff   CS: 0010   SS: 0018\n"
	"  #5 [ffffb1c00011beb8] vfs_write+155 at ffffffff9b00149b\n"
	"  #6 [ffffb1c00011bef8] ksys_write+111 at ffffffff9b00136f\n"
	"  #7 [ffffb1c00011bf28] do_syscall_64+88 at ffffffff9b001258\n"
	"  #8 [ffffb1c00011bf50] entry_SYSCALL_64+99 at ffffffff9b001163\n"
	"    RIP: 00007f1122334455  RSP: 00007ffc00001000  RFLAGS: 00000246\n"
	"    RAX: 000000000000770a  RBX: 0000000000007705  RCX: 000000000000770b\n"
	"    RDX: 000000000000770c  RSI: 000000000000770d  RDI: 000000000000770e\n"
	"    RBP: 0000000000000000   R8: 0000000000007709   R9: 0000000000007708\n"
	"    R10: 0000000000007707  R11: 0000000000007706  R12: 0000000000007703\n"
	"    R13: 0000000000007702  R14: 0000000000007701  R15: 0000000000007700\n"
	"    ORIG_RAX: ffffffffffffffff   CS: 0033   SS: 002b\n"
	"--- <TASK> PID 227 ffffb1c000118000-ffffb1c00011c000, 504 used; ends: user mode at 0x7f1122334455, syscall ---\n";

static const char golden_nmi[] =
	"PID: 227      TASK: ffff9a402001e000  CPU: 1   COMMAND: \"sh\"  STATE: R  [certain]\n"
	"    registers from prstatus\n"
	"  #0 [fffffe0000048e98] crash_nmi_callback+64 at ffffffff9b002040  <regs>\n"
	"    RIP: ffffffff9b002040  RSP: fffffe0000048e98\n"
	"    RBP: 0000000000000000\n"
	"     CS: 0010\n"
	"  #1 [fffffe0000048ea0] nmi_handle+94 at ffffffff9b001f5e  <orc: call, target>\n"
	"  #2 [fffffe0000048ed0] exc_nmi+112 at ffffffff9b001e70  <orc: call, target>\n"
	"  #3 [fffffe0000048ef0] asm_exc_nmi+128 at ffffffff9b001d80  <orc: call, target>\n"
	"--- <NMI> CPU 1 fffffe0000047000-fffffe0000049000, 360 used; left by pt_regs at fffffe0000048ef8 ---\n"
	"    by regs at fffffe0000048ef8, next rsp ffffb1c00011bf00\n"
	"    word at fffffe0000048ff0: ffffb1c00011bf00, agrees\n"
	"    witnesses: owner, route, regs, place, copy, link\n"
	"    [exception RIP: worker_thread+64]\n"
	"    RIP: ffffffff9b002c40  RSP: ffffb1c00011bf00  RFLAGS: 00000246\n"
	"    RAX: 000000000000770a  RBX: 0000000000007705  RCX: 000000000000770b\n"
	"    RDX: 000000000000770c  RSI: 000000000000770d  RDI: 000000000000770e\n"
	"    RBP: 0000000000000000   R8: 0000000000007709   R9: 0000000000007708\n"
	"    R10: 0000000000007707  R11: 0000000000007706  R12: 0000000000007703\n"
	"    R13: 0000000000007702  R14: 0000000000007701  R15: 0000000000007700\n"
	"    ORIG_RAX: ffffffffffffffff   CS: 0010   SS: 0018\n"
	"    (saved at fffffe0000048ef8)\n"
	"  #4 [ffffb1c00011bf28] kthread+233 at ffffffff9b002be9  <orc: call, target>\n"
	"  #5 [ffffb1c00011bf50] ret_from_fork+34 at ffffffff9b002a22  <orc: call, target>\n"
	"--- <TASK> PID 227 ffffb1c000118000-ffffb1c00011c000, 256 used; ends: start of the thread ---\n";

static const char golden_broken[] =
	"PID: 227      TASK: ffff9a402001e000  CPU: 1   COMMAND: \"sh\"  STATE: R  [broken]\n"
	"  #0 [ffffb1c00011beb0] (unknown) at deadbeef00000000\n"
	" ?#1 [ffffb1c00011beb0] task_spin+80 at ffffffff9b001550\n"
	"    (called a bad address)\n"
	"--- <TASK> PID 227 ffffb1c000118000-ffffb1c00011c000, 336 used; broken off ---\n"
	"xbt: the chain is broken: the return address is not in code (0xffff9a4000000000)\n";

static const char golden_user[] =
	"PID: 227      TASK: ffff9a402001e000  CPU: 1   COMMAND: \"sh\"  STATE: R  [certain]\n"
	"    RIP: 00007f1122334455  RSP: 00007ffc00001000  RFLAGS: 00000246\n"
	"    RAX: 000000000000550a  RBX: 0000000000005505  RCX: 000000000000550b\n"
	"    RDX: 000000000000550c  RSI: 000000000000550d  RDI: 000000000000550e\n"
	"    RBP: 0000000000000000   R8: 0000000000005509   R9: 0000000000005508\n"
	"    R10: 0000000000005507  R11: 0000000000005506  R12: 0000000000005503\n"
	"    R13: 0000000000005502  R14: 0000000000005501  R15: 0000000000005500\n"
	"    ORIG_RAX: 000000000000550f   CS: 0033   SS: 002b\n"
	"--- in user mode at 0x7f1122334455; its kernel stacks are empty ---\n"
	"? before a frame: not certain; the line below it says why\n";

static struct stk *s;
static char *out;

static void teardown(void)
{
	free(out);
	out = NULL;
}

static bool render(bool verbose, bool registers)
{
	struct stk_text_options opt = { .verbose = verbose, .registers = registers };
	struct stk_start start;
	struct stk_chain *chain;
	bool doubts = false;
	size_t len;
	FILE *fp;

	s = syn_open(m);
	start = syn_start(&c);
	start.from = STK_FROM_PRSTATUS;
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	free(out);
	fp = open_memstream(&out, &len);
	stk_text_chain(s, fp, chain, &opt, &doubts);
	fclose(fp);
	stk_chain_free(s, chain);
	return doubts;
}

START_TEST(irq_over_task)
{
	syn_syscall(&c);
	syn_irq(&c);
	ck_assert(!render(false, false));
	ck_assert_str_eq(out, golden_irq);
}
END_TEST

START_TEST(verbose_with_registers)
{
	syn_kthread(&c);
	syn_nmi(&c);
	ck_assert(!render(true, true));
	ck_assert_str_eq(out, golden_nmi);
}
END_TEST

/* A doubtful frame has a mark and the reason; a broken chain says so. */
START_TEST(doubtful_and_broken)
{
	syn_syscall(&c);
	syn_push(&c, syn_call_insn(m, "task_spin", 0x50, "panic"));
	c.ip = 0xdeadbeef00000000ull;
	/* and nothing up to the top of the stack is a return address */
	for (uint64_t at = c.sp + 8; at < 0xffffb1c00011c000ull; at += 8)
		syn_put64(m, at, SYN_DIRECT);
	ck_assert(render(false, false));
	ck_assert_str_eq(out, golden_broken);
}
END_TEST

START_TEST(user_mode)
{
	struct stk_text_options opt = { 0 };
	struct stk_start start;
	struct stk_chain *chain;
	bool doubts = false;
	size_t len;
	FILE *fp;

	syn_crash_note_regs(m, 1, 227, SYN_USER_IP, 0x33, 0x7ffc00001000, 0);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	fp = open_memstream(&out, &len);
	stk_text_chain(s, fp, chain, &opt, &doubts);
	stk_text_legend(fp);
	fclose(fp);
	stk_chain_free(s, chain);
	ck_assert_str_eq(out, golden_user);
}
END_TEST

/* No line is much wider than a terminal is. */
START_TEST(lines_fit)
{
	syn_syscall(&c);
	syn_irq(&c);
	syn_nmi(&c);
	render(_i & 1, _i & 2);
	for (char *line = strtok(out, "\n"); line; line = strtok(NULL, "\n"))
		/* Those that close a stack hold three addresses. */
		ck_assert_msg(strlen(line) <= (*line == '-' ? 110 : 100),
			      "%zu columns: %s", strlen(line), line);
}
END_TEST

static const struct unit_test t_tests[] = {
	TEST(irq_over_task), TEST(verbose_with_registers), TEST(doubtful_and_broken),
	TEST(user_mode),     LOOP(lines_fit, 4),	   { 0 },
};

const struct unit_suite suite_text = {
	"text",
	{
		{ "chain", t_tests, fixture_task, teardown },
	},
};
