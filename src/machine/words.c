/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"

#include <stdlib.h>
#include <string.h>

#include "../base/hash.h"
#include "../base/vec.h"

/* 4 GiB of memory: far more than any answer reads, and 100 MB of our own. */
#define MAX_PAGES   (1u << 20)
#define BLOCK_PAGES 512u

struct stk_words {
	struct stk_arena arena;
	struct stk_words_page **block; /* of BLOCK_PAGES each */
	size_t nr_blocks, blocks_room;
	size_t nr;
	struct stk_hash by_number;
	uint32_t *order; /* numbers from 0 on; NULL: not sorted */
	bool full;
};

struct stk_words *stk_words_new(void)
{
	return calloc(1, sizeof(struct stk_words));
}

void stk_words_free(struct stk_words *w)
{
	if (!w)
		return;
	stk_arena_free(&w->arena);
	free(w->order);
	free(w);
}

static struct stk_words_page *page_at(const struct stk_words *w, size_t i)
{
	return &w->block[i / BLOCK_PAGES][i % BLOCK_PAGES];
}

static uint32_t page_hash(const void *words, uint32_t number)
{
	return stk_hash_number(page_at(words, number - 1)->pfn);
}

static struct stk_words_page *find_page(const struct stk_words *w, uint64_t pfn)
{
	uint32_t *slot;

	stk_hash_each (slot, &w->by_number, stk_hash_number(pfn))
		if (page_at(w, *slot - 1)->pfn == pfn)
			return page_at(w, *slot - 1);
	return NULL;
}

/* One more, without a word; NULL: no room. */
static struct stk_words_page *new_page(struct stk_words *w, uint64_t pfn)
{
	struct stk_words_page **block, *page;
	uint32_t *slot;

	if (w->nr == MAX_PAGES ||
	    !stk_hash_reserve(&w->by_number, &w->arena, w->nr + 1, page_hash, w))
		return NULL;
	if (w->nr == w->nr_blocks * BLOCK_PAGES) {
		page = stk_arena_array(&w->arena, BLOCK_PAGES, sizeof(*page));
		block = page ? stk_vec_next(&w->arena, w->block, w->nr_blocks,
					    w->blocks_room)
			     : NULL;
		if (!block)
			return NULL;
		*block = page;
		w->nr_blocks++;
	}
	stk_hash_each (slot, &w->by_number, stk_hash_number(pfn))
		;
	*slot = (uint32_t)++w->nr;
	page = page_at(w, w->nr - 1);
	page->pfn = pfn;
	return page;
}

/* How many of @len bytes are in the page of @phys, of which it is byte @from. */
static size_t bytes_in_page(uint64_t phys, size_t len, size_t *from)
{
	*from = phys % STK_WORDS_PAGE;
	return len < STK_WORDS_PAGE - *from ? len : STK_WORDS_PAGE - *from;
}

void stk_words_add(struct stk_words *w, uint64_t phys, size_t len, uint64_t virt,
		   const char *what)
{
	size_t from, n;

	do {
		const uint64_t pfn = phys >> STK_WORDS_PAGE_SHIFT;
		struct stk_words_page *p = find_page(w, pfn);

		n = bytes_in_page(phys, len, &from);
		if (!p) {
			p = new_page(w, pfn);
			if (!p) {
				w->full = true;
				return;
			}
			p->virt = virt;
			p->what = what;
		}
		for (size_t i = from / STK_WORD; n && i * STK_WORD < from + n; i++)
			p->has[i / 64] |= 1ull << i % 64;
		phys += n;
		virt += virt ? n : 0;
		len -= n;
	} while (len);
}

bool stk_words_full(const struct stk_words *w)
{
	return w->full;
}

bool stk_words_have(const struct stk_words *w, uint64_t phys, size_t len)
{
	size_t from, n;

	for (; len; phys += n, len -= n) {
		const struct stk_words_page *p =
			find_page(w, phys >> STK_WORDS_PAGE_SHIFT);

		n = bytes_in_page(phys, len, &from);
		for (size_t i = from / STK_WORD; p && i * STK_WORD < from + n; i++)
			if (!(p->has[i / 64] >> i % 64 & 1))
				return false;
	}
	return true;
}

size_t stk_words_nr(const struct stk_words *w)
{
	return w->nr;
}

const struct stk_words_page *stk_words_page(const struct stk_words *w, size_t i)
{
	return page_at(w, w->order ? w->order[i] : i);
}

static int by_pfn(const void *a, const void *b, void *words)
{
	const uint64_t x = page_at(words, *(const uint32_t *)a)->pfn;
	const uint64_t y = page_at(words, *(const uint32_t *)b)->pfn;

	return x < y ? -1 : x > y;
}

bool stk_words_sort(struct stk_words *w)
{
	free(w->order);
	w->order = malloc((w->nr + 1) * sizeof(*w->order));
	if (!w->order)
		return false;
	for (size_t i = 0; i < w->nr; i++)
		w->order[i] = (uint32_t)i;
	qsort_r(w->order, w->nr, sizeof(*w->order), by_pfn, w);
	return true;
}

bool stk_words_whole(const struct stk_words_page *p)
{
	uint64_t all = UINT64_MAX;

	for (unsigned int i = 0; i < STK_WORDS_MASKS; i++)
		all &= p->has[i];
	return all == UINT64_MAX;
}

/*
 * The bytes: for each page its number and its masks, little-endian words of 64 bits.
 */
#define ROW_SIZE (8u + 8u * STK_WORDS_MASKS)

size_t stk_words_most_bytes(void)
{
	return (size_t)MAX_PAGES * ROW_SIZE;
}

enum stk_status stk_words_write(const struct stk_words *w, void **bytes, size_t *size)
{
	unsigned char *to = malloc(w->nr * ROW_SIZE + 1);

	*bytes = to;
	if (!to)
		return STK_ERR_NOMEM;
	for (size_t i = 0; i < w->nr; i++) {
		const struct stk_words_page *p = stk_words_page(w, i);

		if (stk_words_whole(p))
			continue;
		memcpy(to, &p->pfn, sizeof(p->pfn));
		memcpy(to + sizeof(p->pfn), p->has, sizeof(p->has));
		to += ROW_SIZE;
	}
	*size = (size_t)(to - (unsigned char *)*bytes);
	return STK_OK;
}

static enum stk_status read_rows(struct stk_words *w, const unsigned char *row,
				 size_t size)
{
	for (; size >= ROW_SIZE; row += ROW_SIZE, size -= ROW_SIZE) {
		struct stk_words_page *p;
		uint64_t pfn;

		memcpy(&pfn, row, sizeof(pfn));
		if (find_page(w, pfn))
			return STK_ERR_CORRUPT;
		p = new_page(w, pfn);
		if (!p)
			return STK_ERR_NOMEM;
		memcpy(p->has, row + sizeof(pfn), sizeof(p->has));
	}
	return size ? STK_ERR_CORRUPT : STK_OK;
}

enum stk_status stk_words_read(const void *bytes, size_t size, struct stk_words **out)
{
	enum stk_status st;

	*out = stk_words_new();
	st = *out ? read_rows(*out, bytes, size) : STK_ERR_NOMEM;
	if (st) {
		stk_words_free(*out);
		*out = NULL;
	}
	return st;
}
