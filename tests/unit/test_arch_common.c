/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what several machines share: how large stacks are and where they may begin,
 * where saved registers lie, which code was freed, and names of system calls.
 */
#include "arm64.h"
#include "fixture.h"
#include "suite.h"

#include "arch/arm64/arm64.h"
#include "arch/entry_words.h"
#include "arch/init_text.h"
#include "arch/note_regs.h"
#include "arch/percpu_stacks.h"
#include "arch/syscall_name.h"
#include "arch/thread_size.h"
#include "kernel/layout.h"
#include "machine/memory.h"
#include "stacks/stack.h"

#include <string.h>

#define DATA (A64_TEXT + OTHER_DATA)

static struct stk *s;

static void setup(void)
{
	fixture_task_of(a64_kernel(A64_4K_48, A64_6_12));
}

/* ---- stacks ---- */

START_TEST(thread_sizes)
{
	static const struct {
		uint64_t task, stack; /* of the first task, by either name; 0: none */
		uint32_t type;	      /* of the union */
		uint64_t want;
	} row[] = {
		{ 0, 0, 0, 0x5000 },
		{ 0x4000, 0, 0, 0x4000 },
		{ 0, 0x8000, 0, 0x8000 },
		{ 0x4000, 0x8000, 0x2000, 0x4000 },
		{ 0, 0, 0x2000, 0x2000 },
		{ 0x40000, 0, 0x2000, 0x40000 },
		/* Larger than any. */
		{ 0x40001, 0x8000, 0x2000, 0x8000 },
		{ 0x40001, 0x40001, 0x40000, 0x40000 },
		{ 0x40001, 0x40001, 0x40001, 0x5000 },
		/* The end below the beginning. */
		{ -0x4000ull, 0, 0x2000, 0x2000 },
	};
	const struct {
		const char *begin, *end;
		uint64_t size;
	} symbol[] = { { "__start_init_task", "__end_init_task", row[_i].task },
		       { "__start_init_stack", "__end_init_stack", row[_i].stack } };

	syn_no_symbol(m, "__end_init_task");
	for (size_t i = 0; i < 2; i++) {
		if (!row[_i].task || i)
			syn_symbol(m, symbol[i].begin, DATA + 0x10000);
		/* Its end alone says nothing. */
		if (symbol[i].size)
			syn_symbol(m, symbol[i].end,
				   syn_sym(m, symbol[i].begin) + symbol[i].size);
	}
	if (row[_i].type)
		syn_size(m, "thread_union", row[_i].type);
	s = syn_open(m);
	ck_assert_uint_eq(stk_thread_size(s, 0x5000), row[_i].want);
}
END_TEST

START_TEST(stack_sizes)
{
	ck_assert(!stk_is_stack_size(0));
	ck_assert(stk_is_stack_size(1));
	ck_assert(stk_is_stack_size(0x40000));
	ck_assert(!stk_is_stack_size(0x40001));
}
END_TEST

/* Aligned to 16 bytes; one with a mapping of its own, to its size. */
START_TEST(stack_begins)
{
	static const struct stk_percpu_stack pointer = { .symbol = "irq_stack_ptr",
							 .pointer = true,
							 .array = "irq_stack" };
	static const struct stk_percpu_stack alone = { .symbol = "a", .pointer = true };
	static const struct stk_percpu_stack itself = { .symbol = "overflow_stack" };
	const uint64_t at = 0xffffc00001000000ull;

	s = syn_open(m);
	for (uint64_t by = 0; by < 0x4000; by += 8) {
		ck_assert_int_eq(stk_is_stack_begin(s, &pointer, at + by), !by);
		ck_assert_int_eq(stk_is_stack_begin(s, &alone, at + by), !by);
		ck_assert_int_eq(stk_is_stack_begin(s, &itself, at + by), by % 16 == 0);
	}
	ck_assert(!stk_is_stack_begin(s, &itself, 0x10000));
	ck_assert(!stk_is_stack_address(s, 0x10000));
	ck_assert(!stk_is_stack_address(s, at + 8));
	ck_assert(stk_is_stack_address(s, at + 16));
	/* Where it is in an array it has no mapping of its own. */
	syn_symbol(m, "irq_stack", DATA);
	s = syn_open(m);
	ck_assert(stk_is_stack_begin(s, &pointer, at + 0x400));
	ck_assert(!stk_is_stack_begin(s, &pointer, at + 0x408));
	ck_assert(!stk_is_stack_begin(s, &alone, at + 0x400));
}
END_TEST

