/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves single rules of x86_64's room, one function at a time: each condition of it is
 * the only one that fails once.
 */
#include "fixture.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/x86_64/exception.h"
#include "arch/x86_64/insn.h"
#include "arch/x86_64/orc.h"
#include "arch/x86_64/prologue.h"
#include "machine/lost.h"
#include "machine/memory.h"
#include "stacks/stack.h"

#define FREE (SYN_TEXT + 0x8000) /* code of no function yet */
#define AT   (SYN_DATA + 0x100000)

static struct stk *s;
static const char *why;

static void gate(unsigned int vector, uint64_t handler)
{
	const uint64_t at = syn_sym(m, "idt_table") + 16ull * vector;

	syn_put64(m, at, (handler & 0xffff) | (handler & 0xffff0000) << 32);
	syn_put64(m, at + 8, handler >> 32);
}

/* ---- exception stacks ---- */

/* Where an exception has its registers: the NMI's five words are there three times. */
START_TEST(frames_of_kinds)
{
	static const struct {
		const struct stk_kind *kind;
		unsigned int pt_regs, hw; /* 0: no frame is there */
	} row[] = {
		{ X86_STACK(DF), 168, 40 },   { X86_STACK(NMI), 168 + 96, 40 },
		{ X86_STACK(DB2), 0, 0 },     { X86_STACK(DB1), 168, 40 },
		{ X86_STACK(DB), 168, 40 },   { X86_STACK(MCE), 168, 40 },
		{ X86_STACK(VC), 168, 40 },   { X86_STACK(VC2), 168, 40 },
		{ X86_STACK(TASK), 0, 0 },    { X86_STACK(IRQ), 0, 0 },
		{ X86_STACK(ENTRY), 0, 0 },   { X86_STACK(ESPFIX), 0, 0 },
		{ X86_STACK(UNKNOWN), 0, 0 }, { X86_STACK(SOFTIRQ), 0, 0 },
	};
	const struct stk_stack stack = stack_of_kind(row[_i].kind, AT, AT + 0x1000);
	const struct x86_exception_frame *frame;

	syn_fill(m, AT, 0x1000, 0);
	frame = x86_frame_on(syn_open(m), &stack);
	ck_assert(!frame == !row[_i].pt_regs);
	ck_assert(!frame || frame->pt_regs == row[_i].pt_regs);
	ck_assert(!frame || frame->hw == row[_i].hw);
	ck_assert(x86_keeps_copies(&stack) == (row[_i].kind == X86_STACK(NMI)));
}
END_TEST

/* ---- the IRQ stack ---- */

/* Of two pointers the one in use leads to memory; where none does it is the first. */
START_TEST(two_pointers_to_the_irq_stack)
{
	static const struct {
		uint64_t hard, irq, top;
	} row[] = {
		{ 0xffffb1c0dead0ff8, 0xffffb1c0beef0000, 0xffffb1c0dead1000 },
		{ 0xffffb1c0dead0000, 0xffffb1c0beef0ff8, 0xffffb1c0dead0000 },
		{ 0xffffb1c0dead0ff8, 0, 0 },
		{ 0xffffb1c0dead0008, 0, 0 },
	};
	struct stk_stack out[STK_MAX_CPU_STACKS];
	uint64_t top = row[_i].top ? row[_i].top : syn_irq_top(1);
	size_t nr, i;

	syn_symbol(m, "irq_stack_ptr", 0x1fb00);
	syn_put64(m, syn_percpu(m, "hardirq_stack_ptr", 1), row[_i].hard);
	syn_put64(m, syn_percpu(m, "irq_stack_ptr", 1), row[_i].irq ? row[_i].irq : top);
	s = syn_open(m);
	ck_assert_int_eq(x86_cpu_stacks(s, 1, out, STK_MAX_CPU_STACKS, &nr), STK_OK);
	for (i = 0; i < nr && out[i].kind != X86_STACK(IRQ); i++)
		;
	ck_assert_uint_lt(i, nr);
	ck_assert_uint_eq(out[i].end, top);
	ck_assert_uint_eq(out[i].begin, top - 0x4000);
}
END_TEST

/* Where a vendor kept an old word, the flag beside the pointer in use counts. */
START_TEST(two_flags_of_the_irq_stack)
{
	const uint64_t hot = syn_percpu(m, "hardirq_stack_ptr", 1) + 0x100;
	const uint64_t pointer = syn_percpu(m, "hardirq_stack_ptr", 1);
	const uint64_t used = syn_get64(m, pointer), lost = 0xffffb1c0dead0ff8;

	syn_symbol(m, "pcpu_hot", hot - SYN_PERCPU(1));
	syn_size(m, "pcpu_hot", 64);
	syn_member(m, "pcpu_hot.hardirq_stack_ptr", 16, 8);
	syn_member(m, "pcpu_hot.hardirq_stack_inuse", 40, 1);
	syn_put64(m, hot + 16, _i & 1 ? used : lost);
	syn_put64(m, pointer, _i & 1 ? lost : used);
	/* The other one says the contrary. */
	syn_put8(m, hot + 40, _i < 2 ? (_i & 1) : !(_i & 1));
	syn_put8(m, syn_percpu(m, "hardirq_stack_inuse", 1),
		 _i < 2 ? !(_i & 1) : (_i & 1));
	s = syn_open(m);
	ck_assert_int_eq(x86_irq_in_use(s, 1), _i < 2);
}
END_TEST

/* What the first call on the IRQ stack says: where it goes back to, and no more. */
START_TEST(vouched_by_the_irq_stack)
{
	const uint64_t top = syn_irq_top(1);
	struct stk_regs regs;
	bool signal = true;

	syn_syscall(&c);
	syn_irq(&c);
	if (_i == 1)
		syn_put8(m, syn_percpu(m, "hardirq_stack_inuse", 1), 0);
	if (_i == 2)
		syn_put64(m, top - 16, syn_sym(m, "panic") + 0x33);
	if (_i == 3) { /* a call, but not of the kernel's code */
		syn_put8(m, AT + 0x10, 0xe8);
		syn_put32(m, AT + 0x11, (uint32_t)(syn_sym(m, "panic") - AT - 0x15));
		syn_put64(m, top - 16, AT + 0x15);
	}
	s = syn_open(m);
	ck_assert(x86_vouched_regs(s, 1, &regs, &signal, &why) == !_i);
	if (_i)
		return;
	ck_assert(!signal);
	ck_assert_uint_eq(regs.valid, 1ull << X86_IP | 1ull << X86_SP);
	ck_assert_uint_eq(regs.v[X86_IP],
			  syn_sym(m, "sysvec_apic_timer_interrupt") + 0x45);
	ck_assert_uint_eq(regs.v[X86_SP], top - 8);
	ck_assert(strstr(why, "the CPU was on its IRQ stack") != NULL);
}
END_TEST

/* While an NMI is handled its stack is not the IRQ's: no call lies at its top. */
START_TEST(vouched_by_an_nmi_alone)
{
	const uint64_t top = syn_ist_top(m, 1, "NMI");
	struct stk_regs regs;
	bool signal = false;

	syn_syscall(&c);
	c.sp -= 0x100;
	syn_nmi(&c);
	syn_put64(m, top - 16, syn_call_insn(m, "task_spin", 0x50, "vfs_write"));
	if (_i)
		syn_put64(m, top - 96, syn_sym(m, "panic"));
	else
		syn_put64(m, top - 16, syn_get64(m, top - 96 + 24));
	s = syn_open(m);
	ck_assert(x86_vouched_regs(s, 1, &regs, &signal, &why) == !_i);
	ck_assert(signal == !_i);
}
END_TEST

/* ---- the top of the IRQ stack ---- */

