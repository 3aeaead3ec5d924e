/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stackinfo/dump.h>

#include <libkdumpfile/kdumpfile.h>
#include <stackinfo/kernel.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/safe.h"
#include "../base/context.h"
#include "../kernel/btf.h"
#include "extent.h"
#include "file.h"
#include "kcore.h"
#include "kdump_free.h"
#include "../debuginfo/namelist.h"
#include "notes.h"
#include "../machine/vmcoreinfo_find.h"
#include "../machine/vmcoreinfo_guess.h"

#define READER_CACHE_PAGES 32

/* Of VMCOREINFO in memory: more than a kernel and those before it leave. */
#define MAX_CANDIDATES 64u

struct stk_dump {
	kdump_ctx_t *ctx;	 /* of a dump file */
	struct stk_kcore *kcore; /* or of the machine that we run on */
	kdump_bmp_t *pagemap;	 /* of the pages in the file; NULL: not known */
	struct stk_files files;
	struct stk_extents *extents; /* of the pages in them */
	struct stk_arena arena;
	struct stk_notes notes;
	struct stk_btf *btf;
	struct stk_debuginfo *debuginfo;
	struct stk *session;
	bool packed; /* a page was met that this libkdumpfile cannot unpack */
	struct stk_budget opening; /* of all that is tried until there is a session */
	char warning[400];
};

/*
 * Is the page in the file? libkdumpfile would say so itself, but the page cache of
 * 0.5.1 breaks after many reads that fail (it then writes through a null pointer).
 */
static bool in_file(struct stk_dump *d, uint64_t addr)
{
	unsigned char bit = 0;

	if (!d->pagemap)
		return true;
	return kdump_bmp_get_bits(d->pagemap, addr / 4096, addr / 4096, &bit) ==
		       KDUMP_OK &&
	       (bit & 1);
}

/* Bytes that lie in the file as they are. */
static enum stk_status read_file(int fd, uint64_t at, void *buf, size_t len)
{
	ssize_t got = pread(fd, buf, len, (off_t)at);

	if (got < 0)
		return STK_ERR_IO;
	return (size_t)got == len ? STK_OK : STK_ERR_CUT_OFF;
}

static enum stk_status read_phys(void *priv, uint64_t addr, void *buf, size_t len)
{
	struct stk_dump *d = priv;
	size_t got = len;
	enum stk_status there;
	kdump_status st;
	uint64_t at;
	int fd;

	if (d->kcore)
		return stk_kcore_read(d->kcore, addr, buf, len);
	if (!in_file(d, addr))
		return STK_ERR_EXCLUDED;
	there = stk_extents_check(d->extents, addr, &fd, &at);
	if (there)
		return there;
	if (fd >= 0)
		return read_file(fd, at, buf, len);
	st = kdump_read(d->ctx, KDUMP_MACHPHYSADDR, addr, buf, &got);
	switch (st) {
	case KDUMP_OK:
		return got == len ? STK_OK : STK_ERR_EXCLUDED;
	case KDUMP_ERR_NOTIMPL:
		d->packed = true;
		return STK_ERR_UNSUPPORTED;
	case KDUMP_ERR_SYSTEM:
		return STK_ERR_IO;
	case KDUMP_ERR_CORRUPT:
		return STK_ERR_CORRUPT;
	default:
		return STK_ERR_EXCLUDED;
	}
}

/* Virtual addresses are ours to translate: libkdumpfile cannot for every format. */
static const struct stk_memory_ops memory_ops = { .read_phys = read_phys };

/* Not all of what is wrong with a file is in libkdumpfile's words for its reader. */
static const char *format_error(struct stk_dump *d, kdump_status kst)
{
	return kst == KDUMP_ERR_NOTIMPL ? "the format is not known: is it a vmcore?"
					: kdump_get_err(d->ctx);
}

