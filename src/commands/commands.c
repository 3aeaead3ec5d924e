/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands.h"

const struct stk_command_info stk_commands[] = {
	{ "tss", "what the CPUs' task state segments say", "[-c cpus] [-vj]",
	  stk_help_tss, stk_command_tss, "c", false },
	{ "stackof", "what is this address",
	  "[-c cpu | -p pid] [-vj] [ADDRESS | ADDRESS..ADDRESS | %register[:cpu]] ...\n"
	  "      stackof [-vj] [-f FILE | -l | - | -m]",
	  stk_help_stackof, stk_command_stackof, "cpf", false },
	{ "xbt", "backtrace across all stacks",
	  "[-rftlv] [-g | -j | -o folded]\n"
	  "      [-a | -A | -c cpus | -S sp [-I ip] [-B bp] | -R pt_regs | PID | TASK ...]",
	  stk_help_xbt, stk_command_xbt, "cSIBRo", false },
	{ "log", "the kernel's log buffer", "[-c]", stk_help_log, stk_command_log, "",
	  true },
	{ 0 },
};
