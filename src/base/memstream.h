/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memstream.h - the end of what open_memstream() has begun. */
#ifndef STK_MEMSTREAM_H
#define STK_MEMSTREAM_H

#include <stdbool.h>
#include <stdio.h>

/*
 * False: no memory, and @text is to be freed all the same. glibc's fclose() succeeds even
 * where there was none for the text's last byte, and leaves a size with NULL, or with
 * what fflush() had said and is freed now.
 */
static inline bool stk_memstream_end(FILE *fp, char **text)
{
	*text = NULL;
	return !fclose(fp) && *text;
}

#endif
