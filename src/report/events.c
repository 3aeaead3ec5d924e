/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Line by line: a message of events_heads.c begins an event, or goes on with one; what
 * follows fills in its trace, until the next begins. Where the log tells who said a line,
 * each of them has an event of its own that is open, so that the lines of two CPUs do not
 * mix.
 */
#include "events.h"

#include <ctype.h>
#include <string.h>

#include "../base/bytes.h"
#include "../base/vec.h"
#include "events_frames.h"
#include "events_heads.h"
#include "events_line.h"
#include "events_trace.h"
#include "oops_text.h"

/* A longer line is cut: what a kernel prints is shorter. */
#define MAX_LINE 4096u
/* Who talks at the same time. */
#define MAX_STREAMS 64u
/* Larger than any stack, and a guard page. */
#define NEAR_STACK 0x11000u
/* How often the caller is asked to stop: every so many lines. */
#define LINES_TO_ASK 4096u

/* All that one CPU, or one task, said. */
struct stream {
	char caller;
	uint32_t id;
	size_t last_line;	 /* the one that is silent longest gives way */
	struct stk_event *event; /* that is open, or NULL */
	struct stk_trace_reader reader;
	size_t cut_line;    /* of "cut here"; 0: none */
	const char *before; /* the message between that and the event */
};

struct parser {
	struct stk_events *out;
	struct stream stream[MAX_STREAMS];
	size_t nr_streams;
};

static struct stream *stream_of(struct parser *p, const struct stk_event_line *line)
{
	struct stream *oldest = &p->stream[0];

	for (size_t i = 0; i < p->nr_streams; i++) {
		struct stream *s = &p->stream[i];

		if (s->caller == line->caller && s->id == line->id)
			return s;
		if (s->last_line < oldest->last_line)
			oldest = s;
	}
	if (p->nr_streams < MAX_STREAMS)
		oldest = &p->stream[p->nr_streams++];
	*oldest = (struct stream){ .caller = line->caller, .id = line->id };
	return oldest;
}

/* ---- events and traces that begin ---- */

static struct stk_event *event_new(struct parser *p, enum stk_event_kind kind,
				   const struct stk_event_line *line)
{
	struct stk_events *out = p->out;
	struct stk_event **slot, *e;

	if (out->nr == STK_MAX_EVENTS) {
		out->left_out++;
		return NULL;
	}
	slot = stk_vec_next(&out->arena, out->event, out->nr, out->room);
	e = slot ? stk_arena_alloc(&out->arena, sizeof(*e)) : NULL;
	if (!e)
		return NULL;
	*e = (struct stk_event){ .kind = kind,
				 .cpu = -1,
				 .pid = -1,
				 .seconds = -1,
				 .bytes = -1,
				 .first_line = out->nr_lines,
				 .last_line = out->nr_lines };
	if (line->time)
		e->time = stk_event_text(&out->arena, line->time, line->time_len);
	*slot = e;
	out->nr++;
	return e;
}

/* The stream's event gets one more trace; NULL: no memory, or too many. */
static struct stk_event_trace *trace_new(struct parser *p, struct stream *s)
{
	struct stk_arena *arena = &p->out->arena;
	struct stk_event *e = s->event;
	struct stk_event_trace **slot, *t;

	s->reader = (struct stk_trace_reader){ .arena = arena };
	if (e->nr_traces == STK_MAX_TRACES) {
		e->traces_left_out++;
		return NULL;
	}
	slot = stk_vec_next(arena, e->traces, e->nr_traces, e->room_traces);
	t = slot ? stk_arena_alloc(arena, sizeof(*t)) : NULL;
	if (!t)
		return NULL;
	*t = (struct stk_event_trace){ .cpu = -1, .pid = -1 };
	*slot = t;
	e->nr_traces++;
	s->reader.trace = t;
	return t;
}

static void event_open(struct parser *p, struct stream *s, enum stk_event_kind kind,
		       const struct stk_event_line *line)
{
	s->event = event_new(p, kind, line);
	s->reader = (struct stk_trace_reader){ .arena = &p->out->arena };
	if (s->event && s->cut_line)
		s->event->first_line = s->cut_line;
}

