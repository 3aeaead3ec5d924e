/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small kernel on synthetic memory, in the shape of 6.1 (per-CPU symbols from 0, the
 * inline switch to the IRQ stack with its pointer at top-8, VC stacks that nothing
 * maps), of 5.4 (pointer at the top, irq_count, DB1 and the hole DB2) or of 5.8 (as 5.4,
 * but no DB1, and asm_call_on_stack() switches); or 6.1 with what FRED changed in 6.9.
 */
#include "synthetic.h"

#include "arch/arm64/arm64.h"
#include "arch/riscv64/riscv64.h"
#include "session/session.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#define PAGE 4096ull

enum kind {
	PLAIN,	    /* sub rsp */
	RBP,	    /* push rbp; mov rbp,rsp; sub rsp */
	ENTRY,	    /* an iret frame at +0, a pt_regs from +0x10 on */
	SWITCH,	    /* PLAIN; from +0x20 to +0x60 on the IRQ stack, as since 5.12 */
	OLD_SWITCH, /* ENTRY; from +0x20 on on the IRQ stack, as up to 5.7 */
	BOOT,	    /* where stacks begin */
	HOLE,	    /* PLAIN, but no ORC tells of it */
	ON_STACK,   /* RBP, from +8 on on another stack, to +0x60 where leave was done */
	FRED,	    /* a FRED frame at +0, a pt_regs from +0x20 on */
	GOES_ON,    /* PLAIN; from +0x78 to +0x90 on an exception stack that it calls */
};

static const struct {
	const char *name;
	enum kind kind;
	int frame; /* bytes below what was pushed */
} function[] = {
	{ "secondary_startup_64", BOOT, 0 },
	{ "entry_SYSCALL_64", ENTRY, 0 },
	{ "do_syscall_64", RBP, 24 },
	{ "ksys_write", PLAIN, 40 },
	{ "vfs_write", RBP, 48 },
	{ "task_spin", PLAIN, 0 },
	{ "asm_sysvec_apic_timer_interrupt", ENTRY, 0 },
	{ "sysvec_apic_timer_interrupt", SWITCH, 16 },
	{ "__sysvec_apic_timer_interrupt", PLAIN, 8 },
	{ "apic_timer_interrupt", OLD_SWITCH, 0 },
	{ "smp_apic_timer_interrupt", PLAIN, 24 },
	{ "hrtimer_interrupt", PLAIN, 56 },
	{ "timer_fn", PLAIN, 16 },
	{ "asm_exc_nmi", ENTRY, 0 },
	{ "exc_nmi", PLAIN, 24 },
	{ "nmi_handle", PLAIN, 40 },
	{ "crash_nmi_callback", PLAIN, 8 },
	{ "asm_exc_page_fault", ENTRY, 0 },
	{ "exc_page_fault", PLAIN, 32 },
	{ "asm_exc_double_fault", ENTRY, 0 },
	{ "exc_double_fault", PLAIN, 24 },
	{ "panic", RBP, 64 },
	{ "__crash_kexec", HOLE, 80 },
	{ "schedule", PLAIN, 8 },
	{ "__schedule", PLAIN, 72 },
	{ "__switch_to_asm", PLAIN, 0 },
	{ "ret_from_fork", BOOT, 0 },
	{ "kthread", PLAIN, 32 },
	{ "worker_thread", PLAIN, 40 },
	{ "cpu_startup_entry", PLAIN, 8 },
	{ "do_idle", PLAIN, 24 },
	{ "asm_call_on_stack", ON_STACK, 0 },
	{ "do_softirq_own_stack", ON_STACK, 0 },
	{ "do_softirq", PLAIN, 8 },
	{ "__do_softirq", PLAIN, 40 },
	{ "net_rx_action", PLAIN, 24 },
	{ "asm_exc_machine_check", ENTRY, 0 },
	{ "exc_machine_check", PLAIN, 40 },
	{ "asm_exc_vmm_communication", ENTRY, 0 },
	{ "asm_exc_debug", ENTRY, 0 },
	{ "__switch_to", PLAIN, 0 },
	{ "vc_switch_off_ist", PLAIN, 24 },
	{ "kernel_exc_vmm_communication", PLAIN, 40 },
	/* The second one is at the first one's address + 256 in every kernel. */
	{ "asm_fred_entrypoint_user", FRED, 0 },
	{ "asm_fred_entrypoint_kernel", FRED, 0 },
	{ "fred_entry_from_user", PLAIN, 24 },
	{ "fred_entry_from_kernel", PLAIN, 8 },
	{ "fred_exc_nmi", PLAIN, 40 },
	{ "fred_exc_machine_check", PLAIN, 24 },
	{ "page_fault_oops", GOES_ON, 56 },
	{ "handle_stack_overflow", PLAIN, 24 },
	{ "crash_kexec", PLAIN, 16 },
	{ "last_function", PLAIN, 8 },
};

#define NR_FUNCTIONS (sizeof(function) / sizeof(function[0]))

static bool is_old(struct syn *m)
{
	return m->era < SYN_6_1;
}

static size_t find_function(const char *name)
{
	size_t i;

	for (i = 0; i < NR_FUNCTIONS; i++)
		if (!strcmp(function[i].name, name))
			return i;
	ck_abort_msg("the test wants function %s", name);
	return i;
}

