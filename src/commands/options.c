/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/safe.h"

/* What is left of the command line. */
struct scan {
	int argc, at;
	char **argv;
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

/* As it was typed, @shown; its value is @value, or what comes next. */
static bool take_value(struct stk_args *args, struct scan *s, const struct stk_option *o,
		       const char *shown, const char *value)
{
	if (!value && s->at < s->argc)
		value = s->argv[s->at++];
	if (!value)
		return is_wrong(args, "%s: %s is missing", shown, o->arg);
	if (o->literal && strcmp(value, o->arg))
		return is_wrong(args, "%s takes only \"%s\": \"%s\"", shown, o->arg,
				value);
	if (o->many && stk_given(args, o->key)) {
		char *list;

		if (asprintf(&list, "%s,%s", stk_value(args, o->key), value) < 0)
			return is_wrong(args, "out of memory");
		free(args->list);
		value = args->list = list;
	}
	args->given[(unsigned char)o->key] = value;
	return true;
}

/* --name, --name=value, --name value */
static bool take_long(struct stk_args *args, struct scan *s,
		      const struct stk_option *options, const char *text)
{
	size_t len = strcspn(text, "=");
	const struct stk_option *o = option_by_name(options, text, len);
	const char *value = text[len] ? text + len + 1 : NULL;
	char shown[64];

	snprintf(shown, sizeof(shown), "--%.*s", len < 60 ? (int)len : 60, text);
	if (!o)
		return is_wrong(args, "%s: no such option", shown);
	if (o->arg)
		return take_value(args, s, o, shown, value);
	if (value)
		return is_wrong(args, "%s takes no value: \"%s\"", shown, value);
	args->given[(unsigned char)o->key] = "";
	return true;
}

/* -x, -xyz, -xVALUE, -x VALUE */
static bool take_short(struct stk_args *args, struct scan *s,
		       const struct stk_option *options, const char *letters)
{
	for (; *letters; letters++) {
		const struct stk_option *o = stk_find_option(options, *letters);
		const char shown[] = { '-', *letters, '\0' };

		if (!o || !stk_has_letter(o))
			return is_wrong(args, "%s: no such option", shown);
		if (o->arg)
			return take_value(args, s, o, shown,
					  letters[1] ? letters + 1 : NULL);
		args->given[(unsigned char)o->key] = "";
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

static bool ends_options(const struct stk_option *options, const char *text,
			 enum stk_options_end end, const char *line_keys)
{
	switch (end) {
	case STK_OPTIONS_FIRST:
		return !is_option(text);
	case STK_OPTIONS_OF_LINE:
		return !is_option(text) || !is_of_keys(options, text, line_keys);
	default:
		return false;
	}
}

bool stk_args_parse(struct stk_args *args, const struct stk_option *options, int argc,
		    char **argv, enum stk_options_end end, const char *line_keys)
{
	struct scan s = { .argc = argc, .at = argc > 0, .argv = argv };
	bool words_only = false;

	*args = (struct stk_args){ 0 };
	args->word = calloc((size_t)argc + 1, sizeof(*args->word));
	if (!args->word)
		return is_wrong(args, "out of memory");
	while (s.at < argc) {
		char *text = argv[s.at++];

		words_only |= ends_options(options, text, end, line_keys);
		if (words_only || !is_option(text))
			args->word[args->nr++] = text;
		else if (!strcmp(text, "--"))
			words_only = true;
		else if (text[1] == '-' ? !take_long(args, &s, options, text + 2)
					: !take_short(args, &s, options, text + 1))
			return false;
	}
	return true;
}

bool stk_options_exclude(const struct stk_option *a, const struct stk_option *b)
{
	return (a->excludes && strchr(a->excludes, b->key)) ||
	       (b->excludes && strchr(b->excludes, a->key));
}

/* An option as it is named in a complaint. */
static const char *option_text(const struct stk_option *o, char text[64])
{
	if (stk_has_letter(o))
		snprintf(text, 64, "-%c", o->key);
	else
		snprintf(text, 64, "--%s", o->name);
	return text;
}

static bool goes_alone(struct stk_args *args, const struct stk_option *options,
		       const struct stk_option *o)
{
	const struct stk_option *needed =
		o->needs ? stk_find_option(options, o->needs[0]) : NULL;
	char a[64], b[64];

	option_text(o, a);
	for (const struct stk_option *other = options; other->key; other++)
		if (other != o && stk_given(args, other->key) &&
		    stk_options_exclude(o, other))
			return is_wrong(args, "%s and %s exclude each other", a,
					option_text(other, b));
	if (args->nr && o->excludes && strchr(o->excludes, STK_WORDS))
		return is_wrong(args, "%s and \"%s\" exclude each other", a,
				args->word[0]);
	return !needed || stk_given(args, needed->key) ||
	       is_wrong(args, "%s needs %s", a, option_text(needed, b));
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
