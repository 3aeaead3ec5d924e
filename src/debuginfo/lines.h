/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lines.h - source lines and inlined calls from a namelist's DWARF, by way of libdw. */
#ifndef STK_LINES_H
#define STK_LINES_H

#include <stackinfo/target.h>

struct stk_lines;

/* The file is opened when the first question comes; NULL when memory is short. */
struct stk_lines *stk_lines_new(const char *namelist);
void stk_lines_free(struct stk_lines *l);

/* With a struct stk_lines as priv. */
extern const struct stk_line_ops stk_line_ops;

#endif
