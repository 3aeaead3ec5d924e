/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is read for a small dump: what the answers read, by giving them; and what any
 * question about a stack in it may come to: all of each stack, the code around each word
 * there that could be a return address, all of each task_struct that is no register.
 */
#include <errno.h>
#include <string.h>

#include "../arch/arch.h"
#include "../base/bytes.h"
#include "../base/context.h"
#include "../commands/args.h"
#include "../kernel/layout.h"
#include "../kernel/names.h"
#include "../machine/lost.h"
#include "../machine/memory.h"
#include "../stacks/stack.h"
#include "cli.h"
#include "pack.h"

/* Bytes on either side of an address: where no function has it; of one that is long. */
#define CODE_AROUND 64u
#define MAX_CODE    2048u

/* ---- the answers ---- */

static void hear_nothing(struct stk_command *cmd, const char *text)
{
}

static void pass_progress(struct stk_command *cmd, const char *what, size_t done,
			  size_t all)
{
	struct stk_command *const outer = cmd->priv;

	if (outer->progress)
		outer->progress(outer, what, done, all);
}

static void ask(struct stk_command *outer, FILE *out, const struct stk_command_info *info,
		int argc, const char *const *argv)
{
	struct stk_command cmd = {
		.s = outer->s,
		.out = out,
		.error = hear_nothing,
		.progress = pass_progress,
		.priv = outer,
	};
	char *words[8] = { 0 };

	for (int i = 0; i < argc && (size_t)i + 1 < STK_ARRAY_SIZE(words); i++)
		words[i] = (char *)(uintptr_t)argv[i];
	stk_run_words(info, &cmd, argc, words);
}

/* All that a dump can be asked; each with all that it tells. */
static const struct {
	const struct stk_command_info *info;
	const char *options[4];
} questions[] = {
	{ &stk_report_command, { "-v" } },   { &stk_report_command, { "-j" } },
	{ &stk_report_command, { NULL } },   { &stk_xbt_command, { NULL } },
	{ &stk_xbt_command, { "-avrl" } },   { &stk_xbt_command, { "-aT" } },
	{ &stk_xbt_command, { "-avj" } },    { &stk_xbt_command, { "-Avrl" } },
	{ &stk_xbt_command, { "-Aj" } },     { &stk_xbt_command, { "-Af" } },
	{ &stk_tss_command, { "-v" } },	     { &stk_entry_command_info, { "-v" } },
	{ &stk_stackof_command, { "-mv" } }, { &stk_stackof_command, { "-mj" } },
	{ &stk_log_command, { "-cT" } },     { &stk_oops_command, { "-v" } },
	{ &stk_stackof_command, { "-lv" } },
};

static void ask_all(struct stk_command *cmd, FILE *out)
{
	for (size_t i = 0; i < STK_ARRAY_SIZE(questions); i++) {
		const char *argv[STK_ARRAY_SIZE(questions[0].options) + 1] = {
			questions[i].info->name
		};
		int argc = 1;

		for (const char *const *o = questions[i].options; *o; o++)
			argv[argc++] = *o;
		ask(cmd, out, questions[i].info, argc, argv);
	}
}

static void ask_of_cpus(struct stk_command *cmd, FILE *out)
{
	for (unsigned int cpu = 0; cpu < stk_nr_cpus(cmd->s); cpu++) {
		char number[16];
		const char *argv[] = { "stackof", "-v", "-c", number };

		if (!stk_cpu_possible(cmd->s, cpu))
			continue;
		snprintf(number, sizeof(number), "%u", cpu);
		ask(cmd, out, &stk_stackof_command, 4, argv);
		argv[0] = "xbt";
		ask(cmd, out, &stk_xbt_command, 4, argv);
	}
}

/* ---- some more ---- */

