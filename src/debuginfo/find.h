/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * find.h - where the files with debuginfo are.
 *
 * A module's file is looked for by its build id below /usr/lib/debug, in what the user
 * named, in the namelist's folder, and where distributions put modules and their
 * debuginfo. It is taken only if its build id is that of the module in the dump. A file
 * that was stripped leads to the one with the rest (.gnu_debuglink).
 *
 * The network is asked (debuginfod) only where the user wants it.
 */
#ifndef STK_FIND_H
#define STK_FIND_H

#include <elfutils/libdwfl.h>
#include <stackinfo/target.h>

struct stk_find {
	char **path; /* files and folders, as the user named them */
	size_t nr;
	const char *kernel; /* the namelist, or NULL */
	const char *root;   /* what the system's folders are in; "" but in tests */
	bool debuginfod;
};

/* Is @text, from a dump, the name of a folder and no way to others? */
bool stk_is_release(const char *text);

/*
 * The file with @m's debuginfo, for libdwfl's find_elf(): a file descriptor and its path,
 * which libdwfl owns then, or -1.
 */
int stk_find_module(const struct stk_find *find, Dwfl_Module *mod,
		    const struct stk_module_info *m, char **path);

/* The same for find_debuginfo(): the rest of @main_file, which names it @link. */
int stk_find_debug(const struct stk_find *find, Dwfl_Module *mod, const char *main_file,
		   const char *link, char **path);

#endif