/* A CPU may have none, which is no error; one that is damaged is. */
START_TEST(no_stack_at_all)
{
	static const struct stk_percpu_stack row[] = {
		{ .kind = ARM64_STACK(IRQ), .symbol = "irq_stack_ptr", .pointer = true },
		{ .kind = ARM64_STACK(EFI), .symbol = "overflow_stack", .pointer = true },
	};
	struct stk_stack stack[2];
	size_t nr = 7;

	syn_put64(m, other_percpu(m, "irq_stack_ptr", 0), 0);
	syn_put64(m, other_percpu(m, "overflow_stack", 0), 0);
	s = syn_open(m);
	ck_assert_int_eq(stk_percpu_stacks(s, 0, row, 2, stack, 2, &nr), STK_OK);
	ck_assert_uint_eq(nr, 0);
	syn_put64(m, other_percpu(m, "irq_stack_ptr", 0), 0x1008);
	s = syn_open(m);
	ck_assert_int_eq(stk_percpu_stacks(s, 0, row, 2, stack, 2, &nr), STK_ERR_CORRUPT);
	ck_assert_uint_eq(nr, 0);
}
END_TEST

/* A word of entry code that cannot be read is no code, and no problem. */
START_TEST(words_that_are_code)
{
	const struct {
		struct stk_entry_word word;
		bool is_code;
		const char *problem;
	} row[] = {
		{ { .readable = false }, false, NULL },
		{ { .readable = true, .value = 0x1000 },
		  true,
		  "no address of the kernel's" },
		{ { .readable = true, .value = syn_sym(m, "panic") + 4 },
		  true,
		  "not aligned to 8 bytes, as the hardware wants it" },
		{ { .readable = true, .value = syn_sym(m, "panic") }, true, NULL },
		{ { .readable = true, .value = 0xffffc0007ffff000ull },
		  true,
		  "nothing is mapped there" },
	};

	s = syn_open(m);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_entry_word w = row[i].word;

		stk_word_is_code(s, &w, 8);
		ck_assert_int_eq(w.is_code, row[i].is_code);
		if (row[i].problem)
			ck_assert_str_eq(w.problem, row[i].problem);
		else
			ck_assert_ptr_null(w.problem);
	}
}
END_TEST

