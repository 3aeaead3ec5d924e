/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the text of stackof comes from: a file, a terminal, the middle of crash's own
 * input, the dump's log, registers.
 */
#include "stackof.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/context.h"
#include "../render/render.h"

#define TEXT_MAX (64u * 1024 * 1024)
#define PAUSE_MS 50

/*
 * SIGINT is blocked while a command runs inside crash: so wait where it can be polled
 * for. Where crash's own commands come by stdio, so must what follows them.
 */
struct input {
	int fd;
	FILE *stream; /* instead of fd */
	char buf[65536];
	size_t at, nr, total;
	const char *error;
};

static bool wait_for(struct stackof *o, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (!stk_interrupted(o->cmd->s)) {
		int n = poll(&p, 1, 100);

		if (n > 0 || (n < 0 && errno != EINTR))
			return true;
	}
	return false;
}

static int next_char(struct stackof *o, struct input *in)
{
	ssize_t n;

	if (++in->total > TEXT_MAX) {
		in->error = "too long: the first 64 MiB were read";
		return EOF;
	}
	if (in->stream)
		return getc(in->stream);
	if (in->at < in->nr)
		return (unsigned char)in->buf[in->at++];
	if (!wait_for(o, in->fd)) {
		in->error = "interrupted";
		return EOF;
	}
	n = read(in->fd, in->buf, sizeof(in->buf));
	if (n < 0)
		in->error = strerror(errno);
	if (n <= 0)
		return EOF;
	in->nr = (size_t)n;
	in->at = 1;
	return (unsigned char)in->buf[0];
}

/* Has all been read that was pasted in one go? Only a terminal has pauses. */
static bool is_pause(const struct input *in)
{
	struct pollfd p = { .fd = in->fd, .events = POLLIN };

	return !in->stream && in->at == in->nr && isatty(in->fd) &&
	       poll(&p, 1, PAUSE_MS) == 0;
}

/*
 * Lines up to a pause, the end, or with @paste an empty line. @text: gets them, to be
 * freed; false: there will be no more.
 */
static bool read_text(struct stackof *o, struct input *in, bool paste, char **text,
		      size_t *size)
{
	size_t begin = 0, end = 0; /* of this line */
	bool empty = true, last = false;
	int c;
	FILE *fp = open_memstream(text, size);

	if (!fp) {
		in->error = "out of memory";
		return false;
	}
	while (!last && (c = next_char(o, in)) != EOF) {
		fputc(c, fp);
		end++;
		if (c != '\n') {
			empty &= c == '\r';
			continue;
		}
		last = paste && empty;
		if (!last)
			begin = end;
		if (is_pause(in))
			break;
		empty = true;
	}
	if (fclose(fp)) {
		in->error = "out of memory";
		return false;
	}
	/* The line that ends a paste is none of it. */
	if (last)
		*size = begin;
	return c != EOF && !last;
}

/*
 * To who sits before a terminal and would see nothing happen. Not as part of the answer,
 * which goes elsewhere, or inside crash is printed when all of it is there.
 */
static void prompt(const struct stackof *o, const struct input *in)
{
	if (!in->stream && isatty(in->fd) && isatty(STDERR_FILENO))
		fprintf(stderr, "stackof: paste or type text; %sCtrl-D ends it\n",
			o->cmd->paste ? "an empty line or " : "");
}

static void read_all(struct stackof *o, struct input *in, const char *name, bool paste)
{
	char *text = NULL;
	size_t size = 0;
	bool more;

	prompt(o, in);
	do {
		more = read_text(o, in, paste, &text, &size);
		if (text && !stk_interrupted(o->cmd->s))
			stk_stackof_text(o, text, size);
		free(text);
		text = NULL;
	} while (more && !o->a.stop);
	o->a.stop |= stk_interrupted(o->cmd->s);
	stk_stackof_text_end(o);
	if (in->error || stk_interrupted(o->cmd->s))
		o->a.res = stk_complain(o->cmd, "%s: %s", name,
					in->error ? in->error : "interrupted");
}

void stk_stackof_file(struct stackof *o, const char *path)
{
	struct input *in = calloc(1, sizeof(*in));
	bool standard = !strcmp(path, "-");

	if (!in) {
		o->a.res = stk_complain(o->cmd, "out of memory");
		return;
	}
	if (!standard) {
		/* Not to block for ever on a FIFO that nobody writes to. */
		in->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	} else if (o->cmd->paste && !isatty(STDIN_FILENO)) {
		in->stream = stdin;
	}
	if (in->fd < 0) {
		o->a.res = stk_complain(o->cmd, "%s: %s", path, strerror(errno));
	} else {
		read_all(o, in, standard ? "standard input" : path,
			 standard && o->cmd->paste);
		if (!standard)
			close(in->fd);
	}
	free(in);
}

static bool log_record(void *ctx, const struct stk_log_record *record)
{
	struct stackof *o = ctx;
	char *text = NULL;
	size_t size = 0;
	FILE *fp = open_memstream(&text, &size);

	if (fp) {
		stk_text_record(fp, record, false, 0);
		fclose(fp);
		stk_stackof_lines(o, text, size);
	}
	free(text);
	return !o->a.stop;
}

void stk_stackof_log(struct stackof *o)
{
	enum stk_status st = stk_log(o->cmd->s, log_record, o);

	if (stk_interrupted(o->cmd->s)) {
		o->a.res = stk_complain(o->cmd, "interrupted");
		o->a.stop = true;
	}
	if (!st)
		stk_stackof_text_end(o);
	else if (!o->a.stop)
		o->a.res = stk_complain(o->cmd, "%s", stk_reason(o->cmd->s, st));
}

void stk_stackof_regs(struct stackof *o)
{
	char *text = NULL;
	size_t size = 0;
	FILE *fp = open_memstream(&text, &size);

	if (fp) {
		stk_text_regs(o->cmd->s, fp, &o->start.regs);
		fclose(fp);
		stk_stackof_lines(o, text, size);
	}
	free(text);
}
