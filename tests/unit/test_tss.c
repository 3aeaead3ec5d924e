/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves that a CPU's TSS is decoded (unaligned members, both addresses of it), each
 * slot is matched with its stack, and what deviates from the kernel's layout is said.
 */
#include "fixture.h"
#include "suite.h"
#include "viewed.h"

#include <stdio.h>
#include <string.h>

#include "arch/x86_64/tss_facts.h"
#include "stacks/stack.h"

static struct stk *s;
static struct stk_x86_tss t;

static void load(unsigned int cpu)
{
	s = syn_open(m);
	ck_assert_int_eq(stk_x86_tss_read(s, cpu, &t), STK_OK);
	same_tss(s, &t, false);
}

static uint64_t tss(unsigned int cpu)
{
	return syn_percpu(m, "cpu_tss_rw", cpu);
}

static const struct stk_x86_tss_fact *fact(const char *name)
{
	for (size_t i = 0; i < t.nr_facts; i++)
		if (!strcmp(t.fact[i].name, name))
			return &t.fact[i];
	ck_abort_msg("no fact %s", name);
	return NULL;
}

static void expect_good(const char *name, uint64_t value, const char *meaning)
{
	const struct stk_x86_tss_fact *f = fact(name);

	ck_assert(f->readable);
	ck_assert_uint_eq(f->value, value);
	ck_assert_ptr_null(f->problem);
	ck_assert_msg(f->meaning && strstr(f->meaning, meaning), "%s: %s", name,
		      f->meaning ? f->meaning : "-");
}

static void expect_bad(const char *name, const char *problem, bool in_flight)
{
	const struct stk_x86_tss_fact *f = fact(name);

	ck_assert_msg(f->problem && strstr(f->problem, problem), "%s: %s", name,
		      f->problem ? f->problem : "-");
	ck_assert(f->in_flight == in_flight);
}

static size_t deviations(void)
{
	size_t nr = 0;

	for (size_t i = 0; i < STK_X86_NR_TSS_SLOTS; i++)
		nr += t.slot[i].problem != NULL;
	for (size_t i = 0; i < t.nr_facts; i++)
		nr += t.fact[i].problem != NULL;
	return nr;
}

static struct syn_note *qemu(unsigned int cpu)
{
	struct syn_note *n = syn_note(m, STK_NOTE_QEMU, cpu + 1);

	n->have_sys = true;
	n->tr_selector = 0x40;
	n->tr_base = syn_cea(m, cpu) + 0x2000;
	n->tr_limit = 0x4087;
	n->gdt_base = syn_cea(m, cpu);
	n->gdt_limit = 127;
	n->idt_base = SYN_RO_IDT;
	n->idt_limit = 0xfff;
	return n;
}

static struct stk_x86_tss_slot *ist(unsigned int n)
{
	return &t.slot[STK_X86_TSS_IST0 + n];
}

START_TEST(as_it_should_be)
{
	static const struct stk_kind *const kind[] = { X86_STACK(DF), X86_STACK(NMI),
						       X86_STACK(DB), X86_STACK(MCE),
						       X86_STACK(VC) };
	static const char *const name[] = { "DF", "NMI", "DB", "MCE", "VC" };
	uint64_t phys;

	load(1);
	ck_assert_uint_eq(t.cpu, 1);
	ck_assert(t.online);
	ck_assert_uint_eq(t.addr, tss(1));
	ck_assert_uint_eq(t.alias, syn_cea(m, 1) + 0x2000);
	ck_assert(t.has_phys && t.alias_checked && t.alias_same);
	ck_assert_str_eq(t.slot[STK_X86_TSS_SP0].name, "sp0");
	ck_assert_uint_eq(t.slot[STK_X86_TSS_SP0].value, syn_cea(m, 1) + 0x2000);
	ck_assert_ptr_eq(t.slot[STK_X86_TSS_SP0].stack.kind, X86_STACK(ENTRY));
	for (unsigned int i = 0; i < 5; i++) {
		ck_assert(ist(i)->readable && ist(i)->has_stack);
		ck_assert_uint_eq(ist(i)->value, syn_ist_top(m, 1, name[i]));
		ck_assert_ptr_eq(ist(i)->stack.kind, kind[i]);
	}
	for (unsigned int i = 5; i < 7; i++) {
		ck_assert(!ist(i)->has_stack);
		ck_assert_str_eq(ist(i)->meaning, "not used");
	}
	for (unsigned int i = 0; i < STK_X86_NR_TSS_SLOTS; i++)
		ck_assert_ptr_null(t.slot[i].problem);
	ck_assert_ptr_nonnull(strstr(ist(4)->meaning, "SEV-ES"));
	ck_assert_ptr_nonnull(strstr(t.slot[STK_X86_TSS_SP2].meaning, "SYSCALL"));
	ck_assert_str_eq(t.slot[STK_X86_TSS_SP1].meaning, "not used");
	ck_assert(syn_phys(m, ist(1)->stack.begin, &phys));
	ck_assert(ist(1)->has_phys);
	ck_assert_uint_eq(ist(1)->phys, phys);
	ck_assert(ist(1)->store_readable);
	ck_assert_uint_eq(deviations(), 0);
}
END_TEST

/* The hardware frame's users: which vectors switch to which stack. */
START_TEST(users_of_the_ist)
{
	load(0);
	ck_assert_uint_eq(ist(1)->nr_users, 1);
	ck_assert_uint_eq(ist(1)->users[0].vector, 2);
	ck_assert_uint_eq(ist(1)->users[0].handler, syn_sym(m, "asm_exc_nmi"));
	ck_assert_uint_eq(ist(0)->nr_users, 1);
	ck_assert_uint_eq(ist(0)->users[0].vector, 8);
	ck_assert_uint_eq(ist(2)->nr_users, 1);
	ck_assert_uint_eq(ist(2)->users[0].handler, syn_sym(m, "asm_exc_debug"));
	/* All others stay where they are. */
	for (unsigned int i = 0; i < STK_X86_TSS_IST0; i++)
		ck_assert_uint_eq(t.slot[i].nr_users, 0);
	/* Every gate uses one: as many as there is room for. */
	for (unsigned int v = 0; v < 256; v++)
		syn_put8(m, syn_sym(m, "idt_table") + 16 * v + 4, 7);
	load(0);
	ck_assert_uint_eq(ist(6)->nr_users, STK_X86_MAX_IST_USERS);
}
END_TEST

