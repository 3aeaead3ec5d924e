/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "../base/memstream.h"

#define TEXT_MAX (64u * 1024 * 1024)
#define PAUSE_MS 50

/*
 * SIGINT is blocked while a command runs inside crash: so wait where it can be polled
 * for. Where crash's own commands come by stdio, so must what follows them.
 */
struct input {
	struct stk_command *cmd;
	bool pieces;
	int fd;
	FILE *stream; /* instead of fd */
	char buf[65536];
	size_t at, nr, total;
	const char *error;
};

static bool wait_for(const struct input *in)
{
	struct pollfd p = { .fd = in->fd, .events = POLLIN };

	while (!stk_command_interrupted(in->cmd)) {
		int n = poll(&p, 1, 100);

		if (n > 0 || (n < 0 && errno != EINTR))
			return true;
	}
	return false;
}

static int read_char(struct input *in)
{
	ssize_t n;

	if (in->stream)
		return getc(in->stream);
	if (in->at < in->nr)
		return (unsigned char)in->buf[in->at++];
	if (!wait_for(in)) {
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

static int next_char(struct input *in)
{
	const int c = read_char(in);

	if (c == EOF || ++in->total <= TEXT_MAX)
		return c;
	in->error = "too long: the first 64 MiB were read";
	return EOF;
}

/* Has all been read that was pasted in one go? Only a terminal has pauses. */
static bool is_pause(const struct input *in)
{
	struct pollfd p = { .fd = in->fd, .events = POLLIN };

	return in->pieces && in->at == in->nr && isatty(in->fd) &&
	       poll(&p, 1, PAUSE_MS) == 0;
}

/*
 * Lines up to a pause, the end, or with @paste an empty line. @text: gets them, to be
 * freed; false: there will be no more.
 */
static bool read_text(struct input *in, bool paste, char **text, size_t *size)
{
	size_t begin = 0, end = 0; /* of this line */
	bool empty = true, last = false;
	int c;
	FILE *fp = open_memstream(text, size);

	if (!fp) {
		in->error = "out of memory";
		return false;
	}
	while (!last && (c = next_char(in)) != EOF) {
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
	if (!stk_memstream_end(fp, text)) {
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
static void prompt(const struct input *in, const char *who)
{
	if (!in->stream && isatty(in->fd) && isatty(STDERR_FILENO))
		fprintf(stderr, "%s: paste or type text; %sCtrl-D ends it\n", who,
			in->cmd->paste ? "an empty line or " : "");
}

static enum stk_command_result read_all(struct input *in, const char *name, bool paste,
					stk_input_fn *fn, void *ctx)
{
	char *text = NULL;
	size_t size = 0;
	bool more;

	do {
		more = read_text(in, paste, &text, &size);
		/* What could be read counts, even if not all could. */
		if (text && (size || !in->error) && !stk_command_interrupted(in->cmd) &&
		    !fn(ctx, text, size))
			more = false;
		free(text);
		text = NULL;
	} while (more);
	if (!in->error && !stk_command_interrupted(in->cmd))
		return STK_CMD_OK;
	return stk_complain(in->cmd, "%s: %s", name,
			    in->error ? in->error : "interrupted");
}

enum stk_command_result stk_input_read(struct stk_command *cmd, const char *who,
				       const char *path, bool pieces, stk_input_fn *fn,
				       void *ctx)
{
	struct input *in = calloc(1, sizeof(*in));
	bool standard = !strcmp(path, "-");
	enum stk_command_result res;

	if (!in)
		return stk_complain(cmd, "out of memory");
	in->cmd = cmd;
	in->pieces = pieces;
	if (!standard) {
		/* Not to block for ever on a FIFO that nobody writes to. */
		in->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	} else if (cmd->paste && !isatty(STDIN_FILENO)) {
		in->stream = stdin;
	}
	if (in->fd < 0) {
		res = stk_complain(cmd, "%s: %s", path, strerror(errno));
	} else {
		prompt(in, who);
		res = read_all(in, standard ? "standard input" : path,
			       standard && cmd->paste, fn, ctx);
		if (!standard)
			close(in->fd);
	}
	free(in);
	return res;
}
