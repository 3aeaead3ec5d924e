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
 * What to say of the frame at @ret, where a CPU stands at the vector of an exception, and
 * the address of what that interrupted is in @reg alone.
 */
const char *stk_note_unknown(struct stk *s, const struct stk_cursor *c, uint64_t ret,
			     const char *reg);

#endif
