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
 *   - should crash raise FATAL below one of our calls, main_loop_env is ours for that
 *     time: the session is dropped, since it may be half changed, and the next
 *     command begins with a new one. Below "command < FILE" it would be
 *     foreach_loop_env: so that mark is taken away for that time, too.
 */
#include <crash/defs.h>

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stackinfo/session.h>

#include "../src/commands/commands.h"
#include "crash_target.h"

#define MAX_COMMANDS  8
#define MAX_HELP      64
#define HELP_LINE_MAX 128

static struct stk *session;

/* What the command prints, and what its predecessor left if it was abandoned. */
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
	fprintf(cmd->out, "%s: %s\n", pc->curcmd, text);
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

static enum stk_command_result run(const struct stk_command_info *info)
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
		session = stk_open(&target);
		if (!session) {
			command_error(&cmd, "out of memory");
			return STK_CMD_FAILED;
		}
	}
	cmd.s = session;
	return stk_run_command(info, &cmd, argcnt, args);
}

/*
 * Where fp is a file, that its disk is full would show nowhere: crash closes it without a
 * look. Where it is a pipe, whoever reads may have enough.
 */
static void print_output(void)
{
	if (!output_text)
		return;
	errno = 0;
	if ((fwrite(output_text, 1, output_size, fp) != output_size || fflush(fp)) &&
	    errno != EPIPE)
		fprintf(stderr, "%s: the answer could not be written: %s\n", pc->curcmd,
			strerror(errno));
}

/* All commands come here; crash's table tells by name which one it is. */
static void guarded(const struct stk_command_info *info)
{
	volatile enum stk_command_result res = STK_CMD_FAILED;
	volatile int fatal = 0;
	const ulonglong foreach = pc->flags & IN_FOREACH;
	sigset_t block, old;
	jmp_buf outer;

	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigprocmask(SIG_BLOCK, &block, &old);
	drop_output();
	output = open_memstream(&output_text, &output_size);
	memcpy(&outer, &pc->main_loop_env, sizeof(outer));
	pc->flags &= ~IN_FOREACH;
	if (!setjmp(pc->main_loop_env))
		res = run(info);
	else
		fatal = 1;
	pc->flags |= foreach;
	memcpy(&pc->main_loop_env, &outer, sizeof(outer));
	if (fatal)
		drop_session();
	if (output)
		fclose(output);
	output = NULL;
	/* A Ctrl-C that came in the meantime takes us to the prompt from here. */
	sigprocmask(SIG_SETMASK, &old, NULL);
	print_output();
	/* The next command frees it, with SIGINT blocked. */
	if (fatal)
		longjmp(pc->main_loop_env, 1);
	if (res == STK_CMD_USAGE)
		cmd_usage(pc->curcmd, SYNOPSIS);
}

static void cmd_tss(void)
{
	guarded(&stk_commands[0]);
}

static void cmd_stackof(void)
{
	guarded(&stk_commands[1]);
}

static void cmd_xbt(void)
{
	guarded(&stk_commands[2]);
}

static struct command_table_entry command_table[MAX_COMMANDS];

/* crash's help pages: name, purpose, synopsis, then lines; "%s" is the prompt. */
static char *help[MAX_COMMANDS][MAX_HELP];

static char **make_help(size_t n, const struct stk_command_info *info)
{
	char **h = help[n];
	size_t at = 0;

	h[at++] = (char *)(uintptr_t)info->name;
	h[at++] = (char *)(uintptr_t)info->purpose;
	h[at++] = (char *)(uintptr_t)info->synopsis;
	for (const char *const *line = info->help; *line && at < MAX_HELP - 1; line++)
		h[at++] = (char *)(uintptr_t)*line;
	h[at] = NULL;
	return h;
}

static void __attribute__((constructor)) stackinfo_init(void)
{
	static void (*const func[])(void) = { cmd_tss, cmd_stackof, cmd_xbt };
	size_t n;

	for (n = 0; stk_commands[n].name && !stk_commands[n].outside; n++) {
		command_table[n].name = (char *)(uintptr_t)stk_commands[n].name;
		command_table[n].func = func[n];
		command_table[n].help_data = make_help(n, &stk_commands[n]);
	}
	register_extension(command_table);
}

static void __attribute__((destructor)) stackinfo_exit(void)
{
	drop_session();
	drop_output();
}
