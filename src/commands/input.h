/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * input.h - where the text of a command comes from: a file, a terminal, a pipe, the
 * middle of crash's own input.
 */
#ifndef STK_INPUT_H
#define STK_INPUT_H

#include "commands.h"

/* Gets text, which it may change; false: enough. */
typedef bool stk_input_fn(void *ctx, char *text, size_t size);

/*
 * Read the file @path, or standard input for "-", and hand it on: all of it at once, or
 * with @pieces what comes up to each pause of a terminal. @who asks a terminal for it.
 * Complains by itself.
 */
enum stk_command_result stk_input_read(struct stk_command *cmd, const char *who,
				       const char *path, bool pieces, stk_input_fn *fn,
				       void *ctx);

#endif
