/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what arm64's hooks say of a CPU's stacks, of saved registers and of how the
 * kernel was entered: each answer, and that what is damaged gives none.
 */
#include "arm64.h"
#include "fixture.h"
#include "other_expect.h"
#include "suite.h"

#include "arch/arm64/arm64.h"
#include "base/context.h"
#include "kernel/cpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct stk *s;

static void setup(void)
{
	fixture_task_of(a64_kernel(A64_4K_48, A64_6_12));
}

static struct stk_regs kernel_regs(uint64_t pstate)
{
	struct stk_regs regs = { .valid = ARM64_USER_REGS };

	regs.v[ARM64_FP] = c.bp;
	regs.v[ARM64_SP] = c.sp;
	regs.v[ARM64_PC] = c.ip;
	regs.v[ARM64_PSTATE] = pstate;
	return regs;
}

/* ---- stacks ---- */

static const struct stk_stack *stack_of(const char *kind, unsigned int cpu)
{
	const struct stk_stack *stack;
	size_t nr;

	stk_cpu_stacks(s, cpu, &stack, &nr);
	for (size_t i = 0; i < nr; i++)
		if (!strcmp(stk_stack_kind_name(stack[i].kind), kind))
			return &stack[i];
	return NULL;
}

START_TEST(stacks_of_a_cpu)
{
	const uint64_t efi = m->next_stack + 0x8000;
	const struct stk_stack *stack;

	s = syn_open(m);
	stack = stack_of("IRQ", 1);
	ck_assert_ptr_nonnull(stack);
	ck_assert_uint_eq(stack->begin, other_irq_stack(m, "irq_stack_ptr", 1));
	ck_assert_uint_eq(stack->end - stack->begin, 0x4000);
	ck_assert_uint_eq(stack->guard, stack->begin - 4096);
	ck_assert_int_eq(stack->cpu, 1);
	stack = stack_of("OVERFLOW", 1);
	ck_assert_uint_eq(stack->begin, other_percpu(m, "overflow_stack", 1));
	ck_assert_uint_eq(stack->begin & 4095, 16);
	ck_assert_uint_eq(stack->end - stack->begin, 4096);
	ck_assert_uint_eq(stack->guard, 0);
	/* Those that this machine does without. */
	ck_assert_ptr_null(stack_of("SDEI_NORMAL", 1));
	ck_assert_ptr_null(stack_of("EFI", 0));
	syn_symbol(m, "efi_rt_stack_top", syn_sym(m, "modules") + 0x900);
	syn_put64(m, syn_sym(m, "efi_rt_stack_top"), efi);
	other_new_stack(m, "sdei_stack_normal_ptr", 1);
	other_new_stack(m, "sdei_stack_critical_ptr", 1);
	s = syn_open(m);
	ck_assert_ptr_nonnull(stack_of("SDEI_NORMAL", 1));
	ck_assert_ptr_nonnull(stack_of("SDEI_CRITICAL", 1));
	ck_assert_ptr_null(stack_of("SDEI_NORMAL", 0));
	/* It is the machine's. */
	ck_assert_ptr_null(stack_of("EFI", 1));
	ck_assert_uint_eq(stack_of("EFI", 0)->end, efi);
	ck_assert_uint_eq(stack_of("EFI", 0)->begin, efi - 0x4000);
}
END_TEST

/* Where it is no pointer but the stack itself. */
START_TEST(irq_stack_in_place)
{
	syn_no_symbol(m, "irq_stack_ptr");
	other_percpu_symbol(m, "irq_stack", 0x8000);
	s = syn_open(m);
	ck_assert_uint_eq(stack_of("IRQ", 1)->begin, other_percpu(m, "irq_stack", 1));
}
END_TEST

START_TEST(stacks_damaged)
{
	static const uint64_t bad[] = { 8, 0xffffc00001000008ull, 0x0000ffffc0001000ull };
	uint64_t at = other_percpu(m, "irq_stack_ptr", 1);

	syn_put64(m, at, bad[_i]);
	syn_symbol(m, "efi_rt_stack_top", syn_sym(m, "modules") + 0x900);
	syn_put64(m, syn_sym(m, "efi_rt_stack_top"), bad[_i]);
	s = syn_open(m);
	ck_assert_ptr_null(stack_of("IRQ", 1));
	ck_assert_ptr_null(stack_of("EFI", 0));
	ck_assert_ptr_nonnull(stack_of("OVERFLOW", 1));
	ck_assert_ptr_nonnull(stack_of("IRQ", 0));
}
END_TEST

/* Which can be under which; and which may be entered from user mode. */
START_TEST(leads_to)
{
	static const struct {
		enum arm64_kind from, to;
		bool yes;
	} row[] = {
		{ ARM64_KIND_TASK, ARM64_KIND_IRQ, false },
		{ ARM64_KIND_TASK, ARM64_KIND_OVERFLOW, false },
		{ ARM64_KIND_IRQ, ARM64_KIND_TASK, true },
		{ ARM64_KIND_IRQ, ARM64_KIND_OVERFLOW, false },
		{ ARM64_KIND_IRQ, ARM64_KIND_IRQ, false },
		{ ARM64_KIND_EFI, ARM64_KIND_TASK, true },
		{ ARM64_KIND_EFI, ARM64_KIND_IRQ, false },
		{ ARM64_KIND_OVERFLOW, ARM64_KIND_IRQ, true },
		{ ARM64_KIND_OVERFLOW, ARM64_KIND_EFI, true },
		{ ARM64_KIND_SDEI_NORMAL, ARM64_KIND_IRQ, true },
		{ ARM64_KIND_SDEI_CRITICAL, ARM64_KIND_SDEI_NORMAL, true },
	};
	static const bool user[ARM64_NR_KINDS] = { true, true, false, true,
						   true, true, false };

	s = syn_open(m);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert_msg((s->arch->leads_to[row[i].from] >> row[i].to & 1) ==
				      row[i].yes,
			      "row %zu", i);
	for (unsigned int kind = 1; kind < ARM64_NR_KINDS; kind++) {
		ck_assert_int_eq((s->arch->leads_to[kind] & STK_FROM_USER) != 0,
				 user[kind]);
		ck_assert_int_eq(s->arch->user_below(s, &arm64_kinds[kind], A64_TEXT),
				 user[kind]);
	}
}
END_TEST

/* ---- registers ---- */

