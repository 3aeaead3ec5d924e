/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "answer.h"

#include <json-c/json.h>
#include <stdlib.h>

#include "../../src/base/safe.h"
#include "machine.h"

static void check_text(const char *text, size_t length)
{
	for (size_t i = 0, n; i < length; i += n) {
		n = text[i] == '\n' || text[i] == '\t'
			    ? 1
			    : stk_printable(text + i, length - i);
		fuzz_assert(n);
	}
}

static void check_json(const char *text)
{
	struct json_object *doc = json_tokener_parse(text);

	fuzz_assert(doc);
	json_object_put(doc);
}

static void complain(struct stk_command *cmd, const char *text)
{
	fprintf(cmd->priv, "%s\n", text);
}

void fuzz_ask(struct stk *s, const struct stk_command_info *info, bool json, int argc,
	      char **argv)
{
	struct stk_command cmd = { .s = s, .error = complain };
	char *text = NULL, *told = NULL;
	size_t length, told_length;
	FILE *complaints = open_memstream(&told, &told_length);

	cmd.out = open_memstream(&text, &length);
	fuzz_assert(cmd.out && complaints);
	cmd.priv = complaints;
	stk_run_words(info, &cmd, argc, argv);
	fclose(cmd.out);
	fclose(complaints);
	check_text(text, length);
	check_text(told, told_length);
	if (json && length)
		check_json(text);
	free(text);
	free(told);
}
