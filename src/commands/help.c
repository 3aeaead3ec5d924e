/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "help.h"

#include <stdlib.h>
#include <string.h>

#include "../base/wrap.h"

/* Where lines end, and where the text beside options begins. */
#define LINE_WIDTH   80
#define OPTION_WIDTH 27
#define LETTER_WIDTH 15

void stk_print_wrapped(FILE *fp, const char *text, int at, int indent)
{
	struct stk_wrap w = { fp, LINE_WIDTH, (size_t)indent, (size_t)at };

	if (at < indent)
		w.column += (size_t)fprintf(fp, "%*s", indent - at, "");
	while (*text) {
		const size_t len = strcspn(text, " \n");

		stk_wrap_word(&w, text, len);
		text += len;
		if (*text == '\n') {
			fputs("\n\n", fp);
			w.column = 0;
		}
		text += strspn(text, " \n");
	}
	fputc('\n', fp);
}

/* What of a synopsis is seen. */
static int print_unmarked(FILE *fp, const char *text, size_t len)
{
	int nr = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] <= STK_MARK_PLAIN)
			continue;
		nr++;
		if (fp)
			fputc(text[i], fp);
	}
	return nr;
}

void stk_print_synopsis(FILE *fp, const struct stk_command_info *info, enum stk_door door,
			int at, int indent)
{
	char *pieces = NULL;
	size_t size = 0;
	FILE *mem = open_memstream(&pieces, &size);

	if (!mem)
		return;
	stk_synopsis(mem, info, door);
	fclose(mem);
	for (char *p = pieces, *end; p && (end = strchr(p, '\n')); p = end + 1) {
		size_t len = (size_t)(end - p);

		if (p > pieces && at + 1 + print_unmarked(NULL, p, len) > LINE_WIDTH)
			at = fprintf(fp, "\n%*s", indent, "") - 1;
		else if (p > pieces)
			at += fprintf(fp, " ");
		at += print_unmarked(fp, p, len);
	}
	fputc('\n', fp);
	free(pieces);
}

static void print_option(FILE *fp, const struct stk_option *o)
{
	int at = fprintf(fp, "    ");

	if (stk_has_letter(o))
		at += fprintf(fp, "-%c, --%s", o->key, o->name);
	else
		at += fprintf(fp, "    --%s", o->name);
	if (o->arg)
		at += fprintf(fp, "=%s", o->arg);
	if (at >= OPTION_WIDTH) {
		fputc('\n', fp);
		at = 0;
	}
	stk_print_wrapped(fp, o->help, at, OPTION_WIDTH);
}

void stk_print_options(FILE *fp, const struct stk_option *options)
{
	for (const struct stk_option *o = options; o->key; o++)
		print_option(fp, o);
}

static void print_paragraph(FILE *fp, const char *text)
{
	if (!text)
		return;
	fputc('\n', fp);
	stk_print_wrapped(fp, text, 0, 2);
}

static void print_letters(FILE *fp, const struct stk_command_info *info)
{
	if (!info->letters)
		return;
	fprintf(fp, "\nLETTERS OF %s IN %s\n", info->habit, info->name);
	for (const struct stk_letter *l = info->letters; l->letter; l++)
		stk_print_wrapped(
			fp, l->here,
			fprintf(fp, "    %s%s", l->letter, l->missing ? " (none)" : ""),
			LETTER_WIDTH);
}

bool stk_example_is_for(const struct stk_example *example, enum stk_door door)
{
	return !stk_is_last_example(example) &&
	       (!example->doors || example->doors & door);
}

void stk_print_example(FILE *fp, const struct stk_command_info *info,
		       const struct stk_example *example, enum stk_door door)
{
	fprintf(fp, "%s%s", door == STK_IN_CLI ? "stackinfo " : "", info->name);
	if (example->options)
		fprintf(fp, " %s", example->options);
	if (door == STK_IN_CLI && !info->no_dump)
		fputs(" vmcore", fp);
	if (example->words)
		fprintf(fp, " %s", example->words);
	fputc('\n', fp);
}

static void print_examples(FILE *fp, const struct stk_command_info *info,
			   enum stk_door door)
{
	if (!info->examples)
		return;
	fputs("\nEXAMPLES\n", fp);
	for (const struct stk_example *e = info->examples; !stk_is_last_example(e); e++) {
		if (!stk_example_is_for(e, door))
			continue;
		fputs(door == STK_IN_CRASH ? "    crash> " : "    ", fp);
		stk_print_example(fp, info, e, door);
	}
}

void stk_print_help(FILE *fp, const struct stk_command_info *info, enum stk_door door)
{
	stk_print_wrapped(fp, info->about, 0, 2);
	if (info->options->key || info->words)
		fputc('\n', fp);
	stk_print_options(fp, info->options);
	for (const struct stk_word *w = info->words; w && w->name; w++)
		stk_print_wrapped(fp, w->help, fprintf(fp, "    %s", w->name),
				  OPTION_WIDTH);
	print_paragraph(fp, info->notes);
	print_paragraph(fp, door == STK_IN_CRASH ? info->crash_notes : info->cli_notes);
	print_letters(fp, info);
	print_examples(fp, info, door);
}
