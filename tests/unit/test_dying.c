/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what is told of the stacks that a CPU died on: of an exception stack that the
 * kernel went on to by a call, whether or not the rsp before was saved; of all that lies
 * below what the saved registers are of; of a stack that overflowed.
 */
#include "fixture.h"
#include "suite.h"

#include "base/context.h"

#include <json-c/json.h>
#include <stackinfo/render.h>
#include <stdio.h>
#include <stdlib.h>
#include <limits.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/x86_64/exception.h"
#include "report/liveness.h"
#include "unwind/unwind.h"

static struct syn_cpu fault;
static struct stk *s;
static uint64_t regs_at;
static unsigned int cpu; /* that dies */

static struct stk_stack stack_at(uint64_t addr)
{
	struct stk_stack stack;

	ck_assert_int_eq(stk_find_stack(s, addr, &stack), STK_OK);
	return stack;
}

static void begin_on(unsigned int which, int era)
{
	cpu = which;
	fixture_task_of(era < 0 ? syn_kernel_fp(SYN_6_1) : syn_kernel(era));
	syn_set_current(m, 1, syn_idle(m, 1));
	c = syn_cpu(m, cpu, sh);
	syn_syscall(&c);
	c.sp -= 24; /* what the hardware aligns away and more */
	fault = c;
}

static void begin(int era)
{
	begin_on(1, era);
}

/* The CPU dies of a fault in a guard page. */
static void die_on(const char *ist)
{
	regs_at = syn_guard_hit(&c, ist);
	syn_call(&c, 0x60, "crash_kexec");
	syn_call(&c, 0x39, "__crash_kexec");
	/* Its flags are those of the pt_regs. */
	syn_crash_note(&fault);
}

static const int eras[] = { SYN_5_4, SYN_5_8, SYN_6_1, SYN_FRED };

#define NR_ERAS (sizeof(eras) / sizeof(eras[0]))

static void setup(void)
{
	begin(SYN_6_1);
}

static void setup_old(void)
{
	begin(SYN_5_8);
}

static struct stk_chain *chain_from_stack(void)
{
	struct stk_start start;
	struct stk_chain *chain;

	s = syn_open(m);
	ck_assert_int_eq(stk_start_stack(s, c.sp, c.ip, c.bp, &start), STK_OK);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	return chain;
}

static struct stk_chain *live_chain(void)
{
	struct stk_start start;
	struct stk_chain *chain;
	struct stk_copy where;

	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, cpu, &start), STK_OK);
	if (stk_unwind_live(s, &start, &where, &chain))
		return NULL;
	ck_assert_uint_eq(where.regs_at, regs_at);
	return chain;
}

/* Where rsp was on the task's stack. */
static uint64_t rsp_before(void)
{
	return regs_at - 8 - 32 - 8 - 56;
}

/* ---- the stack that was called ---- */

#define DF_PART                                                                          \
	"<#DF> __crash_kexec+0x40/regs! crash_kexec+0x39/scan "                          \
	"handle_stack_overflow+0x60/orc page_fault_oops+0x85/orc "

START_TEST(called_and_back)
{
	struct stk_segment *seg;
	struct stk_chain *chain;
	uint64_t top;
	bool old = eras[_i] < SYN_6_1;

	begin(eras[_i]);
	die_on("DF");
	top = syn_ist_top(m, 1, "DF");
	chain = chain_from_stack();
	if (old)
		ck_assert_msg(strstr(syn_chain_text(chain),
				     DF_PART "=scan= <TASK> exc_page_fault+0x70/scan "),
			      "%s", syn_chain_text(chain));
	else
		ck_assert_msg(strstr(syn_chain_text(chain),
				     DF_PART "=link= <TASK> exc_page_fault+0x70/orc "),
			      "%s", syn_chain_text(chain));
	ck_assert_int_eq(chain->end, STK_END_USER);
	seg = chain->segments;
	/* The word is the topmost one; without one nothing disagrees. */
	ck_assert(seg->crossing.agree);
	ck_assert_int_eq(seg->crossing.have_link, !old);
	if (!old)
		ck_assert_uint_eq(seg->crossing.link_at, top - 8);
	else
		ck_assert_ptr_nonnull(
			strstr(seg->next->frames[0].note, "this is the only place"));
	ck_assert_uint_eq(seg->next->frames[0].slot, rsp_before() + 56);
	ck_assert_uint_eq(seg->next->frames[0].sp, rsp_before() + 64);
	ck_assert_int_eq(seg->next->frames[0].how, old ? STK_HOW_SCAN : STK_HOW_ORC);
	stk_chain_free(s, chain);
}
END_TEST

/* Up to 5.1 it was the NMI's stack, and the words of an NMI are overwritten. */
START_TEST(called_on_the_nmi_stack)
{
	struct stk_stack nmi;
	struct stk_residue r;
	struct stk_chain *chain;
	const char *why;

	begin(SYN_5_4);
	die_on("NMI");
	syn_put64(m, syn_ist_top(m, 1, "NMI") - 56, 1);
	chain = chain_from_stack();
	ck_assert_int_eq(chain->end, STK_END_USER);
	ck_assert_ptr_eq(chain->segments->stack.kind, X86_STACK(NMI));
	stk_chain_free(s, chain);
	nmi = stack_at(syn_ist_top(m, 1, "NMI") - 8);
	ck_assert_int_eq(x86_in_use(s, &nmi, &why), -1);
	ck_assert(x86_residue(s, &nmi, &r));
	ck_assert_str_eq(
		r.text,
		"handle_stack_overflow() was called on it by page_fault_oops+133");
}
END_TEST

/* The frame pointer leads back without any word. */
START_TEST(called_with_frame_pointers)
{
	struct stk_chain *chain;

	begin(-1);
	die_on("DF");
	chain = chain_from_stack();
	ck_assert_msg(
		strstr(syn_chain_text(chain),
		       "page_fault_oops+0x85/fp =fp= <TASK> exc_page_fault+0x70/fp "),
		"%s", syn_chain_text(chain));
	ck_assert_int_eq(chain->end, STK_END_USER);
	stk_chain_free(s, chain);
}
END_TEST

/* A call of another function there, or no call, is no such thing. */
START_TEST(not_called)
{
	uint64_t top = syn_ist_top(m, 1, "DF"), at, word;
	struct x86_called called;
	struct stk_stack df;

	die_on("DF");
	s = syn_open(m);
	df = stack_at(top - 8);
	ck_assert(x86_called_stack(s, &df, &called));
	ck_assert(called.saved);
	ck_assert(x86_link_word(s, &df, &at, &word));
	ck_assert_uint_eq(at, top - 8);
	/* The call may go to the padding in front of it, not to what is further away. */
	syn_put32(m, called.ret - 4,
		  (uint32_t)(syn_sym(m, "handle_stack_overflow") - 9 - called.ret));
	s = syn_open(m);
	ck_assert(x86_called_stack(s, &df, &called));
	for (unsigned int far = 64; far <= 65; far++) {
		syn_put32(m, called.ret - 4,
			  (uint32_t)(syn_sym(m, "handle_stack_overflow") - far -
				     called.ret));
		s = syn_open(m);
		ck_assert(x86_called_stack(s, &df, &called) == (far == 64));
	}
	syn_put64(m, top - 16, syn_call_insn(m, "page_fault_oops", 0x85, "panic"));
	s = syn_open(m);
	ck_assert(!x86_called_stack(s, &df, &called));
	ck_assert(x86_link_word(s, &df, &at, &word));
	ck_assert_uint_eq(at, top - 16);
	syn_put64(m, top - 16, syn_sym(m, "handle_stack_overflow") + 0x10);
	s = syn_open(m);
	ck_assert(!x86_called_stack(s, &df, &called));
	/* The IRQ stack is always called: that is not this. */
	df = stack_at(syn_irq_top(1) - 8);
	syn_put64(m, syn_irq_top(1) - 16,
		  syn_call_insn(m, "page_fault_oops", 0x85, "handle_stack_overflow"));
	s = syn_open(m);
	ck_assert(!x86_called_stack(s, &df, &called));
}
END_TEST

