/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json.h"

static struct json_object *json_row(struct stk *s, const struct stk_row *r)
{
	struct json_object *o = json_object_new_object();

	put(o, "stack", stk_json_stack(s, &r->stack));
	put(o, "task", r->has_task ? stk_json_task(&r->task) : NULL);
	put(o, "size", stk_json_number(r->stack.end - r->stack.begin));
	put(o, "sp", r->use.sp ? stk_json_addr(r->use.sp) : NULL);
	put(o, "used", r->use.sp ? stk_json_number(r->use.used) : NULL);
	put(o, "deepest",
	    r->use.high_water || r->use.state == STK_STATE_UNUSED
		    ? stk_json_number(r->use.high_water)
		    : NULL);
	put(o, "state", json_object_new_string(stk_state_name(r->use.state)));
	put(o, "state_why", stk_json_string(r->use.why));
	put(o, "doubt", stk_json_string(r->stack.doubt));
	put(o, "overrun", json_object_new_boolean(r->use.overrun));
	return o;
}

static void add_segments(struct stk *s, struct json_object *stacks,
			 const struct stk_segment *g, uint64_t joins)
{
	for (; g; g = g->next) {
		struct json_object *o = json_object_new_object();
		enum stk_how left_by = g->next ? g->crossing.how : STK_HOW_REGS;
		uint64_t at = g->next ? g->crossing.at : joins;
		const char *how = g->next || joins ? stk_how_name(left_by) : NULL;

		put(o, "stack", stk_json_stack(s, &g->stack));
		put(o, "overflow", stk_json_overflow(s, g));
		put(o, "left_by", stk_json_string(how));
		put(o, "at", at ? stk_json_addr(at) : NULL);
		stk_json_append(stacks, o);
	}
}

/* A stack comes twice where a CPU was stopped on the one that it was on already. */
static struct json_object *json_passed(struct stk *s, const struct stk_passed *p)
{
	struct json_object *o = json_object_new_object(),
			   *stacks = json_object_new_array();

	put(o, "cpu", json_object_new_int(p->cpu));
	if (p->stop)
		add_segments(s, stacks, p->stop->segments, p->stop_regs_at);
	if (p->chain)
		add_segments(s, stacks, p->chain->segments, 0);
	put(o, "stacks", stacks);
	put(o, "end",
	    p->chain ? json_object_new_string(stk_end_name(p->chain->end)) : NULL);
	return o;
}

void stk_json_overview(struct stk *s, struct json_object *doc,
		       const struct stk_overview *o)
{
	struct json_object *stacks = json_object_new_array(),
			   *live = json_object_new_array();
	struct json_object *totals = json_object_new_object();

	for (size_t i = 0; i < o->nr; i++)
		stk_json_append(stacks, json_row(s, &o->row[i]));
	for (size_t i = 0; i < o->nr_live; i++)
		stk_json_append(live, json_passed(s, &o->live[i]));
	put(totals, "cpu_stacks", stk_json_number(o->nr_cpu));
	put(totals, "cpu_bytes", stk_json_number(o->cpu_bytes));
	put(totals, "task_stacks", stk_json_number(o->nr - o->nr_cpu));
	put(totals, "task_bytes", stk_json_number(o->task_bytes));
	put(doc, "stacks", stacks);
	put(doc, "live", live);
	put(doc, "totals", totals);
	put(doc, "tasks_missing", stk_json_string(stk_tasks_truncated(s)));
}
