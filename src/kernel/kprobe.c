/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kprobe_table of kernel/kprobes.c: lists of struct kprobe by a hash of their addresses.
 */
#include "kprobe.h"

#include "../machine/lost.h"
#include "../machine/memory.h"
#include "layout.h"

#define NR_LISTS   64u /* KPROBE_HASH_BITS is 6 in every kernel that has it */
#define MAX_PROBES 4096u

struct table {
	uint64_t addr;
	struct stk_member link, where; /* in struct kprobe */
};

/* In the list that begins at @head. Which list it is need not be known: few are filled.
 */
static int is_in_list(struct stk *s, const struct table *t, uint64_t head, uint64_t addr)
{
	uint64_t at, where;

	if (stk_read_u64(s, head, &at))
		return -1;
	for (unsigned int i = 0; at && i < MAX_PROBES; i++) {
		if (stk_read_u64(s, at - t->link.offset + t->where.offset, &where))
			return -1;
		if (where == addr)
			return 1;
		if (stk_read_u64(s, at, &at))
			return -1;
	}
	return at ? -1 : 0;
}

int stk_has_kprobe(struct stk *s, uint64_t addr)
{
	bool excused;
	struct table t;
	int found = 0;

	/* Static data is no symbol in all kernels; without the function there are none.
	 */
	if (!stk_find_symbol(s, "kprobe_table", &t.addr))
		return stk_find_symbol(s, "register_kprobe", &t.addr) ? -1 : 0;
	if (!stk_find_member(s, "kprobe", "hlist", &t.link) ||
	    !stk_find_member(s, "kprobe", "addr", &t.where))
		return -1;
	/* A small dump was made by who did not need them. */
	excused = stk_lost_excuse(s, true);
	for (unsigned int i = 0; i < NR_LISTS && found != 1; i++) {
		int here = is_in_list(s, &t, t.addr + 8 * i, addr);

		found = here ? here : found;
	}
	stk_lost_excuse(s, excused);
	return found;
}
