/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stackof on text: an oops, a dump of registers, a log. Any bytes may come, of any
 * length, from a file, a terminal or the middle of crash's own input.
 */
#include "stackof.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../arch/arch.h"
#include "../render/render.h"
#include "../base/context.h"

/* A longer line is cut at the next end of a word. */
#define LINE_SIZE 4096u
#define CUT_SIZE  (LINE_SIZE + 64)
#define TEXT_MAX  (64u * 1024 * 1024)
#define MAX_WORDS (CUT_SIZE / 4)

/* The kernel returns errors as the last 4095 "addresses" (include/linux/err.h). */
#define FIRST_ERROR ((uint64_t)-4095)

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/*
 * The next word that can be an address: 16 digits, as %p and %px print them, or any
 * number with 0x that is no offset or size of a function (foo+0x12/0x34).
 */
static bool next_word(const char *line, size_t len, size_t *at, uint64_t *value)
{
	while (*at < len) {
		size_t begin, end;
		char word[24];

		for (begin = *at; begin < len && !in_word(line[begin]); begin++)
			;
		for (end = begin; end < len && in_word(line[end]); end++)
			;
		*at = end;
		if (begin == end || end - begin >= sizeof(word) ||
		    (begin && strchr("+/", line[begin - 1])))
			continue;
		memcpy(word, line + begin, end - begin);
		word[end - begin] = '\0';
		if ((end - begin == 16 || !strncmp(word, "0x", 2)) &&
		    stk_parse_hex(word, value))
			return true;
	}
	return false;
}

/* -v: numbers that are no address of the kernel, too. */
static bool is_wanted_value(struct stackof *o, uint64_t value)
{
	return o->opt.verbose ||
	       (o->cmd->s->arch->is_kernel_address(value) && value < FIRST_ERROR);
}

static bool is_noise(struct stackof *o, const struct stk_place *p)
{
	return !o->opt.verbose && p->region_kind == STK_REGION_INVALID;
}

static bool told_before(const uint64_t *told, size_t nr, uint64_t value)
{
	while (nr)
		if (told[--nr] == value)
			return true;
	return false;
}

static struct json_object *json_line(const char *line, size_t len)
{
	struct json_object *o = json_object_new_object();
	char *text = NULL;
	size_t size;
	FILE *fp = open_memstream(&text, &size);

	if (fp) {
		stk_text_safe(fp, line, len);
		fclose(fp);
	}
	json_object_object_add(o, "text", text ? json_object_new_string(text) : NULL);
	free(text);
	return o;
}

void stk_stackof_line(struct stackof *o, const char *line, size_t len)
{
	const struct stk_text_options brief = { .brief = true };
	struct json_object *doc = NULL, *list = NULL;
	uint64_t value, told[MAX_WORDS];
	size_t at = 0, nr = 0;
	FILE *out = o->cmd->out;

	if (o->a.list) {
		doc = json_line(line, len);
		list = json_object_new_array();
		json_object_object_add(doc, "addresses", list);
		json_object_array_add(o->a.list, doc);
	} else {
		stk_text_safe(out, line, len);
		fputc('\n', out);
	}
	while (next_word(line, len, &at, &value)) {
		struct stk_place place;

		if (!is_wanted_value(o, value) || told_before(told, nr, value) ||
		    nr == MAX_WORDS)
			continue;
		told[nr++] = value;
		if (!stk_stackof_classify(o, value, &place))
			return;
		if (is_noise(o, &place))
			continue;
		if (list) {
			json_object_array_add(list, stk_json_place(o->cmd->s, &place));
			continue;
		}
		fprintf(out, "    ");
		stk_text_place(o->cmd->s, out, &place, &brief);
	}
}

/* ---- where it comes from ---- */

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

/* False at the end. */
static bool next_line(struct stackof *o, struct input *in, char *line, size_t *len)
{
	int c;

	*len = 0;
	while ((c = next_char(o, in)) != EOF && c != '\n') {
		line[(*len)++] = (char)c;
		if (*len == CUT_SIZE || (*len > LINE_SIZE && !in_word((char)c)))
			return true;
	}
	if (*len && line[*len - 1] == '\r')
		--*len;
	return c == '\n' || (*len && !in->error);
}

static void read_lines(struct stackof *o, struct input *in, const char *name, bool paste)
{
	char line[CUT_SIZE];
	size_t len;

	while (!o->a.stop && next_line(o, in, line, &len) && (len || !paste)) {
		/* How much text there is was not the dump's choice. */
		stk_budget_refill(&o->cmd->s->budget);
		stk_stackof_line(o, line, len);
		o->a.stop = o->a.stop || stk_interrupted(o->cmd->s);
	}
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
		read_lines(o, in, standard ? "standard input" : path,
			   standard && o->cmd->paste);
		if (!standard)
			close(in->fd);
	}
	free(in);
}

/* What a function prints, line by line. */
static void annotate_line(struct stackof *o, char *text, size_t size)
{
	char *end;

	for (char *p = text; !o->a.stop && (end = memchr(p, '\n', size)); p = end + 1) {
		stk_stackof_line(o, p, (size_t)(end - p));
		size -= (size_t)(end + 1 - p);
	}
}

static bool log_record(void *ctx, const struct stk_log_record *record)
{
	struct stackof *o = ctx;
	char *text = NULL;
	size_t size = 0;
	FILE *fp = open_memstream(&text, &size);

	if (fp) {
		stk_text_record(fp, record, false);
		fclose(fp);
		annotate_line(o, text, size);
	}
	free(text);
	return !o->a.stop;
}

void stk_stackof_log(struct stackof *o)
{
	enum stk_status st = stk_log(o->cmd->s, log_record, o);

	if (st && !o->a.stop)
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
		annotate_line(o, text, size);
	}
	free(text);
}
