/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notes.h - the ELF notes of a dump file, wherever its format keeps them: in the
 * PT_NOTE segments of an ELF core, or in the header of a compressed kdump. As bytes: only
 * the architecture knows what a CPU's registers are.
 */
#ifndef STK_NOTES_H
#define STK_NOTES_H

#include <stackinfo/target.h>

#include "../base/arena.h"

/* The name and the type of the note that only small dumps have: ours. */
#define STK_KEPT_NOTE	   "STACKINFO"
#define STK_KEPT_NOTE_TYPE 0x4b455054u

struct stk_notes {
	struct stk_note_list {
		struct stk_note *note;
		size_t nr, room;
	} list[STK_NOTE_QEMU + 1]; /* by kind */
	char *vmcoreinfo; /* lines turned into strings, ended by an empty one; or NULL */
	/* Which words of memory a small dump has (src/session/dump_kept.h); NULL: all */
	const void *kept;
	size_t kept_size;
};

/* Read the notes of the dump file @fd, or @path. Damage ends the list early. */
enum stk_status stk_notes_read(struct stk_notes *n, struct stk_arena *arena, int fd);
enum stk_status stk_notes_load(struct stk_notes *n, struct stk_arena *arena,
			       const char *path);

/* Take @text, of @size bytes, for the VMCOREINFO note. */
enum stk_status stk_notes_set_vmcoreinfo(struct stk_notes *n, struct stk_arena *arena,
					 const void *text, size_t size);

/* With a struct stk_notes as priv. */
extern const struct stk_note_ops stk_notes_ops;
const char *stk_notes_vmcoreinfo(void *priv, const char *key);

#endif
