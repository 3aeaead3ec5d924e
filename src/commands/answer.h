/* SPDX-License-Identifier: GPL-2.0-or-later */
/* answer.h - an answer that is text, or with -j one JSON document on one line. */
#ifndef STK_ANSWER_H
#define STK_ANSWER_H

#include "args.h"
#include "spool.h"

struct stk_answer {
	struct stk_command *cmd;
	struct json_object *doc; /* NULL: text */
	/* Of doc: what a command with many things to tell adds them to. */
	struct json_object *list;
	enum stk_command_result res;
	bool stop; /* nothing more can be told: half a document is worse than none */
};

/* Of the dump's kernel; without a dump, of none. NULL: no memory. */
struct json_object *stk_new_document(struct stk_command *cmd);

/* @list: the key of answer->list; NULL: there is none. False: complained. */
bool stk_answer_begin(struct stk_answer *answer, struct stk_command *cmd,
		      const struct stk_args *args, const char *list);

/* Print the document and drop it; after a stop drop it only. */
enum stk_command_result stk_answer_end(struct stk_answer *answer);

/*
 * The same with @text, which is JSON already, as @doc's value of @key: objects take far
 * more memory. @doc is dropped; @text NULL: there is none.
 */
enum stk_command_result stk_print_document(struct stk_command *cmd,
					   struct json_object *doc, const char *key,
					   struct stk_spool *text);

/*
 * Print @doc on one line, with the JSON @text as its value of @key, or null; it may have
 * another one, which is not looked at. False: no memory, or no room.
 */
bool stk_json_print(FILE *out, struct json_object *doc, const char *key,
		    struct stk_spool *text);

#endif
