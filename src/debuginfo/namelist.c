/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "namelist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cfi.h"
#include "lines.h"
#include "symtab.h"

struct stk_namelist {
	struct stk_symtab *symtab;
	struct stk_dwarf_types *types;
	struct stk_cfi *cfi;
	struct stk_lines *lines;
};

/*
 * The build id says for certain whether the namelist is the kernel's; VMCOREINFO has it
 * since 5.9 (commit 0935288c6e00).
 */
static bool same_build(struct stk_namelist *n, struct stk_notes *notes, bool *same,
		       char *why, size_t size)
{
	const char *kernel = stk_notes_vmcoreinfo(notes, "BUILD-ID");
	char id[2 * STK_MAX_BUILD_ID + 1];

	if (!kernel || !stk_symtab_build_id(n->symtab, id))
		return false;
	*same = !strcmp(kernel, id);
	if (!*same)
		snprintf(why, size, "its build id is %s, the kernel's %s", id, kernel);
	return true;
}

/* Without: whatever symbols VMCOREINFO tells must be where the namelist says. */
static bool same_symbols(struct stk_namelist *n, struct stk_notes *notes, char *why,
			 size_t size)
{
	char name[64], end;
	uint64_t addr;
	unsigned long long value;

	for (const char *p = notes->vmcoreinfo; *p; p += strlen(p) + 1) {
		if (sscanf(p, "SYMBOL(%63[^)])=%llx%c", name, &value, &end) != 2)
			continue;
		/* VMCOREINFO_SYMBOL_ARRAY() of what is a pointer: what it points to. */
		if (value < STK_IMAGE_BASE)
			continue;
		/* Some of the names are macros: only the kernel knows what they mean. */
		if (stk_symtab_ops.address(n->symtab, name, &addr)) {
			if (strcmp(name, "_stext"))
				continue;
			snprintf(why, size, "it has no _stext");
			return false;
		}
		if (addr != value) {
			snprintf(why, size, "%s is elsewhere in it", name);
			return false;
		}
	}
	return true;
}

enum stk_status stk_namelist_open(const char *path, struct stk_notes *notes,
				  struct stk_namelist **out, char *error, size_t size)
{
	const char *offset = stk_notes_vmcoreinfo(notes, "KERNELOFFSET");
	struct stk_namelist *n = calloc(1, sizeof(*n));
	char why[200] = "";
	bool same;

	*out = n;
	if (!n) {
		snprintf(error, size, "%s", stk_status_text(STK_ERR_NOMEM));
		return STK_ERR_NOMEM;
	}
	n->symtab = stk_symtab_new(path);
	if (!n->symtab) {
		snprintf(error, size, "%s: no symbols can be read from it", path);
		return STK_ERR_IO;
	}
	stk_symtab_set_offset(n->symtab, offset ? strtoull(offset, NULL, 16) : 0);
	if (!same_build(n, notes, &same, why, sizeof(why)))
		same = same_symbols(n, notes, why, sizeof(why));
	if (!same) {
		snprintf(error, size,
			 "%s: not the namelist of the kernel in this dump: %s", path,
			 why);
		return STK_ERR_ARG;
	}
	n->types = stk_dwarf_types_new(path);
	n->cfi = stk_cfi_new(path);
	n->lines = stk_lines_new(path);
	return STK_OK;
}

void stk_namelist_close(struct stk_namelist *n)
{
	if (!n)
		return;
	stk_lines_free(n->lines);
	stk_cfi_free(n->cfi);
	stk_dwarf_types_free(n->types);
	stk_symtab_free(n->symtab);
	free(n);
}

void stk_namelist_provide(struct stk_namelist *n, struct stk_target *t)
{
	t->symbols = &stk_symtab_ops;
	t->symbols_priv = n->symtab;
	t->cfi = n->cfi ? &stk_cfi_ops : NULL;
	t->cfi_priv = n->cfi;
	t->lines = n->lines ? &stk_line_ops : NULL;
	t->lines_priv = n->lines;
}

struct stk_dwarf_types *stk_namelist_types(struct stk_namelist *n)
{
	return n->types;
}