/* sp1 is the top of the task's stack in 5.4. */
START_TEST(sp1_of_5_4)
{
	syn_free(m);
	m = syn_kernel(SYN_5_4);
	sh = syn_task(m, "sh", 227, 0);
	syn_set_current(m, 1, sh);
	syn_put64(m, tss(1) + 12, syn_stack(m, sh) + SYN_THREAD_SIZE);
	load(1);
	ck_assert(t.slot[STK_X86_TSS_SP1].has_stack);
	ck_assert_ptr_eq(t.slot[STK_X86_TSS_SP1].stack.kind, X86_STACK(TASK));
	ck_assert_uint_eq(t.slot[STK_X86_TSS_SP1].stack.task, sh);
	ck_assert_str_eq(ist(4)->meaning, "not used");
	ck_assert_ptr_null(ist(4)->problem);
}
END_TEST

/* Where sp1 is none of the task's it may be whatever else it is. */
START_TEST(sp1_on_another_stack)
{
	const struct stk_x86_tss_slot *sp1 = &t.slot[STK_X86_TSS_SP1];

	syn_put64(m, tss(1) + 12, syn_ist_top(m, 1, "NMI"));
	load(1);
	ck_assert(sp1->has_stack);
	ck_assert_ptr_eq(sp1->stack.kind, X86_STACK(NMI));
	ck_assert_ptr_null(sp1->meaning);
	syn_put64(m, tss(1) + 12, SYN_DIRECT);
	load(1);
	ck_assert(!sp1->has_stack);
	ck_assert_str_eq(sp1->meaning, "no stack of this CPU");
}
END_TEST

/* ---- deviations ---- */

START_TEST(sp0_deviates)
{
	static const char *const want[] = { "never came up",
					    "not on this CPU's entry stack",
					    "not the top of the entry stack",
					    "not on this CPU's entry stack",
					    "not on this CPU's entry stack" };
	uint64_t bad[] = { 0x8000000000000001ull, 0x1234, syn_cea(m, 1) + 0x1ff8,
			   syn_cea(m, 0) + 0x2000, syn_ist_top(m, 1, "NMI") };

	syn_put64(m, tss(1) + 4, bad[_i]);
	load(1);
	ck_assert_ptr_nonnull(t.slot[STK_X86_TSS_SP0].problem);
	ck_assert_ptr_nonnull(strstr(t.slot[STK_X86_TSS_SP0].problem, want[_i]));
}
END_TEST

START_TEST(ist_deviates)
{
	static const char *const want[] = { "empty", "on no stack", "another stack",
					    "not the top", "on no stack" };
	uint64_t bad[] = { 0, SYN_DIRECT, syn_ist_top(m, 1, "DF"),
			   syn_ist_top(m, 1, "NMI") - 4096, syn_ist_top(m, 0, "NMI") };

	syn_put64(m, tss(1) + 36 + 8, bad[_i]);
	load(1);
	ck_assert_ptr_nonnull(ist(1)->problem);
	ck_assert_ptr_nonnull(strstr(ist(1)->problem, want[_i]));
	ck_assert_ptr_null(ist(0)->problem);
}
END_TEST

/* A #DB handler in the kernel moves ist[2] of 5.2-5.7 from DB to DB1. */
START_TEST(moved_by_db)
{
	uint64_t db;

	fixture_task_of(syn_kernel(SYN_5_4));
	syn_syscall(&c);
	db = syn_ist_top(m, 1, "DB");
	syn_put64(m, tss(1) + 36 + 16, syn_ist_top(m, 1, _i ? "DB2" : "DB1"));
	if (!_i) { /* is the handler there? */
		uint64_t ip = c.ip, sp = c.sp;

		c.sp = db;
		syn_pt_regs(&c, ip, 0x10, sp, c.bp);
		c.function = "asm_exc_debug";
		syn_call(&c, 0x40, "panic");
		syn_crash_note(&c);
	}
	load(1);
	ck_assert_uint_eq(deviations(), 1);
	ck_assert(ist(2)->in_flight && ist(2)->has_witness);
	ck_assert_uint_eq(ist(2)->witness.end, db);
	ck_assert_ptr_nonnull(strstr(ist(2)->problem, "DB_STACK_OFFSET"));
	ck_assert_ptr_nonnull(strstr(ist(2)->problem, _i ? "0x4000" : "0x2000"));
	ck_assert((strstr(ist(2)->problem, "another inside") != NULL) == _i);
	stk_x86_tss_evidence(s, &t);
	same_tss(s, &t, true);
	if (_i)
		ck_assert_ptr_nonnull(strstr(ist(2)->evidence, "not confirmed"));
	else
		ck_assert_str_eq(ist(2)->evidence,
				 "confirmed: the CPU's chain is on the #DB stack, and "
				 "goes on in task_spin+64");
	/* By another amount no handler does. */
	syn_put64(m, tss(1) + 36 + 16, db - 4096 + 8);
	load(1);
	ck_assert(!ist(2)->in_flight);
	ck_assert_ptr_nonnull(strstr(ist(2)->problem, "not the top"));
	for (int i = -1; i <= 1; i++) {
		syn_put64(m, tss(1) + 36 + 16, db - (_i ? 0x4000 : 0x2000) + 8 * i);
		load(1);
		ck_assert(ist(2)->in_flight == !i);
	}
	syn_put64(m, tss(1) + 36 + 16, db - 0x6000);
	load(1);
	ck_assert(!ist(2)->in_flight);
}
END_TEST

/* Since 5.8 nothing moves ist[2]. */
START_TEST(nothing_moves_it)
{
	syn_put64(m, tss(1) + 36 + 16, syn_ist_top(m, 1, "DB") - 4096);
	load(1);
	ck_assert(!ist(2)->in_flight);
	ck_assert_ptr_nonnull(strstr(ist(2)->problem, "not where a handler moves it"));
}
END_TEST

