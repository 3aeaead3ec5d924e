/* SPDX-License-Identifier: GPL-2.0-or-later */
/* namelist.h - is a namelist that of the kernel in a dump? */
#ifndef STK_NAMELIST_H
#define STK_NAMELIST_H

#include "debuginfo.h"

/* What the dump says of its kernel. */
struct stk_namelist_facts {
	const char *build_id;	/* in hexadecimal; NULL: not known */
	uint64_t offset;	/* what KASLR added to the image's addresses */
	const char *vmcoreinfo; /* its lines as strings, ended by an empty one */
};

/*
 * STK_OK: it is, or there is none; its symbols are moved by the offset then. On failure
 * @error gets a line that says what is wrong.
 */
enum stk_status stk_namelist_check(struct stk_debuginfo *d,
				   const struct stk_namelist_facts *facts, char *error,
				   size_t size);

#endif
