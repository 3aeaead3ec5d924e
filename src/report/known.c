/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "known.h"

#include "../arch/arch.h"
#include "../base/hash.h"
#include "../base/vec.h"
#include "../stacks/map.h"
#include "../machine/memory.h"
#include "elsewhere.h"

static void find_pages(struct stk *s, const struct stk_stack *stack, struct stk_known *k,
		       size_t nr)
{
	uint64_t base = stack->begin - stk_page_offset(s, stack->begin);

	for (size_t i = 0; i < nr; i++) {
		struct stk_known_page *p = &k->page[i];

		p->status = stk_translate(s, base + i * stk_page_size(s), &p->phys);
		p->in_dump = !p->status && stk_in_dump(s, p->phys);
	}
}

static struct stk_known *make_known(struct stk *s, const struct stk_stack *stack)
{
	size_t nr =
		stk_page_number(s, stack->end - 1) - stk_page_number(s, stack->begin) + 1;
	struct stk_known *k =
		stk_arena_alloc(&s->arena, sizeof(*k) + nr * sizeof(k->page[0]));
	struct stk_place *p;

	if (!k)
		return NULL;
	p = &k->place;
	p->addr = stack->begin;
	s->arch->region(s, stack->begin, p);
	stk_locate(s, p, 0);
	stk_name_place(s, p);
	k->named = p->name.function != NULL;
	p->has_stack = true;
	p->stack = *stack;
	p->view = stk_own_view(stack, p->region);
	p->has_task = stk_stack_owner(s, stack, &p->task);
	find_pages(s, stack, k, nr);
	k->low = stk_stack_full(stack);
	if (!stack->mapped)
		return k;
	if (!stk_live(s, stack, &k->live))
		return NULL;
	k->base = stk_base(s, stack);
	if (!stk_low_water(s, stack, &k->low))
		k->low = stk_stack_full(stack);
	if (k->low != stk_stack_empty(stack))
		k->has_residue = s->arch->residue(s, stack, &k->residue);
	return k;
}

/* By where they begin. */
struct stk_known_all {
	struct stk_known **known;
	size_t nr, room;
	struct stk_hash by_begin;
};

static uint32_t hash_known(const void *priv, uint32_t number)
{
	const struct stk_known_all *all = priv;

	return stk_hash_number(all->known[number - 1]->place.stack.begin);
}

static bool is_same(const struct stk_stack *a, const struct stk_stack *b)
{
	return stk_stack_is_same(a, b) && a->end == b->end && a->doubt == b->doubt;
}

/* The slot of what is known of @stack: it holds its number, or 0. */
static uint32_t *slot_of(const struct stk_known_all *all, const struct stk_stack *stack)
{
	uint32_t *slot;

	stk_hash_each (slot, &all->by_begin, stk_hash_number(stack->begin))
		if (is_same(&all->known[*slot - 1]->place.stack, stack))
			break;
	return slot;
}

const struct stk_known *stk_known(struct stk *s, const struct stk_stack *stack)
{
	struct stk_known_all *all = s->known;
	struct stk_known **next, *made;
	uint32_t *slot;

	if (!all)
		all = s->known = stk_arena_alloc(&s->arena, sizeof(*all));
	if (!all)
		return NULL;
	slot = slot_of(all, stack);
	if (*slot)
		return all->known[*slot - 1];
	made = make_known(s, stack);
	if (!made || stk_must_stop(s))
		return NULL;
	/* What was asked on the way may have been known since. */
	next = stk_vec_next(&s->arena, all->known, all->nr, all->room);
	if (!next ||
	    !stk_hash_reserve(&all->by_begin, &s->arena, all->nr + 1, hash_known, all))
		return NULL;
	*next = made;
	*slot_of(all, stack) = (uint32_t)++all->nr;
	return made;
}
