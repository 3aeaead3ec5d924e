/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules that are wrong, in kernels that were released. One row for each: when it is the
 * case, and what the rule should have been.
 */
#include "../../kernel/layout.h"
#include "orc.h"
#include "x86_64.h"

/*
 * The format of 4.14 cannot tell a hole from an end. Where only the pt_regs of the
 * entry from user mode is left on a task's stack, it is the end.
 */
static bool hole_at_start(struct stk *s, const struct stk_cursor *c,
			  const struct orc_rule *rule, uint64_t base)
{
	return rule->type == ORC_HOLE && !orc_tells_end(s) &&
	       c->stack.kind == X86_STACK(TASK) &&
	       c->regs.v[X86_SP] >= x86_task_pt_regs(s, &c->stack);
}

static void end_here(const struct stk_cursor *c, struct orc_rule *rule, uint64_t *base)
{
	rule->type = ORC_END;
}

/*
 * 4.14 lacks a hint after error_entry() on the way from user mode: its rule says "iret
 * frame at sp + 8" where the task's whole pt_regs is.
 */
static bool iret_in_pt_regs(struct stk *s, const struct stk_cursor *c,
			    const struct orc_rule *rule, uint64_t base)
{
	return rule->type == ORC_REGS_PARTIAL && c->stack.kind == X86_STACK(TASK) &&
	       base == x86_task_pt_regs(s, &c->stack) + 8;
}

static void regs_below(const struct stk_cursor *c, struct orc_rule *rule, uint64_t *base)
{
	rule->type = ORC_REGS;
	rule->sp_offset -= 8;
	*base -= 8;
}

/*
 * On the trampoline stack the hardware frame is at the top. Since 5.18 error_entry()
 * leaves the switch of stacks to its caller (commit 520a7e80c96d) and jumps to
 * sync_regs(), whose return address has the rule of the call before which there was no
 * pt_regs yet.
 */
static bool regs_on_entry_stack(struct stk *s, const struct stk_cursor *c,
				const struct orc_rule *rule, uint64_t base)
{
	return rule->type == ORC_REGS_PARTIAL && c->stack.kind == X86_STACK(ENTRY) &&
	       c->regs.v[X86_SP] + X86_PT_REGS_SIZE == c->stack.end;
}

static void regs_at_sp(const struct stk_cursor *c, struct orc_rule *rule, uint64_t *base)
{
	rule->type = ORC_REGS;
	rule->sp_reg = ORC_SP;
	rule->sp_offset = 0;
	*base = c->regs.v[X86_SP];
}

static const struct {
	bool (*applies)(struct stk *s, const struct stk_cursor *c,
			const struct orc_rule *rule, uint64_t base);
	void (*adjust)(const struct stk_cursor *c, struct orc_rule *rule, uint64_t *base);
} fixups[] = {
	{ hole_at_start, end_here },
	{ iret_in_pt_regs, regs_below },
	{ regs_on_entry_stack, regs_at_sp },
};

void orc_fix(struct stk *s, const struct stk_cursor *c, struct orc_rule *rule,
	     uint64_t *base)
{
	for (size_t i = 0; i < sizeof(fixups) / sizeof(fixups[0]); i++)
		if (fixups[i].applies(s, c, rule, *base))
			fixups[i].adjust(c, rule, base);
}
