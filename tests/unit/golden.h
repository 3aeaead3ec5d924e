/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * golden.h - what is written, beside what was written before: the files golden/NAME.txt,
 * of which each part begins with "==== PART". What differs is read, and put there if it
 * is right. NAME may be in a directory.
 *
 * STACKINFO_GOLDEN=DIR (and CK_FORK=no) writes what comes now to DIR instead.
 */
#ifndef UNIT_GOLDEN_H
#define UNIT_GOLDEN_H

#include <stdio.h>

struct json_object;

extern FILE *golden; /* what a test writes to */

/* Of a case: golden is empty; what is left of it is dropped. */
void golden_setup(void);
void golden_teardown(void);

/* "-- TEXT": what of. */
void golden_head(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* A document, an object of a list on each line; it is dropped. */
void golden_json(struct json_object *o);
/* What was written is that part of the file; golden is empty then. */
void golden_expect(const char *name, const char *part);
/* What was written up to now. */
const char *golden_text(void);
/* All of the file; the caller's. */
char *golden_read(const char *name);

#endif
