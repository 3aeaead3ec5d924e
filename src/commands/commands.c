/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../base/context.h"
#include "../base/memstream.h"
#include "../base/ran_out.h"
#include "../base/safe.h"
#include "hide.h"

const struct stk_command_info *const stk_commands[] = {
	&stk_report_command,  &stk_tss_command, &stk_entry_command_info,
	&stk_stackof_command, &stk_xbt_command, &stk_log_command,
	&stk_oops_command,    &stk_sum_command, NULL,
};

const struct stk_command_info *stk_find_command(const char *name, enum stk_door door)
{
	for (const struct stk_command_info *const *c = stk_commands; *c; c++)
		if ((*c)->doors & door && !strcmp((*c)->name, name))
			return *c;
	return NULL;
}

bool stk_command_args(const struct stk_command_info *info, bool is_line, int argc,
		      char **argv, struct stk_args *args)
{
	return stk_args_parse(args, info->options, argc, argv,
			      is_line ? info->line_keys : NULL) &&
	       stk_args_check(args, info->options, info->max_words);
}

typedef enum stk_command_result runner(const struct stk_command_info *info,
				       struct stk_command *cmd,
				       const struct stk_args *args);
typedef void finisher(struct stk *s, FILE *out, const char *text, size_t len);

static enum stk_command_result run_plain(const struct stk_command_info *info,
					 struct stk_command *cmd,
					 const struct stk_args *args)
{
	return info->run(cmd, args);
}

/* The whole answer of @run is given to @finish before it is printed. */
static enum stk_command_result run_collected(const struct stk_command_info *info,
					     struct stk_command *cmd,
					     const struct stk_args *args, runner *run,
					     finisher *finish)
{
	enum stk_command_result res;
	FILE *const out = cmd->out;
	char *text = NULL;
	bool whole;
	size_t len;

	cmd->out = open_memstream(&text, &len);
	if (!cmd->out) {
		cmd->out = out;
		return stk_complain(cmd, "out of memory");
	}
	errno = 0;
	res = run(info, cmd, args);
	/* Of a piece that was lost only this tells; a complaint flushes cmd->out. */
	whole = !stk_ran_out_of_memory();
	whole = stk_memstream_end(cmd->out, &text) && whole;
	cmd->out = out;
	if (whole)
		finish(cmd->s, out, text, len);
	if (stk_ran_out_of_memory() || !whole)
		res = stk_complain(cmd, "out of memory");
	free(text);
	return res;
}

static enum stk_command_result run_hidden(const struct stk_command_info *info,
					  struct stk_command *cmd,
					  const struct stk_args *args)
{
	if (!stk_given(args, STK_KEY_NO_ADDRESSES))
		return run_plain(info, cmd, args);
	return run_collected(info, cmd, args, run_plain, stk_hide_addresses);
}

static void print_ascii(struct stk *s, FILE *out, const char *text, size_t len)
{
	stk_print_ascii(out, text, len);
}

static enum stk_command_result run_readable(const struct stk_command_info *info,
					    struct stk_command *cmd,
					    const struct stk_args *args)
{
	if (!cmd->ascii)
		return run_hidden(info, cmd, args);
	return run_collected(info, cmd, args, run_hidden, print_ascii);
}

const struct stk_letter *stk_habit(const struct stk_command_info *info,
				   const struct stk_args *args)
{
	const struct stk_letter *l = info->letters;

	while (l && l->letter && l->letter[1] != args->unknown)
		l++;
	return l && l->letter && args->unknown ? l : NULL;
}

enum stk_command_result stk_run_command(const struct stk_command_info *info,
					struct stk_command *cmd,
					const struct stk_args *args)
{
	enum stk_command_result res;
	uint64_t first_part;
	char text[160];

	if (!cmd->s)
		return run_readable(info, cmd, args);
	stk_question(cmd->s);
	first_part = cmd->s->budget.question;
	res = run_readable(info, cmd, args);
	if (cmd->misused && !cmd->told_interrupted)
		res = STK_CMD_USAGE;
	for (unsigned int i = 0;
	     !cmd->told_interrupted && stk_incomplete(cmd->s, i, text, sizeof(text)); i++)
		if (res != STK_CMD_USAGE)
			res = stk_complain(cmd, "%s", text);
	/* What was not read for want of memory looks as if the kernel had none of it. */
	if (res != STK_CMD_USAGE && !cmd->told_interrupted &&
	    cmd->s->budget.short_of_memory >= first_part)
		res = stk_complain(cmd, "out of memory: not all may be told");
	if (res != STK_CMD_USAGE && !cmd->told_interrupted)
		stk_tell_lost(cmd);
	return res;
}

enum stk_command_result stk_run_words(const struct stk_command_info *info,
				      struct stk_command *cmd, int argc, char **argv)
{
	enum stk_command_result res = STK_CMD_USAGE;
	const struct stk_letter *habit;
	struct stk_args args;

	if (stk_command_args(info, cmd->is_line, argc, argv, &args))
		res = stk_run_command(info, cmd, &args);
	else if ((habit = stk_habit(info, &args)))
		stk_misuse(cmd, "%s; of %s: %s", args.wrong, info->habit, habit->here);
	else
		cmd->error(cmd, args.wrong);
	stk_args_free(&args);
	return res;
}
