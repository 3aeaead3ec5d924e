/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One event: its chain in a few lines, or with -v all that is known of it. */
#include "text_events.h"

#include <inttypes.h>
#include <string.h>

#include "../base/bytes.h"

/* ---- the chain ---- */

/* What is printed of it so far. */
struct chain {
	FILE *fp;
	size_t column;
	size_t nr_lines, max_lines; /* 0: as many as it takes; one more is kept free */
	bool begun, after;
	const char *stack;  /* of the line */
	const char *name;   /* of the frame that is to be printed */
	const char *module; /* the same */
	size_t times;	    /* so many such frames follow each other */
	const char *shown;  /* the module that was told last */
};

/* What is beyond the last line that it may take is not told. */
static bool chain_is_full(const struct chain *c)
{
	return c->max_lines && c->nr_lines > c->max_lines;
}

/* The next line. False: it may take no more. */
static bool chain_next_line(struct chain *c)
{
	c->nr_lines++;
	if (chain_is_full(c)) {
		fputs(" ...", c->fp);
		return false;
	}
	fputc('\n', c->fp);
	stk_text_label(c->fp, "");
	c->column = EVENTS_INDENT;
	return true;
}

static void chain_line(struct chain *c, const char *stack)
{
	if (c->begun && !chain_next_line(c))
		return;
	if (stack)
		c->column += (size_t)fprintf(c->fp, "<%s> ", stack);
	c->begun = true;
	c->after = false;
}

static void chain_flush(struct chain *c)
{
	char text[320], rust[512], module[80] = "", times[40] = "";

	if (!c->name || chain_is_full(c))
		return;
	/* Most are of the same module as the one before. */
	if (!stk_same_text(c->module, c->shown))
		snprintf(module, sizeof(module), " [%.64s]",
			 c->module ? c->module : "kernel");
	if (c->times > 1)
		snprintf(times, sizeof(times), " (%zu times)", c->times);
	snprintf(text, sizeof(text), "%s%.128s%s%s", c->after ? " < " : "",
		 stk_function_text(c->name, rust, sizeof(rust)), module, times);
	/* What is left out needs room for its dots. */
	if (c->column + strlen(text) >
	    EVENTS_WIDTH - (c->max_lines ? strlen(" ...") : 0)) {
		if (!chain_next_line(c))
			return;
		memmove(text, text + (c->after ? 1 : 0), strlen(text));
	}
	c->column += (size_t)fprintf(c->fp, "%s", text);
	c->shown = c->module;
	c->after = true;
	c->name = NULL;
}

static void chain_frame(struct chain *c, const struct stk_event_frame *f)
{
	if (f->doubtful || f->inlined)
		return;
	if (chain_is_full(c))
		return;
	if (!stk_same_text(f->stack, c->stack)) {
		chain_flush(c);
		if (chain_is_full(c))
			return;
		chain_line(c, f->stack);
		c->stack = f->stack;
	}
	if (c->name && stk_same_text(c->name, f->function) &&
	    stk_same_text(c->module, f->module)) {
		c->times++;
		return;
	}
	chain_flush(c);
	c->name = f->function ? f->function : "unknown";
	c->module = f->module;
	c->times = 1;
}

static void chain_end(const struct chain *c, const struct stk_event_trace *t)
{
	if (chain_is_full(c))
		;
	else if (t->frames_left_out)
		fprintf(c->fp, " < ... (%zu more)", t->frames_left_out);
	else if (t->ends_in_user || (t->in_user && !t->nr_frames))
		fprintf(c->fp, "%suser mode", c->after ? " < " : "");
	fputc('\n', c->fp);
}

void stk_text_trace(FILE *fp, const struct stk_event_trace *t, size_t begin,
		    size_t column, size_t max_lines)
{
	const size_t before = t->has_pc && !t->in_user;
	struct chain c = {
		.fp = fp, .column = column, .max_lines = max_lines, .nr_lines = 1
	};

	begin = begin > before ? begin - before : 0;
	c.stack = begin < t->nr_frames ? t->frames[begin].stack : NULL;
	chain_line(&c, c.stack);
	if (!begin && before) {
		struct stk_event_frame pc = t->pc;

		pc.stack = c.stack;
		chain_frame(&c, &pc);
	}
	for (size_t i = begin; i < t->nr_frames; i++)
		chain_frame(&c, &t->frames[i]);
	chain_flush(&c);
	chain_end(&c, t);
}

