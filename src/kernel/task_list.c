/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tasks are found by the kernel's own lists: every process from init_task.tasks,
 * every thread from signal_struct.thread_head. (The "thread_group" list that tools
 * used to follow went away in 6.7, commit 8e1f385104ac "kill task_struct->thread_group".)
 *
 * The lists are doubly linked, so each step has two witnesses: the node that led here and
 * this node's own link back. They may differ for one node, when a CPU was stopped in
 * list_del_rcu() or a link is damaged. Then the node that follows has to vouch for it,
 * and what it says of itself.
 */
#include "task_list.h"

#include <string.h>

#include "../base/vec.h"
#include "cpus.h"
#include "layout.h"

/* PID_MAX_LIMIT: no more threads than this can exist at once. */
#define MAX_TASKS (4u * 1024 * 1024)

/* Of the budget. */
#define SHARE	     2u
#define RESCUE_SHARE 8u

/* THREAD_SIZE with KASAN is 32 KiB, and twice that in some kernels. */
#define MAX_STACK 0x40000u

/* The two links of a struct list_head. */
enum way { NEXT, PREV };

struct ring {
	uint64_t head;
	uint32_t offset; /* of the links in a task_struct */
	uint64_t leader; /* whose threads these are; 0: the list of all processes */
};

bool stk_task_list_stops(enum stk_status st)
{
	return st == STK_ERR_NOMEM || st == STK_ERR_INTERRUPTED;
}

/* ---- which are there ---- */

static uint32_t hash_seen(const void *priv, uint32_t number)
{
	const struct stk_task_list *l = priv;

	return stk_hash_number(l->seen[number - 1].addr);
}

static const struct stk_seen *find_seen(const struct stk_task_list *l, uint64_t addr)
{
	uint32_t *slot;

	stk_hash_each (slot, &l->by_addr, stk_hash_number(addr))
		if (l->seen[*slot - 1].addr == addr)
			return &l->seen[*slot - 1];
	return NULL;
}

const struct stk_task *stk_task_list_find(const struct stk_task_list *l, uint64_t addr)
{
	const struct stk_seen *seen = find_seen(l, addr);

	return seen && seen->index ? &l->task[seen->index - 1] : NULL;
}

bool stk_task_list_word(const struct stk_task_list *l, uint64_t addr,
			enum stk_task_word which, uint64_t *value)
{
	const struct stk_seen *seen = find_seen(l, addr);

	if (!seen || !(seen->has >> which & 1))
		return false;
	*value = seen->word[which];
	return true;
}

/* NULL: no memory. */
static struct stk_seen *add_seen(struct stk *s, struct stk_task_list *l, uint64_t addr)
{
	struct stk_seen *seen =
		stk_vec_next(&s->arena, l->seen, l->nr_seen, l->room_seen);
	uint32_t *slot;

	if (!seen ||
	    !stk_hash_reserve(&l->by_addr, &s->arena, l->nr_seen + 1, hash_seen, l))
		return NULL;
	seen->addr = addr;
	stk_hash_each (slot, &l->by_addr, stk_hash_number(addr))
		;
	*slot = (uint32_t)++l->nr_seen;
	return seen;
}

/* Add a task unless it is there; STK_ERR_NOT_FOUND when it was. */
static enum stk_status add_task(struct stk *s, struct stk_task_list *l, uint64_t addr,
				bool idle, enum stk_found found)
{
	struct stk_task *task;
	enum stk_status st;
	struct stk_seen *seen;

	if (l->nr >= MAX_TASKS)
		return STK_ERR_CORRUPT;
	if (find_seen(l, addr))
		return STK_ERR_NOT_FOUND;
	task = stk_vec_next(&s->arena, l->task, l->nr, l->room);
	if (!task)
		return stk_why_stop(s);
	st = stk_task_read(s, addr, task);
	if (stk_task_list_stops(st) || st == STK_ERR_LIMIT)
		return st;
	/* One that cannot be read is not looked at again, either. */
	seen = add_seen(s, l, addr);
	if (!seen)
		return stk_why_stop(s);
	if (st)
		return st;
	stk_task_words_read(s, seen);
	task->idle = idle;
	task->found = found;
	seen->index = (uint32_t)++l->nr;
	l->nr_found[found]++;
	return STK_OK;
}

/* ---- the lists ---- */

