/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge.h"

#include <string.h>

const char *verdict_name(enum verdict verdict)
{
	static const char *const name[] = {
#define VERDICT_NAME(id, name) name,
		VERDICTS(VERDICT_NAME)
#undef VERDICT_NAME
	};

	return name[verdict];
}

bool is_certain(const struct stk_chain *chain)
{
	return chain->confidence == STK_CERTAIN;
}

const struct stk_frame *chain_frame(const struct stk_chain *chain, size_t n,
				    const struct stk_segment **seg)
{
	for (*seg = chain->segments; *seg; *seg = (*seg)->next) {
		if (n < (*seg)->nr_frames)
			return &(*seg)->frames[n];
		n -= (*seg)->nr_frames;
	}
	return NULL;
}

static bool same_stack(const struct stk_stack *a, const struct stk_stack *b)
{
	return a->kind == b->kind && a->cpu == b->cpu && a->task == b->task &&
	       a->begin == b->begin && a->end == b->end;
}

static bool same_owner(const struct stk_chain *a, const struct stk_chain *b)
{
	const struct stk_start *x = &a->start, *y = &b->start;

	return a->cpu == b->cpu && x->has_task == y->has_task &&
	       (!x->has_task ||
		(x->task.addr == y->task.addr && x->task.pid == y->task.pid &&
		 !strcmp(x->task.comm, y->task.comm)));
}

/* That one of them knows no stack pointer is no difference. */
static bool same_frame(const struct stk_frame *a, const struct stk_frame *b)
{
	return a->ip == b->ip && a->at == b->at &&
	       (a->sp == b->sp || a->has_sp != b->has_sp);
}

struct difference compare_chains(const struct stk_chain *chain,
				 const struct stk_chain *truth)
{
	const struct stk_segment *a = chain->segments, *b = truth->segments;
	struct difference d = { .header = !same_owner(chain, truth),
				.frames_equal = true };
	size_t i = 0;

	while (a && b) {
		if (i == a->nr_frames || i == b->nr_frames) {
			/* Where one chain goes on to the next stack, so must the other.
			 */
			if (i != a->nr_frames || i != b->nr_frames) {
				d.frames_equal = i == a->nr_frames && !a->next;
				break;
			}
			a = a->next;
			b = b->next;
			i = 0;
			continue;
		}
		if (!same_frame(&a->frames[i], &b->frames[i]) ||
		    !same_stack(&a->stack, &b->stack)) {
			d.frames_equal = false;
			break;
		}
		d.first++;
		i++;
	}
	d.frames_equal = d.frames_equal && d.first == chain->nr_frames;
	d.same = !d.header && d.frames_equal && d.first == truth->nr_frames &&
		 chain->end == truth->end &&
		 (!chain->user || !truth->user || chain->user_at == truth->user_at);
	return d;
}

enum verdict judge(const struct stk_chain *chain, const struct stk_chain *truth)
{
	const struct stk_segment *seg;
	const struct stk_frame *f;
	struct difference d;

	if (!chain)
		return VERDICT_LOST;
	d = compare_chains(chain, truth);
	if (d.same)
		return is_certain(chain) ? VERDICT_SAME : VERDICT_DOUBT;
	if (is_certain(chain))
		return VERDICT_STRONG;
	if (d.frames_equal)
		return d.header ? VERDICT_TOLD : VERDICT_LOST;
	f = chain_frame(chain, d.first, &seg);
	return f && f->reliable ? VERDICT_WEAK : VERDICT_TOLD;
}
