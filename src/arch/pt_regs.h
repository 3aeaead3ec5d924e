/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pt_regs.h - where registers are saved, for machines whose entry code does so right
 * below the stack pointer, and from user mode at the top of the task's stack.
 */
#ifndef STK_ARCH_PT_REGS_H
#define STK_ARCH_PT_REGS_H

#include "arch.h"

/* How much room a struct pt_regs takes on a stack; 0: not known. */
uint64_t stk_pt_regs_room(struct stk *s);

/* What architectures have as their hooks of these names. */
uint64_t stk_user_regs_at(struct stk *s, const struct stk_stack *stack);
bool stk_may_be_user(struct stk *s, const struct stk_stack *stack,
		     const struct stk_regs *regs, uint64_t regs_at);

/* The step to the pt_regs at @at, which a frame record leads to. */
enum stk_step_result stk_regs_step(struct stk *s, uint64_t at, struct stk_step *out);

/* What saved_copies is made of: those of @compared (1 << register) are compared. */
size_t stk_saved_copies(struct stk *s, int cpu, const struct stk_stack *task,
			const struct stk_regs *regs, uint64_t compared,
			struct stk_copy *out, size_t room);

/* Has @saved what is known of @regs, of those in @compared? Of a text not all may be. */
bool stk_same_regs(const struct stk_regs *saved, const struct stk_regs *regs,
		   uint64_t compared);

#endif
