/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves where what x86_64's room says ends: the first and the last byte, word, number or
 * CPU that a rule is about, and the ones right behind.
 */
#include "fixture.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/x86_64/exception.h"
#include "arch/x86_64/orc.h"
#include "arch/x86_64/prologue.h"
#include "stacks/stack.h"

#define EDGE	(SYN_TEXT + 0x8000)
#define AT	(SYN_DATA + 0x100000) /* free room in the image */
#define USER_IP 0x00007f55aa000123ull
#define USER_SP 0x7ffc00004000ull

static struct stk *s;
static const char *why;

/* A new one, which has not seen the memory before. */
static void open_again(void)
{
	stk_close(m->s);
	m->s = NULL;
	s = syn_open(m);
}

static void five_words(uint64_t at, uint64_t ip, uint64_t cs, uint64_t ss)
{
	const uint64_t word[] = { ip, cs, 0x246, USER_SP, ss };

	syn_write(m, at, word, sizeof(word));
}

/* ---- stacks ---- */

/* orig_ist of 4.14-5.1: the tops of four stacks. */
static void orig_ist(const uint64_t *top)
{
	fixture_task_of(syn_kernel(SYN_5_4));
	syn_no_symbol(m, "cea_exception_stacks");
	syn_symbol(m, "orig_ist", 0x1f200);
	for (unsigned int i = 0; i < 4; i++)
		syn_put64(m, syn_percpu(m, "orig_ist", 1) + 8 * i, top[i]);
	/* More tops behind them would be no stacks. */
	syn_put64(m, syn_percpu(m, "orig_ist", 1) + 32, top[3] + 4096);
}

/* As many as there is room for, and not a byte more. */
START_TEST(room_for_stacks)
{
	static const uint64_t top[] = { SYN_DIRECT + 0x1000000, SYN_DIRECT + 0x1001000,
					SYN_DIRECT + 0x1003000, SYN_DIRECT + 0x1004000 };
	struct stk_stack all[STK_MAX_CPU_STACKS], some[STK_MAX_CPU_STACKS + 1], none;
	size_t nr, n;

	if (_i)
		orig_ist(top);
	syn_symbol(m, "espfix_stack", 0x1fa00);
	syn_put64(m, SYN_PERCPU(1) + 0x1fa00, 0xffffff0000000000ull);
	s = syn_open(m);
	memset(&none, 0xa5, sizeof(none));
	ck_assert_int_eq(x86_cpu_stacks(s, 1, all, STK_MAX_CPU_STACKS, &nr), STK_OK);
	ck_assert_uint_eq(nr, _i ? 7 : 9);
	for (size_t room = 0; room <= nr; room++) {
		memset(some, 0xa5, sizeof(some));
		x86_cpu_stacks(s, 1, some, room, &n);
		ck_assert_uint_eq(n, room);
		ck_assert(!memcmp(&some[room], &none, sizeof(none)));
	}
}
END_TEST

/* Before page-table isolation they had one address, of which per-CPU memory is. */
START_TEST(contiguous_stores)
{
	const uint64_t top[4] = { SYN_DIRECT + 0x1001000, SYN_DIRECT + 0x1002000,
				  SYN_DIRECT + 0x1004000, SYN_DIRECT + 0x1005000 };
	struct stk_stack out[STK_MAX_CPU_STACKS];
	size_t nr, found = 0;

	orig_ist(top);
	syn_no_symbol(m, "exception_stacks");
	if (_i)
		syn_symbol(m, "exception_stacks",
			   _i == 1 ? 0x9000 : SYN_DIRECT + 0x1000000 - SYN_PERCPU(1));
	s = syn_open(m);
	x86_cpu_stacks(s, 1, out, STK_MAX_CPU_STACKS, &nr);
	for (size_t i = 0; i < nr; i++) {
		if (!x86_exception(out[i].kind))
			continue;
		ck_assert_uint_eq(out[i].end, top[found]);
		ck_assert_uint_eq(out[i].begin,
				  found ? top[found - 1] : SYN_DIRECT + 0x1000000);
		ck_assert_uint_eq(out[i].store, _i == 1 ? SYN_PERCPU(1) + 0x9000 +
								  out[i].begin -
								  (SYN_DIRECT + 0x1000000)
							: 0);
		found++;
	}
	ck_assert_uint_eq(found, 4);
}
END_TEST

/* What a CPU's area takes to be found: each part is missing once. */
START_TEST(entry_areas_of_cpus)
{
	s = syn_open(m);
	ck_assert_uint_eq(x86_cpu_entry_area(s, 1), syn_cea(m, 1));
	ck_assert_uint_eq(x86_cpu_entry_area(s, 1000), 0);
	syn_put64(m, syn_percpu(m, "cea_exception_stacks", 1), 0);
	open_again();
	ck_assert_uint_eq(x86_cpu_entry_area(s, 1), 0);
	ck_assert_uint_eq(x86_cpu_entry_area(s, 0), syn_cea(m, 0));
	syn_no_member(m, "cpu_entry_area.estacks");
	open_again();
	ck_assert_uint_eq(x86_cpu_entry_area(s, 0), 0);
	/* Up to 5.1 they are in the order of the CPUs. */
	syn_no_symbol(m, "cea_exception_stacks");
	open_again();
	ck_assert_uint_eq(x86_cpu_entry_area(s, 0), X86_RO_IDT + 4096);
	ck_assert_uint_eq(x86_cpu_entry_area(s, 2),
			  X86_RO_IDT + 4096 +
				  2 * syn_find_type(m, "cpu_entry_area")->m.size);
	syn_no_member(m, "cpu_entry_area");
	open_again();
	ck_assert_uint_eq(x86_cpu_entry_area(s, 0), 0);
}
END_TEST

/* How large an IRQ stack is, and where it has a second address. */
START_TEST(irq_stacks)
{
	static const struct {
		uint64_t top;
		uint32_t stack, in_union; /* sizes of types; 0: there is none */
		uint32_t size;		  /* 0: no stack is found */
	} row[] = {
		{ 0, 0x4000, 0, 0x4000 }, { 0, 0x8000, 0x2000, 0x8000 },
		{ 0, 0, 0x2000, 0x2000 }, { 0, 0, 0, 0x4000 }, /* as a task's */
		{ 0, 0x80000000, 0, 0 },  { 0xffffb1c0dead0010, 0x4000, 0, 0 },
		{ 1, 0x4000, 0, 0 },
	};
	struct stk_stack out[STK_MAX_CPU_STACKS] = { 0 };
	uint64_t top = syn_irq_top(1);
	size_t nr, i;

	syn_no_member(m, "irq_stack");
	if (row[_i].stack)
		syn_size(m, "irq_stack", row[_i].stack);
	if (row[_i].in_union)
		syn_size(m, "irq_stack_union", row[_i].in_union);
	if (row[_i].top)
		syn_put64(m, syn_percpu(m, "hardirq_stack_ptr", 1),
			  row[_i].top == 1 ? 0 : row[_i].top);
	syn_symbol(m, "irq_stack_backing_store",
		   _i == 1 ? top - 0x8000 - SYN_PERCPU(1) : 0x9000);
	s = syn_open(m);
	ck_assert_int_eq(x86_cpu_stacks(s, 1, out, STK_MAX_CPU_STACKS, &nr), STK_OK);
	for (i = 0; i < nr && out[i].kind != X86_STACK(IRQ); i++)
		;
	for (size_t k = 0; k < nr; k++)
		ck_assert_ptr_nonnull(out[k].kind);
	ck_assert((i < nr) == (row[_i].size != 0));
	if (i == nr)
		return;
	ck_assert_uint_eq(out[i].end, top);
	ck_assert_uint_eq(out[i].begin, top - row[_i].size);
	ck_assert_uint_eq(out[i].store, _i == 1 ? 0 : SYN_PERCPU(1) + 0x9000);
	ck_assert(out[i].mapped && out[i].cpu == 1);
}
END_TEST

