/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overlay.h - a dump's memory in which words can be changed and changed back.
 *
 * The pages of the dump are read once and kept; those with changed words have a copy.
 * Each page knows who read it: that tells whom a changed word can concern.
 */
#ifndef DAMAGE_OVERLAY_H
#define DAMAGE_OVERLAY_H

#include <stackinfo/target.h>

/* What is kept, and changed, at a time; no machine has smaller pages. */
#define PAGE 4096ull

struct page {
	uint64_t pfn;
	enum stk_status status; /* of reading it from the dump */
	unsigned char *data;
	unsigned char *changed; /* its copy with changed words, or NULL */
	uint32_t reader;	/* the last one that noted it */
	bool machine;		/* what is known of CPUs, tasks and stacks came from it */
	uint32_t *readers;	/* subjects whose chains lie in it */
	size_t nr_readers;
};

#define MAX_CHANGED_PAGES 64

struct overlay {
	const struct stk_memory_ops *real;
	void *priv;
	struct page **slot; /* by page number: open addressing, a power of two */
	size_t size, nr;
	struct page *changed[MAX_CHANGED_PAGES];
	size_t nr_changed;
	unsigned char *spare[MAX_CHANGED_PAGES];
	/* While what is read is noted: for which reader. 0: for nobody. */
	uint32_t reader;
};

/* The readers: machine facts, and subject n as FIRST_SUBJECT + n. */
enum { READER_NONE, READER_MACHINE, FIRST_SUBJECT };

extern const struct stk_memory_ops overlay_ops;

bool overlay_init(struct overlay *o, const struct stk_target *target);
void overlay_free(struct overlay *o);

/* The page that holds the physical address; NULL when the dump lacks it. */
struct page *overlay_page(struct overlay *o, uint64_t phys);

/* The word at @phys, as the dump has it. */
bool overlay_word(struct overlay *o, uint64_t phys, uint64_t *value);

/* Until overlay_reset() the word at @phys is @value. */
bool overlay_set(struct overlay *o, uint64_t phys, uint64_t value);
void overlay_reset(struct overlay *o);

#endif