START_TEST(moved_by_sev_es_nmi)
{
	uint64_t top = syn_ist_top(m, 1, "VC");

	syn_map_vc(m, 1);
	syn_put64(m, tss(1) + 36 + 32, top - 8);
	syn_put64(m, top - 8, top);
	load(1);
	ck_assert_uint_eq(deviations(), 1);
	ck_assert_ptr_nonnull(strstr(ist(4)->problem, "SEV-ES"));
	stk_x86_tss_evidence(s, &t);
	same_tss(s, &t, true);
	ck_assert_ptr_nonnull(strstr(ist(4)->evidence, "not confirmed"));
	/* The NMI's own mark. */
	syn_put64(m, syn_ist_top(m, 1, "NMI") - 56, 1);
	load(1);
	stk_x86_tss_evidence(s, &t);
	same_tss(s, &t, true);
	ck_assert_ptr_eq(strstr(ist(4)->evidence, "confirmed: the NMI stack"),
			 ist(4)->evidence);
	/* Without the old value in its place it is no such move. */
	syn_put64(m, top - 8, top + 8);
	load(1);
	ck_assert(!ist(4)->in_flight);
	ck_assert_ptr_nonnull(strstr(ist(4)->problem, "not the top"));
}
END_TEST

/* ---- what has to agree with the TSS ---- */

START_TEST(facts_as_they_should_be)
{
	static const int eras[] = { SYN_5_4, SYN_5_8, SYN_6_1, SYN_FRED };
	bool has_vc = eras[_i] >= SYN_6_1;
	uint64_t cea;

	syn_free(m);
	m = syn_kernel(eras[_i]);
	if (eras[_i] == SYN_FRED) {
		syn_symbol(m, "boot_cpu_data", SYN_DATA + 0x2800);
		syn_member(m, "cpuinfo_x86.x86_capability", 16, 80);
		syn_put32(m, SYN_DATA + 0x2800 + 16 + 4 * 12, 1 << 17);
	}
	sh = syn_task(m, "sh", 227, 0);
	syn_set_current(m, 1, sh);
	load(1);
	cea = syn_cea(m, 1);
	ck_assert_uint_eq(deviations(), 0);
	expect_good("top_of_stack",
		    syn_stack(m, sh) + SYN_THREAD_SIZE - (eras[_i] == SYN_FRED ? 16 : 0),
		    "of PID 227 \"sh\", current");
	ck_assert_ptr_nonnull(
		strstr(fact("top_of_stack")->meaning,
		       eras[_i] < SYN_6_1 ? "sp1" : "cpu_current_top_of_stack"));
	expect_good("io_bitmap_base", eras[_i] == SYN_5_4 ? 0x8000 : 0x4088, "none");
	expect_good("gdt_page", syn_percpu(m, "gdt_page", 1), "one page");
	expect_good("gdt[8] base", cea + 0x2000, "cpu_entry_area");
	expect_good("gdt[8] limit", eras[_i] == SYN_5_4 ? 0x206f : 0x4087, "I/O bitmap");
	expect_good("gdt[8] type", 0x8b, "busy");
	expect_good("idt_descr.size", 0xfff, "256");
	if (eras[_i] == SYN_FRED) {
		expect_good("idt_table", syn_sym(m, "idt_table"), "FRED");
		return;
	}
	expect_good("idt_table", syn_sym(m, "idt_table"), "one page");
	expect_good("idt_descr.address", SYN_RO_IDT, "read-only");
	expect_good("gate 1 #DB", syn_sym(m, "asm_exc_debug"), "asm_exc_debug on ist[2]");
	expect_good("gate 2 NMI", syn_sym(m, "asm_exc_nmi"), "on ist[1]");
	if (has_vc)
		expect_good("gate 29 #VC", syn_sym(m, "asm_exc_vmm_communication"),
			    "on ist[4]");
}
END_TEST

START_TEST(top_of_another_task)
{
	uint64_t cat;
	uint64_t at = syn_percpu(m, "cpu_current_top_of_stack", 1);

	sh = syn_task(m, "sh", 227, 0);
	cat = syn_task(m, "cat", 228, 0);
	c = syn_cpu(m, 1, cat);
	syn_syscall(&c);
	syn_call(&c, 0x40, _i ? "schedule" : "__switch_to");
	syn_crash_note(&c);
	syn_put64(m, at, syn_stack(m, sh) + SYN_THREAD_SIZE);
	load(1);
	ck_assert_uint_eq(deviations(), 1);
	expect_bad("top_of_stack", "of PID 227 \"sh\", while PID 228 \"cat\" is current",
		   true);
	stk_x86_tss_evidence(s, &t);
	same_tss(s, &t, true);
	ck_assert_ptr_nonnull(strstr(fact("top_of_stack")->evidence,
				     _i ? "not confirmed" : "confirmed: the CPU is in"));
	syn_put64(m, at, syn_stack(m, sh) + SYN_THREAD_SIZE - 16);
	load(1);
	expect_bad("top_of_stack",
		   "not the top of the stack of the current task, PID 228", false);
}
END_TEST

/* With FRED both tops are 16 bytes lower. */
START_TEST(top_of_another_task_with_fred)
{
	uint64_t cat, at;

	fixture_task_of(syn_kernel(SYN_FRED));
	at = syn_percpu(m, "cpu_current_top_of_stack", 1);
	cat = syn_task(m, "cat", 228, 0);
	c = syn_cpu(m, 1, cat);
	syn_put64(m, at, syn_stack(m, cat) + SYN_THREAD_SIZE - 16);
	load(1);
	expect_good("top_of_stack", syn_stack(m, cat) + SYN_THREAD_SIZE - 16,
		    "of PID 228 \"cat\", current; 16 less for FRED");
	syn_put64(m, at, syn_stack(m, sh) + SYN_THREAD_SIZE - 16);
	load(1);
	expect_bad("top_of_stack", "of PID 227 \"sh\", while PID 228 \"cat\" is current",
		   true);
	for (unsigned int i = 0; i < 2; i++) {
		syn_put64(m, at, syn_stack(m, sh) + SYN_THREAD_SIZE - 32 * i);
		load(1);
		expect_bad("top_of_stack",
			   "not the top of the stack of the current task, PID 228",
			   false);
	}
}
END_TEST