/* A flag of its own since 5.12, before that a count that begins below 0. */
START_TEST(irq_stack_in_use)
{
	static const struct {
		int era;
		const char *word;
		uint32_t value;
		int in_use;
	} row[] = {
		{ SYN_6_1, "hardirq_stack_inuse", 0, 0 },
		{ SYN_6_1, "hardirq_stack_inuse", 1, 1 },
		{ SYN_5_4, "irq_count", (uint32_t)-1, 0 },
		{ SYN_5_4, "irq_count", 0, 1 },
		{ SYN_5_4, "irq_count", 1, 1 },
		{ SYN_5_4, NULL, 0, -1 },
	};
	struct stk_stack irq;

	fixture_task_of(syn_kernel(row[_i].era));
	if (row[_i].word)
		syn_put32(m, syn_percpu(m, row[_i].word, 1), row[_i].value);
	else
		syn_no_symbol(m, "irq_count");
	s = syn_open(m);
	ck_assert_int_eq(x86_irq_in_use(s, 1), row[_i].in_use);
	ck_assert_int_eq(x86_irq_in_use(s, 1000), -1);
	irq = stack_of_kind(X86_STACK(IRQ), syn_irq_top(1) - 0x4000, syn_irq_top(1));
	ck_assert_int_eq(x86_in_use(s, &irq, &why), row[_i].in_use);
	ck_assert_str_eq(why, row[_i].in_use == 1 ? "the CPU was on its IRQ stack"
						  : "the CPU was not on its IRQ stack");
	if (!row[_i].word)
		return;
	syn_fail(m, syn_percpu(m, row[_i].word, 1), STK_ERR_EXCLUDED);
	open_again();
	ck_assert_int_eq(x86_irq_in_use(s, 1), -1);
}
END_TEST

/* How large stacks that lie one after the other may be: 16 pages each, of #DB 32. */
START_TEST(contiguous_sizes)
{
	static const struct {
		unsigned int pages[3]; /* of the second to the fourth */
		size_t nr;	       /* that are found */
	} row[] = {
		{ { 1, 2, 1 }, 4 },    { { 16, 32, 16 }, 4 }, { { 17, 32, 16 }, 0 },
		{ { 16, 33, 16 }, 2 }, { { 1, 0, 1 }, 2 },    { { 0, 2, 1 }, 0 },
	};
	uint64_t top[4] = { SYN_DIRECT + 0x1000000 };
	struct stk_stack out[STK_MAX_CPU_STACKS];
	size_t nr, found = 0;

	for (unsigned int i = 0; i < 3; i++)
		top[i + 1] = top[i] + 4096 * row[_i].pages[i];
	orig_ist(top);
	s = syn_open(m);
	x86_cpu_stacks(s, 1, out, STK_MAX_CPU_STACKS, &nr);
	for (size_t i = 0; i < nr; i++)
		found += x86_exception(out[i].kind) != NULL;
	ck_assert_uint_eq(found, row[_i].nr);
}
END_TEST

/* The TSS has a second address, to its last byte. */
START_TEST(alias_of_the_tss)
{
	const uint64_t tss = syn_percpu(m, "cpu_tss_rw", 1);
	uint32_t size;
	uint64_t alias;

	s = syn_open(m);
	size = syn_find_type(m, "tss_struct")->m.size;
	syn_member(m, "cpu_entry_area.tss", syn_off(m, "cpu_entry_area.tss"), 104);
	ck_assert_uint_gt(size, 104);
	open_again();
	ck_assert(x86_percpu_alias(s, 1, tss, &why, &alias));
	ck_assert_uint_eq(alias, syn_cea(m, 1) + 0x2000);
	ck_assert(x86_percpu_alias(s, 1, tss + 103, &why, &alias));
	ck_assert(!x86_percpu_alias(s, 1, tss + 104, &why, &alias));
	ck_assert(!x86_percpu_alias(s, 1, tss - 1, &why, &alias));
	/* If they lead to one page. */
	syn_map(m, syn_cea(m, 1) + 0x2000, syn_alloc(m, 1), 4096);
	open_again();
	ck_assert(!x86_percpu_alias(s, 1, tss, &why, &alias));
	syn_unmap(m, syn_cea(m, 1) + 0x2000);
	open_again();
	ck_assert(!x86_percpu_alias(s, 1, tss, &why, &alias));
}
END_TEST

/* Without a variable the page tables tell where the direct map is, or nothing does. */
START_TEST(direct_map_that_is_nowhere)
{
	uint64_t addr;

	syn_no_symbol(m, "page_offset_base");
	if (_i)
		syn_map(m, _i == 1 ? 0xffff888000000000ull : 0xffff880000000000ull, 0,
			1ull << 30);
	s = syn_open(m);
	ck_assert(x86_direct_map(s, 0x1000, &addr) == (_i > 0));
	ck_assert(!_i ||
		  addr == (_i == 1 ? 0xffff888000001000ull : 0xffff880000001000ull));
}
END_TEST

/* An array of pages that would begin where the read-only IDT is is none. */
START_TEST(end_of_the_array_of_pages)
{
	static const struct {
		uint64_t base;
		bool known;
	} row[] = {
		{ SYN_VMEMMAP, true },
		{ X86_RO_IDT - (1ull << 21), true },
		{ X86_RO_IDT, false },
		{ X86_RO_IDT + (1ull << 21), false },
	};
	uint64_t addr;

	syn_size(m, "page", 64);
	syn_put64(m, syn_sym(m, "vmemmap_base"), row[_i].base);
	open_again();
	ck_assert(x86_page_struct(s, 0x3000, &addr) == row[_i].known);
	ck_assert(!row[_i].known || addr == row[_i].base + 3 * 64);
}
END_TEST

/* Each exception stack is a part of it, to both of its ends, and its guard another. */
START_TEST(stacks_in_entry_areas)
{
	static const struct {
		const char *name, *part;
	} row[] = {
		{ "DF", "#DF stack" },	{ "NMI", "NMI stack" }, { "DB", "#DB stack" },
		{ "MCE", "#MC stack" }, { "VC", "#VC stack" },	{ "VC2", "#VC2 stack" },
	};
	const uint64_t size = syn_ist_size(m), top = syn_ist_top(m, 1, row[_i].name);
	const uint64_t at[] = { top - size, top - 1 };
	struct stk_place p;

	s = syn_open(m);
	for (size_t i = 0; i < 2; i++) {
		memset(&p, 0, sizeof(p));
		x86_entry_area_part(s, at[i], &p);
		ck_assert_str_eq(p.detail, row[_i].part);
		ck_assert_uint_eq(p.area.begin, top - size);
		ck_assert_uint_eq(p.area.end, top);
		ck_assert_uint_eq(p.percpu_cpu, 1);
	}
	memset(&p, 0, sizeof(p));
	x86_entry_area_part(s, top - size - 1, &p);
	ck_assert_str_eq(p.detail, "guard page of the exception stacks");
}
END_TEST

/* The first page has the IDT, and right behind it the areas begin. */
START_TEST(begin_of_entry_areas)
{
	struct stk_place p;

	s = syn_open(m);
	for (unsigned int i = 0; i < 2; i++) {
		memset(&p, 0, sizeof(p));
		x86_entry_area_part(s, X86_RO_IDT + 4095 * i, &p);
		ck_assert_str_eq(p.detail, "IDT (read-only)");
		ck_assert_uint_eq(p.area.begin, X86_RO_IDT);
		ck_assert_uint_eq(p.area.end, X86_RO_IDT + 4096);
		ck_assert(!p.percpu);
	}
	memset(&p, 0, sizeof(p));
	x86_entry_area_part(s, X86_RO_IDT + 4096, &p);
	ck_assert_str_eq(p.detail, "GDT (read-only; guards the entry stack)");
	ck_assert(p.percpu);
	ck_assert_uint_eq(p.percpu_cpu, 0);
}
END_TEST