/* Without any rule its top still says who called. */
START_TEST(link_of_the_called_stack)
{
	struct stk_cursor at = { .cpu = 1, .signal = true };
	struct stk_step step = { 0 };
	uint64_t top;

	die_on("DF");
	top = syn_ist_top(m, 1, "DF");
	s = syn_open(m);
	at.stack = stack_at(top - 8);
	at.arena = &s->arena;
	x86_set(&at.regs, X86_IP, syn_sym(m, "handle_stack_overflow") + 8);
	x86_set(&at.regs, X86_SP, top - 16 + 8 * (uint64_t)_i);
	ck_assert_int_eq(x86_step_link(s, &at, &step),
			 _i ? STK_STEP_NO_RULE : STK_STEP_OK);
	if (_i)
		return;
	ck_assert_uint_eq(step.slot, top - 16);
	ck_assert_uint_eq(step.regs.v[X86_IP], syn_sym(m, "page_fault_oops") + 0x85);
	ck_assert_uint_eq(step.regs.v[X86_SP], top - 8);
	ck_assert(!step.reliable);
	ck_assert_int_eq(step.how, STK_HOW_LINK);
}
END_TEST

/* Nor is it FRED's, whatever the words of the functions there look like. */
START_TEST(called_with_fred)
{
	uint64_t top;
	struct stk_stack df;

	begin(SYN_FRED);
	top = syn_ist_top(m, 1, "DF");
	die_on("DF");
	syn_put64(m, top - 64 + 16, 0x10);
	syn_put64(m, top - 64 + 32, top - 0x400);
	s = syn_open(m);
	df = stack_at(top - 8);
	ck_assert(!x86_fred_frame(s, &df));
	syn_put64(m, top - 16, 0);
	s = syn_open(m);
	ck_assert(x86_fred_frame(s, &df));
}
END_TEST

/* ---- without a saved rsp every word counts ---- */

static void expect_lost(void)
{
	struct stk_chain *chain = chain_from_stack();

	for (struct stk_segment *g = chain->segments->next; g; g = g->next)
		for (size_t i = 0; i < g->nr_frames; i++)
			ck_assert(!g->frames[i].reliable);
	ck_assert_ptr_null(chain->segments->next);
	ck_assert_int_ne(chain->end, STK_END_USER);
	stk_chain_free(s, chain);
	ck_assert_ptr_null(live_chain());
}

START_TEST(unsaved_no_call_below)
{
	die_on("DF");
	/* A return address, but of another function. */
	syn_put64(m, rsp_before() - 8, syn_call_insn(m, "panic", 0x30, "last_function"));
	expect_lost();
}
END_TEST

START_TEST(unsaved_no_caller)
{
	die_on("DF");
	syn_put64(m, rsp_before() + 56, syn_sym(m, "exc_page_fault") + 0x71);
	expect_lost();
}
END_TEST

START_TEST(unsaved_leads_elsewhere)
{
	die_on("DF");
	/* One that was called with more on the stack does not end at the pt_regs. */
	syn_put64(m, rsp_before() + 56,
		  syn_call_insn(m, "hrtimer_interrupt", 0x70, "page_fault_oops"));
	expect_lost();
}
END_TEST

START_TEST(unsaved_no_pt_regs)
{
	die_on("DF");
	/* The only word that says which fault it was. */
	syn_put64(m, syn_ist_top(m, 1, "DF") - 16 - 16, 0x1234);
	syn_put64(m, syn_ist_top(m, 1, "DF") - 16 - 8, 0x1234);
	expect_lost();
}
END_TEST

/* The frame leads to a pt_regs, but not to that of this fault. */
START_TEST(unsaved_another_fault)
{
	uint64_t other = syn_pt_regs(&c, c.ip, 0x10, c.sp, c.bp);

	fault = c;
	die_on("DF");
	syn_put64(m, syn_ist_top(m, 1, "DF") - 16 - 16, other);
	expect_lost();
}
END_TEST

/* Where was rsp on the task's stack? 0: nobody can tell. */
static uint64_t left_at(void)
{
	struct stk_stack df;
	uint64_t sp;

	s = syn_open(m);
	df = stack_at(syn_ist_top(m, 1, "DF") - 8);
	if (!x86_left_at(s, &df, &sp))
		return 0;
	ck_assert_uint_ne(sp, 0);
	return sp;
}

/* What the function had called before left its return address below @sp. */
static void called_before(uint64_t sp)
{
	syn_put64(m, rsp_before() - 8, 0);
	syn_put64(m, sp - 8, syn_call_insn(m, "page_fault_oops", 0x30, "last_function"));
}

/* Of the instructions that load rsp ORC may know nothing: they take 15 bytes. */
START_TEST(unsaved_rule_before_the_load)
{
	const uint64_t ret = syn_sym(m, "page_fault_oops") + 0x85;

	die_on("DF");
	syn_orc(m, ret - 15 + _i, ORC_HOLE, ORC_UNDEFINED, 0, ORC_UNDEFINED, 0);
	ck_assert_uint_eq(left_at(), _i ? rsp_before() : 0);
}
END_TEST

/* What is no rule of a call there is passed over: it says nothing about the frame. */
START_TEST(unsaved_rule_of_another_kind)
{
	static const struct {
		enum orc_type type;
		enum orc_reg sp;
	} row[] = {
		{ ORC_REGS, ORC_SP },
		{ ORC_REGS_PARTIAL, ORC_SP },
		{ ORC_CALL, ORC_BP },
		{ ORC_CALL, ORC_SP_INDIRECT },
	};

	die_on("DF");
	syn_orc(m, syn_sym(m, "page_fault_oops") + 0x84, row[_i].type, row[_i].sp, 128,
		ORC_UNDEFINED, 0);
	ck_assert_uint_eq(left_at(), rsp_before());
}
END_TEST

/* Only a fault in the kernel calls: what the word leads to has its code segment. */
START_TEST(unsaved_code_segments)
{
	static const struct {
		uint64_t cs;
		bool kernel;
	} row[] = { { 0x10, true }, { 0x33, false }, { 0x23, false }, { 0, false } };

	die_on("DF");
	syn_put64(m, regs_at + 8 * X86_CS, row[_i].cs);
	ck_assert_uint_eq(left_at(), row[_i].kernel ? rsp_before() : 0);
}
END_TEST

/* On the way to the pt_regs each word that a frame returns by is behind a call. */
START_TEST(unsaved_through_no_call)
{
	const uint64_t deep = SYN_TEXT + 0x8000;
	uint64_t slot;

	die_on("DF");
	slot = rsp_before() + 56;
	syn_symbol(m, "deep_fn", deep);
	syn_orc(m, deep, ORC_CALL, ORC_SP, 16, ORC_UNDEFINED, 0);
	called_before(slot - 48 + 8 - 64);
	for (unsigned int i = 1; i <= 3; i++)
		syn_put64(m, slot - 16 * i, syn_call_insn(m, "deep_fn", 0x30, "deep_fn"));
	ck_assert_uint_eq(left_at(), slot - 48 + 8 - 64);
	/* ORC has a rule for what is there, but nothing called. */
	syn_put64(m, slot - 16 * (1 + (unsigned int)_i), deep + 0x38);
	ck_assert_uint_eq(left_at(), 0);
}
END_TEST

/* What ORC says of the byte before the return address counts, not what is behind it. */
START_TEST(unsaved_rule_of_the_call)
{
	const uint64_t ret = syn_sym(m, "page_fault_oops") + 0x85;
	uint64_t sp;

	die_on("DF");
	sp = rsp_before() + 64 - 48;
	syn_orc(m, ret - 1, ORC_CALL, ORC_SP, 48, ORC_UNDEFINED, 0);
	syn_orc(m, ret, ORC_CALL, ORC_SP, 64, ORC_UNDEFINED, 0);
	called_before(sp);
	ck_assert_uint_eq(left_at(), sp);
}
END_TEST

