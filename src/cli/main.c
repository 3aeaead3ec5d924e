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

/* Of a batch, for each dump: more than any needs that can be read at all. */
#define DEFAULT_TIMEOUT 300u

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
	if (fd < 0) {
		fprintf(stderr, "stackinfo: /dev/null: %s\n", strerror(errno));
		return false;
	}
	close(fd);
	return true;
}

/* An answer that was lost is told, whenever that was. */
static int close_answer(int status)
{
	bool lost = ferror(stdout);

	errno = 0;
	if (!fclose(stdout) && !lost)
		return status;
	cli_complain_unwritten(errno);
	return status == CLI_OK || status == CLI_DOUBT ? CLI_FAILED : status;
}

static bool parse_count(const char *text, unsigned int *count)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(text, &end, 10);
	*count = (unsigned int)n;
	return isdigit((unsigned char)*text) && !*end && !errno && n <= INT_MAX;
}

/* An option that there is not. */
static enum cli_status refuse_options(const struct cli_line *l)
{
	const struct stk_letter *habit = stk_habit(l->command, &l->args);
	char typed[400];

	if (habit)
		return cli_refuse(l->command, "%s; of %s: %s", l->args.wrong,
				  l->command->habit, habit->here);
	if (!l->name && cli_is_of(&stk_xbt_command, l))
		return cli_refuse(l->command, "%s; type: %s", l->args.wrong,
				  cli_typed(typed, sizeof(typed), l, "xbt"));
	return cli_refuse(l->command, "%s", l->args.wrong);
}

/* Without a command there is only a dump; @word is more, or no dump. */
static enum cli_status refuse_word(struct cli_line *l, const char *word)
{
	const char *here = cli_instead_of(word);
	char typed[400];

	if (here)
		return cli_refuse(
			l->command,
			"\"%s\" is a command of crash; type: stackinfo%s VMCORE", word,
			here);
	if (cli_is_file(word))
		return cli_refuse(l->command, "one dump at a time; type: %s",
				  cli_typed(typed, sizeof(typed), l, "--batch"));
	return cli_refuse(l->command, "no such command: \"%s\"", word);
}

/* The word that should have been a command; NULL: none should. */
static const char *no_command(const struct cli_line *l)
{
	char **word = l->args.word;

	if (l->name || !l->args.nr || stk_given(&l->front, CLI_BATCH))
		return NULL;
	if (l->args.nr > 1)
		return cli_is_file(word[0]) || strchr(word[0], '/') ? word[1] : word[0];
	return cli_instead_of(word[0]) && !cli_is_file(word[0]) ? word[0] : NULL;
}

/* What speaks against the words, before any dump is opened. CLI_OK: nothing. */
static enum cli_status check_words(struct cli_line *l)
{
	const char *word = no_command(l);
	char typed[400];

	if (word)
		return refuse_word(l, word);
	if (l->command->no_dump || stk_given(&l->front, CLI_BATCH))
		return CLI_OK;
	if (!l->args.nr)
		return cli_refuse(l->command, "of which dump? VMCORE is missing");
	if (cli_is_swapped(l))
		return cli_refuse(l->command,
				  "VMCORE comes before the arguments; type: %s",
				  cli_typed(typed, sizeof(typed), l, l->name));
	return CLI_OK;
}

/* The dumps of a batch: words of the line, or a list on standard input. */
static enum cli_status ask_batch(struct cli_line *l, struct cli_request *r)
{
	const int nr = cli_line_nr_dumps(l);
	char **dumps = calloc((size_t)nr + 1, sizeof(*dumps));
	enum cli_status st;

	if (!dumps)
		return CLI_FAILED;
	for (int i = 0; i < nr; i++)
		dumps[i] = stk_args_shift(&l->args);
	l->args.given['j'] = "";
	if (l->command->one_dump)
		st = cli_refuse(l->command, "one dump at a time: not with --batch");
	else if (!stk_find_option(l->command->options, 'j'))
		st = cli_refuse(l->command, "it has no JSON: not with --batch");
	else if (!stk_args_check(&l->args, l->command->options, l->command->max_words))
		st = cli_refuse(l->command, "%s", l->args.wrong);
	else
		st = nr ? cli_batch(r, dumps, stdout) : cli_batch_list(r, stdin, stdout);
	free(dumps);
	return st;
}

static enum cli_status ask_dump(struct cli_line *l, struct cli_request *r)
{
	bool dump = !l->command->no_dump ||
		    (l->command->or_dump && l->args.nr && cli_is_dump(l->args.word[0]));
	char *vmcore = dump ? stk_args_shift(&l->args) : NULL;
	enum cli_status st;

	if (!stk_args_check(&l->args, l->command->options, l->command->max_words))
		return cli_refuse(l->command, "%s", l->args.wrong);
	r->input = true;
	st = cli_run(r, vmcore, stdout, cli_complain_here,
		     (void *)(uintptr_t)l->command->name);
	if (st == CLI_USAGE)
		cli_print_synopsis(stderr, l->command);
	return st;
}

static enum cli_status answer_line(struct cli_line *l)
{
	struct cli_request r = { .command = l->command,
				 .args = &l->args,
				 .timeout = DEFAULT_TIMEOUT,
				 .jobs = 1 };
	const char *seconds = stk_value(&l->front, CLI_TIMEOUT),
		   *jobs = stk_value(&l->front, 'J');
	enum cli_status st;
	char text[200];

	if (!stk_args_check(&l->front, cli_options, -1))
		return cli_refuse(&stk_report_command, "%s", l->front.wrong);
	if (seconds && !parse_count(seconds, &r.timeout))
		return cli_refuse(&stk_report_command,
				  "--timeout: not a number of seconds: \"%s\"", seconds);
	if (jobs && (!parse_count(jobs, &r.jobs) || !r.jobs || r.jobs > CLI_MAX_JOBS))
		return cli_refuse(&stk_report_command,
				  "--jobs: not a number from 1 to %u: \"%s\"",
				  CLI_MAX_JOBS, jobs);
	if (!cli_line_namelist(l))
		return CLI_FAILED;
	if (!cli_take_known(&r, &l->front, text, sizeof(text)))
		return cli_refuse(&stk_report_command, "%s", text);
	r.how.namelist = l->namelist;
	r.debuginfod = stk_given(&l->front, CLI_DEBUGINFOD);
	st = check_words(l);
	if (st)
		return st;
	return stk_given(&l->front, CLI_BATCH) ? ask_batch(l, &r) : ask_dump(l, &r);
}

static enum cli_status run_line(int argc, char **argv)
{
	struct cli_line l;
	enum cli_status st = CLI_OK;

	if (!cli_line_parse(&l, argc, argv))
		st = refuse_options(&l);
	else if (stk_given(&l.front, 'h') && l.name)
		cli_print_command(stdout, l.command);
	else if (stk_given(&l.front, 'h'))
		cli_print_help(stdout);
	else if (stk_given(&l.front, 'V'))
		printf(*STK_BUILD_ID ? "stackinfo %s (%s)\n" : "stackinfo %s\n",
		       stk_version(), STK_BUILD_ID);
	else
		st = answer_line(&l);
	cli_line_free(&l);
	return st;
}

int main(int argc, char **argv)
{
	if (!open_standard_streams() || !cli_take_stack())
		return CLI_FAILED;
	/* Whoever reads the answer may have enough of it, however we were started. */
	signal(SIGPIPE, SIG_DFL);
	/* A file that is longer than it may be is an error, and no reason to die. */
	signal(SIGXFSZ, SIG_IGN);
	return close_answer(run_line(argc, argv));
}
