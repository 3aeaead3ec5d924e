/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what the code before a return address says: which calls reach a function, what
 * cannot be told, what no call pushed; and how long instructions are.
 */
#include "fixture.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

#include "arch/x86_64/insn.h"
#include "arch/x86_64/reach.h"
#include "machine/memory.h"

#define AREA   (SYN_TEXT + 0xa000)
#define CALLER AREA
#define CALLEE (AREA + 0x100)
#define OTHER  (AREA + 0x200)
#define COLD   (AREA + 0x300)
#define THUNK  (AREA + 0x400)
#define MID    (AREA + 0x500)
#define SCT    (AREA + 0x600)
#define LABEL  (AREA + 0x700)
#define LAST   (AREA + 0x800)
#define RET    (CALLER + 0x20)
#define IN     (CALLEE + 0x11) /* a return address in the callee */

static const char *why;

static void setup(void)
{
	static const struct {
		const char *name;
		uint64_t at;
	} functions[] = {
		{ "caller", CALLER },
		{ "callee", CALLEE },
		{ "other", OTHER },
		{ "callee.cold", COLD },
		{ "__x86_indirect_thunk_rax", THUNK },
		{ "mid", MID },
		{ "__SCT__key", SCT },
		{ "label", LABEL },
		{ "last_label", LAST },
	};

	m = syn_kernel(SYN_6_1);
	/* Each function returns at once, and int3 fills the rest. */
	syn_fill(m, AREA, 0x1000, 0xcc);
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		syn_symbol(m, functions[i].name, functions[i].at);
		syn_put8(m, functions[i].at, 0xc3);
	}
}

/* Bytes at @at, and a return behind them. */
#define CODE(at, ...)                                                                    \
	do {                                                                             \
		static const unsigned char bytes[] = { __VA_ARGS__, 0xc3 };              \
		syn_write(m, at, bytes, sizeof(bytes));                                  \
	} while (0)

/* "e8" or "e9" and the way to @target, at @at. */
static void branch(uint64_t at, uint8_t op, uint64_t target)
{
	syn_put8(m, at, op);
	syn_put32(m, at + 1, (uint32_t)(target - at - 5));
}

static enum stk_call ask(uint64_t ret, uint64_t callee, bool exact)
{
	struct stk *s;
	enum stk_call call;

	/* A new one each time, which has not seen the code before. */
	stk_close(m->s);
	m->s = NULL;
	s = syn_open(m);
	call = x86_call_evidence(s, ret, callee, exact, &why);

	/* What speaks for itself needs no words. */
	ck_assert(!why == (call == STK_CALL_REACHES));
	return call;
}

/* The call before RET leads to @target; the newer frame is in callee(). */
static enum stk_call ask_call(uint64_t target)
{
	branch(RET - 5, 0xe8, target);
	return ask(RET, IN, false);
}

#define REACHES		  STK_CALL_REACHES
#define CANNOT_TELL	  STK_CALL_CANNOT_TELL
#define ELSEWHERE	  STK_CALL_ELSEWHERE
#define NONE		  STK_CALL_NONE
#define PUSHED		  STK_CALL_PUSHED
#define FREED		  STK_CALL_FREED
#define UNREADABLE	  STK_CALL_UNREADABLE
#define UNFOLLOWED	  STK_CALL_UNFOLLOWED
#define expect(got, want) ck_assert_int_eq(got, want)

/* ---- no call ---- */

/* Of the page that begins with the return address nothing is read. */
START_TEST(no_call_at_the_end_of_a_page)
{
	const uint64_t next = AREA + 0x1000;

	syn_fail(m, next, STK_ERR_EXCLUDED);
	expect(ask(next, IN, false), NONE);
	ck_assert_str_eq(why, "no call ends before it");
	syn_fail(m, AREA, STK_ERR_EXCLUDED);
	expect(ask(next, IN, false), UNREADABLE);
}
END_TEST

/* ---- a direct call ---- */

START_TEST(direct_call)
{
	expect(ask_call(_i ? OTHER : CALLEE), _i ? ELSEWHERE : REACHES);
}
END_TEST

/* A return address may lie behind the function that does not return there. */
START_TEST(last_instruction_of_the_callee)
{
	branch(RET - 5, 0xe8, CALLEE);
	expect(ask(RET, OTHER, _i), _i ? ELSEWHERE : REACHES);
}
END_TEST

START_TEST(an_alias)
{
	syn_symbol(m, "another_name", CALLEE);
	expect(ask_call(CALLEE), REACHES);
}
END_TEST

START_TEST(behind_endbr)
{
	static const unsigned char endbr[][4] = { { 0xf3, 0x0f, 0x1e, 0xfa },
						  { 0x66, 0x0f, 0x1f, 0x00 },
						  { 0x0f, 0x1f, 0x40, 0xd6 },
						  { 0x90, 0x90, 0x90, 0x90 } };

	syn_write(m, CALLEE, endbr[_i], 4);
	expect(ask_call(CALLEE + 4), _i < 3 ? REACHES : CANNOT_TELL);
	expect(ask_call(CALLEE + 3), CANNOT_TELL);
}
END_TEST

/* A BPF trampoline calls what it was attached to behind the call to itself. */
START_TEST(behind_the_tracers_call)
{
	CODE(CALLEE, 0xf3, 0x0f, 0x1e, 0xfa, 0x0f, 0x1f, 0x44, 0x00, 0x00);
	expect(ask_call(CALLEE + 9), REACHES);
	branch(CALLEE + 4, 0xe8, OTHER);
	expect(ask_call(CALLEE + 9), REACHES);
}
END_TEST

START_TEST(into_the_middle)
{
	expect(ask_call(OTHER + 0x21), ELSEWHERE);
	ck_assert_ptr_nonnull(strstr(why, "middle"));
	expect(ask_call(SYN_DATA), ELSEWHERE);
	ck_assert_ptr_nonnull(strstr(why, "no code"));
}
END_TEST

/* ---- padding: call depth tracking, 6.2 and since 6.8 ---- */

static const unsigned char accounting[][16] = {
	/* nops; sarq $5, %gs:pcpu_hot+16 */
	{ 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x65, 0x48, 0xc1, 0x3c, 0x25, 0x10, 0xd0,
	  0x02, 0x00, 0x05 },
	/* nops; sarq $5, %gs:pcpu_hot+16(%rip) */
	{ 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x65, 0x48, 0xc1, 0x3d, 0x10, 0xd0,
	  0x02, 0x00, 0x05 },
};
static const unsigned int accounting_len[] = { 10, 9 };

START_TEST(call_into_the_padding)
{
	uint64_t target = CALLEE - accounting_len[_i % 2];

	syn_write(m, CALLEE - 16, accounting[_i % 2], 16);
	if (_i >= 2)
		syn_symbol(m, "__pfx_callee", CALLEE - 16);
	expect(ask_call(target), REACHES);
	/* Interrupted while it counts. */
	expect(ask(RET, target, true), REACHES);
	/* The padding of another function. */
	syn_write(m, COLD - 16, accounting[_i % 2], 16);
	expect(ask_call(target + 0x200), ELSEWHERE);
}
END_TEST

/* A return in between: what follows is not entered from there. */
START_TEST(no_padding)
{
	syn_write(m, CALLEE - 16, accounting[0], 16);
	syn_put8(m, CALLEE - 11, 0xc3);
	expect(ask_call(CALLEE - 16), ELSEWHERE);
	expect(ask_call(CALLEE - 10), REACHES);
	/* And what is too far before it. */
	syn_fill(m, CALLEE - 0x80, 0x80, 0x90);
	expect(ask_call(CALLEE - 0x40), REACHES);
	expect(ask_call(CALLEE - 0x41), ELSEWHERE);
}
END_TEST

