/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the call before a return address says: can the function that was called be the
 * one that the newer frame is in?
 */
#include <stackinfo/kernel.h>

#include "x86_64.h"

enum stk_call x86_call_evidence(struct stk *s, uint64_t ret, uint64_t callee, bool exact,
				const char **why)
{
	struct stk_name name;
	unsigned char byte;
	uint64_t target;

	*why = NULL;
	if (stk_read(s, ret - 1, &byte, 1))
		return STK_CALL_UNREADABLE;
	if (!x86_call_before(s, ret, &target)) {
		*why = "no call ends before it";
		return STK_CALL_NONE;
	}
	if (!target) {
		*why = "the call before it is indirect";
		return STK_CALL_CANNOT_TELL;
	}
	stk_symbolize(s, callee, !exact, &name);
	if (name.function && callee - name.offset == target)
		return STK_CALL_REACHES;
	*why = "the call before it leads elsewhere";
	return STK_CALL_ELSEWHERE;
}
