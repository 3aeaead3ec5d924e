/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "triage.h"

#include <string.h>

#include "../base/context.h"
#include "../base/vec.h"
#include "../kernel/clock.h"
#include "../kernel/log.h"
#include "culprits.h"
#include "findings.h"

/* ---- what each CPU was doing ---- */

/* Past what merely stopped it: the frame whose registers were saved then. */
static size_t joint_of(const struct stk_chain *chain)
{
	const struct stk_segment *seg = chain->segments;
	size_t nth = 0;

	for (size_t i = 0; seg && i < chain->joint.segment; i++, seg = seg->next)
		nth += seg->nr_frames;
	return chain->joint.regs_at ? nth + (seg ? chain->joint.frame : 0) : 0;
}

/*
 * Is the last of its frames the entry of an interrupt, so that it was in user mode? riscv
 * has one entry for all, and then the interrupt's own.
 */
static bool interrupted_user(const struct stk_chain *chain,
			     const struct stk_event_trace *trace)
{
	for (size_t nth = trace->nr_frames; chain->end == STK_END_USER && nth--;) {
		const char *function = trace->frames[nth].function;
		enum stk_role role =
			function ? stk_culprit_role(function) : STK_ROLE_CODE;

		if (role != STK_ROLE_ENTRY)
			return role == STK_ROLE_INTERRUPT;
	}
	return false;
}

/*
 * The same of what looks at what it interrupted, or stops it without saving registers:
 * the frame that was interrupted; 0: it is none of that. riscv's handle_IPI() itself is
 * where a CPU stops.
 */
static size_t behind_watchdog(const struct stk_chain *chain,
			      const struct stk_event_trace *trace)
{
	bool looks = false;

	for (size_t nth = 0; nth < trace->nr_frames; nth++) {
		const struct stk_event_frame *f = &trace->frames[nth];
		enum stk_role role = f->function && !f->doubtful
					     ? stk_culprit_role(f->function)
					     : STK_ROLE_CODE;

		if (nth && f->interrupted)
			return looks ? nth : 0;
		looks |=
			role == STK_ROLE_WATCHDOG || (!nth && role == STK_ROLE_INTERRUPT);
	}
	return looks && interrupted_user(chain, trace) ? trace->nr_frames : 0;
}

/* On no stack but its own: an interrupt that came to the idle task is not idle. */
static bool is_idle(const struct stk_triage_cpu *c)
{
	const struct stk_chain *chain = c->chain;
	const struct stk_segment *seg = chain->segments;
	size_t nth = c->was_doing;

	if (!chain->start.has_task || !chain->start.task.idle ||
	    chain->end != STK_END_IDLE)
		return false;
	for (; seg && nth >= seg->nr_frames; seg = seg->next)
		nth -= seg->nr_frames;
	return seg && !seg->next && stk_stack_is_task(&seg->stack);
}

enum stk_confidence stk_triage_confidence(const struct stk_triage_cpu *c)
{
	const struct stk_chain *chain = c->chain;
	size_t nth = 0;

	if (chain->confidence != STK_DOUBTFUL || chain->start.doubt ||
	    chain->user_doubt || chain->dead_end.met)
		return chain->confidence;
	for (const struct stk_segment *seg = chain->segments; seg; seg = seg->next) {
		for (size_t i = 0; i < seg->nr_frames; i++, nth++)
			if (nth >= c->told_from && !seg->frames[i].reliable)
				return STK_DOUBTFUL;
		if (seg->next && !seg->crossing.agree)
			return STK_DOUBTFUL;
	}
	return STK_CERTAIN;
}

static enum stk_status follow_cpu(struct stk *s, struct stk_triage *t,
				  struct stk_triage_cpu *c)
{
	struct stk_start start;
	enum stk_status st = stk_start_cpu(s, c->cpu, &start);

	if (!st)
		st = stk_unwind_whole(s, &start, &c->chain);
	if (st && stk_is_passing(st))
		return st;
	if (st) {
		const char *why = stk_reason(s, st);

		c->why = stk_arena_strndup(&t->events.arena, why, strlen(why));
		return c->why ? STK_OK : STK_ERR_NOMEM;
	}
	c->trace = stk_trace_of_chain(s, &t->events.arena, c->chain);
	if (!c->trace)
		return STK_ERR_NOMEM;
	c->was_doing = joint_of(c->chain);
	if (!c->was_doing)
		c->was_doing = behind_watchdog(c->chain, c->trace);
	c->told_from = c->was_doing;
	c->in_user = c->chain->end == STK_END_USER && c->was_doing >= c->trace->nr_frames;
	c->idle = is_idle(c);
	return stk_interrupted(s) ? STK_ERR_INTERRUPTED : STK_OK;
}

