/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stackinfo [-n NAMELIST] [COMMAND] [options] VMCORE [argument...]: the commands of the
 * extension, on a dump file alone.
 */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/safe.h"

/* Of a batch, for each dump: more than any needs that can be read at all. */
#define DEFAULT_TIMEOUT 300u

static int usage(FILE *fp)
{
	fprintf(fp,
		"usage: stackinfo [-n NAMELIST] VMCORE\n"
		"       stackinfo [-n NAMELIST] COMMAND [options] VMCORE [argument...]\n"
		"       stackinfo [-n NAMELIST] [--timeout SECONDS] --batch COMMAND [options]\n"
		"                 [argument...] < LIST\n"
		"commands:\n");
	for (const struct stk_command_info *c = stk_commands; c->name; c++)
		fprintf(fp, "  %-8s %s\n           %s\n", c->name, c->synopsis,
			c->purpose);
	fprintf(fp, "Without one: what dump this is, and the backtrace of every CPU.\n"
		    "\"stackinfo help COMMAND\" tells more.\n");
	return CLI_USAGE;
}

static const struct stk_command_info *find_command(const char *name)
{
	for (const struct stk_command_info *c = stk_commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

static int help(const char *name)
{
	const struct stk_command_info *c = name ? find_command(name) : NULL;

	if (!c)
		return usage(name ? stderr : stdout) * (name != NULL);
	printf("%s - %s\n\nstackinfo %s %s\n\n", c->name, c->purpose, c->name,
	       c->synopsis);
	for (const char *const *line = c->help; *line; line++) {
		/* An example has crash's prompt where it says "%s>". */
		const char *prompt = strstr(*line, "%s> ");

		if (prompt)
			printf("%.*sstackinfo %s\n", (int)(prompt - *line), *line,
			       prompt + 4);
		else
			printf("%s\n", *line);
	}
	return CLI_OK;
}

/*
 * VMCORE is the first argument that is no option or option's value: take it out of
 * the list and give the rest to the command. NULL: there is none.
 */
static char *take_vmcore(struct cli_request *r)
{
	char *vmcore;

	optind = 0;
	opterr = 0;
	/* What is wrong with the options is the command's to say. */
	while (getopt(r->argc, r->argv, r->command->options) != -1)
		;
	if (optind >= r->argc)
		return NULL;
	vmcore = r->argv[optind];
	memmove(&r->argv[optind], &r->argv[optind + 1],
		(size_t)(r->argc - optind) * sizeof(*r->argv));
	r->argc--;
	return vmcore;
}

static void complain(void *priv, const char *text)
{
	fprintf(stderr, "%s: %s\n", (const char *)priv, text);
}

/* The same of a word of the command line. */
static int refuse(const char *what, const char *word)
{
	char text[256];

	fprintf(stderr, "stackinfo: %s \"%s\"\n", what,
		stk_safe_text(text, sizeof(text), word));
	return usage(stderr);
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

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "namelist", required_argument, NULL, 'n' },
		{ "batch", no_argument, NULL, 'b' },
		{ "timeout", required_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	struct cli_request r = { .input = true, .timeout = DEFAULT_TIMEOUT };
	enum cli_status st;
	bool batch = false, timeout = false;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+n:hV", options, NULL)) != -1) {
		switch (c) {
		case 'n':
			r.namelist = optarg;
			break;
		case 'b':
			batch = true;
			break;
		case 't':
			timeout = true;
			if (!parse_seconds(optarg, &r.timeout))
				return refuse("not a number of seconds:", optarg);
			break;
		case 'h':
			usage(stdout);
			return CLI_OK;
		case 'V':
			printf("stackinfo " STK_VERSION "\n");
			return CLI_OK;
		default:
			return refuse("not an option, or not a whole one:",
				      argv[optind - 1]);
		}
	}
	if (optind == argc && !batch)
		return usage(stderr);
	if (timeout && !batch) {
		fprintf(stderr, "stackinfo: --timeout is for --batch\n");
		return CLI_USAGE;
	}
	if (optind < argc && !strcmp(argv[optind], "help"))
		return help(argv[optind + 1]);
	r.command = optind < argc ? find_command(argv[optind]) : &cli_overview;
	if (!r.command) {
		/* Without a command what stands there is the dump itself. */
		if (optind + 1 < argc || batch)
			return refuse("no command", argv[optind]);
		argv[--optind] = (char *)(uintptr_t)cli_overview.name;
		r.command = &cli_overview;
	}
	r.argc = argc - optind;
	r.argv = argv + optind;
	if (batch) {
		st = cli_batch(&r, stdin, stdout);
	} else {
		char *vmcore = take_vmcore(&r);

		if (!vmcore)
			return usage(stderr);
		st = cli_run(&r, vmcore, stdout, complain,
			     (void *)(uintptr_t)r.command->name);
	}
	if (st == CLI_USAGE)
		fprintf(stderr, "usage: stackinfo %s %s\n", r.command->name,
			r.command->synopsis);
	return (int)st;
}

int main(int argc, char **argv)
{
	if (!open_standard_streams())
		return CLI_FAILED;
	/* Whoever reads the answer may have enough of it, however we were started. */
	signal(SIGPIPE, SIG_DFL);
	return end(run(argc, argv));
}
