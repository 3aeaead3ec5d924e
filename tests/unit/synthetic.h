/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * synthetic.h - a small x86_64 kernel on a machine made of nothing.
 *
 * syn_kernel() builds it, and struct syn_cpu plays what a CPU did, outermost call first,
 * so that whole chains can be unwound.
 */
#ifndef SYNTHETIC_H
#define SYNTHETIC_H

#include <check.h>
#include <stackinfo/place.h>
#include <stackinfo/x86_64.h>

#include "../lib/machine.h"
#include "arch/x86_64/x86_64.h"

/* ---- tables ---- */

/* Write the tables and open a session, owned by @m. */
struct stk *syn_open(struct syn *m);
/* No question is under way. */
bool syn_at_rest(const struct stk *s);
void syn_finish(struct syn *m);
/* No symbols from outside: kallsyms by way of VMCOREINFO, as for a bare dump. */
void syn_use_kallsyms(struct syn *m);

void syn_orc(struct syn *m, uint64_t ip, enum orc_type type, enum orc_reg sp, int sp_off,
	     enum orc_reg bp, int bp_off);
/* Six bytes as the kernel of @format has them. */
void syn_orc_encode(enum syn_orc_format format, const struct syn_orc *row,
		    unsigned char *out);

/* ---- a small kernel ---- */

/* SYN_FRED is 6.1 with a CPU that has FRED and a kernel that uses it. */
enum { SYN_5_4, SYN_5_8, SYN_6_1, SYN_FRED };

#define SYN_NR_CPUS	3u /* possible; the last one is offline */
#define SYN_TEXT	0xffffffff9b000000ull
#define SYN_ETEXT	(SYN_TEXT + 0x10000)
#define SYN_INIT	(SYN_TEXT + 0x40000)
#define SYN_DATA	(SYN_TEXT + 0x50000)
#define SYN_END		(SYN_TEXT + 0x200000)
#define SYN_DIRECT	0xffff9a4000000000ull
#define SYN_RO_IDT	0xfffffe0000000000ull /* idt_table in the cpu_entry_area */
#define SYN_VMALLOC	0xffffb1c000000000ull
#define SYN_VMEMMAP	0xffffde4000000000ull
#define SYN_MODULE	0xffffffffc0400000ull
#define SYN_THREAD_SIZE 0x4000ull
#define SYN_USER_IP	0x00007f1122334455ull

/* __per_cpu_offset[cpu] */
#define SYN_PERCPU(cpu) (SYN_DIRECT + 0x30000000ull + 0x80000ull * (cpu))

struct syn *syn_kernel(int era);
/* The same built with KASAN: its stacks are twice as large. */
struct syn *syn_kernel_kasan(int era);
/* The same built with frame pointers, without ORC. */
struct syn *syn_kernel_fp(int era);
uint64_t syn_thread_size(struct syn *m);
uint64_t syn_ist_size(struct syn *m); /* EXCEPTION_STKSZ */
uint64_t syn_irq_size(struct syn *m);
/* What a SEV-ES guest has and others do not: memory behind the #VC stacks. */
void syn_map_vc(struct syn *m, unsigned int cpu);

uint64_t syn_percpu(struct syn *m, const char *name, unsigned int cpu);
uint64_t syn_irq_top(unsigned int cpu); /* true top */
uint64_t syn_cea(struct syn *m, unsigned int cpu);
/* True top of "DF", "NMI", … */
uint64_t syn_ist_top(struct syn *m, unsigned int cpu, const char *name);

/* A new task at the end of the list; with @leader a thread of it. Has a stack. */
uint64_t syn_task(struct syn *m, const char *comm, uint32_t pid, uint64_t leader);
uint64_t syn_stack(struct syn *m, uint64_t task); /* lowest address */
/* The types that a process's mappings are read by, without maple trees. */
void syn_mm_types(struct syn *m);

void syn_set_current(struct syn *m, unsigned int cpu, uint64_t task);
/* The tasks that syn_kernel() makes. */
uint64_t syn_idle(struct syn *m, unsigned int cpu);

