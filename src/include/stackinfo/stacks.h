/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * stacks.h - every stack of the machine.
 */
#ifndef STACKINFO_STACKS_H
#define STACKINFO_STACKS_H

#include <stackinfo/kernel.h>

/* clang-format off */
/* The kernel's own names, as it prints them around the parts of a trace. */
#define STK_STACK_KINDS(X)                                                     \
	X(UNKNOWN, "UNKNOWN")                                                  \
	X(TASK, "TASK")                                                        \
	X(IRQ, "IRQ")                                                          \
	X(SOFTIRQ, "SOFTIRQ")                                                  \
	X(ENTRY, "ENTRY_TRAMPOLINE")                                           \
	X(DF, "#DF")                                                           \
	X(NMI, "NMI")                                                          \
	X(DB2, "#DB2")                                                         \
	X(DB1, "#DB1")                                                         \
	X(DB, "#DB")                                                           \
	X(MCE, "#MC")                                                          \
	X(VC, "#VC")                                                           \
	X(VC2, "#VC2")                                                         \
	X(ESPFIX, "ESPFIX")

/* clang-format on */
enum stk_stack_kind {
#define STK_KIND_ENUM(id, name) STK_STACK_##id,
	STK_STACK_KINDS(STK_KIND_ENUM)
#undef STK_KIND_ENUM
		STK_NR_STACK_KINDS
};

const char *stk_stack_kind_name(enum stk_stack_kind kind);

/**
 * struct stk_stack - a stack is a value.
 *
 * Bounds are those that the stack pointer uses: [begin, end), end being the "true
 * top", the first byte above. For a software stack an empty one has sp == end.
 */
struct stk_stack {
	enum stk_stack_kind kind;
	int cpu; /* owner; -1 for a task's stack. With no task: the CPU that keeps it */
	uint64_t task; /* owner; 0 for a CPU's stack and for one that no task has */
	uint64_t begin, end;
	/*
	 * Guards are looked for by stk_stacks(), stk_find_stack() and stk_classify();
	 * elsewhere they may be 0 though there are some.
	 */
	uint64_t guard;	    /* lowest address of the guard below, up to begin; 0: none */
	uint64_t guard_end; /* first address past the guard above, from end on; 0: none */
	uint64_t store;	    /* the same memory at its per-CPU address, or 0 */
	bool mapped; /* false: the kernel leaves a hole here (an unused #VC stack) */
};

/**
 * stk_stack_is_free() - a task's stack without a task: it waits in the cache of @cpu for
 * the next one, or, with @cpu -1, to be freed.
 */
static inline bool stk_stack_is_free(const struct stk_stack *stack)
{
	return stack->kind == STK_STACK_TASK && !stack->task;
}

/**
 * stk_stacks() - every stack of the machine: those of all CPUs and all tasks, and those
 * that tasks left behind, in ascending order of address.
 * @stacks: set to an array owned by the session
 */
enum stk_status stk_stacks(struct stk *s, const struct stk_stack **stacks, size_t *nr);

/**
 * stk_cpu_stacks() - all stacks that belong to @cpu, in ascending order of address.
 * @stacks: set to an array owned by the session
 */
enum stk_status stk_cpu_stacks(struct stk *s, unsigned int cpu,
			       const struct stk_stack **stacks, size_t *nr);

/** stk_task_stack() - the stack of a task; STK_ERR_NOT_FOUND once it was freed. */
enum stk_status stk_task_stack(struct stk *s, const struct stk_task *task,
			       struct stk_stack *out);

/** stk_irq_stack_in_use() - what the CPU's own mark says: 1, 0, or -1 unknown. */
int stk_irq_stack_in_use(struct stk *s, unsigned int cpu);

/**
 * stk_find_stack() - the stack whose virtual range holds @addr: of any CPU or task.
 * The guard pages do not count. STK_ERR_NOT_FOUND when there is none.
 */
enum stk_status stk_find_stack(struct stk *s, uint64_t addr, struct stk_stack *out);

#endif
