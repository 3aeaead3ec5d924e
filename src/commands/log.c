/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stackinfo/render.h>

#include "../base/context.h"
#include "../kernel/log.h"
#include "args.h"

struct log {
	struct stk_command *cmd;
	bool caller;
	int64_t boot; /* in seconds since 1970; 0: dates are not wanted */
};

static bool print_record(void *ctx, const struct stk_log_record *record)
{
	struct log *log = ctx;

	stk_text_record(log->cmd->out, record, log->caller, log->boot);
	return true;
}

/*
 * When the kernel's clock began: it wrote down when it crashed (CRASHTIME), which was
 * when it had printed the last message. False: complained.
 */
static bool find_boot(struct log *log)
{
	struct stk *s = log->cmd->s;
	struct stk_machine m;
	uint64_t last = 0;
	enum stk_status st = stk_machine(s, &m);

	if (!st)
		st = stk_log_last(s, &last);
	if (st)
		stk_complain(log->cmd, "%s", stk_reason(s, st));
	else if (!m.crash_time)
		stk_complain(log->cmd,
			     "no dates: the dump does not tell when it crashed");
	else
		log->boot = m.crash_time - (int64_t)(last / 1000000000);
	return log->boot;
}

static enum stk_command_result log_command(struct stk_command *cmd,
					   const struct stk_args *args)
{
	struct log log = { .cmd = cmd, .caller = stk_given(args, 'c') };
	bool dated = !stk_given(args, 'T') || find_boot(&log);
	enum stk_status st = stk_log(cmd->s, print_record, &log);

	if (st)
		return stk_complain(cmd, "%s", stk_reason(cmd->s, st));
	return dated ? STK_CMD_OK : STK_CMD_FAILED;
}

static const struct stk_option options[] = {
	{ 'c', "caller",
	  .help = "Who printed each: the PID as T1234, or the CPU as C0 when it was in an "
		  "interrupt. Known since 5.10." },
	{ 'T', "dates",
	  .help = "When it was, in UTC: counted back from the time that the kernel wrote down "
		  "when it crashed, so right to about a second, but for the time that the "
		  "machine was suspended." },
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