/* All that a CPU has, as far as there is room for it. */
START_TEST(stacks_of_a_cpu)
{
	static const enum arm64_kind kind[] = { ARM64_KIND_IRQ, ARM64_KIND_OVERFLOW,
						ARM64_KIND_SDEI_NORMAL,
						ARM64_KIND_SDEI_CRITICAL,
						ARM64_KIND_EFI };
	const uint64_t efi = m->next_stack + 0x8000;
	struct stk_stack stack[6];
	uint64_t begin[5];
	size_t nr;

	begin[2] = other_new_stack(m, "sdei_stack_normal_ptr", 0);
	begin[3] = other_new_stack(m, "sdei_stack_critical_ptr", 0);
	begin[0] = other_irq_stack(m, "irq_stack_ptr", 0);
	begin[1] = other_percpu(m, "overflow_stack", 0);
	begin[4] = efi - 0x4000;
	syn_symbol(m, "efi_rt_stack_top", DATA + 0x900);
	syn_put64(m, DATA + 0x900, efi);
	s = syn_open(m);
	for (size_t room = 0; room <= 6; room++) {
		memset(stack, 0xff, sizeof(stack));
		ck_assert_int_eq(s->arch->cpu_stacks(s, 0, stack, room, &nr), STK_OK);
		ck_assert_uint_eq(nr, room < 5 ? room : 5);
		for (size_t i = 0; i < nr; i++) {
			const bool own = kind[i] != ARM64_KIND_OVERFLOW;

			ck_assert_ptr_eq(stack[i].kind, &arm64_kinds[kind[i]]);
			ck_assert_int_eq(stack[i].cpu, 0);
			ck_assert_uint_eq(stack[i].begin, begin[i]);
			ck_assert_uint_eq(stack[i].end - stack[i].begin,
					  own ? 0x4000 : 4096);
			ck_assert(stack[i].mapped);
			ck_assert_uint_eq(stack[i].guard,
					  own && i < 4 ? begin[i] - 4096 : 0);
		}
		for (size_t i = nr; i < 6; i++)
			ck_assert_uint_eq(stack[i].begin, UINT64_MAX);
	}
	/* On another CPU that is none of them, and one that is damaged hides no other. */
	syn_put64(m, other_percpu(m, "irq_stack_ptr", 1), 0x1008);
	s = syn_open(m);
	ck_assert_int_eq(s->arch->cpu_stacks(s, 1, stack, 6, &nr), STK_OK);
	ck_assert_uint_eq(nr, 1);
	ck_assert_ptr_eq(stack[0].kind, ARM64_STACK(OVERFLOW));
	syn_no_symbol(m, "overflow_stack");
	s = syn_open(m);
	ck_assert_int_eq(s->arch->cpu_stacks(s, 1, stack, 6, &nr), STK_ERR_CORRUPT);
	ck_assert_uint_eq(nr, 0);
}
END_TEST

/* What a pointer leads to is of its own kind, and begins there. */
START_TEST(stack_of_a_word)
{
	static const struct {
		enum arm64_kind kind;
		uint64_t by;
		bool has;
	} row[] = {
		{ ARM64_KIND_IRQ, 0, true },
		{ ARM64_KIND_SDEI_NORMAL, 0, false },
		{ ARM64_KIND_IRQ, 0x4000, false },
	};
	const uint64_t at = other_percpu(m, "irq_stack_ptr", 1);
	struct stk_percpu_stack of = { .symbol = "irq_stack_ptr", .pointer = true };

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_entry_words words = { .cpu = 1 };
		const uint64_t begin = syn_get64(m, at);

		of.kind = &arm64_kinds[row[i].kind];
		s = syn_open(m);
		/* The stacks are what they were. */
		ck_assert_ptr_nonnull(stk_cpu_stack_at(s, 1, begin));
		syn_put64(m, at, begin + row[i].by);
		stk_forget_memory(s);
		stk_word_stacks(s, &words, &of, 1);
		ck_assert_uint_eq(words.nr, 1);
		ck_assert_msg(words.word[0].has_stack == row[i].has, "row %zu", i);
		if (row[i].has)
			ck_assert_uint_eq(words.word[0].stack.begin, begin);
		syn_put64(m, at, begin);
	}
}
END_TEST

/* ---- saved registers ---- */

/* A pt_regs begins at an address that 16 divides. */
START_TEST(room_of_registers)
{
	static const struct {
		uint32_t size;
		uint64_t want;
	} row[] = {
		{ 336, 336 }, { 337, 352 }, { 344, 352 }, { 351, 352 }, { 352, 352 }
	};
	struct stk_stack stack = { .kind = ARM64_STACK(TASK),
				   .begin = 0x4000,
				   .task = 1 };

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		syn_size(m, "pt_regs", row[i].size);
		s = syn_open(m);
		stack.end = 0x8000;
		ck_assert_uint_eq(stk_pt_regs_room(s), row[i].want);
		ck_assert_uint_eq(stk_user_regs_at(s, &stack), 0x8000 - row[i].want);
	}
	stack.kind = ARM64_STACK(IRQ);
	ck_assert_uint_eq(stk_user_regs_at(s, &stack), 0);
	stack.kind = ARM64_STACK(TASK);
	syn_no_member(m, "pt_regs");
	s = syn_open(m);
	ck_assert_uint_eq(stk_pt_regs_room(s), 0);
	ck_assert_uint_eq(stk_user_regs_at(s, &stack), 0);
}
END_TEST

