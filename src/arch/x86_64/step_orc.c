/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One step outwards by ORC; the rules are those of unwind_next_frame(). */
#include "../../kernel/layout.h"
#include "orc.h"
#include "x86_64.h"

static enum stk_step_result step_failed(struct stk_step *out, enum stk_end end,
					uint64_t at)
{
	out->end = end;
	out->bad = at;
	return STK_STEP_FAILED;
}

/* A register that only a full pt_regs can tell. */
static bool full_reg(const struct stk_cursor *c, enum x86_reg reg, uint64_t *value)
{
	const struct stk_regs *r = x86_has(&c->regs, reg) ? &c->regs : &c->full;

	*value = r->v[reg];
	return x86_has(r, reg);
}

static const struct {
	enum orc_reg orc;
	enum x86_reg reg;
} plain_reg[] = {
	{ ORC_AX, X86_AX },   { ORC_DX, X86_DX },   { ORC_DI, X86_DI },
	{ ORC_R10, X86_R10 }, { ORC_R13, X86_R13 },
};

/* The base, or CFA: what rsp was before the call, or where the pt_regs lies. */
static enum stk_step_result base_address(struct stk *s, const struct stk_cursor *c,
					 const struct orc_rule *r, uint64_t *base,
					 struct stk_step *out)
{
	uint64_t off = (uint64_t)(int64_t)r->sp_offset, at;

	switch (r->sp_reg) {
	case ORC_SP:
		*base = c->regs.v[X86_SP] + off;
		return STK_STEP_OK;
	case ORC_BP:
		if (!x86_has(&c->regs, X86_BP))
			return STK_STEP_NO_RULE;
		*base = c->regs.v[X86_BP] + off;
		return STK_STEP_OK;
	case ORC_BP_INDIRECT:
		if (!x86_has(&c->regs, X86_BP))
			return STK_STEP_NO_RULE;
		at = c->regs.v[X86_BP] + off;
		if (stk_read_u64(s, at, base))
			return step_failed(out, STK_END_UNREADABLE, at);
		return STK_STEP_OK;
	case ORC_SP_INDIRECT:
		/*
		 * Up to 5.11 the word at sp + offset is the base; since 5.12 (commit
		 * aafeb14e9da2, with the inline switch to the IRQ stack) the offset
		 * is added to the word at sp. The table's format did not change.
		 */
		at = c->regs.v[X86_SP] + (x86_inline_irq_switch(s) ? 0 : off);
		if (stk_read_u64(s, at, base))
			return step_failed(out, STK_END_UNREADABLE, at);
		if (x86_inline_irq_switch(s))
			*base += off;
		out->link_at = at;
		return STK_STEP_OK;
	default:
		break;
	}
	for (size_t i = 0; i < sizeof(plain_reg) / sizeof(plain_reg[0]); i++)
		if (plain_reg[i].orc == r->sp_reg)
			return full_reg(c, plain_reg[i].reg, base) ? STK_STEP_OK
								   : STK_STEP_NO_RULE;
	return STK_STEP_NO_RULE;
}

static void caller_bp(struct stk *s, const struct stk_cursor *c, const struct orc_rule *r,
		      uint64_t base, struct stk_regs *regs)
{
	uint64_t off = (uint64_t)(int64_t)r->bp_offset, bp;

	switch (r->bp_reg) {
	case ORC_PREV_SP:
		if (!stk_read_u64(s, base + off, &bp))
			x86_set(regs, X86_BP, bp);
		break;
	case ORC_BP:
		if (x86_has(&c->regs, X86_BP) &&
		    !stk_read_u64(s, c->regs.v[X86_BP] + off, &bp))
			x86_set(regs, X86_BP, bp);
		break;
	default:
		if (!x86_has(regs, X86_BP) && x86_has(&c->regs, X86_BP))
			x86_set(regs, X86_BP, c->regs.v[X86_BP]);
	}
}

/*
 * error_entry() and its like are called by the entry stub below a pt_regs that they
 * have just built; UNWIND_HINT_REGS offset=8 takes the pt_regs and skips the return
 * address. It tells which exception it was.
 */
static void passed_over(struct stk *s, const struct stk_cursor *c,
			const struct orc_rule *rule, uint64_t base, struct stk_step *out)
{
	uint64_t ret, target;

	if (rule->sp_reg == ORC_SP && rule->sp_offset == 8 &&
	    !stk_read_u64(s, base - 8, &ret) && stk_is_text(s, ret) &&
	    x86_is_return(s, ret, &target))
		out->passed = ret;
}

/*
 * The hardware pushes a nested NMI's frame to the stack's top, too, above the frames of
 * the first one's handler that it interrupted (entry_64.S, asm_exc_nmi).
 */
