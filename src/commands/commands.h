/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * commands.h - the commands, a row each, as the front doors offer them.
 *
 * A row says all that is known of a command: its arguments are parsed, its help is
 * written, its part of the manual pages and of the shell's completion are made from it.
 * So it means the same in crash and on the command line.
 *
 * A command writes its answer to cmd->out and nothing else there; complaints go through
 * cmd->error. To add one: write its row and its function in a file, and name the row in
 * commands.c.
 */
#ifndef STK_COMMANDS_H
#define STK_COMMANDS_H

#include <stdio.h>

#include <stackinfo/unwind.h>

#include "options.h"

struct stk_command {
	struct stk *s;	       /* NULL: the command needs no dump */
	struct stk_dump *dump; /* that it is of; NULL in crash */
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
	bool ascii;    /* the answer goes to what reads no UTF-8 */
	bool collects; /* the command prints nothing before it has all of its answer */
	bool filter;   /* without arguments, a command that reads text reads stdin */
	bool paste;    /* an empty line ends what is read from stdin */
	bool is_line;  /* the arguments are the words of a line of text */
	bool misused;  /* an argument makes no sense; it was told */
	bool told_interrupted; /* that the command was stopped, once */
	/* Of a command that shows chains: how many, and how many of them are certain. */
	size_t nr_chains, nr_certain;
	bool summary; /* the answer is text, in which that may be told */
};

enum stk_command_result {
	STK_CMD_OK,
	STK_CMD_FAILED, /* cmd->error was told */
	STK_CMD_USAGE,	/* the same, of the arguments: show the synopsis */
	STK_CMD_DOUBT,	/* all was answered, but not all of it is certain */
};

/* Where a command can be given. */
enum stk_door {
	STK_IN_CRASH = 1, /* as a command of crash */
	STK_IN_CLI = 2,	  /* as "stackinfo COMMAND" */
	STK_EVERYWHERE = STK_IN_CRASH | STK_IN_CLI,
};

/* An argument that is no option. */
struct stk_word {
	const char *name, *help;
};

/* In crash "NAME options words", outside "stackinfo NAME options vmcore words". */
struct stk_example {
	const char *options, *words; /* NULL: none */
	unsigned int doors;	     /* 0: of all that the command has */
};

/* A letter of the command of crash that answers the same question, and what it is here.
 */
struct stk_letter {
	const char *letter; /* with its value; what is behind the first are others */
	bool missing;	    /* it is none here: who types it is told */
	const char *here;
};

struct stk_command_info {
	const char *name;
	const char *purpose; /* one line */
	unsigned int doors;
	bool no_dump;  /* it needs none, and takes none */
	bool one_dump; /* it cannot be asked of many dumps at once, as --batch does */
	bool or_dump;  /* but its first word may be one, which is opened for it */
	int max_words; /* -1: any number; then the last of its words may be repeated */
	/* Texts are sentences; an empty line parts paragraphs. They are wrapped later. */
	const char *about;
	const struct stk_option *options;   /* ended by a key of 0 */
	const struct stk_word *words;	    /* ended by a NULL name; NULL: none */
	const char *notes;		    /* what is to be said after the options */
	const char *habit;		    /* a command of crash; NULL: none */
	const struct stk_letter *letters;   /* of that one, ended by a NULL letter */
	const char *crash_notes;	    /* the same, in crash only */
	const char *cli_notes;		    /* the same, outside of it only */
	const struct stk_example *examples; /* ended by doors of all bits */
	/* "command < FILE" in crash: these options may stand before the line's words. */
	const char *line_keys;
	enum stk_command_result (*run)(struct stk_command *cmd,
				       const struct stk_args *args);
};

#define STK_NO_MORE_EXAMPLES                                                             \
	{                                                                                \
		.doors = ~0u                                                             \
	}

/* Options that several commands have, and mean the same. "-j" is that of --batch, too. */
#define STK_OPTION_JSON                                                                  \
	{                                                                                \
		'j', "json", .help = "JSON: one document on one line."                   \
	}
#define STK_OPTION_VERBOSE(text)                                                         \
	{                                                                                \
		'v', "verbose", .help = text                                             \
	}

/* A key without a letter. The row of select.h has those from 1 on. */
#define STK_KEY_NO_ADDRESSES 31
#define STK_OPTION_NO_ADDRESSES                                                          \
	{                                                                                \
		STK_KEY_NO_ADDRESSES, "no-addresses",                                    \
			.excludes = "j",                                                 \
			.help = "Without addresses, which differ from boot to boot: so " \
				"two dumps can be compared with diff."                   \
	}

/* All commands, ended by NULL. */
extern const struct stk_command_info *const stk_commands[];

/* One that @door has; NULL: none. */
const struct stk_command_info *stk_find_command(const char *name, enum stk_door door);

/* Take the arguments apart and check them. Free @args in any case. False: args->wrong. */
bool stk_command_args(const struct stk_command_info *info, bool is_line, int argc,
		      char **argv, struct stk_args *args);

/* What @args->unknown, an option that @info has not, would be; NULL: nothing is known. */
const struct stk_letter *stk_habit(const struct stk_command_info *info,
				   const struct stk_args *args);

/* Run one as a question of its own; what its answer lacks is told at the end. */
enum stk_command_result stk_run_command(const struct stk_command_info *info,
					struct stk_command *cmd,
					const struct stk_args *args);

/* The same of words that are not yet taken apart. */
enum stk_command_result stk_run_words(const struct stk_command_info *info,
				      struct stk_command *cmd, int argc, char **argv);

extern const struct stk_command_info stk_tss_command, stk_entry_command_info,
	stk_stackof_command, stk_xbt_command, stk_log_command, stk_oops_command,
	stk_report_command, stk_sum_command;

#endif
