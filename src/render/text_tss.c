/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"

#include <inttypes.h>

#include "../report/liveness.h"

#define INDENT 10 /* of what belongs to the slot above */

static void users(struct stk *s, FILE *fp, const struct stk_tss_slot *slot)
{
	char text[600];

	for (size_t i = 0; i < slot->nr_users; i++) {
		struct stk_name name;

		stk_symbolize(s, slot->users[i].handler, false, &name);
		fprintf(fp, "%s%u %s", i ? ", " : "", slot->users[i].vector,
			name.function ? name.function
				      : stk_name_text(&name, text, sizeof(text)));
	}
}

/* Where the stack is, by every name it has. */
static void bounds(FILE *fp, const struct stk_tss_slot *slot)
{
	const struct stk_stack *k = &slot->stack;

	fprintf(fp, "%*sbase %" PRIx64, INDENT, "", k->begin);
	if (k->end != slot->value)
		fprintf(fp, ", top %" PRIx64, k->end);
	if (k->guard)
		fprintf(fp, ", guard %" PRIx64, k->guard);
	if (k->store)
		fprintf(fp, ", per-CPU %" PRIx64, k->store);
	if (slot->has_phys)
		fprintf(fp, ", phys %" PRIx64, slot->phys);
	fputc('\n', fp);
}

static void print_slot(struct stk *s, FILE *fp, const struct stk_tss_slot *slot,
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
		state = k->mapped ? stk_liveness(s, k, slot->value - 8, &why)
				  : STK_STATE_UNMAPPED;
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
	if (slot->problem)
		fprintf(fp, "%*sDEVIATION: %s\n", INDENT, "", slot->problem);
}

void stk_text_tss(struct stk *s, FILE *fp, const struct stk_tss *tss,
		  const struct stk_text_options *opt)
{
	fprintf(fp, "CPU %u%s  TSS", tss->cpu, tss->online ? "" : " (offline)");
	if (tss->alias)
		fprintf(fp, " %" PRIx64 " (cpu_entry_area) =", tss->alias);
	fprintf(fp, " %" PRIx64 " (per-CPU)", tss->addr);
	if (tss->has_phys)
		fprintf(fp, ", phys %" PRIx64, tss->phys);
	fputc('\n', fp);
	if (tss->alias_checked && !tss->alias_same)
		fprintf(fp, "%*sDEVIATION: the two addresses are not one page\n", INDENT,
			"");
	for (size_t i = 0; i < STK_NR_TSS_SLOTS; i++)
		print_slot(s, fp, &tss->slot[i], opt);
}
