/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * x86_64.h - what only this architecture has: the task state segment.
 */
#ifndef STACKINFO_X86_64_H
#define STACKINFO_X86_64_H

#include <stackinfo/place.h>

#define STK_X86_NR_IST	      7
#define STK_X86_MAX_IST_USERS 8
#define STK_X86_MAX_TSS_FACTS 32

/** struct stk_x86_ist_user - an IDT vector whose gate names an IST slot. */
struct stk_x86_ist_user {
	unsigned int vector;
	uint64_t handler;
};

/** struct stk_x86_tss_slot - one stack pointer of the TSS. */
struct stk_x86_tss_slot {
	const char *name; /* "sp0" … "ist[6]" */
	bool readable;
	uint64_t value;
	bool has_stack; /* the value is the top of (or lies on) @stack */
	struct stk_stack stack;
	bool store_readable;
	bool has_phys; /* of the stack's first page */
	uint64_t phys;
	const char *meaning; /* what the slot holds when it is not a stack, or NULL */
	const char *problem; /* deviation from what the kernel should have set, or NULL */
	bool in_flight;	     /* @problem is what a handler does and undoes, no damage */
	bool has_witness;    /* if @problem is true, @witness is in use */
	struct stk_stack witness;
	const char *evidence; /* set by stk_x86_tss_evidence() */
	size_t nr_users;
	struct stk_x86_ist_user users[STK_X86_MAX_IST_USERS];
};

enum {
	STK_X86_TSS_SP0,
	STK_X86_TSS_SP1,
	STK_X86_TSS_SP2,
	STK_X86_TSS_IST0,
	STK_X86_NR_TSS_SLOTS = 10
};

/** struct stk_x86_tss_fact - a word outside of the slots that has to agree with the TSS.
 */
struct stk_x86_tss_fact {
	const char *group; /* "GDT", … */
	const char *name;
	bool readable;
	uint64_t value;
	const char *meaning, *problem; /* as in a slot */
	bool in_flight;
	const char *evidence;
};

/** struct stk_x86_tss - what a CPU's TSS says. */
struct stk_x86_tss {
	unsigned int cpu;
	bool online;
	bool never_up;	/* still as the kernel's image has it */
	uint64_t addr;	/* per-CPU address of cpu_tss_rw */
	uint64_t alias; /* its read-only address in the cpu_entry_area; 0: unknown */
	bool has_phys;
	uint64_t phys;
	bool alias_checked, alias_same; /* both addresses translate to one page */
	struct stk_x86_tss_slot slot[STK_X86_NR_TSS_SLOTS];
	size_t nr_facts;
	struct stk_x86_tss_fact fact[STK_X86_MAX_TSS_FACTS];
};

/** stk_x86_tss_read() - decode @cpu's TSS and check it against the kernel's layout. */
enum stk_status stk_x86_tss_read(struct stk *s, unsigned int cpu,
				 struct stk_x86_tss *out);

/**
 * stk_x86_tss_evidence() - ask the CPU's chain and the stacks' contents whether what is
 * said to be in flight is. Unwinds the CPU when there is something to ask.
 */
void stk_x86_tss_evidence(struct stk *s, struct stk_x86_tss *tss);

/**
 * stk_x86_tss_state() - of the part of a slot's stack that the next frame would go to. If
 * the slot was lowered within a stack that is in use, it is the state of that stack.
 */
enum stk_state stk_x86_tss_state(struct stk *s, const struct stk_x86_tss_slot *slot,
				 const char **why);

#endif
