/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any file as a dump, by way of libkdumpfile: which pages it has, whether the file
 * reaches to them, and all that is read until there is a session.
 */
#include "../machine.h"

#include <stackinfo/dump.h>
#include <string.h>

#include "file/extent.h"
#include "file/reader.h"

#define MAX_PAGES 16u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_pages(const struct stk_files *f, struct stk_reader *r)
{
	struct stk_extents *x = stk_extents_new(f->fd, f->nr);
	const uint64_t page_size = stk_reader_page_size(r);
	unsigned char word[8];
	uint64_t pfn = 0, at;
	int fd;

	fuzz_assert(x && page_size >= STK_SMALLEST_PAGE);
	for (unsigned int i = 0; i < MAX_PAGES && stk_reader_next(r, &pfn); i++, pfn++) {
		uint64_t phys = pfn * page_size;

		if (!stk_extents_check(x, phys, page_size, &fd, &at) && fd >= 0)
			fuzz_assert(at + page_size <= stk_files_length(f));
		stk_reader_read(r, phys, word, sizeof(word));
	}
	stk_extents_free(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = fuzz_file(data, size);
	struct stk_reader *r = NULL;
	struct stk_dump *d = NULL;
	struct stk_files f;
	char error[256] = "";

	if (stk_files_open(&f, path, NULL, error, sizeof(error)))
		return 0;
	if (!stk_reader_open(&f, &r, error, sizeof(error)))
		read_pages(&f, r);
	else
		fuzz_assert(*error);
	stk_reader_close(r);
	stk_files_close(&f);
	if (stk_dump_open(path, NULL, &d, error, sizeof(error)))
		fuzz_assert(*error);
	stk_dump_close(d);
	return 0;
}
