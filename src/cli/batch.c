/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many dumps, each in a process of its own: what one of them does to the reader, or to
 * its memory, is not the others' trouble. A line of JSON each, in the order of the list:
 *
 *   {"dump": PATH, "status": 0, "errors": [TEXT...], "answer": DOCUMENT}
 *
 * status is what the command would end with for that dump alone; answer is null when
 * there is none. A dump that takes longer than it may is given up; where the time of the
 * batch itself is limited, it ends before that is up, and says with which dump. Where
 * several are read at once each line waits in a file without a name until those before it
 * are printed; one for which there is no room is asked for again when its turn has come.
 * Where the batch's own lines cannot be written it ends: the next ones could not be
 * either.
 */
#include "cli.h"

#include <errno.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/safe.h"
#include "../base/temp.h"
#include "../commands/answer.h"
#include "../render/json_add.h"
#include "batch_time.h"

/* A child that died cannot say so itself. */
#define STATUS_SIGNAL 128

/* What else a child ends with: its line is not written, and for its own file or the
 * batch's there is no room; or it had no memory to begin one. */
enum { LINE_LOST = 64, LINE_NONE };

static void collect_error(void *errors, const char *text)
{
	stk_json_append(errors, json_object_new_string(text));
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

	stk_json_add(line, "dump", json_path(vmcore));
	stk_json_add(line, "status", json_object_new_int(status));
	stk_json_add(line, "errors", errors);
	printed = stk_json_print(out, line, "answer", answer);
	json_object_put(line);
	return !fflush(out) && !ferror(out) && printed;
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
static int answer_dump(const struct cli_request *r, const char *vmcore, FILE *out)
{
	struct json_object *errors = json_object_new_array();
	struct stk_spool answer;
	enum cli_status st;
	bool has_answer, printed;
	char text[300];

	if (!errors || !stk_spool_open(&answer))
		return LINE_NONE;
	st = cli_run(r, vmcore, answer.fp, collect_error, errors);
	/* The reader's time, from here on: half a line is worse than a late one. */
	alarm(0);
	if (st == CLI_USAGE) {
		refuse_all(r->command, errors);
		json_object_put(errors);
		stk_spool_close(&answer);
		return (int)st;
	}
	has_answer = stk_spool_is_whole(&answer);
	if (!has_answer) {
		snprintf(text, sizeof(text), STK_NO_ROOM, stk_temp_dir());
		collect_error(errors, text);
		st = CLI_FAILED;
	}
	has_answer = has_answer && !stk_spool_is_empty(&answer);
	printed = print_line(out, vmcore, st, errors, has_answer ? &answer : NULL);
	stk_spool_close(&answer);
	return printed ? (int)st : ferror(out) ? LINE_LOST : LINE_NONE;
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
	return answer_dump(r, vmcore, out);
}

/* A dump that a child answers for. */
struct answering {
	const char *vmcore;
	pid_t child; /* negative: it could not be started */
	FILE *out;   /* where the child writes; the batch's own, or a file of its own */
	char *name;  /* @vmcore, if it must be freed */
};

/* The dumps that are asked at once; in their order, from @first on. */
struct batch {
	const struct cli_request *r;
	FILE *out;
	enum cli_status all;
	bool refused; /* the arguments are wrong, for every dump */
	bool full;    /* no line can be written any more */
	struct answering of[CLI_MAX_JOBS];
	unsigned int first, nr;
	bool any; /* one has answered */
};

/* Several write at once, each to a file of its own. NULL: to the batch's, one by one. */
static FILE *file_apart(const struct batch *b)
{
	int fd = b->r->jobs > 1 && b->any ? stk_temp_open() : -1;
	FILE *fp = fd < 0 ? NULL : fdopen(fd, "w+");

	if (!fp && fd >= 0)
		close(fd);
	return fp;
}

/* What the child wrote. False: it cannot be read, or written. */
static bool copy_line(FILE *from, FILE *to)
{
	char piece[8192];
	size_t got;

	rewind(from);
	while ((got = fread(piece, 1, sizeof(piece), from)) > 0)
		fwrite(piece, 1, got, to);
	return !ferror(from) && !fflush(to) && !ferror(to);
}

/*
 * What the child runs. Nobody waits for its answer when the batch is ended; of the
 * descriptors that there may be it needs its own.
 */
static int run_child(const struct batch *b, const struct answering *a, pid_t batch)
{
	int status;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != batch)
		return CLI_FAILED;
	for (unsigned int i = 0; i < b->nr; i++) {
		const FILE *out = b->of[(b->first + i) % CLI_MAX_JOBS].out;

		if (out != b->out && out != a->out)
			close(fileno((FILE *)(uintptr_t)out));
	}
	status = answer_in_child(b->r, a->vmcore, a->out);
	if (status == LINE_LOST && a->out == b->out)
		cli_complain_unwritten(errno);
	return status;
}

static void start_child(struct batch *b, struct answering *a)
{
	const pid_t batch = getpid();

	fflush(b->out);
	a->child = fork();
	if (!a->child)
		_exit(run_child(b, a, batch));
}

