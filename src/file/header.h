/* SPDX-License-Identifier: GPL-2.0-or-later */
/* header.h - does a dump file's header make sense? Nothing is trusted in it. */
#ifndef STK_HEADER_H
#define STK_HEADER_H

#include <stdbool.h>
#include <stdint.h>

/* The machine by its number in ELF; EM_NONE when the header does not say. */
uint16_t stk_header_machine(int fd);

/* What is wrong with it, as the end of a sentence; NULL: nothing that shows. */
const char *stk_header_problem(int fd, uint64_t file_size);

/* A part of a dump that "makedumpfile --split" wrote: pages by their numbers. */
struct stk_part {
	uint64_t begin, end; /* those that this one has */
	uint64_t all;	     /* how many the parts have together */
};

bool stk_is_part(int fd, struct stk_part *part);

/* struct page_desc of makedumpfile's compressed format (diskdump_mod.h). */
struct stk_page_desc {
	uint64_t offset;
	uint32_t size, flags;
	uint64_t page_flags;
};

/* Where that format has what tells of its pages. */
struct stk_kdump_layout {
	uint64_t bitmap_at, bitmap_end; /* of the pages that it has */
	uint64_t desc_at;		/* their struct page_desc, one for each */
	uint64_t begin, end;		/* by number, the pages that they may be of */
};

/* False: it is of another format, or its header makes no sense. */
bool stk_kdump_layout(int fd, struct stk_kdump_layout *out);

/* Says the dump of itself that it could not be written to its end? */
bool stk_is_incomplete(int fd);

/* How long the file should be; 0 when its headers do not say, or make no sense. */
uint64_t stk_dump_size(int fd);

#endif
