/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stacks that overflowed, or are nearly full: which, and which frames are so large. */
#include <inttypes.h>
#include <stdio.h>

#include "../../arch/arch.h"
#include "../../base/bytes.h"
#include "../../base/context.h"
#include "../../machine/memory.h"
#include "../findings.h"

/* Smaller ones are made for just what is pushed there. */
bool stk_is_nearly_full(uint64_t used, uint64_t size)
{
	return size >= STK_MIN_PAGE_SIZE &&
	       used >= size - size / 100 * (100 - STK_FULL_PERCENT);
}

bool stk_next_full(const struct stk_segment **seg, struct stk_full *out)
{
	for (; *seg; *seg = (*seg)->next) {
		const struct stk_segment *first = *seg, *on = first;

		if (!first->nr_frames)
			continue;
		/* What is in the guard page is one segment, the stack itself the next. */
		if (first->over.kind && first->next &&
		    first->next->stack.begin == first->over.begin)
			on = first->next;
		*out = (struct stk_full){ .seg = first,
					  .over = first->over.kind != NULL };
		out->stack = out->over ? first->over : first->stack;
		if (!out->stack.kind || first->low >= out->stack.end)
			continue;
		out->used = out->stack.end - first->low;
		if (!out->over &&
		    !stk_is_nearly_full(out->used, out->stack.end - out->stack.begin))
			continue;
		*seg = on->next;
		return true;
	}
	return false;
}

/* ---- how full ---- */

static enum stk_status look_cpus(struct stk *s, struct stk_triage *t,
				 const struct stk_finding_info *info)
{
	for (size_t i = 0; i < t->nr_cpus; i++) {
		const struct stk_triage_cpu *c = &t->cpu[i];
		const struct stk_segment *seg = c->chain ? c->chain->segments : NULL;
		char whose[200], place[256];
		struct stk_finding *f;
		struct stk_full full;

		while (stk_next_full(&seg, &full)) {
			if (full.over)
				continue;
			f = stk_finding_add(
				t, info,
				"CPU %u uses %" PRIu64 " of the %" PRIu64
				" bytes of %s, %" PRIu64 " are left below 0x%" PRIx64
				", in %s",
				c->cpu, full.used, full.stack.end - full.stack.begin,
				stk_finding_stack(s, &full.stack, whose, sizeof(whose)),
				full.seg->low - full.stack.begin, full.seg->low,
				stk_finding_place(&full.seg->frames[0].name, place,
						  sizeof(place)));
			if (!f)
				return STK_ERR_NOMEM;
			stk_finding_of(f, c, &full.seg->frames[0]);
			f->has_address = true;
			f->address = full.seg->low;
		}
	}
	return STK_OK;
}

/* How much of its stack a task uses as it sleeps; 0: it does not, or not there. */
static uint64_t sleeps_with(const struct stk_task *task, uint64_t size)
{
	if (!task->stack || task->exit_state || task->on_cpu || task->sp < task->stack ||
	    task->sp >= task->stack + size)
		return 0;
	return task->stack + size - task->sp;
}

/* The saved stack pointers are known by now: no stack is read. */
static const struct stk_task *fullest_sleeper(struct stk *s, size_t *nr_full,
					      uint64_t *used)
{
	const uint64_t size = s->arch->thread_size(s);
	const struct stk_task *task, *fullest = NULL;
	size_t nr;

	*nr_full = *used = 0;
	if (stk_tasks(s, &task, &nr))
		return NULL;
	for (size_t i = 0; i < nr; i++) {
		uint64_t now = sleeps_with(&task[i], size);

		if (!stk_is_nearly_full(now, size) ||
		    stk_running_cpu(s, task[i].addr) >= 0)
			continue;
		(*nr_full)++;
		if (now > *used) {
			*used = now;
			fullest = &task[i];
		}
	}
	return fullest;
}

static enum stk_status look_sleepers(struct stk *s, struct stk_triage *t,
				     const struct stk_finding_info *info)
{
	char who[120], others[80] = "";
	struct stk_finding *f;
	uint64_t used;
	size_t nr;
	const struct stk_task *task = fullest_sleeper(s, &nr, &used);

	if (!task)
		return STK_OK;
	if (nr > 1)
		snprintf(others, sizeof(others), "; so it is with %zu more task%s",
			 nr - 1, nr > 2 ? "s" : "");
	f = stk_finding_add(
		t, info,
		"%s sleeps with %" PRIu64 " of the %" PRIu64
		" bytes of its stack in use, %" PRIu64 " are left below 0x%" PRIx64 "%s",
		stk_finding_task(task, who, sizeof(who)), used, s->arch->thread_size(s),
		task->sp - task->stack, task->sp, others);
	if (!f)
		return STK_ERR_NOMEM;
	f->pid = task->pid;
	f->has_address = true;
	f->address = task->sp;
	return STK_OK;
}