/* Behind the last CPU's area there is none. */
START_TEST(ends_of_entry_areas)
{
	const uint64_t size = syn_find_type(m, "cpu_entry_area")->m.size;
	struct stk_place p;
	uint64_t last = 0;

	for (unsigned int cpu = 0; cpu < SYN_NR_CPUS; cpu++)
		last = syn_cea(m, cpu) > last ? syn_cea(m, cpu) : last;
	s = syn_open(m);
	memset(&p, 0, sizeof(p));
	x86_entry_area_part(s, last + size - 1, &p);
	ck_assert(p.percpu);
	memset(&p, 0, sizeof(p));
	x86_entry_area_part(s, last + size, &p);
	ck_assert_str_eq(p.detail, "of no CPU");
}
END_TEST

/* ---- the edges of the kernel ---- */

/* The name of a stub has room for 127 bytes; a longer one is that of none. */
START_TEST(names_of_stubs)
{
	const unsigned int len = 123 + (unsigned int)_i;
	char name[160], stub[160];

	snprintf(name, sizeof(name), "%0*d", (int)len, 7);
	snprintf(stub, sizeof(stub), "asm_%.*s", 123, name);
	syn_symbol(m, name, EDGE);
	syn_symbol(m, stub, EDGE + 0x100);
	s = syn_open(m);
	ck_assert_int_eq(x86_weigh_call(s, syn_call_by_pointer(m, "task_spin", 0x50),
					EDGE + 0x11, false, &why),
			 _i ? STK_CALL_CANNOT_TELL : STK_CALL_ELSEWHERE);
}
END_TEST

/* Which CPU it is does not matter, but that it is one. */
START_TEST(page_table_in_rsp)
{
	const uint64_t mm = AT, pgd = AT + 0x2000;
	uint64_t phys;

	syn_set_current(m, 0, sh);
	syn_member(m, "task_struct.mm", 0x7f0, 8);
	syn_member(m, "mm_struct.pgd", 8, 8);
	syn_put64(m, sh + 0x7f0, mm);
	syn_put64(m, mm + 8, pgd);
	syn_put64(m, pgd, 0);
	ck_assert(syn_phys(m, pgd, &phys));
	s = syn_open(m);
	ck_assert(x86_rsp_is_cr3(s, 0, phys));
	ck_assert(x86_rsp_is_cr3(s, 0, phys | X86_CR3_USER));
	ck_assert(!x86_rsp_is_cr3(s, 0, phys + 2 * X86_CR3_USER));
	ck_assert(!x86_rsp_is_cr3(s, -1, phys));
	/* A page table that is nowhere. */
	syn_put64(m, mm + 8, 0xffffb10000000000ull);
	open_again();
	ck_assert(!x86_rsp_is_cr3(s, 0, phys));
	/* A kernel thread has none. */
	syn_put64(m, sh + 0x7f0, 0);
	open_again();
	ck_assert(!x86_rsp_is_cr3(s, 0, phys));
}
END_TEST

/* With page-table isolation there are two tables, without it is the kernel's. */
START_TEST(table_without_isolation)
{
	struct syn_note note = { .kind = STK_NOTE_QEMU, .have_sys = true };
	const struct stk_entry_state *got;
	struct stk_saved saved;

	syn_symbol(m, "boot_cpu_data", SYN_DATA + 0xa000);
	syn_member(m, "cpuinfo_x86.x86_capability", 0x20, 80);
	syn_fill(m, SYN_DATA + 0xa000, 0x100, 0);
	note.gpr[X86_IP] = syn_sym(m, "entry_SYSCALL_64") + 8;
	note.gpr[X86_SP] = USER_SP;
	note.cr3 = 0x1235000;
	saved = syn_saved(&note);
	got = x86_entry_state(syn_open(m), 1, &saved);
	ck_assert_ptr_nonnull(got);
	ck_assert_uint_eq(got->nr_facts, 2);
	ck_assert_str_eq(got->fact[1].what, "cr3");
	ck_assert_str_eq(got->fact[1].value, "kernel");
}
END_TEST

/* What an event pushed lies on the stack: below rsp, which may be at either end of it. */
START_TEST(copies_at_the_ends)
{
	struct stk_stack task = stack_of_sh();
	struct stk_copy copy[8];
	struct syn_cpu t = c;
	struct stk_regs regs;
	uint64_t sp, at;

	if (_i) {
		/* The lowest place for a pt_regs. */
		task.begin += 0x1000;
		task.end = task.begin + 0x1000;
		sp = task.begin + X86_PT_REGS_SIZE + (_i == 1 ? 8 : 0);
	} else {
		sp = task.end;
	}
	t.sp = sp & ~15ull;
	at = syn_pt_regs(&t, EDGE + 4, 0x10, sp, 0);
	s = syn_open(m);
	ck_assert_int_eq(x86_read_pt_regs(s, at, &regs), STK_OK);
	ck_assert_uint_eq(x86_saved_copies(s, 1, &task, &regs, copy, 8), _i < 2);
	/* From above it nothing is pushed there. */
	if (!_i) {
		task.end -= 16;
		ck_assert_uint_eq(x86_saved_copies(s, 1, &task, &regs, copy, 8), 0);
	}
}
END_TEST

/* Where the user's registers lie no function of the kernel has its frame. */
START_TEST(kernel_rsp_above_the_users)
{
	struct stk_stack stack = stack_of_sh();
	const uint64_t top = stack.end - X86_PT_REGS_SIZE;
	const struct {
		uint64_t sp;
		bool good;
	} row[] = {
		{ top, true },
		{ top + 8, false },
		{ stack.end - 8, false },
		{ stack.end, true },
	};
	struct stk_evidence e = { 0 };
	struct stk_regs r = { 0 };

	x86_set(&r, X86_IP, syn_sym(m, "vfs_write") + 4);
	x86_set(&r, X86_CS, 0x10);
	x86_set(&r, X86_FLAGS, 0x246);
	x86_set(&r, X86_SP, row[_i].sp);
	x86_set(&r, X86_SS, 0x18);
	x86_weigh_regs(syn_open(m), &stack, &r, stack.begin + 0x100, 0, &e);
	ck_assert(!(e.differ >> STK_WITNESS_REGS & 1) == row[_i].good);
}
END_TEST

/* The memory that was reserved, from its first byte to its last. */
START_TEST(ends_of_the_capture_kernel)
{
	static const struct {
		uint64_t begin, end, table;
		bool capture;
	} row[] = {
		{ 0x50000000, 0x50fff000, 0x50000000, true },
		{ 0x50000000, 0x50fff000, 0x4fffe000, false },
		{ 0x50000000, 0x50fff000, 0x50fff000 - 0x1000, true },
		{ 0x50000000, 0x50ffe000, 0x50ffe000, true },
		{ 0x50000000, 0x50ffdfff, 0x50ffe000, false },
		{ 0x50000000, 0x50000000, 0x50000000, false }, /* none */
	};
	struct syn_note note = { .kind = STK_NOTE_QEMU, .have_sys = true };
	struct stk_saved saved;
	bool capture;

	syn_member(m, "resource.start", 16, 8);
	syn_member(m, "resource.end", 24, 8);
	syn_symbol(m, "crashk_res", AT);
	syn_put64(m, AT + 16, row[_i].begin);
	syn_put64(m, AT + 24, row[_i].end);
	note.cr3 = row[_i].table;
	saved = syn_saved(&note);
	/* Whose registers are not known is not another kernel's. */
	saved.qemu.size = 0;
	capture = true;
	ck_assert_ptr_null(x86_foreign_regs(syn_open(m), &saved, &capture));
	ck_assert(!capture);
	saved = syn_saved(&note);
	x86_foreign_regs(syn_open(m), &saved, &capture);
	ck_assert(capture == row[_i].capture);
}
END_TEST

