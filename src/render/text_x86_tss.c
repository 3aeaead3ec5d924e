/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "x86_tss.h"

#include <inttypes.h>
#include <string.h>

#include "../base/wrap.h"
#include "render.h"

#define INDENT	10 /* of what belongs to the slot above */
#define MEANING 41 /* of a fact, behind its value */
#define WIDTH	100

static void deviation(FILE *fp, const char *problem, const char *evidence)
{
	struct stk_wrap w = { .fp = fp, .width = WIDTH, .indent = INDENT };

	if (!problem)
		return;
	stk_wrap_text(&w, "DEVIATION:");
	stk_wrap_text(&w, problem);
	fputc('\n', fp);
	if (!evidence)
		return;
	fprintf(fp, "%*s(", INDENT, "");
	w = (struct stk_wrap){ fp, WIDTH - strlen(")"), INDENT + 1, INDENT + 1 };
	stk_wrap_text(&w, evidence);
	fputs(")\n", fp);
}

static void users(struct stk *s, FILE *fp, const struct stk_x86_tss_slot *slot)
{
	char text[600];

	for (size_t i = 0; i < slot->nr_users; i++) {
		struct stk_name name;

		stk_symbolize(s, slot->users[i].handler, false, &name);
		fprintf(fp, "%s%u %s", i ? ", " : "", slot->users[i].vector,
			name.function
				? stk_function_text(name.function, text, sizeof(text))
				: "");
	}
}

/* Where the stack is, by every name it has. */
static void bounds(FILE *fp, const struct stk_x86_tss_slot *slot)
{
	const struct stk_stack *k = &slot->stack;

	fprintf(fp, "%*sbase %" PRIx64, INDENT, "", k->begin);
	if (k->end != slot->value)
		fprintf(fp, ", top %" PRIx64 "\n%*s", k->end, INDENT, "");
	else if (k->guard || k->store || slot->has_phys)
		fputs(", ", fp);
	if (k->guard)
		fprintf(fp, "guard %" PRIx64 "%s", k->guard,
			k->store || slot->has_phys ? ", " : "");
	if (k->store)
		fprintf(fp, "per-CPU %" PRIx64 "%s", k->store,
			slot->has_phys ? ", " : "");
	if (slot->has_phys)
		fprintf(fp, "phys %" PRIx64, slot->phys);
	fputc('\n', fp);
}

static void print_slot(struct stk *s, FILE *fp, const struct stk_x86_tss_slot *slot,
		       const struct stk_text_options *opt)
{
	const struct stk_stack *k = &slot->stack;
	const char *why = NULL;
	enum stk_state state;

	fprintf(fp, "  %-7s", slot->name);
	if (!slot->readable) {
		fprintf(fp, " (cannot be read)\n");
		return;
	}
	fprintf(fp, " %016" PRIx64, slot->value);
	if (slot->has_stack) {
		state = stk_x86_tss_state(s, slot, &why);
		fprintf(fp, "  %s, %s", stk_stack_kind_name(k->kind),
			state == STK_STATE_STALE ? "idle" : stk_state_name(state));
		if (slot->nr_users) {
			fprintf(fp, ", vector ");
			users(s, fp, slot);
		}
		fputc('\n', fp);
		bounds(fp, slot);
	} else {
		fprintf(fp, "  %s\n", slot->meaning ? slot->meaning : "");
	}
	if (slot->has_stack && slot->meaning)
		fprintf(fp, "%*s(%s)\n", INDENT, "", slot->meaning);
	else if (why && opt->verbose)
		fprintf(fp, "%*s(%s)\n", INDENT, "", why);
	deviation(fp, slot->problem, slot->evidence);
}

/* What has to agree with the TSS; without -v only where it does not. */
static void print_facts(FILE *fp, const struct stk_x86_tss *tss, bool verbose)
{
	const char *group = NULL;

	for (size_t i = 0; i < tss->nr_facts; i++) {
		const struct stk_x86_tss_fact *f = &tss->fact[i];

		if (!verbose && !f->problem)
			continue;
		if (!group || strcmp(group, f->group))
			fprintf(fp, "  %s:\n", f->group);
		group = f->group;
		fprintf(fp, "    %-18s ", f->name);
		if (!f->readable)
			fprintf(fp, "(cannot be read)");
		else
			fprintf(fp, "%16" PRIx64, f->value);
		if (f->meaning) {
			struct stk_wrap w = { fp, WIDTH, MEANING, MEANING };

			fprintf(fp, "  ");
			stk_wrap_text(&w, f->meaning);
		}
		fputc('\n', fp);
		deviation(fp, f->problem, f->evidence);
	}
}

void stk_x86_text_tss(struct stk *s, FILE *fp, const struct stk_x86_tss *tss,
		      const struct stk_text_options *opt)
{
	fprintf(fp, "CPU %u%s", tss->cpu, tss->online ? "" : " (offline)");
	if (tss->never_up)
		fprintf(fp, ", it never came up");
	if (!tss->online)
		fprintf(fp, "\n     ");
	fprintf(fp, "  TSS");
	if (tss->alias)
		fprintf(fp, " %" PRIx64 " (cpu_entry_area) =", tss->alias);
	fprintf(fp, " %" PRIx64 " (per-CPU)", tss->addr);
	if (tss->has_phys)
		fprintf(fp, ", phys %" PRIx64, tss->phys);
	fputc('\n', fp);
	if (tss->alias_checked && !tss->alias_same)
		fprintf(fp, "%*sDEVIATION: the two addresses are not one page\n", INDENT,
			"");
	for (size_t i = 0; i < STK_X86_NR_TSS_SLOTS; i++)
		print_slot(s, fp, &tss->slot[i], opt);
	print_facts(fp, tss, opt->verbose);
}