START_TEST(tables)
{
	other_expect_registers(
		"x0 x1 x2 x3 x4 x5 x6 x7 x8 x9 x10 x11 x12 x13 x14 x15 x16 x17 x18 x19 "
		"x20 x21 x22 x23 x24 x25 x26 x27 x28 x29 x30 sp pc pstate orig_x0 "
		"syscallno",
		"PC=pc:16 LR=x30:16 SP=sp:16\n"
		"X29=x29:16 PSTATE=pstate:8\n"
		"X0=x0:16 X1=x1:16 X2=x2:16\n"
		"X3=x3:16 X4=x4:16 X5=x5:16\n"
		"X6=x6:16 X7=x7:16 X8=x8:16\n"
		"X9=x9:16 X10=x10:16 X11=x11:16\n"
		"X12=x12:16 X13=x13:16 X14=x14:16\n"
		"X15=x15:16 X16=x16:16 X17=x17:16\n"
		"X18=x18:16 X19=x19:16 X20=x20:16\n"
		"X21=x21:16 X22=x22:16 X23=x23:16\n"
		"X24=x24:16 X25=x25:16 X26=x26:16\n"
		"X27=x27:16 X28=x28:16\n"
		"ORIG_X0=orig_x0:16 SYSCALLNO=syscallno:8\n",
		"lr=x30 fp=x29 x00=x0 x01=x1 x02=x2 x03=x3 x04=x4 x05=x5 x06=x6 x07=x7 "
		"x08=x8 x09=x9 ");
	other_expect_tracer_key();
}
END_TEST

START_TEST(modes)
{
	static const struct {
		uint64_t pstate;
		bool user;
		int interruptible;
	} row[] = {
		{ 0x60000005, false, 1 },			    /* EL1h */
		{ 0x600003c5, false, 0 }, { 0x60000009, false, 1 }, /* EL2h */
		{ 0, true, 1 },		  { 0x40000010, true, 1 },  /* AArch32 */
		{ 0x80, true, 0 },
	};
	struct stk_regs regs = kernel_regs(row[_i].pstate);

	s = syn_open(m);
	ck_assert_int_eq(s->arch->user_mode(&regs), row[_i].user);
	ck_assert_int_eq(s->arch->interruptible(&regs), row[_i].interruptible);
	regs.valid &= ~(1ull << ARM64_PSTATE);
	ck_assert(!s->arch->user_mode(&regs));
	ck_assert_int_eq(s->arch->interruptible(&regs), -1);
}
END_TEST

START_TEST(may_be_user)
{
	const uint64_t top = a64_user_regs(m, sh);
	struct stk_regs regs = kernel_regs(0);
	struct stk_stack stack;

	regs.v[ARM64_PC] = A64_USER_PC;
	s = syn_open(m);
	ck_assert_int_eq(stk_find_stack(s, top, &stack), STK_OK);
	ck_assert(s->arch->may_be_user(s, NULL, &regs, 0));
	ck_assert(s->arch->may_be_user(s, &stack, &regs, top));
	ck_assert(!s->arch->may_be_user(s, &stack, &regs, top - 0x200));
	regs.v[ARM64_PC] = A64_TEXT;
	ck_assert(s->arch->may_be_user(s, &stack, &regs, top));
	ck_assert(!s->arch->may_be_user(s, NULL, &regs, 0));
}
END_TEST

START_TEST(code_addresses)
{
	const uint64_t text = A64_TEXT + 0x1234;

	a64_sign(m);
	s = syn_open(m);
	ck_assert_uint_ne(a64_signed(m, text), text);
	ck_assert_uint_eq(s->arch->code_address(s, a64_signed(m, text)), text);
	ck_assert_uint_eq(s->arch->code_address(s, text), text);
	/* Bit 55 tells which half it is in: nothing is put into user's. */
	ck_assert_uint_eq(s->arch->code_address(s, A64_USER_PC), A64_USER_PC);
	syn_no_vmcoreinfo(m, "NUMBER(KERNELPACMASK)");
	s = syn_open(m);
	ck_assert_uint_eq(s->arch->code_address(s, a64_signed(m, text)),
			  a64_signed(m, text));
}
END_TEST

START_TEST(notes)
{
	struct stk_saved saved;
	struct stk_regs regs;

	a64_syscall(&c);
	a64_note(&c);
	saved = syn_saved(&m->note[0]);
	s = syn_open(m);
	ck_assert_uint_eq(saved.prstatus.size, 392);
	ck_assert_int_eq(s->arch->note_regs(s, &saved, &regs), STK_OK);
	ck_assert_uint_eq(regs.v[ARM64_PC], c.ip);
	ck_assert_uint_eq(regs.v[ARM64_SP], c.sp);
	ck_assert_uint_eq(regs.v[ARM64_FP], c.bp);
	ck_assert_uint_eq(regs.v[ARM64_LR], c.lr);
	ck_assert_uint_eq(regs.v[28], 0x6600 + 28);
	ck_assert_uint_eq(regs.v[ARM64_PSTATE], A64_EL1H);
	ck_assert_uint_eq(regs.valid, ARM64_USER_REGS);
	saved.prstatus.size = 336;
	ck_assert_int_eq(s->arch->note_regs(s, &saved, &regs), STK_ERR_UNSUPPORTED);
}
END_TEST

static enum stk_status monitor_reg(void *priv, unsigned int cpu, const char *reg,
				   uint64_t *value)
{
	static const struct {
		const char *name;
		uint64_t value;
	} told[] = { { "PC", 0 }, { "x00", 1 }, { "x28", 2 },
		     { "lr", 3 }, { "sp", 4 },	{ "pc", 5 } };

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (!strcmp(told[i].name, reg) && cpu != *(unsigned int *)priv) {
			*value = told[i].value;
			return STK_OK;
		}
	return STK_ERR_NO_REGS;
}

START_TEST(registers_of_a_monitor)
{
	static const struct stk_monitor_ops ops = { "a test", monitor_reg };
	static unsigned int none = 0;
	struct stk_saved saved = { .by_monitor = true, .cpu = 1 };
	struct stk_regs regs;

	m->target.monitor = &ops;
	m->target.monitor_priv = &none;
	s = syn_open(m);
	ck_assert_int_eq(s->arch->note_regs(s, &saved, &regs), STK_OK);
	ck_assert_uint_eq(regs.v[0], 1);
	ck_assert_uint_eq(regs.v[28], 2);
	ck_assert_uint_eq(regs.v[ARM64_LR], 3);
	ck_assert_uint_eq(regs.v[ARM64_SP], 4);
	ck_assert_uint_eq(regs.v[ARM64_PC], 5);
	ck_assert(!arm64_has(&regs, ARM64_FP));
	saved.cpu = 0;
	ck_assert_int_eq(s->arch->note_regs(s, &saved, &regs), STK_ERR_NO_REGS);
}
END_TEST

START_TEST(pt_regs)
{
	struct stk_regs regs;
	uint64_t at;

	a64_syscall(&c);
	at = a64_exception(&c, "el1h_64_irq");
	s = syn_open(m);
	ck_assert_int_eq(s->arch->read_pt_regs(s, at, &regs), STK_OK);
	ck_assert_uint_eq(regs.v[ARM64_PC], c.ip);
	ck_assert_uint_eq(regs.v[7], 0x7707);
	/* What an exception of the kernel finds there it leaves. */
	ck_assert(!arm64_has(&regs, ARM64_SYSCALLNO));
	ck_assert_int_eq(s->arch->read_pt_regs(s, a64_user_regs(m, sh), &regs), STK_OK);
	ck_assert_uint_eq(regs.v[ARM64_SYSCALLNO], 64);
	ck_assert_uint_eq(regs.v[ARM64_ORIG_X0], 0x7700);
	ck_assert_int_ne(s->arch->read_pt_regs(s, 0xffff900000000000ull, &regs), STK_OK);
	ck_assert_uint_eq(regs.valid, 0);
}
END_TEST

