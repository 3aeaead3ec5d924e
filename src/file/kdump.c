/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libkdumpfile/kdumpfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extent.h"
#include "kdump_free.h"
#include "reader.h"

#define READER_CACHE_PAGES 4
#define MIN_PAGE_SHIFT	   12u
#define MAX_PAGE_SHIFT	   20u

struct kdump {
	kdump_ctx_t *ctx;
	kdump_bmp_t *pagemap;	     /* of the pages in the file; NULL: not known */
	kdump_num_t page_shift;	     /* of its pages */
	struct stk_extents *extents; /* of the pages in it */
	bool packed;
};

/* A file that it does not know, and what it knows but cannot read, are one error to it.
 */
static const char *format_error(struct kdump *k, kdump_status st)
{
	const char *text = kdump_get_err(k->ctx);

	return st == KDUMP_ERR_NOTIMPL && strstr(text, "Unknown file format")
		       ? "the format is not known (memory without a header is opened with "
			 "--raw)"
		       : text;
}

/* The size of a page, if it is that of any machine; else what is read at a time. */
static bool has_page_shift(struct kdump *k)
{
	kdump_num_t shift = 0;

	k->page_shift = MIN_PAGE_SHIFT;
	/* Where it does not know the machine, that stays 0. */
	kdump_get_number_attr(k->ctx, KDUMP_ATTR_PAGE_SHIFT, &shift);
	if (shift < MIN_PAGE_SHIFT || shift > MAX_PAGE_SHIFT)
		return false;
	k->page_shift = shift;
	return true;
}

static enum stk_status kdump_open(const struct stk_files *files, void **out, char *error,
				  size_t size)
{
	struct kdump *k = calloc(1, sizeof(*k));
	kdump_attr_t attr;
	kdump_status st;

	*out = k;
	if (k)
		k->extents = stk_extents_new(files->fd, files->nr);
	if (k && k->extents)
		k->ctx = kdump_new();
	if (!k || !k->ctx) {
		snprintf(error, size, "%s", stk_status_text(STK_ERR_NOMEM));
		return STK_ERR_NOMEM;
	}
	st = kdump_open_fdset(k->ctx, (unsigned int)files->nr, files->fd);
	if (st != KDUMP_OK) {
		snprintf(error, size, "not a dump that can be read: %s",
			 format_error(k, st));
		/* Lost: 0.5.1 may free a wild pointer with what it cannot open. */
		k->ctx = NULL;
		return STK_ERR_IO;
	}
	/* Its cache is searched from end to end for each read; ours comes before it. */
	kdump_set_number_attr(k->ctx, "cache.size", READER_CACHE_PAGES);
	/* What is mapped of a file counts as ours, and a capture kernel has little
	 * memory. */
	kdump_set_number_attr(k->ctx, KDUMP_ATTR_FILE_MMAP_POLICY, KDUMP_MMAP_NEVER);
	if (has_page_shift(k) &&
	    kdump_get_attr(k->ctx, KDUMP_ATTR_FILE_PAGEMAP, &attr) == KDUMP_OK &&
	    attr.type == KDUMP_BITMAP)
		k->pagemap = attr.val.bitmap;
	return STK_OK;
}

static void kdump_close(void *priv)
{
	struct kdump *k = priv;

	if (!k)
		return;
	if (k->ctx)
		stk_kdump_free(k->ctx);
	stk_extents_free(k->extents);
	free(k);
}

/*
 * Is the page in the file? libkdumpfile would say so itself, but the page cache of
 * 0.5.1 breaks after many reads that fail (it then writes through a null pointer).
 */
static bool is_in_file(struct kdump *k, uint64_t addr)
{
	unsigned char bit = 0;

	if (!k->pagemap)
		return true;
	addr >>= k->page_shift;
	return kdump_bmp_get_bits(k->pagemap, addr, addr, &bit) == KDUMP_OK && (bit & 1);
}

static uint64_t kdump_page_size(const void *priv)
{
	const struct kdump *k = priv;

	return 1ull << k->page_shift;
}

/* Bytes that lie in the file as they are. */
static enum stk_status read_file(int fd, uint64_t at, void *buf, size_t len)
{
	ssize_t got = pread(fd, buf, len, (off_t)at);

	if (got < 0)
		return STK_ERR_IO;
	return (size_t)got == len ? STK_OK : STK_ERR_CUT_OFF;
}

static enum stk_status kdump_read_page(void *priv, uint64_t phys, void *buf, size_t len)
{
	struct kdump *k = priv;
	size_t got = len;
	enum stk_status there;
	uint64_t at;
	int fd;

	if (!is_in_file(k, phys))
		return STK_ERR_EXCLUDED;
	there = stk_extents_check(k->extents, phys, kdump_page_size(k), &fd, &at);
	if (there)
		return there;
	if (fd >= 0)
		return read_file(fd, at, buf, len);
	switch (kdump_read(k->ctx, KDUMP_MACHPHYSADDR, phys, buf, &got)) {
	case KDUMP_OK:
		return got == len ? STK_OK : STK_ERR_EXCLUDED;
	case KDUMP_ERR_NOTIMPL:
		k->packed = true;
		return STK_ERR_UNSUPPORTED;
	case KDUMP_ERR_SYSTEM:
		return STK_ERR_IO;
	case KDUMP_ERR_CORRUPT:
		return STK_ERR_CORRUPT;
	default:
		return STK_ERR_EXCLUDED;
	}
}

static bool kdump_next(void *priv, uint64_t *pfn)
{
	struct kdump *k = priv;
	kdump_addr_t i = *pfn;
	bool found = k->pagemap && kdump_bmp_find_set(k->pagemap, &i) == KDUMP_OK;

	*pfn = i;
	return found;
}

static const char *kdump_machine(void *priv)
{
	struct kdump *k = priv;
	const char *name;

	return kdump_get_string_attr(k->ctx, KDUMP_ATTR_ARCH_NAME, &name) == KDUMP_OK
		       ? name
		       : NULL;
}

static bool kdump_packed(const void *priv)
{
	const struct kdump *k = priv;

	return k->packed;
}

const struct stk_reader_ops stk_kdump_ops = {
	.open = kdump_open,
	.close = kdump_close,
	.read = kdump_read_page,
	.next = kdump_next,
	.page_size = kdump_page_size,
	.size = stk_files_size,
	.machine = kdump_machine,
	.packed = kdump_packed,
};
