/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What proves a step on x86_64, each witness asked by itself: the ways between stacks,
 * saved registers and their place, calls, where tasks sleep and stacks begin, and who
 * claims a stack.
 */
#include "fixture.h"
#include "suite.h"

#include "arch/x86_64/orc.h"
#include "arch/x86_64/tss_facts.h"

#include <stdio.h>
#include <string.h>

#include "../../src/arch/no_code.h"
#include "../../src/arch/x86_64/exception.h"
#include "../../src/kernel/layout.h"
#include "../../src/stacks/claims.h"
#include "../../src/stacks/map.h"

#define NMI_PT_REGS 264u /* below the stack's top */

#define AGREE(witness)	(e.agree >> STK_WITNESS_##witness & 1)
#define DIFFER(witness) (e.differ >> STK_WITNESS_##witness & 1)

static struct stk *s;

static struct stk_stack task_stack(void)
{
	struct stk_stack stack;
	struct stk_task task;

	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, sh, &task), STK_OK);
	ck_assert_int_eq(stk_task_stack(s, &task, &stack), STK_OK);
	return stack;
}

static struct stk_stack cpu_stack(const struct stk_kind *kind)
{
	const struct stk_stack *all;
	size_t nr;

	s = syn_open(m);
	ck_assert_int_eq(stk_cpu_stacks(s, 1, &all, &nr), STK_OK);
	for (size_t i = 0; i < nr; i++)
		if (all[i].kind == kind)
			return all[i];
	ck_abort_msg("no such stack");
	return all[0];
}

/* ---- the ways between stacks ---- */

#define USER X86_NR_KINDS

START_TEST(ways)
{
	static const struct {
		unsigned int on, from;
		bool may;
	} way[] = {
		{ X86_KIND_TASK, USER, true },
		{ X86_KIND_TASK, X86_KIND_UNKNOWN, true },
		{ X86_KIND_TASK, X86_KIND_TASK, false },
		{ X86_KIND_TASK, X86_KIND_IRQ, false },
		{ X86_KIND_TASK, X86_KIND_NMI, false },
		{ X86_KIND_IRQ, X86_KIND_TASK, true },
		{ X86_KIND_IRQ, X86_KIND_NMI, true },
		{ X86_KIND_IRQ, X86_KIND_DB, true },
		{ X86_KIND_IRQ, X86_KIND_ENTRY, false },
		{ X86_KIND_IRQ, USER, false },
		{ X86_KIND_SOFTIRQ, X86_KIND_TASK, true },
		{ X86_KIND_SOFTIRQ, X86_KIND_IRQ, true },
		{ X86_KIND_SOFTIRQ, USER, false },
		{ X86_KIND_ENTRY, USER, true },
		{ X86_KIND_ENTRY, X86_KIND_ESPFIX, true },
		{ X86_KIND_ENTRY, X86_KIND_TASK, false },
		{ X86_KIND_ENTRY, X86_KIND_IRQ, false },
		{ X86_KIND_ESPFIX, X86_KIND_ENTRY, true },
		{ X86_KIND_ESPFIX, X86_KIND_IRQ, false },
	};
	static const unsigned int any[] = {
		X86_KIND_NMI, X86_KIND_DF, X86_KIND_DB,	 X86_KIND_DB1,	   X86_KIND_DB2,
		X86_KIND_MCE, X86_KIND_VC, X86_KIND_VC2, X86_KIND_UNKNOWN,
	};
	static const unsigned int from[] = {
		X86_KIND_TASK,	  X86_KIND_IRQ, X86_KIND_SOFTIRQ, X86_KIND_ENTRY,
		X86_KIND_ESPFIX,  X86_KIND_NMI, X86_KIND_DF,	  X86_KIND_MCE,
		X86_KIND_UNKNOWN, USER,
	};

#define MAY(on, from)                                                                    \
	(!!(x86_leads_to[on] & ((from) == USER ? STK_FROM_USER : 1u << (from))))
	for (size_t i = 0; i < sizeof(way) / sizeof(way[0]); i++)
		ck_assert_msg(MAY(way[i].on, way[i].from) == way[i].may, "row %zu", i);
	for (size_t i = 0; i < sizeof(any) / sizeof(any[0]); i++)
		for (size_t j = 0; j < sizeof(from) / sizeof(from[0]); j++)
			ck_assert_msg(MAY(any[i], from[j]), "from %u on %u", from[j],
				      any[i]);
}
END_TEST

/* One stack, one row: what is asked by kind and by ist[] meets it. */
START_TEST(exception_stacks)
{
	static const struct stk_kind *const ist[STK_X86_NR_IST] = {
		X86_STACK(DF), X86_STACK(NMI), X86_STACK(DB), X86_STACK(MCE),
		X86_STACK(VC), NULL,	       NULL,
	};

	for (unsigned int i = 0; i < STK_X86_NR_IST; i++)
		ck_assert_ptr_eq(x86_ist_kind(i), ist[i]);
	for (size_t i = 0; i < X86_NR_EXCEPTIONS; i++) {
		ck_assert_ptr_eq(x86_exception(x86_exceptions[i].kind),
				 &x86_exceptions[i]);
		ck_assert(MAY(x86_exceptions[i].kind->id, USER));
	}
	ck_assert_ptr_null(x86_exception(X86_STACK(TASK)));
	ck_assert_ptr_null(x86_exception(NULL));
}
END_TEST

/* ---- saved registers ---- */

static struct stk_regs regs_of(uint64_t cs, uint64_t sp)
{
	struct stk_regs r = { 0 };

	x86_set(&r, X86_IP, syn_sym(m, "task_spin") + 0x40);
	x86_set(&r, X86_CS, cs);
	x86_set(&r, X86_FLAGS, 0x246);
	x86_set(&r, X86_SP, sp);
	x86_set(&r, X86_SS, cs == 0x33 ? 0x2b : 0x18);
	return r;
}

static struct stk_evidence weigh(const struct stk_stack *stack, const struct stk_regs *r,
				 uint64_t at)
{
	struct stk_evidence e = { 0 };

	x86_weigh_regs(s, stack, r, at, syn_sym(m, "asm_exc_page_fault") + 0x26, &e);
	return e;
}

START_TEST(registers_of_the_kernel)
{
	static const struct {
		unsigned int reg;
		uint64_t value;
		bool good;
	} row[] = {
		{ X86_CS, 0x10, true },
		{ X86_CS, 0x18, false },
		{ X86_CS, 0x110, false },
		{ X86_FLAGS, 0x2, true },
		{ X86_FLAGS, 0x244, false },
		{ X86_FLAGS, 0x24e, false },
		{ X86_FLAGS, 0x266, false },
		{ X86_FLAGS, 0x8246, false },
		{ X86_FLAGS, 1ull << 40 | 0x246, false },
		{ X86_SS, 0x18, true },
		{ X86_SS, 0, true },
		{ X86_SS, 0x2b, false },
		{ X86_SS, 0x10, false },
	};
	struct stk_stack stack = task_stack();
	uint64_t sp = stack.begin + 0x2000;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct stk_regs r = regs_of(0x10, sp);
		struct stk_evidence e;

		r.v[row[i].reg] = row[i].value;
		e = weigh(&stack, &r, sp - X86_PT_REGS_SIZE);
		ck_assert_msg(AGREE(REGS) == row[i].good, "row %zu", i);
		ck_assert_msg(DIFFER(REGS) == !row[i].good, "row %zu", i);
		ck_assert(AGREE(PLACE));
	}
}
END_TEST

