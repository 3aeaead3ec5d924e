/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * damage.h - one thing of a machine is not as it was, told in a line:
 *
 *   word PLACE HOW        a word of memory (HOW: see changed())
 *   unreadable PLACE      its page is not in the dump
 *   unmapped PLACE        its page was never mapped
 *   no symbol NAME        no member TYPE.MEMBER        no line KEY
 *   symbol NAME           the symbol, or the member, is 8 bytes further
 *   member TYPE.MEMBER
 *   note NUMBER REG HOW   a register, by its number in the note or by its name
 *
 * PLACE is BASE+0xOFFSET, BASE one of task:PID, stack:PID, idle:CPU, idlestack:CPU,
 * ist:NAME@CPU, SYMBOL@CPU for per-CPU variables, SYMBOL.
 */
#ifndef UNIT_DAMAGE_H
#define UNIT_DAMAGE_H

#include <stdio.h>

#include "fixture.h"

/* To m, before there is a session. More than one are parted by ", ". */
void damage(const char *line);

uint64_t damage_base(const char *name);

/* All that the commands say of m, which is opened before; the caller's. */
char *damage_answer(void);
/* The same once more, in the session that there is. */
char *damage_answer_again(void);
/* What @now has that @before had not, line by line, and how much is gone. */
void damage_compare(FILE *out, const char *before, const char *now);

#endif
