/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of VMCOREINFO, and another one that says more. */
#include "../machine.h"

#include <stdlib.h>
#include <string.h>

#include "file/vmcoreinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *split(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 2);

	fuzz_assert(text);
	memcpy(text, data, size);
	stk_vmcoreinfo_split(text, size);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t half = size ? *data * size / 256 : 0;
	char *text = split(data, half), *other = split(data + half, size - half);
	const char *value = stk_vmcoreinfo_value(text, "OSRELEASE");

	fuzz_assert(!value || (value > text && value + strlen(value) <= text + half + 1));
	fuzz_assert(!stk_vmcoreinfo_adds(text, text));
	stk_vmcoreinfo_adds(text, other);
	stk_vmcoreinfo_value(other, "");
	stk_vmcoreinfo_value(NULL, "OSRELEASE");
	free(text);
	free(other);
	return 0;
}
