/* SPDX-License-Identifier: GPL-2.0-or-later */
/* types.h - types from a namelist's DWARF, for kernels without BTF. */
#ifndef STK_TYPES_H
#define STK_TYPES_H

#include <stackinfo/target.h>

struct stk_elf;
struct stk_types;

/* Those of @image, which must outlive them; NULL when memory is short. */
struct stk_types *stk_types_new(struct stk_elf *image);
void stk_types_free(struct stk_types *t);

/* Are there any? @t: or NULL. */
bool stk_types_present(struct stk_types *t);

/* With a struct stk_types as priv. */
extern const struct stk_type_ops stk_dwarf_type_ops;

#endif
