/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * debuginfo.h - all that files with debuginfo can tell of the kernel and its modules:
 * symbols, types, call frames, lines. Each file is opened once, when it is first needed.
 * It knows no dump: where a module is, and which, it is told (struct stk_module_info).
 *
 * The files may be from anywhere and are not trusted: what libelf and libdw say is
 * checked for its size, and strings are made safe by whoever prints them.
 */
#ifndef STK_DEBUGINFO_H
#define STK_DEBUGINFO_H

#include <stackinfo/target.h>

#include "symtab.h"
#include "types.h"

struct stk_debuginfo;

/* NULL when memory is short. */
struct stk_debuginfo *stk_debuginfo_new(void);
void stk_debuginfo_free(struct stk_debuginfo *d);

/*
 * Add what the user named: the kernel's vmlinux, a module's file, or a folder in which to
 * look for those. Nothing of it is read yet but what it is. On failure @error gets a line
 * that says what is wrong.
 */
enum stk_status stk_debuginfo_add(struct stk_debuginfo *d, const char *path, char *error,
				  size_t size);

/* The same for each of @paths, which have commas between them. */
enum stk_status stk_debuginfo_add_list(struct stk_debuginfo *d, const char *paths,
				       char *error, size_t size);

/* What is found nowhere else may be asked from the network. */
void stk_debuginfo_use_debuginfod(struct stk_debuginfo *d);

/* The kernel's; NULL: there is no vmlinux among the files, or nothing in it. */
const char *stk_debuginfo_kernel(struct stk_debuginfo *d);
struct stk_symtab *stk_debuginfo_symbols(struct stk_debuginfo *d);
struct stk_types *stk_debuginfo_types(struct stk_debuginfo *d);

#define STK_MAX_BUILD_ID 64u /* bytes; ld makes 20 */

/* At most STK_MAX_BUILD_ID bytes, in hexadecimal. */
void stk_build_id_text(const unsigned char *id, size_t size,
		       char text[2 * STK_MAX_BUILD_ID + 1]);

/* The kernel's build id in hexadecimal; false: it has none. */
bool stk_debuginfo_build_id(struct stk_debuginfo *d, char text[2 * STK_MAX_BUILD_ID + 1]);

/* With a struct stk_debuginfo as priv. */
extern const struct stk_debuginfo_ops stk_debuginfo_ops;

#endif
