/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lazy.h - what a room knows, found out when it is first asked.
 *
 * One rule for what is kept:
 *
 *   a value          is published when it is whole, and is there for good
 *   a failure        that is the data's is kept, with its text; but not where the machine
 *                    still runs, and may show something else the next time
 *   no memory, an interrupt, an empty budget
 *                    say nothing of the dump: the next who asks makes it try again
 *
 * What its own purse cuts off is kept as far as it came, unless half of it would be a
 * lie: then that is the data's failure.
 */
#ifndef STK_LAZY_H
#define STK_LAZY_H

#include <stackinfo/status.h>

#include "budget.h"

struct stk;

/* What a room keeps in the session. */
struct stk_lazy {
	void *value;		/* NULL: not found yet, or there is none */
	enum stk_status status; /* the failure that is kept */
	const char *text;	/* its text; NULL without one */
	void *memory;		/* for the value, from the first try on */
	bool finding;
	struct stk_purse purse;
};

/* How a room finds it. */
struct stk_once {
	size_t size; /* of the value, which is zeroed */
	enum stk_status (*find)(struct stk *s, void *value);
	const char *what;   /* of the dump it is, for its purse; NULL: it has none */
	unsigned int share; /* of the budget */
	bool whole;	    /* half of it would be a lie */
};

enum stk_status stk_once_find(struct stk *s, struct stk_lazy *lazy,
			      const struct stk_once *once);

/*
 * Make sure that lazy->value is there. Its own finding may come back here, and is told
 * STK_ERR_NOT_FOUND.
 */
static inline enum stk_status stk_once(struct stk *s, struct stk_lazy *lazy,
				       const struct stk_once *once)
{
	return lazy->value ? STK_OK : stk_once_find(s, lazy, once);
}

#endif