/* __crash_kexec() has no ORC rule: its caller is found by the call into its padding. */
START_TEST(call_site_in_the_padding)
{
	uint64_t start = syn_sym(m, "__crash_kexec"), thunk = SYN_TEXT + 0xb000;

	c = syn_cpu(m, 1, syn_task(m, "sh", 227, 0));
	syn_syscall(&c);
	syn_panic(&c);
	syn_write(m, start - 16, accounting[_i], 16);
	branch(syn_sym(m, "panic") + 0xc3 - 5, 0xe8, start - accounting_len[_i]);
	/* What the return thunk's stuffing left below it is no frame. */
	syn_symbol(m, "call_depth_return_thunk", thunk);
	branch(thunk + 0x20, 0xe8, thunk + 0x26);
	syn_put64(m, c.sp + 8, thunk + 0x25);
	expect_chain("<TASK> __crash_kexec+0x40/regs! panic+0xc3/scan task_spin+0xb0/orc "
		     "vfs_write+0x9b/orc ksys_write+0x6f/orc do_syscall_64+0x58/orc "
		     "entry_SYSCALL_64+0x63/orc end user");
}
END_TEST

START_TEST(thunks_are_no_frames)
{
	uint64_t target;
	struct stk *s;

	branch(THUNK + 0x10, 0xe8, THUNK + 0x16); /* a retpoline's call */
	branch(OTHER + 0x10, 0xe8, OTHER);	  /* one that calls itself */
	branch(MID + 0x10, 0xe8, CALLEE);
	CODE(LABEL, 0xf3, 0x0f, 0x1e, 0xfa);
	branch(LABEL + 0x10, 0xe8, LABEL + 4);
	s = syn_open(m);
	ck_assert(s->arch->call_before(s, LABEL + 0x15, &target));
	ck_assert(!s->arch->call_before(s, THUNK + 0x15, &target));
	ck_assert(s->arch->call_before(s, OTHER + 0x15, &target));
	ck_assert(s->arch->call_before(s, MID + 0x15, &target));
	ck_assert_uint_eq(target, CALLEE);
}
END_TEST

/* Within 4 KiB of its own function; what is further away it calls for the way back. */
START_TEST(inner_calls)
{
	static const struct {
		int32_t way;
		bool is_return;
	} row[] = {
		{ 0x1000, false }, { 0x1001, true }, { -0x1000, false }, { -0x1001, true }
	};
	const uint64_t big = SYN_TEXT + 0xc000, at = big + 0x1800;
	uint64_t target;

	syn_symbol(m, "big_fn", big);
	syn_fill(m, big, 0x3000, 0xcc);
	branch(at - 5, 0xe8, at + (uint64_t)(int64_t)row[_i].way);
	ck_assert(x86_is_return(syn_open(m), at, &target) == row[_i].is_return);
}
END_TEST

/* The call that ends a function is its own, whatever comes next. */
START_TEST(inner_call_at_the_end)
{
	uint64_t target;

	branch(LAST - 5, 0xe8, LAST - 0x20);
	ck_assert(!x86_is_return(syn_open(m), LAST, &target));
}
END_TEST

/* Behind the function its end is the next one's beginning. */
START_TEST(call_of_the_next)
{
	uint64_t target;

	branch(LABEL + 0x10, 0xe8, LAST);
	ck_assert(x86_is_return(syn_open(m), LABEL + 0x15, &target));
}
END_TEST

/* ---- jumps on the way ---- */

START_TEST(tail_call)
{
	branch(OTHER, 0xe9, _i ? MID : CALLEE);
	branch(MID, 0xe9, CALLEE);
	expect(ask_call(OTHER), REACHES);
	branch(OTHER, 0xe9, COLD);
	expect(ask_call(OTHER), ELSEWHERE);
}
END_TEST

START_TEST(conditional_tail_call)
{
	CODE(OTHER, 0x0f, 0x84, 0xfa, 0xfe, 0xff, 0xff); /* je callee */
	expect(ask_call(OTHER), REACHES);
}
END_TEST

/* Where data lies in code, what is decoded may be no instruction. */
START_TEST(jump_within_an_instruction)
{
	branch(OTHER + 1, 0xe9, _i ? COLD : CALLEE);
	syn_put8(m, OTHER, 0x68); /* push: of the jump's first bytes */
	expect(ask_call(OTHER), _i ? CANNOT_TELL : REACHES);
}
END_TEST

/* The same of a conditional one, which no other instruction with that byte is. */
START_TEST(conditional_jump_within_an_instruction)
{
	static const uint8_t second[] = { 0x84, 0x8f, 0x94, 0x70 };

	CODE(OTHER, 0x68, 0x0f, 0x00, 0xf9, 0xfe, 0xff, 0xff); /* push; to callee */
	syn_put8(m, OTHER + 2, second[_i]);
	expect(ask_call(OTHER), _i < 2 ? REACHES : ELSEWHERE);
}
END_TEST

/* A function that jumps in a circle comes to an end. */
START_TEST(circle)
{
	branch(OTHER, 0xe9, MID);
	branch(MID, 0xe9, OTHER);
	expect(ask_call(OTHER), ELSEWHERE);
}
END_TEST

/* What was answered is kept, and is of that call alone. */
START_TEST(answers_of_many_calls)
{
	const struct stk_function callee = { .name = "callee",
					     .begin = CALLEE,
					     .end = CALLEE + 0x100 },
				  mid = { .name = "mid",
					  .begin = MID,
					  .end = MID + 0x100 };
	const char *first;
	struct stk *s;

	branch(OTHER, 0xe9, CALLEE);
	s = syn_open(m);
	ck_assert_int_eq(x86_reach(s, OTHER, &callee, &why), X86_REACH_YES);
	ck_assert_int_eq(x86_reach(s, OTHER, &mid, &first), X86_REACH_NO);
	for (uint64_t i = 0; i < 8192; i++) {
		syn_assert(x86_reach(s, SYN_DATA + i, &callee, &why) == X86_REACH_NO);
		syn_assert(!strcmp(why, "the call leads to no code"));
	}
	ck_assert_int_eq(x86_reach(s, OTHER, &mid, &why), X86_REACH_NO);
	ck_assert_str_eq(why, first);
	/* It was not looked at again: the code is not what it was. */
	ck_assert_int_eq(x86_reach(s, OTHER, &callee, &why), X86_REACH_YES);
	stk_forget_memory(s);
	branch(OTHER, 0xe9, MID);
	ck_assert_int_eq(x86_reach(s, OTHER, &callee, &why), X86_REACH_YES);
	ck_assert_int_eq(x86_reach(s, OTHER, &mid, &why), X86_REACH_NO);
}
END_TEST

/* Code is read a piece of 1024 bytes at a time: a jump may lie across two. */
START_TEST(jump_across_two_pieces)
{
	const uint64_t at = LAST + 1008 + (unsigned int)_i;

	syn_fill(m, LAST, 1200, 0x90);
	branch(at, 0xe9, CALLEE);
	syn_put8(m, at + 5, 0xc3);
	expect(ask_call(LAST), REACHES);
	/* And so may one to a function that goes on to it. */
	branch(at, 0xe9, OTHER);
	branch(OTHER, 0xe9, CALLEE);
	expect(ask_call(LAST), REACHES);
	syn_fill(m, OTHER, 5, 0xc3);
	expect(ask_call(LAST), ELSEWHERE);
}
END_TEST

/* More than 256 KB of it says nothing: the rest was not looked at. */
START_TEST(too_much_code)
{
	const uint64_t big = SYN_DATA + 0x100000, room = _i ? 257 * 1024 : 250 * 1024;

	syn_no_symbol(m, "_etext");
	syn_symbol(m, "_etext", SYN_END);
	syn_symbol(m, "big", big);
	syn_symbol(m, "big_end", big + room);
	syn_fill(m, big, room, 0x90);
	syn_put8(m, big + room - 1, 0xc3);
	expect(ask_call(big), _i ? CANNOT_TELL : ELSEWHERE);
	if (_i)
		ck_assert_str_eq(why, "the called function leads to too much code");
}
END_TEST

