/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which chain of the dump is that of an event in the log, and are they the same? Only
 * what did not go on has its stack still: that which died, and that which is stuck.
 */
#include <string.h>

#include "../base/bytes.h"
#include "../base/context.h"
#include "../base/vec.h"
#include "culprits.h"
#include "triage.h"

static bool same_function(const struct stk_event_frame *a,
			  const struct stk_event_frame *b)
{
	return a->function && b->function && !strcmp(a->function, b->function) &&
	       (!a->module || !b->module || !strcmp(a->module, b->module));
}

static const struct stk_event_frame *log_frame(const struct stk_event_trace *t,
					       size_t nth)
{
	const size_t before = t->has_pc && !t->in_user;

	if (nth < before)
		return &t->pc;
	return nth - before < t->nr_frames ? &t->frames[nth - before] : NULL;
}

/* Code that prints the log is on the stack only as long as it prints. */
static bool reports(const struct stk_event_frame *f)
{
	return stk_culprit_role(f->function) == STK_ROLE_MACHINERY;
}

/*
 * The end of a function is where a call that never returns leads back to; or another one
 * begins there: the trampoline that a kretprobe put in place of a return address.
 * Debian's 6.1 to 7.3 print that as the function before, and not who was called from.
 */
static bool may_be_replaced(const struct stk_event_frame *f)
{
	return f->has_offset && f->size && f->offset >= f->size;
}

/* What tracers put in place of return addresses: none of these is called. */
static bool is_trampoline(const struct stk_event_frame *f)
{
	static const char *const names[] = { "arch_rethook_trampoline",
					     "kretprobe_trampoline",
					     "__kretprobe_trampoline",
					     "return_to_handler" };

	for (size_t i = 0; i < STK_ARRAY_SIZE(names); i++)
		if (!strcmp(f->function, names[i]))
			return true;
	return false;
}

/* The log has that frame of the stack by a name that is not its own. */
static bool is_misnamed(const struct stk_event_frame *f, const struct stk_event_frame *on)
{
	if (!on->function || on->doubtful)
		return false;
	return (on->leads_to && !strcmp(f->function, on->leads_to)) ||
	       (on->replaced && is_trampoline(f));
}

/* The first from @at on that the log's frame is; the stack's end: none. */
static size_t find_on_stack(const struct stk_event_frame *f,
			    const struct stk_event_trace *stack, size_t at)
{
	while (at < stack->nr_frames &&
	       !(f->at_start ? is_misnamed(f, &stack->frames[at])
			     : same_function(f, &stack->frames[at])))
		at++;
	return at;
}

/* The first from @at on that has no name: its module is not in the dump. */
static size_t find_nameless(const struct stk_event_trace *stack, size_t at)
{
	while (at < stack->nr_frames && stack->frames[at].function)
		at++;
	return at;
}

/*
 * A return address at the start of a function is printed as that, and what a tracer put
 * there is not looked up: the stack knows who called.
 */
void stk_join_name(struct stk_event_trace *log, const struct stk_event_trace *stack)
{
	size_t from = 0;

	for (size_t nth = 0; nth < log->nr_frames; nth++) {
		struct stk_event_frame *f = &log->frames[nth];
		size_t at;

		if ((f->doubtful && !f->at_start) || f->lost)
			continue;
		at = find_on_stack(f, stack, from);
		if (at == stack->nr_frames)
			continue;
		from = at + 1;
		if (!f->at_start)
			continue;
		f->function = stack->frames[at].function;
		f->module = stack->frames[at].module;
		f->offset = stack->frames[at].offset;
		f->size = 0;
		f->at_start = f->doubtful = false;
		f->by = "stack";
	}
}