/* What is wrong with a CPU's notes: each says why by itself. */
START_TEST(notes_without_registers)
{
	struct syn_note note = { .kind = STK_NOTE_QEMU, .have_sys = _i != 1 };
	struct stk_saved saved;
	struct stk_regs regs;

	note.gpr[X86_IP] = EDGE;
	note.gpr[X86_SP] = USER_SP;
	note.gpr[X86_CS] = 0x20010;
	note.cr3 = _i == 0 ? 0x1000 : 0;
	saved = syn_saved(&note);
	if (_i == 3)
		saved.prstatus.size--;
	ck_assert_int_eq(x86_note_regs(syn_open(m), &saved, &regs),
			 _i < 2	   ? STK_OK
			 : _i == 2 ? STK_ERR_NO_REGS /* a CPU that never ran */
				   : STK_ERR_UNSUPPORTED);
	ck_assert(!regs.valid == (_i >= 2));
	if (_i < 2) {
		ck_assert_uint_eq(regs.v[X86_IP], EDGE);
		ck_assert_uint_eq(regs.v[X86_CS], 0x10);
	}
}
END_TEST

/* The CPUs' words, the IDT, and then what ORC has; of other kernels no such words. */
START_TEST(tables_as_a_whole)
{
	uint64_t begin, end, orc, orc_end;

	if (_i) {
		syn_symbol(m, "pcpu_hot", 0x1fb00);
		syn_size(m, "pcpu_hot", 64);
	}
	s = syn_open(m);
	for (unsigned int cpu = 0; cpu < SYN_NR_CPUS; cpu++) {
		ck_assert(x86_whole_table(s, cpu, &begin, &end));
		ck_assert_uint_eq(begin, _i ? SYN_PERCPU(cpu) + 0x1fb00 : 0);
		ck_assert_uint_eq(end - begin, _i ? 64 : 0);
	}
	ck_assert(x86_whole_table(s, SYN_NR_CPUS, &begin, &end));
	ck_assert_uint_eq(begin, syn_sym(m, "idt_table"));
	ck_assert_uint_eq(end - begin, 4096);
	for (unsigned int i = 0; i < 4; i++) {
		ck_assert(x86_whole_table(s, SYN_NR_CPUS + 1 + i, &begin, &end));
		ck_assert(orc_rule_table(s, i, &orc, &orc_end));
		ck_assert_uint_eq(begin, orc);
		ck_assert_uint_eq(end, orc_end);
	}
	ck_assert(!x86_whole_table(s, SYN_NR_CPUS + 5, &begin, &end));
}
END_TEST

/* A thunk is named for the register that it jumps through. */
START_TEST(thunk_of_each_register)
{
	static const struct {
		const char *name;
		enum x86_reg reg;
	} row[] = {
		{ "rax", X86_AX },  { "rbx", X86_BX },	{ "rcx", X86_CX },
		{ "rdx", X86_DX },  { "rsi", X86_SI },	{ "rdi", X86_DI },
		{ "rbp", X86_BP },  { "r8", X86_R8 },	{ "r9", X86_R9 },
		{ "r10", X86_R10 }, { "r11", X86_R11 }, { "r12", X86_R12 },
		{ "r13", X86_R13 }, { "r14", X86_R14 }, { "r15", X86_R15 },
	};
	const uint64_t bad = 0x12345678;
	struct stk_regs regs = { 0 };
	char name[40];
	uint64_t ret;

	snprintf(name, sizeof(name), "__x86_indirect_thunk_%s", row[_i].name);
	syn_symbol(m, name, EDGE);
	ret = syn_call_insn(m, "task_spin", 0x50, name);
	s = syn_open(m);
	for (unsigned int r = 0; r < X86_NR_REGS; r++)
		x86_set(&regs, r, 0x100 + r);
	x86_set(&regs, X86_IP, bad);
	ck_assert(!x86_called_there(s, &regs, ret));
	x86_set(&regs, row[_i].reg, bad);
	ck_assert(x86_called_there(s, &regs, ret));
	regs.valid &= ~(1ull << row[_i].reg);
	ck_assert(!x86_called_there(s, &regs, ret));
	/* No call, and one of a function that is no thunk. */
	x86_set(&regs, row[_i].reg, bad);
	ck_assert(!x86_called_there(s, &regs, ret + 1));
	ret = syn_call_insn(m, "task_spin", 0x50, "vfs_write");
	open_again();
	ck_assert(!x86_called_there(s, &regs, ret));
}
END_TEST

/* ---- the IDT ---- */

/* The kernel's own rows of ERROR_CODE vectors: SDM volume 3, table 6-1. */
START_TEST(error_codes)
{
	for (int64_t v = -1; v < 64; v++) {
		bool pushes = v == 8 || (v >= 10 && v <= 14) || v == 17 || v == 21 ||
			      v == 29 || v == 30;

		ck_assert(x86_pushes_error(v) == pushes);
	}
}
END_TEST

static void gate(unsigned int vector, uint64_t handler, unsigned int ist)
{
	const uint64_t at = syn_sym(m, "idt_table") + 16ull * vector;

	syn_put64(m, at,
		  (handler & 0xffff) | (uint64_t)ist << 32 |
			  (handler & 0xffff0000) << 32);
	syn_put64(m, at + 8, handler >> 32);
}

static struct stk_entry entry_by(const char *name, uint64_t orig_ax)
{
	struct stk_regs user = { 0 };
	struct stk_entry e;

	x86_set(&user, X86_ORIG_AX, orig_ax);
	x86_describe_entry(syn_open(m), syn_sym(m, name) + 0x20, &user, 0, &e);
	return e;
}

/* Up to 31 they are exceptions; there are 256. */
START_TEST(vectors)
{
	static const struct {
		unsigned int vector;
		const struct stk_entry_kind *kind;
	} row[] = {
		{ 0, X86_ENTRY(EXCEPTION) },   { 1, X86_ENTRY(EXCEPTION) },
		{ 2, X86_ENTRY(NMI) },	       { 3, X86_ENTRY(EXCEPTION) },
		{ 31, X86_ENTRY(EXCEPTION) },  { 32, X86_ENTRY(INTERRUPT) },
		{ 255, X86_ENTRY(INTERRUPT) }, { 256, NULL },
	};
	struct stk_entry e;

	syn_symbol(m, "my_stub", EDGE);
	gate(row[_i].vector, EDGE, 0);
	e = entry_by("my_stub", ~0ull);
	ck_assert_ptr_eq(e.kind, row[_i].kind);
	ck_assert_int_eq(e.code, row[_i].kind ? (int)row[_i].vector : -1);
	ck_assert_ptr_null(e.odd);
	if (row[_i].kind) {
		/* No prefix is left out of a name that has none. */
		ck_assert_str_eq(e.name, "my_stub");
		/* Any number of a system call is odd there. */
		ck_assert_ptr_nonnull(entry_by("my_stub", 0).odd);
		ck_assert_ptr_null(entry_by("my_stub", 1ull << 63).odd);
	}
}
END_TEST

/* Numbers have 31 bits, and of the first 4096 the kernel's table has names. */
START_TEST(numbers_of_system_calls)
{
	static const struct {
		uint64_t orig_ax;
		int64_t nr;
		bool name;
	} row[] = {
		{ 0, 0, true },
		{ 1, 1, true },
		{ 4095, 4095, true },
		{ 4096, 4096, false },
		{ 0x7fffffff, 0x7fffffff, false },
		{ 0x80000000, -1, false },
	};
	struct stk_entry e;

	syn_symbol(m, "sys_call_table", AT);
	syn_symbol(m, "__x64_sys_any", EDGE);
	for (unsigned int i = 0; i <= 4096; i++)
		syn_put64(m, AT + 8ull * i, EDGE);
	e = entry_by("entry_SYSCALL_64", row[_i].orig_ax);
	ck_assert_ptr_eq(e.kind, X86_ENTRY(SYSCALL));
	ck_assert_int_eq(e.nr, row[_i].nr);
	ck_assert(!e.name == !row[_i].name);
}
END_TEST

/* Behind the table are no gates, whatever it looks like. */
START_TEST(users_end_with_the_table)
{
	struct stk_x86_tss t;

	gate(256, EDGE, 6);
	s = syn_open(m);
	ck_assert_int_eq(stk_x86_tss_read(s, 1, &t), STK_OK);
	ck_assert_uint_eq(t.slot[STK_X86_TSS_IST0 + 5].nr_users, 0);
	gate(255, EDGE, 6);
	open_again();
	ck_assert_int_eq(stk_x86_tss_read(s, 1, &t), STK_OK);
	ck_assert_uint_eq(t.slot[STK_X86_TSS_IST0 + 5].nr_users, 1);
}
END_TEST

