/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of the command line by itself, and its help. */
#include "cli.h"

#include <string.h>

#include "../base/safe.h"
#include "../commands/args.h"
#include "../commands/help.h"

const struct stk_option cli_options[] = {
	{ 'n', "namelist", "NAMELIST", .many = true,
	  .help = "The kernel's vmlinux, or another file with its symbols. It adds what only "
		  "DWARF knows: lines, inlined calls, call frame information. It is needed "
		  "for kernels without BTF (CONFIG_DEBUG_INFO_BTF), or where the dump lost "
		  "it. Given again: the file of a module with its debuginfo, or a folder to "
		  "look for such files in. It may also stand by itself beside VMCORE, as in "
		  "crash." },
	{ CLI_RAW, "raw",
	  .help = "VMCORE is the machine's memory and nothing else, from address 0 on and "
		  "without holes: what dd, QEMU's pmemsave and LiME's \"padded\" write." },
	{ 'm', "memory", "RANGES",
	  .help = "As --raw, but of memory with holes: where its pieces were that lie one "
		  "behind the other in the file, as \"0-3G,4G-\" of a .vmem file of more than "
		  "3 GB; or a file that is a copy of the machine's /proc/iomem." },
	{ CLI_VMCOREINFO, "vmcoreinfo", "FILE",
	  .help = "Take the lines of FILE for VMCOREINFO, whatever the dump has." },
	{ CLI_KASLR, "kaslr", "OFFSET",
	  .help = "What KASLR added to the kernel's addresses, in hexadecimal, whatever "
		  "VMCOREINFO says (KERNELOFFSET)." },
	{ CLI_PHYS_BASE, "phys-base", "ADDR",
	  .help = "The kernel's phys_base, whatever VMCOREINFO says. With -n and both of these "
		  "a dump can do without VMCOREINFO." },
	{ CLI_DEBUGINFOD, "debuginfod",
	  .help = "Ask the servers in $DEBUGINFOD_URLS for modules' debuginfo that is "
		  "found nowhere." },
	{ CLI_BATCH, "batch",
	  .help = "Answer for many dumps: those that are named, else those whose names are on "
		  "standard input, a line each, or as find -print0 has them. Print a line of JSON for each, in that "
		  "order." },
	{ CLI_TIMEOUT, "timeout", "SECONDS", .needs = (const char[]){ CLI_BATCH, 0 },
	  .help = "With --batch: give up a dump that took so long. 300 without this option; "
		  "0: as long as it takes." },
	{ 'J', "jobs", "NUMBER", .needs = (const char[]){ CLI_BATCH, 0 },
	  .help = "With --batch: read so many dumps at once, up to 64. 1 without this "
		  "option." },
	{ 'h', "help", .help = "Print this; with a command, its help." },
	{ 'V', "version", .help = "Print which stackinfo this is." },
	STK_NO_MORE_OPTIONS,
};

const struct stk_command_info *cli_find_command(const char *name)
{
	if (!strcmp(name, "bt"))
		return &stk_xbt_command;
	for (const struct stk_command_info *const *c = cli_commands; *c; c++)
		if (!strcmp((*c)->name, name))
			return *c;
	return stk_find_command(name, STK_IN_CLI);
}

void cli_print_usage(FILE *fp)
{
	fputs("usage: stackinfo [-n NAMELIST] [-vj] VMCORE\n"
	      "       stackinfo [-n NAMELIST] COMMAND [options] VMCORE [argument...]\n"
	      "       stackinfo [-n NAMELIST] --batch [--timeout SECONDS] [-J NUMBER]\n"
	      "                 [COMMAND [options]]\n"
	      "                 [VMCORE...] [argument...] [< LIST]\n"
	      "       stackinfo help [COMMAND]\n",
	      fp);
}

static void print_commands(FILE *fp, const struct stk_command_info *const *c)
{
	for (; *c; c++)
		if ((*c)->doors & STK_IN_CLI)
			fprintf(fp, "    %-8s %s\n", (*c)->name, (*c)->purpose);
}

void cli_print_help(FILE *fp)
{
	cli_print_usage(fp);
	fputs("\nCOMMANDS\n", fp);
	print_commands(fp, stk_commands);
	print_commands(fp, cli_commands);
	fprintf(fp, "    Without one: %s.\n\nOPTIONS\n", stk_report_command.purpose);
	stk_print_options(fp, cli_options);
	fputs("\n\"stackinfo help COMMAND\" tells more.\n", fp);
}

void cli_print_synopsis(FILE *fp, const struct stk_command_info *info)
{
	if (info == &stk_report_command)
		cli_print_usage(fp);
	else
		stk_print_synopsis(fp, info, STK_IN_CLI,
				   fprintf(fp, "usage: stackinfo %s ", info->name), 6);
}

void cli_print_command(FILE *fp, const struct stk_command_info *info)
{
	fprintf(fp, "%s - %s\n\n", info->name, info->purpose);
	stk_print_synopsis(fp, info, STK_IN_CLI, fprintf(fp, "stackinfo %s ", info->name),
			   6);
	fputc('\n', fp);
	stk_print_help(fp, info, STK_IN_CLI);
}

static enum stk_command_result help_command(struct stk_command *cmd,
					    const struct stk_args *args)
{
	const struct stk_command_info *info;

	if (!args->nr) {
		cli_print_help(cmd->out);
		return STK_CMD_OK;
	}
	info = cli_find_command(args->word[0]);
	if (!info)
		return stk_misuse(cmd, "no such command: \"%s\"", args->word[0]);
	cli_print_command(cmd->out, info);
	return STK_CMD_OK;
}

static const struct stk_option no_options[] = { STK_NO_MORE_OPTIONS };

static const struct stk_word help_words[] = {
	{ "COMMAND", "Of which to tell all." },
	{ 0 },
};

static const struct stk_example help_examples[] = {
	{ .words = "xbt" },
	STK_NO_MORE_EXAMPLES,
};

static const struct stk_command_info cli_help = {
	.name = "help",
	.purpose = "options, arguments and examples of a command",
	.doors = STK_IN_CLI,
	.no_dump = true,
	.max_words = 1,
	.about = "Without an argument: what commands there are.",
	.options = no_options,
	.words = help_words,
	.examples = help_examples,
	.run = help_command,
};

const struct stk_command_info *const cli_commands[] = { &cli_help, &cli_pack, NULL };
