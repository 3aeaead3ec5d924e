/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worlds.h"

#include <elf.h>

#include "arm64.h"
#include "riscv64.h"

#define PF_KTHREAD 0x00200000u

static void mark_kthread(uint64_t task)
{
	if (syn_find_type(m, "task_struct.flags"))
		syn_put32(m, task + syn_off(m, "task_struct.flags"), PF_KTHREAD);
}

/* ---- x86_64 ---- */

/* EVENT_TYPE_* of asm/trapnr.h. */
enum { EXTINT = 0, NMI = 2, OTHER = 7 };

static void fred_from_kernel(uint64_t at, uint64_t info)
{
	if (!at)
		at = (c.sp - 64) & ~63ull;
	syn_fred_regs(&c, at, c.ip, 0x10, c.sp, info, 0);
	c.function = "asm_fred_entrypoint_kernel";
	syn_call(&c, 0x46, "fred_entry_from_kernel");
}

static void fred_syscall(struct syn_cpu *cpu)
{
	const uint64_t regs =
		syn_fred_regs(cpu, cpu->sp, SYN_USER_IP, 0x33, 0x7ffc00001000,
			      SYN_FRED_EVENT(OTHER, 1) | SYN_FRED_64BIT, 0);

	cpu->bp = 0;
	cpu->function = "asm_fred_entrypoint_user";
	syn_call(cpu, 0x46, "fred_entry_from_user");
	syn_put64(m, regs + 8 * X86_ORIG_AX, 1);
	syn_call(cpu, 0x31, "do_syscall_64");
	syn_call(cpu, 0x58, "ksys_write");
	syn_call(cpu, 0x6f, "vfs_write");
	syn_call(cpu, 0x9b, "task_spin");
}

static void in_syscall(struct syn_cpu *cpu)
{
	if (m->era == SYN_FRED)
		fred_syscall(cpu);
	else
		syn_syscall(cpu);
}

static void begin(struct syn *kernel)
{
	/* What FRED saves of the user's. */
	const uint64_t larger = kernel->era == SYN_FRED ? 16 : 0;
	struct syn_cpu cpu;
	uint64_t task;

	fixture_free();
	m = kernel;
	task = syn_task(m, "sleeper", 300, 0);
	cpu = syn_cpu(m, 1, task);
	in_syscall(&cpu);
	syn_sleep(&cpu);
	task = syn_task(m, "kworker", 600, 0);
	cpu = syn_cpu(m, 0, task);
	cpu.sp -= larger;
	syn_kthread(&cpu);
	syn_sleep(&cpu);
	mark_kthread(task);
	cpu = syn_cpu(m, 0, syn_idle(m, 0));
	cpu.sp -= larger;
	syn_idle_loop(&cpu);
	syn_crash_note(&cpu);
	sh = syn_task(m, "sh", 227, 0);
	c = syn_cpu(m, 1, sh);
}

/* An interrupt came over a system call, and an NMI over that. */
static void stopped_by_nmi(struct syn *kernel)
{
	begin(kernel);
	syn_syscall(&c);
	syn_irq(&c);
	syn_crash_note(&c);
	syn_nmi(&c);
}

static void nmi(void)
{
	stopped_by_nmi(syn_kernel(SYN_6_1));
}

static void nmi_5_8(void)
{
	stopped_by_nmi(syn_kernel(SYN_5_8));
}

static void nmi_5_4(void)
{
	stopped_by_nmi(syn_kernel(SYN_5_4));
}

static void nmi_frame_pointers(void)
{
	stopped_by_nmi(syn_kernel_fp(SYN_6_1));
}

/* Nobody saved what the CPU had. */
static void silent(void)
{
	begin(syn_kernel(SYN_6_1));
	syn_syscall(&c);
	syn_irq(&c);
	syn_nmi(&c);
}

/* The stack is used up; another one tells of it. */
static void overflow_of(struct syn *kernel)
{
	struct syn_cpu fault;

	begin(kernel);
	syn_syscall(&c);
	c.sp -= 24;
	fault = c;
	syn_guard_hit(&c, "DF");
	syn_call(&c, 0x60, "crash_kexec");
	syn_call(&c, 0x39, "__crash_kexec");
	syn_crash_note(&fault);
}

static void overflow(void)
{
	overflow_of(syn_kernel(SYN_6_1));
}

static void overflow_5_8(void)
{
	overflow_of(syn_kernel(SYN_5_8));
}