START_TEST(registers_of_user_mode)
{
	const uint64_t top = 0x8000 - 336;
	const struct {
		const struct stk_kind *kind; /* of the stack; NULL: none */
		uint64_t at;
		bool user, kernel; /* by where their pc is */
	} row[] = {
		{ NULL, 0, true, false },
		{ NULL, top, true, false },
		{ ARM64_STACK(IRQ), top, true, false },
		{ ARM64_STACK(TASK), 0, true, false },
		{ ARM64_STACK(TASK), top, true, true },
		{ ARM64_STACK(TASK), top - 8, false, false },
		{ ARM64_STACK(TASK), top + 8, true, false },
	};
	struct stk_regs regs = { .valid = 1ull << ARM64_PC };

	s = syn_open(m);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct stk_stack stack = {
			.kind = row[i].kind, .task = 1, .begin = 0x4000, .end = 0x8000
		};
		const struct stk_stack *p = row[i].kind ? &stack : NULL;

		regs.v[ARM64_PC] = A64_USER_PC;
		ck_assert_msg(stk_may_be_user(s, p, &regs, row[i].at) == row[i].user,
			      "row %zu", i);
		regs.v[ARM64_PC] = A64_TEXT;
		ck_assert_msg(stk_may_be_user(s, p, &regs, row[i].at) == row[i].kernel,
			      "row %zu", i);
	}
}
END_TEST

START_TEST(same_registers)
{
	struct stk_regs a = { .valid = 7 }, b = { .valid = 7 };

	ck_assert(stk_same_regs(&a, &b, 7));
	for (unsigned int i = 0; i < 4; i++) {
		b.v[i] = 1;
		/* One that is not compared, or not known, says nothing. */
		ck_assert_int_eq(stk_same_regs(&a, &b, 5), i == 1 || i == 3);
		ck_assert_int_eq(stk_same_regs(&a, &b, 15), i == 3);
		ck_assert(stk_same_regs(&a, &b, 0));
		b.v[i] = 0;
	}
	a.v[STK_MAX_REGS - 1] = 1;
	b.valid = 1ull << (STK_MAX_REGS - 1);
	ck_assert(!stk_same_regs(&a, &b, UINT64_MAX));
}
END_TEST

