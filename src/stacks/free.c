/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stacks that no task has any more. kernel/fork.c keeps up to two per CPU for the next
 * task (commit ac496bf48d97, 4.9: cached_stacks[]); others wait for an RCU grace period
 * or for vfree() and are told by who allocated them.
 */
#include <stdlib.h>

#include "../arch/arch.h"
#include "../kernel/cpus.h"
#include "../kernel/layout.h"
#include "../kernel/vmalloc.h"
#include "../target/memory.h"
#include "map.h"

#define NR_CACHED_STACKS 2u

static enum stk_status add(struct stk *s, struct stk_map *m, uint64_t begin, int cpu)
{
	struct stk_stack stack = {
		.kind = STK_STACK_TASK,
		.cpu = cpu,
		.begin = begin,
		.end = begin + s->arch->thread_size(s),
		.mapped = true,
	};

	return stk_map_add(s, m, &stack);
}

static enum stk_status add_cached(struct stk *s, struct stk_map *m)
{
	enum stk_status st;
	uint64_t sym;

	if (stk_sym(s, cached_stacks, &sym))
		return STK_OK; /* not with CONFIG_VMAP_STACK */
	for (unsigned int cpu = 0; cpu < stk_nr_cpus(s); cpu++) {
		uint64_t percpu, vm, begin;

		if (!stk_cpu_possible(s, cpu) || stk_percpu_offset(s, cpu, &percpu))
			continue;
		for (unsigned int i = 0; i < NR_CACHED_STACKS; i++) {
			if (stk_read_u64(s, sym + percpu + 8 * i, &vm) || !vm ||
			    stk_read_member(s, vm, vm_struct, addr, &begin) || !begin ||
			    begin % STK_PAGE_SIZE || !s->arch->is_kernel_address(begin))
				continue;
			st = add(s, m, begin, (int)cpu);
			if (st)
				return st;
		}
	}
	return STK_OK;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/*
 * Who allocates stacks: whoever did so for those that tasks have. Which function that
 * is differs with the kernel and with what its compiler inlined. @caller: gets them,
 * sorted; room for @nr.
 */
static size_t find_callers(const uint64_t *begin, size_t nr,
			   const struct stk_vmap_area *area, size_t nr_areas,
			   uint64_t *caller)
{
	size_t found = 0;

	for (size_t i = 0; i < nr_areas && found < nr; i++)
		if (area[i].caller &&
		    bsearch(&area[i].begin, begin, nr, sizeof(*begin), by_value))
			caller[found++] = area[i].caller;
	qsort(caller, found, sizeof(*caller), by_value);
	return found;
}

static enum stk_status add_left_behind(struct stk *s, struct stk_map *m)
{
	uint64_t size = s->arch->thread_size(s), *begin, *caller;
	const struct stk_vmap_area *area;
	const struct stk_task *task;
	size_t nr, nr_areas, nr_callers;
	enum stk_status st = stk_vmap_areas(s, &area, &nr_areas);

	if (st == STK_ERR_INTERRUPTED || st == STK_ERR_NOMEM || st == STK_ERR_LIMIT)
		return st;
	if (st || stk_tasks(s, &task, &nr) || !nr)
		return STK_OK;
	begin = malloc(2 * nr * sizeof(*begin));
	if (!begin)
		return STK_ERR_NOMEM;
	caller = begin + nr;
	for (size_t i = 0; i < nr; i++)
		begin[i] = task[i].stack;
	qsort(begin, nr, sizeof(*begin), by_value);
	nr_callers = find_callers(begin, nr, area, nr_areas, caller);
	for (size_t i = 0; !st && i < nr_areas; i++) {
		/* An area's size counts the guard page above it. */
		if (area[i].end - area[i].begin == size + STK_PAGE_SIZE &&
		    area[i].begin % size == 0 &&
		    bsearch(&area[i].caller, caller, nr_callers, sizeof(*caller),
			    by_value) &&
		    !bsearch(&area[i].begin, begin, nr, sizeof(*begin), by_value))
			st = add(s, m, area[i].begin, -1);
	}
	free(begin);
	return st;
}

enum stk_status stk_map_add_free(struct stk *s, struct stk_map *m)
{
	enum stk_status st = add_cached(s, m);

	return st ? st : add_left_behind(s, m);
}
