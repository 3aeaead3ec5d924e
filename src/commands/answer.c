/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "answer.h"

#include "../base/ran_out.h"
#include "../base/temp.h"
#include "../render/json_add.h"

#include <errno.h>
#include <json-c/json.h>
#include <json-c/printbuf.h>
#include <stackinfo/render.h>

/* A reader of the document alone must know, too, that it is not all. */
static void add_incomplete(struct stk_command *cmd, struct json_object *doc)
{
	struct json_object *list = NULL;
	char text[160];

	for (unsigned int i = 0; stk_incomplete(cmd->s, i, text, sizeof(text)); i++) {
		if (!list) {
			list = json_object_new_array();
			stk_json_add(doc, "incomplete", list);
		}
		stk_json_append(list, json_object_new_string(text));
	}
}

/* In place of a value: where in the document it would stand. */
static int note_place(struct json_object *value, struct printbuf *text, int level,
		      int flags)
{
	*(size_t *)json_object_get_userdata(value) = (size_t)printbuf_length(text);
	return 0;
}

bool stk_json_print(FILE *out, struct json_object *doc, const char *key,
		    struct stk_spool *text)
{
	struct json_object *value = NULL;
	const char *whole;
	size_t at = 0;

	/* Half a document is worse than none. */
	if (!doc || (text && !stk_spool_is_whole(text)))
		return false;
	if (key) {
		value = json_object_new_object();
		if (!value)
			return false;
		json_object_set_serializer(value, note_place, &at, NULL);
		if (json_object_object_add(doc, key, value))
			return false;
	}
	errno = 0;
	whole = json_object_to_json_string_ext(doc, JSON_C_TO_STRING_NOSLASHESCAPE |
							    JSON_C_TO_STRING_SPACED);
	if (stk_ran_out_of_memory() || !whole)
		return false;
	fwrite(whole, 1, at, out);
	if (text && !stk_spool_print(text, out))
		return false;
	if (key && !text)
		fputs("null", out);
	fprintf(out, "%s\n", whole + at);
	return true;
}

enum stk_command_result stk_print_document(struct stk_command *cmd,
					   struct json_object *doc, const char *key,
					   struct stk_spool *text)
{
	bool printed;

	if (cmd->s) {
		add_incomplete(cmd, doc);
		stk_add_lost(cmd, doc);
	}
	/* json-c, too, says of text for which it finds no memory only this. */
	printed = !stk_ran_out_of_memory() && !stk_command_interrupted(cmd) &&
		  stk_json_print(cmd->out, doc, key, text);
	json_object_put(doc);
	return printed ? STK_CMD_OK : stk_complain(cmd, STK_NO_ROOM, stk_temp_dir());
}

struct json_object *stk_new_document(struct stk_command *cmd)
{
	struct json_object *doc;

	errno = 0;
	if (cmd->s)
		return stk_json_document(cmd->s);
	doc = json_object_new_object();
	stk_json_add(doc, "schema", json_object_new_string("stackinfo/1"));
	return doc;
}

bool stk_answer_begin(struct stk_answer *answer, struct stk_command *cmd,
		      const struct stk_args *args, const char *list)
{
	*answer = (struct stk_answer){ .cmd = cmd };
	if (!stk_given(args, 'j'))
		return true;
	answer->doc = stk_new_document(cmd);
	if (list)
		answer->list = json_object_new_array();
	if (answer->doc && (!list || answer->list)) {
		if (list)
			stk_json_add(answer->doc, list, answer->list);
		return true;
	}
	json_object_put(answer->list);
	json_object_put(answer->doc);
	answer->doc = answer->list = NULL;
	answer->res = stk_complain(cmd, "out of memory");
	return false;
}

enum stk_command_result stk_answer_end(struct stk_answer *answer)
{
	if (answer->stop)
		json_object_put(answer->doc);
	else if (answer->doc &&
		 stk_print_document(answer->cmd, answer->doc, NULL, NULL) != STK_CMD_OK)
		answer->res = STK_CMD_FAILED;
	answer->doc = NULL;
	return answer->res;
}
