/* SPDX-License-Identifier: GPL-2.0-or-later */
/* events_line.h - a line of a log, and what is in front of the kernel's own words. */
#ifndef STK_EVENTS_LINE_H
#define STK_EVENTS_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stk_event_line {
	const char *text; /* what the kernel said, without blanks around it; no zero ends
			     it */
	size_t len;
	const char *time; /* what stands for the time, of @time_len bytes */
	size_t time_len;
	char caller; /* 'T': the task with @id said it, 'C': the CPU; 0: not told */
	uint32_t id;
};

/* Take @line apart, of @len bytes, any bytes. */
void stk_event_line(struct stk_event_line *out, const char *line, size_t len);

#endif