static bool nested_nmi(const struct stk_cursor *c, const struct stk_step *step,
		       uint64_t base)
{
	uint64_t sp = step->regs.v[X86_SP];

	return c->stack.kind == X86_STACK(NMI) && base == c->stack.end - 40 &&
	       stk_within(sp, c->stack.begin, base);
}

static bool find_rule(struct stk *s, const struct stk_cursor *c, struct orc_rule *rule)
{
	/* A call through a NULL pointer has pushed the return address, no more. */
	static const struct orc_rule null_call = {
		.type = ORC_CALL,
		.sp_reg = ORC_SP,
		.sp_offset = 8,
	};
	uint64_t ip = c->regs.v[X86_IP];

	if (ip)
		return !orc_find(s, ip - !c->signal, rule);
	*rule = null_call;
	return true;
}

static enum stk_step_result to_caller(struct stk *s, uint64_t base, struct stk_step *out)
{
	uint64_t ret;

	if (stk_read_u64(s, base - 8, &ret))
		return step_failed(out, STK_END_UNREADABLE, base - 8);
	x86_set(&out->regs, X86_IP, ret);
	x86_set(&out->regs, X86_SP, base);
	out->slot = base - 8;
	return STK_STEP_OK;
}

/* To what was interrupted: a whole pt_regs lies at the base, or its last five words. */
static enum stk_step_result to_interrupted(struct stk *s, const struct stk_cursor *c,
					   const struct orc_rule *rule, uint64_t base,
					   struct stk_step *out)
{
	out->full = rule->type == ORC_REGS;
	if (out->full ? x86_read_pt_regs(s, base, &out->regs)
		      : x86_read_iret(s, base, &out->regs))
		return step_failed(out, STK_END_UNREADABLE, base);
	out->regs_at = out->full ? base : base - X86_IRET_OFFSET;
	out->reliable = x86_may_save_regs(s, c->regs.v[X86_IP] - !c->signal);
	if (out->full) {
		passed_over(s, c, rule, base, out);
	} else if (nested_nmi(c, out, base)) {
		out->nested = true;
		out->note = "a second NMI came in while the first was handled";
	}
	return STK_STEP_OK;
}

/* Or at the edge of the kernel, where no pt_regs is complete. */
static enum stk_step_result at_end(struct stk *s, const struct stk_cursor *c,
				   struct stk_step *out)
{
	return x86_step_syscall(s, c, out) == STK_STEP_OK ||
			       x86_step_fred(s, c, out) == STK_STEP_OK
		       ? STK_STEP_OK
		       : STK_STEP_END;
}

enum stk_step_result x86_step_orc(struct stk *s, const struct stk_cursor *c,
				  struct stk_step *out)
{
	struct x86_called called;
	enum stk_step_result res;
	struct orc_rule rule;
	uint64_t base = 0;

	/* Its rule is about the stack before, which is no more than that known. */
	if (x86_called_frame(s, c, &called) && !called.saved)
		return x86_step_called(s, c, &called, out);
	if (!find_rule(s, c, &rule))
		return STK_STEP_NO_RULE;
	res = rule.type == ORC_HOLE || rule.type == ORC_END
		      ? STK_STEP_NO_RULE
		      : base_address(s, c, &rule, &base, out);
	orc_fix(s, c, &rule, &base);
	if (rule.type == ORC_END)
		return at_end(s, c, out);
	if (res != STK_STEP_OK)
		return res;
	out->how = STK_HOW_ORC;
	out->reliable = true;
	out->signal = rule.signal;
	res = rule.type == ORC_CALL ? to_caller(s, base, out)
				    : to_interrupted(s, c, &rule, base, out);
	/* With a whole pt_regs and no rule of its own, rbp is the one in the pt_regs. */
	if (res == STK_STEP_OK)
		caller_bp(s, c, &rule, base, &out->regs);
	return res;
}

bool x86_no_rule(struct stk *s, const struct stk_cursor *c)
{
	struct orc_rule rule;

	return x86_unwinder(s) == X86_UNWINDER_ORC &&
	       (orc_find(s, c->regs.v[X86_IP] - !c->signal, &rule) ||
		rule.type == ORC_HOLE);
}

const char *x86_why_no_rule(struct stk *s, bool no_rule)
{
	switch (x86_unwinder(s)) {
	case X86_UNWINDER_FP:
		return "has a frame pointer that leads nowhere";
	case X86_UNWINDER_NONE:
		return "has no unwind information (debuginfo would tell)";
	case X86_UNWINDER_ORC:
		break;
	}
	return no_rule ? "has no ORC rule" : "has a rule that leads nowhere";
}
