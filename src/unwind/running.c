/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "running.h"

#include "../kernel/cpus.h"
#include "../arch/arch.h"
#include "../kernel/layout.h"
#include "../stacks/map.h"
#include "note.h"
#include "unwind.h"
#include "../base/say.h"

struct stk_running {
	unsigned int nr;
	struct {
		bool tried;
		struct stk_running_task r;
	} * cpu;
	bool complete;
	bool noted;	/* somebody saved registers of some CPU */
	uint64_t *task; /* of each CPU that was running; 0 for the others */
};

static enum stk_status make_table(struct stk *s, void *value)
{
	struct stk_running *r = value;
	struct stk_cpus *cpus;
	enum stk_status st = stk_cpus_get(s, &cpus);

	if (st)
		return st;
	r->nr = cpus->nr;
	r->cpu = stk_arena_array(&s->fixed, r->nr, sizeof(*r->cpu));
	r->task = stk_arena_array(&s->fixed, r->nr, sizeof(*r->task));
	return r->cpu && r->task ? STK_OK : STK_ERR_NOMEM;
}

static struct stk_running *get_table(struct stk *s)
{
	static const struct stk_once once = {
		.size = sizeof(struct stk_running),
		.find = make_table,
	};

	stk_once(s, &s->running, &once);
	return s->running.value;
}

static bool run_queue_current(struct stk *s, unsigned int cpu, struct stk_task *out)
{
	struct stk_member curr;
	uint64_t offset, rq, task;

	if (stk_percpu_offset(s, cpu, &offset) || !stk_find_symbol(s, "runqueues", &rq) ||
	    !stk_find_member(s, "rq", "curr", &curr) ||
	    stk_read_u64(s, rq + offset + curr.offset, &task) ||
	    stk_task_read(s, task, out))
		return false;
	out->idle = out->pid == 0;
	return true;
}

static const char *naming(struct stk *s, const char *who, const struct stk_task *task,
			  const char *rest)
{
	return stk_arena_printf(&s->arena, "%s names PID %u \"%s\"%s", who, task->pid,
				task->comm, rest);
}

/*
 * __schedule() sets rq->curr first, __switch_to() the current pointer last. The next task
 * is on the run queue of the CPU, and soon says that it is on it, as the one before does
 * (prepare_task(), finish_task() in sched/core.c).
 */
static bool is_next(struct stk *s, const struct stk_task *current,
		    const struct stk_task *rq)
{
	uint64_t on_rq;

	if (!current->on_cpu)
		return false;
	return rq->on_cpu ||
	       (rq->cpu >= 0 && rq->cpu == current->cpu &&
		!stk_read_member(s, rq->addr, "task_struct", "on_rq", &on_rq) &&
		on_rq == 1);
}

/* What speaks against the task that was chosen. */
static const char *why_doubted(struct stk *s, const struct stk_task *current,
			       const struct stk_task *rq, const struct stk_evidence *e)
{
	if (!current)
		return "the CPU's current pointer cannot be read; the task is the run "
		       "queue's";
	if (e->differ & 1u << STK_WITNESS_CURRENT)
		return naming(s, "the CPU's current pointer", current,
			      ", which is on no CPU; the task is the run queue's");
	if (rq && e->differ & 1u << STK_WITNESS_RQ_CURR)
		return naming(s, "the run queue", rq, ", and not the CPU's current task");
	if (e->differ & 1u << STK_WITNESS_ON_CPU)
		return "the task says that it is on no CPU";
	return NULL;
}

static void weigh_choice(struct stk *s, const struct stk_task *current,
			 const struct stk_task *rq, bool tells,
			 struct stk_running_task *r)
{
	if (current)
		stk_weigh(&r->evidence, STK_WITNESS_CURRENT,
			  r->task.addr == current->addr);
	if (rq)
		stk_weigh(&r->evidence, STK_WITNESS_RQ_CURR, r->task.addr == rq->addr);
	if (tells)
		stk_weigh(&r->evidence, STK_WITNESS_ON_CPU, r->task.on_cpu);
	r->doubt = why_doubted(s, current, rq, &r->evidence);
}

static void choose_task(struct stk *s, const struct stk_task *current,
			const struct stk_task *rq, struct stk_running_task *r)
{
	struct stk_member on_cpu;
	bool tells = stk_find_member(s, "task_struct", "on_cpu", &on_cpu);
	bool two = current && rq && current->addr != rq->addr;

	r->known = current || rq;
	if (!r->known)
		return;
	r->task = current ? *current : *rq;
	if (two && tells && is_next(s, current, rq)) {
		r->switching = true;
		r->other = *rq;
		return;
	}
	if (two && tells && rq->on_cpu && !current->on_cpu)
		r->task = *rq;
	weigh_choice(s, current, rq, tells, r);
}

