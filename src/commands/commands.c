/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "args.h"

const struct stk_command_info stk_commands[] = {
	{ "tss", "what the CPUs' task state segments say", "[-c cpus] [-vj]",
	  STK_TSS_OPTIONS, stk_help_tss, stk_command_tss, false },
	{ "stackof", "what is this address",
	  "[-c cpu | -p pid] [-vj] [ADDRESS | ADDRESS..ADDRESS | %register[:cpu]] ...\n"
	  "      stackof [-vj] [-f FILE | -l | - | -m]",
	  STK_STACKOF_OPTIONS, stk_help_stackof, stk_command_stackof, false },
	{ "xbt", "backtrace across all stacks",
	  "[-rftlv] [-g | -j | -o folded]\n"
	  "      [-a | -A | -c cpus | -S sp [-I ip] [-B bp] | -R pt_regs | PID | TASK ...]",
	  STK_XBT_OPTIONS, stk_help_xbt, stk_command_xbt, false },
	{ "log", "the kernel's log buffer", "[-c]", STK_LOG_OPTIONS, stk_help_log,
	  stk_command_log, true },
	{ 0 },
};

enum stk_command_result stk_run_command(const struct stk_command_info *info,
					struct stk_command *cmd, int argc, char **argv)
{
	enum stk_command_result res;
	char text[160];

	stk_question(cmd->s);
	res = info->run(cmd, argc, argv);
	for (unsigned int i = 0;
	     !cmd->told_interrupted && stk_incomplete(cmd->s, i, text, sizeof(text)); i++)
		if (res != STK_CMD_USAGE)
			res = stk_complain(cmd, "%s", text);
	if (res != STK_CMD_USAGE && !cmd->told_interrupted)
		stk_tell_lost(cmd);
	return res;
}
