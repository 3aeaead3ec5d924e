/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "init_text.h"

#include "../kernel/layout.h"

bool stk_init_text_freed(struct stk *s, uint64_t addr)
{
	uint64_t at;
	uint32_t state;

	/* A return address may be that of the last call. */
	if (!stk_between_symbols(s, "_sinittext", "_einittext", addr - 1))
		return false;
	/* SYSTEM_BOOTING and SYSTEM_SCHEDULING: not yet (include/linux/kernel.h). */
	return !stk_find_symbol(s, "system_state", &at) || stk_read_u32(s, at, &state) ||
	       state > 1;
}
