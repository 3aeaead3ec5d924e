/* SPDX-License-Identifier: GPL-2.0-or-later */
/* asked.h - gives a command its line, and keeps what it said. */
#ifndef UNIT_ASKED_H
#define UNIT_ASKED_H

#include "fixture.h"

#include "commands/commands.h"

/* What the front door gives each command but for its streams; a test changes it. */
extern struct stk_command asked_by;

extern struct asked {
	enum stk_command_result result;
	char *out;
	size_t len;
	char errors[4096];	/* a line each */
	struct stk_command cmd; /* as the command left it */
} asked;

/* The words of the line are parted by blanks; the answer is in asked. */
enum stk_command_result ask(struct stk *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* One question and all that is to be said to it. */
struct asked_row {
	const char *line;
	enum stk_command_result result;
	const char *out, *errors;
};

/* NULL: it is not looked at. */
void expect_answer(struct stk *s, const struct asked_row *row);

/* Whose chains the text has, in its order: "300 401". Static. */
const char *asked_pids(void);

void asked_free(void);

/* What a command said, to golden; ask() does so. */
void put_asked(int argc, char **argv, enum stk_command_result result, const char *out,
	       const char *errors);
/* All that was since the last time is the part of golden/answers.txt of that test. */
#define expect_answers(function, nth) expect_answers_of(__FILE__, function, nth)
void expect_answers_of(const char *file, const char *function, int nth);

#endif
