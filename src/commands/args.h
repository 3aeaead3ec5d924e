/* SPDX-License-Identifier: GPL-2.0-or-later */
/* args.h - what the commands' arguments have in common. */
#ifndef STK_ARGS_H
#define STK_ARGS_H

#include "commands.h"

struct json_object;

/* Does the user want to stop? Without a dump a Ctrl-C ends the process. */
bool stk_command_interrupted(const struct stk_command *cmd);

/* cmd->error() with a format. Returns STK_CMD_FAILED. */
enum stk_command_result stk_complain(struct stk_command *cmd, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * The same of arguments that make no sense, whatever the dump: the command ends as one
 * that is not called rightly. Returns STK_CMD_USAGE.
 */
enum stk_command_result stk_misuse(struct stk_command *cmd, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Hexadecimal with or without 0x. */
bool stk_parse_hex(const char *text, uint64_t *value);

/*
 * How much of the word @text is a number, without a suffix as C and assemblers have them:
 * 0xffffffff81001234UL, ffffffff81001234h. All of it, if it is none of these.
 */
size_t stk_number_length(const char *text);

/* What is quoted with it goes: [<@text>], "@text", @text: … In @buf; NULL: too long. */
char *stk_bare_word(const char *text, char *buf, size_t size);

/*
 * ADDRESS, SYMBOL, SYMBOL+OFFSET, SYMBOL+OFFSET/SIZE or SYMBOL:CPU, as they are copied
 * from a text; complains by itself.
 */
bool stk_parse_address(struct stk_command *cmd, const char *text, uint64_t *addr);

/* The number of a possible CPU; complains by itself. */
bool stk_parse_cpu(struct stk_command *cmd, const char *text, unsigned int *cpu);

/* A set of CPUs, one byte for each. */
struct stk_cpu_set {
	unsigned int nr;
	unsigned char *in;
};

/*
 * "0,2-3", "a" or "all"; NULL: every possible CPU. Complains by itself. The set's
 * memory is the caller's to free().
 */
bool stk_parse_cpus(struct stk_command *cmd, const char *text, struct stk_cpu_set *set);

/* At the end: one line on what the dump did not have, if anything. */
void stk_tell_lost(struct stk_command *cmd);
/* The same as "lost" in @doc. */
void stk_add_lost(struct stk_command *cmd, struct json_object *doc);

#endif
