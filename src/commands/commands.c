/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands.h"

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
