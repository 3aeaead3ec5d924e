/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <json-c/json.h>
#include <stackinfo/render.h>
#include <stdlib.h>

#include "../base/context.h"
#include "args.h"

const char *const stk_help_tss[] = {
	"  Decodes the task state segment of each CPU: sp0, sp1, sp2 and ist[0] to ist[6],",
	"  each with the stack it points to, its bounds, the guard page below it, the address",
	"  of the same memory in the per-CPU area, its physical page, whether anything is live",
	"  on it, and the IDT vectors that switch to it. They are compared with what the kernel",
	"  should have built, and so is what has to agree with them: the top of the current",
	"  task's stack, the I/O bitmap's offset, the GDT's descriptor of the TSS, the IDT and",
	"  its gates with a stack of their own, and TR, GDTR and IDTR if QEMU wrote the dump.",
	"  What differs is marked DEVIATION: damage, or a handler or a switch in flight, with",
	"  what confirms it.",
	"",
	"    -c cpus  only these CPUs, such as 0,2-3; the default is all",
	"    -v       also explain the states, and list all that was compared",
	"    -j       JSON, one document on one line",
	"",
	"EXAMPLES",
	"    %s> tss -c 1",
	NULL,
};

enum stk_command_result stk_command_tss(struct stk_command *cmd, int argc, char **argv)
{
	struct stk_text_options opt = { 0 };
	struct json_object *doc = NULL, *list = NULL;
	struct stk_cpu_set set;
	const char *cpus = NULL;
	bool json = false;
	int c;
	enum stk_command_result res = STK_CMD_OK;

	optind = 0;
	opterr = 0;
	while ((c = getopt(argc, argv, STK_TSS_OPTIONS)) != -1) {
		switch (c) {
		case 'c':
			cpus = optarg;
			break;
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
	if (optind < argc)
		return STK_CMD_USAGE;
	if (!stk_parse_cpus(cmd, cpus, &set))
		return STK_CMD_FAILED;
	if (json) {
		doc = stk_json_document(cmd->s);
		list = json_object_new_array();
		json_object_object_add(doc, "tss", list);
	}
	for (unsigned int cpu = 0, printed = 0; cpu < set.nr; cpu++) {
		struct stk_tss tss;
		enum stk_status st;

		if (!set.in[cpu])
			continue;
		st = stk_tss_read(cmd->s, cpu, &tss);
		if (st) {
			res = stk_complain(cmd, "CPU %u: %s", cpu,
					   stk_reason(cmd->s, st));
			if (!cmd->told_interrupted)
				continue;
			json_object_put(doc);
			free(set.in);
			return res;
		}
		stk_tss_evidence(cmd->s, &tss);
		if (json) {
			json_object_array_add(list, stk_json_tss(cmd->s, &tss));
			continue;
		}
		if (printed++)
			fputc('\n', cmd->out);
		stk_text_tss(cmd->s, cmd->out, &tss, &opt);
	}
	free(set.in);
	if (json && stk_print_json(cmd, doc) != STK_CMD_OK)
		res = STK_CMD_FAILED;
	return res;
}