static void add_function(struct syn *m, size_t i)
{
	uint64_t at = SYN_TEXT + 0x1000 + 0x100 * i;
	int frame = function[i].frame;

	if (function[i].kind == FRED && m->era != SYN_FRED)
		return;
	syn_symbol(m, function[i].name, at);
#define ROW(off, type, sp, spo, bp, bpo)                                                 \
	syn_orc(m, at + (off), ORC_##type, ORC_##sp, spo, ORC_##bp, bpo)
	switch (function[i].kind) {
	case PLAIN:
		ROW(0, CALL, SP, 8, UNDEFINED, 0);
		ROW(4, CALL, SP, 8 + frame, UNDEFINED, 0);
		break;
	case RBP:
		ROW(0, CALL, SP, 8, UNDEFINED, 0);
		ROW(1, CALL, SP, 16, PREV_SP, -16);
		ROW(4, CALL, BP, 16, PREV_SP, -16);
		break;
	case SWITCH:
		ROW(0, CALL, SP, 8, UNDEFINED, 0);
		ROW(4, CALL, SP, 8 + frame, UNDEFINED, 0);
		ROW(0x20, CALL, SP_INDIRECT, 8 + frame, UNDEFINED, 0);
		ROW(0x60, CALL, SP, 8 + frame, UNDEFINED, 0);
		break;
	case GOES_ON:
		ROW(0, CALL, SP, 8, UNDEFINED, 0);
		ROW(4, CALL, SP, 8 + frame, UNDEFINED, 0);
		if (is_old(m))
			ROW(0x78, HOLE, UNDEFINED, 0, UNDEFINED, 0);
		else
			ROW(0x78, CALL, SP_INDIRECT, 8 + frame, UNDEFINED, 0);
		ROW(0x90, CALL, SP, 8 + frame, UNDEFINED, 0);
		break;
	case OLD_SWITCH:
		ROW(0, REGS_PARTIAL, SP, 0, UNDEFINED, 0);
		ROW(0x10, REGS, SP, 0, UNDEFINED, 0);
		ROW(0x20, REGS, SP_INDIRECT, 0, UNDEFINED, 0);
		break;
	case ENTRY:
		ROW(0, REGS_PARTIAL, SP, 0, UNDEFINED, 0);
		ROW(0x10, REGS, SP, 0, UNDEFINED, 0);
		break;
	case BOOT:
		ROW(0, END, UNDEFINED, 0, UNDEFINED, 0);
		break;
	case ON_STACK:
		ROW(0, CALL, SP, 8, UNDEFINED, 0);
		ROW(1, CALL, SP, 16, PREV_SP, -16);
		ROW(4, CALL, BP, 16, PREV_SP, -16);
		ROW(0x60, CALL, SP, 8, UNDEFINED, 0);
		break;
	case FRED:
		ROW(0, END, UNDEFINED, 0, UNDEFINED, 0);
		ROW(0x20, REGS, SP, 0, UNDEFINED, 0);
		break;
	case HOLE:
		ROW(0, HOLE, UNDEFINED, 0, UNDEFINED, 0);
		break;
	}
#undef ROW
}

/* ---- types ---- */

static void add_common_types(struct syn *m)
{
	static const struct {
		const char *name;
		uint32_t offset, size;
	} common[] = {
		{ "task_struct", 0, 0x1800 },
		{ "task_struct.thread_info", 0, 24 },
		{ "task_struct.stack", 32, 8 },
		{ "task_struct.flags", 44, 4 },
		{ "task_struct.on_cpu", 52, 4 },
		{ "task_struct.tasks", 1000, 16 },
		{ "task_struct.exit_state", 1200, 4 },
		{ "task_struct.pid", 1300, 4 },
		{ "task_struct.tgid", 1304, 4 },
		{ "task_struct.signal", 1400, 8 },
		{ "task_struct.thread_node", 1408, 16 },
		{ "task_struct.comm", 1600, 16 },
		{ "task_struct.thread", 2048, 256 },
		{ "thread_struct.sp", 24, 8 },
		{ "signal_struct.thread_head", 16, 16 },
		{ "rq.idle", 0x900, 8 },
		{ "rq.curr", 0x908, 8 },
		{ "task_struct.stack_vm_area", 1700, 8 },
		{ "task_struct.thread_pid", 1708, 8 },
		{ "vm_struct.addr", 8, 8 },
		{ "pid.numbers", 0x60, 16 },
		{ "upid.nr", 0, 4 },
		{ "list_head", 0, 16 },
		{ "pt_regs", 0, 168 },
		{ "inactive_task_frame", 0, 56 },
		{ "inactive_task_frame.r15", 0, 8 },
		{ "inactive_task_frame.r14", 8, 8 },
		{ "inactive_task_frame.r13", 16, 8 },
		{ "inactive_task_frame.r12", 24, 8 },
		{ "inactive_task_frame.bx", 32, 8 },
		{ "inactive_task_frame.bp", 40, 8 },
		{ "inactive_task_frame.ret_addr", 48, 8 },
		{ "module.state", 0, 4 },
		{ "module.list", 8, 16 },
		{ "module.name", 24, 56 },
		{ "module.kallsyms", 0x180, 8 },
		{ "module.arch", 0x200, 24 },
		{ "mod_arch_specific.num_orcs", 0, 4 },
		{ "mod_arch_specific.orc_unwind_ip", 8, 8 },
		{ "mod_arch_specific.orc_unwind", 16, 8 },
		{ "mod_kallsyms.symtab", 0, 8 },
		{ "mod_kallsyms.num_symtab", 8, 4 },
		{ "mod_kallsyms.strtab", 16, 8 },
		{ "module.core_layout", 0x100, 32 },
		{ "module.init_layout", 0x120, 32 },
		{ "module_layout.base", 0, 8 },
		{ "module_layout.size", 8, 4 },
		{ "entry_stack", 0, 4096 },
		{ "tss_struct.x86_tss", 0, 104 },
		{ "x86_hw_tss.sp0", 4, 8 },
		{ "x86_hw_tss.sp1", 12, 8 },
		{ "x86_hw_tss.sp2", 20, 8 },
		{ "x86_hw_tss.ist", 36, 56 },
		{ "x86_hw_tss.io_bitmap_base", 102, 2 },
		{ "x86_hw_tss", 0, 104 },
		{ "cpu_entry_area.gdt", 0, 4096 },
		{ "cpu_entry_area.entry_stack_page", 0x1000, 4096 },
	};

	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		syn_member(m, common[i].name, common[i].offset, common[i].size);
}

static const char *const stacks_6_1[] = { "DF", "NMI", "DB", "MCE", "VC", "VC2" };
static const char *const stacks_5_4[] = { "DF", "NMI", "DB2", "DB1", "DB", "MCE" };

static const char *const stacks_5_8[] = { "DF", "NMI", "DB", "MCE", NULL, NULL };

#define NR_STACKS 6u

static const char *stack_name(struct syn *m, size_t i)
{
	return m->era == SYN_5_4   ? stacks_5_4[i]
	       : m->era == SYN_5_8 ? stacks_5_8[i]
				   : stacks_6_1[i];
}

uint64_t syn_thread_size(struct syn *m)
{
	return m->thread_size;
}

uint64_t syn_ist_size(struct syn *m)
{
	return (is_old(m) ? 4096ull : 8192ull) << m->kasan;
}

uint64_t syn_irq_size(struct syn *m)
{
	return 0x4000ull << m->kasan;
}

static bool is_hole(const char *name)
{
	return !strcmp(name, "VC") || !strcmp(name, "VC2") || !strcmp(name, "DB2");
}

static void add_era_types(struct syn *m)
{
	bool old = is_old(m);
	uint32_t size = (uint32_t)syn_ist_size(m), at = 0, store = 0;
	uint32_t tss = m->era == SYN_5_4 ? 0x3000 : 0x5000;

	if (old) {
		syn_member(m, "task_struct.state", 16, 8);
		syn_member(m, "task_struct.cpu", 60, 4);
	} else {
		syn_member(m, "task_struct.__state", 24, 4);
		syn_member(m, "thread_info.cpu", 20, 4);
	}
	for (size_t i = 0; i < NR_STACKS; i++) {
		const char *name = stack_name(m, i);
		char text[64];

		if (!name)
			break;
		snprintf(text, sizeof(text), "cea_exception_stacks.%s_stack", name);
		syn_member(m, text, at + 4096, size);
		snprintf(text, sizeof(text), "exception_stacks.%s_stack", name);
		syn_member(m, text, store, strcmp(name, "DB2") ? size : 0);
		at += 4096 + size;
		store += strcmp(name, "DB2") ? size : 0;
	}
	syn_size(m, "cea_exception_stacks", at + 4096);
	syn_size(m, "irq_stack", (uint32_t)syn_irq_size(m));
	syn_size(m, "tss_struct", tss);
	if (m->era == SYN_5_4) {
		syn_member(m, "tss_struct.io_bitmap", 104, 8200);
	} else {
		syn_member(m, "tss_struct.io_bitmap", 104, 16416);
		syn_member(m, "x86_io_bitmap.bitmap", 16, 8200);
		syn_member(m, "x86_io_bitmap.mapall", 8216, 8200);
	}
	syn_member(m, "cpu_entry_area.tss", 0x2000, tss);
	syn_member(m, "cpu_entry_area.estacks", 0x2000 + tss, at + 4096);
	syn_size(m, "cpu_entry_area", m->era == SYN_5_4 ? 0x33000 : 0x3b000);
}

/* ---- addresses ---- */

uint64_t syn_percpu(struct syn *m, const char *name, unsigned int cpu)
{
	return syn_sym(m, name) + SYN_PERCPU(cpu);
}

uint64_t syn_irq_top(unsigned int cpu)
{
	/* In no order, as vmalloc() may have it; with room for KASAN's. */
	return SYN_VMALLOC + 0xa000 +
	       0x10000ull * ((cpu + SYN_NR_CPUS - 1) % SYN_NR_CPUS);
}

uint64_t syn_cea(struct syn *m, unsigned int cpu)
{
	return 0xfffffe0000001000ull +
	       (m->era == SYN_5_4 ? 0x33000ull : 0x3b000ull) * cpu;
}

uint64_t syn_ist_top(struct syn *m, unsigned int cpu, const char *name)
{
	char member[64];

	snprintf(member, sizeof(member), "cea_exception_stacks.%s_stack", name);
	return syn_cea(m, cpu) + syn_off(m, "cpu_entry_area.estacks") +
	       syn_off(m, member) + syn_ist_size(m);
}

/* ---- CPUs ---- */

static void add_exception_stack(struct syn *m, unsigned int cpu, const char *name)
{
	uint64_t top = syn_ist_top(m, cpu, name), size = syn_ist_size(m);
	char member[64];

	snprintf(member, sizeof(member), "exception_stacks.%s_stack", name);
	for (uint64_t off = 0; off < size; off += PAGE)
		syn_map(m, top - size + off,
			syn_percpu(m, "exception_stacks", cpu) + syn_off(m, member) +
				off - SYN_DIRECT,
			PAGE);
}

void syn_map_vc(struct syn *m, unsigned int cpu)
{
	add_exception_stack(m, cpu, "VC");
	add_exception_stack(m, cpu, "VC2");
}

static void add_tss(struct syn *m, unsigned int cpu)
{
	static const char *const ist[] = { "DF", "NMI", "DB", "MCE", "VC" };
	uint64_t tss = syn_percpu(m, "cpu_tss_rw", cpu), cea = syn_cea(m, cpu);
	uint64_t gdt = syn_percpu(m, "gdt_page", cpu), alias = cea + 0x2000;
	uint64_t limit = m->era == SYN_5_4 ? 0x206f : 0x4087;

	syn_map(m, cea + 0x2000, tss - SYN_DIRECT, PAGE);
	syn_map(m, cea + 0x1000, syn_percpu(m, "entry_stack_storage", cpu) - SYN_DIRECT,
		PAGE);
	syn_map(m, cea, gdt - SYN_DIRECT, PAGE);
	syn_put64(m, gdt + 64,
		  (limit & 0xffff) | (alias & 0xffffff) << 16 | 0x8bull << 40 |
			  (limit >> 16) << 48 | (alias >> 24 & 0xff) << 56);
	syn_put64(m, gdt + 72, alias >> 32);
	syn_put64(m, tss + 4, cea + 0x2000);
	syn_put64(m, tss + 20, 0x7ffc12345678ull);
	syn_put32(m, tss + 100, (m->era == SYN_5_4 ? 0x8000u : 0x4088u) << 16);
	/* Since 6.12 nothing fills them in with FRED. */
	for (size_t i = 0; i < (is_old(m) ? 4 : 5) && m->era != SYN_FRED; i++)
		syn_put64(m, tss + 36 + 8 * i, syn_ist_top(m, cpu, ist[i]));
}

static void add_cpu(struct syn *m, unsigned int cpu)
{
	uint64_t base = SYN_PERCPU(cpu), irq = syn_irq_top(cpu);

	for (uint64_t off = 0; off < SYN_PERCPU_SIZE; off += PAGE)
		syn_phys_page(m, base - SYN_DIRECT + off);
	syn_put64(m, syn_sym(m, "__per_cpu_offset") + 8 * cpu, base);
	for (uint64_t off = 0; off < syn_irq_size(m); off += PAGE)
		syn_map(m, irq - syn_irq_size(m) + off,
			syn_percpu(m, "irq_stack_backing_store", cpu) + off - SYN_DIRECT,
			PAGE);
	syn_put64(m, syn_percpu(m, "hardirq_stack_ptr", cpu), is_old(m) ? irq : irq - 8);
	if (is_old(m))
		syn_put32(m, syn_percpu(m, "irq_count", cpu), (uint32_t)-1);
	syn_put64(m, syn_percpu(m, "cea_exception_stacks", cpu),
		  syn_cea(m, cpu) + syn_off(m, "cpu_entry_area.estacks"));
	for (size_t i = 0; i < NR_STACKS; i++)
		if (stack_name(m, i) && !is_hole(stack_name(m, i)))
			add_exception_stack(m, cpu, stack_name(m, i));
	add_tss(m, cpu);
}

static void add_idt(struct syn *m)
{
	static const struct {
		unsigned int vector, ist;
		const char *handler;
	} gate[] = {
		{ 1, 3, "asm_exc_debug" },	    { 2, 2, "asm_exc_nmi" },
		{ 8, 1, "asm_exc_double_fault" },   { 14, 0, "asm_exc_page_fault" },
		{ 18, 4, "asm_exc_machine_check" }, { 29, 5, "asm_exc_vmm_communication" }
	};

	uint64_t phys;

	for (size_t i = 0; i < sizeof(gate) / sizeof(gate[0]); i++) {
		uint64_t at = syn_sym(m, "idt_table") + 16 * gate[i].vector;
		uint64_t h = syn_sym(m, gate[i].handler);

		syn_put64(m, at,
			  (h & 0xffff) | 0x10ull << 16 | (uint64_t)gate[i].ist << 32 |
				  0x8eull << 40 | (h >> 16 & 0xffff) << 48);
		syn_put64(m, at + 8, h >> 32);
	}
	syn_assert(syn_phys(m, syn_sym(m, "idt_table"), &phys));
	syn_map(m, SYN_RO_IDT, phys, PAGE);
	syn_put64(m, syn_sym(m, "idt_descr"), 0xfff | SYN_RO_IDT << 16);
	syn_put64(m, syn_sym(m, "idt_descr") + 8, SYN_RO_IDT >> 48);
}

/* ---- tasks ---- */

static void list_add_tail(struct syn *m, uint64_t head, uint64_t node)
{
	uint64_t prev = syn_get64(m, head + 8);

	syn_put64(m, node, head);
	syn_put64(m, node + 8, prev);
	syn_put64(m, prev, node);
	syn_put64(m, head + 8, node);
}

static void list_init(struct syn *m, uint64_t head)
{
	syn_put64(m, head, head);
	syn_put64(m, head + 8, head);
}

#define SYN_VM_AREA 0x1780u /* in the memory of a task_struct */

static void fill_task(struct syn *m, uint64_t task, const char *comm, uint32_t pid,
		      uint32_t tgid, uint64_t stack)
{
	char name[16] = "";

	snprintf(name, sizeof(name), "%s", comm);
	syn_write(m, task + syn_off(m, "task_struct.comm"), name, sizeof(name));
	syn_put32(m, task + syn_off(m, "task_struct.pid"), pid);
	syn_put32(m, task + syn_off(m, "task_struct.tgid"), tgid);
	syn_put64(m, task + syn_off(m, "task_struct.stack"), stack);
	list_init(m, task + syn_off(m, "task_struct.tasks"));
	syn_put64(m, stack, 0x57AC6E9D); /* STACK_END_MAGIC */
	/* Its struct vm_struct lies behind it; that of the first has none. */
	if (task == syn_sym(m, "init_task"))
		return;
	syn_put64(m, task + syn_off(m, "task_struct.stack_vm_area"), task + SYN_VM_AREA);
	syn_put64(m, task + SYN_VM_AREA + syn_off(m, "vm_struct.addr"), stack);
}

static uint64_t new_stack(struct syn *m)
{
	uint64_t at = m->next_stack;

	for (uint64_t off = 0; off < syn_thread_size(m); off += syn_page_size(m))
		syn_map(m, at + off, syn_alloc(m, 1), syn_page_size(m));
	m->next_stack += 2 * syn_thread_size(m);
	return at;
}

/* Without a place in any list. */
static uint64_t new_task(struct syn *m, const char *comm, uint32_t pid, uint32_t tgid)
{
	uint64_t task = m->direct + syn_alloc(m, 2);

	fill_task(m, task, comm, pid, tgid, new_stack(m));
	return task;
}

uint64_t syn_task(struct syn *m, const char *comm, uint32_t pid, uint64_t leader)
{
	uint32_t tgid = pid;
	uint64_t task, signal;

	if (leader) {
		signal = syn_get64(m, leader + syn_off(m, "task_struct.signal"));
		syn_read(m, leader + syn_off(m, "task_struct.pid"), &tgid, sizeof(tgid));
	} else {
		signal = m->direct + syn_alloc(m, 1);
		list_init(m, signal + syn_off(m, "signal_struct.thread_head"));
	}
	task = new_task(m, comm, pid, tgid);
	syn_put64(m, task + syn_off(m, "task_struct.signal"), signal);
	list_add_tail(m, signal + syn_off(m, "signal_struct.thread_head"),
		      task + syn_off(m, "task_struct.thread_node"));
	if (!leader)
		list_add_tail(m,
			      syn_sym(m, "init_task") + syn_off(m, "task_struct.tasks"),
			      task + syn_off(m, "task_struct.tasks"));
	m->last_task = task;
	return task;
}

uint64_t syn_stack(struct syn *m, uint64_t task)
{
	return syn_get64(m, task + syn_off(m, "task_struct.stack"));
}

static void set_task_cpu(struct syn *m, uint64_t task, unsigned int cpu, bool running)
{
	uint32_t off = is_old(m) ? syn_off(m, "task_struct.cpu")
				 : syn_off(m, "task_struct.thread_info") +
					   syn_off(m, "thread_info.cpu");

	syn_put32(m, task + off, cpu);
	syn_put32(m, task + syn_off(m, "task_struct.on_cpu"), running);
}

void syn_mm_types(struct syn *m)
{
	static const struct {
		const char *name;
		uint32_t offset, size;
	} types[] = {
		{ "task_struct.mm", 0x7f0, 8 },	      { "mm_struct.pgd", 0, 8 },
		{ "mm_struct.start_brk", 8, 8 },      { "mm_struct.brk", 16, 8 },
		{ "mm_struct.start_stack", 24, 8 },   { "mm_struct.mmap", 32, 8 },
		{ "vm_area_struct.vm_start", 0, 8 },  { "vm_area_struct.vm_end", 8, 8 },
		{ "vm_area_struct.vm_flags", 16, 8 }, { "vm_area_struct.vm_file", 24, 8 },
		{ "vm_area_struct.vm_next", 32, 8 },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		syn_member(m, types[i].name, types[i].offset, types[i].size);
}

void syn_set_current(struct syn *m, unsigned int cpu, uint64_t task)
{
	uint64_t at = syn_percpu(m, "current_task", cpu), old = syn_get64(m, at);

	if (old)
		set_task_cpu(m, old, cpu, false);
	syn_put64(m, at, task);
	syn_put64(m, syn_percpu(m, "runqueues", cpu) + syn_off(m, "rq.curr"), task);
	set_task_cpu(m, task, cpu, true);
	syn_put64(m,
		  is_old(m) ? syn_percpu(m, "cpu_tss_rw", cpu) + 12
			    : syn_percpu(m, "cpu_current_top_of_stack", cpu),
		  syn_stack(m, task) + syn_thread_size(m) -
			  (m->era == SYN_FRED ? 16 : 0));
}

uint64_t syn_idle(struct syn *m, unsigned int cpu)
{
	return syn_get64(m, syn_percpu(m, "runqueues", cpu) + syn_off(m, "rq.idle"));
}

static void add_tasks(struct syn *m)
{
	uint64_t init = syn_sym(m, "init_task");

	fill_task(m, init, "swapper/0", 0, 0, syn_sym(m, "__start_init_task"));
	for (unsigned int cpu = 0; cpu < SYN_NR_CPUS; cpu++) {
		char comm[16];
		uint64_t idle = init;

		snprintf(comm, sizeof(comm), "swapper/%u", cpu);
		if (cpu)
			idle = new_task(m, comm, 0, 0);
		syn_put64(m, syn_percpu(m, "runqueues", cpu) + syn_off(m, "rq.idle"),
			  idle);
		syn_set_current(m, cpu, idle);
	}
	syn_task(m, "init", 1, 0);
}

/* ---- the whole ---- */

static void add_symbols(struct syn *m)
{
	static const struct {
		const char *name;
		uint64_t addr;
	} data[] = {
		{ "_text", SYN_TEXT },
		{ "_stext", SYN_TEXT },
		{ "_etext", SYN_ETEXT },
		{ "_sinittext", SYN_INIT },
		{ "_einittext", SYN_INIT + 0x1000 },
		{ "_end", SYN_END },
		{ "__per_cpu_start", 0 },
		{ "__per_cpu_end", SYN_PERCPU_SIZE },
		{ "nr_cpu_ids", SYN_DATA },
		{ "__cpu_possible_mask", SYN_DATA + 0x40 },
		{ "__cpu_online_mask", SYN_DATA + 0x80 },
		{ "page_offset_base", SYN_DATA + 0x100 },
		{ "vmalloc_base", SYN_DATA + 0x108 },
		{ "vmemmap_base", SYN_DATA + 0x110 },
		{ "crash_notes", SYN_DATA + 0x118 },
		{ "modules", SYN_DATA + 0x120 },
		{ "__per_cpu_offset", SYN_DATA + 0x200 },
		{ "init_task", SYN_DATA + 0x1000 },
		{ "idt_table", SYN_DATA + 0x3000 },
		{ "idt_descr", SYN_DATA + 0x180 },
		{ "__start_init_task", SYN_DATA + 0x4000 },
		/* per-CPU */
		{ "fixed_percpu_data", 0 },
		{ "cpu_tss_rw", 0x6000 },
		{ "gdt_page", 0xb000 },
		{ "entry_stack_storage", 0xf000 },
		{ "hardirq_stack_ptr", 0x1f000 },
		{ "current_task", 0x1f010 },
		{ "cea_exception_stacks", 0x1f018 },
		{ "runqueues", 0x20000 },
	};

	for (size_t i = 0; i < sizeof(data) / sizeof(data[0]); i++)
		syn_symbol(m, data[i].name, data[i].addr);
	syn_symbol(m, "__end_init_task", SYN_DATA + 0x4000 + syn_thread_size(m));
	syn_symbol(m, "irq_stack_backing_store", m->kasan ? 0x28000 : 0x2000);
	syn_symbol(m, "exception_stacks", m->kasan ? 0x30000 : 0x10000);
	if (is_old(m))
		syn_symbol(m, "irq_count", 0x1f00c);
	else
		syn_symbol(m, "hardirq_stack_inuse", 0x1f008);
	if (!is_old(m))
		syn_symbol(m, "cpu_current_top_of_stack", 0x1f020);
	for (size_t i = 0; i < NR_FUNCTIONS; i++)
		add_function(m, i);
	syn_orc(m, SYN_TEXT + 0x1000 + 0x100 * NR_FUNCTIONS, ORC_HOLE, ORC_UNDEFINED, 0,
		ORC_UNDEFINED, 0);
}

static struct syn *new_kernel(int era, bool kasan)
{
	static const char *const name[] = { "5.4.0-syn", "5.8.0-syn", "6.1.0-syn",
					    "6.12.0-syn" };
	struct syn *m = syn_new(4);

	m->era = era;
	m->kasan = kasan;
	m->direct = SYN_DIRECT;
	m->thread_size = SYN_THREAD_SIZE << kasan;
	m->orc_format = era == SYN_FRED ? SYN_ORC_6_4 : SYN_ORC_4_19;
	m->kallsyms_format = SYN_KS_PERCPU;
	m->orc_base = SYN_TEXT + 0x20000;
	m->kallsyms_base = SYN_TEXT + 0x100000;
	m->next_stack = SYN_VMALLOC + 0x100000;
	syn_vmcoreinfo(m, "OSRELEASE", "%s", name[era]);
	syn_vmcoreinfo(m, "KERNELOFFSET", "1a000000");

	syn_map(m, SYN_TEXT, SYN_TEXT - X86_KERNEL_MAP + (uint64_t)SYN_PHYS_BASE,
		PAGE << 9);
	syn_map(m, SYN_DIRECT, 0, PAGE << 18);
	syn_fill(m, SYN_TEXT, SYN_ETEXT - SYN_TEXT, 0xcc);
	syn_fill(m, SYN_INIT, 0x1000, 0xcc);
	syn_fill(m, SYN_DATA, 0xc000, 0);

	add_symbols(m);
	add_common_types(m);
	add_era_types(m);
	syn_put32(m, syn_sym(m, "nr_cpu_ids"), SYN_NR_CPUS);
	syn_put64(m, syn_sym(m, "__cpu_possible_mask"), 7);
	syn_put64(m, syn_sym(m, "__cpu_online_mask"), 3);
	syn_put64(m, syn_sym(m, "page_offset_base"), SYN_DIRECT);
	syn_put64(m, syn_sym(m, "vmalloc_base"), SYN_VMALLOC);
	syn_put64(m, syn_sym(m, "vmemmap_base"), SYN_VMEMMAP);
	syn_put64(m, syn_sym(m, "crash_notes"), 0x22000);
	list_init(m, syn_sym(m, "modules"));
	for (unsigned int cpu = 0; cpu < SYN_NR_CPUS; cpu++)
		add_cpu(m, cpu);
	add_idt(m);
	add_tasks(m);
	return m;
}

struct syn *syn_kernel(int era)
{
	return new_kernel(era, false);
}

struct syn *syn_kernel_kasan(int era)
{
	return new_kernel(era, true);
}

struct syn *syn_kernel_fp(int era)
{
	struct syn *m = new_kernel(era, false);

	m->frame_pointers = true;
	/* What the compiler puts where a function begins: by that they are known. */
	syn_write(m, syn_sym(m, "panic"), "\x55\x48\x89\xe5", 4);
	syn_write(m, syn_sym(m, "kthread"), "\x55\x48\x89\xe5", 4);
	m->orc_base = 0;
	return m;
}

/* ---- modules ---- */

uint64_t syn_module(struct syn *m, const char *name, uint64_t base, const char *fn)
{
	static const char strings[] = "\0.Lnoise\0L0\x01\0";
	uint64_t mod = base + 0x2000, kallsyms = base + 0x3000, symtab = base + 0x3100;
	uint64_t strtab = base + 0x3800, orc_ip = base + 0x3a00, orc = base + 0x3b00;
	uint64_t start = base + 0x100, at;
	const Elf64_Sym sym[] = {
		{ 0 },
		{ .st_name = 1, .st_shndx = 1, .st_value = start }, /* .Lnoise */
		{ .st_name = 20, .st_shndx = 1, .st_value = start },
		{ .st_name = 20 + (Elf64_Word)strlen(fn) + 1,
		  .st_shndx = 1,
		  .st_value = start }, /* an alias: comes second */
		{ .st_name = 20, .st_shndx = SHN_UNDEF, .st_value = base + 0x120 },
	};
	const struct syn_orc row[] = {
		{ start, ORC_CALL, ORC_SP, 8, ORC_UNDEFINED, 0, false, 0 },
		{ start + 4, ORC_CALL, ORC_SP, 24, ORC_UNDEFINED, 0, false, 0 },
		{ start + 0x80, ORC_HOLE, ORC_UNDEFINED, 0, ORC_UNDEFINED, 0, false, 0 },
	};

	for (at = base; at < base + 0x4000; at += PAGE)
		syn_map(m, at, syn_alloc(m, 1), PAGE);
	syn_fill(m, base, 0x1000, 0xcc);
	syn_write(m, mod + syn_off(m, "module.name"), name, strlen(name) + 1);
	syn_put64(m, mod + syn_off(m, "module.core_layout"), base);
	syn_put32(m, mod + syn_off(m, "module.core_layout") + 8, 0x4000);
	syn_put64(m, mod + syn_off(m, "module.kallsyms"), kallsyms);
	syn_put64(m, kallsyms, symtab);
	syn_put32(m, kallsyms + 8, sizeof(sym) / sizeof(sym[0]));
	syn_put64(m, kallsyms + 16, strtab);
	syn_write(m, symtab, sym, sizeof(sym));
	syn_write(m, strtab, strings, sizeof(strings));
	syn_write(m, strtab + 20, fn, strlen(fn) + 1);
	syn_write(m, strtab + 20 + strlen(fn) + 1, "alias", 6);
	syn_put32(m, mod + syn_off(m, "module.arch"), 3);
	syn_put64(m, mod + syn_off(m, "module.arch") + 8, orc_ip);
	syn_put64(m, mod + syn_off(m, "module.arch") + 16, orc);
	for (size_t i = 0; i < 3; i++) {
		unsigned char e[6];

		syn_orc_encode(m->orc_format, &row[i], e);
		syn_put32(m, orc_ip + 4 * i, (uint32_t)(row[i].ip - (orc_ip + 4 * i)));
		syn_write(m, orc + 6 * i, e, sizeof(e));
	}
	list_add_tail(m, syn_sym(m, "modules"), mod + syn_off(m, "module.list"));
	return mod;
}

/* ---- what a CPU did ---- */

struct syn_cpu syn_cpu(struct syn *m, unsigned int cpu, uint64_t task)
{
	struct syn_cpu c = { .m = m, .cpu = cpu, .task = task };

	c.sp = syn_stack(m, task) + syn_thread_size(m);
	syn_set_current(m, cpu, task);
	return c;
}

void syn_push(struct syn_cpu *c, uint64_t value)
{
	c->sp -= 8;
	syn_put64(c->m, c->sp, value);
}

uint64_t syn_call_insn(struct syn *m, const char *caller, unsigned int off,
		       const char *callee)
{
	uint64_t ret = syn_sym(m, caller) + off;

	syn_put8(m, ret - 5, 0xe8);
	syn_put32(m, ret - 4, (uint32_t)(syn_sym(m, callee) - ret));
	return ret;
}

void syn_jump(struct syn *m, uint64_t at, uint64_t to)
{
	syn_put8(m, at, 0xe9);
	syn_put32(m, at + 1, (uint32_t)(to - at - 5));
}

uint64_t syn_call_by_pointer(struct syn *m, const char *caller, unsigned int off)
{
	static const unsigned char call[] = { 0x90, 0x90, 0x90, 0xff, 0xd0 };
	uint64_t ret = syn_sym(m, caller) + off;

	/* Three nops, call *%rax. */
	syn_write(m, ret - sizeof(call), call, sizeof(call));
	return ret;
}

void syn_call(struct syn_cpu *c, unsigned int off, const char *callee)
{
	static const unsigned char prologue[] = { 0x55, 0x48, 0x89, 0xe5 };
	size_t f = find_function(callee);

	syn_push(c, syn_call_insn(c->m, c->function, off, callee));
	if (c->m->frame_pointers)
		syn_write(c->m, syn_sym(c->m, callee), prologue, sizeof(prologue));
	if (c->m->frame_pointers || function[f].kind == RBP ||
	    function[f].kind == ON_STACK) {
		syn_push(c, c->bp);
		c->bp = c->sp;
	}
	/* Locals that were never written: whatever was there. */
	for (int i = 0; i < function[f].frame; i += 8)
		syn_push(c, 0x1111111100000000ull + (uint64_t)i);
	c->function = callee;
	c->ip = syn_sym(c->m, callee) + 0x40;
}

/* ENCODE_FRAME_POINTER of the entry code. */
static void encode_frame_pointer(struct syn_cpu *c)
{
	if (c->m->frame_pointers)
		c->bp = c->sp + 1;
}

uint64_t syn_pt_regs(struct syn_cpu *c, uint64_t ip, uint64_t cs, uint64_t sp,
		     uint64_t bp)
{
	syn_push(c, cs == 0x33 ? 0x2b : 0x18);
	syn_push(c, sp);
	syn_push(c, 0x246);
	syn_push(c, cs);
	syn_push(c, ip);
	syn_push(c, ~0ull); /* orig_ax */
	for (int r = X86_DI; r >= 0; r--)
		syn_push(c, r == X86_BP ? bp : 0x7700 + (uint64_t)r);
	return c->sp;
}

uint64_t syn_fred_regs(struct syn_cpu *c, uint64_t top, uint64_t ip, uint64_t cs,
		       uint64_t sp, uint64_t info, unsigned int level)
{
	uint64_t regs;

	c->sp = top;
	syn_push(c, 0); /* reserved */
	syn_push(c, 0xffff888000e0da7aull);
	regs = syn_pt_regs(c, ip, cs, sp, c->bp);
	syn_put64(c->m, regs + 8 * X86_CS, cs | (uint64_t)level << 16);
	syn_put64(c->m, regs + 8 * X86_SS, (cs == 0x33 ? 0x2b : 0x18) | info);
	return regs;
}

void syn_syscall(struct syn_cpu *c)
{
	syn_pt_regs(c, SYN_USER_IP, 0x33, 0x7ffc00001000, 0);
	c->function = "entry_SYSCALL_64";
	c->bp = 0;
	syn_call(c, 0x63, "do_syscall_64");
	syn_call(c, 0x58, "ksys_write");
	syn_call(c, 0x6f, "vfs_write");
	syn_call(c, 0x9b, "task_spin");
}

void syn_kthread(struct syn_cpu *c)
{
	c->sp -= 168; /* meaningless in a kthread */
	encode_frame_pointer(c);
	c->function = "ret_from_fork";
	syn_call(c, 0x22, "kthread");
	syn_call(c, 0xe9, "worker_thread");
}

void syn_idle_loop(struct syn_cpu *c)
{
	c->sp -= 168;
	c->function = "secondary_startup_64";
	syn_call(c, 0xe0, "cpu_startup_entry");
	syn_call(c, 0x19, "do_idle");
}

void syn_on_stack(struct syn_cpu *c, unsigned int off, const char *how,
		  const char *callee)
{
	uint64_t top = syn_irq_top(c->cpu);

	syn_call(c, off, how);
	syn_put64(c->m, top - 8, c->sp);
	c->sp = top - 8;
	syn_put32(c->m, syn_percpu(c->m, "irq_count", c->cpu), 0);
	syn_call(c, 0x12, callee);
}

void syn_irq(struct syn_cpu *c)
{
	struct syn *m = c->m;
	uint64_t ip = c->ip, sp = c->sp, regs, top = syn_irq_top(c->cpu);

	c->sp &= ~15ull;
	regs = syn_pt_regs(c, ip, 0x10, sp, c->bp);
	encode_frame_pointer(c);
	if (m->era == SYN_5_8) {
		c->function = "asm_sysvec_apic_timer_interrupt";
		syn_call(c, 0x16, "sysvec_apic_timer_interrupt");
		syn_on_stack(c, 0x18, "asm_call_on_stack",
			     "__sysvec_apic_timer_interrupt");
	} else if (m->era == SYN_5_4) {
		c->function = "apic_timer_interrupt";
		c->sp = top;
		syn_push(c, regs);
		syn_put32(m, syn_percpu(m, "irq_count", c->cpu), 0);
		syn_call(c, 0x2f, "smp_apic_timer_interrupt");
	} else {
		c->function = "asm_sysvec_apic_timer_interrupt";
		syn_call(c, 0x16, "sysvec_apic_timer_interrupt");
		syn_put64(m, top - 8, c->sp);
		c->sp = top - 8;
		syn_put8(m, syn_percpu(m, "hardirq_stack_inuse", c->cpu), 1);
		syn_call(c, 0x45, "__sysvec_apic_timer_interrupt");
	}
	syn_call(c, 0x56, "hrtimer_interrupt");
	syn_call(c, 0xa9, "timer_fn");
}

void syn_nmi(struct syn_cpu *c)
{
	struct syn *m = c->m;
	uint64_t ip = c->ip, sp = c->sp, top = syn_ist_top(m, c->cpu, "NMI");
	const uint64_t frame[] = { ip, 0x10, 0x246, sp, 0x18 };

	for (size_t i = 0; i < 5; i++) {
		syn_put64(m, top - 40 + 8 * i, frame[i]); /* what the hardware pushed */
		syn_put64(m, top - 96 + 8 * i, frame[i]); /* "iret" */
	}
	syn_put64(m, top - 48, 0xd0d0);
	syn_put64(m, top - 56, 1); /* NMI executing */
	c->sp = top - 96;
	c->function = "asm_exc_nmi";
	ck_assert_uint_eq(syn_pt_regs(c, ip, 0x10, sp, c->bp), top - 264);
	encode_frame_pointer(c);
	syn_call(c, 0x80, "exc_nmi");
	syn_call(c, 0x70, "nmi_handle");
	syn_call(c, 0x5e, "crash_nmi_callback");
}

uint64_t syn_guard_hit(struct syn_cpu *c, const char *ist)
{
	static const unsigned char pop_rsp = 0x5c, jump_to_itself[] = { 0xeb, 0xfe };
	uint64_t ip = c->ip, sp = c->sp, regs, top = syn_ist_top(c->m, c->cpu, ist), ret;

	c->sp &= ~15ull;
	regs = syn_pt_regs(c, ip, 0x10, sp, c->bp);
	encode_frame_pointer(c);
	c->function = "asm_exc_page_fault";
	syn_call(c, 0x26, "exc_page_fault");
	syn_call(c, 0x70, "page_fault_oops");
	/* The last function that it called before, and what that called. */
	syn_put64(c->m, c->sp - 8,
		  syn_call_insn(c->m, "page_fault_oops", 0x30, "last_function"));
	syn_put64(c->m, c->sp - 0x40,
		  syn_call_insn(c->m, "last_function", 0x30, "task_spin"));
	ret = syn_sym(c->m, "page_fault_oops") + 0x85;
	if (is_old(c->m)) {
		syn_write(c->m, ret, jump_to_itself, sizeof(jump_to_itself));
	} else {
		syn_write(c->m, ret, &pop_rsp, 1);
		syn_put64(c->m, top - 8, c->sp);
	}
	c->sp = top - 8;
	syn_call(c, 0x85, "handle_stack_overflow");
	syn_put64(c->m, c->sp + 8, regs);
	return regs;
}

void syn_panic(struct syn_cpu *c)
{
	syn_call(c, 0xb0, "panic");
	syn_call(c, 0xc3, "__crash_kexec");
}

void syn_sleep(struct syn_cpu *c)
{
	struct syn *m = c->m;
	uint64_t bp;

	syn_call(c, 0x94, "schedule");
	syn_call(c, 0x48, "__schedule");
	bp = c->bp;
	syn_push(c, syn_call_insn(m, "__schedule", 0x9a, "__switch_to_asm"));
	syn_push(c, bp);
	for (int i = 0; i < 5; i++)
		syn_push(c, 0x8800 + (uint64_t)i); /* rbx, r12 … r15 */
	syn_put64(m,
		  c->task + syn_off(m, "task_struct.thread") +
			  syn_off(m, "thread_struct.sp"),
		  c->sp);
	syn_set_current(m, c->cpu, syn_idle(m, c->cpu));
}

void syn_crash_note_regs(struct syn *m, unsigned int cpu, uint32_t pid, uint64_t ip,
			 uint64_t cs, uint64_t sp, uint64_t bp)
{
	uint64_t at = SYN_PERCPU(cpu) + syn_get64(m, syn_sym(m, "crash_notes"));
	const Elf64_Nhdr head = { 5, 336, NT_PRSTATUS };
	uint64_t regs = at + 20 + 112;

	syn_fill(m, at, 20 + 336, 0);
	syn_write(m, at, &head, sizeof(head));
	syn_write(m, at + 12, "CORE", 5);
	syn_put32(m, at + 20 + 32, pid);
	for (unsigned int r = 0; r < X86_NR_REGS; r++)
		syn_put64(m, regs + 8 * r, 0x5500 + r);
	syn_put64(m, regs + 8 * X86_IP, ip);
	syn_put64(m, regs + 8 * X86_CS, cs);
	syn_put64(m, regs + 8 * X86_SP, sp);
	syn_put64(m, regs + 8 * X86_BP, bp);
	syn_put64(m, regs + 8 * X86_FLAGS, 0x246);
	syn_put64(m, regs + 8 * X86_SS, cs == 0x33 ? 0x2b : 0x18);
}

uint64_t syn_noted(struct syn *m, unsigned int cpu, unsigned int reg)
{
	return SYN_PERCPU(cpu) + syn_get64(m, syn_sym(m, "crash_notes")) + 20 + 112 +
	       8ull * reg;
}

void syn_crash_note(struct syn_cpu *c)
{
	uint32_t pid;

	syn_read(c->m, c->task + syn_off(c->m, "task_struct.pid"), &pid, sizeof(pid));
	syn_crash_note_regs(c->m, c->cpu, pid, c->ip, 0x10, c->sp, c->bp);
}

static void syn_set_reg(struct stk_regs *regs, unsigned int reg, uint64_t value)
{
	regs->v[reg] = value;
	regs->valid |= 1ull << reg;
}

struct stk_start syn_start(struct syn_cpu *c)
{
	const struct stk_arch *a = stk_arch_of(c->m->target.machine);
	struct stk_start start = { .from = STK_FROM_PT_REGS,
				   .cpu = (int)c->cpu,
				   .signal = true };

	syn_set_reg(&start.regs, a->ip, c->ip);
	syn_set_reg(&start.regs, a->sp, c->sp);
	syn_set_reg(&start.regs, a->fp, c->bp);
	if (a == &stk_arch_x86_64)
		x86_set(&start.regs, X86_CS, 0x10);
	else
		syn_set_reg(&start.regs,
			    a == &stk_arch_arm64 ? (unsigned int)ARM64_LR : RISCV_RA,
			    c->lr);
	if (c->scs)
		syn_set_reg(&start.regs, a->shadow_reg, c->scs);
	if (c->m->s)
		start.has_task = !stk_task_read(c->m->s, c->task, &start.task);
	return start;
}

/* ---- chains ---- */

const char *syn_chain_text(const struct stk_chain *chain)
{
	static char text[16384];
	size_t n = 0;

#define ADD(...)                                                                         \
	(n += n < sizeof(text)                                                           \
		      ? (size_t)snprintf(text + n, sizeof(text) - n, __VA_ARGS__)        \
		      : 0)
	text[0] = '\0';
	for (const struct stk_segment *seg = chain->segments; seg; seg = seg->next) {
		ADD("<%s> ", stk_stack_kind_name(seg->stack.kind));
		for (size_t i = 0; i < seg->nr_frames; i++) {
			const struct stk_frame *f = &seg->frames[i];

			if (f->name.function)
				ADD("%s%s%s+0x%llx", f->name.module ? f->name.module : "",
				    f->name.module ? ":" : "", f->name.function,
				    (unsigned long long)f->name.offset);
			else
				ADD("0x%llx", (unsigned long long)f->ip);
			ADD("/%s%s%s ", stk_how_name(f->how), f->interrupted ? "!" : "",
			    f->reliable ? "" : "?");
		}
		if (seg->next)
			ADD("=%s%s= ", stk_how_name(seg->crossing.how),
			    seg->crossing.agree == 0 ? ",disagree" : "");
	}
	ADD("end %s", stk_end_name(chain->end));
#undef ADD
	syn_assert(n < sizeof(text));
	return text;
}

void syn_expect(struct stk *s, const struct stk_start *start, const char *want)
{
	struct stk_chain *chain;

	ck_assert_int_eq(stk_unwind(s, start, &chain), STK_OK);
	ck_assert_str_eq(syn_chain_text(chain), want);
	stk_chain_free(s, chain);
}