/* Of less than these nothing can be told; and the last word may be missing. */
START_TEST(registers_that_are_missing)
{
	struct stk_stack stack = task_stack();
	uint64_t sp = stack.begin + 0x2000;
	struct stk_regs r = regs_of(0x10, sp);
	struct stk_evidence e;

	r.v[X86_SS] = 0x1234;
	e = weigh(&stack, &r, sp + 8 - X86_PT_REGS_SIZE);
	ck_assert(AGREE(REGS) && AGREE(PLACE));
	e = weigh(&stack, &r, sp - X86_PT_REGS_SIZE);
	ck_assert(DIFFER(REGS));
	r.valid &= ~X86_BIT(CS);
	e = weigh(&stack, &r, sp - X86_PT_REGS_SIZE);
	ck_assert_uint_eq(e.agree | e.differ, 0);
}
END_TEST

START_TEST(registers_above_those_of_the_user)
{
	struct stk_stack stack = task_stack(), freed = stack;
	uint64_t top = x86_user_regs_at(s, &stack);
	struct stk_regs r = regs_of(0x10, top + 0x20);
	struct stk_evidence e = weigh(&stack, &r, top + 0x20 - X86_PT_REGS_SIZE);

	ck_assert_uint_eq(top, stack.end - X86_PT_REGS_SIZE);
	ck_assert(DIFFER(REGS));
	r.v[X86_IP] = syn_sym(m, "entry_SYSCALL_64") + 4;
	e = weigh(&stack, &r, top + 0x20 - X86_PT_REGS_SIZE);
	ck_assert(AGREE(REGS));
	r = regs_of(0x10, top);
	e = weigh(&stack, &r, top - X86_PT_REGS_SIZE);
	ck_assert(AGREE(REGS));
	/* A stack that no task has, has no registers of a user either. */
	freed.task = 0;
	ck_assert_uint_eq(x86_user_regs_at(s, &freed), 0);
	freed = cpu_stack(X86_STACK(IRQ));
	ck_assert_uint_eq(x86_user_regs_at(s, &freed), 0);
}
END_TEST

START_TEST(registers_of_the_user)
{
	static const struct {
		unsigned int reg;
		uint64_t value;
		bool good;
	} row[] = {
		{ X86_FLAGS, 0x246, true },  { X86_FLAGS, 0x46, false },
		{ X86_FLAGS, 0x3046, true }, { X86_FLAGS, 0x1046, false },
		{ X86_FLAGS, 0x244, false }, { X86_FLAGS, 0x24e, false },
		{ X86_SS, 0x2b, true },	     { X86_SS, 0x18, false },
	};
	struct stk_stack stack = task_stack();
	uint64_t top = x86_user_regs_at(s, &stack);
	struct stk_regs r = regs_of(0x33, 0x7ffc00001000);
	struct stk_evidence e = weigh(&stack, &r, top - 8);

	ck_assert(DIFFER(PLACE));
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		r = regs_of(0x33, 0x7ffc00001000);
		r.v[row[i].reg] = row[i].value;
		e = weigh(&stack, &r, top);
		ck_assert_msg(AGREE(REGS) == row[i].good, "row %zu", i);
		ck_assert_msg(DIFFER(REGS) == !row[i].good, "row %zu", i);
		ck_assert(AGREE(PLACE));
	}
}
END_TEST

/* The stack pointer stays on its stack. */
START_TEST(place_on_the_same_stack)
{
	struct stk_stack stack = task_stack();
	uint64_t sp = stack.begin + 0x2008, aligned = sp - 8;
	const struct {
		uint64_t end;
		bool good;
	} row[] = {
		{ aligned, true },	 { sp, true },
		{ sp + 8, true },	 { aligned - 8, false },
		{ sp + 16, false },	 { aligned - 16, false },
		{ aligned - 48, false }, { aligned - 64, false },
	};
	struct stk_regs r = regs_of(0x10, sp);
	struct stk_evidence e;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		e = weigh(&stack, &r, row[i].end - X86_PT_REGS_SIZE);
		ck_assert_msg(AGREE(PLACE) == row[i].good, "row %zu", i);
		ck_assert_msg(DIFFER(PLACE) == !row[i].good, "row %zu", i);
	}
	/* With an empty stack they are at its very top. */
	r = regs_of(0x10, stack.end);
	e = weigh(&stack, &r, stack.end - X86_PT_REGS_SIZE);
	ck_assert(AGREE(PLACE));
	e = weigh(&stack, &r, stack.end - 0x400);
	ck_assert(DIFFER(PLACE));
	r = regs_of(0x10, sp);
	/* FRED's red zone is none without FRED. */
	e = weigh(&stack, &r, X86_FRED_TOP(sp) - X86_FRED_PT_REGS);
	ck_assert(DIFFER(PLACE));
}
END_TEST

START_TEST(place_with_a_gap)
{
	static const char *const name[] = { "asm_exc_int3", "int3" };
	struct stk_evidence e = { 0 };
	struct stk_stack stack;
	struct stk_regs r;
	uint64_t sp;

	syn_symbol(m, name[_i], SYN_TEXT + 0x9000);
	stack = task_stack();
	sp = stack.begin + 0x2000;
	r = regs_of(0x10, sp);
	x86_weigh_regs(s, &stack, &r, sp - 48 - X86_PT_REGS_SIZE, SYN_TEXT + 0x9010, &e);
	ck_assert(AGREE(PLACE));
}
END_TEST

/* Behind an int3: the byte is there, or the kernel's table knows of a probe. */
START_TEST(behind_an_int3)
{
	enum { BYTE, OTHER, NOT_READ, PROBED, NO_TABLE, SLOT };
	const uint64_t at = syn_sym(m, "task_spin") + 0x3f,
		       page = SYN_DIRECT + syn_alloc(m, 1);
	struct stk_evidence e = { 0 };
	struct stk_stack stack;
	struct stk_regs r;
	uint64_t sp;

	syn_symbol(m, "asm_exc_int3", SYN_TEXT + 0x9000);
	syn_put8(m, at, _i == BYTE ? 0xcc : 0x90);
	if (_i == PROBED) {
		syn_symbol(m, "kprobe_table", page);
		syn_member(m, "kprobe.hlist", 0, 16);
		syn_member(m, "kprobe.addr", 16, 8);
		syn_fill(m, page, 0x1000, 0);
		syn_put64(m, page + 8, page + 0x800);
		syn_put64(m, page + 0x810, at);
	}
	if (_i == NO_TABLE)
		syn_symbol(m, "register_kprobe", SYN_TEXT + 0x9800);
	if (_i == NOT_READ)
		syn_fail(m, at, STK_ERR_EXCLUDED);
	if (_i == SLOT) {
		syn_symbol(m, "kprobe_insn_slots", page);
		syn_member(m, "kprobe_insn_cache.pages", 0, 16);
		syn_member(m, "kprobe_insn_page.insns", 16, 8);
		syn_put64(m, page, page + 0x100);
		syn_put64(m, page + 0x100, page);
		syn_put64(m, page + 0x110, SYN_TEXT + 0x9000);
	}
	stack = task_stack();
	sp = stack.begin + 0x2000;
	r = regs_of(0x10, sp);
	if (_i == SLOT)
		x86_set(&r, X86_IP, SYN_TEXT + 0x9080);
	x86_weigh_regs(s, &stack, &r, sp - 48 - X86_PT_REGS_SIZE, SYN_TEXT + 0x9010, &e);
	ck_assert_int_eq(AGREE(REGS), _i != OTHER && _i != NO_TABLE);
	ck_assert_int_eq(DIFFER(REGS), _i == OTHER || _i == NO_TABLE);
	/* Of anything else nothing is asked. */
	e = (struct stk_evidence){ 0 };
	x86_weigh_regs(s, &stack, &r, sp - X86_PT_REGS_SIZE,
		       syn_sym(m, "asm_exc_page_fault") + 0x26, &e);
	ck_assert(AGREE(REGS));
}
END_TEST