/* X86_FEATURE_XENPV, word 8 bit 16: Xen enters the kernel on the task's stack. */
START_TEST(sp0_in_a_xen_guest)
{
	const uint64_t caps = SYN_DATA + 0xa000 + 0x20;

	syn_symbol(m, "boot_cpu_data", SYN_DATA + 0xa000);
	syn_member(m, "cpuinfo_x86.x86_capability", 0x20, 80);
	syn_fill(m, SYN_DATA + 0xa000, 0x100, _i ? 0 : 0xff);
	syn_put32(m, caps + 4 * 8, _i ? 1u << 16 : ~(1u << 16));
	syn_put64(m, tss(1) + 4, syn_stack(m, syn_idle(m, 1)) + SYN_THREAD_SIZE);
	load(1);
	if (_i)
		ck_assert_str_eq(t.slot[STK_X86_TSS_SP0].meaning,
				 "follows the task: see top_of_stack");
	else
		ck_assert_str_eq(t.slot[STK_X86_TSS_SP0].problem,
				 "not on this CPU's entry stack");
}
END_TEST

/* Without the entry stack nothing tells where sp0 belongs, but that it is not 0. */
START_TEST(sp0_without_an_entry_stack)
{
	syn_no_member(m, "cpu_entry_area.entry_stack_page");
	syn_put64(m, tss(1) + 4, _i ? syn_cea(m, 1) + 0x2000 : 0);
	load(1);
	if (_i)
		ck_assert_str_eq(t.slot[STK_X86_TSS_SP0].meaning,
				 "the entry stack cannot be found: not checked");
	else
		ck_assert_str_eq(t.slot[STK_X86_TSS_SP0].problem,
				 "not on this CPU's entry stack");
}
END_TEST

static bool has_fact(const char *name)
{
	for (size_t i = 0; i < t.nr_facts; i++)
		if (!strcmp(t.fact[i].name, name))
			return true;
	return false;
}

/* A GDT without a second address is where the kernel writes it; or nowhere. */
START_TEST(gdt_without_an_alias)
{
	struct syn_note *n;

	qemu(0);
	n = qemu(1);
	n->gdt_base = syn_percpu(m, "gdt_page", 1);
	syn_no_member(m, "cpu_entry_area.gdt");
	if (_i)
		syn_no_symbol(m, "gdt_page");
	load(1);
	ck_assert(has_fact("gdt_page") == !_i);
	ck_assert(has_fact("gdt[8] base") == !_i);
	ck_assert(has_fact("GDTR base") == !_i);
	ck_assert(has_fact("GDTR limit"));
	if (_i)
		return;
	ck_assert_ptr_null(fact("gdt_page")->meaning);
	ck_assert_ptr_null(fact("gdt_page")->problem);
	expect_good("GDTR base", syn_percpu(m, "gdt_page", 1), "gdt_page");
}
END_TEST

/* Up to 5.1 by the size of a stack, if the stack of #DB has room for that. */
START_TEST(moved_by_db_within_the_stack)
{
	const uint64_t first = SYN_DIRECT + 0x1000000;
	const uint64_t top[4] = { first + 0x1000, first + 0x2000,
				  first + (_i ? 0x3000 : 0x4000), first + 0x5000 };

	fixture_task_of(syn_kernel(SYN_5_4));
	syn_no_symbol(m, "cea_exception_stacks");
	syn_symbol(m, "orig_ist", 0x1f200);
	syn_write(m, syn_percpu(m, "orig_ist", 1), top, sizeof(top));
	syn_put64(m, tss(1) + 36 + 16, top[2] - (_i ? 0x800 : 0x1000));
	load(1);
	ck_assert_ptr_nonnull(ist(2)->problem);
	ck_assert((strstr(ist(2)->problem,
			  "lowered by 0x1000 (EXCEPTION_STKSZ): a #DB") != NULL) == !_i);
	ck_assert(ist(2)->in_flight == !_i);
	if (_i)
		return;
	/* Before 4.16 #BP was on that stack, too. */
	ck_assert_ptr_null(strstr(ist(2)->problem, "#BP"));
	syn_put8(m, syn_sym(m, "idt_table") + 16 * 3 + 4, 3);
	load(1);
	ck_assert_ptr_nonnull(strstr(ist(2)->problem,
				     "a #DB or #BP handler that interrupted the kernel"));
}
END_TEST

/* Where the CPU's other stacks cannot be found, that of #DF is its lowest. */
START_TEST(lowest_of_the_stacks)
{
	uint64_t gate;

	fixture_task_of(syn_kernel(SYN_6_1));
	gate = syn_sym(m, "idt_table") + 16 * 8;
	syn_no_member(m, "cpu_entry_area.entry_stack_page");
	syn_put64(m, syn_percpu(m, "hardirq_stack_ptr", 1), 0);
	load(1);
	ck_assert_ptr_null(ist(0)->problem);
	ck_assert_ptr_null(ist(0)->meaning);
	syn_put8(m, gate + 4, 0);
	syn_put64(m, tss(1) + 36, 0);
	load(1);
	ck_assert_str_eq(ist(0)->problem, "empty, though the kernel has a stack for it");
	expect_bad("gate 8 #DF", "stays on the interrupted stack, not on ist[0]", false);
}
END_TEST

/* The first and the last gate are gates, too. */
START_TEST(other_gates_at_the_ends)
{
	const uint64_t table = syn_sym(m, "idt_table");

	syn_put8(m, table + 4, 3);
	syn_put8(m, table + 16 * 255 + 4, 1);
	load(1);
	ck_assert_uint_eq(fact("other gates")->value, 2);
	expect_bad("other gates", "vector 0 goes to ist[2]", false);
	syn_put8(m, table + 4, 0);
	load(1);
	ck_assert_uint_eq(fact("other gates")->value, 1);
	expect_bad("other gates", "vector 255 goes to ist[0]", false);
}
END_TEST