/* Where memory does not name the task: a register, or the stack that the CPU is on. */
static bool named_by_registers(struct stk *s, unsigned int cpu, struct stk_task *out,
			       bool *pointer)
{
	const unsigned int current = s->arch->current;
	struct stk_cpu_note note;
	struct stk_stack stack;

	if (!s->no_tables || !stk_cpu_note(s, cpu, &note) ||
	    s->arch->user_mode(&note.regs))
		return false;
	*pointer = current && stk_has_reg(&note.regs, current) &&
		   !stk_task_read(s, note.regs.v[current], out);
	if (!*pointer &&
	    (stk_find_stack(s, note.regs.v[s->arch->sp], &stack) ||
	     !stk_stack_is_task(&stack) || stk_task_read(s, stack.task, out)))
		return false;
	out->idle = out->pid == 0;
	return true;
}

/* The run queue and the current pointer are not in the dump. */
static void choose_by_registers(struct stk *s, unsigned int cpu,
				struct stk_running_task *r)
{
	bool pointer;

	r->known = named_by_registers(s, cpu, &r->task, &pointer);
	if (!r->known)
		return;
	if (pointer)
		stk_weigh(&r->evidence, STK_WITNESS_CURRENT, true);
	stk_weigh(&r->evidence, STK_WITNESS_ON_CPU,
		  r->task.on_cpu && r->task.cpu == (int)cpu);
	if (r->evidence.differ)
		r->doubt = "the task that the CPU's registers name says that it is not "
			   "on that CPU";
}

const struct stk_running_task *stk_running_task(struct stk *s, unsigned int cpu)
{
	struct stk_running *t = get_table(s);
	struct stk_task current, rq;
	bool has_current, has_rq;

	if (!t || cpu >= t->nr)
		return NULL;
	if (t->cpu[cpu].tried)
		return &t->cpu[cpu].r;
	has_current = !stk_cpu_current(s, cpu, &current);
	has_rq = run_queue_current(s, cpu, &rq);
	if (stk_must_stop(s))
		return NULL;
	choose_task(s, has_current ? &current : NULL, has_rq ? &rq : NULL,
		    &t->cpu[cpu].r);
	if (!t->cpu[cpu].r.known)
		choose_by_registers(s, cpu, &t->cpu[cpu].r);
	if (stk_must_stop(s))
		return NULL;
	t->cpu[cpu].tried = true;
	return &t->cpu[cpu].r;
}

/* Which task each CPU was running; 0 for a CPU that was not running at all. */
static struct stk_running *get_running(struct stk *s)
{
	struct stk_running *t = get_table(s);
	struct stk_cpus *cpus;

	if (!t || t->complete || stk_cpus_get(s, &cpus))
		return t;
	for (unsigned int i = 0; i < t->nr; i++) {
		const struct stk_running_task *r;
		bool has;

		/*
		 * A CPU that panic() stopped is marked offline and still has registers.
		 * One that never came up has init_task for its current task.
		 */
		if (!cpus->cpu[i].possible)
			continue;
		has = stk_cpu_has_note(s, i);
		t->noted |= has;
		if (!cpus->cpu[i].online && !has)
			continue;
		r = stk_running_task(s, i);
		if (r && r->known)
			t->task[i] = r->task.addr;
	}
	t->complete = !stk_must_stop(s);
	return t;
}

int stk_running_cpu(struct stk *s, uint64_t task)
{
	struct stk_running *t = get_running(s);

	if (t && !stk_spend(s, t->nr / 16))
		return -1;
	for (unsigned int i = 0; t && i < t->nr; i++)
		if (t->task[i] && t->task[i] == task)
			return (int)i;
	return -1;
}

bool stk_cpu_running(struct stk *s, unsigned int cpu)
{
	struct stk_running *t = get_running(s);

	struct stk_start start;

	if (!t || cpu >= t->nr)
		return false;
	if (t->task[cpu] || stk_cpu_online(s, cpu) ||
	    (stk_cpu_possible(s, cpu) && stk_cpu_has_note(s, cpu)))
		return true;
	/* Where nobody saved any, its stacks may show that panic() had stopped it. */
	return !t->noted && !stk_start_cpu(s, cpu, &start);
}

const char *stk_running_elsewhere(struct stk *s, unsigned int cpu)
{
	struct stk_running *t = get_running(s);

	if (t && !stk_spend(s, t->nr / 16))
		return NULL;
	for (unsigned int i = 0; t && i < t->nr; i++)
		if (i != cpu && cpu < t->nr && t->task[cpu] && t->task[i] == t->task[cpu])
			return stk_say(
				s, "CPU %u says that it was running this task, too", i);
	return NULL;
}
