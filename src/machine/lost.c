/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page is met more than once, and counts once: the pages of a question are kept in a
 * table of fixed size. When that is full, no more are counted, and the answer says so.
 */
#include "lost.h"

#include <string.h>

#include "../base/hash.h"
#include "../base/sized.h"
#include "memory.h"

#define TABLE_SIZE (1u << 14)
#define MAX_PAGES  (TABLE_SIZE / 4 * 3)

struct stk_lost {
	struct stk_losses losses;
	size_t nr;
	uint64_t last;
	enum stk_status last_status;
	uint64_t page[TABLE_SIZE]; /* open addressing; plus one, 0: free */
};

static uint64_t *counter(struct stk_losses *l, enum stk_status st)
{
	switch (st) {
	case STK_ERR_EXCLUDED:
		return &l->excluded;
	case STK_ERR_CUT_OFF:
		return &l->cut_off;
	case STK_ERR_IO:
		return &l->io_error;
	case STK_ERR_CORRUPT:
	case STK_ERR_UNSUPPORTED:
		return &l->damaged;
	default:
		return NULL;
	}
}

/* False: it is there already. */
static bool add_lost(struct stk_lost *l, uint64_t pfn)
{
	uint64_t *page = l->page, at = stk_hash_number(pfn);

	for (; page[at % TABLE_SIZE]; at++)
		if (page[at % TABLE_SIZE] == pfn + 1)
			return false;
	if (l->nr == MAX_PAGES) {
		l->losses.more = true;
		return false;
	}
	page[at % TABLE_SIZE] = pfn + 1;
	l->nr++;
	return true;
}

void stk_lost_note(struct stk *s, uint64_t phys, enum stk_status st)
{
	struct stk_losses none;
	struct stk_lost *l;

	/* What a running machine does not show is no loss of a dump's. */
	if (!counter(&none, st) || s->target.live || s->lost_excused)
		return;
	if (!s->lost)
		s->lost = stk_arena_alloc(&s->fixed, sizeof(*s->lost));
	l = s->lost;
	if (!l)
		return;
	phys -= stk_page_offset(s, phys);
	l->last = phys;
	l->last_status = st;
	if (!add_lost(l, stk_page_number(s, phys)))
		return;
	++*counter(&l->losses, st);
	if (l->nr > 1)
		return;
	l->losses.first = phys;
	l->losses.what = s->budget.purse ? s->budget.purse->what : NULL;
}

bool stk_lost_excuse(struct stk *s, bool excused)
{
	const bool before = s->lost_excused;

	s->lost_excused = excused;
	return before;
}

enum stk_status stk_lost_last(const struct stk *s, uint64_t *phys)
{
	if (!s->lost)
		return STK_OK;
	*phys = s->lost->last;
	return s->lost->last_status;
}

void stk_lost_none(struct stk *s)
{
	if (s->lost)
		s->lost->last_status = STK_OK;
}

void stk_lost_forget(struct stk *s)
{
	if (s->lost && s->lost->nr)
		memset(s->lost, 0, sizeof(*s->lost));
}

bool stk_get_losses(const struct stk *s, struct stk_losses *out, size_t size)
{
	if (!s->lost || !s->lost->nr)
		return false;
	stk_give(out, size, &s->lost->losses, sizeof(s->lost->losses));
	return true;
}