static enum cli_status tell_end(struct batch *b, const char *vmcore, int status,
				const char *text)
{
	struct json_object *errors = json_object_new_array();

	collect_error(errors, text);
	print_line(b->out, vmcore, status, errors, NULL);
	return CLI_FAILED;
}

/* The line of a dump whose child could not write one, and had @used that much. */
static enum cli_status tell_signal(struct batch *b, const char *vmcore, int sig,
				   const struct rusage *used)
{
	const unsigned int seconds =
		sig == SIGXCPU || sig == SIGKILL ? cli_time_was_up(used) : 0;
	char text[80];

	if (seconds)
		snprintf(text, sizeof(text),
			 "no answer within %u s of CPU time (ulimit -t)", seconds);
	else if (sig == SIGALRM)
		snprintf(text, sizeof(text), "no answer within %u s (--timeout)",
			 b->r->timeout);
	else
		snprintf(text, sizeof(text), "reading it was ended by signal %d", sig);
	return tell_end(b, vmcore, STATUS_SIGNAL + sig, text);
}

/* Wait for a child, and print its line. */
static int end_child(struct batch *b, const struct answering *a)
{
	struct rusage used;
	pid_t ended = -1;
	int status = 0;

	while (a->child > 0 && (ended = wait4(a->child, &status, 0, &used)) < 0 &&
	       errno == EINTR)
		;
	if (b->full)
		return CLI_FAILED;
	if (ended < 0)
		return tell_end(b, a->vmcore, CLI_FAILED,
				a->child > 0 ? "it is not known how reading it ended"
					     : "no process could be started");
	if (!WIFEXITED(status))
		return tell_signal(b, a->vmcore, WTERMSIG(status), &used);
	if (WEXITSTATUS(status) == LINE_NONE)
		return tell_end(b, a->vmcore, CLI_FAILED, "out of memory");
	if (WEXITSTATUS(status) != LINE_LOST && a->out != b->out &&
	    !copy_line(a->out, b->out) && !ferror(b->out))
		return LINE_LOST;
	return WEXITSTATUS(status);
}

static enum cli_status end_first(struct batch *b)
{
	struct answering *a = &b->of[b->first];
	int st;

	if (b->full && a->child > 0)
		kill(a->child, SIGKILL);
	st = end_child(b, a);
	if (a->out != b->out)
		fclose(a->out);
	if (st == LINE_LOST && a->out != b->out) {
		a->out = b->out;
		start_child(b, a);
		st = end_child(b, a);
	}
	/* By the child it is told, else by who closes the file. */
	if (st == LINE_LOST || ferror(b->out)) {
		b->full = true;
		st = CLI_FAILED;
	}
	free(a->name);
	b->first = (b->first + 1) % CLI_MAX_JOBS;
	b->nr--;
	b->any = true;
	return (enum cli_status)st;
}

static void take_status(struct batch *b, enum cli_status st)
{
	if (st == CLI_USAGE) {
		b->refused = true;
		b->all = st;
	} else if (st != CLI_OK && b->all != CLI_FAILED && !b->refused) {
		b->all = st == CLI_DOUBT ? CLI_DOUBT : CLI_FAILED;
	}
}

static void end_all(struct batch *b, unsigned int but)
{
	while (b->nr > but)
		take_status(b, end_first(b));
}

/* Is there for one more? False: complained. */
static bool has_time(struct batch *b, const char *vmcore)
{
	char name[200], text[300];

	if (!cli_time_is_up())
		return true;
	end_all(b, 0);
	snprintf(text, sizeof(text),
		 "no CPU time is left (ulimit -t); not read from here on: %s",
		 stk_safe_text(name, sizeof(name), vmcore));
	cli_complain_here((void *)(uintptr_t) "stackinfo", text);
	take_status(b, CLI_FAILED);
	return false;
}

/*
 * @name: to be freed, or NULL. The first one is asked alone: if the arguments are wrong,
 * it tells so, for all of them. False: they are, nothing can be written, or there is no
 * time.
 */
static bool add_dump(struct batch *b, const char *vmcore, char *name)
{
	struct answering *a;
	FILE *apart;

	if (!has_time(b, vmcore)) {
		free(name);
		return false;
	}
	apart = file_apart(b);
	end_all(b, apart ? b->r->jobs - 1 : 0);
	a = &b->of[(b->first + b->nr++) % CLI_MAX_JOBS];
	*a = (struct answering){ vmcore, -1, apart ? apart : b->out, name };
	start_child(b, a);
	if (!apart)
		end_all(b, 0);
	return !b->refused && !b->full;
}

enum cli_status cli_batch(const struct cli_request *r, char *const *dumps, FILE *out)
{
	struct batch b = { .r = r, .out = out };

	while (*dumps && add_dump(&b, *dumps, NULL))
		dumps++;
	end_all(&b, 0);
	return b.all;
}

enum cli_status cli_batch_list(const struct cli_request *r, FILE *list, FILE *out)
{
	struct batch b = { .r = r, .out = out };
	const char *error = NULL;
	char *name;

	while ((name = cli_next_name(list, &error)) && add_dump(&b, name, name))
		;
	end_all(&b, 0);
	if (!error)
		return b.all;
	fprintf(stderr, "stackinfo: the list of dumps: %s\n", error);
	return CLI_FAILED;
}
