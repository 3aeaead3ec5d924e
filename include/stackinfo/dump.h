/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file
 * Open a dump file without any debugger.
 *
 * Memory is read through libkdumpfile by physical address, virtual addresses are
 * translated by the kernel's own page tables, symbols come from the kallsyms and types
 * from the BTF that the dump itself carries.
 */
#ifndef STACKINFO_DUMP_H
#define STACKINFO_DUMP_H

#include <stackinfo/session.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** A dump file and the session on it. */
struct stk_dump;

/**
 * Open a dump file: ELF, makedumpfile's compressed format (and what libkdumpfile knows
 * beside them), or LiME's. Flattened ones are put in order in a temporary file in $TMPDIR
 * or /var/tmp.
 *
 * What libkdumpfile up to 0.5.1 cannot free of a dump in a kdump format, some MB, is lost
 * when it is closed.
 * @param path the file; the parts of a split one are given with commas between them
 * @param namelist the kernel's vmlinux, for lines, inlined calls and call frame
 *	information from its DWARF, and for its types where the dump has no BTF; may be
 *	NULL. With commas between them, also modules' files with debuginfo, and folders to
 *	look for those in. They are looked for beside the vmlinux and below
 * /usr/lib/debug, too, when their lines or call frames are wanted, and taken only if
 *their build id fits.
 * @param[out] out set on success; to be closed with stk_dump_close()
 * @param error gets one line that says what is wrong, cut to @p size, which may be
 *	printed, whatever @p path has
 * @param size room in @p error, in bytes
 * @return STK_OK, or what kind of error it was
 */
enum stk_status stk_dump_open(const char *path, const char *namelist,
			      struct stk_dump **out, char *error, size_t size);

/**
 * What a file does not say of itself, or says wrong. All may be NULL. It grows at its
 * end.
 */
struct stk_dump_options {
	/** As for stk_dump_open(). */
	const char *namelist;
	/**
	 * The file is memory alone, without any header: where it was in the machine.
	 * "0-": from address 0 on, without holes. "BEGIN-END,BEGIN-END,...": these ranges
	 * lie one behind the other in the file; END is the last byte, or a multiple of
	 * 4096 behind it, or nothing. Or the name of a copy of the machine's /proc/iomem.
	 */
	const char *memory;
	/**
	 * The name of a file with the lines of VMCOREINFO, which is taken for the dump's
	 * own, whatever that is.
	 */
	const char *vmcoreinfo;
	/** What KASLR added to the kernel's addresses, whatever VMCOREINFO says. */
	const uint64_t *kaslr;
	/** Its phys_base, in bytes, whatever VMCOREINFO says; it may be negative. */
	const int64_t *phys_base;
};

/**
 * Open a dump file, as stk_dump_open() does, of which more is known.
 * @param path the file; of memory alone only one
 * @param options what is known of it
 * @param options_size sizeof(struct stk_dump_options), in bytes
 * @param[out] out set on success; to be closed with stk_dump_close()
 * @param error gets one line that says what is wrong, cut to @p size, which may be
 *	printed
 * @param size room in @p error, in bytes
 * @return STK_OK, or what kind of error it was: STK_ERR_ARG of @p options
 */
enum stk_status stk_dump_open_with(const char *path,
				   const struct stk_dump_options *options,
				   size_t options_size, struct stk_dump **out,
				   char *error, size_t size);

/**
 * Debuginfo of modules that is found nowhere may be asked of the servers in
 * $DEBUGINFOD_URLS. Nothing else uses the network.
 * @param dump an open dump
 */
void stk_dump_use_debuginfod(struct stk_dump *dump);

/**
 * The session on a dump.
 * @param dump an open dump
 * @return the session, which belongs to the dump: not for stk_close()
 */
struct stk *stk_dump_session(struct stk_dump *dump);

/**
 * What is wrong with the file although it can be read.
 * @param dump an open dump
 * @return a line that belongs to the dump, or NULL
 */
const char *stk_dump_warning(const struct stk_dump *dump);

/**
 * Close the dump, its session and all that came from it.
 * @param dump an open dump, or NULL
 */
void stk_dump_close(struct stk_dump *dump);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
