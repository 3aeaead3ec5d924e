/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dump_kept.h - the note of a small dump that says which words of its pages are in it:
 * stk_words_write(), packed by zlib, behind the number of bytes that it is unpacked.
 */
#ifndef STK_DUMP_KEPT_H
#define STK_DUMP_KEPT_H

#include "../machine/words.h"

/* In an array that is to be freed. STK_ERR_NOMEM. */
enum stk_status stk_kept_write(const struct stk_words *w, void **desc, size_t *size);

/* STK_ERR_NOMEM, STK_ERR_CORRUPT. */
enum stk_status stk_kept_read(const void *desc, size_t size, struct stk_words **out);

#endif
