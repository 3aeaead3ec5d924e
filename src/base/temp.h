/* SPDX-License-Identifier: GPL-2.0-or-later */
/* temp.h - files without a name, for what is larger than memory should be. */
#ifndef STK_TEMP_H
#define STK_TEMP_H

#include <fcntl.h>
#include <stdlib.h>

/* Where they are: $TMPDIR, or where files may be large. */
static inline const char *stk_temp_dir(void)
{
	const char *dir = getenv("TMPDIR");

	return dir && *dir ? dir : "/var/tmp";
}

/* To be read and written by its descriptor, and gone with it. Negative: see errno. */
static inline int stk_temp_open(void)
{
	return open(stk_temp_dir(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

#endif
