/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"

#include <inttypes.h>

#include "../report/liveness.h"

static void users(struct stk *s, FILE *fp, const struct stk_tss_slot *slot)
{
	char text[600];

	for (size_t i = 0; i < slot->nr_users; i++) {
		struct stk_name name;

		stk_symbolize(s, slot->users[i].handler, false, &name);
		fprintf(fp, "%s%u %s", i ? ", " : "", slot->users[i].vector,
			name.function ? name.function :
					stk_name_text(&name, text, sizeof(text)));
	}
}

static void print_slot(struct stk *s, FILE *fp, const struct stk_tss_slot *slot,
		       const struct stk_text_options *opt)
{
	const struct stk_stack *k = &slot->stack;
	const char *why = NULL;

	if (!slot->readable) {
		fprintf(fp, "  %-7s (cannot be read)\n", slot->name);
		return;
	}
	fprintf(fp, "  %-7s %016" PRIx64, slot->name, slot->value);
	if (!slot->has_stack) {
		fprintf(fp, "  %s\n", slot->meaning ? slot->meaning : "");
	} else {
		enum stk_state state =
			k->mapped ? stk_liveness(s, k, slot->value - 8, &why) :
				    STK_STATE_UNMAPPED;

		fprintf(fp, "  %-16s %" PRIx64 "-%" PRIx64 "  %s\n",
			stk_stack_kind_name(k->kind), k->begin, k->end,
			state == STK_STATE_STALE ? "idle" : stk_state_name(state));
		fprintf(fp, "  %-7s", "");
		if (k->guard)
			fprintf(fp, " guard %" PRIx64, k->guard);
		if (k->store)
			fprintf(fp, "  per-CPU %" PRIx64, k->store);
		if (slot->has_phys)
			fprintf(fp, "  phys %" PRIx64, slot->phys);
		if (slot->nr_users) {
			fprintf(fp, "  vector ");
			users(s, fp, slot);
		}
		fputc('\n', fp);
		if (slot->meaning)
			fprintf(fp, "          (%s)\n", slot->meaning);
		else if (why && opt->verbose)
			fprintf(fp, "          (%s)\n", why);
	}
	if (slot->problem)
		fprintf(fp, "  %-7s DEVIATION: %s\n", "", slot->problem);
}

void stk_text_tss(struct stk *s, FILE *fp, const struct stk_tss *tss,
		  const struct stk_text_options *opt)
{
	fprintf(fp, "CPU %u%s  TSS %" PRIx64 " (per-CPU)", tss->cpu,
		tss->online ? "" : " (offline)", tss->addr);
	if (tss->alias)
		fprintf(fp, " = %" PRIx64 " (cpu_entry_area)", tss->alias);
	if (tss->has_phys)
		fprintf(fp, "  phys %" PRIx64, tss->phys);
	if (tss->alias_checked && !tss->alias_same)
		fprintf(fp, "  DEVIATION: the two are not one page");
	fputc('\n', fp);
	for (size_t i = 0; i < STK_NR_TSS_SLOTS; i++)
		print_slot(s, fp, &tss->slot[i], opt);
}
