/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nothing is read ahead. In the compressed format the place of a page's descriptor is
 * how many bits are set before the page's own in the second bitmap: they are counted a
 * block of the bitmap at a time, as far as anybody asked, and the counts are kept.
 */
#include "extent.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elf_heads.h"
#include "header.h"

#define BLOCK	    4096u /* bytes of the bitmap that are counted at a time */
#define BLOCK_PAGES (BLOCK * 8u)
#define PART_PAGES  512u /* of which the bits of one block are counted together */
#define NR_PARTS    (BLOCK_PAGES / PART_PAGES)
#define WORD_BITS   64u
#define NR_BLOCKS   16u /* that are kept: tasks and their stacks are all over memory */

struct load {
	uint64_t phys, size, offset;
};

/* A block of the bitmap. */
struct block {
	uint64_t nr;		       /* and one; 0: none */
	uint16_t before[NR_PARTS + 1]; /* set bits before each part, and in all */
	unsigned char bits[BLOCK];
};

/* One file. */
struct extent {
	int fd;
	uint64_t size;
	/* ELF: what it says that it holds */
	struct load *load;
	size_t nr_loads;
	/* makedumpfile's format */
	struct stk_kdump_layout kdump; /* desc_at 0: it is not that */
	uint64_t *before; /* set bits of [kdump.begin, the first page of block n): of the
			   * first one less than none */
	size_t nr_before, room;
	struct block block[NR_BLOCKS];
};

struct stk_extents {
	size_t nr;
	struct extent file[];
};

static void read_loads(struct extent *e)
{
	size_t nr;
	Elf *elf = stk_elf_heads(e->fd, &nr);

	e->load = nr ? calloc(nr, sizeof(*e->load)) : NULL;
	for (size_t i = 0; e->load && i < nr; i++) {
		GElf_Phdr ph;

		if (gelf_getphdr(elf, (int)i, &ph) && ph.p_type == PT_LOAD)
			e->load[e->nr_loads++] =
				(struct load){ ph.p_paddr, ph.p_filesz, ph.p_offset };
	}
	elf_end(elf);
}

struct stk_extents *stk_extents_new(const int *fd, size_t nr)
{
	struct stk_extents *x = calloc(1, sizeof(*x) + nr * sizeof(x->file[0]));

	for (size_t i = 0; x && i < nr; i++) {
		struct extent *e = &x->file[x->nr++];

		e->fd = fd[i];
		/* Of a disk, too; what has no end has all. */
		e->size = (uint64_t)lseek(fd[i], 0, SEEK_END);
		if (!stk_kdump_layout(fd[i], &e->kdump))
			read_loads(e);
	}
	return x;
}

void stk_extents_free(struct stk_extents *x)
{
	for (size_t i = 0; x && i < x->nr; i++) {
		free(x->file[i].load);
		free(x->file[i].before);
	}
	free(x);
}

static bool in_file(const struct extent *e, uint64_t at, uint64_t len)
{
	return at <= e->size && len <= e->size - at;
}

/* As libkdumpfile's, but a segment that has all of the page is as good as any. */
static enum stk_status check_elf(const struct extent *e, uint64_t phys,
				 uint64_t page_size, int *fd, uint64_t *at)
{
	uint64_t page = phys - phys % page_size;
	bool cut = false;

	for (size_t i = 0; i < e->nr_loads; i++) {
		const struct load *l = &e->load[i];
		uint64_t from = page > l->phys ? page : l->phys, len;

		if (page + page_size <= l->phys || from - l->phys >= l->size)
			continue;
		len = l->size - (from - l->phys);
		if (len > page + page_size - from)
			len = page + page_size - from;
		if (!in_file(e, l->offset + (from - l->phys), len)) {
			cut = true;
		} else if (len == page_size) {
			*fd = e->fd;
			*at = l->offset + (phys - l->phys);
			return STK_OK;
		}
	}
	return cut ? STK_ERR_CUT_OFF : STK_OK;
}

/* Of the bits from @from on, where a word begins. */
static unsigned int count_bits(const unsigned char *bits, unsigned int from,
			       unsigned int to)
{
	unsigned int nr = 0;

	for (; from < to; from += WORD_BITS) {
		uint64_t word;

		memcpy(&word, bits + from / 8, sizeof(word));
		if (to - from < WORD_BITS)
			word &= (1ull << (to - from)) - 1;
		nr += (unsigned int)__builtin_popcountll(word);
	}
	return nr;
}

