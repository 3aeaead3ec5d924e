/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Static calls (5.10+): calls and tail jumps whose targets static_call_update() writes
 * into the code, at any time: also while a task sleeps in what was called before.
 * The sites are in a table, of struct static_call_site { s32 addr, key } (include/linux/
 * static_call_types.h), each relative to itself.
 */
#include "../../kernel/layout.h"
#include "../../kernel/modules.h"
#include "reach.h"

#define MAX_SITES 65536u
#define CHUNK	  64u
#define TAIL	  1 /* STATIC_CALL_SITE_TAIL: a jump, told by the key's lowest bit */

static bool in_table(struct stk *s, uint64_t table, uint64_t nr, bool jump,
		     uint64_t begin, uint64_t end)
{
	int32_t site[CHUNK][2];

	if (nr > MAX_SITES)
		nr = MAX_SITES;
	for (uint64_t i = 0; i < nr; i += CHUNK) {
		size_t some = nr - i < CHUNK ? nr - i : CHUNK;

		if (stk_read(s, table + i * sizeof(site[0]), site,
			     some * sizeof(site[0])))
			return true; /* nobody can tell */
		for (size_t k = 0; k < some; k++) {
			uint64_t at = table + (i + k) * sizeof(site[0]) +
				      (uint64_t)(int64_t)site[k][0];

			if (stk_within(at, begin, end) && (site[k][1] & TAIL) == jump)
				return true;
		}
	}
	return false;
}

bool x86_static_site(struct stk *s, bool jump, uint64_t begin, uint64_t end)
{
	struct stk_module *m = stk_module_at(s, begin);
	uint64_t table, stop, nr;

	if (m)
		return !stk_read_member(s, m->addr, "module", "static_call_sites",
					&table) &&
		       !stk_read_member(s, m->addr, "module", "num_static_call_sites",
					&nr) &&
		       in_table(s, table, nr, jump, begin, end);
	return stk_find_symbol(s, "__start_static_call_sites", &table) &&
	       stk_find_symbol(s, "__stop_static_call_sites", &stop) && stop >= table &&
	       in_table(s, table, (stop - table) / 8, jump, begin, end);
}
