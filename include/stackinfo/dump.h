/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * dump.h - open a dump file without any debugger.
 *
 * Memory is read through libkdumpfile by physical address, virtual addresses are
 * translated by the kernel's own page tables, symbols come from the kallsyms and
 * types from the BTF that the dump itself carries.
 */
#ifndef STACKINFO_DUMP_H
#define STACKINFO_DUMP_H

#include <stackinfo/session.h>

#pragma GCC visibility push(default)

struct stk_dump;

/**
 * stk_dump_open() - open the dump file @path: ELF, or makedumpfile's compressed format;
 *	flattened ones are put in order in a temporary file in $TMPDIR or /var/tmp; the
 *	parts of a split one are given with commas between them.
 * @namelist: the kernel's vmlinux, for lines, inlined calls and call frame information
 *	from its DWARF, and for its types where the dump has no BTF; may be NULL
 * @out: set on success; to be closed with stk_dump_close()
 * @error: gets one line that says what is wrong, cut to @size; printable ASCII, whatever
 *	@path has
 *
 * What libkdumpfile up to 0.5.1 cannot free of a dump in a kdump format, some MB, is lost
 * when it is closed.
 */
enum stk_status stk_dump_open(const char *path, const char *namelist,
			      struct stk_dump **out, char *error, size_t size);

/** stk_dump_session() - the session on it, owned by the dump. */
struct stk *stk_dump_session(struct stk_dump *dump);

/** stk_dump_warning() - what is wrong with the file although it can be read; or NULL. */
const char *stk_dump_warning(const struct stk_dump *dump);

void stk_dump_close(struct stk_dump *dump);

#pragma GCC visibility pop

#endif
