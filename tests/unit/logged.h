/* SPDX-License-Identifier: GPL-2.0-or-later */
/* logged.h - what the kernel printed. */
#ifndef UNIT_LOGGED_H
#define UNIT_LOGGED_H

#include "synthetic.h"

/* The log in the machine's memory, as 5.10 and later have it: each line is a record. */
void syn_log(struct syn *m, const char *text);
/* The line @nr of it, from 1 on, was printed at @ns; else all were at 0. */
void syn_log_time(struct syn *m, uint64_t nr, uint64_t ns);

#endif
