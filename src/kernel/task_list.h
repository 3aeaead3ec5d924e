/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * task_list.h - every task of the kernel, gathered.
 *
 * The lists come first. Where one breaks, what lies beyond is looked for from its other
 * end, in the kernel's tree or table of PIDs, and by the stacks that nobody has. None of
 * that is touched while the lists are whole.
 */
#ifndef STK_TASK_LIST_H
#define STK_TASK_LIST_H

#include <stackinfo/kernel.h>

#include "../base/context.h"
#include "../base/hash.h"
#include "task_word.h"

struct stk_task_list {
	struct stk_task *task;
	size_t nr, room;
	size_t nr_found[STK_NR_FOUND];
	const char *broken; /* the first place where a list breaks, in words; or NULL */
	const char *truncated;
	bool no_queues; /* the run queues are not in the dump, which name idle tasks */
	/* Addresses seen, to cut loops. */
	struct stk_seen {
		uint64_t addr;
		uint32_t index; /* in @task, plus one; 0: no task after all */
		uint32_t has;	/* of @word, 1u << each */
		uint64_t word[STK_NR_TASK_WORDS];
	} * seen;
	size_t nr_seen, room_seen;
	struct stk_hash by_addr; /* of those seen */
};

/*
 * All tasks. @rescue: where lists break look elsewhere, too, and say so in @truncated;
 * without, it only says that they break.
 */
enum stk_status stk_task_list_load(struct stk *s, bool rescue, struct stk_task_list *l);

/* The task at @addr, or NULL. */
const struct stk_task *stk_task_list_find(const struct stk_task_list *l, uint64_t addr);

/* task_word.c: what @seen keeps of its task. */
void stk_task_words_read(struct stk *s, struct stk_seen *seen);

/* The word of the task at @addr as it was listed. False: it was not, or has none. */
bool stk_task_list_word(const struct stk_task_list *l, uint64_t addr,
			enum stk_task_word which, uint64_t *value);

/*
 * Add the task at @addr, its threads, and those which the links of it and of its
 * neighbours lead to, all of them @found. STK_OK also when it is no task.
 */
enum stk_status stk_task_list_add(struct stk *s, struct stk_task_list *l, uint64_t addr,
				  enum stk_found found);

/* Does it say of itself what only a task does: it has slept on its own stack? */
bool stk_task_list_plausible(const struct stk_task *task);

/* The same of an idle task, which is on no list. */
enum stk_status stk_task_list_add_idle(struct stk *s, struct stk_task_list *l,
				       uint64_t addr, enum stk_found found);

/* Only out of memory and the user's wish end the search. */
bool stk_task_list_stops(enum stk_status st);

/* tasks_pid.c: all that have a PID. */
enum stk_status stk_task_list_add_pids(struct stk *s, struct stk_task_list *l);

/* tasks_stack.c: those whose stacks have no owner; idle ones, too, without run queues. */
enum stk_status stk_task_list_add_stacks(struct stk *s, struct stk_task_list *l);

#endif
