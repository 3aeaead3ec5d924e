/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line taken apart. Its order is free, as users of crash are used to:
 *
 *   stackinfo [options] COMMAND [options] [NAMELIST] VMCORE [options] [argument...]
 *   stackinfo [NAMELIST] VMCORE COMMAND [options] [argument...]
 *
 * The first argument that is a command's name is the command, if at most the names of the
 * namelist and of the dump are before it. A letter that is stackinfo's and the command's
 * is stackinfo's before the command's name. A namelist is told from a dump by what it is.
 */
#include "cli.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../file/elf_type.h"
#include "../file/foreign.h"

/* NAMELIST and VMCORE. */
#define MAX_BEFORE_COMMAND 2

/* Is its value the next argument? */
static bool takes_next(const char *text)
{
	const struct stk_option *o;

	if (text[1] == '-') {
		for (o = cli_options; o->key; o++)
			if (!strcmp(o->name, text + 2))
				return o->arg;
		return false;
	}
	o = text[1] && !text[2] ? stk_find_option(cli_options, text[1]) : NULL;
	return o && o->arg;
}

/* Where the command's name is; 0: nowhere. */
static int command_at(int argc, char **argv)
{
	int nr_before = 0;

	for (int i = 1; i < argc && nr_before <= MAX_BEFORE_COMMAND; i++) {
		const struct stk_command_info *info;

		if (!strcmp(argv[i], "--"))
			return 0;
		if (argv[i][0] == '-') {
			i += takes_next(argv[i]);
			continue;
		}
		info = cli_find_command(argv[i]);
		/* "help" may be whatever it likes behind a dump. */
		if (info && (!info->no_dump || info->or_dump || !nr_before))
			return i;
		nr_before++;
	}
	return 0;
}

bool cli_line_parse(struct cli_line *l, int argc, char **argv)
{
	int at = command_at(argc, argv);
	const struct stk_command_info *info = at ? cli_find_command(argv[at]) : NULL;

	*l = (struct cli_line){ .name = at ? argv[at] : NULL,
				.command = info ? info : &stk_report_command };
	l->argv = calloc((size_t)argc + 1, sizeof(*l->argv));
	if (!l->argv) {
		snprintf(l->args.wrong, sizeof(l->args.wrong), "out of memory");
		return false;
	}
	for (int i = 0; i < argc; i++)
		if (!at || i != at)
			l->argv[l->argc++] = argv[i];
	return stk_args_parse_both(&l->args, l->command->options, &l->front, cli_options,
				   at, l->argc, l->argv);
}

void cli_line_free(struct cli_line *l)
{
	stk_args_free(&l->args);
	stk_args_free(&l->front);
	free(l->argv);
	free(l->namelist);
}

/* A file of ELF that is no dump: what has symbols. */
static bool is_program(const char *path)
{
	struct stat sb;
	int type = -1, fd = -1;

	if (!stat(path, &sb) && S_ISREG(sb.st_mode))
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0) {
		type = stk_elf_type(fd);
		close(fd);
	}
	return type == ET_EXEC || type == ET_DYN;
}

bool cli_is_file(const char *word)
{
	struct stat sb;

	return !stat(word, &sb) && !S_ISDIR(sb.st_mode);
}

/* By what a dump begins with; a list of parts, or bare memory, is not told by that. */
bool cli_is_dump(const char *word)
{
	int fd = cli_is_file(word) ? open(word, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	bool dump = false;

	if (fd >= 0) {
		int type = stk_elf_type(fd);

		dump = stk_begins_as_dump(fd) && (type < 0 || type == ET_CORE);
		close(fd);
	}
	return dump;
}

/* The first or second word goes, if it is one and another word stays. */
static const char *take_namelist(struct stk_args *args)
{
	for (int i = 0; i < 2 && args->nr > 1; i++) {
		char *word = args->word[i];

		if (!is_program(word))
			continue;
		memmove(&args->word[i], &args->word[i + 1],
			(size_t)(--args->nr - i) * sizeof(*args->word));
		return word;
	}
	return NULL;
}

bool cli_line_namelist(struct cli_line *l)
{
	const char *given = stk_value(&l->front, 'n');
	const char *word = l->command->no_dump ? NULL : take_namelist(&l->args);

	if (!word && !given)
		return true;
	return asprintf(&l->namelist, "%s%s%s", word ? word : "",
			word && given ? "," : "", given ? given : "") >= 0;
}

/* Can a word be anything but a dump? */
static bool takes_words(const struct cli_line *l)
{
	if (!l->command->max_words)
		return false;
	for (const struct stk_option *o = l->command->options; o->key; o++)
		if (stk_given(&l->args, o->key) && o->excludes &&
		    strchr(o->excludes, STK_WORDS))
			return false;
	return true;
}

int cli_line_nr_dumps(const struct cli_line *l)
{
	int nr = 0;

	if (!takes_words(l))
		return l->args.nr;
	while (nr < l->args.nr &&
	       (strchr(l->args.word[nr], '/') || cli_is_file(l->args.word[nr])))
		nr++;
	return nr;
}
