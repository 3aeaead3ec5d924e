/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stackof -m: every stack of the machine. */
#include "../base/context.h"
#include "stackof.h"

void stk_stackof_map(struct stackof *o)
{
	struct stk *s = o->cmd->s;
	struct stk_overview all;
	enum stk_status st = stk_overview(s, &all);

	if (st) {
		o->a.res = stk_complain(o->cmd, "%s", stk_reason(s, st));
		o->a.stop = true;
	} else if (o->a.doc) {
		stk_json_overview(s, o->a.doc, &all);
	} else {
		stk_text_overview(o->cmd->out, &all, o->opt.verbose);
	}
	if (!st && stk_tasks_truncated(s))
		o->a.res = stk_complain(o->cmd, "tasks may be missing: %s",
					stk_tasks_truncated(s));
	stk_overview_free(s, &all);
}
