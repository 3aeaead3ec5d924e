/* SPDX-License-Identifier: GPL-2.0-or-later */
/* note.h - which note holds the registers of a CPU. */
#ifndef STK_NOTE_H
#define STK_NOTE_H

#include <stackinfo/unwind.h>

#include "../machine/saved.h"

#define STK_MAX_PRSTATUS 1024u /* bytes: more than any architecture's */

struct stk_cpu_note {
	struct stk_saved saved;
	struct stk_regs regs; /* that are in it */
	enum stk_from from;
	bool kept;	     /* the kernel's, in its memory */
	bool unreadable;     /* there is one that cannot be decoded */
	const char *foreign; /* why one with other registers was passed over, or NULL */
	unsigned char bytes[STK_MAX_PRSTATUS]; /* of what is @kept */
};

/* False: there is none that can be decoded. @saved may point into @out. */
bool stk_cpu_note(struct stk *s, unsigned int cpu, struct stk_cpu_note *out);

/*
 * The dump file has the notes that the kernel kept in memory, as the capture kernel
 * found them. 1: one of them has the same registers; 0: none; -1: it has none of the
 * kernel's, or @note is not @kept.
 */
int stk_note_has_copy(struct stk *s, const struct stk_cpu_note *note);

#endif
