/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stackof -f and oops: any text, beside a sound machine (that of the unit tests). The
 * first byte chooses options. Nothing of the text reaches a terminal as it is, and JSON
 * is JSON.
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

static void ask(const struct stk_command_info *info, uint8_t options, int argc,
		char **argv)
{
	struct stk_command cmd = { .s = session(), .error = complain };
	struct json_object *doc;
	char *text = NULL;
	size_t length;

	cmd.out = open_memstream(&text, &length);
	fuzz_assert(cmd.out);
	stk_run_words(info, &cmd, argc, argv);
	fclose(cmd.out);
	for (size_t i = 0, n; i < length; i += n) {
		n = text[i] == '\n' || text[i] == '\t'
			    ? 1
			    : stk_printable(text + i, length - i);
		fuzz_assert(n);
	}
	if (options & 2) {
		doc = json_tokener_parse(text);
		fuzz_assert(doc);
		json_object_put(doc);
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *argv[6] = { "stackof" }, *file;
	int argc = 1;

	if (!size)
		return 0;
	file = (char *)fuzz_file(data + 1, size - 1);
	if (*data & 1)
		argv[argc++] = "-v";
	if (*data & 2)
		argv[argc++] = "-j";
	argv[argc] = file;
	ask(&stk_oops_command, *data, argc + 1, argv);
	argv[argc] = "-f";
	argv[argc + 1] = file;
	ask(&stk_stackof_command, *data, argc + 2, argv);
	return 0;
}
