/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json.h - what the files json*.c share. */
#ifndef STK_RENDER_JSON_H
#define STK_RENDER_JSON_H

#include "json_add.h"
#include "render.h"

static inline void put(struct json_object *o, const char *key, struct json_object *value)
{
	stk_json_add(o, key, value);
}

/* Null for none: a negative number, or 0. */
struct json_object *stk_json_cpu(int cpu);
struct json_object *stk_json_addr_or_null(uint64_t addr);

#endif
