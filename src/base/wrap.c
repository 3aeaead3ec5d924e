/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wrap.h"

#include <stdbool.h>
#include <string.h>

static bool begins_line(const struct stk_wrap *w)
{
	return w->column <= w->indent;
}

void stk_wrap_word(struct stk_wrap *w, const char *word, size_t len)
{
	if (!begins_line(w) && w->column + 1 + len > w->width) {
		fputc('\n', w->fp);
		w->column = 0;
	}
	if (!begins_line(w)) {
		fputc(' ', w->fp);
		w->column++;
	} else if (!w->column) {
		fprintf(w->fp, "%*s", (int)w->indent, "");
		w->column = w->indent;
	}
	fprintf(w->fp, "%.*s", (int)len, word);
	w->column += len;
}

void stk_wrap_piece(struct stk_wrap *w, const char *piece)
{
	if (!begins_line(w)) {
		fputc(',', w->fp);
		w->column++;
	}
	stk_wrap_word(w, piece, strlen(piece));
}

void stk_wrap_text(struct stk_wrap *w, const char *text)
{
	while (*text) {
		const size_t len = strcspn(text, " ");

		if (len)
			stk_wrap_word(w, text, len);
		text += len + (text[len] == ' ');
	}
}
