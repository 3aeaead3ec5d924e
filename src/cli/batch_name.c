/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names of a batch's dumps. A file may be no list at all, and have no end: what is
 * longer than any name is not collected.
 */
#include "cli.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* All parts of a dump that makedumpfile has split, each as long as a path may be. */
#define MAX_NAME (256u * PATH_MAX)
#define PIECE	 256u

static bool ends_name(int c)
{
	return c == '\n' || c == '\0' || c == EOF;
}

char *cli_next_name(FILE *list, const char **error)
{
	size_t len = 0, room = 0;
	char *name = NULL, *more;
	int c;

	do
		c = getc(list);
	while (c != EOF && ends_name(c));
	for (; !ends_name(c) && len < MAX_NAME; c = getc(list)) {
		if (len + 1 >= room) {
			room = room ? 2 * room : PIECE;
			more = realloc(name, room);
			if (!more)
				break;
			name = more;
		}
		name[len++] = (char)c;
	}
	if (ferror(list))
		*error = strerror(errno);
	else if (len == MAX_NAME)
		*error = "it has a name of more than a MiB";
	else if (!ends_name(c))
		*error = "out of memory";
	if (!*error && len) {
		name[len] = '\0';
		return name;
	}
	free(name);
	return NULL;
}
