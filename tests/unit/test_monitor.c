/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that the registers of a CPU may come from a provider of its own, by their names:
 * that they come before what the kernel saved, unless they are not this kernel's or there
 * are none; and that what it does not tell is not known, and the mode all the same.
 */
#include "fixture.h"
#include "suite.h"

#include "arch/x86_64/note.h"
#include "unwind/unwind.h"

#include <string.h>

struct word {
	const char *name;
	uint64_t value;
};

static struct stk *s;
static struct stk_start start;
static struct word told[8];
static unsigned int told_of;

static enum stk_status monitor_reg(void *priv, unsigned int cpu, const char *reg,
				   uint64_t *value)
{
	ck_assert_ptr_eq(priv, told);
	for (size_t i = 0; i < 8 && cpu == told_of; i++)
		if (told[i].name && !strcmp(told[i].name, reg)) {
			*value = told[i].value;
			return STK_OK;
		}
	return STK_ERR_NO_REGS;
}

static const struct stk_monitor_ops ops = { "a test", monitor_reg };

static void setup(void)
{
	fixture_syscall();
	syn_crash_note(&c);
	m->target.monitor = &ops;
	m->target.monitor_priv = told;
	told_of = 1;
	memset(told, 0, sizeof(told));
	told[0] = (struct word){ "rip", syn_sym(m, "vfs_write") + 8 };
	told[1] = (struct word){ "rsp", c.sp };
	told[2] = (struct word){ "rflags", 0x246 };
	told[3] = (struct word){ "r8", 0x88 };
	told[4] = (struct word){ "cr3", m->pgd };
}

START_TEST(before_what_the_kernel_saved)
{
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_int_eq(start.from, STK_FROM_MONITOR);
	ck_assert_str_eq(start.note, "registers by a test");
	ck_assert_ptr_null(start.doubt);
	ck_assert_uint_eq(start.regs.v[X86_IP], told[0].value);
	ck_assert_uint_eq(start.regs.v[X86_SP], c.sp);
	ck_assert_uint_eq(start.regs.v[X86_R8], 0x88);
	/* By another word. */
	ck_assert_uint_eq(start.regs.v[X86_FLAGS], 0x246);
	ck_assert_uint_eq(start.regs.valid, 1ull << X86_IP | 1ull << X86_SP |
						    1ull << X86_FLAGS | 1ull << X86_R8);
}
END_TEST

/* QEMU's note is of the CPU by its number, too, and has all registers. */
START_TEST(behind_the_note_of_qemu)
{
	struct syn_note *n = syn_note(m, STK_NOTE_QEMU, 2);

	n->gpr[X86_IP] = 0x1234;
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_int_eq(start.from, STK_FROM_QEMU);
	ck_assert_ptr_null(start.note);
}
END_TEST

/* A CPU of which it has nothing, or not where to begin. */
START_TEST(no_registers)
{
	static const struct word row[][2] = {
		{ { "rip", 1 }, { NULL, 0 } },
		{ { NULL, 0 }, { "rsp", 1 } },
		/* Not started: QEMU has the address where it would. */
		{ { "rip", 0xfff0 }, { "rsp", 0 } },
	};

	if (_i == 3)
		told_of = 2;
	else
		memcpy(told, row[_i], sizeof(row[_i]));
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_int_eq(start.from, STK_FROM_PRSTATUS);
	ck_assert_ptr_null(start.foreign);
	ck_assert_uint_eq(start.regs.v[X86_IP], c.ip);
}
END_TEST

/* The CPU ran the capture kernel when the machine was stopped. */
START_TEST(of_another_kernel)
{
	const uint64_t at = SYN_DATA + 0x7f000;
	struct stk_text_regs text = { .cpu = 1, .pid = 227, .name = "a text" };

	text.regs.v[X86_IP] = c.ip;
	text.regs.v[X86_SP] = c.sp;
	text.regs.valid = X86_BIT(IP) | X86_BIT(SP);
	syn_member(m, "resource.start", 0, 8);
	syn_member(m, "resource.end", 8, 8);
	syn_symbol(m, "crashk_res", at);
	syn_put64(m, at, 0x50000000);
	syn_put64(m, at + 8, 0x5000ffff);
	told[4].value = 0x50001000;
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_int_eq(start.from, STK_FROM_PRSTATUS);
	ck_assert_uint_eq(start.regs.v[X86_IP], c.ip);
	ck_assert_ptr_nonnull(strstr(start.note, "capture kernel"));
	/* Whatever registers a text has. */
	ck_assert_int_eq(stk_start_text(s, &text, &start), STK_OK);
	ck_assert_ptr_nonnull(strstr(start.foreign, "capture kernel"));
	/* That it is, only CR3 tells: it is not 0, whatever is in memory there. */
	told[4].name = NULL;
	memset(syn_phys_page(m, 0), 0, 4096);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_int_eq(start.from, STK_FROM_MONITOR);
}
END_TEST

