/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lock_wait.h"

#include <string.h>

#include "../base/bytes.h"
#include "../base/context.h"
#include "../kernel/layout.h"
#include "../kernel/list.h"
#include "../kernel/task_at.h"
#include "../arch/arch.h"
#include "../machine/memory.h"

/* Of a list of those who wait, and of the stack from its stack pointer on. */
#define MAX_WAITERS 4096u
#define MAX_WORDS   512u

/* A kind of lock on which tasks sleep. */
struct lock_kind {
	const char *what, *type;      /* its structure */
	const char *owner;	      /* its member with a task and OWNER_FLAGS */
	const char *waiter;	      /* of an entry in its list */
	const char *const *functions; /* in which they sleep; prefixes, ended by NULL */
	uint64_t reader;	      /* bits of the owner: it is one of the readers */
	bool last;		      /* the owner may have given it back */
};

static const char *const mutex_functions[] = { "__mutex_lock", "mutex_lock",
					       "__ww_mutex_lock", NULL };
static const char *const rwsem_functions[] = { "rwsem_down_", "down_read", "down_write",
					       NULL };
static const char *const none[] = { NULL };

/*
 * By the low bits of task_struct.blocker (include/linux/hung_task.h). RWSEM_READER_OWNED
 * is bit 0 (kernel/locking/rwsem.c): the owner was the last reader to take it. Who took a
 * semaphore last is known since 6.16 (commit 194a9b9e843b).
 */
static const struct lock_kind kinds[] = {
	{ "mutex", "mutex", "owner", "mutex_waiter", mutex_functions, 0, false },
	{ "semaphore", "semaphore", "last_holder", NULL, none, 0, true },
	{ "rwsem", "rw_semaphore", "owner", "rwsem_waiter", rwsem_functions, 1, false },
	{ "rwsem", "rw_semaphore", "owner", "rwsem_waiter", none, 1, false },
};

/*
 * A task says for which it waits (pi_blocked_on). 5.15 took the structure out of the one
 * that drivers use (commit 830e6acc8a1c); bit 0 of the owner: there are waiters
 * (RT_MUTEX_HAS_WAITERS).
 */
static const struct lock_kind rt_kinds[] = {
	{ "rt_mutex", "rt_mutex_base", "owner", NULL, none, 0, false },
	{ "rt_mutex", "rt_mutex", "owner", NULL, none, 0, false },
};

#define OWNER_FLAGS 7ull

static bool read_word(struct stk *s, uint64_t addr, uint64_t *word)
{
	return !(addr % 8) && s->arch->is_kernel_address(addr) &&
	       !stk_read(s, addr, word, sizeof(*word));
}

/* The task whose task_struct begins there. */
static bool is_task(struct stk *s, uint64_t addr, struct stk_task *task)
{
	uint32_t size;

	return addr && stk_task_at(s, addr, task, &size) && task->addr == addr;
}

static void find_owner(struct stk *s, const struct lock_kind *kind,
		       struct stk_lock_wait *out)
{
	struct stk_member member;
	uint64_t owner;

	if (!stk_find_member(s, kind->type, kind->owner, &member) || member.size != 8 ||
	    !read_word(s, out->lock + member.offset, &owner) ||
	    !is_task(s, owner & ~OWNER_FLAGS, &out->owner))
		return;
	out->readers = owner & kind->reader;
	out->has_last = out->readers || kind->last;
	out->has_owner = !out->has_last;
}

/* ---- what the task itself says ---- */

static bool ask_task(struct stk *s, const struct stk_task *task,
		     struct stk_lock_wait *out, const struct lock_kind **kind)
{
	struct stk_member member;
	uint64_t word;

	/* 6.15 had mutexes only, and those without a mark. */
	if (!stk_find_member(s, "task_struct", "blocker", &member) &&
	    !stk_find_member(s, "task_struct", "blocker_mutex", &member))
		return false;
	if (!read_word(s, task->addr + member.offset, &word) || !word)
		return false;
	*kind = &kinds[word & 3];
	out->lock = word & ~3ull;
	return true;
}

