/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proves what is read of each text of an event, to the letter: all of it as it is, and
 * what is left when any line of it is missing, cut, or there twice.
 */
#include "event_texts.h"
#include "golden.h"
#include "suite.h"
#include "words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/events.h"
#include "report/signature.h"

static struct stk_events events;

static void read_text(const char *text, size_t len)
{
	/* With an end of its own, so that reading behind it shows. */
	char *copy = malloc(len + !len);

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, text, len);
	stk_events_free(&events);
	stk_events_read(&events, copy, len, NULL, NULL);
	ck_assert(!events.arena.failed);
	free(copy);
}

static void teardown(void)
{
	stk_events_free(&events);
	golden_teardown();
}

/* ---- all that is known ---- */

static void put_text(const char *name, const char *text)
{
	if (text)
		fprintf(golden, " %s \"%s\"", name, text);
}

static void put_number(const char *name, int64_t n)
{
	if (n != -1)
		fprintf(golden, " %s %" PRId64, name, n);
}

static void put_flag(const char *name, bool is)
{
	if (is)
		fprintf(golden, " %s", name);
}

static void put_frame(const struct stk_event_frame *f)
{
	fprintf(golden, " %s", f->function ? f->function : "-");
	if (f->has_offset)
		fprintf(golden, "+%#" PRIx64 "/%#" PRIx64, f->offset, f->size);
	if (f->module)
		fprintf(golden, "[%s]", f->module);
	if (f->stack)
		fprintf(golden, "<%s>", f->stack);
	fprintf(golden, "%s%s%s%s%s", f->doubtful ? "?" : "", f->inlined ? ".i" : "",
		f->interrupted ? "!" : "", f->lost ? ".lost" : "",
		f->at_start ? ".start" : "");
	if (f->by)
		fprintf(golden, ".%s", f->by);
}

static void put_trace(const struct stk_event_trace *t)
{
	fputs("  trace", golden);
	put_number("cpu", t->cpu);
	put_number("pid", t->pid);
	put_text("comm", t->comm);
	put_text("taint", t->taint);
	put_text("words", t->taint_words);
	put_text("release", t->release);
	put_text("build", t->build);
	put_text("hardware", t->hardware);
	put_text("workqueue", t->workqueue);
	put_text("modules", t->modules);
	put_text("state", t->state);
	put_flag("in_user", t->in_user);
	put_flag("from_pc", t->from_pc);
	put_flag("ends_in_user", t->ends_in_user);
	put_flag("of_rcu", t->of_rcu);
	put_flag("of_other_cpu", t->of_other_cpu);
	if (t->has_pc) {
		fputs(" pc", golden);
		put_frame(&t->pc);
	}
	if (t->link.function) {
		fputs(" link", golden);
		put_frame(&t->link);
	}
	if (t->nr_frames)
		fputs("\n   ", golden);
	for (size_t i = 0; i < t->nr_frames; i++)
		put_frame(&t->frames[i]);
	if (t->nr_regs)
		fputs("\n   ", golden);
	for (size_t i = 0; i < t->nr_regs; i++)
		fprintf(golden, " %s=%" PRIx64, t->regs[i].name, t->regs[i].value);
	fputc('\n', golden);
}

static size_t number_of(const struct stk_event *e)
{
	for (size_t i = 0; i < events.nr; i++)
		if (events.event[i] == e)
			return i;
	return events.nr;
}

static void put_event(const struct stk_event *e)
{
	fprintf(golden, " %s, lines %zu-%zu", stk_event_kind(e->kind)->code,
		e->first_line, e->last_line);
	put_text("subject", e->subject);
	put_text("location", e->location);
	put_text("access", e->access);
	put_text("time", e->time);
	put_text("comm", e->comm);
	put_number("cpu", e->cpu);
	put_number("pid", e->pid);
	put_number("seconds", e->seconds);
	put_number("bytes", e->bytes);
	put_flag("panicked", e->panicked);
	if (e->has_address)
		fprintf(golden, " at %#" PRIx64, e->address);
	if (e->has_error)
		fprintf(golden, " error %#" PRIx64, e->error);
	if (e->at.function)
		put_frame(&e->at);
	if (e->cause)
		fprintf(golden, " cause %zu", number_of(e->cause));
	if (e->end)
		fprintf(golden, " end %zu", number_of(e->end));
	for (unsigned int cpu = 0; cpu < STK_MAX_EVENT_CPUS; cpu++)
		if (stk_event_has_cpu(e, cpu))
			fprintf(golden, " CPU%u", cpu);
	fputc('\n', golden);
	for (size_t i = 0; i < e->nr_details; i++)
		fprintf(golden, "  | %s\n", e->details[i]);
	for (size_t i = 0; i < e->nr_traces; i++)
		put_trace(e->traces[i]);
}

