/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "find.h"

#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <gelf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "debuginfo.h"

/* A distribution's tree of modules has some 5,000 entries. */
#define MAX_ENTRIES 20000u

struct wanted {
	const char *root;	 /* find->root */
	const unsigned char *id; /* the build id, of @id_size bytes; 0: there is none */
	size_t id_size;
	char file[PATH_MAX]; /* what was found */
};

static bool is_folder(const char *path)
{
	struct stat sb;

	return !stat(path, &sb) && S_ISDIR(sb.st_mode);
}

/* To open anything else may take for ever. */
static bool is_regular_file(const char *path)
{
	struct stat sb;

	return !stat(path, &sb) && S_ISREG(sb.st_mode);
}

static bool has_dwarf(Elf *elf)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;
	size_t strings = 0;

	/* Without any, no section has a name. */
	elf_getshdrstrndx(elf, &strings);
	while ((scn = elf_nextscn(elf, scn))) {
		const char *name = gelf_getshdr(scn, &sh)
					   ? elf_strptr(elf, strings, sh.sh_name)
					   : NULL;

		if (name && sh.sh_type != SHT_NOBITS &&
		    (!strncmp(name, ".debug_", 7) || !strncmp(name, ".zdebug_", 8)))
			return true;
	}
	return false;
}

enum verdict { OTHER, STRIPPED, FOUND };

/* @link gets the name of the file that has the rest, where it says so. */
static enum verdict judge_elf(const struct wanted *w, Dwfl_Module *mod, char *link,
			      size_t size)
{
	const unsigned char *id;
	const char *name;
	GElf_Addr at;
	GElf_Word crc;
	Elf *elf = dwfl_module_getelf(mod, &at);
	int id_size = elf ? dwfl_module_build_id(mod, &id, &at) : -1;

	if (id_size < 0 || (size_t)id_size != w->id_size ||
	    (id_size && memcmp(id, w->id, w->id_size)))
		return OTHER;
	if (has_dwarf(elf))
		return FOUND;
	name = dwelf_elf_gnu_debuglink(elf, &crc);
	/* A name from a file leads nowhere else. */
	snprintf(link, size, "%s", name && !strchr(name, '/') ? name : "");
	return STRIPPED;
}

/* libdwfl asks for symbols in another file where this one has none: here it has not. */
static int find_nothing(Dwfl_Module *mod, void **userdata, const char *name,
			Dwarf_Addr base, const char *main_file, const char *link,
			GElf_Word crc, char **path)
{
	return -1;
}

/* Compressed ones, too, which libdwfl unpacks. */
static enum verdict judge_file(const struct wanted *w, const char *path, char *link,
			       size_t size)
{
	static const Dwfl_Callbacks callbacks = {
		.find_debuginfo = find_nothing,
		.section_address = dwfl_offline_section_address,
	};
	enum verdict verdict;
	Dwfl_Module *mod;
	Dwfl *dwfl;

	if (!is_regular_file(path))
		return OTHER;
	dwfl = dwfl_begin(&callbacks);
	if (!dwfl)
		return OTHER;
	dwfl_report_begin(dwfl);
	mod = dwfl_report_offline(dwfl, "", path, -1);
	mod = dwfl_report_end(dwfl, NULL, NULL) ? NULL : mod;
	verdict = mod ? judge_elf(w, mod, link, size) : OTHER;
	dwfl_end(dwfl);
	return verdict;
}

/* Beside the file that names it, or in the same place below /usr/lib/debug. */
static bool follow_link(struct wanted *w, const char *from, const char *link)
{
	static const char *const places[] = { "", "/.debug", NULL };
	const char *slash = strrchr(from, '/');
	int len = slash ? (int)(slash - from) : 1;
	const char *folder = slash ? from : ".";
	char again[NAME_MAX + 1];

	for (size_t i = 0; *link && i < sizeof(places) / sizeof(places[0]); i++) {
		int n = places[i] ? snprintf(w->file, sizeof(w->file), "%.*s%s/%s", len,
					     folder, places[i], link)
				  : snprintf(w->file, sizeof(w->file),
					     "%s/usr/lib/debug/%.*s/%s", w->root, len,
					     folder, link);

		if (n < (int)sizeof(w->file) &&
		    judge_file(w, w->file, again, sizeof(again)) == FOUND)
			return true;
	}
	return false;
}

static bool try_file(struct wanted *w, const char *path)
{
	char link[NAME_MAX + 1];

	switch (judge_file(w, path, link, sizeof(link))) {
	case FOUND:
		return snprintf(w->file, sizeof(w->file), "%s", path) <
		       (int)sizeof(w->file);
	case STRIPPED:
		return follow_link(w, path, link);
	default:
		return false;
	}
}

