/* SPDX-License-Identifier: GPL-2.0-or-later */
/* namelist.h - all that a namelist can tell: symbols, types, call frames, lines. */
#ifndef STK_NAMELIST_H
#define STK_NAMELIST_H

#include "dwarf_types.h"
#include "../file/notes.h"

struct stk_namelist;

/*
 * Open @path, which must be that of the kernel whose VMCOREINFO is in @notes. On failure
 * @error gets a line that says what is wrong.
 */
enum stk_status stk_namelist_open(const char *path, struct stk_notes *notes,
				  struct stk_namelist **out, char *error, size_t size);
void stk_namelist_close(struct stk_namelist *n);

/* Enter what it provides into @t; but not the types, which the dump itself may have. */
void stk_namelist_provide(struct stk_namelist *n, struct stk_target *t);
struct stk_dwarf_types *stk_namelist_types(struct stk_namelist *n);

#endif