/* What needs an instruction where it comes in, and what has none there. */
START_TEST(no_code)
{
	static const struct {
		const char *entry;
		bool needs;
	} row[] = {
		{ "asm_exc_page_fault", false },
		{ "asm_exc_double_fault", false },
		{ "asm_exc_machine_check", false },
		{ "asm_exc_nmi", true },
		{ "asm_exc_debug", true },
		{ "asm_exc_vmm_communication", true },
		{ "asm_sysvec_apic_timer_interrupt", true },
		{ "vfs_write", false },
	};
	const uint64_t data = syn_sym(m, "idt_table"), mm = SYN_DIRECT + syn_alloc(m, 1);
	const uint64_t by = syn_sym(m, row[_i].entry) + 0x10;
	struct stk_regs r = regs_of(0x10, syn_stack(m, sh) + 0x2000);

	s = syn_open(m);
	ck_assert(!stk_no_code_at(s, by, &r, 0));
	for (size_t i = 0; i < 4; i++) {
		const uint64_t nowhere[] = { 0, 0x400000, data, 0xffffc90012345000ull };

		x86_set(&r, X86_IP, nowhere[i]);
		ck_assert_msg(stk_no_code_at(s, by, &r, 0) == row[_i].needs, "%zu", i);
	}
	/* The firmware's page tables say otherwise, or what is not in the dump may. */
	syn_symbol(m, "efi_mm", mm);
	syn_member(m, "mm_struct.pgd", 8, 8);
	for (size_t i = 0; i < 3; i++) {
		syn_put64(m, mm + 8, i ? SYN_DIRECT + m->pgd : 0);
		s = syn_open(m);
		x86_set(&r, X86_IP, i == 2 ? 0x400000 : data);
		ck_assert_msg(stk_no_code_at(s, by, &r, 0) == (row[_i].needs && i != 1),
			      "%zu", i);
	}
	syn_fail(m, mm, STK_ERR_EXCLUDED);
	s = syn_open(m);
	ck_assert(stk_no_code_at(s, by, &r, 0) == row[_i].needs);
}
END_TEST

/* Below rsp, aligned or not, with ss or without; and with the gap that #BP makes. */
START_TEST(places_below_rsp)
{
	const uint64_t sp = syn_stack(m, c.task) + 0x2000 + (_i & 1 ? 8 : 0);
	const uint64_t by = SYN_TEXT + (_i & 2 ? 0x9100 : 0x9000), aligned = sp & ~15ull;
	struct stk_stack stack;
	struct stk_regs r;

	syn_symbol(m, "asm_exc_int3", SYN_TEXT + 0x9000);
	syn_symbol(m, "asm_exc_other", SYN_TEXT + 0x9100);
	stack = task_stack();
	r = regs_of(0x10, sp);
	for (uint64_t end = sp - 128; end <= sp + 64; end += 8) {
		const bool good = end == aligned || end == sp || end == sp + 8 ||
				  (_i & 2 && end == aligned - 48);
		struct stk_evidence e = { 0 };

		x86_weigh_regs(s, &stack, &r, end - X86_PT_REGS_SIZE, by, &e);
		ck_assert_msg((e.agree >> STK_WITNESS_PLACE & 1) == good, "%d",
			      (int)(end - sp));
		ck_assert((e.differ >> STK_WITNESS_PLACE & 1) == !good);
	}
}
END_TEST

START_TEST(place_on_an_exception_stack)
{
	static const struct {
		const struct stk_kind *kind;
		uint64_t below;
		bool good;
	} row[] = {
		{ X86_STACK(NMI), NMI_PT_REGS, true },
		{ X86_STACK(NMI), X86_PT_REGS_SIZE, true },
		{ X86_STACK(NMI), X86_PT_REGS_SIZE + 16, false },
		{ X86_STACK(DB), X86_PT_REGS_SIZE, true },
		{ X86_STACK(DB), NMI_PT_REGS, false },
		{ X86_STACK(DF), X86_PT_REGS_SIZE, true },
		{ X86_STACK(DF), 0x400, false },
	};
	struct stk_stack stack = task_stack();
	struct stk_regs r = regs_of(0x10, stack.begin + 0x2000);
	struct stk_evidence e;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		stack = cpu_stack(row[i].kind);
		e = weigh(&stack, &r, stack.end - row[i].below);
		ck_assert_msg(AGREE(PLACE) == row[i].good, "row %zu", i);
		ck_assert_msg(DIFFER(PLACE) == !row[i].good, "row %zu", i);
	}
	/* Software enters the others, and where it likes. */
	stack = cpu_stack(X86_STACK(IRQ));
	e = weigh(&stack, &r, stack.end - 0x400);
	ck_assert(!AGREE(PLACE) && !DIFFER(PLACE));
	/* A nested NMI's are at the top once more. */
	stack = cpu_stack(X86_STACK(NMI));
	r = regs_of(0x10, stack.end - 0x400);
	e = weigh(&stack, &r, stack.end - NMI_PT_REGS);
	ck_assert(!AGREE(PLACE) && !DIFFER(PLACE));
	e = weigh(&stack, &r, stack.end - 0x400 - X86_PT_REGS_SIZE);
	ck_assert(AGREE(PLACE));
}
END_TEST

START_TEST(place_with_fred)
{
	struct stk_stack stack;
	struct stk_evidence e;
	struct stk_regs r;
	uint64_t sp, top, at;

	syn_free(m);
	m = syn_kernel(SYN_FRED);
	sh = syn_task(m, "sh", 227, 0);
	c = syn_cpu(m, 1, sh);
	syn_syscall(&c);
	sp = c.sp;
	top = syn_ist_top(m, 1, "DB");
	at = syn_fred_regs(&c, top, c.ip, 0x10, sp, SYN_FRED_EVENT(3, 1), 0);
	ck_assert_uint_eq(at, top - X86_FRED_PT_REGS);
	stack = cpu_stack(X86_STACK(DB));
	r = regs_of(0x10, sp);
	e = weigh(&stack, &r, at);
	ck_assert(AGREE(PLACE));
	e = weigh(&stack, &r, top - X86_PT_REGS_SIZE);
	ck_assert(DIFFER(PLACE));
	stack = task_stack();
	e = weigh(&stack, &r, X86_FRED_TOP(sp) - X86_FRED_PT_REGS);
	ck_assert(AGREE(PLACE));
}
END_TEST

