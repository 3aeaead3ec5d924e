/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli.h - the stackinfo command, which needs a dump file and nothing else. */
#ifndef STK_CLI_H
#define STK_CLI_H

#include <stackinfo/dump.h>

#include "../commands/commands.h"

/* What the process ends with. */
enum cli_status {
	CLI_OK,	     /* all that was asked for was answered */
	CLI_FAILED,  /* part of it was not: complaints say what */
	CLI_USAGE,   /* the arguments are wrong */
	CLI_NO_DUMP, /* the file is no dump that can be read, or not of this namelist */
	CLI_DOUBT,   /* all was answered, but a chain is doubtful or broken */
};

struct cli_request {
	struct stk_dump_options how; /* what is known of the dump */
	uint64_t kaslr;		     /* that it points to */
	int64_t phys_base;	     /* the same */
	bool debuginfod;	     /* modules' debuginfo may come from the network */
	const struct stk_command_info *command;
	struct stk_args args; /* of the command, without VMCORE */
	bool input;	      /* standard input is the command's to read */
	unsigned int
		timeout; /* of a batch: seconds for each dump; 0: as long as it takes */
};

/* Where complaints go: @priv and one line. */
typedef void cli_complain(void *priv, const char *text);

/* Open @vmcore, if the command needs one, and answer @r about it on @out. */
enum cli_status cli_run(const struct cli_request *r, const char *vmcore, FILE *out,
			cli_complain *complain, void *priv);

/* The same for every dump that @list names, a line each: JSON, a line each. */
enum cli_status cli_batch(const struct cli_request *r, FILE *list, FILE *out);

/* The options before the command. Some have no letter. */
enum {
	CLI_BATCH = 1,
	CLI_TIMEOUT,
	CLI_DEBUGINFOD,
	CLI_RAW,
	CLI_VMCOREINFO,
	CLI_KASLR,
	CLI_PHYS_BASE,
};
extern const struct stk_option cli_options[];

/* What the options say of the dump. False: @text gets what is wrong. */
bool cli_take_known(struct cli_request *r, const struct stk_args *args, char *text,
		    size_t size);

/* Without a command: what dump this is, and the chains of its CPUs. */
extern const struct stk_command_info cli_overview;
/* Commands that only this door has, ended by NULL. */
extern const struct stk_command_info *const cli_commands[];

/* One of either table. */
const struct stk_command_info *cli_find_command(const char *name);

/* How stackinfo is called, in a few lines; all of its options and commands. */
void cli_print_usage(FILE *fp);
void cli_print_help(FILE *fp);
/* The help of one command. */
void cli_print_command(FILE *fp, const struct stk_command_info *info);

#endif
