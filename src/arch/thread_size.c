/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "thread_size.h"

#include "../kernel/layout.h"

/* No stack is larger: THREAD_SIZE with KASAN's largest order. */
#define MAX_STACK_SIZE 0x40000u

bool stk_is_stack_size(uint64_t size)
{
	return size && size <= MAX_STACK_SIZE;
}

uint64_t stk_thread_size(struct stk *s, uint64_t usual)
{
	/* The first idle task's: since 6.10 under another name, commit 8f69cba096b5. */
	static const char *const bounds[][2] = {
		{ "__start_init_task", "__end_init_task" },
		{ "__start_init_stack", "__end_init_stack" },
	};
	uint64_t begin, end;
	uint32_t size;

	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++)
		if (stk_find_symbol(s, bounds[i][0], &begin) &&
		    stk_find_symbol(s, bounds[i][1], &end) &&
		    stk_is_stack_size(end - begin))
			return end - begin;
	/* The union is not in every kernel's debug information. */
	return stk_find_size(s, "thread_union", &size) && stk_is_stack_size(size) ? size
										  : usual;
}
