/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an address is. */
#include "json.h"

struct json_object *stk_json_residue(const struct stk_residue *r)
{
	struct json_object *o = json_object_new_object();

	put(o, "text", stk_json_string(r->text));
	put(o, "regs_at", stk_json_addr_or_null(r->regs_at));
	put(o, "ip", stk_json_addr(r->ip));
	put(o, "user", json_object_new_boolean(r->user));
	return o;
}

static struct json_object *json_area(struct stk *s, const struct stk_area *a)
{
	struct json_object *o;
	struct stk_name name = { 0 };

	if (!a->what)
		return NULL;
	if (a->caller)
		stk_symbolize(s, a->caller, true, &name);
	o = json_object_new_object();
	put(o, "what", json_object_new_string(a->what));
	put(o, "name", stk_json_string(a->name));
	put(o, "access", stk_json_string(a->access));
	put(o, "begin", stk_json_addr(a->begin));
	put(o, "end", stk_json_addr(a->end));
	put(o, "guard", stk_json_addr_or_null(a->guard));
	put(o, "caller", stk_json_addr_or_null(a->caller));
	put(o, "caller_function", stk_json_string(name.function));
	return o;
}

static struct json_object *json_about(const struct stk_about *about)
{
	struct json_object *o;

	if (!about->what)
		return NULL;
	o = json_object_new_object();
	put(o, "what", json_object_new_string(about->what));
	put(o, "value", stk_json_addr(about->value));
	return o;
}

/* Where on its stack an address lies, and how that is used. */
static void put_stack(struct stk *s, struct json_object *o, const struct stk_place *p)
{
	bool inside = p->has_stack && !p->guard;
	struct json_object *guard = NULL, *state = NULL;

	if (p->guard)
		guard = json_object_new_string(p->guard < 0 ? "below" : "above");
	if (p->state != STK_STATE_NONE)
		state = json_object_new_string(stk_state_name(p->state));
	put(o, "stack", p->has_stack ? stk_json_stack(s, &p->stack) : NULL);
	put(o, "offset_from_end", inside ? stk_json_number(p->offset_from_end) : NULL);
	put(o, "bytes_below", p->has_stack ? stk_json_number(p->bytes_below) : NULL);
	put(o, "guard", guard);
	put(o, "state", state);
	put(o, "state_why", stk_json_string(p->state_why));
	put(o, "doubt", stk_json_string(p->has_stack ? p->stack.doubt : NULL));
	put(o, "residue", p->residue ? stk_json_residue(p->residue) : NULL);
}

static struct json_object *json_owner(const struct stk_place *p)
{
	struct json_object *o;

	if (!p->has_stack && (!p->has_task || p->object.what))
		return NULL;
	o = json_object_new_object();
	put(o, "cpu", stk_json_cpu(p->has_stack ? p->stack.cpu : -1));
	put(o, "task", p->has_task ? stk_json_task(&p->task) : NULL);
	return o;
}

static struct json_object *json_last(const struct stk_object *thing)
{
	struct json_object *o;

	if (!*thing->last_comm)
		return NULL;
	o = json_object_new_object();
	put(o, "pid", json_object_new_int64(thing->last_pid));
	put(o, "comm", stk_json_string(thing->last_comm));
	return o;
}

static struct json_object *json_thing(const struct stk_place *p)
{
	struct json_object *o;

	if (!p->object.what)
		return NULL;
	o = json_object_new_object();
	put(o, "what", stk_json_string(p->object.what));
	put(o, "address", stk_json_addr(p->object.begin));
	put(o, "size", stk_json_number(p->object.size));
	put(o, "offset", stk_json_number(p->addr - p->object.begin));
	put(o, "task", p->has_task ? stk_json_task(&p->task) : NULL);
	put(o, "state", stk_json_string(stk_object_state_name(p->object.state)));
	put(o, "why", stk_json_string(p->object.why));
	put(o, "last", json_last(&p->object));
	return o;
}

static struct json_object *json_aliases(const struct stk_place *p)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < p->nr_aliases; i++) {
		struct json_object *a = json_object_new_object();

		put(a, "view", json_object_new_string(p->aliases[i].view));
		put(a, "address", stk_json_addr(p->aliases[i].addr));
		stk_json_append(list, a);
	}
	return list;
}

struct json_object *stk_json_place(struct stk *s, const struct stk_place *p)
{
	struct json_object *o = json_object_new_object();

	put(o, "address", stk_json_addr(p->addr));
	put(o, "region", stk_json_string(p->region));
	put(o, "region_first", stk_json_addr(p->region_first));
	put(o, "region_last", stk_json_addr(p->region_last));
	put(o, "area", json_area(s, &p->area));
	put(o, "about", json_about(&p->about));
	put(o, "detail", stk_json_string(p->detail));
	put_stack(s, o, p);
	put(o, "owner", json_owner(p));
	put(o, "object", json_thing(p));
	put(o, "function", stk_json_string(p->name.function));
	put(o, "offset", p->name.function ? stk_json_number(p->name.offset) : NULL);
	put(o, "module", stk_json_string(p->name.module));
	put(o, "percpu_ptr", p->has_percpu_ptr ? stk_json_addr(p->percpu_ptr) : NULL);
	put(o, "percpu_cpu", p->percpu ? json_object_new_int64(p->percpu_cpu) : NULL);
	put(o, "phys", p->has_phys ? stk_json_addr(p->phys) : NULL);
	put(o, "in_dump", p->has_phys ? json_object_new_boolean(p->in_dump) : NULL);
	put(o, "aliases", json_aliases(p));
	return o;
}

struct json_object *stk_json_run(struct stk *s, uint64_t begin, uint64_t end,
				 const struct stk_place *p)
{
	struct json_object *o = json_object_new_object();

	put(o, "begin", stk_json_addr(begin));
	put(o, "end", stk_json_addr(end));
	put(o, "first", stk_json_place(s, p));
	return o;
}
