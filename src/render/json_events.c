/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "events.h"

#include "json.h"

static void put_text(struct json_object *o, const char *key, const char *text)
{
	put(o, key, stk_json_string(text));
}

static void put_int(struct json_object *o, const char *key, int64_t n)
{
	put(o, key, n >= 0 ? json_object_new_int64(n) : NULL);
}

static void put_size(struct json_object *o, const char *key, size_t n)
{
	put(o, key, stk_json_number(n));
}

static struct json_object *json_frame(const struct stk_event_frame *f)
{
	struct json_object *o = json_object_new_object();

	put_text(o, "function", f->function);
	put_int(o, "offset", f->has_offset ? (int64_t)f->offset : -1);
	put_int(o, "size", f->has_offset ? (int64_t)f->size : -1);
	put_text(o, "module", f->module);
	put_text(o, "stack", f->stack);
	put(o, "doubtful", json_object_new_boolean(f->doubtful));
	put(o, "inline", json_object_new_boolean(f->inlined));
	put(o, "interrupted", json_object_new_boolean(f->interrupted));
	put_text(o, "by", f->by);
	return o;
}

static struct json_object *json_trace(const struct stk_event_trace *t)
{
	struct json_object *o = json_object_new_object();
	struct json_object *regs = json_object_new_array();
	struct json_object *frames = json_object_new_array();

	put_int(o, "cpu", t->cpu);
	put_int(o, "pid", t->pid);
	put_text(o, "comm", t->comm);
	put_text(o, "state", t->state);
	put_text(o, "taint", t->taint);
	put_text(o, "taint_words", t->taint_words);
	put_text(o, "release", t->release);
	put_text(o, "build", t->build);
	put_text(o, "hardware", t->hardware);
	put_text(o, "workqueue", t->workqueue);
	put_text(o, "modules", t->modules);
	put(o, "at", t->has_pc && !t->in_user ? json_frame(&t->pc) : NULL);
	put(o, "user", json_object_new_boolean(t->in_user || t->ends_in_user));
	for (size_t i = 0; i < t->nr_regs; i++) {
		struct json_object *reg = json_object_new_object();

		put_text(reg, "name", t->regs[i].name);
		put(reg, "value", stk_json_addr(t->regs[i].value));
		stk_json_append(regs, reg);
	}
	for (size_t i = 0; i < t->nr_frames; i++)
		stk_json_append(frames, json_frame(&t->frames[i]));
	put(o, "registers", regs);
	put(o, "frames", frames);
	put_size(o, "frames_left_out", t->frames_left_out);
	return o;
}

struct json_object *stk_json_signature(const struct stk_signature *sig)
{
	struct json_object *o = json_object_new_object();
	struct json_object *names = json_object_new_array();

	put_text(o, "kind", sig->kind);
	put_text(o, "title", sig->title);
	put_text(o, "culprit", *sig->culprit ? sig->culprit : NULL);
	put_text(o, "module", *sig->module ? sig->module : NULL);
	for (size_t i = 0; i < sig->nr_names; i++)
		stk_json_append(names, json_object_new_string(sig->names[i]));
	put(o, "functions", names);
	put_text(o, "hash", sig->hash);
	return o;
}

static struct json_object *json_stuck(const struct stk_event *e)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int cpu = 0; e->cpus && cpu < STK_MAX_EVENT_CPUS; cpu++)
		if (stk_event_has_cpu(e, cpu))
			stk_json_append(list, json_object_new_int64(cpu));
	return list;
}

struct json_object *stk_json_event(const struct stk_event *e)
{
	struct json_object *o = json_object_new_object();
	struct json_object *details = json_object_new_array();
	struct json_object *traces = json_object_new_array();
	struct stk_signature sig;

	stk_event_signature(e, &sig);
	put_text(o, "kind", stk_event_kind(e->kind)->code);
	put(o, "signature", stk_json_signature(&sig));
	put_text(o, "subject", e->subject);
	put_text(o, "time", e->time);
	put(o, "panic", json_object_new_boolean(e->panicked));
	put_text(o, "location", e->location);
	put_text(o, "access", e->access);
	put(o, "address", e->has_address ? stk_json_addr(e->address) : NULL);
	put(o, "error", e->has_error ? stk_json_addr(e->error) : NULL);
	put_int(o, "cpu", e->cpu);
	put_int(o, "pid", e->pid);
	put_text(o, "comm", e->comm);
	put_int(o, "seconds", e->seconds);
	put_int(o, "bytes", e->bytes);
	put(o, "stuck_cpus", json_stuck(e));
	for (size_t i = 0; i < e->nr_details; i++)
		stk_json_append(details, json_object_new_string(e->details[i]));
	for (size_t i = 0; i < e->nr_traces; i++)
		stk_json_append(traces, json_trace(e->traces[i]));
	put(o, "details", details);
	put(o, "traces", traces);
	put_size(o, "traces_left_out", e->traces_left_out);
	put_size(o, "first_line", e->first_line);
	put_size(o, "last_line", e->last_line);
	return o;
}

void stk_json_events(struct json_object *doc, const struct stk_events *events)
{
	const struct stk_event *worst = NULL;
	const struct stk_event *death = stk_events_death(events, &worst);
	struct json_object *signature = NULL;
	struct json_object *machine = json_object_new_object();
	struct json_object *list = json_object_new_array();
	int64_t death_at = -1, worst_at = -1;

	put_text(machine, "release", events->release);
	put_text(machine, "build", events->build);
	put_text(machine, "hardware", events->hardware);
	put_text(machine, "taint", events->taint);
	put_text(machine, "taint_words", events->taint_words);
	put(doc, "machine", machine);
	for (size_t i = 0; i < events->nr; i++) {
		const struct stk_event *e = events->event[i];
		struct json_object *event = stk_json_event(e);

		if (e == death)
			death_at = (int64_t)i;
		if (e == worst)
			worst_at = (int64_t)i;
		if (e == (death ? death : worst))
			signature = json_object_get(
				json_object_object_get(event, "signature"));
		stk_json_append(list, event);
	}
	put_int(doc, "death", death_at);
	put_int(doc, "worst", worst_at);
	put(doc, "signature", signature);
	put(doc, "events", list);
	put_size(doc, "events_left_out", events->left_out);
	put_size(doc, "line_count", events->nr_lines);
}
