/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walk: find a candidate for the caller, judge it, move there; until the end. */
#include <stdlib.h>
#include <string.h>

#include "../kernel/layout.h"
#include "../stacks/map.h"
#include "../machine/memory.h"
#include "walk.h"

/* Whose stack is it that the chain must not go to? */
static const char *whose_stack(struct stk_walk *w, uint64_t at)
{
	struct stk_stack stack;
	struct stk_task task;

	stk_stack_at(w, at, &stack);
	if (!stack.kind)
		return "on no stack";
	if (stk_stack_is_free(&stack))
		return "on a stack of no task";
	if (!stk_stack_is_task(&stack))
		return stk_arena_printf(&w->c->arena, "on the %s stack of CPU %d",
					stk_stack_kind_name(stack.kind), stack.cpu);
	if (stk_task_read(w->s, stack.task, &task))
		return "on a task's stack";
	return stk_arena_printf(&w->c->arena, "on the stack of PID %u \"%s\"", task.pid,
				task.comm);
}

static enum stk_status end_broken(struct stk_walk *w, enum stk_end end, uint64_t bad)
{
	const char *where = NULL;

	if (end == STK_END_NOT_OWN || end == STK_END_NO_WAY || end == STK_END_RECURSION)
		where = whose_stack(w, bad);
	return stk_finish(w, end, "%s (%#llx%s%s)", stk_end_text(end),
			  (unsigned long long)bad, where ? ", " : "", where ? where : "");
}

/* The first of them is why all that follows is in doubt. */
static void keep_dead_end(struct stk_walk *w, struct stk_dead_end *dead)
{
	struct stk_chain *chain = &w->c->chain;

	if (chain->dead_end.met)
		return;
	dead->segment = chain->nr_segments - 1;
	dead->frame = w->seg->nr_frames - 1;
	chain->dead_end = *dead;
}

static enum stk_status walk_step(struct stk_walk *w, bool rules_only)
{
	struct stk_candidate c;
	struct stk_dead_end dead;
	enum stk_next next;
	enum stk_status st;
	bool found = false;

	if (stk_interrupted(w->s))
		return stk_finish(w, STK_END_INTERRUPTED, "%s",
				  stk_end_text(STK_END_INTERRUPTED));
	if (w->c->chain.nr_frames >= STK_MAX_FRAMES)
		return stk_finish(w, STK_END_LIMIT, "more than %u frames",
				  STK_MAX_FRAMES);
	st = stk_next(w, &c, &next, &dead);
	if (st)
		return st;
	if (next == STK_NEXT_STEP) {
		if (c.fallback)
			keep_dead_end(w, &dead);
		return stk_apply(w, &c);
	}
	if (next == STK_NEXT_END)
		return stk_at_stack_start(w);
	keep_dead_end(w, &dead);
	stk_retract(w);
	if (!rules_only)
		st = stk_read_on(w, dead.why, dead.bad, &found);
	return st || found ? st : end_broken(w, dead.why, dead.bad);
}

static enum stk_status walk_chain(struct stk_walk *w, bool rules_only)
{
	struct stk_chain *chain = &w->c->chain;
	const struct stk_start *start = &chain->start;
	enum stk_status st;

	chain->entry = (struct stk_entry){ .nr = -1, .code = -1 };
	w->cur.regs = w->first ? *w->first : start->regs;
	w->cur.full = w->cur.regs;
	w->cur.at = stk_regs_sp(w->s, &w->cur.regs);
	w->cur.signal = !w->first && start->signal;
	w->cur.cpu = start->cpu;
	w->cur.arena = &w->c->arena;
	st = stk_first_frame(w);
	while (!st && !w->stop)
		st = walk_step(w, rules_only || w->joint_at);
	if (!st)
		stk_judge_chain(chain, &w->c->arena);
	return st;
}

#define LIVE_TRIES 4

/*
 * How often the task was switched out. If that is the same before and after its stack
 * was read, and it is not running, then it slept all the time.
 */
