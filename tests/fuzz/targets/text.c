/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stackof -f: any text, beside a sound machine (that of the unit tests). The first byte
 * chooses options. Nothing of the text reaches a terminal as it is, and JSON is JSON.
 */
#include "../../unit/synthetic.h"
#include "../machine.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/safe.h"
#include "commands/commands.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void complain(struct stk_command *cmd, const char *text)
{
	fprintf(cmd->out, "%s\n", text);
}

static struct stk *session(void)
{
	static struct syn *m;

	if (!m)
		m = syn_kernel(SYN_6_1);
	return m->s ? m->s : syn_open(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stk_command cmd = { .s = session(), .error = complain };
	char *argv[6] = { "stackof" }, *text = NULL;
	struct json_object *doc;
	size_t length;
	int argc = 1;

	if (!size)
		return 0;
	cmd.out = open_memstream(&text, &length);
	fuzz_assert(cmd.out);
	if (*data & 1)
		argv[argc++] = "-v";
	if (*data & 2)
		argv[argc++] = "-j";
	argv[argc++] = "-f";
	argv[argc++] = (char *)fuzz_file(data + 1, size - 1);
	stk_run_words(&stk_stackof_command, &cmd, argc, argv);
	fclose(cmd.out);
	for (size_t i = 0, n; i < length; i += n) {
		n = text[i] == '\n' || text[i] == '\t'
			    ? 1
			    : stk_printable(text + i, length - i);
		fuzz_assert(n);
	}
	if (*data & 2) {
		doc = json_tokener_parse(text);
		fuzz_assert(doc);
		json_object_put(doc);
	}
	free(text);
	return 0;
}
