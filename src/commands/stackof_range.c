/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stackof BEGIN..END: what lies there, one line for each run of the same thing. Things
 * are made of pages, as a rule; a page whose two ends differ is looked at word by word.
 */
#include "stackof.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "../base/bytes.h"
#include "../machine/memory.h"
#include "../render/json_add.h"

#define MAX_RANGE    (1ull << 32)
#define PAGES_TO_ASK (1ull << 26)

static bool same_thing(const struct stk_place *a, const struct stk_place *b)
{
	if (a->has_stack != b->has_stack || !stk_same_text(a->region, b->region) ||
	    a->has_phys != b->has_phys || a->in_dump != b->in_dump)
		return false;
	if (a->has_stack)
		/* By physical addresses, a stack's pages may come in any order. */
		return a->stack.begin == b->stack.begin && a->guard == b->guard &&
		       a->stack_addr - a->addr == b->stack_addr - b->addr &&
		       stk_same_text(a->view, b->view);
	return stk_same_text(a->detail, b->detail) &&
	       stk_same_text(a->area.what, b->area.what) &&
	       a->area.begin == b->area.begin && a->object.begin == b->object.begin &&
	       stk_same_text(a->name.module, b->name.module) && a->percpu == b->percpu &&
	       a->percpu_cpu == b->percpu_cpu;
}

struct run {
	struct stackof *o;
	uint64_t begin, end; /* end: exclusive */
	struct stk_place place;
};

static void show_run(struct run *r)
{
	struct stk *s = r->o->cmd->s;

	if (r->begin == r->end)
		return;
	if (r->o->a.list)
		stk_json_append(r->o->a.list,
				stk_json_run(s, r->begin, r->end, &r->place));
	else
		stk_text_run(s, r->o->cmd->out, r->begin, r->end, &r->place);
}

static void extend_run(struct run *r, uint64_t to, const struct stk_place *place)
{
	if (r->begin == r->end || !same_thing(&r->place, place)) {
		show_run(r);
		r->begin = r->end;
		r->place = *place;
	}
	r->end = to;
}

void stk_stackof_range(struct stackof *o, uint64_t begin, uint64_t end)
{
	struct run r = { .o = o, .begin = begin, .end = begin };
	struct stk *s = o->cmd->s;

	if (end <= begin) {
		o->a.res = stk_misuse(o->cmd, "not a range: %" PRIx64 "..%" PRIx64, begin,
				      end);
		return;
	}
	if (end - begin > MAX_RANGE) {
		o->a.res = stk_misuse(o->cmd, "a range of more than 4 GiB");
		return;
	}
	for (uint64_t at = begin; at < end;) {
		uint64_t to = at + stk_in_page(s, at, end - at);
		struct stk_place first, last;

		/* How long the range is was not the dump's choice. */
		if ((to - begin) % PAGES_TO_ASK < stk_page_size(s))
			stk_budget_refill(&s->budget);
		if (!stk_stackof_classify(o, at, &first) ||
		    !stk_stackof_classify(o, to - 1, &last))
			return;
		while (!same_thing(&first, &last)) {
			extend_run(&r, at + 8 < to ? at + 8 : to, &first);
			at = r.end;
			if (at == to)
				break;
			if (!stk_stackof_classify(o, at, &first))
				return;
		}
		if (at < to)
			extend_run(&r, to, &first);
		at = to;
	}
	show_run(&r);
}