/* A frame without room for a return address is none. */
START_TEST(unsaved_no_frame)
{
	const uint64_t at = syn_sym(m, "page_fault_oops");

	die_on("DF");
	syn_orc(m, at + 0x70, ORC_HOLE, ORC_UNDEFINED, 0, ORC_UNDEFINED, 0);
	syn_orc(m, at + 0x80, ORC_CALL, ORC_SP, _i ? -8 : 0, ORC_UNDEFINED, 0);
	ck_assert_uint_eq(left_at(), 0);
}
END_TEST

/* What it called before left its return address on the stack, not below it. */
START_TEST(unsaved_at_the_bottom)
{
	c.sp = syn_stack(m, sh) + 0x110 + 16 * (uint64_t)_i;
	fault = c;
	die_on("DF");
	ck_assert_uint_eq(rsp_before(), syn_stack(m, sh) + 16 * (uint64_t)_i);
	ck_assert_uint_eq(left_at(), _i ? rsp_before() : 0);
}
END_TEST

/* A stack does not lead to itself. */
START_TEST(unsaved_on_the_same_stack)
{
	c.sp = syn_ist_top(m, 1, "DF") - 0x600;
	fault = c;
	die_on("DF");
	ck_assert_uint_eq(left_at(), 0);
}
END_TEST

/* The parts of one function are one, whatever the compiler calls them. */
START_TEST(unsaved_names)
{
	static const struct {
		const char *name;
		bool same;
	} row[] = {
		{ "page_fault_oops.cold", true }, { "page_fault_oops.isra.0", true },
		{ "page_fault", false },	  { "page_fault_oops2", false },
		{ "page_fault_oopt", false },	  { "qage_fault_oops", false },
	};

	die_on("DF");
	syn_symbol(m, row[_i].name, SYN_TEXT + 0x8000);
	syn_put64(m, rsp_before() - 8,
		  syn_call_insn(m, row[_i].name, 0x30, "last_function"));
	ck_assert_uint_eq(left_at(), row[_i].same ? rsp_before() : 0);
}
END_TEST

/* Behind a call that does not return another function may begin. */
START_TEST(unsaved_calls_at_the_end)
{
	die_on("DF");
	if (_i)
		syn_put64(m, rsp_before() - 8,
			  syn_call_insn(m, "page_fault_oops", 0x100, "last_function"));
	else
		syn_put64(m, syn_ist_top(m, 1, "DF") - 16,
			  syn_call_insn(m, "page_fault_oops", 0x100,
					"handle_stack_overflow"));
	ck_assert_uint_eq(left_at(), rsp_before());
}
END_TEST

/* A word that is no kernel's return address, though a call is before it. */
START_TEST(called_from_no_code)
{
	const uint64_t top = syn_ist_top(m, 1, "DF"), at = SYN_DATA + 0x100010;
	struct x86_called called;
	struct stk_stack df;

	die_on("DF");
	syn_put8(m, at, 0xe8);
	syn_put32(m, at + 1, (uint32_t)(syn_sym(m, "handle_stack_overflow") - at - 5));
	syn_put64(m, top - 16, at + 5);
	s = syn_open(m);
	df = stack_at(top - 8);
	ck_assert(!x86_called_stack(s, &df, &called));
}
END_TEST

/* Only with rsp and ip as the call left them is it that frame. */
START_TEST(called_frames)
{
	static const struct {
		bool signal;
		int sp, ip;
		bool is;
	} row[] = {
		{ false, -8, 0, true },	 { true, -8, 0, false },
		{ false, 0, 0, false },	 { false, -16, 0, false },
		{ false, -8, 1, false }, { false, -8, -1, false },
	};
	struct stk_cursor at = { .cpu = 1, .signal = row[_i].signal };
	struct x86_called called;

	die_on("DF");
	s = syn_open(m);
	at.stack = stack_at(syn_ist_top(m, 1, "DF") - 8);
	x86_set(&at.regs, X86_SP, at.stack.end + (uint64_t)(int64_t)row[_i].sp);
	x86_set(&at.regs, X86_IP,
		syn_sym(m, "page_fault_oops") + 0x85 + (uint64_t)(int64_t)row[_i].ip);
	ck_assert(x86_called_frame(s, &at, &called) == row[_i].is);
}
END_TEST

/* Whoever cannot go back says from where. */
START_TEST(unsaved_and_lost)
{
	struct stk_cursor at = { .cpu = 1 };
	struct stk_step step = { 0 };
	struct x86_called called;

	die_on("DF");
	syn_put64(m, rsp_before() - 8, 0);
	s = syn_open(m);
	at.stack = stack_at(syn_ist_top(m, 1, "DF") - 8);
	at.arena = &s->arena;
	ck_assert(x86_called_stack(s, &at.stack, &called));
	ck_assert(!called.saved);
	ck_assert_int_eq(x86_step_called(s, &at, &called, &step), STK_STEP_FAILED);
	ck_assert_int_eq(step.end, STK_END_NO_RULE);
	ck_assert_uint_eq(step.bad, syn_sym(m, "page_fault_oops") + 0x85);
	ck_assert_uint_eq(step.regs.valid, 0);
}
END_TEST

/* The frame has a return address, and is no larger than frames are. */
START_TEST(unsaved_frame_sizes)
{
	static const struct {
		int size;
		bool fits;
	} row[] = { { 0, false }, { 8, true }, { 1024, true }, { 1032, false } };
	uint64_t slot, sp;

	die_on("DF");
	slot = rsp_before() + 56;
	syn_orc(m, syn_sym(m, "page_fault_oops") + 0x80, ORC_CALL, ORC_SP, row[_i].size,
		ORC_UNDEFINED, 0);
	sp = slot + 8 - (uint64_t)row[_i].size;
	called_before(sp);
	ck_assert_uint_eq(left_at(), row[_i].fits ? sp : 0);
}
END_TEST

/* The entry code itself called it: its frame ends at the pt_regs. */
START_TEST(unsaved_right_below_the_pt_regs)
{
	die_on("DF");
	called_before(regs_at - 64);
	ck_assert_uint_eq(left_at(), regs_at - 64);
}
END_TEST

/* It takes 16 steps at most to the pt_regs. */
START_TEST(unsaved_far_from_the_pt_regs)
{
	const uint64_t deep = SYN_TEXT + 0x8000;
	const unsigned int between = 14 + (unsigned int)_i;
	uint64_t slot;

	die_on("DF");
	slot = rsp_before() + 56; /* of the return to who called */
	syn_symbol(m, "deep_fn", deep);
	syn_orc(m, deep, ORC_CALL, ORC_SP, 16, ORC_UNDEFINED, 0);
	called_before(slot - 16 * between + 8 - 64);
	for (unsigned int i = 1; i <= between; i++)
		syn_put64(m, slot - 16 * i, syn_call_insn(m, "deep_fn", 0x30, "deep_fn"));
	ck_assert_uint_eq(left_at(), _i ? 0 : slot - 16 * between + 8 - 64);
}
END_TEST

/* The pt_regs may be the first on their stack. */
START_TEST(unsaved_at_the_top)
{
	const uint64_t end = syn_stack(m, sh) + SYN_THREAD_SIZE;

	c.sp = end;
	fault = c;
	die_on("DF");
	ck_assert_uint_eq(regs_at, end - X86_PT_REGS_SIZE);
	ck_assert_uint_eq(left_at(), rsp_before());
}
END_TEST

/* But all of them are on it. */
START_TEST(unsaved_above_the_top)
{
	const uint64_t end = syn_stack(m, sh) + SYN_THREAD_SIZE;

	c.sp = end + 16;
	fault = c;
	die_on("DF");
	ck_assert_uint_eq(regs_at, end + 16 - X86_PT_REGS_SIZE);
	ck_assert_uint_eq(left_at(), 0);
}
END_TEST

/* Only entry code saved registers: what a rule says of other code leads nowhere. */
START_TEST(unsaved_saved_by_no_entry_code)
{
	const char *const from = _i ? "asm_exc_page_fault" : "asm_exc_nmi";

	die_on("DF");
	syn_symbol(m, "__entry_text_start", syn_sym(m, from));
	syn_symbol(m, "__entry_text_end", syn_sym(m, from) + 0x100);
	ck_assert_uint_eq(left_at(), _i ? rsp_before() : 0);
}
END_TEST

