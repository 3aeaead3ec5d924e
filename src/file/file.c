/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flattened.h"
#include "header.h"
#include "machine.h"
#include "kcore.h"

/* Files that people take for dumps, by how they begin. */
static const struct {
	const char *magic;
	size_t size;
	const char *what;
} no_dump[] = {
#define BEGINS(magic) magic, sizeof(magic) - 1
	{ BEGINS("\x1f\x8b"), "compressed with gzip: unpack it first (gunzip -k)" },
	{ BEGINS("\xfd"
		 "7zXZ\0"),
	  "compressed with xz: unpack it first (unxz -k)" },
	{ BEGINS("\x5d\0\0"), "compressed with lzma: unpack it first (unlzma -k)" },
	{ BEGINS("\x28\xb5\x2f\xfd"),
	  "compressed with zstd: unpack it first (unzstd -k)" },
	{ BEGINS("BZh"), "compressed with bzip2: unpack it first (bunzip2 -k)" },
	{ BEGINS("\x04\x22\x4d\x18"), "compressed with lz4: unpack it first (unlz4 -k)" },
	{ BEGINS("PK\3\4"), "a zip archive: unpack it first" },
	{ BEGINS("LibvirtQemudSave"),
	  "a saved virtual machine: virsh dump --memory-only makes one that can be read" },
	{ BEGINS("QEVM"),
	  "a migration stream of QEMU (virsh dump without --memory-only?): no registers and "
	  "memory that could be read without QEMU" },
#undef BEGINS
};

/* What a file that cannot be a dump is; NULL: it may be one. */
static const char *is_no_dump(int fd)
{
	unsigned char head[16] = { 0 };
	ssize_t got = pread(fd, head, sizeof(head), 0);

	for (size_t i = 0; i < sizeof(no_dump) / sizeof(no_dump[0]); i++)
		if (got >= (ssize_t)no_dump[i].size &&
		    !memcmp(head, no_dump[i].magic, no_dump[i].size))
			return no_dump[i].what;
	return NULL;
}

/* A file without a name, in which the dump is put in order. */
static int unflatten(int fd, const char *path, bool *cut, char *error, size_t size)
{
	const char *dir = getenv("TMPDIR");
	enum stk_status st;
	int to;

	dir = dir && *dir ? dir : "/var/tmp";
	to = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
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

/* Why @path, open as @fd, can be no dump; NULL: it may be one. */
static const char *refusal(int fd, const struct stat *sb)
{
	if (S_ISDIR(sb->st_mode))
		return "is a directory";
	if (!S_ISREG(sb->st_mode) && !S_ISBLK(sb->st_mode))
		return "is not seekable";
	if (S_ISREG(sb->st_mode) && !sb->st_size)
		return "the file is empty";
	return is_no_dump(fd);
}

static int open_one(const char *path, bool *cut, char *error, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), to;
	const char *why = NULL;
	struct stat sb;

	if (fd < 0 || fstat(fd, &sb)) {
		why = strerror(errno);
	} else {
		why = refusal(fd, &sb);
		if (!why && stk_is_flattened(fd)) {
			bool flat_cut = false;

			to = unflatten(fd, path, &flat_cut, error, size);
			close(fd);
			if (to < 0)
				return -1;
			fd = to;
			*cut |= flat_cut;
			if (fstat(fd, &sb))
				why = strerror(errno);
		}
	}
	/* The headers of /proc/kcore are the kernel's, and its size means nothing. */
	if (!why && S_ISREG(sb.st_mode) && !stk_is_kcore(fd)) {
		why = stk_header_problem(fd, (uint64_t)sb.st_size);
		*cut |= !why && (uint64_t)sb.st_size < stk_dump_size(fd);
	}
	if (!why)
		return fd;
	snprintf(error, size, "%s: %s", path, why);
	if (fd >= 0)
		close(fd);
	return -1;
}

static enum stk_status add(struct stk_files *f, const char *path, char *error,
			   size_t size)
{
	struct stk_part part;
	uint16_t machine;
	int fd;

	if (f->nr == STK_MAX_FILES) {
		snprintf(error, size, "more than %u files", STK_MAX_FILES);
		return STK_ERR_ARG;
	}
	fd = open_one(path, &f->cut, error, size);
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
		st = add(f, part, error, size);
	free(copy);
	return st;
}

enum stk_status stk_files_open(struct stk_files *f, const char *path, char *error,
			       size_t size)
{
	enum stk_status st;

	memset(f, 0, sizeof(*f));
	/* A name may have commas in it: then it is that of a file. */
	st = !strchr(path, ',') || !access(path, F_OK) ? add(f, path, error, size)
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
	f->live = stk_is_kcore(f->fd[0]);
	f->part = f->covered < f->all;
	return STK_OK;
}

void stk_files_close(struct stk_files *f)
{
	while (f->nr)
		close(f->fd[--f->nr]);
}
