/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

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

/* The functions that the code at @pc belongs to; 0: none, as in assembly. */
static size_t functions(Dwarf_Die *cu, uint64_t pc, struct stk_line next,
			struct stk_line *out, size_t room)
{
	Dwarf_Die *by_address, *scopes;
	size_t nr = 0;
	int nr_scopes;

	/*
	 * The innermost scope by address; its parents by structure, since libdw goes on
	 * from an inlined one with those of its definition.
	 */
	if (dwarf_getscopes(cu, pc, &by_address) <= 0)
		return 0;
	nr_scopes = dwarf_getscopes_die(&by_address[0], &scopes);
	free(by_address);
	if (nr_scopes <= 0)
		return 0;
	for (int i = 0; i < nr_scopes && nr < room; i++) {
		int tag = dwarf_tag(&scopes[i]);

		if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram)
			continue;
		out[nr] = next;
		out[nr++].function = dwarf_diename(&scopes[i]);
		if (tag == DW_TAG_subprogram)
			break;
		memset(&next, 0, sizeof(next));
		call_site(cu, &scopes[i], &next);
	}
	free(scopes);
	return nr;
}

size_t stk_lines_lookup(struct stk_elf *image, uint64_t pc, struct stk_line *out,
			size_t room)
{
	struct stk_line line = { 0 };
	uint64_t bias;
	Dwarf *dwarf = stk_elf_dwarf(image, &bias);
	Dwarf_Die cu;
	size_t nr;

	pc -= bias;
	if (!dwarf || !room || !stk_elf_unit(dwarf, pc, &cu))
		return 0;
	line_at(&cu, pc, &line);
	nr = functions(&cu, pc, line, out, room);
	if (nr || !line.file)
		return nr;
	/* Of assembly there are lines only. */
	out[0] = line;
	return 1;
}

const char *stk_lines_absent(struct stk_elf *image)
{
	uint64_t bias;
	Dwarf *dwarf = stk_elf_dwarf(image, &bias);
	Dwarf_Off at = 0, next;
	size_t header;
	Dwarf_Die unit;

	if (!dwarf)
		return "no debuginfo found";
	for (; !dwarf_nextcu(dwarf, at, &next, &header, NULL, NULL, NULL); at = next)
		if (dwarf_offdie(dwarf, at + header, &unit) &&
		    dwarf_hasattr(&unit, DW_AT_stmt_list))
			return NULL;
	return "its debuginfo has none";
}
