/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stackinfo/x86_64.h>

#include <string.h>

#include "../../kernel/cpus.h"
#include "../../kernel/layout.h"
#include "../../target/memory.h"
#include "x86_64.h"

/* The static initialiser of sp0: a CPU that was never brought up still has it. */
#define SP0_POISON 0x8000000000000001ull

static const char *const slot_names[STK_NR_TSS_SLOTS] = {
	"sp0",	  "sp1",    "sp2",    "ist[0]", "ist[1]",
	"ist[2]", "ist[3]", "ist[4]", "ist[5]", "ist[6]",
};

/*
 * What the kernel puts into ist[], in the order of the table in
 * arch/x86/include/asm/page_64_types.h; slots that it leaves alone are UNKNOWN.
 */
static const enum stk_stack_kind ist_kind[STK_NR_IST] = {
	STK_STACK_DF, STK_STACK_NMI,	 STK_STACK_DB,	    STK_STACK_MCE,
	STK_STACK_VC, STK_STACK_UNKNOWN, STK_STACK_UNKNOWN,
};

static void read_values(struct stk *s, struct stk_tss *tss)
{
	static const enum stk_member_id sp[] = {
		STK_MEM_x86_hw_tss_sp0,
		STK_MEM_x86_hw_tss_sp1,
		STK_MEM_x86_hw_tss_sp2,
	};
	struct stk_member m, hw = { 0 };

	stk_member(s, tss_struct, x86_tss, &hw);
	for (size_t i = 0; i < 3; i++) {
		struct stk_tss_slot *slot = &tss->slot[STK_TSS_SP0 + i];

		slot->readable =
			!stk_member_id(s, sp[i], &m) &&
			!stk_read_u64(s, tss->addr + hw.offset + m.offset, &slot->value);
	}
	if (stk_member(s, x86_hw_tss, ist, &m))
		return;
	for (size_t i = 0; i < STK_NR_IST; i++) {
		struct stk_tss_slot *slot = &tss->slot[STK_TSS_IST0 + i];

		slot->readable = !stk_read_u64(
			s, tss->addr + hw.offset + m.offset + 8 * i, &slot->value);
	}
}

/* The stack whose top is @value, or that holds it. */
static void find_stack(struct stk *s, struct stk_tss *tss, struct stk_tss_slot *slot)
{
	const struct stk_stack *stack;
	unsigned char byte;
	size_t nr;

	if (!slot->readable || !slot->value || stk_cpu_stacks(s, tss->cpu, &stack, &nr))
		return;
	for (size_t i = 0; i < nr; i++) {
		if (slot->value <= stack[i].begin || slot->value > stack[i].end)
			continue;
		slot->has_stack = true;
		slot->stack = stack[i];
		slot->store_readable =
			stack[i].store && !stk_read(s, stack[i].store, &byte, 1);
		slot->has_phys = !stk_translate(s, stack[i].begin, &slot->phys);
	}
}

/* Which IDT gates switch to which IST slot. */
static void read_users(struct stk *s, struct stk_tss *tss)
{
	for (unsigned int v = 0; v < X86_IDT_ENTRIES; v++) {
		struct stk_tss_slot *slot;
		unsigned int ist;
		uint64_t handler;

		if (!x86_idt_gate(s, v, &handler, &ist) || !ist)
			continue;
		slot = &tss->slot[STK_TSS_IST0 + ist - 1];
		if (slot->nr_users == STK_MAX_IST_USERS)
			continue;
		slot->users[slot->nr_users].vector = v;
		slot->users[slot->nr_users++].handler = handler;
	}
}

static void check_sp0(struct stk_tss_slot *slot)
{
	if (!slot->readable)
		return;
	if (slot->value == SP0_POISON)
		slot->problem = "still the initial poison: this CPU never came up";
	else if (!slot->has_stack || slot->stack.kind != STK_STACK_ENTRY)
		slot->problem = "not on this CPU's entry stack";
	else if (slot->value != slot->stack.end)
		slot->problem = "not the top of the entry stack";
}