START_TEST(sleeping_registers)
{
	struct stk_task task;
	struct stk_regs regs;
	bool signal;

	a64_syscall(&c);
	a64_sleep(&c);
	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, sh, &task), STK_OK);
	ck_assert_int_eq(s->arch->sleeping_regs(s, &task, &regs, &signal), STK_OK);
	ck_assert(!signal);
	for (unsigned int r = 19; r <= 28; r++)
		ck_assert_uint_eq(regs.v[r], 0x8800 + r - 19);
	ck_assert_int_eq(s->arch->begins_sleep(s, &regs), 1);
	regs.v[ARM64_PC] = syn_sym(m, "vfs_write") + 0x90;
	ck_assert_int_eq(s->arch->begins_sleep(s, &regs), 0);
	regs.v[ARM64_PC] = A64_USER_PC;
	ck_assert_int_eq(s->arch->begins_sleep(s, &regs), 0);
	syn_no_member(m, "cpu_context.x23");
	s = syn_open(m);
	ck_assert_int_ne(s->arch->sleeping_regs(s, &task, &regs, &signal), STK_OK);
	regs.v[ARM64_PC] = syn_sym(m, "ret_from_fork");
	ck_assert_int_eq(s->arch->begins_sleep(s, &regs), 1);
	syn_no_symbol(m, "cpu_switch_to");
	s = syn_open(m);
	regs.v[ARM64_PC] = syn_sym(m, "__switch_to") + 0x60;
	ck_assert_int_eq(s->arch->begins_sleep(s, &regs), -1);
}
END_TEST

/* SP_EL0 is in no note, but what it has is in memory. */
START_TEST(current_task)
{
	struct stk_task task;

	syn_put64(m, other_percpu(m, "runqueues", 1) + syn_off(m, "rq.curr"),
		  other_idle(m, 1));
	s = syn_open(m);
	ck_assert_int_eq(stk_cpu_current(s, 1, &task), STK_OK);
	ck_assert_uint_eq(task.addr, sh);
}
END_TEST

/* By what its caller's code tells: all of the frame, or less. */
START_TEST(frames_of_a_sleeper)
{
	static const struct {
		uint32_t code[4];
		int64_t fp; /* from sp on; 0: any does */
	} row[] = {
		/* sub sp, sp, #48; add x29, sp, #32; #16 */
		{ { 0xd100c3ff, 0x910083fd }, 32 },
		{ { 0xd100c3ff, 0x910043fd }, 16 },
		/* sub sp, sp, x0: where that is is not known */
		{ { 0xd100c3ff, 0x910083fd, 0xcb2063ff }, 0 },
		/* no record */
		{ { 0xd100c3ff }, 0 },
	};
	const uint64_t at = syn_sym(m, "last_function");
	struct stk_regs regs = { .valid = 1ull << ARM64_PC | 1ull << ARM64_SP |
					  1ull << ARM64_FP };

	for (size_t i = 0; i < 4; i++)
		syn_put32(m, at + 4 * i, row[_i].code[i] ? row[_i].code[i] : 0xd503201f);
	/* What comes behind the call is no matter: add sp, sp, #48. */
	syn_put32(m, at + 0x14, 0x9100c3ff);
	regs.v[ARM64_PC] = a64_call_insn(m, "last_function", 0x14, "cpu_switch_to");
	regs.v[ARM64_SP] = 0x10000;
	s = syn_open(m);
	for (int64_t fp = 0; fp <= 64; fp += 8) {
		regs.v[ARM64_FP] = 0x10000 + (uint64_t)fp;
		ck_assert_int_eq(s->arch->begins_sleep(s, &regs),
				 !row[_i].fp || fp == row[_i].fp);
	}
	regs.valid &= ~(1ull << ARM64_FP);
	ck_assert_int_eq(s->arch->begins_sleep(s, &regs), 1);
}
END_TEST

/* Of return addresses that none can sleep with. */
START_TEST(no_sleeper)
{
	const uint64_t data = A64_TEXT + OTHER_DATA + 0x4010;
	const uint64_t ip[] = { syn_sym(m, "ret_from_fork") + 4, syn_sym(m, "vfs_write"),
				data };
	struct stk_regs regs = kernel_regs(A64_EL1H);

	syn_fail(m, data, STK_ERR_EXCLUDED);
	regs.v[ARM64_PC] = ip[_i];
	s = syn_open(m);
	ck_assert_int_eq(s->arch->begins_sleep(s, &regs), 0);
}
END_TEST

/* The code of the switch, or what is called there, is not in the dump. */
START_TEST(sleeper_without_code)
{
	static const struct {
		const char *called;
		uint64_t lost; /* from _text on; 0: nothing */
		int want;
	} row[] = {
		{ "cpu_switch_to", 0, 1 },	 { "far_fn", 0, 0 },
		{ "cpu_switch_to", 0xb000, 1 },	 { "far_fn", 0xb000, -2 },
		{ "cpu_switch_to", 0xa000, -2 },
	};
	struct stk_regs regs = kernel_regs(A64_EL1H);

	syn_symbol(m, "switching_fn", A64_TEXT + 0xa000);
	syn_symbol(m, "far_fn", A64_TEXT + 0xb000);
	syn_symbol(m, "far_end", A64_TEXT + 0xb100);
	syn_fill(m, A64_TEXT + 0xa000, 0x2000, 0);
	syn_put32(m, A64_TEXT + 0xb000, 0xd65f03c0);
	regs.valid &= ~(1ull << ARM64_FP);
	regs.v[ARM64_PC] = A64_TEXT + 0xa060;
	syn_put32(m, A64_TEXT + 0xa05c,
		  0x94000000 |
			  ((uint32_t)((syn_sym(m, row[_i].called) - A64_TEXT - 0xa05c) /
				      4) &
			   0x3ffffff));
	if (row[_i].lost)
		syn_fail(m, A64_TEXT + row[_i].lost, STK_ERR_EXCLUDED);
	s = syn_open(m);
	ck_assert_int_eq(s->arch->begins_sleep(s, &regs), row[_i].want);
}
END_TEST

/*
 * Where a stack begins, by the function at its top and by where that lies; and of an idle
 * task's.
 */
