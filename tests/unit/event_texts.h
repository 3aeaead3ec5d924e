/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * event_texts.h - what kernels of each era print of each kind of event, in their formats,
 * about functions that there are not.
 */
#ifndef UNIT_EVENT_TEXTS_H
#define UNIT_EVENT_TEXTS_H

#include "report/events.h"

struct event_text {
	const char *name, *text;
	enum stk_event_kind kind; /* of what it died of, or the worst */
	const char *title, *module;
	int64_t cpu, pid; /* -1: not told */
	const char *comm, *taint, *release;
	size_t nr_events;  /* that are no backtraces */
	size_t nr_frames;  /* of the trace, "?" and all */
	const char *names; /* that are hashed, with blanks between */
};

/* Ended by one without a name. */
extern const struct event_text event_texts[];

#endif
