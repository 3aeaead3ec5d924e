/* SPDX-License-Identifier: GPL-2.0-or-later */
/* percpu_stacks.h - stacks that a per-CPU variable leads to, or is itself: a row each. */
#ifndef STK_ARCH_PERCPU_STACKS_H
#define STK_ARCH_PERCPU_STACKS_H

#include "arch.h"

struct stk_percpu_stack {
	const char *symbol;
	const struct stk_kind *kind;
	bool pointer;  /* to its lowest byte; else it is the memory itself */
	uint32_t size; /* in bytes; 0: that of a task's stack */
	/* What it means that the pointer is 0; NULL: it never should be. */
	const char *none;
	/* What it points to without CONFIG_VMAP_STACK; NULL: it is none without that. */
	const char *array;
	/* Who allocates it as the kernel starts, ended by NULL; NULL: it is not known. */
	const char *const *made_by;
	bool shadow; /* a shadow call stack, whose size the kernel tells */
};

/* irq_stack_ptr: init_irq_stacks(), which may be part of either. */
extern const char *const stk_irq_stacks_made_by[];

/*
 * Append those of @cpu, the first row of each kind that the kernel has. One that cannot
 * be found does not hide the others; a failure is told where none was found.
 */
enum stk_status stk_percpu_stacks(struct stk *s, unsigned int cpu,
				  const struct stk_percpu_stack *row, size_t nr_rows,
				  struct stk_stack *out, size_t room, size_t *nr);

/* May a stack begin or end there? That of @row begin? */
bool stk_is_stack_address(struct stk *s, uint64_t addr);
bool stk_is_stack_begin(struct stk *s, const struct stk_percpu_stack *row, uint64_t addr);

#endif