/* Of a CPU whose stacks are unknown nobody knows which gates should lead there. */
START_TEST(gates_without_stacks)
{
	struct stk_stack out[STK_MAX_CPU_STACKS];
	size_t nr;

	syn_no_member(m, "cpu_entry_area.entry_stack_page");
	syn_put64(m, syn_percpu(m, "hardirq_stack_ptr", 1), 0);
	syn_put64(m, syn_percpu(m, "cea_exception_stacks", 1), 0);
	syn_put8(m, syn_sym(m, "idt_table") + 16 * 8 + 4, 0);
	load(1);
	ck_assert(!has_fact("gate 8 #DF"));
	ck_assert(has_fact("gate 2 NMI"));
	/* The first that was missing is why. */
	ck_assert_int_eq(x86_cpu_stacks(s, 1, out, STK_MAX_CPU_STACKS, &nr),
			 STK_ERR_NOT_FOUND);
	ck_assert_uint_eq(nr, 0);
}
END_TEST

/* A stack that the kernel has not needs no gate: there was no #VC before 5.10. */
START_TEST(gate_of_no_stack)
{
	fixture_task_of(syn_kernel(_i ? SYN_6_1 : SYN_5_4));
	syn_put8(m, syn_sym(m, "idt_table") + 16 * 29 + 4, 0);
	syn_put8(m, syn_sym(m, "idt_table") + 16 * 29, 1);
	load(1);
	ck_assert(has_fact("gate 29 #VC") == _i);
	ck_assert(has_fact("gate 18 #MC"));
}
END_TEST

/* Where neither the table nor its second address is known nothing is compared. */
START_TEST(idtr_without_an_idt)
{
	qemu(0);
	qemu(1);
	syn_no_symbol(m, "idt_table");
	if (_i)
		syn_no_member(m, "cpu_entry_area");
	load(1);
	ck_assert(has_fact("IDTR base") == !_i);
	ck_assert(has_fact("IDTR limit"));
}
END_TEST

/* A task without a stack, and a word that cannot be read. */
START_TEST(tops_that_nobody_knows)
{
	const uint64_t idle = syn_idle(m, 1);

	if (_i)
		syn_fail(m, syn_percpu(m, "cpu_current_top_of_stack", 1),
			 STK_ERR_EXCLUDED);
	else
		syn_put64(m, idle + syn_off(m, "task_struct.stack"), 0);
	load(1);
	ck_assert_ptr_null(fact("top_of_stack")->problem);
	ck_assert(fact("top_of_stack")->readable == !_i);
	if (_i)
		ck_assert_uint_eq(fact("top_of_stack")->value, 0);
	else
		ck_assert_str_eq(fact("top_of_stack")->meaning,
				 "cpu_current_top_of_stack; the current task cannot be "
				 "read");
}
END_TEST

/* Without another stack of an exception nobody knows by how much one is moved. */
START_TEST(moved_by_nobody_knows_what)
{
	syn_no_member(m, "cea_exception_stacks.NMI_stack");
	syn_put64(m, tss(1) + 36 + 16, syn_ist_top(m, 1, "DB") - 0x1000);
	load(1);
	ck_assert(!ist(2)->in_flight);
	ck_assert_str_eq(ist(2)->problem,
			 "not the top of its stack, and not where a handler moves it to");
}
END_TEST

/* Of two words for the top of the stack one that is right is enough. */
START_TEST(two_tops_of_the_stack)
{
	static const struct {
		bool hot, plain, right, by_hot;
	} row[] = {
		{ true, true, true, true },
		{ true, false, true, true },
		{ false, true, true, false },
		{ false, false, false, true },
	};
	const uint64_t plain = syn_percpu(m, "cpu_current_top_of_stack", 1);
	const uint64_t hot = plain + 0x100;
	const uint64_t top = syn_stack(m, syn_idle(m, 1)) + SYN_THREAD_SIZE;

	syn_symbol(m, "pcpu_hot", hot - SYN_PERCPU(1));
	syn_size(m, "pcpu_hot", 64);
	syn_member(m, "pcpu_hot.top_of_stack", 24, 8);
	syn_put64(m, hot + 24, row[_i].hot ? top : 0x1110);
	syn_put64(m, plain, row[_i].plain ? top : 0x2220);
	load(1);
	if (row[_i].right)
		expect_good("top_of_stack", top,
			    row[_i].by_hot ? "pcpu_hot.top_of_stack: of PID 0"
					   : "cpu_current_top_of_stack: of PID 0");
	else
		expect_bad("top_of_stack", "not the top", false);
	ck_assert(row[_i].right || fact("top_of_stack")->value == 0x1110);
}
END_TEST

/* With FRED no IDT is used, and each of its addresses is good enough. */
START_TEST(idt_with_fred)
{
	const uint64_t descr = syn_sym(m, "idt_descr");
	const uint64_t at = _i ? SYN_RO_IDT : syn_sym(m, "idt_table");

	syn_symbol(m, "asm_fred_entrypoint_user", SYN_TEXT + 0x7000);
	syn_put64(m, descr, 0xfff | at << 16);
	syn_put64(m, descr + 8, at >> 48);
	load(1);
	expect_good("idt_table", syn_sym(m, "idt_table"), "not used: FRED");
	expect_good("idt_descr.address", at, _i ? "the read-only IDT" : "idt_table");
	ck_assert(!has_fact("gate 2 NMI"));
}
END_TEST

