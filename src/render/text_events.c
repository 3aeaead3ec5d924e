/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first screen of a log: which machine, what it died of, its signature, its chain. */
#include "text_events.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "../base/safe.h"
#include "events.h"

#define HARDWARE_LINES 6u

void stk_text_label(FILE *fp, const char *label)
{
	fprintf(fp, "%-*s", EVENTS_INDENT, label);
}

/* ---- the machine ---- */

/* kernel/panic.c: taint_flags[]. G says that P does not. */
static const struct {
	char flag;
	const char *means;
} taints[] = {
	{ 'P', "proprietary module" },
	{ 'F', "module loaded by force" },
	{ 'S', "CPU out of specification" },
	{ 'R', "module removed by force" },
	{ 'M', "a machine check before" },
	{ 'B', "a bad page before" },
	{ 'U', "by a user" },
	{ 'D', "an oops before" },
	{ 'A', "ACPI table replaced" },
	{ 'W', "a warning before" },
	{ 'C', "staging driver" },
	{ 'I', "firmware's fault worked around" },
	{ 'O', "module from out of tree" },
	{ 'E', "unsigned module" },
	{ 'L', "a soft lockup before" },
	{ 'K', "live patch" },
	{ 'X', "by the distribution" },
	{ 'T', "layout of structures randomized" },
	{ 'N', "test" },
	{ 'J', "commands to a device by fwctl" },
};

void stk_text_taint(FILE *fp, const char *taint)
{
	const char *between = " (";

	taint += *taint == 'G';
	stk_text_label(fp, "");
	fprintf(fp, *taint ? "taint %s" : "not tainted", taint);
	for (; *taint; taint++)
		for (size_t i = 0; i < sizeof(taints) / sizeof(taints[0]); i++)
			if (taints[i].flag == *taint) {
				fprintf(fp, "%s%s", between, taints[i].means);
				between = ", ";
			}
	fputs(*between == ',' ? ")\n" : "\n", fp);
}

static void print_machine(FILE *fp, const struct stk_events *events)
{
	stk_text_label(fp, "MACHINE");
	if (events->release)
		fprintf(fp, "%s%s%s", events->release, events->build ? " " : "",
			events->build ? events->build : "");
	else
		fputs("the text does not tell which kernel", fp);
	fputc('\n', fp);
	if (events->hardware) {
		stk_text_label(fp, "");
		fprintf(fp, "%s\n", events->hardware);
	}
	if (events->taint)
		stk_text_taint(fp, events->taint);
}

/* ---- one event ---- */

static void append(char *text, size_t size, const char *more)
{
	size_t len = strlen(text);

	snprintf(text + len, size - len, "%s", more);
}

static const char *access_words(const char *access)
{
	if (!access)
		return "address";
	if (!strcmp(access, "write"))
		return "write to";
	return strcmp(access, "read") ? "jump to" : "read of";
}

void stk_text_event_facts(const struct stk_event *e, char *text, size_t size)
{
	char more[96];

	*text = '\0';
	if (e->kind == STK_EVENT_SYSRQ)
		append(text, size, ": somebody asked for the crash");
	if (e->kind == STK_EVENT_STACK_GUARD && e->subject) {
		snprintf(more, sizeof(more), ", of the %.16s stack", e->subject);
		append(text, size, more);
	}
	if (e->has_address) {
		snprintf(more, sizeof(more), ", %s 0x%" PRIx64, access_words(e->access),
			 e->address);
		append(text, size, more);
	}
	if (e->bytes >= 0) {
		snprintf(more, sizeof(more), ", %" PRId64 " bytes", e->bytes);
		append(text, size, more);
	}
	if (e->seconds >= 0) {
		snprintf(more, sizeof(more), ", for %" PRId64 " s", e->seconds);
		append(text, size, more);
	}
	if (e->location) {
		append(text, size, ", at ");
		append(text, size, e->location);
	}
	/* What was cut may have been half a character; so below. */
	stk_safe_bytes(text, strlen(text));
}

