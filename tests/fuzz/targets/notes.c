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

	stk_notes_load(&n, &arena, fuzz_file(data, size));
	while (!stk_notes_ops.note(&n, nr, &note)) {
		fuzz_assert(note.kind == STK_NOTE_QEMU || !note.have_sys);
		nr++;
	}
	fuzz_assert(nr == n.nr && nr <= size / 336);
	value = stk_notes_vmcoreinfo(&n, "OSRELEASE");
	fuzz_assert(!value || (!strchr(value, '\n') && strlen(value) < size));
	stk_arena_free(&arena);
	return 0;
}
