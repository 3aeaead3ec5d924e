/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * makedumpfile's diskdump_mod.h, version 6: a block with struct disk_dump_header; blocks
 * with struct kdump_sub_header and the notes; two bitmaps of equal size, of the pages
 * that the machine had and of those that are here; a struct page_desc for each of these;
 * their data. All zero pages share one. Of the first bitmap we know no better than the
 * second: so a reader is told that a page is not there, and not that it was excluded.
 *
 * All but the data has its place before the first page comes. Bitmaps and descriptors are
 * written a buffer at a time, and blocks of a bitmap without a page never: holes.
 */
#include "kdump_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "header.h"

#define HEADER_VERSION 6
#define DUMP_LEVEL     31 /* no cache, no user pages, no free ones */
#define INCOMPLETE     0x8u
#define PACKED_BY_ZLIB 0x1u
#define BITMAP_BUFFER  4096u
#define DESCS	       1024u

struct disk_dump_header {
	char signature[8];
	int32_t version;
	char uts[STK_UTS_FIELDS][STK_UTS_SIZE];
	char pad[6];
	int64_t seconds, microseconds;
	uint32_t status;
	int32_t block_size, sub_blocks;
	uint32_t bitmap_blocks, max_mapnr, total_blocks, device_blocks, written_blocks,
		current_cpu;
	int32_t nr_cpus;
};

struct kdump_sub_header {
	uint64_t phys_base;
	int32_t dump_level, split;
	uint64_t split_pfn[2];
	uint64_t vmcoreinfo_at, vmcoreinfo_size, notes_at, notes_size;
	uint64_t erased[2], split_pfn_64[2], max_mapnr_64;
};

_Static_assert(sizeof(struct disk_dump_header) == 464 &&
		       offsetof(struct disk_dump_header, seconds) == 408,
	       "struct disk_dump_header");
_Static_assert(sizeof(struct kdump_sub_header) == 104, "struct kdump_sub_header");

struct stk_kdump_writer {
	int fd, error;
	bool plain;
	uint32_t page_size;
	uint64_t bitmap_at[2], desc_at, data_at;
	uint64_t bitmap_block; /* that is in @bits */
	bool any_bits;
	unsigned char bits[BITMAP_BUFFER];
	struct stk_page_desc desc[DESCS], zero; /* zero.size 0: none was written */
	size_t nr_descs;
	uLongf packed_room;
	unsigned char *packed, *zeros;
};

static void write_at(struct stk_kdump_writer *w, uint64_t at, const void *from,
		     size_t len)
{
	const char *p = from;

	while (len && !w->error) {
		ssize_t done = pwrite(w->fd, p, len, (off_t)at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			w->error = done ? errno : EIO;
			return;
		}
		p += done;
		at += (uint64_t)done;
		len -= (size_t)done;
	}
}

static uint64_t blocks_of(uint64_t bytes, uint32_t block)
{
	return (bytes + block - 1) / block;
}

static void write_headers(struct stk_kdump_writer *w, const struct stk_kdump_facts *f,
			  uint64_t nr_pages)
{
	const uint32_t block = f->page_size;
	const uint64_t notes_at = block + sizeof(struct kdump_sub_header);
	const uint64_t sub = blocks_of(notes_at - block + f->notes_size, block);
	const uint64_t bitmap = blocks_of((f->max_mapnr + 7) / 8, block);
	struct disk_dump_header h = {
		.signature = "KDUMP  ",
		.version = HEADER_VERSION,
		.seconds = f->time,
		.status = (f->plain ? 0 : PACKED_BY_ZLIB) |
			  (f->incomplete ? INCOMPLETE : 0),
		.block_size = (int32_t)block,
		.sub_blocks = (int32_t)sub,
		.bitmap_blocks = (uint32_t)(2 * bitmap),
		.max_mapnr =
			f->max_mapnr > UINT32_MAX ? UINT32_MAX : (uint32_t)f->max_mapnr,
		.nr_cpus = (int32_t)f->nr_cpus,
	};
	const struct kdump_sub_header s = {
		.phys_base = f->phys_base,
		.dump_level = DUMP_LEVEL,
		.vmcoreinfo_at = f->vmcoreinfo_size ? notes_at + f->vmcoreinfo_at : 0,
		.vmcoreinfo_size = f->vmcoreinfo_size,
		.notes_at = notes_at,
		.notes_size = f->notes_size,
		.max_mapnr_64 = f->max_mapnr,
	};

	h.signature[7] = ' ';
	memcpy(h.uts, f->uts, sizeof(h.uts));
	w->bitmap_at[0] = (1 + sub) * block;
	w->bitmap_at[1] = w->bitmap_at[0] + bitmap * block;
	w->desc_at = w->bitmap_at[1] + bitmap * block;
	w->data_at = w->desc_at + nr_pages * sizeof(w->desc[0]);
	write_at(w, 0, &h, sizeof(h));
	write_at(w, block, &s, sizeof(s));
	write_at(w, notes_at, f->notes, f->notes_size);
}

