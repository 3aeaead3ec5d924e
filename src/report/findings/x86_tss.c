/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the command tss marks as a deviation: the TSS or a word that has to agree with it
 * is not as the kernel set it. What a handler changes while it runs is none.
 */
#include <inttypes.h>

#include <stackinfo/x86_64.h>

#include "../../base/context.h"
#include "../findings.h"

#define MAX_TOLD 4u

struct count {
	size_t told, left_out;
};

static enum stk_status add(struct stk_triage *t, const struct stk_finding_info *info,
			   const struct stk_x86_tss *tss, const char *group,
			   const char *name, uint64_t value, const char *problem,
			   struct count *n)
{
	struct stk_finding *f;

	if (n->told == MAX_TOLD) {
		n->left_out++;
		return STK_OK;
	}
	f = stk_finding_add(t, info, "CPU %u: %s%s%s is 0x%" PRIx64 ": %s", tss->cpu,
			    group, *group ? " " : "", name, value, problem);
	if (!f)
		return STK_ERR_NOMEM;
	n->told++;
	f->cpu = (int)tss->cpu;
	f->has_address = true;
	f->address = value;
	return STK_OK;
}

static enum stk_status look_at(struct stk *s, struct stk_triage *t,
			       const struct stk_finding_info *info, unsigned int cpu,
			       struct count *n)
{
	struct stk_x86_tss tss;
	enum stk_status st = stk_x86_tss_read(s, cpu, &tss);

	if (st)
		return stk_is_passing(st) ? st : STK_OK;
	for (size_t i = 0; i < STK_X86_NR_TSS_SLOTS && !st; i++) {
		const struct stk_x86_tss_slot *slot = &tss.slot[i];

		if (slot->problem && !slot->in_flight)
			st = add(t, info, &tss, "the TSS's", slot->name, slot->value,
				 slot->problem, n);
	}
	for (size_t i = 0; i < tss.nr_facts && !st; i++) {
		const struct stk_x86_tss_fact *fact = &tss.fact[i];

		if (fact->problem && !fact->in_flight)
			st = add(t, info, &tss, fact->group, fact->name, fact->value,
				 fact->problem, n);
	}
	return st;
}

static enum stk_status look(struct stk *s, struct stk_triage *t,
			    const struct stk_finding_info *info)
{
	struct count n = { 0 };
	enum stk_status st = STK_OK;

	for (size_t i = 0; i < t->nr_cpus && !st; i++)
		st = look_at(s, t, info, t->cpu[i].cpu, &n);
	if (!st && n.left_out &&
	    !stk_finding_add(t, info, "and %zu more deviations: see the command tss",
			     n.left_out))
		st = STK_ERR_NOMEM;
	return st;
}

const struct stk_finding_info stk_finding_deviation = {
	.id = "tss-deviation",
	.severity = STK_SEVERITY_DAMAGE,
	.look = look,
};
