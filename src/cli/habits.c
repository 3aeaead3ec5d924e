/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What hands that know crash type, and the line that they should have typed. */
#include "cli.h"

#include <string.h>

/* Commands of crash, and what answers their question here. */
static const struct {
	const char *name, *here;
} habits[] = {
	{ "dmesg", " log" },	   { "foreach", " xbt -A" },
	{ "kmem", " stackof" },	   { "mach", " tss" },
	{ "ps", " xbt -A -g" },	   { "rd", " stackof" },
	{ "sym", " stackof" },	   { "sys", "" },
	{ "vtop", " stackof -v" },
};

const char *cli_instead_of(const char *name)
{
	for (size_t i = 0; i < sizeof(habits) / sizeof(habits[0]); i++)
		if (!strcmp(habits[i].name, name))
			return habits[i].here;
	return NULL;
}

static void append_word(char *text, size_t size, const char *word)
{
	size_t len = strlen(text);

	snprintf(text + len, size - len, "%s%s", len ? " " : "", word);
}

const char *cli_typed(char *text, size_t size, const struct cli_line *l,
		      const char *command)
{
	*text = '\0';
	append_word(text, size, "stackinfo");
	if (command)
		append_word(text, size, command);
	for (int i = 1; i < l->argc; i++)
		append_word(text, size, l->argv[i]);
	return text;
}

bool cli_is_of(const struct stk_command_info *info, const struct cli_line *l)
{
	struct stk_args args, front;
	bool ok = stk_args_parse_both(&args, info->options, &front, cli_options, 0,
				      l->argc, l->argv);

	stk_args_free(&args);
	stk_args_free(&front);
	return ok;
}

bool cli_is_swapped(struct cli_line *l)
{
	const struct stk_args *args = &l->args;
	int file = 0;

	if (args->nr < 2 || cli_is_file(args->word[0]) || strchr(args->word[0], ','))
		return false;
	for (int i = 1; !file && i < args->nr; i++)
		if (cli_is_file(args->word[i]))
			file = i;
	if (!file)
		return false;
	for (int i = 1; i < l->argc; i++)
		if (l->argv[i] == args->word[file])
			l->argv[i] = args->word[0];
		else if (l->argv[i] == args->word[0])
			l->argv[i] = args->word[file];
	return true;
}
