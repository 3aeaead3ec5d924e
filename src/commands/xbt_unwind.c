/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which chains a request is about. */
#include <ctype.h>
#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>

#include "../base/context.h"
#include "../kernel/task_state.h"
#include "xbt.h"
#include "../render/json_add.h"

/* There is nothing to unwind from: say so in place of the chain. */
static void show_no_chain(struct xbt *x, int cpu, const struct stk_task *task,
			  enum stk_status st)
{
	const char *why = stk_reason(x->cmd->s, st);

	if (stk_interrupted(x->cmd->s)) {
		x->stop = XBT_INTERRUPTED;
		return;
	}
	if (x->select.of_chain) {
		stk_select_chain(&x->select, NULL);
		return;
	}
	x->cmd->nr_chains++;
	x->shape->no_chain(x, cpu, task, why);
}

/* -n idle: a CPU that was idle has nothing to tell, unless it is the one that panicked.
 */
static bool is_idle(struct xbt *x, const struct stk_start *start)
{
	return x->no_idle && start->has_task && start->task.idle &&
	       (start->cpu < 0 || start->cpu != stk_panic(x->cmd->s).cpu);
}

static void show_chain(struct xbt *x, const struct stk_start *start)
{
	struct stk_chain *chain;
	enum stk_status st;

	if (is_idle(x, start))
		return;
	st = stk_unwind_whole(x->cmd->s, start, &chain);
	if (st == STK_ERR_NOMEM)
		x->res = stk_complain(x->cmd, "out of memory");
	else if (st)
		show_no_chain(x, start->cpu, start->has_task ? &start->task : NULL, st);
	if (st)
		return;
	if (chain->end != STK_END_INTERRUPTED && !stk_select_chain(&x->select, chain)) {
		stk_chain_free(x->cmd->s, chain);
		return;
	}
	x->doubtful |= chain->confidence != STK_CERTAIN;
	x->cmd->nr_chains++;
	x->cmd->nr_certain += chain->confidence == STK_CERTAIN;
	if (chain->end != STK_END_INTERRUPTED) {
		x->shape->chain(x, chain);
		return;
	}
	x->stop = XBT_INTERRUPTED;
	stk_chain_free(x->cmd->s, chain);
}

/* @task: of a CPU, or NULL. */
static bool is_meant(struct xbt *x, const struct stk_task *task)
{
	return !x->select.any || (task && stk_select_task(&x->select, x->cmd->s, task));
}

static void show_cpu(struct xbt *x, unsigned int cpu)
{
	const struct stk_text_regs *given = xbt_given_of(x, (int)cpu);
	struct stk_start start;
	enum stk_status st = given ? stk_start_text(x->cmd->s, given, &start)
				   : stk_start_cpu(x->cmd->s, cpu, &start);

	if (!is_meant(x, start.has_task ? &start.task : NULL))
		return;
	if (!st)
		show_chain(x, &start);
	else
		show_no_chain(x, (int)cpu, start.has_task ? &start.task : NULL, st);
}

/*
 * A zombie's stack is freed (commit 68f24b08ee89, 4.9) before its parent asks for it: no
 * chain is missing.
 */
static void show_exited(struct xbt *x, const struct stk_task *task, const char *why)
{
	if (!x->select.of_chain && x->shape->exited)
		x->shape->exited(x, task, why);
}

static void show_task(struct xbt *x, const struct stk_task *task)
{
	const struct stk_text_regs *given =
		xbt_given_of(x, stk_running_cpu(x->cmd->s, task->addr));
	struct stk_start start;
	enum stk_status st;

	if (!is_meant(x, task))
		return;
	st = given ? stk_start_text(x->cmd->s, given, &start)
		   : stk_start_task(x->cmd->s, task, &start);
	if (!st)
		show_chain(x, &start);
	else if (st == STK_ERR_NOT_FOUND && stk_task_left_stack(task))
		show_exited(x, task, stk_reason(x->cmd->s, st));
	else
		show_no_chain(x, -1, task, st);
}