static enum stk_status add_cpu(struct stk *s, struct stk_triage *t, unsigned int cpu)
{
	struct stk_triage_cpu *c =
		stk_vec_next(&t->events.arena, t->cpu, t->nr_cpus, t->room_cpus);

	if (!c)
		return STK_ERR_NOMEM;
	c->cpu = cpu;
	t->nr_cpus++;
	return follow_cpu(s, t, c);
}

static enum stk_status add_cpus(struct stk *s, struct stk_triage *t)
{
	const unsigned int nr = stk_nr_cpus(s);
	enum stk_status st = STK_OK;

	if (t->panic.cpu >= 0)
		st = add_cpu(s, t, (unsigned int)t->panic.cpu);
	for (unsigned int cpu = 0; cpu < nr && !st && !s->budget.dry; cpu++)
		if ((int)cpu != t->panic.cpu && stk_cpu_running(s, cpu))
			st = add_cpu(s, t, cpu);
	return st;
}

struct stk_triage_cpu *stk_triage_cpu(const struct stk_triage *t, int64_t cpu)
{
	for (size_t i = 0; i < t->nr_cpus; i++)
		if ((int64_t)t->cpu[i].cpu == cpu)
			return &t->cpu[i];
	return NULL;
}

/* ---- the tasks ---- */

static size_t state_index(const struct stk_task_state *now)
{
	const struct stk_task_state *state;
	size_t i = 0;

	while ((state = stk_task_states(i)) && state != now)
		i++;
	return i;
}

static enum stk_status count_tasks(struct stk *s, struct stk_triage *t)
{
	struct stk_triage_tasks *counts = &t->tasks;
	const size_t nr_states = sizeof(counts->nr_state) / sizeof(counts->nr_state[0]);
	const struct stk_task *task;
	size_t nr;
	enum stk_status st = stk_tasks(s, &task, &nr);

	if (st && stk_is_passing(st))
		return st;
	if (st) {
		const char *why = stk_reason(s, st);

		counts->failed = stk_arena_strndup(&t->events.arena, why, strlen(why));
		return counts->failed ? STK_OK : STK_ERR_NOMEM;
	}
	for (size_t i = 0; i < nr; i++) {
		size_t state = state_index(task[i].now);

		counts->nr_idle += task[i].idle;
		if (task[i].idle)
			continue;
		counts->nr++;
		counts->nr_on_cpu += task[i].on_cpu;
		if (!task[i].on_cpu && task[i].now && state < nr_states)
			counts->nr_state[state]++;
	}
	counts->missing = stk_tasks_truncated(s);
	st = stk_triage_count_chains(s, t, task, nr);
	if (st)
		return st;
	return stk_triage_blocked(s, t, task, nr);
}

/* ---- what it died of ---- */

static const struct stk_event_trace *stack_of(const struct stk_triage *t)
{
	const struct stk_join *j;

	if (!t->event)
		return NULL;
	if (t->from_stacks)
		return t->event->nr_traces ? t->event->traces[0] : NULL;
	j = stk_join_of(t, t->event);
	return j && j->verdict != STK_JOIN_GONE ? j->stack : NULL;
}

/* The stack as the log would have it. */
struct told {
	const struct stk_event_trace *trace;
	size_t begin; /* what is before it ran only once the machine was dead */
};

static bool told_frame(void *ctx, size_t nth, struct stk_signature_frame *out)
{
	const struct told *told = ctx;

	return stk_trace_frame((void *)(uintptr_t)told->trace, told->begin + nth, out);
}

/*
 * Behind the last of the code that reports: a panic runs a lot of other code, too. What
 * an exception interrupted does not report, whatever it did. A trace that begins there is
 * cut already. A frame in doubt is one of these if nothing but entry code is before it:
 * where an interrupt came to a panic that waits, it is not known by whom it was called.
 */
static size_t behind_reports(const struct stk_event_trace *trace)
{
	struct stk_signature_frame frame;
	bool only_entry = true;
	size_t begin = 0;

	for (size_t nth = 0;
	     !trace->has_pc && stk_trace_frame((void *)(uintptr_t)trace, nth, &frame) &&
	     !(begin && frame.interrupted);
	     nth++) {
		enum stk_role role =
			frame.function ? stk_culprit_role(frame.function) : STK_ROLE_CODE;

		if (role == STK_ROLE_MACHINERY && (!frame.doubtful || only_entry))
			begin = nth + frame.doubtful;
		only_entry &= role == STK_ROLE_ENTRY || role == STK_ROLE_INTERRUPT;
	}
	return begin;
}

/* Is its trace of the CPU that panicked, because of it? Then what reported is in it. */
static bool is_of_panic(const struct stk_triage *t)
{
	const struct stk_triage_cpu *c = stk_triage_cpu(t, t->panic.cpu);

	return t->event->panicked || t->from_stacks ||
	       (t->died && c && t->trace == c->trace);
}

