/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stackinfo/x86_64.h>

#include <string.h>

#include "../../kernel/cpus.h"
#include "../../kernel/layout.h"
#include "../../machine/memory.h"
#include "exception.h"
#include "../../base/say.h"

/* The static initialiser of sp0: a CPU that was never brought up still has it. */
#define SP0_POISON 0x8000000000000001ull

static const char *const slot_names[STK_X86_NR_TSS_SLOTS] = {
	"sp0",	  "sp1",    "sp2",    "ist[0]", "ist[1]",
	"ist[2]", "ist[3]", "ist[4]", "ist[5]", "ist[6]",
};

static void read_values(struct stk *s, struct stk_x86_tss *tss)
{
	static const char *const sp[] = { "sp0", "sp1", "sp2" };
	struct stk_member m, hw = { 0 };

	stk_find_member(s, "tss_struct", "x86_tss", &hw);
	for (size_t i = 0; i < 3; i++) {
		struct stk_x86_tss_slot *slot = &tss->slot[STK_X86_TSS_SP0 + i];

		slot->readable =
			stk_find_member(s, "x86_hw_tss", sp[i], &m) &&
			!stk_read_u64(s, tss->addr + hw.offset + m.offset, &slot->value);
	}
	if (!stk_find_member(s, "x86_hw_tss", "ist", &m))
		return;
	for (size_t i = 0; i < STK_X86_NR_IST; i++) {
		struct stk_x86_tss_slot *slot = &tss->slot[STK_X86_TSS_IST0 + i];

		slot->readable = !stk_read_u64(
			s, tss->addr + hw.offset + m.offset + 8 * i, &slot->value);
	}
}

/* The stack whose top is @value, or that holds it. */
static void find_stack(struct stk *s, struct stk_x86_tss *tss,
		       struct stk_x86_tss_slot *slot)
{
	const struct stk_stack *stack;
	unsigned char byte;
	size_t nr;

	if (!slot->readable || stk_cpu_stacks(s, tss->cpu, &stack, &nr))
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
static void read_users(struct stk *s, struct stk_x86_tss *tss)
{
	for (unsigned int v = 0; v < X86_IDT_ENTRIES; v++) {
		struct stk_x86_tss_slot *slot;
		unsigned int ist;
		uint64_t handler;

		if (!x86_idt_gate(s, v, &handler, &ist) || !ist)
			continue;
		slot = &tss->slot[STK_X86_TSS_IST0 + ist - 1];
		if (slot->nr_users == STK_X86_MAX_IST_USERS)
			continue;
		slot->users[slot->nr_users].vector = v;
		slot->users[slot->nr_users++].handler = handler;
	}
}

#define FEATURE_XENPV (8u * 32 + 16)
#define FEATURE_FRED  (12u * 32 + 17) /* 6.9+, commit 51c158f7aacc */

bool x86_uses_fred(struct stk *s)
{
	return stk_has_symbol(s, "asm_fred_entrypoint_user") &&
	       x86_cpu_feature(s, FEATURE_FRED) != 0;
}

static const struct stk_stack *of_kind(struct stk *s, const struct stk_x86_tss *tss,
				       const struct stk_kind *kind)
{
	const struct stk_stack *stack;
	size_t nr;

	if (!kind || stk_cpu_stacks(s, tss->cpu, &stack, &nr))
		return NULL;
	for (size_t i = 0; i < nr; i++)
		if (stack[i].kind == kind)
			return &stack[i];
	return NULL;
}

/* 4.15+ and 4.14.y; asks for the type, which cannot be lost with a page of the dump. */
bool x86_has_entry_area(struct stk *s)
{
	uint32_t size;

	return stk_find_size(s, "cpu_entry_area", &size);
}

/*
 * Without page-table isolation's entry stack, and in a Xen PV guest (Xen enters the
 * kernel there), sp0 follows the task: load_sp0() in __switch_to().
 */
static bool sp0_is_task(struct stk *s)
{
	return !x86_has_entry_area(s) || x86_cpu_feature(s, FEATURE_XENPV) == 1;
}

static void check_sp0(struct stk *s, struct stk_x86_tss *tss)
{
	struct stk_x86_tss_slot *slot = &tss->slot[STK_X86_TSS_SP0];

	if (!slot->readable)
		return;
	if (slot->value == SP0_POISON && !tss->online)
		slot->meaning = "the initial poison: this CPU never came up";
	else if (slot->value == SP0_POISON)
		slot->problem = "still the initial poison: this CPU never came up";
	else if (sp0_is_task(s))
		slot->meaning = "follows the task: see top_of_stack";
	else if (slot->value && !of_kind(s, tss, X86_STACK(ENTRY)))
		slot->meaning = "the entry stack cannot be found: not checked";
	else if (!slot->has_stack || slot->stack.kind != X86_STACK(ENTRY))
		slot->problem = "not on this CPU's entry stack";
	else if (slot->value != slot->stack.end)
		slot->problem = "not the top of the entry stack";
	else if (x86_uses_fred(s))
		slot->meaning = "not used: FRED has stacks of its own in MSRs";
}

/* ---- slots that a handler moves while it runs ---- */

/*
 * A #DB that interrupted the kernel lowers ist[2] so that a #DB inside it does not
 * overwrite its frame: "shift_ist" of idtentry in entry_64.S, until 5.8 (commit
 * fd501d4f0399). By how much: DB_STACK_OFFSET, to the DB1 stack, since 5.2 (commit
 * 2a594d4ccf3f), and EXCEPTION_STKSZ, within the stack, before. Kernels before 4.16
 * (commit d8ba61ba58c8) do the same for #BP.
 */
static bool moved_by_db(struct stk *s, struct stk_x86_tss *tss,
			struct stk_x86_tss_slot *slot, const struct stk_stack *own)
{
	const struct stk_stack *db1 = of_kind(s, tss, X86_STACK(DB1));
	const struct stk_stack *nmi = of_kind(s, tss, X86_STACK(NMI));
	uint64_t shift = db1 ? own->begin - db1->begin : nmi ? nmi->end - nmi->begin : 0;
	const char *who = "a #DB handler that interrupted the kernel";
	uint64_t times;

