/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chain of the dump, in the terms of a log: what reads those can read it, too. So a
 * crash has the same signature and looks the same, whoever tells of it.
 */
#include "triage.h"

#include <string.h>

#include "../base/bytes.h"
#include "../base/context.h"
#include "../base/safe.h"
#include "../unwind/replaced.h"

/* The function that begins where the call leads back to; NULL: none does. */
static const char *led_to(struct stk *s, const struct stk_frame *f)
{
	struct stk_name name;

	if (f->interrupted || !f->name.function)
		return NULL;
	stk_symbolize(s, f->ip, false, &name);
	return name.offset ? NULL : name.function;
}

static void take_frame(struct stk *s, struct stk_event_frame *to,
		       const struct stk_segment *seg, const struct stk_frame *f)
{
	*to = (struct stk_event_frame){
		.function = f->name.function,
		.module = f->name.module,
		.stack = seg->stack.kind  ? stk_stack_kind_name(seg->stack.kind)
			 : seg->over.kind ? stk_stack_kind_name(seg->over.kind)
					  : NULL,
		.offset = f->name.offset,
		.has_offset = f->name.function != NULL,
		.doubtful = !f->reliable,
		.interrupted = f->interrupted,
		.leads_to = led_to(s, f),
		.replaced = f->note &&
			    stk_begins_with(f->note, strlen(f->note), STK_REPLACED_NOTE),
	};
}

struct stk_event_trace *stk_trace_of_chain(struct stk *s, struct stk_arena *arena,
					   const struct stk_chain *chain)
{
	struct stk_event_trace *t = stk_arena_alloc(arena, sizeof(*t));
	const struct stk_start *start = &chain->start;
	char comm[4 * sizeof(start->task.comm) + 1];

	if (!t)
		return NULL;
	t->cpu = chain->cpu;
	t->pid = start->has_task ? (int64_t)start->task.pid : -1;
	if (start->has_task)
		t->comm = stk_arena_strndup(
			arena, stk_safe_text(comm, sizeof(comm), start->task.comm),
			sizeof(comm));
	t->ends_in_user = chain->end == STK_END_USER;
	t->frames = stk_arena_array(arena, chain->nr_frames ? chain->nr_frames : 1,
				    sizeof(*t->frames));
	if (!t->frames || (start->has_task && !t->comm))
		return NULL;
	for (const struct stk_segment *seg = chain->segments; seg; seg = seg->next)
		for (size_t i = 0; i < seg->nr_frames && t->nr_frames < chain->nr_frames;
		     i++)
			take_frame(s, &t->frames[t->nr_frames++], seg, &seg->frames[i]);
	return t;
}

enum stk_status stk_triage_chain(struct stk *s, const struct stk_task *task,
				 struct stk_chain **chain)
{
	struct stk_start start;
	enum stk_status st = stk_start_task(s, task, &start);

	*chain = NULL;
	if (!st)
		st = stk_unwind_whole(s, &start, chain);
	return st && stk_is_passing(st) ? st : STK_OK;
}

enum stk_status stk_triage_follow(struct stk *s, struct stk_triage *t,
				  const struct stk_task *task,
				  const struct stk_event_trace **trace)
{
	struct stk_chain *chain;
	enum stk_status st = stk_triage_chain(s, task, &chain);

	*trace = NULL;
	if (st || !chain)
		return st;
	*trace = stk_trace_of_chain(s, &t->events.arena, chain);
	stk_chain_free(s, chain);
	return *trace ? STK_OK : STK_ERR_NOMEM;
}
