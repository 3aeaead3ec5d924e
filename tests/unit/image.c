/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dump files, as the sources of the kernel, of makedumpfile (diskdump_mod.h,
 * makedumpfile.h) and the ELF standard have them, and not as the library reads them.
 */
#include "image.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "synthetic.h"

void image_open(struct image *f)
{
	char name[] = "/tmp/stk-image-XXXXXX";

	f->fd = mkstemp(name);
	syn_assert(f->fd >= 0);
	unlink(name);
	snprintf(f->path, sizeof(f->path), "/proc/self/fd/%d", f->fd);
}

void image_close(struct image *f)
{
	close(f->fd);
}

void image_put(const struct image *f, uint64_t at, const void *p, size_t size)
{
	syn_assert(pwrite(f->fd, p, size, (off_t)at) == (ssize_t)size);
}

void image_put32(const struct image *f, uint64_t at, uint32_t value)
{
	image_put(f, at, &value, sizeof(value));
}

void image_put64(const struct image *f, uint64_t at, uint64_t value)
{
	image_put(f, at, &value, sizeof(value));
}

void image_cut(const struct image *f, uint64_t size)
{
	syn_assert(!ftruncate(f->fd, (off_t)size));
}

uint64_t image_size(const struct image *f)
{
	return (uint64_t)lseek(f->fd, 0, SEEK_END);
}

void image_elf(const struct image *f, const Elf64_Phdr *ph, uint16_t nr)
{
	const Elf64_Ehdr eh = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB,
					     EV_CURRENT },
				.e_type = ET_CORE,
				.e_machine = EM_X86_64,
				.e_version = EV_CURRENT,
				.e_phoff = sizeof(eh),
				.e_ehsize = sizeof(eh),
				.e_phentsize = sizeof(*ph),
				.e_phnum = nr };

	image_put(f, 0, &eh, sizeof(eh));
	image_put(f, sizeof(eh), ph, nr * sizeof(*ph));
}

static void put_kdump_header(const struct image *f, const struct image_kdump *k,
			     uint32_t block)
{
	static const unsigned char zero[IMAGE_BLOCK];
	/* struct new_utsname */
	static const char *const uts[] = { "Linux", "syn", "6.1.0-syn", "#1", "x86_64" };

	image_put(f, 0, zero, sizeof(zero));
	image_put(f, block, zero, sizeof(zero));
	image_put(f, 0, "KDUMP   ", 8);
	image_put32(f, IMAGE_VERSION_AT, k->version);
	for (size_t i = 0; i < sizeof(uts) / sizeof(uts[0]); i++)
		image_put(f, 12 + 65 * i, uts[i], strlen(uts[i]));
	image_put32(f, IMAGE_BLOCK_AT, block);
	image_put32(f, IMAGE_SUB_AT, 1);
	image_put32(f, IMAGE_BITMAP_AT, k->bitmap_blocks);
	image_put32(f, IMAGE_MAPNR_AT, k->max_mapnr);
	image_put32(f, block + 12, k->split);
	image_put64(f, block + 16, k->begin);
	image_put64(f, block + 24, k->end);
	image_put64(f, block + 80, k->begin);
	image_put64(f, block + 88, k->end);
	image_put64(f, block + 96, k->max_mapnr);
}

uint64_t image_kdump_of(const struct image *f, const struct image_kdump *k,
			uint32_t block)
{
	size_t half = k->bitmap_blocks / 2 * block, mine = 0;
	unsigned char *bits = calloc(1, half);
	uint64_t desc_at = 2 * block + 2 * half, at;

	syn_assert(bits);
	for (size_t i = 0; i < k->nr_pages; i++) {
		uint64_t pfn = k->page[i].pfn;

		syn_assert(pfn / 8 < half);
		bits[pfn / 8] |= (unsigned char)(1u << pfn % 8);
		mine += !k->split || (pfn >= k->begin && pfn < k->end);
	}
	put_kdump_header(f, k, block);
	image_put(f, 2 * block, bits, half);
	image_put(f, 2 * block + half, bits, half);
	free(bits);
	at = desc_at + 24 * mine;
	for (size_t i = 0, n = 0; i < k->nr_pages; i++) {
		const struct image_page *p = &k->page[i];

		if (k->split && (p->pfn < k->begin || p->pfn >= k->end))
			continue;
		image_put64(f, desc_at + 24 * n, at);
		image_put32(f, desc_at + 24 * n + 8, block);
		image_put32(f, desc_at + 24 * n + 12, 0);
		image_put64(f, desc_at + 24 * n + 16, 0);
		image_put(f, at, p->data, block);
		at += block;
		n++;
	}
	return desc_at;
}

uint64_t image_kdump(const struct image *f, const struct image_kdump *k)
{
	return image_kdump_of(f, k, IMAGE_BLOCK);
}

static uint64_t put_record(const struct image *to, uint64_t at, int64_t offset,
			   int64_t size)
{
	uint64_t be[2] = { htobe64((uint64_t)offset), htobe64((uint64_t)size) };

	image_put(to, at, be, sizeof(be));
	return at + sizeof(be);
}

void image_flatten(const struct image *from, const struct image *to)
{
	enum { STEP = 3 * 4096 - 8 };
	uint64_t size = image_size(from), at = 4096;
	unsigned char data[STEP];

	image_put(to, 0, "makedumpfile\0\0\0", 16);
	put_record(to, 16, 1, 1);
	for (uint64_t n = (size + STEP - 1) / STEP; n--;) {
		ssize_t got = pread(from->fd, data, STEP, (off_t)(n * STEP));

		syn_assert(got > 0);
		at = put_record(to, at, (int64_t)(n * STEP), got);
		image_put(to, at, data, (size_t)got);
		at += (uint64_t)got;
	}
	put_record(to, at, -1, -1);
}
