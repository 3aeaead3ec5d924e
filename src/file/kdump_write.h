/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kdump_write.h - a dump in makedumpfile's compressed format, written page by page. */
#ifndef STK_KDUMP_WRITE_H
#define STK_KDUMP_WRITE_H

#include <stackinfo/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STK_UTS_FIELDS 6u /* of struct new_utsname, which never changes */
#define STK_UTS_SIZE   65u

/* What its headers say. */
struct stk_kdump_facts {
	char uts[STK_UTS_FIELDS][STK_UTS_SIZE];
	int64_t time;	    /* of the crash, in seconds since 1970; 0: not known */
	bool plain;	    /* pages are not compressed */
	bool incomplete;    /* what it is made from says so of itself */
	uint32_t page_size; /* in bytes */
	uint64_t max_mapnr; /* above all page numbers of the machine */
	uint32_t nr_cpus;
	uint64_t phys_base;		       /* in bytes */
	const void *notes;		       /* those of ELF */
	size_t notes_size;		       /* in bytes, as what follows */
	size_t vmcoreinfo_at, vmcoreinfo_size; /* the text in the notes */
};

struct stk_kdump_writer;

/*
 * Begin a dump of @nr_pages pages in the empty file @fd, which stays the caller's; the
 * notes are written now. NULL: no memory.
 */
struct stk_kdump_writer *stk_kdump_begin(int fd, const struct stk_kdump_facts *facts,
					 uint64_t nr_pages);

/*
 * The next page, with a number above that of the one before. Returns how many bytes it
 * takes in the file.
 */
size_t stk_kdump_add(struct stk_kdump_writer *w, uint64_t pfn, const void *data);

/*
 * Write what is left, and free @w. Returns 0, or the errno of the first write that
 * failed.
 * @size: how long the file is.
 */
int stk_kdump_end(struct stk_kdump_writer *w, uint64_t *size);

/* What failed until now; 0: nothing. */
int stk_kdump_errno(const struct stk_kdump_writer *w);

#endif
