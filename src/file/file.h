/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file.h - the file, or the files, that a dump is in.
 *
 * What libkdumpfile need not know: lists of the parts that "makedumpfile --split" wrote,
 * the flattened format that goes through pipes, and files that are no dumps at all, of
 * which we say what they are.
 */
#ifndef STK_FILE_H
#define STK_FILE_H

#include <stackinfo/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "ranges.h"

#define STK_MAX_FILES 64u

struct stk_files {
	int fd[STK_MAX_FILES];
	size_t nr;
	uint64_t covered, all; /* of a split dump: pages in these files, and in all */
	bool cut;	       /* the end of one is missing */
	bool incomplete;       /* one says of itself that it is not whole */
	bool part;	       /* it is one part of a split dump, alone */
	uint16_t machine;      /* its number in ELF; EM_NONE: no header says it */
	bool live;	       /* it is /proc/kcore, of a machine that runs */
	/* There is no header: where its bytes were in the machine; else NULL */
	const struct stk_ranges *memory;
};

/*
 * Open @path: a dump, or several with commas between them, the parts of a split one. A
 * flattened dump is put in order in an unlinked temporary file in $TMPDIR. @memory: it
 * is one of memory alone, which was there, and must outlive @f; else NULL. On failure
 * @error gets a line that says what is wrong and, where one can, what to do.
 */
enum stk_status stk_files_open(struct stk_files *f, const char *path,
			       const struct stk_ranges *memory, char *error, size_t size);

void stk_files_close(struct stk_files *f);

/* What there is to read in all of them, and how long the first one is; in bytes. */
uint64_t stk_files_size(const struct stk_files *f);
uint64_t stk_files_length(const struct stk_files *f);

/* What there is to read in a file, in bytes: its holes are not counted. */
static inline uint64_t stk_stored_size(const struct stat *sb)
{
	uint64_t size = (uint64_t)sb->st_size, blocks = (uint64_t)sb->st_blocks * 512;

	return size < blocks ? size : blocks;
}

#endif