struct stk_kdump_writer *stk_kdump_begin(int fd, const struct stk_kdump_facts *facts,
					 uint64_t nr_pages)
{
	struct stk_kdump_writer *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->fd = fd;
	w->page_size = facts->page_size;
	w->plain = facts->plain;
	w->packed_room = compressBound(w->page_size);
	w->packed = malloc(w->packed_room);
	w->zeros = calloc(1, w->page_size);
	if (!w->packed || !w->zeros) {
		free(w->packed);
		free(w->zeros);
		free(w);
		return NULL;
	}
	write_headers(w, facts, nr_pages);
	return w;
}

static void write_bits(struct stk_kdump_writer *w)
{
	for (size_t i = 0; w->any_bits && i < 2; i++)
		write_at(w, w->bitmap_at[i] + w->bitmap_block * BITMAP_BUFFER, w->bits,
			 sizeof(w->bits));
	memset(w->bits, 0, sizeof(w->bits));
}

static void set_bit(struct stk_kdump_writer *w, uint64_t pfn)
{
	const uint64_t block = pfn / 8 / BITMAP_BUFFER;

	if (block != w->bitmap_block)
		write_bits(w);
	w->bitmap_block = block;
	w->bits[pfn / 8 % BITMAP_BUFFER] |= (unsigned char)(1u << pfn % 8);
	w->any_bits = true;
}

static void write_descs(struct stk_kdump_writer *w)
{
	const size_t size = w->nr_descs * sizeof(w->desc[0]);

	write_at(w, w->desc_at, w->desc, size);
	w->desc_at += size;
	w->nr_descs = 0;
}

/* Put it behind those before, packed where that makes it smaller. */
static struct stk_page_desc write_data(struct stk_kdump_writer *w, const void *data)
{
	struct stk_page_desc desc = { .offset = w->data_at, .size = w->page_size };
	uLongf size = w->packed_room;

	if (!w->plain &&
	    compress2(w->packed, &size, data, w->page_size, Z_BEST_COMPRESSION) == Z_OK &&
	    size < w->page_size) {
		desc.size = (uint32_t)size;
		desc.flags = PACKED_BY_ZLIB;
		data = w->packed;
	}
	write_at(w, w->data_at, data, desc.size);
	w->data_at += desc.size;
	return desc;
}

size_t stk_kdump_add(struct stk_kdump_writer *w, uint64_t pfn, const void *data)
{
	struct stk_page_desc *desc = &w->desc[w->nr_descs++];
	const uint64_t before = w->data_at;

	set_bit(w, pfn);
	if (memcmp(data, w->zeros, w->page_size) != 0) {
		*desc = write_data(w, data);
	} else {
		if (!w->zero.size)
			w->zero = write_data(w, data);
		*desc = w->zero;
	}
	if (w->nr_descs == DESCS)
		write_descs(w);
	return sizeof(*desc) + (size_t)(w->data_at - before);
}

int stk_kdump_errno(const struct stk_kdump_writer *w)
{
	return w->error;
}

int stk_kdump_end(struct stk_kdump_writer *w, uint64_t *size)
{
	int error;

	write_bits(w);
	write_descs(w);
	*size = w->data_at;
	/* A dump without a page ends with holes. */
	if (!w->error && ftruncate(w->fd, (off_t)w->data_at))
		w->error = errno;
	error = w->error;
	free(w->packed);
	free(w->zeros);
	free(w);
	return error;
}
