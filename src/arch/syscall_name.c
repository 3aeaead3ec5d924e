/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscall_name.h"

#include <string.h>

#include "../kernel/layout.h"

const char *stk_syscall_name(struct stk *s, const char *table, uint64_t nr,
			     const char *const *prefix)
{
	struct stk_name name;
	uint64_t begin, at;

	if (!stk_find_symbol(s, table, &begin) || stk_read_u64(s, begin + 8 * nr, &at) ||
	    !stk_is_text(s, at))
		return NULL;
	stk_symbolize(s, at, false, &name);
	if (!name.function || name.offset)
		return NULL;
	for (; *prefix; prefix++)
		if (!strncmp(name.function, *prefix, strlen(*prefix)))
			return name.function + strlen(*prefix);
	return NULL;
}