/* A module with one function @fn at @base+0x100, size 0x80, and its ORC. */
uint64_t syn_module(struct syn *m, const char *name, uint64_t base, const char *fn);

/* ---- what a CPU did ---- */

struct syn_cpu {
	struct syn *m;
	unsigned int cpu;
	uint64_t task;
	uint64_t ip, sp, bp;
	uint64_t lr;  /* of other machines: where the last call returns to */
	uint64_t scs; /* where its next word goes to on a shadow call stack; 0: none */
	const char *function;
};

/* At the top of @task's stack; it becomes current on @cpu. */
struct syn_cpu syn_cpu(struct syn *m, unsigned int cpu, uint64_t task);
void syn_push(struct syn_cpu *c, uint64_t value);
/* The current function calls @callee; the call ends at current+@off. */
void syn_call(struct syn_cpu *c, unsigned int off, const char *callee);
void syn_jump(struct syn *m, uint64_t at, uint64_t to);
/* Write a call in @caller that ends at @off; returns the return address. */
uint64_t syn_call_insn(struct syn *m, const char *caller, unsigned int off,
		       const char *callee);
/* The same of a call by pointer. */
uint64_t syn_call_by_pointer(struct syn *m, const char *caller, unsigned int off);
/* Push a pt_regs; returns its address. */
uint64_t syn_pt_regs(struct syn_cpu *c, uint64_t ip, uint64_t cs, uint64_t sp,
		     uint64_t bp);

/*
 * What a FRED event leaves below @top: its 8 words and the registers; returns the
 * address of the pt_regs. @info: the upper bits of ss. The stack level before the event
 * goes into cs.
 */
#define SYN_FRED_EVENT(type, vector) ((uint64_t)(type) << 48 | (uint64_t)(vector) << 32)
#define SYN_FRED_64BIT		     (1ull << 57)
uint64_t syn_fred_regs(struct syn_cpu *c, uint64_t top, uint64_t ip, uint64_t cs,
		       uint64_t sp, uint64_t info, unsigned int level);

void syn_syscall(struct syn_cpu *c);   /* user pt_regs … task_spin() */
void syn_kthread(struct syn_cpu *c);   /* ret_from_fork … worker_thread() */
void syn_idle_loop(struct syn_cpu *c); /* startup … do_idle() */
/*
 * Calls @how, asm_call_on_stack() or do_softirq_own_stack(), at current+@off, and that
 * calls @callee on the IRQ stack.
 */
void syn_on_stack(struct syn_cpu *c, unsigned int off, const char *how,
		  const char *callee);
void syn_irq(struct syn_cpu *c); /* … timer_fn() on the IRQ stack */
void syn_nmi(struct syn_cpu *c); /* … crash_nmi_callback() on the NMI stack */
/*
 * A fault in a guard page with rsp where it should be: … page_fault_oops(), and
 * handle_stack_overflow() on the exception stack @ist. Returns the address of the
 * pt_regs.
 */
uint64_t syn_guard_hit(struct syn_cpu *c, const char *ist);
void syn_panic(struct syn_cpu *c); /* panic() … __crash_kexec() */
/* schedule(): leaves an inactive_task_frame; the task is no more current. */
void syn_sleep(struct syn_cpu *c);

/* Save the CPU's registers in per-CPU crash_notes. */
void syn_crash_note(struct syn_cpu *c);
void syn_crash_note_regs(struct syn *m, unsigned int cpu, uint32_t pid, uint64_t ip,
			 uint64_t cs, uint64_t sp, uint64_t bp);
/* Where such a note has a register. */
uint64_t syn_noted(struct syn *m, unsigned int cpu, unsigned int reg);
/* The same as a struct stk_start, without any note. */
struct stk_start syn_start(struct syn_cpu *c);

/*
 * A chain on one line: "<IRQ> timer_fn+0x40/regs … <TASK> … task_spin+0x20/regs! end
 * user". "!": interrupted, "?": not reliable. In a static buffer.
 */
const char *syn_chain_text(const struct stk_chain *chain);
/* Unwind @start and compare; the chain is freed. */
void syn_expect(struct stk *s, const struct stk_start *start, const char *want);

#endif
