/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STK_UNWIND_H
#define STK_UNWIND_H

#include <stackinfo/unwind.h>

#define STK_MAX_SEGMENTS 32u /* stacks that a chain may visit */

const char *stk_end_text(enum stk_end end);

/* Why @sp, a stack pointer of @chain, is on none of the kernel's stacks. */
const char *stk_no_stack_text(struct stk *s, const struct stk_chain *chain, uint64_t sp);

/*
 * Where a return address was found by reading, at @slot: registers to go on with. What is
 * behind it is taken for the stack pointer.
 */
void stk_regs_behind(struct stk *s, uint64_t slot, uint64_t ip, struct stk_regs *out);

/* Did anybody save registers of @cpu? */
bool stk_cpu_has_note(struct stk *s, unsigned int cpu);

/*
 * The CPU and its task of what begins at @cpu; registers are still to come. Whatever it
 * returns, @out can be looked at.
 */
enum stk_status stk_start_running(struct stk *s, unsigned int cpu, struct stk_start *out);

/* In the middle of a switch the stack pointer tells how far it came. */
void stk_start_switching(struct stk *s, struct stk_start *start);

/*
 * Where on the CPU's stacks code that stopped it left the registers of @start, to which
 * its chain leads; 0: nowhere. No register has to be valid but ip and sp.
 */
uint64_t stk_stopped_at(struct stk *s, const struct stk_start *start);

/*
 * The same without knowing any register of the CPU: where a chain begins that leads from
 * such code to a good end.
 */
bool stk_stopped_in(struct stk *s, const struct stk_start *start, struct stk_regs *regs);

/* Why these registers cannot be where the CPU or task was; NULL when they can. */
const char *stk_bad_start(struct stk *s, const struct stk_start *start);
/* Where a stack of tasks may begin, as far as its size tells. */
bool stk_stack_is_aligned(struct stk *s, uint64_t stack);

/* As stk_unwind_whole(), from the frame at @first to the registers at @joint. */
enum stk_status stk_unwind_through(struct stk *s, const struct stk_start *start,
				   const struct stk_regs *first, uint64_t joint,
				   struct stk_chain **out);

/* As stk_unwind(); live says, and not asked for what stopped a CPU. */
enum stk_status stk_unwind_from(struct stk *s, const struct stk_start *start,
				struct stk_chain **out);

/*
 * As stk_unwind(), with an end of its own: at the pt_regs at @stop_at (0: none). With
 * @rules_only the stack is not read for what no method finds.
 */
enum stk_status stk_unwind_until(struct stk *s, const struct stk_start *start,
				 uint64_t stop_at, bool rules_only,
				 struct stk_chain **out);

/* Free every chain of the session. */
void stk_free_chains(struct stk *s);

#endif
