/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * commands.h - tss, stackof, xbt and log, as the front doors offer them.
 *
 * Arguments are parsed here, too, so that a command means the same in crash and on
 * the command line. A command writes its answer to cmd->out and nothing else there;
 * complaints go through cmd->error.
 */
#ifndef STK_COMMANDS_H
#define STK_COMMANDS_H

#include <stdio.h>

#include <stackinfo/unwind.h>

struct stk_command {
	struct stk *s;
	FILE *out;
	/* Print one line that says what went wrong; no newline in @text. */
	void (*error)(struct stk_command *cmd, const char *text);
	/* The context that "xbt" without arguments shows; false: there is none. */
	bool (*context)(struct stk_command *cmd, uint64_t *task);
	/*
	 * How far long work has come: @done of @all @what; @what NULL: something is to be
	 * printed. NULL: nobody wants to know.
	 */
	void (*progress)(struct stk_command *cmd, const char *what, size_t done,
			 size_t all);
	void *priv;
	bool collects; /* the command prints nothing before it has all of its answer */
	bool filter;   /* without arguments, a command that reads text reads stdin */
	bool paste;    /* an empty line ends what is read from stdin */
	bool is_line;  /* the arguments are the words of a line of text */
	bool told_interrupted; /* that the command was stopped, once */
	/* Of a command that shows chains: how many, and how many of them are certain. */
	size_t nr_chains, nr_certain;
	bool summary; /* the answer is text, in which that may be told */
};

enum stk_command_result {
	STK_CMD_OK,
	STK_CMD_FAILED, /* cmd->error was told */
	STK_CMD_USAGE,	/* the arguments are wrong: show the synopsis */
	STK_CMD_DOUBT,	/* all was answered, but not all of it is certain */
};

struct stk_command_info {
	const char *name, *purpose, *synopsis;
	const char *options;	 /* as getopt() wants them */
	const char *const *help; /* lines, ended by NULL */
	enum stk_command_result (*run)(struct stk_command *cmd, int argc, char **argv);
	bool outside; /* crash has a command of this name, and needs none of ours */
};

/* Each command's options; a front door that has arguments of its own needs them, too. */
#define STK_TSS_OPTIONS	    "+c:vj"
#define STK_STACKOF_OPTIONS "+c:p:f:lmvj"
#define STK_LOG_OPTIONS	    "+c"
#define STK_XBT_OPTIONS	    "+aAc:S:I:B:R:rftlgo:vj"

/* Run one as a question of its own; what its answer lacks is told at the end. */
enum stk_command_result stk_run_command(const struct stk_command_info *info,
					struct stk_command *cmd, int argc, char **argv);

/* All commands, ended by a NULL name. */
extern const struct stk_command_info stk_commands[];

enum stk_command_result stk_command_tss(struct stk_command *cmd, int argc, char **argv);
enum stk_command_result stk_command_stackof(struct stk_command *cmd, int argc,
					    char **argv);
enum stk_command_result stk_command_xbt(struct stk_command *cmd, int argc, char **argv);
enum stk_command_result stk_command_log(struct stk_command *cmd, int argc, char **argv);

extern const char *const stk_help_tss[],
	*const stk_help_stackof[], *const stk_help_xbt[], *const stk_help_log[];

#endif
