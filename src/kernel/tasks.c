/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tasks are found by the kernel's own lists: every process from init_task.tasks,
 * every thread from signal_struct.thread_head. (The "thread_group" list that tools
 * used to follow went away in 6.7, commit 8e1f385104ac "kill task_struct->thread_group".)
 */
#include <stackinfo/kernel.h>

#include <stdlib.h>
#include <string.h>

#include "../target/memory.h"
#include "cpus.h"
#include "layout.h"
#include "pick.h"

/* PID_MAX_LIMIT: no more threads than this can exist at once. */
#define MAX_TASKS (4u * 1024 * 1024)
/* A list that breaks off is followed so often, when the machine is running. */
#define LIVE_TRIES 4

struct stk_task_list {
	struct stk_task *task;
	size_t nr, room;
	const char *truncated;
	/* Addresses seen, to cut loops: open addressing, power of two. */
	uint64_t *seen;
	size_t seen_size, nr_seen;
};

static bool kernel_pointer(uint64_t addr)
{
	return addr >= 0xff00000000000000ull && !(addr & 7);
}

/*
 * "state" became "__state" in 5.14, commit 2f064a59a11f. A task that is on no run queue
 * is not in state 0, TASK_RUNNING: then, should there be both, it is the other.
 */
static uint32_t read_state(struct stk *s, uint64_t addr, const struct stk_task *task)
{
	uint64_t state, older, on_rq;

	if (stk_read_member(s, addr, task_struct, __state, &state))
		return stk_read_member(s, addr, task_struct, state, &older)
			       ? 0
			       : (uint32_t)older;
	if (!state && !task->on_cpu &&
	    !stk_read_member(s, addr, task_struct, on_rq, &on_rq) && !on_rq &&
	    !stk_read_member(s, addr, task_struct, state, &older))
		return (uint32_t)older;
	return (uint32_t)state;
}

enum stk_status stk_task_read(struct stk *s, uint64_t addr, struct stk_task *out)
{
	struct stk_member comm, thread, sp;
	struct stk_picked at;
	uint64_t v;
	enum stk_status st;

	memset(out, 0, sizeof(*out));
	if (!kernel_pointer(addr))
		return stk_fail(s, STK_ERR_ARG, "%#llx cannot be a task_struct",
				(unsigned long long)addr);
	out->addr = addr;
	st = stk_read_member(s, addr, task_struct, stack, &out->stack);
	if (st)
		return stk_fail(s, st, "task_struct %#llx: %s", (unsigned long long)addr,
				stk_status_text(st));
	if (out->stack && !kernel_pointer(out->stack))
		return stk_fail(s, STK_ERR_CORRUPT,
				"%#llx is no task_struct: its stack would be at %#llx",
				(unsigned long long)addr, (unsigned long long)out->stack);
		/* A member that the kernel's types do not tell stays 0; memory must be
		 * there. */
#define FIELD(member)                                                                    \
	do {                                                                             \
		v = 0;                                                                   \
		st = stk_read_member(s, addr, task_struct, member, &v);                  \
		if (st && st != STK_ERR_NO_TYPE)                                         \
			return stk_fail(s, st, "task_struct %#llx: " #member ": %s",     \
					(unsigned long long)addr, stk_status_text(st));  \
		out->member = (__typeof__(out->member))v;                                \
	} while (0)
	FIELD(pid);
	FIELD(tgid);
	FIELD(flags);
	FIELD(exit_state);
	FIELD(on_cpu);
#undef FIELD
	out->state = read_state(s, addr, out);
	out->cpu = -1;
	v = 0;
	if (!stk_pick(s, STK_PICK_TASK_CPU, &at) &&
	    !stk_read(s, addr + at.offset, &v, at.size))
		out->cpu = (int)v;
	if (out->cpu < 0 || out->cpu >= (int)stk_nr_cpus(s))
		out->cpu = -1;
	if (!stk_member(s, task_struct, comm, &comm))
		stk_read_string(s, addr + comm.offset, out->comm, sizeof(out->comm));
	if (!stk_member(s, task_struct, thread, &thread) &&
	    !stk_member(s, thread_struct, sp, &sp))
		stk_read_u64(s, addr + thread.offset + sp.offset, &out->sp);
	return STK_OK;
}