START_TEST(whole)
{
	for (const struct event_text *row = event_texts; row->name; row++) {
		golden_head("%s", row->name);
		read_text(row->text, strlen(row->text));
		put_text("release", events.release);
		put_text("build", events.build);
		put_text("hardware", events.hardware);
		put_text("taint", events.taint);
		put_text("words", events.taint_words);
		fprintf(golden, " lines %zu\n", events.nr_lines);
		for (size_t i = 0; i < events.nr; i++)
			put_event(events.event[i]);
	}
	golden_expect("read_events", "whole");
}
END_TEST

/* ---- what is left ---- */

/* In a few words: how many of what, and where. */
static void put_short(FILE *fp)
{
	for (size_t i = 0; i < events.nr; i++) {
		const struct stk_event *e = events.event[i];
		struct stk_signature sig;

		stk_event_signature(e, &sig);
		fprintf(fp, "%s%zu-%zu %s%s", i ? "; " : "", e->first_line, e->last_line,
			sig.title, e->has_address ? " @" : "");
		if (e->nr_details)
			fprintf(fp, " |%zu", e->nr_details);
		for (size_t k = 0; k < e->nr_traces; k++) {
			const struct stk_event_trace *t = e->traces[k];

			fprintf(fp, " (%" PRId64 " %" PRId64 " %zu%s%s%s %zu)", t->cpu,
				t->pid, t->nr_frames, t->has_pc ? "p" : "",
				t->link.function ? "l" : "", t->ends_in_user ? "u" : "",
				t->nr_regs);
		}
	}
}

enum { WITHOUT, CUT, TWICE, NR_CHANGES };

/* The text whose line from @at on, @len long, is changed. */
static void read_changed(const char *text, size_t at, size_t len, int how)
{
	const size_t size = strlen(text);
	char *changed = malloc(2 * size + 1);
	const char *behind = text + at + len + (text[at + len] == '\n');

	ck_assert_ptr_nonnull(changed);
	memcpy(changed, text, at);
	changed[at] = '\0';
	if (how == CUT)
		sprintf(changed + at, "%.*s\n", (int)(len * 2 / 3), text + at);
	if (how == TWICE)
		sprintf(changed + at, "%.*s\n%.*s\n", (int)len, text + at, (int)len,
			text + at);
	strcat(changed, behind);
	read_text(changed, strlen(changed));
	free(changed);
}

START_TEST(changed)
{
	static const char *const name[] = { "without a line", "a line is cut",
					    "a line twice" };

	for (const struct event_text *row = event_texts; row->name; row++) {
		size_t nr = 1;

		golden_head("%s", row->name);
		for (size_t at = 0, len; row->text[at]; at += len + 1, nr++) {
			len = strcspn(row->text + at, "\n");
			read_changed(row->text, at, len, _i);
			fprintf(golden, "%zu: ", nr);
			put_short(golden);
			fputc('\n', golden);
			if (!row->text[at + len])
				break;
		}
	}
	golden_expect("read_events", name[_i]);
}
END_TEST

/* ---- every byte ---- */

static void tell_text(FILE *fp, const char *text)
{
	read_text(text, strlen(text));
	put_short(fp);
	for (size_t i = 0; i < events.nr; i++) {
		const struct stk_event *e = events.event[i];

		fprintf(fp, " %s.%s.%d.%d", e->comm ? e->comm : "",
			e->access ? e->access : "", (int)e->cpu, (int)e->seconds);
		for (size_t k = 0; k < e->nr_traces; k++) {
			const struct stk_event_trace *of = e->traces[k];

			for (size_t n = 0; n < of->nr_frames; n++)
				fprintf(fp, " %s%s%s%s%s",
					of->frames[n].function ? of->frames[n].function
							       : "-",
					of->frames[n].module ? "[" : "",
					of->frames[n].module ? of->frames[n].module : "",
					of->frames[n].stack ? of->frames[n].stack : "",
					of->frames[n].doubtful ? "?" : "");
			fprintf(fp, " %s %s %s", of->comm ? of->comm : "",
				of->taint ? of->taint : "",
				of->release ? of->release : "");
		}
	}
}

