/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * select.h - which tasks a command is about.
 *
 * Every command that takes tasks has the same options for it, STK_OPTIONS_SELECT in its
 * row. A task is meant when it is all that they ask for. What it is by itself is told
 * first; how much of its stack it uses, and what is in its chain, only when that is
 * asked.
 */
#ifndef STK_SELECT_H
#define STK_SELECT_H

#include <stackinfo/place.h>

#include "args.h"

/* Options without a letter. */
enum stk_select_key {
	STK_KEY_STATE = 1,
	STK_KEY_FUNCTION,
	STK_KEY_USED,
	STK_KEY_DEEPEST,
};

#define STK_SELECT_KEYS "\1\2\3\4ukNM"

/* A row of it; that of states may be given again. */
#define STK_SELECTOR(key, name, arg, needed, excluded, text)                             \
	{                                                                                \
		key, name, arg, .needs = needed, .excludes = excluded,                   \
				.many = (key) == STK_KEY_STATE, .help = text             \
	}

/* @needed: an option without which these make no sense, as a string; or NULL. */
#define STK_OPTIONS_SELECT(needed, excluded)                                                \
	STK_SELECTOR(                                                                       \
		STK_KEY_STATE, "state", "states", needed, excluded,                         \
		"Only tasks in one of these states, such as D,Z: letters as of ps, "        \
		"crash's (UN) or words (uninterruptible, idle, frozen)."),                  \
		STK_SELECTOR(                                                               \
			'N', "name", "name", needed, excluded,                              \
			"Only tasks with this name, in which * and ? stand for anything."), \
		STK_SELECTOR('u', "user", NULL, needed, excluded "k",                       \
			     "Only tasks that have a user mode."),                          \
		STK_SELECTOR('k', "kernel", NULL, needed, excluded,                         \
			     "Only kernel threads; idle tasks are such."),                  \
		STK_SELECTOR(                                                               \
			STK_KEY_FUNCTION, "function", "function", needed, excluded,         \
			"Only tasks with this function in their chain; * and ? as in a "    \
			"name."),                                                           \
		STK_SELECTOR(                                                               \
			'M', "module", "module", needed, excluded,                          \
			"Only tasks with a function of this module in their chain."),       \
		STK_SELECTOR(                                                               \
			STK_KEY_USED, "used", "bytes", needed, excluded,                    \
			"Only tasks that have at least so much of their stack in use."),    \
		STK_SELECTOR(STK_KEY_DEEPEST, "deepest", "bytes", needed, excluded,         \
			     "Only tasks that ever had, as far as their stack shows.")

struct stk_select {
	bool any; /* an option is given */
	bool user, kernel;
	bool of_chain; /* what the chain has is asked for: */
	const char *state, *name, *function, *module; /* NULL: not asked for */
	uint64_t used, deepest;			      /* 0: the same */
	struct stk_cpu_set cpus; /* where they ran last; none: not asked for */
	size_t nr_seen, nr_met;
	/* Not met, but perhaps only since their chain or their state is damaged. */
	size_t nr_unsure;
};

/*
 * Read the options in @args. @cpus: a list of CPUs as the option -c has it, or NULL. What
 * is wrong was told. stk_select_free() in any case.
 */
enum stk_command_result stk_select_begin(struct stk_select *sel, struct stk_command *cmd,
					 const struct stk_args *args, const char *cpus);
void stk_select_free(struct stk_select *sel);

/* By what it is itself, and by its use if that is asked for. Counts it. */
bool stk_select_task(struct stk_select *sel, struct stk *s, const struct stk_task *task);

/* Is it one of the CPUs that are asked for, if any are? -1: none. */
bool stk_select_cpu(const struct stk_select *sel, int cpu);

/* Is it about CPUs, and nothing else? */
bool stk_select_cpus_only(const struct stk_select *sel);

/* Of a task that was met so far: by its chain; NULL: there is none. */
bool stk_select_chain(struct stk_select *sel, const struct stk_chain *chain);

/* One line for text on what was found, without its newline. False: nothing to say. */
bool stk_select_text(const struct stk_select *sel, char *text, size_t size);

#endif
