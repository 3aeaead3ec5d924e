/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the stack of the CPU that panicked says it died of, where the log does not: it is
 * not in the dump, or was cut. That is an event, too.
 */
#include "../base/context.h"
#include "triage.h"

static const enum stk_event_kind kinds[] = {
	[STK_FAULT_OTHER] = STK_EVENT_DIE,
	[STK_FAULT_PAGE] = STK_EVENT_PAGE_FAULT,
	[STK_FAULT_PROTECTION] = STK_EVENT_GPF,
	[STK_FAULT_TRAP] = STK_EVENT_KERNEL_BUG,
	[STK_FAULT_DOUBLE] = STK_EVENT_DOUBLE_FAULT,
	[STK_FAULT_MACHINE_CHECK] = STK_EVENT_MACHINE_CHECK,
};

const struct stk_frame *stk_triage_fault(struct stk *s, const struct stk_chain *chain,
					 const struct stk_segment **seg,
					 struct stk_fault *fault)
{
	for (*seg = chain->segments; *seg; *seg = (*seg)->next)
		for (size_t i = 0; i < (*seg)->nr_frames; i++)
			if (stk_frame_fault(s, &(*seg)->frames[i], fault))
				return &(*seg)->frames[i];
	return NULL;
}

static void take_fault(struct stk *s, struct stk_event *e, const struct stk_segment *seg,
		       const struct stk_fault *fault)
{
	e->kind = kinds[fault->kind];
	e->has_error = fault->entry.has_error;
	e->error = fault->entry.error;
	e->has_address = fault->address_name != NULL;
	e->address = fault->address;
	e->access = fault->access;
	if (e->kind == STK_EVENT_DIE)
		e->subject = fault->entry.name;
	/* bad_page_fault() and its heirs have the same rule: PAGE_SIZE. */
	if (e->kind == STK_EVENT_PAGE_FAULT && e->has_address &&
	    e->address < 1ull << s->page_shift)
		e->kind = STK_EVENT_NULL_DEREF;
	if (seg->over.kind) {
		e->kind = STK_EVENT_STACK_GUARD;
		e->subject = stk_stack_kind_name(seg->over.kind);
	}
}

static void take_place(struct stk_event_trace *t, const struct stk_frame *f)
{
	t->has_pc = true;
	t->pc.function = f->name.function;
	t->pc.module = f->name.module;
	t->pc.offset = f->name.offset;
	t->pc.has_offset = f->name.function != NULL;
}

struct stk_event *stk_event_of_chain(struct stk *s, struct stk_arena *arena,
				     const struct stk_triage_cpu *cpu)
{
	struct stk_event *e = stk_arena_alloc(arena, sizeof(*e));
	struct stk_event_trace *t = stk_arena_alloc(arena, sizeof(*t));
	const struct stk_segment *seg;
	const struct stk_frame *f;
	struct stk_fault fault;

	if (!e || !t)
		return NULL;
	e->kind = STK_EVENT_PANIC;
	e->panicked = true;
	e->cpu = (int64_t)cpu->cpu;
	e->pid = e->seconds = e->bytes = -1;
	if (!cpu->chain || !cpu->trace)
		return e;
	e->traces = stk_arena_array(arena, 1, sizeof(struct stk_event_trace *));
	if (!e->traces)
		return NULL;
	*t = *cpu->trace;
	e->traces[e->nr_traces++] = t;
	e->pid = t->pid;
	e->comm = t->comm;
	f = stk_triage_fault(s, cpu->chain, &seg, &fault);
	if (f) {
		take_fault(s, e, seg, &fault);
		take_place(t, f);
	}
	return e;
}