static enum stk_status read_links(struct stk *s, uint64_t node, uint64_t link[2])
{
	return stk_read(s, node, link, 2 * sizeof(*link));
}

static const char *ring_name(const struct ring *r)
{
	return r->leader ? "a list of threads" : "the list of tasks";
}

/* The first is told, the others come of it as a rule. */
static void ring_breaks(struct stk *s, struct stk_task_list *l, const struct ring *r,
			uint64_t at, const char *why)
{
	if (!l->broken)
		l->broken = stk_arena_printf(
			&s->fixed, "%s breaks after %zu tasks at %#llx, %s", ring_name(r),
			l->nr, (unsigned long long)at, why);
}

static enum stk_status add_threads(struct stk *s, struct stk_task_list *l,
				   uint64_t leader, enum stk_found found, bool rescue);

bool stk_task_list_plausible(const struct stk_task *task)
{
	return task->pid && task->tgid && task->stack && task->sp > task->stack &&
	       task->sp - task->stack <= MAX_STACK;
}

/* One link led to @node, which does not lead back. Is it a task, and its next one's? */
static bool node_vouched(struct stk *s, const struct ring *r, enum way way, uint64_t node,
			 uint64_t next)
{
	struct stk_task task;
	uint64_t link[2];

	return !read_links(s, next, link) && link[!way] == node &&
	       !stk_task_read(s, node - r->offset, &task) &&
	       stk_task_list_plausible(&task);
}

/* Along a ring, one way. */
struct trip {
	const struct ring *ring;
	enum way way;
	enum stk_found found; /* what its tasks are found by */
	bool rescue;
	bool leader_seen;
	size_t known;
	bool whole;   /* the other way leads through the same nodes */
	uint64_t bad; /* if not: the first where it does not */
};

/* May the trip lead through a task that was there before? */
static bool may_revisit(const struct stk_task_list *l, struct trip *t, uint64_t task)
{
	/* Backwards most of it is known; no more steps than that lead through it. */
	if (t->way == PREV && ++t->known <= l->nr_seen)
		return true;
	/* The leader is in the list of its threads, too, once. */
	if (task != t->ring->leader || t->leader_seen)
		return false;
	t->leader_seen = true;
	return true;
}

/* The node @at, to which @from led. @link: its links. @why: set if the trip ends there.
 */
static enum stk_status visit_node(struct stk *s, struct stk_task_list *l, struct trip *t,
				  uint64_t from, uint64_t at, const uint64_t *link,
				  const char **why)
{
	const struct ring *r = t->ring;
	uint64_t task = at - r->offset;
	enum stk_status st;

	if (find_seen(l, task)) {
		if (!may_revisit(l, t, task))
			*why = "which was there before";
		return STK_OK;
	}
	if (link[!t->way] != from && !node_vouched(s, r, t->way, at, link[t->way])) {
		*why = "to which no other link leads";
		return STK_OK;
	}
	st = add_task(s, l, task, false, t->found);
	if (!st && !r->leader)
		st = add_threads(s, l, task, t->found, t->rescue);
	if (stk_task_list_stops(st) || st == STK_ERR_LIMIT)
		return st;
	if (st)
		ring_breaks(s, l, r, at, "which is no task any more");
	return STK_OK;
}

static enum stk_status follow_trip(struct stk *s, struct stk_task_list *l, struct trip *t)
{
	uint64_t head = t->ring->head, from = head, at = head, link[2];
	const char *why = NULL;
	enum stk_status st = read_links(s, at, link);

	t->whole = true;
	for (; !st && !why; from = at) {
		at = link[t->way];
		st = read_links(s, at, link);
		if (st)
			break;
		if (link[!t->way] != from && t->whole) {
			t->whole = false;
			t->bad = at;
		}
		if (at == head)
			return STK_OK;
		st = visit_node(s, l, t, from, at, link, &why);
	}
	if (stk_task_list_stops(st))
		return st;
	if (st)
		why = st == STK_ERR_LIMIT ? "where its limit is reached"
					  : "which cannot be read";
	t->whole = false;
	t->bad = at;
	ring_breaks(s, l, t->ring, at, why);
	return STK_OK;
}

