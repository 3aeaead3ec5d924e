/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * place.h - what is this address.
 */
#ifndef STACKINFO_PLACE_H
#define STACKINFO_PLACE_H

#include <stackinfo/address.h>
#include <stackinfo/unwind.h>

enum stk_state {
	STK_STATE_NONE,	    /* not on a stack */
	STK_STATE_LIVE,	    /* in use: at or above the stack pointer of its user */
	STK_STATE_STALE,    /* of a live stack, but what lies here is residue */
	STK_STATE_DEAD,	    /* its task has exited */
	STK_STATE_GUARD,    /* a guard page: nothing is ever mapped here */
	STK_STATE_UNMAPPED, /* no translation */
	STK_STATE_UNUSED, /* of a stack, but never used: all zero from here to the base */
	STK_STATE_EXCLUDED, /* mapped, or perhaps so, but not in the dump */
};

const char *stk_state_name(enum stk_state state);

/** struct stk_residue - what a stack shows of its last use, after that ended. */
struct stk_residue {
	const char *text; /* a clause */
	uint64_t regs_at; /* address of the registers that were saved; 0: none */
	uint64_t ip;	  /* what they interrupted, or the outermost return address */
	bool user;	  /* that was in user mode */
};

/** struct stk_use - how a whole stack is used. */
struct stk_use {
	enum stk_state state; /* LIVE when any of it is */
	uint64_t sp;	      /* the lowest live stack pointer; 0: none */
	uint64_t used;	      /* bytes from where it begins to there */
	/*
	 * Bytes from where it begins to the farthest word that is not zero, the magic
	 * word where it is full left out: its deepest use ever. 0: none, or not known.
	 */
	uint64_t high_water;
	bool overrun; /* the magic word where it is full is overwritten: it overflowed */
	const char *why; /* a clause that explains the state, or NULL */
	bool has_residue;
	struct stk_residue residue;
};

/** stk_stack_use() - the state of @stack as a whole. */
enum stk_status stk_stack_use(struct stk *s, const struct stk_stack *stack,
			      struct stk_use *out);

#define STK_MAX_ALIASES 4

/**
 * enum stk_region_kind - what a region of the address space is used for, on whatever
 * machine. Its name is the architecture's.
 */
enum stk_region_kind {
	STK_REGION_HOLE,     /* nothing is ever mapped there */
	STK_REGION_USER,     /* the processes' */
	STK_REGION_INVALID,  /* no address of this machine */
	STK_REGION_DIRECT,   /* the map of all memory */
	STK_REGION_VMALLOC,  /* allocations, each with its own mapping */
	STK_REGION_IMAGE,    /* the kernel's own text and data */
	STK_REGION_MODULES,  /* the modules' */
	STK_REGION_FIRMWARE, /* the firmware's: mapped in page tables of its own */
	STK_REGION_OTHER,    /* told by its name alone */
};

/**
 * struct stk_area - the smallest known thing, other than a stack, that holds an address:
 * a section of the kernel or of a module, an allocation in vmalloc space, a mapping of a
 * process, a part of the cpu_entry_area.
 */
struct stk_area {
	const char *what; /* "text", "ioremap", "heap", "GDT", …; NULL: none is known */
	const char *name; /* of the module or of the mapped file, or NULL */
	const char *access; /* of a mapping: "rw-p", or NULL */
	uint64_t begin, end;
	uint64_t guard;	 /* where the guard page at its end begins; 0: none */
	bool in_guard;	 /* the address is in that */
	uint64_t caller; /* the code that allocated it; 0: not known */
};

/* The kernel returns errors as the last 4095 "addresses" (include/linux/err.h). */
#define STK_FIRST_ERROR ((uint64_t)-4095)

enum stk_object_state {
	STK_OBJECT_OWNED, /* it is that of the task */
	STK_OBJECT_LOOSE, /* of no task that is known */
	STK_OBJECT_GAP,	  /* none: between two of the type, or behind the last one */
};

/** stk_object_state_name() - "owned", "loose", "gap". */
const char *stk_object_state_name(enum stk_object_state state);

/** struct stk_object - what the kernel made there, of a known type. */
struct stk_object {
	const char *what; /* its type: "task_struct"; NULL: not known */
	uint64_t begin, size;
	enum stk_object_state state;
	const char *why;    /* of a loose one: a clause that explains it */
	uint32_t last_pid;  /* and what may still be read there of its last task */
	char last_comm[16]; /* ""; or that task's name */
};

/** struct stk_about - a value derived from the address by arithmetic. */
struct stk_about {
	const char *what; /* "phys", "pfn", "shadow of", "index"; NULL: nothing */
	uint64_t value;
};

/** struct stk_place - the answer to "what is this address". */
struct stk_place {
	uint64_t addr;
	enum stk_region_kind region_kind;
	const char *region; /* its name: "vmalloc", "cpu_entry_area", "direct map", … */
	uint64_t region_first, region_last; /* both inclusive; both 0: not known */
	struct stk_area area;
	struct stk_about about;
	bool has_stack; /* it is on @stack, in one of its aliases, or in its guard */
	struct stk_stack stack;
	int guard;	      /* -1: in the guard below @stack; 1: in the one above */
	const char *view;     /* by which alias of the stack, when has_stack */
	uint64_t stack_addr;  /* the same byte in the range that rsp uses */
	uint64_t bytes_below; /* from @stack.begin up to it; in a guard from its edge */
	uint64_t offset_from_end; /* from it up to @stack.end */
	enum stk_state state;
	const char *state_why;		   /* a clause that explains the state, or NULL */
	const struct stk_residue *residue; /* of a stack that is not live here, or NULL */
	struct stk_object object;
	/* The task that owns the stack, runs on it, has this mapping, or is the object.
	 */
	bool has_task;
	struct stk_task task;
	struct stk_name name; /* of text and data in the kernel image and modules */
	bool percpu;	      /* name is a per-CPU variable of CPU percpu_cpu */
	unsigned int percpu_cpu;
	bool has_percpu_ptr; /* it lies in what per-CPU pointers point to: */
	uint64_t percpu_ptr; /* this one, on that CPU */
	const char *detail;  /* which part of the region, such as "GDT of CPU 1" */
	bool has_phys;
	uint64_t phys;
	enum stk_status phys_status; /* why there is none */
	bool in_dump;		     /* the physical page can be read */
	size_t nr_aliases;
	struct stk_alias aliases[STK_MAX_ALIASES];
};

/** stk_classify() - say what @addr is. Fails only when the kernel is not understood. */
enum stk_status stk_classify(struct stk *s, uint64_t addr, struct stk_place *out);

/**
 * stk_classify_in() - the same; a user address is one of the task at @task. With 0 it
 * is taken for one of the task that the panicking CPU was running, or, when that has
 * no such mapping, of the first task running on another CPU that has.
 */
enum stk_status stk_classify_in(struct stk *s, uint64_t addr, uint64_t task,
				struct stk_place *out);

#endif
