/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elf_file.h - one ELF file with debuginfo, the kernel's or a module's, as libdwfl has
 * it: opened once, when the first question comes. Symbols, types, call frame information
 * and lines are all read from here.
 *
 * Addresses: of the kernel as linked; of a module, whose file has none, where its
 * sections were loaded.
 */
#ifndef STK_ELF_FILE_H
#define STK_ELF_FILE_H

#include <elfutils/libdwfl.h>
#include <stackinfo/target.h>

#include "find.h"

struct stk_elf {
	struct stk_elf *next;
	const struct stk_find *find;
	const struct stk_module_info
		*module; /* only while it is opened; NULL: the kernel */
	char *name;	 /* the kernel's file, or the module's name */
	bool refused;
	Dwfl *dwfl;
	Dwfl_Module *mod;
};

/* @name is copied. NULL when memory is short. */
struct stk_elf *stk_elf_new(const char *name, const struct stk_find *find,
			    const struct stk_module_info *module);
void stk_elf_free(struct stk_elf *image);

/* The file itself; NULL: it cannot be read. */
Elf *stk_elf_file(struct stk_elf *image);

/*
 * Its DWARF, or that in a file of its own; NULL: there is none. @bias is what to add to
 * DWARF's addresses to get ours.
 */
Dwarf *stk_elf_dwarf(struct stk_elf *image, uint64_t *bias);

/* Is there any unit in it? There may be call frame information alone. */
bool stk_elf_has_units(struct stk_elf *image);

/* The unit that has the code at @pc, an address of DWARF's. */
bool stk_elf_unit(Dwarf *dwarf, uint64_t pc, Dwarf_Die *unit);

#endif
