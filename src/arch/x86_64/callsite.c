/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the call before a return address says: can the function that was called be the
 * one that the newer frame is in?
 */
#include <string.h>

#include "../../base/bytes.h"
#include "../../kernel/code.h"
#include "../../kernel/layout.h"
#include "../../machine/lost.h"
#include "../init_text.h"
#include "prologue.h"
#include "reach.h"
#include "x86_64.h"

#define MAX_INNER 4096u /* how far a call within a function may lead */

/*
 * What a call within its own function pushes is no return address: retpolines and return
 * thunks change it or jump away, and the stuffing of the return stack buffer drops it
 * (ANNOTATE_INTRA_FUNCTION_CALL, 5.8). Only its beginning may be
 * called from within.
 */
static bool is_inner_call(struct stk *s, uint64_t addr, uint64_t target)
{
	struct stk_function function;

	if (target - addr + MAX_INNER > 2 * MAX_INNER ||
	    !stk_function_at(s, addr - 1, &function))
		return false;
	return stk_within(target, function.begin, function.end) &&
	       !x86_enters(s, target, function.begin) &&
	       !x86_enters(s, target, function.end);
}

bool x86_is_return(struct stk *s, uint64_t addr, uint64_t *target)
{
	return x86_call_before(s, addr, target) && !is_inner_call(s, addr, *target);
}

/* Return addresses that no call pushed. */
static const char lretq[] = "\x48\xcb";

static const struct {
	const char *name;
	const char *before; /* two bytes; the name is only its start. NULL: it is all of
			     * it, and the address the first byte */
	const char *why;
} pushed[] = {
	/* fork_frame: where __switch_to_asm() returns to for the first time. */
	{ "ret_from_fork", NULL, "a new task begins there" },
	{ "ret_from_fork_asm", NULL, "a new task begins there" },
	/* Of the trampolines that tracers put in its place. */
	{ "kretprobe_trampoline", NULL, "a kretprobe put it there" },
	{ "__kretprobe_trampoline", NULL, "a kretprobe put it there" },
	{ "arch_rethook_trampoline", NULL, "a kretprobe put it there" },
	{ "return_to_handler", NULL, "the function graph tracer put it there" },
	/* head_64.S: pushq $.Lafter_lret; ...; lretq, up to 6.13 */
	{ "secondary_startup_64", lretq, "the kernel's start pushed it" },
	{ "start_cpu", lretq, "the kernel's start pushed it" },
};

static bool was_pushed(struct stk *s, uint64_t ret, const char **why)
{
	unsigned char before[2];
	struct stk_name name, own;

	stk_symbolize(s, ret, false, &own);
	stk_symbolize(s, ret, true, &name);
	for (size_t i = 0; i < sizeof(pushed) / sizeof(pushed[0]); i++) {
		const char *want = pushed[i].name;

		if (!pushed[i].before) {
			if (!own.function || own.offset || strcmp(own.function, want))
				continue;
		} else if (!stk_starts_with(name.function, want) ||
			   stk_read(s, ret - sizeof(before), before, sizeof(before)) ||
			   memcmp(before, pushed[i].before, sizeof(before))) {
			continue;
		}
		*why = pushed[i].why;
		return true;
	}
	return false;
}

/* Without a call there: may one have been there when it was called? */
static bool was_patched(struct stk *s, uint64_t ret, uint64_t callee, const char **why)
{
	unsigned char b[5];
	struct stk_name name;

	*why = "the call before it is patched at run time";
	if (x86_static_site(s, false, ret - 5, ret - 4))
		return true;
	stk_symbolize(s, callee, false, &name);
	if (!stk_read(s, ret - sizeof(b), b, sizeof(b)) &&
	    x86_match(X86_P_NOP5, b, sizeof(b)) &&
	    (stk_code_at(s, callee) || stk_code_at(s, ret) ||
	     stk_starts_with(name.function, "ftrace_")))
		return true;
	return false;
}

/* A direct call at @ret leads to @target. */
static enum stk_call judge_direct(struct stk *s, uint64_t ret, uint64_t target,
				  uint64_t callee, const char **why)
{
	struct stk_function function, next;
	enum x86_reach reach;

	if (!stk_function_at(s, callee, &function)) {
		*why = "nothing names the called code";
		return STK_CALL_CANNOT_TELL;
	}
	reach = x86_reach(s, target, &function, why);
	/* Interrupted in the padding before a function, where it counts its calls. */
	if (reach != X86_REACH_YES && x86_function_at(s, callee, &next) &&
	    next.begin != function.begin)
		reach = x86_reach(s, target, &next, why);
	switch (reach) {
	case X86_REACH_YES:
		*why = NULL;
		return STK_CALL_REACHES;
	case X86_REACH_MAYBE:
		return STK_CALL_CANNOT_TELL;
	default:
		break;
	}
	if (x86_static_site(s, false, ret - 5, ret - 4)) {
		*why = "the call before it is patched at run time";
		return STK_CALL_CANNOT_TELL;
	}
	return reach == X86_REACH_NO ? STK_CALL_ELSEWHERE : STK_CALL_UNFOLLOWED;
}

/* kprobes, or whoever patches code, put a breakpoint on the call? */
static bool judge_breakpoint(struct stk *s, uint64_t ret, uint64_t callee,
			     enum stk_call *call, const char **why)
{
	uint64_t target;

	if (!x86_breakpoint_before(s, ret, &target))
		return false;
	*call = STK_CALL_CANNOT_TELL;
	if (target)
		*call = judge_direct(s, ret, target, callee, why);
	*why = *call == STK_CALL_REACHES ? NULL : "a breakpoint is on the call before it";
	/* Any byte may be that of a breakpoint: what does not fit is none. */
	return *call != STK_CALL_ELSEWHERE;
}

static enum stk_call judge_site(struct stk *s, uint64_t ret, uint64_t callee,
				const char **why)
{
	enum stk_call call;
	enum stk_status st;
	unsigned char byte;
	uint64_t target;

	if (x86_call_before(s, ret, &target)) {
		if (target)
			return judge_direct(s, ret, target, callee, why);
		*why = "the call before it is indirect";
		return STK_CALL_CANNOT_TELL;
	}
	st = stk_read(s, ret - 1, &byte, 1);
	if (st == STK_ERR_UNMAPPED) {
		*why = "no code is mapped before it";
		return STK_CALL_NONE;
	}
	if (st) {
		*why = "the code before it cannot be read";
		return STK_CALL_UNREADABLE;
	}
	if (was_patched(s, ret, callee, why))
		return STK_CALL_CANNOT_TELL;
	if (judge_breakpoint(s, ret, callee, &call, why))
		return call;
	*why = "no call ends before it";
	return STK_CALL_NONE;
}

enum stk_call x86_call_evidence(struct stk *s, uint64_t ret, uint64_t callee, bool exact,
				const char **why)
{
	enum stk_call call;
	bool excused;

	*why = NULL;
	/* makedumpfile leaves out what is free. */
	excused = stk_lost_excuse(s, stk_init_text_freed(s, ret) ||
					     stk_init_text_freed(s, callee));
	call = judge_site(s, ret, callee - !exact, why);
	stk_lost_excuse(s, excused);
	/* A call may end where another function begins, at its very last byte. */
	if (call != STK_CALL_REACHES && was_pushed(s, ret, why))
		return STK_CALL_PUSHED;
	if (call != STK_CALL_REACHES && stk_init_text_freed(s, ret)) {
		*why = "the code of the kernel's start was freed";
		return STK_CALL_FREED;
	}
	return call;
}