/* Who wants to stop is asked at each place. */
START_TEST(unsaved_interrupted)
{
	struct stk_stack df;
	uint64_t sp;

	die_on("DF");
	s = syn_open(m);
	df = stack_at(syn_ist_top(m, 1, "DF") - 8);
	ck_assert(x86_left_at(s, &df, &sp));
	m->interrupt = true;
	ck_assert(!x86_left_at(s, &df, &sp));
	m->interrupt = false;
}
END_TEST

/* Two places fit: one of them may be it. */
START_TEST(unsaved_two_places)
{
	struct stk_chain *chain;
	uint64_t sp = rsp_before();

	die_on("DF");
	sp = rsp_before();
	/* A frame of the function below that was called by the function itself. */
	syn_put64(m, sp - 8,
		  syn_call_insn(m, "page_fault_oops", 0x30, "page_fault_oops"));
	syn_put64(m, sp - 8 - 56 - 8,
		  syn_call_insn(m, "page_fault_oops", 0x50, "last_function"));
	chain = chain_from_stack();
	ck_assert_ptr_nonnull(chain->segments->next);
	ck_assert(!chain->segments->next->frames[0].reliable);
	ck_assert_ptr_nonnull(strstr(chain->segments->next->frames[0].note,
				     "this is not the only place"));
	stk_chain_free(s, chain);
}
END_TEST

/* ---- what stopped the CPU, on whatever stack ---- */

START_TEST(live_on_another_stack)
{
	struct stk_stack df, task;
	struct stk_live live;
	struct stk_use use;
	struct stk_chain *chain;
	uint64_t slot;

	begin(eras[_i]);
	die_on("DF");
	slot = c.sp;
	chain = live_chain();
	ck_assert_ptr_nonnull(chain);
	ck_assert_msg(!strncmp(syn_chain_text(chain), "<#DF> crash_kexec+0x39/regs ", 28),
		      "%s", syn_chain_text(chain));
	ck_assert_ptr_null(strchr(syn_chain_text(chain), '?'));
	ck_assert_ptr_nonnull(
		strstr(syn_chain_text(chain), "asm_exc_page_fault+0x26/orc end joins"));
	ck_assert_uint_eq(chain->nr_segments, 2);
	stk_chain_free(s, chain);
	/* Both stacks are in use from there, with the frame of what went on. */
	df = stack_at(slot);
	ck_assert(stk_live(s, &df, &live));
	ck_assert(live.exact);
	ck_assert_uint_eq(live.sp, slot + 80 + 8);
	ck_assert_str_eq(live.why_above, "what stopped the CPU runs here");
	task = stack_at(regs_at);
	ck_assert(stk_live(s, &task, &live));
	ck_assert_uint_eq(live.sp, rsp_before());
	ck_assert_int_eq(stk_stack_use(s, &task, &use), STK_OK);
	ck_assert_uint_eq(use.sp, rsp_before());
	ck_assert_uint_eq(use.used, task.end - rsp_before());
	ck_assert(!use.overrun);
}
END_TEST

/* Nothing leads there: the stack is no more than it looks like. */
START_TEST(live_needs_a_way)
{
	struct stk_live live;
	struct stk_stack df;

	die_on("DF");
	syn_put64(m, syn_ist_top(m, 1, "DF") - 8, regs_at - 0x100);
	ck_assert_ptr_null(live_chain());
	df = stack_at(c.sp);
	ck_assert(stk_live(s, &df, &live));
	ck_assert_uint_eq(live.sp, df.end);
}
END_TEST

/* A chain to the same registers from their own stack: the one over two is of later. */
START_TEST(live_comes_over_more_stacks)
{
	struct stk_chain *chain;

	die_on("DF");
	/* exc_page_fault() had called it before, and it came back. */
	syn_symbol(m, "stop_this_cpu", SYN_TEXT + 0x8000);
	syn_orc(m, SYN_TEXT + 0x8000, ORC_CALL, ORC_SP, 8, ORC_UNDEFINED, 0);
	syn_put64(m, regs_at - 48 - 8, syn_call_insn(m, "stop_this_cpu", 0x20, "panic"));
	chain = live_chain();
	ck_assert_ptr_nonnull(chain);
	ck_assert_uint_eq(chain->nr_segments, 2);
	ck_assert_ptr_eq(chain->segments->stack.kind, X86_STACK(DF));
	stk_chain_free(s, chain);
}
END_TEST

/*
 * The other way round: what an NMI left leads there over one stack less, and lies higher
 * than what came at last.
 */
START_TEST(live_comes_over_more_stacks_at_once)
{
	struct stk_chain *chain;
	struct syn_cpu nmi;
	uint64_t at;

	c.sp &= ~15ull;
	at = syn_pt_regs(&c, fault.ip, 0x10, fault.sp, fault.bp);
	c.function = "asm_exc_page_fault";
	c.bp = 0;
	syn_call(&c, 0x26, "exc_page_fault");
	nmi = c;
	syn_nmi(&nmi);
	syn_call(&nmi, 0x80, "__crash_kexec");
	syn_irq(&c);
	syn_guard_hit(&c, "DF");
	syn_call(&c, 0x60, "crash_kexec");
	syn_call(&c, 0x39, "__crash_kexec");
	syn_crash_note(&fault);
	regs_at = at;
	chain = live_chain();
	ck_assert_ptr_nonnull(chain);
	ck_assert_msg(chain->nr_segments == 3, "%s", syn_chain_text(chain));
	ck_assert_ptr_eq(chain->segments->stack.kind, X86_STACK(DF));
	stk_chain_free(s, chain);
}
END_TEST

/* The lowest stack that the CPU has is one of them. */
START_TEST(live_on_the_irq_stack)
{
	struct stk_chain *chain;

	c.sp &= ~15ull;
	regs_at = c.sp - X86_PT_REGS_SIZE;
	fault = c;
	syn_irq(&c);
	syn_call(&c, 0x50, "crash_nmi_callback");
	syn_call(&c, 0x80, "task_spin");
	syn_crash_note(&fault);
	chain = live_chain();
	ck_assert_ptr_nonnull(chain);
	ck_assert_uint_eq(chain->nr_segments, 2);
	ck_assert_ptr_eq(chain->segments->stack.kind, X86_STACK(IRQ));
	stk_chain_free(s, chain);
}
END_TEST

/* Who is interrupted has not found that nothing is there. */
START_TEST(live_interrupted)
{
	struct stk_chain *chain;
	struct stk_start start;
	struct stk_copy where;

	die_on("DF");
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, cpu, &start), STK_OK);
	start.regs = (struct stk_regs){ 0 };
	start.given = true;
	ck_assert_int_eq(stk_unwind_live(s, &start, &where, &chain), STK_OK);
	stk_chain_free(s, chain);
	m->interrupt = true;
	ck_assert_int_eq(stk_unwind_live(s, &start, &where, &chain), STK_ERR_INTERRUPTED);
	ck_assert_ptr_null(chain);
	m->interrupt = false;
}
END_TEST

/* ---- the chain from there to the end ---- */

static struct stk_chain *whole, *saved;

static void unwind_both(void)
{
	struct stk_start start;

	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, cpu, &start), STK_OK);
	ck_assert_int_eq(stk_unwind_whole(s, &start, &whole), STK_OK);
	/* What was entered is left. */
	ck_assert_uint_eq(s->entered, 0);
	ck_assert_int_eq(stk_unwind(s, &start, &saved), STK_OK);
}

static const struct stk_segment *joint_segment(void)
{
	const struct stk_segment *seg = whole->segments;

	for (size_t i = 0; i < whole->joint.segment; i++)
		seg = seg->next;
	return seg;
}

