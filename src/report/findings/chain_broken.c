/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The chain of a CPU is not certain: what is on its stack is not what must be there. */
#include <inttypes.h>

#include "../../base/context.h"
#include "../findings.h"

static enum stk_status look(struct stk *s, struct stk_triage *t,
			    const struct stk_finding_info *info)
{
	for (size_t i = 0; i < t->nr_cpus; i++) {
		const struct stk_triage_cpu *c = &t->cpu[i];
		struct stk_finding_info row = *info;
		struct stk_finding *f;

		if (!c->chain || c->chain->confidence == STK_CERTAIN)
			continue;
		if (c->chain->confidence == STK_BROKEN)
			row.severity = STK_SEVERITY_DAMAGE;
		f = stk_finding_add(t, &row, "the chain of CPU %u is %s: %s", c->cpu,
				    stk_confidence_name(c->chain->confidence),
				    c->chain->confidence_why ? c->chain->confidence_why
							     : c->chain->end_text);
		if (!f)
			return STK_ERR_NOMEM;
		f->cpu = (int)c->cpu;
		f->pid = c->trace->pid;
	}
	return STK_OK;
}

const struct stk_finding_info stk_finding_chain_broken = {
	.id = "chain-in-doubt",
	.severity = STK_SEVERITY_SUSPICIOUS,
	.look = look,
};
