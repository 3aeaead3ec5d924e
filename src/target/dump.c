/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stackinfo/dump.h>

#include <libkdumpfile/kdumpfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "btf.h"
#include "cfi.h"
#include "file.h"
#include "lines.h"
#include "notes.h"
#include "symtab.h"

struct stk_dump {
	kdump_ctx_t *ctx;
	kdump_bmp_t *pagemap; /* of the pages in the file; NULL: not known */
	struct stk_files files;
	struct stk_arena arena;
	struct stk_notes notes;
	struct stk_btf *btf;
	struct stk_cfi *cfi;
	struct stk_lines *lines;
	struct stk_symtab *symtab;
	struct stk *session;
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

static enum stk_status read_phys(void *priv, uint64_t addr, void *buf, size_t len)
{
	struct stk_dump *d = priv;
	size_t got = len;

	kdump_status st;

	if (!in_file(d, addr))
		return STK_ERR_EXCLUDED;
	st = kdump_read(d->ctx, KDUMP_MACHPHYSADDR, addr, buf, &got);
	if (st == KDUMP_OK && got == len)
		return STK_OK;
	return st == KDUMP_ERR_SYSTEM || st == KDUMP_ERR_CORRUPT ? STK_ERR_IO
								 : STK_ERR_EXCLUDED;
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
	d->ctx = kdump_new();
	if (!d->ctx) {
		snprintf(error, size, "%s", stk_status_text(STK_ERR_NOMEM));
		return STK_ERR_NOMEM;
	}
	kst = kdump_open_fdset(d->ctx, (unsigned int)d->files.nr, d->files.fd);
	if (kst != KDUMP_OK) {
		snprintf(error, size, "%s: not a dump that can be read: %s", path,
			 format_error(d, kst));
		/* Lost: 0.5.1 may free a wild pointer when it frees what it cannot open. */
		d->ctx = NULL;
		return STK_ERR_IO;
	}
	if (kdump_get_string_attr(d->ctx, KDUMP_ATTR_ARCH_NAME, &arch) != KDUMP_OK ||
	    strcmp(arch, "x86_64")) {
		snprintf(error, size, "%s: the dump of a machine that is no x86_64",
			 path);
		return STK_ERR_UNSUPPORTED;
	}
	if (kdump_get_attr(d->ctx, KDUMP_ATTR_FILE_PAGEMAP, &attr) == KDUMP_OK &&
	    attr.type == KDUMP_BITMAP)
		d->pagemap = attr.val.bitmap;
	return STK_OK;
}

/* The namelist must be that of the kernel in the dump. */
static enum stk_status open_symtab(struct stk_dump *d, const char *namelist, char *error,
				   size_t size)
{
	const char *offset = stk_notes_vmcoreinfo(&d->notes, "KERNELOFFSET");
	const char *stext = stk_notes_vmcoreinfo(&d->notes, "SYMBOL(_stext)");
	uint64_t addr;

	d->symtab = stk_symtab_new(namelist);
	if (!d->symtab) {
		snprintf(error, size, "%s: no symbols can be read from it", namelist);
		return STK_ERR_IO;
	}
	stk_symtab_set_offset(d->symtab, offset ? strtoull(offset, NULL, 16) : 0);
	if (stext && (stk_symtab_ops.address(d->symtab, "_stext", &addr) ||
		      addr != strtoull(stext, NULL, 16))) {
		snprintf(error, size, "%s: not the namelist of the kernel in this dump",
			 namelist);
		return STK_ERR_ARG;
	}
	return STK_OK;
}

static enum stk_status open_session(struct stk_dump *d, const char *path,
				    const char *namelist, char *error, size_t size)
{
	struct stk_target t = {
		.memory = &memory_ops,
		.memory_priv = d,
		.types = &stk_btf_ops,
		.notes = &stk_notes_ops,
		.notes_priv = &d->notes,
		.vmcoreinfo = stk_notes_vmcoreinfo,
		.vmcoreinfo_priv = &d->notes,
	};
	enum stk_status st = STK_OK;

	/* Of a split dump any part may have them. */
	for (size_t i = 0; i < d->files.nr && !st && !d->notes.vmcoreinfo; i++)
		st = stk_notes_read(&d->notes, &d->arena, d->files.fd[i]);
	if (st || !d->notes.vmcoreinfo) {
		snprintf(error, size, "%s: the dump has no VMCOREINFO note", path);
		return st ? st : STK_ERR_UNSUPPORTED;
	}
	if (namelist) {
		st = open_symtab(d, namelist, error, size);
		if (st)
			return st;
		t.symbols = &stk_symtab_ops;
		t.symbols_priv = d->symtab;
		d->cfi = stk_cfi_new(namelist);
		t.cfi = d->cfi ? &stk_cfi_ops : NULL;
		t.cfi_priv = d->cfi;
		d->lines = stk_lines_new(namelist);
		t.lines = d->lines ? &stk_line_ops : NULL;
		t.lines_priv = d->lines;
	}
	d->btf = stk_btf_new();
	t.types_priv = d->btf;
	d->session = d->btf ? stk_open(&t) : NULL;
	if (!d->session) {
		snprintf(error, size, "%s", stk_status_text(STK_ERR_NOMEM));
		return STK_ERR_NOMEM;
	}
	stk_btf_set_session(d->btf, d->session);
	st = stk_prepare(d->session);
	if (st)
		snprintf(error, size, "%s: %s", path, stk_error_text(d->session));
	return st;
}

enum stk_status stk_dump_open(const char *path, const char *namelist,
			      struct stk_dump **out, char *error, size_t size)
{
	struct stk_dump *d = calloc(1, sizeof(*d));
	enum stk_status st;

	*out = NULL;
	if (!d) {
		snprintf(error, size, "%s", stk_status_text(STK_ERR_NOMEM));
		return STK_ERR_NOMEM;
	}
	st = open_file(d, path, error, size);
	if (!st)
		st = open_session(d, path, namelist, error, size);
	if (st) {
		size_t len = strlen(error);

		if (stk_dump_warning(d))
			snprintf(error + len, size - len, " (%s)", stk_dump_warning(d));
		stk_dump_close(d);
		return st;
	}
	*out = d;
	return STK_OK;
}

struct stk *stk_dump_session(struct stk_dump *dump)
{
	return dump->session;
}

const char *stk_dump_warning(const struct stk_dump *dump)
{
	if (dump->files.part)
		return "one part of a split dump: name all of them, with commas between";
	return dump->files.cut ? "the file is cut off: what was behind that is missing"
			       : NULL;
}

void stk_dump_close(struct stk_dump *dump)
{
	if (!dump)
		return;
	stk_close(dump->session);
	stk_btf_free(dump->btf);
	stk_cfi_free(dump->cfi);
	stk_lines_free(dump->lines);
	stk_symtab_free(dump->symtab);
	if (dump->ctx)
		kdump_free(dump->ctx);
	stk_files_close(&dump->files);
	stk_arena_free(&dump->arena);
	free(dump);
}
