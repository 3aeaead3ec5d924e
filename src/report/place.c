/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stackinfo/place.h>

#include <string.h>

#include "../arch/arch.h"
#include "../stacks/map.h"
#include "../machine/memory.h"
#include "elsewhere.h"
#include "known.h"

const char *stk_state_name(enum stk_state state)
{
	static const char *const name[] = {
		[STK_STATE_NONE] = "none",     [STK_STATE_LIVE] = "live",
		[STK_STATE_STALE] = "stale",   [STK_STATE_DEAD] = "dead",
		[STK_STATE_GUARD] = "guard",   [STK_STATE_UNMAPPED] = "unmapped",
		[STK_STATE_UNUSED] = "unused", [STK_STATE_EXCLUDED] = "excluded",
	};

	return (size_t)state < sizeof(name) / sizeof(name[0]) ? name[state] : NULL;
}

const char *stk_object_state_name(enum stk_object_state state)
{
	static const char *const name[] = {
		[STK_OBJECT_OWNED] = "owned",
		[STK_OBJECT_LOOSE] = "loose",
		[STK_OBJECT_GAP] = "gap",
	};

	return (size_t)state < sizeof(name) / sizeof(name[0]) ? name[state] : NULL;
}

static void add_alias(struct stk_place *p, const char *view, uint64_t addr)
{
	if (addr == p->addr || p->nr_aliases == STK_MAX_ALIASES)
		return;
	for (size_t i = 0; i < p->nr_aliases; i++)
		if (p->aliases[i].addr == addr)
			return;
	p->aliases[p->nr_aliases++] = (struct stk_alias){ view, addr };
}

const char *stk_own_view(const struct stk_stack *stack, const char *region)
{
	return stack->kind && stack->kind->view ? stack->kind->view : region;
}

static void find_aliases(struct stk *s, struct stk_place *p, const char *own_view)
{
	const char *view;
	uint64_t direct, other, image;

	if (!p->has_stack && p->percpu &&
	    s->arch->percpu_alias(s, p->percpu_cpu, p->addr, &view, &other))
		add_alias(p, view, other);
	if (p->has_stack && !p->guard) {
		add_alias(p, own_view, p->stack_addr);
		if (p->stack.store && !p->stack.doubt)
			add_alias(p, "per-CPU",
				  p->stack.store + (p->stack_addr - p->stack.begin));
	}
	if (stk_in_image(s, p, &image))
		add_alias(p, "kernel image", image);
	if (p->has_phys && s->arch->direct_map(s, p->phys, &direct))
		add_alias(p, "direct map", direct);
}

/* Was nothing ever there, as far as can be told? */
static bool is_zero_from(const struct stk_known *k, uint64_t at)
{
	return stk_stack_grows_up(&k->place.stack) ? at >= k->low : at < k->low;
}

static const char *why_unused(const struct stk_known *k, uint64_t at)
{
	const struct stk_stack *stack = &k->place.stack;

	if (stk_stack_grows_up(stack))
		return stk_in_base(stack, &k->base, at)
			       ? "SCS_END_MAGIC at its end is intact"
			       : "zeros from here to its end";
	return stk_in_base(stack, &k->base, at) ? "STACK_END_MAGIC at its base is intact"
						: "zeros from here to its base";
}

/* The address is on @k's stack, at @at in the range that the stack pointer uses. */
static void place_on_stack(struct stk_place *p, const struct stk_known *k, uint64_t at)
{
	const struct stk_stack *stack = &k->place.stack;

	p->stack_addr = at;
	p->bytes_below = at - stack->begin;
	p->offset_from_end = stack->end - at;
	if (!stack->mapped) {
		p->state = STK_STATE_UNMAPPED;
		p->state_why = "the kernel maps no such stack on this machine";
	} else if (stk_live_at(stack, &k->live, at)) {
		p->state = STK_STATE_LIVE;
		p->state_why = k->live.why_above;
	} else if (is_zero_from(k, at) && k->live.below == STK_STATE_STALE) {
		p->state = STK_STATE_UNUSED;
		p->state_why = why_unused(k, at);
	} else {
		p->state = k->live.below;
		p->state_why = k->live.why_below;
		/* Where nothing of the stack is in use: it tells of its last use. */
		if (k->has_residue && k->live.sp == stk_stack_empty(stack))
			p->residue = &k->residue;
	}
	if (k->base.overrun && stk_in_base(stack, &k->base, at))
		p->state_why =
			stk_stack_grows_up(stack)
				? "SCS_END_MAGIC was here and is overwritten: the stack "
				  "overflowed"
				: "STACK_END_MAGIC was here and is overwritten: the "
				  "stack overflowed";
}

