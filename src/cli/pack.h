/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pack.h - what the parts of "stackinfo pack" share. */
#ifndef CLI_PACK_H
#define CLI_PACK_H

#include "../commands/commands.h"
#include "../session/dump_pack.h"

/* pack_reads.c: have all of the answers read what they need, and some more read. False:
 * not all was, for want of memory; or complained. */
bool pack_read_all(struct stk_command *cmd);

/* Read @len bytes at @addr, as far as they are there. */
void pack_touch(struct stk *s, uint64_t addr, uint64_t len);

/* The pages there are in the small dump, whatever is in them. */
void pack_have(struct stk *s, uint64_t begin, uint64_t end);

/* pack_others.c: and what crash and drgn read before they can answer. */
void pack_read_for_others(struct stk *s);

/* pack_places.c: and what tells which page is what. Those that were read until now. */
void pack_read_places(struct stk *s);

/* pack_parts.c: what a page is of, in the order in which it is told. */
#define PACK_MAX_PARTS 16u
size_t pack_part(struct stk *s, const struct stk_words_page *page);
const char *pack_part_name(size_t part); /* NULL past the last one */

/* pack_file.c: a file beside the one that is wanted, whose name it gets when it is whole.
 */
struct pack_file {
	const char *path;
	bool force; /* take the place of a file that is there */
	char *temporary;
	int fd;
	char error[512]; /* why it failed */
};
bool pack_file_begin(struct pack_file *f);
/* @whole: it gets its name; else it goes. False: it could not. */
bool pack_file_end(struct pack_file *f, bool whole);
/* The user wants it to stop. Signals that end the process wait until the file has ended.
 */
bool pack_file_stopped(void);

#endif
