/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xbt as text, and as JSON: each chain as it comes. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "../base/context.h"
#include "../render/render.h"
#include "xbt.h"

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
	.end = xbt_text_end,
};

static bool json_begin(struct xbt *x)
{
	x->doc = stk_json_document(x->cmd->s);
	x->list = open_memstream(&x->list_text, &x->list_size);
	if (x->doc && x->list) {
		stk_json_panic(x->cmd->s, x->doc);
		fputc('[', x->list);
		return true;
	}
	json_object_put(x->doc);
	if (x->list)
		fclose(x->list);
	free(x->list_text);
	x->res = stk_complain(x->cmd, "out of memory");
	return false;
}

static void json_add(struct xbt *x, struct json_object *chain)
{
	const char *text = json_object_to_json_string_ext(
		chain, JSON_C_TO_STRING_NOSLASHESCAPE | JSON_C_TO_STRING_SPACED);

	if (!text)
		x->res = stk_complain(x->cmd, "out of memory");
	else if (stk_budget_answer(&x->cmd->s->budget, strlen(text)))
		fprintf(x->list, "%s %s", x->nr_listed++ ? "," : "", text);
	json_object_put(chain);
}

static void json_chain(struct xbt *x, struct stk_chain *chain)
{
	json_add(x, stk_json_chain(x->cmd->s, chain, x->opt.lines));
	stk_chain_free(x->cmd->s, chain);
}

static void json_no_chain(struct xbt *x, int cpu, const struct stk_task *task,
			  const char *why)
{
	json_add(x, stk_json_no_chain(x->cmd->s, cpu, task, why));
}

static void json_end(struct xbt *x)
{
	bool whole;

	if (x->select.any)
		json_object_object_add(x->doc, "tasks_unsure",
				       stk_json_number(x->select.nr_unsure));
	fputs(" ]", x->list);
	whole = !fclose(x->list);
	/* Half a document is worse than none. */
	if (x->stop || !whole)
		json_object_put(x->doc);
	if (!whole)
		x->res = stk_complain(x->cmd, "out of memory");
	else if (!x->stop &&
		 stk_print_document(x->cmd, x->doc, "chains", x->list_text) != STK_CMD_OK)
		x->res = STK_CMD_FAILED;
	free(x->list_text);
}

const struct xbt_shape xbt_json = {
	.collects = true,
	.begin = json_begin,
	.chain = json_chain,
	.no_chain = json_no_chain,
	.end = json_end,
};
