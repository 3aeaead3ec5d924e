/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shares VMCORE... - how much of its budget a sound dump needs.
 *
 * Runs every command on each dump, prints the largest share of each kind that a question
 * took, and what it was; fails where that is a tenth or more. The budget (base/budget.h)
 * is there for damaged and hostile dumps: one that is neither must never come near it.
 */
#include <stackinfo/dump.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/commands/commands.h"
#include "../../src/base/context.h"

#define MOST 10.0 /* percent */

struct share {
	double percent;
	const char *dump, *line;
};

static struct share steps, bytes, answer;
static unsigned int complaints;

static void complain(struct stk_command *cmd, const char *text)
{
	if (strstr(text, "incomplete")) {
		complaints++;
		printf("%s\n", text);
	}
}

static void note(struct share *most, uint64_t left, uint64_t all, const char *dump,
		 const char *line)
{
	double percent = 100.0 * (double)(all - left) / (double)all;

	if (percent > most->percent)
		*most = (struct share){ percent, dump, line };
}

static void run(struct stk *s, const char *dump, const char *line)
{
	struct stk_command cmd = { .s = s, .error = complain };
	const struct stk_budget *b = &s->budget;
	char copy[256], *argv[16], *save;
	int argc = 0;

	cmd.out = fopen("/dev/null", "w");
	if (!cmd.out)
		exit(2);
	snprintf(copy, sizeof(copy), "%s", line);
	for (char *p = strtok_r(copy, " ", &save); p && argc < 15;
	     p = strtok_r(NULL, " ", &save))
		argv[argc++] = p;
	argv[argc] = NULL;
	stk_run_words(stk_find_command(argv[0], STK_EVERYWHERE), &cmd, argc, argv);
	fclose(cmd.out);
	note(&steps, b->steps, b->max_steps, dump, line);
	note(&bytes, b->bytes, b->max_bytes, dump, line);
	note(&answer, b->answer, b->max_answer, dump, line);
}

static void once(const char *path)
{
	static const char *const lines[] = {
		"xbt -a -v",
		"xbt -A -j",
		"xbt -A -g",
		"xbt -A -o folded",
		"xbt -A -f",
		"stackof -m",
		"stackof -l",
		"stackof -m -j",
		"tss -v",
		"entry -v",
		"log -c",
		"oops -v",
		"stackof -v ffffffff81000000 7fff00000000",
		"stackof fffffe0000000000..fffffe0000080000",
	};
	struct stk_dump *dump;
	char text[256];
	struct stk *s;

	if (stk_dump_open(path, NULL, &dump, text, sizeof(text))) {
		fprintf(stderr, "%s\n", text);
		exit(2);
	}
	s = stk_dump_session(dump);
	note(&steps, s->budget.steps, s->budget.max_steps, path, "(opening)");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		run(s, path, lines[i]);
	stk_dump_close(dump);
}

static void print(const char *kind, const struct share *most)
{
	printf("  %-6s %6.3f %%  %s  %s\n", kind, most->percent,
	       most->line ? most->line : "", most->dump ? most->dump : "");
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		once(argv[i]);
	printf("budget: the largest shares that a sound dump takes\n");
	print("steps", &steps);
	print("bytes", &bytes);
	print("answer", &answer);
	if (complaints || steps.percent >= MOST || bytes.percent >= MOST ||
	    answer.percent >= MOST) {
		printf("budget: %.0f %% or more, or something was cut off\n", MOST);
		return 1;
	}
	return argc < 2;
}
