/* SPDX-License-Identifier: GPL-2.0-or-later */
/* image.h - small dump files made of nothing, for tests of what reads them. */
#ifndef IMAGE_H
#define IMAGE_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A file without a name: a test that fails leaves nothing behind. */
struct image {
	int fd;
	char path[32];
};

void image_open(struct image *f);
void image_close(struct image *f);
void image_put(const struct image *f, uint64_t at, const void *p, size_t size);
void image_put32(const struct image *f, uint64_t at, uint32_t value);
void image_put64(const struct image *f, uint64_t at, uint64_t value);
void image_cut(const struct image *f, uint64_t size);
uint64_t image_size(const struct image *f);

/* The headers of an ELF core of an x86_64 machine. */
void image_elf(const struct image *f, const Elf64_Phdr *ph, uint16_t nr);

struct image_page {
	uint64_t pfn;
	const void *data; /* as many bytes as a block has */
};

/* makedumpfile's compressed format, of pages that are not compressed. */
struct image_kdump {
	uint32_t version;
	uint32_t bitmap_blocks; /* of both bitmaps */
	uint32_t max_mapnr;
	const struct image_page *page; /* by number */
	size_t nr_pages;
	/* --split: only pages from @begin on and below @end are in this file */
	bool split;
	uint64_t begin, end;
};

/* Places in it. */
#define IMAGE_BLOCK	  4096u
#define IMAGE_VERSION_AT  8u
#define IMAGE_MACHINE_AT  272u
#define IMAGE_STATUS_AT	  424u
#define IMAGE_BLOCK_AT	  428u
#define IMAGE_SUB_AT	  432u
#define IMAGE_BITMAP_AT	  436u
#define IMAGE_MAPNR_AT	  440u
#define IMAGE_SUB(offset) (IMAGE_BLOCK + (offset))

/* Write it; returns where the descriptors of its pages are. */
uint64_t image_kdump(const struct image *f, const struct image_kdump *k);
/* The same with larger pages, which are its blocks. */
uint64_t image_kdump_of(const struct image *f, const struct image_kdump *k,
			uint32_t block);

/* makedumpfile -F: @from as a stream, the last records first. */
void image_flatten(const struct image *from, const struct image *to);

#endif
