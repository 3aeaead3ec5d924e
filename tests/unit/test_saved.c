/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that the notes of a file are sorted by the CPUs whose registers they hold, that
 * x86_64 decodes its own and no others, and that a note it cannot decode, or one of a CPU
 * that ran no kernel, does not hide another.
 */
#include "fixture.h"
#include "suite.h"

#include "arch/x86_64/note.h"
#include "machine/saved.h"
#include "unwind/note.h"
#include "unwind/unwind.h"

#include <string.h>

/* One of each, as bytes that the test made. */
static struct syn_note bytes;
static struct stk_saved saved;

static void setup(void)
{
	fixture_syscall();
	bytes = (struct syn_note){ .kind = STK_NOTE_QEMU, .have_sys = true, .pid = 2 };
	for (unsigned int i = 0; i < 27; i++)
		bytes.gpr[i] = 0x100 + i;
	bytes.gpr[X86_CS] = 0xabcd0010;
	bytes.cr3 = 0x8888;
	bytes.cr4 = 0x8889;
	bytes.gs_base = 0x5555;
	bytes.tr_selector = 0x71;
	bytes.tr_limit = 0x72;
	bytes.tr_base = 0x73;
	bytes.gdt_limit = 0x82;
	bytes.gdt_base = 0x83;
	bytes.idt_limit = 0x92;
	bytes.idt_base = 0x93;
	saved = syn_saved(&bytes);
}

START_TEST(registers_are_decoded)
{
	struct stk_regs regs;

	ck_assert_int_eq(x86_note_regs(syn_open(m), &saved, &regs), STK_OK);
	ck_assert_uint_eq(regs.valid, X86_ALL_REGS);
	ck_assert_uint_eq(regs.v[X86_R15], 0x100);
	ck_assert_uint_eq(regs.v[X86_SP], 0x113);
	ck_assert_uint_eq(regs.v[X86_CS], 0x10);
	ck_assert_uint_eq(stk_saved_pid(&saved), 2);
}
END_TEST

START_TEST(what_qemu_adds_is_decoded)
{
	struct x86_qemu q;

	/* QEMU wrote 432 bytes before it knew of kernel_gs_base. */
	for (saved.qemu.size = 440; saved.qemu.size >= 432; saved.qemu.size -= 8) {
		memset(&q, 0, sizeof(q));
		ck_assert(x86_read_qemu(&saved.qemu, &q));
		ck_assert_uint_eq(q.cr3, 0x8888);
		ck_assert_uint_eq(q.cr4, 0x8889);
		ck_assert_uint_eq(q.gs_base, 0x5555);
		ck_assert_uint_eq(q.tr.selector, 0x71);
		ck_assert_uint_eq(q.tr.limit, 0x72);
		ck_assert_uint_eq(q.tr.base, 0x73);
		ck_assert_uint_eq(q.gdt.limit, 0x82);
		ck_assert_uint_eq(q.gdt.base, 0x83);
		ck_assert_uint_eq(q.idt.limit, 0x92);
		ck_assert_uint_eq(q.idt.base, 0x93);
	}
	saved.qemu.size = 431;
	ck_assert(!x86_read_qemu(&saved.qemu, &q));
	saved.qemu = (struct stk_note){ 0 };
	ck_assert(!x86_read_qemu(&saved.qemu, &q));
}
END_TEST

/* arm64's struct elf_prstatus has 392 bytes. */
START_TEST(of_another_architecture)
{
	static const size_t size[] = { 0, 1, 335, 337, 392 };
	struct stk_regs regs;

	saved.prstatus.size = size[_i];
	ck_assert_int_eq(x86_note_regs(syn_open(m), &saved, &regs), STK_ERR_UNSUPPORTED);
	ck_assert_uint_eq(regs.valid, 0);
}
END_TEST

START_TEST(a_cpu_that_ran_no_kernel)
{
	struct stk_regs regs;

	bytes.cr3 = 0;
	saved = syn_saved(&bytes);
	ck_assert_int_eq(x86_note_regs(syn_open(m), &saved, &regs), STK_ERR_NO_REGS);
}
END_TEST

START_TEST(sorted_by_cpu)
{
	struct stk_saved got;
	struct stk *s;

	for (uint32_t i = 0; i < 3; i++)
		syn_note(m, i == 1 ? STK_NOTE_PRSTATUS : STK_NOTE_QEMU, 3 - i);
	s = syn_open(m);
	ck_assert(stk_saved_nth(s, 0, &got));
	ck_assert_uint_eq(stk_saved_pid(&got), 3);
	ck_assert_uint_ne(got.qemu.size, 0);
	/* None of QEMU's, though there was one before. */
	ck_assert(stk_saved_nth(s, 1, &got));
	ck_assert_uint_eq(stk_saved_pid(&got), 2);
	ck_assert_uint_eq(got.qemu.size, 0);
	ck_assert(!stk_saved_nth(s, 3, &got));
	ck_assert(stk_saved_by_qemu(s, 2, &got));
	ck_assert_ptr_eq(got.prstatus.desc, m->note[0].prstatus);
	ck_assert(!stk_saved_by_qemu(s, 1, &got));
	ck_assert(stk_saved_by_qemu(s, 0, &got));
	ck_assert(!stk_saved_by_qemu(s, UINT32_MAX, &got));
	m->s->target.notes = NULL;
	ck_assert(!stk_saved_nth(s, 0, &got));
}
END_TEST