/* Nor does more than 64 MB of all questions together. */
START_TEST(too_many_questions)
{
	static const unsigned char nop[] = { 0x66, 0x66, 0x66, 0x66, 0x66,
					     0x66, 0x2e, 0x0f, 0x1f, 0x84,
					     0,	   0,	 0,    0,    0 };
	const uint64_t big = SYN_DATA + 0x100000, room = 250 * 1024;
	unsigned int answered = 0;
	struct stk *s;

	syn_no_symbol(m, "_etext");
	syn_symbol(m, "_etext", SYN_END);
	syn_symbol(m, "big", big);
	syn_symbol(m, "big_end", big + room);
	syn_fill(m, big, room, 0xc3);
	for (uint64_t at = big; at + sizeof(nop) < big + room; at += sizeof(nop))
		syn_write(m, at, nop, sizeof(nop));
	s = syn_open(m);
	for (uint64_t i = 0; i < 300; i++) {
		const struct stk_function to = { .name = "callee",
						 .begin = SYN_VMALLOC + 64 * i,
						 .end = SYN_VMALLOC + 64 * i + 64 };
		enum x86_reach reach = x86_reach(s, big, &to, &why);

		syn_assert(reach == X86_REACH_NO || reach == X86_REACH_MAYBE);
		answered += reach == X86_REACH_NO;
		syn_assert(reach == X86_REACH_NO ||
			   !strcmp(why, "too much code was looked through already"));
	}
	/* A little is read twice, where pieces meet. */
	ck_assert_uint_gt(answered, 250);
	ck_assert_uint_lt(answered, 265);
}
END_TEST

/* In a running kernel a jump may come; and who wants to stop has not looked. */
START_TEST(answers_that_are_not_kept)
{
	const struct stk_function callee = { .name = "callee",
					     .begin = CALLEE,
					     .end = CALLEE + 0x100 };
	struct stk *s;

	m->target.live = _i == 1;
	if (_i == 2)
		branch(OTHER, 0xe9, CALLEE);
	s = syn_open(m);
	m->interrupt = _i == 2;
	stk_enter(s);
	ck_assert_int_ne(x86_reach(s, OTHER, &callee, &why), X86_REACH_YES);
	stk_leave(s, STK_OK);
	m->interrupt = false;
	branch(OTHER, 0xe9, CALLEE);
	stk_forget_memory(s);
	stk_enter(s);
	ck_assert_int_eq(x86_reach(s, OTHER, &callee, &why),
			 _i ? X86_REACH_YES : X86_REACH_NO);
	/* What was there once is. */
	syn_put8(m, OTHER, 0xc3);
	stk_forget_memory(s);
	ck_assert_int_eq(x86_reach(s, OTHER, &callee, &why),
			 _i ? X86_REACH_YES : X86_REACH_NO);
	stk_leave(s, STK_OK);
}
END_TEST

/* A breakpoint goes on as what was there before it: behind a condition into the next. */
START_TEST(breakpoints_before_the_next)
{
	syn_fill(m, LABEL, 0x100, 0xcc);
	syn_write(m, LABEL, _i ? "\xeb\xfe" : "\x74\x00", 2);
	branch(RET - 5, 0xe8, LABEL);
	expect(ask(RET, LAST + 0x11, false), _i ? ELSEWHERE : REACHES);
}
END_TEST

/* What leads through a register says more than what cannot be read. */
START_TEST(maybe_before_unreadable)
{
	const struct stk_function callee = { .name = "callee",
					     .begin = CALLEE,
					     .end = CALLEE + 0x100 };
	static const unsigned char code[] = { 0x74, 0x02, 0xff, 0xe0 };

	/* je over "jmp *%rax", and behind that nothing is there. */
	syn_fill(m, OTHER, 0x100, 0);
	syn_write(m, OTHER, code, _i ? 2 : 4);
	ck_assert_int_eq(x86_reach(syn_open(m), OTHER, &callee, &why),
			 _i ? X86_REACH_UNREADABLE : X86_REACH_MAYBE);
	ck_assert_str_eq(why, _i ? "the called function cannot be read"
				 : "the called function jumps through a register");
}
END_TEST

/* Only the part that is split off is entered in its middle. */
START_TEST(cold_part)
{
	branch(OTHER, 0xe9, COLD + 0x30);
	branch(RET - 5, 0xe8, OTHER);
	expect(ask(RET, COLD + 0x40, false), REACHES);
	branch(OTHER, 0xe9, CALLEE + 0x30);
	expect(ask(RET, CALLEE + 0x40, false), ELSEWHERE);
	/* Nor does one in the middle of a function lead on. */
	syn_fill(m, MID, 0x30, 0x90);
	branch(MID + 0x30, 0xe9, CALLEE);
	branch(OTHER, 0xe9, MID);
	expect(ask(RET, IN, false), REACHES);
	branch(OTHER, 0xe9, MID + 0x20);
	expect(ask(RET, IN, false), ELSEWHERE);
	/* From which it may leave for another. */
	branch(OTHER, 0xe9, COLD + 0x30);
	branch(COLD + 0x30, 0xe9, CALLEE);
	syn_put8(m, COLD, 0x90);
	syn_fill(m, COLD + 1, 0x2f, 0x90);
	expect(ask(RET, IN, false), REACHES);
}
END_TEST

/* Assembly runs on into the next label. */
START_TEST(runs_on)
{
	syn_fill(m, LABEL, 0x100, 0x90);
	syn_put8(m, LABEL, 0x53); /* push %rbx */
	branch(RET - 5, 0xe8, LABEL);
	expect(ask(RET, LAST + 0x10, true), REACHES);
	syn_put8(m, LABEL + 1, 0xc3);
	expect(ask(RET, LAST + 0x10, true), ELSEWHERE);
	/* A call that does not return is the last instruction. */
	syn_fill(m, LABEL, 0xfb, 0x53);
	branch(LABEL + 0xfb, 0xe8, OTHER);
	expect(ask(RET, LAST + 0x10, true), ELSEWHERE);
}
END_TEST

/* ---- what cannot be told ---- */

START_TEST(indirect_call)
{
	CODE(RET - 2, 0xff, 0xd0);
	expect(ask(RET, IN, false), CANNOT_TELL);
}
END_TEST

START_TEST(thunk)
{
	static const char *const names[] = { "__x86_indirect_thunk_rbx",
					     "__x86_indirect_call_thunk_rax",
					     "__pi___x86_indirect_thunk_rbx",
					     "__llvm_retpoline_r11",
					     "__bhi_args_3",
					     "bpf_dispatcher_xdp_func",
					     "ftrace_regs_caller",
					     "no_thunk" };
	bool is = _i < 7;

	syn_no_symbol(m, "__x86_indirect_thunk_rax");
	syn_symbol(m, names[_i], THUNK);
	expect(ask_call(THUNK), is ? CANNOT_TELL : ELSEWHERE);
	syn_put8(m, OTHER, 0x53);
	branch(OTHER + 1, 0xe9, THUNK);
	expect(ask_call(OTHER), is ? CANNOT_TELL : ELSEWHERE);
}
END_TEST

/* A call of its own beginning, or of the next function, pushes what it goes back to. */
START_TEST(calls_are_no_jumps)
{
	syn_fill(m, LABEL, 0x100, 0x90);
	syn_put8(m, LABEL + 0x20, 0xc3);
	branch(LABEL + 5, 0xe8, _i ? LAST : LABEL);
	expect(ask_call(LABEL), ELSEWHERE);
	branch(LABEL + 5, 0xe8, LAST - 1);
	expect(ask_call(LABEL), CANNOT_TELL);
	/* Nearer to the beginning it may be a tracer's: of code without a name here. */
	branch(LABEL + 5, 0xe8, SYN_VMALLOC);
	expect(ask_call(LABEL), ELSEWHERE);
	branch(LABEL + 4, 0xe8, SYN_VMALLOC);
	expect(ask_call(LABEL), CANNOT_TELL);
}
END_TEST

/* Interrupted in the padding, which has 64 bytes at most. */
START_TEST(in_the_padding)
{
	struct stk_function f;
	struct stk *s;

	syn_fill(m, LABEL, 0x100, 0x90);
	s = syn_open(m);
	ck_assert(x86_function_at(s, LAST - 0x40, &f));
	ck_assert_uint_eq(f.begin, LAST);
	ck_assert(x86_function_at(s, LAST - 0x41, &f));
	ck_assert_uint_eq(f.begin, LABEL);
}
END_TEST

