/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A function's name, mangled by Rust or not; the first byte is the room for it. */
#include "../machine.h"

#include <stdlib.h>
#include <string.h>

#include "base/safe.h"
#include "render/rust_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[STK_MAX_NAME], *out;
	size_t room, len;

	if (!size)
		return 0;
	room = *data ? 4u * *data : 1;
	len = size - 1 < sizeof(name) ? size - 1 : sizeof(name) - 1;
	memcpy(name, data + 1, len);
	/* Names are, before anybody takes them apart. */
	len = strnlen(name, len);
	name[len] = 0;
	stk_safe_bytes(name, len);
	out = malloc(room);
	fuzz_assert(out);
	if (stk_rust_name(name, out, room)) {
		len = strnlen(out, room);
		fuzz_assert(len && len < room);
		for (size_t i = 0, n; i < len; i += n) {
			n = stk_printable(out + i, len - i);
			fuzz_assert(n);
		}
	}
	free(out);
	return 0;
}
