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

/*
 * The lowest address of the image, as linked: of _text or _stext, 0 where there is
 * neither. Zero-based per-CPU symbols and absolute ones lie below it, and do not move
 * with it.
 */
uint64_t stk_symtab_image_base(const struct stk_symtab *t);

/* What KASLR added to every address of the image. */
void stk_symtab_set_offset(struct stk_symtab *t, uint64_t offset);

/* With a struct stk_symtab as priv. */
extern const struct stk_symbol_ops stk_symtab_ops;

#endif
