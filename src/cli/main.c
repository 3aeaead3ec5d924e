/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stackinfo [-n NAMELIST] [COMMAND] [options] VMCORE [argument...]: the commands of the
 * extension, on a dump file alone.
 */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/safe.h"
#include "../commands/help.h"

/* Of a batch, for each dump: more than any needs that can be read at all. */
#define DEFAULT_TIMEOUT 300u

static void complain(void *priv, const char *text)
{
	fprintf(stderr, "%s: %s\n", (const char *)priv, text);
}

static void print_usage(const struct stk_command_info *info)
{
	if (!info || info == &cli_overview)
		cli_print_usage(stderr);
	else
		stk_print_synopsis(stderr, info, STK_IN_CLI,
				   fprintf(stderr, "usage: stackinfo %s ", info->name),
				   6);
}

/* The arguments are wrong, in what way is @text: then how it is called. */
static enum cli_status refuse(const struct stk_command_info *info, const char *text)
{
	complain((void *)(uintptr_t)(info ? info->name : "stackinfo"), text);
	print_usage(info);
	return CLI_USAGE;
}

/* The same of a word of the command line. */
static enum cli_status refuse_word(const char *what, const char *word)
{
	char safe[200], text[256];

	snprintf(text, sizeof(text), "%s: \"%s\"", what,
		 stk_safe_text(safe, sizeof(safe), word));
	return refuse(NULL, text);
}

/*
 * Without a standard stream the next file to be opened would take its place, and the dump
 * be read as text or written to. What is opened instead ends at once when it is read, and
 * cannot be written.
 */
static bool open_standard_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* An answer that was lost is told, whenever that was. */
static int end(int status)
{
	bool lost = ferror(stdout);

	errno = 0;
	if (!fclose(stdout) && !lost)
		return status;
	fprintf(stderr, "stackinfo: the answer could not be written%s%s\n",
		errno ? ": " : "", errno ? strerror(errno) : "");
	return status == CLI_OK || status == CLI_DOUBT ? CLI_FAILED : status;
}

static bool parse_seconds(const char *text, unsigned int *seconds)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(text, &end, 10);
	*seconds = (unsigned int)n;
	return isdigit((unsigned char)*text) && !*end && !errno && n <= INT_MAX;
}

/* The command that @args begin with. NULL: none, and what there is is no dump, either. */
static const struct stk_command_info *choose_command(const struct stk_args *args)
{
	const struct stk_command_info *info;
	bool batch = stk_given(args, CLI_BATCH);

	if (!args->nr)
		return batch ? &cli_overview : NULL;
	info = cli_find_command(args->word[0]);
	/* Without a command what stands there is the dump itself, before options. */
	if (!info && !batch && (args->nr == 1 || args->word[1][0] == '-'))
		info = &cli_overview;
	return info;
}

static bool asks_for_help(const struct stk_args *args)
{
	for (int i = 1; i < args->nr; i++)
		if (!strcmp(args->word[i], "--help"))
			return true;
	return false;
}

/*
 * Take the command's part of @args apart: of a batch with "-j", else with the dump as its
 * first word.
 */
static enum cli_status ask_dump(struct cli_request *r, const struct stk_args *args)
{
	const struct stk_command_info *info = r->command;
	bool batch = stk_given(args, CLI_BATCH), is_named = info != &cli_overview;
	char **word = calloc((size_t)args->nr + 3, sizeof(*word)), json[] = "-j";
	char *vmcore = NULL;
	enum cli_status st;
	int nr = 1;

	if (!word)
		return CLI_FAILED;
	if (batch)
		word[nr++] = json;
	for (int i = is_named; i < args->nr; i++)
		word[nr++] = args->word[i];
	if (!stk_args_parse(&r->args, info->options, nr, word, STK_OPTIONS_ANYWHERE,
			    NULL))
		st = refuse(info, r->args.wrong);
	else if (!batch && !info->no_dump && !(vmcore = stk_args_shift(&r->args)))
		st = refuse(info, "of which dump? VMCORE is missing");
	else if (!stk_args_check(&r->args, info->options, info->max_words))
		st = refuse(info, r->args.wrong);
	else if (batch)
		st = cli_batch(r, stdin, stdout);
	else if ((st = cli_run(r, vmcore, stdout, complain,
			       (void *)(uintptr_t)info->name)) == CLI_USAGE)
		print_usage(info);
	stk_args_free(&r->args);
	free(word);
	return st;
}

static enum cli_status answer_args(const struct stk_args *args)
{
	struct cli_request r = { .timeout = DEFAULT_TIMEOUT };
	const char *seconds = stk_value(args, CLI_TIMEOUT);
	char text[200];

	if (stk_given(args, 'h')) {
		cli_print_help(stdout);
		return CLI_OK;
	}
	if (stk_given(args, 'V')) {
		printf(*STK_BUILD_ID ? "stackinfo %s (%s)\n" : "stackinfo %s\n",
		       stk_version(), STK_BUILD_ID);
		return CLI_OK;
	}
	if (!cli_take_known(&r, args, text, sizeof(text)))
		return refuse(NULL, text);
	r.debuginfod = stk_given(args, CLI_DEBUGINFOD);
	r.input = !stk_given(args, CLI_BATCH);
	if (seconds && !parse_seconds(seconds, &r.timeout))
		return refuse_word("--timeout: not a number of seconds", seconds);
	r.command = choose_command(args);
	if (!r.command && args->nr)
		return refuse_word("no such command", args->word[0]);
	if (!r.command)
		return refuse(NULL, "of which dump? VMCORE is missing");
	if (asks_for_help(args) && r.command != &cli_overview) {
		cli_print_command(stdout, r.command);
		return CLI_OK;
	}
	if (stk_given(args, CLI_BATCH) && !stk_find_option(r.command->options, 'j'))
		return refuse(r.command, "it has no JSON: not with --batch");
	return ask_dump(&r, args);
}

static enum cli_status run(int argc, char **argv)
{
	struct stk_args args;
	enum cli_status st;

	if (stk_args_parse(&args, cli_options, argc, argv, STK_OPTIONS_FIRST, NULL) &&
	    stk_args_check(&args, cli_options, -1))
		st = answer_args(&args);
	else
		st = refuse(NULL, args.wrong);
	stk_args_free(&args);
	return st;
}

int main(int argc, char **argv)
{
	if (!open_standard_streams())
		return CLI_FAILED;
	/* Whoever reads the answer may have enough of it, however we were started. */
	signal(SIGPIPE, SIG_DFL);
	return end(run(argc, argv));
}