static void event_close(struct stream *s)
{
	s->event = NULL;
	s->reader = (struct stk_trace_reader){ 0 };
	s->cut_line = 0;
	s->before = NULL;
}

static void detail_add(struct parser *p, struct stk_event *e, const char *text)
{
	const char **slot;

	if (!text || e->nr_details == STK_MAX_DETAILS)
		return;
	slot = stk_vec_next(&p->out->arena, e->details, e->nr_details, e->room_details);
	if (!slot)
		return;
	*slot = text;
	e->nr_details++;
}

/* ---- what a message tells of its event ---- */

static void mark_cpu(struct parser *p, struct stk_event *e, uint64_t cpu)
{
	if (cpu >= STK_MAX_EVENT_CPUS)
		return;
	if (!e->cpus)
		e->cpus = stk_arena_alloc(&p->out->arena, STK_MAX_EVENT_CPUS / 8);
	if (e->cpus)
		e->cpus[cpu / 8] |= (uint8_t)(1u << cpu % 8);
}

/* "sh:12", "sh/12 [cgroup]": the last ":" or "/" is before the PID. */
static void take_task(struct parser *p, struct stk_event *e, const char *text, size_t len)
{
	struct stk_taken pid = { 0 };
	uint64_t n;
	size_t at = len;

	while (at && text[at - 1] != ':' && text[at - 1] != '/')
		at--;
	if (!at)
		return;
	pid.text = text + at;
	pid.len = stk_run_of(isdigit, text + at, len - at);
	if (stk_taken_number(&pid, &n) && n <= INT32_MAX)
		e->pid = (int64_t)n;
	e->comm = stk_event_text(&p->out->arena, text, at - 1);
}

/* "{ 1-.... 3-...D P12 }" of RCU: a CPU is what a word begins with; P12 is a task. */
static void take_cpus(struct parser *p, struct stk_event *e, const char *text, size_t len)
{
	const char *close = memchr(text, '}', len), *end = close ? close : text + len;

	while (text < end) {
		struct stk_taken cpu = { text, stk_run_of(isdigit, text,
							  (size_t)(end - text)) };
		uint64_t n;

		text += cpu.len;
		if (cpu.len && (text == end || strchr("- ", *text)) &&
		    stk_taken_number(&cpu, &n))
			mark_cpu(p, e, n);
		while (text < end && *text != ' ')
			text++;
		while (text < end && strchr(" {", *text))
			text++;
	}
}

static void take_number(struct parser *p, struct stk_event *e, char what, uint64_t n)
{
	int64_t value = n <= INT64_MAX ? (int64_t)n : -1;

	switch (what) {
	case 'a':
		e->address = n;
		e->has_address = true;
		break;
	case 'x':
		e->access = stk_trace_access(n);
		/* fallthrough */
	case 'e':
		e->error = n;
		e->has_error = true;
		break;
	case 'c':
		e->cpu = value;
		if (stk_event_kind(e->kind)->rank == STK_RANK_STUCK)
			mark_cpu(p, e, n);
		break;
	case 'p':
		e->pid = value;
		break;
	case 'n':
		e->seconds = value;
		break;
	case 'b':
		e->bytes = value;
		break;
	case 'w':
		e->access = n ? "write" : "read";
		break;
	}
}

static void take_text(struct parser *p, struct stk_event *e, char what,
		      const struct stk_taken *taken)
{
	const char *text = stk_event_text(&p->out->arena, taken->text, taken->len);

	if (what == 's' && !e->subject)
		e->subject = text;
	else if (what == 'm')
		e->comm = text;
	else if (what == 'l' && !e->location)
		e->location = text;
	else if (what == 'r' && text)
		e->access = strstr(text, "rite") ? "write" : "read";
}

