/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands.h"

const struct stk_command_info stk_commands[] = {
	{ "tss", "what the CPUs' task state segments say", "[-c cpus] [-vj]",
	  STK_TSS_OPTIONS, stk_help_tss, stk_command_tss },
	{ "stackof", "what is this address", "[-vj] ADDRESS...", STK_STACKOF_OPTIONS,
	  stk_help_stackof, stk_command_stackof },
	{ "xbt", "backtrace across all stacks",
	  "[-rftlv] [-g | -j | -o folded]\n"
	  "      [-a | -A | -c cpus | -S sp [-I ip] [-B bp] | -R pt_regs | PID | TASK ...]",
	  STK_XBT_OPTIONS, stk_help_xbt, stk_command_xbt },
	{ 0 },
};
