/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the dump says of a candidate: the facts that stk_judge() decides on. */
#include <string.h>

#include "../arch/no_code.h"
#include "../kernel/layout.h"
#include "../stacks/claims.h"
#include "../stacks/map.h"
#include "../machine/memory.h"
#include "calls.h"
#include "walk.h"

static bool on_task_stack(struct stk *s, const struct stk_task *task, uint64_t sp,
			  struct stk_stack *out)
{
	return !stk_task_stack(s, task, out) && stk_within(sp, out->begin, out->end);
}

void stk_stack_at(struct stk_walk *w, uint64_t at, struct stk_stack *out)
{
	struct stk *s = w->s;
	const struct stk_start *start = &w->c->chain.start;
	const struct stk_stack *stack = NULL;

	if (w->cur.cpu >= 0)
		stack = stk_cpu_stack_at(s, (unsigned int)w->cur.cpu, at);
	if (stack) {
		*out = *stack;
		return;
	}
	if (start->has_task && on_task_stack(s, &start->task, at, out))
		return;
	if (start->switching && on_task_stack(s, &start->other, at, out))
		return;
	if (!stk_find_stack(s, at, out) && out->mapped)
		return;
	*out = (struct stk_stack){ .kind = NULL, .cpu = -1, .begin = at, .end = at };
}

/* On no stack: where that is the user's, or just below one's own. */
static enum stk_move off_stack(struct stk_walk *w, const struct stk_step *step)
{
	struct stk_stack near;
	uint64_t phys;
	int guard;

	if (w->s->arch->on_user_stack(w->s, &step->regs) ||
	    (!stk_find_near(w->s, step->at, &near, &guard) && guard < 0 &&
	     stk_translate(w->s, step->at, &phys)))
		return STK_MOVE_CROSS;
	return STK_MOVE_NOWHERE;
}

static enum stk_move move_of(struct stk_walk *w, const struct stk_candidate *c)
{
	const struct stk_step *step = &c->step;
	const struct stk_stack *stack = &w->cur.stack;

	if (step->at >= stack->begin && step->at <= stack->end)
		return step->at > w->cur.at || (step->nested && !w->nested) ||
				       (step->beside && step->at == w->cur.at)
			       ? STK_MOVE_UP
			       : STK_MOVE_BACK;
	for (size_t i = 0; i < w->c->chain.nr_segments; i++)
		if (w->segs[i]->stack.begin == c->stack.begin)
			return STK_MOVE_REENTER;
	return !c->stack.kind ? off_stack(w, step) : STK_MOVE_CROSS;
}

static enum stk_owner owner_of(const struct stk_walk *w, const struct stk_stack *stack)
{
	const struct stk_start *start = &w->c->chain.start;

	if (!stack->kind)
		return STK_OWNER_UNKNOWN;
	if (!stk_stack_is_task(stack)) {
		if (stack->cpu != w->cur.cpu)
			return STK_OWNER_OTHER;
		return stk_is_shared(w->s, stack, start->has_task ? &start->task : NULL)
			       ? STK_OWNER_SHARED
			       : STK_OWNER_SELF;
	}
	if (!start->has_task)
		return w->adopted && w->adopted != stack->begin ? STK_OWNER_OTHER
								: STK_OWNER_UNKNOWN;
	return stack->task && !stack->doubt &&
			       (stack->task == start->task.addr ||
				(start->switching && stack->task == start->other.addr))
		       ? STK_OWNER_SELF
		       : STK_OWNER_OTHER;
}

/*
 * What the word at the top of the stack that is left says: 1 it leads to the step, too,
 * 0 elsewhere, -1: nothing, since the step itself went by it, or there is none.
 */
static int link_says(struct stk *s, const struct stk_stack *from,
		     const struct stk_step *step)
{
	uint64_t at = 0, link;

	if (!s->arch->link_word(s, from, &at, &link))
		/* Where it should be nothing can be read: are the bounds wrong? */
		return at ? 0 : -1;
	if (step->link_at == at ||
	    (step->regs_at && at == step->regs_at + 8ull * s->arch->sp))
		return -1;
	/* The rule took another word of this stack for it. */
	if (stk_within(step->link_at, from->begin, from->end))
		return 0;
	/* Registers say it to the byte; a function that switches is in its frame. */
	if (step->regs_at)
		return link == step->at;
	return link <= step->at && step->at - link <= STK_MAX_SWITCH_FRAME;
}

/* What ran last on the stack that the walk is on. */
static uint64_t innermost(const struct stk_walk *w)
{
	return w->seg && w->seg->nr_frames ? w->seg->frames[0].ip
					   : w->cur.regs.v[w->s->arch->ip];
}

static bool switches_to(const struct stk_arch *a, const struct stk_stack *from,
			const struct stk_stack *to)
{
	return a->leads_to[stk_kind_id(from->kind)] >> stk_kind_id(to->kind) & 1;
}

/* The saved registers, which lie on @on, are the user's. */
static void user_facts(struct stk_walk *w, const struct stk_step *step,
		       const struct stk_stack *on, struct stk_facts *f)
{
	struct stk *s = w->s;
	const struct stk_arch *a = s->arch;
	const struct stk_stack *from = &w->cur.stack;

	if (!a->user_below(s, from->kind, innermost(w)))
		f->regs.differ |= 1u << STK_WITNESS_PLACE;
	f->user_credible = a->may_be_user(s, on, &step->regs, step->regs_at);
	f->route = a->leads_to[stk_kind_id(on->kind)] & STK_FROM_USER &&
		   (on->begin == from->begin ||
		    (switches_to(a, from, on) && owner_of(w, on) != STK_OWNER_OTHER));
}

