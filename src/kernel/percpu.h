/* SPDX-License-Identifier: GPL-2.0-or-later */
/* percpu.h - whose per-CPU memory an address is in: mm/percpu.c. */
#ifndef STK_PERCPU_H
#define STK_PERCPU_H

#include <stackinfo/kernel.h>

#include "../base/context.h"

struct stk_percpu_place {
	unsigned int cpu;
	uint64_t ptr;	     /* the address less __per_cpu_offset[cpu]: as linked */
	uint64_t begin, end; /* of the part of that CPU's unit */
	bool linked;	     /* it is in the variables that the kernel was linked with */
};

bool stk_percpu_at(struct stk *s, uint64_t addr, struct stk_percpu_place *out);

#endif
