/* SPDX-License-Identifier: GPL-2.0-or-later */
/* symtab.h - symbols from the .symtab of a namelist, by way of libelf. */
#ifndef STK_SYMTAB_H
#define STK_SYMTAB_H

#include <stackinfo/target.h>

struct stk_symtab;

/* Read @namelist's symbols; NULL when it has none that can be read. */
struct stk_symtab *stk_symtab_new(const char *namelist);
void stk_symtab_free(struct stk_symtab *t);

#define STK_MAX_BUILD_ID 64u /* bytes; ld makes 20 */

/* @namelist's build id in hexadecimal; false when it has none. */
bool stk_symtab_build_id(struct stk_symtab *t, char text[2 * STK_MAX_BUILD_ID + 1]);

/* Zero-based per-CPU symbols, and other absolute ones, do not move with the image. */
#define STK_IMAGE_BASE 0xffffffff80000000ull

/* What KASLR added to every address of the image. */
void stk_symtab_set_offset(struct stk_symtab *t, uint64_t offset);

/* With a struct stk_symtab as priv. */
extern const struct stk_symbol_ops stk_symtab_ops;

#endif
