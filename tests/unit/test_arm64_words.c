/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves the words by which CPUs of arm64 enter the kernel, with the page tables of the
 * machine: each of them as it is and as it cannot be.
 */
#include "arm64.h"
#include "fixture.h"
#include "other_expect.h"
#include "suite.h"

#include "arch/arm64/arm64.h"
#include "arch/entry_words.h"

#include <stdio.h>

static void setup(void)
{
	fixture_task_of(a64_kernel(A64_4K_48, A64_6_12));
	syn_map_text(m, syn_sym(m, "vectors"));
}

#define VECTORS "vectors code: 16 slots of 0x80 bytes\n"

START_TEST(machine_words)
{
	const uint64_t data = A64_TEXT + OTHER_DATA, efi = m->next_stack + 0x8000;

	other_expect_words(-1, NULL, VECTORS);
	/* Page-table isolation: unknown, off, on. */
	syn_symbol(m, "tramp_vectors", syn_sym(m, "vectors") + 0x800);
	other_expect_words(-1, NULL,
			   VECTORS "tramp_vectors code: user mode comes here, for "
				   "page-table isolation\n");
	syn_symbol(m, "arm64_use_ng_mappings", data + 0x900);
	syn_put64(m, data + 0x900, 0xffffff00);
	other_expect_words(-1, NULL,
			   VECTORS "tramp_vectors code detail: not used: page-table "
				   "isolation is off\n");
	syn_put64(m, data + 0x900, 1);
	other_expect_words(-1, NULL,
			   VECTORS "tramp_vectors code: user mode comes here, for "
				   "page-table isolation\n");
	syn_no_symbol(m, "tramp_vectors");
	/* The stack for the firmware's services: none, one, no address of one. */
	syn_symbol(m, "efi_rt_stack_top", data + 0x910);
	other_expect_words(-1, NULL,
			   VECTORS "efi_rt_stack_top detail: no runtime services of an "
				   "EFI firmware\n");
	syn_put64(m, data + 0x910, efi);
	other_expect_words(-1, NULL, VECTORS "efi_rt_stack_top EFI:\n");
	syn_put64(m, data + 0x910, efi + 8);
	other_expect_words(-1, NULL,
			   VECTORS "efi_rt_stack_top: !no stack can end there\n");
	syn_put64(m, data + 0x910, 0x10000);
	other_expect_words(-1, NULL,
			   VECTORS "efi_rt_stack_top: !no stack can end there\n");
	syn_symbol(m, "efi_rt_stack_top", 0xffff900000000000ull);
	other_expect_words(-1, NULL, VECTORS "efi_rt_stack_top unread:\n");
}
END_TEST

/* VBAR_EL1 has no bits for less than 2 KiB. */
START_TEST(vectors)
{
	static const struct {
		const char *symbol;
		uint64_t at;
		const char *want;
	} row[] = {
		{ "vectors", A64_TEXT + OTHER_ENTRY + 0x800, VECTORS },
		{ "vectors", A64_TEXT + OTHER_ENTRY + 0x400,
		  "vectors code: 16 slots of 0x80 bytes !not aligned to 2048 bytes, as "
		  "the hardware wants it\n" },
		{ "vectors", A64_TEXT + 0x1000,
		  "vectors code: 16 slots of 0x80 bytes !the page tables let no code run "
		  "there\n" },
		{ "vectors", 0xffff900000000000ull,
		  "vectors code: 16 slots of 0x80 bytes !nothing is mapped there\n" },
		{ "vectors", 0x1000,
		  "vectors code: 16 slots of 0x80 bytes !no address of the kernel's\n" },
	};

	syn_symbol(m, row[_i].symbol, row[_i].at);
	other_expect_words(-1, NULL, row[_i].want);
}
END_TEST

/* ---- of a CPU ---- */

