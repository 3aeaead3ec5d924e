/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "triage.h"

#include "../base/context.h"
#include "events.h"
#include "json.h"

static struct json_object *json_finding(const struct stk_finding *f)
{
	struct json_object *o = json_object_new_object();

	put(o, "id", stk_json_string(f->id));
	put(o, "severity", stk_json_string(stk_severity_name(f->severity)));
	put(o, "text", stk_json_string(f->text));
	put(o, "cpu", stk_json_cpu(f->cpu));
	put(o, "pid", f->pid >= 0 ? json_object_new_int64(f->pid) : NULL);
	put(o, "address", f->has_address ? stk_json_addr(f->address) : NULL);
	put(o, "function", stk_json_string(f->function));
	put(o, "module", stk_json_string(f->module));
	return o;
}

/* The task in D that waits the longest; NULL: there is none, or it is not known. */
static struct json_object *json_longest(const struct stk_triage *t)
{
	const struct stk_blocked *b = t->nr_blocked ? &t->blocked[0] : NULL;
	struct json_object *o;

	if (!b || !b->has_ns)
		return NULL;
	o = json_object_new_object();
	put(o, "pid", json_object_new_int64(b->task.pid));
	put(o, "comm", stk_json_string(b->task.comm));
	put(o, "ns", stk_json_number(b->ns));
	return o;
}

static struct json_object *json_tasks(const struct stk_triage *t)
{
	const struct stk_triage_tasks *n = &t->tasks;
	struct json_object *o, *states;
	const struct stk_task_state *state;

	if (n->failed)
		return NULL;
	o = json_object_new_object();
	states = json_object_new_object();
	put(o, "count", stk_json_number(n->nr));
	put(o, "on_cpus", stk_json_number(n->nr_on_cpu));
	put(o, "different_chains", n->nr_chains ? stk_json_number(n->nr_chains) : NULL);
	for (size_t i = 0; i < sizeof(n->nr_state) / sizeof(n->nr_state[0]) &&
			   (state = stk_task_states(i)) != NULL;
	     i++)
		put(states, state->name, stk_json_number(n->nr_state[i]));
	put(o, "states", states);
	put(o, "longest_blocked", json_longest(t));
	put(o, "missing", stk_json_string(n->missing));
	return o;
}

static const char *verdict_name(enum stk_join_verdict verdict)
{
	switch (verdict) {
	case STK_JOIN_AGREES:
		return "agrees";
	case STK_JOIN_DIFFERS:
		return "differs";
	case STK_JOIN_GONE:
		return "gone";
	default:
		return NULL;
	}
}

/* -1: it is none of the log. */
static int index_of(const struct stk_events *events, const struct stk_event *e)
{
	for (size_t i = 0; i < events->nr; i++)
		if (events->event[i] == e)
			return (int)i;
	return -1;
}

static struct json_object *json_joins(const struct stk_triage *t)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < t->nr_joins; i++) {
		const struct stk_join *j = &t->join[i];
		struct json_object *o;

		if (j->verdict == STK_JOIN_NONE)
			continue;
		o = json_object_new_object();
		put(o, "event", stk_json_cpu(index_of(&t->events, j->event)));
		put(o, "verdict", stk_json_string(verdict_name(j->verdict)));
		put(o, "log_frames", stk_json_number(j->nr_log));
		put(o, "same_frames", stk_json_number(j->nr_same));
		put(o, "missing",
		    stk_json_string(j->missing ? j->missing->function : NULL));
		stk_json_append(list, o);
	}
	return list;
}

void stk_json_triage(struct stk *s, struct json_object *doc, const struct stk_triage *t)
{
	struct json_object *findings = json_object_new_array();

	stk_json_panic(s, doc);
	stk_json_events(doc, &t->events);
	if (t->event)
		put(doc, "signature", stk_json_signature(&t->signature));
	put(doc, "signature_from",
	    stk_json_string(!t->event		 ? NULL
			    : t->signed_by_stack ? "stack"
						 : "log"));
	put(doc, "uptime", t->uptime ? stk_json_number(t->uptime) : NULL);
	put(doc, "died", json_object_new_boolean(t->died));
	put(doc, "stack_event", t->from_stacks ? stk_json_event(t->event) : NULL);
	put(doc, "log_missing", stk_json_string(t->no_log));
	put(doc, "joins", json_joins(t));
	for (size_t i = 0; i < t->nr_findings; i++)
		stk_json_append(findings, json_finding(&t->finding[i]));
	put(doc, "findings", findings);
	put(doc, "tasks", json_tasks(t));
}
