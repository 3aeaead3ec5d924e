/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The public view of a TSS. */
#include <stackinfo/tss.h>

#include <stdlib.h>
#include <stackinfo/x86_64.h>

#include "../base/sized.h"

struct stk_tss_report {
	struct stk *s;
	struct stk_x86_tss tss;
};

enum stk_status stk_tss_open(struct stk *s, unsigned int cpu, bool evidence,
			     struct stk_tss_report **out)
{
	struct stk_tss_report *r = calloc(1, sizeof(*r));
	enum stk_status st;

	*out = NULL;
	if (!r)
		return STK_ERR_NOMEM;
	r->s = s;
	st = stk_x86_tss_read(s, cpu, &r->tss);
	if (st) {
		free(r);
		return st;
	}
	if (evidence)
		stk_x86_tss_evidence(s, &r->tss);
	*out = r;
	return STK_OK;
}

void stk_tss_free(struct stk_tss_report *tss)
{
	free(tss);
}

void stk_get_tss(const struct stk_tss_report *r, struct stk_tss_info *out, size_t size)
{
	const struct stk_x86_tss *t = &r->tss;
	struct stk_tss_info info = {
		.cpu = t->cpu,
		.online = t->online,
		.never_up = t->never_up,
		.addr = t->addr,
		.alias = t->alias,
		.has_phys = t->has_phys,
		.phys = t->phys,
		.alias_checked = t->alias_checked,
		.alias_same = t->alias_same,
		.nr_slots = STK_X86_NR_TSS_SLOTS,
		.nr_facts = t->nr_facts,
	};

	stk_give(out, size, &info, sizeof(info));
}

static const struct stk_x86_tss_slot *slot_of(const struct stk_tss_report *r, size_t nr)
{
	return nr < STK_X86_NR_TSS_SLOTS ? &r->tss.slot[nr] : NULL;
}

enum stk_status stk_get_tss_slot(const struct stk_tss_report *r, size_t slot,
				 struct stk_tss_slot_info *out, size_t size)
{
	const struct stk_x86_tss_slot *t = slot_of(r, slot);
	struct stk_tss_slot_info info;
	const char *why;

	if (!t)
		return STK_ERR_NOT_FOUND;
	info = (struct stk_tss_slot_info){
		.name = t->name,
		.readable = t->readable,
		.value = t->value,
		.has_phys = t->has_phys,
		.phys = t->phys,
		.meaning = t->meaning,
		.deviation = t->problem,
		.in_flight = t->in_flight,
		.evidence = t->evidence,
		.nr_users = t->nr_users,
	};
	if (t->has_stack) {
		info.stack_kind = stk_stack_kind_name(t->stack.kind);
		info.stack_begin = t->stack.begin;
		info.stack_end = t->stack.end;
		info.state = stk_state_name(stk_x86_tss_state(r->s, t, &why));
	}
	stk_give(out, size, &info, sizeof(info));
	return STK_OK;
}

enum stk_status stk_get_tss_user(const struct stk_tss_report *r, size_t slot, size_t user,
				 unsigned int *vector, uint64_t *handler)
{
	const struct stk_x86_tss_slot *t = slot_of(r, slot);

	if (!t || user >= t->nr_users)
		return STK_ERR_NOT_FOUND;
	*vector = t->users[user].vector;
	*handler = t->users[user].handler;
	return STK_OK;
}

enum stk_status stk_get_tss_fact(const struct stk_tss_report *r, size_t fact,
				 struct stk_tss_fact_info *out, size_t size)
{
	const struct stk_x86_tss_fact *f;
	struct stk_tss_fact_info info;

	if (fact >= r->tss.nr_facts)
		return STK_ERR_NOT_FOUND;
	f = &r->tss.fact[fact];
	info = (struct stk_tss_fact_info){
		.group = f->group,
		.name = f->name,
		.readable = f->readable,
		.value = f->value,
		.meaning = f->meaning,
		.deviation = f->problem,
		.in_flight = f->in_flight,
		.evidence = f->evidence,
	};
	stk_give(out, size, &info, sizeof(info));
	return STK_OK;
}