/* From the registers on it is the chain that begins with them. */
static void expect_same_rest(void)
{
	const struct stk_segment *g = joint_segment(), *h = saved->segments;
	size_t first = whole->joint.frame;

	for (; g && h; g = g->next, h = h->next, first = 0) {
		ck_assert_uint_eq(g->stack.begin, h->stack.begin);
		ck_assert_uint_eq(g->nr_frames - first, h->nr_frames);
		for (size_t i = 0; i < h->nr_frames; i++) {
			const struct stk_frame *a = &g->frames[first + i],
					       *b = &h->frames[i];

			ck_assert_uint_eq(a->ip, b->ip);
			ck_assert_uint_eq(a->sp, b->sp);
			ck_assert_uint_eq(a->slot, b->slot);
			ck_assert_int_eq(a->interrupted, b->interrupted);
			ck_assert_int_eq(a->doubt, b->doubt);
			ck_assert(!a->regs == !b->regs);
		}
	}
	ck_assert_ptr_null(g);
	ck_assert_ptr_null(h);
	ck_assert_int_eq(whole->end, saved->end);
	ck_assert_str_eq(whole->end_text, saved->end_text);
}

START_TEST(from_what_stopped_it)
{
	const struct stk_segment *seg;
	const struct stk_frame *f;

	begin(eras[_i]);
	die_on("DF");
	unwind_both();
	f = whole->segments->frames;
	ck_assert_str_eq(f->name.function, "crash_kexec");
	ck_assert_uint_eq(syn_get64(m, f->slot), f->ip);
	ck_assert_uint_eq(f->slot + 8, f->sp);
	ck_assert(f->reliable && !f->interrupted && !f->regs);
	ck_assert_uint_eq(f->evidence.agree, 1u << STK_WITNESS_CALL);
	ck_assert_uint_eq(whole->joint.regs_at, regs_at);
	seg = joint_segment();
	ck_assert(stk_stack_is_task(&seg->stack));
	f = &seg->frames[whole->joint.frame];
	ck_assert_str_eq(f[-1].name.function, "asm_exc_page_fault");
	ck_assert_uint_eq(f->ip, fault.ip);
	ck_assert_uint_eq(f->regs_at, regs_at);
	ck_assert_ptr_eq(f->regs, &whole->start.regs);
	ck_assert(f->interrupted);
	ck_assert(f->evidence.agree & 1u << STK_WITNESS_COPY);
	ck_assert(f->evidence.agree & 1u << STK_WITNESS_PLACE);
	ck_assert_uint_eq(f->evidence.differ, 0);
	ck_assert_uint_eq(saved->joint.regs_at, 0);
	expect_same_rest();
	for (; f >= seg->frames; f--)
		ck_assert(f->reliable);
	/* What makes the rest doubtful is the stack's padding. */
	ck_assert_pstr_eq(whole->confidence_why, saved->confidence_why);
}
END_TEST

/* Each CPU's stacks are looked at, and once only. */
START_TEST(whichever_cpu_died)
{
	struct stk_chain *chain;
	struct stk_start start;
	struct stk_frame *f;
	uint64_t steps, again;

	begin_on((unsigned int)_i, SYN_6_1);
	die_on("DF");
	chain = live_chain();
	ck_assert_ptr_nonnull(chain);
	ck_assert_uint_eq(chain->nr_segments, 2);
	stk_chain_free(s, chain);
	unwind_both();
	ck_assert_uint_eq(whole->joint.regs_at, regs_at);
	f = &joint_segment()->frames[whole->joint.frame];
	ck_assert_uint_eq(f->entered, f[-1].ip);
	expect_same_rest();
	ck_assert_int_eq(stk_start_cpu(s, cpu, &start), STK_OK);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, cpu, &start), STK_OK);
	steps = s->budget.steps;
	ck_assert_uint_eq(stk_stopped_at(s, &start), regs_at);
	again = s->budget.steps;
	ck_assert_uint_lt(again, steps);
	ck_assert_uint_eq(stk_stopped_at(s, &start), regs_at);
	ck_assert_uint_lt(again - s->budget.steps, (steps - again) / 10);
	/* Of other registers it is another question. */
	start.regs.v[X86_IP] ^= 1;
	ck_assert_uint_eq(stk_stopped_at(s, &start), 0);
	start.regs.v[X86_IP] ^= 1;
	ck_assert_uint_eq(stk_stopped_at(s, &start), regs_at);
	/* There is no such CPU. */
	start.cpu = SYN_NR_CPUS;
	stk_stopped_at(s, &start);
	start.cpu = INT_MAX;
	stk_stopped_at(s, &start);
	start.cpu = -1;
	stk_stopped_at(s, &start);
}
END_TEST

/* An NMI that stops a CPU in user mode runs on the task's stack. */
START_TEST(from_what_stopped_the_user)
{
	const uint64_t user_sp = 0x7ffc00001000;
	struct stk_start start;

	fixture_task();
	cpu = 1;
	regs_at = syn_pt_regs(&c, SYN_USER_IP, 0x33, user_sp, 0);
	c.function = "asm_exc_nmi";
	c.bp = 0;
	syn_call(&c, 0x80, "exc_nmi");
	syn_call(&c, 0x70, "nmi_handle");
	syn_call(&c, 0x5e, "crash_nmi_callback");
	syn_call(&c, 0x80, "task_spin");
	syn_crash_note_regs(m, 1, 227, SYN_USER_IP, 0x33, user_sp, 0);
	unwind_both();
	ck_assert_uint_eq(whole->joint.regs_at, regs_at);
	ck_assert_uint_eq(whole->joint.segment, 1);
	ck_assert_uint_eq(whole->joint.frame, 0);
	ck_assert(whole->user_evidence.agree & 1u << STK_WITNESS_COPY);
	ck_assert_int_eq(whole->end, STK_END_USER);
	ck_assert_uint_eq(whole->user_at, regs_at);
	/* On the same stack of a task that was on no CPU that is not so. */
	ck_assert_int_eq(stk_start_cpu(s, cpu, &start), STK_OK);
	start.cpu = -1;
	ck_assert_int_eq(stk_unwind_whole(s, &start, &whole), STK_OK);
	ck_assert_uint_eq(whole->joint.regs_at, 0);
}
END_TEST

/* As if nobody had saved registers of CPU 1. */
static enum stk_status start_silent(struct stk_start *start)
{
	syn_fill(m, SYN_PERCPU(1) + syn_get64(m, syn_sym(m, "crash_notes")), 64, 0);
	s = syn_open(m);
	return stk_start_cpu(s, 1, start);
}

/* A module's function may have the name of one that never returns. */
START_TEST(never_returns_by_name)
{
	struct stk_chain *chain;
	struct stk_start start;

	syn_module(m, "stackcase", SYN_MODULE, "stop_this_cpu");
	if (_i) {
		syn_symbol(m, "stop_this_cpu", SYN_MODULE + 0x100);
	} else {
		syn_symbol(m, "stop_this_cpu", SYN_TEXT + 0x8000);
		syn_orc(m, SYN_TEXT + 0x8000, ORC_CALL, ORC_SP, 24, ORC_UNDEFINED, 0);
	}
	syn_crash_note(&fault);
	c.sp &= ~15ull;
	regs_at = syn_pt_regs(&c, fault.ip, 0x10, fault.sp, fault.bp);
	c.function = "asm_exc_page_fault";
	c.bp = 0;
	syn_call(&c, 0x26, "exc_page_fault");
	syn_push(&c, syn_call_insn(m, "exc_page_fault", 0x50, "stop_this_cpu"));
	syn_push(&c, 0);
	syn_push(&c, 0);
	syn_push(&c, syn_call_insn(m, "stop_this_cpu", 0x30, "task_spin"));
	chain = live_chain();
	ck_assert_int_eq(chain == NULL, _i);
	if (chain)
		ck_assert_uint_eq(chain->segments->frames[0].ip,
				  SYN_TEXT + 0x8000 + 0x30);
	if (_i)
		return;
	/* Nor does what ends with its last call. */
	syn_symbol(m, "next_function", SYN_TEXT + 0x8030);
	chain = live_chain();
	ck_assert_ptr_nonnull(chain);
	ck_assert_str_eq(chain->segments->frames[0].name.function, "stop_this_cpu");
	ck_assert_int_eq(start_silent(&start), STK_OK);
	ck_assert_ptr_nonnull(strstr(start.doubt, "the call of stop_this_cpu()"));
}
END_TEST

