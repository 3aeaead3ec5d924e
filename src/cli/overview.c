/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

static void line(FILE *out, const char *title, const char *text)
{
	if (text && *text)
		fprintf(out, "%8s: %s\n", title, text);
}

static void print_machine(struct stk *s, FILE *out, const struct stk_machine *m)
{
	const struct stk_task *tasks;
	char date[64] = "";
	time_t t = (time_t)m->crash_time;
	struct tm tm;
	size_t nr;

	if (m->crash_time && gmtime_r(&t, &tm))
		strftime(date, sizeof(date), "%F %T UTC", &tm);
	line(out, "RELEASE", stk_release(s));
	line(out, "VERSION", m->version);
	line(out, "NODENAME", m->node);
	line(out, "DATE", date);
	fprintf(out, "%8s: %s, %u CPU%s online\n", "MACHINE", stk_arch_name(s),
		stk_nr_online(s), stk_nr_online(s) == 1 ? "" : "s");
	line(out, "DUMP", m->incomplete ? "incomplete: it says so itself" : NULL);
	if (!stk_tasks(s, &tasks, &nr))
		fprintf(out, "%8s: %zu\n", "TASKS", nr);
	fputc('\n', out);
}

static enum stk_command_result overview(struct stk_command *cmd,
					const struct stk_args *args)
{
	struct stk_args all = { .given['a'] = "", .given['j'] = stk_value(args, 'j') };
	struct stk_machine m;

	/* Every document says what machine it is of. */
	if (!stk_given(args, 'j') && !stk_machine(cmd->s, &m))
		print_machine(cmd->s, cmd->out, &m);
	return stk_xbt_command.run(cmd, &all);
}

static const struct stk_option options[] = {
	STK_OPTION_JSON,
	STK_NO_MORE_OPTIONS,
};

const struct stk_command_info cli_overview = {
	.name = "stackinfo",
	.purpose = "what dump this is, and the backtrace of every CPU",
	.doors = STK_IN_CLI,
	.about = "Says what dump this is, then prints the backtrace of every CPU.",
	.options = options,
	.run = overview,
};
