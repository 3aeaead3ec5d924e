/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions that only entry code calls, and directly: what stands before a return
 * address from one of them is such a call, or it is no return address of it.
 */
#include <stdio.h>
#include <string.h>

#include "../../base/bytes.h"
#include "../../kernel/layout.h"
#include "../../kernel/names.h"
#include "reach.h"
#include "x86_64.h"

/*
 * Since 5.8 DECLARE_IDTENTRY() makes a stub asm_NAME() for each handler NAME()
 * (asm/idtentry.h, commit 0dc6cdc21b06), and nothing else calls the handler; but for
 * FRED, whose dispatcher in C calls handlers by pointer (entry_fred.c, 6.9).
 */
static bool has_stub(struct stk *s, const char *function)
{
	char name[128];

	if (snprintf(name, sizeof(name), "asm_%s", function) >= (int)sizeof(name))
		return false;
	return stk_is_function(s, name);
}

static bool only_entry_code_calls(struct stk *s, uint64_t callee)
{
	static const char *const of_system_calls[] = {
		"do_syscall_64",
		"do_int80_syscall_32",
		"do_fast_syscall_32",
		"do_SYSENTER_32",
	};
	struct stk_name name;

	stk_symbolize(s, callee, false, &name);
	if (!name.function || name.module)
		return false;
	for (size_t i = 0; i < sizeof(of_system_calls) / sizeof(of_system_calls[0]); i++)
		if (!strcmp(name.function, of_system_calls[i]))
			return true;
	return has_stub(s, name.function);
}

static bool dispatches(struct stk *s, uint64_t ret)
{
	struct stk_name name;

	stk_symbolize(s, ret, true, &name);
	return stk_starts_with(name.function, "fred_") ||
	       (name.function && strstr(name.function, "_fred_"));
}

/* What head_64.S jumps to: initial_code. That of the boot CPU was freed since. */
static bool starts_cpu(struct stk *s, uint64_t callee)
{
	struct stk_name name;

	if (stk_between_symbols(s, "_sinittext", "_einittext", callee))
		return true;
	stk_symbolize(s, callee, false, &name);
	/* start_secondary() ends in a jump to it. */
	return stk_same_text(name.function, "cpu_startup_entry") ||
	       stk_same_text(name.function, "start_secondary") ||
	       stk_starts_with(name.function, "x86_64_start_");
}

/* Only a jump or a call by pointer leads to what is no code. */
static bool leads_to_code(struct stk *s, uint64_t ret, uint64_t callee, const char **why)
{
	const struct stk_function nowhere = { .name = "",
					      .begin = callee,
					      .end = callee + 1 };
	uint64_t target;

	return x86_call_before(s, ret, &target) && target &&
	       x86_reach(s, target, &nowhere, why) == X86_REACH_NO;
}

enum stk_call x86_weigh_call(struct stk *s, uint64_t ret, uint64_t callee, bool exact,
			     const char **why)
{
	enum stk_call call = x86_call_evidence(s, ret, callee, exact, why);
	struct stk_name name;

	if (call == STK_CALL_PUSHED) {
		/* Where a new task begins no function returns to. */
		stk_symbolize(s, ret, false, &name);
		*why = name.offset ? "only the code that starts a CPU lies there"
				   : "no function returns to where a task begins";
		if (!name.offset)
			return STK_CALL_NONE;
		return starts_cpu(s, callee - !exact) ? call : STK_CALL_ELSEWHERE;
	}
	/* That is what the verdict says by itself. */
	if (call == STK_CALL_NONE || call == STK_CALL_ELSEWHERE)
		*why = NULL;
	if (call != STK_CALL_CANNOT_TELL)
		return call;
	if (!stk_is_text(s, callee - !exact) &&
	    leads_to_code(s, ret, callee - !exact, why)) {
		*why = "a direct call does not lead to what is no code";
		return STK_CALL_ELSEWHERE;
	}
	if (only_entry_code_calls(s, callee - !exact) && !dispatches(s, ret)) {
		*why = "only entry code calls that function";
		return STK_CALL_ELSEWHERE;
	}
	return call;
}
