/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * stacks.h - every stack of the machine.
 */
#ifndef STACKINFO_STACKS_H
#define STACKINFO_STACKS_H

#include <stackinfo/kernel.h>

/** What is said of a kind of stack: bits of stk_kind.flags. */
enum stk_kind_flags {
	STK_KIND_TASK = 1 << 0,	     /* each task has one */
	STK_KIND_INTERRUPT = 1 << 1, /* what devices interrupt is left for it */
	STK_KIND_EXCEPTION = 1 << 2, /* for one kind of event, whatever that hits */
	STK_KIND_SYSTEM = 1 << 3,    /* the machine has one: no CPU's and no task's */
	STK_KIND_GROWS_UP = 1 << 4,  /* it begins at its lowest address */
	STK_KIND_GUARD = 1 << 5,     /* an unmapped page below it is its guard */
};

/**
 * struct stk_kind - a kind of stack: a row of the architecture's table, which lives as
 * long as the program. Two stacks are of one kind when the pointers are the same.
 */
struct stk_kind {
	const char *name;   /* the kernel's own, as it prints it in a trace */
	const char *view;   /* what its memory is part of; NULL: see stk_place.region */
	unsigned int id;    /* the architecture's number for it: 1 to 31 */
	unsigned int flags; /* of enum stk_kind_flags */
};

/** stk_stack_kind_name() - "TASK", "IRQ", "NMI", …; "UNKNOWN" for NULL. */
const char *stk_stack_kind_name(const struct stk_kind *kind);

/** stk_kind_id() - the number of @kind; 0 for NULL: on no stack that is known. */
static inline unsigned int stk_kind_id(const struct stk_kind *kind)
{
	return kind ? kind->id : 0;
}

/** stk_kind_is() - has @kind one of these @flags? NULL has none. */
static inline bool stk_kind_is(const struct stk_kind *kind, unsigned int flags)
{
	return kind && kind->flags & flags;
}

/**
 * struct stk_stack - a stack is a value.
 *
 * Bounds are those that the stack pointer uses: [begin, end), end being the "true
 * top", the first byte above. For a software stack an empty one has sp == end.
 */
struct stk_stack {
	const struct stk_kind *kind; /* NULL: none, as of a stack pointer on no stack */
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
	/*
	 * A clause: why it may not be its owner's, as far as stk_stacks(),
	 * stk_find_stack() and stk_classify() can tell. NULL: nothing speaks against it.
	 */
	const char *doubt;
};

/** stk_stack_is_task() - is it a task's stack, or was it one? */
static inline bool stk_stack_is_task(const struct stk_stack *stack)
{
	return stk_kind_is(stack->kind, STK_KIND_TASK);
}

/** stk_stack_is_same() - are both of the same kind and owner, and at the same place? */
static inline bool stk_stack_is_same(const struct stk_stack *a, const struct stk_stack *b)
{
	return a->begin == b->begin && a->kind == b->kind && a->cpu == b->cpu &&
	       a->task == b->task;
}

/**
 * stk_stack_is_free() - a task's stack without a task: it waits in the cache of @cpu for
 * the next one, or, with @cpu -1, to be freed.
 */
static inline bool stk_stack_is_free(const struct stk_stack *stack)
{
	return stk_stack_is_task(stack) && !stack->task;
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
