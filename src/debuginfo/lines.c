/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct stk_lines {
	char *namelist;
	bool tried;
	int fd;
	Dwarf *dwarf;
};

struct stk_lines *stk_lines_new(const char *namelist)
{
	struct stk_lines *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->fd = -1;
	l->namelist = strdup(namelist);
	if (!l->namelist) {
		free(l);
		return NULL;
	}
	return l;
}

void stk_lines_free(struct stk_lines *l)
{
	if (!l)
		return;
	dwarf_end(l->dwarf);
	if (l->fd >= 0)
		close(l->fd);
	free(l->namelist);
	free(l);
}

static Dwarf *get_dwarf(struct stk_lines *l)
{
	if (!l->tried) {
		l->tried = true;
		l->fd = open(l->namelist, O_RDONLY | O_CLOEXEC);
		if (l->fd >= 0)
			l->dwarf = dwarf_begin(l->fd, DWARF_C_READ);
	}
	return l->dwarf;
}

/* The line of the innermost function is the line table's. */
static void line_at(Dwarf_Die *cu, uint64_t pc, struct stk_line *out)
{
	Dwarf_Line *line = dwarf_getsrc_die(cu, pc);
	int nr;

	if (!line)
		return;
	out->file = dwarf_linesrc(line, NULL, NULL);
	if (!dwarf_lineno(line, &nr))
		out->line = nr;
}

/* That of a function that something was inlined into is the place of the call. */
static void call_site(Dwarf_Die *cu, Dwarf_Die *inlined, struct stk_line *out)
{
	Dwarf_Attribute attr;
	Dwarf_Files *files;
	Dwarf_Word n;
	size_t nr;

	if (!dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attr), &n))
		out->line = (int)n;
	if (!dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attr), &n) &&
	    !dwarf_getsrcfiles(cu, &files, &nr) && n < nr)
		out->file = dwarf_filesrc(files, n, NULL, NULL);
}

static size_t lookup(void *priv, uint64_t pc, struct stk_line *out, size_t room)
{
	Dwarf *dwarf = get_dwarf(priv);
	Dwarf_Die cu, *by_address, *scopes;
	struct stk_line next = { 0 };
	size_t nr = 0;
	int nr_scopes;

	if (!dwarf || !dwarf_addrdie(dwarf, pc, &cu))
		return 0;
	/*
	 * The innermost scope by address; its parents by structure, since libdw goes on
	 * from an inlined one with those of its definition.
	 */
	if (dwarf_getscopes(&cu, pc, &by_address) <= 0)
		return 0;
	nr_scopes = dwarf_getscopes_die(&by_address[0], &scopes);
	free(by_address);
	if (nr_scopes <= 0)
		return 0;
	line_at(&cu, pc, &next);
	for (int i = 0; i < nr_scopes && nr < room; i++) {
		int tag = dwarf_tag(&scopes[i]);

		if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram)
			continue;
		out[nr] = next;
		out[nr++].function = dwarf_diename(&scopes[i]);
		if (tag == DW_TAG_subprogram)
			break;
		memset(&next, 0, sizeof(next));
		call_site(&cu, &scopes[i], &next);
	}
	free(scopes);
	return nr;
}

const struct stk_line_ops stk_line_ops = { .lookup = lookup };
