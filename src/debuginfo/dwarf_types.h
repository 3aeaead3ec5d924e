/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dwarf_types.h - types from a namelist's DWARF, for kernels without BTF. */
#ifndef STK_DWARF_TYPES_H
#define STK_DWARF_TYPES_H

#include <stackinfo/target.h>

struct stk_dwarf_types;

/* The file is opened when the first question comes; NULL when memory is short. */
struct stk_dwarf_types *stk_dwarf_types_new(const char *namelist);
void stk_dwarf_types_free(struct stk_dwarf_types *d);

/* Has the file any DWARF? */
bool stk_dwarf_types_present(struct stk_dwarf_types *d);

/* With a struct stk_dwarf_types as priv. */
extern const struct stk_type_ops stk_dwarf_type_ops;

#endif
