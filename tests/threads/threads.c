/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * threads VMCORE...: a thread for each dump asks all there is to ask, twice, while the
 * others do. Built with -fsanitize=thread, which tells what two of them share. Each must
 * get what it gets alone.
 */
#include <pthread.h>
#include <stackinfo/dump.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"

enum { MAX_DUMPS = 16, TIMES = 2 };

struct asked {
	const char *path;
	char *alone, *beside; /* answers */
};

static const struct {
	const struct stk_command_info *info;
	const char *argument[3];
} questions[] = {
	{ &stk_report_command, { NULL } },
	{ &stk_report_command, { "-j", NULL } },
	{ &stk_xbt_command, { "-A", NULL } },
	{ &stk_xbt_command, { "-A", "-j", NULL } },
	{ &stk_xbt_command, { "-a", "-v", NULL } },
	{ &stk_stackof_command, { "-m", NULL } },
	{ &stk_tss_command, { NULL } },
	{ &stk_entry_command_info, { NULL } },
	{ &stk_log_command, { NULL } },
};

static void on_error(struct stk_command *cmd, const char *text)
{
	fprintf(cmd->out, "%s\n", text);
}

static void ask(struct stk_dump *dump, FILE *out)
{
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		struct stk_command cmd = { .s = stk_dump_session(dump),
					   .dump = dump,
					   .out = out,
					   .error = on_error };
		char *argv[4] = { (char *)(uintptr_t)questions[i].info->name };
		int argc = 1;

		for (const char *const *a = questions[i].argument; *a; a++)
			argv[argc++] = (char *)(uintptr_t)*a;
		stk_run_words(questions[i].info, &cmd, argc, argv);
	}
}

/* All answers; NULL: it cannot be opened. */
static char *ask_all(const char *path)
{
	struct stk_dump *dump;
	char error[512], *text = NULL;
	size_t size;
	FILE *out;

	if (stk_dump_open(path, NULL, &dump, error, sizeof(error))) {
		fprintf(stderr, "threads: %s\n", error);
		return NULL;
	}
	out = open_memstream(&text, &size);
	for (int i = 0; i < TIMES; i++)
		ask(dump, out);
	fclose(out);
	stk_dump_close(dump);
	return text;
}

static void *thread(void *priv)
{
	struct asked *a = priv;

	a->beside = ask_all(a->path);
	return NULL;
}

int main(int argc, char **argv)
{
	struct asked asked[MAX_DUMPS] = { { 0 } };
	pthread_t id[MAX_DUMPS];
	int nr = argc - 1, failed = 0;

	if (nr < 2 || nr > MAX_DUMPS) {
		fprintf(stderr, "usage: threads VMCORE VMCORE...\n");
		return 2;
	}
	for (int i = 0; i < nr; i++) {
		asked[i].path = argv[i + 1];
		if (pthread_create(&id[i], NULL, thread, &asked[i]))
			return 1;
	}
	for (int i = 0; i < nr; i++)
		pthread_join(id[i], NULL);
	for (int i = 0; i < nr; i++) {
		asked[i].alone = ask_all(asked[i].path);
		if (!asked[i].alone || !asked[i].beside ||
		    strcmp(asked[i].alone, asked[i].beside)) {
			fprintf(stderr, "threads: %s: another answer than alone\n",
				asked[i].path);
			failed++;
		}
		free(asked[i].alone);
		free(asked[i].beside);
	}
	printf("threads: %d dumps at once, %d failed\n", nr, failed);
	return failed != 0;
}
