/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stackinfo.so - the commands of libstackinfo inside crash.
 *
 * crash leaves a command by longjmp() in two cases: from its SIGINT handler, at any
 * instruction, and from error(FATAL). Neither may pass through our code:
 *
 *   - SIGINT is blocked while a command runs; the library polls for it and returns.
 *     The signal is delivered, and crash's own handler runs, when it is unblocked.
 *     Printing may block, on a terminal or a pager, and must not while SIGINT is: so
 *     the answer is collected in memory and printed afterwards.
 *   - FATAL comes back to the very call that asked crash (crash_ask.h). As with an
 *     interrupt the library then returns; the session is dropped, since crash may be half
 *     changed, and FATAL goes on when the answer, as far as it came, is printed.
 */
#include <crash/defs.h>

#include <errno.h>
#include <signal.h>
#include <stackinfo/session.h>

#include "../src/base/memstream.h"
#include "../src/base/safe.h"
#include "../src/commands/help.h"
#include "../src/commands/terminal.h"
#include "../src/session/session.h"
#include "crash_ask.h"
#include "crash_target.h"

static struct stk *session;

/* What the command prints, and what its predecessor printed if crash left that. */
static FILE *output;
static char *output_text;
static size_t output_size;

static void drop_output(void)
{
	if (output)
		fclose(output);
	output = NULL;
	free(output_text);
	output_text = NULL;
	output_size = 0;
}

static void drop_session(void)
{
	struct stk *s = session;

	session = NULL;
	stk_close(s);
	crash_target_exit();
}

/* In place, among the output: what error(INFO) would print. */
static void command_error(struct stk_command *cmd, const char *text)
{
	fprintf(cmd->out, "%s: %s\n", pc->curcmd,
		crash_gave_up() ? "crash gave up: this is not all" : text);
}

static bool current_context(struct stk_command *cmd, uint64_t *task)
{
	if (!CURRENT_CONTEXT())
		return false;
	*task = CURRENT_TASK();
	return true;
}

/*
 * "command < FILE": crash runs the command for every line of the file, with the words of
 * that line as arguments. Only the command line tells.
 */
static bool from_args_file(void)
{
	size_t at = strcspn(pc->orig_line, "<|>");

	return pc->orig_line[at] == '<';
}

static enum stk_command_result run_command(const struct stk_command_info *info)
{
	struct stk_command cmd = {
		.out = output,
		.error = command_error,
		.context = current_context,
		.paste = true,
		.is_line = from_args_file(),
	};

	if (!output) {
		error(INFO, "out of memory\n");
		return STK_CMD_FAILED;
	}
	/* A running kernel has moved on since the last command. */
	if (ACTIVE())
		drop_session();
	if (!session) {
		struct stk_target target;

		crash_target_init(&target);
		session = stk_open(&target, sizeof(target));
		if (!session) {
			command_error(&cmd,
				      stk_arch_of(target.machine)
					      ? "out of memory"
					      : "no architecture that is supported");
			return STK_CMD_FAILED;
		}
	}
	cmd.s = session;
	return stk_run_words(info, &cmd, argcnt, args);
}

/*
 * Where fp is a file, that its disk is full would show nowhere: crash closes it without a
 * look. Where it is a pipe, whoever reads may have enough.
 */
static void print_output(void)
{
	if (!output_text)
		return;
	if (stk_reads_bytes(fp)) {
		stk_print_ascii(fp, output_text, output_size);
		return;
	}
	errno = 0;
	if ((fwrite(output_text, 1, output_size, fp) != output_size || fflush(fp)) &&
	    errno != EPIPE)
		fprintf(stderr, "%s: the answer could not be written: %s\n", pc->curcmd,
			strerror(errno));
}

/* Every command of ours comes here: crash tells by its name which one it is. */
static void any_command(void)
{
	const struct stk_command_info *const info =
		stk_find_command(pc->curcmd, STK_IN_CRASH);
	enum stk_command_result res;
	sigset_t block, old;
	bool lost;

	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigprocmask(SIG_BLOCK, &block, &old);
	drop_output();
	output = open_memstream(&output_text, &output_size);
	crash_ask_again();
	res = info ? run_command(info) : STK_CMD_FAILED;
	if (crash_gave_up())
		drop_session();
	lost = output && !stk_memstream_end(output, &output_text);
	output = NULL;
	/* A Ctrl-C that came in the meantime takes us to the prompt from here. */
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (lost)
		error(INFO, "out of memory\n");
	else
		print_output();
	/* The next command frees it, with SIGINT blocked. */
	if (crash_gave_up())
		longjmp(pc->main_loop_env, 1);
	if (res == STK_CMD_USAGE)
		cmd_usage(pc->curcmd, SYNOPSIS);
}

/* ---- what crash is told of the commands ---- */

/* Ended by one without a name. */
static struct command_table_entry *command_table;

/* More than a line of help begins with. */
#define SYNOPSIS_INDENT "      "

/*
 * A help page of crash is an array of strings: name, purpose, synopsis, then a line each.
 * Here the array and its strings are one piece of memory. Lines of the synopsis are one
 * string, whose further lines are indented.
 */
static char **page_of(const char *text)
{
	const size_t size = strlen(text) + 1, indent = strlen(SYNOPSIS_INDENT);
	size_t nr = 1;
	char **line, *to;

	for (const char *p = text; *p; p++)
		nr += *p == '\n';
	line = malloc((nr + 1) * sizeof(*line) + size);
	if (!line)
		return NULL;
	to = memcpy(line + nr + 1, text, size);
	nr = 0;
	line[nr++] = to;
	while ((to = strchr(to, '\n'))) {
		to++;
		if (nr == 3 && !strncmp(to, SYNOPSIS_INDENT, indent))
			continue;
		to[-1] = '\0';
		line[nr++] = to;
	}
	/* What is behind the last newline is no line. */
	line[nr - 1] = NULL;
	return line;
}

static char **help_page(const struct stk_command_info *info)
{
	char *text = NULL, **page;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return NULL;
	fprintf(to, "%s\n%s\n", info->name, info->purpose);
	stk_print_synopsis(to, info, STK_IN_CRASH, (int)strlen(info->name) + 3,
			   (int)strlen(SYNOPSIS_INDENT));
	stk_print_help(to, info, STK_IN_CRASH);
	page = stk_memstream_end(to, &text) ? page_of(text) : NULL;
	free(text);
	return page;
}

static void free_table(void)
{
	for (struct command_table_entry *e = command_table; e && e->name; e++)
		free(e->help_data);
	free(command_table);
	command_table = NULL;
}

static void __attribute__((constructor)) stackinfo_init(void)
{
	struct command_table_entry *e;
	size_t nr = 0;

	while (stk_commands[nr])
		nr++;
	e = command_table = calloc(nr + 1, sizeof(*e));
	for (const struct stk_command_info *const *c = stk_commands; e && *c; c++) {
		if (!((*c)->doors & STK_IN_CRASH))
			continue;
		e->name = (char *)(uintptr_t)(*c)->name;
		e->func = any_command;
		e->help_data = help_page(*c);
		if (!e++->help_data)
			e = NULL;
	}
	if (e)
		register_extension(command_table);
	else
		error(INFO, "out of memory\n");
}

static void __attribute__((destructor)) stackinfo_exit(void)
{
	drop_session();
	drop_output();
	free_table();
}
