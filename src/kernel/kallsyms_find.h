/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kallsyms_find.h - where the kallsyms tables are, when nobody says: before 6.0 their
 * addresses are not in VMCOREINFO.
 */
#ifndef STK_KALLSYMS_FIND_H
#define STK_KALLSYMS_FIND_H

#include "../base/context.h"

/* Addresses of the tables; 0: this kernel has no such table. */
struct stk_kallsyms_tables {
	uint64_t addresses, offsets, relative_base, num_syms, names, token_table,
		token_index;
};

/*
 * Search the kernel image, which begins at @begin. What is found was checked against
 * itself, not yet against the addresses of known symbols.
 */
bool stk_kallsyms_find(struct stk *s, uint64_t begin, struct stk_kallsyms_tables *out);

#endif
