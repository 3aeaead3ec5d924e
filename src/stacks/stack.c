/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack.h"

const char *stk_stack_kind_name(const struct stk_kind *kind)
{
	return kind ? kind->name : "UNKNOWN";
}