static const struct stk_known_page *page_of(const struct stk *s,
					    const struct stk_known *k, uint64_t at)
{
	return &k->page[stk_page_number(s, at) -
			stk_page_number(s, k->place.stack.begin)];
}

/* In the stack's own range most is known before. */
static void in_own_range(struct stk *s, struct stk_place *p, const struct stk_known *k,
			 uint64_t addr)
{
	const struct stk_known_page *page;

	*p = k->place;
	p->addr = addr;
	page = page_of(s, k, addr);
	p->phys_status = page->status;
	p->has_phys = page->status == STK_OK;
	p->phys = p->has_phys ? page->phys + stk_page_offset(s, addr) : 0;
	p->in_dump = page->in_dump;
	place_on_stack(p, k, addr);
	if (p->stack.mapped && page->status == STK_ERR_UNMAPPED) {
		p->state = STK_STATE_UNMAPPED;
		p->state_why = "its page is not mapped";
		p->residue = NULL;
	}
	if (k->named)
		stk_name_place(s, p);
	find_aliases(s, p, p->view);
}

/* The page is one of the stack's, but at another address. */
static bool in_alias(struct stk *s, struct stk_place *p, const char **own_view)
{
	const struct stk_stack *stack;
	const struct stk_known *k;
	uint64_t at;

	if (!p->has_phys || stk_map_phys(s, p->phys, &stack, &at))
		return false;
	k = stk_known(s, stack);
	if (!k)
		return false;
	p->has_stack = true;
	p->stack = *stack;
	p->has_task = k->place.has_task;
	p->task = k->place.task;
	p->view = stack->store && p->addr - stack->store == at - stack->begin ? "per-CPU"
									      : p->region;
	p->in_dump = page_of(s, k, at)->in_dump;
	*own_view = k->place.view;
	place_on_stack(p, k, at);
	return true;
}

static bool in_guard(struct stk *s, struct stk_place *p, const struct stk_stack *stack,
		     int guard)
{
	const struct stk_known *k = stk_known(s, stack);

	if (!k)
		return false;
	p->has_stack = true;
	p->stack = *stack;
	p->guard = guard;
	p->stack_addr = p->addr;
	p->bytes_below = guard < 0 ? stack->begin - p->addr : p->addr - stack->end;
	p->offset_from_end = guard < 0 ? stack->end - p->addr : 0;
	p->state = STK_STATE_GUARD;
	p->has_task = k->place.has_task;
	p->task = k->place.task;
	return true;
}

static void on_no_stack(struct stk *s, struct stk_place *p)
{
	p->in_dump = p->has_phys && stk_in_dump(s, p->phys);
	/* That a process has nothing there is no loss. */
	if (p->phys_status != STK_ERR_UNMAPPED)
		p->state = p->in_dump ? STK_STATE_NONE : STK_STATE_EXCLUDED;
	else if (p->region_kind != STK_REGION_USER || p->area.what)
		p->state = STK_STATE_UNMAPPED;
}

enum stk_status stk_classify(struct stk *s, uint64_t addr, struct stk_place *out)
{
	return stk_classify_in(s, addr, 0, out);
}

static enum stk_status classify_address(struct stk *s, uint64_t addr, uint64_t task,
					struct stk_place *out)
{
	const char *own_view = NULL;
	const struct stk_stack *stack;
	int guard = 0;
	enum stk_status st = stk_prepare(s), near = STK_ERR_NOT_FOUND;
	bool code;

	if (st) {
		memset(out, 0, sizeof(*out));
		return st;
	}
	/* Code is on no stack, nor are its pages a stack's: no task need be asked. */
	code = stk_is_listed_text(s, addr);
	if (!code)
		near = stk_map_near(s, addr, &stack, &guard);
	if (stk_is_passing(near))
		return near;
	if (!near && !guard) {
		const struct stk_known *k = stk_known(s, stack);

		if (!k)
			return stk_why_stop(s);
		in_own_range(s, out, k, addr);
		return STK_OK;
	}
	memset(out, 0, sizeof(*out));
	out->addr = addr;
	s->arch->region(s, addr, out);
	stk_locate(s, out, task);
	if (!near ? !in_guard(s, out, stack, guard)
		  : code || !in_alias(s, out, &own_view))
		on_no_stack(s, out);
	stk_name_place(s, out);
	find_aliases(s, out, own_view);
	return stk_must_stop(s) ? stk_why_stop(s) : STK_OK;
}

enum stk_status stk_classify_in(struct stk *s, uint64_t addr, uint64_t task,
				struct stk_place *out)
{
	stk_enter(s);
	return stk_leave(s, classify_address(s, addr, task, out));
}
