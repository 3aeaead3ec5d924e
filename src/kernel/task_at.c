/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which task's task_struct an address lies in. */
#include "task_at.h"

#include "../base/sorted.h"
#include "layout.h"

struct stk_task_index {
	struct stk_task_row {
		uint64_t addr;
		uint32_t at; /* among those of stk_tasks() */
	} * row;
	size_t nr;
	uint32_t size;	      /* of a task_struct from the slab allocator */
	uint32_t static_size; /* of init_task */
};

#define MAX_SIZE 65536u

/*
 * Where the registers of the FPU are at its end, the kernel finds out at boot how long it
 * is (arch_task_struct_size, commit 5aaeb5c01c5b, 4.2): shorter or longer than its type.
 */
static void read_sizes(struct stk *s, struct stk_task_index *index)
{
	uint32_t size;
	uint64_t at;

	if (!stk_find_size(s, "task_struct", &index->static_size))
		return;
	index->size = index->static_size;
	if (stk_find_symbol(s, "arch_task_struct_size", &at) &&
	    !stk_read_u32(s, at, &size) && size && size <= MAX_SIZE)
		index->size = size;
}

static enum stk_status find_index(struct stk *s, void *value)
{
	struct stk_task_index *index = value;
	const struct stk_task *task;
	enum stk_status st = stk_tasks(s, &task, &index->nr);

	if (st)
		return st;
	read_sizes(s, index);
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
	uint64_t init_task;
	size_t nr, low;

	if (stk_once(s, &s->task_index, &once) || stk_tasks(s, &task, &nr))
		return false;
	index = s->task_index.value;
	low = stk_upto(index->row, index->nr, addr, addr);
	if (!low || index->row[low - 1].at >= nr)
		return false;
	*out = task[index->row[low - 1].at];
	*size = stk_find_symbol(s, "init_task", &init_task) && out->addr == init_task
			? index->static_size
			: index->size;
	return addr - out->addr < *size;
}