/* A jump to a return thunk is a return, whatever the thunk does. */
START_TEST(return_thunk)
{
	static const char *const names[] = { "__x86_return_thunk", "__x86_return_skl",
					     "srso_return_thunk",
					     "call_depth_return_thunk", "no_thunk" };

	syn_no_symbol(m, "__x86_indirect_thunk_rax");
	syn_symbol(m, names[_i], THUNK);
	CODE(THUNK, 0xe8, 0x01, 0x00, 0x00, 0x00, 0xcc, 0x48, 0x83, 0xc4, 0x08);
	branch(OTHER, 0xe9, THUNK);
	expect(ask_call(OTHER), _i < 4 ? ELSEWHERE : CANNOT_TELL);
}
END_TEST

/* A retpoline is known by its shape, too. */
START_TEST(retpoline_without_a_name)
{
	CODE(OTHER, 0xe8, 0x01, 0x00, 0x00, 0x00, 0x90, 0x48, 0x89, 0x04, 0x24);
	expect(ask_call(OTHER), CANNOT_TELL);
}
END_TEST

START_TEST(indirect_tail_call)
{
	static const unsigned char jumps[][8] = {
		{ 0xff, 0xe0 },				      /* jmp *%rax */
		{ 0x41, 0xff, 0xe3 },			      /* jmp *%r11 */
		{ 0xff, 0x60, 0x10 },			      /* jmp *0x10(%rax) */
		{ 0xff, 0x24, 0xc5, 0x00, 0x10, 0x20, 0x30 }, /* jmp *table(,%rax,8) */
	};
	static const size_t lengths[] = { 2, 3, 3, 7 };

	syn_write(m, OTHER, jumps[_i], lengths[_i]);
	expect(ask_call(OTHER), CANNOT_TELL);
	/* The same bytes in another instruction: mov $imm32,%eax. */
	syn_fill(m, OTHER, 8, 0xc3);
	CODE(OTHER, 0xb8, 0xff, 0xe0, 0x00, 0x00);
	expect(ask_call(OTHER), ELSEWHERE);
}
END_TEST

START_TEST(static_call)
{
	branch(SCT, 0xe9, OTHER);
	expect(ask_call(SCT), CANNOT_TELL);
	branch(SCT, 0xe9, CALLEE);
	expect(ask_call(SCT), REACHES);
}
END_TEST

static void static_call_site(uint64_t at, uint32_t flags)
{
	uint64_t table = SYN_DATA + 0x800;

	syn_symbol(m, "__start_static_call_sites", table);
	syn_symbol(m, "__stop_static_call_sites", table + 16);
	syn_put32(m, table, (uint32_t)(SYN_TEXT - table));
	syn_put32(m, table + 4, 0x1000);
	syn_put32(m, table + 8, (uint32_t)(at - table - 8));
	syn_put32(m, table + 12, 0x1000 | flags);
}

/* static_call_update() wrote another target into the code while the task slept. */
START_TEST(static_call_site_of_the_caller)
{
	static const uint64_t at[] = { RET - 5, RET - 4, RET - 5, RET - 6 };

	static_call_site(at[_i], _i == 2);
	branch(RET - 5, 0xe8, OTHER);
	if (_i == 0)
		expect(ask(RET, IN, false), CANNOT_TELL);
	else
		expect(ask(RET, IN, false), ELSEWHERE);
	/* Or took the call away. */
	CODE(RET - 5, 0x0f, 0x1f, 0x44, 0x00, 0x00);
	if (_i == 0)
		expect(ask(RET, IN, false), CANNOT_TELL);
	else
		expect(ask(RET, IN, false), NONE);
}
END_TEST

/* A tail call of the callee that is patched. */
START_TEST(static_call_site_of_the_callee)
{
	branch(OTHER + 0x10, 0xe9, MID);
	syn_fill(m, OTHER, 0x10, 0x90);
	static_call_site(_i == 1 ? MID + 0x100 : OTHER + 0x10, _i != 2);
	expect(ask_call(OTHER), _i ? ELSEWHERE : CANNOT_TELL);
}
END_TEST

/* A module has a table of its own, if the kernel has such tables; each may be unreadable.
 */
START_TEST(static_call_site_of_a_module)
{
	static const struct {
		bool sites, number, readable;
		uint64_t nr;
		bool want;
	} row[] = {
		{ true, true, true, 2, true },	 { true, true, true, 1, false },
		{ true, true, true, 0, false },	 { false, true, true, 2, false },
		{ true, false, true, 2, false }, { true, true, false, 2, true },
	};
	const uint64_t base = SYN_MODULE, table = base + 0x2800, at = base + 0x140;
	uint64_t mod = syn_module(m, "mod", base, "mod_fn");
	struct stk *s;

	if (row[_i].sites)
		syn_member(m, "module.static_call_sites", 0x700, 8);
	if (row[_i].number)
		syn_member(m, "module.num_static_call_sites", 0x708, 4);
	syn_put64(m, mod + 0x700, row[_i].readable ? table : base + 0x80000);
	syn_put32(m, mod + 0x708, (uint32_t)row[_i].nr);
	syn_put32(m, table, (uint32_t)(SYN_TEXT - table));
	syn_put32(m, table + 4, 0x1000);
	syn_put32(m, table + 8, (uint32_t)(at - table - 8));
	syn_put32(m, table + 12, 0x1000);
	stk_close(m->s);
	m->s = NULL;
	s = syn_open(m);
	ck_assert(x86_static_site(s, false, at, at + 1) == row[_i].want);
	/* It is a call's, and lies nowhere else. */
	ck_assert(x86_static_site(s, true, at, at + 1) == !row[_i].readable);
	ck_assert(x86_static_site(s, false, at + 1, at + 9) == !row[_i].readable);
	ck_assert(x86_static_site(s, false, at - 8, at) == !row[_i].readable);
}
END_TEST

/* So many are looked at, a chunk at a time, and no more. */
START_TEST(static_call_sites_at_the_ends)
{
	static const uint64_t last[] = { 0, 63, 64, 65535, 65536 };
	const uint64_t base = SYN_MODULE, table = base + 0x10000, at = base + 0x140;
	const uint64_t mod = syn_module(m, "mod", base, "mod_fn");
	const uint64_t site = table + 8 * last[_i];
	struct stk *s;

	syn_member(m, "module.static_call_sites", 0x700, 8);
	syn_member(m, "module.num_static_call_sites", 0x708, 4);
	syn_put64(m, mod + 0x700, table);
	syn_put32(m, mod + 0x708, 0x10000 + 64);
	syn_fill(m, table, 8 * (0x10000 + 64), 0);
	syn_put32(m, site, (uint32_t)(at - site));
	stk_close(m->s);
	m->s = NULL;
	s = syn_open(m);
	ck_assert(x86_static_site(s, false, at, at + 1) == (last[_i] < 65536));
	/* What is behind the number is no site. */
	syn_put32(m, mod + 0x708, (uint32_t)last[_i]);
	stk_close(m->s);
	m->s = NULL;
	s = syn_open(m);
	ck_assert(!x86_static_site(s, false, at, at + 1));
}
END_TEST

START_TEST(breakpoint_on_the_call)
{
	branch(RET - 5, 0xcc, CALLEE);
	syn_put8(m, RET - 6, 0x90);
	expect(ask(RET, IN, false), REACHES);
	syn_put8(m, RET - 6, 0xcc); /* between functions */
	expect(ask(RET, IN, false), NONE);
	syn_put8(m, RET - 6, 0x90);
	branch(RET - 5, 0xcc, OTHER);
	expect(ask(RET, IN, false), NONE);
	CODE(RET - 6, 0x90, 0x90, 0x90, 0x90, 0xcc, 0xd0); /* call *%rax */
	expect(ask(RET, IN, false), CANNOT_TELL);
	/* It may be the function's first, but not of the one before. */
	CODE(CALLER - 4, 0x90, 0x90, 0x90, 0x90, 0xcc, 0xd0);
	expect(ask(CALLER + 2, IN, false), CANNOT_TELL);
	CODE(CALLER - 4, 0x90, 0x90, 0x90, 0xcc, 0xd0);
	expect(ask(CALLER + 1, IN, false), NONE);
}
END_TEST

