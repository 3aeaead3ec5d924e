/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first screen: which machine, what it died of, what its CPUs did, what is odd. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../arch/arch.h"
#include "../base/bytes.h"
#include "../base/context.h"
#include "../base/safe.h"
#include "../machine/vmcoreinfo.h"
#include "render.h"
#include "text_events.h"
#include "triage.h"

/* Beyond these, CPUs, findings and events are counted. */
#define MAX_CPUS     16u
#define MAX_FINDINGS 12u
#define MAX_EVENTS   8u
/* Of a CPU that did not die. */
#define CPU_LINES 2u

/* ---- texts that are wrapped ---- */

struct wrap {
	FILE *fp;
	size_t indent, column;
};

static void wrap_new_line(struct wrap *w)
{
	fprintf(w->fp, "\n%*s", (int)w->indent, "");
	w->column = w->indent;
}

/* One word, and a blank before it. */
static void wrap_word(struct wrap *w, const char *word, size_t len)
{
	if (w->column > w->indent && w->column + 1 + len > EVENTS_WIDTH)
		wrap_new_line(w);
	if (w->column > w->indent) {
		fputc(' ', w->fp);
		w->column++;
	}
	fprintf(w->fp, "%.*s", (int)len, word);
	w->column += len;
}

static void wrap_text(struct wrap *w, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, " ");

		if (len)
			wrap_word(w, text, len);
		text += len + (text[len] == ' ');
	}
}

/* A piece that is not to be broken, with a comma before it. */
static void wrap_piece(struct wrap *w, const char *piece)
{
	if (w->column > w->indent) {
		fputc(',', w->fp);
		w->column++;
	}
	wrap_word(w, piece, strlen(piece));
}

/* ---- the machine ---- */

