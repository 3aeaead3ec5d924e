/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stackof -f and oops: any text, beside a sound machine (that of the unit tests). The
 * first byte chooses options. Nothing of the text reaches a terminal as it is, and JSON
 * is JSON.
 */
#include "../../unit/synthetic.h"
#include "../answer.h"
#include "../machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct stk *session(void)
{
	static struct syn *m;

	if (!m)
		m = syn_kernel(SYN_6_1);
	return m->s ? m->s : syn_open(m);
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
	fuzz_ask(session(), &stk_oops_command, *data & 2, argc + 1, argv);
	argv[argc] = "-f";
	argv[argc + 1] = file;
	fuzz_ask(session(), &stk_stackof_command, *data & 2, argc + 2, argv);
	return 0;
}
