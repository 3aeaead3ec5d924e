/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each CPU did when the machine died, or was dumped. */
#include "text_triage.h"

#include <inttypes.h>

#include "../base/wrap.h"
#include "text_events.h"

/* Beyond these, CPUs are counted. */
#define MAX_CPUS 16u
/* Of a CPU that did not die. */
#define CPU_LINES 2u

static bool is_dead(const struct stk_triage *t, const struct stk_triage_cpu *c)
{
	return c->chain && c->chain == t->chain;
}

/* Nothing but idle: several of them are one line. */
static bool is_dull(const struct stk_triage *t, const struct stk_triage_cpu *c)
{
	return c->idle && !is_dead(t, c) && stk_triage_confidence(c) == STK_CERTAIN;
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

static const char *who_ran(const struct stk_triage_cpu *c, bool dead, char *text,
			   size_t size)
{
	if (c->idle && !dead)
		snprintf(text, size, "idle");
	else if (c->trace->pid > 0)
		snprintf(text, size, "PID %" PRId64 " \"%s\"", c->trace->pid,
			 c->trace->comm);
	else
		snprintf(text, size, "idle task");
	return text;
}

static void print_cpu(FILE *fp, const struct stk_triage *t,
		      const struct stk_triage_cpu *c, bool all)
{
	size_t column = print_cpu_label(fp, t, c);
	const bool dead = is_dead(t, c);
	const struct stk_event_trace *trace = c->trace;
	char who[160];

	if (!c->chain) {
		fprintf(fp, "not known: %s\n", c->why);
		return;
	}
	column += (size_t)fprintf(fp, "%s", who_ran(c, dead, who, sizeof(who)));
	if (stk_triage_confidence(c) != STK_CERTAIN)
		column += (size_t)fprintf(fp, " (%s chain)",
					  stk_confidence_name(stk_triage_confidence(c)));
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
				       : c->told_from,
			       column, dead || all ? 0 : CPU_LINES);
	}
}

/* "CPUs 0-2,5  idle" */
static void print_dull(FILE *fp, const struct stk_triage *t)
{
	struct stk_wrap w = { fp, EVENTS_WIDTH, EVENTS_INDENT, EVENTS_INDENT };
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
		stk_wrap_piece(&w, text);
		i = last;
	}
	fputc('\n', fp);
}

void stk_text_triage_cpus(FILE *fp, const struct stk_triage *t, bool all)
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
