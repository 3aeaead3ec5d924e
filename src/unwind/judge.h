/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge.h - the rules by which a step is believed.
 *
 * A method proposes the caller's frame. witness.c gathers what the dump says of it
 * into struct stk_facts; stk_judge() decides on these alone, and reads nothing.
 *
 * The rules, and what breaks when a word of the dump is damaged:
 *
 *   1. A chain stays on the stacks of its own CPU and its own task, and goes from one
 *      kind to another only as hardware and kernel do. Else the step is impossible.
 *   2. It rises on each stack, and enters none twice.
 *   3. Nothing but entry code lies above the user's registers at the top of a task's
 *      stack, and in their place lie no others.
 *   4. A return address follows a call, and a direct call leads to the function below.
 *      If not, the frame is in doubt, and so is the one below, which may have led to the
 *      wrong place; and what comes then, until a call fits again.
 *   5. Saved registers have the segments and flags of a context that can be interrupted,
 *      and lie where the CPU pushes them for their stack pointer.
 *   6. Where a stack's top has a word of its own, it leads to the same place.
 *   7. Where a shadow call stack has the return address, too, it is the same.
 *   8. Where frame records are followed and there is call frame information, it leads to
 *      the same place.
 */
#ifndef STK_JUDGE_H
#define STK_JUDGE_H

#include "../arch/arch.h"

/* Where a step moves the cursor. */
enum stk_move {
	STK_MOVE_UP,	  /* on the same stack */
	STK_MOVE_BACK,	  /* on the same stack, but not upwards */
	STK_MOVE_CROSS,	  /* to a stack that the chain was not on yet */
	STK_MOVE_REENTER, /* to one that it was on before */
	STK_MOVE_NOWHERE, /* to no stack at all, nor just below one, nor the user's */
};

/* Whose is the stack that it moves to? */
enum stk_owner {
	STK_OWNER_SELF, /* the chain's own CPU or task */
	STK_OWNER_OTHER,
	STK_OWNER_SHARED,  /* its own, but another CPU or task says so, too */
	STK_OWNER_UNKNOWN, /* nobody's, or there is nothing to compare with */
};

struct stk_facts {
	enum stk_move move;
	enum stk_owner owner;
	bool route;	    /* stk_arch.leads_to allows it */
	bool given;	    /* the user said where to start */
	bool joins;	    /* it is where this chain is to end */
	bool user;	    /* it is user mode */
	bool user_credible; /* stk_arch.may_be_user() */
	bool interrupted;   /* the new ip was interrupted: no call leads there */
	bool text;	    /* the new ip is in code */
	bool has_regs;	    /* from a pt_regs */
	bool in_user_regs;  /* that pt_regs is in the place of the user's */
	bool above_user_regs;
	bool returns; /* ip is a return address that lay in memory */
	enum stk_call call;
	bool sure;   /* the method vouches for it */
	bool misfit; /* by the method it and the frame below do not fit together */
	int link;    /* the stack's own word: 1 leads there, 0 elsewhere, -1 none */
	struct stk_evidence regs; /* stk_arch.weigh_regs(), and what the method asked */
};

struct stk_verdict {
	bool possible;
	enum stk_end end;     /* if not: which end that makes */
	enum stk_doubt doubt; /* of the new frame by itself */
	/* A direct call proves it, or a second word: doubt of those below ends here. */
	bool firm;
	bool misfit; /* so is the frame below: it led here */
	struct stk_evidence evidence;
};

struct stk_verdict stk_judge(const struct stk_facts *facts);

/*
 * The confidence of a whole chain, from its frames, crossings, start and end; sets
 * chain->confidence and ->confidence_why. Texts are put into @arena.
 */
void stk_judge_chain(struct stk_chain *chain, struct stk_arena *arena);

#endif
