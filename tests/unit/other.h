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
/* At the top of the stack of @task, which becomes current on @cpu. */
struct syn_cpu other_cpu(struct syn *m, unsigned int cpu, uint64_t task);

#endif
