/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reach.h - where a call of a function can lead to. */
#ifndef STK_X86_64_REACH_H
#define STK_X86_64_REACH_H

#include "../../kernel/names.h"

enum x86_reach {
	X86_REACH_NO,
	X86_REACH_MAYBE,
	X86_REACH_UNREADABLE, /* only for code on the way that is not there */
	X86_REACH_YES,
};

/*
 * Is code at @to run when @from is called, without another call in between? @why: a
 * clause that explains all but "yes".
 */
enum x86_reach x86_reach(struct stk *s, uint64_t from, const struct stk_function *to,
			 const char **why);

/*
 * The function that runs when @addr is called or was interrupted, which is the next one
 * when @addr is in the padding before it.
 */
bool x86_function_at(struct stk *s, uint64_t addr, struct stk_function *out);

/*
 * static_sites.c: is a call in @begin … @end, or a @jump, one that static_call_update()
 * patches?
 */
bool x86_static_site(struct stk *s, bool jump, uint64_t begin, uint64_t end);

#endif