/* What the hardware pushed for an NMI is there three times. */
START_TEST(copies_of_an_nmi)
{
	struct stk_stack stack;
	struct stk_evidence e;
	struct stk_regs r;
	uint64_t at;

	syn_syscall(&c);
	syn_nmi(&c);
	stack = cpu_stack(X86_STACK(NMI));
	at = stack.end - NMI_PT_REGS;
	ck_assert_int_eq(x86_read_pt_regs(s, at, &r), STK_OK);
	e = weigh(&stack, &r, at);
	ck_assert(AGREE(COPY));
	for (unsigned int reg = X86_IP; reg <= X86_SS; reg++) {
		struct stk_regs other = r;

		other.v[reg] ^= 8;
		e = weigh(&stack, &other, at);
		ck_assert_msg(DIFFER(COPY), "register %u", reg);
	}
	e = weigh(&stack, &r, at - 8);
	ck_assert(!AGREE(COPY) && !DIFFER(COPY));
	/* Another stack has no copies. */
	stack.kind = X86_STACK(DB);
	e = weigh(&stack, &r, at);
	ck_assert(!AGREE(COPY) && !DIFFER(COPY));
	/* A nested NMI has written over one, and the other was made anew; or not yet. */
	syn_put64(m, stack.end - 16, stack.end - 0x400);
	stack = cpu_stack(X86_STACK(NMI));
	e = weigh(&stack, &r, at);
	ck_assert(AGREE(COPY));
	syn_put64(m, stack.end - 72, stack.end - 0x500);
	stack = cpu_stack(X86_STACK(NMI));
	e = weigh(&stack, &r, at);
	ck_assert(!AGREE(COPY) && !DIFFER(COPY));
	/* The other one alone is nobody's doing. */
	syn_put64(m, stack.end - 16, r.v[X86_SP]);
	stack = cpu_stack(X86_STACK(NMI));
	e = weigh(&stack, &r, at);
	ck_assert(DIFFER(COPY));
}
END_TEST

/* Nobody but the entry code, early boot and a few others makes a pt_regs. */
START_TEST(who_saves_registers)
{
	static const char *const name[] = { "ret_from_fork_asm",
					    "rewind_stack_and_make_dead",
					    "xen_failsafe_callback" };
	uint64_t ip = syn_sym(m, "task_spin") + 4;

	if (!_i) { /* it cannot be told */
		s = syn_open(m);
		ck_assert(x86_may_save_regs(s, ip));
		return;
	}
	syn_symbol(m, "__entry_text_start", SYN_TEXT + 0xa000);
	syn_symbol(m, "__entry_text_end", SYN_TEXT + 0xb000);
	syn_symbol(m, "__irqentry_text_start", SYN_TEXT + 0xc000);
	syn_symbol(m, "__irqentry_text_end", SYN_TEXT + 0xd000);
	for (size_t i = 0; i < 3; i++)
		syn_symbol(m, name[i], SYN_TEXT + 0xe000 + 0x100 * i);
	syn_symbol(m, "ordinary", SYN_TEXT + 0xe300);
	s = syn_open(m);
	ck_assert(!x86_may_save_regs(s, ip));
	ck_assert(!x86_may_save_regs(s, SYN_TEXT + 0xe300));
	ck_assert(x86_may_save_regs(s, SYN_TEXT + 0xa000));
	ck_assert(x86_may_save_regs(s, SYN_TEXT + 0xafff));
	ck_assert(!x86_may_save_regs(s, SYN_TEXT + 0xb000));
	ck_assert(x86_may_save_regs(s, SYN_TEXT + 0xc000));
	ck_assert(x86_may_save_regs(s, SYN_INIT + 0x10));
	for (size_t i = 0; i < 3; i++)
		ck_assert_msg(x86_may_save_regs(s, SYN_TEXT + 0xe010 + 0x100 * i), "%s",
			      name[i]);
}
END_TEST

/* ---- calls that only entry code makes ---- */

static enum stk_call call_from(const char *caller, const char *callee, bool exact)
{
	const char *why;

	return x86_weigh_call(s, syn_sym(m, caller) + 0x30, syn_sym(m, callee) + !exact,
			      exact, &why);
}

START_TEST(only_entry_code_calls)
{
	static const char *const callee[] = {
		"do_syscall_64",
		"do_int80_syscall_32",
		"do_fast_syscall_32",
		"do_SYSENTER_32",
		"exc_nmi",
	};
	static const char *const dispatcher[] = { "fred_dispatch", "x_fred_y" };
	static const unsigned char ud2[] = { 0x0f, 0x0b };

	for (size_t i = 1; i < 4; i++) {
		syn_symbol(m, callee[i], SYN_TEXT + 0xa000 + 0x100 * i);
		syn_fill(m, SYN_TEXT + 0xa000 + 0x100 * i, 0x100, 0x90);
	}
	syn_symbol(m, "in_module", SYN_MODULE + 0x100);
	syn_symbol(m, "asm_in_module", SYN_TEXT + 0xa500);
	for (size_t i = 0; i < 2; i++) {
		syn_symbol(m, dispatcher[i], SYN_TEXT + 0xb000 + 0x100 * i);
		syn_call_by_pointer(m, dispatcher[i], 0x30);
	}
	syn_module(m, "mod", SYN_MODULE, "in_module");
	syn_call_by_pointer(m, "ksys_write", 0x30);
	syn_write(m, syn_sym(m, "vfs_write") + 0x30, ud2, sizeof(ud2));
	s = syn_open(m);
	for (size_t i = 0; i < sizeof(callee) / sizeof(callee[0]); i++) {
		ck_assert_msg(call_from("ksys_write", callee[i], false) ==
				      STK_CALL_ELSEWHERE,
			      "%s", callee[i]);
		for (size_t k = 0; k < 2; k++)
			ck_assert_msg(call_from(dispatcher[k], callee[i], false) ==
					      STK_CALL_CANNOT_TELL,
				      "%s", callee[i]);
	}
	/* A call at the end of the dispatcher's code is its own, too. */
	syn_symbol(m, "behind", SYN_TEXT + 0xb030);
	s = syn_open(m);
	ck_assert_int_eq(call_from("fred_dispatch", "exc_nmi", false),
			 STK_CALL_CANNOT_TELL);
	/* A call by pointer may lead to any other. */
	ck_assert_int_eq(call_from("ksys_write", "vfs_write", false),
			 STK_CALL_CANNOT_TELL);
	ck_assert_int_eq(call_from("ksys_write", "in_module", false),
			 STK_CALL_CANNOT_TELL);
}
END_TEST

/* A name that leaves no room for "asm_" has no stub. */
/* What cannot be told says why, and a call that is patched may lead to other code. */
START_TEST(calls_that_cannot_be_told)
{
	static const unsigned char call[] = { 0xff, 0xd0 }; /* *%rax */
	const char *why = NULL;
	uint64_t ret = syn_call_by_pointer(m, "ksys_write", 0x30);

	s = syn_open(m);
	ck_assert_int_eq(x86_weigh_call(s, ret, syn_sym(m, "vfs_write") + 1, false, &why),
			 STK_CALL_CANNOT_TELL);
	ck_assert_str_eq(why, "the call before it is indirect");
	/* Of a module's code without a name nobody knows where it is entered. */
	ret = syn_call_insn(m, "ksys_write", 0x30, "vfs_write");
	syn_put8(m, syn_sym(m, "vfs_write"), 0xc3);
	syn_module(m, "mod", SYN_MODULE, "in_module");
	s = syn_open(m);
	ck_assert(stk_is_text(s, SYN_MODULE + 0x40));
	ck_assert_int_eq(x86_weigh_call(s, ret, SYN_MODULE + 0x40, true, &why),
			 STK_CALL_CANNOT_TELL);
	ck_assert_str_eq(why, "nothing names the called code");
	/* And it is no dispatcher. */
	syn_write(m, SYN_MODULE + 0x30, call, sizeof(call));
	s = syn_open(m);
	ck_assert_int_eq(x86_weigh_call(s, SYN_MODULE + 0x32, syn_sym(m, "exc_nmi") + 1,
					false, &why),
			 STK_CALL_ELSEWHERE);
	ck_assert_str_eq(why, "only entry code calls that function");
}
END_TEST

