/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dump_pack.h - a small dump, of what was read of a large one.
 *
 * A dump that is opened to be recorded keeps in mind each word that is read of it. What
 * is asked until stk_dump_pack() can be asked of the small dump as well. Its other words
 * are zeros there, for programs that know no better; it says itself which they are, and
 * who reads them here is told that they are not in the dump.
 */
#ifndef STK_DUMP_PACK_H
#define STK_DUMP_PACK_H

#include <stackinfo/dump.h>

#include "../machine/words.h"

/* What is left out, whatever reads it. */
struct stk_pack_options {
	bool no_log;
	bool no_names; /* of tasks, and of the machine */
};

/* As stk_dump_open_with(). */
enum stk_status stk_dump_open_recorded(const char *path,
				       const struct stk_dump_options *options,
				       const struct stk_pack_options *pack,
				       struct stk_dump **out, char *error, size_t size);

/* What was written. */
struct stk_packed {
	bool plain; /* wanted: pages that are not compressed */
	uint64_t nr_pages, file_bytes;
	uint64_t kept_bytes; /* of the pages, the words that were read */
	/* Is given each page, in ascending order, and what it takes in the file. False:
	 * stop. */
	bool (*page)(void *ctx, const struct stk_words_page *page, size_t bytes);
	void *ctx;
};

/*
 * Write all that was read until now to the empty file @fd, which stays the caller's. On
 * failure @error gets a line. STK_ERR_INTERRUPTED: packed->page() said so.
 */
enum stk_status stk_dump_pack(struct stk_dump *dump, int fd, struct stk_packed *packed,
			      char *error, size_t size);

#endif
