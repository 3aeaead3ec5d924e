/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spool.h - text that is printed later, or not at all: half an answer is worse than none.
 *
 * What is short stays in memory. A large machine's chains are more than a capture kernel
 * has: they go to a file without a name, or stay in memory where there is no room for it.
 */
#ifndef STK_SPOOL_H
#define STK_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* It must stay where it is while it is open. */
struct stk_spool {
	FILE *fp; /* to write to */
	char *text;
	size_t room;   /* of @text */
	uint64_t size; /* of all of it, in @text or in the file */
	int fd;	       /* negative: there is no file */
	bool no_file;  /* it was tried */
};

/* False: no memory. */
bool stk_spool_open(struct stk_spool *spool);

/* Nothing of it was lost. */
bool stk_spool_is_whole(struct stk_spool *spool);
/* Else: a format with one %s, stk_temp_dir(). */
#define STK_NO_ROOM "no memory, or no room in %s, for the answer"

/* Nothing was written. */
bool stk_spool_is_empty(struct stk_spool *spool);

/*
 * Copy it to @out as one line: a blank in place of each newline, and nothing in place of
 * one at the end. Nothing is printed of what is not whole. False: it is not, or it cannot
 * be read.
 */
bool stk_spool_print(struct stk_spool *spool, FILE *out);

void stk_spool_close(struct stk_spool *spool);

#endif
