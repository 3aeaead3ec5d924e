/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/safe.h"

/* A table of options, and what takes those that are given. */
struct side {
	const struct stk_option *options;
	struct stk_args *args;
};

#define NR_SIDES 2

/* What is left of the command line. What is wrong is told by the first side. */
struct scan {
	int argc, at;
	char **argv;
	struct side side[NR_SIDES];
	int outer_until; /* arguments before this one are the second side's, if it can */
};

/* An option, and whose it is; NULL: there is none. */
struct found {
	const struct stk_option *o;
	struct stk_args *args;
};

static bool is_wrong(struct stk_args *args, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* False, always. */
static bool is_wrong(struct stk_args *args, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	stk_safe_vprintf(args->wrong, sizeof(args->wrong), fmt, ap);
	va_end(ap);
	return false;
}

const struct stk_option *stk_find_option(const struct stk_option *options, char key)
{
	for (; options->key; options++)
		if (options->key == key)
			return options;
	return NULL;
}

static const struct stk_option *option_by_name(const struct stk_option *options,
					       const char *name, size_t len)
{
	for (; options->key; options++)
		if (strlen(options->name) == len && !memcmp(options->name, name, len))
			return options;
	return NULL;
}

/* A letter, or a name of @len characters. */
static const struct stk_option *option_named(const struct stk_option *options,
					     const char *name, size_t len)
{
	const struct stk_option *o;

	if (len)
		return option_by_name(options, name, len);
	o = stk_find_option(options, *name);
	return o && stk_has_letter(o) ? o : NULL;
}

/*
 * Of the sides that have it, the first; but an option with one value only leaves any
 * other value to the next side. The option itself is the argument before s->at; @value:
 * the option's; NULL: it is the next word, if any.
 */
static struct found find_option(const struct scan *s, const char *name, size_t len,
				const char *value)
{
	struct found found = { 0 };

	if (!value && s->at < s->argc)
		value = s->argv[s->at];
	for (size_t i = 0; i < NR_SIDES; i++) {
		const struct side *side = &s->side[i ^ (s->at <= s->outer_until)];
		struct found f = { 0 };

		if (side->options)
			f = (struct found){ option_named(side->options, name, len),
					    side->args };
		if (f.o && (!f.o->literal || (value && !strcmp(value, f.o->arg))))
			return f;
		if (!found.o)
			found = f;
	}
	return found;
}

/* As it was typed, @shown; its value is @value, or what comes next. */
static bool take_value(struct scan *s, const struct found *f, const char *shown,
		       const char *value)
{
	struct stk_args *const args = f->args, *const told = s->side[0].args;
	const struct stk_option *o = f->o;

	if (!value && s->at < s->argc)
		value = s->argv[s->at++];
	if (!value)
		return is_wrong(told, "%s: %s is missing", shown, o->arg);
	if (o->literal && strcmp(value, o->arg))
		return is_wrong(told, "%s takes only \"%s\": \"%s\"", shown, o->arg,
				value);
	if (o->many && stk_given(args, o->key)) {
		char *list;

		if (asprintf(&list, "%s,%s", stk_value(args, o->key), value) < 0)
			return is_wrong(told, "out of memory");
		free(args->list);
		value = args->list = list;
	}
	args->given[(unsigned char)o->key] = value;
	return true;
}

/* --name, --name=value, --name value */
static bool take_long(struct scan *s, const char *text)
{
	size_t len = strcspn(text, "=");
	const char *value = text[len] ? text + len + 1 : NULL;
	const struct found f = find_option(s, text, len, value);
	struct stk_args *told = s->side[0].args;
	char shown[64];

	snprintf(shown, sizeof(shown), "--%.*s", (int)len, text);
	if (!f.o)
		return is_wrong(told, "%s: no such option", shown);
	if (f.o->arg)
		return take_value(s, &f, shown, value);
	if (value)
		return is_wrong(told, "%s takes no value: \"%s\"", shown, value);
	f.args->given[(unsigned char)f.o->key] = "";
	return true;
}

/* -x, -xyz, -xVALUE, -x VALUE */
static bool take_short(struct scan *s, const char *letters)
{
	for (; *letters; letters++) {
		const char *value = letters[1] ? letters + 1 : NULL;
		const struct found f = find_option(s, letters, 0, value);
		const char shown[] = { '-', *letters, '\0' };

		if (!f.o) {
			s->side[0].args->unknown = *letters;
			return is_wrong(s->side[0].args, "%s: no such option", shown);
		}
		if (f.o->arg)
			return take_value(s, &f, shown, value);
		f.args->given[(unsigned char)f.o->key] = "";
	}
	return true;
}

/* A lone dash is a word: standard input. */
static bool is_option(const char *text)
{
	return text[0] == '-' && text[1];
}

/* Is all of @text made of the options @keys? */
static bool is_of_keys(const struct stk_option *options, const char *text,
		       const char *keys)
{
	const struct stk_option *o;

	if (text[1] != '-')
		return !text[1 + strspn(text + 1, keys)];
	o = option_by_name(options, text + 2, strlen(text + 2));
	return o && strchr(keys, o->key);
}

/* Of a line of text, all are words from the first that is not made of @line_keys. */
static bool ends_options(const struct stk_option *options, const char *text,
			 const char *line_keys)
{
	return line_keys && (!is_option(text) || !is_of_keys(options, text, line_keys));
}

static bool parse_args(struct scan *s, const char *line_keys)
{
	struct stk_args *args = s->side[0].args;
	bool words_only = false;

	args->word = calloc((size_t)s->argc + 1, sizeof(*args->word));
	if (!args->word)
		return is_wrong(args, "out of memory");
	while (s->at < s->argc) {
		char *text = s->argv[s->at++];

		words_only |= ends_options(s->side[0].options, text, line_keys);
		if (words_only || !is_option(text))
			args->word[args->nr++] = text;
		else if (!strcmp(text, "--"))
			words_only = true;
		else if (text[1] == '-' ? !take_long(s, text + 2)
					: !take_short(s, text + 1))
			return false;
	}
	return true;
}

bool stk_args_parse(struct stk_args *args, const struct stk_option *options, int argc,
		    char **argv, const char *line_keys)
{
	struct scan s = { .argc = argc, .at = 1, .argv = argv };

	s.side[0] = (struct side){ options, args };
	*args = (struct stk_args){ 0 };
	return parse_args(&s, line_keys);
}

bool stk_args_parse_both(struct stk_args *args, const struct stk_option *options,
			 struct stk_args *outer, const struct stk_option *outer_options,
			 int outer_until, int argc, char **argv)
{
	struct scan s = {
		.argc = argc, .at = 1, .argv = argv, .outer_until = outer_until
	};

	s.side[0] = (struct side){ options, args };
	s.side[1] = (struct side){ outer_options, outer };
	*args = *outer = (struct stk_args){ 0 };
	return parse_args(&s, NULL);
}

bool stk_options_exclude(const struct stk_option *a, const struct stk_option *b)
{
	return (a->excludes && strchr(a->excludes, b->key)) ||
	       (b->excludes && strchr(b->excludes, a->key));
}

struct shown {
	char text[64];
};

/* An option as it is named in a complaint. */
static const char *option_text(const struct stk_option *o, struct shown *as)
{
	if (stk_has_letter(o))
		snprintf(as->text, sizeof(as->text), "-%c", o->key);
	else
		snprintf(as->text, sizeof(as->text), "--%s", o->name);
	return as->text;
}

static bool goes_alone(struct stk_args *args, const struct stk_option *options,
		       const struct stk_option *o)
{
	const struct stk_option *needed =
		o->needs ? stk_find_option(options, o->needs[0]) : NULL;
	struct shown own, others;
	const char *a = option_text(o, &own);

	for (const struct stk_option *other = options; other->key; other++)
		if (other != o && stk_given(args, other->key) &&
		    stk_options_exclude(o, other))
			return is_wrong(args, "%s and %s exclude each other", a,
					option_text(other, &others));
	if (args->nr && o->excludes && strchr(o->excludes, STK_WORDS))
		return is_wrong(args, "%s and \"%s\" exclude each other", a,
				args->word[0]);
	return !needed || stk_given(args, needed->key) ||
	       is_wrong(args, "%s needs %s", a, option_text(needed, &others));
}

bool stk_args_check(struct stk_args *args, const struct stk_option *options,
		    int max_words)
{
	for (const struct stk_option *o = options; o->key; o++)
		if (stk_given(args, o->key) && !goes_alone(args, options, o))
			return false;
	if (max_words >= 0 && args->nr > max_words)
		return is_wrong(args, "\"%s\": no such argument is expected",
				args->word[max_words]);
	return true;
}

char *stk_args_shift(struct stk_args *args)
{
	char *first = args->nr ? args->word[0] : NULL;

	if (first)
		memmove(args->word, args->word + 1,
			(size_t)args->nr-- * sizeof(*args->word));
	return first;
}

void stk_args_free(struct stk_args *args)
{
	free(args->word);
	free(args->list);
	args->word = NULL;
	args->list = NULL;
}
