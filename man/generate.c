/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * generate TEMPLATE: a manual page or the shell's completion, in which lines such as
 * "@options xbt" give way to what the rows of the commands say, and "@json-parts FILE" to
 * what a JSON schema does.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "../src/cli/cli.h"
#include "../src/commands/help.h"
#include "schema.h"

/* "stackinfo" by itself: what comes before the command. */
static const struct stk_command_info front = {
	.name = "stackinfo",
	.options = cli_options,
};

/* The report is called as the program is. */
static const struct stk_command_info *find(const char *name)
{
	const struct stk_command_info *info = cli_find_command(name);

	if (!strcmp(name, front.name))
		return &front;
	if (!strcmp(name, "report"))
		return &stk_report_command;
	return info ? info : stk_find_command(name, STK_EVERYWHERE);
}

/* ---- roff ---- */

static void roff_char(char c)
{
	if (c == '-')
		fputs("\\-", stdout);
	else if (c == '\\')
		fputs("\\e", stdout);
	else
		putchar(c);
}

static void roff_word(const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++)
		roff_char(word[i]);
}

/* A sentence: options in it are bold, and no line of it is taken for a request. */
static void roff_text(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	while (*text) {
		size_t len = strcspn(text, " ");
		size_t option = *text == '-' ? 1 + strspn(text + 1, "-") : 0;

		if (option && isalpha((unsigned char)text[option])) {
			while (isalnum((unsigned char)text[option]) ||
			       text[option] == '-')
				option++;
			fputs("\\fB", stdout);
			roff_word(text, option);
			fputs("\\fR", stdout);
			text += option;
			len -= option;
		}
		roff_word(text, len);
		text += len;
		if (*text)
			putchar(*text++);
	}
	putchar('\n');
}

/* A piece of a synopsis: it is not to be broken. */
static void roff_marked(const char *text, size_t len)
{
	static const char *const font[] = {
		[STK_MARK_LITERAL] = "\\fB",
		[STK_MARK_NAME] = "\\fI",
		[STK_MARK_PLAIN] = "\\fR",
	};

	for (size_t i = 0; i < len; i++) {
		if (text[i] <= STK_MARK_PLAIN)
			fputs(font[(unsigned char)text[i]], stdout);
		else if (text[i] == ' ')
			fputs("\\ ", stdout);
		else
			roff_char(text[i]);
	}
}

static void synopsis(const struct stk_command_info *info, enum stk_door door)
{
	char *text = NULL;
	size_t size = 0;
	FILE *fp = open_memstream(&text, &size);

	if (!fp)
		exit(1);
	stk_synopsis(fp, info, door);
	fclose(fp);
	printf(".HP\n%s\\fB%s\\fR",
	       door == STK_IN_CRASH ? "crash> " : "\\fBstackinfo\\fR ", info->name);
	for (char *p = text, *end; (end = strchr(p, '\n')); p = end + 1) {
		putchar(' ');
		roff_marked(p, (size_t)(end - p));
	}
	putchar('\n');
	free(text);
}

static void options(const struct stk_command_info *info, enum stk_door door)
{
	for (const struct stk_option *o = info->options; o->key; o++) {
		fputs(".TP\n\\fB", stdout);
		if (stk_has_letter(o))
			printf("\\-%c\\fR, \\fB", o->key);
		fputs("\\-\\-", stdout);
		roff_word(o->name, strlen(o->name));
		fputs("\\fR", stdout);
		if (o->arg)
			printf("=\\f%c%s\\fR", o->literal ? 'B' : 'I', o->arg);
		putchar('\n');
		roff_text(o->help);
	}
	for (const struct stk_word *w = info->words; w && w->name; w++) {
		fputs(".TP\n\\fI", stdout);
		roff_word(w->name, strlen(w->name));
		fputs("\\fR\n", stdout);
		roff_text(w->help);
	}
}

static void examples(const struct stk_command_info *info, enum stk_door door)
{
	for (const struct stk_example *e = info->examples; !stk_is_last_example(e); e++) {
		char *text = NULL;
		size_t size = 0;
		FILE *fp = open_memstream(&text, &size);

		if (!fp)
			exit(1);
		if (stk_example_is_for(e, door))
			stk_print_example(fp, info, e, door);
		fclose(fp);
		if (size && door == STK_IN_CRASH)
			fputs("crash> ", stdout);
		roff_word(text, size);
		free(text);
	}
}

static void purpose(const struct stk_command_info *info, enum stk_door door)
{
	printf(".TP\n.B %s\n", info->name);
	roff_text(info->purpose);
}

/* ---- the shell ---- */

/* A word for each spelling: one with a value ends in "=", or in the only value. */
static void completion(const struct stk_command_info *info, enum stk_door door)
{
	printf("\t%s) echo '", info->name);
	for (const struct stk_option *o = info->options; o->key; o++) {
		if (stk_has_letter(o))
			printf("-%c ", o->key);
		printf("--%s%s%s ", o->name, o->arg ? "=" : "", o->literal ? o->arg : "");
	}
	puts("' ;;");
}

static void name(const struct stk_command_info *info, enum stk_door door)
{
	printf("%s ", info->name);
}

/* ---- templates ---- */

static const struct {
	const char *word;
	void (*print)(const struct stk_command_info *info, enum stk_door door);
	enum stk_door door;
} directives[] = {
	{ "crash-synopsis", synopsis, STK_IN_CRASH },
	{ "crash-examples", examples, STK_IN_CRASH },
	{ "cli-synopsis", synopsis, STK_IN_CLI },
	{ "cli-examples", examples, STK_IN_CLI },
	{ "options", options, STK_EVERYWHERE },
	{ "purpose", purpose, STK_IN_CLI },
	{ "completion", completion, STK_IN_CLI },
	{ "name", name, STK_IN_CLI },
	{ 0 },
};

static void of_all(const struct stk_command_info *const *c, size_t directive)
{
	for (; *c; c++)
		if ((*c)->doors & directives[directive].door)
			directives[directive].print(*c, directives[directive].door);
}

/* False: there is no such directive, or no such command. "all": of every command. */
static bool expand(const char *word, const char *command)
{
	if (!strcmp(word, "json-documents"))
		return schema_documents(command);
	if (!strcmp(word, "json-parts"))
		return schema_parts(command);

	const struct stk_command_info *info = find(command);
	bool all = !strcmp(command, "all");

	for (size_t i = 0; directives[i].word; i++) {
		if (strcmp(directives[i].word, word))
			continue;
		if (info)
			directives[i].print(info, directives[i].door);
		else if (all)
			of_all(stk_commands, i);
		if (all && directives[i].door & STK_IN_CLI)
			of_all(cli_commands, i);
		return info || all;
	}
	return false;
}

int main(int argc, char **argv)
{
	FILE *template = argc == 2 ? fopen(argv[1], "r") : NULL;
	char line[1024], word[64], command[64];

	if (!template) {
		fprintf(stderr, "usage: generate TEMPLATE\n");
		return 2;
	}
	while (fgets(line, sizeof(line), template)) {
		if (*line != '@') {
			fputs(line, stdout);
		} else if (sscanf(line, "@%63s %63s", word, command) != 2 ||
			   !expand(word, command)) {
			fprintf(stderr, "%s: not known: %s", argv[1], line);
			return 1;
		}
	}
	fclose(template);
	return fflush(stdout) || ferror(stdout);
}
