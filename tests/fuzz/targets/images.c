/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory in pieces: LiME's format, /proc/kcore's, and memory alone, of which a text says
 * where it was. The first byte chooses; the text ends with a zero.
 */
#include "../machine.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "file/lime.h"
#include "file/reader.h"
#include "file/vmcoreinfo.h"
#include "machine/vmcoreinfo_find.h"

#define MAX_PAGES 64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a search for VMCOREINFO reads. */
static void search(const struct stk_reader_ops *by, void *priv)
{
	struct stk_budget budget = { .max_steps = 1 << 16, .steps = 1 << 16 };
	const struct stk_pages pages = {
		.next = by->next,
		.read = by->read,
		.page_size = by->page_size ? by->page_size(priv) : STK_SMALLEST_PAGE,
		.priv = priv,
		.budget = &budget,
	};
	static char text[STK_VMCOREINFO_SIZE];
	struct stk_vmcoreinfo_at at[4];
	size_t nr = stk_vmcoreinfo_find(&pages, at, 4);

	fuzz_assert(nr <= 4);
	for (size_t i = 0; i < nr; i++) {
		size_t len = stk_vmcoreinfo_read(&pages, &at[i], text);

		fuzz_assert(len <= sizeof(text));
	}
}

static void read_pages(const struct stk_reader_ops *by, void *priv)
{
	unsigned char page[STK_SMALLEST_PAGE];
	uint64_t pfn = 0, before = 0;

	for (unsigned int i = 0; i < MAX_PAGES && by->next(priv, &pfn); i++) {
		fuzz_assert(pfn >= before);
		by->read(priv, pfn * STK_SMALLEST_PAGE, page, sizeof(page));
		by->read(priv, pfn * STK_SMALLEST_PAGE + 8, page, 8);
		before = ++pfn;
	}
	by->read(priv, UINT64_MAX - 7, page, 8);
	search(by, priv);
}

static void open_with(const struct stk_reader_ops *by, const struct stk_files *f)
{
	char error[256] = "";
	void *priv = NULL;

	if (by->open(f, &priv, error, sizeof(error)))
		fuzz_assert(*error);
	else
		read_pages(by, priv);
	by->close(priv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct stk_ranges ranges;
	struct stk_files f = { .nr = 1 };
	char text[512], error[256] = "";
	unsigned int kind;
	size_t len;

	if (!size)
		return 0;
	kind = *data % 3;
	len = strnlen((const char *)data + 1, size - 1);
	if (kind == 0) {
		/* Not the name of a file, of which there are others. */
		if (len == size - 1 || len >= sizeof(text) || data[1] < '0' ||
		    data[1] > '9')
			return 0;
		memcpy(text, data + 1, len + 1);
		if (!stk_ranges_parse(&ranges, text, error, sizeof(error))) {
			fuzz_assert(*error);
			return 0;
		}
		f.memory = &ranges;
		data += len + 1;
		size -= len + 1;
	}
	f.fd[0] = open(fuzz_file(data + 1, size - 1), O_RDONLY | O_CLOEXEC);
	fuzz_assert(f.fd[0] >= 0);
	if (f.memory)
		open_with(&stk_raw_ops, &f);
	else if (kind == 1)
		open_with(&stk_kcore_ops, &f);
	else if (stk_lime_ops.knows(&f))
		open_with(&stk_lime_ops, &f);
	close(f.fd[0]);
	return 0;
}
