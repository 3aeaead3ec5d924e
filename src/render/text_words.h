/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STK_TEXT_WORDS_H
#define STK_TEXT_WORDS_H

#include "render.h"

/* The words of frame @i of @seg, as @opt asks for them. */
void stk_text_words(struct stk *s, FILE *fp, const struct stk_segment *seg, size_t i,
		    const struct stk_text_options *opt);

/* -T: what is left in the part of its stack that was not in use, the words of earlier
 * calls. */
void stk_text_stale_words(struct stk *s, FILE *fp, const struct stk_segment *seg,
			  const struct stk_text_options *opt);

#endif
