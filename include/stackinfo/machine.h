/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file
 * The kernel that ran: its CPUs, tasks, names and log.
 */
#ifndef STACKINFO_MACHINE_H
#define STACKINFO_MACHINE_H

#include <stackinfo/session.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** Which machine that was. */
struct stk_machine_info {
	const char *release; /**< the kernel's, such as "6.1.0-56-amd64"; "": not known */
	const char *arch;    /**< such as "x86_64" */
	const char *node;    /**< its host name; NULL: not known */
	const char *version; /**< of the build: number, date, vendor; NULL: not known */
	int64_t crash_time;  /**< of the panic, in seconds since 1970; 0: not known */
	uint32_t nr_cpus;    /**< one more than the highest possible number; 0: unknown */
	uint32_t nr_online;  /**< how many CPUs were online */
	bool incomplete;     /**< the dump says of itself that not all was written */
	uint8_t reserved[7]; /**< 0 */
};

/**
 * Ask which machine that was.
 * @param s the session
 * @param[out] out set to what is known
 * @param size sizeof(*out)
 * @return STK_OK, or what stk_prepare() says
 */
enum stk_status stk_get_machine(struct stk *s, struct stk_machine_info *out, size_t size);

/**
 * The kernel's release.
 * @param s the session
 * @return such as "6.1.0-56-amd64"; "" when not known
 */
const char *stk_release(struct stk *s);

/**
 * The machine's architecture.
 * @param s the session
 * @return such as "x86_64"
 */
const char *stk_arch_name(struct stk *s);

/**
 * How far CPU numbers go.
 * @param s the session
 * @return one more than the highest possible CPU number; 0 when not known
 */
unsigned int stk_nr_cpus(struct stk *s);

/**
 * How many CPUs were online.
 * @param s the session
 * @return the number; 0 when not known
 */
unsigned int stk_nr_online(struct stk *s);

/**
 * Could there be such a CPU? As the kernel's mask says (cpu_possible_mask).
 * @param s the session
 * @param cpu its number
 * @return false when not, or not known
 */
bool stk_cpu_possible(struct stk *s, unsigned int cpu);

/**
 * Was the CPU online? As the kernel's mask says (cpu_online_mask).
 * @param s the session
 * @param cpu its number
 * @return false when not, or not known
 */
bool stk_cpu_online(struct stk *s, unsigned int cpu);

/**
 * Was the CPU running? Online, or stopped by panic(), which marks it offline, with
 * registers saved.
 * @param s the session
 * @param cpu its number
 * @return false when not, or not known
 */
bool stk_cpu_running(struct stk *s, unsigned int cpu);

/**
 * Which CPU panicked?
 * @param s the session
 * @param[out] from set to how it is known: "panic_cpu" or "crashing_cpu", the kernel's
 *	variable; "chain", its is the only one in panic(); NULL when it is not known. May
 *be NULL
 * @return the CPU; -1: none did, or it is not known
 */
int stk_panic_cpu(struct stk *s, const char **from);

/**
 * Which CPU was running a task?
 * @param s the session
 * @param task address of its task_struct
 * @return the CPU; -1: none
 */
int stk_running_cpu(struct stk *s, uint64_t task);

/** What a task_struct says. */
struct stk_task_info {
	uint64_t addr;	     /**< of the task_struct */
	uint64_t stack;	     /**< lowest address of its kernel stack; 0: it was freed */
	uint64_t sp;	     /**< saved stack pointer; stale while the task runs */
	uint32_t pid;	     /**< of this thread; 0: an idle task */
	uint32_t tgid;	     /**< of its process */
	uint32_t state;	     /**< TASK_RUNNING is 0; bits as in the kernel's sched.h */
	uint32_t exit_state; /**< the same */
	uint32_t flags;	     /**< PF_ bits, as in the kernel's sched.h */
	int cpu;	     /**< where it runs or last ran; -1: not known */
	bool on_cpu;	     /**< the kernel's mark that it is running */
	bool idle;	     /**< an idle task */
	/**
	 * How it was found, as far as stk_count_tasks() was called before: "list", the
	 * kernel's own; "list_backwards", which is broken, from its other end; "pid",
	 * among the PIDs; "stack", by a stack that says whose it is.
	 */
	const char *found;
	char comm[16]; /**< its name */
	/**
	 * Code: what it was doing, from @p state and @p exit_state, as the kernel reports
	 * it: "R", "S", "D", "T", "t" (traced), "Z", "X", "P" (parked), "I" (idle: it
	 * waits for work), and "new", not yet started; NULL: no kernel sets such bits.
	 */
	const char *state_code;
	/**
	 * The same as a word: "running", "waking" (both R), "sleeping",
	 * "uninterruptible", "frozen", "rt_lock" (waits for a spinlock of PREEMPT_RT;
	 * these are D), "stopped", "traced", "zombie", "dead", "parked", "idle", "new";
	 * NULL with the code.
	 */
	const char *state_name;
	bool kernel_thread;  /**< it has no user mode; idle tasks are such, too */
	uint8_t reserved[7]; /**< 0 */
};

