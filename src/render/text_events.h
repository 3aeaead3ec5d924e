/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text_events.h - what the files that print events share. */
#ifndef STK_TEXT_EVENTS_H
#define STK_TEXT_EVENTS_H

#include <stackinfo/render.h>
#include <stdio.h>

#include "../report/signature.h"

#define EVENTS_INDENT 11
#define EVENTS_WIDTH  100

/* "MACHINE    ", or blanks: where what is told of it begins. */
void stk_text_label(FILE *fp, const char *label);

/* "write at 0x0", "stuck for 22 s": what is told of it beside its title; else "". */
void stk_text_event_facts(const struct stk_event *e, char *text, size_t size);

/* "PID 203 "sh" on CPU 1"; "" if nothing is known. */
void stk_text_event_who(const struct stk_event *e, char *text, size_t size);

/* "f+0x12/0x34 [module]", "?" before it if it is in doubt. */
void stk_text_event_frame(const struct stk_event_frame *f, char *text, size_t size);

/*
 * The frames from the @begin-th on, of which the instruction is the first if @t has it;
 * wrapped, a line for each stack. @column: where the line that they begin on is; at most
 * @max_lines, 0: as many as it takes.
 */
void stk_text_trace(FILE *fp, const struct stk_event_trace *t, size_t begin,
		    size_t column, size_t max_lines);

/* What happened, where, and to whom; @died: the machine did not survive it. */
void stk_text_death(FILE *fp, const struct stk_event *e, const struct stk_signature *sig,
		    bool died);

void stk_text_signature(FILE *fp, const struct stk_signature *sig);

/* An event on a line or two; @marked: that which the machine died of. */
void stk_text_event_line(FILE *fp, const struct stk_event *e, bool marked);

/* What the letters mean. */
void stk_text_taint(FILE *fp, const char *taint);

/* The frames from the culprit outwards, wrapped; a line for each stack. */
void stk_text_event_chain(FILE *fp, const struct stk_event_trace *t,
			  const struct stk_signature *sig);

/* -v: all of one event. */
void stk_text_event(FILE *fp, const struct stk_event *e);

#endif
