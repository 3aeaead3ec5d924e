/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stackof -m: every stack of the machine. */
#include "../base/context.h"
#include "stackof.h"

enum stk_command_result stk_stackof_map(struct stk_command *cmd, bool draw, bool json)
{
	enum stk_command_result res = STK_CMD_OK;
	struct stk_overview all;
	enum stk_status st = stk_overview(cmd->s, &all);

	if (st) {
		res = stk_complain(cmd, "%s", stk_reason(cmd->s, st));
	} else if (json) {
		struct json_object *doc = stk_json_document(cmd->s);

		stk_json_overview(cmd->s, doc, &all);
		res = stk_print_json(cmd, doc);
	} else {
		stk_text_overview(cmd->out, &all, draw);
	}
	if (res == STK_CMD_OK && stk_tasks_truncated(cmd->s))
		res = stk_complain(cmd, "tasks may be missing: %s",
				   stk_tasks_truncated(cmd->s));
	stk_overview_free(cmd->s, &all);
	return res;
}
