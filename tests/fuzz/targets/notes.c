/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The notes of a file, in either format. */
#include "../machine.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stk_notes n = { 0 };
	struct stk_arena arena = { 0 };
	struct stk_note note;
	const char *value;
	unsigned int nr = 0;
	uint64_t sum = 0;

	stk_notes_load(&n, &arena, fuzz_file(data, size));
	for (int kind = 0; kind <= STK_NOTE_QEMU; kind++)
		for (unsigned int i = 0; !stk_notes_ops.note(&n, kind, i, &note); i++) {
			const unsigned char *desc = note.desc;

			fuzz_assert(note.size < size);
			/* All of it can be read. */
			for (size_t at = 0; at < note.size; at++)
				sum += desc[at];
			nr++;
		}
	fuzz_assert(nr <= size / 12);
	fuzz_assert(sum <= UINT8_MAX * size);
	value = stk_notes_vmcoreinfo(&n, "OSRELEASE");
	fuzz_assert(!value || (!strchr(value, '\n') && strlen(value) < size));
	stk_arena_free(&arena);
	return 0;
}
