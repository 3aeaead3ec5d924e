/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options.h - the options of a command as rows, and how a command line is taken apart.
 *
 * The parser, its complaints, help, the manual pages and the shell's completion all read
 * the same rows. Nothing is kept between two calls, as getopt() does: crash uses that,
 * too.
 */
#ifndef STK_OPTIONS_H
#define STK_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct stk_option {
	char key;	      /* its letter; below ' ': it has a long name only */
	const char *name;     /* the long one, without its dashes */
	const char *arg;      /* what its value is called; NULL: it takes none */
	bool literal;	      /* that very word is the only value */
	bool many;	      /* it may be given again: the values have commas between */
	const char *excludes; /* keys that it cannot stand with; one side need say so */
	const char *needs;    /* a key that must be given, too */
	const char *help;
};

/* In excludes: the arguments that are no options. */
#define STK_WORDS '@'

/* The end of a table. */
#define STK_NO_MORE_OPTIONS                                                              \
	{                                                                                \
		0                                                                        \
	}

static inline bool stk_has_letter(const struct stk_option *o)
{
	return o->key > ' ';
}

#define STK_NR_KEYS 128

/* A command line taken apart. */
struct stk_args {
	/* By key: the option's value, "" of one that takes none; NULL: it was not given.
	 */
	const char *given[STK_NR_KEYS];
	int nr; /* the arguments that are no options */
	char **word;
	char *list;	 /* of the option that may be given again */
	char unknown;	 /* the letter of an option that there is not */
	char wrong[320]; /* what is wrong, in one line */
};

/*
 * Take @argv apart, of which the first is a name. False: @args says what is wrong. The
 * strings stay @argv's; stk_args_free() frees the rest, in either case. Options may stand
 * anywhere; all after "--" are words, whatever they look like. @line_keys: not NULL of a
 * line of text: options go up to the first word that is not made of these, which take no
 * value.
 */
bool stk_args_parse(struct stk_args *args, const struct stk_option *options, int argc,
		    char **argv, const char *line_keys);

/*
 * The same with options anywhere, of two tables: those of the second go to @outer. Where
 * both have one the first takes it, unless it has only one value and that is not given;
 * but of the arguments before @outer_until the second.
 * Words and what is wrong are in @args. Both are to be freed.
 */
bool stk_args_parse_both(struct stk_args *args, const struct stk_option *options,
			 struct stk_args *outer, const struct stk_option *outer_options,
			 int outer_until, int argc, char **argv);

/* Do they go together, and are there at most @max_words (-1: any number)? */
bool stk_args_check(struct stk_args *args, const struct stk_option *options,
		    int max_words);

/* The first word goes; NULL: there is none. */
char *stk_args_shift(struct stk_args *args);

void stk_args_free(struct stk_args *args);

static inline bool stk_given(const struct stk_args *args, char key)
{
	return args->given[(unsigned char)key] != NULL;
}

static inline const char *stk_value(const struct stk_args *args, char key)
{
	return args->given[(unsigned char)key];
}

/* The option with this key; NULL: there is none. */
const struct stk_option *stk_find_option(const struct stk_option *options, char key);

/* Can @a and @b not stand together? */
bool stk_options_exclude(const struct stk_option *a, const struct stk_option *b);

#endif
