/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stacks that no task has any more. kernel/fork.c keeps up to two per CPU for the next
 * task (commit ac496bf48d97, 4.9: cached_stacks[]); others wait for an RCU grace period
 * or for vfree() and are told by who allocated them.
 */
#include <stdlib.h>

#include "../arch/shadow.h"
#include "../kernel/cpus.h"
#include "../kernel/layout.h"
#include "../kernel/stack_areas.h"
#include "../machine/memory.h"
#include "map.h"

#define NR_CACHED_STACKS 2u

static enum stk_status add_free(struct stk *s, struct stk_map *m, uint64_t begin, int cpu)
{
	struct stk_stack stack = {
		.kind = s->arch->task_kind,
		.cpu = cpu,
		.begin = begin,
		.end = begin + s->arch->thread_size(s),
		.mapped = true,
	};

	if (cpu < 0 && stk_tasks_truncated(s))
		stack.doubt = "tasks are missing from the list";
	return stk_map_add(s, m, &stack);
}

static enum stk_status add_cached(struct stk *s, struct stk_map *m)
{
	enum stk_status st;
	uint64_t sym;

	if (!stk_find_symbol(s, "cached_stacks", &sym))
		return STK_OK; /* not with CONFIG_VMAP_STACK */
	for (unsigned int cpu = 0; cpu < stk_nr_cpus(s); cpu++) {
		uint64_t percpu, vm, begin;

		if (!stk_cpu_possible(s, cpu) || stk_percpu_offset(s, cpu, &percpu))
			continue;
		for (unsigned int i = 0; i < NR_CACHED_STACKS; i++) {
			if (stk_read_u64(s, sym + percpu + 8 * i, &vm) || !vm ||
			    stk_read_member(s, vm, "vm_struct", "addr", &begin) ||
			    !begin || stk_page_offset(s, begin) ||
			    !s->arch->is_kernel_address(begin))
				continue;
			st = add_free(s, m, begin, (int)cpu);
			if (st)
				return st;
		}
	}
	return STK_OK;
}

/* The same of shadow call stacks (kernel/scs.c). */
static enum stk_status add_kept_shadows(struct stk *s, struct stk_map *m)
{
	enum stk_status st = STK_OK;

	for (unsigned int cpu = 0; cpu < stk_nr_cpus(s); cpu++) {
		struct stk_stack kept[NR_CACHED_STACKS];
		size_t nr = stk_cpu_possible(s, cpu)
				    ? stk_kept_shadows(s, cpu, kept, NR_CACHED_STACKS)
				    : 0;

		for (size_t i = 0; i < nr && !st; i++)
			st = stk_map_add(s, m, &kept[i]);
	}
	return st;
}

static enum stk_status add_left_behind(struct stk *s, struct stk_map *m)
{
	uint64_t size = s->arch->thread_size(s), *begin = NULL;
	const struct stk_task *task;
	size_t nr, nr_begin = 0;
	enum stk_status st;

	if (stk_tasks(s, &task, &nr))
		return stk_interrupted(s) ? STK_ERR_INTERRUPTED : STK_OK;
	st = stk_stacks_without_task(s, task, nr, &size, &begin, &nr_begin);
	for (size_t i = 0; !st && i < nr_begin; i++)
		st = add_free(s, m, begin[i], -1);
	free(begin);
	return st;
}

enum stk_status stk_map_add_free(struct stk *s, struct stk_map *m)
{
	enum stk_status st = add_cached(s, m);

	if (!st)
		st = add_kept_shadows(s, m);
	return st ? st : add_left_behind(s, m);
}