static void check_ist(struct stk *s, struct stk_tss *tss, unsigned int n)
{
	struct stk_tss_slot *slot = &tss->slot[STK_TSS_IST0 + n];
	const struct stk_stack *stack;
	bool expected = false;
	size_t nr;

	if (!slot->readable || stk_cpu_stacks(s, tss->cpu, &stack, &nr))
		return;
	for (size_t i = 0; i < nr; i++)
		expected |= stack[i].kind == ist_kind[n] &&
			    stack[i].kind != STK_STACK_UNKNOWN;
	if (!slot->value) {
		if (!expected)
			slot->meaning = "not used";
		else if (stk_has_sym(s, asm_fred_entrypoint_user))
			slot->meaning = "not filled in: FRED takes the place of the IST";
		else
			slot->problem = "empty, though the kernel has a stack for it";
		return;
	}
	if (!slot->has_stack)
		slot->problem = "on no stack of this CPU";
	else if (slot->stack.kind != ist_kind[n])
		slot->problem = "on another stack than the kernel's layout says";
	else if (slot->value != slot->stack.end)
		slot->problem =
			"not the top of its stack: moved by a handler in progress?";
	else if (!slot->stack.mapped)
		slot->meaning =
			"address reserved; the stack is mapped in SEV-ES guests only";
}

/*
 * sp1 held the top of the task's stack until that became a variable of its own
 * (5.12-5.14, commit 1591584e2e76); sp2 is where SYSCALL parks the user's rsp
 * since 5.0 (commit 98f05b5138f0), and is no stack.
 */
static void explain_sp1_sp2(struct stk *s, struct stk_tss *tss)
{
	struct stk_tss_slot *sp1 = &tss->slot[STK_TSS_SP1],
			    *sp2 = &tss->slot[STK_TSS_SP2];
	struct stk_task task;

	if (sp1->readable && !sp1->has_stack) {
		if (!stk_cpu_current(s, tss->cpu, &task) && task.stack &&
		    sp1->value > task.stack &&
		    sp1->value <= task.stack + x86_thread_size(s)) {
			sp1->has_stack = !stk_task_stack(s, &task, &sp1->stack);
			sp1->has_phys = !stk_translate(s, sp1->stack.begin, &sp1->phys);
		} else if (!sp1->value) {
			sp1->meaning = "not used";
		} else {
			sp1->meaning = "no stack of this CPU";
		}
	}
	if (sp2->readable && !sp2->has_stack)
		sp2->meaning = sp2->value ? "user rsp at the last SYSCALL" : "not used";
}

enum stk_status stk_tss_read(struct stk *s, unsigned int cpu, struct stk_tss *out)
{
	uint64_t percpu, sym, cea, alias_phys;
	struct stk_member tss;
	enum stk_status st = stk_percpu_offset(s, cpu, &percpu);

	memset(out, 0, sizeof(*out));
	if (st)
		return st;
	out->cpu = cpu;
	out->online = stk_cpu_online(s, cpu);
	/* 4.15 split the read-only alias off and renamed it, commit c482feefe1ae. */
	if (stk_sym(s, cpu_tss_rw, &sym)) {
		st = stk_sym(s, cpu_tss, &sym);
		if (st)
			return st;
	}
	out->addr = sym + percpu;
	out->has_phys = !stk_translate(s, out->addr, &out->phys);
	cea = x86_cpu_entry_area(s, cpu);
	if (cea && !stk_member(s, cpu_entry_area, tss, &tss)) {
		out->alias = cea + tss.offset;
		out->alias_checked =
			out->has_phys && !stk_translate(s, out->alias, &alias_phys);
		out->alias_same = out->alias_checked && alias_phys == out->phys;
	}
	for (size_t i = 0; i < STK_NR_TSS_SLOTS; i++)
		out->slot[i].name = slot_names[i];
	read_values(s, out);
	for (size_t i = 0; i < STK_NR_TSS_SLOTS; i++)
		find_stack(s, out, &out->slot[i]);
	read_users(s, out);
	check_sp0(&out->slot[STK_TSS_SP0]);
	explain_sp1_sp2(s, out);
	for (unsigned int i = 0; i < STK_NR_IST; i++)
		check_ist(s, out, i);
	return stk_interrupted(s) ? STK_ERR_INTERRUPTED : STK_OK;
}
