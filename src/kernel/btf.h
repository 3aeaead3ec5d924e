/* SPDX-License-Identifier: GPL-2.0-or-later */
/* btf.h - types from the BTF that the dump itself carries. */
#ifndef STK_BTF_H
#define STK_BTF_H

#include <stackinfo/session.h>

struct stk_btf;

/* Types in the memory of @s. Nothing is read before the first question. */
struct stk_btf *stk_btf_new(struct stk *s);
void stk_btf_free(struct stk_btf *b);

/* Has the kernel any, and is it whole? If not, *@why is the end of a sentence. */
bool stk_btf_present(struct stk_btf *b, const char **why);

/* With a struct stk_btf as priv. */
extern const struct stk_type_ops stk_btf_ops;

#endif