void stk_text_event_who(const struct stk_event *e, char *text, size_t size)
{
	const struct stk_event_trace *t = stk_event_main_trace(e);
	int64_t pid = e->pid >= 0 ? e->pid : t ? t->pid : -1;
	int64_t cpu = t && t->cpu >= 0 ? t->cpu : e->cpu;
	const char *comm = t && t->comm && t->pid == pid ? t->comm : e->comm;
	char more[64];

	*text = '\0';
	if (pid >= 0) {
		snprintf(more, sizeof(more), "PID %" PRId64, pid);
		append(text, size, more);
	}
	if (comm) {
		snprintf(more, sizeof(more), "%s\"%.32s\"", pid >= 0 ? " " : "", comm);
		append(text, size, more);
	}
	if (cpu >= 0) {
		snprintf(more, sizeof(more), "%sCPU %" PRId64, *text ? " on " : "on ",
			 cpu);
		append(text, size, more);
	}
	stk_safe_bytes(text, strlen(text));
}

void stk_text_event_frame(const struct stk_event_frame *f, char *text, size_t size)
{
	char rust[512], offset[48] = "", module[96] = "";
	const char *function = stk_function_text(f->function, rust, sizeof(rust));

	/* The log tells how large the function is, the stack does not. */
	if (f->has_offset && f->size)
		snprintf(offset, sizeof(offset), "+0x%" PRIx64 "/0x%" PRIx64, f->offset,
			 f->size);
	else if (f->has_offset)
		snprintf(offset, sizeof(offset), "+0x%" PRIx64, f->offset);
	if (f->module)
		snprintf(module, sizeof(module), " [%.64s]", f->module);
	snprintf(text, size, "%s%s%s%s%s", f->doubtful ? "? " : "",
		 function ? function : "unknown", offset, module,
		 f->inlined ? " (inlined)" : "");
}

/* ---- what it died of ---- */

/* Where, and who. */
static void print_place(FILE *fp, const struct stk_event *e)
{
	const struct stk_event_trace *t = stk_event_main_trace(e);
	char who[120], frame[400];

	stk_text_event_who(e, who, sizeof(who));
	if (t && t->has_pc && t->pc.function) {
		stk_text_event_frame(&t->pc, frame, sizeof(frame));
		stk_text_label(fp, "");
		fprintf(fp, "in %s%s%s\n", frame, *who ? ", " : "", who);
	} else if (*who) {
		stk_text_label(fp, "");
		fprintf(fp, "%s\n", who);
	}
	if (t && t->workqueue) {
		stk_text_label(fp, "");
		fprintf(fp, "workqueue %s\n", t->workqueue);
	}
	/* What the hardware says; of others -v tells. */
	if (!stk_event_kind(e->kind)->not_code)
		return;
	for (size_t i = 0; i < e->nr_details && i < HARDWARE_LINES; i++) {
		stk_text_label(fp, "");
		fprintf(fp, "%s\n", e->details[i]);
	}
}

void stk_text_death(FILE *fp, const struct stk_event *e, const struct stk_signature *sig,
		    bool died)
{
	/* Where is told below. */
	size_t where = *sig->culprit ? strlen(" in ") + strlen(sig->culprit) : 0;
	char facts[200];

	stk_text_event_facts(e, facts, sizeof(facts));
	stk_text_label(fp, died ? "DIED OF" : "WORST");
	fprintf(fp, "%.*s%s\n", (int)(strlen(sig->title) - where), sig->title, facts);
	print_place(fp, e);
}

/* An oops that was not the first: the kernel was damaged when it came. */
static void print_earlier(FILE *fp, const struct stk_events *events,
			  const struct stk_event *death)
{
	struct stk_signature sig;

	for (size_t i = 0; i < events->nr && events->event[i] != death; i++) {
		const struct stk_event *e = events->event[i];

		if (stk_event_kind(e->kind)->rank < STK_RANK_DAMAGE || e->panicked)
			continue;
		stk_event_signature(e, &sig);
		stk_text_label(fp, "BEFORE");
		fprintf(fp, "%s (line %zu): it came first, and may be the cause\n",
			sig.title, e->first_line);
		return;
	}
}

