/* SPDX-License-Identifier: GPL-2.0-or-later */
/* events_frames.h - a line of a backtrace. */
#ifndef STK_EVENTS_FRAMES_H
#define STK_EVENTS_FRAMES_H

#include "events_trace.h"

/* "f+0x12/0x34 [module]", with what may stand before and behind it. */
bool stk_frame_read(struct stk_arena *arena, const char *text, size_t len,
		    struct stk_event_frame *out);

/* A frame or a mark of a stack; false: neither. */
bool stk_frame_line(struct stk_trace_reader *r, const char *text, size_t len);

/* One more frame of the trace. */
void stk_frame_add(struct stk_trace_reader *r, const struct stk_event_frame *frame);

/* The trace is at its end: the caller that a register has is all that is known. */
void stk_frame_add_link(struct stk_trace_reader *r);

#endif