/* Both ways: what is beyond a break is reached from the other end. */
static enum stk_status follow_ring(struct stk *s, struct stk_task_list *l,
				   const struct ring *r, enum stk_found found,
				   bool rescue)
{
	struct trip t = { .ring = r, .way = NEXT, .found = found, .rescue = rescue };
	struct trip back = t;
	size_t nr;
	enum stk_status st = follow_trip(s, l, &t);

	if (st || t.whole || !rescue)
		return st;
	back.way = PREV;
	if (found == STK_FOUND_LIST)
		back.found = STK_FOUND_LIST_BACKWARDS;
	nr = l->nr;
	st = follow_trip(s, l, &back);
	/* Whoever has just left the list is on neither way. */
	if (!st && l->nr > nr && !l->broken)
		l->broken = stk_arena_printf(&s->fixed, "%s leaves some out before %#llx",
					     ring_name(r), (unsigned long long)t.bad);
	return st;
}

static enum stk_status add_threads(struct stk *s, struct stk_task_list *l,
				   uint64_t leader, enum stk_found found, bool rescue)
{
	struct stk_member node, head;
	struct ring r = { .leader = leader };
	uint64_t signal;

	if (!stk_find_member(s, "task_struct", "thread_node", &node) ||
	    !stk_find_member(s, "signal_struct", "thread_head", &head) ||
	    stk_read_member(s, leader, "task_struct", "signal", &signal) || !signal)
		return STK_OK; /* a leader that is being released */
	r.head = signal + head.offset;
	r.offset = node.offset;
	return follow_ring(s, l, &r, found, rescue);
}

static enum stk_status add_processes(struct stk *s, struct stk_task_list *l, bool rescue)
{
	struct stk_member tasks;
	struct ring r = { 0 };
	uint64_t init;
	enum stk_status st;

	if ((st = stk_symbol(s, "init_task", &init)) ||
	    (st = stk_member(s, "task_struct", "tasks", &tasks)))
		return st;
	r.head = init + tasks.offset;
	r.offset = tasks.offset;
	return follow_ring(s, l, &r, STK_FOUND_LIST, rescue);
}

/* Beyond a break: as far as both links of each step agree. */
static enum stk_status add_neighbours(struct stk *s, struct stk_task_list *l,
				      uint64_t task, enum stk_found found)
{
	struct stk_member tasks;
	enum stk_status st = STK_OK;

	if (!stk_find_member(s, "task_struct", "tasks", &tasks))
		return STK_OK;
	for (enum way way = NEXT; way <= PREV; way++) {
		uint64_t from = task + tasks.offset, link[2], next[2];

		for (; !read_links(s, from, link); from = link[way]) {
			uint64_t other = link[way] - tasks.offset;

			if (find_seen(l, other) || read_links(s, link[way], next) ||
			    next[!way] != from)
				break;
			st = add_task(s, l, other, false, found);
			if (!st)
				st = add_threads(s, l, other, found, true);
			if (stk_task_list_stops(st))
				return st;
			if (st)
				break;
		}
	}
	return STK_OK;
}

enum stk_status stk_task_list_add(struct stk *s, struct stk_task_list *l, uint64_t addr,
				  enum stk_found found)
{
	enum stk_status st = add_task(s, l, addr, false, found);

	if (!st)
		st = add_threads(s, l, addr, found, true);
	if (!st)
		st = add_neighbours(s, l, addr, found);
	return stk_task_list_stops(st) ? st : STK_OK;
}

enum stk_status stk_task_list_add_idle(struct stk *s, struct stk_task_list *l,
				       uint64_t addr, enum stk_found found)
{
	enum stk_status st = add_task(s, l, addr, true, found);

	return stk_task_list_stops(st) ? st : STK_OK;
}

/* ---- those that the CPUs name ---- */

/* What was reserved at boot may not be in the dump: then the first one is known. */
static enum stk_status without_queues(struct stk *s, struct stk_task_list *l)
{
	uint64_t init;

	if (l->no_queues)
		return STK_OK;
	l->no_queues = true;
	l->truncated =
		"the CPUs' run queues, which name their idle tasks, are not in the "
		"dump: those are there that were running, or whose stack names them";
	return stk_find_symbol(s, "init_task", &init)
		       ? stk_task_list_add_idle(s, l, init, STK_FOUND_LIST)
		       : STK_OK;
}

static enum stk_status add_idle_tasks(struct stk *s, struct stk_task_list *l)
{
	struct stk_cpus *cpus;
	struct stk_member idle;
	uint64_t rq, init, task;
	enum stk_status st = stk_cpus_get(s, &cpus);

