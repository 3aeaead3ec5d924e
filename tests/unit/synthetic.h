/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * synthetic.h - a dead machine made of nothing, for tests.
 *
 * struct syn is a struct stk_target whose memory is a sparse set of physical pages
 * below real page tables. Tests (or a loader of recorded machines) put words at
 * virtual addresses, name symbols, members, registers and VMCOREINFO lines, choose
 * what cannot be read, and count how often the library asked.
 *
 * On top of it syn_kernel() builds a small x86_64 kernel, and struct syn_cpu plays
 * what a CPU did, outermost call first, so that whole chains can be unwound.
 */
#ifndef SYNTHETIC_H
#define SYNTHETIC_H

#include <check.h>
#include <stackinfo/place.h>
#include <stackinfo/x86_64.h>

#include "arch/x86_64/orc.h"
#include "arch/x86_64/x86_64.h"

/*
 * check's own assertions write to a file even when they hold: not for what is done a
 * thousand times in each test.
 */
#define syn_assert(cond)                                                                 \
	do {                                                                             \
		if (!(cond))                                                             \
			ck_abort_msg("%s does not hold", #cond);                         \
	} while (0)

/* ---- the target ---- */

struct syn_page {
	uint64_t pfn; /* plus one; 0: free slot */
	enum stk_status fail;
	unsigned char *data;
};

struct syn_symbol {
	char name[640];
	uint64_t addr;
	char type;
};

struct syn_type { /* "task_struct" or "task_struct.pid" */
	char name[96];
	struct stk_member m;
};

struct syn_line {
	char key[64], value[192];
};

struct syn_question {
	char text[128];
	unsigned int count;
};

/* An ORC row in the library's own terms; encoded by syn_finish(). */
struct syn_orc {
	uint64_t ip;
	enum orc_type type;
	enum orc_reg sp;
	int sp_off;
	enum orc_reg bp;
	int bp_off;
	bool signal;
	size_t order;
};

enum syn_orc_format { SYN_ORC_4_14, SYN_ORC_4_19, SYN_ORC_6_3, SYN_ORC_6_4, SYN_ORC_7_1 };
enum syn_kallsyms_format { SYN_KS_PERCPU, SYN_KS_RELATIVE, SYN_KS_ADDRESSES };

#define SYN_MAX_PAGES	  32768u
#define SYN_MAX_SYMBOLS	  1024u
#define SYN_MAX_TYPES	  200u
#define SYN_MAX_LINES	  40u
#define SYN_MAX_QUESTIONS 400u
#define SYN_MAX_ORC	  400u
#define SYN_MAX_NOTES	  16u

struct syn {
	struct stk_target target;
	struct stk *s;
	/* How often each provider was called, whatever the question. */
	struct {
		unsigned int read_phys, read_virt, symbol, lookup, size, member, note,
			vmcoreinfo, interrupted;
	} calls;
	bool interrupt;
	unsigned int interrupt_after; /* that many polls from now; 0: never */

	struct syn_page page[SYN_MAX_PAGES];
	uint64_t pgd, next_phys;
	unsigned int levels;

	struct syn_symbol symbol[SYN_MAX_SYMBOLS];
	size_t nr_symbols;
	struct syn_type type[SYN_MAX_TYPES];
	size_t nr_types;
	struct syn_line line[SYN_MAX_LINES];
	size_t nr_lines;
	struct syn_question question[SYN_MAX_QUESTIONS];
	size_t nr_questions;
	struct stk_note note[SYN_MAX_NOTES];
	size_t nr_notes;

	/* Tables that syn_finish() writes, where the bases are not 0. */
	bool finished;
	struct syn_orc orc[SYN_MAX_ORC];
	size_t nr_orc;
	uint64_t orc_base;
	enum syn_orc_format orc_format;
	uint64_t kallsyms_base;
	enum syn_kallsyms_format kallsyms_format;
	unsigned int kallsyms_markers; /* bytes each; 0: none, and 6.4's order */

	/* The kernel's. */
	int era;
	bool kasan, frame_pointers;
	uint64_t last_task, next_stack;
};

struct syn *syn_new(unsigned int levels);
void syn_free(struct syn *m);
/* Write the tables and open a session, owned by @m. */
struct stk *syn_open(struct syn *m);
void syn_finish(struct syn *m);
/* From now on translate in the provider, as crash does. */
void syn_use_read_virt(struct syn *m);
/* No symbols from outside: kallsyms by way of VMCOREINFO, as for a bare dump. */
void syn_use_kallsyms(struct syn *m);

/* Memory. Sizes of a mapping: 4096, 2 MiB or 1 GiB. */
uint64_t syn_alloc(struct syn *m, unsigned int pages);
void syn_map(struct syn *m, uint64_t virt, uint64_t phys, uint64_t size);
void syn_map_text(struct syn *m, uint64_t virt); /* a page that can be executed */
void syn_unmap(struct syn *m, uint64_t virt);
bool syn_phys(struct syn *m, uint64_t virt, uint64_t *phys);
/* The page table's entry for @virt at the level whose entries map @size. */
uint64_t syn_entry_at(struct syn *m, uint64_t virt, uint64_t size);
void *syn_phys_page(struct syn *m, uint64_t phys); /* made if need be */
void syn_fail_phys(struct syn *m, uint64_t phys, enum stk_status st);
void syn_fail(struct syn *m, uint64_t virt, enum stk_status st);
/* Virtual: pages that are not mapped get one. */
void syn_write(struct syn *m, uint64_t virt, const void *buf, size_t len);
void syn_read(struct syn *m, uint64_t virt, void *buf, size_t len);
void syn_put64(struct syn *m, uint64_t virt, uint64_t value);
void syn_put32(struct syn *m, uint64_t virt, uint32_t value);
void syn_put8(struct syn *m, uint64_t virt, uint8_t value);
uint64_t syn_get64(struct syn *m, uint64_t virt);
void syn_fill(struct syn *m, uint64_t virt, uint64_t len, uint8_t byte);

void syn_symbol(struct syn *m, const char *name, uint64_t addr);
void syn_no_symbol(struct syn *m, const char *name);
uint64_t syn_sym(struct syn *m, const char *name);
void syn_member(struct syn *m, const char *member, uint32_t offset, uint32_t size);
void syn_no_member(struct syn *m, const char *member);
uint32_t syn_off(struct syn *m, const char *member);
#define syn_size(m, type, size) syn_member(m, type, 0, size)
void syn_vmcoreinfo(struct syn *m, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void syn_no_vmcoreinfo(struct syn *m, const char *key);
struct stk_note *syn_note(struct syn *m, enum stk_note_kind kind, uint32_t pid);
/* How often was "symbol NAME", "size TYPE" or "member TYPE.MEMBER" asked? */
unsigned int syn_asked(struct syn *m, const char *question);

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
#define SYN_PHYS_BASE	(-0x10000000ll) /* as VMCOREINFO has it */
#define SYN_DIRECT	0xffff9a4000000000ull
#define SYN_RO_IDT	0xfffffe0000000000ull /* idt_table in the cpu_entry_area */
#define SYN_VMALLOC	0xffffb1c000000000ull
#define SYN_VMEMMAP	0xffffde4000000000ull
#define SYN_MODULE	0xffffffffc0400000ull
#define SYN_PERCPU_SIZE 0x50000ull
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
	const char *function;
};

/* At the top of @task's stack; it becomes current on @cpu. */
struct syn_cpu syn_cpu(struct syn *m, unsigned int cpu, uint64_t task);
void syn_push(struct syn_cpu *c, uint64_t value);
/* The current function calls @callee; the call ends at current+@off. */
void syn_call(struct syn_cpu *c, unsigned int off, const char *callee);
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