/**
 * How many tasks and threads there are, idle tasks included. The lists are followed with
 * guards: when one is damaged, what lies beyond is looked for from its other end, among
 * the PIDs and by stacks that have no owner.
 * @param s the session
 * @param[out] nr the number
 * @return STK_OK, or why there is no list
 */
enum stk_status stk_count_tasks(struct stk *s, size_t *nr);

/**
 * Where lists of tasks break.
 * @param s the session
 * @return one line; NULL: nowhere, or stk_count_tasks() was not called
 */
const char *stk_tasks_truncated(struct stk *s);

/**
 * A task by its number in the list: idle tasks come first by CPU, then all others in the
 * order of the kernel's list, leaders followed by their threads, last those that no list
 * led to.
 * @param s the session
 * @param index below what stk_count_tasks() says
 * @param[out] out set to the task
 * @param size sizeof(*out)
 * @return STK_ERR_NOT_FOUND past the last one
 */
enum stk_status stk_get_task(struct stk *s, size_t index, struct stk_task_info *out,
			     size_t size);

/**
 * A task by the address of its task_struct, with sanity checks.
 * @param s the session
 * @param addr the address
 * @param[out] out set to the task
 * @param size sizeof(*out)
 * @return STK_ERR_ARG, STK_ERR_CORRUPT: that is no task_struct; or as stk_read()
 */
enum stk_status stk_get_task_at(struct stk *s, uint64_t addr, struct stk_task_info *out,
				size_t size);

/**
 * A thread by its PID.
 * @param s the session
 * @param pid its number, not 0
 * @param[out] out set to the task
 * @param size sizeof(*out)
 * @return STK_ERR_NOT_FOUND when there is none
 */
enum stk_status stk_get_task_by_pid(struct stk *s, uint32_t pid,
				    struct stk_task_info *out, size_t size);

/**
 * The task that a CPU's current pointer names.
 * @param s the session
 * @param cpu the CPU's number
 * @param[out] out set to the task
 * @param size sizeof(*out)
 * @return STK_OK, or why there is none
 */
enum stk_status stk_get_current(struct stk *s, unsigned int cpu,
				struct stk_task_info *out, size_t size);

/** An address as the kernel would print it. */
struct stk_name {
	const char *function; /**< NULL when nothing is known */
	uint64_t offset;      /**< bytes from the start of the function */
	const char *module;   /**< NULL for the kernel proper */
};

/**
 * Name an address from the kernel's own kallsyms and its modules'. struct stk_name never
 * grows.
 * @param s the session
 * @param addr a virtual address of the kernel
 * @param ret it is a return address: look up the byte before it, as the kernel's %pB
 *	does, because a call may be the last instruction of a function
 * @param[out] out set to the name
 */
void stk_symbolize(struct stk *s, uint64_t addr, bool ret, struct stk_name *out);

/**
 * The run-time address of a symbol of the kernel or of a module.
 * @param s the session
 * @param name the symbol
 * @param[out] addr its address; of a per-CPU symbol the value as linked
 * @return STK_ERR_NO_SYMBOL when there is none
 */
enum stk_status stk_symbol_address(struct stk *s, const char *name, uint64_t *addr);

/**
 * The address of a per-CPU symbol.
 * @param s the session
 * @param name the symbol
 * @param cpu the CPU whose copy it is
 * @param[out] addr its address
 * @return STK_ERR_NO_SYMBOL when there is none
 */
enum stk_status stk_percpu_address(struct stk *s, const char *name, unsigned int cpu,
				   uint64_t *addr);

/**
 * Does an address lie in code: the kernel's, a module's, made at run time?
 * @param s the session
 * @param addr a virtual address
 * @return false when not, or not known
 */
bool stk_is_text(struct stk *s, uint64_t addr);

/** A message in the kernel's log buffer. It belongs to the library; read it only. */
struct stk_log_record {
	uint64_t ns;	  /**< nanoseconds since boot */
	bool has_caller;  /**< @p caller is known (CONFIG_PRINTK_CALLER) */
	uint32_t caller;  /**< a PID, or with the top bit a CPU: not in a task */
	const char *text; /**< of @p len bytes, any bytes; NULL: not in the dump */
	uint64_t len;	  /**< bytes in @p text, which no zero ends */
};

/**
 * What is given each message.
 * @param ctx as given to stk_log()
 * @param record the message, valid during the call
 * @return false to stop
 */
typedef bool stk_log_fn(void *ctx, const struct stk_log_record *record);

/**
 * Every message that the log buffer still has, oldest first.
 * @param s the session
 * @param fn is called for each
 * @param ctx is handed to it
 * @return STK_OK, or why there is no log
 */
enum stk_status stk_log(struct stk *s, stk_log_fn *fn, void *ctx);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
