/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A copy of /proc/iomem, by which memory without a header is read. */
#include "../machine.h"

#include "file/ranges.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct stk_ranges r;
	char error[256] = "";

	if (!stk_ranges_parse(&r, fuzz_file(data, size), error, sizeof(error))) {
		fuzz_assert(*error);
		return 0;
	}
	fuzz_assert(r.nr && r.nr <= STK_MAX_RANGES);
	for (size_t i = 0; i < r.nr; i++)
		fuzz_assert(r.range[i].begin < r.range[i].end &&
			    (!i || r.range[i - 1].end <= r.range[i].begin));
	return 0;
}
