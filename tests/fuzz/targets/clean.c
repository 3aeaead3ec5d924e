/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An oops as others passed it on: what is none of the kernel's words, and functions. */
#include "../machine.h"

#include <stdlib.h>
#include <string.h>

#include "report/oops_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + !size);
	struct stk_oops_function f;
	size_t len, at = 0, before;
	uint64_t value;

	fuzz_assert(text);
	memcpy(text, data, size);
	len = stk_oops_clean(text, size);
	fuzz_assert(len <= size);
	for (before = 0; stk_oops_function(text, len, &at, &f); before = at) {
		fuzz_assert(at > before && at <= len && f.begin < at);
		fuzz_assert(*f.name && strlen(f.name) < sizeof(f.name));
	}
	stk_oops_hex(text, len < 16 ? len : 16, &value);
	free(text);
	return 0;
}
