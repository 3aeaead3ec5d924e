/* SPDX-License-Identifier: GPL-2.0-or-later */
/* triage.h - the report of a dump, as text and as JSON. */
#ifndef STK_RENDER_TRIAGE_H
#define STK_RENDER_TRIAGE_H

#include <stdio.h>

#include "../report/triage.h"

struct json_object;

/* The first screen. @all: every CPU, event and chain in full. */
void stk_text_triage(struct stk *s, FILE *fp, const struct stk_triage *t, bool all);

/* All of it, but for the chains of the CPUs. */
void stk_json_triage(struct stk *s, struct json_object *doc, const struct stk_triage *t);

#endif
