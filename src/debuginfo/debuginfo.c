/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "debuginfo.h"

#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../file/elf_type.h"
#include "cfi.h"
#include "elf_file.h"
#include "lines.h"

#define MAX_PATHS 64u

struct stk_debuginfo {
	struct stk_find find;
	char *path[MAX_PATHS];
	struct stk_elf *kernel; /* or NULL */
	struct stk_elf *modules;
	struct stk_symtab *symtab; /* the kernel's, when they were asked for */
	struct stk_types *types;
};

struct stk_debuginfo *stk_debuginfo_new(void)
{
	struct stk_debuginfo *d = calloc(1, sizeof(*d));

	if (d)
		d->find = (struct stk_find){ .path = d->path, .root = "" };
	return d;
}

void stk_debuginfo_free(struct stk_debuginfo *d)
{
	struct stk_elf *next;

	if (!d)
		return;
	stk_types_free(d->types);
	stk_symtab_free(d->symtab);
	for (struct stk_elf *i = d->modules; i; i = next) {
		next = i->next;
		stk_elf_free(i);
	}
	stk_elf_free(d->kernel);
	for (size_t i = 0; i < d->find.nr; i++)
		free(d->path[i]);
	free(d);
}

/*
 * A folder, or a file that the linker has not made: of a module, or not of ELF. @error:
 * why it cannot be opened, or 0.
 */
static bool is_of_modules(const char *path, int *error)
{
	const char *slash = strrchr(path, '/');
	struct stat sb;
	int type = -1;
	/* A FIFO would wait for its writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool folder;

	*error = fd < 0 || fstat(fd, &sb) ? errno : 0;
	folder = !*error && S_ISDIR(sb.st_mode);
	if (!*error && !folder)
		type = stk_elf_type(fd);
	if (fd >= 0)
		close(fd);
	if (folder)
		return true;
	if (type != -1)
		return type == ET_REL;
	/* Compressed: libdwfl can read it. */
	return strstr(slash ? slash : path, ".ko") != NULL;
}

static enum stk_status no_memory(char *error, size_t size)
{
	snprintf(error, size, "%s", stk_status_text(STK_ERR_NOMEM));
	return STK_ERR_NOMEM;
}

enum stk_status stk_debuginfo_add(struct stk_debuginfo *d, const char *path, char *error,
				  size_t size)
{
	int failed;
	bool module = is_of_modules(path, &failed);

	if (failed) {
		snprintf(error, size, "%s: %s", path, strerror(failed));
		return STK_ERR_IO;
	}
	if (module) {
		if (d->find.nr == MAX_PATHS) {
			snprintf(error, size, "%s: too many files with debuginfo", path);
			return STK_ERR_LIMIT;
		}
		d->path[d->find.nr] = strdup(path);
		if (!d->path[d->find.nr])
			return no_memory(error, size);
		d->find.nr++;
		return STK_OK;
	}
	if (d->kernel) {
		snprintf(error, size, "%s: a kernel's, as is %s; only one can be right",
			 path, d->kernel->name);
		return STK_ERR_ARG;
	}
	d->kernel = stk_elf_new(path, &d->find, NULL);
	if (!d->kernel)
		return no_memory(error, size);
	d->find.kernel = d->kernel->name;
	return STK_OK;
}

enum stk_status stk_debuginfo_add_list(struct stk_debuginfo *d, const char *paths,
				       char *error, size_t size)
{
	char *copy = strdup(paths), *rest = copy, *path;
	enum stk_status st = STK_OK;

	if (!copy)
		return no_memory(error, size);
	/* A name may have a comma itself. */
	if (!access(paths, F_OK)) {
		st = stk_debuginfo_add(d, paths, error, size);
		rest = NULL;
	}
	while (!st && (path = strsep(&rest, ",")))
		st = stk_debuginfo_add(d, path, error, size);
	free(copy);
	return st;
}

void stk_debuginfo_use_debuginfod(struct stk_debuginfo *d)
{
	d->find.debuginfod = true;
}

const char *stk_debuginfo_kernel(struct stk_debuginfo *d)
{
	return d->kernel ? d->kernel->name : NULL;
}

struct stk_symtab *stk_debuginfo_symbols(struct stk_debuginfo *d)
{
	if (d->kernel && !d->symtab)
		d->symtab = stk_symtab_new(d->kernel);
	return d->symtab;
}

struct stk_types *stk_debuginfo_types(struct stk_debuginfo *d)
{
	if (d->kernel && !d->types)
		d->types = stk_types_new(d->kernel);
	return d->types;
}

void stk_build_id_text(const unsigned char *id, size_t size,
		       char text[2 * STK_MAX_BUILD_ID + 1])
{
	*text = '\0';
	for (size_t i = 0; i < size; i++)
		sprintf(text + 2 * i, "%02x", id[i]);
}

bool stk_debuginfo_build_id(struct stk_debuginfo *d, char text[2 * STK_MAX_BUILD_ID + 1])
{
	const void *id;
	Elf *elf = d->kernel ? stk_elf_file(d->kernel) : NULL;
	ssize_t len = elf ? dwelf_elf_gnu_build_id(elf, &id) : -1;

	if (len <= 0 || len > (ssize_t)STK_MAX_BUILD_ID)
		return false;
	stk_build_id_text(id, (size_t)len, text);
	return true;
}

/* ---- as a provider ---- */

static void *module_image(void *priv, const struct stk_module_info *info)
{
	struct stk_debuginfo *d = priv;
	struct stk_elf *image = stk_elf_new(info->name, &d->find, info);
	uint64_t bias;

	if (!image)
		return NULL;
	/* Now, while what it is told of the module is there. */
	if (!stk_elf_dwarf(image, &bias)) {
		stk_elf_free(image);
		return NULL;
	}
	image->module = NULL;
	image->next = d->modules;
	d->modules = image;
	return image;
}

static enum stk_status caller(void *priv, void *image, uint64_t pc,
			      struct stk_cfi_frame *frame, stk_cfi_read *read, void *ctx)
{
	struct stk_debuginfo *d = priv;

	if (!image)
		image = d->kernel;
	return image ? stk_cfi_caller(image, pc, frame, read, ctx) : STK_ERR_NOT_FOUND;
}

static size_t lines(void *priv, void *image, uint64_t pc, struct stk_line *out,
		    size_t room)
{
	struct stk_debuginfo *d = priv;

	if (!image)
		image = d->kernel;
	return image ? stk_lines_lookup(image, pc, out, room) : 0;
}

static const char *no_lines(void *priv, void *image)
{
	struct stk_debuginfo *d = priv;

	if (!image)
		image = d->kernel;
	return image ? stk_lines_absent(image) : "no namelist";
}

const struct stk_debuginfo_ops stk_debuginfo_ops = {
	.module = module_image,
	.caller = caller,
	.lines = lines,
	.no_lines = no_lines,
};
