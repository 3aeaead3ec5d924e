/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli.h - the stackinfo command, which needs a dump file and nothing else. */
#ifndef STK_CLI_H
#define STK_CLI_H

#include "../commands/commands.h"

/* What the process ends with. */
enum cli_status {
	CLI_OK,	    /* all that was asked for was answered */
	CLI_FAILED, /* part of it was not: complaints say what */
	CLI_USAGE,  /* the arguments are wrong */
	CLI_NO_DUMP, /* the file is no dump that can be read, or not of this namelist */
	CLI_DOUBT, /* all was answered, but a chain is doubtful or broken */
};

/* A question: argv[0] is the command's name, the rest its arguments without VMCORE. */
struct cli_request {
	const char *namelist; /* or NULL */
	const struct stk_command_info *command;
	int argc;
	char **argv;
	bool input; /* standard input is the command's to read */
	unsigned int timeout; /* of a batch: seconds for each dump; 0: as long as it takes */
};

/* Where complaints go: @priv and one line. */
typedef void cli_complain(void *priv, const char *text);

/* Open @vmcore and answer @r about it on @out. */
enum cli_status cli_run(const struct cli_request *r, const char *vmcore, FILE *out,
			cli_complain *complain, void *priv);

/* The same for every dump that @list names, a line each: JSON, a line each. */
enum cli_status cli_batch(const struct cli_request *r, FILE *list, FILE *out);

/* What dump this is, and the chains of its CPUs. */
extern const struct stk_command_info cli_overview;

#endif