START_TEST(begins_stack)
{
	static const struct {
		const char *function;
		unsigned int offset;
		bool signal, thread, idle;
	} row[] = {
		{ "ret_from_fork", 0, true, true, false },
		{ "ret_from_fork", 0x14, false, true, false },
		{ "ret_from_fork", 0, false, false, true }, /* of what is before it */
		{ "__primary_switched", 0x80, false, false, true },
		{ "el0t_64_sync", 0x20, true, false, false },
		{ "el0t_64_sync", 0x80, false, false, false },
	};
	const uint64_t top = a64_user_regs(m, sh);
	struct stk_cursor cursor = { .cpu = -1 };
	struct stk_stack stack;

	s = syn_open(m);
	ck_assert_int_eq(stk_find_stack(s, top, &stack), STK_OK);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		cursor.regs.v[ARM64_PC] = syn_sym(m, row[i].function) + row[i].offset;
		cursor.signal = row[i].signal;
		/* At most at the stack's end, and with sp, if it is known, at the top. */
		for (int64_t by = -8; by <= 8; by += 8)
			for (unsigned int known = 0; known < 2; known++) {
				const bool at_top = !known || !by;

				cursor.stack = stack;
				cursor.at = top;
				cursor.regs.v[ARM64_SP] = top + (uint64_t)by;
				cursor.regs.valid = known ? 1ull << ARM64_SP : 0;
				ck_assert_int_eq(s->arch->begins_stack(s, &cursor, false),
						 row[i].thread && at_top);
				ck_assert_int_eq(s->arch->begins_stack(s, &cursor, true),
						 row[i].idle && at_top);
				cursor.regs.valid = 0;
				cursor.at = stack.end + (uint64_t)by;
				ck_assert_int_eq(s->arch->begins_stack(s, &cursor, false),
						 row[i].thread && by <= 0);
				/* No other has registers of user mode at its top. */
				cursor.stack.kind = ARM64_STACK(IRQ);
				cursor.at = 0;
				ck_assert(!s->arch->begins_stack(s, &cursor, false));
				ck_assert(!s->arch->begins_stack(s, &cursor, true));
			}
	}
}
END_TEST

/* What is compared, and what may have changed since. */
START_TEST(compared_copies)
{
	struct stk_regs regs, other;
	struct stk_copy copy[2];
	struct stk_stack task;
	uint64_t at;

	a64_syscall(&c);
	at = a64_user_regs(m, sh);
	s = syn_open(m);
	ck_assert_int_eq(stk_find_stack(s, at, &task), STK_OK);
	ck_assert_int_eq(s->arch->read_pt_regs(s, at, &regs), STK_OK);
	for (unsigned int r = 0; r < ARM64_NR_REGS; r++) {
		const bool compared = r == ARM64_PC || r == ARM64_SP || r == ARM64_FP ||
				      r == ARM64_PSTATE;

		other = regs;
		other.v[r] ^= 1 << 8; /* of PSTATE no mode */
		ck_assert_msg(s->arch->saved_copies(s, 1, &task, &other, copy, 2) ==
				      !compared,
			      "register %u", r);
	}
}
END_TEST

START_TEST(counted_contexts)
{
	static const struct {
		enum arm64_kind kind;
		uint32_t count;
		int want;
	} row[] = {
		{ ARM64_KIND_IRQ, 0x00010000, 1 },
		{ ARM64_KIND_IRQ, 0x100, 1 },
		{ ARM64_KIND_IRQ, 0x00100001, -1 },
		{ ARM64_KIND_TASK, UINT32_MAX, -1 },
		{ ARM64_KIND_SDEI_NORMAL, 0x00100000, 1 },
		{ ARM64_KIND_SDEI_NORMAL, 0x00800000, 1 },
		{ ARM64_KIND_SDEI_NORMAL, 0xff0fffff, -1 },
		{ ARM64_KIND_SDEI_CRITICAL, UINT32_MAX, -1 },
		{ ARM64_KIND_OVERFLOW, UINT32_MAX, -1 },
		{ ARM64_KIND_EFI, UINT32_MAX, -1 },
		{ ARM64_KIND_IRQ, 0x00080000, 1 },
		{ ARM64_KIND_IRQ, 0xfff000ff, -1 },
	};

	syn_put32(m, sh + syn_off(m, "thread_info.preempt_count"), row[_i].count);
	s = syn_open(m);
	ck_assert_int_eq(s->arch->counts_context(s, 1, &arm64_kinds[row[_i].kind]),
			 row[_i].want);
}
END_TEST

/* ---- what proves saved registers ---- */

#define REGS  (1u << STK_WITNESS_REGS)
#define PLACE (1u << STK_WITNESS_PLACE)
#define COPY  (1u << STK_WITNESS_COPY)

/* Each word of them that is changed speaks against them, and only that. */
START_TEST(weighed)
{
	static const struct {
		int reg; /* that is changed; -1: none */
		uint64_t by;
		bool user;
		uint32_t differ[3]; /* in each era */
	} row[] = {
		{ -1, 0, false, { 0, 0, 0 } },
		{ A64_PSTATE, 8, false, { REGS, REGS, REGS } }, /* EL3 */
		{ A64_SP, 8, false, { REGS | PLACE, REGS | PLACE, REGS | PLACE } },
		{ A64_SP, 16, false, { PLACE, PLACE, PLACE } },
		{ A64_FP, 16, false, { COPY, COPY, 0 } },
		{ A64_PC, 4, false, { COPY, COPY, 0 } },
		{ -1, 0, true, { 0, 0, 0 } },
		{ A64_PSTATE, 0x80, true, { REGS, REGS, REGS } },
		{ A64_PC, 4, true, { 0, 0, 0 } },
	};
	const uint32_t all = REGS | PLACE | COPY;

	for (int era = 0; era < 3; era++) {
		struct stk_evidence e = { 0 };
		struct stk_stack stack;
		struct stk_regs regs;
		uint64_t at, word, by;

		fixture_task_of(a64_kernel(A64_4K_48, (enum a64_era)era));
		a64_syscall(&c);
		at = row[_i].user ? a64_user_regs(m, sh)
				  : a64_exception(&c, "el1h_64_irq");
		by = A64_TEXT + OTHER_ENTRY + (row[_i].user ? 0xc00 : 0x900);
		if (row[_i].reg >= 0) {
			word = at + 8 * (uint64_t)row[_i].reg;
			syn_put64(m, word, syn_get64(m, word) ^ row[_i].by);
		}
		s = syn_open(m);
		ck_assert_int_eq(stk_find_stack(s, at, &stack), STK_OK);
		ck_assert_int_eq(s->arch->read_pt_regs(s, at, &regs), STK_OK);
		s->arch->weigh_regs(s, &stack, &regs, at, by, &e);
		ck_assert_msg(e.differ == row[_i].differ[era] &&
				      (e.agree | e.differ) == all,
			      "row %d, era %d: %x agree, %x differ", _i, era, e.agree,
			      e.differ);
		/* At another place. */
		e = (struct stk_evidence){ 0 };
		s->arch->weigh_regs(s, &stack, &regs, at - 16, by, &e);
		ck_assert(e.differ & PLACE);
	}
}
END_TEST

