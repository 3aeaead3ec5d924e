/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "asked.h"
#include "golden.h"

#include <ctype.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct stk_command asked_by;
struct asked asked;

static void on_error(struct stk_command *unused, const char *text)
{
	const size_t len = strlen(asked.errors);

	ck_assert_ptr_null(strchr(text, '\n'));
	snprintf(asked.errors + len, sizeof(asked.errors) - len, "%s\n", text);
}

enum stk_command_result ask(struct stk *s, const char *fmt, ...)
{
	const struct stk_command_info *info;
	char line[1024], *argv[64], *save;
	int argc = 0;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	for (char *p = strtok_r(line, " ", &save); p; p = strtok_r(NULL, " ", &save))
		argv[argc++] = p;
	argv[argc] = NULL;
	info = stk_find_command(argv[0], STK_EVERYWHERE);
	ck_assert_ptr_nonnull(info);
	asked_free();
	asked.cmd = asked_by;
	asked.cmd.s = s;
	asked.cmd.error = on_error;
	asked.cmd.out = open_memstream(&asked.out, &asked.len);
	asked.result = stk_run_words(info, &asked.cmd, argc, argv);
	fclose(asked.cmd.out);
	put_asked(argc, argv, asked.result, asked.out, asked.errors);
	return asked.result;
}

void expect_answer(struct stk *s, const struct asked_row *row)
{
	ask(s, "%s", row->line);
	if (row->errors)
		ck_assert_str_eq(asked.errors, row->errors);
	if (row->out)
		ck_assert_str_eq(asked.out, row->out);
	ck_assert_msg(asked.result == row->result, "%s: %d, not %d", row->line,
		      asked.result, row->result);
}

const char *asked_pids(void)
{
	static char pids[256];

	pids[0] = '\0';
	for (const char *line = asked.out; line && *line;) {
		const size_t len = strlen(pids);

		if (!strncmp(line, "PID: ", 5))
			snprintf(pids + len, sizeof(pids) - len, "%s%d", len ? " " : "",
				 atoi(line + 5));
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return pids;
}

void asked_free(void)
{
	free(asked.out);
	asked.out = NULL;
	asked.len = 0;
	asked.errors[0] = '\0';
}

/* The names of files are others each time. */
static void put_text(const char *text)
{
	for (const char *file; (file = strstr(text, "/tmp/")) != NULL;) {
		fprintf(golden, "%.*sFILE", (int)(file - text), text);
		text = file + 5;
		while (isalnum((unsigned char)*text) || *text == '-')
			text++;
	}
	fputs(text, golden);
}

void put_asked(int argc, char **argv, enum stk_command_result result, const char *out,
	       const char *errors)
{
	if (!golden)
		golden_setup();
	fputs("--", golden);
	for (int i = 0; i < argc; i++) {
		fputc(' ', golden);
		put_text(argv[i]);
	}
	fprintf(golden, ": %d\n", (int)result);
	put_text(out);
	if (*errors)
		fputs("! ", golden);
	put_text(errors);
	fputc('\n', golden);
}

void expect_answers_of(const char *file, const char *function, int nth)
{
	char name[128], part[240];

	snprintf(name, sizeof(name), "%s", file);
	snprintf(part, sizeof(part), "%s %s %d", basename(name), function, nth);
	golden_expect("answers", part);
}
