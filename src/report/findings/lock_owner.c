/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who has the lock that tasks in D wait for, and what that task does. In a circle it is a
 * deadlock, however short the wait; else only waits that are too long count.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../../base/context.h"
#include "../findings.h"

#define MAX_TOLD 8u
/* Of a circle: as many fit into a text. */
#define MAX_HOPS 4u

static const struct stk_blocked *blocked_task(const struct stk_triage *t, uint64_t task)
{
	for (size_t i = 0; i < t->nr_blocked; i++)
		if (t->blocked[i].task.addr == task)
			return &t->blocked[i];
	return NULL;
}

/*
 * Who waits for a lock of who waits for ... @b's: how many, and the @first of them; 0: it
 * does not come back to it.
 */
static size_t circle_of(const struct stk_triage *t, const struct stk_blocked *b,
			const struct stk_blocked **first)
{
	const struct stk_blocked *at = b;

	*first = b;
	for (size_t nr = 1; at->wait.has_owner && nr <= t->nr_blocked; nr++) {
		at = blocked_task(t, at->wait.owner.addr);
		if (!at)
			return 0;
		if (at == b)
			return nr;
		if (at < *first)
			*first = at;
	}
	return 0;
}

/* ---- what is told ---- */

static const char *lock_text(struct stk *s, const struct stk_lock_wait *wait, char *text,
			     size_t size)
{
	struct stk_name name = { 0 };
	char place[256] = "";

	stk_symbolize(s, wait->lock, false, &name);
	if (name.function)
		stk_finding_place(&name, place, sizeof(place));
	snprintf(text, size, "the %s 0x%" PRIx64 "%s%.100s%s", wait->what, wait->lock,
		 *place ? " (" : "", place, *place ? ")" : "");
	return text;
}

/* In what it is; NULL: not known. */
static enum stk_status find_trace(struct stk *s, struct stk_triage *t,
				  const struct stk_task *task,
				  const struct stk_event_trace **trace)
{
	const struct stk_triage_cpu *c = stk_triage_cpu(t, task->cpu);
	const struct stk_blocked *b = blocked_task(t, task->addr);

	*trace = b ? b->trace : NULL;
	if (*trace)
		return STK_OK;
	if (!task->on_cpu)
		return stk_triage_follow(s, t, task, trace);
	if (c && c->trace && c->trace->pid == task->pid)
		*trace = c->trace;
	return STK_OK;
}

/* "is sleeping in f < g", "runs on CPU 1 in f < g" */
static enum stk_status does(struct stk *s, struct stk_triage *t,
			    const struct stk_task *task, char *text, size_t size)
{
	const struct stk_event_trace *trace;
	struct stk_signature sig;
	char names[240];
	int len;
	enum stk_status st = find_trace(s, t, task, &trace);

	if (st)
		return st;
	if (task->on_cpu)
		len = snprintf(text, size, "runs on CPU %d", task->cpu);
	else
		len = snprintf(text, size, "is %s",
			       task->now ? task->now->name : "in an unknown state");
	if (!trace)
		return STK_OK;
	stk_trace_signature(trace, &sig);
	if (sig.nr_names && (size_t)len < size)
		snprintf(text + len, size - (size_t)len, " in %.120s",
			 stk_finding_names(&sig, names, sizeof(names)));
	return STK_OK;
}

static enum stk_status tell(struct stk_triage *t, const struct stk_finding_info *info,
			    const struct stk_blocked *b, const char *text)
{
	struct stk_finding *f = stk_finding_add(t, info, "%s", text);

	if (!f)
		return STK_ERR_NOMEM;
	f->pid = b->task.pid;
	f->has_address = true;
	f->address = b->wait.lock;
	return STK_OK;
}