static void take_one(struct parser *p, struct stk_event *e, char what,
		     const struct stk_taken *taken)
{
	uint64_t n;

	if (strchr("aex", what)) {
		if (stk_taken_hex(taken, &n))
			take_number(p, e, what, n);
	} else if (strchr("cpnbw", what)) {
		if (stk_taken_number(taken, &n))
			take_number(p, e, what, n);
	} else if (what == 't') {
		take_task(p, e, taken->text, taken->len);
	} else if (what == 'f') {
		stk_frame_read(&p->out->arena, taken->text, taken->len, &e->at);
	} else if (what == 'C') {
		take_cpus(p, e, taken->text, taken->len);
	} else if (what != '-' && taken->len) {
		take_text(p, e, what, taken);
	}
}

static void take_all(struct parser *p, struct stk_event *e, const char *take,
		     const struct stk_taken *taken)
{
	for (size_t i = 0; take[i]; i++)
		take_one(p, e, take[i], &taken[i]);
}

/* ---- does a message go on with the open event? ---- */

#define KIND(kind) (1u << STK_EVENT_##kind)

/* Nobody has been named yet: what comes now may still be about the same. */
static bool is_young(const struct stk_event *e)
{
	const struct stk_event_trace *t = e->nr_traces ? e->traces[0] : NULL;

	return !t || (e->nr_traces == 1 && t->pid < 0 && !t->nr_frames);
}

/* What comes of some kinds is told by a message that else begins an event. */
static unsigned int goes_on_as(enum stk_event_kind kind)
{
	switch (kind) {
	case STK_EVENT_LIST:
		return KIND(KERNEL_BUG) | KIND(WARNING);
	case STK_EVENT_SYSRQ:
		return KIND(NULL_DEREF) | KIND(PAGE_FAULT) | KIND(SYSRQ) | KIND(PANIC);
	case STK_EVENT_MACHINE_CHECK:
		return KIND(MACHINE_CHECK) | KIND(HARDWARE);
	default:
		return 0;
	}
}

static bool goes_on(const struct stream *s, const struct stk_event_head *head)
{
	const struct stk_event *e = s->event;

	if (!e)
		return false;
	if (head->how == STK_HEAD_ADDS && head->kind == e->kind)
		return true;
	if (!is_young(e))
		return false;
	return (head->how == STK_HEAD_JOINS && stk_event_kind(e->kind)->dies) ||
	       goes_on_as(e->kind) & 1u << head->kind;
}

/* An event that wants the backtraces of others, the last of all; NULL: none does. */
static struct stk_event *wants_trace(const struct parser *p)
{
	const struct stk_events *out = p->out;
	struct stk_event *e = out->nr ? out->event[out->nr - 1] : NULL;

	return e && stk_event_kind(e->kind)->backtraces ? e : NULL;
}

/* Another CPU or task is looked at. */
static void trace_open(struct parser *p, struct stream *s,
		       const struct stk_event_line *line)
{
	struct stk_event *e = wants_trace(p);

	event_close(s);
	s->event = e;
	if (!e)
		event_open(p, s, STK_EVENT_BACKTRACE, line);
	if (s->event)
		trace_new(p, s);
}

static void take_head(struct parser *p, struct stream *s,
		      const struct stk_event_head *head, const struct stk_taken *taken,
		      const struct stk_event_line *line)
{
	uint64_t cpu;
	bool opens;

	if (head->how == STK_HEAD_TRACE) {
		trace_open(p, s, line);
		if (!s->reader.trace)
			return;
		s->reader.trace->of_rcu = head->kind == STK_EVENT_RCU_STALL;
		s->reader.trace->of_other_cpu = head->subject && !s->reader.trace->of_rcu;
		if (*head->take && stk_taken_number(&taken[0], &cpu) && cpu <= INT32_MAX)
			s->reader.trace->cpu = (int64_t)cpu;
		return;
	}
	opens = !goes_on(s, head);
	if (opens) {
		event_open(p, s, head->kind, line);
		if (!s->event)
			return;
		s->event->subject = head->subject;
	}
	/* What the hardware says, only who made it understands: it is told as it is. */
	if (opens ? head->how == STK_HEAD_ADDS
		  : s->event->kind != head->kind || head->how == STK_HEAD_ADDS) {
		detail_add(p, s->event,
			   stk_event_text(&p->out->arena, line->text, line->len));
	}
	s->event->last_line = p->out->nr_lines;
	s->event->panicked |= head->how == STK_HEAD_PANIC;
	take_all(p, s->event, head->take, taken);
	detail_add(p, s->event, s->before);
	s->before = NULL;
	s->cut_line = 0;
	/* Its frames come at once. */
	if (opens && head->kind == STK_EVENT_KMSAN && trace_new(p, s))
		stk_trace_frames(&s->reader);
}