/* Is @file named as module @name's: "NAME.ko", "NAME.ko.xz", "NAME.debug", …? */
static bool is_named(const char *file, const char *name)
{
	for (; *name; file++, name++)
		if (*file != *name && !(*file == '-' && *name == '_'))
			return false;
	if (!strncmp(file, ".ko", 3))
		file += 3;
	return *file == '.' || (!*file && file[-1] == 'o' && file[-2] == 'k');
}

static bool try_tree(struct wanted *w, const char *folder, const char *name, int depth)
{
	char *const roots[] = { (char *)(uintptr_t)folder, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
	unsigned int nr = 0;
	bool found = false;
	FTSENT *e;

	while (tree && !found && nr++ < MAX_ENTRIES && (e = fts_read(tree))) {
		if (e->fts_info == FTS_D && e->fts_level >= depth)
			fts_set(tree, e, FTS_SKIP);
		else if (e->fts_info == FTS_F || e->fts_info == FTS_SL)
			found = is_named(e->fts_name, name) && try_file(w, e->fts_path);
	}
	if (tree)
		fts_close(tree);
	return found;
}

static bool try_named(struct wanted *w, const struct stk_find *find,
		      const struct stk_module_info *m)
{
	for (size_t i = 0; i < find->nr; i++) {
		const char *slash = strrchr(find->path[i], '/');
		const char *file = slash ? slash + 1 : find->path[i];

		if (is_folder(find->path[i])
			    ? try_tree(w, find->path[i], m->name, INT_MAX)
			    /* Of a file that was named the build id says enough. */
			    : (w->id_size || is_named(file, m->name)) &&
				      try_file(w, find->path[i]))
			return true;
	}
	return false;
}

/* The namelist's folder; and all of it where it is that of a kernel's modules. */
static bool try_beside_kernel(struct wanted *w, const char *kernel, const char *name)
{
	const char *slash = kernel ? strrchr(kernel, '/') : NULL;
	char folder[PATH_MAX], modules[PATH_MAX + 8];

	if (!kernel)
		return false;
	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - kernel) : 1,
		 slash ? kernel : ".");
	snprintf(modules, sizeof(modules), "%s/kernel", folder);
	return try_tree(w, *folder ? folder : "/", name,
			is_folder(modules) ? INT_MAX : 1);
}

bool stk_is_release(const char *text)
{
	return *text && *text != '.' && !strchr(text, '/');
}

static bool try_system(struct wanted *w, const struct stk_module_info *m)
{
	static const char *const places[] = { "/usr/lib/debug/lib/modules",
					      "/usr/lib/debug/usr/lib/modules",
					      "/lib/modules" };
	char folder[PATH_MAX];

	if (!stk_is_release(m->release))
		return false;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (snprintf(folder, sizeof(folder), "%s%s/%s", w->root, places[i],
			     m->release) < (int)sizeof(folder) &&
		    try_tree(w, folder, m->name, INT_MAX))
			return true;
	}
	return false;
}

static int open_found(const struct wanted *w, char **path)
{
	*path = strdup(w->file);
	return *path ? open(*path, O_RDONLY | O_CLOEXEC) : -1;
}

/* "/usr/lib/debug/.build-id/12/3456….debug" */
static bool try_build_id(struct wanted *w)
{
	char id[2 * STK_MAX_BUILD_ID + 1], path[PATH_MAX];

	if (w->id_size < 2 || w->id_size > STK_MAX_BUILD_ID)
		return false;
	stk_build_id_text(w->id, w->id_size, id);
	snprintf(path, sizeof(path), "%s/usr/lib/debug/.build-id/%.2s/%s.debug", w->root,
		 id, id + 2);
	return try_file(w, path);
}

/* libdwfl's own search ends with debuginfod. */
static int from_network(const struct stk_find *find, Dwfl_Module *mod, char **path)
{
	errno = 0;
	return find->debuginfod ? dwfl_standard_find_debuginfo(mod, NULL, NULL, 0, NULL,
							       NULL, 0, path)
				: -1;
}

int stk_find_module(const struct stk_find *find, Dwfl_Module *mod,
		    const struct stk_module_info *m, char **path)
{
	struct wanted w = { .root = find->root,
			    .id = m->build_id,
			    .id_size = m->build_id_size };

	if ((m->file && try_file(&w, m->file)) || try_named(&w, find, m) ||
	    try_build_id(&w) || try_beside_kernel(&w, find->kernel, m->name) ||
	    try_system(&w, m))
		return open_found(&w, path);
	return from_network(find, mod, path);
}

int stk_find_debug(const struct stk_find *find, Dwfl_Module *mod, const char *main_file,
		   const char *link, char **path)
{
	struct wanted w = { .root = find->root };
	GElf_Addr at;
	int size = dwfl_module_build_id(mod, &w.id, &at);

	w.id_size = size > 0 ? (size_t)size : 0;
	if (main_file && link && !strchr(link, '/') && follow_link(&w, main_file, link))
		return open_found(&w, path);
	return try_build_id(&w) ? open_found(&w, path) : from_network(find, mod, path);
}
