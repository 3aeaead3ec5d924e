/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "task_word.h"

#include "../machine/lost.h"
#include "layout.h"
#include "task_list.h"

static const char *const member[STK_NR_TASK_WORDS] = {
	[STK_TASK_STACK_VM_AREA] = "stack_vm_area",
	[STK_TASK_THREAD_PID] = "thread_pid",
};

void stk_task_words_read(struct stk *s, struct stk_seen *seen)
{
	bool excused;

	/* Nobody wants them yet. */
	excused = stk_lost_excuse(s, true);
	for (unsigned int i = 0; i < STK_NR_TASK_WORDS; i++)
		if (!stk_read_member(s, seen->addr, "task_struct", member[i],
				     &seen->word[i]))
			seen->has |= 1u << i;
	stk_lost_excuse(s, excused);
}

enum stk_status stk_task_word(struct stk *s, uint64_t addr, enum stk_task_word which,
			      uint64_t *value)
{
	const struct stk_task_list *list = s->target.live ? NULL : s->tasks.value;

	if (list && stk_task_list_word(list, addr, which, value))
		return STK_OK;
	return stk_read_member(s, addr, "task_struct", member[which], value);
}
