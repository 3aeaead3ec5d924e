/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preempt_count.h"

#include "../kernel/cpus.h"
#include "../kernel/layout.h"

int stk_task_counts(struct stk *s, unsigned int cpu, uint32_t bits)
{
	struct stk_member info, member;
	struct stk_task task;
	uint32_t count;

	return bits && !stk_cpu_current(s, cpu, &task) &&
			       stk_find_member(s, "task_struct", "thread_info", &info) &&
			       stk_find_member(s, "thread_info", "preempt_count",
					       &member) &&
			       !stk_read_u32(s, task.addr + info.offset + member.offset,
					     &count) &&
			       count & bits
		       ? 1
		       : -1;
}
