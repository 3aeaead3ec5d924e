/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json.h"

#include "entry.h"

static struct json_object *json_code(const struct stk_name *name)
{
	struct json_object *o = json_object_new_object();

	put(o, "function", stk_json_string(name->function));
	put(o, "offset",
	    name->function ? json_object_new_int64((int64_t)name->offset) : NULL);
	put(o, "module", stk_json_string(name->module));
	return o;
}

static struct json_object *json_word(struct stk *s, const struct stk_entry_word *w)
{
	struct json_object *o = json_object_new_object();

	put(o, "name", json_object_new_string(w->name));
	put(o, "value", w->readable ? stk_json_addr(w->value) : NULL);
	put(o, "code", w->is_code ? json_code(&w->code) : NULL);
	put(o, "task", w->has_task ? stk_json_task(&w->task) : NULL);
	put(o, "stack", w->has_stack ? stk_json_stack(s, &w->stack) : NULL);
	put(o, "state",
	    w->has_stack ? json_object_new_string(stk_state_name(w->use.state)) : NULL);
	put(o, "used",
	    w->has_stack && w->use.sp ? json_object_new_int64((int64_t)w->use.used)
				      : NULL);
	put(o, "phys", w->has_phys ? stk_json_addr(w->phys) : NULL);
	put(o, "meaning", stk_json_string(w->meaning));
	put(o, "deviation", stk_json_string(w->problem));
	put(o, "in_flight", json_object_new_boolean(w->in_flight));
	return o;
}

struct json_object *stk_json_entry_words(struct stk *s,
					 const struct stk_entry_words *words)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < words->nr; i++)
		stk_json_append(list, json_word(s, &words->word[i]));
	return list;
}

struct json_object *stk_json_entry(struct stk *s, const struct stk_entry_words *words)
{
	struct json_object *o = json_object_new_object();

	put(o, "cpu", stk_json_cpu(words->cpu));
	put(o, "online", json_object_new_boolean(words->online));
	put(o, "stopped", stk_json_string(words->stopped));
	put(o, "words", stk_json_entry_words(s, words));
	return o;
}
