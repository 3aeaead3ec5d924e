/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lies where: of each page that the small dump has, wherever it is mapped, and of
 * the pages beside each CPU's stacks, so that any address there can be asked about.
 */
#include <stackinfo/place.h>

#include "../arch/arch.h"
#include "../base/context.h"
#include "../machine/watch.h"
#include "../stacks/stack.h"
#include "pack.h"

static void place_of(struct stk *s, uint64_t addr)
{
	struct stk_place place;

	/* How many there are the record bounds, and the map. */
	stk_budget_refill(&s->budget);
	(void)!stk_classify(s, addr, &place);
}

static void places_of_pages(struct stk *s, const struct stk_words *w)
{
	/* Those that this adds say of themselves no more than that they are there. */
	const size_t nr = stk_words_nr(w);

	for (size_t i = 0; i < nr && !stk_must_stop(s); i++) {
		const struct stk_words_page *page = stk_words_page(w, i);
		uint64_t direct;

		if (page->virt)
			place_of(s, page->virt);
		if (s->arch->direct_map(s, page->pfn << STK_WORDS_PAGE_SHIFT, &direct))
			place_of(s, direct);
	}
}

/* The byte at @addr, and the one @beside it, at each of its addresses. */
static void places_beside(struct stk *s, uint64_t addr, int beside)
{
	struct stk_place place;

	place_of(s, addr + (uint64_t)beside);
	if (stk_classify(s, addr, &place))
		return;
	for (size_t i = 0; i < place.nr_aliases; i++) {
		place_of(s, place.aliases[i].addr);
		place_of(s, place.aliases[i].addr + (uint64_t)beside);
	}
}

void pack_read_places(struct stk *s)
{
	const struct stk_stack *stack;
	size_t nr;

	if (s->watch && s->watch->record)
		places_of_pages(s, s->watch->record);
	if (stk_stacks(s, &stack, &nr))
		return;
	for (size_t i = 0; i < nr; i++) {
		if (stack[i].cpu < 0)
			continue;
		places_beside(s, stack[i].begin, -1);
		places_beside(s, stack[i].end - 1, 1);
	}
}
