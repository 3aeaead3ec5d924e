/* SPDX-License-Identifier: GPL-2.0-or-later */
/* events_heads.h - the messages that begin an event, or tell more of one: a row each. */
#ifndef STK_EVENTS_HEADS_H
#define STK_EVENTS_HEADS_H

#include "events.h"
#include "events_match.h"

enum stk_head_how {
	STK_HEAD_OPENS, /* an event of its own */
	STK_HEAD_JOINS, /* the open event, if it can die and has no trace yet; else its
			   own */
	STK_HEAD_ADDS,	/* the open event, if it is of this kind; else its own */
	STK_HEAD_PANIC, /* an event of its own, that ends all */
	STK_HEAD_TRACE, /* another trace of the event that wants some; else its own */
};

struct stk_event_head {
	const char *pattern; /* see events_match.h */
	enum stk_event_kind kind;
	/*
	 * What each % of the pattern is: a an address; e an error code; c a CPU; p a PID;
	 * t a name and a PID, "sh:12" or "sh/12"; m a name; n seconds; l a place in the
	 * source; s the subject; f a function; C CPUs as RCU lists them; - nothing of
	 * use.
	 */
	const char *take;
	enum stk_head_how how;
	const char *subject; /* if the message has none of its own */
};

/* The row for a message, with what its pattern took; NULL: none. */
const struct stk_event_head *stk_event_head(const char *text, size_t len,
					    struct stk_taken *taken);

/* The same for what is told of an open event of @kind, whatever it is. */
struct stk_event_more {
	const char *pattern;
	/* As above, and b how many bytes; r "Read" or "Write"; x the error code of x86's
	 * page fault, of which one bit means a write; w 1: a write. */
	const char *take;
	bool detail; /* the whole line is worth telling */
	bool frames; /* those that follow are the event's */
};

const struct stk_event_more *stk_event_more(const char *text, size_t len,
					    struct stk_taken *taken);

/* Without what a part of the kernel has its messages begin with, "rcu: ". */
void stk_event_subsystem(const char **text, size_t *len);

#endif
