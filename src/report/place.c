/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stackinfo/place.h>

#include <string.h>

#include "../arch/arch.h"
#include "../stacks/map.h"
#include "../target/memory.h"
#include "elsewhere.h"
#include "liveness.h"

const char *stk_state_name(enum stk_state state)
{
	static const char *const name[] = {
		[STK_STATE_NONE] = "none",   [STK_STATE_LIVE] = "live",
		[STK_STATE_STALE] = "stale", [STK_STATE_DEAD] = "dead",
		[STK_STATE_GUARD] = "guard", [STK_STATE_UNMAPPED] = "unmapped",
	};

	return name[state];
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

/* By what name does the stack's own range go? */
static const char *own_view(const struct stk_stack *stack, const char *region)
{
	return stack->kind == STK_STACK_TASK || stack->kind == STK_STACK_IRQ
		       ? region
		       : "cpu_entry_area";
}

static void find_aliases(struct stk *s, struct stk_place *p)
{
	uint64_t direct, image;

	if (p->has_stack && !p->guard) {
		struct stk_place own = { 0 };

		s->arch->region(s, p->stack_addr, &own);
		add_alias(p, own_view(&p->stack, own.region), p->stack_addr);
		if (p->stack.store)
			add_alias(p, "per-CPU",
				  p->stack.store + (p->stack_addr - p->stack.begin));
	}
	if (p->has_phys && p->region_kind == STK_REGION_DIRECT &&
	    s->arch->image_map(s, p->phys, &image))
		add_alias(p, "kernel image", image);
	if (p->has_phys && s->arch->direct_map(s, p->phys, &direct))
		add_alias(p, "direct map", direct);
}

/* @addr is on @stack, at @at in the range that the stack pointer uses. */
static void on_stack(struct stk *s, struct stk_place *p, const struct stk_stack *stack,
		     uint64_t at)
{
	p->has_stack = true;
	p->stack = *stack;
	p->stack_addr = at;
	p->bytes_below = at - stack->begin;
	p->offset_from_end = stack->end - at;
	p->has_task = stk_stack_owner(s, stack, &p->task);
	if (!stack->mapped) {
		p->state = STK_STATE_UNMAPPED;
		p->state_why = "the kernel maps no such stack on this machine";
		return;
	}
	p->state = stk_liveness(s, stack, at, &p->state_why);
}

static void in_guard(struct stk *s, struct stk_place *p, const struct stk_stack *stack,
		     int guard)
{
	p->has_stack = true;
	p->stack = *stack;
	p->guard = guard;
	p->stack_addr = p->addr;
	p->bytes_below = guard < 0 ? stack->begin - p->addr : p->addr - stack->end;
	p->offset_from_end = guard < 0 ? stack->end - p->addr : 0;
	p->state = STK_STATE_GUARD;
	p->has_task = stk_stack_owner(s, stack, &p->task);
}

enum stk_status stk_classify(struct stk *s, uint64_t addr, struct stk_place *out)
{
	return stk_classify_in(s, addr, 0, out);
}

enum stk_status stk_classify_in(struct stk *s, uint64_t addr, uint64_t task,
				struct stk_place *out)
{
	struct stk_stack stack;
	uint64_t offset;
	int guard;
	enum stk_status st = stk_prepare(s);

	memset(out, 0, sizeof(*out));
	if (st)
		return st;
	out->addr = addr;
	s->arch->region(s, addr, out);
	stk_locate(s, out, task);
	if (!s->arch->is_kernel_address(addr))
		return stk_interrupted(s) ? STK_ERR_INTERRUPTED : STK_OK;

	st = stk_find_near(s, addr, &stack, &guard);
	if (st == STK_ERR_INTERRUPTED || st == STK_ERR_NOMEM)
		return st;
	if (!st && guard) {
		in_guard(s, out, &stack, guard);
	} else if (!st) {
		out->view = own_view(&stack, out->region);
		on_stack(s, out, &stack, addr);
	} else if (out->has_phys &&
		   !stk_find_pfn(s, out->phys / STK_PAGE_SIZE, &stack, &offset)) {
		uint64_t at = stack.begin + offset + addr % STK_PAGE_SIZE;

		/* The last page of a stack may hold other things above its top. */
		if (at < stack.end) {
			out->view = stack.store && addr - stack.store == at - stack.begin
					    ? "per-CPU"
					    : out->region;
			on_stack(s, out, &stack, at);
		}
	}
	if (!out->has_stack && out->phys_status == STK_ERR_UNMAPPED)
		out->state = STK_STATE_UNMAPPED;
	stk_name_place(s, out);
	find_aliases(s, out);
	return stk_interrupted(s) ? STK_ERR_INTERRUPTED : STK_OK;
}