/* Whose first instruction is hidden: it may have been a jump. */
START_TEST(breakpoint_in_the_callee)
{
	CODE(OTHER, 0x53, 0xcc, 0x90);
	expect(ask_call(OTHER), CANNOT_TELL);
	CODE(OTHER, 0xcc, 0x53, 0x90);
	expect(ask_call(OTHER), CANNOT_TELL);
	/* Behind a jump or return it catches speculation. */
	CODE(OTHER, 0x53, 0xc3, 0xcc, 0x90);
	expect(ask_call(OTHER), ELSEWHERE);
}
END_TEST

START_TEST(traced_callee)
{
	syn_symbol(m, "ftrace_caller", LAST + 0x100);
	CODE(OTHER, 0xf3, 0x0f, 0x1e, 0xfa, 0x90, 0x90, 0x90, 0x90, 0x90);
	branch(OTHER + 4, 0xe8, LAST + 0x100);
	expect(ask_call(OTHER), CANNOT_TELL);
	/* And the tracer is called from a place that may be a nop again. */
	CODE(RET - 5, 0x0f, 0x1f, 0x44, 0x00, 0x00);
	expect(ask(RET, LAST + 0x110, false), CANNOT_TELL);
	/* From its first instruction on. */
	expect(ask(RET, LAST + 0x100, true), CANNOT_TELL);
	expect(ask(RET, IN, false), NONE);
}
END_TEST

START_TEST(code_that_cannot_be_read)
{
	branch(RET - 5, 0xe8, SYN_TEXT + 0xc000);
	syn_symbol(m, "lost", SYN_TEXT + 0xc000);
	syn_symbol(m, "lost_end", SYN_TEXT + 0xc040);
	/* What a small dump left out of a page reads as zeros. */
	syn_fill(m, SYN_TEXT + 0xc000, 64, 0);
	expect(ask(RET, IN, false), UNFOLLOWED);
	/* Behind what does not run on they are data. */
	CODE(SYN_TEXT + 0xc000, 0x90, 0xc3);
	expect(ask(RET, IN, false), ELSEWHERE);
	CODE(SYN_TEXT + 0xc000, 0x55, 0x00);
	expect(ask(RET, IN, false), UNFOLLOWED);
	/* It may lead there by a register, whatever is not there. */
	CODE(SYN_TEXT + 0xc000, 0x74, 0x10, 0xff, 0xe0);
	expect(ask(RET, IN, false), CANNOT_TELL);
	syn_fail(m, SYN_TEXT + 0xc000, STK_ERR_EXCLUDED);
	expect(ask(RET, IN, false), UNFOLLOWED);
	syn_fail(m, RET, STK_ERR_EXCLUDED);
	expect(ask(RET, IN, false), UNREADABLE);
}
END_TEST

/* Of a page only its first byte is before it; before the page, no code is. */
START_TEST(code_at_the_start_of_a_page)
{
	syn_map_text(m, 0xffffffffc0900000ull);
	syn_fill(m, 0xffffffffc0900000ull, 16, 0xcc);
	expect(ask(0xffffffffc0900001ull, IN, false), NONE);
	ck_assert_str_eq(why, "no call ends before it");
	expect(ask(0xffffffffc0900000ull, IN, false), NONE);
	ck_assert_str_eq(why, "no code is mapped before it");
}
END_TEST

/* A tracer may have put the call of a program of BPF into any function. */
START_TEST(callee_of_bpf)
{
	const uint64_t made = 0xffffffffc0500000ull, node = SYN_DATA + 0x9100;

	syn_map_text(m, made);
	syn_symbol(m, "bpf_kallsyms", node - 0x100);
	syn_member(m, "bpf_ksym.start", 0, 8);
	syn_member(m, "bpf_ksym.end", 8, 8);
	syn_member(m, "bpf_ksym.name", 16, 512);
	syn_member(m, "bpf_ksym.lnode", 528, 16);
	syn_put64(m, node - 0x100, node + 528);
	syn_put64(m, node, made);
	syn_put64(m, node + 8, made + 0x200);
	syn_fill(m, node + 16, 512, 0);
	syn_write(m, node + 16, "bpf_prog_syn", 13);
	syn_put64(m, node + 528, node - 0x100);
	branch(RET - 5, 0xe8, OTHER);
	expect(ask(RET, made + 0x40, false), CANNOT_TELL);
	ck_assert_str_eq(why, "the callee is code made at run time");
	/* What stands before it is said first. */
	syn_write(m, OTHER, "\xff\xe0", 2);
	expect(ask(RET, made + 0x40, false), CANNOT_TELL);
	ck_assert_str_eq(why, "the called function jumps through a register");
}
END_TEST

/* Behind the callee's code is padding: who is interrupted there is not yet in the next.
 */
START_TEST(interrupted_in_the_padding)
{
	syn_fill(m, CALLEE + 0xf0, 0x10, 0x90);
	branch(RET - 5, 0xe8, _i ? OTHER : CALLEE);
	expect(ask(RET, CALLEE + 0xf8, true), REACHES);
	branch(RET - 5, 0xe8, MID);
	expect(ask(RET, CALLEE + 0xf8, true), ELSEWHERE);
}
END_TEST

/* The last six bytes of a function may hold a jump, whatever they are. */
START_TEST(jump_at_the_end)
{
	syn_fill(m, LABEL, 0xf9, 0x90);
	branch(LAST - 6, 0xe9, CALLEE);
	syn_put8(m, LAST - 7, 0x68);
	syn_put8(m, LAST - 1, 0xc3);
	expect(ask_call(LABEL), REACHES);
}
END_TEST

START_TEST(code_that_cannot_be_decoded)
{
	CODE(OTHER, 0x06);
	expect(ask_call(OTHER), CANNOT_TELL);
}
END_TEST

START_TEST(callee_without_a_name)
{
	syn_map_text(m, 0xffffffffc0900000ull);
	branch(RET - 5, 0xe8, 0xffffffffc0900000ull);
	expect(ask(RET, 0xffffffffc0900040ull, false), CANNOT_TELL);
	expect(ask(RET, IN, false), CANNOT_TELL);
}
END_TEST

START_TEST(function_of_a_module)
{
	syn_module(m, "mod", SYN_MODULE, "mod_fn");
	branch(RET - 5, 0xe8, SYN_MODULE + 0x100);
	expect(ask(RET, SYN_MODULE + 0x140, false), REACHES);
	branch(RET - 5, 0xe8, OTHER);
	expect(ask(RET, SYN_MODULE + 0x140, false), ELSEWHERE);
}
END_TEST

/* ---- no call ---- */

START_TEST(no_call)
{
	expect(ask(RET, IN, false), NONE);
}
END_TEST

START_TEST(pushed_otherwise)
{
	static const struct {
		const char *name;
		unsigned int off;
		unsigned char before[2];
	} row[] = {
		{ "ret_from_fork", 0, { 0 } },
		{ "ret_from_fork_asm", 0, { 0 } },
		{ "arch_rethook_trampoline", 0, { 0 } },
		{ "__kretprobe_trampoline", 0, { 0 } },
		{ "kretprobe_trampoline", 0, { 0 } },
		{ "return_to_handler", 0, { 0 } },
		{ "secondary_startup_64_no_verify", 0x20, { 0x48, 0xcb } },
		{ "start_cpu", 0x20, { 0x48, 0xcb } },
	};
	uint64_t at = SYN_TEXT + 0xc000;

	syn_fill(m, at, 0x100, 0xcc);
	syn_no_symbol(m, row[_i].name);
	syn_symbol(m, row[_i].name, at);
	at += row[_i].off;
	if (row[_i].before[0])
		syn_write(m, at - 2, row[_i].before, 2);
	expect(ask(at, IN, false), PUSHED);
	expect(ask(at + 1, IN, false), NONE);
	/* Behind a call that does not return, and is the last of its function. */
	if (!row[_i].off) {
		branch(at - 5, 0xe8, OTHER);
		expect(ask(at, IN, false), PUSHED);
	}
	if (row[_i].before[0]) {
		syn_put8(m, at - 2, 0xc3);
		expect(ask(at, IN, false), NONE);
		syn_write(m, at - 2, row[_i].before, 2);
		syn_put8(m, at - 1, 0xc3);
	} else {
		at = OTHER;
	}
	expect(ask(at, IN, false), NONE);
}
END_TEST

