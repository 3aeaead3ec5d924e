/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wrap.h - texts that are broken between words, where a line would become too long. */
#ifndef STK_WRAP_H
#define STK_WRAP_H

#include <stddef.h>
#include <stdio.h>

struct stk_wrap {
	FILE *fp;
	size_t width;  /* a line has at most so many columns */
	size_t indent; /* where what does not fit goes on */
	size_t column; /* where the line is; who printed there before says so */
};

/* One word, which may have blanks, and a blank before it unless it begins the line. */
void stk_wrap_word(struct stk_wrap *w, const char *word, size_t len);

/* The same, with a comma before it. */
void stk_wrap_piece(struct stk_wrap *w, const char *piece);

/* The words of @text. */
void stk_wrap_text(struct stk_wrap *w, const char *text);

#endif