static void show_all_tasks(struct xbt *x)
{
	const struct stk_task *task;
	const char *missing;
	size_t nr;
	enum stk_status st = stk_tasks(x->cmd->s, &task, &nr);

	if (st) {
		x->res = stk_complain(x->cmd, "cannot find the tasks: %s",
				      stk_reason(x->cmd->s, st));
		return;
	}
	for (size_t i = 0; i < nr && !xbt_has_ended(x); i++) {
		xbt_progress(x, "tasks", i, nr);
		if (!task[i].idle ||
		    stk_cpu_running(x->cmd->s, (unsigned int)task[i].cpu))
			show_task(x, &task[i]);
	}
	missing = stk_tasks_truncated(x->cmd->s);
	if (x->doc)
		stk_json_add(x->doc, "tasks_missing",
			     missing ? json_object_new_string(missing) : NULL);
	if (missing)
		x->res = stk_complain(x->cmd, "tasks may be missing: %s", missing);
}

/* Decimal digits are a PID when such a task exists; else an address. */
static bool find_task(struct xbt *x, const char *text, struct stk_task *task)
{
	struct stk *s = x->cmd->s;
	enum stk_status st;
	uint64_t addr;
	char *end;

	errno = 0;
	if (isdigit((unsigned char)*text)) {
		unsigned long pid = strtoul(text, &end, 10);

		if (!*end && !errno && pid <= INT32_MAX) {
			if (!pid) {
				x->res = stk_misuse(
					x->cmd, "PID 0 is the idle task of every CPU: "
						"use -c");
				return false;
			}
			if (!stk_task_by_pid(s, (uint32_t)pid, task))
				return true;
		}
	}
	if (!stk_parse_hex(text, &addr)) {
		x->res = stk_misuse(x->cmd, "%s: neither a PID nor the address of a task",
				    text);
		return false;
	}
	if (addr < UINT32_MAX) {
		x->res = stk_complain(x->cmd, "%s: there is no task with this PID", text);
		return false;
	}
	st = stk_task_read(s, addr, task);
	if (st)
		x->res = stk_complain(x->cmd, "%s: %s", text, stk_reason(s, st));
	return !st;
}

static void show_given(struct xbt *x, const struct xbt_request *r)
{
	uint64_t sp = 0, ip = 0, bp = 0;
	struct stk_start start;
	enum stk_status st;

	if ((r->regs && !stk_parse_address(x->cmd, r->regs, &sp)) ||
	    (r->sp && !stk_parse_address(x->cmd, r->sp, &sp)) ||
	    (r->ip && !stk_parse_address(x->cmd, r->ip, &ip)) ||
	    (r->bp && !stk_parse_address(x->cmd, r->bp, &bp))) {
		x->res = STK_CMD_FAILED;
		return;
	}
	st = r->regs ? stk_start_regs(x->cmd->s, sp, &start)
		     : stk_start_stack(x->cmd->s, sp, ip, bp, &start);
	if (st)
		x->res = stk_complain(x->cmd, "%s", stk_reason(x->cmd->s, st));
	else
		show_chain(x, &start);
}

/* @cpu, if it is one of @set, and (@running) was running. False: it is not. */
static bool show_member(struct xbt *x, const struct stk_cpu_set *set, unsigned int cpu,
			bool running)
{
	if (cpu >= set->nr || !set->in[cpu] || xbt_has_ended(x) ||
	    (running && !stk_cpu_running(x->cmd->s, cpu)))
		return false;
	xbt_progress(x, "CPUs", cpu, set->nr);
	show_cpu(x, cpu);
	return true;
}