/* What is before it alone pushes nothing: in other functions it is a return. */
START_TEST(pushed_by_no_start)
{
	syn_symbol(m, "start_of_no_cpu", SYN_TEXT + 0xc000);
	syn_fill(m, SYN_TEXT + 0xc000, 0x100, 0xcc);
	CODE(SYN_TEXT + 0xc01e, 0x48, 0xcb);
	expect(ask(SYN_TEXT + 0xc020, IN, false), NONE);
}
END_TEST

START_TEST(freed_code)
{
	uint64_t at = syn_sym(m, "_sinittext") + 0x20;

	syn_fill(m, at - 0x20, 0x40, 0xcc);
	syn_symbol(m, "system_state", SYN_DATA + 0x900);
	syn_put32(m, SYN_DATA + 0x900, 3);
	expect(ask(at, IN, false), FREED);
	expect(ask(RET, IN, false), NONE);
	/* If what is there now is such a call, it may be one. */
	branch(at - 5, 0xe8, CALLEE);
	expect(ask(at, IN, false), REACHES);
	syn_fill(m, at - 0x20, 0x40, 0xcc);
	/* Early in boot it is still in use. */
	syn_put32(m, SYN_DATA + 0x900, 1);
	expect(ask(at, IN, false), NONE);
	/* And a call is a call. */
	branch(at - 5, 0xe8, CALLEE);
	expect(ask(at, IN, false), REACHES);
}
END_TEST

/* ---- instructions ---- */

static const struct {
	unsigned char code[16];
	unsigned int len;
	enum x86_flow flow;
} insns[] = {
	{ { 0x00, 0xc8 }, 2, X86_NEXT }, /* add %cl,%al */
	{ { 0x90 }, 1, X86_NOP },
	{ { 0x66, 0x90 }, 2, X86_NOP },
	{ { 0x0f, 0x1f, 0x44, 0x00, 0x00 }, 5, X86_NOP },
	{ { 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0 }, 10, X86_NOP },
	{ { 0xf3, 0x0f, 0x1e, 0xfa }, 4, X86_NEXT },
	{ { 0x55 }, 1, X86_NEXT },
	{ { 0x41, 0x57 }, 2, X86_NEXT },
	{ { 0x48, 0x89, 0xe5 }, 3, X86_NEXT },
	{ { 0x48, 0x8b, 0x44, 0x24, 0x08 }, 5, X86_NEXT },	 /* SIB, disp8 */
	{ { 0x48, 0x8b, 0x05, 1, 2, 3, 4 }, 7, X86_NEXT },	 /* rip-relative */
	{ { 0x48, 0x8b, 0x04, 0x25, 1, 2, 3, 4 }, 8, X86_NEXT }, /* absolute */
	{ { 0x65, 0x48, 0x8b, 0x04, 0x25, 1, 2, 3, 4 }, 9, X86_NEXT },
	{ { 0x8b, 0x80, 1, 2, 3, 4 }, 6, X86_NEXT },
	{ { 0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8 }, 10, X86_NEXT },
	{ { 0xb8, 1, 2, 3, 4 }, 5, X86_NEXT },
	{ { 0x66, 0xb8, 1, 2 }, 4, X86_NEXT },
	{ { 0x66, 0x81, 0xf9, 1, 2 }, 5, X86_NEXT },
	{ { 0x81, 0xf9, 1, 2, 3, 4 }, 6, X86_NEXT },
	{ { 0x83, 0xf9, 1 }, 3, X86_NEXT },
	{ { 0xf6, 0xc3, 1 }, 3, X86_NEXT }, /* test $1,%bl */
	{ { 0xf6, 0xcb, 1 }, 3, X86_NEXT }, /* the same, by reg 1 */
	{ { 0xf6, 0xd3 }, 2, X86_NEXT },    /* not %bl */
	{ { 0xf6, 0xdb }, 2, X86_NEXT },    /* neg %bl */
	{ { 0xf7, 0xd3 }, 2, X86_NEXT },
	{ { 0xf7, 0xc3, 1, 2, 3, 4 }, 6, X86_NEXT },
	{ { 0x66, 0xf7, 0xc3, 1, 2 }, 5, X86_NEXT },
	{ { 0xf7, 0xdb }, 2, X86_NEXT },
	{ { 0xa1, 1, 2, 3, 4, 5, 6, 7, 8 }, 9, X86_NEXT },
	{ { 0x67, 0xa1, 1, 2, 3, 4 }, 6, X86_NEXT },
	{ { 0xc8, 1, 2, 3 }, 4, X86_NEXT },
	{ { 0xc1, 0xe0, 4 }, 3, X86_NEXT },
	{ { 0x0f, 0xba, 0xe0, 4 }, 4, X86_NEXT },
	{ { 0x0f, 0xa4, 0xc2, 4 }, 4, X86_NEXT },
	{ { 0x0f, 0x00, 0xc0 }, 3, X86_NEXT }, /* sldt */
	{ { 0x0f, 0x05 }, 2, X86_NEXT },
	{ { 0x0f, 0x38, 0xf0, 0x00 }, 4, X86_NEXT },
	{ { 0x0f, 0x38, 0x00, 0xc1 }, 4, X86_NEXT }, /* pshufb */
	{ { 0x66, 0x0f, 0x3a, 0x0f, 0xc1, 8 }, 6, X86_NEXT },
	{ { 0xc5, 0xf8, 0x77 }, 3, X86_NEXT },		      /* vzeroupper */
	{ { 0xc5, 0xf9, 0x70, 0xc1, 0x1b }, 5, X86_NEXT },    /* vpshufd */
	{ { 0xc5, 0x00, 0x58, 0xc0 }, 4, X86_NEXT },	      /* vaddps */
	{ { 0xc4, 0xe2, 0x79, 0x00, 0xc1 }, 5, X86_NEXT },    /* vpshufb */
	{ { 0xc4, 0xe3, 0xfd, 0x00, 0xc1, 1 }, 6, X86_NEXT }, /* vpermq */
	{ { 0xc4, 0xe2, 0x7d, 0x18, 0x07 }, 5, X86_NEXT },    /* vbroadcastss */
	{ { 0xc4, 0xe3, 0x7d, 0x39, 0xc1, 1 }, 6, X86_NEXT }, /* vextracti128 */
	{ { 0x62, 0xf1, 0x7d, 0x48, 0x6f, 0x47, 1 }, 7, X86_NEXT },
	{ { 0x62, 0xf3, 0xfd, 0x48, 0x39, 0xc1, 1 }, 7, X86_NEXT },
	{ { 0xe8, 1, 2, 3, 4 }, 5, X86_CALL },
	{ { 0x2e, 0xe8, 1, 2, 3, 4 }, 6, X86_CALL },
	{ { 0xff, 0xd0 }, 2, X86_CALL_INDIRECT },
	{ { 0xff, 0x14, 0x24 }, 3, X86_CALL_INDIRECT }, /* call *(%rsp) */
	{ { 0x41, 0xff, 0x54, 0x24, 0x08 }, 5, X86_CALL_INDIRECT },
	{ { 0xe9, 1, 2, 3, 4 }, 5, X86_JUMP },
	{ { 0xeb, 0x10 }, 2, X86_JUMP },
	{ { 0x74, 0x10 }, 2, X86_JUMP_IF },
	{ { 0xe3, 0x10 }, 2, X86_JUMP_IF },
	{ { 0x0f, 0x85, 1, 2, 3, 4 }, 6, X86_JUMP_IF },
	{ { 0xff, 0xe0 }, 2, X86_JUMP_INDIRECT },
	{ { 0x41, 0xff, 0xe3 }, 3, X86_JUMP_INDIRECT },
	{ { 0xff, 0x24, 0xc5, 1, 2, 3, 4 }, 7, X86_JUMP_INDIRECT },
	{ { 0xff, 0x30 }, 2, X86_NEXT }, /* push (%rax) */
	{ { 0xcc }, 1, X86_BREAK },
	{ { 0xc3 }, 1, X86_STOP },
	{ { 0xc2, 8, 0 }, 3, X86_STOP },
	{ { 0x0f, 0x0b }, 2, X86_STOP },
	{ { 0x48, 0xcb }, 2, X86_STOP },
	{ { 0x48, 0xcf }, 2, X86_STOP },
	{ { 0x48, 0x0f, 0x07 }, 3, X86_STOP },
	{ { 0xf4 }, 1, X86_STOP },
};

