/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first half of a step: who called this frame? */
#include "replaced.h"
#include "walk.h"

/*
 * A tracer's trampoline in place of a return address: go on with the real one. The
 * frame says so; without the real one it is not to be trusted.
 */
static enum stk_status restore_return(struct stk_walk *w, struct stk_step *step)
{
	const struct stk_start *start = &w->c->chain.start;
	const struct stk_arch *a = w->s->arch;
	uint64_t key = a->tracer_key ? a->tracer_key(w->s, step) : step->slot;
	uint64_t *ip = &step->regs.v[a->ip], real;
	const char *what;

	/* Without a task there is nothing that has it. */
	if (!key || !stk_replaced_return(w->s, &start->task, *ip, key, &real, &what))
		return STK_OK;
	step->note = stk_arena_printf(&w->c->arena,
				      real ? STK_REPLACED_NOTE "%s, restored"
					   : STK_REPLACED_NOTE "%s; the real one is lost",
				      what);
	if (real)
		*ip = real;
	else
		step->reliable = false;
	return step->note ? STK_OK : STK_ERR_NOMEM;
}

/* Why the candidate, or the method itself, is of no use. */
static struct stk_dead_end why_not(const struct stk_walk *w,
				   const struct stk_candidate *c,
				   enum stk_step_result result)
{
	const struct stk_step *step = &c->step;
	struct stk_dead_end dead = { .met = true };

	if (result == STK_STEP_FAILED) {
		dead.why = step->end;
		dead.bad = step->bad;
		return dead;
	}
	dead.why = c->verdict.end;
	dead.bad = step->at;
	if (dead.why == STK_END_NOT_TEXT) {
		dead.bad = step->regs.v[w->s->arch->ip];
		dead.slot = step->slot;
	}
	return dead;
}

enum stk_status stk_next(struct stk_walk *w, struct stk_candidate *c, enum stk_next *res,
			 struct stk_dead_end *dead)
{
	const struct stk_arch *a = w->s->arch;
	bool have_end = false;

	*dead = (struct stk_dead_end){ .met = true,
				       .why = STK_END_NO_RULE,
				       .bad = w->cur.regs.v[a->ip] };
	for (size_t i = 0; i < a->nr_methods; i++) {
		enum stk_step_result result;

		*c = (struct stk_candidate){ .step.end = STK_END_NO_RULE };
		result = a->methods[i](w->s, &w->cur, &c->step);
		switch (result) {
		case STK_STEP_END:
			*res = STK_NEXT_END;
			return STK_OK;
		case STK_STEP_OK:
			if (!c->step.at)
				c->step.at = c->step.regs.v[a->sp];
			if (restore_return(w, &c->step))
				return STK_ERR_NOMEM;
			stk_gather_facts(w, c);
			c->verdict = stk_judge(&c->facts);
			c->fallback = have_end;
			if (c->verdict.possible) {
				*res = STK_NEXT_STEP;
				return STK_OK;
			}
			break;
		case STK_STEP_FAILED:
			break;
		default:
			continue;
		}
		/* Keep what the first, most trusted method complained about. */
		if (!have_end)
			*dead = why_not(w, c, result);
		have_end = true;
	}
	*res = STK_NEXT_NONE;
	return STK_OK;
}
