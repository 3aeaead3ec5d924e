/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "entry.h"

#include <inttypes.h>
#include <string.h>

#include "../base/wrap.h"
#include "render.h"

#define INDENT	6  /* of what belongs to the word above */
#define MEANING 47 /* of a word, behind its value */
#define WIDTH	100

static void bounds(FILE *fp, const struct stk_entry_word *e)
{
	const struct stk_stack *k = &e->stack;

	fprintf(fp, "%*sbase %" PRIx64 ", top %" PRIx64, INDENT, "", k->begin, k->end);
	if (k->guard)
		fprintf(fp, ", guard %" PRIx64, k->guard);
	if (e->has_phys)
		fprintf(fp, ", phys %" PRIx64, e->phys);
	fputc('\n', fp);
}

static void clause(struct stk_wrap *w, const char *text)
{
	if (w->column > w->indent) {
		fputc(',', w->fp);
		w->column++;
	}
	stk_wrap_text(w, text);
}

static void say_stack(struct stk_wrap *w, const struct stk_entry_word *e)
{
	const struct stk_use *use = &e->use;
	const bool live = use->state == STK_STATE_LIVE;
	char text[120];

	snprintf(text, sizeof(text),
		 live && use->used ? "%s, %s, %" PRIu64 " used" : "%s, %s",
		 stk_stack_kind_name(e->stack.kind),
		 use->state == STK_STATE_STALE ? "idle" : stk_state_name(use->state),
		 use->used);
	clause(w, text);
}

/* What the word is, and what that means. */
static void say_what(struct stk_wrap *w, const struct stk_entry_word *e)
{
	const bool named = e->is_code && e->code.function;
	char text[600], name[700];

	if (named || e->has_task || e->has_stack || e->meaning)
		fputs("  ", w->fp);
	if (named)
		clause(w, stk_name_text(&e->code, text, sizeof(text)));
	if (e->has_task) {
		snprintf(name, sizeof(name), "PID %" PRIu32 " \"%s\"", e->task.pid,
			 e->task.comm);
		clause(w, name);
	}
	if (e->has_stack)
		say_stack(w, e);
	if (e->meaning)
		clause(w, e->meaning);
}

static void print_word(FILE *fp, const struct stk_entry_word *e, bool verbose)
{
	struct stk_wrap w = { fp, WIDTH, MEANING, MEANING };

	fprintf(fp, "  %-26s ", e->name);
	if (e->readable)
		fprintf(fp, "%16" PRIx64, e->value);
	else
		fprintf(fp, "(cannot be read)");
	say_what(&w, e);
	fputc('\n', fp);
	if (e->has_stack)
		bounds(fp, e);
	if (e->has_stack && e->use.why && verbose)
		fprintf(fp, "%*s(%s)\n", INDENT, "", e->use.why);
	if (!e->problem)
		return;
	w = (struct stk_wrap){ fp, WIDTH, INDENT, 0 };
	stk_wrap_text(&w, e->in_flight ? "IN FLIGHT:" : "DEVIATION:");
	stk_wrap_text(&w, e->problem);
	fputc('\n', fp);
}

void stk_text_entry(struct stk *s, FILE *fp, const struct stk_entry_words *words,
		    const struct stk_text_options *opt)
{
	if (words->cpu < 0)
		fprintf(fp, "All CPUs\n");
	else
		fprintf(fp, "CPU %d%s\n", words->cpu, words->online ? "" : " (offline)");
	if (words->stopped) {
		struct stk_wrap w = { fp, WIDTH, 3, 3 };

		fputs("  (", fp);
		stk_wrap_text(&w, words->stopped);
		fputs(")\n", fp);
	}
	for (size_t i = 0; i < words->nr; i++)
		if (opt->verbose || !words->word[i].detail || words->word[i].problem)
			print_word(fp, &words->word[i], opt->verbose);
}