/* The mode of PSTATE, and what user mode cannot mask. */
START_TEST(weighed_words)
{
	const struct stk_stack nowhere = { .kind = NULL };
	struct stk_evidence e;

	s = syn_open(m);
	for (uint64_t pstate = 0; pstate < 0x400; pstate++) {
		const uint64_t mode = pstate & 0x1f;
		const bool user = mode == 0 || mode == 0x10;
		struct stk_regs regs = kernel_regs(pstate);

		e = (struct stk_evidence){ 0 };
		s->arch->weigh_regs(s, &nowhere, &regs, 0, 0, &e);
		ck_assert_uint_eq(e.agree | e.differ, REGS);
		ck_assert_msg((e.agree == REGS) ==
				      (user ? pstate < 0x40 : mode == 5 || mode == 9),
			      "%llx", (unsigned long long)pstate);
	}
	for (uint64_t by = 1; by <= 16; by *= 2) {
		struct stk_regs regs = kernel_regs(A64_EL1H);

		regs.v[ARM64_SP] = 0x10000 + by;
		e = (struct stk_evidence){ 0 };
		s->arch->weigh_regs(s, &nowhere, &regs, 0, 0, &e);
		ck_assert_int_eq(e.agree == REGS, by == 16);
		/* Without PSTATE they say nothing. */
		regs.valid &= ~(1ull << ARM64_PSTATE);
		e = (struct stk_evidence){ 0 };
		s->arch->weigh_regs(s, &nowhere, &regs, 0, 0, &e);
		ck_assert_uint_eq(e.agree | e.differ, 0);
	}
}
END_TEST

START_TEST(weighed_places)
{
	const struct other_place row[] = {
		{ ARM64_STACK(TASK), 0, 0, 1 },
		{ ARM64_STACK(TASK), 0, 16, 0 },
		{ ARM64_STACK(TASK), 0x4000, 0x4000, 1 },
		{ ARM64_STACK(TASK), 0x4000, 0x3ff0, 0 },
		{ ARM64_STACK(TASK), -16, 0x4000, 0 },
		{ ARM64_STACK(TASK), 0x4010, 0x4010, 0 },
		{ ARM64_STACK(IRQ), 0x2000, 0x2000, 1 },
		{ ARM64_STACK(IRQ), -16, 0x4000, 0 },
		{ ARM64_STACK(OVERFLOW), -16, 0x4000, 1 },
		{ ARM64_STACK(OVERFLOW), -16, 0x3ff0, 0 },
		{ ARM64_STACK(OVERFLOW), 0x2000, 0x2000, 1 },
		{ ARM64_STACK(OVERFLOW), 0x2000, 0x4000, 0 },
		{ ARM64_STACK(SDEI_NORMAL), -16, 0x4000, -1 },
		{ ARM64_STACK(SDEI_CRITICAL), -16, 0x4000, -1 },
		{ ARM64_STACK(SDEI_CRITICAL), 0x2000, 0x2000, 1 },
		{ ARM64_STACK(EFI), -16, 0x4000, -1 },
		{ NULL, 0, 0, 0 },
	};

	other_expect_places(row, kernel_regs(A64_EL1H));
}
END_TEST

/* On no stack they have a record when entry code saved them. */
START_TEST(weighed_records)
{
	const uint64_t begin = A64_TEXT + OTHER_ENTRY, end = begin + 0x1000;
	static const int64_t by[] = { 0, 1, 0x1000, 0x1001 };
	const struct stk_stack nowhere = { .kind = NULL };
	uint64_t at, record;
	struct stk_evidence e;
	struct stk_regs regs;

	fixture_task_of(a64_kernel(A64_4K_48, _i < 3 ? A64_6_12 : A64_6_14));
	a64_syscall(&c);
	at = _i % 3 ? a64_user_regs(m, sh) : a64_exception(&c, "el1h_64_irq");
	record = at + (_i < 3 ? 304 : 296);
	s = syn_open(m);
	ck_assert_int_eq(s->arch->read_pt_regs(s, at, &regs), STK_OK);
	for (size_t i = 0; i < sizeof(by) / sizeof(by[0]); i++) {
		e = (struct stk_evidence){ 0 };
		s->arch->weigh_regs(s, &nowhere, &regs, at, begin + (uint64_t)by[i], &e);
		ck_assert_uint_eq(e.agree, i % 3 ? REGS | COPY : REGS);
		e = (struct stk_evidence){ 0 };
		s->arch->weigh_regs(s, &nowhere, &regs, 0, begin + (uint64_t)by[i], &e);
		ck_assert_uint_eq(e.agree, REGS);
	}
	/* Each word of it. */
	for (uint64_t word = 0; word < (_i < 3 ? 16 : 24); word += 8) {
		syn_put64(m, record + word, syn_get64(m, record + word) ^ 8);
		s = syn_open(m);
		e = (struct stk_evidence){ 0 };
		s->arch->weigh_regs(s, &nowhere, &regs, at, end, &e);
		ck_assert_uint_eq(e.differ, COPY);
		syn_put64(m, record + word, syn_get64(m, record + word) ^ 8);
	}
	/* Kernels whose pt_regs has none. */
	syn_no_member(m, "pt_regs.stackframe");
	s = syn_open(m);
	e = (struct stk_evidence){ 0 };
	s->arch->weigh_regs(s, &nowhere, &regs, at, end, &e);
	ck_assert_uint_eq(e.agree | e.differ, REGS);
}
END_TEST

/* The name of the entry code says where it is entered from. */
START_TEST(weighed_entries)
{
	static const struct {
		const char *name;
		bool user, kernel; /* may be the mode before */
	} row[] = {
		{ "el0t_64_sync", true, false }, { "el0_sync", true, false },
		{ "el0t_32_irq", true, false },	 { "el1h_64_irq", false, true },
		{ "el1_irq", false, true },	 { "el1t_64_sync", false, true },
		{ "ret_to_user", true, true },	 { "kernel_el0", true, true },
		{ "__bad_stack", true, true },	 { "el_sync", true, true },
	};
	const uint64_t begin = A64_TEXT + OTHER_ENTRY + 0xf80, end = begin + 0x80;
	const struct stk_stack nowhere = { .kind = NULL };
	struct stk_evidence e;
	struct stk_regs regs;

	for (size_t user = 0; user < 2; user++) {
		fixture_task_of(a64_kernel(A64_4K_48, A64_6_12));
		a64_syscall(&c);
		syn_symbol(m, "before", begin - 16);
		syn_symbol(m, row[_i].name, begin);
		regs = kernel_regs(A64_EL1H);
		if (user)
			regs.v[ARM64_PSTATE] = 0;
		s = syn_open(m);
		for (uint64_t by = begin; by <= end + 1;
		     by += by == begin + 1 ? 0x7f : 1) {
			bool named = by > begin && by <= end;

			e = (struct stk_evidence){ 0 };
			s->arch->weigh_regs(s, &nowhere, &regs, 0, by, &e);
			ck_assert_msg(
				(e.agree & REGS) ==
					(!named || (user ? row[_i].user : row[_i].kernel)
						 ? REGS
						 : 0),
				"%s by %llx, user %zu", row[_i].name,
				(unsigned long long)by, user);
		}
	}
}
END_TEST

/* 6.13's mark says of which kind they are. */
START_TEST(marked_records)
{
	struct stk_evidence e;
	struct stk_stack stack;
	struct stk_regs regs;
	uint64_t at;

	fixture_task_of(a64_kernel(A64_4K_48, A64_6_14));
	a64_syscall(&c);
	at = _i ? a64_user_regs(m, sh) : a64_exception(&c, "el1h_64_irq");
	for (uint64_t type = 0; type < 4; type++) {
		syn_put64(m, at + 296 + 16, type);
		s = syn_open(m);
		ck_assert_int_eq(stk_find_stack(s, at, &stack), STK_OK);
		ck_assert_int_eq(s->arch->read_pt_regs(s, at, &regs), STK_OK);
		e = (struct stk_evidence){ 0 };
		s->arch->weigh_regs(s, &stack, &regs, at, A64_TEXT + OTHER_ENTRY + 0x900,
				    &e);
		ck_assert_int_eq((e.agree & COPY) != 0, type == (_i ? 1 : 2));
	}
}
END_TEST

