/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stack pointer, or the address of a fault, in the guard page below a stack. */
#include <inttypes.h>

#include "../../base/context.h"
#include "../findings.h"

static struct stk_finding *add(struct stk_triage *t, const struct stk_finding_info *info,
			       const struct stk_triage_cpu *c,
			       const struct stk_segment *seg)
{
	const struct stk_stack *over = &seg->over;
	char who[120] = "", place[256];
	struct stk_finding *f;

	if (stk_stack_is_task(over) && c->chain->start.has_task &&
	    c->chain->start.task.addr == over->task)
		stk_finding_task(&c->chain->start.task, who, sizeof(who));
	f = stk_finding_add(
		t, info,
		"CPU %u overflowed the %s stack%s%s: its stack pointer is %" PRIu64
		" bytes below the base 0x%" PRIx64 ", in the guard page, in %s",
		c->cpu, stk_stack_kind_name(over->kind), *who ? " of " : "", who,
		seg->over_by, over->begin,
		stk_finding_place(&seg->frames[0].name, place, sizeof(place)));
	if (!f)
		return NULL;
	f->cpu = (int)c->cpu;
	f->pid = c->trace->pid;
	f->has_address = true;
	f->address = over->begin - seg->over_by;
	f->function = seg->frames[0].name.function;
	f->module = seg->frames[0].name.module;
	return f;
}

static enum stk_status look(struct stk *s, struct stk_triage *t,
			    const struct stk_finding_info *info)
{
	for (size_t i = 0; i < t->nr_cpus; i++) {
		const struct stk_triage_cpu *c = &t->cpu[i];
		const struct stk_segment *seg = c->chain ? c->chain->segments : NULL;

		for (; seg; seg = seg->next)
			if (seg->over.kind && seg->nr_frames && !add(t, info, c, seg))
				return STK_ERR_NOMEM;
	}
	return STK_OK;
}

const struct stk_finding_info stk_finding_guard_hit = {
	.id = "stack-guard-hit",
	.severity = STK_SEVERITY_FATAL,
	.look = look,
};
