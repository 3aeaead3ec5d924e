/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of what architectures tell. */
#include "arch.h"

const char *stk_entry_kind_name(const struct stk_entry_kind *kind)
{
	return kind ? kind->name : "unknown";
}
