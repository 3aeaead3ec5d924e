/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A CPU or task that the log says is stuck, and whose chain in the dump is the one that
 * the log has: it still is. Of one that went on since there is no finding.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../../base/context.h"
#include "../findings.h"

static bool is_stuck(const struct stk_join *j)
{
	return stk_event_kind(j->event->kind)->rank == STK_RANK_STUCK &&
	       j->verdict == STK_JOIN_AGREES;
}

bool stk_is_still_stuck(const struct stk_triage *t, const struct stk_event *event)
{
	const struct stk_join *j = stk_join_of(t, event);

	return j && is_stuck(j);
}

/* Of the same task, for the same reason. */
static bool is_same(const struct stk_join *a, const struct stk_join *b)
{
	return a->event->kind == b->event->kind && a->stack->cpu == b->stack->cpu &&
	       a->stack->pid == b->stack->pid;
}

static enum stk_status tell(struct stk_triage *t, const struct stk_finding_info *info,
			    const struct stk_join *j, size_t nr)
{
	const struct stk_event *e = j->event;
	struct stk_finding_info row = *info;
	char names[240], who[80] = "", since[48] = "", times[48] = "";
	struct stk_signature sig;
	struct stk_finding *f;

	if (t->died && e == t->event)
		row.severity = STK_SEVERITY_FATAL;
	if (j->stack->cpu >= 0 && e->kind != STK_EVENT_HUNG_TASK)
		snprintf(who, sizeof(who), "CPU %" PRId64, j->stack->cpu);
	else
		snprintf(who, sizeof(who), "PID %" PRId64 " \"%.48s\"", j->stack->pid,
			 j->stack->comm ? j->stack->comm : "");
	if (e->seconds > 0)
		snprintf(since, sizeof(since), ", %" PRId64 " s by then", e->seconds);
	if (nr > 1)
		snprintf(times, sizeof(times), ", told %zu times", nr);
	stk_event_signature(e, &sig);
	f = stk_finding_add(t, &row, "%s is still in %s: %s (line %zu of the log%s%s)",
			    who, stk_finding_names(&sig, names, sizeof(names)),
			    stk_event_kind(e->kind)->title, e->first_line, since, times);
	if (!f)
		return STK_ERR_NOMEM;
	f->cpu = (int)j->stack->cpu;
	f->pid = j->stack->pid;
	return STK_OK;
}

static enum stk_status look(struct stk *s, struct stk_triage *t,
			    const struct stk_finding_info *info)
{
	enum stk_status st = STK_OK;

	for (size_t i = 0; i < t->nr_joins && !st; i++) {
		const struct stk_join *j = &t->join[i];
		size_t nr = 0;
		bool again = false;

		if (!is_stuck(j))
			continue;
		for (size_t k = 0; k < t->nr_joins; k++) {
			const struct stk_join *other = &t->join[k];

			if (!is_stuck(other) || !is_same(j, other))
				continue;
			nr++;
			again |= k > i;
		}
		if (!again)
			st = tell(t, info, j, nr);
	}
	return st;
}

const struct stk_finding_info stk_finding_stuck = {
	.id = "stuck",
	.severity = STK_SEVERITY_SUSPICIOUS,
	.look = look,
};