void pack_touch(struct stk *s, uint64_t addr, uint64_t len)
{
	unsigned char buf[256];

	while (len && !stk_must_stop(s)) {
		size_t n = stk_in_page(s, addr, len < sizeof(buf) ? len : sizeof(buf));

		(void)!stk_read(s, addr, buf, n);
		addr += n;
		len -= n;
	}
}

void pack_have(struct stk *s, uint64_t begin, uint64_t end)
{
	uint64_t phys;

	for (uint64_t at = begin - stk_page_offset(s, begin);
	     at < end && !stk_must_stop(s); at += stk_page_size(s))
		if (!stk_translate(s, at, &phys))
			(void)stk_in_dump(s, phys);
}

/* Its function, or the most of it: who looks at the code begins where that does. */
static void read_code(struct stk *s, uint64_t word)
{
	struct stk_function f;
	uint64_t begin = word - CODE_AROUND, end = word + CODE_AROUND;

	if (!stk_is_text(s, word))
		return;
	if (stk_function_at(s, word - 1, &f)) {
		begin = word - f.begin < MAX_CODE ? f.begin : word - MAX_CODE;
		end = f.end - word < MAX_CODE ? f.end : word + MAX_CODE;
	}
	pack_touch(s, begin, end - begin);
	/* gdb reads ahead. */
	pack_have(s, end, end + stk_page_size(s));
}

static void read_stack(struct stk *s, const struct stk_stack *stack)
{
	uint64_t words[64];
	const uint64_t size = sizeof(words);

	for (uint64_t at = stack->begin; at < stack->end; at += size) {
		const uint64_t n = stack->end - at < size ? stack->end - at : size;

		if (stk_read(s, at, words, n)) {
			/* The page may be missing; the next need not be. */
			pack_touch(s, at, n);
			continue;
		}
		for (size_t i = 0; i < n / sizeof(words[0]); i++)
			if (s->arch->is_kernel_address(words[i]))
				read_code(s, words[i]);
	}
}

static void read_stacks(struct stk *s)
{
	const struct stk_stack *stack;
	size_t nr;

	if (stk_stacks(s, &stack, &nr))
		return;
	for (size_t i = 0; i < nr; i++) {
		/* How many there are the map bounds. */
		stk_budget_refill(&s->budget);
		if (stack[i].mapped)
			read_stack(s, &stack[i]);
	}
}

/*
 * thread_struct ends with what the FPU has of a user's, so it is left to who reads its
 * members.
 */
static void read_tasks(struct stk *s)
{
	struct stk_member comm = { 0 }, thread;
	const struct stk_task *task;
	size_t nr;

	if (!stk_find_member(s, "task_struct", "thread", &thread) ||
	    stk_tasks(s, &task, &nr))
		return;
	if (stk_left_out(s, STK_NAMES_LEFT_OUT))
		stk_find_member(s, "task_struct", "comm", &comm);
	for (size_t i = 0; i < nr; i++) {
		stk_budget_refill(&s->budget);
		pack_touch(s, task[i].addr, comm.offset ? comm.offset : thread.offset);
		if (comm.offset && comm.offset + comm.size < thread.offset)
			pack_touch(s, task[i].addr + comm.offset + comm.size,
				   thread.offset - comm.offset - comm.size);
	}
}

bool pack_read_all(struct stk_command *cmd)
{
	const uint64_t begun = cmd->s->budget.question;
	FILE *out = fopen("/dev/null", "we");

	if (!out) {
		stk_complain(cmd, "/dev/null: %s", strerror(errno));
		return false;
	}
	ask_all(cmd, out);
	ask_of_cpus(cmd, out);
	fclose(out);
	/* What no answer misses is no loss. */
	stk_lost_excuse(cmd->s, true);
	read_stacks(cmd->s);
	read_tasks(cmd->s);
	pack_read_for_others(cmd->s);
	pack_read_places(cmd->s);
	stk_lost_excuse(cmd->s, false);
	return cmd->s->budget.short_of_memory < begun;
}
