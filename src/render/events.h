/* SPDX-License-Identifier: GPL-2.0-or-later */
/* events.h - what a log tells, as text and as JSON. */
#ifndef STK_RENDER_EVENTS_H
#define STK_RENDER_EVENTS_H

#include <stdio.h>

#include "../report/signature.h"

struct json_object;

/* The first screen; with @verbose all of each event, too. */
void stk_text_events(FILE *fp, const struct stk_events *events, bool verbose);

struct json_object *stk_json_event(const struct stk_event *e);
struct json_object *stk_json_signature(const struct stk_signature *sig);

/* All of it. */
void stk_json_events(struct json_object *doc, const struct stk_events *events);

#endif
