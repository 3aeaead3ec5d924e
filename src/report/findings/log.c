/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the log says beside what the machine died of. */
#include <string.h>

#include "../../base/context.h"
#include "../findings.h"

/* The log's trace and the stack are not of one mind. */
static enum stk_status look_differs(struct stk *s, struct stk_triage *t,
				    const struct stk_finding_info *info)
{
	for (size_t i = 0; i < t->nr_joins; i++) {
		const struct stk_join *j = &t->join[i];
		struct stk_finding *f;

		if (j->verdict != STK_JOIN_DIFFERS)
			continue;
		f = stk_finding_add(
			t, info,
			"%zu of %zu frames that the log has from line %zu on are not "
			"on the stack, the first is %.128s",
			j->nr_log - j->nr_same, j->nr_log, j->event->first_line,
			j->missing->function);
		if (!f)
			return STK_ERR_NOMEM;
		f->cpu = (int)j->stack->cpu;
		f->pid = j->stack->pid;
		f->function = j->missing->function;
		f->module = j->missing->module;
	}
	return STK_OK;
}

const struct stk_finding_info stk_finding_log_differs = {
	.id = "log-differs-from-stack",
	.severity = STK_SEVERITY_SUSPICIOUS,
	.look = look_differs,
};

/* The same crash has two names: one of them is not that of the crash. */
static enum stk_status look_signatures(struct stk *s, struct stk_triage *t,
				       const struct stk_finding_info *info)
{
	const struct stk_join *j = t->event ? stk_join_of(t, t->event) : NULL;

	/* What either does not know the names of, it cannot have in its signature. */
	if (!t->stack_signature.kind || !*t->signature.culprit ||
	    (j && (j->nr_replaced || j->nr_nameless)) ||
	    !strcmp(t->signature.hash, t->stack_signature.hash))
		return STK_OK;
	return stk_finding_add(
		       t, info,
		       "by the log it is %s, by the stack %s %s: one of them is damaged",
		       t->signature.hash, t->stack_signature.hash,
		       t->stack_signature.title)
		       ? STK_OK
		       : STK_ERR_NOMEM;
}

const struct stk_finding_info stk_finding_two_signatures = {
	.id = "two-signatures",
	.severity = STK_SEVERITY_SUSPICIOUS,
	.look = look_signatures,
};

/* Memory was damaged, or code had died, before the end came: that may be the cause. */
static enum stk_status look_earlier(struct stk *s, struct stk_triage *t,
				    const struct stk_finding_info *info)
{
	for (size_t i = 0; i < t->events.nr && t->died; i++) {
		const struct stk_event *e = t->events.event[i];
		struct stk_signature sig;
		struct stk_finding *f;

		if (e == t->event || e->panicked ||
		    stk_event_kind(e->kind)->rank < STK_RANK_STUCK ||
		    stk_is_still_stuck(t, e) ||
		    (!t->from_stacks && e->first_line > t->event->first_line))
			continue;
		stk_event_signature(e, &sig);
		f = stk_finding_add(t, info, "before it came: %s (line %zu of the log)",
				    sig.title, e->first_line);
		if (!f)
			return STK_ERR_NOMEM;
		f->cpu = (int)e->cpu;
		f->pid = e->pid;
	}
	return STK_OK;
}

const struct stk_finding_info stk_finding_earlier_event = {
	.id = "earlier-event",
	.severity = STK_SEVERITY_SUSPICIOUS,
	.look = look_earlier,
};