void stk_text_signature(FILE *fp, const struct stk_signature *sig)
{
	char text[360];
	size_t len;

	snprintf(text, sizeof(text), "%s%s%s%s", sig->title, *sig->module ? " [" : "",
		 sig->module, *sig->module ? "]" : "");
	len = strlen(text);
	stk_text_label(fp, "SIGNATURE");
	fputs(text, fp);
	if (EVENTS_INDENT + len + 2 + strlen(sig->hash) > EVENTS_WIDTH) {
		fputc('\n', fp);
		stk_text_label(fp, "");
	} else {
		fputs("  ", fp);
	}
	fprintf(fp, "%s\n", sig->hash);
}

/* ---- all events, a line each ---- */

void stk_text_event_line(FILE *fp, const struct stk_event *e, bool marked)
{
	char who[120], lines[64], to[32] = "";
	struct stk_signature sig;
	size_t width;

	stk_event_signature(e, &sig);
	stk_text_event_who(e, who, sizeof(who));
	if (e->last_line != e->first_line)
		snprintf(to, sizeof(to), "-%zu", e->last_line);
	snprintf(lines, sizeof(lines), "line%s %zu%s", *to ? "s" : "", e->first_line, to);
	width = (size_t)fprintf(fp, "%s [%s] %s", marked ? "*" : " ",
				e->time ? e->time : "no time", sig.title);
	if (width + strlen(who) + strlen(lines) + 5 > EVENTS_WIDTH) {
		fputc('\n', fp);
		stk_text_label(fp, "");
	} else {
		fputs(", ", fp);
	}
	fprintf(fp, "%s%s%s\n", who, *who ? ", " : "", lines);
}

static void print_events(FILE *fp, const struct stk_events *events,
			 const struct stk_event *death, bool verbose)
{
	size_t nr = 0, others = 0;

	for (size_t i = 0; i < events->nr; i++)
		if (events->event[i]->kind == STK_EVENT_BACKTRACE)
			others += events->event[i]->nr_traces;
		else
			nr++;
	stk_text_label(fp, "EVENTS");
	fprintf(fp, "%zu", nr);
	if (events->left_out)
		fprintf(fp, " (of %zu: the others are left out)", nr + events->left_out);
	if (others)
		fprintf(fp, ", and %zu backtrace%s without one%s", others,
			others == 1 ? "" : "s", verbose ? "" : " (-v)");
	fputc('\n', fp);
	for (size_t i = 0; i < events->nr; i++) {
		const struct stk_event *e = events->event[i];

		if (verbose)
			stk_text_event(fp, e);
		else if (e->kind != STK_EVENT_BACKTRACE)
			stk_text_event_line(fp, e, e == death);
	}
}

void stk_text_events(FILE *fp, const struct stk_events *events, bool verbose)
{
	const struct stk_event *worst = NULL;
	const struct stk_event *death = stk_events_death(events, &worst);
	const struct stk_event *told = death ? death : worst;
	struct stk_signature sig;

	if (!events->nr) {
		fputs("no event of the kernel in this text\n", fp);
		return;
	}
	print_machine(fp, events);
	if (told) {
		stk_event_signature(told, &sig);
		stk_text_death(fp, told, &sig, death != NULL);
		if (!death) {
			stk_text_label(fp, "");
			fputs("The text tells of no panic and of no oops: the machine may "
			      "have lived on.\n",
			      fp);
		}
		stk_text_signature(fp, &sig);
		if (death)
			print_earlier(fp, events, death);
		stk_text_event_chain(fp, stk_event_any_trace(told), &sig);
	} else {
		stk_text_label(fp, "DIED OF");
		fputs("nothing that this text tells: it has backtraces only\n", fp);
	}
	print_events(fp, events, told, verbose);
}
