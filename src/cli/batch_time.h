/* SPDX-License-Identifier: GPL-2.0-or-later */
/* batch_time.h - the CPU time that a process may have (ulimit -t), from its beginning on.
 */
#ifndef STK_BATCH_TIME_H
#define STK_BATCH_TIME_H

#include <stdbool.h>
#include <sys/resource.h>

/* Ours, but for what it takes to say so. */
bool cli_time_is_up(void);

/* That of a child, which has @used this: how many seconds it had; 0: it was not. */
unsigned int cli_time_was_up(const struct rusage *used);

#endif
