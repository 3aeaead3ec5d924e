/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words.h - a set of words of physical memory: those that were read of a dump, or those
 * that a small one made of it has.
 *
 * A word has 8 bytes, and is in the set with each byte of it. The pages here are the
 * smallest of any machine, whatever the size of its own.
 */
#ifndef STK_WORDS_H
#define STK_WORDS_H

#include <stackinfo/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STK_WORDS_PAGE_SHIFT 12u
#define STK_WORDS_PAGE	     (1u << STK_WORDS_PAGE_SHIFT)
#define STK_WORD	     8u
#define STK_WORDS_MASKS	     (STK_WORDS_PAGE / STK_WORD / 64)

/* What is in the set of one page. Of none of its words: the page was asked for. */
struct stk_words_page {
	uint64_t pfn;
	uint64_t has[STK_WORDS_MASKS]; /* a bit for each word */
	/* Of the first reading: */
	uint64_t virt;	  /* its address; 0: it read physical memory */
	const char *what; /* whose it was; NULL: of nobody in particular */
};

struct stk_words;

/* NULL: no memory. */
struct stk_words *stk_words_new(void);
void stk_words_free(struct stk_words *w);

/*
 * Add the words of @len bytes at the physical address @phys, read at @virt for @what, a
 * string that stays. What there is no room for is left out, and stk_words_full() tells.
 */
void stk_words_add(struct stk_words *w, uint64_t phys, size_t len, uint64_t virt,
		   const char *what);
bool stk_words_full(const struct stk_words *w);

/* Are all of these in it? Of a page that it does not know: yes. */
bool stk_words_have(const struct stk_words *w, uint64_t phys, size_t len);

/* The pages, in the order in which they came; after stk_words_sort() by number. */
size_t stk_words_nr(const struct stk_words *w);
const struct stk_words_page *stk_words_page(const struct stk_words *w, size_t i);
bool stk_words_sort(struct stk_words *w); /* false: no memory */

/* All of the page? */
bool stk_words_whole(const struct stk_words_page *p);

/*
 * The set as bytes for a file: all pages that are not whole, in an array that is to be
 * freed; and back again. STK_ERR_NOMEM; STK_ERR_CORRUPT. There are never more than
 * stk_words_most_bytes().
 */
enum stk_status stk_words_write(const struct stk_words *w, void **bytes, size_t *size);
enum stk_status stk_words_read(const void *bytes, size_t size, struct stk_words **out);
size_t stk_words_most_bytes(void);

#endif
