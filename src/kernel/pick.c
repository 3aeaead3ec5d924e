/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pick.h"

#include "../arch/arch.h"
#include "cpus.h"
#include "layout.h"

#define ENOUGH 3u /* of a machine's CPUs: one word that nothing writes is of CPU 0 */

/* How often a place agrees with what else is known. */
struct poll {
	struct stk_picked place;
	unsigned int asked, agree;
};

struct stk_picks {
	struct {
		bool asked;
		enum stk_status status;
		struct stk_picked place;
	} pick[STK_NR_PICKS];
};

static bool find_picked(struct stk *s, const struct stk_place_row *p,
			struct stk_picked *out)
{
	struct stk_member m;
	uint64_t sym = 0;

	*out = (struct stk_picked){ .size = 8 };
	if (p->symbol && !stk_find_symbol(s, p->symbol, &sym))
		return false;
	out->offset = sym;
	for (size_t i = 0; i < 2 && p->member[i].type; i++) {
		if (!stk_find_member(s, p->member[i].type, p->member[i].member, &m))
			return false;
		out->offset += m.offset;
		out->size = m.size;
	}
	return out->size == 4 || out->size == 8;
}

/* Does @base have @want in this place? */
static void poll_at(struct stk *s, struct poll *p, uint64_t base, uint64_t want)
{
	uint64_t value = 0;

	p->asked++;
	p->agree += !stk_read(s, base + p->place.offset, &value, p->place.size) &&
		    value == want;
}

/* The idle task of a CPU never leaves it: init_idle() in kernel/sched/core.c. */
static void ask_idle_tasks(struct stk *s, struct poll *p)
{
	uint64_t rq, offset, idle;

	if (!stk_find_symbol(s, "runqueues", &rq))
		return;
	for (unsigned int i = 0; i < stk_nr_cpus(s) && p->asked < ENOUGH; i++)
		if (stk_cpu_possible(s, i) && !stk_percpu_offset(s, i, &offset) &&
		    !stk_read_member(s, rq + offset, "rq", "idle", &idle) && idle)
			poll_at(s, p, idle, i);
}

/* The run queue names the same task, but for the middle of a context switch. */
static void ask_run_queues(struct stk *s, struct poll *p)
{
	uint64_t rq, offset, curr;

	if (!stk_find_symbol(s, "runqueues", &rq))
		return;
	for (unsigned int i = 0; i < stk_nr_cpus(s) && p->asked < ENOUGH; i++)
		if (stk_cpu_online(s, i) && !stk_percpu_offset(s, i, &offset) &&
		    !stk_read_member(s, rq + offset, "rq", "curr", &curr) && curr)
			poll_at(s, p, offset, curr);
}

/* 5.16, commit bcf9033e5449 */
static const struct stk_place_row task_cpu[] = {
	{ NULL, { { "task_struct", "thread_info" }, { "thread_info", "cpu" } } },
	{ NULL, { { "task_struct", "cpu" } } },
};

struct picks_row {
	const struct stk_place_row *place; /* the newest first */
	size_t nr;
	void (*ask)(struct stk *s, struct poll *p);
	const char *name;
};

static struct picks_row row_of(struct stk *s, enum stk_pick what)
{
	if (what == STK_PICK_CURRENT)
		return (struct picks_row){ s->arch->current_task,
					   s->arch->nr_current_task, ask_run_queues,
					   "the current task" };
	if (s->arch->task_cpu)
		return (struct picks_row){ s->arch->task_cpu, s->arch->nr_task_cpu,
					   ask_idle_tasks, "the CPU of a task" };
	return (struct picks_row){ task_cpu, sizeof(task_cpu) / sizeof(task_cpu[0]),
				   ask_idle_tasks, "the CPU of a task" };
}

/*
 * The newest comes first, and if that agrees no other is asked for: a member that there
 * is not costs much time in crash.
 */
static enum stk_status pick_place(struct stk *s, enum stk_pick what,
				  struct stk_picked *out)
{
	const struct picks_row row = row_of(s, what);
	unsigned int nr = 0;

	for (size_t k = 0; k < row.nr; k++) {
		struct poll p = { 0 };

		if (!find_picked(s, &row.place[k], &p.place))
			continue;
		if (!nr++)
			*out = p.place;
		row.ask(s, &p);
		if (!p.asked || p.agree * 2 > p.asked) {
			*out = p.place;
			return STK_OK;
		}
	}
	/* The only one there is, damaged as it may be. */
	if (nr == 1)
		return STK_OK;
	if (nr)
		return STK_ERR_CORRUPT;
	return what == STK_PICK_CURRENT ? STK_ERR_NO_SYMBOL : STK_ERR_NO_TYPE;
}

enum stk_status stk_pick(struct stk *s, enum stk_pick what, struct stk_picked *out)
{
	struct stk_picks *all = s->picks;
	enum stk_status st;

	if (!all) {
		all = s->picks = stk_arena_alloc(&s->fixed, sizeof(*all));
		if (!all)
			return STK_ERR_NOMEM;
	}
	if (!all->pick[what].asked) {
		struct stk_picked place = { 0 };

		st = pick_place(s, what, &place);
		if (stk_must_stop(s))
			return stk_why_stop(s);
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
				row_of(s, what).name);
	return st;
}
