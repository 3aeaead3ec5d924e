/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sum: which crashes are the same, of many? */
#include "sum.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "../base/ran_out.h"
#include "answer.h"
#include "args.h"

/* A report of 10,000 CPUs is shorter. What is longer is cut, and so is no JSON. */
#define MAX_LINE (256u * 1024 * 1024)

struct line {
	char *text;
	size_t len, room;
};

/* The next one, without its end. False: there is none, or no memory (errno). */
static bool read_line(FILE *fp, struct line *l)
{
	int c;

	l->len = 0;
	while ((c = getc_unlocked(fp)) != EOF && c != '\n') {
		if (l->len == l->room && l->room < MAX_LINE) {
			size_t room = l->room ? 2 * l->room : 65536;
			char *text = realloc(l->text, room);

			if (!text)
				return false;
			l->text = text;
			l->room = room;
		}
		if (l->len < l->room)
			l->text[l->len++] = (char)c;
	}
	return c != EOF || l->len;
}

static enum stk_command_result sum_lines(struct stk_command *cmd, FILE *fp,
					 const char *name, struct stk_sum *sum)
{
	struct line l = { 0 };
	bool memory = true;
	int error;

	errno = 0;
	while (memory && read_line(fp, &l))
		memory = stk_sum_line(sum, l.text, l.len);
	free(l.text);
	error = errno;
	if (stk_ran_out_of_memory() || !memory)
		return stk_complain(cmd, "out of memory");
	return ferror(fp) ? stk_complain(cmd, "%s: %s", name, strerror(error))
			  : STK_CMD_OK;
}

static enum stk_command_result sum_command(struct stk_command *cmd,
					   const struct stk_args *args)
{
	const char *name = args->nr ? args->word[0] : "-";
	const bool standard = !strcmp(name, "-");
	struct stk_sum sum = { 0 };
	struct stk_answer a;
	FILE *fp;

	if (!stk_answer_begin(&a, cmd, args, NULL))
		return a.res;
	fp = standard ? stdin : fopen(name, "re");
	a.res = fp ? sum_lines(cmd, fp, standard ? "standard input" : name, &sum)
		   : stk_complain(cmd, "%s: %s", name, strerror(errno));
	if (fp && !standard)
		fclose(fp);
	stk_sum_sort(&sum);
	if (a.res != STK_CMD_OK)
		a.stop = true;
	else if (a.doc)
		stk_sum_json(a.doc, &sum);
	else
		stk_sum_print(cmd->out, &sum);
	stk_sum_free(&sum);
	return stk_answer_end(&a);
}

static const struct stk_option options[] = {
	STK_OPTION_JSON,
	STK_NO_MORE_OPTIONS,
};

static const struct stk_word words[] = {
	{ "FILE", "The reports, a line of JSON each; or - for standard input." },
	{ 0 },
};

static const struct stk_example examples[] = {
	{ .words = "reports.json" },
	STK_NO_MORE_EXAMPLES,
};

const struct stk_command_info stk_sum_command = {
	.name = "sum",
	.purpose = "counts crashes by their signatures, of many reports",
	.doors = STK_IN_CLI,
	.no_dump = true,
	.max_words = 1,
	.about =
		"Reads reports, a line each, as --batch, -j and \"oops -j\" print them, and says "
		"which crashes are the same, how often each came, on which kernels, and when.",
	.options = options,
	.words = words,
	.cli_notes = "Without FILE: standard input.",
	.examples = examples,
	.run = sum_command,
};
