/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Up to 0.5.1 libkdumpfile's kdump_free() first frees all attributes of a dump, then
 * calls the clean-up hook of its format, which writes to two of them (fixed in 0.5.2,
 * commit 97c716a424a8 "Run attribute cleanup hooks before deallocating attributes"). Of
 * the formats that we read, kdump has such a hook, and ELF has none.
 *
 * No call of the API takes the hook away: opening another file in the same context frees
 * in a wrong way what the hook works on. So such a context is lost: some MB and maps of
 * the file, until the process ends, which for most is when they have read their dump.
 */
#include "kdump_free.h"

#include <string.h>

/* Else each run would look for the lines that all of this was allocated in. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#define MEANT_TO_BE_LOST(p) __lsan_ignore_object(p)
#else
#define MEANT_TO_BE_LOST(p) ((void)(p))
#endif

#define FREE_IS_SOUND (KDUMPFILE_VERSION >= KDUMPFILE_MKVER(0, 5, 2))

void stk_kdump_free(kdump_ctx_t *ctx)
{
	const char *format;

	if (FREE_IS_SOUND ||
	    kdump_get_string_attr(ctx, KDUMP_ATTR_FILE_FORMAT, &format) != KDUMP_OK ||
	    !strcmp(format, "elf"))
		kdump_free(ctx);
	else
		MEANT_TO_BE_LOST(ctx);
}