/* The rule of the call itself, one byte before the return address, has rbp or has not. */
START_TEST(rule_before_the_return)
{
	static const struct {
		enum orc_type type;
		enum orc_reg sp;
		bool rbp;
	} row[] = {
		{ ORC_CALL, ORC_BP, true },
		{ ORC_CALL, ORC_SP, false },
		{ ORC_REGS, ORC_BP, false },
		{ ORC_HOLE, ORC_UNDEFINED, false },
	};
	const uint64_t top = syn_irq_top(1);
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	struct stk_step out = { 0 };
	uint64_t ret;

	fixture_task_of(syn_kernel(SYN_5_8));
	ret = syn_call_insn(m, "task_spin", 0x50, "timer_fn");
	syn_orc(m, ret - 2, ORC_CALL, row[_i].rbp ? ORC_SP : ORC_BP, 16, ORC_UNDEFINED,
		0);
	syn_orc(m, ret - 1, row[_i].type, row[_i].sp, 16, ORC_UNDEFINED, 0);
	syn_orc(m, ret, ORC_CALL, row[_i].rbp ? ORC_SP : ORC_BP, 16, ORC_UNDEFINED, 0);
	syn_put64(m, top - 16, ret);
	syn_put64(m, top - 8, 0xbbb0);
	s = syn_open(m);
	cur.stack = stack_of_kind(X86_STACK(IRQ), top - 0x4000, top);
	x86_set(&cur.regs, X86_IP, syn_sym(m, "timer_fn") + 0x10);
	x86_set(&cur.regs, X86_SP, top - 0x100);
	ck_assert_int_eq(x86_step_link(s, &cur, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.regs.v[X86_IP], ret);
	ck_assert(x86_has(&out.regs, X86_BP) == row[_i].rbp);
	ck_assert(!row[_i].rbp || out.regs.v[X86_BP] == 0xbbb0);
}
END_TEST

/* ---- frame pointers ---- */

/* Of code without a name nothing is known but that it keeps a frame pointer. */
START_TEST(frame_of_nameless_code)
{
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	struct stk_step out = { 0 };
	const uint64_t ret = syn_call_insn(m, "task_spin", 0x50, "timer_fn");

	fixture_task_of(syn_kernel_fp(SYN_6_1));
	syn_call_insn(m, "task_spin", 0x50, "timer_fn");
	cur.stack = stack_of_sh();
	syn_fill(m, SYN_VMALLOC + 0x800000, 0x100, 0x90);
	syn_fill(m, cur.stack.begin + 0x2000, 0x200, 0);
	syn_put64(m, cur.stack.begin + 0x2100, cur.stack.begin + 0x2180);
	syn_put64(m, cur.stack.begin + 0x2108, ret);
	s = syn_open(m);
	cur.arena = &s->arena;
	x86_set(&cur.regs, X86_IP, SYN_VMALLOC + 0x800000);
	x86_set(&cur.regs, X86_SP, cur.stack.begin + 0x2000);
	x86_set(&cur.regs, X86_BP, cur.stack.begin + 0x2100);
	ck_assert_int_eq(x86_step_fp(s, &cur, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.regs.v[X86_IP], ret);
	ck_assert_uint_eq(out.regs.v[X86_SP], cur.stack.begin + 0x2110);
	ck_assert_uint_eq(out.slot, cur.stack.begin + 0x2108);
	ck_assert(out.reliable);
	ck_assert_ptr_null(out.note);
}
END_TEST

/* What was found while the user wanted to stop is asked again. */
START_TEST(unwinder_when_interrupted)
{
	fixture_task_of(syn_kernel_fp(SYN_6_1));
	syn_write(m, syn_sym(m, "panic"), "\x41\x57\x41\x56", 4);
	syn_write(m, syn_sym(m, "kthread"), "\x41\x57\x41\x56", 4);
	s = syn_open(m);
	m->interrupt = true;
	stk_enter(s);
	x86_unwinder(s);
	stk_leave(s, STK_OK);
	m->interrupt = false;
	stk_enter(s);
	ck_assert_int_eq(x86_unwinder(s), X86_UNWINDER_NONE);
	stk_leave(s, STK_OK);
	ck_assert_int_eq(x86_state(s)->unwinder, X86_UNWINDER_NONE);
}
END_TEST

/*
 * Where a chain begins with a return address, its function is that of the call before it,
 * whose very end that may be; and rbp lies below, if it leads to a call of it.
 */
START_TEST(rbp_that_was_pushed)
{
	static const struct {
		const char *callee; /* that the frame's return address is of */
		bool signal, by_pointer, ok;
		int shift; /* of the word that has rbp */
	} row[] = {
		{ "tail_fn", false, false, true, 0 },
		{ "behind", false, false, false, 0 },
		{ "tail_fn", false, true, true, 0 },
		{ "tail_fn", true, false, false, 0 },
		{ "tail_fn", false, false, false, 8 },
		{ "tail_fn", false, false, false, 1 },
	};
	struct stk_cursor cur = { .cpu = 1, .signal = row[_i].signal };
	struct stk_step out = { 0 };
	uint64_t sp, bp, ret;

	fixture_task_of(syn_kernel_fp(SYN_6_1));
	syn_symbol(m, "tail_fn", FREE);
	syn_symbol(m, "behind", FREE + 0x100);
	syn_fill(m, FREE, 0x200, 0x90);
	ret = row[_i].by_pointer ? syn_call_by_pointer(m, "task_spin", 0x50)
				 : syn_call_insn(m, "task_spin", 0x50, row[_i].callee);
	cur.stack = stack_of_sh();
	sp = cur.stack.begin + 0x2000;
	bp = sp + 0x40;
	syn_fill(m, sp - 64, 0x200, 0);
	syn_put64(m, sp - 16, bp + (uint64_t)row[_i].shift);
	syn_put64(m, sp - 8, FREE + 0x100);
	syn_put64(m, bp, sp + 0x80);
	syn_put64(m, bp + 8, ret);
	s = syn_open(m);
	cur.arena = &s->arena;
	x86_set(&cur.regs, X86_IP, FREE + 0x100);
	x86_set(&cur.regs, X86_SP, sp);
	if (!row[_i].ok) {
		ck_assert(x86_step_fp(s, &cur, &out) != STK_STEP_OK ||
			  out.regs.v[X86_IP] != ret);
		return;
	}
	ck_assert_int_eq(x86_step_fp(s, &cur, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.regs.v[X86_IP], ret);
	ck_assert_uint_eq(out.regs.v[X86_BP], sp + 0x80);
	ck_assert_uint_eq(out.slot, bp + 8);
}
END_TEST

/* What calls itself has a return address of itself on top, and yet its own frame. */
START_TEST(frame_of_a_recursion)
{
	static const unsigned char code[] = { 0x55, 0x48, 0x89, 0xe5, 0x90, 0x90 };
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	struct stk_step out = { 0 };
	uint64_t sp, bp, ret;

	fixture_task_of(syn_kernel_fp(SYN_6_1));
	syn_symbol(m, "again", FREE);
	syn_symbol(m, "behind", FREE + 0x100);
	syn_fill(m, FREE, 0x200, 0x90);
	syn_write(m, FREE, code, sizeof(code));
	ret = syn_call_insn(m, "again", 0x50, _i ? "again" : "behind");
	cur.stack = stack_of_sh();
	sp = cur.stack.begin + 0x2000;
	bp = sp + 0x40;
	syn_fill(m, sp - 64, 0x200, 0);
	syn_put64(m, sp, syn_call_insn(m, "again", 0x80, "again"));
	syn_put64(m, bp, sp + 0x80);
	syn_put64(m, bp + 8, ret);
	s = syn_open(m);
	cur.arena = &s->arena;
	x86_set(&cur.regs, X86_IP, FREE + 6);
	x86_set(&cur.regs, X86_SP, sp);
	x86_set(&cur.regs, X86_BP, bp);
	ck_assert_int_eq(x86_step_fp(s, &cur, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.slot, _i ? bp + 8 : sp);
	ck_assert_uint_eq(out.regs.v[X86_BP], _i ? sp + 0x80 : bp);
}
END_TEST

/* What lies on top is the caller's only if it is a return address. */
START_TEST(frame_below_a_word)
{
	static const unsigned char code[] = { 0x55, 0x48, 0x89, 0xe5, 0x90, 0x90 };
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	struct stk_step out = { 0 };
	uint64_t sp, bp, word, ret;

	fixture_task_of(syn_kernel_fp(SYN_6_1));
	syn_symbol(m, "leaf", FREE);
	syn_symbol(m, "between", FREE + 0x100);
	syn_symbol(m, "behind", FREE + 0x200);
	syn_fill(m, FREE, 0x300, 0x90);
	syn_write(m, FREE, code, sizeof(code));
	word = _i == 1 ? syn_call_by_pointer(m, "between", 0x50) : FREE + 0x150;
	if (_i == 3)
		word = syn_call_by_pointer(m, "between", 0x100);
	if (_i == 2) {
		word = AT + 0x15;
		syn_put8(m, AT + 0x10, 0xe8);
		syn_put32(m, AT + 0x11, (uint32_t)(FREE - word));
	}
	ret = syn_call_insn(m, "task_spin", 0x50, "between");
	cur.stack = stack_of_sh();
	sp = cur.stack.begin + 0x2000;
	bp = sp + 0x40;
	syn_fill(m, sp - 64, 0x200, 0);
	syn_put64(m, sp, word);
	syn_put64(m, bp, sp + 0x80);
	syn_put64(m, bp + 8, ret);
	s = syn_open(m);
	cur.arena = &s->arena;
	x86_set(&cur.regs, X86_IP, FREE + 6);
	x86_set(&cur.regs, X86_SP, sp);
	x86_set(&cur.regs, X86_BP, bp);
	ck_assert_int_eq(x86_step_fp(s, &cur, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.slot, _i & 1 ? sp : bp + 8);
	ck_assert_uint_eq(out.regs.v[X86_IP], _i & 1 ? word : ret);
}
END_TEST

/* Code without a frame may have pushed 512 bytes above which a call of it is not its own.
 */
START_TEST(call_far_above)
{
	static const struct {
		unsigned int at, bp; /* above rsp */
		bool found;
	} row[] = {
		{ 16, 0x400, true },   { 504, 0x400, true }, { 512, 0x400, false },
		{ 520, 0x400, false }, { 248, 256, true },   { 264, 256, false },
	};
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	struct stk_step out = { 0 };
	uint64_t sp, bp, ret, own;

	fixture_task_of(syn_kernel_fp(SYN_6_1));
	syn_symbol(m, "bare", FREE);
	syn_symbol(m, "behind", FREE + 0x100);
	syn_fill(m, FREE, 0x100, 0x90);
	own = syn_call_insn(m, "task_spin", 0x50, "bare");
	ret = syn_call_insn(m, "task_spin", 0x80, "behind");
	cur.stack = stack_of_sh();
	sp = cur.stack.begin + 0x2000;
	bp = sp + row[_i].bp;
	syn_fill(m, sp, 0x800, 0);
	syn_put64(m, sp + row[_i].at, own);
	syn_put64(m, bp, bp + 0x80);
	if (bp + 8 != sp + row[_i].at)
		syn_put64(m, bp + 8, ret);
	s = syn_open(m);
	cur.arena = &s->arena;
	x86_set(&cur.regs, X86_IP, FREE + 6);
	x86_set(&cur.regs, X86_SP, sp);
	x86_set(&cur.regs, X86_BP, bp);
	ck_assert_int_eq(x86_step_fp(s, &cur, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.slot, row[_i].found ? sp + row[_i].at : bp + 8);
	ck_assert(!out.note == row[_i].found);
	ck_assert(out.reliable == row[_i].found);
}
END_TEST

/* To registers that cannot be read nothing leads, and where they are is said. */
START_TEST(registers_that_are_lost)
{
	struct stk_step out = { 0 };
	const uint64_t at = stack_of_sh().begin + 0x2000;

	syn_fill(m, at, 0x1000, 0);
	syn_put64(m, at + 8 * X86_IP, FREE);
	s = syn_open(m);
	ck_assert_int_eq(x86_regs_step(s, at, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.regs_at, at);
	ck_assert(out.full && out.signal);
	ck_assert_uint_eq(out.regs.v[X86_IP], FREE);
	syn_fail(m, at, STK_ERR_EXCLUDED);
	stk_forget_memory(s);
	out = (struct stk_step){ 0 };
	ck_assert_int_eq(x86_regs_step(s, at, &out), STK_STEP_FAILED);
	ck_assert_int_eq(out.end, STK_END_UNREADABLE);
	ck_assert_uint_eq(out.bad, at);
	ck_assert_uint_eq(out.regs_at, 0);
}
END_TEST

/* A second NMI's frame is at the top, above those of the first one's handler. */
START_TEST(nested_nmis)
{
	static const struct {
		const char *stack;
		unsigned int at; /* below its top */
		int sp;		 /* the same; less than 0: on another stack */
		bool nested;
	} row[] = {
		{ "NMI", 40, 0x200, true },  { "NMI", 40, 48, true },
		{ "NMI", 40, 40, false },    { "NMI", 48, 0x200, false },
		{ "DB", 40, 0x200, false },  { "NMI", 40, -1, false },
		{ "NMI", 40, 0x2000, true }, { "NMI", 40, 0x2008, false },
	};
	const uint64_t top = syn_ist_top(m, 1, row[_i].stack), at = top - row[_i].at;
	const uint64_t words[] = { syn_sym(m, "vfs_write") + 4, 0x10, 0x246,
				   row[_i].sp < 0 ? c.sp : top - (uint64_t)row[_i].sp,
				   0x18 };
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	struct stk_step out = { 0 };

	ck_assert_uint_eq(syn_ist_size(m), 0x2000);
	syn_orc(m, FREE, ORC_REGS_PARTIAL, ORC_SP, 0, ORC_UNDEFINED, 0);
	syn_write(m, at, words, sizeof(words));
	s = syn_open(m);
	cur.stack = stack_of_kind(strcmp(row[_i].stack, "DB") ? X86_STACK(NMI)
							      : X86_STACK(DB),
				  top - 0x2000, top);
	x86_set(&cur.regs, X86_IP, FREE + 4);
	x86_set(&cur.regs, X86_SP, at);
	ck_assert_int_eq(x86_step_orc(s, &cur, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.regs.v[X86_IP], words[0]);
	ck_assert_uint_eq(out.regs_at, at - X86_IRET_OFFSET);
	ck_assert(out.nested == row[_i].nested);
	if (row[_i].nested)
		ck_assert_str_eq(out.note,
				 "a second NMI came in while the first was handled");
	else
		ck_assert_ptr_null(out.note);
}
END_TEST

/*
 * FRED's frame lies where the event began to push, from none to all of the registers
 * above rsp, and on the stack.
 */
START_TEST(frames_of_fred)
{
	static const struct {
		unsigned int top, end; /* above rsp */
		bool found;
	} row[] = {
		{ 64, 0x400, true },   { 128, 0x400, true }, { 192, 0x400, false },
		{ 256, 0x400, false }, { 128, 128, true },   { 128, 64, false },
	};
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	struct stk_step out = { .how = STK_HOW_SCAN };
	uint64_t sp, top;

	fixture_task_of(syn_kernel(SYN_FRED));
	sp = syn_stack(m, sh) + 0x2000;
	top = sp + row[_i].top;
	syn_fill(m, sp, 0x400, 0);
	syn_fred_regs(&c, top, syn_sym(m, "vfs_write") + 4, 0x10, top + 64, 0, 0);
	s = syn_open(m);
	cur.stack = stack_of_sh();
	cur.stack.end = sp + row[_i].end;
	x86_set(&cur.regs, X86_IP, syn_sym(m, "asm_fred_entrypoint_kernel") + 4);
	x86_set(&cur.regs, X86_SP, sp);
	x86_set(&cur.regs, X86_BP, 0xbbb0);
	ck_assert_int_eq(x86_step_fred(s, &cur, &out),
			 row[_i].found ? STK_STEP_OK : STK_STEP_NO_RULE);
	ck_assert(!out.regs.valid == !row[_i].found);
	if (!row[_i].found)
		return;
	ck_assert_uint_eq(out.regs.v[X86_IP], syn_sym(m, "vfs_write") + 4);
	ck_assert_uint_eq(out.regs.v[X86_SP], top + 64);
	ck_assert_uint_eq(out.regs.v[X86_BP], 0xbbb0);
	ck_assert_uint_eq(out.regs_at, top - 184);
	ck_assert(out.signal && out.reliable);
	ck_assert_int_eq(out.how, STK_HOW_REGS);
}
END_TEST

/* ---- without a rule ---- */

/* Of code without a name nobody knows where it begins. */
START_TEST(call_site_of_no_name)
{
	struct stk_cursor cur = { .cpu = 1 };
	struct stk_step out = { 0 };
	struct stk_name name;
	uint64_t ret = syn_sym(m, "task_spin") + 0x50;

	syn_put8(m, ret - 5, 0xe8);
	syn_put32(m, ret - 4, (uint32_t)(SYN_MODULE - ret));
	cur.stack = stack_of_sh();
	syn_fill(m, c.sp - 0x100, 0x100, 0);
	syn_put64(m, c.sp - 0x100, ret);
	s = syn_open(m);
	cur.arena = &s->arena;
	x86_set(&cur.regs, X86_IP, SYN_MODULE);
	x86_set(&cur.regs, X86_SP, c.sp - 0x100);
	stk_symbolize(s, SYN_MODULE, true, &name);
	ck_assert_ptr_null(name.function);
	ck_assert_int_eq(x86_step_callsite(s, &cur, &out), STK_STEP_NO_RULE);
}
END_TEST

/* From user mode an event begins at the very top of the task's stack. */
START_TEST(frames_of_fred_from_user_mode)
{
	static const struct {
		unsigned int end; /* above the frame */
		uint64_t cs;
		bool task, found;
	} row[] = {
		{ 0, 0x33, true, true },
		{ 64, 0x33, true, false },
		{ 0, 0x33, false, false },
		{ 0, 0x10, true, false },
	};
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	struct stk_step out = { 0 };
	uint64_t sp, top;

	fixture_task_of(syn_kernel(SYN_FRED));
	sp = syn_stack(m, sh) + 0x2000;
	top = sp + 64;
	syn_fill(m, sp, 0x400, 0);
	syn_fred_regs(&c, top, SYN_USER_IP, row[_i].cs, 0x7ffc00001000, 0, 0);
	s = syn_open(m);
	cur.stack = stack_of_sh();
	cur.stack.end = top + row[_i].end;
	if (!row[_i].task)
		cur.stack.kind = X86_STACK(DB);
	x86_set(&cur.regs, X86_IP, syn_sym(m, "asm_fred_entrypoint_user") + 4);
	x86_set(&cur.regs, X86_SP, sp);
	ck_assert_int_eq(x86_step_fred(s, &cur, &out),
			 row[_i].found ? STK_STEP_OK : STK_STEP_NO_RULE);
}
END_TEST

/* Until the frame is whole the user's rsp is where SYSCALL parked it. */
START_TEST(parked_while_it_is_pushed)
{
	struct stk_cursor cur = { .cpu = 1, .signal = true };
	struct stk_step out = { 0 };

	syn_put64(m, syn_percpu(m, "cpu_tss_rw", 1) + 20, 0x7ffc00004000);
	cur.stack = stack_of_sh();
	syn_put64(m, cur.stack.end - 8, 0x2b);
	s = syn_open(m);
	x86_set(&cur.regs, X86_IP, syn_sym(m, "entry_SYSCALL_64") + 8);
	x86_set(&cur.regs, X86_SP, cur.stack.end - 8 * (uint64_t)_i);
	x86_set(&cur.regs, X86_CX, SYN_USER_IP);
	ck_assert_int_eq(x86_step_syscall(s, &cur, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.regs.v[X86_SP], 0x7ffc00004000);
	ck_assert_uint_eq(out.regs.v[X86_IP], SYN_USER_IP);
	ck_assert_uint_eq(out.regs.v[X86_CS], 0x33);
}
END_TEST

/* What returned to no code was not called there: only who jumped is looked for on top. */
START_TEST(return_to_no_code)
{
	struct stk_cursor cur = { .cpu = 1, .signal = _i };
	struct stk_step out = { 0 };
	const uint64_t ret = syn_call_by_pointer(m, "task_spin", 0x50);

	cur.stack = stack_of_sh();
	syn_fill(m, c.sp - 0x100, 0x100, 0);
	syn_put64(m, c.sp - 0x100, ret);
	s = syn_open(m);
	cur.arena = &s->arena;
	x86_set(&cur.regs, X86_IP, AT);
	x86_set(&cur.regs, X86_SP, c.sp - 0x100);
	ck_assert_int_eq(x86_step_callsite(s, &cur, &out),
			 _i ? STK_STEP_OK : STK_STEP_NO_RULE);
	if (_i)
		ck_assert_str_eq(out.note, "called a bad address");
}
END_TEST

/* A hole: what called the function that the code is of, which the call before tells. */
START_TEST(call_site_at_the_end)
{
	struct stk_cursor cur = { .cpu = 1, .signal = _i };
	const char *const function = _i ? "behind" : "tail_fn";
	struct stk_step out = { 0 };
	uint64_t sp, ret;

	syn_symbol(m, "tail_fn", FREE);
	syn_symbol(m, "behind", FREE + 0x100);
	syn_fill(m, FREE, 0x200, 0x90);
	/* Where the hole begins and ends is just there. */
	syn_orc(m, FREE, _i ? ORC_CALL : ORC_HOLE, ORC_SP, 8, ORC_UNDEFINED, 0);
	syn_orc(m, FREE + 0x100, _i ? ORC_HOLE : ORC_CALL, ORC_SP, 8, ORC_UNDEFINED, 0);
	ret = syn_call_insn(m, "task_spin", 0x50, function);
	cur.stack = stack_of_sh();
	sp = cur.stack.begin + 0x2000;
	syn_fill(m, sp, 0x40, 0);
	syn_put64(m, sp + 8, ret);
	s = syn_open(m);
	cur.arena = &s->arena;
	x86_set(&cur.regs, X86_IP, FREE + 0x100);
	x86_set(&cur.regs, X86_SP, sp);
	ck_assert_int_eq(x86_step_callsite(s, &cur, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.slot, sp + 8);
	ck_assert_uint_eq(out.regs.v[X86_IP], ret);
	ck_assert_uint_eq(out.regs.v[X86_SP], sp + 16);
	ck_assert(out.reliable);
	ck_assert(!strncmp(out.note, function, strlen(function)));
}
END_TEST

/* 4.14: below the user's registers is a return address, or nothing is known. */
START_TEST(word_below_the_users)
{
	struct stk_cursor cur = { .cpu = 1 };
	struct stk_step out = { 0 };
	uint64_t top;

	m->orc_format = SYN_ORC_4_14;
	syn_syscall(&c);
	cur.stack = stack_of_sh();
	top = cur.stack.end - X86_PT_REGS_SIZE;
	syn_put64(m, top - 8, _i ? AT : syn_sym(m, "entry_SYSCALL_64") + 0x63);
	s = syn_open(m);
	x86_set(&cur.regs, X86_IP, FREE);
	x86_set(&cur.regs, X86_SP, c.sp);
	ck_assert_int_eq(x86_step_link(s, &cur, &out),
			 _i ? STK_STEP_NO_RULE : STK_STEP_OK);
}
END_TEST

/* What an optimized kprobe built: each thing that it has to have is missing once. */
START_TEST(detour_of_a_kprobe)
{
	enum { GOOD, OLD, SIGNAL, NO_SYMBOL, NO_CALL, OTHER_CALL, NO_TEXT, SP, LOST };
	static const char *const called[] = { [OTHER_CALL] = "vfs_write", [LOST] = NULL };
	const uint64_t callback = FREE + 0x100;
	struct stk_cursor cur = { .cpu = 1, .signal = _i == SIGNAL };
	struct stk_step out = { .how = STK_HOW_SCAN };
	uint64_t sp, ret;

	syn_symbol(m, "optimized_callback", callback);
	syn_symbol(m, "detour", FREE);
	ret = syn_call_insn(m, "detour", 0x30,
			    called[_i] ? called[_i] : "optimized_callback");
	if (_i == NO_SYMBOL)
		syn_no_symbol(m, "optimized_callback");
	cur.stack = stack_of_sh();
	sp = cur.stack.begin + 0x2000;
	syn_fill(m, sp, 0x200, 0);
	syn_jump(m, syn_sym(m, "vfs_write") + 3, FREE);
	syn_put64(m, sp + 8 * X86_IP, _i == NO_TEXT ? AT : syn_sym(m, "vfs_write") + 4);
	syn_put64(m, sp + 8 * X86_CS, 0x10);
	syn_put64(m, sp + 8 * X86_SP,
		  sp + X86_PT_REGS_SIZE - (_i == OLD ? 8 : 0) + (_i == SP ? 8 : 0));
	if (_i == LOST)
		syn_fail(m, sp, STK_ERR_EXCLUDED);
	s = syn_open(m);
	x86_set(&cur.regs, X86_IP, ret + (_i == NO_CALL));
	x86_set(&cur.regs, X86_SP, sp);
	ck_assert_int_eq(x86_step_kprobe(s, &cur, &out),
			 _i <= OLD ? STK_STEP_OK : STK_STEP_NO_RULE);
	if (_i > OLD)
		return;
	ck_assert_uint_eq(out.regs_at, sp);
	ck_assert(out.full && out.signal && out.reliable);
	ck_assert_int_eq(out.how, STK_HOW_REGS);
	ck_assert_uint_eq(out.regs.v[X86_IP], syn_sym(m, "vfs_write") + 4);
}
END_TEST

/* What lies where the probe is: the jump there, or what takes its place for a while. */
START_TEST(jump_to_a_detour)
{
	enum { HERE, BEFORE, BEHIND, FAR, INT3, NOP, NOT_READ };
	static const bool good[][3] = {
		/* no kprobes; there may be one; one is there */
		[HERE] = { true, true, true },	    [BEFORE] = { true, true, true },
		[BEHIND] = { false, false, false }, [FAR] = { false, false, false },
		[INT3] = { false, true, true },	    [NOP] = { false, false, true },
		[NOT_READ] = { true, true, true },
	};
	const uint64_t callback = FREE + 0x100, probe = syn_sym(m, "vfs_write") + 3;
	struct stk_cursor cur = { .cpu = 1 };
	struct stk_step out = { .how = STK_HOW_SCAN };
	const int what = _i / 3, known = _i % 3;
	uint64_t sp, ret;

	syn_symbol(m, "optimized_callback", callback);
	syn_symbol(m, "detour", FREE);
	ret = syn_call_insn(m, "detour", 0x30, "optimized_callback");
	syn_jump(m, probe,
		 what == BEHIND	  ? ret + 1
		 : what == FAR	  ? ret - 512
		 : what == BEFORE ? ret - 511
				  : FREE);
	if (what == INT3 || what == NOP)
		syn_put8(m, probe, what == INT3 ? 0xcc : 0x90);
	if (what == NOT_READ)
		syn_fail(m, probe, STK_ERR_EXCLUDED);
	if (known == 1)
		syn_symbol(m, "register_kprobe", callback + 0x100);
	if (known == 2) {
		syn_symbol(m, "kprobe_table", AT);
		syn_member(m, "kprobe.hlist", 0, 16);
		syn_member(m, "kprobe.addr", 16, 8);
		syn_fill(m, AT, 0x1000, 0);
		syn_put64(m, AT, AT + 0x800);
		syn_put64(m, AT + 0x810, probe);
	}
	cur.stack = stack_of_sh();
	sp = cur.stack.begin + 0x2000;
	syn_fill(m, sp, 0x200, 0);
	syn_put64(m, sp + 8 * X86_IP, probe + 1);
	syn_put64(m, sp + 8 * X86_CS, 0x10);
	syn_put64(m, sp + 8 * X86_SP, sp + X86_PT_REGS_SIZE);
	s = syn_open(m);
	x86_set(&cur.regs, X86_IP, ret);
	x86_set(&cur.regs, X86_SP, sp);
	ck_assert_int_eq(x86_step_kprobe(s, &cur, &out), STK_STEP_OK);
	ck_assert_int_eq(out.reliable, good[what][known]);
	ck_assert_int_eq(!out.note, out.reliable);
}
END_TEST

/* ---- padding ---- */

/* Of code that cannot be read nobody knows whether it runs on. */
START_TEST(padding_that_is_lost)
{
	const uint64_t page = FREE + 0x1000;

	syn_fill(m, page - 64, 128, 0x90);
	s = syn_open(m);
	ck_assert(x86_enters(s, page, page));
	ck_assert(x86_enters(s, page - 16, page));
	ck_assert(x86_enters(s, page - 64, page));
	ck_assert(!x86_enters(s, page - 65, page));
	ck_assert(!x86_enters(s, page + 1, page));
	syn_fail(m, page - 64, STK_ERR_EXCLUDED);
	stk_forget_memory(s);
	ck_assert(x86_enters(s, page, page));
	ck_assert(!x86_enters(s, page - 16, page));
}
END_TEST

/* ---- stacks that are not mapped ---- */

static struct stk_stack found_stack(const struct stk_kind *kind)
{
	struct stk_stack out[STK_MAX_CPU_STACKS];
	size_t nr;

	x86_cpu_stacks(s, 1, out, STK_MAX_CPU_STACKS, &nr);
	for (size_t i = 0; i < nr; i++)
		if (out[i].kind == kind)
			return out[i];
	ck_abort_msg("no stack of that kind");
	return out[0];
}

/* The lowest page is missing: the kernel has no stack there, whatever lies at its top. */
START_TEST(nothing_of_an_unmapped_stack)
{
	const uint64_t top = syn_ist_top(m, 1, "NMI"), sp = c.sp - 0x100;
	struct stk_residue residue;
	struct stk_copy copy[8];
	struct stk_regs regs;
	struct stk_stack nmi;
	bool signal = false;

	syn_syscall(&c);
	c.ip = syn_sym(m, "vfs_write") + 0x20;
	c.sp = sp;
	syn_nmi(&c);
	if (_i)
		syn_unmap(m, top - syn_ist_size(m));
	s = syn_open(m);
	nmi = found_stack(X86_STACK(NMI));
	ck_assert(nmi.mapped == !_i);
	ck_assert(x86_residue(s, &nmi, &residue) == !_i);
	ck_assert(x86_vouched_regs(s, 1, &regs, &signal, &why) == !_i);
	ck_assert(signal == !_i);
	ck_assert_int_eq(x86_read_pt_regs(s, top - 264, &regs), STK_OK);
	ck_assert_uint_eq(regs.v[X86_IP], syn_sym(m, "vfs_write") + 0x20);
	ck_assert_uint_eq(x86_saved_copies(s, 1, NULL, &regs, copy, 8), !_i);
	ck_assert(_i || copy[0].regs_at == top - 264);
}
END_TEST

/* The trampoline is the first of a CPU's stacks: what an event left there is found. */
START_TEST(copies_on_the_trampoline)
{
	const uint64_t top = syn_cea(m, 1) + 0x2000;
	struct syn_cpu entry = c;
	struct stk_copy copy[4];
	struct stk_regs regs;

	entry.sp = top;
	syn_pt_regs(&entry, SYN_USER_IP, 0x33, 0x7ffc00001000, 0);
	s = syn_open(m);
	ck_assert_int_eq(x86_read_pt_regs(s, top - X86_PT_REGS_SIZE, &regs), STK_OK);
	ck_assert_uint_eq(x86_saved_copies(s, 1, NULL, &regs, copy, 4), 1);
	ck_assert_ptr_eq(copy[0].stack.kind, X86_STACK(ENTRY));
	ck_assert_uint_eq(copy[0].regs_at, top - X86_PT_REGS_SIZE);
	ck_assert_uint_eq(x86_saved_copies(s, 1, NULL, &regs, copy, 0), 0);
	ck_assert_uint_eq(x86_saved_copies(s, 0, NULL, &regs, copy, 4), 0);
	entry.sp = syn_cea(m, 0) + 0x2000;
	syn_pt_regs(&entry, SYN_USER_IP, 0x33, 0x7ffc00001000, 0);
	stk_forget_memory(s);
	ck_assert_uint_eq(x86_saved_copies(s, 0, NULL, &regs, copy, 4), 1);
	ck_assert_uint_eq(copy[0].regs_at, syn_cea(m, 0) + 0x2000 - X86_PT_REGS_SIZE);
	ck_assert_uint_eq(x86_saved_copies(s, -1, NULL, &regs, copy, 4), 0);
}
END_TEST

/* A second address is told only where the per-CPU memory is known. */
START_TEST(stacks_without_a_store)
{
	struct stk_stack df;

	s = syn_open(m);
	df = found_stack(X86_STACK(DF));
	ck_assert_uint_eq(df.store, syn_percpu(m, "exception_stacks", 1) +
					    syn_off(m, "exception_stacks.DF_stack"));
	stk_close(m->s);
	m->s = NULL;
	syn_no_symbol(m, "exception_stacks");
	s = syn_open(m);
	df = found_stack(X86_STACK(DF));
	ck_assert_uint_eq(df.store, 0);
}
END_TEST

/* ---- entries ---- */

/* Only the kernel's own code is an entry, by its name. */
START_TEST(entries_by_name)
{
	static const char name[] = "entry_SYSCALL_64_mine";
	struct stk_regs user = { 0 };
	struct stk_entry entry;

	if (_i == 1)
		syn_module(m, "mod", SYN_MODULE, name);
	else
		syn_symbol(m, name, FREE);
	x86_set(&user, X86_ORIG_AX, 1);
	x86_describe_entry(syn_open(m),
			   _i == 0   ? FREE + 8
			   : _i == 1 ? SYN_MODULE + 0x108
				     : SYN_VMALLOC + 0x800000,
			   &user, 0, &entry);
	ck_assert_ptr_eq(entry.kind, _i ? NULL : X86_ENTRY(SYSCALL));
	ck_assert_int_eq(entry.nr, _i ? -1 : 1);
	ck_assert_int_eq(entry.code, -1);
}
END_TEST

/* ---- addresses ---- */

/* Without the tables or the variable nobody knows where the direct map is. */
START_TEST(no_direct_map)
{
	uint64_t addr;

	if (_i)
		syn_no_symbol(m, "page_offset_base");
	for (size_t i = 0; _i && i < 2; i++) {
		static const char *const key[] = { "SYMBOL(init_top_pgt)",
						   "SYMBOL(swapper_pg_dir)" };

		syn_no_vmcoreinfo(m, key[i]);
	}
	syn_no_symbol(m, "init_top_pgt");
	s = syn_open(m);
	ck_assert(x86_direct_map(s, 0x1000, &addr) == !_i);
	ck_assert(_i || addr == SYN_DIRECT + 0x1000);
	ck_assert(x86_image_map(
			  s, SYN_TEXT - 0xffffffff80000000ull + (uint64_t)SYN_PHYS_BASE,
			  &addr) == !_i);
	ck_assert(_i || addr == SYN_TEXT);
}
END_TEST

/* Regions whose places are constants: Documentation/arch/x86/x86_64/mm.rst. */
START_TEST(constant_regions)
{
	static const struct {
		uint64_t first, last;
		const char *name;
	} row[] = {
		{ 0, 0x00007fffffffffff, "user space" },
		{ 0xfffffe0000000000, 0xfffffe7fffffffff, "cpu_entry_area" },
		{ 0xffffff0000000000, 0xffffff7fffffffff, "ESPFIX stacks" },
		{ 0xffffffef00000000, 0xfffffffeffffffff, "EFI runtime" },
		{ 0xffffffffff000000, 0xffffffffff5fffff, "fixmap" },
		{ 0xffffffffff600000, 0xffffffffff600fff, "vsyscall" },
		{ 0xffffffffff601000, 0xffffffffff7fffff, "fixmap" },
	};
	const uint64_t at[] = { row[_i].first, row[_i].last };
	struct stk_place p;

	s = syn_open(m);
	for (size_t i = 0; i < 2; i++) {
		memset(&p, 0, sizeof(p));
		x86_region(s, at[i], &p);
		ck_assert_str_eq(p.region, row[_i].name);
		memset(&p, 0, sizeof(p));
		x86_region(s, i ? at[i] + 1 : at[i] - 1, &p);
		ck_assert_str_ne(p.region, row[_i].name);
	}
}
END_TEST

/* The TSS that the CPU uses: the hardware's part, the bitmaps, and the rest of the pages.
 */
START_TEST(parts_of_the_tss)
{
	const uint64_t tss = syn_cea(m, 1) + 0x2000;
	const struct {
		uint64_t at, begin, end;
		const char *what;
	} row[] = {
		{ tss, tss, tss + 104, "TSS (read-only)" },
		{ tss + 103, tss, tss + 104, "TSS (read-only)" },
		{ tss + 104, tss + 104, tss + 104 + 16416,
		  "I/O bitmap of the TSS (read-only)" },
		{ tss + 104 + 16415, tss + 104, tss + 104 + 16416,
		  "I/O bitmap of the TSS (read-only)" },
		{ tss + 104 + 16416, tss, tss + 0x5000, "TSS's pages (read-only)" },
		{ tss + 0x4fff, tss, tss + 0x5000, "TSS's pages (read-only)" },
	};
	struct stk_place p;

	memset(&p, 0, sizeof(p));
	s = syn_open(m);
	x86_entry_area_part(s, row[_i].at, &p);
	ck_assert_str_eq(p.detail, row[_i].what);
	ck_assert_str_eq(p.area.what, row[_i].what);
	ck_assert_uint_eq(p.area.begin, row[_i].begin);
	ck_assert_uint_eq(p.area.end, row[_i].end);
	ck_assert(p.percpu);
	ck_assert_uint_eq(p.percpu_cpu, 1);
}
END_TEST

/* CONFIG_KASAN: an eighth of all addresses, at KASAN_SHADOW_OFFSET. */
START_TEST(shadow_of_kasan)
{
	static const char *const symbol[] = { NULL, "kasan_early_shadow_page",
					      "kasan_zero_page" };
	const uint64_t first = 0xffffec0000000000, last = 0xfffffbffffffffff;
	const uint64_t at[] = { first - 1, first, last, last + 1 };
	struct stk_place p;

	if (symbol[_i])
		syn_symbol(m, symbol[_i], AT);
	s = syn_open(m);
	for (unsigned int i = 0; i < 4; i++) {
		memset(&p, 0, sizeof(p));
		x86_region(s, at[i], &p);
		ck_assert(!strcmp(p.region, "KASAN shadow") ==
			  (_i && (i == 1 || i == 2)));
	}
	memset(&p, 0, sizeof(p));
	x86_region(s, first + 0x10, &p);
	ck_assert(!_i || p.about.value == 0xffff800000000080);
}
END_TEST

/* A kernel without ORC has no tables of it. */
START_TEST(no_tables_of_rules)
{
	uint64_t begin = 1, end = 1;

	if (_i)
		m->orc_base = 0;
	s = syn_open(m);
	for (unsigned int i = 0; i < 4; i++)
		ck_assert(orc_rule_table(s, i, &begin, &end) == !_i);
	ck_assert(!orc_rule_table(s, 4, &begin, &end));
}
END_TEST

/* Only the first format cannot tell an end from a hole. */
START_TEST(formats_that_tell_ends)
{
	static const enum syn_orc_format format[] = { SYN_ORC_4_14, SYN_ORC_4_19,
						      SYN_ORC_6_3, SYN_ORC_6_4,
						      SYN_ORC_7_1 };

	if (_i < 5)
		m->orc_format = format[_i];
	else
		m->orc_base = 0;
	ck_assert(orc_tells_end(syn_open(m)) == (_i > 0));
}
END_TEST

/* Where a task's registers of user mode lie, or above, a hole of 4.14 is an end. */
START_TEST(ends_of_4_14)
{
	struct stk_cursor cur = { .cpu = 1, .stack = stack_of_sh() };
	struct orc_rule rule = { .type = ORC_HOLE };
	uint64_t base = 0;

	m->orc_format = SYN_ORC_4_14;
	s = syn_open(m);
	x86_set(&cur.regs, X86_SP, cur.stack.end - X86_PT_REGS_SIZE + 8 * (_i - 1));
	orc_fix(s, &cur, &rule, &base);
	ck_assert_int_eq(rule.type, _i ? ORC_END : ORC_HOLE);
}
END_TEST

/* What an interrupt stopped before its first instruction is in the entry code. */
START_TEST(first_bytes_of_entry_code)
{
	syn_symbol(m, "entry_SYSCALL_64_mine", FREE);
	syn_symbol(m, "asm_fred_mine", FREE + 0x100);
	syn_symbol(m, "behind", FREE + 0x200);
	s = syn_open(m);
	for (uint64_t at = FREE - 1; at <= FREE + 0x200; at++) {
		const bool syscall = at >= FREE && at < FREE + 0x100;

		syn_assert(x86_in_syscall_code(s, at) == syscall);
		syn_assert(x86_in_fred_code(s, at) ==
			   (at >= FREE + 0x100 && at < FREE + 0x200));
	}
}
END_TEST

/* What is missing of freed code is no loss, but what is asked for next is. */
START_TEST(excuses_end)
{
	const uint64_t init = syn_sym(m, "_sinittext") + 0x20;
	uint64_t phys, word;

	syn_symbol(m, "system_state", SYN_DATA + 0x900);
	syn_put32(m, SYN_DATA + 0x900, 3);
	syn_fill(m, init - 0x20, 0x40, 0xcc);
	syn_fill(m, AT, 8, 0);
	syn_fail(m, init, STK_ERR_EXCLUDED);
	syn_fail(m, AT, STK_ERR_EXCLUDED);
	s = syn_open(m);
	stk_enter(s);
	stk_lost_forget(s);
	stk_lost_none(s);
	ck_assert_int_eq(
		x86_call_evidence(s, init, syn_sym(m, "vfs_write") + 8, false, &why),
		STK_CALL_FREED);
	ck_assert_int_eq(stk_lost_last(s, &phys), STK_OK);
	ck_assert_int_ne(stk_read_u64(s, AT, &word), STK_OK);
	ck_assert_int_eq(stk_lost_last(s, &phys), STK_ERR_EXCLUDED);
	stk_leave(s, STK_OK);
}
END_TEST

/* The frame is gone where rbp was popped right before the function is left. */
START_TEST(frames_that_are_gone)
{
	static const struct {
		unsigned char last, next;
		bool gone;
	} row[] = {
		{ 0x5d, 0xc3, true },  { 0xc9, 0xc3, true },  { 0x5d, 0xe9, true },
		{ 0x5d, 0xeb, true },  { 0xc9, 0xe9, true },  { 0xc9, 0xeb, true },
		{ 0x90, 0xc3, false }, { 0x90, 0xe9, false }, { 0x5d, 0x90, false },
		{ 0xc9, 0xe8, false }, { 0x5c, 0xc3, false }, { 0x5b, 0xc3, false },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const unsigned char code[] = { 0x5d, 0x90, row[i].last, row[i].next };

		ck_assert_msg(x86_frame_is_gone(code, 3) == row[i].gone, "row %zu", i);
		ck_assert(!x86_frame_is_gone(code + 3, 0));
	}
}
END_TEST

/* The registers were saved at the first byte of the entry code, too. */
START_TEST(paranoid_entries)
{
	struct syn_note note = { .kind = STK_NOTE_QEMU, .have_sys = true };
	const struct stk_entry_state *got;
	struct stk_saved saved;

	syn_symbol(m, "__entry_text_start", FREE);
	syn_symbol(m, "__entry_text_end", FREE + 0x200);
	syn_symbol(m, "paranoid_entry", FREE + 0x100);
	note.gpr[X86_IP] = FREE + 0x100 - (_i == 1);
	note.gpr[X86_SP] = c.sp;
	note.cr3 = 0x1234000;
	saved = syn_saved(&note);
	got = x86_entry_state(syn_open(m), 1, &saved);
	ck_assert_ptr_nonnull(got);
	ck_assert((strstr(got->text, ", on the paranoid path") != NULL) == !_i);
}
END_TEST

/* Only an exception is a fault, whatever else entered the kernel. */
START_TEST(faults)
{
	static const struct {
		const char *function;
		bool fault;
	} row[] = {
		{ "asm_exc_page_fault", true },
		{ "entry_SYSCALL_64", false },
		{ "asm_exc_nmi", false },
		{ "asm_sysvec_apic_timer_interrupt", false },
		{ "vfs_write", false },
	};
	struct stk_regs regs = { 0 };
	struct stk_fault fault;

	gate(14, syn_sym(m, "asm_exc_page_fault"));
	gate(2, syn_sym(m, "asm_exc_nmi"));
	x86_set(&regs, X86_ORIG_AX, ~0ull);
	x86_set(&regs, X86_SP, c.sp);
	s = syn_open(m);
	ck_assert(x86_describe_fault(s, syn_sym(m, row[_i].function) + 0x26, &regs, 0,
				     &fault) == row[_i].fault);
	if (row[_i].fault) {
		ck_assert_int_eq(fault.kind, STK_FAULT_PAGE);
		ck_assert_int_eq(fault.entry.code, 14);
	}
}
END_TEST

/* What vmalloc() has ends where the array of pages begins. */
START_TEST(end_of_vmalloc)
{
	const uint64_t end = SYN_VMALLOC + (1ull << 30);
	struct stk_place p;

	syn_put64(m, syn_sym(m, "vmemmap_base"), end);
	s = syn_open(m);
	for (unsigned int i = 0; i < 3; i++) {
		memset(&p, 0, sizeof(p));
		x86_region(s, i == 0 ? SYN_VMALLOC : end - 2 + i, &p);
		ck_assert(!strcmp(p.region, "vmalloc") == (i < 2));
	}
}
END_TEST

/* A call to a handler at its very end, of which a breakpoint took the first byte. */
START_TEST(breakpoints_at_the_end)
{
	uint64_t target;

	syn_symbol(m, "plain", FREE);
	syn_symbol(m, "behind", FREE + 0x100);
	syn_fill(m, FREE, 0x200, 0x90);
	syn_call_insn(m, "plain", 0x100, "vfs_write");
	syn_put8(m, FREE + 0xfb, 0xcc);
	s = syn_open(m);
	ck_assert(x86_breakpoint_before(s, FREE + 0x100, &target));
	ck_assert_uint_eq(target, syn_sym(m, "vfs_write"));
	/* Padding is no call, nor is what begins before the function. */
	syn_put8(m, FREE + 0xfa, 0xcc);
	stk_forget_memory(s);
	ck_assert(!x86_breakpoint_before(s, FREE + 0x100, &target));
	syn_put8(m, FREE - 1, 0xcc);
	stk_forget_memory(s);
	ck_assert(!x86_breakpoint_before(s, FREE + 4, &target));
}
END_TEST

/* ---- what nobody knows ---- */

/* X86_FEATURE_*: word and bit; -1 without the words. */
START_TEST(features_of_the_cpu)
{
	const uint64_t data = AT + 0x400;

	ck_assert_int_eq(x86_cpu_feature(syn_open(m), 0), -1);
	syn_fill(m, data, 0x100, 0);
	syn_symbol(m, "boot_cpu_data", data);
	ck_assert_int_eq(x86_cpu_feature(syn_open(m), 0), -1);
	syn_member(m, "cpuinfo_x86.x86_capability", 0x20, 80);
	syn_put32(m, data + 0x20 + 4 * 7, 1u << 11);
	s = syn_open(m);
	for (unsigned int f = 0; f < 20 * 32; f++)
		syn_assert(x86_cpu_feature(s, f) == (f == 7 * 32 + 11));
	syn_fail(m, data, STK_ERR_EXCLUDED);
	stk_forget_memory(s);
	ck_assert_int_eq(x86_cpu_feature(s, 7 * 32 + 11), -1);
}
END_TEST

/* Do other tables map an address to the same page? */
START_TEST(tables_that_map_the_same)
{
	const uint64_t own = m->pgd, text = SYN_TEXT + 0x1000;
	uint64_t other = syn_alloc(m, 2), phys;

	other += other & X86_CR3_USER; /* the kernel's of two */

	/* One that has nothing, and one that nobody has. */
	memset(syn_phys_page(m, other), 0, 4096);
	s = syn_open(m);
	ck_assert_int_eq(x86_maps_same(s, own, text), 1);
	ck_assert_int_eq(x86_maps_same(s, own | 0xfff, text), 1);
	ck_assert_int_eq(x86_maps_same(s, other, text), 0);
	ck_assert_int_eq(x86_maps_same(s, 0x7ffffffff000, text), -1);
	/* Another kernel's are no loss, though they are not in the dump. */
	syn_fail_phys(m, x86_cr3_table(other), STK_ERR_EXCLUDED);
	stk_close(m->s);
	m->s = NULL;
	s = syn_open(m);
	stk_lost_none(s);
	ck_assert_int_eq(x86_maps_same(s, other, text), -1);
	ck_assert_int_eq(stk_lost_last(s, &phys), STK_OK);
	syn_fill(m, AT, 8, 0);
	syn_fail(m, AT, STK_ERR_EXCLUDED);
	ck_assert_int_ne(stk_read_u64(s, AT, &phys), STK_OK);
	ck_assert_int_eq(stk_lost_last(s, &phys), STK_ERR_EXCLUDED);
	/* Where the kernel's own map nothing, there is nothing to compare. */
	ck_assert_int_eq(x86_maps_same(s, own, SYN_VMALLOC + 0x900000), -1);
}
END_TEST

/* Only two kinds of stacks say themselves whether they are in use. */
START_TEST(stacks_in_use)
{
	const uint64_t nmi = syn_ist_top(m, 1, "NMI"), df = syn_ist_top(m, 1, "DF");
	const struct stk_stack stack[] = {
		stack_of_kind(X86_STACK(NMI), nmi - 0x2000, nmi),
		stack_of_kind(X86_STACK(DF), df - 0x2000, df),
		stack_of_sh(),
	};
	const struct x86_exception_frame *frame;

	syn_put64(m, nmi - 56, 1);
	s = syn_open(m);
	ck_assert_int_eq(x86_in_use(s, &stack[0], &why), 1);
	ck_assert_str_eq(why, "an NMI was being handled");
	frame = x86_frame_on(s, &stack[0]);
	ck_assert_int_eq(x86_is_handled(s, &stack[0], frame), 1);
	for (unsigned int i = 1; i < 3; i++)
		ck_assert_int_eq(x86_in_use(s, &stack[i], &why), -1);
	syn_put64(m, df, 1);
	frame = x86_frame_on(s, &stack[1]);
	ck_assert_int_eq(x86_is_handled(s, &stack[1], frame), -1);
	for (unsigned int i = 0; i < 2; i++) {
		syn_put64(m, nmi - 56, 2 * i);
		stk_forget_memory(s);
		ck_assert_int_eq(x86_in_use(s, &stack[0], &why), 0);
		ck_assert_str_eq(why, "no NMI was being handled");
	}
	syn_fail(m, nmi - 56, STK_ERR_EXCLUDED);
	stk_forget_memory(s);
	ck_assert_int_eq(x86_in_use(s, &stack[0], &why), -1);
}
END_TEST

/* Whether interrupts were on the flags tell, by bit 9. */
START_TEST(interrupts_by_the_flags)
{
	struct stk_regs regs = { 0 };

	ck_assert_int_eq(x86_interruptible(&regs), -1);
	x86_set(&regs, X86_FLAGS, 0x200);
	ck_assert_int_eq(x86_interruptible(&regs), 1);
	x86_set(&regs, X86_FLAGS, ~0x200ull);
	ck_assert_int_eq(x86_interruptible(&regs), 0);
}
END_TEST

/* ---- operands ---- */

/* Intel's manual, volume 2, table 2-2: what follows ModRM, and whether it is all there.
 */
START_TEST(lengths_of_modrm)
{
	static const struct {
		unsigned char code[2];
		size_t len;
	} row[] = {
		{ { 0x03, 0 }, 1 },    { { 0x05, 0 }, 5 },    { { 0x43, 0 }, 2 },
		{ { 0x45, 0 }, 2 },    { { 0x83, 0 }, 5 },    { { 0xc4, 0 }, 1 },
		{ { 0xc5, 0 }, 1 },    { { 0x04, 0x24 }, 2 }, { { 0x04, 0x25 }, 6 },
		{ { 0x44, 0x24 }, 3 }, { { 0x44, 0x25 }, 3 }, { { 0x84, 0x24 }, 6 },
		{ { 0x84, 0x25 }, 6 },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		unsigned char code[8] = { row[i].code[0], row[i].code[1] };

		for (size_t room = 0; room <= sizeof(code); room++)
			ck_assert_msg(x86_modrm_len(code, room) ==
					      (room < row[i].len ? 0 : row[i].len),
				      "row %zu, room %zu", i, room);
	}
}
END_TEST

/* ---- calls of handlers ---- */

/* The verdict says by itself that there is none, or one that leads elsewhere. */
START_TEST(calls_without_words)
{
	const uint64_t callee = syn_sym(m, "vfs_write") + 0x20;
	const uint64_t none = syn_sym(m, "task_spin") + 0x20;
	const uint64_t other = syn_call_insn(m, "task_spin", 0x50, "panic");
	const uint64_t direct = syn_call_insn(m, "task_spin", 0x80, "vfs_write");
	const uint64_t pointer = syn_call_by_pointer(m, "task_spin", 0xb0);

	syn_put8(m, syn_sym(m, "panic"), 0xc3);
	s = syn_open(m);
	why = "?";
	ck_assert_int_eq(x86_weigh_call(s, none, callee, false, &why), STK_CALL_NONE);
	ck_assert_ptr_null(why);
	why = "?";
	ck_assert_int_eq(x86_weigh_call(s, direct, callee, false, &why),
			 STK_CALL_REACHES);
	ck_assert_ptr_null(why);
	why = "?";
	ck_assert_int_eq(x86_weigh_call(s, pointer, callee, false, &why),
			 STK_CALL_CANNOT_TELL);
	ck_assert_str_eq(why, "the call before it is indirect");
	/* The code of panic() is a return and what it is padded with. */
	syn_fill(m, syn_sym(m, "panic"), 0x100, 0xc3);
	stk_forget_memory(s);
	why = "?";
	ck_assert_int_eq(x86_weigh_call(s, other, callee, false, &why),
			 STK_CALL_ELSEWHERE);
	ck_assert_ptr_null(why);
}
END_TEST

/* FRED's dispatcher calls handlers by pointer, at its very end, too. */
START_TEST(dispatchers)
{
	static const struct {
		const char *name, *next;
		unsigned int off;
		bool dispatches;
	} row[] = {
		{ "fred_extint", "plain", 0x80, true },
		{ "fred_extint", "plain", 0x100, true },
		{ "handle_fred_event", "plain", 0x80, true },
		{ "plain", "fred_extint", 0x80, false },
		{ "plain", "fred_extint", 0x100, false },
		{ "xfred_extint", "plain", 0x80, false },
		{ "handle_fred", "plain", 0x80, false },
	};
	uint64_t ret;

	syn_symbol(m, row[_i].name, FREE);
	syn_symbol(m, row[_i].next, FREE + 0x100);
	ret = syn_call_by_pointer(m, row[_i].name, row[_i].off);
	s = syn_open(m);
	ck_assert_int_eq(
		x86_weigh_call(s, ret, syn_sym(m, "exc_page_fault") + 0x10, false, &why),
		row[_i].dispatches ? STK_CALL_CANNOT_TELL : STK_CALL_ELSEWHERE);
}
END_TEST

static const struct unit_test stack_tests[] = {
	LOOP(frames_of_kinds, 14),
	LOOP(two_pointers_to_the_irq_stack, 4),
	LOOP(two_flags_of_the_irq_stack, 4),
	LOOP(vouched_by_the_irq_stack, 4),
	LOOP(vouched_by_an_nmi_alone, 2),
	LOOP(rule_before_the_return, 4),
	LOOP(nothing_of_an_unmapped_stack, 2),
	TEST(copies_on_the_trampoline),
	TEST(stacks_without_a_store),
	{ 0 },
};

static const struct unit_test frame_tests[] = {
	TEST(frame_of_nameless_code),  TEST(unwinder_when_interrupted),
	LOOP(rbp_that_was_pushed, 6),  LOOP(frame_of_a_recursion, 2),
	LOOP(frame_below_a_word, 4),   LOOP(call_far_above, 6),
	TEST(registers_that_are_lost), { 0 },
};

static const struct unit_test step_tests[] = {
	LOOP(nested_nmis, 8),
	LOOP(frames_of_fred, 6),
	LOOP(frames_of_fred_from_user_mode, 4),
	LOOP(parked_while_it_is_pushed, 3),
	LOOP(return_to_no_code, 2),
	LOOP(call_site_at_the_end, 2),
	TEST(call_site_of_no_name),
	LOOP(word_below_the_users, 2),
	LOOP(detour_of_a_kprobe, 9),
	LOOP(jump_to_a_detour, 21),
	{ 0 },
};

static const struct unit_test code_tests[] = {
	TEST(padding_that_is_lost), LOOP(entries_by_name, 3),  LOOP(dispatchers, 7),
	TEST(lengths_of_modrm),	    TEST(calls_without_words), { 0 },
};

static const struct unit_test place_tests[] = {
	LOOP(no_direct_map, 2),	     LOOP(constant_regions, 7), LOOP(parts_of_the_tss, 6),
	LOOP(no_tables_of_rules, 2), LOOP(faults, 5),		{ 0 },
};

static const struct unit_test rule_tests[] = {
	LOOP(shadow_of_kasan, 3),
	TEST(end_of_vmalloc),
	TEST(breakpoints_at_the_end),
	LOOP(formats_that_tell_ends, 6),
	LOOP(ends_of_4_14, 3),
	TEST(first_bytes_of_entry_code),
	TEST(excuses_end),
	TEST(frames_that_are_gone),
	LOOP(paranoid_entries, 2),
	{ 0 },
};

static const struct unit_test unknown_tests[] = {
	TEST(features_of_the_cpu),
	TEST(tables_that_map_the_same),
	TEST(stacks_in_use),
	TEST(interrupts_by_the_flags),
	{ 0 },
};

const struct unit_suite suite_x86_rules = {
	"x86_rules",
	{
		{ "stacks", stack_tests, fixture_task, NULL },
		{ "frames", frame_tests, fixture_task, NULL },
		{ "steps", step_tests, fixture_task, NULL },
		{ "code", code_tests, fixture_task, NULL },
		{ "places", place_tests, fixture_task, NULL },
		{ "rules", rule_tests, fixture_task, NULL },
		{ "unknown", unknown_tests, fixture_task, NULL },
	},
};
