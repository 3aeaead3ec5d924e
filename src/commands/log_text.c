/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log_text.h"

#include <stdlib.h>

#include <stackinfo/render.h>

#include "../base/context.h"

static bool print_record(void *ctx, const struct stk_log_record *record)
{
	stk_text_record(ctx, record, true, 0);
	return true;
}

enum stk_status stk_log_text(struct stk *s, char **text, size_t *size)
{
	enum stk_status st;
	FILE *fp;

	*text = NULL;
	*size = 0;
	fp = open_memstream(text, size);
	if (!fp)
		return STK_ERR_NOMEM;
	st = stk_log(s, print_record, fp);
	if (fclose(fp) || !*text)
		st = STK_ERR_NOMEM;
	if (st) {
		free(*text);
		*text = NULL;
	}
	return st;
}
