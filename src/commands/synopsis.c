/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The synopsis of a command follows from which of its options exclude each other. */
#include <stdlib.h>
#include <string.h>

#include "help.h"

#define MAX_OPTIONS 32

/* Nothing speaks against it, and it takes nothing: such options share a dash. */
static bool is_plain(const struct stk_option *options, const struct stk_option *o)
{
	if (o->arg || o->needs || !stk_has_letter(o))
		return false;
	for (const struct stk_option *other = options; other->key; other++)
		if (other != o && stk_options_exclude(o, other))
			return false;
	return true;
}

static void print_plain(FILE *fp, const struct stk_option *options)
{
	const char *open = "[\001-";

	for (const struct stk_option *o = options; o->key; o++) {
		if (!is_plain(options, o))
			continue;
		fprintf(fp, "%s%c", open, o->key);
		open = "";
	}
	if (!*open)
		fputs("\003]\n", fp);
}

static void print_synopsis_option(FILE *fp, const struct stk_option *o)
{
	if (stk_has_letter(o))
		fprintf(fp, "\001-%c\003", o->key);
	else
		fprintf(fp, "\001--%s\003", o->name);
	if (o->arg)
		fprintf(fp, " %c%s\003", o->literal ? STK_MARK_LITERAL : STK_MARK_NAME,
			o->arg);
}

/* So many stand in its brackets; more would make a line too long to read. */
#define MAX_FAMILY 3

/* Does @o stand with the option that it needs? */
static bool is_in_family(const struct stk_option *options, const struct stk_option *o)
{
	size_t nr = 0;

	if (!o->needs)
		return false;
	for (; options->key; options++)
		nr += options->needs && options->needs[0] == o->needs[0];
	return nr <= MAX_FAMILY;
}

/* An option with those that need it. */
static void print_family(FILE *fp, const struct stk_option *options,
			 const struct stk_option *o)
{
	print_synopsis_option(fp, o);
	for (const struct stk_option *other = options; other->key; other++) {
		if (!is_in_family(options, other) || other->needs[0] != o->key)
			continue;
		fputs(" [", fp);
		print_synopsis_option(fp, other);
		fputc(']', fp);
	}
}

static bool excludes_all(const struct stk_option *o, const struct stk_option *const *set,
			 size_t nr)
{
	while (nr)
		if (!stk_options_exclude(o, set[--nr]))
			return false;
	return true;
}

/* Those of which each excludes each, in brackets. */
static void print_synopsis_groups(FILE *fp, const struct stk_option *options)
{
	const struct stk_option *set[MAX_OPTIONS];
	bool done[STK_NR_KEYS] = { false };

	for (const struct stk_option *first = options; first->key; first++) {
		size_t nr = 0;

		for (const struct stk_option *o = first; o->key; o++) {
			if (done[(unsigned char)o->key] || is_in_family(options, o) ||
			    is_plain(options, o) || nr == MAX_OPTIONS ||
			    !excludes_all(o, set, nr))
				continue;
			done[(unsigned char)o->key] = true;
			fputs(nr ? " | " : "[", fp);
			print_family(fp, options, o);
			set[nr++] = o;
		}
		if (nr)
			fputs("]\n", fp);
		/* Else the first was in an earlier one, or is in none. */
	}
}

static void print_words(FILE *fp, const struct stk_command_info *info)
{
	const char *between = "[";

	if (!info->words)
		return;
	for (const struct stk_word *w = info->words; w->name; w++) {
		fprintf(fp, "%s\002%s\003", between, w->name);
		between = " | ";
	}
	fputs(info->max_words < 0 ? " ...]\n" : "]\n", fp);
}

void stk_synopsis(FILE *fp, const struct stk_command_info *info, enum stk_door door)
{
	print_plain(fp, info->options);
	print_synopsis_groups(fp, info->options);
	if (door == STK_IN_CLI && !info->no_dump)
		fputs("\002VMCORE\003\n", fp);
	print_words(fp, info);
}
