/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stackof.h - what the parts of stackof share. */
#ifndef STK_STACKOF_H
#define STK_STACKOF_H

#include <stackinfo/render.h>

#include "answer.h"

struct stackof {
	struct stk_command *cmd;
	struct stk_answer a; /* it stops when interrupted, or without a kernel */
	struct stk_text_options opt;
	bool has_start; /* whose registers and whose user addresses */
	struct stk_start start;
};

/* False: it cannot be told, and nothing else can; complained. */
bool stk_stackof_classify(struct stackof *o, uint64_t addr, struct stk_place *place);

/* The whole map: a table, a picture, or JSON. */
void stk_stackof_map(struct stackof *o);

/* One line for each run of the same thing in [@begin, @end). */
void stk_stackof_range(struct stackof *o, uint64_t begin, uint64_t end);

/* A line of text, then what each address in it is. */
void stk_stackof_line(struct stackof *o, const char *line, size_t len);
/* All lines of the file @path, or of standard input for "-". */
void stk_stackof_file(struct stackof *o, const char *path);
/* The dump's own log. */
void stk_stackof_log(struct stackof *o);
/* The registers of o->start. */
void stk_stackof_regs(struct stackof *o);

#endif
