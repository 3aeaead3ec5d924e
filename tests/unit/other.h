/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * other.h - what small kernels of other architectures than x86_64 have in common: their
 * image, types, CPUs and tasks. syn_task() and syn_stack() are for them, too.
 */
#ifndef UNIT_OTHER_H
#define UNIT_OTHER_H

#include "synthetic.h"

#define OTHER_NR_CPUS 2u
#define OTHER_ENTRY   0x8000u	/* where entry code is in the image */
#define OTHER_DATA    0x100000u /* what is no code */
#define OTHER_PERCPU  0x180000u
#define OTHER_END     0x200000u

/* Where the linker has put it, where it is in memory, and where the other maps begin. */
struct other_layout {
	uint64_t text, image;
	uint64_t ram, direct; /* the latter: of address 0 */
	uint64_t vmalloc;
	uint32_t nop;
};

struct other_member {
	const char *name;
	uint32_t offset, size;
};

/* @own: more types, ended by a NULL name. */
void other_kernel(struct syn *m, const struct other_layout *layout,
		  const struct other_member *own);
/* A per-CPU variable of the linker's, @offset behind where they begin. */
void other_percpu_symbol(struct syn *m, const char *name, uint32_t offset);
uint64_t other_percpu(struct syn *m, const char *name, unsigned int cpu);
/* A stack for the variable @pointer of @cpu, and its lowest byte, which that has then. */
uint64_t other_new_stack(struct syn *m, const char *pointer, unsigned int cpu);
uint64_t other_irq_stack(struct syn *m, const char *pointer, unsigned int cpu);
uint64_t other_idle(struct syn *m, unsigned int cpu);
void other_set_current(struct syn *m, unsigned int cpu, uint64_t task);
/*
 * From now on tasks have shadow call stacks of @size bytes, and so have interrupts, in
 * the per-CPU variable @pointer.
 */
void other_shadows(struct syn *m, const char *pointer, uint32_t size);
/* The lowest byte of the shadow call stack of @task. */
uint64_t other_shadow(struct syn *m, uint64_t task);
/* A new one, mapped by itself or, if it is less than a page, in the direct map. */
uint64_t other_new_shadow(struct syn *m);
void other_save_shadow(struct syn_cpu *c); /* in its task's thread_info */
/* The log has these lines, ended by NULL. */
void other_log(struct syn *m, const char *const *line);
/*
 * The machine's registers: their names, in the order of their numbers; how they are
 * printed, as "PC=pc:16 …" with a line's end where one ends; and what else they are
 * called, as "lr=x30 …".
 */
void other_expect_registers(struct syn *m, const char *names, const char *rows,
			    const char *words);
/* What the graph tracer is asked by: the frame pointer, but not of what was interrupted.
 */
void other_expect_tracer_key(struct syn *m);
/*
 * Each of @nr bits of @insn is flipped, one at a time: with those of @decide it is
 * another instruction to @same, with those of @free it is not. What is in neither is not
 * said, as where the architecture has no such instruction.
 */
void other_flip_bits(size_t row, uint32_t insn, unsigned int nr, uint32_t decide,
		     uint32_t free, bool (*same)(uint32_t insn, uint32_t flipped));
#define BITS(high, low) ((uint32_t)((2ull << (high)) - (1ull << (low))))
/*
 * Saved registers on a stack of 16 KiB: what was interrupted had @sp, and they end at
 * @end, both from the stack's begin on. 1: that agrees, 0: it differs, -1: it says
 * nothing. The table ends where @kind is NULL.
 */
struct other_place {
	const struct stk_kind *kind;
	int64_t sp, end;
	int want;
};

void other_expect_places(struct syn *m, const struct other_place *row,
			 struct stk_regs regs);
/*
 * The words by which @cpu enters the kernel, -1: the machine's. A line of each: its name;
 * what it is, of "unread", "code", "task", "of" a task, its stack and "detail"; and what
 * it means, or the problem behind a '!'.
 */
void other_expect_words(struct syn *m, int cpu, const struct stk_regs *regs,
			const char *want);
/* At the top of the stack of @task, which becomes current on @cpu. */
struct syn_cpu other_cpu(struct syn *m, unsigned int cpu, uint64_t task);

#endif