/* By the stack pointer; of the task's stack the end is one, too, its begin is none. */
START_TEST(where_they_were_saved)
{
	struct stk_stack task = { .kind = ARM64_STACK(TASK), .begin = m->next_stack };
	struct stk_regs regs = { .valid = ARM64_USER_REGS };
	struct stk_copy copy[2];

	for (uint64_t off = -4096ull; off != 0x4000; off += 4096)
		syn_map(m, task.begin + off, syn_alloc(m, 1), 4096);
	task.end = task.begin + 0x4000;
	task.task = sh;
	regs.v[ARM64_PSTATE] = A64_EL1H;
	s = syn_open(m);
	for (uint64_t sp = 0; sp <= 0x4010; sp += 16) {
		const bool on = sp > 0 && sp <= 0x4000;

		if (sp > 0x200 && sp < 0x3f00)
			continue;
		regs.v[ARM64_SP] = task.begin + sp;
		ck_assert_uint_eq(stk_saved_copies(s, -1, &task, &regs, 0, copy, 2), on);
		if (on)
			ck_assert_uint_eq(copy[0].regs_at, task.begin + sp - 336);
	}
	ck_assert_uint_eq(stk_saved_copies(s, -1, NULL, &regs, 0, copy, 2), 0);
	/* On a CPU's stack, of the first one, too. */
	for (int cpu = -1; cpu < 2; cpu++) {
		const struct stk_stack *stack;
		size_t nr;

		ck_assert_int_eq(stk_cpu_stacks(s, cpu > 0, &stack, &nr), STK_OK);
		ck_assert_uint_gt(nr, 0);
		regs.v[ARM64_SP] = stack[0].end - 16;
		ck_assert_uint_eq(stk_saved_copies(s, cpu, NULL, &regs, 0, copy, 2),
				  cpu >= 0);
	}
	/* Of user mode they are at the task's top, and nowhere without one. */
	regs.v[ARM64_PSTATE] = 0;
	ck_assert_uint_eq(stk_saved_copies(s, -1, &task, &regs, 0, copy, 2), 1);
	ck_assert_uint_eq(copy[0].regs_at, task.end - 336);
	ck_assert_uint_eq(stk_saved_copies(s, -1, NULL, &regs, 0, copy, 2), 0);
}
END_TEST

/* By all names that a monitor may have for it. */
static enum stk_status monitor_reg(void *priv, unsigned int cpu, const char *reg,
				   uint64_t *value)
{
	const char *const *told = priv;

	for (; *told; told++)
		if (!strcmp(*told, reg) && cpu == 1) {
			*value = (uint64_t)strlen(reg) + 0x100;
			return STK_OK;
		}
	return STK_ERR_NO_REGS;
}

START_TEST(registers_of_a_monitor)
{
	static const struct stk_monitor_ops ops = { "a test", monitor_reg };
	static const char *const all[] = { "pc", "sp", "x00", NULL };
	static const char *const no_pc[] = { "sp", "x00", NULL };
	static const char *const no_sp[] = { "pc", "x00", NULL };
	const struct stk_saved saved = { .by_monitor = true, .cpu = 1 },
			       none = { .cpu = 1 };
	struct stk_regs regs;
	uint64_t value;

	m->target.monitor = &ops;
	m->target.monitor_priv = (void *)all;
	s = syn_open(m);
	ck_assert_int_eq(stk_monitor_regs(s, &saved, ARM64_NR_USER_REGS, &regs), STK_OK);
	ck_assert_uint_eq(regs.valid, 1ull << ARM64_PC | 1ull << ARM64_SP | 1);
	ck_assert_uint_eq(regs.v[0], 0x103);
	ck_assert(stk_monitor_word(s, &saved, "pc", &value));
	ck_assert(!stk_monitor_word(s, &saved, "lr", &value));
	ck_assert(!stk_monitor_word(s, &none, "pc", &value));
	/* So many, and no more. */
	ck_assert_int_eq(stk_monitor_regs(s, &saved, ARM64_SP, &regs), STK_ERR_NO_REGS);
	m->target.monitor_priv = (void *)no_pc;
	s = syn_open(m);
	ck_assert_int_eq(stk_monitor_regs(s, &saved, ARM64_NR_USER_REGS, &regs),
			 STK_ERR_NO_REGS);
	m->target.monitor_priv = (void *)no_sp;
	s = syn_open(m);
	ck_assert_int_eq(stk_monitor_regs(s, &saved, ARM64_NR_USER_REGS, &regs),
			 STK_ERR_NO_REGS);
}
END_TEST

/* ---- words ---- */

/* The last one of those that there is room for is written over, and nothing behind it. */
START_TEST(more_words_than_there_is_room_for)
{
	static struct stk_entry_words words;

	for (unsigned int i = 1; i < STK_MAX_ENTRY_WORDS + 8; i++) {
		struct stk_entry_word *w = stk_word_of(&words, "a", i);

		ck_assert_ptr_eq(
			w,
			&words.word[i < STK_MAX_ENTRY_WORDS ? i - 1
							    : STK_MAX_ENTRY_WORDS - 1]);
		ck_assert_uint_eq(words.nr,
				  i < STK_MAX_ENTRY_WORDS ? i : STK_MAX_ENTRY_WORDS - 1);
	}
}
END_TEST

