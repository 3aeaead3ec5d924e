/* SPDX-License-Identifier: GPL-2.0-or-later */
/* foreign.h - files that people take for dumps: what they are, and what to do. */
#ifndef STK_FOREIGN_H
#define STK_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

/* Is @fd a file that is read nowhere here? @text: what it is, as the end of a sentence.
 */
bool stk_is_foreign(int fd, char *text, size_t size);

/* Does it begin as the dumps do that are read here? Other files of ELF do, too. */
bool stk_begins_as_dump(int fd);

/* Is it the core of a process, no kernel's? */
bool stk_is_process_core(int fd, char *text, size_t size); /* process.c */

#endif
