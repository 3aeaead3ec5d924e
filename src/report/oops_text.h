/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * oops_text.h - how to read a text that a kernel printed and others passed on: an oops, a
 * log, out of a terminal, a syslog, a JSON document, a mail. Any bytes may come.
 */
#ifndef STK_OOPS_TEXT_H
#define STK_OOPS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Take away what is none of the kernel's words, in place: colours and other sequences of
 * a terminal; put a line's end or a tab where a log has an escape for one: \n and \u000a
 * of JSON, \x0a of /dev/kmsg, #012 of syslog; and undo what a mail or a page has made of
 * it (oops_mail.h). Returns the length, never more than @len.
 */
size_t stk_oops_clean(char *text, size_t len);

bool stk_oops_in_word(char c);

/* A function with an offset and its size, "foo+0x12/0x34", as %pS prints it. */
struct stk_oops_function {
	char name[512];
	uint64_t offset, size;
	bool has_addr, in_module;
	uint64_t
		addr; /* what stands before it, as "[<ffffffff81001234>] foo+0x12/0x34" */
	size_t begin; /* where its name does; it ends where the next search begins */
};

/* The next one in @line from *@at on. */
bool stk_oops_function(const char *line, size_t len, size_t *at,
		       struct stk_oops_function *out);

/* @len hexadecimal digits, at most 16 and nothing else; false: these are none. */
bool stk_oops_hex(const char *digits, size_t len, uint64_t *value);

#endif