void stk_text_event_chain(FILE *fp, const struct stk_event_trace *t,
			  const struct stk_signature *sig)
{
	stk_text_label(fp, "CHAIN");
	if (!t || (!t->nr_frames && !t->has_pc))
		fputs("not in the text\n", fp);
	else
		stk_text_trace(fp, t, sig->culprit_at, EVENTS_INDENT, 0);
}

/* ---- all of an event ---- */

static void print_field(FILE *fp, const char *name, const char *value)
{
	if (value && *value)
		fprintf(fp, "      %-10s %s\n", name, value);
}

static void print_registers(FILE *fp, const struct stk_event_trace *t)
{
	size_t column = 0;

	for (size_t i = 0; i < t->nr_regs; i++) {
		char text[48];
		size_t len = (size_t)snprintf(text, sizeof(text), "%s: %016" PRIx64,
					      t->regs[i].name, t->regs[i].value);

		if (column && column + 2 + len > EVENTS_WIDTH) {
			fputc('\n', fp);
			column = 0;
		}
		column += (size_t)fprintf(fp, "%s%s", column ? "  " : "        ", text);
	}
	if (column)
		fputc('\n', fp);
}

static void print_frames(FILE *fp, const struct stk_event_trace *t)
{
	const char *stack = NULL;
	char text[640];

	for (size_t i = 0; i < t->nr_frames; i++) {
		const struct stk_event_frame *f = &t->frames[i];

		if (!stk_same_text(f->stack, stack))
			fprintf(fp, "        <%s>\n", f->stack ? f->stack : "-");
		stack = f->stack;
		stk_text_event_frame(f, text, sizeof(text));
		fprintf(fp, "        %s%s", text, f->interrupted ? " (interrupted)" : "");
		if (f->by)
			fprintf(fp, " (by %s)", f->by);
		fputc('\n', fp);
	}
	if (t->frames_left_out)
		fprintf(fp, "        and %zu more\n", t->frames_left_out);
	if (t->ends_in_user)
		fputs("        user mode\n", fp);
}

static void print_trace(FILE *fp, const struct stk_event_trace *t)
{
	char text[640] = "";

	fputs("    trace", fp);
	if (t->cpu >= 0)
		fprintf(fp, " of CPU %" PRId64, t->cpu);
	if (t->pid >= 0)
		fprintf(fp, ", PID %" PRId64, t->pid);
	if (t->comm)
		fprintf(fp, " \"%s\"", t->comm);
	if (t->state)
		fprintf(fp, ", state %s", t->state);
	fputc('\n', fp);
	print_field(fp, "workqueue", t->workqueue);
	print_field(fp, "taint", t->taint_words);
	if (t->has_pc && t->in_user)
		print_field(fp, "at", "user mode");
	else if (t->has_pc) {
		stk_text_event_frame(&t->pc, text, sizeof(text));
		print_field(fp, "at", text);
	}
	print_registers(fp, t);
	print_frames(fp, t);
}

void stk_text_event(FILE *fp, const struct stk_event *e)
{
	char facts[200], who[120];
	struct stk_signature sig;

	stk_event_signature(e, &sig);
	stk_text_event_facts(e, facts, sizeof(facts));
	stk_text_event_who(e, who, sizeof(who));
	fprintf(fp, "\n  [%s] %s%s%s%s\n", e->time ? e->time : "-", sig.title,
		e->kind == STK_EVENT_BACKTRACE || !*who ? "" : ", ",
		e->kind == STK_EVENT_BACKTRACE ? "" : who, facts);
	fprintf(fp, "    lines %zu-%zu, %s, %s\n", e->first_line, e->last_line, sig.kind,
		sig.hash);
	for (size_t i = 0; i < e->nr_details; i++)
		fprintf(fp, "    %s\n", e->details[i]);
	for (size_t i = 0; i < e->nr_traces; i++)
		print_trace(fp, e->traces[i]);
	if (e->traces_left_out)
		fprintf(fp, "    and %zu more traces\n", e->traces_left_out);
}
