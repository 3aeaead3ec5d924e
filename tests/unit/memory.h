/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory.h - one place of the program asks for memory, and gets none.
 *
 * The linker leads what asks for some here first (ASKED in the Makefile). A place is
 * where the call returns to.
 */
#ifndef UNIT_MEMORY_H
#define UNIT_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* From now on it is noted which places ask, in their order. */
void memory_watch(void);
/* From now on that one gets none at its @nth time, from 0 on. */
void memory_fail(size_t place, size_t nth);
/* No more of that. */
void memory_end(void);

/* Where the system refuses to let the heap grow malloc() has memory from elsewhere, and
 * says ENOMEM. */
void memory_from_elsewhere(bool on);

/* How many places there were, how often one has asked, and whether one has failed. */
size_t memory_places(void);
size_t memory_asked(size_t place);
bool memory_failed(void);

/* From now on it is noted what is had; returns how much of it is not given back. */
void memory_hold(void);
size_t memory_held(void);

#endif
