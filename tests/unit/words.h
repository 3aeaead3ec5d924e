/* SPDX-License-Identifier: GPL-2.0-or-later */
/* words.h - the same machine with each of some words damaged; a text with each byte. */
#ifndef UNIT_WORDS_H
#define UNIT_WORDS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What is told of the machine as it is now: one line, without its end. */
typedef void words_tell(FILE *fp);

/*
 * To golden: what is told of the sound machine, and of it with each of the @nr words of
 * @size bytes from @at on damaged in each way, where that differs.
 */
void words_damage(const char *what, uint64_t at, size_t nr, size_t size,
		  words_tell *tell);

/* What is told of a text: one line, without its end. */
typedef void bytes_tell(FILE *fp, const char *text);

/* The same of @text with each byte left out, doubled, and another one. */
void bytes_damage(const char *what, const char *text, bytes_tell *tell);

#endif
