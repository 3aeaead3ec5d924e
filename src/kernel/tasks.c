/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one task_struct says; and all of them, found once. */
#include <stackinfo/kernel.h>

#include <stdlib.h>
#include <string.h>

#include "../arch/arch.h"
#include "../machine/memory.h"
#include "cpus.h"
#include "layout.h"
#include "pick.h"
#include "task_list.h"
#include "task_state.h"

/* A list that breaks off is followed so often, when the machine is running. */
#define LIVE_TRIES 4

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

	if (stk_read_member(s, addr, "task_struct", "__state", &state))
		return stk_read_member(s, addr, "task_struct", "state", &older)
			       ? 0
			       : (uint32_t)older;
	if (!state && !task->on_cpu &&
	    !stk_read_member(s, addr, "task_struct", "on_rq", &on_rq) && !on_rq &&
	    !stk_read_member(s, addr, "task_struct", "state", &older))
		return (uint32_t)older;
	return (uint32_t)state;
}

/* @sp stays what it is where nothing tells. */
static void read_saved_sp(struct stk *s, uint64_t addr, uint64_t *sp)
{
	const struct stk_inner *in = s->arch->saved_sp;
	struct stk_member m;

	for (; in && in->type; in++) {
		if (!stk_find_member(s, in->type, in->member, &m))
			return;
		addr += m.offset;
	}
	if (in)
		stk_read_u64(s, addr, sp);
}

/* A kernel for one CPU does not mark the task that runs: the run queue names it. */
static bool is_the_one(struct stk *s, uint64_t addr)
{
	struct stk_member member;
	uint64_t rq, current;

	return stk_is_uniprocessor(s) &&
	       !stk_find_member(s, "task_struct", "on_cpu", &member) &&
	       stk_find_symbol(s, "runqueues", &rq) &&
	       stk_find_member(s, "rq", "curr", &member) &&
	       !stk_read_u64(s, rq + member.offset, &current) && current == addr;
}

/* On which CPU it runs, or ran last; -1: not known. */
static int read_cpu(struct stk *s, uint64_t addr)
{
	struct stk_picked at;
	uint64_t v = 0;

	if (!stk_pick(s, STK_PICK_TASK_CPU, &at) &&
	    !stk_read(s, addr + at.offset, &v, at.size) && v < stk_nr_cpus(s))
		return (int)v;
	return stk_is_uniprocessor(s) ? 0 : -1;
}

static enum stk_status read_task(struct stk *s, uint64_t addr, struct stk_task *out)
{
	const struct stk_task_list *list = s->tasks.value;
	const struct stk_task *known;
	struct stk_member comm;
	uint64_t v;
	enum stk_status st;

	memset(out, 0, sizeof(*out));
	if (!kernel_pointer(addr))
		return stk_fail(s, STK_ERR_ARG, "%#llx cannot be a task_struct",
				(unsigned long long)addr);
	known = list ? stk_task_list_find(list, addr) : NULL;
	if (known && !s->target.live) {
		*out = *known;
		return STK_OK;
	}
	out->addr = addr;
	if (known)
		out->found = known->found;
	st = stk_read_member(s, addr, "task_struct", "stack", &out->stack);
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
		st = stk_read_member(s, addr, "task_struct", #member, &v);               \
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
	out->on_cpu = out->on_cpu || is_the_one(s, addr);
	out->state = read_state(s, addr, out);
	out->now = stk_task_state_of(out->state, out->exit_state);
	out->cpu = read_cpu(s, addr);
	if (!stk_left_out(s, STK_NAMES_LEFT_OUT) &&
	    stk_find_member(s, "task_struct", "comm", &comm))
		stk_read_string(s, addr + comm.offset, out->comm, sizeof(out->comm));
	read_saved_sp(s, addr, &out->sp);
	return STK_OK;
}

enum stk_status stk_task_read(struct stk *s, uint64_t addr, struct stk_task *out)
{
	stk_enter(s);
	return stk_leave(s, read_task(s, addr, out));
}

/* The architecture's own pointer; one that keeps it in a register has the run queue's. */
static enum stk_status read_current(struct stk *s, uint64_t offset, uint64_t *task)
{
	struct stk_picked at;
	uint64_t rq;
	enum stk_status st;

	if (!s->arch->current_task) {
		st = stk_symbol(s, "runqueues", &rq);
		return st ? st : stk_read_member(s, rq + offset, "rq", "curr", task);
	}
	st = stk_pick(s, STK_PICK_CURRENT, &at);
	return st ? st : stk_read_u64(s, offset + at.offset, task);
}

static enum stk_status find_current(struct stk *s, unsigned int cpu, struct stk_task *out)
{
	uint64_t offset = 0, task = 0;
	enum stk_status st = stk_percpu_offset(s, cpu, &offset);

	if (!st)
		st = read_current(s, offset, &task);
	if (st)
		return stk_fail(s, st, "the current task of CPU %u: %s", cpu,
				stk_status_text(st));
	st = stk_task_read(s, task, out);
	if (!st)
		out->idle = out->pid == 0;
	return st;
}

enum stk_status stk_cpu_current(struct stk *s, unsigned int cpu, struct stk_task *out)
{
	stk_enter(s);
	return stk_leave(s, find_current(s, cpu, out));
}

static enum stk_status find_tasks(struct stk *s, void *value)
{
	int tries = s->target.live ? LIVE_TRIES : 1;
	struct stk_task_list *l = value;
	enum stk_status st;

	/* Where the machine goes on, lists may change while we follow them. */
	while (true) {
		tries--;
		memset(l, 0, sizeof(*l));
		st = stk_task_list_load(s, !tries, l);
		if (stk_task_list_stops(st) || (!st && !l->truncated) || !tries)
			return st;
		stk_forget_memory(s);
	}
}

static enum stk_status get_tasks(struct stk *s, struct stk_task_list **out)
{
	static const struct stk_once once = { .size = sizeof(**out), .find = find_tasks };
	enum stk_status st = stk_once(s, &s->tasks, &once);

	*out = s->tasks.value;
	return st;
}

static enum stk_status list_tasks(struct stk *s, const struct stk_task **tasks,
				  size_t *nr)
{
	struct stk_task_list *l;
	enum stk_status st = get_tasks(s, &l);

	if (st)
		return st;
	*tasks = l->task;
	*nr = l->nr;
	return STK_OK;
}

enum stk_status stk_tasks(struct stk *s, const struct stk_task **tasks, size_t *nr)
{
	stk_enter(s);
	return stk_leave(s, list_tasks(s, tasks, nr));
}

const char *stk_found_name(enum stk_found found)
{
	static const char *const name[] = {
		[STK_FOUND_LIST] = "list",
		[STK_FOUND_LIST_BACKWARDS] = "list_backwards",
		[STK_FOUND_PID] = "pid",
		[STK_FOUND_STACK] = "stack",
	};

	return (unsigned int)found < STK_NR_FOUND ? name[found] : "unknown";
}

const char *stk_tasks_truncated(struct stk *s)
{
	const struct stk_task_list *l = s->tasks.value;

	return l ? l->truncated : NULL;
}

static enum stk_status find_by_pid(struct stk *s, uint32_t pid, struct stk_task *out)
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
	return stk_fail(s, STK_ERR_NOT_FOUND, "there is no task with PID %u%s", pid,
			l->broken ? ", as far as the damaged lists tell" : "");
}

enum stk_status stk_task_by_pid(struct stk *s, uint32_t pid, struct stk_task *out)
{
	stk_enter(s);
	return stk_leave(s, find_by_pid(s, pid, out));
}
