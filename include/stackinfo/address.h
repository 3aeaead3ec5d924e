/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file
 * Every stack of the machine, and what an address is.
 */
#ifndef STACKINFO_ADDRESS_H
#define STACKINFO_ADDRESS_H

#include <stackinfo/machine.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/**
 * A stack. Bounds are those that the stack pointer uses: [begin, end), end being the
 * "true top", the first byte above. For a software stack an empty one has sp == end.
 * Where memory is damaged it may not be its owner's: stk_get_use() says so.
 */
struct stk_stack_info {
	const char *kind; /**< code, the kernel's name: "TASK", "IRQ", "NMI", "#DF" … */
	int cpu;	  /**< the owner; -1 for a task's; with no task: who keeps it */
	uint64_t task;	  /**< address of the owner; 0 for a CPU's and for one that no
			       task has */
	uint64_t begin;	  /**< the lowest address */
	uint64_t end;	  /**< the first address above */
	uint64_t guard;	  /**< lowest address of the guard below, up to begin; 0: none */
	uint64_t guard_end;  /**< first address past the guard above, from end; 0: none */
	uint64_t store;	     /**< the same memory at its per-CPU address; 0: none */
	bool mapped;	     /**< false: a hole, where the kernel does not use it */
	uint8_t reserved[7]; /**< 0 */
};

/**
 * How many stacks the machine has: those of all CPUs and all tasks, and those that tasks
 * left behind.
 * @param s the session
 * @param[out] nr the number
 * @return STK_OK, or why they cannot be found
 */
enum stk_status stk_count_stacks(struct stk *s, size_t *nr);

/**
 * A stack by its number, in ascending order of address.
 * @param s the session
 * @param index below what stk_count_stacks() says
 * @param[out] out set to the stack
 * @param size sizeof(*out)
 * @return STK_ERR_NOT_FOUND past the last one
 */
enum stk_status stk_get_stack(struct stk *s, size_t index, struct stk_stack_info *out,
			      size_t size);

/**
 * The stack whose virtual range holds an address. The guard pages do not count.
 * @param s the session
 * @param addr a virtual address of the kernel
 * @param[out] out set to the stack
 * @param size sizeof(*out)
 * @return STK_ERR_NOT_FOUND when there is none
 */
enum stk_status stk_get_stack_at(struct stk *s, uint64_t addr, struct stk_stack_info *out,
				 size_t size);

/** How a whole stack is used. */
struct stk_use_info {
	const char *state;   /**< code: "live" when any of it is; see stk_place_info */
	uint64_t sp;	     /**< the lowest live stack pointer; 0: none */
	uint64_t used;	     /**< bytes from there to the end */
	uint64_t high_water; /**< deepest use ever: bytes from the end to the lowest word
				  that is not zero, the magic word at a task stack's base
				  left out; 0: none, or not known */
	bool overrun; /**< the magic word where it is full is overwritten: it overflowed
		       */
	const char *why;     /**< a clause that explains the state; NULL: none. With "in
				doubt: " before it: why it may not be its owner's */
	const char *residue; /**< a clause: what it shows of its last use; NULL: none */
	uint64_t residue_regs_at; /**< address of registers saved then; 0: none */
	uint64_t
		residue_ip; /**< what they interrupted, or the outermost return address */
	bool residue_user;  /**< that was in user mode */
	uint8_t reserved[7]; /**< 0 */
};

/**
 * The state of a stack as a whole.
 * @param s the session
 * @param addr any address on it
 * @param[out] out set to its use
 * @param size sizeof(*out)
 * @return STK_ERR_NOT_FOUND when no stack holds @p addr
 */
enum stk_status stk_get_use(struct stk *s, uint64_t addr, struct stk_use_info *out,
			    size_t size);

/** Another virtual address of the same byte. It never grows. */
struct stk_alias {
	const char *view; /**< "cpu_entry_area", "per-CPU", "direct map", "vmalloc" … */
	uint64_t addr;	  /**< the address there */
};

/** Room for aliases in struct stk_place_info. */
#define STK_ALIASES 8

/**
 * The answer to "what is this address".
 *
 * Its members come in groups; the first of each tells whether the group says anything.
 */
