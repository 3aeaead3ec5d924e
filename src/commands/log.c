/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stackinfo/render.h>

#include "../base/context.h"
#include "args.h"

struct log {
	struct stk_command *cmd;
	bool caller;
};

static bool print_record(void *ctx, const struct stk_log_record *record)
{
	struct log *log = ctx;

	stk_text_record(log->cmd->out, record, log->caller);
	return true;
}

static enum stk_command_result log_command(struct stk_command *cmd,
					   const struct stk_args *args)
{
	struct log log = { .cmd = cmd, .caller = stk_given(args, 'c') };
	enum stk_status st = stk_log(cmd->s, print_record, &log);

	return st ? stk_complain(cmd, "%s", stk_reason(cmd->s, st)) : STK_CMD_OK;
}

static const struct stk_option options[] = {
	{ 'c', "caller",
	  .help = "Who printed each: the PID as T1234, or the CPU as C0 when it was in an "
		  "interrupt. Known since 5.10." },
	STK_NO_MORE_OPTIONS,
};

static const struct stk_example examples[] = {
	{ .options = "--caller" },
	STK_NO_MORE_EXAMPLES,
};

const struct stk_command_info stk_log_command = {
	.name = "log",
	.purpose = "the kernel's log buffer",
	/* crash has a command of this name, and needs none of ours. */
	.doors = STK_IN_CLI,
	.about =
		"Prints the messages that the kernel's log buffer still has, oldest first.",
	.options = options,
	.examples = examples,
	.run = log_command,
};