enum stk_status stk_cpu_current(struct stk *s, unsigned int cpu, struct stk_task *out)
{
	struct stk_picked at;
	uint64_t offset, task;
	enum stk_status st = stk_percpu_offset(s, cpu, &offset);

	if (!st)
		st = stk_pick(s, STK_PICK_CURRENT, &at);
	if (!st)
		st = stk_read_u64(s, offset + at.offset, &task);
	if (st)
		return stk_fail(s, st, "the current task of CPU %u: %s", cpu,
				stk_status_text(st));
	st = stk_task_read(s, task, out);
	if (!st)
		out->idle = out->pid == 0;
	return st;
}

static size_t seen_slot(const struct stk_task_list *l, uint64_t addr)
{
	size_t i = (size_t)(addr * 0x9e3779b97f4a7c15ull >> 32) & (l->seen_size - 1);

	while (l->seen[i] && l->seen[i] != addr)
		i = (i + 1) & (l->seen_size - 1);
	return i;
}

static enum stk_status grow_seen(struct stk *s, struct stk_task_list *l)
{
	struct stk_task_list bigger = *l;

	bigger.seen_size = l->seen_size ? l->seen_size * 2 : 512;
	bigger.seen = stk_arena_array(&s->arena, bigger.seen_size, sizeof(*bigger.seen));
	if (!bigger.seen)
		return stk_why_stop(s);
	for (size_t i = 0; i < l->seen_size; i++)
		if (l->seen[i])
			bigger.seen[seen_slot(&bigger, l->seen[i])] = l->seen[i];
	*l = bigger;
	return STK_OK;
}

/* Add a task unless it is there; STK_ERR_NOT_FOUND when it was. */
static enum stk_status add_task(struct stk *s, struct stk_task_list *l, uint64_t addr,
				bool idle)
{
	struct stk_task *array;
	enum stk_status st;
	size_t slot;

	if (l->nr >= MAX_TASKS)
		return STK_ERR_CORRUPT;
	if (l->nr_seen * 2 >= l->seen_size) {
		st = grow_seen(s, l);
		if (st)
			return st;
	}
	slot = seen_slot(l, addr);
	if (l->seen[slot])
		return STK_ERR_NOT_FOUND;
	array = stk_arena_grow(&s->arena, l->task, l->nr, &l->room, sizeof(*array));
	if (!array)
		return stk_why_stop(s);
	l->task = array;
	st = stk_task_read(s, addr, &l->task[l->nr]);
	if (st)
		return st;
	l->task[l->nr].idle = idle;
	l->nr++;
	l->seen[slot] = addr;
	l->nr_seen++;
	return STK_OK;
}

static bool stops_everything(enum stk_status st)
{
	return st == STK_ERR_NOMEM || st == STK_ERR_INTERRUPTED;
}

static void truncated(struct stk *s, struct stk_task_list *l, const char *what,
		      uint64_t at)
{
	if (!l->truncated)
		l->truncated = stk_arena_printf(&s->fixed, "%s is damaged at %#llx", what,
						(unsigned long long)at);
}

static enum stk_status add_threads(struct stk *s, struct stk_task_list *l,
				   uint64_t leader)
{
	struct stk_member node, head;
	uint64_t signal, first, at;
	bool leader_seen = false;
	enum stk_status st;

	if (stk_member(s, task_struct, thread_node, &node) ||
	    stk_member(s, signal_struct, thread_head, &head) ||
	    stk_read_member(s, leader, task_struct, signal, &signal) || !signal)
		return STK_OK; /* a leader that is being released */
	first = signal + head.offset;
	st = stk_read_u64(s, first, &at);
	while (!st && at != first) {
		uint64_t task = at - node.offset;

		st = add_task(s, l, task, false);
		/* The leader is in the list, too, once. */
		if (st == STK_ERR_NOT_FOUND && task == leader && !leader_seen) {
			leader_seen = true;
			st = STK_OK;
		}
		if (!st)
			st = stk_read_u64(s, at, &at);
	}
	if (stops_everything(st))
		return st;
	if (st)
		truncated(s, l, "a list of threads", at);
	return STK_OK;
}

