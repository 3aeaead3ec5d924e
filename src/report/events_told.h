/* SPDX-License-Identifier: GPL-2.0-or-later */
/* events_told.h - what the frames that a kernel prints do not tell, or tell wrongly. */
#ifndef STK_EVENTS_TOLD_H
#define STK_EVENTS_TOLD_H

#include "events.h"

/*
 * The frames so far are that of the interrupted instruction, and @next is the one that
 * was printed behind it: did the kernel lose the caller between them, which t->link has?
 */
bool stk_link_is_lost(const struct stk_event_trace *t,
		      const struct stk_event_frame *next);

/* There was no instruction to begin with, and no frame: t->link has who called. */
bool stk_link_is_all(const struct stk_event_trace *t);

/* @next, a return address, is at a function's start: it is of the function before. */
bool stk_frame_is_next(const struct stk_event_trace *t,
		       const struct stk_event_frame *next);

/* @first is the first frame of a task that runs, and it is where tasks sleep. */
bool stk_frame_slept(const struct stk_event_trace *t,
		     const struct stk_event_frame *first);

#endif
