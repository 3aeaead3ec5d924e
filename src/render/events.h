/* SPDX-License-Identifier: GPL-2.0-or-later */
/* events.h - what a log tells, as text and as JSON. */
#ifndef STK_RENDER_EVENTS_H
#define STK_RENDER_EVENTS_H

#include <stdio.h>

#include "../report/events.h"

struct json_object;

/* The first screen; with @verbose all of each event, too. */
void stk_text_events(FILE *fp, const struct stk_events *events, bool verbose);

/* All of it. */
void stk_json_events(struct json_object *doc, const struct stk_events *events);

#endif
