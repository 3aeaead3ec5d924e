/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <json-c/json.h>
#include <stackinfo/render.h>

#include "args.h"

const char *const stk_help_stackof[] = {
	"  Says what each address is: on which stack (the CPU's entry trampoline, an IST",
	"  stack, the IRQ stack, a task's stack), how far from its top and its base, whether",
	"  that part of it was in use, in which guard page, or in which other region of the",
	"  kernel's address space, with the other addresses of the same byte. An address may",
	"  be given by any alias: in the cpu_entry_area, the per-CPU area, vmalloc space or",
	"  the direct map. Off the stacks it names the section, the module, the allocation in",
	"  vmalloc space and who made it, the per-CPU variable, the part of the",
	"  cpu_entry_area, the page frame; and of a user address the mapping, in the task of",
	"  the CPU that panicked unless only another CPU's task has one there.",
	"",
	"    ADDRESS  hexadecimal, a symbol, symbol+offset, or symbol:cpu of a per-CPU one",
	"    -v       add the translation, the stack's bounds and its owner",
	"    -j       JSON, one document on one line",
	"",
	"EXAMPLES",
	"    %s> stackof fffffe0000048ff0",
	NULL,
};

enum stk_command_result stk_command_stackof(struct stk_command *cmd, int argc,
					    char **argv)
{
	struct stk_text_options opt = { 0 };
	struct json_object *doc = NULL, *list = NULL;
	bool json = false;
	int c;
	enum stk_command_result res = STK_CMD_OK;

	optind = 0;
	opterr = 0;
	while ((c = getopt(argc, argv, "+vj")) != -1) {
		switch (c) {
		case 'v':
			opt.verbose = true;
			break;
		case 'j':
			json = true;
			break;
		default:
			return STK_CMD_USAGE;
		}
	}
	if (optind == argc)
		return STK_CMD_USAGE;
	if (json) {
		doc = stk_json_document(cmd->s);
		list = json_object_new_array();
		json_object_object_add(doc, "addresses", list);
	}
	for (; optind < argc; optind++) {
		struct stk_place place;
		uint64_t addr;

		if (!stk_parse_address(cmd, argv[optind], &addr)) {
			res = STK_CMD_FAILED;
			continue;
		}
		if (stk_classify(cmd->s, addr, &place)) {
			res = stk_complain(cmd, "%s: %s", argv[optind],
					   stk_error_text(cmd->s));
			json_object_put(doc);
			return res;
		}
		if (json)
			json_object_array_add(list, stk_json_place(cmd->s, &place));
		else
			stk_text_place(cmd->s, cmd->out, &place, &opt);
	}
	if (json && stk_print_json(cmd, doc) != STK_CMD_OK)
		res = STK_CMD_FAILED;
	return res;
}
