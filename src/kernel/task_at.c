/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which task's task_struct an address lies in. */
#include "task_at.h"

#include "../base/sorted.h"
#include "../machine/lost.h"
#include "../machine/memory.h"
#include "layout.h"
#include "slab.h"
#include "task_linked.h"

struct stk_task_index {
	struct stk_task_row {
		uint64_t addr;
		uint32_t at; /* among those of stk_tasks() */
	} * row;
	size_t nr;
};

#define MAX_SIZE 65536u
#define CACHE	 "task_struct_cachep"

/*
 * Where the registers of the FPU are at its end, the kernel finds out at boot how long it
 * is (arch_task_struct_size, commit 5aaeb5c01c5b, 4.2): shorter or longer than its type.
 * The first one is in the image.
 */
static uint32_t size_of(struct stk *s, uint64_t task)
{
	uint32_t size, found;
	uint64_t at;

	if (!stk_find_size(s, "task_struct", &size))
		return 0;
	if (stk_find_symbol(s, "init_task", &at) && task == at)
		return size;
	return stk_find_symbol(s, "arch_task_struct_size", &at) &&
			       !stk_read_u32(s, at, &found) && found && found <= MAX_SIZE
		       ? found
		       : size;
}

static enum stk_status find_index(struct stk *s, void *value)
{
	struct stk_task_index *index = value;
	const struct stk_task *task;
	enum stk_status st = stk_tasks(s, &task, &index->nr);

	if (st)
		return st;
	index->row = stk_arena_array(&s->arena, index->nr, sizeof(*index->row));
	if (!index->row)
		return stk_why_stop(s);
	for (size_t i = 0; i < index->nr; i++)
		index->row[i] = (struct stk_task_row){ task[i].addr, (uint32_t)i };
	stk_sort(index->row, index->nr, addr);
	return stk_must_stop(s) ? stk_why_stop(s) : STK_OK;
}

bool stk_task_at(struct stk *s, uint64_t addr, struct stk_task *out, uint32_t *size)
{
	static const struct stk_once once = { .size = sizeof(struct stk_task_index),
					      .find = find_index };
	const struct stk_task_index *index;
	const struct stk_task *task;
	size_t nr, low;

	if (stk_once(s, &s->task_index, &once) || stk_tasks(s, &task, &nr))
		return false;
	index = s->task_index.value;
	low = stk_upto(index->row, index->nr, addr, addr);
	if (!low || index->row[low - 1].at >= nr)
		return false;
	*out = task[index->row[low - 1].at];
	*size = size_of(s, out->addr);
	return addr - out->addr < *size;
}

/* That one is in no slab. */
static bool may_be_first(struct stk *s, uint64_t addr)
{
	uint64_t init;

	return !stk_find_symbol(s, "init_task", &init) || addr - init < size_of(s, init);
}

/* Does the cache have the task behind the first one? Then pages do tell of tasks. */
static bool is_task_cache(struct stk *s)
{
	struct stk_member tasks;
	uint64_t task, phys;
	bool excused, found;

	/* Who asked for another one does not miss it. */
	excused = stk_lost_excuse(s, true);
	found = stk_find_symbol(s, "init_task", &task) &&
		stk_find_member(s, "task_struct", "tasks", &tasks) &&
		!stk_read_u64(s, task + tasks.offset, &task) &&
		!stk_translate(s, task -= tasks.offset, &phys) &&
		stk_slab_is_of(s, CACHE, task, phys);
	stk_lost_excuse(s, excused);
	return found;
}

enum stk_task_sure stk_task_near(struct stk *s, uint64_t addr, uint64_t phys,
				 uint64_t image, struct stk_task *out, uint32_t *size)
{
	struct stk_slab_object o;

	if (s->tasks.value || s->target.live || s->watch ||
	    may_be_first(s, image ? image : addr) || !is_task_cache(s))
		return STK_TASK_UNSURE;
	if (stk_slab_is_other(s, CACHE, phys))
		return STK_TASK_NONE;
	if (!stk_slab_object_at(s, CACHE, addr, phys, &o) || o.gap ||
	    !stk_task_linked(s, o.begin, out))
		return STK_TASK_UNSURE;
	*size = size_of(s, o.begin);
	return addr - o.begin < *size ? STK_TASK_FOUND : STK_TASK_UNSURE;
}
