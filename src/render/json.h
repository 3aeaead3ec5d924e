/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json.h - what the files json*.c share. */
#ifndef STK_RENDER_JSON_H
#define STK_RENDER_JSON_H

#include <json-c/json.h>

#include "render.h"

/* json-c copes with NULL for null everywhere, so building needs no error paths. */
static inline void put(struct json_object *o, const char *key, struct json_object *value)
{
	json_object_object_add(o, key, value);
}

/* Null for none: a negative number, or 0. */
struct json_object *stk_json_cpu(int cpu);
struct json_object *stk_json_addr_or_null(uint64_t addr);

#endif
