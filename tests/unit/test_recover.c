/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what is offered after a break: the true rest where it is there, all of it
 * marked, and the broken chain as it was; and nothing where nothing leads to a good end.
 */
#include "fixture.h"
#include "suite.h"

#include <string.h>

#define SYSCALL                                                                          \
	"vfs_write+0x9b/orc? ksys_write+0x6f/orc? do_syscall_64+0x58/orc? "              \
	"entry_SYSCALL_64+0x63/orc? end user"

static struct syn_cpu other;
static struct stk *s;
static uint64_t others, regs_at, at;
static struct stk_chain *chain, *rest;

static void setup(void)
{
	fixture_kernel();
	sh = syn_task(m, "sh", 227, 0);
	others = syn_task(m, "other", 300, 0);
	c = syn_cpu(m, 1, sh);
	other = syn_cpu(m, 0, others);
	chain = rest = NULL;
}

static void teardown(void)
{
	if (chain)
		stk_chain_free(s, chain);
	if (rest)
		stk_chain_free(s, rest);
}

/* An interrupt over a system call; the registers lie below the task's rsp. */
static void interrupted(void)
{
	syn_syscall(&c);
	regs_at = (c.sp & ~15ull) - 168;
	syn_irq(&c);
	syn_crash_note(&c);
}

/* The IRQ stack's word leads to the stack of another task. */
static void break_link(void)
{
	syn_syscall(&other);
	syn_put64(m, syn_irq_top(1) - 8, other.sp);
}

static enum stk_status resync_cpu(void)
{
	struct stk_start start;

	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	return stk_resync(s, chain, &at, &rest);
}

static enum stk_status resync_sleeper(void)
{
	struct stk_start start;
	struct stk_task t;

	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, sh, &t), STK_OK);
	ck_assert_int_eq(stk_start_task(s, &t, &start), STK_OK);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	return stk_resync(s, chain, &at, &rest);
}

static void put_thread_sp(uint64_t sp)
{
	syn_put64(m,
		  sh + syn_off(m, "task_struct.thread") + syn_off(m, "thread_struct.sp"),
		  sp);
}

START_TEST(saved_registers)
{
	size_t frames;

	interrupted();
	break_link();
	ck_assert_int_eq(resync_cpu(), STK_OK);
	ck_assert_uint_eq(at, regs_at);
	ck_assert_str_eq(syn_chain_text(rest), "<TASK> task_spin+0x40/regs!? " SYSCALL);
	ck_assert_int_eq(rest->confidence, STK_DOUBTFUL);
	ck_assert_int_eq(rest->segments->frames[0].doubt, STK_DOUBT_RESYNC);
	ck_assert_int_eq(rest->start.from, STK_FROM_PT_REGS);
	ck_assert_ptr_nonnull(rest->segments->frames[0].note);
	/* It is no part of the chain. */
	ck_assert_int_eq(chain->confidence, STK_BROKEN);
	ck_assert_int_eq(chain->end, STK_END_NOT_OWN);
	frames = chain->nr_frames;
	ck_assert_ptr_null(chain->segments->next);
	ck_assert_uint_eq(frames, chain->segments->nr_frames);
}
END_TEST

/* What ends well has no rest. */
START_TEST(whole_chain)
{
	interrupted();
	ck_assert_int_eq(resync_cpu(), STK_ERR_NOT_FOUND);
	ck_assert_ptr_null(rest);
	ck_assert_int_eq(chain->confidence, STK_CERTAIN);
}
END_TEST

/* A copy of them where no CPU saves any for that stack pointer is none. */
START_TEST(registers_in_another_place)
{
	interrupted();
	for (uint64_t off = 0; off < 168; off += 8)
		syn_put64(m, regs_at - 0x408 + off, syn_get64(m, regs_at + off));
	break_link();
	ck_assert_int_eq(resync_cpu(), STK_OK);
	ck_assert_uint_eq(at, regs_at);
}
END_TEST

/* Of two such places the lower one; but one that is in doubt only if there is no other.
 */
START_TEST(registers_in_two_places)
{
	uint64_t lower;

	interrupted();
	lower = regs_at - 0x400;
	for (uint64_t off = 0; off < 168; off += 8)
		syn_put64(m, lower + off, syn_get64(m, regs_at + off));
	syn_put64(m, lower + 8 * X86_SP, lower + 168);
	syn_put64(m, lower + 168, syn_sym(m, "vfs_write") + 0x9b);
	/* No call ends there. */
	if (_i)
		syn_put64(m, lower + 168, syn_sym(m, "vfs_write") + 0x9c);
	if (_i == 2)
		syn_put64(m, regs_at + 8 * X86_CS, 0x18);
	break_link();
	ck_assert_int_eq(resync_cpu(), STK_OK);
	ck_assert_uint_eq(at, _i == 1 ? regs_at : lower);
}
END_TEST

