/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Can the function that was called be the one that the newer frame is in? It may have
 * gone on to others by jumps, as a call at a function's end becomes one.
 */
#include "callsite.h"

#include "../kernel/layout.h"
#include "../machine/lost.h"
#include "init_text.h"

/* Return addresses that no call made. */
static const struct {
	const char *function; /* that begins there */
	const char *why;
} made[] = {
	/* copy_thread() */
	{ "ret_from_fork", "a new task begins there" },
	{ "ret_from_fork_kernel_asm", "a new task begins there" },
	{ "ret_from_fork_user_asm", "a new task begins there" },
	/* Of the trampolines that tracers put in its place. */
	{ "kretprobe_trampoline", "a kretprobe put it there" },
	{ "__kretprobe_trampoline", "a kretprobe put it there" },
	{ "arch_rethook_trampoline", "a kretprobe put it there" },
	{ "return_to_handler", "the function graph tracer put it there" },
};

static bool was_made(struct stk *s, uint64_t ret, const char **why)
{
	uint64_t at;

	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		if (!stk_find_symbol(s, made[i].function, &at) || at != ret)
			continue;
		*why = made[i].why;
		return true;
	}
	return false;
}

static enum stk_call judge_site(struct stk *s, const struct stk_insn_set *set,
				uint64_t ret, uint64_t callee, const char **why)
{
	enum stk_status st = STK_OK;
	unsigned char byte[4];
	uint64_t target;

	if (!(ret % set->align))
		st = stk_read(s, ret - set->align, byte, set->align);
	if (st == STK_ERR_UNMAPPED) {
		*why = "no code is mapped before it";
		return STK_CALL_NONE;
	}
	if (st) {
		*why = "the code before it cannot be read";
		return STK_CALL_UNREADABLE;
	}
	if (set->call_before(s, ret, &target)) {
		*why = "the call before it is indirect";
		if (!target)
			return STK_CALL_CANNOT_TELL;
		*why = NULL;
		return stk_call_leads_to(s, set, target, callee, why);
	}
	switch (set->breakpoint_before(s, ret)) {
	case 1:
		*why = "a breakpoint is on the call before it";
		return STK_CALL_CANNOT_TELL;
	case -1:
		*why = "the kprobes that may have put a breakpoint there cannot be read";
		return STK_CALL_UNREADABLE;
	default:
		break;
	}
	*why = "no call ends before it";
	return STK_CALL_NONE;
}

enum stk_call stk_weigh_call(struct stk *s, const struct stk_insn_set *set, uint64_t ret,
			     uint64_t callee, bool exact, const char **why)
{
	const bool freed = stk_init_text_freed(s, ret);
	enum stk_call call;
	bool excused;

	*why = NULL;
	/* makedumpfile leaves out what is free. */
	excused = stk_lost_excuse(s, freed || stk_init_text_freed(s, callee));
	call = judge_site(s, set, ret, callee - !exact, why);
	stk_lost_excuse(s, excused);
	if (call != STK_CALL_REACHES && was_made(s, ret, why))
		return STK_CALL_PUSHED;
	if (freed && call != STK_CALL_REACHES) {
		*why = "the code of the kernel's start was freed";
		return STK_CALL_FREED;
	}
	if (call == STK_CALL_CANNOT_TELL && !set->in_entry_code(s, ret - 1) &&
	    set->only_entry_calls(s, callee - !exact)) {
		*why = "only entry code calls that function";
		return STK_CALL_ELSEWHERE;
	}
	return call;
}

bool stk_nothing_calls(struct stk *s, const struct stk_insn_set *set,
		       const struct stk_cursor *c, const struct stk_code_frame *f,
		       struct stk_step *out)
{
	if (!f->known || f->has_record ||
	    set->in_entry_code(s, c->regs.v[s->arch->ip] - 1))
		return false;
	out->reliable = false;
	out->misfit = true;
	out->note = "nothing calls the code that threads and CPUs begin with";
	return true;
}

const char *stk_note_unknown(struct stk *s, const struct stk_cursor *c, uint64_t ret,
			     const char *reg)
{
	struct stk_name callee = { 0 };
	uint64_t target;

	/* Of a call by a register there is no target: nothing has a name there. */
	if (s->arch->call_before(s, ret, &target))
		stk_symbolize(s, target, false, &callee);
	return stk_arena_printf(
		c->arena,
		"the function that was interrupted is not known (%s is in "
		"no note): it is this one, or %s",
		reg, callee.function ? callee.function : "one that this called");
}
