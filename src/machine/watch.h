/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch.h - who looks on at each reading of a dump's memory. Where nobody does, s->watch
 * is NULL, and all that costs is to find that.
 */
#ifndef STK_WATCH_H
#define STK_WATCH_H

#include "../base/context.h"
#include "words.h"

struct stk_watch {
	struct stk_words *record; /* gets what is read; NULL: nobody wants it */
	struct stk_words *kept;	  /* of a small dump: what is in it; NULL: all */
	bool searching;
};

/* Is what is read to be kept, for readers that may want other things? */
static inline bool stk_watch_records(const struct stk *s)
{
	return s->watch && s->watch->record;
}

/*
 * Until it is called with false, memory is searched: what is seen on the way does not
 * count, and blanked bytes are zeros. The page tables that lead there count: later
 * readers find them in caches.
 */
static inline void stk_watch_search(struct stk *s, bool searching)
{
	if (s->watch)
		s->watch->searching = searching;
}

#endif
