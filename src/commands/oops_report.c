/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * oops: what a text tells of a crash. Of a dump it is its log; else any text, for which
 * no dump is needed.
 */
#include <json-c/json.h>
#include <stdlib.h>

#include "../base/context.h"
#include "../render/events.h"
#include "answer.h"
#include "args.h"
#include "input.h"
#include "log_text.h"

struct oops {
	struct stk_command *cmd;
	bool verbose;
	struct stk_answer a;
};

static bool is_stopped(void *ctx)
{
	const struct oops *o = ctx;

	return stk_command_interrupted(o->cmd);
}

static bool text_came(void *ctx, char *text, size_t size)
{
	struct oops *o = ctx;
	struct stk_events events;

	stk_events_read(&events, text, size, is_stopped, o);
	o->a.stop = is_stopped(o);
	if (o->a.stop)
		o->a.res = stk_complain(o->cmd, "interrupted");
	else if (o->a.doc)
		stk_json_events(o->a.doc, &events);
	else
		stk_text_events(o->cmd->out, &events, o->verbose);
	if (events.arena.failed)
		o->a.res = stk_complain(o->cmd, "out of memory: events are missing");
	stk_events_free(&events);
	return false;
}

/* The dump's own log. */
static enum stk_command_result answer_log(struct oops *o)
{
	enum stk_command_result res = STK_CMD_OK;
	char *text;
	size_t size;
	enum stk_status st = stk_log_text(o->cmd->s, &text, &size);

	if (st)
		res = stk_complain(o->cmd, "%s", stk_reason(o->cmd->s, st));
	else
		text_came(o, text, size);
	free(text);
	return res;
}

static enum stk_command_result oops_command(struct stk_command *cmd,
					    const struct stk_args *args)
{
	struct oops o = { .cmd = cmd, .verbose = stk_given(args, 'v') };
	enum stk_command_result res;

	if (!stk_answer_begin(&o.a, cmd, args, NULL))
		return o.a.res;
	res = !args->nr && cmd->s
		      ? answer_log(&o)
		      : stk_input_read(cmd, "oops", args->nr ? args->word[0] : "-", false,
				       text_came, &o);
	if (res != STK_CMD_OK) {
		o.a.res = res;
		o.a.stop = true;
	}
	return stk_answer_end(&o.a);
}

static const struct stk_option options[] = {
	STK_OPTION_VERBOSE(
		"All that is told of each event: its lines, registers, the whole "
		"trace; and backtraces that tell of no event."),
	STK_OPTION_JSON,
	STK_NO_MORE_OPTIONS,
};

static const struct stk_word words[] = {
	{ "FILE", "The text, or - for standard input." },
	{ 0 },
};

static const struct stk_example examples[] = {
	{ .words = "oops.txt" },
	{ .options = "-v", .words = "oops.txt" },
	STK_NO_MORE_EXAMPLES,
};

const struct stk_command_info stk_oops_command = {
	.name = "oops",
	.purpose = "what a log, or any text with an oops, says of a crash",
	.doors = STK_EVERYWHERE,
	.no_dump = true,
	.or_dump = true,
	.max_words = 1,
	.about =
		"Finds in a text what went wrong: oopses, BUGs, warnings, panics, lockups, RCU "
		"stalls, hung tasks, reports of KASAN and its like, machine checks; of x86_64, "
		"arm64 and riscv64, from 4.14 on. Says what the machine died of and which "
		"function is to blame, and gives the crash a signature, by which the same one "
		"is known elsewhere. The text may come as a console, dmesg, syslog, the "
		"journal, pstore, netconsole, a mail, a mail's source or a page's leave it.",
	.options = options,
	.words = words,
	.notes =
		"The signature is a title to search for and a hash of the kind of the event and "
		"the names of up to eight functions, from the culprit outwards. It has no "
		"addresses, PIDs or CPUs, so it is the same on another machine.",
	.crash_notes = "Without FILE: the dump's own log.",
	.cli_notes =
		"Without FILE: standard input. FILE may also be a dump, of which the "
		"log is read.",
	.examples = examples,
	.run = oops_command,
};
