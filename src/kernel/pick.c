/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pick.h"

#include "cpus.h"
#include "layout.h"

#define PLACES	  2u
#define NONE	  (-1)
#define MAX_TASKS 64u /* that are asked for their state */

/* A symbol, a member, a member of that member; each may be NONE. */
struct place {
	int symbol, outer, member;
};

/* How often each place agrees with what else is known. */
struct poll {
	struct stk_picked place[PLACES];
	bool there[PLACES];
	unsigned int asked, agree[PLACES];
};

struct stk_picks {
	struct {
		bool asked;
		enum stk_status status;
		struct stk_picked place;
	} pick[STK_NR_PICKS];
};

static bool find_place(struct stk *s, const struct place *p, struct stk_picked *out)
{
	struct stk_member m;
	uint64_t sym = 0;

	*out = (struct stk_picked){ .size = 8 };
	if (p->symbol != NONE && stk_sym_id(s, (enum stk_symbol_id)p->symbol, &sym))
		return false;
	out->offset = sym;
	if (p->outer != NONE) {
		if (stk_member_id(s, (enum stk_member_id)p->outer, &m))
			return false;
		out->offset += m.offset;
	}
	if (p->member != NONE) {
		if (stk_member_id(s, (enum stk_member_id)p->member, &m))
			return false;
		out->offset += m.offset;
		out->size = m.size;
	}
	return out->size == 4 || out->size == 8;
}

static bool value_at(struct stk *s, const struct poll *p, unsigned int place,
		     uint64_t base, uint64_t *value)
{
	*value = 0;
	return p->there[place] &&
	       !stk_read(s, base + p->place[place].offset, value, p->place[place].size);
}

/* The idle task of a CPU never leaves it: init_idle() in kernel/sched/core.c. */
static void ask_idle_tasks(struct stk *s, struct poll *p)
{
	uint64_t rq, offset, idle, cpu;

	if (stk_sym(s, runqueues, &rq))
		return;
	for (unsigned int i = 0; i < stk_nr_cpus(s); i++) {
		if (!stk_cpu_possible(s, i) || stk_percpu_offset(s, i, &offset) ||
		    stk_read_member(s, rq + offset, rq, idle, &idle) || !idle)
			continue;
		p->asked++;
		for (unsigned int k = 0; k < PLACES; k++)
			p->agree[k] += value_at(s, p, k, idle, &cpu) && cpu == i;
	}
}

/* The run queue names the same task, but for the middle of a context switch. */
static void ask_run_queues(struct stk *s, struct poll *p)
{
	uint64_t rq, offset, curr, task;

	if (stk_sym(s, runqueues, &rq))
		return;
	for (unsigned int i = 0; i < stk_nr_cpus(s); i++) {
		if (!stk_cpu_online(s, i) || stk_percpu_offset(s, i, &offset) ||
		    stk_read_member(s, rq + offset, rq, curr, &curr) || !curr)
			continue;
		p->asked++;
		for (unsigned int k = 0; k < PLACES; k++)
			p->agree[k] += value_at(s, p, k, offset, &task) && task == curr;
	}
}

/* A task that is on no run queue is not in state 0, which is TASK_RUNNING. */
static void ask_sleepers(struct stk *s, struct poll *p)
{
	struct stk_member tasks;
	uint64_t init, at, on_rq, on_cpu, state;

	if (stk_sym(s, init_task, &init) || stk_member(s, task_struct, tasks, &tasks))
		return;
	at = init + tasks.offset;
	for (unsigned int i = 0; i < MAX_TASKS; i++) {
		uint64_t task;

		if (stk_read_u64(s, at, &at) || at == init + tasks.offset)
			return;
		task = at - tasks.offset;
		if (stk_read_member(s, task, task_struct, on_rq, &on_rq) ||
		    stk_read_member(s, task, task_struct, on_cpu, &on_cpu))
			return;
		if (on_rq || on_cpu)
			continue;
		p->asked++;
		for (unsigned int k = 0; k < PLACES; k++)
			p->agree[k] += value_at(s, p, k, task, &state) && state;
	}
}

#define MEMBER(type, member) STK_MEM_##type##_##member

static const struct {
	struct place place[PLACES]; /* the newest first */
	void (*ask)(struct stk *s, struct poll *p);
	const char *name;
} picks[] = {
	/* 5.16, commit bcf9033e5449 */
	[STK_PICK_TASK_CPU] = { { { NONE, MEMBER(task_struct, thread_info),
				    MEMBER(thread_info, cpu) },
				  { NONE, NONE, MEMBER(task_struct, cpu) } },
				ask_idle_tasks,
				"the CPU of a task" },
	/* 5.14, commit 2f064a59a11f */
	[STK_PICK_TASK_STATE] = { { { NONE, NONE, MEMBER(task_struct, __state) },
				    { NONE, NONE, MEMBER(task_struct, state) } },
				  ask_sleepers,
				  "the state of a task" },
	/* 6.2-6.14, commit e57ef2ed97c1 "Put hot per CPU variables into a struct" */
	[STK_PICK_CURRENT] = { { { STK_SYM_pcpu_hot, NONE,
				   MEMBER(pcpu_hot, current_task) },
				 { STK_SYM_current_task, NONE, NONE } },
			       ask_run_queues,
			       "the current task" },
};

static enum stk_status pick(struct stk *s, enum stk_pick what, struct stk_picked *out)
{
	struct poll p = { 0 };
	unsigned int nr = 0, best = 0;

	for (unsigned int k = PLACES; k-- > 0;) {
		p.there[k] = find_place(s, &picks[what].place[k], &p.place[k]);
		if (p.there[k]) {
			best = k;
			nr++;
		}
	}
	if (!nr)
		return picks[what].place[PLACES - 1].symbol == NONE ? STK_ERR_NO_TYPE
								    : STK_ERR_NO_SYMBOL;
	*out = p.place[best];
	if (nr == 1)
		return STK_OK;
	picks[what].ask(s, &p);
	for (unsigned int k = best + 1; k < PLACES; k++)
		if (p.agree[k] > p.agree[best])
			best = k;
	*out = p.place[best];
	return p.asked && p.agree[best] * 2 <= p.asked ? STK_ERR_CORRUPT : STK_OK;
}

enum stk_status stk_pick(struct stk *s, enum stk_pick what, struct stk_picked *out)
{
	struct stk_picks *all = s->picks;
	enum stk_status st;

	if (!all) {
		all = s->picks = stk_arena_alloc(&s->arena, sizeof(*all));
		if (!all)
			return STK_ERR_NOMEM;
	}
	if (!all->pick[what].asked) {
		struct stk_picked place = { 0 };

		st = pick(s, what, &place);
		if (stk_interrupted(s))
			return STK_ERR_INTERRUPTED;
		all->pick[what].place = place;
		all->pick[what].status = st;
		all->pick[what].asked = true;
	}
	*out = all->pick[what].place;
	st = all->pick[what].status;
	if (st == STK_ERR_CORRUPT)
		return stk_fail(s, st,
				"the kernel has several places for %s, and none agrees "
				"with what else is known",
				picks[what].name);
	return st;
}