START_TEST(gdt_deviates)
{
	uint64_t gdt = syn_percpu(m, "gdt_page", 1), at = gdt + 64;
	uint64_t good = syn_get64(m, at);

	syn_put64(m, at, (good & ~(0xfull << 40)) | 9ull << 40);
	load(1);
	expect_bad("gdt[8] type", "not busy", true);
	syn_put64(m, at, good & ~(1ull << 47));
	load(1);
	expect_bad("gdt[8] type", "not a present", false);
	syn_put64(m, at, good + 1);
	load(1);
	expect_bad("gdt[8] limit", "not the end of the TSS", false);
	/* In pages: the last byte of the last one counts. */
	syn_put64(m, at, (good & ~(0xfull << 48 | 0xffff)) | 1ull << 55 | 4);
	load(1);
	expect_bad("gdt[8] limit", "not the end of the TSS", false);
	ck_assert_uint_eq(fact("gdt[8] limit")->value, 0x4fff);
	/* CONFIG_X86_IOPL_IOPERM is not set. */
	syn_put64(m, at, (good & ~(0xfull << 48 | 0xffff)) | 0x67);
	syn_put32(m, tss(1) + 100, 0x68u << 16);
	load(1);
	ck_assert_uint_eq(deviations(), 0);
	syn_put64(m, at, good);
	syn_put64(m, at + 8, 0xffff8880);
	load(1);
	expect_bad("gdt[8] base", "not this CPU's TSS", false);
	syn_put64(m, at + 8, tss(1) >> 32);
	syn_put64(m, at,
		  (good & 0x00ffff000000ffffull) | (tss(1) & 0xffffff) << 16 |
			  (tss(1) >> 24 & 0xff) << 56);
	load(1);
	expect_bad("gdt[8] base", "the writable TSS", false);
	syn_map(m, syn_cea(m, 1), syn_alloc(m, 1), 4096);
	load(1);
	expect_bad("gdt_page", "not the page", false);
}
END_TEST

START_TEST(io_bitmap_base)
{
	static const struct {
		uint16_t base;
		const char *says;
		bool bad;
	} want[] = { { 0x78, "ioperm", false },
		     { 0x2080, "iopl", false },
		     { 0x68, "beyond the limit", false },
		     { 0x70, "no bitmap", true },
		     { 0x8000, "not a value", true } };

	syn_put32(m, tss(1) + 100, (uint32_t)want[_i].base << 16);
	load(1);
	if (want[_i].bad)
		expect_bad("io_bitmap_base", want[_i].says, false);
	else
		expect_good("io_bitmap_base", want[_i].base, want[_i].says);
}
END_TEST

/* The last one of those that there is room for is written over, and nothing behind it. */
START_TEST(more_facts_than_there_is_room_for)
{
	static struct stk_x86_tss all;

	for (size_t i = 1; i < STK_X86_MAX_TSS_FACTS + 8; i++) {
		const size_t last = i < STK_X86_MAX_TSS_FACTS ? i : STK_X86_MAX_TSS_FACTS;

		ck_assert_ptr_eq(x86_tss_value(&all, "a", "b", i), &all.fact[last - 1]);
		ck_assert_uint_eq(all.nr_facts, i < STK_X86_MAX_TSS_FACTS
							? i
							: STK_X86_MAX_TSS_FACTS - 1);
	}
}
END_TEST

START_TEST(idt_deviates)
{
	uint64_t table = syn_sym(m, "idt_table"), descr = syn_sym(m, "idt_descr");

	syn_put8(m, table + 16 * 2 + 4, 0);
	syn_put8(m, table + 16 * 8 + 4, 2);
	syn_put8(m, table + 16 * 14 + 4, 7);
	/* Behind the table is none, whatever it looks like. */
	syn_put8(m, table + 16 * 256 + 4, 1);
	syn_put64(m, descr, 0xfff | table << 16);
	syn_put64(m, descr + 8, table >> 48);
	load(1);
	expect_bad("gate 2 NMI", "asm_exc_nmi stays on the interrupted stack", false);
	expect_bad("gate 8 #DF", "goes to ist[1], not to ist[0]", false);
	expect_bad("other gates", "vector 14 goes to ist[6]", false);
	ck_assert_uint_eq(fact("other gates")->value, 1);
	expect_bad("idt_descr.address", "the writable IDT", false);
	syn_put64(m, descr, 0x7f | SYN_DIRECT << 16);
	syn_map(m, SYN_RO_IDT, syn_alloc(m, 1), 4096);
	load(1);
	expect_bad("idt_descr.address", "not the IDT", false);
	expect_bad("idt_descr.size", "not the size", false);
	expect_bad("idt_table", "not the page", false);
	/* #BP may or may not. */
	syn_put8(m, table + 16 * 3 + 4, 3);
	syn_put64(m, table + 16 * 3 + 8, 0xffffffff);
	load(1);
	ck_assert_ptr_null(fact("gate 3 #BP")->problem);
	/* A gate that is not there, as where the kernel does not know the event. */
	syn_fill(m, table + 16 * 18, 16, 0);
	load(1);
	expect_good("gate 18 #MC", 0, "no gate");
}
END_TEST

/* Each of them, on its stack and on the interrupted one. */
START_TEST(gates_with_a_stack)
{
	static const struct {
		unsigned int vector, ist;
		const char *name;
		bool may_not;
	} row[] = {
		{ 8, 0, "gate 8 #DF", false },	 { 2, 1, "gate 2 NMI", false },
		{ 1, 2, "gate 1 #DB", false },	 { 3, 2, "gate 3 #BP", true },
		{ 18, 3, "gate 18 #MC", false }, { 29, 4, "gate 29 #VC", false },
	};
	uint64_t gate = syn_sym(m, "idt_table") + 16ull * row[_i].vector;
	char on[16];

	syn_put64(m, gate, (SYN_TEXT & 0xffff) | (SYN_TEXT & 0xffff0000) << 32);
	syn_put64(m, gate + 8, SYN_TEXT >> 32);
	syn_put8(m, gate + 4, (uint8_t)(row[_i].ist + 1));
	snprintf(on, sizeof(on), "on ist[%u]", row[_i].ist);
	load(1);
	expect_good(row[_i].name, SYN_TEXT, on);
	ck_assert_uint_eq(deviations(), 0);
	syn_put8(m, gate + 4, 0);
	load(1);
	ck_assert_uint_eq(deviations(), !row[_i].may_not);
	if (!row[_i].may_not)
		expect_bad(row[_i].name, on, false);
}
END_TEST

