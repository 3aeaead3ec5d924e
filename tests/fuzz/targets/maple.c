/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A maple tree, whose struct maple_tree is at the beginning of the memory. */
#include "../machine.h"

#include "kernel/maple.h"

#define MAX_ENTRIES 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool count(struct stk *s, uint64_t value, void *ctx)
{
	unsigned int *nr = ctx;

	fuzz_assert(value);
	return ++*nr < MAX_ENTRIES;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_machine m;
	unsigned int nr = 0;
	struct stk *s;

	fuzz_machine(&m, data, size);
	s = fuzz_open(&m);
	stk_maple_walk(s, FUZZ_MEMORY, count, &nr);
	fuzz_assert(nr <= MAX_ENTRIES);
	fuzz_close(&m, s);
	return 0;
}
