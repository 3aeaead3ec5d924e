/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"

#include <getopt.h>
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

static enum stk_command_result overview(struct stk_command *cmd, int argc, char **argv)
{
	char name[] = "xbt", all[] = "-a", json[] = "-j";
	char *xbt[] = { name, all, json, NULL };
	struct stk_machine m;
	bool as_json = false;
	int c;

	optind = 0;
	opterr = 0;
	while ((c = getopt(argc, argv, cli_overview.options)) != -1) {
		if (c != 'j')
			return STK_CMD_USAGE;
		as_json = true;
	}
	if (optind < argc)
		return STK_CMD_USAGE;
	/* Every document says what machine it is of. */
	if (!as_json && !stk_machine(cmd->s, &m))
		print_machine(cmd->s, cmd->out, &m);
	return stk_command_xbt(cmd, as_json ? 3 : 2, xbt);
}

const struct stk_command_info cli_overview = {
	.name = "stackinfo",
	.purpose = "what dump this is, and the backtrace of every CPU",
	.synopsis = "VMCORE",
	.options = "+j",
	.run = overview,
};