/* Code of the edges by its name's beginning, and only the kernel's own. */
START_TEST(code_by_its_name)
{
	static const struct {
		const char *name;
		bool syscall, fred;
	} row[] = {
		{ "entry_SYSCALL_64_x", true, false },
		{ "entry_SYSCALL_compat_after_hwframe", true, false },
		{ "entry_SYSCALL_comp", false, false },
		{ "syscall_return_via_sysret", true, false },
		{ "asm_fred_entrypoint_user", false, true },
		{ "asm_fredx", false, false },
	};
	const uint64_t at = SYN_TEXT + 0xa000;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		syn_symbol(m, row[i].name, at + 0x100 * i);
	syn_module(m, "mod", SYN_MODULE, "asm_fred_in_module");
	syn_module(m, "two", SYN_MODULE + 0x10000, "entry_SYSCALL_64_in_module");
	s = syn_open(m);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		ck_assert_msg(x86_in_syscall_code(s, at + 0x100 * i + 4) ==
				      row[i].syscall,
			      "%s", row[i].name);
		ck_assert_msg(x86_in_fred_code(s, at + 0x100 * i + 4) == row[i].fred,
			      "%s", row[i].name);
	}
	ck_assert(!x86_in_fred_code(s, SYN_MODULE + 0x104));
	ck_assert(!x86_in_syscall_code(s, SYN_MODULE + 0x10104));
}
END_TEST

/* On which stacks registers of user mode may lie below that code. */
START_TEST(user_mode_below)
{
	static const struct {
		const struct stk_kind *kind;
		bool any; /* whatever the code */
	} row[] = {
		{ X86_STACK(TASK), true },  { X86_STACK(IRQ), true },
		{ X86_STACK(DF), true },    { X86_STACK(NMI), false },
		{ X86_STACK(ENTRY), true }, { X86_STACK(MCE), false },
	};
	const uint64_t plain = syn_sym(m, "vfs_write");

	syn_symbol(m, "__entry_text_start", SYN_TEXT + 0xa000);
	syn_symbol(m, "__entry_text_end", SYN_TEXT + 0xb000);
	syn_symbol(m, "sync_regs", plain + 0x40);
	syn_symbol(m, "fixup_bad_iret", plain + 0x50);
	syn_symbol(m, "error_entry", plain + 0x60);
	syn_symbol(m, "behind_it", plain + 0x70);
	s = syn_open(m);
	ck_assert(!x86_may_save_regs(s, plain + 4) &&
		  !x86_may_save_regs(s, plain + 0x41) &&
		  !x86_may_save_regs(s, plain + 0x51));
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		ck_assert_msg(x86_user_below(s, row[i].kind, plain + 4) == row[i].any,
			      "row %zu", i);
		ck_assert(x86_user_below(s, row[i].kind, plain + 0x41));
		ck_assert(x86_user_below(s, row[i].kind, plain + 0x51));
		for (uint64_t at = plain + 0x40; at < plain + 0x70; at++)
			syn_assert(x86_user_below(s, row[i].kind, at));
		ck_assert(x86_user_below(s, row[i].kind, plain + 0x3f) == row[i].any);
		ck_assert(x86_user_below(s, row[i].kind, plain + 0x70) == row[i].any);
		ck_assert(x86_user_below(s, row[i].kind, SYN_TEXT + 0xa004));
	}
	/* A CPU that there is not has no such area. */
	ck_assert_uint_eq(x86_cpu_entry_area(s, 4000), 0);
}
END_TEST

/* Where no more than the registers of user mode is left, or one word that is ip. */
START_TEST(starts_of_tasks)
{
	const uint64_t top = SYN_DIRECT + 0x100000, ip = SYN_TEXT + 0x8000;
	static const struct {
		int64_t sp;
		bool signal, same, want;
	} row[] = {
		{ 0, false, false, true },   { 8, true, false, true },
		{ -8, false, true, true },   { -8, true, true, false },
		{ -8, false, false, false }, { -16, false, true, false },
	};
	struct stk_cursor cur = { .cpu = -1 };

	x86_set(&cur.regs, X86_IP, ip);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		syn_put64(m, top - 8, row[i].same ? ip : ip + 1);
		syn_put64(m, top - 16, row[i].same ? ip : ip + 1);
		s = syn_open(m);
		cur.signal = row[i].signal;
		x86_set(&cur.regs, X86_SP, top + (uint64_t)row[i].sp);
		ck_assert_msg(x86_at_task_start(s, &cur, top) == row[i].want, "row %zu",
			      i);
	}
}
END_TEST

/* Where 4.14 says that an iret frame is, a task's stack has all registers: no other. */
START_TEST(whole_registers_of_4_14)
{
	const struct stk_kind *const kind[] = { X86_STACK(TASK), X86_STACK(IRQ),
						X86_STACK(NMI) };
	struct stk_cursor cur = { .cpu = -1, .signal = true };

	x86_set(&cur.regs, X86_IP, syn_sym(m, "vfs_write") + 4);
	x86_set(&cur.regs, X86_SP, SYN_DIRECT + 0x100000);
	s = syn_open(m);
	for (size_t i = 0; i < sizeof(kind) / sizeof(kind[0]); i++)
		for (int64_t by = 0; by <= 16; by += 8) {
			struct orc_rule rule = { .type = ORC_REGS_PARTIAL,
						 .sp_reg = ORC_SP,
						 .sp_offset = 24 };
			const bool whole = !i && by == 8;
			uint64_t at, base;

			cur.stack = (struct stk_stack){
				.kind = kind[i],
				.cpu = 1,
				.begin = SYN_DIRECT + 0x100000,
				.end = SYN_DIRECT + 0x104000,
				.mapped = true,
			};
			at = x86_task_pt_regs(s, &cur.stack);
			base = at + (uint64_t)by;
			orc_fix(s, &cur, &rule, &base);
			ck_assert_int_eq(rule.type, whole ? ORC_REGS : ORC_REGS_PARTIAL);
			ck_assert_int_eq(rule.sp_offset, whole ? 16 : 24);
			ck_assert_uint_eq(base, whole ? at : at + (uint64_t)by);
		}
}
END_TEST

