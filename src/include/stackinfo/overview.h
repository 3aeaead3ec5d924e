/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * overview.h - the whole machine: every stack, and how far it is used.
 */
#ifndef STACKINFO_OVERVIEW_H
#define STACKINFO_OVERVIEW_H

#include <stackinfo/place.h>

/** struct stk_row - a stack and its use. */
struct stk_row {
	struct stk_stack stack;
	struct stk_use use; /* used is 0 where it is live and sp is not known */
	int cpu;       /* whose stack it is, or on which CPU its task was running; -1 */
	bool has_task; /* the task that owns it */
	struct stk_task task;
};

/** struct stk_passed - what one CPU did, by the stacks that it passed. */
struct stk_passed {
	int cpu;
	struct stk_chain *chain; /* NULL: not known */
	/* The code that stopped the CPU (stk_unwind_live()). It joins at that pt_regs. */
	struct stk_chain *stop; /* NULL: not known */
	uint64_t stop_regs_at;
};

/** struct stk_overview - all rows: those of CPUs by CPU and address, then tasks'. */
struct stk_overview {
	struct stk_row *row;
	size_t nr, nr_cpu; /* all of them; those of CPUs */
	struct stk_row **by_address;
	uint64_t cpu_bytes, task_bytes;
	struct stk_passed *live; /* of each CPU that was running */
	size_t nr_live;
};

/**
 * stk_overview() - look at every stack. Tasks' stacks come with the most deeply used
 * first. What was found is @out's, to be dropped with stk_overview_free() even after a
 * failure.
 */
enum stk_status stk_overview(struct stk *s, struct stk_overview *out);
void stk_overview_free(struct stk *s, struct stk_overview *o);

/**
 * stk_overview_keep() - drop all rows but those that @keep says yes to, in their order,
 * and what is told of CPUs without a row.
 */
void stk_overview_keep(struct stk *s, struct stk_overview *o,
		       bool (*keep)(void *ctx, const struct stk_row *row), void *ctx);

/** stk_overview_row() - that of @stack; NULL. */
struct stk_row *stk_overview_row(const struct stk_overview *o,
				 const struct stk_stack *stack);

#endif
