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

bool stk_is_told_stuck(const struct stk_triage *t, int64_t pid)
{
	for (size_t i = 0; i < t->nr_joins; i++)
		if (is_stuck(&t->join[i]) && t->join[i].stack->pid == pid)
			return true;
	return false;
}

/* Of the same task, for the same reason. */
static bool is_same(const struct stk_join *a, const struct stk_join *b)
{
	return a->event->kind == b->event->kind && a->stack->cpu == b->stack->cpu &&
	       a->stack->pid == b->stack->pid;
}

/* Tasks that hang in the same. */
static bool is_alike(const struct stk_join *a, const struct stk_join *b)
{
	return a->event->kind == STK_EVENT_HUNG_TASK &&
	       b->event->kind == a->event->kind && !strcmp(a->hash, b->hash);
}

/* Does the log tell of it once more? */
static bool is_told_again(const struct stk_triage *t, size_t nth)
{
	for (size_t i = nth + 1; i < t->nr_joins; i++)
		if (is_stuck(&t->join[i]) && is_same(&t->join[i], &t->join[nth]))
			return true;
	return false;
}

/* What the log tells of @j, and of those that are like it. */
struct told {
	size_t times; /* of the same task */
	size_t more;  /* tasks beside it */
	bool killed;  /* the machine died of one of them */
};

/* False: it is told with one before it. */
static bool count_told(const struct stk_triage *t, size_t nth, struct told *told)
{
	const struct stk_join *j = &t->join[nth];

	*told = (struct told){ 0 };
	for (size_t i = 0; i < t->nr_joins; i++) {
		const struct stk_join *other = &t->join[i];
		const bool same = is_stuck(other) && is_same(j, other);

		if (!same && (!is_stuck(other) || !is_alike(j, other)))
			continue;
		told->times += same;
		told->killed |= t->died && other->event == t->event;
		if (same || is_told_again(t, i))
			continue;
		if (i < nth)
			return false;
		told->more++;
	}
	return true;
}

static enum stk_status tell(struct stk_triage *t, const struct stk_finding_info *info,
			    const struct stk_join *j, const struct told *told)
{
	const struct stk_event *e = j->event;
	struct stk_finding_info row = *info;
	char names[240], who[100] = "", more[40] = "", since[48] = "", times[48] = "";
	struct stk_signature sig;
	struct stk_finding *f;

	if (told->killed)
		row.severity = STK_SEVERITY_FATAL;
	if (j->stack->cpu >= 0 && e->kind != STK_EVENT_HUNG_TASK)
		snprintf(who, sizeof(who), "CPU %" PRId64, j->stack->cpu);
	else
		snprintf(who, sizeof(who), "PID %" PRId64 " \"%.48s\"", j->stack->pid,
			 j->stack->comm ? j->stack->comm : "");
	if (told->more)
		snprintf(more, sizeof(more), " and %zu more", told->more);
	if (e->seconds > 0)
		snprintf(since, sizeof(since), ", %" PRId64 " s by then", e->seconds);
	if (told->times > 1)
		snprintf(times, sizeof(times), ", told %zu times", told->times);
	stk_event_signature(e, &sig);
	f = stk_finding_add(t, &row, "%s%s %s still in %s: %s (line %zu of the log%s%s)",
			    who, more, told->more ? "are" : "is",
			    stk_finding_names(&sig, names, sizeof(names)),
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
	struct told told;

	for (size_t i = 0; i < t->nr_joins && !st; i++)
		if (is_stuck(&t->join[i]) && !is_told_again(t, i) &&
		    count_told(t, i, &told))
			st = tell(t, info, &t->join[i], &told);
	return st;
}

const struct stk_finding_info stk_finding_stuck = {
	.id = "stuck",
	.severity = STK_SEVERITY_SUSPICIOUS,
	.look = look,
};
