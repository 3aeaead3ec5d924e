/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves the words by which CPUs of riscv64 enter the kernel: each of them as it is and
 * as it cannot be.
 */
#include "fixture.h"
#include "other_expect.h"
#include "riscv64.h"
#include "suite.h"

#include "arch/riscv64/riscv64.h"
#include "base/context.h"
#include "kernel/cpus.h"

#include <stdio.h>

static void setup(void)
{
	fixture_task_of(rv_kernel(RV_SV48));
	syn_map_text(m, syn_sym(m, "handle_exception"));
	syn_member(m, "thread_info.kernel_sp", 16, 8);
	syn_member(m, "thread_info.user_sp", 24, 8);
}

/* The lower bits of stvec are its mode. */
START_TEST(vector)
{
	static const struct {
		uint64_t at;
		const char *want;
	} row[] = {
		{ RV_TEXT + OTHER_ENTRY, "" },
		{ RV_TEXT + OTHER_ENTRY + 4, "" },
		{ RV_TEXT + OTHER_ENTRY + 2, " !not aligned to 4 bytes, as the hardware "
					     "wants it" },
		{ RV_TEXT + 0x1000, " !the page tables let no code run there" },
		{ 0xffff900000000000ull, " !nothing is mapped there" },
		{ 0x1000, " !no address of the kernel's" },
	};
	char want[200];

	syn_symbol(m, "handle_exception", row[_i].at);
	snprintf(want, sizeof(want), "handle_exception code: all events come here%s\n",
		 row[_i].want);
	other_expect_words(-1, NULL, want);
	syn_no_symbol(m, "handle_exception");
	other_expect_words(-1, NULL, "");
}
END_TEST

/* ---- of a CPU ---- */

#define OFFSET "per-CPU offset: by thread_info.cpu of the current task\n"
#define END    "sp at user entry of TASK: the last time from 2012345678\n"
#define STACKS                                                                           \
	"irq_stack_ptr IRQ:\n"                                                           \
	"overflow_stack OVERFLOW:\n"
#define SAVED "kernel_sp of: the end of its stack\nuser_sp of:\n"

static void set_saved(uint64_t kernel_sp, uint64_t user_sp)
{
	syn_put64(m, sh + 16, kernel_sp);
	syn_put64(m, sh + 24, user_sp);
}

/* tp is what the entry code changes first of all. */
START_TEST(current_task)
{
	static const struct {
		bool user, entry;
		enum { OWN, NONE, OTHER } tp;
		const char *want;
	} row[] = {
		{ false, false, OWN, "tp task:" },
		{ false, false, OTHER, "tp task:" },
		{ false, false, NONE, "tp task:" },
		{ false, true, OWN, "tp task:" },
		{ false, true, OTHER,
		  "tp: the user's: the entry code has not changed it yet" },
		{ false, true, NONE,
		  "tp: the entry code is about to load the current task" },
		{ true, false, OTHER, "tp: the user's" },
		{ true, false, OWN, "tp: the user's" },
	};
	struct stk_regs regs = { .valid = RISCV_NOTE_REGS };
	char want[1000];

	rv_syscall(&c);
	set_saved(syn_stack(m, sh) + 0x4000, 0);
	regs.v[RISCV_PC] = row[_i].user	   ? RV_USER_PC
			   : row[_i].entry ? syn_sym(m, "handle_exception") + 4
					   : c.ip;
	regs.v[RISCV_SP] = row[_i].user ? RV_USER_SP : c.sp;
	regs.v[RISCV_TP] = row[_i].tp == OWN ? sh : row[_i].tp == NONE ? 0 : 0x1230;
	snprintf(want, sizeof(want), OFFSET "%s\n" SAVED END STACKS, row[_i].want);
	other_expect_words(1, &regs, want);
	/* A note without it. */
	regs.valid &= ~(1ull << RISCV_TP);
	other_expect_words(1, &regs, OFFSET SAVED END STACKS);
	other_expect_words(1, NULL, OFFSET SAVED END STACKS);
}
END_TEST

/* Where the entry code goes on; only from user mode it must be the end. */
START_TEST(stack_pointers)
{
	const uint64_t end = syn_stack(m, sh) + 0x4000;
	const struct {
		bool user;
		uint64_t kernel_sp, user_sp;
		const char *want;
	} row[] = {
		{ false, end, RV_USER_SP,
		  "kernel_sp of: the end of its stack\n"
		  "user_sp of: of the last entry, from user mode\n" },
		{ false, end - 16, end - 0x200,
		  "kernel_sp of: of the last entry from the kernel\n"
		  "user_sp of: of the last entry, from the kernel\n" },
		{ false, 0, 0, "kernel_sp of:\nuser_sp of:\n" },
		{ true, end, 0, "kernel_sp of: the end of its stack\nuser_sp of:\n" },
		{ true, end - 16, 0,
		  "kernel_sp of: !an entry from user mode goes there, and not to the end "
		  "of the task's stack, %llx\nuser_sp of:\n" },
		{ true, 0, 0,
		  "kernel_sp of: !an entry from user mode goes there, and not to the end "
		  "of the task's stack, %llx\nuser_sp of:\n" },
	};
	struct stk_regs regs = { .valid = RISCV_ALL_REGS };
	char want[1000], saved[500];

	rv_syscall(&c);
	set_saved(row[_i].kernel_sp, row[_i].user_sp);
	regs.v[RISCV_STATUS] = row[_i].user ? 0 : 0x100;
	regs.v[RISCV_PC] = row[_i].user ? RV_USER_PC : c.ip;
	regs.v[RISCV_TP] = sh;
	snprintf(saved, sizeof(saved), row[_i].want, (unsigned long long)end);
	snprintf(want, sizeof(want), OFFSET "tp%s\n%s" END STACKS,
		 row[_i].user ? ": the user's" : " task:", saved);
	other_expect_words(1, &regs, want);
}
END_TEST

/* CPU 0 is one like any other: none of the words that all have. */
START_TEST(first_cpu)
{
	other_expect_words(0, NULL, OFFSET "kernel_sp of:\nuser_sp of:\n" STACKS);
}
END_TEST

/* Of kernels that have neither, and where nobody knows what the CPU runs. */
START_TEST(nothing_is_known)
{
	rv_syscall(&c);
	syn_no_member(m, "thread_info.kernel_sp");
	other_expect_words(1, NULL, OFFSET "user_sp of:\n" END STACKS);
	syn_no_member(m, "thread_info.user_sp");
	other_expect_words(1, NULL, OFFSET END STACKS);
	syn_no_symbol(m, "irq_stack_ptr");
	other_expect_words(1, NULL, OFFSET END "overflow_stack OVERFLOW:\n");
	syn_no_symbol(m, "runqueues");
	other_expect_words(1, NULL, OFFSET "overflow_stack OVERFLOW:\n");
}
END_TEST

static const struct unit_test word_tests[] = {
	LOOP(vector, 6), LOOP(current_task, 8),	 LOOP(stack_pointers, 6),
	TEST(first_cpu), TEST(nothing_is_known), { 0 },
};

const struct unit_suite suite_riscv64_words = {
	"riscv64_words",
	{
		{ "words", word_tests, setup, NULL },
	},
};