/* Of all CPUs the one that panicked comes first. */
static void show_cpus(struct xbt *x, const char *list)
{
	const unsigned int first =
		list ? UINT_MAX : (unsigned int)stk_panic(x->cmd->s).cpu;
	struct stk_cpu_set set;
	bool any;

	if (!stk_parse_cpus(x->cmd, list, &set)) {
		x->res = STK_CMD_FAILED;
		return;
	}
	any = show_member(x, &set, first, !list);
	for (unsigned int cpu = 0; cpu < set.nr; cpu++)
		if (cpu != first)
			any |= show_member(x, &set, cpu, !list);
	/* The kernel died before it came to mark the CPU that it boots on. */
	if (!any)
		x->res = stk_complain(
			x->cmd,
			"no CPU is online: the kernel died before bringing one up");
	free(set.in);
}

static void show_panicked(struct xbt *x)
{
	const int cpu = stk_panic(x->cmd->s).cpu;

	if (cpu >= 0)
		show_cpu(x, (unsigned int)cpu);
	else
		x->res = stk_complain(x->cmd, "no CPU is known to have panicked");
}

/* The first CPU that was running at all. */
static unsigned int first_cpu(struct stk *s)
{
	for (unsigned int cpu = 0; cpu < stk_nr_cpus(s) && !stk_must_stop(s); cpu++)
		if (stk_cpu_running(s, cpu))
			return cpu;
	return 0;
}

/* Nobody said whose chain. */
static void show_default(struct xbt *x)
{
	const struct stk_panic panic = stk_panic(x->cmd->s);
	const unsigned int cpu =
		panic.cpu >= 0 ? (unsigned int)panic.cpu : first_cpu(x->cmd->s);

	if (x->shape->says_which && panic.cpu >= 0)
		fprintf(x->cmd->out, "CPU %u panicked; -a shows all CPUs, -A all tasks\n",
			cpu);
	else if (x->shape->says_which)
		fprintf(x->cmd->out,
			"No CPU is known to have panicked: this is CPU %u; -a shows all CPUs, "
			"-A all tasks\n",
			cpu);
	show_cpu(x, cpu);
}

/* Whoever gives registers wants to see where they lead. */
static void show_texts(struct xbt *x)
{
	const int first = stk_panic(x->cmd->s).cpu;

	if (xbt_given_of(x, first))
		show_cpu(x, (unsigned int)first);
	for (size_t i = 0; i < x->given.nr && !xbt_has_ended(x); i++)
		if ((int)x->given.of[i].cpu != first)
			show_cpu(x, x->given.of[i].cpu);
}

static void show_context(struct xbt *x)
{
	struct stk_task task;
	enum stk_status st;
	uint64_t addr;

	if (!x->cmd->context || !x->cmd->context(x->cmd, &addr)) {
		show_default(x);
		return;
	}
	st = stk_task_read(x->cmd->s, addr, &task);
	if (st)
		x->res = stk_complain(x->cmd, "%s", stk_reason(x->cmd->s, st));
	else
		show_task(x, &task);
}

static void show_tasks(struct xbt *x, const struct xbt_request *r)
{
	struct stk_task task;

	for (int i = 0; i < r->nr_tasks && !x->stop; i++)
		if (find_task(x, r->task[i], &task))
			show_task(x, &task);
}

/* Does it say whose chains, by CPU or task? */
static bool says_whose(const struct xbt_request *r)
{
	return r->all_tasks || r->all_cpus || r->panicked || r->cpus || r->nr_tasks;
}

void xbt_unwind(struct xbt *x, const struct xbt_request *r)
{
	const bool whose = says_whose(r), place = r->sp || r->regs;

	if (r->regs && (whose || x->select.any))
		x->res = stk_misuse(x->cmd,
				    "-R %s is a place to start from, and goes with no "
				    "CPU or task",
				    r->regs);
	else if (r->all_tasks || (!whose && !place && x->select.any))
		show_all_tasks(x);
	else if (place)
		show_given(x, r);
	else if (r->panicked)
		show_panicked(x);
	else if (r->all_cpus || r->cpus)
		show_cpus(x, r->cpus);
	else if (r->nr_tasks)
		show_tasks(x, r);
	else if (r->texts)
		show_texts(x);
	else
		show_context(x);
}
