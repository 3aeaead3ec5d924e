/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86_tss.h - the answer of the tss command, which only an x86_64 machine has. */
#ifndef STK_RENDER_X86_TSS_H
#define STK_RENDER_X86_TSS_H

#include <stackinfo/render.h>
#include <stackinfo/x86_64.h>

void stk_x86_text_tss(struct stk *s, FILE *fp, const struct stk_x86_tss *tss,
		      const struct stk_text_options *opt);
/* The caller drops it with json_object_put(). */
struct json_object *stk_x86_json_tss(struct stk *s, const struct stk_x86_tss *tss);

#endif
