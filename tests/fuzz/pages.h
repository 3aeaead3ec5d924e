/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pages.h - the memory of a dump, as far as commands read it, with the fuzzer's damage.
 *
 * The pages stand in the order in which an undamaged dump's were first read, so that a
 * number means the same page whatever else is damaged. They have 4 KiB on all machines.
 */
#ifndef FUZZ_PAGES_H
#define FUZZ_PAGES_H

#include <stackinfo/target.h>

#define FUZZ_PAGE      4096u
#define FUZZ_CHANGE    12u /* bytes: a change as the fuzzer writes it */
#define FUZZ_MAX_PAGES 16384u
#define FUZZ_DAMAGED   64u /* pages at once */

struct fuzz_pages {
	const struct stk_memory_ops *real;
	void *priv;
	bool learning; /* what is read is a page of its own from now on */
	uint32_t nr, nr_damaged;
	struct fuzz_page {
		uint64_t pfn;
		unsigned char *data;
		unsigned char *damaged; /* NULL: it is as it was */
		bool lost;
	} page[FUZZ_MAX_PAGES];
	uint32_t changed[FUZZ_DAMAGED];
	uint32_t slot[4 * FUZZ_MAX_PAGES]; /* by pfn: the page's number plus one */
};

/* With a struct fuzz_pages as priv. */
extern const struct stk_memory_ops fuzz_pages_ops;

/* One change of FUZZ_CHANGE bytes: {le16 page; le16 kind and word; le64 value}. */
void fuzz_damage(struct fuzz_pages *p, const uint8_t *change);

/* All as it was. */
void fuzz_mend(struct fuzz_pages *p);

#endif