/* What says that registers are the same as others. */
START_TEST(compared_registers)
{
	const uint64_t task = syn_task(m, "other", 300, 0);
	struct syn_cpu cpu = syn_cpu(m, 1, task);
	struct stk_regs regs, other;
	struct stk_copy copy[2];
	struct stk_stack stack;

	syn_syscall(&cpu);
	s = syn_open(m);
	ck_assert_int_eq(stk_find_stack(s, syn_stack(m, task), &stack), STK_OK);
	ck_assert_int_eq(x86_read_pt_regs(s, x86_task_pt_regs(s, &stack), &regs), STK_OK);
	ck_assert(x86_user_mode(&regs));
	for (unsigned int r = 0; r < X86_NR_REGS; r++) {
		const bool compared =
			r == X86_IP || r == X86_SP || r == X86_CS || r == X86_FLAGS;

		other = regs;
		other.v[r] ^= 16;
		ck_assert_msg(s->arch->saved_copies(s, 1, &stack, &other, copy, 2) ==
				      !compared,
			      "register %u", r);
	}
}
END_TEST

static void forget_type(const char *name)
{
	if (syn_find_type(m, name))
		syn_no_member(m, name);
}

/* Where the bitmap of ports is: in the TSS, of 5.5 and later twice, or in none. */
START_TEST(bitmaps_of_ports)
{
	struct x86_io_layout io;

	forget_type("x86_hw_tss");
	forget_type("tss_struct.io_bitmap");
	forget_type("x86_io_bitmap.bitmap");
	forget_type("x86_io_bitmap.mapall");
	s = syn_open(m);
	x86_io_layout(s, &io);
	ck_assert_uint_eq(io.hw_limit, 0x67);
	ck_assert(!io.have_map && !io.have_all);
	ck_assert_uint_eq(io.map | io.all | io.limit, 0);
	syn_size(m, "x86_hw_tss", 0x80);
	syn_member(m, "tss_struct.x86_tss", 0x40, 0x80);
	syn_member(m, "tss_struct.io_bitmap", 0x140, 8200);
	s = syn_open(m);
	x86_io_layout(s, &io);
	ck_assert_uint_eq(io.hw_limit, 0x7f);
	ck_assert(io.have_map && !io.have_all);
	ck_assert_uint_eq(io.map, 0x100);
	ck_assert_uint_eq(io.limit, 0x100 + 8199);
	/* Of another size it is the structure of 5.5, if that is known. */
	syn_member(m, "tss_struct.io_bitmap", 0x140, 16424);
	s = syn_open(m);
	x86_io_layout(s, &io);
	ck_assert(!io.have_map && !io.have_all);
	syn_member(m, "x86_io_bitmap.bitmap", 16, 8200);
	s = syn_open(m);
	x86_io_layout(s, &io);
	ck_assert(!io.have_map && !io.have_all);
	syn_member(m, "x86_io_bitmap.mapall", 16 + 8200, 8200);
	s = syn_open(m);
	x86_io_layout(s, &io);
	ck_assert(io.have_map && io.have_all);
	ck_assert_uint_eq(io.map, 0x110);
	ck_assert_uint_eq(io.all, 0x110 + 8200);
	ck_assert_uint_eq(io.limit, 0x110 + 2 * 8200 - 1);
}
END_TEST

/* Where the lowest of them can be: in the kernel's half, and a multiple of its size. */
START_TEST(espfix_places)
{
	static const struct {
		uint64_t at;
		bool good;
	} row[] = {
		{ SYN_DIRECT + 0x100040, true },  { SYN_DIRECT + 0x100048, false },
		{ SYN_DIRECT + 0x100060, false }, { 0x7f0000000040, false },
		{ 0x7f0000000048, false },	  { 0, false },
	};
	const uint64_t variable = 0x1fa00;
	struct stk_stack stack[STK_MAX_CPU_STACKS];

	syn_symbol(m, "espfix_stack", variable);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		bool found = false;
		size_t nr = 0;

		syn_put64(m, variable + SYN_PERCPU(1), row[i].at);
		s = syn_open(m);
		x86_cpu_stacks(s, 1, stack, STK_MAX_CPU_STACKS, &nr);
		for (size_t k = 0; k < nr; k++)
			found |= stack[k].kind == X86_STACK(ESPFIX) &&
				 stack[k].begin == row[i].at &&
				 stack[k].end == row[i].at + 64;
		ck_assert_msg(found == row[i].good, "row %zu", i);
	}
}
END_TEST

START_TEST(handlers_with_long_names)
{
	char name[125], stub[160];
	const char *why;

	memset(name, 'f', sizeof(name) - 1);
	name[sizeof(name) - 1 - (_i ? 0 : 1)] = '\0';
	snprintf(stub, sizeof(stub), "asm_%s", name);
	syn_symbol(m, name, SYN_TEXT + 0xa000);
	syn_symbol(m, stub, SYN_TEXT + 0xa100);
	syn_call_by_pointer(m, "ksys_write", 0x30);
	s = syn_open(m);
	ck_assert_int_eq(x86_weigh_call(s, syn_sym(m, "ksys_write") + 0x30,
					SYN_TEXT + 0xa001, false, &why),
			 _i ? STK_CALL_CANNOT_TELL : STK_CALL_ELSEWHERE);
}
END_TEST

START_TEST(calls_of_what_is_no_code)
{
	static const uint8_t jump[] = { 0xff, 0xe0 }; /* jmp *%rax */
	const char *why;
	uint64_t ret;

	ret = syn_call_insn(m, "ksys_write", 0x30, "vfs_write");
	/* It returns. */
	syn_put8(m, syn_sym(m, "vfs_write"), 0xc3);
	s = syn_open(m);
	ck_assert_int_eq(x86_weigh_call(s, ret, SYN_DATA, true, &why),
			 STK_CALL_ELSEWHERE);
	/* That may go on anywhere itself. */
	stk_close(s);
	m->s = NULL;
	syn_write(m, syn_sym(m, "vfs_write") + 0x20, jump, sizeof(jump));
	s = syn_open(m);
	ck_assert_int_eq(x86_weigh_call(s, ret, SYN_DATA, true, &why),
			 STK_CALL_CANNOT_TELL);
	ret = syn_call_by_pointer(m, "ksys_write", 0x30);
	s = syn_open(m);
	ck_assert_int_eq(x86_weigh_call(s, ret, SYN_DATA, true, &why),
			 STK_CALL_CANNOT_TELL);
}
END_TEST

/* What pushed an address for lretq: the start of a CPU. */
START_TEST(who_starts_a_cpu)
{
	static const unsigned char lretq[] = { 0x48, 0xcb };
	uint64_t at = syn_sym(m, "secondary_startup_64") + 0x40;
	static const struct {
		const char *callee;
		enum stk_call call;
	} row[] = {
		{ "cpu_startup_entry", STK_CALL_PUSHED },
		{ "start_secondary", STK_CALL_PUSHED },
		{ "x86_64_start_kernel", STK_CALL_PUSHED },
		{ "start_kernel", STK_CALL_PUSHED },
		{ "ksys_write", STK_CALL_ELSEWHERE },
	};
	const char *why;

	syn_write(m, at - 2, lretq, sizeof(lretq));
	syn_symbol(m, "start_secondary", SYN_TEXT + 0xa000);
	syn_symbol(m, "x86_64_start_kernel", SYN_TEXT + 0xa100);
	syn_symbol(m, "start_kernel", SYN_INIT + 0x100);
	s = syn_open(m);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert_msg(x86_weigh_call(s, at, syn_sym(m, row[i].callee) + 1, false,
					     &why) == row[i].call,
			      "%s", row[i].callee);
	/* An address that is byte-exact may be a function's first; else that is
	 * another's. */
	ck_assert_int_eq(x86_weigh_call(s, at, SYN_TEXT + 0xa000, true, &why),
			 STK_CALL_PUSHED);
	ck_assert_int_eq(x86_weigh_call(s, at, SYN_TEXT + 0xa000, false, &why),
			 STK_CALL_ELSEWHERE);
	/* And where a task begins no function returns to. */
	ck_assert_int_eq(x86_weigh_call(s, syn_sym(m, "ret_from_fork"),
					syn_sym(m, "cpu_startup_entry") + 1, false, &why),
			 STK_CALL_NONE);
}
END_TEST

