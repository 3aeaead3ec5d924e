/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events_match.h - a pattern of a message, as scanf() would have it, and bounded:
 *
 *   %d  decimal digits             %x  hexadecimal ones, with 0x or without
 *   %w  bytes that are no blanks   %s  up to where the rest of the pattern may begin
 *   %*  all that is left
 *
 * A blank is one or more of them. The pattern begins where the message does; the message
 * may go on behind it.
 */
#ifndef STK_EVENTS_MATCH_H
#define STK_EVENTS_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STK_MAX_TAKEN 8

struct stk_taken {
	const char *text;
	size_t len;
};

/* @taken: what stood for each %, in order; room for STK_MAX_TAKEN. */
bool stk_event_match(const char *pattern, const char *text, size_t len,
		     struct stk_taken *taken);

/* A number as %d took it, and as %x did; false: too large. */
bool stk_taken_number(const struct stk_taken *taken, uint64_t *value);
bool stk_taken_hex(const struct stk_taken *taken, uint64_t *value);

#endif