/* ---- code ---- */

/* A return address behind the last call of the part is of it, too. */
START_TEST(freed_code)
{
	static const struct {
		uint32_t state; /* 2: SYSTEM_FREEING_INITMEM */
		bool freed;
	} row[] = { { 0, false }, { 1, false }, { 2, true }, { 3, true } };
	const uint64_t begin = syn_sym(m, "_sinittext"), end = syn_sym(m, "_einittext");

	/* Without it, it is as if it was. */
	s = syn_open(m);
	ck_assert(stk_init_text_freed(s, begin + 4));
	syn_symbol(m, "system_state", DATA + 0x900);
	for (size_t i = 0; i < 4; i++) {
		syn_put32(m, DATA + 0x900, row[i].state);
		s = syn_open(m);
		ck_assert(!stk_init_text_freed(s, begin));
		ck_assert_int_eq(stk_init_text_freed(s, begin + 1), row[i].freed);
		ck_assert_int_eq(stk_init_text_freed(s, end), row[i].freed);
		ck_assert(!stk_init_text_freed(s, end + 1));
	}
	syn_symbol(m, "system_state", 0xffff900000000000ull);
	s = syn_open(m);
	ck_assert(stk_init_text_freed(s, end));
	syn_no_symbol(m, _i ? "_sinittext" : "_einittext");
	s = syn_open(m);
	ck_assert(!stk_init_text_freed(s, end));
}
END_TEST

/* By the first of the beginnings that its function's name has. */
START_TEST(system_calls)
{
	static const char *const prefix[] = { "__arm64_sys_", "sys_", "modu", NULL };
	static const struct {
		const char *function;
		uint64_t offset;
		const char *want;
	} row[] = {
		{ "__arm64_sys_write", 0, "write" }, { "sys_write", 0, "write" },
		{ "__arm64_sys_write", 4, NULL },    { "vfs_write", 0, NULL },
		{ "__arm64_sy", 0, NULL },	     { "modules", 0, NULL }, /* no code */
	};
	const char *name;

	if (!syn_find_symbol(m, row[_i].function))
		syn_symbol(m, row[_i].function, A64_TEXT + 0xf000);
	syn_symbol(m, "table", DATA + 0x900);
	syn_put64(m, DATA + 0x900 + 8 * 5, syn_sym(m, row[_i].function) + row[_i].offset);
	s = syn_open(m);
	name = stk_syscall_name(s, "table", 5, prefix);
	if (row[_i].want)
		ck_assert_str_eq(name, row[_i].want);
	else
		ck_assert_ptr_null(name);
	ck_assert_ptr_null(stk_syscall_name(s, "table", 6, prefix));
	ck_assert_ptr_null(stk_syscall_name(s, "other_table", 5, prefix));
	ck_assert_ptr_null(stk_syscall_name(s, "table", 1ull << 40, prefix));
}
END_TEST

static const struct unit_test tests[] = {
	LOOP(thread_sizes, 10),	      TEST(stack_sizes),
	TEST(stack_begins),	      TEST(stacks_of_a_cpu),
	TEST(stack_of_a_word),	      TEST(no_stack_at_all),
	TEST(words_that_are_code),    TEST(room_of_registers),
	TEST(registers_of_user_mode), TEST(same_registers),
	TEST(where_they_were_saved),  TEST(registers_of_a_monitor),
	LOOP(freed_code, 2),	      TEST(more_words_than_there_is_room_for),
	LOOP(system_calls, 6),	      { 0 },
};

const struct unit_suite suite_arch_common = {
	"arch_common",
	{
		{ "common", tests, setup, NULL },
	},
};