static bool read_switches(struct stk *s, const struct stk_task *task, uint64_t *nr)
{
	uint64_t asked = 0, forced = 0;
	bool known = !stk_read_member(s, task->addr, "task_struct", "nvcsw", &asked) &&
		     !stk_read_member(s, task->addr, "task_struct", "nivcsw", &forced);

	*nr = asked + forced;
	return known;
}

static bool slept_since(struct stk *s, const struct stk_task *task, uint64_t before)
{
	struct stk_task now;
	uint64_t nr;

	stk_forget_memory(s);
	return read_switches(s, task, &nr) && nr == before &&
	       !stk_task_read(s, task->addr, &now) && !now.on_cpu && now.sp == task->sp;
}

static enum stk_status unwind_live(struct stk *s, const struct stk_task *task,
				   struct stk_chain **out)
{
	*out = NULL;
	for (int i = 0; i < LIVE_TRIES; i++) {
		struct stk_start start;
		uint64_t before;
		enum stk_status st;

		stk_forget_memory(s);
		if (!read_switches(s, task, &before))
			break;
		st = stk_start_task(s, task, &start);
		if (!st)
			st = stk_unwind_until(s, &start, 0, false, out);
		if (st || slept_since(s, &start.task, before))
			return st;
		stk_chain_free(s, *out);
		*out = NULL;
	}
	return stk_fail(s, STK_ERR_NO_REGS, "PID %u ran while its stack was read",
			task->pid);
}

enum stk_status stk_unwind_from(struct stk *s, const struct stk_start *start,
				struct stk_chain **out)
{
	if (s->target.live && start->from == STK_FROM_THREAD_SP)
		return unwind_live(s, &start->task, out);
	return stk_unwind_until(s, start, 0, false, out);
}

enum stk_status stk_unwind(struct stk *s, const struct stk_start *start,
			   struct stk_chain **out)
{
	stk_enter(s);
	return stk_leave(s, stk_unwind_from(s, start, out));
}

/* A new chain, by the walk that @w is set up for. */
static enum stk_status new_chain(struct stk_walk *w, const struct stk_start *start,
				 bool rules_only, struct stk_chain **out)
{
	struct stk *s = w->s;
	enum stk_status st;

	*out = NULL;
	w->c = calloc(1, sizeof(*w->c));
	if (!w->c) {
		stk_budget_short(&s->budget);
		return STK_ERR_NOMEM;
	}
	w->c->arena = (struct stk_arena){ .budget = &s->budget, .unpaid = true };
	w->c->next = s->chains;
	if (s->chains)
		s->chains->prev = w->c;
	s->chains = w->c;
	w->c->chain.start = *start;
	w->c->chain.cpu = start->cpu;
	st = walk_chain(w, rules_only);
	if (st) {
		stk_chain_free(s, &w->c->chain);
		return st;
	}
	*out = &w->c->chain;
	return STK_OK;
}

enum stk_status stk_unwind_until(struct stk *s, const struct stk_start *start,
				 uint64_t stop_at, bool rules_only,
				 struct stk_chain **out)
{
	struct stk_walk w = { .s = s, .stop_at = stop_at };

	return new_chain(&w, start, rules_only, out);
}

enum stk_status stk_unwind_through(struct stk *s, const struct stk_start *start,
				   const struct stk_regs *first, uint64_t joint,
				   struct stk_chain **out)
{
	struct stk_walk w = { .s = s, .first = first, .joint_at = joint };

	return new_chain(&w, start, false, out);
}

static void free_root(struct stk_chain_root *c)
{
	stk_arena_free(&c->arena);
	free(c);
}

void stk_chain_free(struct stk *s, struct stk_chain *chain)
{
	struct stk_chain_root *c = (struct stk_chain_root *)chain; /* its first member */

	if (!c)
		return;
	if (c->prev)
		c->prev->next = c->next;
	else
		s->chains = c->next;
	if (c->next)
		c->next->prev = c->prev;
	free_root(c);
}

void stk_free_chains(struct stk *s)
{
	struct stk_chain_root *c, *next;

	for (c = s->chains; c; c = next) {
		next = c->next;
		free_root(c);
	}
	s->chains = NULL;
}
