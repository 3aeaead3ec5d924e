/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cfi.h - DWARF call frame information from a namelist, by way of libdw. */
#ifndef STK_CFI_H
#define STK_CFI_H

#include <stackinfo/target.h>

struct stk_cfi;

/* The file is opened when the first question comes; NULL when memory is short. */
struct stk_cfi *stk_cfi_new(const char *namelist);
void stk_cfi_free(struct stk_cfi *c);

/* With a struct stk_cfi as priv. */
extern const struct stk_cfi_ops stk_cfi_ops;

#endif
