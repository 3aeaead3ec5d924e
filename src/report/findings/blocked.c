/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tasks that have slept in D for so long that the kernel itself would complain of them,
 * by what they wait in; and who has the lock that they wait for. Shorter waits are
 * normal: a machine that writes to a disk always has some.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../../base/context.h"
#include "../../base/duration.h"
#include "../../kernel/layout.h"
#include "../findings.h"

/* CONFIG_DEFAULT_HUNG_TASK_TIMEOUT, as everybody has it. */
#define HUNG_SECONDS 120u
#define MAX_GROUPS   8u
#define NS	     1000000000ull

/* That the kernel was told: kernel.hung_task_timeout_secs; 0 is "never". */
static uint64_t hung_after(struct stk *s)
{
	uint32_t seconds;
	uint64_t addr;

	if (!stk_find_symbol(s, "sysctl_hung_task_timeout_secs", &addr) ||
	    stk_read(s, addr, &seconds, sizeof(seconds)) || !seconds)
		seconds = HUNG_SECONDS;
	return seconds * NS;
}

/* What it waits in, as a crash would be signed. */
static void sign(const struct stk_blocked *b, struct stk_signature *sig)
{
	stk_signature(STK_EVENT_HUNG_TASK, NULL, NULL, stk_trace_frame,
		      (void *)(uintptr_t)b->trace, sig);
}

/* ---- what they wait in ---- */

/* Is @nth the first of those that wait in the same? Then how many are there? */
static size_t count_same(const struct stk_triage *t, size_t nth,
			 struct stk_signature *sig)
{
	struct stk_signature other;
	size_t nr = 1;

	sign(&t->blocked[nth], sig);
	for (size_t i = 0; i < t->nr_blocked; i++) {
		if (i == nth || !t->blocked[i].trace)
			continue;
		sign(&t->blocked[i], &other);
		if (strcmp(sig->hash, other.hash) != 0)
			continue;
		if (i < nth)
			return 0;
		nr++;
	}
	return nr;
}

static enum stk_status tell_group(struct stk_triage *t,
				  const struct stk_finding_info *info,
				  const struct stk_blocked *b, size_t nr,
				  const struct stk_signature *sig)
{
	char names[240], who[120], time[32], others[64] = "";
	struct stk_finding *f;

	if (nr > 1)
		snprintf(others, sizeof(others), " and %zu more%s", nr - 1,
			 t->nr_blocked > STK_MAX_BLOCKED ? " of those that were looked at"
							 : "");
	f = stk_finding_add(t, info, "%s%s sleep%s in D, not run for %s: %s",
			    stk_finding_task(&b->task, who, sizeof(who)), others,
			    nr > 1 ? "" : "s",
			    stk_duration_text(b->ns / NS, time, sizeof(time)),
			    stk_finding_names(sig, names, sizeof(names)));
	if (!f)
		return STK_ERR_NOMEM;
	f->pid = b->task.pid;
	f->function = b->trace->nr_frames > sig->culprit_at
			      ? b->trace->frames[sig->culprit_at].function
			      : NULL;
	return STK_OK;
}

static enum stk_status look_blocked(struct stk *s, struct stk_triage *t,
				    const struct stk_finding_info *info)
{
	const uint64_t limit = hung_after(s);
	struct stk_signature sig;
	size_t groups = 0, nr;
	enum stk_status st = STK_OK;

	/* The longest come first. */
	for (size_t i = 0; i < t->nr_blocked && groups < MAX_GROUPS && !st; i++) {
		const struct stk_blocked *b = &t->blocked[i];

		if (!b->has_ns || b->ns < limit || !b->trace)
			break;
		nr = count_same(t, i, &sig);
		if (!nr)
			continue;
		st = tell_group(t, info, b, nr, &sig);
		groups++;
	}
	return st;
}

const struct stk_finding_info stk_finding_blocked = {
	.id = "blocked-tasks",
	.severity = STK_SEVERITY_SUSPICIOUS,
	.look = look_blocked,
};

/* ---- for which lock ---- */

static const struct stk_blocked *blocked_task(const struct stk_triage *t, uint64_t task)
{
	for (size_t i = 0; i < t->nr_blocked; i++)
		if (t->blocked[i].task.addr == task)
			return &t->blocked[i];
	return NULL;
}

/*
 * Who waits for a lock of who waits for ... @b's: how many, if @b is the first of them;
 * 0: it does not come back to it.
 */
static size_t circle_of(const struct stk_triage *t, const struct stk_blocked *b)
{
	const struct stk_blocked *at = b;

	for (size_t nr = 1; at->wait.has_owner && nr <= t->nr_blocked; nr++) {
		at = blocked_task(t, at->wait.owner.addr);
		if (!at || at < b)
			return 0;
		if (at == b)
			return nr;
	}
	return 0;
}

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

/* What the owner does, as far as one word tells. */
static void does(const struct stk_task *owner, char *text, size_t size)
{
	if (owner->on_cpu)
		snprintf(text, size, "runs on CPU %d", owner->cpu);
	else
		snprintf(text, size, "is %s",
			 owner->now ? owner->now->name : "in an unknown state");
}

/* The same lock, and one that waits for it longer. */
static bool is_told(const struct stk_triage *t, size_t nth)
{
	for (size_t i = 0; i < nth; i++)
		if (t->blocked[i].wait.what &&
		    t->blocked[i].wait.lock == t->blocked[nth].wait.lock)
			return true;
	return false;
}

static enum stk_status look_owner(struct stk *s, struct stk_triage *t,
				  const struct stk_finding_info *info)
{
	const uint64_t limit = hung_after(s);
	char who[120], owner[120], lock[400], now[64];
	size_t told = 0;

	for (size_t i = 0; i < t->nr_blocked && told < MAX_GROUPS; i++) {
		const struct stk_blocked *b = &t->blocked[i];
		const size_t circle = circle_of(t, b);
		struct stk_finding_info row = *info;
		struct stk_finding *f;

		if (!b->wait.has_owner || is_told(t, i) ||
		    (!circle && (!b->has_ns || b->ns < limit)))
			continue;
		does(&b->wait.owner, now, sizeof(now));
		if (circle)
			row.severity = STK_SEVERITY_DAMAGE;
		if (circle == 1)
			snprintf(now, sizeof(now), "is itself: a deadlock");
		else if (circle)
			snprintf(now, sizeof(now),
				 "waits for it in turn: %zu tasks, a deadlock", circle);
		f = stk_finding_add(
			t, &row, "%s waits for %s, which %s holds, who %s",
			stk_finding_task(&b->task, who, sizeof(who)),
			lock_text(s, &b->wait, lock, sizeof(lock)),
			stk_finding_task(&b->wait.owner, owner, sizeof(owner)), now);
		if (!f)
			return STK_ERR_NOMEM;
		f->pid = b->task.pid;
		f->has_address = true;
		f->address = b->wait.lock;
		told++;
	}
	return STK_OK;
}

const struct stk_finding_info stk_finding_lock_owner = {
	.id = "lock-owner",
	.severity = STK_SEVERITY_SUSPICIOUS,
	.look = look_owner,
};
