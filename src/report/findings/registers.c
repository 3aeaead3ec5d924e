/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPUs that did not stop, or whose registers are those of somebody else. */
#include "../../base/context.h"
#include "../findings.h"

static enum stk_status look_missing(struct stk *s, struct stk_triage *t,
				    const struct stk_finding_info *info,
				    const struct stk_triage_cpu *c)
{
	struct stk_finding *f;

	if (c->chain)
		return STK_OK;
	f = stk_finding_add(t, info,
			    "CPU %u has no registers, so what it did is not known: %s",
			    c->cpu, c->why);
	if (!f)
		return STK_ERR_NOMEM;
	f->cpu = (int)c->cpu;
	return STK_OK;
}

const struct stk_finding_info stk_finding_no_registers = {
	.id = "cpu-without-registers",
	.severity = STK_SEVERITY_SUSPICIOUS,
	.look_cpu = look_missing,
};

static enum stk_status look_foreign(struct stk *s, struct stk_triage *t,
				    const struct stk_finding_info *info,
				    const struct stk_triage_cpu *c)
{
	struct stk_finding *f;

	if (!c->chain || !c->chain->start.foreign)
		return STK_OK;
	f = stk_finding_add(t, info, "CPU %u: %s", c->cpu, c->chain->start.foreign);
	if (!f)
		return STK_ERR_NOMEM;
	f->cpu = (int)c->cpu;
	return STK_OK;
}

const struct stk_finding_info stk_finding_foreign_registers = {
	.id = "registers-of-another-kernel",
	.severity = STK_SEVERITY_NOTICE,
	.look_cpu = look_foreign,
};