START_TEST(instructions)
{
	for (size_t i = 0; i < sizeof(insns) / sizeof(insns[0]); i++) {
		struct x86_insn insn;

		ck_assert_msg(x86_insn(insns[i].code, 16, &insn), "row %zu", i);
		ck_assert_msg(insn.len == insns[i].len, "row %zu: %u", i, insn.len);
		ck_assert_msg(insn.flow == insns[i].flow, "row %zu: %d", i, insn.flow);
		ck_assert_msg(x86_insn(insns[i].code, insns[i].len, &insn), "row %zu", i);
		/* One byte less is too little. */
		ck_assert_msg(!x86_insn(insns[i].code, insns[i].len - 1, &insn),
			      "row %zu", i);
	}
}
END_TEST

/* By a jump through a register a function may go on to what is no code. */
START_TEST(leads_to_no_code)
{
	static const uint8_t returns[] = { 0xc3 }, jumps[] = { 0xff, 0xe0 };
	const uint8_t *code = _i ? jumps : returns;

	syn_write(m, CALLEE, code, _i ? sizeof(jumps) : sizeof(returns));
	branch(RET - 5, 0xe8, CALLEE);
	expect(x86_weigh_call(syn_open(m), RET, 0x12345678, true, &why),
	       _i ? CANNOT_TELL : ELSEWHERE);
}
END_TEST

/* Each register holds 0x100 times its number in an instruction, rsp 8 more. */
static const struct {
	unsigned char code[12];
	bool memory;
	unsigned int nr;
	uint64_t value; /* beyond @ip where that counts */
} operands[] = {
	{ { 0x8b, 0x03 }, true, 1, 0x300 },		/* mov (%rbx),%eax */
	{ { 0x48, 0x8b, 0x43, 0xf8 }, true, 1, 0x2f8 }, /* mov -8(%rbx),%rax */
	{ { 0x49, 0x8b, 0x84, 0x24, 0, 1, 0, 0 }, true, 1, 0xd00 }, /* 0x100(%r12) */
	{ { 0x4a, 0x8b, 0x04, 0xe3 }, true, 2, 0x300 + 0x6000 },    /* (%rbx,%r12,8) */
	{ { 0x8b, 0x44, 0x24, 0x10 }, true, 1, 0x418 },		    /* 0x10(%rsp) */
	{ { 0x41, 0x8b, 0x45, 0x00 }, true, 1, 0xd00 },		    /* 0(%r13) */
	{ { 0x8b, 0x04, 0x85, 0x10, 0, 0, 0 }, true, 1, 0x10 },	    /* 0x10(,%rax,4) */
	{ { 0x8b, 0x04, 0x25, 0x10, 0, 0, 0 }, true, 0, 0x10 },	    /* 0x10 */
	{ { 0xf0, 0x0f, 0xb1, 0x13 }, true, 1, 0x300 },		    /* lock cmpxchg */
	{ { 0xff, 0xd7 }, false, 1, 0x700 },			    /* call *%rdi */
	{ { 0x41, 0xff, 0xd3 }, false, 1, 0xb00 },		    /* call *%r11 */
};

static struct stk_regs numbered(void)
{
	static const unsigned char order[] = {
		X86_AX, X86_CX, X86_DX,	 X86_BX,  X86_SP,  X86_BP,  X86_SI,  X86_DI,
		X86_R8, X86_R9, X86_R10, X86_R11, X86_R12, X86_R13, X86_R14, X86_R15,
	};
	struct stk_regs regs = { 0 };

	for (unsigned int i = 0; i < 16; i++)
		x86_set(&regs, order[i], 0x100 * i + (i == 4) * 8);
	return regs;
}

START_TEST(operand)
{
	static const uint8_t none[][8] = {
		{ 0x65, 0x48, 0x8b, 0x03 }, /* gs */
		{ 0x67, 0x8b, 0x03 },	    /* 32 bits */
		{ 0xc5, 0xf8, 0x10, 0x03 }, /* vectors have their own */
		{ 0x62, 0xf1, 0x7c, 0x48, 0x10, 0x03 },
		{ 0x90 },
		{ 0x06 },
	};
	const struct stk_regs regs = numbered();
	struct stk_regs few = { 0 };
	struct stk_operand out;
	struct stk *s = syn_open(m);

	for (size_t i = 0; i < sizeof(operands) / sizeof(operands[0]); i++) {
		syn_write(m, RET, operands[i].code, sizeof(operands[i].code));
		stk_forget_memory(s);
		ck_assert_msg(x86_operand(s, RET, &regs, &out), "row %zu", i);
		ck_assert_msg(out.memory == operands[i].memory, "row %zu", i);
		ck_assert_msg(out.nr_regs == operands[i].nr, "row %zu", i);
		ck_assert_msg(out.value == operands[i].value, "row %zu: %lx", i,
			      out.value);
		ck_assert(!out.nr_regs || !x86_operand(s, RET, &few, &out));
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		syn_write(m, RET, none[i], sizeof(none[i]));
		stk_forget_memory(s);
		ck_assert_msg(!x86_operand(s, RET, &regs, &out), "row %zu", i);
	}
}
END_TEST

/* Intel's manual, volume 2, table 2-3, and what each bit of REX adds to it. */
START_TEST(operands_with_an_index)
{
	static const unsigned char reg[16] = {
		X86_AX, X86_CX, X86_DX,	 X86_BX,  X86_SP,  X86_BP,  X86_SI,  X86_DI,
		X86_R8, X86_R9, X86_R10, X86_R11, X86_R12, X86_R13, X86_R14, X86_R15,
	};
	const struct stk_regs regs = numbered();
	struct stk_operand out;
	struct stk *s = syn_open(m);

	for (unsigned int sib = 0; sib < 256; sib++) {
		const unsigned int rex = 0x40 + (unsigned int)_i;
		const unsigned int base = (sib & 7) + (rex & 1 ? 8 : 0);
		const unsigned int index = (sib >> 3 & 7) + (rex & 2 ? 8 : 0);
		const bool has_base = (sib & 7) != 5, has_index = index != 4;
		const unsigned char code[] = {
			(unsigned char)rex, 0x8b, 0x04, (unsigned char)sib, 0x10, 0, 0, 0
		};
		uint64_t want = has_base ? regs.v[reg[base]] : 0x10;

		want += has_index ? regs.v[reg[index]] << (sib >> 6) : 0;
		syn_write(m, RET, code, sizeof(code));
		stk_forget_memory(s);
		syn_assert(x86_operand(s, RET, &regs, &out));
		ck_assert_msg(out.memory && out.value == want, "%x %x", rex, sib);
		syn_assert(out.nr_regs == (size_t)has_base + has_index);
	}
}
END_TEST

/* How long what a REX prefix widens is. */
START_TEST(lengths_with_rex)
{
	static const struct {
		unsigned char code[12];
		unsigned int len;
	} row[] = {
		{ { 0xb8 }, 5 },
		{ { 0x41, 0xb8 }, 6 },
		{ { 0x44, 0xb8 }, 6 },
		{ { 0x47, 0xbf }, 6 },
		{ { 0x48, 0xb8 }, 10 },
		{ { 0x4f, 0xbf }, 10 },
		{ { 0x66, 0xb8 }, 4 },
		{ { 0x66, 0x41, 0xb8 }, 5 },
		{ { 0x66, 0x48, 0xb8 }, 11 },
		{ { 0x48, 0x81, 0xc0 }, 7 },
		{ { 0x41, 0x81, 0xc0 }, 7 },
		{ { 0x66, 0x81, 0xc0 }, 5 },
		{ { 0xa1 }, 9 },
		{ { 0x67, 0xa1 }, 6 },
		{ { 0x48, 0xa1 }, 10 },
		{ { 0xf6, 0xc0 }, 3 },
		{ { 0xf6, 0xd0 }, 2 },
		{ { 0xf7, 0xc0 }, 6 },
		{ { 0xf7, 0xc8 }, 6 },
		{ { 0xf7, 0xd0 }, 2 },
		{ { 0x66, 0xf7, 0xc0 }, 5 },
		{ { 0xf6, 0xc8 }, 3 },
	};
	struct x86_insn insn;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		for (size_t room = 0; room <= sizeof(row[i].code); room++) {
			const bool is = x86_insn(row[i].code, room, &insn);

			ck_assert_msg(is == (room >= row[i].len), "row %zu", i);
			ck_assert_msg(!is || insn.len == row[i].len, "row %zu", i);
		}
}
END_TEST

