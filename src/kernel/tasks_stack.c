/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A task may be lost to every list; its stack is still a piece of vmalloc space that was
 * allocated as those of other tasks. Nothing leads from a stack to its task, but a
 * sleeper left the pointer in what __switch_to_asm pushed, and whatever ran has it among
 * its words. It is that task which says, in its turn, that the stack is its own.
 */
#include <stdlib.h>

#include "../machine/memory.h"
#include "layout.h"
#include "stack_areas.h"
#include "task_list.h"

#define WORDS (STK_MIN_PAGE_SIZE / 8)

struct stack {
	uint64_t begin, size;
	struct stk_member member; /* task_struct.stack */
};

/* Nobody else has no PID, and one that never slept no stack pointer. */
static bool is_idle(const struct stk_task *task, const struct stack *k)
{
	return !task->pid && !task->tgid && task->cpu >= 0 &&
	       (!task->sp || task->sp - k->begin < k->size);
}

/* Is there a task at @addr, and does it say that its stack is this one? */
static bool task_owns(struct stk *s, const struct stk_task_list *l, uint64_t addr,
		      const struct stack *k, bool *idle)
{
	struct stk_task task;
	uint64_t stack;

	if ((int64_t)addr >= 0 || addr & 7 || addr - k->begin < k->size)
		return false;
	if (stk_read_u64(s, addr + k->member.offset, &stack) || stack != k->begin ||
	    stk_task_read(s, addr, &task))
		return false;
	*idle = l->no_queues && is_idle(&task, k);
	return *idle || (stk_task_list_plausible(&task) && task.sp <= k->begin + k->size);
}

static enum stk_status find_owner(struct stk *s, struct stk_task_list *l,
				  const struct stack *k)
{
	uint64_t word[WORDS], before = 0;
	bool idle;

	/* What is live lies at the upper end. */
	for (uint64_t at = k->begin + k->size; at > k->begin;) {
		at -= STK_MIN_PAGE_SIZE;
		if (stk_must_stop(s))
			return stk_interrupted(s) ? STK_ERR_INTERRUPTED : STK_OK;
		if (stk_read(s, at, word, sizeof(word)))
			continue;
		for (size_t i = WORDS; i-- > 0; before = word[i])
			if (word[i] != before && task_owns(s, l, word[i], k, &idle))
				return idle ? stk_task_list_add_idle(s, l, word[i],
								     STK_FOUND_STACK)
					    : stk_task_list_add(s, l, word[i],
								STK_FOUND_STACK);
	}
	return STK_OK;
}

enum stk_status stk_task_list_add_stacks(struct stk *s, struct stk_task_list *l)
{
	struct stack k = { 0 };
	uint64_t *begin;
	size_t nr;
	enum stk_status st;

	if (!stk_find_member(s, "task_struct", "stack", &k.member))
		return STK_OK;
	st = stk_stacks_without_task(s, l->task, l->nr, &k.size, &begin, &nr);
	for (size_t i = 0; !st && i < nr; i++) {
		k.begin = begin[i];
		st = find_owner(s, l, &k);
	}
	free(begin);
	return st;
}