/* The rest may go on to a stack where the chain was not. */
START_TEST(rest_on_two_stacks)
{
	uint64_t top, lower;
	struct syn_cpu k;

	syn_syscall(&c);
	k = c;
	syn_nmi(&c);
	top = syn_ist_top(m, 1, "NMI");
	/* It leads to another task's stack. */
	syn_put64(m, top - 264 + 8 * X86_SP, syn_stack(m, others) + 0x3000);
	/* Saved registers in its midst, of code whose rbp is on the task's stack. */
	lower = top - 264 - 0x400;
	k.sp = lower + 168;
	syn_pt_regs(&k, k.ip, 0x10, lower + 168, k.bp);
	syn_put64(m, lower + 168, syn_sym(m, "vfs_write") + 0x9b);
	c.ip = syn_sym(m, "last_function") + 0x40;
	for (unsigned int off = 0; off <= 4; off += 4)
		syn_orc(m, syn_sym(m, "last_function") + off, ORC_HOLE, ORC_UNDEFINED, 0,
			ORC_UNDEFINED, 0);
	c.sp = lower - 0x100;
	syn_fill(m, c.sp, 0x100, 0);
	syn_crash_note(&c);
	ck_assert_int_eq(resync_cpu(), STK_OK);
	ck_assert_int_eq(chain->end, STK_END_NOT_OWN);
	ck_assert_uint_eq(at, lower);
	ck_assert_uint_eq(rest->nr_segments, 2);
	ck_assert_uint_eq(rest->segments->next->stack.begin, syn_stack(m, sh));
}
END_TEST

START_TEST(a_sound_chain_has_no_other_rest)
{
	interrupted();
	ck_assert_int_eq(resync_cpu(), STK_ERR_NOT_FOUND);
	ck_assert_ptr_null(rest);
	ck_assert_int_eq(chain->confidence, STK_CERTAIN);
}
END_TEST

/* Registers that lie where no CPU saves them, or are of no context: the next best. */
START_TEST(registers_that_cannot_be)
{
	static const unsigned int word[] = { 16 /* ip */, 17 /* cs */, 18 /* flags */,
					     19 /* sp */ };
	uint64_t slot;

	interrupted();
	slot = regs_at + 8ull * word[_i];
	syn_put64(m, slot, syn_get64(m, slot) ^ (_i == 1 ? 8 : 0x100008));
	break_link();
	if (!resync_cpu()) {
		ck_assert_uint_ne(at, regs_at);
		for (struct stk_segment *seg = rest->segments; seg; seg = seg->next)
			for (size_t i = 0; i < seg->nr_frames; i++)
				ck_assert(!seg->frames[i].reliable);
	}
	ck_assert_int_eq(chain->confidence, STK_BROKEN);
}
END_TEST

/* Without the place where the kernel was entered no chain comes to a good end. */
START_TEST(no_good_end)
{
	uint64_t top = syn_stack(m, sh) + SYN_THREAD_SIZE;

	interrupted();
	for (uint64_t a = top - 168; a < top; a += 8)
		syn_put64(m, a, 0);
	break_link();
	ck_assert_int_eq(resync_cpu(), STK_ERR_NOT_FOUND);
	ck_assert_ptr_null(rest);
}
END_TEST

/* The stack cannot be read: what is not there is not made up. */
START_TEST(not_in_the_dump)
{
	interrupted();
	break_link();
	syn_fail(m, regs_at, STK_ERR_EXCLUDED);
	ck_assert_int_eq(resync_cpu(), STK_ERR_NOT_FOUND);
}
END_TEST

START_TEST(sleeping_task)
{
	uint64_t sp;

	syn_syscall(&c);
	syn_sleep(&c);
	sp = c.sp;
	syn_syscall(&other);
	syn_sleep(&other);
	put_thread_sp(other.sp);
	ck_assert_int_eq(resync_sleeper(), STK_OK);
	ck_assert_int_eq(chain->end, STK_END_BAD_START);
	/* struct inactive_task_frame: five registers, rbp, the return address. */
	ck_assert_uint_eq(at, sp + 48);
	ck_assert_uint_eq(rest->segments->stack.begin, syn_stack(m, sh));
	ck_assert_str_eq(rest->segments->frames[0].name.function, "__schedule");
	ck_assert_uint_eq(rest->segments->frames[0].sp, sp + 56);
	/* A return address alone would not tell rbp. */
	ck_assert(rest->start.regs.valid >> X86_BP & 1);
	ck_assert(!rest->segments->frames[0].reliable);
	ck_assert_int_eq(rest->start.from, STK_FROM_STACK);
	ck_assert_int_eq(rest->end, STK_END_USER);
}
END_TEST