START_TEST(copies)
{
	struct stk_copy copy[2];
	struct stk_stack task;
	struct stk_regs regs;
	uint64_t at;

	a64_syscall(&c);
	regs = kernel_regs(A64_EL1H);
	at = a64_exception(&c, "el1h_64_irq");
	s = syn_open(m);
	ck_assert_int_eq(stk_find_stack(s, at, &task), STK_OK);
	ck_assert_uint_eq(s->arch->saved_copies(s, 1, &task, &regs, copy, 2), 1);
	ck_assert_uint_eq(copy[0].regs_at, at);
	ck_assert_uint_eq(copy[0].stack.begin, task.begin);
	ck_assert_uint_eq(s->arch->saved_copies(s, 1, NULL, &regs, copy, 2), 0);
	ck_assert_uint_eq(s->arch->saved_copies(s, 1, &task, &regs, copy, 0), 0);
	regs.v[ARM64_FP] += 16;
	ck_assert_uint_eq(s->arch->saved_copies(s, 1, &task, &regs, copy, 2), 0);
	ck_assert_int_eq(s->arch->read_pt_regs(s, a64_user_regs(m, sh), &regs), STK_OK);
	ck_assert_uint_eq(s->arch->saved_copies(s, 1, &task, &regs, copy, 2), 1);
	ck_assert_uint_eq(copy[0].regs_at, a64_user_regs(m, sh));
	regs.v[ARM64_SP] += 16;
	ck_assert_uint_eq(s->arch->saved_copies(s, 1, &task, &regs, copy, 2), 0);
}
END_TEST

/* ---- how the kernel was entered ---- */

START_TEST(entries)
{
	static const struct {
		const char *code;
		uint32_t nr;
		const char *kind, *name;
	} row[] = {
		{ "el0t_64_sync", 64, "syscall", "write" },
		{ "el0t_64_sync", UINT32_MAX, "exception", NULL },
		{ "el0t_64_sync", 0x1000, "exception", NULL },
		{ "el0t_64_sync", 0xfff, "syscall", NULL },
		{ "el0t_64_sync", 0, "syscall", NULL },
		{ "el0t_64_irq", 64, "interrupt", NULL },
		{ "el0t_32_sync", 4, "syscall_compat", "other" },
		{ "el1h_64_sync", UINT32_MAX, "exception", NULL },
		{ "el1h_64_irq", UINT32_MAX, "interrupt", NULL },
		{ "el1h_64_error", UINT32_MAX, "serror", NULL },
		{ "vfs_write", 64, NULL, NULL },
	};
	const uint64_t table = syn_sym(m, "modules") + 0xa00;
	struct stk_regs regs = kernel_regs(0);
	struct stk_entry entry;

	regs.valid |= 1ull << ARM64_SYSCALLNO;
	regs.v[ARM64_SYSCALLNO] = row[_i].nr;
	syn_symbol(m, "sys_call_table", table);
	syn_put64(m, table + 8 * 64, syn_sym(m, "__arm64_sys_write"));
	syn_symbol(m, "compat_sys_call_table", table + 0x400);
	syn_symbol(m, "__arm64_compat_sys_other", A64_TEXT + 0xf000);
	syn_put64(m, table + 0x400 + 8 * 4, A64_TEXT + 0xf000);
	s = syn_open(m);
	s->arch->describe_entry(s, syn_sym(m, row[_i].code) + 0x80, &regs, 0, &entry);
	if (!row[_i].kind) {
		ck_assert_ptr_null(entry.kind);
		ck_assert(entry.nr == -1 && entry.code == -1);
		return;
	}
	ck_assert_str_eq(stk_entry_kind_name(entry.kind), row[_i].kind);
	if (row[_i].name)
		ck_assert_str_eq(entry.name, row[_i].name);
	else
		ck_assert_ptr_null(entry.name);
	ck_assert_int_eq(entry.nr,
			 strstr(row[_i].kind, "syscall") ? (int64_t)row[_i].nr : -1);
	ck_assert_int_eq(entry.code, -1);
	/* By the call, which may end the function. */
	s->arch->describe_entry(s, syn_sym(m, row[_i].code) + 0x100, &regs, 0, &entry);
	ck_assert_str_eq(stk_entry_kind_name(entry.kind), row[_i].kind);
	/* Without the number it is none of a system call. */
	regs.valid &= ~(1ull << ARM64_SYSCALLNO);
	s->arch->describe_entry(s, syn_sym(m, row[_i].code) + 0x80, &regs, 0, &entry);
	ck_assert_str_eq(stk_entry_kind_name(entry.kind),
			 strstr(row[_i].code, "sync") ? "exception" : row[_i].kind);
}
END_TEST

static void expect_path(uint64_t ip, bool user, bool compat, const char *kind,
			bool vector)
{
	struct arm64_path path;

	ck_assert_msg(arm64_entry_path(s, ip, &path), "%llx", (unsigned long long)ip);
	ck_assert_int_eq(path.user, user);
	ck_assert_int_eq(path.compat, compat);
	ck_assert_int_eq(path.vector, vector);
	if (kind)
		ck_assert_str_eq(stk_entry_kind_name(path.kind), kind);
	else
		ck_assert_ptr_null(path.kind);
}

/* Four slots each: EL1 with SP_EL0, EL1, EL0, EL0 of AArch32. */
START_TEST(paths_of_vectors)
{
	static const char *const kind[] = { "exception", "interrupt", "fiq", "serror" };
	const uint64_t vectors = syn_sym(m, "vectors");
	struct arm64_path path;

	s = syn_open(m);
	for (unsigned int slot = 0; slot < 16; slot++) {
		const bool user = slot >= 8, compat = slot >= 12;

		for (uint64_t off = 0; off < 0x80; off += 0x7c)
			expect_path(vectors + 0x80 * slot + off, user, compat,
				    kind[slot % 4], true);
	}
	ck_assert(!arm64_entry_path(s, vectors - 1, &path) || !path.vector);
	ck_assert(!arm64_entry_path(s, vectors + 0x800, &path) || !path.vector);
	ck_assert(!arm64_entry_path(s, vectors + 0x1000, &path) || !path.vector);
	syn_no_symbol(m, "vectors");
	s = syn_open(m);
	ck_assert(!arm64_entry_path(s, vectors, &path) || !path.vector);
}
END_TEST

