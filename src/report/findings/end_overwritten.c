/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The word that the kernel puts where each task's stack, and its shadow call stack, is
 * full is another one now: it was used up to there, or somebody else wrote to it.
 */
#include <inttypes.h>

#include "../../arch/shadow.h"
#include "../../base/context.h"
#include "../../stacks/stack.h"
#include "../findings.h"
#include "../liveness.h"

/* Of more tasks only those are asked that were running: each is a page of the dump. */
#define MAX_TASKS 2048u
#define MAX_TOLD  6u

struct count {
	size_t told, left_out;
};

/* An overflow is told as that, and with it goes this word. */
static bool has_overflowed(const struct stk_triage *t, const struct stk_stack *stack)
{
	for (size_t i = 0; i < t->nr_cpus; i++) {
		const struct stk_segment *seg =
			t->cpu[i].chain ? t->cpu[i].chain->segments : NULL;

		for (; seg; seg = seg->next)
			if (seg->over.begin == stack->begin)
				return true;
	}
	return false;
}

static enum stk_status look_at_stack(struct stk *s, struct stk_triage *t,
				     const struct stk_finding_info *info,
				     const struct stk_task *task,
				     const struct stk_stack *stack, struct count *n)
{
	const bool shadow = stk_stack_grows_up(stack);
	const uint64_t at = shadow ? stack->end - 8 : stack->begin;
	struct stk_base base = stk_base(s, stack);
	struct stk_finding *f;
	char who[120];

	if (!base.overrun || has_overflowed(t, stack))
		return STK_OK;
	if (n->told == MAX_TOLD) {
		n->left_out++;
		return STK_OK;
	}
	f = stk_finding_add(
		t, info,
		"the last word of the %sstack of %s, at 0x%" PRIx64 ", is 0x%" PRIx64
		" and not %s: it overflowed once, or something else wrote there",
		shadow ? "shadow call " : "", stk_finding_task(task, who, sizeof(who)),
		at, base.word, shadow ? "SCS_END_MAGIC" : "STACK_END_MAGIC");
	if (!f)
		return STK_ERR_NOMEM;
	n->told++;
	f->pid = task->pid;
	f->has_address = true;
	f->address = at;
	return STK_OK;
}

static enum stk_status look_at(struct stk *s, struct stk_triage *t,
			       const struct stk_finding_info *info,
			       const struct stk_task *task, struct count *n)
{
	struct stk_stack stack;
	enum stk_status st = STK_OK;
	uint64_t sp;

	if (task->exit_state)
		return STK_OK;
	if (!stk_task_stack(s, task, &stack))
		st = look_at_stack(s, t, info, task, &stack, n);
	if (!st && stk_task_shadow(s, task, &stack, &sp))
		st = look_at_stack(s, t, info, task, &stack, n);
	return st;
}

static enum stk_status look_at_running(struct stk *s, struct stk_triage *t,
				       const struct stk_finding_info *info,
				       struct count *n)
{
	enum stk_status st = STK_OK;

	for (size_t i = 0; i < t->nr_cpus && !st; i++) {
		const struct stk_chain *chain = t->cpu[i].chain;

		if (chain && chain->start.has_task)
			st = look_at(s, t, info, &chain->start.task, n);
	}
	return st;
}

static enum stk_status look(struct stk *s, struct stk_triage *t,
			    const struct stk_finding_info *info)
{
	const struct stk_task *task;
	struct count n = { 0 };
	enum stk_status st = STK_OK;
	size_t nr = 0;

	if (stk_tasks(s, &task, &nr) || nr > MAX_TASKS)
		st = look_at_running(s, t, info, &n);
	else
		for (size_t i = 0; i < nr && !st; i++)
			st = look_at(s, t, info, &task[i], &n);
	if (!st && n.left_out &&
	    !stk_finding_add(t, info, "so it is with the stacks of %zu more tasks",
			     n.left_out))
		st = STK_ERR_NOMEM;
	return st;
}

const struct stk_finding_info stk_finding_end_overwritten = {
	.id = "stack-end-overwritten",
	.severity = STK_SEVERITY_DAMAGE,
	.look = look,
};
