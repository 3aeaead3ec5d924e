/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stackof -m: every stack of the machine, or those that are asked for. */
#include <json-c/json.h>

#include "../base/context.h"
#include "../render/render.h"
#include "select.h"
#include "stackof.h"
#include "../render/json_add.h"

/* Which rows stay. */
struct choice {
	struct stk *s;
	struct stk_select *select;
	bool of_cpus; /* nothing but CPUs is asked for: their own stacks, too */
};

static bool has_chain(const struct choice *c, const struct stk_task *task)
{
	struct stk_chain *chain = NULL;
	struct stk_start start;
	bool met;

	if (!c->select->of_chain)
		return true;
	if (!stk_start_task(c->s, task, &start) && stk_unwind_whole(c->s, &start, &chain))
		chain = NULL;
	met = stk_select_chain(c->select, chain);
	stk_chain_free(c->s, chain);
	return met;
}

static bool is_chosen(void *ctx, const struct stk_row *r)
{
	const struct choice *c = ctx;

	if (stk_must_stop(c->s))
		return false;
	if (!r->has_task)
		return c->of_cpus && stk_select_cpu(c->select, r->cpu);
	return stk_select_task(c->select, c->s, &r->task) && has_chain(c, &r->task);
}

static void show_overview(struct stackof *o, struct stk_overview *all,
			  struct stk_select *select)
{
	struct choice choice = { o->cmd->s, select, stk_select_cpus_only(select) };
	char text[160];

	if (select->any)
		stk_overview_keep(o->cmd->s, all, is_chosen, &choice);
	if (stk_interrupted(o->cmd->s)) {
		o->a.res = stk_complain(o->cmd, "interrupted");
		o->a.stop = true;
		return;
	}
	if (o->a.doc)
		stk_json_overview(o->cmd->s, o->a.doc, all);
	else
		stk_text_overview(o->cmd->out, all, &o->opt);
	if (o->a.doc && select->any)
		stk_json_add(o->a.doc, "tasks_unsure",
			     stk_json_number(select->nr_unsure));
	else if (!o->a.doc && stk_select_text(select, text, sizeof(text)))
		fprintf(o->cmd->out, "stackof: %s\n", text);
}

void stk_stackof_map(struct stackof *o, struct stk_select *select)
{
	struct stk *s = o->cmd->s;
	struct stk_overview all;
	enum stk_status st = stk_overview(s, &all);

	if (!st)
		show_overview(o, &all, select);
	if (st) {
		o->a.res = stk_complain(o->cmd, "%s", stk_reason(s, st));
		o->a.stop = true;
	}
	if (!st && stk_tasks_truncated(s))
		o->a.res = stk_complain(o->cmd, "tasks may be missing: %s",
					stk_tasks_truncated(s));
	stk_overview_free(s, &all);
}
