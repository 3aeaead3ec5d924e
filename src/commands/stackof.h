/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stackof.h - what the parts of stackof share. */
#ifndef STK_STACKOF_H
#define STK_STACKOF_H

#include <stackinfo/render.h>

#include "answer.h"
#include "oops.h"
#include "select.h"

struct stackof {
	struct stk_command *cmd;
	struct stk_answer a; /* it stops when interrupted, or without a kernel */
	struct stk_text_options opt;
	bool has_start; /* whose registers and whose user addresses */
	struct stk_start start;
	/* Of text: */
	bool quiet; /* only lines with an answer */
	size_t nr_answers;
	struct stk_oops_origin origin;
};

/* False: it cannot be told, and nothing else can; complained. */
bool stk_stackof_classify(struct stackof *o, uint64_t addr, struct stk_place *place);

/* The map, or what is chosen of it: a table, a picture, or JSON. */
void stk_stackof_map(struct stackof *o, struct stk_select *select);

/* One line for each run of the same thing in [@begin, @end). */
void stk_stackof_range(struct stackof *o, uint64_t begin, uint64_t end);

/*
 * A text, or as much of it as came at once: what it says of another kernel, then each
 * line, and below it what its addresses are. @text is changed.
 */
void stk_stackof_text(struct stackof *o, char *text, size_t size);
/* The lines of what needs no such look. */
void stk_stackof_lines(struct stackof *o, const char *text, size_t size);
/* At the end of all text: was there anything to answer? */
void stk_stackof_text_end(struct stackof *o);
/* All lines of the file @path, or of standard input for "-". */
void stk_stackof_file(struct stackof *o, const char *path);
/* The dump's own log. */
void stk_stackof_log(struct stackof *o);
/* The registers of o->start. */
void stk_stackof_regs(struct stackof *o);

/* The answer ends here. */
void stk_stackof_no_memory(struct stackof *o);

#endif
