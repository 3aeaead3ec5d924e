/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A CPU that stopped in the first instructions after a FRED event (6.9+): until all
 * registers are pushed ORC says "end of stack" (FRED_ENTER in
 * arch/x86/entry/entry_64_fred.S), and yet the hardware's words tell who was
 * interrupted. An NMI may come in there.
 */
#include <string.h>

#include "../../base/bytes.h"
#include "exception.h"

/* Can an event have begun to push at @top, given what it interrupted? */
static bool event_fits(const struct stk_cursor *c, const struct stk_regs *regs,
		       uint64_t top, bool user)
{
	const struct x86_exception *e = x86_exception(c->stack.kind);

	if (user)
		return x86_user_mode(regs) && c->stack.kind == X86_STACK(TASK) &&
		       top == c->stack.end;
	if (x86_user_mode(regs) || !x86_is_code_segment(regs->v[X86_CS]))
		return false;
	/* To another stack level: from its top on. Else below a red zone of 64 bytes. */
	return (e && e->level && top == c->stack.end) ||
	       top == X86_FRED_TOP(regs->v[X86_SP]);
}

enum stk_step_result x86_step_fred(struct stk *s, const struct stk_cursor *c,
				   struct stk_step *out)
{
	uint64_t ip = c->regs.v[X86_IP], sp = c->regs.v[X86_SP], top;
	struct stk_name name;
	bool user;

	stk_symbolize(s, ip, false, &name);
	user = stk_same_text(name.function, "asm_fred_entrypoint_user");
	if (!c->signal || name.module ||
	    (!user && !stk_same_text(name.function, "asm_fred_entrypoint_kernel")))
		return STK_STEP_NO_RULE;
	/* From none to all of the registers may be pushed. */
	top = (sp + X86_FRED_WORDS + X86_FRED_ALIGN - 1) & ~(X86_FRED_ALIGN - 1);
	for (; top <= sp + X86_FRED_PT_REGS && top <= c->stack.end;
	     top += X86_FRED_ALIGN) {
		if (x86_read_iret(s, top - X86_FRED_WORDS + X86_FRED_IP, &out->regs) ||
		    !event_fits(c, &out->regs, top, user))
			continue;
		/* They are pushed first and cleared later. */
		if (x86_has(&c->regs, X86_BP))
			x86_set(&out->regs, X86_BP, c->regs.v[X86_BP]);
		out->regs_at = top - X86_FRED_PT_REGS;
		out->how = STK_HOW_REGS;
		out->signal = true;
		out->reliable = true;
		return STK_STEP_OK;
	}
	memset(&out->regs, 0, sizeof(out->regs));
	return STK_STEP_NO_RULE;
}