/* ---- the TSS ---- */

static struct stk_x86_tss tss_with(uint32_t offset, uint64_t value)
{
	struct stk_x86_tss t;

	syn_put64(m, syn_percpu(m, "cpu_tss_rw", 1) + offset, value);
	open_again();
	ck_assert_int_eq(stk_x86_tss_read(s, 1, &t), STK_OK);
	return t;
}

/* A slot's stack is the one that ends there, or has it; none begins there. */
START_TEST(slot_at_the_ends)
{
	const uint64_t top = syn_ist_top(m, 1, "NMI"), begin = top - syn_ist_size(m);
	struct stk_x86_tss t = tss_with(36 + 8, begin);

	ck_assert(!t.slot[STK_X86_TSS_IST0 + 1].has_stack);
	t = tss_with(36 + 8, begin + 8);
	ck_assert(t.slot[STK_X86_TSS_IST0 + 1].has_stack);
	t = tss_with(36 + 8, top);
	ck_assert(t.slot[STK_X86_TSS_IST0 + 1].has_stack);
}
END_TEST

/* ist[4] is lowered within its stack, below what it was. */
START_TEST(sev_es_at_the_ends)
{
	const uint64_t top = syn_ist_top(m, 1, "VC"), begin = top - syn_ist_size(m);
	const struct {
		uint64_t value, old;
		bool moved;
	} row[] = {
		{ top - 8, top, true },	     { top - 8, top - 8, false },
		{ top - 16, top - 8, true }, { begin, top, true },
		{ begin - 8, top, false },   { top - 8, top + 8, false },
	};
	struct stk_x86_tss t;

	syn_map_vc(m, 1);
	syn_put64(m, row[_i].value, row[_i].old);
	t = tss_with(36 + 32, row[_i].value);
	ck_assert(t.slot[STK_X86_TSS_IST0 + 4].in_flight == row[_i].moved);
}
END_TEST

/* sp1 of old kernels: a task's stack does not end where it begins. */
START_TEST(sp1_at_the_ends)
{
	struct stk_x86_tss t;
	uint64_t begin;

	fixture_task_of(syn_kernel(SYN_5_4));
	begin = syn_stack(m, sh);
	t = tss_with(12, begin);
	ck_assert(!t.slot[STK_X86_TSS_SP1].has_stack);
	t = tss_with(12, begin + 8);
	ck_assert(t.slot[STK_X86_TSS_SP1].has_stack);
	t = tss_with(12, begin + SYN_THREAD_SIZE + 8);
	ck_assert(!t.slot[STK_X86_TSS_SP1].has_stack);
}
END_TEST

/* The bitmap's offset may be the TSS's last byte, and does not make sense there. */
START_TEST(io_bitmap_at_the_limit)
{
	struct stk_x86_tss t;
	const char *problem = NULL;

	syn_put32(m, syn_percpu(m, "cpu_tss_rw", 1) + 100,
		  (0x4087u + (unsigned)_i) << 16);
	s = syn_open(m);
	ck_assert_int_eq(stk_x86_tss_read(s, 1, &t), STK_OK);
	for (size_t i = 0; i < t.nr_facts; i++)
		if (!strcmp(t.fact[i].name, "io_bitmap_base"))
			problem = t.fact[i].problem;
	ck_assert_int_eq(!problem, _i);
	ck_assert(_i || strstr(problem, "within the TSS"));
}
END_TEST

/* ---- steps ---- */

static struct stk_cursor at_sp(struct stk_stack stack, uint64_t ip, uint64_t sp,
			       bool signal)
{
	struct stk_cursor cur = {
		.cpu = 1, .signal = signal, .stack = stack, .arena = &s->arena
	};

	x86_set(&cur.regs, X86_IP, ip);
	x86_set(&cur.regs, X86_SP, sp);
	return cur;
}

