/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xbt as text, and as JSON: each chain as it comes. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "../base/context.h"
#include "../render/render.h"
#include "xbt.h"
#include "../render/json_add.h"

void xbt_text_part(struct xbt *x)
{
	if (x->printed)
		fputc('\n', x->cmd->out);
	x->printed = true;
}

static void text_chain(struct xbt *x, struct stk_chain *chain)
{
	xbt_text_part(x);
	stk_text_chain(x->cmd->s, x->cmd->out, chain, &x->opt, &x->doubts);
	stk_chain_free(x->cmd->s, chain);
}

void xbt_text_no_chain(struct xbt *x, int cpu, const struct stk_task *task,
		       const char *why)
{
	xbt_text_part(x);
	x->res = stk_complain(x->cmd, "%s", why);
}

static void text_exited(struct xbt *x, const struct stk_task *task, const char *why)
{
	(void)why;
	xbt_text_part(x);
	stk_text_exited(x->cmd->s, x->cmd->out, task);
}

void xbt_text_end(struct xbt *x)
{
	char text[256];

	if (x->doubts)
		stk_text_legend(x->cmd->out);
	/* The session keeps what earlier questions missed. */
	for (unsigned int i = 0;
	     x->opt.lines && stk_lines_missing(x->cmd->s, i, text, sizeof(text)); i++)
		fprintf(x->cmd->out, "xbt: %s\n", text);
	if (stk_select_text(&x->select, text, sizeof(text)))
		fprintf(x->cmd->out, "xbt: %s\n", text);
}

const struct xbt_shape xbt_text = {
	.summary = true,
	.says_which = true,
	.chain = text_chain,
	.no_chain = xbt_text_no_chain,
	.exited = text_exited,
	.end = xbt_text_end,
};

static bool json_begin(struct xbt *x)
{
	x->doc = stk_new_document(x->cmd);
	if (x->doc && stk_spool_open(&x->list)) {
		stk_json_panic(x->cmd->s, x->doc);
		stk_json_start(&x->out, x->list.fp);
		stk_json_open(&x->out, NULL, '[');
		return true;
	}
	json_object_put(x->doc);
	x->res = stk_complain(x->cmd, "out of memory");
	return false;
}

/* One more is in the list, which had @before bytes. */
static void json_listed(struct xbt *x, uint64_t before)
{
	/* The last one may go beyond the limit: no more are asked for. */
	stk_budget_answer(&x->cmd->s->budget, stk_json_size(&x->out) - before);
}

static void json_chain(struct xbt *x, struct stk_chain *chain)
{
	const uint64_t before = stk_json_size(&x->out);

	if (stk_json_put_chain(&x->out, x->cmd->s, chain, x->opt.lines))
		json_listed(x, before);
	else
		x->res = stk_complain(x->cmd, "out of memory");
	stk_chain_free(x->cmd->s, chain);
}

static void json_no_chain(struct xbt *x, int cpu, const struct stk_task *task,
			  const char *why)
{
	const uint64_t before = stk_json_size(&x->out);

	stk_json_put_no_chain(&x->out, cpu, task, why, STK_BROKEN);
	json_listed(x, before);
}

static void json_exited(struct xbt *x, const struct stk_task *task, const char *why)
{
	const uint64_t before = stk_json_size(&x->out);

	stk_json_put_no_chain(&x->out, -1, task, why, STK_CERTAIN);
	json_listed(x, before);
}

static void json_end(struct xbt *x)
{
	if (x->select.any)
		stk_json_add(x->doc, "tasks_unsure",
			     stk_json_number(x->select.nr_unsure));
	stk_json_close(&x->out, ']');
	stk_json_flush(&x->out);
	/* Half a document is worse than none. */
	if (x->stop)
		json_object_put(x->doc);
	else if (stk_print_document(x->cmd, x->doc, "chains", &x->list) != STK_CMD_OK)
		x->res = STK_CMD_FAILED;
	stk_spool_close(&x->list);
}

const struct xbt_shape xbt_json = {
	.collects = true,
	.begin = json_begin,
	.chain = json_chain,
	.no_chain = json_no_chain,
	.exited = json_exited,
	.end = json_end,
};
