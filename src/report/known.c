/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "known.h"

#include "../arch/arch.h"
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

const struct stk_known *stk_known(struct stk *s, const struct stk_stack *stack)
{
	const struct stk_stack *all;
	struct stk_known **k;
	size_t nr;

	if (stk_stacks(s, &all, &nr))
		return NULL;
	if (!s->known)
		s->known = stk_arena_array(&s->arena, nr, sizeof(struct stk_known *));
	if (!s->known)
		return NULL;
	k = &s->known[stack - all];
	if (!*k) {
		struct stk_known *made = make_known(s, stack);

		if (!made || stk_must_stop(s))
			return NULL;
		*k = made;
	}
	return *k;
}
