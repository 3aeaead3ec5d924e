/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "init_text.h"

#include "../kernel/layout.h"

bool stk_init_text_freed(struct stk *s, uint64_t addr)
{
	uint64_t begin, end, at;
	uint32_t state;

	if (!stk_find_symbol(s, "_sinittext", &begin) ||
	    !stk_find_symbol(s, "_einittext", &end) || addr <= begin || addr > end)
		return false;
	/* SYSTEM_BOOTING and SYSTEM_SCHEDULING: not yet (include/linux/kernel.h). */
	return !stk_find_symbol(s, "system_state", &at) || stk_read_u32(s, at, &state) ||
	       state > 1;
}
