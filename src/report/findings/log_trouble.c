/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trouble that the log, or the kernel's taint, tells of before the machine died, and that
 * is no oops: hardware that failed, memory that ran out, what the log has no more of.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../base/bytes.h"
#include "../../base/context.h"
#include "../findings.h"

/* Memory that ran out earlier than that has little to do with it. */
#define OOM_SECONDS 60u

/* The log is in order; what the stacks alone tell comes behind all of it. */
static bool is_before(const struct stk_triage *t, const struct stk_event *e)
{
	return t->died && e != t->event && !e->panicked &&
	       (t->from_stacks || e->first_line < t->event->first_line);
}

/* ---- hardware ---- */

static enum stk_status look_hardware(struct stk *s, struct stk_triage *t,
				     const struct stk_finding_info *info)
{
	const struct stk_event *last = NULL;
	struct stk_finding *f;
	const char *what;
	size_t nr = 0;

	for (size_t i = 0; i < t->events.nr; i++) {
		const struct stk_event *e = t->events.event[i];

		if (e->kind != STK_EVENT_HARDWARE || (t->died && !is_before(t, e)))
			continue;
		last = e;
		nr++;
	}
	if (!last)
		return STK_OK;
	what = last->subject ? last->subject : last->nr_details ? last->details[0] : "";
	f = stk_finding_add(t, info,
			    "the hardware reported errors %zu time%s, last in line "
			    "%zu of the log%s%.160s",
			    nr, nr == 1 ? "" : "s", last->first_line, *what ? ": " : "",
			    what);
	if (!f)
		return STK_ERR_NOMEM;
	f->cpu = (int)last->cpu;
	return STK_OK;
}

const struct stk_finding_info stk_finding_hardware = {
	.id = "hardware-error",
	.severity = STK_SEVERITY_SUSPICIOUS,
	.look = look_hardware,
};

/* ---- memory ---- */

/* The kernel's time, "53.051120"; false: there is none, or a date. */
static bool seconds_of(const struct stk_event *e, uint64_t *seconds)
{
	char *end;

	if (!e->time)
		return false;
	*seconds = strtoull(e->time, &end, 10);
	return end > e->time && *end == '.';
}

/* That of a group is its own limit, and no trouble of the machine's. */
static bool is_of_group(const struct stk_event *e)
{
	for (size_t i = 0; i < e->nr_details; i++)
		if (!strncmp(e->details[i], "Memory cgroup", 13))
			return true;
	return false;
}

static enum stk_status look_memory(struct stk *s, struct stk_triage *t,
				   const struct stk_finding_info *info)
{
	const struct stk_event *last = NULL;
	uint64_t died, killed;
	size_t nr = 0;

	if (!t->died || t->event->kind == STK_EVENT_OOM_PANIC ||
	    !seconds_of(t->event, &died))
		return STK_OK;
	for (size_t i = 0; i < t->events.nr; i++) {
		const struct stk_event *e = t->events.event[i];

		if (e->kind != STK_EVENT_OOM_KILL || !is_before(t, e) || is_of_group(e) ||
		    !seconds_of(e, &killed) || killed > died ||
		    died - killed > OOM_SECONDS)
			continue;
		last = e;
		nr++;
	}
	if (!last || !seconds_of(last, &killed))
		return STK_OK;
	return stk_finding_add(
		       t, info,
		       "memory ran out %" PRIu64 " s before, and a process was killed "
		       "(line %zu of the log; %zu time%s within %u s): what handles "
		       "failed allocations ran then, as it rarely does",
		       died - killed, last->first_line, nr, nr == 1 ? "" : "s",
		       OOM_SECONDS)
		       ? STK_OK
		       : STK_ERR_NOMEM;
}

const struct stk_finding_info stk_finding_memory = {
	.id = "out-of-memory",
	.severity = STK_SEVERITY_SUSPICIOUS,
	.look = look_memory,
};

/* ---- taint ---- */

/* Letters of Documentation/admin-guide/tainted-kernels.rst that tell of trouble. */
static const struct trouble {
	char letter;
	const char *what;
	/* Events that tell the same, in the log. */
	enum stk_event_kind kind[3];
	size_t nr_kinds;
} troubles[] = {
	{ 'B', "a page was in a bad state", { STK_EVENT_BUG, STK_EVENT_KASAN }, 2 },
	{ 'D', "it had died before", { STK_NR_EVENT_KINDS }, 1 },
	{ 'L', "a CPU was locked up", { STK_EVENT_SOFT_LOCKUP }, 1 },
	{ 'M',
	  "the hardware reported an error",
	  { STK_EVENT_MACHINE_CHECK, STK_EVENT_HARDWARE },
	  2 },
	{ 'W', "it had warned before", { STK_EVENT_WARNING, STK_NR_EVENT_KINDS }, 2 },
};

/* STK_NR_EVENT_KINDS is any that kills. */
static bool tells(const struct trouble *trouble, const struct stk_event *e)
{
	for (size_t i = 0; i < trouble->nr_kinds; i++)
		if (trouble->kind[i] == e->kind ||
		    (trouble->kind[i] == STK_NR_EVENT_KINDS &&
		     stk_event_kind(e->kind)->dies))
			return true;
	return false;
}

/* An event up to the death tells of it. */
static bool is_told(const struct stk_triage *t, const struct trouble *trouble)
{
	for (size_t i = 0; i < t->events.nr; i++) {
		const struct stk_event *e = t->events.event[i];

		if (is_before(t, e) && tells(trouble, e))
			return true;
	}
	return false;
}

static enum stk_status look_taint(struct stk *s, struct stk_triage *t,
				  const struct stk_finding_info *info)
{
	const struct stk_event_trace *trace;
	char text[200] = "", letters[16] = "";
	size_t nr = 0;

	if (!t->died || t->from_stacks)
		return STK_OK;
	/* A panic adds to the taint: what the first lines have was there before. */
	trace = stk_event_main_trace(t->event);
	for (size_t i = 0; trace && trace->taint && i < STK_ARRAY_SIZE(troubles); i++) {
		const struct trouble *row = &troubles[i];
		size_t len = strlen(text);

		if (!strchr(trace->taint, row->letter) ||
		    row->kind[0] == t->event->kind || is_told(t, row))
			continue;
		letters[nr++] = row->letter;
		snprintf(text + len, sizeof(text) - len, "%s%s", len ? ", " : "",
			 row->what);
	}
	if (!nr)
		return STK_OK;
	return stk_finding_add(t, info,
			       "by its taint (%s) the kernel had trouble that the "
			       "log has nothing of: %s",
			       letters, text)
		       ? STK_OK
		       : STK_ERR_NOMEM;
}

const struct stk_finding_info stk_finding_taint = {
	.id = "trouble-before",
	.severity = STK_SEVERITY_SUSPICIOUS,
	.look = look_taint,
};
