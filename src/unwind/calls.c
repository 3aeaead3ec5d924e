/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "calls.h"

#include "../base/context.h"
#include "../base/hash.h"

#define NR_SEEN 512u

/* Calls that lead there; of two that want the same place the later one. */
struct stk_calls {
	struct seen {
		uint64_t ret, callee;
		bool exact, used;
	} seen[NR_SEEN];
};

/* NULL: it cannot be kept. */
static struct seen *place_of(struct stk *s, uint64_t ret, uint64_t callee)
{
	if (s->target.live)
		return NULL;
	if (!s->calls)
		s->calls = stk_arena_alloc(&s->fixed, sizeof(*s->calls));
	return s->calls ? &s->calls->seen[stk_hash_number(ret * 3 + callee) % NR_SEEN]
			: NULL;
}

enum stk_call stk_call_evidence(struct stk *s, uint64_t ret, uint64_t callee, bool exact,
				const char **why)
{
	struct seen *seen = place_of(s, ret, callee);
	enum stk_call call;

	if (seen && seen->used && seen->ret == ret && seen->callee == callee &&
	    seen->exact == exact) {
		*why = NULL;
		return STK_CALL_REACHES;
	}
	call = s->arch->call_evidence(s, ret, callee, exact, why);
	/* What speaks against a call is told each time: a lost page is counted. */
	if (seen && call == STK_CALL_REACHES)
		*seen = (struct seen){ ret, callee, exact, true };
	return call;
}
