/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * signature.h - the same crash gets the same name: a title in the words that people
 * search for, the function that is to blame, and a hash by which crashes are counted.
 * HACKING.md has its rules, for others to compute it, too.
 */
#ifndef STK_SIGNATURE_H
#define STK_SIGNATURE_H

#include "events.h"

#define STK_SIGNATURE_FRAMES 8u /* so many names are hashed */

/* A frame of a chain, from a text or from a dump. */
struct stk_signature_frame {
	const char *function; /* NULL: not known; such a frame is left out */
	const char *module;   /* NULL: none */
	bool doubtful;	      /* it may be none of the chain: left out */
	bool inlined;	      /* left out, since not everyone knows */
	bool interrupted;     /* an exception or an interrupt came there */
};

/* The @nth frame, from the innermost on; false: there are no more. */
typedef bool stk_signature_fn(void *ctx, size_t nth, struct stk_signature_frame *out);

struct stk_signature {
	const char *kind;  /* the code of the event's kind */
	char title[240];   /* "kernel BUG in f": no address, no PID, no CPU */
	char culprit[128]; /* without suffixes; "": no function is to blame, or known */
	size_t culprit_at; /* which frame it is */
	char module[64];   /* its, or "" */
	size_t nr_names;   /* that are in the hash */
	char names[STK_SIGNATURE_FRAMES][128];
	char hash[24]; /* "v1:6f3c09e1d2b84a57" */
};

/* The signature of what is of @kind and about @subject (NULL: nothing) with that chain.
 */
void stk_signature(enum stk_event_kind kind, const char *subject, const char *access,
		   stk_signature_fn *frames, void *ctx, struct stk_signature *out);

/* The same of an event in a log. */
void stk_event_signature(const struct stk_event *event, struct stk_signature *out);

/* What a task that waits in @trace would be signed as, if it died of that. */
void stk_trace_signature(const struct stk_event_trace *trace, struct stk_signature *out);

/* The frames of a trace, its instruction first, for stk_signature(). */
bool stk_trace_frame(void *trace, size_t nth, struct stk_signature_frame *out);

#endif