/* It is above what the chain has, to the byte; words lie at multiples of eight. */
START_TEST(begins_above_the_chain)
{
	static const struct {
		int off;
		bool found;
	} row[] = { { -3, true }, { -7, true }, { 1, false }, { -11, true } };
	uint64_t sp;

	syn_syscall(&c);
	syn_sleep(&c);
	sp = c.sp;
	/* The registers of the broken chain end there. */
	put_thread_sp(sp - 56 + (uint64_t)row[_i].off);
	ck_assert_int_eq(resync_sleeper(), STK_OK);
	ck_assert_int_eq(chain->end, STK_END_BAD_START);
	ck_assert_uint_eq(chain->segments->frames[0].at, sp + (uint64_t)row[_i].off);
	/* A return address alone would not tell rbp. */
	ck_assert_uint_eq(at, sp + 48);
	ck_assert_int_eq(rest->start.regs.valid >> X86_BP & 1, row[_i].found);
}
END_TEST

/* Words that follow calls and lead nowhere: so many are tried. */
START_TEST(tries_have_an_end)
{
	uint64_t ret = syn_call_insn(m, "last_function", 0x30, "schedule"), sp;

	syn_syscall(&c);
	sp = c.sp;
	for (int i = 0; i < 63 + _i; i++) {
		syn_push(&c, 0);
		syn_push(&c, 0);
		syn_push(&c, ret);
	}
	syn_set_current(m, 1, syn_idle(m, 1));
	syn_syscall(&other);
	syn_sleep(&other);
	put_thread_sp(other.sp);
	ck_assert_int_eq(resync_sleeper(), _i ? STK_ERR_NOT_FOUND : STK_OK);
	if (!_i)
		ck_assert_uint_ge(at, sp);
}
END_TEST

/* For each kind of place anew: registers that lead nowhere are no return addresses. */
START_TEST(tries_of_each_kind)
{
	const uint64_t ip = syn_sym(m, "last_function") + 0x10;
	uint64_t sp;

	syn_syscall(&c);
	sp = c.sp;
	for (int i = 0; i < 64; i++) {
		const uint64_t before = c.sp;

		c.sp &= ~15ull;
		syn_pt_regs(&c, ip, 0x10, before, 0);
	}
	syn_set_current(m, 1, syn_idle(m, 1));
	syn_syscall(&other);
	syn_sleep(&other);
	put_thread_sp(other.sp);
	ck_assert_int_eq(resync_sleeper(), STK_OK);
	ck_assert_uint_ge(at, sp);
}
END_TEST

/* What is in doubt by itself stays so. */
START_TEST(doubt_within_the_rest)
{
	const struct stk_frame *f;
	uint64_t slot;

	syn_syscall(&c);
	slot = c.bp + 8;
	syn_put64(m, slot, syn_get64(m, slot) + 1);
	syn_irq(&c);
	syn_crash_note(&c);
	break_link();
	ck_assert_int_eq(resync_cpu(), STK_OK);
	f = rest->segments->frames;
	for (size_t i = 0; i < rest->segments->nr_frames; i++) {
		ck_assert(!f[i].reliable);
		ck_assert_int_eq(f[i].doubt == STK_DOUBT_NO_CALL, f[i].slot == slot);
	}
}
END_TEST

/* Where the machine goes on nothing is looked for. */
START_TEST(running_machine)
{
	interrupted();
	break_link();
	ck_assert_int_eq(resync_cpu(), STK_OK);
	stk_chain_free(s, rest);
	s->target.live = true;
	ck_assert_int_eq(stk_resync(s, chain, &at, &rest), STK_ERR_NOT_FOUND);
	ck_assert_ptr_null(rest);
}
END_TEST

