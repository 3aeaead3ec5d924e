/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack.h"

const char *stk_stack_kind_name(enum stk_stack_kind kind)
{
	static const char *const name[] = {
#define STK_NAME(id, name) name,
		STK_STACK_KINDS(STK_NAME)
#undef STK_NAME
	};

	return (unsigned int)kind < STK_NR_STACK_KINDS ? name[kind] : "UNKNOWN";
}