/* A return address may be a stack's last word. */
START_TEST(call_site_in_the_last_word)
{
	struct stk_stack stack = stack_of_sh();
	struct stk_step out = { 0 };
	struct stk_cursor cur;

	syn_put64(m, stack.end - 8, syn_call_insn(m, "panic", 0xc3, "__crash_kexec"));
	s = syn_open(m);
	cur = at_sp(stack, syn_sym(m, "__crash_kexec") + 0x40, stack.end - 16, true);
	ck_assert_int_eq(x86_step_callsite(s, &cur, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.slot, stack.end - 8);
}
END_TEST

/* Up to its own place what a stack's top says is still of use. */
START_TEST(link_up_to_its_place)
{
	const uint64_t irq = syn_irq_top(1), nmi = syn_ist_top(m, 1, "NMI");
	struct stk_step out = { 0 };
	struct stk_cursor cur;

	syn_syscall(&c);
	if (_i < 2) {
		syn_irq(&c);
		s = syn_open(m);
		cur = at_sp(stack_of_kind(X86_STACK(IRQ), irq - 0x4000, irq), EDGE,
			    irq - (_i ? 8 : 16), true);
	} else {
		syn_nmi(&c);
		s = syn_open(m);
		cur = at_sp(stack_of_kind(X86_STACK(NMI), nmi - syn_ist_size(m), nmi),
			    EDGE, nmi - (_i == 3 ? 256 : 264), true);
	}
	ck_assert_int_eq(x86_step_link(s, &cur, &out),
			 _i % 2 ? STK_STEP_NO_RULE : STK_STEP_OK);
}
END_TEST

/* The same of a stack that was called. */
START_TEST(link_of_a_called_stack)
{
	const uint64_t top = syn_ist_top(m, 1, "DF");
	struct stk_step out = { 0 };
	struct stk_cursor cur;

	syn_syscall(&c);
	syn_guard_hit(&c, "DF");
	s = syn_open(m);
	cur = at_sp(stack_of_kind(X86_STACK(DF), top - syn_ist_size(m), top), EDGE,
		    top - (_i ? 8 : 16), true);
	ck_assert_int_eq(x86_step_link(s, &cur, &out),
			 _i ? STK_STEP_NO_RULE : STK_STEP_OK);
	ck_assert(_i || out.slot == top - 16);
}
END_TEST

/* CPU 0 has a word for the user's rsp, too; what is no CPU has none. */
START_TEST(parked_rsp_of_each_cpu)
{
	struct stk_step out = { .how = STK_HOW_SCAN };
	struct stk_cursor cur;

	syn_member(m, "tss_struct.x86_tss", 0x40, 104);
	syn_put64(m, syn_percpu(m, "cpu_tss_rw", 0) + 0x40 + 20, USER_SP);
	s = syn_open(m);
	cur = at_sp(stack_of_sh(), syn_sym(m, "entry_SYSCALL_64") + 4, stack_of_sh().end,
		    true);
	cur.cpu = _i - 1;
	x86_set(&cur.regs, X86_CX, USER_IP);
	ck_assert_int_eq(x86_step_syscall(s, &cur, &out), STK_STEP_OK);
	ck_assert_int_eq(out.how, STK_HOW_REGS);
	ck_assert(x86_has(&out.regs, X86_SP) == (_i == 1));
	ck_assert(!_i || out.regs.v[X86_SP] == USER_SP);
	/* r11 has the flags, as long as somebody has r11. */
	ck_assert(!x86_has(&out.regs, X86_FLAGS));
	x86_set(&cur.regs, X86_R11, 0x246);
	ck_assert_int_eq(x86_step_syscall(s, &cur, &out), STK_STEP_OK);
	ck_assert(x86_has(&out.regs, X86_FLAGS));
	ck_assert_uint_eq(out.regs.v[X86_FLAGS], 0x246);
	ck_assert(x86_has(&out.regs, X86_SS) && out.regs.v[X86_SS] == 0x2b);
}
END_TEST

/* Only an interrupted cursor in entry code that has rcx is at that edge. */
START_TEST(not_at_the_edge)
{
	struct stk_step out = { 0 };
	struct stk_cursor cur;

	s = syn_open(m);
	cur = at_sp(stack_of_sh(),
		    _i == 2 ? syn_sym(m, "vfs_write")
			    : syn_sym(m, "entry_SYSCALL_64") + 4,
		    USER_SP, _i != 0);
	if (_i != 1)
		x86_set(&cur.regs, X86_CX, USER_IP);
	ck_assert_int_eq(x86_step_syscall(s, &cur, &out),
			 _i == 3 ? STK_STEP_OK : STK_STEP_NO_RULE);
	ck_assert(out.reliable == (_i == 3));
}
END_TEST

/* Above the frame of an iret the task's pt_regs tell: of CPU 0, too, and of no other. */
START_TEST(leaving_of_each_cpu)
{
	const uint64_t end = syn_cea(m, 0) + 0x2000;
	struct stk_step out = { 0 };
	struct stk_cursor cur;

	syn_symbol(m, "__entry_text_start", EDGE);
	syn_symbol(m, "__entry_text_end", EDGE + 0x100);
	c = syn_cpu(m, 0, sh);
	syn_pt_regs(&c, USER_IP, 0x33, USER_SP, 0);
	s = syn_open(m);
	cur = at_sp(stack_of_kind(X86_STACK(ENTRY), end - 0x1000, end), EDGE + 4, end - 8,
		    true);
	cur.cpu = _i - 1;
	x86_set(&cur.regs, X86_CX, 0);
	ck_assert_int_eq(x86_step_syscall(s, &cur, &out),
			 _i ? STK_STEP_OK : STK_STEP_NO_RULE);
	ck_assert(!_i || out.regs.v[X86_IP] == USER_IP);
}
END_TEST

/* Once the frame of the iret is whole it tells, if user mode is what it leads to. */
START_TEST(leaving_by_the_frame)
{
	const uint64_t end = syn_cea(m, 1) + 0x2000;
	struct stk_step out = { 0 };
	struct stk_cursor cur;

	syn_symbol(m, "__entry_text_start", EDGE);
	syn_symbol(m, "__entry_text_end", EDGE + 0x100);
	five_words(end - 40, USER_IP, _i == 1 ? 0x10 : 0x33, 0x2b);
	if (_i == 2)
		syn_fail(m, end - 40, STK_ERR_EXCLUDED);
	s = syn_open(m);
	cur = at_sp(stack_of_kind(_i == 3 ? X86_STACK(IRQ) : X86_STACK(ENTRY),
				  end - 0x1000, end),
		    EDGE + 4, end - 40, true);
	x86_set(&cur.regs, X86_CX, 0);
	ck_assert_int_eq(x86_step_syscall(s, &cur, &out),
			 _i ? STK_STEP_NO_RULE : STK_STEP_OK);
	if (_i)
		return;
	ck_assert_uint_eq(out.regs_at, end - 40 - X86_IRET_OFFSET);
	ck_assert_uint_eq(out.regs.v[X86_IP], USER_IP);
	ck_assert(out.reliable);
	ck_assert_int_eq(out.how, STK_HOW_REGS);
}
END_TEST

/* A kernel that has neither ORC nor frame pointers. */
static void bare_kernel(void)
{
	fixture_task_of(syn_kernel_fp(SYN_6_1));
	syn_write(m, syn_sym(m, "panic"), "\x41\x57\x41\x56", 4);
	syn_write(m, syn_sym(m, "kthread"), "\x41\x57\x41\x56", 4);
}

/* Entry code has its own pt_regs right above what it calls. */
START_TEST(bare_handler)
{
	static const struct {
		uint64_t cs;
		bool entry, signal, text;
		enum stk_step_result want;
	} row[] = {
		{ 0x10, true, false, true, STK_STEP_OK },
		{ 0x33, true, false, false, STK_STEP_OK },
		{ 0x23, true, false, false, STK_STEP_OK },
		{ 0x18, true, false, true, STK_STEP_NO_RULE },
		{ 0x10, false, false, true, STK_STEP_NO_RULE },
		{ 0x10, true, true, true, STK_STEP_NO_RULE },
	};
	struct stk_step out = { 0 };
	struct stk_cursor cur;
	uint64_t at;

	bare_kernel();
	syn_symbol(m, "my_entry", EDGE);
	if (row[_i].entry) {
		syn_symbol(m, "__entry_text_start", EDGE);
		syn_symbol(m, "__entry_text_end", EDGE + 0x100);
	}
	c.sp -= 0x400;
	at = syn_pt_regs(&c, row[_i].text ? syn_sym(m, "vfs_write") + 4 : USER_IP,
			 row[_i].cs, c.sp, 0);
	s = syn_open(m);
	ck_assert_int_eq(x86_unwinder(s), X86_UNWINDER_NONE);
	/* A return address may be the one behind the last call there. */
	cur = at_sp(stack_of_sh(), EDGE + (row[_i].entry ? 0x100 : 0x20), at,
		    row[_i].signal);
	ck_assert_int_eq(x86_step_bare(s, &cur, &out), row[_i].want);
	if (row[_i].want != STK_STEP_OK)
		return;
	ck_assert_uint_eq(out.regs_at, at);
	ck_assert(out.full && out.signal && out.reliable);
	ck_assert_int_eq(out.how, STK_HOW_REGS);
}
END_TEST

/* At the top of a task's stack user mode is the next, or the chain ends. */
START_TEST(bare_start)
{
	struct stk_step out = { 0 };
	struct stk_cursor cur;
	uint64_t at;

	bare_kernel();
	at = syn_pt_regs(&c, USER_IP, _i ? 0x10 : 0x33, USER_SP, 0);
	s = syn_open(m);
	cur = at_sp(stack_of_sh(), EDGE + 4, at, false);
	ck_assert_int_eq(x86_step_bare(s, &cur, &out), _i ? STK_STEP_END : STK_STEP_OK);
	cur = at_sp(stack_of_sh(), EDGE + 4, at - 16, false);
	ck_assert_int_eq(x86_step_bare(s, &cur, &out), STK_STEP_NO_RULE);
}
END_TEST

/* What sysret needs is on the trampoline until rsp is at its end. */
START_TEST(rsp_on_the_trampoline)
{
	const uint64_t end = syn_cea(m, 1) + 0x2000;
	struct stk_step out = { 0 };
	struct stk_cursor cur;

	syn_symbol(m, "syscall_return_via_sysret", EDGE);
	syn_put64(m, end - 8, USER_SP);
	syn_put64(m, syn_percpu(m, "cpu_tss_rw", 1) + 20, USER_SP + 0x100);
	s = syn_open(m);
	cur = at_sp(stack_of_kind(X86_STACK(ENTRY), end - 0x1000, end), EDGE + 4,
		    _i ? end : end - 8, true);
	x86_set(&cur.regs, X86_CX, USER_IP);
	ck_assert_int_eq(x86_step_syscall(s, &cur, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.regs.v[X86_SP], _i ? USER_SP + 0x100 : USER_SP);
}
END_TEST

/* Five words are pushed to a task's stack, and looked for nowhere else. */
START_TEST(words_on_the_trampoline)
{
	const uint64_t end = syn_cea(m, 1) + 0x2000;
	struct stk_step out = { 0 };
	struct stk_cursor cur;

	syn_symbol(m, "syscall_return_via_sysret", EDGE);
	five_words(end - 40, USER_IP + 8, 0x33, 0x2b);
	s = syn_open(m);
	cur = at_sp(stack_of_kind(X86_STACK(ENTRY), end - 0x1000, end), EDGE + 4,
		    end - 168, true);
	x86_set(&cur.regs, X86_CX, USER_IP);
	ck_assert_int_eq(x86_step_syscall(s, &cur, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.regs.v[X86_IP], USER_IP);
	ck_assert_uint_eq(out.regs_at, 0);
}
END_TEST

/* Nor are they the user's because they lie there. */
START_TEST(words_of_the_kernel)
{
	const struct stk_stack stack = stack_of_sh();
	struct stk_step out = { 0 };
	struct stk_cursor cur;

	syn_symbol(m, "syscall_return_via_sysret", EDGE);
	five_words(stack.end - 40, syn_sym(m, "vfs_write") + 4, 0x10, 0x18);
	s = syn_open(m);
	cur = at_sp(stack, EDGE + 4, stack.end - 168, true);
	x86_set(&cur.regs, X86_CX, USER_IP);
	ck_assert_int_eq(x86_step_syscall(s, &cur, &out), STK_STEP_OK);
	ck_assert_uint_eq(out.regs.v[X86_IP], USER_IP);
	ck_assert_uint_eq(out.regs_at, 0);
}
END_TEST

/* ---- registers ---- */

/* Nothing of what was there before is left. */
START_TEST(registers_of_a_sleeper)
{
	struct stk_regs regs;
	struct stk_task task;
	bool signal;

	syn_syscall(&c);
	syn_sleep(&c);
	s = syn_open(m);
	ck_assert_int_eq(stk_task_read(s, sh, &task), STK_OK);
	memset(&regs, 0xff, sizeof(regs));
	ck_assert_int_eq(x86_sleeping_regs(s, &task, &regs, &signal), STK_OK);
	ck_assert_uint_eq(regs.valid, 1ull << X86_IP | 1ull << X86_SP | 1ull << X86_BP |
					      1ull << X86_BX | 1ull << X86_R12 |
					      1ull << X86_R13 | 1ull << X86_R14 |
					      1ull << X86_R15);
	ck_assert_uint_eq(regs.v[X86_AX], 0);
}
END_TEST

START_TEST(registers_that_cannot_be_read)
{
	const uint64_t page = (syn_stack(m, sh) & ~4095ull) + 4096;
	struct stk_regs regs;

	five_words(page - 40, USER_IP, 0x33, 0x2b);
	syn_fail(m, page, STK_ERR_EXCLUDED);
	s = syn_open(m);
	ck_assert_int_eq(x86_read_iret(s, page - 40, &regs), STK_OK);
	ck_assert_uint_eq(regs.valid, X86_IRET_REGS);
	ck_assert_int_eq(x86_read_iret(s, page - 32, &regs), STK_ERR_EXCLUDED);
	ck_assert_uint_eq(regs.valid, 0);
	ck_assert_int_eq(x86_read_pt_regs(s, page - X86_PT_REGS_SIZE, &regs), STK_OK);
	ck_assert_uint_eq(regs.valid, X86_ALL_REGS);
	ck_assert_int_eq(x86_read_pt_regs(s, page - X86_PT_REGS_SIZE + 8, &regs),
			 STK_ERR_EXCLUDED);
	ck_assert_uint_eq(regs.valid, 0);
}
END_TEST

/* ---- where the kernel has no variable that tells ---- */

START_TEST(direct_map_as_built)
{
	static const uint64_t at[2][2] = {
		{ 0xffff888000000000ull, 0xffff880000000000ull },
		{ 0xff11000000000000ull, 0xff10000000000000ull },
	};
	const bool l5 = _i / 2;
	uint64_t addr;

	fixture_free();
	m = syn_new(l5 ? 5 : 4);
	syn_map(m, at[l5][_i % 2], 0, 1ull << 30);
	s = syn_open(m);
	ck_assert(x86_direct_map(s, 0x1234, &addr));
	ck_assert_uint_eq(addr, at[l5][_i % 2] + 0x1234);
	ck_assert(x86_direct_map(s, 0x2345, &addr));
	ck_assert_uint_eq(addr, at[l5][_i % 2] + 0x2345);
}
END_TEST

/* What has no cpu_entry_area has no second address there, either. */
START_TEST(alias_of_percpu_memory)
{
	const uint64_t tss = syn_percpu(m, "cpu_tss_rw", 1);
	const char *view = NULL;
	uint64_t alias = 0;

	s = syn_open(m);
	ck_assert(x86_percpu_alias(s, 1, tss + 0x10, &view, &alias));
	ck_assert_uint_eq(alias, syn_cea(m, 1) + 0x2010);
	ck_assert_str_eq(view, "cpu_entry_area");
	ck_assert(!x86_percpu_alias(s, 1, tss - 1, &view, &alias));
	syn_no_member(m, "cpu_entry_area.estacks");
	open_again();
	ck_assert(!x86_percpu_alias(s, 1, tss + 0x10, &view, &alias));
}
END_TEST

/* FRED's entry code is the kernel's own; a module may call a function what it likes. */
START_TEST(code_of_fred)
{
	fixture_task_of(syn_kernel(SYN_FRED));
	syn_module(m, "mod", SYN_MODULE, "asm_fred_mine");
	s = syn_open(m);
	ck_assert(x86_in_fred_code(s, syn_sym(m, "asm_fred_entrypoint_user") + 4));
	ck_assert(!x86_in_fred_code(s, syn_sym(m, "fred_entry_from_user") + 4));
	ck_assert(!x86_in_fred_code(s, SYN_MODULE + 0x104));
	ck_assert(!x86_in_fred_code(s, 0x1000));
}
END_TEST

/* ---- what the last use of a stack left ---- */

static struct stk_residue residue;

static bool left_on(struct stk_stack stack)
{
	open_again();
	return x86_residue(s, &stack, &residue);
}

/* An NMI's frame is of user mode, or of the kernel's code: nothing in between. */
START_TEST(left_by_an_nmi)
{
	const uint64_t top = syn_ist_top(m, 1, "NMI"), text = syn_sym(m, "vfs_write");
	const struct stk_stack nmi =
		stack_of_kind(X86_STACK(NMI), top - syn_ist_size(m), top);
	const struct {
		uint64_t ip, cs;
		const char *want;
	} row[] = {
		{ USER_IP, 0x33, "the last NMI interrupted user mode at 0x7f55aa000123" },
		{ text + 4, 0x10, "the last NMI interrupted vfs_write+4" },
		{ text + 4, 0x33, NULL },
		{ USER_IP, 0x10, NULL },
		{ text + 4, 0, NULL },
	};

	five_words(top - 40, row[_i].ip, row[_i].cs, 0x2b);
	ck_assert(left_on(nmi) == (row[_i].want != NULL));
	if (!row[_i].want)
		return;
	ck_assert_str_eq(residue.text, row[_i].want);
	ck_assert_uint_eq(residue.regs_at, 0);
	ck_assert_uint_eq(residue.ip, row[_i].ip);
	ck_assert(residue.user == (row[_i].cs == 0x33));
	/* The pt_regs below are of the same, if they have the same. */
	five_words(top - 264 + X86_IRET_OFFSET, row[_i].ip, row[_i].cs, 0x2b);
	ck_assert(left_on(nmi));
	ck_assert_uint_eq(residue.regs_at, row[_i].cs == 0x33 ? 0 : top - 264);
	five_words(top - 264 + X86_IRET_OFFSET, row[_i].ip + 1, row[_i].cs, 0x2b);
	ck_assert(left_on(nmi));
	ck_assert_uint_eq(residue.regs_at, 0);
}
END_TEST

/* The trampoline: which event it was, and whether SYSRET wrote over its ss. */
START_TEST(left_on_the_trampoline)
{
	const uint64_t top = syn_cea(m, 1) + 0x2000, at = top - X86_PT_REGS_SIZE;
	static const struct {
		unsigned int vector;
		const char *name;
		uint64_t ss;
		const char *want;
	} row[] = {
		{ 0, "asm_exc_divide_error", 0x2b,
		  "last entry: exception 0 (exc_divide_error) from user mode at "
		  "0x7f55aa000123" },
		{ 256, "asm_sysvec_reboot", 0x2b,
		  "last entry: interrupt (sysvec_reboot) from user mode at 0x7f55aa000123" },
		{ 256, "no_entry", 0xffff,
		  "last entry from user mode at 0x7f55aa000123" },
		{ 256, "no_entry", 0x10000,
		  "last entry from user mode at 0x7f55aa000123; left since by SYSRET, to "
		  "user rsp 0x10000" },
		{ 256, "no_entry", 0,
		  "last entry from user mode at 0x7f55aa000123; left since by SYSRET, to "
		  "user rsp 0" },
	};

	syn_symbol(m, row[_i].name, EDGE);
	gate(row[_i].vector, EDGE, 0);
	syn_fill(m, at, X86_PT_REGS_SIZE, 0);
	syn_put64(m, at + 8 * X86_ORIG_AX, ~0ull);
	five_words(top - 40, USER_IP, 0x33, row[_i].ss);
	syn_put64(m, at - 8, EDGE + 0x20);
	ck_assert(left_on(stack_of_kind(X86_STACK(ENTRY), top - 0x1000, top)));
	ck_assert_uint_eq(residue.regs_at, at);
	ck_assert_str_eq(residue.text, row[_i].want);
}
END_TEST

/* Below the registers is a return address, or nothing tells which event it was. */
START_TEST(left_by_no_code)
{
	const uint64_t top = syn_cea(m, 1) + 0x2000, at = top - X86_PT_REGS_SIZE;
	const uint64_t handler = _i ? AT : EDGE;

	syn_symbol(m, "asm_exc_divide_error", handler);
	gate(0, handler, 0);
	syn_fill(m, at, X86_PT_REGS_SIZE, 0);
	five_words(top - 40, USER_IP, 0x33, 0x2b);
	syn_put64(m, at - 8, handler + 0x20);
	ck_assert(left_on(stack_of_kind(X86_STACK(ENTRY), top - 0x1000, top)));
	ck_assert_str_eq(residue.text,
			 _i ? "last entry from user mode at 0x7f55aa000123"
			    : "last entry: exception 0 (exc_divide_error) from user mode "
			      "at 0x7f55aa000123");
}
END_TEST

/* The others: each has a place of its own. */
START_TEST(left_on_other_stacks)
{
	const uint64_t irq = syn_irq_top(1), espfix = AT, db = syn_ist_top(m, 1, "DB");
	const uint64_t text = syn_sym(m, "vfs_write") + 4;

	syn_put64(m, irq - 16, text);
	ck_assert(left_on(stack_of_kind(X86_STACK(IRQ), irq - 0x4000, irq)));
	ck_assert_str_eq(residue.text, "last used by vfs_write+4");
	ck_assert_uint_eq(residue.regs_at, 0);
	ck_assert_uint_eq(residue.ip, text);
	ck_assert(!residue.user);
	/* At the first byte of a function, too, it is of that. */
	syn_put64(m, irq - 16, text - 4);
	ck_assert(left_on(stack_of_kind(X86_STACK(IRQ), irq - 0x4000, irq)));
	ck_assert_str_eq(residue.text, "last used by vfs_write+0");
	syn_put64(m, irq - 16, 0x1234);
	ck_assert(!left_on(stack_of_kind(X86_STACK(IRQ), irq - 0x4000, irq)));
	five_words(espfix + 8, 0x1234, 0xf, 0x17);
	ck_assert(left_on(stack_of_kind(X86_STACK(ESPFIX), espfix, espfix + 64)));
	ck_assert_str_eq(residue.text,
			 "last return to a 16-bit stack: user mode at 0x1234");
	ck_assert(residue.user);
	five_words(espfix + 8, 0x1234, 0x10, 0x17);
	ck_assert(!left_on(stack_of_kind(X86_STACK(ESPFIX), espfix, espfix + 64)));
	five_words(db - 40, text, 0x10, 0x18);
	ck_assert(left_on(stack_of_kind(X86_STACK(DB), db - syn_ist_size(m), db)));
	ck_assert_str_eq(residue.text, "the last exception interrupted vfs_write+4");
	ck_assert_uint_eq(residue.regs_at, db - X86_PT_REGS_SIZE);
	five_words(db - 40, USER_IP, 0x33, 0x2b);
	ck_assert(left_on(stack_of_kind(X86_STACK(DB), db - syn_ist_size(m), db)));
	ck_assert(residue.user);
	five_words(db - 40, text, 0, 0x18);
	ck_assert(!left_on(stack_of_kind(X86_STACK(DB), db - syn_ist_size(m), db)));
	five_words(db - 40, USER_IP, 0x10, 0x18);
	ck_assert(!left_on(stack_of_kind(X86_STACK(DB), db - syn_ist_size(m), db)));
	five_words(stack_of_sh().end - 40, text, 0x10, 0x18);
	ck_assert(!left_on(stack_of_sh()));
	syn_pt_regs(&c, USER_IP, 0x33, USER_SP, 0);
	ck_assert(left_on(stack_of_sh()));
	ck_assert_str_eq(residue.text, "last entry from user mode at 0x7f55aa000123");
	ck_assert_uint_eq(residue.regs_at, stack_of_sh().end - X86_PT_REGS_SIZE);
}
END_TEST

static const struct unit_test residue_tests[] = {
	LOOP(left_by_an_nmi, 5),
	LOOP(left_on_the_trampoline, 5),
	LOOP(left_by_no_code, 2),
	TEST(left_on_other_stacks),
	{ 0 },
};

static const struct unit_test stack_tests[] = {
	LOOP(room_for_stacks, 2),
	LOOP(contiguous_sizes, 6),
	LOOP(contiguous_stores, 3),
	TEST(entry_areas_of_cpus),
	LOOP(irq_stack_in_use, 6),
	LOOP(irq_stacks, 7),
	TEST(alias_of_the_tss),
	LOOP(direct_map_that_is_nowhere, 3),
	TEST(begin_of_entry_areas),
	TEST(ends_of_entry_areas),
	LOOP(stacks_in_entry_areas, 6),
	LOOP(end_of_the_array_of_pages, 4),
	{ 0 },
};

static const struct unit_test edge_tests[] = {
	LOOP(names_of_stubs, 2),
	TEST(page_table_in_rsp),
	TEST(table_without_isolation),
	LOOP(copies_at_the_ends, 3),
	LOOP(kernel_rsp_above_the_users, 4),
	LOOP(ends_of_the_capture_kernel, 6),
	LOOP(notes_without_registers, 4),
	LOOP(tables_as_a_whole, 2),
	LOOP(thunk_of_each_register, 15),
	{ 0 },
};

static const struct unit_test idt_tests[] = {
	TEST(error_codes),
	LOOP(vectors, 8),
	LOOP(numbers_of_system_calls, 6),
	TEST(users_end_with_the_table),
	{ 0 },
};

static const struct unit_test tss_tests[] = {
	TEST(slot_at_the_ends),
	LOOP(sev_es_at_the_ends, 6),
	TEST(sp1_at_the_ends),
	LOOP(io_bitmap_at_the_limit, 2),
	{ 0 },
};

static const struct unit_test step_tests[] = {
	TEST(call_site_in_the_last_word),
	LOOP(link_up_to_its_place, 4),
	LOOP(link_of_a_called_stack, 2),
	LOOP(parked_rsp_of_each_cpu, 2),
	LOOP(not_at_the_edge, 4),
	LOOP(leaving_by_the_frame, 4),
	LOOP(bare_handler, 6),
	LOOP(bare_start, 2),
	LOOP(leaving_of_each_cpu, 2),
	TEST(words_on_the_trampoline),
	TEST(words_of_the_kernel),
	TEST(registers_of_a_sleeper),
	TEST(registers_that_cannot_be_read),
	LOOP(direct_map_as_built, 4),
	TEST(alias_of_percpu_memory),
	TEST(code_of_fred),
	LOOP(rsp_on_the_trampoline, 2),
	{ 0 },
};

const struct unit_suite suite_x86_bounds = {
	"x86_bounds",
	{
		{ "stacks", stack_tests, fixture_task, NULL },
		{ "edges", edge_tests, fixture_task, NULL },
		{ "idt", idt_tests, fixture_task, NULL },
		{ "tss", tss_tests, fixture_task, NULL },
		{ "steps", step_tests, fixture_task, NULL },
		{ "residue", residue_tests, fixture_task, NULL },
	},
};