/* It may call what no symbol names. */
START_TEST(never_returns_from_what_has_no_name)
{
	struct stk_chain *chain;
	struct stk_start start;
	struct stk_copy where;

	syn_symbol(m, "stop_this_cpu", SYN_TEXT + 0x8000);
	syn_orc(m, SYN_TEXT + 0x8000, ORC_CALL, ORC_SP, 24, ORC_UNDEFINED, 0);
	syn_symbol(m, "nameless", SYN_TEXT - 0x1000000);
	syn_crash_note(&fault);
	c.sp &= ~15ull;
	regs_at = syn_pt_regs(&c, fault.ip, 0x10, fault.sp, fault.bp);
	c.function = "asm_exc_page_fault";
	c.bp = 0;
	syn_call(&c, 0x26, "exc_page_fault");
	syn_push(&c, syn_call_insn(m, "exc_page_fault", 0x50, "stop_this_cpu"));
	syn_push(&c, 0);
	syn_push(&c, 0);
	syn_push(&c, syn_call_insn(m, "stop_this_cpu", 0x30, "nameless"));
	syn_no_symbol(m, "nameless");
	chain = live_chain();
	ck_assert_ptr_nonnull(chain);
	ck_assert_uint_eq(chain->segments->frames[0].ip, SYN_TEXT + 0x8000 + 0x30);
	stk_chain_free(s, chain);
	/* On the stack of its task; who has none is not looked for there. */
	ck_assert_int_eq(stk_start_cpu(s, cpu, &start), STK_OK);
	start.regs = (struct stk_regs){ 0 };
	start.given = true;
	ck_assert_int_eq(stk_unwind_live(s, &start, &where, &chain), STK_OK);
	ck_assert_uint_eq(chain->segments->frames[0].ip, SYN_TEXT + 0x8000 + 0x30);
	stk_chain_free(s, chain);
	start.has_task = false;
	ck_assert_int_eq(stk_unwind_live(s, &start, &where, &chain), STK_ERR_NOT_FOUND);
}
END_TEST

/* What is in doubt before the registers is no doubt of them. */
START_TEST(doubt_before_the_registers)
{
	struct stk_frame *f;
	uint64_t slot;

	die_on("DF");
	unwind_both();
	slot = whole->segments->frames[1].slot;
	/* A return address that no call is before. */
	syn_put64(m, slot, syn_sym(m, "handle_stack_overflow") + 0x11);
	unwind_both();
	ck_assert_uint_eq(whole->joint.regs_at, regs_at);
	f = whole->segments->frames;
	ck_assert_int_eq(f[0].doubt, STK_DOUBT_NEXT);
	ck_assert_int_eq(f[1].doubt, STK_DOUBT_NO_CALL);
	ck_assert(joint_segment()->frames[whole->joint.frame].reliable);
	expect_same_rest();
	ck_assert_int_eq(whole->confidence, STK_DOUBTFUL);
	ck_assert_ptr_nonnull(strstr(whole->confidence_why, "crash_kexec+57: "));
}
END_TEST

/* Where the way from what ran last is in doubt, a shorter certain one is not the whole.
 */
START_TEST(begins_with_what_ran_last)
{
	const struct stk_frame *f;

	die_on("DF");
	syn_call(&c, 0x40, "task_spin");
	/* One more place that __crash_kexec() may have been called from. */
	syn_put64(m, c.sp + 16, syn_call_insn(m, "crash_kexec", 0x59, "__crash_kexec"));
	unwind_both();
	f = whole->segments->frames;
	ck_assert_uint_eq(f[0].ip, syn_sym(m, "__crash_kexec") + 0x40);
	ck_assert(!f[1].reliable);
}
END_TEST

/* A chain that a user begins, and that of a sleeper, begin there. */
START_TEST(from_there_only)
{
	struct stk_start start;
	struct stk_task task;

	die_on("DF");
	s = syn_open(m);
	ck_assert_int_eq(stk_start_regs(s, regs_at, &start), STK_OK);
	ck_assert_int_eq(start.cpu, 1);
	ck_assert_int_eq(stk_unwind_whole(s, &start, &whole), STK_OK);
	ck_assert_uint_eq(whole->joint.regs_at, 0);
	ck_assert_uint_eq(whole->segments->frames[0].ip, fault.ip);
	ck_assert_int_eq(stk_task_read(s, sh, &task), STK_OK);
	ck_assert_int_eq(stk_start_task(s, &task, &start), STK_OK);
	ck_assert_int_eq(stk_unwind_whole(s, &start, &whole), STK_OK);
	ck_assert_uint_eq(whole->joint.regs_at, regs_at);
}
END_TEST

/*
 * Registers out of a text: what stopped the CPU left them on a stack, with those that the
 * text leaves out; any that differ are not they.
 */
START_TEST(text_of_what_is_on_a_stack)
{
	struct stk_text_regs text = { .cpu = 1, .pid = 227, .name = "a text" };
	struct stk_start start;
	bool same;

	die_on("DF");
	x86_set(&text.regs, X86_IP, fault.ip);
	x86_set(&text.regs, X86_SP, fault.sp);
	if (_i == 1)
		x86_set(&text.regs, X86_R12, 0x7700 + X86_R12);
	else if (_i == 2)
		x86_set(&text.regs, X86_R12, 0x7700 + X86_R13);
	else if (_i == 3)
		x86_set(&text.regs, X86_SP, fault.sp + 8);
	same = _i < 2;
	syn_fill(m, SYN_PERCPU(1) + syn_get64(m, syn_sym(m, "crash_notes")), 64, 0);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_text(s, &text, &start), STK_OK);
	ck_assert_int_eq(start.evidence.agree >> STK_WITNESS_COPY & 1, same);
	ck_assert_int_eq(start.doubt == NULL, same);
	ck_assert_int_eq(x86_has(&start.regs, X86_R13), same);
	ck_assert_str_eq(start.note, "registers from a text");
	/* Those below what the text begins with are of later, if nothing vouches for it.
	 */
	text.behind = true;
	ck_assert_int_eq(stk_start_text(s, &text, &start), STK_OK);
	ck_assert(start.partial);
	ck_assert_str_eq(start.note, same ? "registers from a text"
					  : "registers from a text; the frames before "
					    "them are of later");
}
END_TEST

/* Who did not stop as a CPU does has not gone on from there. */
START_TEST(nobody_went_on)
{
	struct stk_start start;

	die_on("DF");
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, cpu, &start), STK_OK);
	ck_assert_int_eq(stk_unwind_whole(s, &start, &whole), STK_OK);
	ck_assert_uint_eq(whole->joint.regs_at, regs_at);
	switch (_i) {
	case 0:
		start.cpu = -1;
		break;
	case 1:
		start.from = STK_FROM_THREAD_SP;
		break;
	case 2:
		start.from = STK_FROM_STACK;
		break;
	case 3:
		start.given = true;
		break;
	default:
		s->target.live = true;
	}
	ck_assert_int_eq(stk_unwind_whole(s, &start, &whole), STK_OK);
	ck_assert_uint_eq(whole->joint.regs_at, 0);
}
END_TEST

/* What was found of another kind of start is not taken for what the CPU's leads to. */
START_TEST(remembered_of_a_cpu)
{
	struct stk_start start, other;

	die_on("DF");
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, cpu, &start), STK_OK);
	other = start;
	other.has_task = false;
	if (_i == 0)
		other.given = true;
	else if (_i == 1)
		other.from = STK_FROM_TEXT;
	else if (_i == 2)
		s->target.live = true;
	else
		m->interrupt = true;
	ck_assert_uint_eq(stk_stopped_at(s, &other), 0);
	s->target.live = m->interrupt = false;
	ck_assert_uint_eq(stk_stopped_at(s, &start), regs_at);
}
END_TEST

/*
 * Without registers, too: it never returned. The machine with FRED comes to no good end,
 * since its frames are not where FRED has them.
 */