#define STACKS                                                                           \
	"irq_stack_ptr IRQ:\n"                                                           \
	"overflow_stack OVERFLOW:\n"                                                     \
	"sdei_stack_normal_ptr detail: no firmware registered it\n"                      \
	"sdei_stack_critical_ptr detail: no firmware registered it\n"
#define REST                                                                             \
	"per-CPU offset: in TPIDR_EL1, or with VHE in TPIDR_EL2\n"                       \
	"__entry_task task:\n"                                                           \
	"sp at user entry of TASK: the last time from aaaa12345678\n" STACKS             \
	"sdei_active_normal_event detail: no event of the firmware's is being "          \
	"handled\n"

START_TEST(words_of_a_cpu)
{
	a64_syscall(&c);
	other_expect_words(1, NULL, REST);
	/* Without registers of its own there is no PSTATE. */
	other_expect_words(1, &(struct stk_regs){ .valid = 1ull << ARM64_PC }, REST);
	syn_put64(m, other_percpu(m, "sdei_active_normal_event", 1), 1);
	other_percpu_symbol(m, "sdei_active_critical_event", 0x128);
	other_new_stack(m, "sdei_stack_critical_ptr", 1);
	other_expect_words(
		1, NULL,
		"per-CPU offset: in TPIDR_EL1, or with VHE in TPIDR_EL2\n"
		"__entry_task task:\n"
		"sp at user entry of TASK: the last time from aaaa12345678\n"
		"irq_stack_ptr IRQ:\n"
		"overflow_stack OVERFLOW:\n"
		"sdei_stack_normal_ptr detail: no firmware registered it\n"
		"sdei_stack_critical_ptr SDEI_CRITICAL:\n"
		"sdei_active_normal_event: an event of the firmware's is being "
		"handled\n"
		"sdei_active_critical_event detail: no event of the firmware's "
		"is being handled\n");
}
END_TEST

/* The first CPU is one, too, and has words of its own. */
START_TEST(words_of_the_first_cpu)
{
	struct stk_entry_words words = { .cpu = _i - 1 };

	syn_open(m)->arch->entry_words(m->s, NULL, &words);
	ck_assert_uint_gt(words.nr, 0);
	ck_assert_str_eq(words.word[0].name, _i ? "per-CPU offset" : "vectors");
}
END_TEST

/* Where the words at the stack's end are of nobody's entry from user mode. */
START_TEST(no_user_entry)
{
	const uint64_t at = syn_stack(m, sh) + syn_thread_size(m) - 336;
	static const struct {
		uint64_t pstate, pc;
	} row[] = { { A64_EL1H, 0xaaaa12345678 }, { 0, A64_TEXT + 0x1000 } };
	struct stk_entry_words words = { .cpu = 1 };

	a64_syscall(&c);
	syn_put64(m, at + 8 * ARM64_PC, row[_i].pc);
	syn_put64(m, at + 8 * ARM64_PSTATE, row[_i].pstate);
	syn_open(m);
	stk_word_user_entry(m->s, &words);
	ck_assert_uint_eq(words.nr, 1);
	ck_assert_str_eq(words.word[0].meaning, "the stack's end less pt_regs");
	ck_assert_uint_eq(words.word[0].value, at);
	ck_assert(words.word[0].has_stack && words.word[0].has_task);
}
END_TEST

static const struct {
	uint64_t pstate;
	const char *want;
} levels[] = {
	{ 0x0, "EL0, user mode; nothing is masked" },
	{ 0x10, "EL0 of AArch32, user mode; nothing is masked" },
	{ 0x5, "EL1, the kernel; nothing is masked" },
	{ 0x4, "EL1, the kernel; nothing is masked !SP_EL0 is the stack pointer, which "
	       "the kernel never selects" },
	{ 0x9, "EL2, the kernel, with VHE; nothing is masked" },
	{ 0x8,
	  "EL2, the kernel, with VHE; nothing is masked !SP_EL0 is the stack pointer, "
	  "which the kernel never selects" },
	{ 0xd, "EL3, the firmware; nothing is masked !EL3 is the firmware's" },
	{ 0x15, "EL1 of AArch32, the kernel; nothing is masked !AArch32, which no kernel "
		"of 64 bits runs in" },
	{ 0x25, "EL1, the kernel; nothing is masked" },
	{ 0x45, "EL1, the kernel; masked: F" },
	{ 0x85, "EL1, the kernel; masked: I" },
	{ 0x105, "EL1, the kernel; masked: A" },
	{ 0x205, "EL1, the kernel; masked: D" },
	{ 0x3c5, "EL1, the kernel; masked: DAIF" },
	{ 0xf0000405, "EL1, the kernel; nothing is masked" },
};

