/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/temp.h"
#include "flattened.h"
#include "foreign.h"
#include "header.h"
#include "machine.h"
#include "kcore.h"

/* A file without a name, in which the dump is put in order. */
static int unflatten(int fd, const char *path, bool *cut, char *error, size_t size)
{
	const char *dir = stk_temp_dir();
	enum stk_status st;
	int to = stk_temp_open();

	if (to < 0) {
		snprintf(error, size,
			 "%s: flattened; to put it in order takes room in %s: %s", path,
			 dir, strerror(errno));
		return -1;
	}
	st = stk_unflatten(fd, to, cut);
	if (!st)
		return to;
	if (st == STK_ERR_IO)
		snprintf(error, size, "%s: flattened; cannot put it in order in %s: %s",
			 path, dir, strerror(errno));
	else
		snprintf(error, size, "%s: flattened: %s", path, stk_status_text(st));
	close(to);
	return -1;
}

/* Why @fd can be no dump; NULL: it may be one. @text: room for it. */
static const char *refusal(int fd, const struct stat *sb, char *text, size_t size)
{
	if (S_ISDIR(sb->st_mode))
		return "is a directory";
	if (!S_ISREG(sb->st_mode) && !S_ISBLK(sb->st_mode))
		return S_ISFIFO(sb->st_mode) || S_ISSOCK(sb->st_mode)
			       ? "is a pipe, not seekable: write it to a file first"
			       : "is not seekable: a dump is a file, or a disk";
	if (S_ISREG(sb->st_mode) && !sb->st_size)
		return "the file is empty";
	return stk_is_foreign(fd, text, size) ? text : NULL;
}

/* Without a header there is nothing in it to be wrong. */
static const char *check_header(struct stk_files *f, int fd)
{
	const char *why;
	uint64_t size;
	struct stat sb;

	/* The headers of /proc/kcore are the kernel's, and its size means nothing. */
	if (f->memory || fstat(fd, &sb) || !S_ISREG(sb.st_mode) || stk_is_kcore(fd))
		return NULL;
	size = (uint64_t)sb.st_size;
	why = stk_header_problem(fd, size);
	f->cut |= !why && size < stk_dump_size(fd);
	return why;
}

static int open_one(struct stk_files *f, const char *path, char *error, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *why;
	char text[300];
	struct stat sb;

	if (fd < 0 || fstat(fd, &sb))
		why = strerror(errno);
	else
		why = refusal(fd, &sb, text, sizeof(text));
	if (!why && !f->memory && stk_is_flattened(fd)) {
		bool cut;
		int to = unflatten(fd, path, &cut, error, size);

		close(fd);
		if (to < 0)
			return -1;
		fd = to;
		f->cut |= cut;
	}
	if (!why)
		why = check_header(f, fd);
	if (!why)
		return fd;
	snprintf(error, size, "%s: %s", path, why);
	/* Of -1 it does nothing. */
	close(fd);
	return -1;
}

/* Memory without a header: one file, in which nothing is looked for. */
static enum stk_status add_image(struct stk_files *f, const char *path, char *error,
				 size_t size)
{
	int fd = open_one(f, path, error, size);

	if (fd < 0)
		return STK_ERR_IO;
	f->fd[f->nr++] = fd;
	return STK_OK;
}

static enum stk_status add_file(struct stk_files *f, const char *path, char *error,
				size_t size)
{
	struct stk_part part;
	uint16_t machine;
	int fd;

	if (f->nr == STK_MAX_FILES) {
		snprintf(error, size, "more than %u files", STK_MAX_FILES);
		return STK_ERR_ARG;
	}
	fd = open_one(f, path, error, size);
	if (fd < 0)
		return STK_ERR_IO;
	f->incomplete |= stk_is_incomplete(fd);
	machine = stk_header_machine(fd);
	/* Files of several machines are no dump. */
	f->machine = !f->nr || machine == f->machine ? machine : STK_MACHINE_UNKNOWN;
	if (!stk_is_part(fd, &part)) {
		f->fd[f->nr++] = fd;
		return STK_OK;
	}
	f->all = part.all;
	/* libkdumpfile 0.5.1 reads wild memory for a part that has no page. */
	if (part.begin >= part.end) {
		close(fd);
		return STK_OK;
	}
	f->covered += part.end - part.begin;
	f->fd[f->nr++] = fd;
	return STK_OK;
}

static enum stk_status add_all(struct stk_files *f, const char *paths, char *error,
			       size_t size)
{
	char *copy = strdup(paths), *save = NULL;
	enum stk_status st = STK_OK;

	if (!copy) {
		snprintf(error, size, "%s", stk_status_text(STK_ERR_NOMEM));
		return STK_ERR_NOMEM;
	}
	for (char *part = strtok_r(copy, ",", &save); part && !st;
	     part = strtok_r(NULL, ",", &save))
		st = add_file(f, part, error, size);
	free(copy);
	return st;
}

enum stk_status stk_files_open(struct stk_files *f, const char *path,
			       const struct stk_ranges *memory, char *error, size_t size)
{
	enum stk_status st;

	memset(f, 0, sizeof(*f));
	f->memory = memory;
	/* A name may have commas in it: then it is that of a file. */
	if (memory)
		st = add_image(f, path, error, size);
	else
		st = !strchr(path, ',') || !access(path, F_OK)
			     ? add_file(f, path, error, size)
			     : add_all(f, path, error, size);
	if (!st && !f->nr) {
		snprintf(error, size, "%s: %s", path,
			 f->all ? "a part of a split dump, without a page: name all of "
				  "them, with commas between"
				: "empty file name");
		st = STK_ERR_IO;
	}
	if (st) {
		stk_files_close(f);
		return st;
	}
	f->live = !memory && stk_is_kcore(f->fd[0]);
	f->part = f->covered < f->all;
	return STK_OK;
}

uint64_t stk_files_size(const struct stk_files *f)
{
	uint64_t all = 0;
	struct stat sb;

	for (size_t i = 0; i < f->nr; i++)
		if (!fstat(f->fd[i], &sb))
			all += S_ISREG(sb.st_mode) ? stk_stored_size(&sb)
						   : stk_files_length(f);
	return all;
}

uint64_t stk_files_length(const struct stk_files *f)
{
	/* A file, or a disk: nothing else was opened. */
	return (uint64_t)lseek(f->fd[0], 0, SEEK_END);
}

void stk_files_close(struct stk_files *f)
{
	while (f->nr)
		close(f->fd[--f->nr]);
}
