/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk.h - a chain in the making; for the files of this folder only.
 *
 * A step is made in three: stk_next() finds a candidate for the caller's frame, with
 * what the dump says of it; stk_judge() decides; stk_apply() moves. When no method
 * finds a next frame, stk_read_on() may look for one further up.
 */
#ifndef STK_WALK_H
#define STK_WALK_H

#include "judge.h"
#include "unwind.h"

#define STK_MAX_FRAMES 4096u

/*
 * What stk_chain_free() gets back. All live chains hang on the session, which frees
 * those that nobody gave back.
 */
struct stk_chain_root {
	struct stk_chain chain;
	struct stk_arena arena;
	struct stk_chain_root *prev, *next;
};

/* How long frames stay in doubt after one that was. */
enum stk_until {
	STK_UNTIL_NOTHING,
	STK_UNTIL_CALL,	    /* until a direct call fits */
	STK_UNTIL_RECORD,   /* until one does whose return address lay in memory */
	STK_UNTIL_CROSSING, /* until a stack's own word confirms the way */
};

struct stk_walk {
	struct stk *s;
	struct stk_chain_root *c;
	struct stk_cursor cur;
	struct stk_segment *seg;
	struct stk_segment *segs[STK_MAX_SEGMENTS]; /* in the order of the visit */
	size_t frames_room;
	bool nested;	  /* it went down on a stack: once is legal */
	uint64_t stop_at; /* the pt_regs that ends this chain, or 0 */
	/* The chain begins here, and comes to the start's registers at joint_at; or NULL.
	 */
	const struct stk_regs *first;
	uint64_t joint_at; /* 0: it did */
	uint64_t entered;  /* of the step that is made: as in the frame */
	uint64_t adopted;  /* begin of the task stack that a chain without a task is on */
	enum stk_until until;
	bool stop;
};

/* A candidate for the caller's frame. */
struct stk_candidate {
	struct stk_step step;
	struct stk_stack stack; /* that it lies on */
	struct stk_facts facts;
	struct stk_verdict verdict;
	const char *why; /* what the call site says, or NULL */
	bool fallback;	 /* a method that is trusted more led to what cannot be */
	bool read_on;	 /* no method led here */
};

enum stk_next {
	STK_NEXT_STEP, /* a candidate that is possible */
	STK_NEXT_END,  /* the rule says that the stack begins here */
	STK_NEXT_NONE, /* none; see @dead */
};

/* next.c: ask the architecture's methods in turn. @dead: what the first said. */
enum stk_status stk_next(struct stk_walk *w, struct stk_candidate *c, enum stk_next *res,
			 struct stk_dead_end *dead);

/* witness.c: the stack that @at is on, kind UNKNOWN when on none; and the facts. */
void stk_stack_at(struct stk_walk *w, uint64_t at, struct stk_stack *out);
void stk_gather_facts(struct stk_walk *w, struct stk_candidate *c);
/* The word at the top of the stack that is left, beside what the step goes by. */
void stk_weigh_crossing(struct stk_walk *w, const struct stk_candidate *c,
			struct stk_crossing *x);

/* apply.c: the cursor moves. */
enum stk_status stk_first_frame(struct stk_walk *w);
enum stk_status stk_apply(struct stk_walk *w, const struct stk_candidate *c);
enum stk_status stk_at_stack_start(struct stk_walk *w);
/* What was found last does not go on: it may be where the chain went wrong. */
void stk_retract(struct stk_walk *w);
enum stk_status stk_finish(struct stk_walk *w, enum stk_end end, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* resync.c: read on where no method leads. @found: it went on with a candidate. */
enum stk_status stk_read_on(struct stk_walk *w, enum stk_end why, uint64_t bad,
			    bool *found);

#endif
