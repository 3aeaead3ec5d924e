/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * calls.h - what the call before a return address says. Tasks sleep in the same few
 * places: a call that was seen to lead to the next frame is not read again.
 */
#ifndef STK_CALLS_H
#define STK_CALLS_H

#include "../arch/arch.h"

/* stk_arch.call_evidence(), with its arguments. Code does not change in a dump. */
enum stk_call stk_call_evidence(struct stk *s, uint64_t ret, uint64_t callee, bool exact,
				const char **why);

#endif
