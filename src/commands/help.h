/* SPDX-License-Identifier: GPL-2.0-or-later */
/* help.h - what is printed about a command, made from its row. */
#ifndef STK_HELP_H
#define STK_HELP_H

#include "commands.h"

/* Marks in a synopsis: what follows is typed as it is, stands for something, or is
 * neither. */
enum {
	STK_MARK_LITERAL = 1,
	STK_MARK_NAME,
	STK_MARK_PLAIN,
};

/* What follows the name of a command: a piece on each line, with marks. */
void stk_synopsis(FILE *fp, const struct stk_command_info *info, enum stk_door door);

/* The same as text: lines after the first, whose text begins in column @at, are indented.
 */
void stk_print_synopsis(FILE *fp, const struct stk_command_info *info, enum stk_door door,
			int at, int indent);

/* Description, options, arguments, notes, examples. */
void stk_print_help(FILE *fp, const struct stk_command_info *info, enum stk_door door);

/* A row each: "  -c, --cpu=cpus   what it does". */
void stk_print_options(FILE *fp, const struct stk_option *options);

/* @text in lines of 80 columns, of which the first @indent are empty; @at: where we are.
 */
void stk_print_wrapped(FILE *fp, const char *text, int at, int indent);

/* An example as it is typed, without a prompt. */
void stk_print_example(FILE *fp, const struct stk_command_info *info,
		       const struct stk_example *example, enum stk_door door);

/* Has @door this one? False for the table's end, too. */
bool stk_example_is_for(const struct stk_example *example, enum stk_door door);

static inline bool stk_is_last_example(const struct stk_example *example)
{
	return example->doors == ~0u;
}

#endif