/* Every name that the entry code has had (arch/arm64/kernel/entry.S). */
START_TEST(paths_of_names)
{
	static const struct {
		const char *name;
		bool known, user, compat;
		const char *kind;
	} row[] = {
		{ "el1t_64_sync", true, false, false, "exception" },
		{ "el1t_64_irq", true, false, false, "interrupt" },
		{ "el1t_64_fiq", true, false, false, "fiq" },
		{ "el1t_64_error", true, false, false, "serror" },
		{ "el1h_64_sync", true, false, false, "exception" },
		{ "el1h_64_irq", true, false, false, "interrupt" },
		{ "el1h_64_fiq", true, false, false, "fiq" },
		{ "el1h_64_error", true, false, false, "serror" },
		{ "el0t_64_sync", true, true, false, "exception" },
		{ "el0t_64_irq", true, true, false, "interrupt" },
		{ "el0t_64_fiq", true, true, false, "fiq" },
		{ "el0t_64_error", true, true, false, "serror" },
		{ "el0t_32_sync", true, true, true, "exception" },
		{ "el0t_32_irq", true, true, true, "interrupt" },
		{ "el0t_32_fiq", true, true, true, "fiq" },
		{ "el0t_32_error", true, true, true, "serror" },
		/* Up to 5.13. */
		{ "el1_sync", true, false, false, "exception" },
		{ "el1_irq", true, false, false, "interrupt" },
		{ "el1_fiq_invalid", true, false, false, "fiq" },
		{ "el1_error", true, false, false, "serror" },
		{ "el0_sync", true, true, false, "exception" },
		{ "el0_irq", true, true, false, "interrupt" },
		{ "el0_irq_naked", true, true, false, "interrupt" },
		{ "el0_error", true, true, false, "serror" },
		{ "el0_sync_compat", true, true, true, "exception" },
		{ "el0_irq_compat", true, true, true, "interrupt" },
		{ "el0_error_compat", true, true, true, "serror" },
		/* Ways out. */
		{ "tramp_exit_native", true, true, false, NULL },
		{ "ret_to_user", true, true, false, NULL },
		{ "ret_fast_syscall", true, true, false, NULL },
		{ "finish_ret_to_user", true, true, false, NULL },
		/* Or parts of them. */
		{ "tramp_exit.part", true, true, false, NULL },
		{ "ret_to_user.part", true, true, false, NULL },
		{ "ret_fast_syscall_trace", true, true, false, NULL },
		{ "finish_ret_to_user.part", true, true, false, NULL },
		/* What is neither. */
		{ "ret_to_kernel", false, false, false, NULL },
		{ "ret_from_fork", false, false, false, NULL },
		{ "el2_sync", false, false, false, NULL },
		{ "vfs_write", false, false, false, NULL },
	};
	const uint64_t at = syn_sym(m, "last_function");
	struct arm64_path path;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		fixture_task_of(a64_kernel(A64_4K_48, A64_6_12));
		syn_no_symbol(m, "last_function");
		if (syn_find_symbol(m, row[i].name))
			syn_no_symbol(m, row[i].name);
		syn_symbol(m, row[i].name, at);
		s = syn_open(m);
		if (row[i].known)
			expect_path(at + 8, row[i].user, row[i].compat, row[i].kind,
				    false);
		else
			ck_assert_msg(!arm64_entry_path(s, at + 8, &path) && !path.user,
				      "%s", row[i].name);
	}
	/* Nothing has a name there. */
	ck_assert(!arm64_entry_path(s, 0xffff900000000000ull, &path));
}
END_TEST

START_TEST(entry_code)
{
	const uint64_t begin = A64_TEXT + OTHER_ENTRY, end = begin + 0x1000;

	s = syn_open(m);
	ck_assert(arm64_in_entry_code(s, begin));
	ck_assert(arm64_in_entry_code(s, end - 1));
	ck_assert(!arm64_in_entry_code(s, begin - 1));
	ck_assert(!arm64_in_entry_code(s, end));
	syn_no_symbol(m, _i ? "__entry_text_end" : "__entry_text_start");
	s = syn_open(m);
	ck_assert(!arm64_in_entry_code(s, begin));
}
END_TEST

/* The same by older names. */
START_TEST(entries_of_old)
{
	static const struct {
		const char *code, *kind;
		bool user, compat;
	} row[] = {
		{ "el0_sync", "exception", true, false },
		{ "el0_sync_compat", "exception", true, true },
		{ "el0_irq", "interrupt", true, false },
		{ "el1_sync", "exception", false, false },
		{ "el1_error", "serror", false, false },
	};
	struct arm64_path path;

	fixture_task_of(a64_kernel(A64_4K_48, A64_5_10));
	s = syn_open(m);
	ck_assert(arm64_entry_path(s, syn_sym(m, row[_i].code) + 8, &path));
	ck_assert_str_eq(path.kind->name, row[_i].kind);
	ck_assert_int_eq(path.user, row[_i].user);
	ck_assert_int_eq(path.compat, row[_i].compat);
	ck_assert(!path.vector);
}
END_TEST

START_TEST(entry_states)
{
	static const struct {
		unsigned int at;
		const char *part; /* NULL: there is none */
	} row[] = {
		{ 0x280, "from kernel mode (interrupt)" },
		{ 0x480, "from user mode (interrupt)" },
		{ 0x200, "from kernel mode (exception)" },
		{ 0x580, "from user mode (serror)" },
		{ 0x300, "from kernel mode (fiq)" },
		{ 0x810, "in entry code, on TASK" },
		{ 0, NULL },
	};
	const struct stk_entry_state *state;
	struct stk_saved saved;

	a64_syscall(&c);
	if (row[_i].at)
		c.ip = syn_sym(m, "vectors") + row[_i].at;
	a64_note(&c);
	saved = syn_saved(&m->note[0]);
	s = syn_open(m);
	state = s->arch->entry_state(s, 1, &saved);
	if (row[_i].part)
		ck_assert_msg(state && strstr(state->text, row[_i].part), "%s",
			      state ? state->text : "none");
	else
		ck_assert_ptr_null(state);
}
END_TEST

