/* SPDX-License-Identifier: GPL-2.0-or-later */
/* symtab.h - symbols from the .symtab of a namelist, by way of libelf. */
#ifndef STK_SYMTAB_H
#define STK_SYMTAB_H

#include <stackinfo/target.h>

struct stk_elf;
struct stk_symtab;

/* Read the symbols of @image, which must outlive them; NULL: none can be read. */
struct stk_symtab *stk_symtab_new(struct stk_elf *image);
void stk_symtab_free(struct stk_symtab *t);

/* Zero-based per-CPU symbols, and other absolute ones, do not move with the image. */
#define STK_IMAGE_BASE 0xffffffff80000000ull

/* What KASLR added to every address of the image. */
void stk_symtab_set_offset(struct stk_symtab *t, uint64_t offset);

/* With a struct stk_symtab as priv. */
extern const struct stk_symbol_ops stk_symtab_ops;

#endif
