/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the stack of the CPU that panicked says it died of, where the log does not: it is
 * not in the dump, or was cut. That is an event, too.
 */
#include <string.h>

#include "../base/bytes.h"
#include "../base/context.h"
#include "triage.h"

static const enum stk_event_kind of_fault[] = {
	[STK_FAULT_OTHER] = STK_EVENT_DIE,
	[STK_FAULT_PAGE] = STK_EVENT_PAGE_FAULT,
	[STK_FAULT_PROTECTION] = STK_EVENT_GPF,
	[STK_FAULT_TRAP] = STK_EVENT_KERNEL_BUG,
	[STK_FAULT_DOUBLE] = STK_EVENT_DOUBLE_FAULT,
	[STK_FAULT_MACHINE_CHECK] = STK_EVENT_MACHINE_CHECK,
};

/* Functions that run for one kind of end only. They know what an exception does not. */
static const struct {
	const char *function;
	enum stk_event_kind kind;
	const char *subject;
} of_function[] = {
	{ "handle_stack_overflow", STK_EVENT_STACK_GUARD, NULL }, /* x86 */
	{ "handle_bad_stack", STK_EVENT_STACK_GUARD, NULL },	  /* arm64, riscv */
	{ "__stack_chk_fail", STK_EVENT_PANIC,
	  "stack-protector: Kernel stack is corrupted" },
	{ "sysrq_handle_crash", STK_EVENT_SYSRQ, NULL },
	{ "mce_panic", STK_EVENT_MACHINE_CHECK, NULL },
	{ "out_of_memory", STK_EVENT_OOM_PANIC, NULL },
	{ "watchdog_timer_fn", STK_EVENT_SOFT_LOCKUP, NULL },
	{ "watchdog_overflow_callback", STK_EVENT_HARD_LOCKUP, NULL },
	{ "watchdog_hardlockup_check", STK_EVENT_HARD_LOCKUP, NULL }, /* 6.5+ */
	{ "panic_on_rcu_stall", STK_EVENT_RCU_STALL, NULL },
	{ "rcu_sched_clock_irq", STK_EVENT_RCU_STALL, NULL },
	{ "check_hung_uninterruptible_tasks", STK_EVENT_HUNG_TASK, NULL },
	{ "kasan_report", STK_EVENT_KASAN, NULL },
	{ "__warn", STK_EVENT_WARNING, NULL },
};

struct cause {
	size_t nth;		       /* which frame of the chain it is */
	const struct stk_frame *frame; /* that was interrupted, or NULL */
	struct stk_fault fault;
	int function; /* the row of a function before it; -1: none */
};

static int row_of(const struct stk_name *name)
{
	for (size_t i = 0;
	     name->function && !name->module && i < STK_ARRAY_SIZE(of_function); i++)
		if (!strcmp(name->function, of_function[i].function))
			return (int)i;
	return -1;
}

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

/* The newest exception, and what ran since. Without one all of the chain has run since.
 */
static void find_cause(struct stk *s, const struct stk_chain *chain, struct cause *c)
{
	const struct stk_segment *seg;

	*c = (struct cause){ .function = -1 };
	c->frame = stk_triage_fault(s, chain, &seg, &c->fault);
	for (seg = chain->segments; seg; seg = seg->next)
		for (size_t i = 0; i < seg->nr_frames; i++, c->nth++) {
			const struct stk_frame *f = &seg->frames[i];

			if (f == c->frame)
				return;
			if (c->function < 0 && f->reliable)
				c->function = row_of(&f->name);
		}
}

static void take_fault(struct stk *s, struct stk_event *e, const struct stk_fault *fault)
{
	e->kind = of_fault[fault->kind];
	e->has_error = fault->entry.has_error;
	e->error = fault->entry.error;
	e->has_address = fault->address_name != NULL;
	e->address = fault->address;
	e->access = fault->access;
	if (e->kind == STK_EVENT_DIE)
		e->subject = fault->entry.name;
	/* As show_fault_oops() has it: below PAGE_SIZE. */
	if (e->kind == STK_EVENT_PAGE_FAULT && e->has_address &&
	    e->address < 1ull << s->page_shift)
		e->kind = STK_EVENT_NULL_DEREF;
}

/* As a log has it: the instruction, and frames from its caller on. */
static void cut_trace(struct stk_event_trace *t, const struct cause *c)
{
	t->has_pc = true;
	t->pc = t->frames[c->nth];
	t->frames += c->nth + 1;
	t->nr_frames -= c->nth + 1;
}

struct stk_event *stk_event_of_chain(struct stk *s, struct stk_arena *arena,
				     const struct stk_triage_cpu *cpu)
{
	struct stk_event *e = stk_arena_alloc(arena, sizeof(*e));
	struct stk_event_trace *t = stk_arena_alloc(arena, sizeof(*t));
	struct cause cause;

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
	find_cause(s, cpu->chain, &cause);
	if (cause.frame)
		take_fault(s, e, &cause.fault);
	if (cause.function >= 0) {
		e->kind = of_function[cause.function].kind;
		e->subject = of_function[cause.function].subject;
	}
	if (cause.frame && !stk_event_kind(e->kind)->not_code && cause.nth < t->nr_frames)
		cut_trace(t, &cause);
	return e;
}
