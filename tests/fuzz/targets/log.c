/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log buffer: a ring (5.10+), or records one behind the other. */
#include "../machine.h"

#include <stackinfo/kernel.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Touches each byte, for the sanitizer. */
static bool tell(void *ctx, const struct stk_log_record *r)
{
	unsigned int *sum = ctx;

	fuzz_assert(r->len <= UINT16_MAX);
	for (uint64_t i = 0; r->text && i < r->len; i++)
		*sum += (unsigned char)r->text[i];
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	volatile unsigned int sum = 0;
	struct fuzz_machine m;
	struct stk *s;

	fuzz_machine(&m, data, size);
	s = fuzz_open(&m);
	stk_log(s, tell, (void *)&sum);
	fuzz_close(&m, s);
	return 0;
}
