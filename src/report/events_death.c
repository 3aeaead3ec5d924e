/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which event the machine died of, and which of its traces shows it. A panic may be only
 * the end of what was told before it; then that is what people look for.
 */
#include "events.h"

#include <string.h>

#include "../base/bytes.h"

#define KIND(kind) (1u << STK_EVENT_##kind)

#define OOPSES                                                                           \
	(KIND(STACK_GUARD) | KIND(DOUBLE_FAULT) | KIND(NULL_DEREF) | KIND(PAGE_FAULT) |  \
	 KIND(GPF) | KIND(KERNEL_BUG) | KIND(DIE) | KIND(LIST) | KIND(SYSRQ))
#define REPORTS                                                                          \
	(KIND(WARNING) | KIND(KASAN) | KIND(KFENCE) | KIND(KMSAN) | KIND(KCSAN) |        \
	 KIND(UBSAN) | KIND(BUG) | KIND(LIST))

#define ANY(says, kinds)                                                                 \
	{                                                                                \
		says, kinds, 0                                                           \
	}

/* What a panic says, and of what it is the end. */
static const struct {
	const char *says;
	unsigned int kinds;
	int64_t pid; /* of whom that must have been told; 0: of anybody */
} ends[] = {
	ANY("Fatal exception", OOPSES),		/* oops_end(), die() */
	ANY("Aiee, killing interrupt", OOPSES), /* do_exit() after an oops */
	ANY("Attempted to kill the idle", OOPSES),
	{ "Attempted to kill init", OOPSES, 1 },
	ANY("ernel stack overflow", KIND(STACK_GUARD)), /* arm64, riscv */
	ANY("panic_on_warn", REPORTS),			/* check_panic_on_warn() */
	ANY("kasan.fault=panic", KIND(KASAN)),
	ANY("softlockup: hung tasks", KIND(SOFT_LOCKUP)),
	ANY("Hard LOCKUP", KIND(HARD_LOCKUP)),
	ANY("hung_task: blocked tasks", KIND(HUNG_TASK)),
	ANY("RCU Stall", KIND(RCU_STALL)),
	ANY("machine check", KIND(MACHINE_CHECK) | KIND(HARDWARE)),
	ANY("Machine check", KIND(MACHINE_CHECK) | KIND(HARDWARE)),
	ANY("Fatal hardware error", KIND(MACHINE_CHECK) | KIND(HARDWARE)),
	ANY("SError Interrupt", KIND(MACHINE_CHECK)),
	ANY("scheduling while atomic", KIND(BUG)),
};

/* The last before the @nth whose kind is one of @kinds; NULL: none. */
static struct stk_event *event_before(const struct stk_events *events, size_t nth,
				      unsigned int kinds, int64_t pid)
{
	while (nth--) {
		struct stk_event *e = events->event[nth];
		const struct stk_event_trace *t;

		if (!(kinds & 1u << e->kind))
			continue;
		t = stk_event_main_trace(e);
		if (!pid || (t && t->pid == pid))
			return e;
	}
	return NULL;
}

/* What the panic, the @nth, is the end of: itself, if it is of nothing. */
static struct stk_event *cause_of(const struct stk_events *events, size_t nth)
{
	struct stk_event *panic = events->event[nth], *cause = NULL;

	for (size_t i = 0; panic->subject && !cause && i < STK_ARRAY_SIZE(ends); i++)
		if (strstr(panic->subject, ends[i].says))
			cause = event_before(events, nth, ends[i].kinds, ends[i].pid);
	return cause ? cause : panic;
}

void stk_events_find_causes(struct stk_events *events)
{
	for (size_t i = 0; i < events->nr; i++) {
		struct stk_event *panic = events->event[i], *cause;
		const struct stk_event_trace *t = stk_event_main_trace(panic);

		if (!panic->panicked)
			continue;
		cause = cause_of(events, i);
		panic->cause = cause;
		if (!cause->end && t && t->nr_frames)
			cause->end = panic;
	}
}

const struct stk_event *stk_events_death(const struct stk_events *events,
					 const struct stk_event **worst)
{
	const struct stk_event *last = NULL;

	for (size_t i = events->nr; i--;)
		if (events->event[i]->panicked)
			return events->event[i]->cause;
	for (size_t i = 0; i < events->nr; i++) {
		const struct stk_event *e = events->event[i];

		if (!last ||
		    stk_event_kind(e->kind)->rank >= stk_event_kind(last->kind)->rank)
			last = e;
	}
	if (last && stk_event_kind(last->kind)->rank == STK_RANK_FATAL)
		return last;
	*worst = last && stk_event_kind(last->kind)->rank > STK_RANK_NONE ? last : NULL;
	return NULL;
}

bool stk_event_has_cpu(const struct stk_event *event, unsigned int cpu)
{
	return event->cpus && cpu < STK_MAX_EVENT_CPUS &&
	       event->cpus[cpu / 8] >> cpu % 8 & 1;
}

const struct stk_event_trace *stk_event_main_trace(const struct stk_event *event)
{
	for (size_t i = 0; i < event->nr_traces; i++) {
		const struct stk_event_trace *t = event->traces[i];

		if (event->kind == STK_EVENT_HUNG_TASK && t->pid >= 0 &&
		    t->pid != event->pid)
			continue;
		if (t->of_rcu || t->asleep)
			continue;
		if (!event->cpus ||
		    (t->cpu >= 0 && stk_event_has_cpu(event, (unsigned int)t->cpu)))
			return t;
	}
	for (size_t i = 0; i < event->nr_traces; i++)
		if (!event->traces[i]->of_rcu && !event->traces[i]->asleep)
			return event->traces[i];
	return NULL;
}

const struct stk_event_trace *stk_event_any_trace(const struct stk_event *event)
{
	const struct stk_event_trace *t = stk_event_main_trace(event);

	return !event->end || (t && t->nr_frames) ? t : stk_event_main_trace(event->end);
}
