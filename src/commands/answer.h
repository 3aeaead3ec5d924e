/* SPDX-License-Identifier: GPL-2.0-or-later */
/* answer.h - an answer that is text, or with -j one JSON document on one line. */
#ifndef STK_ANSWER_H
#define STK_ANSWER_H

#include "args.h"

struct stk_answer {
	struct stk_command *cmd;
	struct json_object *doc; /* NULL: text */
	/* Of doc: what a command with many things to tell adds them to. */
	struct json_object *list;
	enum stk_command_result res;
	bool stop; /* nothing more can be told: half a document is worse than none */
};

/* @list: the key of answer->list; NULL: there is none. False: complained. */
bool stk_answer_begin(struct stk_answer *answer, struct stk_command *cmd,
		      const struct stk_args *args, const char *list);

/* Print the document and drop it; after a stop drop it only. */
enum stk_command_result stk_answer_end(struct stk_answer *answer);

/*
 * The same with @text, a list that is text already, as @doc's value of @key: objects
 * take far more memory. @doc is dropped.
 */
enum stk_command_result stk_print_document(struct stk_command *cmd,
					   struct json_object *doc, const char *key,
					   const char *text);

/*
 * Print @doc on one line, with the JSON @text as its value of @key, which must be there:
 * its own value is not looked at. False: no memory.
 */
bool stk_json_print(FILE *out, struct json_object *doc, const char *key,
		    const char *text);

#endif
