/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the call before a return address says: can the function that was called be the
 * one that the newer frame is in? It may have gone on to others by jumps, as a call at
 * a function's end becomes one.
 */
#include "insn.h"

#include <string.h>

#include "../../kernel/layout.h"
#include "../../kernel/names.h"
#include "../../machine/lost.h"
#include "../init_text.h"

#define MAX_FUNCTIONS 16u   /* that are gone through */
#define MAX_CODE      4096u /* instructions of each */
#define PIECE	      64u   /* that are read at a time */

#define KPROBE_BREAK 0xd4200080u /* BRK with KPROBES_BRK_IMM, asm/brk-imm.h */

/* Return addresses that no call pushed. */
static const struct {
	const char *function; /* that begins there */
	const char *why;
} pushed[] = {
	/* copy_thread() */
	{ "ret_from_fork", "a new task begins there" },
	/* Of the trampolines that tracers put in its place. */
	{ "kretprobe_trampoline", "a kretprobe put it there" },
	{ "__kretprobe_trampoline", "a kretprobe put it there" },
	{ "arch_rethook_trampoline", "a kretprobe put it there" },
	{ "return_to_handler", "the function graph tracer put it there" },
};

static bool was_pushed(struct stk *s, uint64_t ret, const char **why)
{
	uint64_t at;

	for (size_t i = 0; i < sizeof(pushed) / sizeof(pushed[0]); i++) {
		if (!stk_find_symbol(s, pushed[i].function, &at) || at != ret)
			continue;
		*why = pushed[i].why;
		return true;
	}
	return false;
}

/* A search from function to function. */
struct search {
	struct stk *s;
	const struct stk_function *wanted;
	struct stk_function known[MAX_FUNCTIONS];
	size_t nr;
	bool unsure; /* it went by a register somewhere, or too far */
	bool found;
};

static void enter(struct search *q, uint64_t target)
{
	struct stk_function f;

	if (target == q->wanted->begin) {
		q->found = true;
		return;
	}
	for (size_t i = 0; i < q->nr; i++)
		if (target == q->known[i].begin)
			return;
	if (q->nr == MAX_FUNCTIONS || !stk_function_at(q->s, target, &f)) {
		q->unsure = true;
		return;
	}
	/* Assembly is entered elsewhere, too; a label may be in the middle of code. */
	if (f.begin == q->wanted->begin ||
	    (q->wanted->begin > f.begin && q->wanted->begin < f.end)) {
		q->found = true;
		return;
	}
	f.begin = target;
	q->known[q->nr++] = f;
}

/* ADRP and ADD of x16, then BR x16: a linker's or a module's veneer to far code. */
static bool is_veneer(struct stk *s, uint64_t at, uint64_t *target)
{
	uint32_t adrp, add, br;
	int64_t page;

	if (!arm64_read_insn(s, at, &adrp) || !arm64_read_insn(s, at + 4, &add) ||
	    !arm64_read_insn(s, at + 8, &br) || (adrp & 0x9f00001f) != 0x90000010 ||
	    (add & 0xffc003ff) != 0x91000210 || br != 0xd61f0200)
		return false;
	page = (int64_t)((uint64_t)(adrp >> 5 & 0x7ffff) << 45) >> 43;
	page |= adrp >> 29 & 3;
	*target = (at & ~0xfffull) + ((uint64_t)page << 12) + (add >> 10 & 0xfff);
	return true;
}

/* Where the code of a function jumps out of it. */
static void follow(struct search *q, const struct stk_function *f)
{
	uint32_t insn[PIECE];
	enum arm64_flow flow = ARM64_NEXT;
	uint64_t target, veneer;
	size_t nr = (f->end - f->begin) / 4;

	q->unsure |= nr > MAX_CODE;
	for (size_t i = 0; i < nr && i < MAX_CODE && !q->found; i++) {
		uint64_t at = f->begin + 4 * i;

		if (i % PIECE == 0 &&
		    stk_read(q->s, at, insn, 4 * (nr - i < PIECE ? nr - i : PIECE))) {
			q->unsure = true;
			return;
		}
		if (is_veneer(q->s, at, &veneer))
			enter(q, veneer);
		flow = arm64_flow(insn[i % PIECE], at, &target);
		switch (flow) {
		case ARM64_JUMP:
		case ARM64_JUMP_IF:
			if (target < f->begin || target >= f->end)
				enter(q, target);
			break;
		case ARM64_JUMP_REG:
			q->unsure = true;
			break;
		default:
			break;
		}
	}
	/* A label in the middle of it. */
	if (flow == ARM64_NEXT || flow == ARM64_JUMP_IF)
		enter(q, f->end);
}

static enum stk_call judge_direct(struct stk *s, uint64_t target, uint64_t callee,
				  const char **why)
{
	struct stk_function function;
	struct search q = { .s = s, .wanted = &function };
	uint64_t veneer;

	if (!stk_function_at(s, callee, &function)) {
		*why = "nothing names the called code";
		return STK_CALL_CANNOT_TELL;
	}
	if (is_veneer(s, target, &veneer))
		target = veneer;
	enter(&q, target);
	for (size_t i = 0; i < q.nr && !q.found; i++)
		follow(&q, &q.known[i]);
	if (q.found)
		return STK_CALL_REACHES;
	if (!q.unsure)
		return STK_CALL_ELSEWHERE;
	*why = "the called code may jump there by a register";
	return STK_CALL_CANNOT_TELL;
}

static enum stk_call judge_site(struct stk *s, uint64_t ret, uint64_t callee,
				const char **why)
{
	uint64_t target;
	uint32_t insn;

	if (ret & 3 || !arm64_read_insn(s, ret - 4, &insn)) {
		*why = "the code before it cannot be read";
		return ret & 3 ? STK_CALL_NONE : STK_CALL_UNREADABLE;
	}
	switch (arm64_flow(insn, ret - 4, &target)) {
	case ARM64_CALL:
		return judge_direct(s, target, callee, why);
	case ARM64_CALL_REG:
		*why = "the call before it is indirect";
		return STK_CALL_CANNOT_TELL;
	default:
		break;
	}
	if (insn == KPROBE_BREAK) {
		*why = "a breakpoint is on the call before it";
		return STK_CALL_CANNOT_TELL;
	}
	*why = "no call ends before it";
	return STK_CALL_NONE;
}

enum stk_call arm64_call_evidence(struct stk *s, uint64_t ret, uint64_t callee,
				  bool exact, const char **why)
{
	enum stk_call call;

	*why = NULL;
	/* makedumpfile leaves out what is free. */
	stk_lost_excuse(s, stk_init_text_freed(s, ret) || stk_init_text_freed(s, callee));
	call = judge_site(s, ret, callee - !exact, why);
	stk_lost_excuse(s, false);
	if (call != STK_CALL_REACHES && was_pushed(s, ret, why))
		return STK_CALL_PUSHED;
	if ((call == STK_CALL_NONE || call == STK_CALL_ELSEWHERE ||
	     call == STK_CALL_UNREADABLE) &&
	    stk_init_text_freed(s, ret)) {
		*why = "the code of the kernel's start was freed";
		return STK_CALL_FREED;
	}
	return call;
}