static enum stk_status add_processes(struct stk *s, struct stk_task_list *l)
{
	struct stk_member tasks;
	uint64_t init, head, at;
	enum stk_status st;

	st = stk_sym(s, init_task, &init);
	if (!st)
		st = stk_member(s, task_struct, tasks, &tasks);
	if (st)
		return st;
	head = init + tasks.offset;
	st = stk_read_u64(s, head, &at);
	while (!st && at != head) {
		st = add_task(s, l, at - tasks.offset, false);
		if (!st)
			st = add_threads(s, l, at - tasks.offset);
		if (!st)
			st = stk_read_u64(s, at, &at);
	}
	if (stops_everything(st))
		return st;
	if (st)
		truncated(s, l, "the list of tasks", at);
	return STK_OK;
}

static enum stk_status add_idle_tasks(struct stk *s, struct stk_task_list *l)
{
	struct stk_cpus *cpus;
	struct stk_member idle;
	uint64_t rq, init, task;
	enum stk_status st = stk_cpus_get(s, &cpus);

	if (st)
		return st;
	if (stk_sym(s, runqueues, &rq) || stk_member(s, rq, idle, &idle))
		return stk_sym(s, init_task, &init) ? STK_OK : add_task(s, l, init, true);
	for (unsigned int i = 0; i < cpus->nr; i++) {
		uint64_t at = rq + cpus->cpu[i].offset + idle.offset;

		if (!cpus->cpu[i].possible)
			continue;
		st = stk_read_u64(s, at, &task);
		if (!st && !task)
			continue; /* a CPU that never came up */
		if (!st)
			st = add_task(s, l, task, true);
		if (stops_everything(st))
			return st;
		if (st)
			truncated(s, l, "a CPU's run queue, which names its idle task,",
				  at);
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
		st = add_task(s, l, task.addr, task.pid == 0);
		if (stops_everything(st))
			return st;
	}
	return STK_OK;
}

static enum stk_status list_tasks(struct stk *s, struct stk_task_list **out)
{
	struct stk_task_list *l = stk_arena_alloc(&s->fixed, sizeof(*l));
	struct stk_purse purse = { .kept = true };
	enum stk_status st;

	if (!l)
		return STK_ERR_NOMEM;
	stk_purse_open(&s->budget, &purse, "the list of tasks", 2);
	st = add_idle_tasks(s, l);
	if (!st)
		st = add_processes(s, l);
	stk_purse_close(&s->budget, &purse);
	/* They are few, and what matters most: whatever became of the lists. */
	if (!st)
		st = add_running_tasks(s, l);
	*out = l;
	return purse.starved ? stk_why_stop(s) : st;
}

static enum stk_status get_tasks(struct stk *s, struct stk_task_list **out)
{
	struct stk_task_list *l = s->tasks;
	int tries = s->target.live ? LIVE_TRIES : 1;
	enum stk_status st = STK_OK;

	/* Where the machine goes on, lists may change while we follow them. */
	while (!s->tasks && tries--) {
		st = list_tasks(s, &l);
		if (stops_everything(st))
			return st;
		if ((!st && !l->truncated) || !tries)
			break;
		stk_forget_memory(s);
	}
	if (st)
		return st;
	*out = s->tasks = l;
	return STK_OK;
}

enum stk_status stk_tasks(struct stk *s, const struct stk_task **tasks, size_t *nr)
{
	struct stk_task_list *l;
	enum stk_status st = get_tasks(s, &l);

	if (st)
		return st;
	*tasks = l->task;
	*nr = l->nr;
	return STK_OK;
}

const char *stk_tasks_truncated(struct stk *s)
{
	return s->tasks ? s->tasks->truncated : NULL;
}

enum stk_status stk_task_by_pid(struct stk *s, uint32_t pid, struct stk_task *out)
{
	struct stk_task_list *l;
	enum stk_status st = get_tasks(s, &l);

	if (st)
		return st;
	for (size_t i = 0; i < l->nr; i++) {
		if (l->task[i].pid == pid) {
			*out = l->task[i];
			return STK_OK;
		}
	}
	return stk_fail(s, STK_ERR_NOT_FOUND, "there is no task with PID %u", pid);
}