struct stk_place_info {
	uint64_t addr;	       /**< the address that was asked for */
	const char *region;    /**< "vmalloc", "cpu_entry_area", "direct map" … */
	uint64_t region_first; /**< its first address; both 0: not known */
	uint64_t region_last;  /**< its last address */
	const char *detail;    /**< which part of it, as "GDT of CPU 1"; NULL: none */

	/**
	 * The smallest known thing, other than a stack, that holds it: "text", "ioremap",
	 * "heap", "GDT" …; NULL: none.
	 */
	const char *area;
	const char *area_name;	 /**< of the module or the mapped file; NULL: none */
	const char *area_access; /**< of a process's mapping, as "rw-p"; NULL: none */
	uint64_t area_begin;	 /**< its first address */
	uint64_t area_end;	 /**< the first address above */
	uint64_t area_guard;	 /**< where the guard page at its end begins; 0: none */
	uint64_t area_caller;	 /**< the code that allocated it; 0: not known */

	/** What follows by arithmetic: "phys", "pfn", "shadow of", "index"; NULL: nothing
	 */
	const char *about;
	uint64_t about_value; /**< the number that goes with it */

	/** It is on this kind of stack, in an alias or a guard of it; NULL: on none. */
	const char *stack_kind;
	int stack_cpu;		  /**< as in struct stk_stack_info */
	uint64_t stack_task;	  /**< the same */
	uint64_t stack_begin;	  /**< the same */
	uint64_t stack_end;	  /**< the same */
	int guard;		  /**< -1: in the guard below; 1: in the one above; 0 */
	const char *view;	  /**< by which alias of the stack */
	uint64_t stack_addr;	  /**< the same byte in the range that the CPU uses */
	uint64_t bytes_below;	  /**< from the begin to it; in a guard from its edge */
	uint64_t offset_from_end; /**< bytes from it to the end */

	/**
	 * Code: "live", in use; "stale", residue on a live stack; "dead", its task has
	 * exited; "guard"; "unmapped"; "unused", all zero from here to the base;
	 * "excluded", not in the dump; NULL: not on a stack.
	 */
	const char *state;
	const char *state_why; /**< a clause, as why in struct stk_use_info; NULL: none */
	const char *residue;   /**< as in struct stk_use_info, of a stack not live here */
	uint64_t residue_regs_at; /**< the same */
	uint64_t residue_ip;	  /**< the same */
	bool residue_user;	  /**< the same */

	/** A task owns the stack, runs on it, has this mapping, or is the object: */
	bool has_task;
	uint64_t task; /**< its task_struct */
	uint32_t pid;  /**< its PID */
	char comm[16]; /**< its name */

	struct stk_name name; /**< of text and data in the kernel's image and modules */
	int percpu_cpu;	      /**< the name is this CPU's variable; -1: not per-CPU */
	bool has_percpu_ptr;  /**< it lies in what a per-CPU pointer points to: */
	uint64_t percpu_ptr;  /**< this one, on percpu_cpu */

	bool has_phys;		     /**< it is mapped, at: */
	uint64_t phys;		     /**< this physical address */
	enum stk_status phys_status; /**< why not */
	bool in_dump;		     /**< the physical page can be read */

	size_t nr_aliases;		     /**< elements of: */
	struct stk_alias alias[STK_ALIASES]; /**< other addresses of the same byte */

	/** The type of the object of the kernel's that holds it: "task_struct"; NULL */
	const char *object;
	uint64_t object_begin; /**< its address, by the same alias */
	uint64_t object_size;  /**< its size in bytes */
	/**
	 * Code: "owned", it is that of the task; "loose", of no task that is known;
	 * "gap", no object, but what lies between two, or behind the last one; NULL: no
	 * object.
	 */
	const char *object_state;
	const char *object_why; /**< a clause: why it is loose; NULL: it is not */
	uint32_t last_pid;  /**< what a loose one still says of its last task: doubtful */
	char last_comm[16]; /**< the same; "": nothing */
	uint8_t reserved[4]; /**< 0 */
};

/**
 * Say what an address is.
 * @param s the session
 * @param addr any virtual address
 * @param task address of the task_struct whose mappings a user address is looked up in;
 *	0: the task that the panicking CPU was running or, when that has no such mapping,
 *	the first one running on another CPU that has
 * @param[out] out set to the answer
 * @param size sizeof(*out)
 * @return fails only when the kernel is not understood
 */
enum stk_status stk_get_place(struct stk *s, uint64_t addr, uint64_t task,
			      struct stk_place_info *out, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