static enum stk_status open_file(struct stk_dump *d, const char *path, char *error,
				 size_t size)
{
	const char *arch;
	kdump_attr_t attr;
	kdump_status kst;
	enum stk_status st = stk_files_open(&d->files, path, error, size);

	if (st)
		return st;
	if (d->files.live) {
		d->kcore = stk_kcore_open(d->files.fd[0]);
		if (!d->kcore)
			snprintf(error, size, "%s: program headers have no physical addresses", path);
		return d->kcore ? STK_OK : STK_ERR_UNSUPPORTED;
	}
	d->extents = stk_extents_new(d->files.fd, d->files.nr);
	d->ctx = d->extents ? kdump_new() : NULL;
	if (!d->ctx) {
		snprintf(error, size, "%s", stk_status_text(STK_ERR_NOMEM));
		return STK_ERR_NOMEM;
	}
	kst = kdump_open_fdset(d->ctx, (unsigned int)d->files.nr, d->files.fd);
	if (kst != KDUMP_OK) {
		snprintf(error, size, "%s: not a dump that can be read: %s", path,
			 format_error(d, kst));
		/* Lost: 0.5.1 may free a wild pointer when it frees what it cannot open.
		 */
		d->ctx = NULL;
		return STK_ERR_IO;
	}
	if (kdump_get_string_attr(d->ctx, KDUMP_ATTR_ARCH_NAME, &arch) != KDUMP_OK ||
	    strcmp(arch, "x86_64")) {
		snprintf(error, size, "%s: the dump of a machine that is no x86_64",
			 path);
		return STK_ERR_UNSUPPORTED;
	}
	/* Its cache is searched from end to end for each read; ours comes before it. */
	kdump_set_number_attr(d->ctx, "cache.size", READER_CACHE_PAGES);
	if (kdump_get_attr(d->ctx, KDUMP_ATTR_FILE_PAGEMAP, &attr) == KDUMP_OK &&
	    attr.type == KDUMP_BITMAP)
		d->pagemap = attr.val.bitmap;
	return STK_OK;
}

/* Types come from the dump itself where it has them all, else from the namelist. */
static const struct stk_type_ops *types_of(struct stk_dump *d, void **priv)
{
	const char *why;

	if (!stk_btf_present(d->btf, &why) && stk_debuginfo_types(d->debuginfo)) {
		*priv = stk_debuginfo_types(d->debuginfo);
		return &stk_dwarf_type_ops;
	}
	*priv = d->btf;
	return &stk_btf_ops;
}

static enum stk_status type_size(void *priv, const char *type, uint32_t *size)
{
	const struct stk_type_ops *ops = types_of(priv, &priv);

	return ops->size(priv, type, size);
}

static enum stk_status type_member(void *priv, const char *type, const char *member,
				   struct stk_member *out)
{
	const struct stk_type_ops *ops = types_of(priv, &priv);

	return ops->member(priv, type, member, out);
}

static const struct stk_type_ops type_ops = { .size = type_size, .member = type_member };