static void wrap_uptime(struct wrap *w, uint64_t seconds)
{
	char text[64];

	if (!seconds)
		return;
	snprintf(text, sizeof(text),
		 seconds >= 86400
			 ? "up %" PRIu64 " days %" PRIu64 ":%02" PRIu64 ":%02" PRIu64
			 : "up %.0" PRIu64 "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64,
		 seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
	wrap_piece(w, text);
}

static void wrap_date(struct wrap *w, int64_t when)
{
	time_t t = (time_t)when;
	char text[64];
	struct tm tm;

	if (when && gmtime_r(&t, &tm) && strftime(text, sizeof(text), "%F %T UTC", &tm))
		wrap_piece(w, text);
}

static void print_machine(struct stk *s, FILE *fp, const struct stk_triage *t)
{
	struct wrap w = { .fp = fp, .indent = EVENTS_INDENT, .column = EVENTS_INDENT };
	struct stk_machine m = { 0 };
	char text[80];

	stk_text_label(fp, "MACHINE");
	wrap_text(&w, stk_release(s));
	if (!stk_machine(s, &m) && m.version)
		wrap_text(&w, m.version);
	wrap_piece(&w, stk_arch_name(s));
	snprintf(text, sizeof(text), "%u CPU%s", stk_nr_online(s),
		 stk_nr_online(s) == 1 ? "" : "s");
	wrap_piece(&w, text);
	if (m.node && *m.node && strcmp(m.node, "(none)") != 0) {
		snprintf(text, sizeof(text), "host %.70s", m.node);
		stk_safe_bytes(text, strlen(text));
		wrap_piece(&w, text);
	}
	wrap_uptime(&w, t->uptime);
	wrap_date(&w, m.crash_time);
	fputc('\n', fp);
	if (t->events.hardware) {
		stk_text_label(fp, "");
		fprintf(fp, "%s\n", t->events.hardware);
	}
	if (t->events.taint)
		stk_text_taint(fp, t->events.taint);
	if (m.incomplete) {
		stk_text_label(fp, "");
		fputs("The dump is incomplete: it says so itself.\n", fp);
	}
	if (stk_left_out(s, STK_NO_NAMES)) {
		stk_text_label(fp, "");
		fputs("Names of tasks and of the machine were left out (pack --no-names).\n",
		      fp);
	}
}

/* ---- what it died of ---- */

static void print_death(FILE *fp, const struct stk_triage *t)
{
	if (t->event)
		stk_text_death(fp, t->event, &t->signature, t->died);
	if (t->from_stacks) {
		stk_text_label(fp, "");
		fprintf(fp,
			"The log does not tell: this is what the stack of CPU %d says.\n",
			t->panic.cpu);
	}
	if (!t->died && t->event) {
		stk_text_label(fp, "");
		fputs("It did not die: no CPU panicked. The machine was dumped as it ran.\n",
		      fp);
	} else if (!t->died) {
		stk_text_label(fp, "DIED OF");
		fprintf(fp, "nothing: no CPU panicked, and the log %s.\n",
			t->no_log ? "cannot be read" : "tells of no trouble");
		stk_text_label(fp, "");
		fputs("The machine was dumped as it ran.\n", fp);
	}
	if (t->event)
		stk_text_signature(fp, &t->signature);
}

/* ---- what the CPUs did ---- */

static bool is_dead(const struct stk_triage *t, const struct stk_triage_cpu *c)
{
	return c->chain && c->chain == t->chain;
}

/* Nothing but idle: several of them are one line. */
static bool is_dull(const struct stk_triage *t, const struct stk_triage_cpu *c)
{
	return c->idle && !is_dead(t, c) && c->chain->confidence == STK_CERTAIN;
}

static size_t print_cpu_label(FILE *fp, const struct stk_triage *t,
			      const struct stk_triage_cpu *c)
{
	char label[32];
	int len = snprintf(label, sizeof(label), "CPU %u%s", c->cpu,
			   (int)c->cpu == t->panic.cpu ? " *" : "");

	stk_text_label(fp, label);
	if (len < EVENTS_INDENT)
		return EVENTS_INDENT;
	fputc(' ', fp);
	return (size_t)len + 1;
}

static void print_cpu(FILE *fp, const struct stk_triage *t,
		      const struct stk_triage_cpu *c, bool all)
{
	size_t column = print_cpu_label(fp, t, c);
	const bool dead = is_dead(t, c);
	const struct stk_event_trace *trace = c->trace;
	char who[160] = "";

	if (!c->chain) {
		fprintf(fp, "not known: %s\n", c->why);
		return;
	}
	if (c->idle && !dead)
		snprintf(who, sizeof(who), "idle");
	else if (trace->pid > 0)
		snprintf(who, sizeof(who), "PID %" PRId64 " \"%s\"", trace->pid,
			 trace->comm);
	else
		snprintf(who, sizeof(who), "idle task");
	column += (size_t)fprintf(fp, "%s", who);
	if (c->chain->confidence != STK_CERTAIN)
		column += (size_t)fprintf(fp, " (%s chain)",
					  stk_confidence_name(c->chain->confidence));
	if (c->in_user && !dead) {
		fputs(": user mode\n", fp);
	} else if (c->idle && !dead) {
		fputc('\n', fp);
	} else if (!trace->nr_frames) {
		fputs(": no frame\n", fp);
	} else {
		column += (size_t)fprintf(fp, ": ");
		stk_text_trace(fp, dead ? t->trace : trace,
			       dead && t->stack_signature.nr_names
				       ? t->stack_signature.culprit_at
				       : c->was_doing,
			       column, dead || all ? 0 : CPU_LINES);
	}
}

/* "CPUs 0-2,5  idle" */
static void print_dull(FILE *fp, const struct stk_triage *t)
{
	struct wrap w = { .fp = fp, .indent = EVENTS_INDENT, .column = EVENTS_INDENT };
	size_t nr = 0;
	char text[48];

	for (size_t i = 0; i < t->nr_cpus; i++)
		nr += is_dull(t, &t->cpu[i]);
	if (!nr)
		return;
	stk_text_label(fp, nr == 1 ? "CPU idle" : "CPUs idle");
	for (size_t i = 0; i < t->nr_cpus; i++) {
		size_t last = i;

		if (!is_dull(t, &t->cpu[i]))
			continue;
		while (last + 1 < t->nr_cpus && is_dull(t, &t->cpu[last + 1]) &&
		       t->cpu[last + 1].cpu == t->cpu[last].cpu + 1)
			last++;
		if (last > i)
			snprintf(text, sizeof(text), "%u-%u", t->cpu[i].cpu,
				 t->cpu[last].cpu);
		else
			snprintf(text, sizeof(text), "%u", t->cpu[i].cpu);
		wrap_piece(&w, text);
		i = last;
	}
	fputc('\n', fp);
}

static void print_cpus(FILE *fp, const struct stk_triage *t, bool all)
{
	size_t nr = 0, left_out = 0;

	fputc('\n', fp);
	for (size_t i = 0; i < t->nr_cpus; i++) {
		if (is_dull(t, &t->cpu[i]))
			continue;
		if (all || nr < MAX_CPUS)
			print_cpu(fp, t, &t->cpu[i], all);
		else
			left_out++;
		nr++;
	}
	print_dull(fp, t);
	if (left_out) {
		stk_text_label(fp, "");
		fprintf(fp, "and %zu more CPUs that were not idle (-v)\n", left_out);
	}
	if (!t->nr_cpus) {
		stk_text_label(fp, "CPUS");
		fputs("none is online: the kernel died before bringing one up\n", fp);
	}
}

/* ---- what is odd ---- */

static void print_findings(FILE *fp, const struct stk_triage *t, bool all)
{
	if (!t->nr_findings)
		return;
	fputs("\nFINDINGS\n", fp);
	for (size_t i = 0; i < t->nr_findings; i++) {
		const struct stk_finding *f = &t->finding[i];
		struct wrap w = { .fp = fp, .indent = EVENTS_INDENT + 2 };

		if (i == MAX_FINDINGS && !all) {
			fprintf(fp, "%-*sand %zu more (-v)\n", EVENTS_INDENT, "",
				t->nr_findings - i);
			break;
		}
		fprintf(fp, "%-*s", EVENTS_INDENT, stk_severity_name(f->severity));
		w.column = EVENTS_INDENT;
		w.column += (size_t)fprintf(fp, "%s:", f->id);
		wrap_text(&w, f->text);
		fputc('\n', fp);
	}
}

/* ---- the registers of the fault ---- */

static void print_register(struct stk *s, FILE *fp, const char *name, uint64_t value)
{
	const struct stk_text_options brief = { .brief = true };
	struct wrap w = { .fp = fp, .indent = EVENTS_INDENT + 2 };
	struct stk_place place;
	char *text = NULL;
	size_t size;
	FILE *to;

	if (stk_classify(s, value, &place))
		return;
	to = open_memstream(&text, &size);
	if (!to)
		return;
	stk_text_place(s, to, &place, &brief);
	if (!fclose(to)) {
		text[strcspn(text, "\n")] = '\0';
		w.column = (size_t)fprintf(fp, "  %-*s", EVENTS_INDENT - 2, name);
		wrap_text(&w, text);
		fputc('\n', fp);
	}
	free(text);
}

/* What each points to, of those that may do so. */
static void print_registers(struct stk *s, FILE *fp, const struct stk_triage *t)
{
	const struct stk_regs *regs = t->fault_regs;

	if (!regs || !s->arch->nr_reg_rows)
		return;
	fputs("\nREGISTERS  that hold kernel addresses, when the fault came\n", fp);
	for (size_t i = 0; i < s->arch->nr_reg_rows; i++) {
		const struct stk_reg_row *row = &s->arch->reg_rows[i];
		uint64_t value = regs->v[row->reg];

		if (stk_has_reg(regs, row->reg) && s->arch->is_kernel_address(value) &&
		    value < STK_FIRST_ERROR)
			print_register(s, fp, row->title, value);
	}
}

/* ---- tasks and log ---- */

/* ", the longest for 0:01:40: PID 12 "x"": of tasks in D. */
static const char *longest_of(const struct stk_triage *t,
			      const struct stk_task_state *state, char *text, size_t size)
{
	const struct stk_blocked *b = t->nr_blocked ? &t->blocked[0] : NULL;
	char comm[4 * sizeof(b->task.comm) + 1];
	uint64_t seconds;

	*text = '\0';
	if (!b || !b->has_ns || b->task.now != state)
		return text;
	seconds = b->ns / 1000000000;
	snprintf(text, size,
		 ", the longest for %" PRIu64 ":%02" PRIu64 ":%02" PRIu64 ": PID %" PRIu32
		 " \"%s\"",
		 seconds / 3600, seconds / 60 % 60, seconds % 60, b->task.pid,
		 stk_safe_text(comm, sizeof(comm), b->task.comm));
	return text;
}

static void print_tasks(FILE *fp, const struct stk_triage *t)
{
	struct wrap w = { .fp = fp, .indent = EVENTS_INDENT, .column = EVENTS_INDENT };
	const struct stk_triage_tasks *n = &t->tasks;
	const struct stk_task_state *state;
	char text[160], longest[120];

	fputc('\n', fp);
	stk_text_label(fp, "TASKS");
	if (n->failed) {
		fprintf(fp, "not known: %s\n", n->failed);
		return;
	}
	snprintf(text, sizeof(text), "%zu: %zu on CPUs", n->nr, n->nr_on_cpu);
	wrap_word(&w, text, strlen(text));
	for (size_t i = 0;
	     i < STK_ARRAY_SIZE(n->nr_state) && (state = stk_task_states(i)) != NULL;
	     i++) {
		if (!n->nr_state[i])
			continue;
		snprintf(text, sizeof(text), "%zu %s (%s%s)", n->nr_state[i], state->code,
			 state->name, longest_of(t, state, longest, sizeof(longest)));
		wrap_piece(&w, text);
	}
	if (n->missing) {
		wrap_piece(&w, "some may be missing:");
		wrap_text(&w, n->missing);
	}
	fputc('\n', fp);
}

static void print_agreement(FILE *fp, const struct stk_join *j)
{
	switch (j ? j->verdict : STK_JOIN_NONE) {
	case STK_JOIN_AGREES:
		fprintf(fp, "agrees with the stack: all %zu frames of the log are there",
			j->nr_log);
		break;
	case STK_JOIN_DIFFERS:
		fprintf(fp, "%zu of %zu frames of the log are on the stack, not %s",
			j->nr_same, j->nr_log, j->missing->function);
		break;
	case STK_JOIN_GONE:
		fputs("its stack was used for other things since", fp);
		break;
	case STK_JOIN_NONE:
		return;
	}
	fputc('\n', fp);
}

static void print_event(FILE *fp, const struct stk_triage *t, const struct stk_event *e)
{
	const struct stk_join *j = stk_join_of(t, e);

	stk_text_event_line(fp, e, t->died && e == t->event);
	if (!j || j->verdict == STK_JOIN_NONE)
		return;
	stk_text_label(fp, "");
	print_agreement(fp, j);
}

static void print_log(FILE *fp, const struct stk_triage *t, bool all)
{
	size_t nr = 0, told = 0, backtraces = 0;

	stk_text_label(fp, "LOG");
	if (t->no_log) {
		fprintf(fp, "not known: %s\n", t->no_log);
		return;
	}
	for (size_t i = 0; i < t->events.nr; i++) {
		const struct stk_event *e = t->events.event[i];

		if (e->kind == STK_EVENT_BACKTRACE)
			backtraces += e->nr_traces;
		else
			nr++;
	}
	fprintf(fp, "%zu event%s", nr + t->events.left_out,
		nr + t->events.left_out == 1 ? "" : "s");
	if (backtraces)
		fprintf(fp, ", and %zu backtrace%s without one", backtraces,
			backtraces == 1 ? "" : "s");
	fputc('\n', fp);
	for (size_t i = 0; i < t->events.nr; i++) {
		const struct stk_event *e = t->events.event[i];

		if (e->kind == STK_EVENT_BACKTRACE ||
		    (e != t->event && !all && told >= MAX_EVENTS))
			continue;
		print_event(fp, t, e);
		told++;
	}
	if (told < nr) {
		stk_text_label(fp, "");
		fprintf(fp, "and %zu more (-v)\n", nr - told);
	}
}

void stk_text_triage(struct stk *s, FILE *fp, const struct stk_triage *t, bool all)
{
	print_machine(s, fp, t);
	print_death(fp, t);
	print_cpus(fp, t, all);
	print_findings(fp, t, all);
	if (all)
		print_registers(s, fp, t);
	print_tasks(fp, t);
	print_log(fp, t, all);
	if (!all)
		fputs("\n-v tells more; xbt -a: each frame of all CPUs; xbt -A -g: what tasks "
		      "did\n",
		      fp);
}
