/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shadow_step.h - the shadow call stack as a second witness of each return address. */
#ifndef STK_ARCH_SHADOW_STEP_H
#define STK_ARCH_SHADOW_STEP_H

#include "frame.h"

#include "arch.h"

struct stk_shadow_step {
	struct stk_code_frame code; /* what the function at the cursor has done so far */
	uint64_t next_slot;	    /* where the caller's own return address is stored */
	/* Where code that changed stacks may have put the register; 0: nowhere. */
	uint64_t kept_at;
};

/* Weighs the step @out, and gives it the caller's register, where that is known. */
void stk_shadow_step(struct stk *s, const struct stk_cursor *c,
		     const struct stk_shadow_step *step, struct stk_step *out);

/*
 * The same of the step @out to what the vector interrupted, or to who called that: its
 * own address is not known. @called: the address there was in a register, which what it
 * called has pushed, if it has not returned yet.
 */
void stk_shadow_unknown(struct stk *s, const struct stk_cursor *c, bool called,
			struct stk_step *out);

#endif
