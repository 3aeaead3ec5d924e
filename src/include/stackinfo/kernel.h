/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel.h - the kernel's CPUs, tasks, modules and names, as the library has them inside.
 *
 * A dump may hold anything: in every string of the library but the text of a log record
 * what is not printable is a "?", or in a sentence as \x1b, and all are of limited
 * length. So they may be printed, and are UTF-8.
 */
#ifndef STACKINFO_KERNEL_H
#define STACKINFO_KERNEL_H

#include <stackinfo/machine.h>

/** struct stk_machine - which machine that was; what is not known is NULL or 0. */
struct stk_machine {
	const char *node; /* its host name */
	const char
		*version; /* of the kernel's build: number, date, the vendor's version */
	int64_t crash_time; /* of the panic, in seconds since 1970 */
	bool incomplete;    /* the dump says of itself that not all was written */
};

/** stk_machine() - its strings are the session's. */
enum stk_status stk_machine(struct stk *s, struct stk_machine *out);

/** enum stk_found - how a task was found. */
enum stk_found {
	STK_FOUND_LIST,		  /* on the kernel's list, or a CPU names it */
	STK_FOUND_LIST_BACKWARDS, /* the list is broken: from its other end */
	STK_FOUND_PID,		  /* or among the PIDs */
	STK_FOUND_STACK,	  /* or by its stack, which says whose it is */
	STK_NR_FOUND
};

/** stk_found_name() - "list", "list_backwards", "pid", "stack". */
const char *stk_found_name(enum stk_found found);

/**
 * struct stk_task_state - what a task was doing, as the kernel reports it: a row of a
 * table, which lives as long as the program.
 */
struct stk_task_state {
	const char *code; /* the letter in /proc/PID/stat; "new" has none of its own */
	const char *crash_code; /* what crash's ps and foreach call it */
	const char *name;	/* of one word; some codes have several */
};

/** stk_task_states() - the rows by number; NULL past the last one. */
const struct stk_task_state *stk_task_states(size_t i);

/** struct stk_task - what the unwinder and the map need of a task_struct. */
struct stk_task {
	uint64_t addr;	/* of its task_struct */
	uint64_t stack; /* lowest address of its kernel stack; 0 when freed */
	uint64_t sp;	/* saved stack pointer; stale while the task runs */
	uint32_t pid, tgid;
	uint32_t state, exit_state, flags;
	int cpu; /* where it runs or last ran; -1 when unknown */
	bool on_cpu;
	bool idle;
	const struct stk_task_state *now; /* what its state says; NULL: nothing known */
	enum stk_found found;		  /* as far as stk_tasks() was called before */
	char comm[16];
};

#define STK_PF_KTHREAD 0x200000u /* include/linux/sched.h */

/** stk_is_kernel_thread() - has the task no user mode? The idle tasks have none. */
static inline bool stk_is_kernel_thread(const struct stk_task *task)
{
	return !task->pid || task->flags & STK_PF_KTHREAD;
}

/** stk_task_read() - fill in @out from the task_struct at @addr, with sanity checks. */
enum stk_status stk_task_read(struct stk *s, uint64_t addr, struct stk_task *out);

/** stk_cpu_current() - the task that @cpu's current pointer names. */
enum stk_status stk_cpu_current(struct stk *s, unsigned int cpu, struct stk_task *out);

/**
 * stk_tasks() - every task and thread of the kernel, idle tasks included.
 *
 * @tasks: set to an array owned by the session, idle tasks first by CPU, then in the
 *         order of the kernel's list, leaders followed by their threads
 *
 * Lists are followed with guards: when one is damaged, what lies beyond is looked for
 * from its other end, among the PIDs and by stacks that have no owner; these tasks come
 * last and say so in their @found. stk_tasks_truncated() tells in one line where lists
 * break, or is NULL.
 */
enum stk_status stk_tasks(struct stk *s, const struct stk_task **tasks, size_t *nr);

/** stk_task_by_pid() - the thread with this PID (not 0). */
enum stk_status stk_task_by_pid(struct stk *s, uint32_t pid, struct stk_task *out);

/**
 * stk_is_nameless_text() - is @addr executable memory that no kernel list describes?
 * Such are classic BPF filters and the detours of kprobes. The NX bits of the page tables
 * decide.
 */
bool stk_is_nameless_text(struct stk *s, uint64_t addr);

/**
 * stk_is_listed_text() - is @addr code by the kernel's symbols, a module's, or made at
 * run time, no matter what the page tables let run?
 */
bool stk_is_listed_text(struct stk *s, uint64_t addr);

#endif
