/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STK_CPUS_H
#define STK_CPUS_H

#include <stackinfo/kernel.h>

#include "../base/context.h"

#define STK_MAX_CPUS 8192u /* the kernel's own limit for x86 (CONFIG_MAXSMP) */

struct stk_cpu {
	uint64_t offset; /* __per_cpu_offset[cpu] */
	bool possible, online;
};

struct stk_cpus {
	unsigned int nr, nr_online;
	struct stk_cpu *cpu;
};

/* The machine's CPUs; found once. */
enum stk_status stk_cpus_get(struct stk *s, struct stk_cpus **out);

/* __per_cpu_offset[@cpu], with a check of @cpu. */
enum stk_status stk_percpu_offset(struct stk *s, unsigned int cpu, uint64_t *offset);

/* Name per-CPU symbol value @symbol, whatever address it is linked at. */
void stk_symbolize_percpu(struct stk *s, uint64_t symbol, struct stk_name *out);

/*
 * Was the kernel built for one CPU (CONFIG_SMP=n, or NR_CPUS=1)? Then a per-CPU variable
 * is one like any other. Whoever does not know the data's symbols cannot tell.
 */
bool stk_is_uniprocessor(struct stk *s);

#endif