/* A task that calls panic(); a stopped virtual machine. */
static void panics(void)
{
	begin(syn_kernel(SYN_6_1));
	syn_syscall(&c);
	syn_panic(&c);
	for (unsigned int cpu = 0; cpu < 2; cpu++) {
		struct syn_note *n = syn_note(m, STK_NOTE_QEMU, cpu + 1);

		n->have_sys = true;
		n->tr_selector = 0x40;
		n->tr_base = syn_cea(m, cpu) + 0x2000;
		n->tr_limit = 0x4087;
		n->gdt_base = syn_cea(m, cpu);
		n->gdt_limit = 127;
		n->idt_base = SYN_RO_IDT;
		n->idt_limit = 0xfff;
		n->gs_base = SYN_PERCPU(cpu);
		n->cr3 = m->pgd;
		for (unsigned int r = 0; r < X86_NR_REGS; r++)
			n->gpr[r] = syn_get64(m, syn_noted(m, cpu, r));
		if (!cpu)
			continue;
		n->gpr[X86_IP] = c.ip;
		n->gpr[X86_SP] = c.sp;
		n->gpr[X86_BP] = c.bp;
		n->gpr[X86_CS] = 0x10;
		n->gpr[X86_SS] = 0x18;
		n->gpr[X86_FLAGS] = 0x246;
	}
}

/* What a kretprobe replaced, in its own list, and below it the function graph tracer. */
static void traced(void)
{
	const uint64_t nodes = SYN_DATA + 0xa000, from = SYN_TEXT + 0x8100;
	uint64_t outer, inner, ret;

	begin(syn_kernel(SYN_6_1));
	syn_syscall(&c);
	inner = c.bp + 8;
	outer = syn_get64(m, c.bp) + 8;
	syn_symbol(m, "arch_rethook_trampoline", from);
	syn_symbol(m, "return_to_handler", from + 0x40);
	syn_member(m, "task_struct.rethooks", 0x1000, 8);
	syn_member(m, "rethook_node.llist", 16, 8);
	syn_member(m, "rethook_node.rethook", 32, 8);
	syn_member(m, "rethook_node.ret_addr", 40, 8);
	syn_member(m, "rethook_node.frame", 48, 8);
	syn_member(m, "rethook.handler", 8, 8);
	syn_symbol(m, "fprobe_exit_handler", from + 0x80);
	syn_member(m, "task_struct.ret_stack", 0x1008, 8);
	syn_member(m, "task_struct.curr_ret_stack", 0x1010, 4);
	syn_size(m, "ftrace_ret_stack", 40);
	syn_member(m, "ftrace_ret_stack.ret", 0, 8);
	syn_member(m, "ftrace_ret_stack.retp", 32, 8);
	syn_fill(m, nodes, 0x400, 0);
	/* The inner one: an fprobe's node behind one of another frame. */
	ret = syn_get64(m, inner);
	syn_put64(m, sh + 0x1000, nodes + 16);
	syn_put64(m, nodes + 16, nodes + 0x40 + 16);
	syn_put64(m, nodes + 48, inner + 0x40);
	syn_put64(m, nodes + 40, ret + 1);
	syn_put64(m, nodes + 0x40 + 32, nodes + 0x80);
	syn_put64(m, nodes + 0x40 + 40, ret);
	syn_put64(m, nodes + 0x40 + 48, inner);
	syn_put64(m, nodes + 0x80 + 8, from + 0x80);
	syn_put64(m, inner, from);
	/* The outer one: the second entry of an array. */
	ret = syn_get64(m, outer);
	syn_put64(m, sh + 0x1008, nodes + 0x100);
	syn_put32(m, sh + 0x1010, 1);
	syn_put64(m, nodes + 0x100, ret);
	syn_put64(m, nodes + 0x100 + 32, outer);
	syn_put64(m, nodes + 0x128, ret + 1);
	syn_put64(m, nodes + 0x128 + 32, outer + 0x40);
	syn_put64(m, outer, from + 0x40);
	syn_crash_note(&c);
}

static void fred(void)
{
	const uint64_t irq = syn_irq_top(1);

	begin(syn_kernel(SYN_FRED));
	fred_syscall(&c);
	fred_from_kernel(0, SYN_FRED_EVENT(EXTINT, 236));
	syn_call(&c, 0x28, "sysvec_apic_timer_interrupt");
	syn_put64(m, irq - 8, c.sp);
	c.sp = irq - 8;
	syn_put8(m, syn_percpu(m, "hardirq_stack_inuse", 1), 1);
	syn_call(&c, 0x45, "__sysvec_apic_timer_interrupt");
	syn_call(&c, 0x56, "hrtimer_interrupt");
	syn_crash_note(&c);
	fred_from_kernel(syn_ist_top(m, 1, "NMI"), SYN_FRED_EVENT(NMI, 2));
	syn_call(&c, 0x33, "fred_exc_nmi");
	syn_call(&c, 0x70, "nmi_handle");
	syn_call(&c, 0x5e, "crash_nmi_callback");
}