/* QEMU numbers the CPUs of some machines where the kernel has a PID: from one on, all. */
START_TEST(numbered_by_qemu)
{
	static const struct {
		uint32_t pid[4]; /* 0 ends them */
		int qemu;	 /* which has QEMU's own note, too; -1: none */
		bool numbered;
	} row[] = {
		{ { 0 }, -1, false },
		/* One is not enough to tell. */
		{ { 1 }, -1, false },
		{ { 1, 2 }, -1, true },
		{ { 1, 2, 3 }, -1, true },
		{ { 5, 2 }, -1, false },
		{ { 5, 2, 3 }, -1, false },
		{ { 1, 3 }, -1, false },
		{ { 2, 1 }, -1, false },
		{ { 1, 2, 4 }, -1, false },
		{ { 1, 2, 3 }, 0, false },
		{ { 1, 2, 3 }, 2, false },
	};
	struct stk_saved got;
	struct stk *s;
	int i;

	for (i = 0; row[_i].pid[i]; i++)
		syn_note(m, STK_NOTE_PRSTATUS, row[_i].pid[i]);
	if (row[_i].qemu >= 0)
		m->note[row[_i].qemu].kind = STK_NOTE_QEMU;
	s = syn_open(m);
	ck_assert_int_eq(stk_saved_numbered(s), row[_i].numbered);
	for (int cpu = 0; cpu < 4; cpu++) {
		ck_assert_int_eq(stk_saved_by_qemu(s, (unsigned int)cpu, &got),
				 cpu == row[_i].qemu || (row[_i].numbered && cpu < i));
		if (row[_i].numbered && cpu < i)
			ck_assert_ptr_eq(got.prstatus.desc, m->note[cpu].prstatus);
	}
}
END_TEST

/* What is too short to have a PID, or a register, has none. */
START_TEST(short_notes)
{
	struct stk_saved other = saved;

	for (size_t size = 0; size <= 120; size++) {
		saved.prstatus.size = other.prstatus.size = size;
		ck_assert_uint_eq(stk_saved_pid(&saved), size < 112 ? 0 : 2);
		ck_assert(!stk_saved_same(&saved, &other));
	}
}
END_TEST

/* From the first register to the last, and nothing else. */
START_TEST(the_same_registers)
{
	struct syn_note copy = bytes;
	struct stk_saved other = syn_saved(&copy);

	ck_assert(stk_saved_same(&saved, &other));
	for (size_t i = 0; i < other.prstatus.size; i++) {
		copy.prstatus[i] ^= 1;
		ck_assert_int_eq(stk_saved_same(&saved, &other), i < 112 || i >= 328);
		copy.prstatus[i] ^= 1;
	}
	other.prstatus.size -= 8;
	ck_assert(!stk_saved_same(&saved, &other));
}
END_TEST

/* The next source is asked when the one before has nothing that can be used. */
START_TEST(the_next_source)
{
	struct syn_note *n = syn_note(m, STK_NOTE_QEMU, 2);
	struct stk_cpu_note note;
	struct stk *s;

	n->have_sys = true;
	n->cr3 = _i == 1 ? 0 : 0x1000;
	n->gpr[X86_IP] = 0x1234;
	syn_crash_note(&c);
	if (_i == 2)
		syn_put32(m, SYN_PERCPU(1) + 0x22000 + 4, 392);
	s = syn_open(m);
	ck_assert(stk_cpu_note(s, 1, &note));
	ck_assert_int_eq(note.from, _i == 1 ? STK_FROM_PRSTATUS : STK_FROM_QEMU);
	ck_assert_int_eq(note.kept, _i == 1);
	ck_assert_uint_eq(note.regs.v[X86_IP], _i == 1 ? c.ip : 0x1234);
	ck_assert(!note.unreadable);
}
END_TEST

