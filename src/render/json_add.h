/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json_add.h - values of objects and lists, where there may be no memory for either.
 *
 * json-c ends the process where what is added to is NULL. So building a document needs no
 * error paths; that there was no memory is seen when it is printed.
 */
#ifndef STK_RENDER_JSON_ADD_H
#define STK_RENDER_JSON_ADD_H

#include <json-c/json.h>

/* @value NULL: null. It is dropped with what it cannot be added to. */
static inline void stk_json_add(struct json_object *o, const char *key,
				struct json_object *value)
{
	if (!o || json_object_object_add(o, key, value))
		json_object_put(value);
}

static inline void stk_json_append(struct json_object *list, struct json_object *value)
{
	if (!list || json_object_array_add(list, value))
		json_object_put(value);
}

#endif