static void warn(struct stk_dump *d, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void warn(struct stk_dump *d, const char *fmt, ...)
{
	size_t len = strlen(d->warning);
	va_list ap;

	if (len)
		len += (size_t)snprintf(d->warning + len, sizeof(d->warning) - len, "; ");
	if (len >= sizeof(d->warning))
		return;
	va_start(ap, fmt);
	vsnprintf(d->warning + len, sizeof(d->warning) - len, fmt, ap);
	va_end(ap);
}

/* Without types no stack can be found, and nothing else told from what is missing. */
static enum stk_status check_types(struct stk_dump *d, const char *path, char *error,
				   size_t size)
{
	const char *why;

	if (stk_btf_present(d->btf, &why))
		return STK_OK;
	if (!stk_debuginfo_kernel(d->debuginfo)) {
		snprintf(error, size,
			 "%s: %s: its types must come from the namelist, -n VMLINUX",
			 path, why);
		return STK_ERR_NO_TYPE;
	}
	if (!stk_debuginfo_types(d->debuginfo) ||
	    !stk_types_present(stk_debuginfo_types(d->debuginfo))) {
		snprintf(error, size, "%s: %s, and the namelist has no DWARF: no types",
			 path, why);
		return STK_ERR_NO_TYPE;
	}
	return STK_OK;
}

static void close_session(struct stk_dump *d)
{
	stk_close(d->session);
	stk_btf_free(d->btf);
	stk_debuginfo_free(d->debuginfo);
	d->session = NULL;
	d->btf = NULL;
	d->debuginfo = NULL;
}

/* What there is to read, holes not counted. */
static uint64_t file_size(const struct stk_dump *d)
{
	uint64_t all = 0;
	struct stat sb;

	if (d->kcore)
		return (uint64_t)sysconf(_SC_PHYS_PAGES) *
		       (uint64_t)sysconf(_SC_PAGESIZE);
	for (size_t i = 0; i < d->files.nr; i++) {
		uint64_t size, blocks;

		if (fstat(d->files.fd[i], &sb))
			continue;
		size = (uint64_t)sb.st_size;
		blocks = (uint64_t)sb.st_blocks * 512;
		all += size < blocks ? size : blocks;
	}
	return all;
}

/* The files that the user named; others are looked for when they are wanted. */
static enum stk_status open_debuginfo(struct stk_dump *d, const char *namelist,
				      struct stk_target *t, char *error, size_t size)
{
	const char *offset = stk_notes_vmcoreinfo(&d->notes, "KERNELOFFSET");
	const struct stk_namelist_facts facts = {
		.build_id = stk_notes_vmcoreinfo(&d->notes, "BUILD-ID"),
		.offset = offset ? strtoull(offset, NULL, 16) : 0,
		.vmcoreinfo = d->notes.vmcoreinfo,
	};
	enum stk_status st = STK_OK;

	d->debuginfo = stk_debuginfo_new();
	if (!d->debuginfo) {
		snprintf(error, size, "%s", stk_status_text(STK_ERR_NOMEM));
		return STK_ERR_NOMEM;
	}
	if (namelist)
		st = stk_debuginfo_add_list(d->debuginfo, namelist, error, size);
	if (!st)
		st = stk_namelist_check(d->debuginfo, &facts, error, size);
	if (st)
		return st;
	t->debuginfo = &stk_debuginfo_ops;
	t->debuginfo_priv = d->debuginfo;
	if (stk_debuginfo_symbols(d->debuginfo)) {
		t->symbols = &stk_symtab_ops;
		t->symbols_priv = stk_debuginfo_symbols(d->debuginfo);
	}
	return STK_OK;
}

/* With the VMCOREINFO that is in d->notes. */
static enum stk_status open_session(struct stk_dump *d, const char *path,
				    const char *namelist, char *error, size_t size)
{
	struct stk_target t = {
		.memory = &memory_ops,
		.memory_priv = d,
		.types = &type_ops,
		.types_priv = d,
		.notes = &stk_notes_ops,
		.notes_priv = &d->notes,
		.vmcoreinfo = stk_notes_vmcoreinfo,
		.vmcoreinfo_priv = &d->notes,
		.live = d->kcore != NULL,
		.size = file_size(d),
		.incomplete = d->files.incomplete,
	};
	enum stk_status st;

	st = open_debuginfo(d, namelist, &t, error, size);
	if (st)
		return st;
	d->btf = stk_btf_new();
	d->session = d->btf ? stk_open(&t, sizeof(t)) : NULL;
	if (!d->session) {
		snprintf(error, size, "%s", stk_status_text(STK_ERR_NOMEM));
		return STK_ERR_NOMEM;
	}
	stk_btf_set_session(d->btf, d->session);
	st = stk_prepare(d->session);
	if (st)
		snprintf(error, size, "%s: %s", path, stk_reason(d->session, st));
	return st;
}

static bool next_page(void *priv, uint64_t *pfn)
{
	struct stk_dump *d = priv;
	kdump_addr_t i = *pfn;
	bool found;

	if (d->kcore)
		return stk_kcore_next(d->kcore, pfn);
	found = d->pagemap && kdump_bmp_find_set(d->pagemap, &i) == KDUMP_OK;

	*pfn = i;
	return found;
}

/*
 * A VMCOREINFO that was found in memory may be of a kernel that ran before, or in a
 * virtual machine: then its page tables lead nowhere, or not to such a kernel's banner.
 */
static bool check_banner(struct stk_dump *d)
{
	const char *release = stk_notes_vmcoreinfo(&d->notes, "OSRELEASE");
	char wanted[128], banner[128] = "";
	uint64_t at;
	int len;

	if (!release)
		return false;
	len = snprintf(wanted, sizeof(wanted), "Linux version %s ", release);
	return len < (int)sizeof(wanted) &&
	       !stk_symbol_address(d->session, "linux_banner", &at) &&
	       !stk_read(d->session, at, banner, (size_t)len) &&
	       !memcmp(wanted, banner, (size_t)len);
}

/* Is @text, found in some way, the VMCOREINFO of the kernel in the dump? */
static enum stk_status try_vmcoreinfo(struct stk_dump *d, const char *path,
				      const char *namelist, const char *text, size_t len,
				      char *error, size_t size)
{
	enum stk_status st = stk_notes_set_vmcoreinfo(&d->notes, &d->arena, text, len);

	if (!st)
		st = open_session(d, path, namelist, error, size);
	if (!st && check_banner(d))
		return STK_OK;
	if (!st) {
		snprintf(
			error, size,
			"%s: no VMCOREINFO note, and that in its memory is not of its kernel",
			path);
		st = STK_ERR_UNSUPPORTED;
	}
	if (d->session)
		stk_budget_steps(&d->opening,
				 d->session->budget.max_steps - d->session->budget.steps);
	close_session(d);
	return st;
}

/* What a hostile file makes us look through is as good as none. */
static enum stk_status search_ended(struct stk_dump *d, const char *path, char *error,
				    size_t size)
{
	snprintf(error, size, "%s: no VMCOREINFO note, and to search for it: %s", path,
		 stk_status_text(STK_ERR_LIMIT));
	return STK_ERR_LIMIT;
}

static enum stk_status search_session(struct stk_dump *d, const char *path,
				      const char *namelist, char *error, size_t size)
{
	const struct stk_pages pages = { next_page, read_phys, d, &d->opening };
	struct stk_vmcoreinfo_at at[MAX_CANDIDATES];
	char text[STK_VMCOREINFO_SIZE];
	size_t nr = stk_vmcoreinfo_find(&pages, at, MAX_CANDIDATES), len;
	enum stk_status st = STK_ERR_UNSUPPORTED;
	bool cut = d->opening.dry;

	/* What was found is tried all the same. */
	stk_budget_refill(&d->opening);
	snprintf(error, size, "%s: no VMCOREINFO: neither a note, nor in its memory",
		 path);
	for (size_t i = 0; i < nr && !d->opening.dry; i++) {
		len = stk_vmcoreinfo_read(&pages, &at[i], text);
		if (!len)
			continue;
		st = try_vmcoreinfo(d, path, namelist, text, len, error, size);
		if (!st) {
			warn(d, "no VMCOREINFO note: found in memory at %#llx",
			     (unsigned long long)at[i].addr);
			return st;
		}
	}
	for (size_t i = 0; i < d->notes.nr && !d->opening.dry; i++) {
		len = stk_vmcoreinfo_guess(&memory_ops, d, &d->opening, &d->notes.note[i],
					   text);
		if (!len)
			continue;
		st = try_vmcoreinfo(d, path, namelist, text, len, error, size);
		if (!st) {
			warn(d,
			     "no VMCOREINFO: the page tables are those that a CPU used");
			return st;
		}
		/* From 6.0 on it is VMCOREINFO that tells where the symbols are. */
		if (!namelist)
			snprintf(error, size,
				 "%s: no VMCOREINFO: neither a note, nor in its memory; "
				 "with its symbols, -n VMLINUX, it can be done without",
				 path);
	}
	return cut || d->opening.dry ? search_ended(d, path, error, size) : st;
}

static enum stk_status open_dump(struct stk_dump *d, const char *path,
				 const char *namelist, char *error, size_t size)
{
	enum stk_status st = open_file(d, path, error, size);

	stk_budget_init(&d->opening, file_size(d));
	if (!st && d->files.part)
		warn(d,
		     "one part of a split dump: name all of them, with commas between");
	else if (!st && d->files.cut)
		warn(d, "the file is cut off: what was behind that is missing");
	if (!st && d->files.incomplete)
		warn(d, "the dump says that it is incomplete: when it was made, not all "
			"of it could be written");
	if (!st) {
		/*
		 * Of a split dump any part may have the notes; what they lack, and what
		 * cannot be read of them, is searched for.
		 */
		for (size_t i = 0; i < d->files.nr && !d->notes.vmcoreinfo; i++)
			stk_notes_read(&d->notes, &d->arena, d->files.fd[i]);
		st = d->notes.vmcoreinfo ? open_session(d, path, namelist, error, size)
					 : search_session(d, path, namelist, error, size);
		if (!st)
			st = check_types(d, path, error, size);
	}
	if (st && d->packed)
		warn(d, "its pages are packed in a way that the libkdumpfile here does "
			"not know");
	return st;
}

enum stk_status stk_dump_open(const char *path, const char *namelist,
			      struct stk_dump **out, char *error, size_t size)
{
	struct stk_dump *d = calloc(1, sizeof(*d));
	char text[1024];
	enum stk_status st = STK_ERR_NOMEM;

	*out = NULL;
	if (d)
		st = open_dump(d, path, namelist, text, sizeof(text));
	else
		snprintf(text, sizeof(text), "%s", stk_status_text(st));
	if (!st) {
		*out = d;
		return st;
	}
	if (d && *d->warning) {
		size_t len = strlen(text);

		snprintf(text + len, sizeof(text) - len, " (%s)", d->warning);
	}
	/* Of paths, and of what VMCOREINFO says. */
	stk_safe_text(error, size, text);
	stk_dump_close(d);
	return st;
}

void stk_dump_use_debuginfod(struct stk_dump *dump)
{
	stk_debuginfo_use_debuginfod(dump->debuginfo);
}

struct stk *stk_dump_session(struct stk_dump *dump)
{
	return dump->session;
}

const char *stk_dump_warning(const struct stk_dump *dump)
{
	return *dump->warning ? dump->warning : NULL;
}

void stk_dump_close(struct stk_dump *dump)
{
	if (!dump)
		return;
	close_session(dump);
	stk_kcore_close(dump->kcore);
	if (dump->ctx)
		stk_kdump_free(dump->ctx);
	stk_extents_free(dump->extents);
	stk_files_close(&dump->files);
	stk_arena_free(&dump->arena);
	free(dump);
}
