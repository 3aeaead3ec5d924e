/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CPU's own mark of its IRQ stack, beside where its chain is. The mark is set before
 * the stack is switched, and taken back after: who is on the stack has set it. Interrupts
 * are off all the while, so whoever could be interrupted elsewhere has it taken back.
 */
#include "../../arch/arch.h"
#include "../../base/context.h"
#include "../findings.h"

/* The segment on a stack for interrupts; NULL: there is none. */
static const struct stk_segment *on_irq_stack(const struct stk_chain *chain)
{
	const struct stk_segment *seg = chain->segments;

	while (seg && !stk_kind_is(seg->stack.kind, STK_KIND_INTERRUPT) &&
	       !stk_kind_is(seg->over.kind, STK_KIND_INTERRUPT))
		seg = seg->next;
	return seg;
}

static const char *odd_mark(struct stk *s, const struct stk_triage_cpu *c)
{
	const struct stk_start *start = &c->chain->start;
	const int mark = stk_irq_stack_in_use(s, c->cpu);
	const bool there = on_irq_stack(c->chain) != NULL;

	if (there && !mark)
		return "the chain of CPU %u is on its IRQ stack, but the CPU's mark says "
		       "that this is not in use: the next interrupt would overwrite it";
	if (!there && mark == 1 && !start->partial &&
	    s->arch->interruptible(&start->regs) == 1)
		return "CPU %u marks its IRQ stack as in use, but its chain is not on it, "
		       "and interrupts were enabled";
	return NULL;
}

static enum stk_status look(struct stk *s, struct stk_triage *t,
			    const struct stk_finding_info *info,
			    const struct stk_triage_cpu *c)
{
	struct stk_finding *f;
	const char *odd;

	if (!c->chain || c->chain->confidence != STK_CERTAIN)
		return STK_OK;
	odd = odd_mark(s, c);
	if (!odd)
		return STK_OK;
	f = stk_finding_add(t, info, odd, c->cpu);
	if (!f)
		return STK_ERR_NOMEM;
	stk_finding_of(f, c, NULL);
	return STK_OK;
}

const struct stk_finding_info stk_finding_irq_mark = {
	.id = "irq-stack-mark",
	.severity = STK_SEVERITY_DAMAGE,
	.look_cpu = look,
};