static enum stk_status look_full(struct stk *s, struct stk_triage *t,
				 const struct stk_finding_info *info)
{
	enum stk_status st = look_cpus(s, t, info);

	return st ? st : look_sleepers(s, t, info);
}

const struct stk_finding_info stk_finding_nearly_full = {
	.id = "stack-nearly-full",
	.severity = STK_SEVERITY_SUSPICIOUS,
	.look = look_full,
};

/* ---- who uses it ---- */

#define NR_LARGEST 3u

struct large {
	const struct stk_frame *frame;
	uint64_t bytes;
};

struct sizes {
	struct large largest[NR_LARGEST];
	size_t nr_frames;
};

static void take_size(struct sizes *z, const struct stk_frame *f, uint64_t bytes)
{
	struct large now = { f, bytes };

	z->nr_frames++;
	for (size_t i = 0; i < NR_LARGEST; i++) {
		const struct large was = z->largest[i];

		if (was.frame && was.bytes >= now.bytes)
			continue;
		z->largest[i] = now;
		now = was;
	}
}

/* From where a frame lies to where the next one does, or to the stack's end. */
static void measure_frames(const struct stk_full *full, struct sizes *z)
{
	const struct stk_segment *seg = full->seg;
	const struct stk_frame *last = NULL;

	*z = (struct sizes){ 0 };
	for (;;) {
		for (size_t i = 0; i < seg->nr_frames; i++) {
			const struct stk_frame *f = &seg->frames[i];

			if (last && f->at >= last->at)
				take_size(z, last, f->at - last->at);
			last = f;
		}
		if (seg->stack.kind || !seg->next ||
		    seg->next->stack.begin != full->stack.begin)
			break;
		seg = seg->next;
	}
	if (last && last->at < full->stack.end)
		take_size(z, last, full->stack.end - last->at);
}

static enum stk_status add_big(struct stk *s, struct stk_triage *t,
			       const struct stk_finding_info *info,
			       const struct stk_triage_cpu *c,
			       const struct stk_full *full)
{
	char whose[200], names[400] = "", rest[80] = "", place[256];
	struct stk_finding_info row = *info;
	struct stk_finding *f;
	struct sizes z;
	uint64_t told = 0;
	size_t nr = 0, at = 0;

	if (2 * stk_recursion_bytes(full) >= full->used)
		return STK_OK;
	measure_frames(full, &z);
	for (; nr < NR_LARGEST && z.largest[nr].frame && at < sizeof(names); nr++) {
		told += z.largest[nr].bytes;
		at += (size_t)snprintf(names + at, sizeof(names) - at,
				       "%s%s takes %" PRIu64, nr ? ", " : "",
				       stk_finding_place(&z.largest[nr].frame->name,
							 place, sizeof(place)),
				       z.largest[nr].bytes);
	}
	if (!nr)
		return STK_OK;
	if (z.nr_frames > nr)
		snprintf(rest, sizeof(rest), ", %zu other frame%s %" PRIu64,
			 z.nr_frames - nr, z.nr_frames - nr > 1 ? "s" : "",
			 full->used - told);
	if (full->over)
		row.severity = STK_SEVERITY_FATAL;
	f = stk_finding_add(t, &row, "of %" PRIu64 " bytes on %s, %s%s", full->used,
			    stk_finding_stack(s, &full->stack, whose, sizeof(whose)),
			    names, rest);
	if (!f)
		return STK_ERR_NOMEM;
	stk_finding_of(f, c, z.largest[0].frame);
	return STK_OK;
}

static enum stk_status look_big(struct stk *s, struct stk_triage *t,
				const struct stk_finding_info *info,
				const struct stk_triage_cpu *c)
{
	const struct stk_segment *seg = c->chain ? c->chain->segments : NULL;
	enum stk_status st = STK_OK;
	struct stk_full full;

	while (!st && stk_next_full(&seg, &full))
		st = add_big(s, t, info, c, &full);
	return st;
}

const struct stk_finding_info stk_finding_frames_big = {
	.id = "stack-frames-big",
	.severity = STK_SEVERITY_NOTICE,
	.look_cpu = look_big,
};
