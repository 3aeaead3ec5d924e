/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first screen: which machine, what it died of, what its CPUs did, what is odd. */
#include "text_triage.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../arch/arch.h"
#include "../base/context.h"
#include "../base/duration.h"
#include "../base/safe.h"
#include "../base/wrap.h"
#include "../machine/vmcoreinfo.h"
#include "render.h"
#include "text_events.h"
#include "../base/memstream.h"

/* Beyond these, findings are counted. */
#define MAX_FINDINGS 12u

/* ---- the machine ---- */

static void wrap_uptime(struct stk_wrap *w, uint64_t seconds)
{
	char time[64], text[sizeof(time) + 4];

	if (!seconds)
		return;
	snprintf(text, sizeof(text), "up %s",
		 stk_duration_text(seconds, time, sizeof(time)));
	stk_wrap_piece(w, text);
}

static void wrap_date(struct stk_wrap *w, int64_t when)
{
	time_t t = (time_t)when;
	char text[64];
	struct tm tm;

	if (when && gmtime_r(&t, &tm) && strftime(text, sizeof(text), "%F %T UTC", &tm))
		stk_wrap_piece(w, text);
}

static void print_machine(struct stk *s, FILE *fp, const struct stk_triage *t)
{
	struct stk_wrap w = { fp, EVENTS_WIDTH, EVENTS_INDENT, EVENTS_INDENT };
	struct stk_machine m = { 0 };
	size_t nr = stk_nr_online(s);
	char text[80];

	stk_text_label(fp, "MACHINE");
	stk_wrap_text(&w, stk_release(s));
	if (!stk_machine(s, &m) && m.version)
		stk_wrap_text(&w, m.version);
	stk_wrap_piece(&w, stk_arch_name(s));
	/* A panic that does not end in a capture kernel takes the other CPUs offline. */
	if (nr < t->nr_cpus)
		nr = t->nr_cpus;
	snprintf(text, sizeof(text), "%zu CPU%s", nr, nr == 1 ? "" : "s");
	stk_wrap_piece(&w, text);
	if (m.node && *m.node && strcmp(m.node, "(none)") != 0) {
		snprintf(text, sizeof(text), "host %.70s", m.node);
		stk_safe_bytes(text, strlen(text));
		stk_wrap_piece(&w, text);
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
	if (stk_left_out(s, STK_NAMES_LEFT_OUT)) {
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

/* ---- what is odd ---- */

static void print_findings(FILE *fp, const struct stk_triage *t, bool all)
{
	if (!t->nr_findings)
		return;
	fputs("\nFINDINGS\n", fp);
	for (size_t i = 0; i < t->nr_findings; i++) {
		const struct stk_finding *f = &t->finding[i];
		struct stk_wrap w = { fp, EVENTS_WIDTH, EVENTS_INDENT + 2, 0 };

		if (i == MAX_FINDINGS && !all) {
			fprintf(fp, "%-*sand %zu more (-v)\n", EVENTS_INDENT, "",
				t->nr_findings - i);
			break;
		}
		fprintf(fp, "%-*s", EVENTS_INDENT, stk_severity_name(f->severity));
		w.column = EVENTS_INDENT;
		w.column += (size_t)fprintf(fp, "%s:", f->id);
		stk_wrap_text(&w, f->text);
		fputc('\n', fp);
	}
}

/* ---- the registers of the fault ---- */

static void print_register(struct stk *s, FILE *fp, const char *name, uint64_t value)
{
	const struct stk_text_options brief = { .brief = true };
	struct stk_wrap w = { fp, EVENTS_WIDTH, EVENTS_INDENT + 2, 0 };
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
	if (stk_memstream_end(to, &text)) {
		text[strcspn(text, "\n")] = '\0';
		w.column = (size_t)fprintf(fp, "  %-*s", EVENTS_INDENT - 2, name);
		stk_wrap_text(&w, text);
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

void stk_text_triage(struct stk *s, FILE *fp, const struct stk_triage *t, bool all)
{
	print_machine(s, fp, t);
	print_death(fp, t);
	stk_text_triage_cpus(fp, t, all);
	print_findings(fp, t, all);
	if (all)
		print_registers(s, fp, t);
	stk_text_triage_tasks(fp, t);
	stk_text_triage_log(fp, t, all);
	if (!all)
		fputs("\n-v tells more; xbt -a: each frame of all CPUs; xbt -A -g: what tasks "
		      "did\n",
		      fp);
}