/*
 * Block @nr of the bitmap, of which a part at least is before its end: what is behind
 * that is no page, and is never counted. NULL: not to be read.
 */
static const struct block *read_block(struct extent *e, uint64_t nr)
{
	uint64_t at = e->kdump.bitmap_at + nr * BLOCK, end = e->kdump.bitmap_end;
	size_t len = end - at < BLOCK ? (size_t)(end - at) : BLOCK;
	struct block *b = &e->block[nr % NR_BLOCKS];
	unsigned int sum = 0;

	if (b->nr == nr + 1)
		return b;
	b->nr = 0;
	if (pread(e->fd, b->bits, len, (off_t)at) != (ssize_t)len)
		return NULL;
	for (unsigned int i = 0; i < NR_PARTS; i++) {
		sum += count_bits(b->bits, i * PART_PAGES, (i + 1) * PART_PAGES);
		b->before[i + 1] = (uint16_t)sum;
	}
	b->nr = nr + 1;
	return b;
}

/* How many of its bits before @bit are set. */
static unsigned int bits_before(const struct block *b, unsigned int bit)
{
	const unsigned int part = bit / PART_PAGES;

	return b->before[part] + count_bits(b->bits, part * PART_PAGES, bit);
}

/* How many of the pages that this file has come before @pfn. */
static enum stk_status page_rank(struct extent *e, uint64_t pfn, uint64_t *out)
{
	const uint64_t first = e->kdump.begin / BLOCK_PAGES,
		       block = pfn / BLOCK_PAGES - first;
	const struct block *b;

	while (e->nr_before <= block) {
		uint64_t n = e->nr_before, sum = 0;

		if (n == e->room) {
			size_t room = e->room ? e->room * 2 : 64;
			uint64_t *p = realloc(e->before, room * sizeof(*p));

			if (!p)
				return STK_ERR_NOMEM;
			e->before = p;
			e->room = room;
		}
		b = read_block(e, first + (n ? n - 1 : 0));
		if (!b)
			return STK_ERR_IO;
		/* Of a split dump the first page may be anywhere in its block. */
		if (n)
			sum = e->before[n - 1] + b->before[NR_PARTS];
		else
			sum -= bits_before(b, e->kdump.begin % BLOCK_PAGES);
		e->before[e->nr_before++] = sum;
	}
	b = read_block(e, first + block);
	if (!b)
		return STK_ERR_IO;
	*out = e->before[block] + bits_before(b, pfn % BLOCK_PAGES);
	return STK_OK;
}

static enum stk_status check_kdump(struct extent *e, uint64_t phys, uint64_t page_size,
				   int *fd, uint64_t *at)
{
	struct stk_page_desc desc;
	uint64_t nr, desc_at;
	enum stk_status st = page_rank(e, phys / page_size, &nr);

	if (st)
		return st;
	desc_at = e->kdump.desc_at + nr * sizeof(desc);
	if (!in_file(e, desc_at, sizeof(desc)))
		return STK_ERR_CUT_OFF;
	if (pread(e->fd, &desc, sizeof(desc), (off_t)desc_at) != sizeof(desc))
		return STK_ERR_IO;
	/* makedumpfile writes these late: where its disk was full they are not there. */
	if (!desc.offset)
		return STK_ERR_CUT_OFF;
	if (!desc.size || desc.size > 2 * page_size || desc.offset > INT64_MAX)
		return STK_ERR_CORRUPT;
	if (!in_file(e, desc.offset, desc.size))
		return STK_ERR_CUT_OFF;
	/* Of a page that is not packed. */
	if (!desc.flags && desc.size == page_size) {
		*fd = e->fd;
		*at = desc.offset + phys % page_size;
	}
	return STK_OK;
}

enum stk_status stk_extents_check(struct stk_extents *x, uint64_t phys,
				  uint64_t page_size, int *fd, uint64_t *at)
{
	uint64_t pfn = phys / page_size;

	*fd = -1;
	for (size_t i = 0; i < x->nr; i++) {
		struct extent *e = &x->file[i];

		if (!e->kdump.desc_at)
			return check_elf(e, phys, page_size, fd, at);
		if (pfn >= e->kdump.begin && pfn < e->kdump.end)
			return check_kdump(e, phys, page_size, fd, at);
	}
	return STK_OK;
}