	/* Where there is one #DB stack of the common size nothing moves. */
	if (!shift || (!db1 && own->end - own->begin < 2 * shift))
		return false;
	times = (own->end - slot->value) / shift;
	if (times > 2 || own->end - slot->value != times * shift)
		return false;
	for (size_t i = 0; i < slot->nr_users; i++)
		if (slot->users[i].vector == 3)
			who = "a #DB or #BP handler that interrupted the kernel";
	slot->problem = stk_say(s, "lowered by %#llx (%s): %s is running%s",
				(unsigned long long)(own->end - slot->value),
				db1 ? "DB_STACK_OFFSET" : "EXCEPTION_STKSZ", who,
				times == 2 ? ", and another inside it" : "");
	slot->witness = *own;
	return true;
}

/*
 * In an SEV-ES guest an NMI that may raise #VC lowers ist[4] below what was in use and
 * leaves the old value in the word there (__sev_es_ist_enter(), 5.10+, commit
 * 315562c9af3d).
 */
static bool moved_by_nmi(struct stk *s, struct stk_x86_tss *tss,
			 struct stk_x86_tss_slot *slot, const struct stk_stack *own)
{
	const struct stk_stack *nmi = of_kind(s, tss, X86_STACK(NMI));
	uint64_t old;

	if (!nmi || slot->value < own->begin || stk_read_u64(s, slot->value, &old) ||
	    old <= slot->value || old > own->end)
		return false;
	slot->problem = stk_say(
		s,
		"lowered by %#llx (SEV-ES): an NMI is being handled; the old value, %#llx, "
		"is in the word at the new one",
		(unsigned long long)(own->end - slot->value), (unsigned long long)old);
	slot->witness = *nmi;
	return true;
}

static bool (*const moved[STK_X86_NR_IST])(struct stk *s, struct stk_x86_tss *tss,
					   struct stk_x86_tss_slot *slot,
					   const struct stk_stack *own) = {
	[2] = moved_by_db,
	[4] = moved_by_nmi,
};

/* A slot that the kernel fills in. */
static void check_filled(struct stk_x86_tss_slot *slot, const struct stk_kind *kind)
{
	if (!slot->has_stack)
		slot->problem = "on no stack of this CPU";
	else if (slot->stack.kind != kind)
		slot->problem = "on another stack than the kernel's layout says";
	else if (slot->value != slot->stack.end)
		slot->problem =
			"not the top of its stack, and not where a handler moves it to";
	else if (slot->stack.mapped)
		return;
	else if (slot->stack.kind == X86_STACK(VC))
		slot->meaning =
			"address reserved; the stack is mapped in SEV-ES guests only";
	else
		slot->problem = "its stack is not mapped";
}

static void check_empty(struct stk *s, const struct stk_x86_tss *tss,
			struct stk_x86_tss_slot *slot, const struct stk_stack *own)
{
	if (!own)
		slot->meaning = "not used";
	else if (tss->never_up)
		slot->meaning = "never set";
	else if (x86_uses_fred(s))
		slot->meaning = "not filled in: FRED takes the place of the IST";
	else
		slot->problem = "empty, though the kernel has a stack for it";
}

static void check_ist(struct stk *s, struct stk_x86_tss *tss, unsigned int n)
{
	struct stk_x86_tss_slot *slot = &tss->slot[STK_X86_TSS_IST0 + n];
	const struct stk_stack *own = of_kind(s, tss, x86_ist_kind(n));

	if (!slot->readable)
		return;
	if (!of_kind(s, tss, X86_STACK(DF)))
		slot->meaning = "the exception stacks cannot be found: not checked";
	else if (!slot->value)
		check_empty(s, tss, slot, own);
	else if (own && slot->value < own->end && moved[n] && moved[n](s, tss, slot, own))
		slot->in_flight = slot->has_witness = true;
	else
		check_filled(slot, x86_ist_kind(n));
}

/* An offline CPU whose TSS is as the kernel's image has it. */
static bool never_up(const struct stk_x86_tss *tss)
{
	const struct stk_x86_tss_slot *slot = tss->slot;

	for (unsigned int i = STK_X86_TSS_IST0; i < STK_X86_NR_TSS_SLOTS; i++)
		if (!slot[i].readable || slot[i].value)
			return false;
	return !tss->online && slot[STK_X86_TSS_SP0].readable &&
	       slot[STK_X86_TSS_SP0].value == SP0_POISON;
}

/*
 * sp1 held the top of the task's stack until that became a variable of its own
 * (5.12-5.14, commit 1591584e2e76); sp2 is where SYSCALL parks the user's rsp
 * since 5.0 (commit 98f05b5138f0), and is no stack.
 */
static void explain_sp1_sp2(struct stk *s, struct stk_x86_tss *tss)
{
	struct stk_x86_tss_slot *sp1 = &tss->slot[STK_X86_TSS_SP1],
				*sp2 = &tss->slot[STK_X86_TSS_SP2];
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

static enum stk_status read_tss(struct stk *s, unsigned int cpu, struct stk_x86_tss *out)
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
	if (!stk_find_symbol(s, "cpu_tss_rw", &sym)) {
		st = stk_symbol(s, "cpu_tss", &sym);
		if (st)
			return st;
	}
	out->addr = sym + percpu;
	out->has_phys = !stk_translate(s, out->addr, &out->phys);
	cea = x86_cpu_entry_area(s, cpu);
	if (cea && stk_find_member(s, "cpu_entry_area", "tss", &tss)) {
		out->alias = cea + tss.offset;
		out->alias_checked =
			out->has_phys && !stk_translate(s, out->alias, &alias_phys);
		out->alias_same = out->alias_checked && alias_phys == out->phys;
	}
	for (size_t i = 0; i < STK_X86_NR_TSS_SLOTS; i++)
		out->slot[i].name = slot_names[i];
	read_values(s, out);
	for (size_t i = 0; i < STK_X86_NR_TSS_SLOTS; i++)
		find_stack(s, out, &out->slot[i]);
	read_users(s, out);
	out->never_up = never_up(out);
	check_sp0(s, out);
	explain_sp1_sp2(s, out);
	for (unsigned int i = 0; i < STK_X86_NR_IST; i++)
		check_ist(s, out, i);
	x86_tss_facts(s, out);
	return stk_must_stop(s) ? stk_why_stop(s) : STK_OK;
}

enum stk_status stk_x86_tss_read(struct stk *s, unsigned int cpu, struct stk_x86_tss *out)
{
	stk_enter(s);
	if (s->arch->reg_names != x86_reg_names)
		return stk_leave(s, stk_fail(s, STK_ERR_UNSUPPORTED, "%s has no TSS",
					     s->arch->name));
	return stk_leave(s, read_tss(s, cpu, out));
}
