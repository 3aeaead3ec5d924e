/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pt_regs.h"

#include "../kernel/cpus.h"
#include "../kernel/layout.h"
#include "../stacks/stack.h"

#define STACK_ALIGN 16u

uint64_t stk_pt_regs_room(struct stk *s)
{
	uint32_t size;

	if (!stk_find_size(s, "pt_regs", &size))
		return 0;
	return (size + STACK_ALIGN - 1) & ~(uint64_t)(STACK_ALIGN - 1);
}

uint64_t stk_user_regs_at(struct stk *s, const struct stk_stack *stack)
{
	uint64_t room = stk_pt_regs_room(s);

	return room && stack->kind == s->arch->task_kind && !stk_stack_is_free(stack)
		       ? stack->end - room
		       : 0;
}

bool stk_may_be_user(struct stk *s, const struct stk_stack *stack,
		     const struct stk_regs *regs, uint64_t regs_at)
{
	uint64_t top = stack && regs_at ? stk_user_regs_at(s, stack) : 0;

	/* In its place at the top of a task's stack: a process may jump anywhere. */
	if (top && regs_at == top)
		return true;
	/* Below that lie none of user mode, and they are of user code. */
	return (!top || regs_at > top) &&
	       !s->arch->is_kernel_address(regs->v[s->arch->ip]);
}

enum stk_step_result stk_regs_step(struct stk *s, uint64_t at, struct stk_step *out)
{
	if (s->arch->read_pt_regs(s, at, &out->regs)) {
		out->end = STK_END_UNREADABLE;
		out->bad = at;
		return STK_STEP_FAILED;
	}
	out->how = STK_HOW_FP;
	out->regs_at = at;
	out->full = true;
	out->signal = true;
	return STK_STEP_OK;
}

bool stk_same_regs(const struct stk_regs *saved, const struct stk_regs *regs,
		   uint64_t compared)
{
	for (unsigned int i = 0; i < STK_MAX_REGS; i++)
		if (compared >> i & 1 && stk_has_reg(regs, i) &&
		    saved->v[i] != regs->v[i])
			return false;
	return true;
}

/* Where an entry with @regs saves them, and on which stack; 0: that is not known. */
static uint64_t saved_at(struct stk *s, int cpu, const struct stk_stack *task,
			 const struct stk_regs *regs, const struct stk_stack **stack)
{
	uint64_t room = stk_pt_regs_room(s), sp = regs->v[s->arch->sp];

	*stack = NULL;
	if (!room)
		return 0;
	if (s->arch->user_mode(regs)) {
		*stack = task;
		return task ? stk_user_regs_at(s, task) : 0;
	}
	if (cpu >= 0)
		*stack = stk_cpu_stack_at(s, (unsigned int)cpu, sp);
	if (!*stack && task && sp > task->begin && sp <= task->end)
		*stack = task;
	return *stack ? sp - room : 0;
}

size_t stk_saved_copies(struct stk *s, int cpu, const struct stk_stack *task,
			const struct stk_regs *regs, uint64_t compared,
			struct stk_copy *out, size_t room)
{
	const struct stk_stack *stack;
	struct stk_regs saved;
	uint64_t at = saved_at(s, cpu, task, regs, &stack);

	if (!room || !at || s->arch->read_pt_regs(s, at, &saved) ||
	    !stk_same_regs(&saved, regs, compared))
		return 0;
	out[0] = (struct stk_copy){ *stack, at };
	return 1;
}
