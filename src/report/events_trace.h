/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events_trace.h - what the kernel tells of a CPU or a task that it stopped to look at:
 * who it is, its registers, its frames. Line by line.
 */
#ifndef STK_EVENTS_TRACE_H
#define STK_EVENTS_TRACE_H

#include "events.h"

struct stk_trace_reader {
	struct stk_arena *arena;
	struct stk_event_trace *trace;
	const char *stack; /* that the next frames are on; NULL: not told */
	bool in_frames, done;
};

/* @len bytes of any text, as a string in the arena that keeps the rule of names. */
const char *stk_event_text(struct stk_arena *arena, const char *text, size_t len);

/* Does this line name the CPU and the task of a trace that begins? */
bool stk_trace_begins(const char *text, size_t len);

/* Take what a line has; false: it is none of a trace. */
bool stk_trace_line(struct stk_trace_reader *r, const char *text, size_t len);

/* The frames that follow are the trace's, whatever the line before them says. */
void stk_trace_frames(struct stk_trace_reader *r);

/* The address that could not be accessed, if a register has it. */
bool stk_trace_fault(const struct stk_event_trace *trace, uint64_t *address);

/* The stack pointer. */
bool stk_trace_sp(const struct stk_event_trace *trace, uint64_t *sp);

/* Of x86's page fault: what bits 1 and 4 of its error code say. */
const char *stk_trace_access(uint64_t error);

#endif
