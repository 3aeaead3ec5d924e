/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json.h"

#include "x86_tss.h"

static struct json_object *json_slot(struct stk *s, const struct stk_x86_tss_slot *slot)
{
	struct json_object *o = json_object_new_object(),
			   *users = json_object_new_array();
	const char *why = NULL;

	put(o, "name", json_object_new_string(slot->name));
	put(o, "value", slot->readable ? stk_json_addr(slot->value) : NULL);
	put(o, "stack", slot->has_stack ? stk_json_stack(s, &slot->stack) : NULL);
	put(o, "phys", slot->has_phys ? stk_json_addr(slot->phys) : NULL);
	if (slot->has_stack) {
		enum stk_state state = stk_x86_tss_state(s, slot, &why);

		put(o, "state", json_object_new_string(stk_state_name(state)));
	} else {
		put(o, "state", NULL);
	}
	for (size_t i = 0; i < slot->nr_users; i++) {
		struct json_object *u = json_object_new_object();
		struct stk_name name;

		stk_symbolize(s, slot->users[i].handler, false, &name);
		put(u, "vector", json_object_new_int64(slot->users[i].vector));
		put(u, "handler", stk_json_addr(slot->users[i].handler));
		put(u, "function", stk_json_string(name.function));
		stk_json_append(users, u);
	}
	put(o, "users", users);
	put(o, "meaning", stk_json_string(slot->meaning));
	put(o, "deviation", stk_json_string(slot->problem));
	put(o, "in_flight", json_object_new_boolean(slot->in_flight));
	put(o, "evidence", stk_json_string(slot->evidence));
	return o;
}

static struct json_object *json_fact(const struct stk_x86_tss_fact *f)
{
	struct json_object *o = json_object_new_object();

	put(o, "group", json_object_new_string(f->group));
	put(o, "name", json_object_new_string(f->name));
	put(o, "value", f->readable ? stk_json_addr(f->value) : NULL);
	put(o, "meaning", stk_json_string(f->meaning));
	put(o, "deviation", stk_json_string(f->problem));
	put(o, "in_flight", json_object_new_boolean(f->in_flight));
	put(o, "evidence", stk_json_string(f->evidence));
	return o;
}

struct json_object *stk_x86_json_tss(struct stk *s, const struct stk_x86_tss *tss)
{
	struct json_object *o = json_object_new_object(),
			   *slots = json_object_new_array(),
			   *facts = json_object_new_array();

	put(o, "cpu", json_object_new_int64(tss->cpu));
	put(o, "online", json_object_new_boolean(tss->online));
	put(o, "never_up", json_object_new_boolean(tss->never_up));
	put(o, "address", stk_json_addr(tss->addr));
	put(o, "alias", tss->alias ? stk_json_addr(tss->alias) : NULL);
	put(o, "phys", tss->has_phys ? stk_json_addr(tss->phys) : NULL);
	put(o, "same_page",
	    tss->alias_checked ? json_object_new_boolean(tss->alias_same) : NULL);
	for (size_t i = 0; i < STK_X86_NR_TSS_SLOTS; i++)
		stk_json_append(slots, json_slot(s, &tss->slot[i]));
	put(o, "slots", slots);
	for (size_t i = 0; i < tss->nr_facts; i++)
		stk_json_append(facts, json_fact(&tss->fact[i]));
	put(o, "facts", facts);
	return o;
}
