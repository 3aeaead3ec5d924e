/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A step out of code for which there is no rule, by the shape of the code itself.
 *
 * __crash_kexec(), where a panicking CPU's saved registers point to in every kdump,
 * has no ORC in any kernel (STACK_FRAME_NON_STANDARD). Its return address still has
 * a property that hardly any other word on the stack has: the instruction before it
 * is a call to the very function that we are in.
 */
#include <stackinfo/kernel.h>

#include "prologue.h"
#include "x86_64.h"

#define MAX_PROLOGUE 64u

static unsigned int rbp_push(struct stk *s, uint64_t start, uint64_t ip)
{
	unsigned char code[MAX_PROLOGUE];
	size_t len = ip - start < sizeof(code) ? ip - start : sizeof(code);

	return stk_read(s, start, code, len) ? 0 : x86_rbp_push(code, len);
}

static enum stk_step_result step_to(struct stk *s, const struct stk_cursor *c,
				    uint64_t slot, uint64_t ret, unsigned int push,
				    struct stk_step *out)
{
	uint64_t bp;

	x86_set(&out->regs, X86_IP, ret);
	x86_set(&out->regs, X86_SP, slot + 8);
	if (push && !stk_read_u64(s, slot - 8ull * push, &bp))
		x86_set(&out->regs, X86_BP, bp);
	else if (!push && x86_has(&c->regs, X86_BP))
		x86_set(&out->regs, X86_BP, c->regs.v[X86_BP]);
	out->how = STK_HOW_SCAN;
	out->slot = slot;
	return STK_STEP_OK;
}

enum stk_step_result x86_step_callsite(struct stk *s, const struct stk_cursor *c,
				       struct stk_step *out)
{
	uint64_t ip = c->regs.v[X86_IP], sp = c->regs.v[X86_SP], end = c->stack.end;
	uint64_t start, ret, target;
	struct stk_name name;

	if (!c->stack.kind)
		return STK_STEP_NO_RULE;
	/* A jump into nowhere by a call: what it pushed is on top. */
	if (c->signal && !stk_is_text(s, ip)) {
		if (stk_read_u64(s, sp, &ret) || !stk_is_text(s, ret) ||
		    !x86_is_return(s, ret, &target))
			return STK_STEP_NO_RULE;
		out->reliable = x86_called_there(s, &c->regs, ret);
		out->note = "called a bad address";
		return step_to(s, c, sp, ret, 0, out);
	}
	stk_symbolize(s, ip, !c->signal, &name);
	if (!name.function)
		return STK_STEP_NO_RULE;
	start = ip - name.offset;
	for (uint64_t slot = sp; slot + 8 <= end; slot += 8) {
		if (stk_read_u64(s, slot, &ret))
			return STK_STEP_NO_RULE;
		if (!stk_is_text(s, ret) || !x86_is_return(s, ret, &target) ||
		    !x86_enters(s, target, start))
			continue;
		/*
		 * A stale copy from an earlier call would lie below the live one, in
		 * this function's own frame: possible, so the frame says how it was
		 * found. It is as good as a rule when the function is entered once;
		 * but where a rule exists and led nowhere, something is damaged.
		 */
		out->reliable = x86_no_rule(s, c);
		out->note = stk_arena_printf(
			c->arena, "%s %s: this return address follows a call to it",
			name.function, x86_why_no_rule(s, out->reliable));
		return step_to(s, c, slot, ret, rbp_push(s, start, ip), out);
	}
	return STK_STEP_NO_RULE;
}