START_TEST(from_there_without_registers)
{
	const struct stk_frame *f;
	struct stk_start start;
	char *had;

	begin(eras[_i]);
	die_on("DF");
	/* What is told is the call's name, be there a function behind it. */
	syn_symbol(m, "behind_the_call", syn_sym(m, "crash_kexec") + 57);
	unwind_both();
	had = strdup(syn_chain_text(whole));
	ck_assert_int_eq(start_silent(&start), STK_OK);
	ck_assert_int_eq(start.from, STK_FROM_STACK);
	ck_assert(start.partial && !start.signal);
	ck_assert_ptr_nonnull(strstr(start.doubt, "the call of crash_kexec()"));
	ck_assert_int_eq(stk_unwind_whole(s, &start, &whole), STK_OK);
	/* Down to the registers; this machine has them elsewhere than hardware would. */
	*strstr(had, " task_spin") = '\0';
	ck_assert_msg(!strncmp(syn_chain_text(whole), had, strlen(had)), "%s",
		      syn_chain_text(whole));
	f = whole->segments->frames;
	ck_assert_uint_eq(syn_get64(m, f->slot), f->ip);
	ck_assert_int_eq(whole->confidence, STK_DOUBTFUL);
	free(had);
	/* It was stopped after it had been marked as offline: */
	syn_put64(m, syn_sym(m, "__cpu_online_mask"), 1);
	ck_assert_int_eq(start_silent(&start), STK_OK);
	ck_assert(stk_cpu_running(s, 1));
	/* not, where others have registers; nor one that has another's task. */
	syn_crash_note_regs(m, 0, 0, SYN_USER_IP, 0x33, 0x7ffc00001000, 0);
	ck_assert_int_eq(start_silent(&start), STK_OK);
	ck_assert(!stk_cpu_running(s, 1));
	syn_set_current(m, 0, sh);
	ck_assert_int_eq(start_silent(&start), STK_ERR_NO_REGS);
}
END_TEST

/* What never returned is a call of the kernel's own, and leads somewhere. */
START_TEST(no_such_call)
{
	struct stk_start start;
	uint64_t slot, word;

	die_on("DF");
	unwind_both();
	slot = whole->segments->frames[0].slot;
	word = syn_get64(m, slot);
	syn_put64(m, slot, word + 1);
	ck_assert_int_eq(start_silent(&start), STK_ERR_NO_REGS);
	syn_put64(m, slot, syn_sym(m, "page_fault_oops") + 0x85);
	ck_assert_int_eq(start_silent(&start), STK_ERR_NO_REGS);
	syn_put64(m, slot, word);
	ck_assert_int_eq(start_silent(&start), STK_OK);
	syn_put64(m, syn_ist_top(m, 1, "DF") - 8, regs_at - 0x100);
	ck_assert_int_eq(start_silent(&start), STK_ERR_NO_REGS);
}
END_TEST

/* ---- how it is told ---- */

static char *out;

static const char *text_of(const struct stk_start *start, bool verbose)
{
	struct stk_text_options opt = { .verbose = verbose };
	struct stk_chain *chain;
	bool doubts = false;
	size_t len;
	FILE *fp;

	free(out);
	out = NULL;
	ck_assert_int_eq(stk_unwind_whole(s, start, &chain), STK_OK);
	fp = open_memstream(&out, &len);
	stk_text_chain(s, fp, chain, &opt, &doubts);
	fclose(fp);
	stk_chain_free(s, chain);
	return out;
}

/* The chain that is shown and the map have one number for a stack. */
START_TEST(one_number_for_a_stack)
{
	struct stk_stack task, df;
	struct stk_start start;
	char want[80];

	die_on("DF");
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	task = stack_at(regs_at);
	df = stack_at(c.sp);
	text_of(&start, true);
	snprintf(want, sizeof(want), "%llu used;\n    ends: user mode",
		 (unsigned long long)(task.end - rsp_before()));
	ck_assert_msg(strstr(out, want), "%s\n%s", want, out);
	snprintf(want, sizeof(want), "%llx, on the TASK stack: as below",
		 (unsigned long long)regs_at);
	ck_assert_msg(strstr(out, want), "%s\n%s", want, out);
	snprintf(want, sizeof(want), "%llu used; left by word at %llx",
		 (unsigned long long)(df.end - c.sp - 88),
		 (unsigned long long)(df.end - 8));
	ck_assert_msg(strstr(out, want), "%s\n%s", want, out);
	/* What is not in use is as large as the chain that was asked for. */
	ck_assert_int_eq(stk_start_stack(s, rsp_before() - 8, 0, 0, &start), STK_OK);
	text_of(&start, false);
	snprintf(want, sizeof(want), "%llu used",
		 (unsigned long long)(task.end - rsp_before()));
	ck_assert_msg(strstr(out, want), "%s\n%s", want, out);
}
END_TEST

/* In user mode, and then on its stack the NMI that stopped it. */
START_TEST(stacks_are_not_empty)
{
	struct syn_cpu user = c;
	struct stk_start start;

	c = syn_cpu(m, 1, sh);
	user.ip = SYN_USER_IP;
	user.sp = 0x7ffc00001000;
	user.bp = 0;
	syn_pt_regs(&c, user.ip, 0x33, user.sp, 0);
	c.function = "asm_exc_nmi";
	syn_call(&c, 0x80, "exc_nmi");
	syn_call(&c, 0x70, "nmi_handle");
	syn_call(&c, 0x5e, "crash_nmi_callback");
	syn_crash_note_regs(m, 1, 227, user.ip, 0x33, user.sp, 0);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	text_of(&start, false);
	/* crash_nmi_callback() itself called nothing that its address is left of. */
	ck_assert_ptr_nonnull(strstr(out, "; its kernel stacks are empty ---"));
	syn_put64(m, c.sp - 8, syn_call_insn(m, "crash_nmi_callback", 0x40, "panic"));
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	text_of(&start, false);
	ck_assert_msg(strstr(out, " crash_nmi_callback+64 at "), "%s", out);
	ck_assert_msg(strstr(out, "--- <TASK> PID 227 "), "%s", out);
	ck_assert_msg(strstr(out, ";\n    ends: user mode at 0x7f1122334455, nmi 2"),
		      "%s", out);
	ck_assert_ptr_null(strstr(out, "empty"));
}
END_TEST

static const char *text_in(struct json_object *o, const char *path)
{
	char copy[64], *save;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *key = strtok_r(copy, ".", &save); key;
	     key = strtok_r(NULL, ".", &save))
		o = *key >= '0' && *key <= '9'
			    ? json_object_array_get_idx(o, (size_t)atoi(key))
			    : json_object_object_get(o, key);
	return o ? json_object_get_string(o) : NULL;
}

START_TEST(guards_in_json)
{
	struct json_object *doc;
	struct stk_start start;
	struct stk_chain *chain;
	char want[24];

	die_on("DF");
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	doc = chain_in_json(s, chain, false);
	snprintf(want, sizeof(want), "%#llx",
		 (unsigned long long)syn_stack(m, sh) - 4096);
	ck_assert_pstr_eq(text_in(doc, "segments.0.stack.guard"), want);
	ck_assert_pstr_eq(text_in(doc, "start.live.segments.1.stack.guard"), want);
	ck_assert_pstr_eq(text_in(doc, "start.copies.0.stack.guard"), want);
	ck_assert_ptr_null(json_object_object_get(doc, "whole"));
	json_object_put(doc);
	stk_chain_free(s, chain);
}
END_TEST

/* The old keys say what they always did; the whole is beside them. */
START_TEST(whole_in_json)
{
	struct json_object *doc;
	char want[24];

	die_on("DF");
	unwind_both();
	doc = chain_in_json(s, whole, false);
	snprintf(want, sizeof(want), "%#llx", (unsigned long long)fault.ip);
	ck_assert_pstr_eq(text_in(doc, "segments.0.frames.0.ip"), want);
	ck_assert_pstr_eq(text_in(doc, "start.ip"), want);
	ck_assert_pstr_eq(text_in(doc, "whole.segments.0.frames.0.function"),
			  "crash_kexec");
	ck_assert_pstr_eq(text_in(doc, "start.live.segments.0.frames.0.function"),
			  "crash_kexec");
	snprintf(want, sizeof(want), "%#llx", (unsigned long long)regs_at);
	ck_assert_pstr_eq(text_in(doc, "whole.joins"), want);
	ck_assert_pstr_eq(text_in(doc, "start.live.joins"), want);
	ck_assert_pstr_eq(text_in(doc, "whole.segments.1.frames.2.regs_at"), want);
	ck_assert_pstr_eq(text_in(doc, "whole.confidence"), text_in(doc, "confidence"));
	json_object_put(doc);
}
END_TEST

