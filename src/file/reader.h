/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reader.h - the physical memory in a dump, by whoever knows its format. */
#ifndef STK_READER_H
#define STK_READER_H

#include "file.h"

/* struct stk_reader_ops - what can read one kind of file. @priv: what open() made. */
struct stk_reader_ops {
	bool (*knows)(const struct stk_files *files); /* of the last, NULL: all others */
	/* On failure @error gets the rest of a sentence, and *@priv is to be closed. */
	enum stk_status (*open)(const struct stk_files *files, void **priv, char *error,
				size_t size);
	void (*close)(void *priv); /* of NULL, too */
	/* Some bytes of one page. */
	enum stk_status (*read)(void *priv, uint64_t phys, void *buf, size_t len);
	/* Go to the first page that is not below *@pfn; false: there is none. */
	bool (*next)(void *priv, uint64_t *pfn);
	/* In bytes: what a page's number counts. NULL: STK_SMALLEST_PAGE. */
	uint64_t (*page_size)(const void *priv);
	/* What there is to read, holes not counted. */
	uint64_t (*size)(const struct stk_files *files);
	/* What uname -m would say of the machine; NULL: it cannot tell. May be NULL. */
	const char *(*machine)(void *priv);
	/* Was a page met that cannot be unpacked here? May be NULL. */
	bool (*packed)(const void *priv);
};

extern const struct stk_reader_ops stk_raw_ops;	  /* raw.c */
extern const struct stk_reader_ops stk_kcore_ops; /* kcore.c */
extern const struct stk_reader_ops stk_lime_ops;  /* lime.c */
extern const struct stk_reader_ops stk_kdump_ops; /* kdump.c */

/* Memory alone does not say; what is found in it must be such a machine's. */
const char *stk_image_machine(void *priv);

/* Of any machine, in bytes: what is counted by where the file does not tell. */
#define STK_SMALLEST_PAGE 4096u

struct stk_reader;

/*
 * Read what is in @files, which must outlive the reader. On failure @error gets the rest
 * of a sentence that begins with the file's name.
 */
enum stk_status stk_reader_open(const struct stk_files *files, struct stk_reader **out,
				char *error, size_t size);
void stk_reader_close(struct stk_reader *r);

/* As read_phys() of struct stk_memory_ops, and next() of struct stk_pages; @priv: it. */
enum stk_status stk_reader_read(void *priv, uint64_t phys, void *buf, size_t len);
bool stk_reader_next(void *priv, uint64_t *pfn);

/* The size of its pages, in bytes. */
uint64_t stk_reader_page_size(const struct stk_reader *r);

/* What there is to read, holes not counted. */
uint64_t stk_reader_size(const struct stk_reader *r);

/* What the reader says of the machine when the header does not; NULL: nothing. */
const char *stk_reader_machine(const struct stk_reader *r);

/* Was a page met that cannot be unpacked here? */
bool stk_reader_packed(const struct stk_reader *r);

#endif
