/* SPDX-License-Identifier: GPL-2.0-or-later */
/* entry.h - the answer of the entry command. */
#ifndef STK_RENDER_ENTRY_H
#define STK_RENDER_ENTRY_H

#include <stackinfo/entry.h>
#include <stackinfo/render.h>

void stk_text_entry(struct stk *s, FILE *fp, const struct stk_entry_words *words,
		    const struct stk_text_options *opt);
/* The caller drops them with json_object_put(). */
struct json_object *stk_json_entry_words(struct stk *s,
					 const struct stk_entry_words *words);
struct json_object *stk_json_entry(struct stk *s, const struct stk_entry_words *words);

#endif
