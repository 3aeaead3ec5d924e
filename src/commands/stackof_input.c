/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the text of stackof comes from: what is read, the dump's log, registers. */
#include "stackof.h"

#include <stdlib.h>

#include "../base/context.h"
#include "../render/render.h"
#include "input.h"
#include "../base/memstream.h"

static bool text_came(void *ctx, char *text, size_t size)
{
	struct stackof *o = ctx;

	stk_stackof_text(o, text, size);
	return !o->a.stop;
}

void stk_stackof_file(struct stackof *o, const char *path)
{
	enum stk_command_result res;

	res = stk_input_read(o->cmd, "stackof", path, true, text_came, o);
	if (stk_interrupted(o->cmd->s)) {
		o->a.stop = true;
		if (res == STK_CMD_OK)
			res = stk_complain(o->cmd, "interrupted");
	}
	if (res != STK_CMD_OK)
		o->a.res = res;
	else
		stk_stackof_text_end(o);
}

static bool log_record(void *ctx, const struct stk_log_record *record)
{
	struct stackof *o = ctx;
	char *text = NULL;
	size_t size = 0;
	FILE *fp = open_memstream(&text, &size);

	if (fp)
		stk_text_record(fp, record, false, 0);
	if (fp && stk_memstream_end(fp, &text))
		stk_stackof_lines(o, text, size);
	else
		stk_stackof_no_memory(o);
	free(text);
	return !o->a.stop;
}

void stk_stackof_log(struct stackof *o)
{
	enum stk_status st = stk_log(o->cmd->s, log_record, o);

	if (stk_interrupted(o->cmd->s)) {
		o->a.res = stk_complain(o->cmd, "interrupted");
		o->a.stop = true;
	}
	if (!st)
		stk_stackof_text_end(o);
	else if (!o->a.stop)
		o->a.res = stk_complain(o->cmd, "%s", stk_reason(o->cmd->s, st));
}

void stk_stackof_regs(struct stackof *o)
{
	char *text = NULL;
	size_t size = 0;
	FILE *fp = open_memstream(&text, &size);

	if (fp)
		stk_text_regs(o->cmd->s, fp, &o->start.regs);
	if (fp && stk_memstream_end(fp, &text))
		stk_stackof_lines(o, text, size);
	else
		stk_stackof_no_memory(o);
	free(text);
}
