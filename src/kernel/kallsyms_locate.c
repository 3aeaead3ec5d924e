/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the tables are: by a namelist, VMCOREINFO or a search of the image. */
#include "kallsyms_parts.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "../machine/lost.h"
#include "kallsyms_find.h"
#include "layout.h"

/* Where a search of the image found a table; searched for once. */
static enum stk_status found_address(struct stk *s, const char *name, uint64_t *addr)
{
	static const struct {
		const char *name;
		size_t at; /* in struct stk_kallsyms_tables */
	} table[] = {
#define TABLE(name) { "kallsyms_" #name, offsetof(struct stk_kallsyms_tables, name) }
		TABLE(addresses),   TABLE(offsets), TABLE(relative_base),
		TABLE(num_syms),    TABLE(names),   TABLE(token_table),
		TABLE(token_index),
#undef TABLE
	};
	struct stk_kallsyms_tables *t = s->kallsyms_tables;
	uint64_t begin;

	if (!t) {
		t = s->kallsyms_tables = stk_arena_alloc(&s->arena, sizeof(*t));
		if (!t)
			return STK_ERR_NOMEM;
		/* A search meets what was freed, and left out of the dump for that. */
		stk_lost_excuse(s, true);
		if (!stk_vmcoreinfo_number(s, "SYMBOL(_stext)", 16, &begin) ||
		    !stk_kallsyms_find(s, begin, t))
			memset(t, 0, sizeof(*t));
		stk_lost_excuse(s, false);
	}
	*addr = 0;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (!strcmp(table[i].name, name))
			memcpy(addr, (const char *)t + table[i].at, sizeof(*addr));
	return *addr ? STK_OK : STK_ERR_NO_SYMBOL;
}

/*
 * During start-up the tables' addresses come from a namelist or from VMCOREINFO, or from
 * a search.
 */
enum stk_status stk_kallsyms_table(struct stk *s, const char *name, uint64_t *addr)
{
	const struct stk_symbol_ops *ops = s->target.symbols;
	char key[64];

	if (ops && !ops->address(s->target.symbols_priv, name, addr))
		return STK_OK;
	snprintf(key, sizeof(key), "SYMBOL(%s)", name);
	/* In VMCOREINFO since 6.0, commit 5fd8fea935a1. */
	if (stk_vmcoreinfo_number(s, key, 16, addr))
		return STK_OK;
	/* What one of these sources lacks, the kernel lacks: no mixture. */
	if (ops || stk_vmcoreinfo(s, "SYMBOL(kallsyms_num_syms)"))
		return STK_ERR_NO_SYMBOL;
	return found_address(s, name, addr);
}
