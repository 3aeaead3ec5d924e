/* SPDX-License-Identifier: GPL-2.0-or-later */
/* progress.h - one line on the terminal while a command takes longer than a second. */
#ifndef STK_PROGRESS_H
#define STK_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cli_progress {
	const char *name; /* of the command */
	bool wanted, shown;
	uint64_t begin, last; /* ms */
};

/* From here on the time is taken. Wanted only where it disturbs nobody. */
void cli_progress_init(struct cli_progress *p, const char *name);

/* @done of @all @what. @collects: nothing of the answer is printed yet. */
void cli_progress_show(struct cli_progress *p, const char *what, size_t done, size_t all,
		       bool collects);

/* Something else is to be printed, or it is over. */
void cli_progress_clear(struct cli_progress *p);

#endif
