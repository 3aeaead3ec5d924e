/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A task may be lost to every list; its stack is still a piece of vmalloc space that was
 * allocated as those of other tasks. Nothing leads from a stack to its task, but a
 * sleeper left the pointer in what __switch_to_asm pushed, and whatever ran has it among
 * its words. It is that task which says, in its turn, that the stack is its own.
 */
#include <stdlib.h>

#include "../arch/arch.h"
#include "../machine/lost.h"
#include "../machine/memory.h"
#include "layout.h"
#include "stack_areas.h"
#include "task_linked.h"
#include "task_list.h"
#include "tasks_stack.h"

#define WORDS (STK_MIN_PAGE_SIZE / 8)

/* So many words of a stack are followed, where the lists may tell as well. */
#define MAX_FOLLOWED 64u

struct stack {
	uint64_t begin, size;
	struct stk_member member;	       /* task_struct.stack */
	const struct stk_task_list *lost_from; /* NULL: its task is to be in the lists */
	unsigned int followed;
	bool idle;
	uint64_t owner; /* 0: not found */
};

/* Nobody else has no PID, and one that never slept no stack pointer. */
static bool is_idle(const struct stk_task *task, const struct stack *k)
{
	return !task->pid && !task->tgid && task->cpu >= 0 &&
	       (!task->sp || task->sp - k->begin < k->size);
}

/* Can a task_struct be at @addr, and be read? */
static bool is_allocated(struct stk *s, uint64_t addr)
{
	uint64_t phys, direct;

	return !stk_translate(s, addr, &phys) && s->arch->direct_map(s, phys, &direct) &&
	       direct == addr && stk_in_dump(s, phys);
}

/* Is there a task at @addr, and does it say that its stack is this one? */
static bool task_owns(struct stk *s, uint64_t addr, struct stack *k)
{
	struct stk_task task;
	uint64_t stack;

	if ((int64_t)addr >= 0 || addr & 7 || addr - k->begin < k->size ||
	    (!k->lost_from && (!is_allocated(s, addr) || ++k->followed > MAX_FOLLOWED)))
		return false;
	if (stk_read_u64(s, addr + k->member.offset, &stack) || stack != k->begin)
		return false;
	if (!k->lost_from)
		return stk_task_linked(s, addr, &task);
	if (stk_task_read(s, addr, &task))
		return false;
	k->idle = k->lost_from->no_queues && is_idle(&task, k);
	return k->idle ||
	       (stk_task_list_plausible(&task) && task.sp <= k->begin + k->size);
}

static void find_owner(struct stk *s, struct stack *k)
{
	uint64_t word[WORDS], before = 0;

	/* What is live lies at the upper end. */
	for (uint64_t at = k->begin + k->size; at > k->begin && !stk_must_stop(s);) {
		at -= STK_MIN_PAGE_SIZE;
		if (stk_read(s, at, word, sizeof(word)))
			continue;
		for (size_t i = WORDS; i-- > 0; before = word[i]) {
			if (word[i] == before || !task_owns(s, word[i], k))
				continue;
			k->owner = word[i];
			return;
		}
	}
}

bool stk_task_by_stack(struct stk *s, uint64_t begin, uint64_t size, uint64_t *task)
{
	struct stack k = { .begin = begin, .size = size };
	bool excused;

	if (!stk_find_member(s, "task_struct", "stack", &k.member))
		return false;
	/* What any word may lead to nobody wants. */
	excused = stk_lost_excuse(s, true);
	find_owner(s, &k);
	stk_lost_excuse(s, excused);
	*task = k.owner;
	return k.owner && !stk_must_stop(s);
}

static enum stk_status add_owner(struct stk *s, struct stk_task_list *l, struct stack *k)
{
	find_owner(s, k);
	if (!k->owner)
		return stk_interrupted(s) ? STK_ERR_INTERRUPTED : STK_OK;
	return k->idle ? stk_task_list_add_idle(s, l, k->owner, STK_FOUND_STACK)
		       : stk_task_list_add(s, l, k->owner, STK_FOUND_STACK);
}

enum stk_status stk_task_list_add_stacks(struct stk *s, struct stk_task_list *l)
{
	struct stk_member member;
	uint64_t *begin, size = 0;
	size_t nr;
	enum stk_status st;

	if (!stk_find_member(s, "task_struct", "stack", &member))
		return STK_OK;
	st = stk_stacks_without_task(s, l->task, l->nr, &size, &begin, &nr);
	for (size_t i = 0; !st && i < nr; i++) {
		struct stack k = {
			.begin = begin[i],
			.size = size,
			.member = member,
			.lost_from = l,
		};

		st = add_owner(s, l, &k);
	}
	free(begin);
	return st;
}
