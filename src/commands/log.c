/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stackinfo/render.h>

#include "../base/context.h"
#include "args.h"

const char *const stk_help_log[] = {
	"  Prints the messages that the kernel's log buffer still has, oldest first.",
	"",
	"    -c       who printed each: the PID as T1234, or the CPU as C0 when it was in an",
	"             interrupt; known since 5.10",
	NULL,
};

struct log {
	struct stk_command *cmd;
	bool caller;
};

static bool print(void *ctx, const struct stk_log_record *record)
{
	struct log *log = ctx;

	stk_text_record(log->cmd->out, record, log->caller);
	return true;
}

enum stk_command_result stk_command_log(struct stk_command *cmd, int argc, char **argv)
{
	struct log log = { .cmd = cmd };
	enum stk_status st;
	int c;

	optind = 0;
	opterr = 0;
	while ((c = getopt(argc, argv, STK_LOG_OPTIONS)) != -1) {
		if (c != 'c')
			return STK_CMD_USAGE;
		log.caller = true;
	}
	if (optind < argc)
		return STK_CMD_USAGE;
	st = stk_log(cmd->s, print, &log);
	return st ? stk_complain(cmd, "%s", stk_reason(cmd->s, st)) : STK_CMD_OK;
}