/* ---- entries ---- */

/* "int 0x80" has a gate, too, and is no interrupt. */
START_TEST(entry_by_int80)
{
	static const char *const name[] = { "entry_INT80_compat", "asm_int80_emulation" };
	struct stk_regs user = regs_of(0x23, 0x7ffc00001000);
	const uint64_t at = SYN_TEXT + 0x9000;
	struct stk_entry entry;

	syn_symbol(m, name[_i], at);
	syn_put64(m, syn_sym(m, "idt_table") + 16 * 0x80,
		  (at & 0xffff) | (at & 0xffff0000) << 32);
	syn_put64(m, syn_sym(m, "idt_table") + 16 * 0x80 + 8, at >> 32);
	s = syn_open(m);
	x86_set(&user, X86_ORIG_AX, 4);
	x86_describe_entry(s, at + 0x20, &user, 0, &entry);
	ck_assert_ptr_eq(entry.kind, X86_ENTRY(INT80));
	ck_assert_int_eq(entry.nr, 4);
	ck_assert_int_eq(entry.code, -1);
	ck_assert_ptr_null(entry.odd);
}
END_TEST

/* Of an interrupt orig_rax is negative; 0 is the number of read(2). */
START_TEST(orig_rax_at_the_ends)
{
	static const struct {
		uint64_t value;
		bool odd;
	} row[] = { { 0, true },
		    { 1, true },
		    { INT64_MAX, true },
		    { ~0ull, false },
		    { 1ull << 63, false } };
	struct stk_regs user = regs_of(0x33, 0x7ffc00001000);
	struct stk_entry entry;

	s = syn_open(m);
	x86_set(&user, X86_ORIG_AX, row[_i].value);
	x86_describe_entry(s, syn_sym(m, "asm_sysvec_apic_timer_interrupt") + 0x20, &user,
			   0, &entry);
	ck_assert_ptr_eq(entry.kind, X86_ENTRY(INTERRUPT));
	ck_assert(!entry.odd == !row[_i].odd);
}
END_TEST

START_TEST(orig_rax_of_an_interrupt)
{
	struct stk_regs user = regs_of(0x33, 0x7ffc00001000);
	struct stk_entry entry;

	s = syn_open(m);
	x86_set(&user, X86_ORIG_AX, 1);
	x86_describe_entry(s, syn_sym(m, "asm_exc_page_fault") + 0x26, &user, 0, &entry);
	ck_assert_ptr_eq(entry.kind, X86_ENTRY(EXCEPTION));
	ck_assert_ptr_nonnull(entry.odd);
	x86_describe_entry(s, syn_sym(m, "entry_SYSCALL_64") + 0x63, &user, 0, &entry);
	ck_assert_ptr_eq(entry.kind, X86_ENTRY(SYSCALL));
	ck_assert_ptr_null(entry.odd);
	x86_set(&user, X86_ORIG_AX, ~0ull);
	x86_describe_entry(s, syn_sym(m, "asm_exc_page_fault") + 0x26, &user, 0, &entry);
	ck_assert_ptr_null(entry.odd);
}
END_TEST

/* A module may name its functions as it likes. */
START_TEST(entry_of_a_module)
{
	struct stk_regs user = regs_of(0x33, 0x7ffc00001000);
	struct stk_entry entry;

	syn_module(m, "mod", SYN_MODULE, "asm_exc_page_fault");
	s = syn_open(m);
	x86_set(&user, X86_ORIG_AX, ~0ull);
	x86_describe_entry(s, SYN_MODULE + 0x126, &user, 0, &entry);
	ck_assert_ptr_null(entry.kind);
	ck_assert_int_eq(entry.code, -1);
	ck_assert_int_eq(entry.nr, -1);
}
END_TEST

/* ---- where tasks sleep and stacks begin ---- */

static int sleeps_at(uint64_t ip)
{
	struct stk_regs r = { 0 };

	s = syn_open(m);
	x86_set(&r, X86_IP, ip);
	return x86_begins_sleep(s, &r);
}

START_TEST(where_tasks_sleep)
{
	uint64_t ret = syn_call_insn(m, "__schedule", 0x9a, "__switch_to_asm");

	ck_assert_int_eq(sleeps_at(ret), 1);
	ck_assert_int_eq(sleeps_at(ret + 1), 0);
	ck_assert_int_eq(sleeps_at(syn_call_insn(m, "ksys_write", 0x6f, "vfs_write")), 0);
	ck_assert_int_eq(sleeps_at(syn_sym(m, "ret_from_fork")), 1);
	ck_assert_int_eq(sleeps_at(syn_sym(m, "ret_from_fork") + 1), 0);
	ck_assert_int_eq(sleeps_at(SYN_DATA), 0);
	syn_symbol(m, "ret_from_fork_asm", SYN_TEXT + 0xa000);
	ck_assert_int_eq(sleeps_at(SYN_TEXT + 0xa000), 1);
	syn_fail(m, ret - 8, STK_ERR_EXCLUDED);
	ck_assert_int_eq(sleeps_at(ret), -2);
	syn_no_symbol(m, "__switch_to_asm");
	ck_assert_int_eq(sleeps_at(ret), -1);
}
END_TEST

static bool begins(uint64_t sp, uint64_t ip, bool signal, bool idle)
{
	struct stk_cursor cur = { .signal = signal, .stack = task_stack() };

	x86_set(&cur.regs, X86_IP, ip);
	x86_set(&cur.regs, X86_SP, sp);
	return x86_begins_stack(s, &cur, idle);
}

START_TEST(where_stacks_begin)
{
	uint64_t top = syn_stack(m, sh) + SYN_THREAD_SIZE - X86_PT_REGS_SIZE;
	uint64_t fork = syn_sym(m, "ret_from_fork") + 0x22;
	uint64_t boot = syn_sym(m, "secondary_startup_64") + 0xe0;

	ck_assert(begins(top, fork, false, false));
	ck_assert(!begins(top, fork, false, true));
	ck_assert(begins(top, boot, false, true));
	ck_assert(!begins(top, boot, false, false));
	/* Entry code is none, whatever its table says. */
	ck_assert(!begins(top, syn_sym(m, "entry_SYSCALL_64") + 4, true, true));
	ck_assert(!begins(top + 8, fork, false, false));
	ck_assert(!begins(top - 16, fork, false, false));
	/* Where GCC realigned the stack the return address is there twice. */
	ck_assert(!begins(top - 8, fork, false, false));
	syn_put64(m, top - 8, fork);
	ck_assert(begins(top - 8, fork, false, false));
	ck_assert(!begins(top - 8, fork, true, false));
}
END_TEST

/* ---- what a CPU counts ---- */

