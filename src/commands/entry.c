/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "../base/context.h"
#include "../render/entry.h"
#include "answer.h"
#include "../render/json_add.h"

static bool is_told_here(struct stk_answer *a)
{
	struct stk *s = a->cmd->s;
	const char *command = stk_entry_command(s);

	if (command && !strcmp(command, "entry"))
		return true;
	if (command)
		a->res = stk_complain(a->cmd, "%s has a TSS: see the command %s",
				      stk_arch_name(s), command);
	else
		a->res = stk_complain(a->cmd,
				      "how a CPU of %s enters the kernel is not known",
				      stk_arch_name(s));
	return false;
}

/* Those of a CPU, or with -1 of the machine. False: nothing was told. */
static bool show(struct stk_answer *a, int cpu, bool first,
		 const struct stk_text_options *opt)
{
	struct stk *s = a->cmd->s;
	struct stk_entry_words words;
	enum stk_status st = stk_entry_words(s, cpu, &words);

	/* A kernel may have nothing that is the same for all CPUs. */
	if (st == STK_ERR_UNSUPPORTED && cpu < 0)
		return false;
	if (st) {
		if (cpu < 0)
			a->res = stk_complain(a->cmd, "%s", stk_reason(s, st));
		else
			a->res = stk_complain(a->cmd, "CPU %d: %s", cpu,
					      stk_reason(s, st));
		a->stop = a->cmd->told_interrupted;
		return false;
	}
	if (a->list && cpu < 0)
		stk_json_add(a->doc, "machine", stk_json_entry_words(s, &words));
	else if (a->list)
		stk_json_append(a->list, stk_json_entry(s, &words));
	if (a->list)
		return true;
	if (!first)
		fputc('\n', a->cmd->out);
	stk_text_entry(s, a->cmd->out, &words, opt);
	return true;
}

static enum stk_command_result entry_command(struct stk_command *cmd,
					     const struct stk_args *args)
{
	const struct stk_text_options opt = { .verbose = stk_given(args, 'v') };
	struct stk_answer a;
	struct stk_cpu_set set;
	bool first = true;

	if (!stk_parse_cpus(cmd, stk_value(args, 'c'), &set))
		return STK_CMD_FAILED;
	if (stk_answer_begin(&a, cmd, args, "entry") && is_told_here(&a)) {
		first = !show(&a, -1, first, &opt);
		for (unsigned int cpu = 0; cpu < set.nr && !a.stop; cpu++)
			if (set.in[cpu] && show(&a, (int)cpu, first, &opt))
				first = false;
	}
	free(set.in);
	return stk_answer_end(&a);
}

static const struct stk_option options[] = {
	{ 'c', "cpu", "cpus", .help = "Only these CPUs, such as 0,2-3." },
	STK_OPTION_VERBOSE(
		"Explain the states, too, and list what is as on most machines."),
	STK_OPTION_JSON,
	STK_NO_MORE_OPTIONS,
};

static const struct stk_example examples[] = {
	{ .options = "-c 1" },
	{ .options = "-v --cpu=0-1" },
	STK_NO_MORE_EXAMPLES,
};

const struct stk_command_info stk_entry_command_info = {
	.name = "entry",
	.purpose = "how arm64 and riscv64 CPUs enter the kernel",
	.doors = STK_EVERYWHERE,
	.about =
		"Lists the words by which arm64 and riscv64 CPUs enter the kernel, as tss "
		"does on x86_64. Once for the machine: the vectors, the trampoline of "
		"page-table isolation, the stack for calls of the firmware. For each CPU: how "
		"far in the entry code it was when it stopped, what its registers say of its "
		"level of privilege and its current task, and its stacks, each with its "
		"bounds, guard page and physical page, and whether it is in use.\n\n"
		"They are compared with what the kernel should have there. What differs is "
		"marked DEVIATION, what a switch of tasks explains IN FLIGHT.",
	.options = options,
	.examples = examples,
	.run = entry_command,
};
