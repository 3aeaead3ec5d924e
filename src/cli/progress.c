/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Standard error must be a terminal. The answer must go to a file, or come only at the
 * end: on the terminal one that is printed piece by piece shows by itself how far it is,
 * and what reads a pipe may be a pager that draws on the same terminal.
 */
#include "progress.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS	  1000u
#define UPDATE_MS 100u

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static bool is_file(int fd)
{
	struct stat sb;

	return !fstat(fd, &sb) && S_ISREG(sb.st_mode);
}

void cli_progress_init(struct cli_progress *p, const char *name)
{
	*p = (struct cli_progress){ .name = name, .begin = now() };
	p->wanted = isatty(STDERR_FILENO) &&
		    (isatty(STDOUT_FILENO) || is_file(STDOUT_FILENO));
}

/* "30,055" */
static const char *grouped(size_t nr, char text[32])
{
	char plain[24];
	int len = snprintf(plain, sizeof(plain), "%zu", nr), n = 0;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			text[n++] = ',';
		text[n++] = plain[i];
	}
	text[n] = '\0';
	return text;
}

void cli_progress_show(struct cli_progress *p, const char *what, size_t done, size_t all,
		       bool collects)
{
	char a[32], b[32];
	uint64_t t;

	if (!p->wanted || (!collects && isatty(STDOUT_FILENO)))
		return;
	t = now();
	if (t - p->begin < WAIT_MS || t - p->last < UPDATE_MS)
		return;
	p->last = t;
	p->shown = true;
	fprintf(stderr, "\r%s: %s of %s %s\033[K", p->name, grouped(done, a),
		grouped(all, b), what);
}

void cli_progress_clear(struct cli_progress *p)
{
	if (!p->shown)
		return;
	p->shown = false;
	fputs("\r\033[K", stderr);
}
