/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inventory.h - the words of a dump that are worth changing, and by what. */
#ifndef DAMAGE_INVENTORY_H
#define DAMAGE_INVENTORY_H

#include "arch.h"
#include "engine.h"

/* struct site - a word (or the first of several) that a true chain rests on. */
struct site {
	uint64_t at; /* virtual */
	uint64_t value;
	uint64_t fp; /* of a place: the frame pointer there; 0: not known */
	uint32_t subject;
	uint32_t frame;	  /* of the chain: that it belongs to */
	uint32_t segment; /* that it lies in */
};

struct sites {
	struct site *site;
	size_t nr, room;
};

/* struct words - physical addresses, sorted. */
struct words {
	uint64_t *phys;
	size_t nr, room;
};

struct inventory {
	struct engine *e;
	const struct damage_arch *arch;
	const struct stk_task *task; /* all, running ones, too */
	size_t nr_tasks;
	uint64_t thread_size;
	uint64_t sp_offset, stack_offset; /* of thread.sp and stack in task_struct */
	bool has_fp, has_pc;
	uint64_t fp_offset, pc_offset; /* of what is saved beside thread.sp */
	uint64_t nr_regs;	       /* words of a pt_regs */
	struct sites sleepers;	       /* thread.sp of those who sleep */
	struct sites rets;	       /* return addresses */
	struct sites regs;	       /* pt_regs that a chain goes on from */
	struct sites users;	       /* pt_regs of user mode that a chain ends at */
	struct sites links;	       /* words that lead to another stack */
	struct sites words;	       /* every live word of the stacks of a chain */
	struct sites saved;	       /* of these, pointers up into the same stack */
	struct sites places;	       /* value: ip; at: sp. Where a chain was */
	const struct stk_stack *stack;
	size_t nr_stacks;
	struct words live;    /* as words, but physical */
	struct words witness; /* of these, what is followed or compared */
};

bool inventory_make(struct inventory *v, struct engine *e);
void inventory_free(struct inventory *v);

/*
 * Is it a word of a stack that a chain need not look at? Such are the variables of
 * functions, arguments, what is left over.
 */
bool is_bystander(const struct inventory *v, uint64_t phys);

const struct stk_segment *site_segment(const struct inventory *v, const struct site *x);

#endif
