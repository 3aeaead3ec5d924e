/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tasks that have slept in D for so long that the kernel itself would complain of them,
 * by what they wait in. Shorter waits are normal: a machine that writes to a disk always
 * has some.
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

uint64_t stk_hung_after(struct stk *s)
{
	uint32_t seconds;
	uint64_t addr;

	if (!stk_find_symbol(s, "sysctl_hung_task_timeout_secs", &addr) ||
	    stk_read(s, addr, &seconds, sizeof(seconds)) || !seconds)
		seconds = HUNG_SECONDS;
	return seconds * NS;
}

/* ---- what they wait in ---- */

/*
 * Is @nth the first of those that wait in the same? Then how many are there? 0, too, if
 * the log tells of all of them: that is a finding of its own.
 */
static size_t count_same(const struct stk_triage *t, size_t nth,
			 struct stk_signature *sig)
{
	struct stk_signature other;
	size_t nr = 0, told = 0;

	stk_trace_signature(t->blocked[nth].trace, sig);
	for (size_t i = 0; i < t->nr_blocked; i++) {
		if (!t->blocked[i].trace)
			continue;
		stk_trace_signature(t->blocked[i].trace, &other);
		if (strcmp(sig->hash, other.hash) != 0)
			continue;
		if (i < nth)
			return 0;
		nr++;
		told += stk_is_told_stuck(t, t->blocked[i].task.pid);
	}
	return told < nr ? nr : 0;
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
	const uint64_t limit = stk_hung_after(s);
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