/* From the next instruction; and which that is. */
START_TEST(operand_and_next)
{
	static const uint8_t code[] = { 0x8b, 0x05, 0x10, 0, 0, 0, 0xeb, 0xfe, 0xc3 };
	const struct stk_regs regs = numbered();
	struct stk_operand out;
	struct stk *s = syn_open(m);

	syn_write(m, RET, code, sizeof(code));
	ck_assert(x86_operand(s, RET, &regs, &out));
	ck_assert_uint_eq(out.value, RET + 6 + 0x10);
	ck_assert_uint_eq(out.next, RET + 6);
	ck_assert(!x86_operand(s, RET + 6, &regs, &out));
	ck_assert_uint_eq(out.next, RET + 6);
	ck_assert(!x86_operand(s, RET + 8, &regs, &out));
	ck_assert_uint_eq(out.next, 0);
}
END_TEST

/* A prefix that means something else by itself, or does not. */
START_TEST(prefixes_of_operands)
{
	static const struct {
		unsigned char code[4];
		unsigned char at, rex; /* of the ModRM */
	} row[] = {
		{ { 0x26, 0x8b, 0x03 }, 2, 0 },
		{ { 0x2e, 0x8b, 0x03 }, 2, 0 },
		{ { 0x36, 0x8b, 0x03 }, 2, 0 },
		{ { 0x3e, 0x8b, 0x03 }, 2, 0 },
		{ { 0x64, 0x8b, 0x03 }, 0, 0 },
		{ { 0x65, 0x8b, 0x03 }, 0, 0 },
		{ { 0x66, 0x8b, 0x03 }, 2, 0 },
		{ { 0x67, 0x8b, 0x03 }, 0, 0 },
		{ { 0xf0, 0x01, 0x03 }, 2, 0 },
		{ { 0xf2, 0x8b, 0x03 }, 2, 0 },
		{ { 0xf3, 0x8b, 0x03 }, 2, 0 },
		{ { 0x49, 0x8b, 0x03 }, 2, 0x49 },
		{ { 0x66, 0x41, 0x8b, 0x03 }, 3, 0x41 },
		{ { 0x64, 0x48, 0x8b, 0x03 }, 0, 0x48 },
		{ { 0x65, 0x66, 0x8b, 0x03 }, 0, 0 },
		{ { 0x66, 0x64, 0x8b, 0x03 }, 0, 0 },
		{ { 0x67, 0x66, 0x8b, 0x03 }, 0, 0 },
	};
	struct x86_insn insn;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		ck_assert_msg(x86_insn(row[i].code, 4, &insn), "row %zu", i);
		ck_assert_msg(insn.modrm_at == row[i].at, "row %zu", i);
		ck_assert_msg(insn.rex == row[i].rex, "row %zu", i);
		ck_assert_uint_eq(insn.len, row[i].code[3] ? 4 : 3);
	}
}
END_TEST

START_TEST(distances)
{
	static const unsigned char back[] = { 0xeb, 0xfe },
				   far[] = { 0x0f, 0x85, 0xfa, 0xff, 0xff, 0xff };
	struct x86_insn insn;

	ck_assert(x86_insn(back, sizeof(back), &insn));
	ck_assert_int_eq(insn.rel, -2);
	ck_assert(x86_insn(far, sizeof(far), &insn));
	ck_assert_int_eq(insn.rel, -6);
}
END_TEST

START_TEST(no_instructions)
{
	static const unsigned char bad[][4] = {
		{ 0x06 }, { 0x60 }, { 0x9a }, { 0x82 }, { 0x0f, 0x04 }, { 0x48, 0x48 }
	};
	unsigned char prefixes[32];
	struct x86_insn insn;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!x86_insn(bad[i], 4, &insn), "row %zu", i);
	memset(prefixes, 0x66, sizeof(prefixes));
	ck_assert(!x86_insn(prefixes, sizeof(prefixes), &insn));
	/* What follows ModRM is not all there. */
	ck_assert_uint_eq(x86_modrm_len((const unsigned char[]){ 0x45, 0 }, 2), 2);
	ck_assert_uint_eq(x86_modrm_len((const unsigned char[]){ 0x45 }, 1), 0);
	ck_assert_uint_eq(x86_modrm_len((const unsigned char[5]){ 0x05 }, 5), 5);
	ck_assert_uint_eq(x86_modrm_len((const unsigned char[4]){ 0x05 }, 4), 0);
	ck_assert_uint_eq(x86_modrm_len((const unsigned char[4]){ 0x85 }, 4), 0);
	/* Whatever the bytes are, nothing past them is looked at. */
	for (unsigned int i = 0; i < 65536; i++) {
		unsigned char *two = malloc(2);

		two[0] = (unsigned char)i;
		two[1] = (unsigned char)(i >> 8);
		if (x86_insn(two, 2, &insn))
			ck_assert_uint_le(insn.len, 2);
		free(two);
	}
}
END_TEST

static const struct unit_test call_tests[] = {
	TEST(no_call_at_the_end_of_a_page),
	LOOP(direct_call, 2),
	LOOP(last_instruction_of_the_callee, 2),
	TEST(an_alias),
	LOOP(behind_endbr, 4),
	TEST(behind_the_tracers_call),
	TEST(into_the_middle),
	LOOP(call_into_the_padding, 4),
	TEST(no_padding),
	LOOP(call_site_in_the_padding, 2),
	TEST(thunks_are_no_frames),
	LOOP(inner_calls, 4),
	TEST(inner_call_at_the_end),
	TEST(call_of_the_next),
	LOOP(conditional_jump_within_an_instruction, 4),
	TEST(answers_of_many_calls),
	LOOP(jump_across_two_pieces, 18),
	LOOP(too_much_code, 2),
	TEST(too_many_questions),
	LOOP(maybe_before_unreadable, 2),
	LOOP(breakpoints_before_the_next, 2),
	LOOP(answers_that_are_not_kept, 3),
	LOOP(calls_are_no_jumps, 2),
	TEST(in_the_padding),
	LOOP(tail_call, 2),
	TEST(conditional_tail_call),
	TEST(circle),
	TEST(cold_part),
	TEST(runs_on),
	TEST(indirect_call),
	LOOP(thunk, 8),
	LOOP(return_thunk, 5),
	TEST(retpoline_without_a_name),
	LOOP(indirect_tail_call, 4),
	LOOP(jump_within_an_instruction, 2),
	TEST(static_call),
	LOOP(static_call_site_of_the_caller, 4),
	LOOP(static_call_site_of_the_callee, 3),
	TEST(breakpoint_on_the_call),
	TEST(breakpoint_in_the_callee),
	TEST(traced_callee),
	TEST(code_that_cannot_be_read),
	TEST(code_at_the_start_of_a_page),
	TEST(callee_of_bpf),
	LOOP(interrupted_in_the_padding, 2),
	TEST(jump_at_the_end),
	TEST(code_that_cannot_be_decoded),
	TEST(callee_without_a_name),
	TEST(function_of_a_module),
	LOOP(static_call_sites_at_the_ends, 5),
	LOOP(static_call_site_of_a_module, 6),
	TEST(no_call),
	LOOP(pushed_otherwise, 8),
	TEST(pushed_by_no_start),
	TEST(freed_code),
	LOOP(leads_to_no_code, 2),
	TEST(operand),
	LOOP(operands_with_an_index, 16),
	TEST(operand_and_next),
	{ 0 },
};

static const struct unit_test code_tests[] = {
	TEST(instructions), TEST(prefixes_of_operands), TEST(lengths_with_rex),
	TEST(distances),    TEST(no_instructions),	{ 0 },
};

const struct unit_suite suite_callsite = {
	"callsite",
	{
		{ "calls", call_tests, setup, NULL },
		{ "instructions", code_tests, NULL, NULL },
	},
};