/* ---- a stack that overflowed ---- */

static void expect_overflow_in_json(void)
{
	struct json_object *doc = chain_in_json(s, whole, false);
	char want[24];

	snprintf(want, sizeof(want), "%#llx", (unsigned long long)syn_stack(m, sh));
	ck_assert_pstr_eq(text_in(doc, "segments.0.overflow.stack.begin"), want);
	ck_assert_pstr_eq(text_in(doc, "segments.0.overflow.bytes"), "8");
	ck_assert_pstr_eq(text_in(doc, "segments.0.stack.kind"), "UNKNOWN");
	ck_assert_ptr_null(text_in(doc, "segments.1.overflow"));
	json_object_put(doc);
}

START_TEST(rsp_in_the_guard)
{
	uint64_t low = syn_stack(m, sh);
	struct stk_stack task;
	struct stk_place p;
	struct stk_use use;

	c.ip = syn_sym(m, "timer_fn") + 0x40;
	c.sp = low - 8;
	/* Its caller's frame is on the stack. */
	syn_put64(m, low + 8, syn_call_insn(m, "hrtimer_interrupt", 0xa9, "timer_fn"));
	syn_put64(m, low + 16 + 56,
		  syn_call_insn(m, "vfs_write", 0x9b, "hrtimer_interrupt"));
	syn_crash_note(&c);
	s = syn_open(m);
	task = stack_at(low);
	ck_assert_int_eq(stk_stack_use(s, &task, &use), STK_OK);
	ck_assert_int_eq(use.state, STK_STATE_LIVE);
	ck_assert_uint_eq(use.sp, low);
	ck_assert_uint_eq(use.used, SYN_THREAD_SIZE);
	ck_assert_str_eq(use.why, "it overflowed");
	ck_assert_int_eq(stk_classify(s, low + 1, &p), STK_OK);
	ck_assert_int_eq(p.state, STK_STATE_LIVE);
	/* The chain says so, too, in every form. */
	unwind_both();
	ck_assert_ptr_null(whole->segments->stack.kind);
	ck_assert_uint_eq(whole->segments->over.begin, low);
	ck_assert_uint_eq(whole->segments->over_by, 8);
	ck_assert_ptr_null(whole->segments->next->over.kind);
	text_of(&whole->start, false);
	ck_assert_msg(strstr(out, "\n--- guard page below the TASK stack of PID 227, 0x8 "
				  "below its base; left by "),
		      "%s", out);
	expect_overflow_in_json();
}
END_TEST

START_TEST(magic_overwritten)
{
	uint64_t low = syn_stack(m, sh);
	struct stk_stack task;
	struct stk_place p;
	struct stk_use use;

	syn_sleep(&c);
	s = syn_open(m);
	task = stack_at(low);
	ck_assert_int_eq(stk_stack_use(s, &task, &use), STK_OK);
	ck_assert(!use.overrun);
	ck_assert_int_eq(stk_classify(s, low + 4, &p), STK_OK);
	ck_assert_int_eq(p.state, STK_STATE_UNUSED);
	ck_assert_str_eq(p.state_why, "STACK_END_MAGIC at its base is intact");
	ck_assert_int_eq(stk_classify(s, low + 8, &p), STK_OK);
	ck_assert_str_eq(p.state_why, "zeros from here to its base");
	/* One bit is enough. */
	syn_put64(m, low, 0x57ac6e9c);
	s = syn_open(m);
	ck_assert_int_eq(stk_stack_use(s, &task, &use), STK_OK);
	ck_assert(use.overrun);
	ck_assert_uint_eq(use.high_water, SYN_THREAD_SIZE);
	ck_assert_int_eq(stk_classify(s, low + 4, &p), STK_OK);
	ck_assert_int_eq(p.state, STK_STATE_STALE);
	ck_assert_ptr_nonnull(strstr(p.state_why, "STACK_END_MAGIC was here"));
	ck_assert_int_eq(stk_classify(s, low + 8, &p), STK_OK);
	ck_assert_ptr_null(strstr(p.state_why, "MAGIC"));
	/* Early in the boot it is not set yet; and a CPU's stack has none. */
	syn_put64(m, low, 0);
	s = syn_open(m);
	ck_assert_int_eq(stk_stack_use(s, &task, &use), STK_OK);
	ck_assert(!use.overrun);
	task = stack_at(syn_irq_top(1) - 8);
	syn_put64(m, task.begin, 0x1234);
	s = syn_open(m);
	ck_assert_int_eq(stk_stack_use(s, &task, &use), STK_OK);
	ck_assert(!use.overrun);
}
END_TEST

static const struct unit_test all_tests[] = {
	LOOP(called_and_back, NR_ERAS),
	TEST(called_on_the_nmi_stack),
	TEST(called_with_frame_pointers),
	LOOP(live_on_another_stack, NR_ERAS),
	{ 0 },
};

static const struct unit_test one_tests[] = {
	TEST(not_called),
	TEST(called_with_fred),
	LOOP(link_of_the_called_stack, 2),
	TEST(live_needs_a_way),
	TEST(live_comes_over_more_stacks),
	TEST(live_comes_over_more_stacks_at_once),
	TEST(live_on_the_irq_stack),
	TEST(live_interrupted),
	TEST(one_number_for_a_stack),
	TEST(stacks_are_not_empty),
	TEST(guards_in_json),
	TEST(whole_in_json),
	LOOP(from_what_stopped_it, NR_ERAS),
	LOOP(whichever_cpu_died, 2),
	TEST(never_returns_from_what_has_no_name),
	LOOP(never_returns_by_name, 2),
	TEST(from_what_stopped_the_user),
	TEST(doubt_before_the_registers),
	TEST(begins_with_what_ran_last),
	TEST(from_there_only),
	LOOP(text_of_what_is_on_a_stack, 4),
	LOOP(nobody_went_on, 5),
	LOOP(remembered_of_a_cpu, 4),
	LOOP(from_there_without_registers, 3),
	TEST(no_such_call),
	TEST(rsp_in_the_guard),
	TEST(magic_overwritten),
	{ 0 },
};

static const struct unit_test old_tests[] = {
	TEST(unsaved_no_call_below),
	TEST(unsaved_no_caller),
	TEST(unsaved_leads_elsewhere),
	TEST(unsaved_no_pt_regs),
	TEST(unsaved_another_fault),
	LOOP(unsaved_rule_before_the_load, 2),
	LOOP(unsaved_rule_of_another_kind, 4),
	LOOP(unsaved_code_segments, 4),
	LOOP(unsaved_through_no_call, 2),
	TEST(unsaved_and_lost),
	TEST(unsaved_rule_of_the_call),
	LOOP(unsaved_no_frame, 2),
	LOOP(unsaved_at_the_bottom, 2),
	TEST(unsaved_on_the_same_stack),
	LOOP(unsaved_names, 6),
	LOOP(unsaved_calls_at_the_end, 2),
	TEST(called_from_no_code),
	LOOP(called_frames, 6),
	LOOP(unsaved_frame_sizes, 4),
	TEST(unsaved_right_below_the_pt_regs),
	LOOP(unsaved_far_from_the_pt_regs, 2),
	TEST(unsaved_at_the_top),
	TEST(unsaved_above_the_top),
	LOOP(unsaved_saved_by_no_entry_code, 2),
	TEST(unsaved_two_places),
	TEST(unsaved_interrupted),
	{ 0 },
};

const struct unit_suite suite_dying = {
	"dying",
	{
		{ "eras", all_tests, NULL, NULL },
		{ "6.1", one_tests, setup, NULL },
		{ "5.8", old_tests, setup_old, NULL },
	},
};
