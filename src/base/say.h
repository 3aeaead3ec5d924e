/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * say.h - what answers say: texts that live as long as the session.
 *
 * The same is kept once, however often it is said: a session in crash lasts for days, and
 * its questions repeat themselves.
 */
#ifndef STK_SAY_H
#define STK_SAY_H

#include "context.h"

/* NULL: no memory. */
const char *stk_say(struct stk *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * The same of anything else that answers tell, aligned for any. Holes between its members
 * count: it was zeroed before it was filled in.
 */
const void *stk_say_bytes(struct stk *s, const void *bytes, size_t size);

#endif