START_TEST(registers)
{
	struct syn_note *n;

	qemu(0);
	n = qemu(1);
	load(1);
	ck_assert_uint_eq(deviations(), 0);
	expect_good("TR", 0x40, "gdt[8]");
	expect_good("TR base", syn_cea(m, 1) + 0x2000, "cpu_entry_area");
	expect_good("TR limit", 0x4087, "as in the GDT");
	expect_good("GDTR base", syn_cea(m, 1), "read-only");
	expect_good("GDTR limit", 127, "16 entries");
	expect_good("IDTR base", SYN_RO_IDT, "read-only");
	expect_good("IDTR limit", 0xfff, "256");

	n->tr_selector = 0x48;
	n->tr_base = syn_cea(m, 0) + 0x2000;
	n->tr_limit = 0x67;
	n->gdt_base = syn_percpu(m, "gdt_page", 1);
	n->idt_base = syn_sym(m, "idt_table");
	n->gdt_limit = n->idt_limit = 0xffff;
	load(1);
	expect_bad("TR", "entry 8", false);
	expect_bad("TR base", "not this CPU's TSS", false);
	expect_bad("TR limit", "not as in the GDT", false);
	expect_bad("GDTR base", "TR is being loaded", true);
	expect_bad("GDTR limit", "not the size", false);
	expect_bad("IDTR base", "writable", false);
	expect_bad("IDTR limit", "not the size", false);

	/* The address that the kernel writes by is none for the CPU. */
	n->tr_base = tss(1);
	load(1);
	expect_bad("TR base", "the writable TSS", false);

	/* What the GDT says counts, not what it might have said. */
	n->tr_limit = 0x4087;
	syn_put64(m, syn_percpu(m, "gdt_page", 1) + 64,
		  (syn_get64(m, syn_percpu(m, "gdt_page", 1) + 64) &
		   ~(0xffffull | 0xfull << 48)) |
			  0x67);
	load(1);
	expect_good("gdt[8] limit", 0x67, "without I/O bitmap");
	expect_bad("TR limit", "not as in the GDT", false);
	n->tr_limit = 0x67;
	syn_put64(m, syn_percpu(m, "gdt_page", 1) + 64,
		  (syn_get64(m, syn_percpu(m, "gdt_page", 1) + 64) & ~0xffffull) |
			  0x4087);

	/* A KVM host after a VM exit. */
	syn_symbol(m, "__tss_limit_invalid", 0x1f028);
	syn_put8(m, syn_percpu(m, "__tss_limit_invalid", 1), 0);
	load(1);
	expect_bad("TR limit", "not as in the GDT", false);
	syn_put8(m, syn_percpu(m, "__tss_limit_invalid", 1), 1);
	/* 5.7 and before: an NMI over a #DB. */
	syn_symbol(m, "debug_idt_table", SYN_DATA + 0x2000);
	n->idt_base = SYN_DATA + 0x2000;
	load(1);
	expect_good("TR limit", 0x67, "VM exit");
	expect_bad("IDTR base", "an NMI over a #DB", true);
}
END_TEST

/* The hardware's part of the TSS may begin anywhere in it. */
START_TEST(part_of_the_hardware)
{
	const uint64_t from = tss(1);
	struct stk_x86_tss before;
	unsigned char words[104];

	load(1);
	before = t;
	syn_read(m, from, words, sizeof(words));
	syn_fill(m, from, 0x40 + sizeof(words), 0);
	syn_write(m, from + 0x40, words, sizeof(words));
	syn_member(m, "tss_struct.x86_tss", 0x40, 104);
	syn_member(m, "tss_struct.io_bitmap", 0x40 + 104, 16416);
	load(1);
	for (unsigned int i = 0; i < STK_X86_NR_TSS_SLOTS; i++) {
		ck_assert(t.slot[i].readable);
		ck_assert_uint_eq(t.slot[i].value, before.slot[i].value);
	}
	expect_good("io_bitmap_base", 0x4088, "beyond the limit");
	expect_good("gdt[8] limit", 0x4087, "with its I/O bitmap");
}
END_TEST

/* A CPU that is online came up, whatever its words say. */
START_TEST(online_as_if_never_up)
{
	syn_put64(m, tss(1) + 4, 0x8000000000000001ull);
	for (unsigned int i = 0; i < 7; i++)
		syn_put64(m, tss(1) + 36 + 8 * i, 0);
	load(1);
	ck_assert(t.online && !t.never_up);
	ck_assert_str_eq(t.slot[STK_X86_TSS_SP0].problem,
			 "still the initial poison: this CPU never came up");
	ck_assert_str_eq(ist(0)->problem, "empty, though the kernel has a stack for it");
	ck_assert_uint_gt(t.nr_facts, 0);
}
END_TEST

/* What cannot be read may have been set. */
START_TEST(never_came_up_as_far_as_can_be_read)
{
	const uint64_t page = syn_percpu(m, "cpu_tss_rw", 2) + 0x1000;

	syn_no_symbol(m, "cpu_tss_rw");
	syn_symbol(m, "cpu_tss_rw", page - 32 - SYN_PERCPU(2));
	syn_fill(m, page - 32, 0x100, 0);
	syn_put64(m, page - 32 + 4, 0x8000000000000001ull);
	load(2);
	ck_assert(t.never_up);
	syn_fail(m, page, STK_ERR_EXCLUDED);
	load(2);
	ck_assert(t.slot[STK_X86_TSS_SP0].readable);
	ck_assert(!ist(1)->readable);
	ck_assert(!t.never_up);
}
END_TEST

/* As the kernel's image has it: nothing deviates, as nothing was set. */
START_TEST(never_came_up)
{
	syn_put64(m, tss(2) + 4, 0x8000000000000001ull);
	for (unsigned int i = 0; i < 7; i++)
		syn_put64(m, tss(2) + 36 + 8 * i, 0);
	load(2);
	ck_assert(t.never_up && !t.online);
	ck_assert_uint_eq(deviations(), 0);
	ck_assert_uint_eq(t.nr_facts, 0);
	ck_assert_str_eq(ist(1)->meaning, "never set");
	/* One that did and was taken offline is as it was left. */
	syn_put64(m, tss(2) + 36, syn_ist_top(m, 2, "DF"));
	load(2);
	ck_assert(!t.never_up);
	ck_assert_ptr_nonnull(strstr(ist(1)->problem, "empty"));
}
END_TEST

