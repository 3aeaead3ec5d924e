/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A list that was followed has two witnesses for each of its tasks, the one before and
 * the one behind. Both can be asked without all the others. Who leaves a list keeps its
 * own links, but nobody's lead to it any more.
 */
#include "task_linked.h"

#include "../machine/lost.h"
#include "layout.h"
#include "list.h"

/* Do the two that the links at @node lead to lead back? */
static bool is_linked(struct stk *s, uint64_t node)
{
	uint64_t link;

	return stk_list_next(s, node, &link) && stk_list_prev(s, node, &link);
}

/* A thread is in its process's list, and that one's first in the list of all. */
static bool is_listed(struct stk *s, uint64_t task, uint64_t leader)
{
	struct stk_member tasks, thread;
	uint64_t signal, same;

	return stk_find_member(s, "task_struct", "tasks", &tasks) &&
	       stk_find_member(s, "task_struct", "thread_node", &thread) &&
	       is_linked(s, leader + tasks.offset) &&
	       is_linked(s, task + thread.offset) &&
	       !stk_read_member(s, task, "task_struct", "signal", &signal) && signal &&
	       !stk_read_member(s, leader, "task_struct", "signal", &same) &&
	       same == signal;
}

bool stk_task_linked(struct stk *s, uint64_t addr, struct stk_task *out)
{
	bool excused;
	uint64_t leader;
	bool listed;

	/* What is missing here the lists may do without. */
	excused = stk_lost_excuse(s, true);
	listed = !stk_task_read(s, addr, out) && out->pid && out->tgid &&
		 !stk_read_member(s, addr, "task_struct", "group_leader", &leader) &&
		 (leader == addr) == (out->pid == out->tgid) &&
		 is_listed(s, addr, leader);
	stk_lost_excuse(s, excused);
	return listed && !stk_must_stop(s);
}
