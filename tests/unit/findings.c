/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "findings.h"
#include "golden.h"
#include "suite.h"

#include <inttypes.h>
#include <stdio.h>

#include "render/triage.h"

void expect_about(const struct stk_finding *f, const char *want)
{
	char address[32] = "", about[300];

	if (f->has_address)
		snprintf(address, sizeof(address), ", 0x%" PRIx64, f->address);
	snprintf(about, sizeof(about), "CPU %d, PID %" PRId64 "%s%s%s%s%s%s", f->cpu,
		 f->pid, address, f->function ? ", " : "", f->function ? f->function : "",
		 f->module ? " [" : "", f->module ? f->module : "", f->module ? "]" : "");
	ck_assert_str_eq(about, want);
}

void expect_no_room(struct stk *s, struct stk_triage *t,
		    const struct stk_finding_info *info)
{
	const struct stk_triage had = *t;
	struct stk_budget nothing = { 0 };

	t->events.arena = (struct stk_arena){ .budget = &nothing };
	t->finding = NULL;
	t->nr_findings = t->room_findings = 0;
	ck_assert_int_eq(stk_finding_look(s, t, info), STK_ERR_NOMEM);
	ck_assert_ptr_null(t->events.arena.blocks);
	*t = had;
}

void expect_no_room_for_any(struct stk *s, struct stk_triage *t)
{
	const struct stk_finding_info *row;

	for (size_t i = 0; i < t->nr_findings; i++)
		for (size_t k = 0; (row = stk_finding_row(k)); k++)
			if (t->finding[i].id == row->id)
				expect_no_room(s, t, row);
}

void put_findings(const struct stk_triage *t)
{
	if (!golden)
		golden_setup();
	golden_head("looked at");
	for (size_t i = 0; i < t->nr_findings; i++)
		put_finding(&t->finding[i]);
}

void put_triage(struct stk *s, const struct stk_triage *t)
{
	put_findings(t);
	stk_text_triage(s, golden, t, true);
}

void put_finding(const struct stk_finding *f)
{
	fprintf(golden, "%s %d: CPU %d PID %" PRId64, f->id, (int)f->severity, f->cpu,
		f->pid);
	if (f->has_address)
		fprintf(golden, " %#" PRIx64, f->address);
	fprintf(golden, " %s [%s]\n  %s\n", f->function ? f->function : "-",
		f->module ? f->module : "-", f->text);
}

void expect_findings(const char *function, int nth)
{
	char part[80];

	snprintf(part, sizeof(part), "%s %d", function, nth);
	golden_expect("findings", part);
}

static uint32_t dice_state;

void dice_seed(uint32_t seed)
{
	dice_state = seed;
}

unsigned int dice(unsigned int sides)
{
	/* Of the C standard's example of rand(). */
	dice_state = dice_state * 1103515245u + 12345u;
	return (dice_state >> 16) % sides;
}
