/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Without a command: why did this machine die? */
#include <json-c/json.h>
#include <stdlib.h>

#include <stackinfo/render.h>

#include "../base/context.h"
#include "../render/triage.h"
#include "answer.h"
#include "args.h"
#include "log_text.h"
#include "../render/json_add.h"

static void add_chains(struct stk *s, struct json_object *doc, const struct stk_triage *t)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < t->nr_cpus; i++) {
		const struct stk_triage_cpu *c = &t->cpu[i];

		stk_json_append(
			list, c->chain ? stk_json_chain(s, c->chain, false)
				       : stk_json_no_chain(s, (int)c->cpu, NULL, c->why));
	}
	stk_json_add(doc, "chains", list);
}

/* As xbt has it: where there is no chain, none is in doubt. */
static enum stk_command_result count_chains(struct stk_command *cmd,
					    const struct stk_triage *t)
{
	enum stk_command_result res = STK_CMD_OK;

	for (size_t i = 0; i < t->nr_cpus; i++) {
		const struct stk_chain *chain = t->cpu[i].chain;

		cmd->nr_chains++;
		cmd->nr_certain += chain && chain->confidence == STK_CERTAIN;
		if (chain && chain->confidence != STK_CERTAIN)
			res = STK_CMD_DOUBT;
	}
	return res;
}

static enum stk_command_result answer(struct stk_answer *a, const struct stk_args *args,
				      const struct stk_triage *t)
{
	struct stk_command *cmd = a->cmd;
	const bool all = stk_given(args, 'v');
	struct stk_args chains = { 0 };

	if (a->doc) {
		stk_json_triage(cmd->s, a->doc, t);
		add_chains(cmd->s, a->doc, t);
	} else {
		stk_text_triage(cmd->s, cmd->out, t, all);
	}
	if (a->doc || !all)
		return count_chains(cmd, t);
	fputc('\n', cmd->out);
	chains.given['a'] = chains.given['v'] = "";
	return stk_xbt_command.run(cmd, &chains);
}

static enum stk_command_result report_command(struct stk_command *cmd,
					      const struct stk_args *args)
{
	struct stk_triage t;
	struct stk_answer a;
	char *log, no_log[256];
	enum stk_status st;
	size_t size;

	if (!stk_answer_begin(&a, cmd, args, NULL))
		return a.res;
	st = stk_log_text(cmd->s, &log, &size);
	snprintf(no_log, sizeof(no_log), "%s", log ? "" : stk_reason(cmd->s, st));
	if (!st || !stk_is_passing(st))
		st = stk_triage(cmd->s, log, size, no_log, &t);
	else
		t = (struct stk_triage){ 0 };
	if (st) {
		a.res = stk_complain(
			cmd, "%s%s", stk_reason(cmd->s, st),
			log && st == STK_ERR_NO_SYMBOL && cmd->dump
				? "; what its log says, stackinfo oops VMCORE "
				  "tells without"
				: "");
		a.stop = true;
	} else {
		a.res = answer(&a, args, &t);
	}
	stk_triage_free(cmd->s, &t);
	free(log);
	return stk_answer_end(&a);
}

static const struct stk_option options[] = {
	STK_OPTION_VERBOSE(
		"All CPUs, findings and events, and behind them the backtrace of "
		"every CPU with its evidence."),
	STK_OPTION_JSON,
	STK_NO_MORE_OPTIONS,
};

static const struct stk_example examples[] = {
	{ 0 },
	{ .options = "-v" },
	STK_NO_MORE_EXAMPLES,
};

const struct stk_command_info stk_report_command = {
	.name = "stackinfo",
	.purpose = "why did this machine die? What its stacks and its log say together",
	.doors = STK_IN_CRASH,
	.about =
		"Says which machine this was, what it died of, and gives the crash a signature, "
		"by which the same one is known elsewhere. Then what each CPU was doing, from "
		"the culprit outwards; what is odd about the machine, each finding with its "
		"evidence; how many tasks did what; and the events of the log, each compared "
		"with the stack that it is about, if that is still there.\n"
		"\n"
		"\"*\" marks the CPU that panicked and the event that the machine died of. A "
		"machine that did not die says so.",
	.options = options,
	.examples = examples,
	.run = report_command,
};