void stk_join_compare(struct stk_join *j)
{
	const struct stk_event_frame *f;
	size_t from = 0;

	for (size_t nth = 0; (f = log_frame(j->log, nth)); nth++) {
		size_t at = from;

		if (f->doubtful || f->inlined || f->lost || !f->function || reports(f))
			continue;
		while (at < j->stack->nr_frames &&
		       !same_function(f, &j->stack->frames[at]))
			at++;
		if (at < j->stack->nr_frames) {
			from = at + 1;
			j->nr_same++;
		} else if (may_be_replaced(f)) {
			j->nr_replaced++;
			continue;
		} else if (f->module &&
			   find_nameless(j->stack, from) < j->stack->nr_frames) {
			from = find_nameless(j->stack, from) + 1;
			j->nr_nameless++;
			continue;
		} else if (!j->missing) {
			j->missing = f;
		}
		j->nr_log++;
	}
	if (!j->nr_log)
		j->verdict = STK_JOIN_NONE;
	else if (!j->missing)
		j->verdict = STK_JOIN_AGREES;
	else
		j->verdict = j->nr_same ? STK_JOIN_DIFFERS : STK_JOIN_GONE;
}

/* The task that hung, as it sleeps. */
static enum stk_status trace_of_task(struct stk *s, struct stk_triage *t, int64_t pid,
				     const struct stk_event_trace **out)
{
	struct stk_task task;

	if (pid <= 0 || pid > UINT32_MAX || stk_task_by_pid(s, (uint32_t)pid, &task))
		return STK_OK;
	return stk_triage_follow(s, t, &task, out);
}

/* The CPU that the event is about; -1: it does not say. */
static int64_t cpu_of(const struct stk_event *e, const struct stk_event_trace *log)
{
	if (log && log->cpu >= 0)
		return log->cpu;
	for (unsigned int cpu = 0; e->cpus && cpu < STK_MAX_EVENT_CPUS; cpu++)
		if (stk_event_has_cpu(e, cpu))
			return cpu;
	return e->cpu;
}

static enum stk_status join_event(struct stk *s, struct stk_triage *t,
				  const struct stk_event *e)
{
	const struct stk_event_trace *log = stk_event_any_trace(e);
	const struct stk_event_trace *stack = NULL;
	struct stk_signature sig;
	struct stk_triage_cpu *c;
	struct stk_join *j;
	enum stk_status st = STK_OK;

	c = stk_triage_cpu(t, cpu_of(e, log));
	if (e->kind == STK_EVENT_HUNG_TASK)
		st = trace_of_task(s, t, e->pid, &stack);
	else if (c && c->trace && (!log || log->pid < 0 || log->pid == c->trace->pid))
		stack = c->trace;
	/* Nor is there one where it failed. */
	if (!stack)
		return st;
	j = stk_vec_next(&t->events.arena, t->join, t->nr_joins, t->room_joins);
	if (!j)
		return STK_ERR_NOMEM;
	*j = (struct stk_join){ .event = e, .log = log, .stack = stack };
	if (log) {
		/* The log is the triage's own. */
		stk_join_name((struct stk_event_trace *)(uintptr_t)log, stack);
		stk_join_compare(j);
	}
	if (e->kind == STK_EVENT_HUNG_TASK) {
		stk_event_signature(e, &sig);
		memcpy(j->hash, sig.hash, sizeof(j->hash));
	}
	t->nr_joins++;
	return STK_OK;
}

enum stk_status stk_triage_join(struct stk *s, struct stk_triage *t)
{
	enum stk_status st = STK_OK;

	for (size_t i = 0; i < t->events.nr && !st; i++) {
		const struct stk_event *e = t->events.event[i];

		if (e == t->event || stk_event_kind(e->kind)->rank == STK_RANK_STUCK)
			st = join_event(s, t, e);
	}
	return st;
}

const struct stk_join *stk_join_of(const struct stk_triage *t,
				   const struct stk_event *event)
{
	for (size_t i = 0; i < t->nr_joins; i++)
		if (t->join[i].event == event)
			return &t->join[i];
	return NULL;
}