START_TEST(each_level)
{
	struct stk_regs regs = { .valid = 1ull << ARM64_PSTATE };
	char want[2048];

	a64_syscall(&c);
	regs.v[ARM64_PSTATE] = levels[_i].pstate;
	snprintf(want, sizeof(want), "PSTATE: %s\n" REST, levels[_i].want);
	other_expect_words(1, &regs, want);
}
END_TEST

/* What VBAR_EL1 is in user mode: the vectors, or a trampoline where it is mapped again.
 */
START_TEST(vector_of_a_cpu)
{
	const uint64_t fixmap = 0xfffffbfffdbf0000ull;
	static const struct {
		int64_t from; /* the trampoline; 0: from the vectors */
		const char *want;
	} row[] = {
		{ 0, "this_cpu_vector code detail:" },
		{ 0x10000, "this_cpu_vector code: in the fixmap" },
		{ 0x10800, "this_cpu_vector code: in the fixmap" },
		{ 0x11800, "this_cpu_vector code: in the fixmap" },
		{ 0x12000, "this_cpu_vector code:" },
		{ 0x0f800, "this_cpu_vector code:" },
		{ 0x10400, "this_cpu_vector code: !not aligned to 2048 bytes, as the "
			   "hardware wants it" },
		{ 0x20000, "this_cpu_vector code: !nothing is mapped there" },
	};
	const uint64_t tramp = A64_TEXT + OTHER_ENTRY + 0x2000;
	char want[2048];

	a64_syscall(&c);
	syn_symbol(m, "tramp_vectors", tramp);
	for (uint64_t off = 0; off < 0x4000; off += 0x1000)
		syn_map(m, fixmap + off, tramp - A64_VOFF + off - 0x1000, 4096);
	other_percpu_symbol(m, "this_cpu_vector", 0x130);
	syn_put64(m, other_percpu(m, "this_cpu_vector", 1),
		  row[_i].from ? fixmap + (uint64_t)row[_i].from - 0x10000 + 0x1000
			       : syn_sym(m, "vectors"));
	snprintf(want, sizeof(want), "%s\n" REST, row[_i].want);
	other_expect_words(1, NULL, want);
	if (_i != 1)
		return;
	/* The word itself may be lost. */
	syn_no_symbol(m, "this_cpu_vector");
	other_percpu_symbol(m, "this_cpu_vector", 0x40000000);
	other_expect_words(1, NULL, "this_cpu_vector unread:\n" REST);
	syn_no_symbol(m, "this_cpu_vector");
	other_percpu_symbol(m, "this_cpu_vector", 0x130);
	/* Without the symbol it may be anything. */
	syn_no_symbol(m, "tramp_vectors");
	other_expect_words(1, NULL, "this_cpu_vector code:\n" REST);
}
END_TEST

static const struct unit_test word_tests[] = {
	TEST(machine_words),
	LOOP(vectors, 5),
	TEST(words_of_a_cpu),
	LOOP(each_level, 15),
	LOOP(vector_of_a_cpu, 8),
	LOOP(no_user_entry, 2),
	LOOP(words_of_the_first_cpu, 3),
	{ 0 },
};

const struct unit_suite suite_arm64_words = {
	"arm64_words",
	{
		{ "words", word_tests, setup, NULL },
	},
};
