/* SPDX-License-Identifier: GPL-2.0-or-later */
/* callsite.h - what the call before a return address says, where calls put that into a
 * register. */
#ifndef STK_ARCH_CALLSITE_H
#define STK_ARCH_CALLSITE_H

#include "arch.h"
#include "frame.h"

/* stk_arch.call_evidence() of a machine whose code is read by @set. */
enum stk_call stk_weigh_call(struct stk *s, const struct stk_insn_set *set, uint64_t ret,
			     uint64_t callee, bool exact, const char **why);

/*
 * Code that calls without a record of its own, as @f has it, is where a thread or a CPU
 * begins, or where the kernel is entered, which has another step. True: @c called in the
 * former, so that no record leads on from there, and @out, which says so, does not fit.
 */
bool stk_nothing_calls(struct stk *s, const struct stk_insn_set *set,
		       const struct stk_cursor *c, const struct stk_code_frame *f,
		       struct stk_step *out);

/*
 * What to say of the frame at @ret, where a CPU stands at the vector of an exception, and
 * the address of what that interrupted is in @reg alone.
 */
const char *stk_note_unknown(struct stk *s, const struct stk_cursor *c, uint64_t ret,
			     const char *reg);

#endif