/* What the dying kernel printed with that very stack pointer. */
START_TEST(faults)
{
	static const struct {
		const char *esr;
		enum stk_fault_kind kind;
		const char *name, *access;
	} row[] = {
		{ "96000044", STK_FAULT_PAGE, "DABT", "write" },
		{ "96000004", STK_FAULT_PAGE, "DABT", "read" },
		{ "0000000096000010", STK_FAULT_MACHINE_CHECK, "DABT", "read" },
		{ "96000021", STK_FAULT_PROTECTION, "DABT", "read" },
		{ "96000011", STK_FAULT_PAGE, "DABT", "read" },
		{ "96000020", STK_FAULT_PAGE, "DABT", "read" },
		{ "86000004", STK_FAULT_PAGE, "IABT", "execute" },
		{ "86000044", STK_FAULT_PAGE, "IABT", "execute" },
		{ "86000010", STK_FAULT_MACHINE_CHECK, "IABT", "execute" },
		{ "02000000", STK_FAULT_OTHER, "unknown", NULL },
		{ "8a000000", STK_FAULT_PROTECTION, "PC alignment", NULL },
		{ "9a000000", STK_FAULT_PROTECTION, "SP alignment", NULL },
		{ "9a000010", STK_FAULT_PROTECTION, "SP alignment", NULL },
		{ "f2000800", STK_FAULT_TRAP, "BRK", NULL },
		{ "34000001", STK_FAULT_PROTECTION, "BTI", NULL },
		{ "72000000", STK_FAULT_PROTECTION, "FPAC", NULL },
		{ "bf000000", STK_FAULT_MACHINE_CHECK, "SError", NULL },
		{ "fc000000", STK_FAULT_OTHER, NULL, NULL },
	};
	const char *line[] = {
		"Unable to handle kernel NULL pointer dereference at virtual address "
		"0000000000000010",
		NULL, NULL, NULL
	};
	char oops[100], sp[100];
	struct stk_regs regs;
	struct stk_fault fault;
	uint64_t ip;

	a64_syscall(&c);
	regs = kernel_regs(A64_EL1H);
	snprintf(oops, sizeof(oops), "Internal error: Oops: %s [#1] SMP", row[_i].esr);
	snprintf(sp, sizeof(sp), "sp : %016llx", (unsigned long long)c.sp);
	line[1] = oops;
	line[2] = sp;
	other_log(m, line);
	s = syn_open(m);
	ip = syn_sym(m, "el1h_64_sync") + 0x70;
	ck_assert(s->arch->describe_fault(s, ip, &regs, 0, &fault));
	ck_assert_int_eq(fault.kind, row[_i].kind);
	ck_assert(fault.entry.has_error);
	ck_assert_uint_eq(fault.entry.error, strtoull(row[_i].esr, NULL, 16));
	ck_assert_int_eq(fault.entry.code, (int64_t)(fault.entry.error >> 26));
	ck_assert_str_eq(fault.entry.code_name, "ec");
	ck_assert_uint_eq(fault.address, 0x10);
	ck_assert_str_eq(fault.address_name, "FAR");
	ck_assert_int_eq(fault.entry.name != NULL, row[_i].name != NULL);
	ck_assert(!row[_i].name || !strcmp(fault.entry.name, row[_i].name));
	ck_assert_int_eq(fault.access != NULL, row[_i].access != NULL);
	ck_assert(!row[_i].access || !strcmp(fault.access, row[_i].access));
	/* Of another context nothing was printed. */
	regs.v[ARM64_SP] += 16;
	ck_assert(s->arch->describe_fault(s, ip, &regs, 0, &fault));
	ck_assert(!fault.entry.has_error);
	ck_assert_ptr_null(fault.address_name);
	ck_assert(!s->arch->describe_fault(s, syn_sym(m, "el1h_64_irq") + 0x70, &regs, 0,
					   &fault));
	ck_assert(s->arch->describe_fault(s, syn_sym(m, "el1h_64_error") + 0x70, &regs, 0,
					  &fault));
	ck_assert_int_eq(fault.kind, STK_FAULT_MACHINE_CHECK);
}
END_TEST

/* Several tables behind each other, for events from the kernel, too. */
START_TEST(tables_of_vectors)
{
	static const struct {
		unsigned int at;
		bool user, compat;
		const char *kind;
	} row[] = {
		{ 0x280, false, false, "interrupt" }, { 0x480, true, false, "interrupt" },
		{ 0xa00, false, false, "exception" }, { 0xe80, true, true, "interrupt" },
		{ 0x13ff, false, false, "serror" },   { 0x1500, true, false, "fiq" },
	};
	const uint64_t begin = A64_TEXT + 0x160000;

	syn_symbol(m, "__bp_harden_el1_vectors", begin);
	s = syn_open(m);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct arm64_path path;

		ck_assert(arm64_entry_path(s, begin + row[i].at, &path));
		ck_assert(path.vector);
		ck_assert(path.user == row[i].user);
		ck_assert(path.compat == row[i].compat);
		ck_assert_str_eq(stk_entry_kind_name(path.kind), row[i].kind);
	}
}
END_TEST

/* A thread's in ret_from_fork(), an idle task's elsewhere, both at the end. */
START_TEST(stack_begins)
{
	const uint64_t top = a64_user_regs(m, sh);
	struct stk_cursor cur = { .at = top };
	struct stk_task task;

	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, sh, &task), STK_OK);
	ck_assert_int_eq(stk_task_stack(s, &task, &cur.stack), STK_OK);
	arm64_set(&cur.regs, ARM64_PC, syn_sym(m, "ret_from_fork") + 0x14);
	ck_assert(arm64_begins_stack(s, &cur, false));
	ck_assert(!arm64_begins_stack(s, &cur, true));
	cur.at = top + A64_REGS_SIZE + 8;
	ck_assert(!arm64_begins_stack(s, &cur, false));
	cur.at = top;
	arm64_set(&cur.regs, ARM64_SP, top - 16);
	ck_assert(!arm64_begins_stack(s, &cur, false));
	arm64_set(&cur.regs, ARM64_SP, top);
	ck_assert(arm64_begins_stack(s, &cur, false));
	arm64_set(&cur.regs, ARM64_PC, syn_sym(m, "__primary_switched") + 0x80);
	ck_assert(!arm64_begins_stack(s, &cur, false));
	ck_assert(arm64_begins_stack(s, &cur, true));
	arm64_set(&cur.regs, ARM64_PC, syn_sym(m, "el1h_64_irq") + 0x80);
	ck_assert(!arm64_begins_stack(s, &cur, true));
	cur.stack.kind = ARM64_STACK(IRQ);
	ck_assert(!arm64_begins_stack(s, &cur, false));
}
END_TEST

static const struct unit_test stack_tests[] = {
	TEST(stacks_of_a_cpu), TEST(irq_stack_in_place), LOOP(stacks_damaged, 3),
	TEST(leads_to),	       TEST(stack_begins),	 { 0 },
};

static const struct unit_test reg_tests[] = {
	TEST(tables),
	LOOP(modes, 6),
	TEST(may_be_user),
	TEST(code_addresses),
	TEST(notes),
	TEST(registers_of_a_monitor),
	TEST(pt_regs),
	TEST(sleeping_registers),
	LOOP(sleeper_without_code, 5),
	LOOP(frames_of_a_sleeper, 4),
	LOOP(no_sleeper, 3),
	TEST(begins_stack),
	TEST(compared_copies),
	TEST(current_task),
	LOOP(counted_contexts, 12),
	LOOP(weighed, 9),
	TEST(weighed_words),
	TEST(weighed_places),
	LOOP(weighed_entries, 10),
	LOOP(weighed_records, 6),
	LOOP(marked_records, 2),
	TEST(copies),
	{ 0 },
};

static const struct unit_test entry_tests[] = {
	TEST(paths_of_vectors), TEST(paths_of_names), TEST(tables_of_vectors),
	LOOP(entry_code, 2),	LOOP(entries, 11),    LOOP(entries_of_old, 5),
	LOOP(entry_states, 7),	LOOP(faults, 18),     { 0 },
};

const struct unit_suite suite_arm64_regs = {
	"arm64_regs",
	{
		{ "stacks", stack_tests, setup, NULL },
		{ "registers", reg_tests, setup, NULL },
		{ "entries", entry_tests, setup, NULL },
	},
};