/* Before page-table isolation sp0 was the top of the current task's stack. */
START_TEST(sp0_of_the_task)
{
	sh = syn_task(m, "sh", 227, 0);
	syn_no_symbol(m, "cea_exception_stacks");
	syn_no_symbol(m, "cpu_current_top_of_stack");
	syn_no_member(m, "cpu_entry_area");
	syn_put64(m, tss(1) + 4, syn_stack(m, sh) + SYN_THREAD_SIZE);
	syn_put64(m, syn_percpu(m, "current_task", 1), sh);
	load(1);
	ck_assert_ptr_null(t.slot[STK_X86_TSS_SP0].problem);
	expect_good("top_of_stack", syn_stack(m, sh) + SYN_THREAD_SIZE,
		    "sp0: of PID 227");
}
END_TEST

/* FRED never fills them in. */
START_TEST(empty_with_fred)
{
	syn_symbol(m, "asm_fred_entrypoint_user", SYN_TEXT + 0x7000);
	for (unsigned int i = 0; i < 5; i++)
		syn_put64(m, tss(1) + 36 + 8 * i, 0);
	load(1);
	for (unsigned int i = 0; i < 5; i++) {
		ck_assert_ptr_null(ist(i)->problem);
		ck_assert_ptr_nonnull(strstr(ist(i)->meaning, "FRED"));
	}
	ck_assert_str_eq(t.slot[STK_X86_TSS_SP0].meaning,
			 "not used: FRED has stacks of its own in MSRs");
	ck_assert_ptr_null(t.slot[STK_X86_TSS_SP0].problem);
}
END_TEST

START_TEST(two_pages)
{
	syn_map(m, syn_cea(m, 1) + 0x2000, syn_alloc(m, 1), 4096);
	load(1);
	ck_assert(t.alias_checked && !t.alias_same);
}
END_TEST

START_TEST(not_in_the_dump)
{
	syn_fail(m, tss(1), STK_ERR_EXCLUDED);
	load(1);
	for (unsigned int i = 0; i < STK_X86_NR_TSS_SLOTS; i++) {
		ck_assert(!t.slot[i].readable);
		ck_assert(!t.slot[i].has_stack);
		ck_assert_ptr_null(t.slot[i].problem);
		ck_assert_ptr_null(t.slot[i].meaning);
	}
}
END_TEST

/* A page of the dump is missing: that is no deviation of the machine. */
START_TEST(lost_pointers)
{
	static const char *const lost[] = { "cea_exception_stacks", "current_task",
					    "gdt_page" };

	qemu(1);
	syn_fail(m, syn_percpu(m, lost[_i], 1), STK_ERR_EXCLUDED);
	load(1);
	ck_assert_uint_eq(deviations(), 0);
	syn_fail(m, syn_sym(m, "idt_table"), STK_ERR_EXCLUDED);
	load(1);
	ck_assert_uint_eq(deviations(), 0);
}
END_TEST

START_TEST(names_of_the_tss)
{
	syn_symbol(m, "cpu_tss", syn_sym(m, "cpu_tss_rw"));
	syn_no_symbol(m, "cpu_tss_rw");
	load(1);
	ck_assert_uint_eq(t.addr, SYN_PERCPU(1) + 0x6000);
	syn_no_symbol(m, "cpu_tss");
	s = syn_open(m);
	ck_assert_int_eq(stk_x86_tss_read(s, 1, &t), STK_ERR_NO_SYMBOL);
	ck_assert_int_eq(stk_x86_tss_read(s, 7, &t), STK_ERR_ARG);
}
END_TEST

/* "Cannot be read" would be a wrong answer. */
START_TEST(interrupted_then_read)
{
	s = syn_open(m);
	ck_assert_int_eq(stk_prepare(s), STK_OK);
	m->interrupt = true;
	ck_assert_int_eq(stk_x86_tss_read(s, 1, &t), STK_ERR_INTERRUPTED);
	m->interrupt = false;
	ck_assert_int_eq(stk_x86_tss_read(s, 1, &t), STK_OK);
	ck_assert(ist(1)->has_stack);
}
END_TEST

static const struct unit_test c_tests[] = {
	TEST(as_it_should_be),
	TEST(users_of_the_ist),
	TEST(sp1_of_5_4),
	TEST(sp1_on_another_stack),
	LOOP(sp0_deviates, 5),
	LOOP(ist_deviates, 5),
	LOOP(moved_by_db, 2),
	TEST(nothing_moves_it),
	TEST(moved_by_sev_es_nmi),
	LOOP(facts_as_they_should_be, 4),
	LOOP(top_of_another_task, 2),
	TEST(gdt_deviates),
	LOOP(io_bitmap_base, 5),
	TEST(idt_deviates),
	TEST(more_facts_than_there_is_room_for),
	LOOP(gates_with_a_stack, 6),
	TEST(registers),
	TEST(part_of_the_hardware),
	TEST(online_as_if_never_up),
	TEST(other_gates_at_the_ends),
	LOOP(idt_with_fred, 2),
	TEST(moved_by_nobody_knows_what),
	LOOP(idtr_without_an_idt, 2),
	LOOP(tops_that_nobody_knows, 2),
	LOOP(gate_of_no_stack, 2),
	TEST(gates_without_stacks),
	LOOP(two_tops_of_the_stack, 4),
	TEST(lowest_of_the_stacks),
	LOOP(moved_by_db_within_the_stack, 2),
	LOOP(gdt_without_an_alias, 2),
	LOOP(sp0_without_an_entry_stack, 2),
	TEST(top_of_another_task_with_fred),
	LOOP(sp0_in_a_xen_guest, 2),
	TEST(never_came_up),
	TEST(never_came_up_as_far_as_can_be_read),
	TEST(sp0_of_the_task),
	TEST(empty_with_fred),
	TEST(two_pages),
	TEST(not_in_the_dump),
	LOOP(lost_pointers, 3),
	TEST(names_of_the_tss),
	TEST(interrupted_then_read),
	{ 0 },
};

const struct unit_suite suite_tss = {
	"tss",
	{
		{ "tss", c_tests, fixture_kernel, NULL },
	},
};
