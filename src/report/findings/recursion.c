/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stack that overflowed by recursion: the same few functions, again and again. How
 * deep, and what a round costs. Where the stack did not overflow, recursion is no fault.
 */
#include <inttypes.h>
#include <stdio.h>

#include "../../base/bytes.h"
#include "../../base/context.h"
#include "../findings.h"

#define MAX_CYCLE  8u /* functions of a round */
#define MIN_ROUNDS 8u /* fewer overflow no stack */

struct cycle {
	size_t at, length, rounds; /* from frame @at of the segment on */
};

static bool same(const struct stk_frame *a, const struct stk_frame *b)
{
	return a->name.function && stk_same_text(a->name.function, b->name.function) &&
	       stk_same_text(a->name.module, b->name.module);
}

/* How many whole rounds of @length frames follow each other from frame @at on. */
static size_t rounds_at(const struct stk_segment *seg, size_t at, size_t length)
{
	size_t i = at + length;

	while (i < seg->nr_frames && same(&seg->frames[i], &seg->frames[i - length]))
		i++;
	return (i - at) / length;
}

/* The one that takes the most frames; the shortest, of equal ones. */
static struct cycle find_cycle(const struct stk_segment *seg)
{
	struct cycle best = { 0 };

	for (size_t at = 0; at < seg->nr_frames;) {
		size_t next = at + 1;

		for (size_t length = 1; length <= MAX_CYCLE; length++) {
			size_t rounds = rounds_at(seg, at, length);

			if (rounds < MIN_ROUNDS)
				continue;
			if (rounds * length > best.rounds * best.length)
				best = (struct cycle){ at, length, rounds };
			next = at + rounds * length;
			break;
		}
		at = next;
	}
	return best;
}

static enum stk_status add(struct stk_triage *t, const struct stk_finding_info *info,
			   const struct stk_triage_cpu *c, const struct stk_segment *seg)
{
	const struct cycle y = find_cycle(seg);
	const struct stk_frame *first = &seg->frames[y.at], *last;
	char place[256], others[80] = "";
	struct stk_finding *f;
	uint64_t bytes;

	if (!y.rounds)
		return STK_OK;
	last = &seg->frames[y.at + (y.rounds - 1) * y.length];
	bytes = last->at - first->at;
	if (y.length > 1)
		snprintf(others, sizeof(others), ", by way of %zu other function%s",
			 y.length - 1, y.length > 2 ? "s" : "");
	f = stk_finding_add(t, info,
			    "%s%s called itself %zu times on the stack that overflowed: "
			    "%" PRIu64 " bytes, %" PRIu64 " for each",
			    stk_finding_place(&first->name, place, sizeof(place)), others,
			    y.rounds, bytes, bytes / (y.rounds - 1));
	if (!f)
		return STK_ERR_NOMEM;
	f->cpu = (int)c->cpu;
	f->pid = c->trace->pid;
	f->function = first->name.function;
	f->module = first->name.module;
	return STK_OK;
}

static enum stk_status look(struct stk *s, struct stk_triage *t,
			    const struct stk_finding_info *info)
{
	enum stk_status st = STK_OK;

	for (size_t i = 0; i < t->nr_cpus && !st; i++) {
		const struct stk_triage_cpu *c = &t->cpu[i];
		const struct stk_segment *seg = c->chain ? c->chain->segments : NULL;

		/* What is in the guard page is one segment, the stack itself the next. */
		for (; seg && !st; seg = seg->next)
			if (seg->over.kind && seg->next)
				st = add(t, info, c, seg->next);
	}
	return st;
}

const struct stk_finding_info stk_finding_recursion = {
	.id = "stack-recursion",
	.severity = STK_SEVERITY_FATAL,
	.look = look,
};