/* ---- lines ---- */

/* What parts one event from the next. */
static bool take_mark(struct parser *p, struct stream *s, const char *text, size_t len)
{
	if (stk_begins_with(text, len, "------------[ cut here ]")) {
		/* Of a list the message comes before. */
		if (!s->event || !is_young(s->event) || s->event->kind != STK_EVENT_LIST)
			event_close(s);
		s->cut_line = p->out->nr_lines;
		return true;
	}
	if (stk_begins_with(text, len, "---[ end ")) {
		if (s->event)
			s->event->last_line = p->out->nr_lines;
		event_close(s);
		return true;
	}
	return false;
}

/* "1-...0: (1 GPs behind) idle=...": a CPU that RCU waits for. */
static bool take_stalled(struct parser *p, struct stream *s, const char *text, size_t len)
{
	struct stk_taken taken[STK_MAX_TAKEN];
	uint64_t cpu;

	if (s->event->kind != STK_EVENT_RCU_STALL || s->event->nr_traces ||
	    !stk_event_match("%d-%w (%*", text, len, taken) ||
	    !stk_taken_number(&taken[0], &cpu))
		return false;
	mark_cpu(p, s->event, cpu);
	detail_add(p, s->event, stk_event_text(&p->out->arena, text, len));
	return true;
}

static bool take_more(struct parser *p, struct stream *s, const char *text, size_t len)
{
	struct stk_taken taken[STK_MAX_TAKEN];
	const struct stk_event_more *more = stk_event_more(text, len, taken);

	if (!more)
		return false;
	/* KCSAN tells of both sides; the first is the event's. */
	if (!s->event->nr_traces || !s->event->traces[0]->nr_frames)
		take_all(p, s->event, more->take, taken);
	if (more->detail)
		detail_add(p, s->event, stk_event_text(&p->out->arena, text, len));
	if (more->frames && (s->reader.trace || trace_new(p, s)))
		stk_trace_frames(&s->reader);
	return true;
}

/* A line that fills in the open event, or begins a trace without one. */
static bool take_rest(struct parser *p, struct stream *s,
		      const struct stk_event_line *line, const char *text, size_t len)
{
	struct stk_event_trace scratch = { .cpu = -1, .pid = -1 };
	struct stk_trace_reader *r = &s->reader;
	bool begins = stk_trace_begins(text, len);

	if (begins && (!s->event || (r->trace && r->trace->pid >= 0)))
		trace_open(p, s, line);
	if (!s->event)
		return false;
	if (take_stalled(p, s, text, len) || take_more(p, s, text, len))
		return true;
	if (r->trace)
		return stk_trace_line(r, text, len);
	/* Only what is one line of a trace makes one. */
	*r = (struct stk_trace_reader){ .arena = &p->out->arena, .trace = &scratch };
	if (!stk_trace_line(r, text, len) || stk_begins_with(text, len, "Code: ")) {
		*r = (struct stk_trace_reader){ .arena = &p->out->arena };
		return false;
	}
	if (!trace_new(p, s))
		return false;
	return stk_trace_line(r, text, len);
}

/* "Linux version 6.1.0-13-amd64 (builder) (gcc ...) #1 SMP ...", "DMI: vendor, ...". */
static void take_machine(struct parser *p, const char *text, size_t len)
{
	struct stk_events *out = p->out;
	struct stk_taken taken[STK_MAX_TAKEN];

	if (stk_event_match("Linux version %w %s #%*", text, len, taken)) {
		out->release = stk_event_text(&out->arena, taken[0].text, taken[0].len);
		out->build =
			stk_event_text(&out->arena, taken[2].text - 1, taken[2].len + 1);
	} else if (stk_event_match("DMI: %*", text, len, taken)) {
		out->hardware = stk_event_text(&out->arena, taken[0].text, taken[0].len);
	}
}