/* The stack of another task may begin where this one ends, and is no part of it. */
START_TEST(nothing_behind_the_end)
{
	const uint64_t end = syn_stack(m, sh) + SYN_THREAD_SIZE, far = SYN_TEXT + 0x8000;
	const uint64_t third = syn_task(m, "third", 301, 0);

	syn_put64(m, third + syn_off(m, "task_struct.stack"), end);
	for (uint64_t off = 0; off < SYN_THREAD_SIZE; off += 4096)
		syn_map(m, end + off, syn_alloc(m, 1), 4096);
	other = syn_cpu(m, 0, third);
	ck_assert_uint_eq(other.sp, end + SYN_THREAD_SIZE);
	syn_syscall(&other);
	syn_symbol(m, "far", far);
	syn_call_by_pointer(m, "far", 0x10);
	/* To the frame of entry_SYSCALL_64(). */
	syn_orc(m, far, ORC_CALL, ORC_SP, (int)SYN_THREAD_SIZE - 168 - 8, ORC_UNDEFINED,
		0);
	syn_put64(m, end, far + 0x10);
	syn_set_current(m, 0, syn_idle(m, 0));
	syn_syscall(&c);
	syn_fill(m, c.sp, end - c.sp, 0);
	syn_crash_note(&c);
	ck_assert_int_eq(resync_cpu(), STK_ERR_NOT_FOUND);
	ck_assert_int_eq(chain->end, STK_END_NOT_TEXT);
	ck_assert_uint_eq(chain->nr_frames, 1);
}
END_TEST

/* A chain that was cut before it had a stack: its task's is where a rest may be. */
START_TEST(no_stack_yet)
{
	struct stk_chain cut = { .end = STK_END_LIMIT, .start.cpu = 1 };

	syn_syscall(&c);
	syn_sleep(&c);
	s = syn_open(m);
	ck_assert_int_eq(stk_resync(s, &cut, &at, &rest), STK_ERR_NOT_FOUND);
	cut.start.from = STK_FROM_THREAD_SP;
	ck_assert_int_eq(stk_task_read(s, sh, &cut.start.task), STK_OK);
	ck_assert_int_eq(stk_resync(s, &cut, &at, &rest), STK_ERR_NOT_FOUND);
	cut.start.has_task = true;
	/* Nothing is missing where it came to its end, nor where the user ended it. */
	cut.end = STK_END_USER;
	ck_assert_int_eq(stk_resync(s, &cut, &at, &rest), STK_ERR_NOT_FOUND);
	cut.end = STK_END_INTERRUPTED;
	ck_assert_int_eq(stk_resync(s, &cut, &at, &rest), STK_ERR_NOT_FOUND);
	cut.end = STK_END_LIMIT;
	ck_assert_int_eq(stk_resync(s, &cut, &at, &rest), STK_OK);
	ck_assert_uint_eq(at, c.sp + 48);
}
END_TEST

/* Of a CPU's task such a frame is of an earlier sleep. */
START_TEST(switch_frame_of_a_running_task)
{
	uint64_t ret;

	syn_syscall(&c);
	regs_at = (c.sp & ~15ull) - 168;
	ret = syn_call_insn(m, "__schedule", 0x9a, "__switch_to_asm");
	syn_irq(&c);
	syn_crash_note(&c);
	syn_put64(m, syn_stack(m, sh) + 0x200, ret);
	break_link();
	ck_assert_int_eq(resync_cpu(), STK_OK);
	ck_assert_uint_eq(at, regs_at);
}
END_TEST

/* The lowest from which the rules alone lead on: what is below them does not. */
START_TEST(return_address)
{
	syn_syscall(&c);
	syn_sleep(&c);
	syn_put64(m, c.sp + 48, 0); /* the switch's own is lost */
	syn_syscall(&other);
	syn_sleep(&other);
	put_thread_sp(other.sp);
	ck_assert_int_eq(resync_sleeper(), STK_OK);
	ck_assert_uint_gt(at, c.sp + 48);
	ck_assert_str_eq(rest->segments->frames[0].name.function, "schedule");
	ck_assert(!rest->segments->frames[0].interrupted);
	ck_assert_int_eq(rest->start.from, STK_FROM_STACK);
	ck_assert_int_eq(rest->end, STK_END_USER);
}
END_TEST

static const struct unit_test t_tests[] = {
	TEST(saved_registers),
	TEST(whole_chain),
	TEST(registers_in_another_place),
	TEST(rest_on_two_stacks),
	LOOP(registers_in_two_places, 3),
	TEST(a_sound_chain_has_no_other_rest),
	LOOP(registers_that_cannot_be, 4),
	TEST(no_good_end),
	TEST(not_in_the_dump),
	TEST(sleeping_task),
	LOOP(begins_above_the_chain, 4),
	TEST(no_stack_yet),
	TEST(nothing_behind_the_end),
	LOOP(tries_have_an_end, 2),
	TEST(tries_of_each_kind),
	TEST(doubt_within_the_rest),
	TEST(running_machine),
	TEST(switch_frame_of_a_running_task),
	TEST(return_address),
	{ 0 },
};

const struct unit_suite suite_recover = {
	"recover",
	{
		{ "recover", t_tests, setup, teardown },
	},
};
