/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <stackinfo/entry.h>
#include <stdlib.h>
#include <string.h>

#include "../base/context.h"
#include "../render/x86_tss.h"
#include "answer.h"
#include "../render/json_add.h"

/* False: nothing more can be told. */
static bool show_tss(struct stk_answer *a, unsigned int cpu, bool first,
		     const struct stk_text_options *opt)
{
	struct stk *s = a->cmd->s;
	struct stk_x86_tss tss;
	enum stk_status st = stk_x86_tss_read(s, cpu, &tss);

	if (st) {
		a->res = stk_complain(a->cmd, "CPU %u: %s", cpu, stk_reason(s, st));
		a->stop = a->cmd->told_interrupted;
		return false;
	}
	stk_x86_tss_evidence(s, &tss);
	if (a->list) {
		stk_json_append(a->list, stk_x86_json_tss(s, &tss));
		return true;
	}
	if (!first)
		fputc('\n', a->cmd->out);
	stk_x86_text_tss(s, a->cmd->out, &tss, opt);
	return true;
}

static bool has_tss(struct stk_answer *a)
{
	struct stk *s = a->cmd->s;
	const char *command = stk_entry_command(s);

	if (command && !strcmp(command, "tss"))
		return true;
	a->res =
		stk_complain(a->cmd, "%s has no TSS%s%s", stk_arch_name(s),
			     command ? ": see the command " : "", command ? command : "");
	return false;
}

static enum stk_command_result tss_command(struct stk_command *cmd,
					   const struct stk_args *args)
{
	const struct stk_text_options opt = { .verbose = stk_given(args, 'v') };
	struct stk_answer a;
	struct stk_cpu_set set;
	bool first = true;

	if (!stk_parse_cpus(cmd, stk_value(args, 'c'), &set))
		return STK_CMD_FAILED;
	if (!stk_answer_begin(&a, cmd, args, "tss") || !has_tss(&a))
		set.nr = 0;
	for (unsigned int cpu = 0; cpu < set.nr && !a.stop; cpu++)
		if (set.in[cpu] && show_tss(&a, cpu, first, &opt))
			first = false;
	free(set.in);
	return stk_answer_end(&a);
}

static const struct stk_option options[] = {
	{ 'c', "cpu", "cpus", .help = "Only these CPUs, such as 0,2-3." },
	STK_OPTION_VERBOSE("Explain the states, too, and list all that was compared."),
	STK_OPTION_JSON,
	STK_NO_MORE_OPTIONS,
};

static const struct stk_example examples[] = {
	{ .options = "-c 1" },
	{ .options = "-v --cpu=0-1" },
	STK_NO_MORE_EXAMPLES,
};

const struct stk_command_info stk_tss_command = {
	.name = "tss",
	.purpose = "what the CPUs' task state segments say",
	.doors = STK_EVERYWHERE,
	.about =
		"Decodes the task state segment of each CPU: sp0, sp1, sp2 and ist[0] to "
		"ist[6], each with the stack it points to, its bounds, the guard page below "
		"it, the address of the same memory in the per-CPU area, its physical page, "
		"whether anything is live on it, and the IDT vectors that switch to it.\n\n"
		"They are compared with what the kernel should have built, and so is what has "
		"to agree with them: the top of the current task's stack, the I/O bitmap's "
		"offset, the GDT's descriptor of the TSS, the IDT and its gates with a stack "
		"of their own, and TR, GDTR and IDTR if QEMU wrote the dump. What differs is "
		"marked DEVIATION: damage, or a handler or a switch in flight, with what "
		"confirms it.",
	.options = options,
	.examples = examples,
	.run = tss_command,
};