static void sign_by_stack(struct stk_triage *t)
{
	struct told told = { .trace = t->trace };

	if (is_of_panic(t))
		told.begin = behind_reports(t->trace);
	stk_signature(t->event->kind, t->event->subject, t->event->access, told_frame,
		      &told, &t->stack_signature);
	t->stack_signature.culprit_at += told.begin;
	for (size_t i = 0; i < t->nr_cpus; i++)
		if (t->cpu[i].trace == t->trace && told.begin)
			t->cpu[i].told_from = told.begin;
}

/*
 * The log has less of the same chain: it was cut, or the kernel went no further. riscv
 * prints no frames when a call went to nowhere, and few of a stack that overflowed.
 */
static bool is_shorter(const struct stk_signature *log, const struct stk_signature *stack)
{
	if (log->nr_names >= stack->nr_names)
		return false;
	for (size_t i = 0; i < log->nr_names; i++)
		if (strcmp(log->names[i], stack->names[i]) != 0)
			return false;
	return true;
}

/*
 * The log's trace comes first, for it is what others have who compute the same; the stack
 * tells what the log does not.
 */
static void sign(struct stk_triage *t)
{
	const struct stk_event *e = t->event;

	if (!e)
		return;
	stk_event_signature(e, &t->signature);
	if (t->trace)
		sign_by_stack(t);
	t->signed_by_stack = t->from_stacks ||
			     (t->trace && is_shorter(&t->signature, &t->stack_signature));
	if (t->signed_by_stack && t->trace)
		t->signature = t->stack_signature;
}

static enum stk_status find_death(struct stk *s, struct stk_triage *t)
{
	const struct stk_event *worst = NULL;
	const struct stk_triage_cpu *c = stk_triage_cpu(t, t->panic.cpu);
	enum stk_status st;

	t->event = stk_events_death(&t->events, &worst);
	t->died = t->event != NULL;
	if (!t->event && c) {
		t->event = stk_event_of_chain(s, &t->events.arena, c);
		t->died = t->from_stacks = true;
		if (!t->event)
			return STK_ERR_NOMEM;
	} else if (!t->event) {
		t->event = worst;
	}
	st = stk_triage_join(s, t);
	if (st)
		return st;
	t->trace = stack_of(t);
	for (size_t i = 0; i < t->nr_cpus; i++)
		if (t->trace &&
		    (t->trace == t->cpu[i].trace || (t->from_stacks && c == &t->cpu[i])))
			t->chain = t->cpu[i].chain;
	sign(t);
	return STK_OK;
}

/* The registers when the exception came that it died of. */
static void find_registers(struct stk *s, struct stk_triage *t)
{
	const struct stk_segment *seg;
	const struct stk_frame *frame;
	struct stk_fault fault;

	frame = t->died && t->chain ? stk_triage_fault(s, t->chain, &seg, &fault) : NULL;
	if (frame)
		t->fault_regs = frame->regs;
}

/* ---- how long it had been up ---- */

/* By its clock; else until it printed the last message. */
static void find_uptime(struct stk *s, struct stk_triage *t)
{
	uint64_t ns;

	if (!stk_uptime(s, &t->uptime) && !stk_log_last(s, &ns))
		t->uptime = ns / 1000000000;
}

/* ---- all of it ---- */

static bool must_stop(void *s)
{
	return stk_interrupted(s);
}

static enum stk_status look(struct stk *s, char *log, size_t size, struct stk_triage *t)
{
	enum stk_status st = stk_prepare(s);

	if (st)
		return st;
	stk_events_read(&t->events, log, log ? size : 0, must_stop, s);
	if (t->events.arena.failed)
		return STK_ERR_NOMEM;
	find_uptime(s, t);
	t->panic = stk_panic(s);
	st = add_cpus(s, t);
	if (!st)
		st = count_tasks(s, t);
	if (!st)
		st = find_death(s, t);
	if (st)
		return st;
	find_registers(s, t);
	return stk_findings_look(s, t);
}

enum stk_status stk_triage(struct stk *s, char *log, size_t size, const char *no_log,
			   struct stk_triage *out)
{
	memset(out, 0, sizeof(*out));
	out->no_log = log ? NULL : no_log;
	stk_enter(s);
	return stk_leave(s, look(s, log, size, out));
}

void stk_triage_free(struct stk *s, struct stk_triage *t)
{
	for (size_t i = 0; i < t->nr_cpus; i++)
		if (t->cpu[i].chain)
			stk_chain_free(s, t->cpu[i].chain);
	stk_events_free(&t->events);
	memset(t, 0, sizeof(*t));
}
