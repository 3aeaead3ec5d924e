/* SPDX-License-Identifier: GPL-2.0-or-later */
/* header.h - does a dump file's header make sense? Nothing is trusted in it. */
#ifndef STK_HEADER_H
#define STK_HEADER_H

#include <stdbool.h>
#include <stdint.h>

/* What is wrong with it, as the end of a sentence; NULL: nothing that shows. */
const char *stk_header_problem(int fd, uint64_t file_size);

/* A part of a dump that "makedumpfile --split" wrote: pages by their numbers. */
struct stk_part {
	uint64_t begin, end; /* those that this one has */
	uint64_t all;	     /* how many the parts have together */
};

bool stk_is_part(int fd, struct stk_part *part);

/* How long the file should be; 0 when its headers do not say, or make no sense. */
uint64_t stk_dump_size(int fd);

#endif