/* For an rt_mutex: its entry in the tree of those who wait is its own. */
static bool ask_rt(struct stk *s, const struct stk_task *task, struct stk_lock_wait *out,
		   const struct lock_kind **kind)
{
	struct stk_member waits, of, lock;
	uint64_t waiter, word;

	if (!stk_find_member(s, "task_struct", "pi_blocked_on", &waits) ||
	    !stk_find_member(s, "rt_mutex_waiter", "task", &of) ||
	    !stk_find_member(s, "rt_mutex_waiter", "lock", &lock) ||
	    !read_word(s, task->addr + waits.offset, &waiter) || !waiter ||
	    !read_word(s, waiter + of.offset, &word) || word != task->addr ||
	    !read_word(s, waiter + lock.offset, &out->lock) || !out->lock)
		return false;
	*kind = &rt_kinds[!stk_find_member(s, rt_kinds[0].type, rt_kinds[0].owner, &of)];
	return true;
}

/* ---- the list of those who wait ---- */

struct list {
	uint64_t node, task; /* offsets in an entry: of the link, and of the task */
	uint64_t head;	     /* of the list's head in the lock */
};

static bool find_layout(struct stk *s, const struct lock_kind *kind, struct list *list)
{
	struct stk_member node, task, head;

	if (!kind->waiter || !stk_find_member(s, kind->waiter, "list", &node) ||
	    !stk_find_member(s, kind->waiter, "task", &task) ||
	    !stk_find_member(s, kind->type, "wait_list", &head))
		return false;
	*list = (struct list){ node.offset, task.offset, head.offset };
	return true;
}

/* Is that an entry of a task's, on its own stack? */
static bool is_entry(struct stk *s, const struct list *list, uint64_t node)
{
	uint64_t addr;
	struct stk_task task;

	return read_word(s, node - list->node + list->task, &addr) &&
	       is_task(s, addr, &task) && task.stack &&
	       node - task.stack < s->arch->thread_size(s);
}

/* Around the list from @first: the one link that is no task's is the lock's. */
static bool find_head(struct stk *s, const struct list *list, uint64_t first,
		      uint64_t *lock)
{
	uint64_t node = first, next, head = 0;

	for (size_t i = 0; i < MAX_WAITERS; i++) {
		if (!stk_list_next(s, node, &next))
			return false;
		if (next == first)
			break;
		node = next;
		if (is_entry(s, list, node))
			continue;
		if (head)
			return false;
		head = node;
	}
	*lock = head - list->head;
	return head && next == first;
}

static bool ask_stack(struct stk *s, const struct stk_task *task,
		      const struct lock_kind *kind, struct stk_lock_wait *out)
{
	const uint64_t end = task->stack + s->arch->thread_size(s);
	struct list list;
	uint64_t word;

	if (!task->stack || task->sp < task->stack || !find_layout(s, kind, &list))
		return false;
	for (size_t i = 0; i < MAX_WORDS; i++) {
		uint64_t at = (task->sp & ~7ull) + 8 * i; /* of the word with the task */
		uint64_t node = at - list.task + list.node;

		if (at >= end)
			break;
		if (read_word(s, at, &word) && word == task->addr && node >= task->sp &&
		    find_head(s, &list, node, &out->lock))
			return true;
	}
	return false;
}

static const struct lock_kind *kind_by(const char *function)
{
	for (size_t k = 0; k < STK_ARRAY_SIZE(kinds); k++)
		for (const char *const *f = kinds[k].functions; *f; f++)
			if (stk_begins_with(function, strlen(function), *f))
				return &kinds[k];
	return NULL;
}

/* In which kind of lock's code the task sleeps. */
static const struct lock_kind *kind_of(const struct stk_event_trace *trace)
{
	for (size_t i = 0; i < trace->nr_frames; i++) {
		const struct stk_event_frame *f = &trace->frames[i];
		const struct lock_kind *kind =
			f->function && !f->doubtful ? kind_by(f->function) : NULL;

		if (kind)
			return kind;
	}
	return NULL;
}

void stk_lock_wait(struct stk *s, const struct stk_task *task,
		   const struct stk_event_trace *trace, struct stk_lock_wait *out)
{
	const struct lock_kind *kind = NULL;

	*out = (struct stk_lock_wait){ 0 };
	if (!ask_task(s, task, out, &kind) && !ask_rt(s, task, out, &kind)) {
		kind = kind_of(trace);
		if (!kind || !ask_stack(s, task, kind, out))
			return;
	}
	out->what = kind->what;
	find_owner(s, kind, out);
}
