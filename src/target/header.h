/* SPDX-License-Identifier: GPL-2.0-or-later */
/* header.h - does a dump file's header make sense? Nothing is trusted in it. */
#ifndef STK_HEADER_H
#define STK_HEADER_H

#include <stdbool.h>
#include <stdint.h>

/* What is wrong with it, as the end of a sentence; NULL: nothing that shows. */
const char *stk_header_problem(int fd, uint64_t file_size);

/*
 * Is it a part of a dump that "makedumpfile --split" wrote? Then it has the pages from
 * @begin up to @end, by their numbers.
 */
bool stk_is_part(int fd, uint64_t *begin, uint64_t *end);

/* How long the file should be; 0 when its headers do not say, or make no sense. */
uint64_t stk_dump_size(int fd);

#endif
