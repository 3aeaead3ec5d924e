/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * place.h - what is this address.
 */
#ifndef STACKINFO_PLACE_H
#define STACKINFO_PLACE_H

#include <stackinfo/unwind.h>

#pragma GCC visibility push(default)

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
	uint64_t used;	      /* bytes from there to the end */
	/*
	 * Bytes from the end to the lowest word that is not zero, the magic word at a
	 * task stack's base left out: its deepest use ever. 0: none, or not known.
	 */
	uint64_t high_water;
	const char *why; /* a clause that explains the state, or NULL */
	bool has_residue;
	struct stk_residue residue;
};

/** stk_stack_use() - the state of @stack as a whole. */
enum stk_status stk_stack_use(struct stk *s, const struct stk_stack *stack,
			      struct stk_use *out);

/** struct stk_alias - another virtual address of the same byte. */
struct stk_alias {
	const char *view; /* "cpu_entry_area", "per-CPU", "direct map", "vmalloc" */
	uint64_t addr;
};

#define STK_MAX_ALIASES 4

/** struct stk_place - the answer to "what is this address". */
struct stk_place {
	uint64_t addr;
	const char *region; /* "vmalloc", "cpu_entry_area", "direct map", … */
	bool has_stack;	    /* it is on @stack, in one of its aliases, or in its guard */
	struct stk_stack stack;
	int guard;	      /* -1: in the guard below @stack; 1: in the one above */
	const char *view;     /* by which alias of the stack, when has_stack */
	uint64_t stack_addr;  /* the same byte in the range that rsp uses */
	uint64_t bytes_below; /* from @stack.begin up to it; in a guard from its edge */
	uint64_t offset_from_end; /* from it up to @stack.end */
	enum stk_state state;
	const char *state_why;		   /* a clause that explains the state, or NULL */
	const struct stk_residue *residue; /* of a stack that is not live here, or NULL */
	bool has_task; /* the task that owns the stack or runs on it */
	struct stk_task task;
	struct stk_name name; /* of text and data in the kernel image and modules */
	bool percpu;	      /* name is a per-CPU variable of CPU percpu_cpu */
	unsigned int percpu_cpu;
	const char *detail; /* which part of the region, such as "GDT of CPU 1" */
	bool has_phys;
	uint64_t phys;
	enum stk_status phys_status; /* why there is none */
	bool in_dump;		     /* the physical page can be read */
	size_t nr_aliases;
	struct stk_alias aliases[STK_MAX_ALIASES];
};

/** stk_classify() - say what @addr is. Fails only when the kernel is not understood. */
enum stk_status stk_classify(struct stk *s, uint64_t addr, struct stk_place *out);

#pragma GCC visibility pop

#endif
