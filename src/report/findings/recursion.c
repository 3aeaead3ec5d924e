/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stack that overflowed, or nearly so, by recursion: the same few functions, again and
 * again. How deep, and what a round costs. Where there is room, recursion is no fault.
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

/* What is in the guard page is one segment, the stack itself the next. */
static const struct stk_segment *stack_itself(const struct stk_full *full)
{
	return full->over ? full->seg->next : full->seg;
}

static uint64_t bytes_of(const struct stk_segment *seg, const struct cycle *y)
{
	return seg->frames[y->at + (y->rounds - 1) * y->length].at -
	       seg->frames[y->at].at;
}

uint64_t stk_recursion_bytes(const struct stk_full *full)
{
	const struct stk_segment *seg = stack_itself(full);
	const struct cycle y = seg ? find_cycle(seg) : (struct cycle){ 0 };

	return y.rounds ? bytes_of(seg, &y) : 0;
}

static enum stk_status add(struct stk_triage *t, const struct stk_finding_info *info,
			   const struct stk_triage_cpu *c, const struct stk_full *full)
{
	const struct stk_segment *seg = stack_itself(full);
	const struct cycle y = seg ? find_cycle(seg) : (struct cycle){ 0 };
	struct stk_finding_info row = *info;
	char place[256], others[80] = "";
	struct stk_finding *f;
	uint64_t bytes;

	if (!y.rounds)
		return STK_OK;
	bytes = bytes_of(seg, &y);
	if (y.length > 1)
		snprintf(others, sizeof(others), ", by way of %zu other function%s",
			 y.length - 1, y.length > 2 ? "s" : "");
	if (!full->over)
		row.severity = STK_SEVERITY_SUSPICIOUS;
	f = stk_finding_add(
		t, &row,
		"%s%s called itself %zu times on the stack that %s: "
		"%" PRIu64 " bytes, %" PRIu64 " for each",
		stk_finding_place(&seg->frames[y.at].name, place, sizeof(place)), others,
		y.rounds, full->over ? "overflowed" : "is nearly full", bytes,
		bytes / (y.rounds - 1));
	if (!f)
		return STK_ERR_NOMEM;
	stk_finding_of(f, c, &seg->frames[y.at]);
	return STK_OK;
}

static enum stk_status look(struct stk *s, struct stk_triage *t,
			    const struct stk_finding_info *info,
			    const struct stk_triage_cpu *c)
{
	const struct stk_segment *seg = c->chain ? c->chain->segments : NULL;
	enum stk_status st = STK_OK;
	struct stk_full full;

	while (!st && stk_next_full(&seg, &full))
		st = add(t, info, c, &full);
	return st;
}

const struct stk_finding_info stk_finding_recursion = {
	.id = "stack-recursion",
	.severity = STK_SEVERITY_FATAL,
	.look_cpu = look,
};