START_TEST(damaged_bytes)
{
	static const struct {
		const char *name, *text;
	} row[] = {
		{ "an oops",
		  "BUG: kernel NULL pointer dereference, address: 0000000000000008\n"
		  "CPU: 1 PID: 22 Comm: sh Tainted: G        W  OE 6.1.0 #1\n"
		  "RIP: 0010:f+0x1/0x2 [m]\nCall Trace:\n <IRQ>\n ? g+0x3/0x4\n </IRQ>\n"
		  " h.part.0+0x5/0x6 [n]\n" },
		{ "a lockup",
		  "watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [sh:227]\n"
		  "CPU: 1 PID: 227 Comm: sh Not tainted 6.1.0 #1\nRIP: 0010:f+0x1/0x2\n" },
		{ "a stall",
		  "rcu: INFO: rcu_sched detected stalls on CPUs/tasks: { 1-.... 3-...D }\n"
		  "Task dump for CPU 1:\ntask:sh state:R pid:7 ppid:1\nCall Trace:\n f+0x1/0x2\n" },
		{ "two cuts",
		  "------------[ cut here ]\nfirst words\n------------[ cut here ]\n"
		  "other words\nWARNING: CPU: 1 PID: 7 at f.c:1 f+0x1/0x2\n"
		  "---[ end trace 0 ]---\n" },
		{ "kinds of frames",
		  "WARNING: CPU: 1 PID: 7 at f.c:1 f+0x1/0x2\nCall Trace:\n"
		  "[<ffffffff81001234>]f1+0x1/0x2\n <EOI> [<ffffffff81001234>] ? f2+0x1/0x2 [m]\n"
		  " ? [<ffffffff81001234>] f3+0x1/0x2\n f4 (mm/a.c:12) m\n"
		  " f5 mm/a.c:12 [inline]\n 0xffffffff81001234\n </IRQ>\n <<EOE>> f6+0x1/0x2\n"
		  " </TASK>\n f7+0x1/0x2\n" },
		{ "a hung task, and who",
		  "INFO: task sh:7 blocked for more than 120 seconds.\n"
		  "      Tainted: G        W  6.1.0 #1\n"
		  "task:sh state:D stack:0 pid:7\nCall Trace:\n f+0x1/0x2\n" },
		{ "a hung task",
		  "INFO: task sh:7 blocked for more than 120 seconds.\n"
		  "task:sh state:D stack:0 pid:7\nCall Trace:\n f+0x1/0x2\n g+0x1/0x2\n" },
	};

	bytes_damage(row[_i].name, row[_i].text, tell_text);
	golden_expect("bytes", row[_i].name);
}
END_TEST

/* Of whom the lines are, some say and some do not. */
START_TEST(two_at_once)
{
	tell_text(
		golden,
		"WARNING: CPU: 1 PID: 7 at f.c:1 f+0x1/0x2\n"
		"[1.0] [   T12] BUG: sleeping function called from invalid context at g.c:2\n"
		"CPU: 1 PID: 7 Comm: sh Not tainted 6.1.0 #1\n"
		"[1.0] [   T12] CPU: 2 PID: 12 Comm: b Not tainted 6.1.0 #1\n"
		"Call Trace:\n f1+0x1/0x2\n");
	fputc('\n', golden);
	golden_expect("read_events", "two at once");
}
END_TEST

static const struct unit_test tests[] = {
	LOOP(damaged_bytes, 7),
	TEST(two_at_once),
	TEST(whole),
	LOOP(changed, NR_CHANGES),
	{ 0 },
};

const struct unit_suite suite_read_events = {
	"read_events",
	{ { "read", tests, golden_setup, teardown } },
};
