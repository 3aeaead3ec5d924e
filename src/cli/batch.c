/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many dumps, each in a process of its own: what one of them does to the reader, or to
 * its memory, is not the others' trouble. A line of JSON each, in the order of the list:
 *
 *   {"dump": PATH, "status": 0, "errors": [TEXT...], "answer": DOCUMENT}
 *
 * status is what the command would end with for that dump alone; answer is null when
 * there is none. A dump that takes longer than it may is given up.
 */
#include "cli.h"

#include <errno.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/safe.h"
#include "../commands/answer.h"

/* A child that died cannot say so itself. */
#define STATUS_SIGNAL 128

static void collect_error(void *errors, const char *text)
{
	json_object_array_add(errors, json_object_new_string(text));
}

/* A name of a file is any bytes; JSON takes UTF-8 only. */
static struct json_object *json_path(const char *path)
{
	size_t size = 4 * strlen(path) + 1; /* each as \x1b */
	char *safe = malloc(size);
	struct json_object *o =
		safe ? json_object_new_string(stk_safe_text(safe, size, path)) : NULL;

	free(safe);
	return o;
}

/* @answer: a document, or NULL. False: it could not be written. */
static bool print_line(FILE *out, const char *vmcore, int status,
		       struct json_object *errors, struct stk_spool *answer)
{
	struct json_object *line = json_object_new_object();
	bool printed;

	json_object_object_add(line, "dump", json_path(vmcore));
	json_object_object_add(line, "status", json_object_new_int(status));
	json_object_object_add(line, "errors", errors);
	printed = stk_json_print(out, line, "answer", answer);
	json_object_put(line);
	return printed && !fflush(out) && !ferror(out);
}

/* No dump could answer this: it is told once, by the one that is asked first. */
static void refuse_all(const struct stk_command_info *info, struct json_object *errors)
{
	for (size_t i = 0; i < json_object_array_length(errors); i++)
		cli_complain_here(
			(void *)(uintptr_t)info->name,
			json_object_get_string(json_object_array_get_idx(errors, i)));
	cli_print_synopsis(stderr, info);
}

/* The child's: the whole line, so that the parent has nothing to parse. */
static enum cli_status answer_dump(const struct cli_request *r, const char *vmcore,
				   FILE *out)
{
	struct json_object *errors = json_object_new_array();
	struct stk_spool answer;
	enum cli_status st = CLI_FAILED;
	bool has_answer;

	if (!stk_spool_open(&answer))
		return st;
	st = cli_run(r, vmcore, answer.fp, collect_error, errors);
	/* The reader's time, from here on: half a line is worse than a late one. */
	alarm(0);
	has_answer = !stk_spool_is_empty(&answer);
	if (st == CLI_USAGE) {
		refuse_all(r->command, errors);
		json_object_put(errors);
		stk_spool_close(&answer);
		return st;
	}
	if (!print_line(out, vmcore, st, errors, has_answer ? &answer : NULL) &&
	    (st == CLI_OK || st == CLI_DOUBT))
		st = CLI_FAILED;
	stk_spool_close(&answer);
	return st;
}

static int answer_in_child(const struct cli_request *r, const char *vmcore, FILE *out)
{
	sigset_t set;

	/* Whoever started us may ignore or block it. */
	signal(SIGALRM, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	alarm(r->timeout);
	return (int)answer_dump(r, vmcore, out);
}

static enum cli_status answer_apart(const struct cli_request *r, const char *vmcore,
				    FILE *out)
{
	struct json_object *errors;
	char text[80];
	int status = 0;
	pid_t child, ended = -1;

	fflush(out);
	child = fork();
	if (!child)
		_exit(answer_in_child(r, vmcore, out));
	while (child > 0 && (ended = waitpid(child, &status, 0)) < 0 && errno == EINTR)
		;
	if (ended > 0 && WIFEXITED(status))
		return (enum cli_status)WEXITSTATUS(status);
	errors = json_object_new_array();
	if (ended > 0 && WTERMSIG(status) == SIGALRM)
		snprintf(text, sizeof(text), "no answer within %u s (--timeout)",
			 r->timeout);
	else if (ended > 0)
		snprintf(text, sizeof(text), "reading it was ended by signal %d",
			 WTERMSIG(status));
	else if (child > 0)
		snprintf(text, sizeof(text), "it is not known how reading it ended");
	else
		snprintf(text, sizeof(text), "no process could be started");
	collect_error(errors, text);
	print_line(out, vmcore, ended > 0 ? STATUS_SIGNAL + WTERMSIG(status) : CLI_FAILED,
		   errors, NULL);
	return CLI_FAILED;
}

/* False: the arguments are wrong, for every dump. */
static bool add_dump(const struct cli_request *r, const char *vmcore, FILE *out,
		     enum cli_status *all)
{
	enum cli_status st = answer_apart(r, vmcore, out);

	if (st == CLI_USAGE)
		*all = st;
	else if (st != CLI_OK && *all != CLI_FAILED)
		*all = st == CLI_DOUBT ? CLI_DOUBT : CLI_FAILED;
	return st != CLI_USAGE;
}

enum cli_status cli_batch(const struct cli_request *r, char *const *dumps, FILE *out)
{
	enum cli_status all = CLI_OK;

	while (*dumps && add_dump(r, *dumps, out, &all))
		dumps++;
	return all;
}

enum cli_status cli_batch_list(const struct cli_request *r, FILE *list, FILE *out)
{
	enum cli_status all = CLI_OK;
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, list) > 0) {
		line[strcspn(line, "\n")] = 0;
		if (*line && !add_dump(r, line, out, &all))
			break;
	}
	free(line);
	return all;
}