/* Who ran on the CPU when it was stopped: this kernel, or another. */
START_TEST(registers_of_another_kernel)
{
	enum { RESERVED = 0x50000000 };
	static const struct {
		const char *reserved;
		uint64_t cr3; /* 0: this kernel's */
		const char *why;
	} row[] = {
		{ "crashk_res", RESERVED, "capture kernel" },
		{ "crashk_res", RESERVED + 0x10fff, "capture kernel" },
		{ "crashk_low_res", RESERVED + 0x1000, "capture kernel" },
		/* Bit 12: the user's table; the other bits are no address. */
		{ "crashk_res", RESERVED + 0x8000000000001806, "capture kernel" },
		/* Nothing can be read there: nobody knows. */
		{ "crashk_res", RESERVED - 0x2000, NULL },
		{ "crashk_res", RESERVED + 0x12000, NULL },
		{ "crashk_res", 0, NULL },
		{ "no_such_symbol", RESERVED, NULL },
	};
	struct syn_note *n = syn_note(m, STK_NOTE_QEMU, 2);
	uint64_t at = SYN_DATA + 0x7f000;
	struct stk_start start;
	struct stk *s;

	syn_member(m, "resource.start", 0, 8);
	syn_member(m, "resource.end", 8, 8);
	syn_symbol(m, row[_i].reserved, at);
	syn_put64(m, at, RESERVED);
	syn_put64(m, at + 8, RESERVED + 0x10fff);
	n->have_sys = true;
	n->cr3 = row[_i].cr3 ? row[_i].cr3 : m->pgd;
	n->gpr[X86_IP] = 0x1234;
	syn_crash_note(&c);
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	if (!row[_i].why) {
		ck_assert_int_eq(start.from, STK_FROM_QEMU);
		ck_assert_ptr_null(start.foreign);
		return;
	}
	ck_assert_int_eq(start.from, STK_FROM_PRSTATUS);
	ck_assert_uint_eq(start.regs.v[X86_IP], c.ip);
	ck_assert_ptr_nonnull(strstr(start.foreign, row[_i].why));
	ck_assert_ptr_nonnull(strstr(start.note, start.foreign));
}
END_TEST

/* Page tables that lead nowhere. */
START_TEST(page_tables_of_another_kernel)
{
	static const bool foreign[] = { true, false, false, true };
	struct syn_note *n = syn_note(m, STK_NOTE_QEMU, 2);
	struct stk_start start;
	uint64_t top = 0x40000000, *entry = syn_phys_page(m, top);
	const uint64_t *own = syn_phys_page(m, m->pgd);
	struct stk *s;

	if (_i == 1) /* leads to where nothing can be read: nobody knows */
		memset(entry, 0x63, 4096);
	if (_i == 2) /* another task's */
		memcpy(entry, own, 4096);
	if (_i == 3) /* user mode alone */
		memcpy(entry, own, 2048);
	n->have_sys = true;
	n->cr3 = top;
	n->gpr[X86_IP] = 0x1234;
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start),
			 foreign[_i] ? STK_ERR_NO_REGS : STK_OK);
	ck_assert_int_eq(start.foreign != NULL, foreign[_i]);
	if (foreign[_i])
		ck_assert_ptr_nonnull(
			strstr(stk_error_text(s), "firmware or another kernel"));
}
END_TEST

START_TEST(none_that_can_be_decoded)
{
	static const uint32_t size[] = { 335, 392, STK_MAX_PRSTATUS,
					 STK_MAX_PRSTATUS + 1 };
	struct stk_cpu_note note;
	struct stk *s;

	syn_crash_note(&c);
	syn_put32(m, SYN_PERCPU(1) + 0x22000 + 4, size[_i]);
	s = syn_open(m);
	ck_assert(!stk_cpu_note(s, 1, &note));
	ck_assert_int_eq(note.unreadable, size[_i] <= STK_MAX_PRSTATUS);
	ck_assert_int_eq(stk_cpu_has_note(s, 1), note.unreadable);
}
END_TEST

static enum stk_status one_more(void *priv, enum stk_note_kind kind, unsigned int index,
				struct stk_note *out)
{
	*out = (struct stk_note){ .kind = kind };
	return STK_OK;
}

/* Each note takes two steps. */
START_TEST(notes_without_steps)
{
	struct stk *s;

	syn_note(m, STK_NOTE_PRSTATUS, 1);
	s = syn_open(m);
	for (uint64_t steps = 0; steps < 4; steps++) {
		s->budget.steps = steps;
		ck_assert_int_eq(stk_saved_nth(s, 0, &saved), steps >= 2);
		stk_question(s);
	}
}
END_TEST

/* No machine has so many CPUs. */
START_TEST(notes_without_end)
{
	static const struct stk_note_ops endless = { one_more };
	struct stk *s;

	m->target.notes = &endless;
	s = syn_open(m);
	ck_assert(stk_saved_nth(s, 8191, &saved));
	ck_assert(!stk_saved_nth(s, 8192, &saved));
}
END_TEST

static const struct unit_test saved_tests[] = {
	TEST(notes_without_end),
	TEST(notes_without_steps),
	LOOP(numbered_by_qemu, 11),
	TEST(registers_are_decoded),
	TEST(what_qemu_adds_is_decoded),
	LOOP(of_another_architecture, 5),
	TEST(a_cpu_that_ran_no_kernel),
	TEST(sorted_by_cpu),
	TEST(short_notes),
	TEST(the_same_registers),
	LOOP(the_next_source, 3),
	LOOP(registers_of_another_kernel, 8),
	LOOP(page_tables_of_another_kernel, 4),
	LOOP(none_that_can_be_decoded, 4),
	{ 0 },
};

const struct unit_suite suite_saved = {
	"saved",
	{
		{ "saved", saved_tests, setup, NULL },
	},
};