/* ---- arm64, riscv64 ---- */

struct plays {
	void (*syscall)(struct syn_cpu *c);
	void (*kthread)(struct syn_cpu *c);
	void (*idle)(struct syn_cpu *c);
	void (*irq)(struct syn_cpu *c);
	void (*fault)(struct syn_cpu *c);
	uint64_t (*overflow)(struct syn_cpu *c);
	void (*sleep)(struct syn_cpu *c);
	void (*note)(struct syn_cpu *c);
};

static const struct plays arm64 = { a64_syscall, a64_kthread,  a64_idle,  a64_irq,
				    a64_fault,	 a64_overflow, a64_sleep, a64_note };
static const struct plays riscv64 = { rv_syscall, rv_kthread,  rv_idle,	 rv_irq,
				      rv_fault,	  rv_overflow, rv_sleep, rv_note };

static void begin_other(struct syn *kernel, const struct plays *on)
{
	struct syn_cpu cpu;
	uint64_t task;

	fixture_free();
	m = kernel;
	cpu = other_cpu(m, 1, other_idle(m, 1));
	on->idle(&cpu);
	on->sleep(&cpu);
	task = syn_task(m, "sleeper", 300, 0);
	cpu = other_cpu(m, 1, task);
	on->syscall(&cpu);
	on->sleep(&cpu);
	task = syn_task(m, "kworker", 600, 0);
	cpu = other_cpu(m, 0, task);
	on->kthread(&cpu);
	on->sleep(&cpu);
	mark_kthread(task);
	cpu = other_cpu(m, 0, other_idle(m, 0));
	on->idle(&cpu);
	on->note(&cpu);
	sh = syn_task(m, "sh", 227, 0);
	c = other_cpu(m, 1, sh);
	on->syscall(&c);
}

static void interrupted_on(struct syn *kernel, const struct plays *on)
{
	begin_other(kernel, on);
	on->irq(&c);
	on->fault(&c);
	on->note(&c);
}

static void overflow_on(struct syn *kernel, const struct plays *on)
{
	begin_other(kernel, on);
	on->overflow(&c);
	on->note(&c);
}

static void arm64_6_12(void)
{
	struct syn *kernel = a64_kernel(A64_4K_48, A64_6_12);

	a64_shadows(kernel, 4096);
	a64_sign(kernel);
	a64_trampoline(kernel, 1);
	interrupted_on(kernel, &arm64);
}

static void arm64_6_14(void)
{
	interrupted_on(a64_kernel(A64_16K_47, A64_6_14), &arm64);
}

static void arm64_5_10(void)
{
	interrupted_on(a64_kernel(A64_4K_48, A64_5_10), &arm64);
}

static void arm64_overflow(void)
{
	overflow_on(a64_kernel(A64_4K_48, A64_6_12), &arm64);
}

static void arm64_firmware(void)
{
	begin_other(a64_kernel(A64_4K_48, A64_6_12), &arm64);
	a64_firmware(&c, "sdei_stack_normal_ptr", false, true);
	a64_note(&c);
}

static void riscv64_irq(void)
{
	interrupted_on(rv_kernel(RV_SV48), &riscv64);
}

static void riscv64_shadows(void)
{
	struct syn *kernel = rv_kernel(RV_SV39);

	rv_shadows(kernel);
	interrupted_on(kernel, &riscv64);
}

static void riscv64_overflow(void)
{
	overflow_on(rv_kernel(RV_SV57), &riscv64);
}

const struct world worlds[NR_WORLDS] = {
	{ "nmi", nmi, EM_X86_64 },
	{ "nmi-5.8", nmi_5_8, EM_X86_64 },
	{ "nmi-5.4", nmi_5_4, EM_X86_64 },
	{ "nmi-fp", nmi_frame_pointers, EM_X86_64 },
	{ "silent", silent, EM_X86_64 },
	{ "overflow", overflow, EM_X86_64 },
	{ "overflow-5.8", overflow_5_8, EM_X86_64 },
	{ "panic", panics, EM_X86_64 },
	{ "traced", traced, EM_X86_64 },
	{ "fred", fred, EM_X86_64 },
	{ "arm64-6.12", arm64_6_12, EM_AARCH64 },
	{ "arm64-6.14", arm64_6_14, EM_AARCH64 },
	{ "arm64-5.10", arm64_5_10, EM_AARCH64 },
	{ "arm64-overflow", arm64_overflow, EM_AARCH64 },
	{ "arm64-firmware", arm64_firmware, EM_AARCH64 },
	{ "riscv64", riscv64_irq, EM_RISCV },
	{ "riscv64-shadows", riscv64_shadows, EM_RISCV },
	{ "riscv64-overflow", riscv64_overflow, EM_RISCV },
};