	if (st)
		return st;
	if (!stk_find_symbol(s, "runqueues", &rq) ||
	    !stk_find_member(s, "rq", "idle", &idle))
		return stk_find_symbol(s, "init_task", &init)
			       ? add_task(s, l, init, true, STK_FOUND_LIST)
			       : STK_OK;
	for (unsigned int i = 0; i < cpus->nr; i++) {
		uint64_t at = rq + cpus->cpu[i].offset + idle.offset;

		if (!cpus->cpu[i].possible)
			continue;
		st = stk_read_u64(s, at, &task);
		if (!st && !task)
			continue; /* a CPU that never came up */
		if (!st)
			st = add_task(s, l, task, true, STK_FOUND_LIST);
		else if (st == STK_ERR_EXCLUDED && s->no_tables)
			st = without_queues(s, l);
		if (stk_task_list_stops(st))
			return st;
		if (st && !l->truncated)
			l->truncated = stk_arena_printf(
				&s->fixed,
				"a CPU's run queue, which names its idle task, is "
				"damaged at %#llx",
				(unsigned long long)at);
	}
	return STK_OK;
}

/* A task that is exiting may be running though it left every list. */
static enum stk_status add_running_tasks(struct stk *s, struct stk_task_list *l)
{
	for (unsigned int i = 0; i < stk_nr_cpus(s); i++) {
		struct stk_task task;
		enum stk_status st;

		if (!stk_cpu_possible(s, i) || stk_cpu_current(s, i, &task))
			continue;
		st = add_task(s, l, task.addr, task.pid == 0, STK_FOUND_LIST);
		if (stk_task_list_stops(st))
			return st;
	}
	return STK_OK;
}

/* ---- all of it ---- */

/* One line on where it breaks and what was found all the same. */
static enum stk_status tell_break(struct stk *s, struct stk_task_list *l)
{
	static const char *const how[] = {
		[STK_FOUND_LIST_BACKWARDS] = "backwards",
		[STK_FOUND_PID] = "by their PIDs",
		[STK_FOUND_STACK] = "by their stacks",
	};
	const char *text = l->broken;
	bool first = true;

	for (size_t i = STK_FOUND_LIST_BACKWARDS; text && i < STK_NR_FOUND; i++) {
		if (!l->nr_found[i])
			continue;
		text = stk_arena_printf(&s->fixed, "%s%s %zu %s", text,
					first ? "; found all the same:" : ",",
					l->nr_found[i], how[i]);
		first = false;
	}
	l->truncated = text;
	return text ? STK_OK : STK_ERR_NOMEM;
}

/* Each has its own share of what the dump may cost. */
static enum stk_status rescue_by(struct stk *s, struct stk_task_list *l, const char *what,
				 enum stk_status (*add)(struct stk *s,
							struct stk_task_list *l))
{
	struct stk_purse purse = { .kept = true };
	enum stk_status st;

	stk_purse_open(&s->budget, &purse, what, RESCUE_SHARE);
	st = add(s, l);
	stk_purse_close(&s->budget, &purse);
	return purse.starved ? stk_why_stop(s) : st;
}

static enum stk_status rescue_more(struct stk *s, struct stk_task_list *l)
{
	enum stk_status st = STK_OK;

	if (l->broken)
		st = rescue_by(s, l, "the tasks' PIDs", stk_task_list_add_pids);
	return st ? st
		  : rescue_by(s, l, "stacks without a task", stk_task_list_add_stacks);
}

enum stk_status stk_task_list_load(struct stk *s, bool rescue, struct stk_task_list *l)
{
	struct stk_purse purse = { .kept = true };
	enum stk_status st;

	stk_purse_open(&s->budget, &purse, "the list of tasks", SHARE);
	st = add_idle_tasks(s, l);
	if (!st)
		st = add_processes(s, l, rescue);
	stk_purse_close(&s->budget, &purse);
	/* They are few, and what matters most: whatever became of the lists. */
	if (!st)
		st = add_running_tasks(s, l);
	if (!st && !purse.starved && ((l->broken && rescue) || l->no_queues))
		st = rescue_more(s, l);
	if (purse.starved)
		return stk_why_stop(s);
	return !st && l->broken ? tell_break(s, l) : st;
}
