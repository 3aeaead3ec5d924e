/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "namelist.h"

#include <stdio.h>
#include <string.h>

/*
 * The build id says for certain whether the namelist is the kernel's; VMCOREINFO has it
 * since 5.9 (commit 0935288c6e00).
 */
static bool same_build(struct stk_debuginfo *d, const struct stk_namelist_facts *facts,
		       bool *same, char *why, size_t size)
{
	char id[2 * STK_MAX_BUILD_ID + 1];

	if (!facts->build_id || !stk_debuginfo_build_id(d, id))
		return false;
	*same = !strcmp(facts->build_id, id);
	if (!*same)
		snprintf(why, size, "its build id is %s, the kernel's %s", id,
			 facts->build_id);
	return true;
}

/* Without: whatever symbols VMCOREINFO tells must be where the namelist says. */
static bool same_symbols(struct stk_symtab *symtab,
			 const struct stk_namelist_facts *facts, char *why, size_t size)
{
	const uint64_t base = stk_symtab_image_base(symtab);
	char name[64], end;
	uint64_t addr;
	unsigned long long value;

	for (const char *p = facts->vmcoreinfo; *p; p += strlen(p) + 1) {
		if (sscanf(p, "SYMBOL(%63[^)])=%llx%c", name, &value, &end) != 2)
			continue;
		/* VMCOREINFO_SYMBOL_ARRAY() of what is a pointer: what it points to. */
		if (value < base)
			continue;
		/* Some of the names are macros: only the kernel knows what they mean. */
		if (stk_symtab_ops.address(symtab, name, &addr)) {
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

enum stk_status stk_namelist_check(struct stk_debuginfo *d,
				   const struct stk_namelist_facts *facts, char *error,
				   size_t size)
{
	const char *path = stk_debuginfo_kernel(d);
	struct stk_symtab *symtab = stk_debuginfo_symbols(d);
	char why[200] = "";
	bool same;

	if (!path)
		return STK_OK;
	if (!symtab) {
		snprintf(error, size, "%s: no symbols can be read from it", path);
		return STK_ERR_IO;
	}
	stk_symtab_set_offset(symtab, facts->offset);
	if (!same_build(d, facts, &same, why, sizeof(why)))
		same = same_symbols(symtab, facts, why, sizeof(why));
	if (same)
		return STK_OK;
	snprintf(error, size, "%s: not the namelist of the kernel in this dump: %s", path,
		 why);
	return STK_ERR_ARG;
}
