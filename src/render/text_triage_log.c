/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tasks did, and what the log tells. */
#include "text_triage.h"

#include <inttypes.h>
#include <string.h>

#include "../base/bytes.h"
#include "../base/duration.h"
#include "../base/safe.h"
#include "../base/wrap.h"
#include "text_events.h"

/* Beyond these, events are counted. */
#define MAX_EVENTS 8u

/* ", the longest for 0:01:40: PID 12 "x"": of tasks in D. */
static const char *longest_of(const struct stk_triage *t,
			      const struct stk_task_state *state, char *text, size_t size)
{
	const struct stk_blocked *b = t->nr_blocked ? &t->blocked[0] : NULL;
	char comm[4 * sizeof(b->task.comm) + 1], time[64];

	*text = '\0';
	if (!b || !b->has_ns || b->task.now != state)
		return text;
	snprintf(text, size, ", the longest for %s: PID %" PRIu32 " \"%s\"",
		 stk_duration_text(b->ns / 1000000000, time, sizeof(time)), b->task.pid,
		 stk_safe_text(comm, sizeof(comm), b->task.comm));
	return text;
}

void stk_text_triage_tasks(FILE *fp, const struct stk_triage *t)
{
	struct stk_wrap w = { fp, EVENTS_WIDTH, EVENTS_INDENT, EVENTS_INDENT };
	const struct stk_triage_tasks *n = &t->tasks;
	const struct stk_task_state *state;
	char text[160], longest[120];

	fputc('\n', fp);
	stk_text_label(fp, "TASKS");
	if (n->failed) {
		fprintf(fp, "not known: %s\n", n->failed);
		return;
	}
	snprintf(text, sizeof(text), "%zu: %zu on CPUs", n->nr, n->nr_on_cpu);
	stk_wrap_word(&w, text, strlen(text));
	for (size_t i = 0;
	     i < STK_ARRAY_SIZE(n->nr_state) && (state = stk_task_states(i)) != NULL;
	     i++) {
		if (!n->nr_state[i])
			continue;
		snprintf(text, sizeof(text), "%zu %s (%s%s)", n->nr_state[i], state->code,
			 state->name, longest_of(t, state, longest, sizeof(longest)));
		stk_wrap_piece(&w, text);
	}
	if (n->nr_chains) {
		snprintf(text, sizeof(text), "%zu different chain%s", n->nr_chains,
			 n->nr_chains == 1 ? "" : "s");
		stk_wrap_piece(&w, text);
	}
	if (n->missing) {
		stk_wrap_piece(&w, "some may be missing:");
		stk_wrap_text(&w, n->missing);
	}
	fputc('\n', fp);
}

static void print_agreement(FILE *fp, const struct stk_join *j)
{
	switch (j ? j->verdict : STK_JOIN_NONE) {
	case STK_JOIN_AGREES:
		fprintf(fp, "agrees with the stack: all %zu frames of the log are there",
			j->nr_log);
		break;
	case STK_JOIN_DIFFERS:
		fprintf(fp, "%zu of %zu frames of the log are on the stack, not %s",
			j->nr_same, j->nr_log, j->missing->function);
		break;
	case STK_JOIN_GONE:
		fputs("its stack was used for other things since", fp);
		break;
	case STK_JOIN_NONE:
		return;
	}
	fputc('\n', fp);
}

static void print_event(FILE *fp, const struct stk_triage *t, const struct stk_event *e)
{
	const struct stk_join *j = stk_join_of(t, e);

	stk_text_event_line(fp, e, t->died && e == t->event);
	if (!j || j->verdict == STK_JOIN_NONE)
		return;
	stk_text_label(fp, "");
	print_agreement(fp, j);
}

void stk_text_triage_log(FILE *fp, const struct stk_triage *t, bool all)
{
	size_t nr = 0, told = 0, backtraces = 0;

	stk_text_label(fp, "LOG");
	if (t->no_log) {
		fprintf(fp, "not known: %s\n", t->no_log);
		return;
	}
	for (size_t i = 0; i < t->events.nr; i++) {
		const struct stk_event *e = t->events.event[i];

		if (e->kind == STK_EVENT_BACKTRACE)
			backtraces += e->nr_traces;
		else
			nr++;
	}
	fprintf(fp, "%zu event%s", nr + t->events.left_out,
		nr + t->events.left_out == 1 ? "" : "s");
	if (backtraces)
		fprintf(fp, ", and %zu backtrace%s without one", backtraces,
			backtraces == 1 ? "" : "s");
	fputc('\n', fp);
	for (size_t i = 0; i < t->events.nr; i++) {
		const struct stk_event *e = t->events.event[i];

		if (e->kind == STK_EVENT_BACKTRACE ||
		    (e != t->event && !all && told >= MAX_EVENTS))
			continue;
		print_event(fp, t, e);
		told++;
	}
	if (told < nr) {
		stk_text_label(fp, "");
		fprintf(fp, "and %zu more (-v)\n", nr - told);
	}
}
