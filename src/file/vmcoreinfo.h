/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmcoreinfo.h - the text KEY=VALUE, a line each, that the kernel tells debuggers. */
#ifndef STK_VMCOREINFO_TEXT_H
#define STK_VMCOREINFO_TEXT_H

#include <stdbool.h>

#include "../base/arena.h"

/* The kernel has a page for it; each question for a line reads all of it. */
#define STK_MAX_VMCOREINFO (64u * 1024)

/* That a text needs to be split. */
#define STK_SPLIT_ROOM 2u

/*
 * @text of @size bytes, with that room behind: lines become strings, an empty one ends.
 * Who edited or copied it may have left empty lines, and the ends that Windows has.
 */
void stk_vmcoreinfo_split(char *text, size_t size);

/* Says @text, split, anything that @known does not, or otherwise? */
bool stk_vmcoreinfo_adds(const char *text, const char *known);

/* The value of the line @key of such a text, which may be NULL; or NULL. */
const char *stk_vmcoreinfo_value(const char *text, const char *key);

#endif