static void take_line(struct parser *p, const char *bytes, size_t size)
{
	struct stk_taken taken[STK_MAX_TAKEN];
	const struct stk_event_head *head;
	struct stk_event_line line;
	struct stream *s;
	const char *text;
	size_t len;

	p->out->nr_lines++;
	stk_event_line(&line, bytes, size < MAX_LINE ? size : MAX_LINE);
	if (line.len < 3)
		return;
	text = line.text;
	len = line.len;
	stk_event_subsystem(&text, &len);
	s = stream_of(p, &line);
	s->last_line = p->out->nr_lines;
	if (take_mark(p, s, text, len))
		return;
	head = stk_event_head(text, len, taken);
	if (head) {
		take_head(p, s, head, taken, &line);
		return;
	}
	if (take_rest(p, s, &line, text, len)) {
		if (s->event)
			s->event->last_line = p->out->nr_lines;
		return;
	}
	take_machine(p, text, len);
	/* What WARN() and BUG() say of themselves. */
	if (s->cut_line && !s->event && !s->before)
		s->before = stk_event_text(&p->out->arena, text, len);
}

/* ---- all of it ---- */

/*
 * The address that a register has, where the first line has none that can be believed. Of
 * a stack that overflowed the kernel may print a hash of it, and the register may be that
 * of another fault, while the oops was printed: it must be near the stack.
 */
static void take_fault(struct stk_event *e, const struct stk_event_trace *t)
{
	bool of_stack =
		e->kind == STK_EVENT_STACK_GUARD || e->kind == STK_EVENT_DOUBLE_FAULT;
	bool of_memory =
		e->kind == STK_EVENT_NULL_DEREF || e->kind == STK_EVENT_PAGE_FAULT;
	uint64_t address, sp;

	if (of_stack && e->has_address && e->address >> 63 == 0)
		e->has_address = false;
	if (e->has_address || !(of_stack || of_memory) || !stk_trace_fault(t, &address))
		return;
	if (of_stack && (!stk_trace_sp(t, &sp) || address + NEAR_STACK < sp ||
			 address > sp + NEAR_STACK))
		return;
	e->address = address;
	e->has_address = true;
}

static void event_finish(struct stk_events *out, struct stk_event *e)
{
	const struct stk_event_trace *t;

	for (size_t i = 0; i < e->nr_traces; i++) {
		struct stk_trace_reader r = { .arena = &out->arena,
					      .trace = e->traces[i] };

		stk_frame_add_link(&r);
	}
	t = stk_event_main_trace(e);
	if (!t)
		return;
	take_fault(e, t);
	if (t->release) {
		out->release = t->release;
		out->build = t->build;
	}
	if (t->hardware)
		out->hardware = t->hardware;
	if (t->taint) {
		out->taint = t->taint;
		out->taint_words = t->taint_words;
	}
}

void stk_events_read(struct stk_events *events, char *text, size_t len,
		     bool (*stop)(void *), void *priv)
{
	struct parser *p;

	*events = (struct stk_events){ 0 };
	p = stk_arena_alloc(&events->arena, sizeof(*p));
	if (!p)
		return;
	p->out = events;
	len = stk_oops_clean(text, len);
	for (size_t at = 0; at < len;) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t n = end ? (size_t)(end - text) - at : len - at;

		if (stop && events->nr_lines % LINES_TO_ASK == 0 && stop(priv))
			break;
		take_line(p, text + at, n);
		at += n + 1;
	}
	for (size_t i = 0; i < events->nr; i++)
		event_finish(events, events->event[i]);
	stk_events_find_causes(events);
}

void stk_events_free(struct stk_events *events)
{
	stk_arena_free(&events->arena);
	*events = (struct stk_events){ 0 };
}