/* And the kernel saved nothing: what is on its stacks is all that there is. */
START_TEST(of_another_kernel_alone)
{
	static const struct {
		void (*came)(struct syn_cpu *c);
		enum stk_from from;
		enum stk_status st;
	} row[] = {
		{ NULL, STK_FROM_PRSTATUS, STK_ERR_NO_REGS },
		{ syn_nmi, STK_FROM_PT_REGS, STK_OK },
		{ syn_irq, STK_FROM_STACK, STK_OK },
	};
	const uint64_t at = SYN_DATA + 0x7f000;
	static const char since[] = "since then the CPU ran the capture kernel";

	syn_fill(m, SYN_PERCPU(1) + 0x22000, 64, 0);
	if (row[_i].came)
		row[_i].came(&c);
	syn_member(m, "resource.start", 0, 8);
	syn_member(m, "resource.end", 8, 8);
	syn_symbol(m, "crashk_res", at);
	syn_put64(m, at, 0x50000000);
	syn_put64(m, at + 8, 0x5000ffff);
	told[4].value = 0x50001000;
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), row[_i].st);
	ck_assert_ptr_nonnull(strstr(start.foreign, "the CPU ran the capture kernel"));
	if (row[_i].st) {
		ck_assert_ptr_nonnull(strstr(stk_error_text(s),
					     "its last are not this kernel's: the CPU "
					     "ran the capture kernel"));
		return;
	}
	ck_assert_int_eq(start.from, row[_i].from);
	ck_assert_ptr_nonnull(strstr(_i == 1 ? start.note : start.doubt, since));
}
END_TEST

/* Without CS the halves of the address space tell the mode; with it, it does. */
START_TEST(mode)
{
	static const struct {
		uint64_t ip, sp;
		const char *cs;
		uint64_t selector;
		bool user;
	} row[] = {
		{ 0x401000, 0x7ffc00001000, NULL, 0, true },
		/* A jump to nowhere; the user's stack pointer in entry code. */
		{ 0, 0xffffc90000001000, NULL, 0, false },
		{ 0xffffffff81000000, 0x7ffc00001000, NULL, 0, false },
		{ 0x401000, 0x7ffc00001000, "cs", 0x10, false },
		{ 0x401000, 0xffffc90000001000, "cs", 0x33, true },
	};
	struct stk_saved saved = { .by_monitor = true, .cpu = 1 };
	struct stk_regs regs;

	told[0].value = row[_i].ip;
	told[1].value = row[_i].sp;
	told[5] = (struct word){ row[_i].cs, row[_i].selector };
	s = syn_open(m);
	ck_assert_int_eq(x86_note_regs(s, &saved, &regs), STK_OK);
	ck_assert_int_eq(s->arch->user_mode(&regs), row[_i].user);
	/* An instruction and a stack pointer alone are no interrupted context. */
	regs.valid &= ~(1ull << X86_FLAGS);
	ck_assert_int_eq(s->arch->user_mode(&regs), row[_i].user && row[_i].cs);
}
END_TEST

START_TEST(in_user_mode)
{
	struct stk_chain *chain;

	told[0].value = 0x401000;
	told[1].value = 0x7ffc00001000;
	s = syn_open(m);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_int_eq(stk_unwind(s, &start, &chain), STK_OK);
	ck_assert_int_eq(chain->end, STK_END_USER);
	stk_chain_free(s, chain);
}
END_TEST

/* In entry code that is told which it has; GS it never tells. */
START_TEST(in_entry_code)
{
	static const uint64_t edge = SYN_TEXT + 0x1f000;
	struct stk_saved saved = { .by_monitor = true, .cpu = 1 };
	const struct stk_entry_state *got;

	syn_symbol(m, "entry_SYSCALL_64_x", edge);
	syn_symbol(m, "__entry_text_start", edge);
	syn_symbol(m, "__entry_text_end", edge + 0x100);
	told[0].value = edge + 8;
	told[1].value = 0x7ffc00001000;
	s = syn_open(m);
	got = s->arch->entry_state(s, 1, &saved);
	ck_assert_ptr_nonnull(got);
	ck_assert_str_eq(got->text, "in entry code: on the user's rsp");
	ck_assert_uint_eq(got->nr_facts, 2);
	ck_assert_ptr_null(got->fact[0].value);
	ck_assert_int_eq(stk_start_cpu(s, 1, &start), STK_OK);
	ck_assert_str_eq(start.note,
			 "registers by a test; in entry code: on the user's rsp");
	/* Nor need it know the page table. */
	for (struct word *w = told; w->name; w++)
		if (!strcmp(w->name, "cr3"))
			w->name = "cr9";
	got = s->arch->entry_state(s, 1, &saved);
	ck_assert_ptr_nonnull(got);
	ck_assert_ptr_null(got->fact[1].value);
}
END_TEST

static const struct unit_test monitor_tests[] = {
	TEST(before_what_the_kernel_saved),
	TEST(behind_the_note_of_qemu),
	LOOP(no_registers, 4),
	TEST(of_another_kernel),
	LOOP(of_another_kernel_alone, 3),
	LOOP(mode, 5),
	TEST(in_user_mode),
	TEST(in_entry_code),
	{ 0 },
};

const struct unit_suite suite_monitor = {
	"monitor",
	{
		{ "monitor", monitor_tests, setup, NULL },
	},
};
