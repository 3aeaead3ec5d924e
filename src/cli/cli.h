/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli.h - the stackinfo command, which needs a dump file and nothing else. */
#ifndef STK_CLI_H
#define STK_CLI_H

#include <stackinfo/dump.h>

#include "../commands/commands.h"
#include "../session/dump_pack.h"

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
	const struct stk_args *args; /* of the command, without VMCORE */
	bool input;		     /* standard input is the command's to read */
	/* Of a batch: seconds for each dump; 0: as long as it takes */
	unsigned int timeout;
	unsigned int jobs; /* dumps at once; 1 to CLI_MAX_JOBS */
};

#define CLI_MAX_JOBS 64u

/* Where complaints go: @priv and one line. */
typedef void cli_complain(void *priv, const char *text);

/* The command line taken apart: line.c says in which order it may be. */
struct cli_line {
	const char *name;			/* of the command, as typed; NULL: none */
	const struct stk_command_info *command; /* that one, else the report */
	struct stk_args front;			/* the options that are stackinfo's own */
	struct stk_args args;			/* the command's, with all words */
	int argc;
	char **argv;	/* without the command's name */
	char *namelist; /* all of them, with commas between; NULL: none */
};

/* False: l->args says what is wrong. cli_line_free() in any case. */
bool cli_line_parse(struct cli_line *l, int argc, char **argv);
void cli_line_free(struct cli_line *l);

/* Collect l->namelist; one that stands among the words goes. False: no memory. */
bool cli_line_namelist(struct cli_line *l);

/* How many of the words, the first of them, name dumps of a batch. */
int cli_line_nr_dumps(const struct cli_line *l);

/* Does @word name what could be a dump? */
bool cli_is_file(const char *word);

/* Is it a file that can only be a dump? */
bool cli_is_dump(const char *word);

/* What stands for a command of crash here, with a blank before it; NULL: nothing. */
const char *cli_instead_of(const char *name);

/* The line as it was typed, with @command, if any, before the arguments. Returns @text.
 */
const char *cli_typed(char *text, size_t size, const struct cli_line *l,
		      const char *command);

/* Would all of the line's options be of that command, or stackinfo's own? */
bool cli_is_of(const struct stk_command_info *info, const struct cli_line *l);

/* Does an argument stand where the dump should? Then they change places in l->argv. */
bool cli_is_swapped(struct cli_line *l);

/* To standard error, after the name of the command. */
void cli_complain_here(void *name, const char *text);
/* The answer is lost; @error: an errno, or 0. */
void cli_complain_unwritten(int error);

/* The arguments are wrong, in this way; then how it is called. Returns CLI_USAGE. */
enum cli_status cli_refuse(const struct stk_command_info *info, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Open @vmcore, if the command needs one, and answer @r about it on @out. */
enum cli_status cli_run(const struct cli_request *r, const char *vmcore, FILE *out,
			cli_complain *complain, void *priv);

/* The same for every dump of @dumps, ended by NULL: JSON, a line each. */
enum cli_status cli_batch(const struct cli_request *r, char *const *dumps, FILE *out);
/* For every one that @list names, a line each, or ended by a NUL each. */
enum cli_status cli_batch_list(const struct cli_request *r, FILE *list, FILE *out);
/* Its next name, to be freed. NULL: there is none, or @error gets why not. */
char *cli_next_name(FILE *list, const char **error);

/* Without room for its stack a process dies of a fault. False: complained. */
bool cli_take_stack(void);

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

/* A small dump of a large one; false: that is not the command. */
extern const struct stk_command_info cli_pack;
bool cli_pack_options(const struct cli_request *r, struct stk_pack_options *out);
/* Commands that only this door has, ended by NULL. */
extern const struct stk_command_info *const cli_commands[];

/* One of either table; "bt" is xbt. */
const struct stk_command_info *cli_find_command(const char *name);

/* How stackinfo is called, in a few lines; all of its options and commands. */
void cli_print_usage(FILE *fp);
void cli_print_help(FILE *fp);
/* How one command is called; its help. */
void cli_print_synopsis(FILE *fp, const struct stk_command_info *info);
void cli_print_command(FILE *fp, const struct stk_command_info *info);

#endif