/* @b is the first of @nr that wait for each other. */
static enum stk_status tell_circle(struct stk *s, struct stk_triage *t,
				   const struct stk_finding_info *info,
				   const struct stk_blocked *b, size_t nr)
{
	struct stk_finding_info row = *info;
	char text[600], who[120], lock[240];
	const struct stk_blocked *at = b;
	size_t len;

	row.severity = STK_SEVERITY_DAMAGE;
	len = (size_t)snprintf(text, sizeof(text), "%s waits for %s, which ",
			       stk_finding_task(&b->task, who, sizeof(who)),
			       lock_text(s, &b->wait, lock, sizeof(lock)));
	for (size_t i = 1; i < nr && i < MAX_HOPS && len < sizeof(text); i++) {
		at = blocked_task(t, at->wait.owner.addr);
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%s holds, who waits for %s, which ",
					stk_finding_task(&at->task, who, sizeof(who)),
					lock_text(s, &at->wait, lock, sizeof(lock)));
	}
	if (len >= sizeof(text))
		len = sizeof(text) - 1;
	if (nr == 1)
		snprintf(text + len, sizeof(text) - len, "it holds itself: a deadlock");
	else
		snprintf(text + len, sizeof(text) - len,
			 "%s holds%s: a deadlock of %zu tasks",
			 stk_finding_task(&at->wait.owner, who, sizeof(who)),
			 nr > MAX_HOPS ? ", and so on" : "", nr);
	return tell(t, &row, b, text);
}

/* @b is the first of @nr that wait for it. */
static enum stk_status tell_owner(struct stk *s, struct stk_triage *t,
				  const struct stk_finding_info *info,
				  const struct stk_blocked *b, size_t nr)
{
	const struct stk_lock_wait *w = &b->wait;
	char text[600], who[120], owner[120], lock[240], now[240], more[40] = "";
	enum stk_status st = does(s, t, &w->owner, now, sizeof(now));

	if (st)
		return st;
	if (nr > 1)
		snprintf(more, sizeof(more), " and %zu more wait", nr - 1);
	snprintf(text, sizeof(text), "%s%s for %s%s %s%s, who %s",
		 stk_finding_task(&b->task, who, sizeof(who)), nr > 1 ? more : " waits",
		 lock_text(s, w, lock, sizeof(lock)),
		 w->has_owner ? ", which"
		 : w->readers ? ", which readers hold: the last to take it was"
			      : ": the last to take it was",
		 stk_finding_task(&w->owner, owner, sizeof(owner)),
		 w->has_owner ? " holds" : "", now);
	return tell(t, info, b, text);
}

/* How many of the same lock; 0: @nth is not the first that is told. */
static size_t count_same(const struct stk_triage *t, size_t nth)
{
	size_t nr = 0;

	for (size_t i = 0; i < t->nr_blocked; i++) {
		if (!t->blocked[i].wait.what ||
		    t->blocked[i].wait.lock != t->blocked[nth].wait.lock)
			continue;
		if (i < nth)
			return 0;
		nr++;
	}
	return nr;
}

static enum stk_status look(struct stk *s, struct stk_triage *t,
			    const struct stk_finding_info *info)
{
	const uint64_t limit = stk_hung_after(s);
	enum stk_status st = STK_OK;
	size_t told = 0;

	for (size_t i = 0; i < t->nr_blocked && told < MAX_TOLD && !st; i++) {
		const struct stk_blocked *b = &t->blocked[i], *first;
		const size_t circle = circle_of(t, b, &first);
		const size_t same = count_same(t, i);

		if (circle && first == b)
			st = tell_circle(s, t, info, b, circle);
		else if (!circle && (b->wait.has_owner || b->wait.has_last) && same &&
			 b->has_ns && b->ns >= limit)
			st = tell_owner(s, t, info, b, same);
		else
			continue;
		told++;
	}
	return st;
}

const struct stk_finding_info stk_finding_lock_owner = {
	.id = "lock-owner",
	.severity = STK_SEVERITY_SUSPICIOUS,
	.look = look,
};
