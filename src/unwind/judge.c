/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge.h"

static struct stk_evidence gather_evidence(const struct stk_facts *f)
{
	struct stk_evidence e = f->regs;

	if (f->move == STK_MOVE_CROSS) {
		if (f->owner != STK_OWNER_UNKNOWN)
			stk_weigh(&e, STK_WITNESS_OWNER, f->owner == STK_OWNER_SELF);
		stk_weigh(&e, STK_WITNESS_ROUTE, f->route);
		stk_weigh(&e, STK_WITNESS_LINK, f->link);
	}
	if (!f->returns)
		return e;
	switch (f->call) {
	case STK_CALL_NONE:
		stk_weigh(&e, STK_WITNESS_CALL, false);
		break;
	case STK_CALL_ELSEWHERE:
		stk_weigh(&e, STK_WITNESS_CALL, true);
		stk_weigh(&e, STK_WITNESS_TARGET, false);
		break;
	case STK_CALL_UNFOLLOWED:
	case STK_CALL_CANNOT_TELL:
		stk_weigh(&e, STK_WITNESS_CALL, true);
		break;
	case STK_CALL_REACHES:
		stk_weigh(&e, STK_WITNESS_CALL, true);
		stk_weigh(&e, STK_WITNESS_TARGET, true);
		break;
	default:
		break;
	}
	return e;
}

/* Rules 1 to 3. Returns false when it cannot be; @end says why. */
static bool is_possible(const struct stk_facts *f, enum stk_end *end)
{
	if (f->joins)
		return true;
	*end = STK_END_NOT_TEXT;
	if (f->user) {
		if (!f->user_credible)
			return false;
		*end = STK_END_NO_WAY;
		return f->route;
	}
	/* What lies on a stack of others is no matter. */
	*end = STK_END_NOT_OWN;
	if (f->move == STK_MOVE_CROSS && f->owner == STK_OWNER_OTHER && !f->given)
		return false;
	*end = STK_END_NOT_TEXT;
	/* An interrupted ip may be anything: it may be why the machine died. */
	if (!f->interrupted && !f->text)
		return false;
	*end = STK_END_USER_PLACE;
	if (f->in_user_regs || f->above_user_regs)
		return false;
	switch (f->move) {
	case STK_MOVE_BACK:
		*end = STK_END_BACKWARDS;
		return false;
	case STK_MOVE_REENTER:
		*end = STK_END_RECURSION;
		return false;
	case STK_MOVE_NOWHERE:
		*end = STK_END_OFF_STACK;
		return f->has_regs;
	case STK_MOVE_CROSS:
		*end = STK_END_NO_WAY;
		return f->route;
	default:
		return true;
	}
}

/* What speaks against the saved registers, or a return address, by itself. */
static const struct {
	enum stk_witness witness;
	enum stk_doubt doubt;
} doubted_regs[] = {
	{ STK_WITNESS_REGS, STK_DOUBT_REGS }, { STK_WITNESS_PLACE, STK_DOUBT_PLACE },
	{ STK_WITNESS_COPY, STK_DOUBT_COPY }, { STK_WITNESS_SHADOW, STK_DOUBT_SHADOW },
	{ STK_WITNESS_CFI, STK_DOUBT_CFI },
};

static enum stk_doubt which_doubt(const struct stk_facts *f, const struct stk_evidence *e)
{
	if (f->returns && f->call == STK_CALL_NONE)
		return STK_DOUBT_NO_CALL;
	if (f->returns && f->call == STK_CALL_ELSEWHERE)
		return STK_DOUBT_TARGET;
	if (f->returns &&
	    (f->call == STK_CALL_UNREADABLE || f->call == STK_CALL_UNFOLLOWED) &&
	    !(e->agree & 1u << STK_WITNESS_SHADOW))
		return STK_DOUBT_UNREADABLE;
	if (!f->sure)
		return STK_DOUBT_METHOD;
	for (size_t i = 0; i < sizeof(doubted_regs) / sizeof(doubted_regs[0]); i++)
		if (e->differ & 1u << doubted_regs[i].witness)
			return doubted_regs[i].doubt;
	if (f->move == STK_MOVE_NOWHERE)
		return STK_DOUBT_NO_STACK;
	if (f->move == STK_MOVE_CROSS &&
	    (f->owner == STK_OWNER_OTHER || f->owner == STK_OWNER_SHARED))
		return STK_DOUBT_OWNER;
	if (f->move == STK_MOVE_CROSS && f->link == 0)
		return STK_DOUBT_LINK;
	return STK_DOUBT_NONE;
}

struct stk_verdict stk_judge(const struct stk_facts *f)
{
	struct stk_verdict v = { .evidence = gather_evidence(f) };

	v.possible = is_possible(f, &v.end);
	v.doubt = which_doubt(f, &v.evidence);
	v.firm = f->returns && f->sure &&
		 (f->call == STK_CALL_REACHES ||
		  (v.doubt == STK_DOUBT_NONE &&
		   v.evidence.agree & 1u << STK_WITNESS_SHADOW));
	/* Registers that do not lie where an entry saves them: no entry may have led
	 * there. */
	v.misfit = f->misfit || v.doubt == STK_DOUBT_NO_CALL ||
		   v.evidence.differ & 1u << STK_WITNESS_PLACE ||
		   (v.doubt == STK_DOUBT_UNREADABLE && f->call == STK_CALL_UNFOLLOWED) ||
		   v.doubt == STK_DOUBT_TARGET || v.doubt == STK_DOUBT_SHADOW ||
		   v.doubt == STK_DOUBT_CFI;
	return v;
}

static bool is_broken(enum stk_end end)
{
	return !stk_end_is_good(end);
}

void stk_judge_chain(struct stk_chain *chain, struct stk_arena *arena)
{
	chain->confidence = STK_CERTAIN;
	chain->confidence_why = NULL;
	if (is_broken(chain->end)) {
		chain->confidence = STK_BROKEN;
		chain->confidence_why = chain->end_text;
		return;
	}
	if (chain->start.doubt) {
		chain->confidence = STK_DOUBTFUL;
		chain->confidence_why = chain->start.doubt;
		return;
	}
	for (const struct stk_segment *seg = chain->segments; seg; seg = seg->next) {
		for (size_t i = 0; i < seg->nr_frames; i++) {
			const struct stk_frame *f = &seg->frames[i];

			if (f->reliable)
				continue;
			chain->confidence = STK_DOUBTFUL;
			chain->confidence_why = stk_arena_printf(
				arena, "%s+%llu: %s",
				f->name.function ? f->name.function : "unknown code",
				(unsigned long long)f->name.offset,
				stk_doubt_text(f->doubt));
			return;
		}
		if (seg->next && seg->crossing.agree == 0) {
			chain->confidence = STK_DOUBTFUL;
			chain->confidence_why = stk_arena_printf(
				arena, "the top of the %s stack leads elsewhere",
				stk_stack_kind_name(seg->stack.kind));
			return;
		}
	}
	if (chain->user_doubt) {
		chain->confidence = STK_DOUBTFUL;
		chain->confidence_why = chain->user_doubt;
	}
}