/* What the call before the return address says. */
static void call_facts(struct stk_walk *w, struct stk_candidate *c)
{
	struct stk *s = w->s;
	const struct stk_start *start = &w->c->chain.start;
	struct stk_facts *f = &c->facts;
	uint64_t init;

	if (f->returns && f->text)
		f->call = stk_call_evidence(s, c->step.regs.v[s->arch->ip],
					    w->cur.regs.v[s->arch->ip], w->cur.signal,
					    &c->why);
	/* Whoever else ran that code has left it since, or it could not be freed. */
	if (f->call == STK_CALL_FREED && start->has_task &&
	    (start->task.pid != 0 ||
	     (stk_find_symbol(s, "init_task", &init) && start->task.addr != init))) {
		f->call = STK_CALL_ELSEWHERE;
		c->why = "only the boot CPU's idle task may still be in it";
	}
}

/* The candidate is a frame of the kernel's. @on: where the saved registers lie. */
static void kernel_facts(struct stk_walk *w, struct stk_candidate *c,
			 const struct stk_stack *on)
{
	struct stk *s = w->s;
	const struct stk_arch *a = s->arch;
	const struct stk_step *step = &c->step;
	const struct stk_stack *from = &w->cur.stack;
	uint64_t user_at;
	struct stk_facts *f = &c->facts;

	if (step->at >= from->begin && step->at <= from->end)
		c->stack = *from;
	else
		stk_stack_at(w, step->at, &c->stack);
	f->move = move_of(w, c);
	f->owner = owner_of(w, &c->stack);
	f->route = switches_to(a, from, &c->stack);
	f->text = stk_is_text(s, step->regs.v[a->ip]);
	user_at = a->user_regs_at(s, on);
	f->in_user_regs = user_at && step->regs_at == user_at;
	user_at = a->user_regs_at(s, &c->stack);
	f->above_user_regs = user_at && !step->signal && step->at > user_at;
	f->returns = (step->slot || step->in_register) && !step->signal;
	call_facts(w, c);
	if (f->move == STK_MOVE_CROSS)
		f->link = link_says(s, from, step);
}

void stk_gather_facts(struct stk_walk *w, struct stk_candidate *c)
{
	struct stk *s = w->s;
	const struct stk_arch *a = s->arch;
	const struct stk_step *step = &c->step;
	struct stk_stack on = w->cur.stack; /* that the saved registers lie on */
	struct stk_facts *f = &c->facts;

	f->link = -1;
	f->regs = step->said;
	f->given = w->c->chain.start.given;
	f->joins = step->regs_at &&
		   (step->regs_at == w->stop_at || step->regs_at == w->joint_at);
	f->has_regs = step->regs_at != 0;
	f->interrupted = step->signal;
	f->sure = step->reliable;
	f->misfit = step->misfit;
	f->user = a->user_mode(&step->regs);
	/* Up to 5.7 the IRQ stack leads to the registers on the stack before it. */
	if (step->regs_at && !stk_within(step->regs_at, on.begin, on.end))
		stk_stack_at(w, step->regs_at, &on);
	if (step->regs_at)
		a->weigh_regs(s, &on, &step->regs, step->regs_at, w->cur.regs.v[a->ip],
			      &f->regs);
	if (step->regs_at && !f->user &&
	    stk_no_code_at(s, w->cur.regs.v[a->ip], &step->regs, step->regs_at)) {
		f->regs.agree &= ~(1u << STK_WITNESS_REGS);
		stk_weigh(&f->regs, STK_WITNESS_REGS, false);
		c->why = "an event came in where there is no code";
	}
	if (f->user)
		user_facts(w, step, &on, f);
	else
		kernel_facts(w, c, &on);
}

void stk_weigh_crossing(struct stk_walk *w, const struct stk_candidate *c,
			struct stk_crossing *x)
{
	struct stk *s = w->s;
	const struct stk_stack *from = &w->cur.stack;
	const struct stk_step *step = &c->step;

	x->have_link = s->arch->link_word(s, from, &x->link_at, &x->link);
	x->how = step->how;
	x->at = step->regs_at ? step->regs_at : step->slot;
	if (step->regs_at)
		x->how = step->how == STK_HOW_LINK ? STK_HOW_LINK : STK_HOW_REGS;
	if (x->have_link && step->link_at == x->link_at) {
		/* The rule itself read the saved word. */
		x->how = STK_HOW_LINK;
		x->at = x->link_at;
	}
	x->agree = c->facts.link;
	x->evidence = c->verdict.evidence;
	if (from->cpu >= 0 &&
	    s->arch->counts_context(s, (unsigned int)from->cpu, from->kind) == 1)
		x->evidence.agree |= 1u << STK_WITNESS_COUNT;
	if (stk_kind_is(from->kind, STK_KIND_INTERRUPT) && from->cpu >= 0) {
		int in_use = stk_irq_stack_in_use(s, (unsigned int)from->cpu);

		if (in_use > 0)
			x->evidence.agree |= 1u << STK_WITNESS_IN_USE;
		else if (!in_use)
			x->evidence.differ |= 1u << STK_WITNESS_IN_USE;
	}
	if (x->agree == 0)
		x->note = stk_arena_printf(&w->c->arena, "the word at %#llx says %#llx",
					   (unsigned long long)x->link_at,
					   (unsigned long long)x->link);
	else if (x->evidence.differ & 1u << STK_WITNESS_IN_USE)
		x->note = "the CPU's own mark says that its IRQ stack is not in use";
}
