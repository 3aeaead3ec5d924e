/* SPDX-License-Identifier: GPL-2.0-or-later */
/* answer.h - a command is asked, and whatever its answer is, it may be printed. */
#ifndef FUZZ_ANSWER_H
#define FUZZ_ANSWER_H

#include "commands/commands.h"

/*
 * Ask @s. Nothing of the answer and of what is complained of reaches a terminal as it was
 * in the dump; @json: it is a document, if there is one.
 */
void fuzz_ask(struct stk *s, const struct stk_command_info *info, bool json, int argc,
	      char **argv);

#endif