START_TEST(contexts_are_counted)
{
	static const struct {
		uint32_t count;
		bool nmi, irq;
	} row[] = {
		{ 0, false, false },	   { 0x3, false, false },
		{ 0x100, false, true },	   { 0x10000, false, true },
		{ 0x100000, true, false }, { 0x80000000, false, false },
	};
	uint64_t at;

	if (_i) {
		syn_symbol(m, "pcpu_hot", 0x1f100);
		syn_member(m, "pcpu_hot.preempt_count", 8, 4);
		at = syn_percpu(m, "pcpu_hot", 1) + 8;
	} else {
		syn_symbol(m, "__preempt_count", 0x1f100);
		at = syn_percpu(m, "__preempt_count", 1);
	}
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		syn_put32(m, at, row[i].count);
		s = syn_open(m);
		ck_assert_int_eq(x86_counts_context(s, 1, X86_STACK(NMI)),
				 row[i].nmi ? 1 : -1);
		ck_assert_int_eq(x86_counts_context(s, 1, X86_STACK(IRQ)),
				 row[i].irq ? 1 : -1);
		ck_assert_int_eq(x86_counts_context(s, 1, X86_STACK(TASK)), -1);
	}
}
END_TEST

/* ---- who claims a stack ---- */

static void put_member(uint64_t object, const char *member, uint64_t value)
{
	syn_put64(m, object + syn_off(m, member), value);
}

/* How far from the other's stack one is. */
START_TEST(claims_of_tasks)
{
	static const struct {
		int64_t off;
		bool claimed;
	} row[] = {
		{ 0, true },	    { 0x1000, true },  { -0x1000, true },
		{ 0x3000, true },   { -0x3000, true }, { 0x4000, false },
		{ -0x4000, false },
	};
	uint64_t other = syn_task(m, "other", 300, 0), stack = syn_stack(m, sh);
	uint64_t exited = syn_task(m, "exited", 301, 0);
	struct stk_task task, who;

	put_member(exited, "task_struct.stack", 0);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		put_member(other, "task_struct.stack", stack + (uint64_t)row[i].off);
		s = syn_open(m);
		ck_assert_int_eq(stk_task_read(s, sh, &task), STK_OK);
		ck_assert_msg(stk_claimed_by_other(s, &task, &who) == row[i].claimed,
			      "row %zu", i);
		if (row[i].claimed)
			ck_assert_uint_eq(who.pid, 300);
	}
	/* The first of all tasks is one, too. */
	put_member(other, "task_struct.stack", syn_sym(m, "__start_init_task") + 0x1000);
	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, other, &task), STK_OK);
	ck_assert(stk_claimed_by_other(s, &task, &who));
	ck_assert_uint_eq(who.addr, syn_sym(m, "init_task"));
}
END_TEST

START_TEST(claims_of_cpus)
{
	struct stk_stack irq = cpu_stack(X86_STACK(IRQ));
	struct stk_task task;

	ck_assert_int_eq(stk_task_read(s, sh, &task), STK_OK);
	ck_assert(!stk_is_shared(s, &irq, &task));
	ck_assert(!stk_is_shared(s, &irq, NULL));
	task.stack = irq.end - 0x1000;
	ck_assert(stk_is_shared(s, &irq, &task));
	task.stack = irq.end;
	ck_assert(!stk_is_shared(s, &irq, &task));
	task.stack = irq.begin - SYN_THREAD_SIZE;
	ck_assert(!stk_is_shared(s, &irq, &task));
	syn_put64(m, syn_percpu(m, "hardirq_stack_ptr", 0), syn_irq_top(1) - 0x1000 - 8);
	irq = cpu_stack(X86_STACK(IRQ));
	ck_assert(stk_is_shared(s, &irq, NULL));
}
END_TEST

START_TEST(numbers_and_areas)
{
	uint64_t pid = SYN_DIRECT + syn_alloc(m, 1), area = SYN_DIRECT + syn_alloc(m, 1);
	struct stk_task task;

	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, sh, &task), STK_OK);
	ck_assert_int_eq(stk_pid_agrees(s, &task), -1);
	/* A stack in vmalloc space has an area; one in the image or the direct map none.
	 */
	ck_assert_int_eq(stk_vm_area_agrees(s, &task), 1);
	put_member(sh, "task_struct.stack_vm_area", 0);
	s = syn_open(m);
	ck_assert_int_eq(stk_vm_area_agrees(s, &task), 0);
	task.stack = SYN_DIRECT + syn_alloc(m, 4);
	ck_assert_int_eq(stk_vm_area_agrees(s, &task), -1);
	task.stack = syn_sym(m, "__start_init_task");
	ck_assert_int_eq(stk_vm_area_agrees(s, &task), -1);
	task.stack = syn_stack(m, sh);
	put_member(sh, "task_struct.thread_pid", pid);
	put_member(sh, "task_struct.stack_vm_area", area);
	for (unsigned int wrong = 0; wrong < 2; wrong++) {
		syn_put32(m, pid + syn_off(m, "pid.numbers"), 227 + wrong);
		put_member(area, "vm_struct.addr", task.stack + 0x1000 * wrong);
		s = syn_open(m);
		ck_assert_int_eq(stk_pid_agrees(s, &task), !wrong);
		ck_assert_int_eq(stk_vm_area_agrees(s, &task), !wrong);
	}
}
END_TEST

static const struct unit_test regs_tests[] = {
	TEST(exception_stacks),
	TEST(ways),
	TEST(registers_of_the_kernel),
	TEST(registers_that_are_missing),
	TEST(registers_above_those_of_the_user),
	TEST(registers_of_the_user),
	TEST(place_on_the_same_stack),
	LOOP(place_with_a_gap, 2),
	LOOP(behind_an_int3, 6),
	LOOP(no_code, 8),
	LOOP(places_below_rsp, 4),
	TEST(place_on_an_exception_stack),
	TEST(place_with_fred),
	TEST(copies_of_an_nmi),
	LOOP(who_saves_registers, 2),
	{ 0 },
};

static const struct unit_test calls_tests[] = {
	TEST(only_entry_code_calls),
	TEST(calls_that_cannot_be_told),
	TEST(code_by_its_name),
	TEST(user_mode_below),
	TEST(starts_of_tasks),
	TEST(espfix_places),
	TEST(whole_registers_of_4_14),
	TEST(bitmaps_of_ports),
	TEST(compared_registers),
	TEST(calls_of_what_is_no_code),
	LOOP(handlers_with_long_names, 2),
	TEST(who_starts_a_cpu),
	TEST(orig_rax_of_an_interrupt),
	TEST(entry_of_a_module),
	LOOP(entry_by_int80, 2),
	LOOP(orig_rax_at_the_ends, 5),
	{ 0 },
};

static const struct unit_test begin_tests[] = {
	TEST(where_tasks_sleep),
	TEST(where_stacks_begin),
	LOOP(contexts_are_counted, 2),
	{ 0 },
};

static const struct unit_test claims_tests[] = {
	TEST(claims_of_tasks),
	TEST(claims_of_cpus),
	TEST(numbers_and_areas),
	{ 0 },
};

const struct unit_suite suite_evidence = {
	"evidence",
	{
		{ "registers", regs_tests, fixture_task, NULL },
		{ "calls", calls_tests, fixture_task, NULL },
		{ "beginnings", begin_tests, fixture_task, NULL },
		{ "claims", claims_tests, fixture_task, NULL },
	},
};
