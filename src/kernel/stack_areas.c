/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack_areas.h"

#include <stdlib.h>
#include <string.h>

#include "../base/sorted.h"
#include "../machine/memory.h"
#include "cpus.h"
#include "layout.h"
#include "vmalloc.h"

static bool is_key(uint64_t value, const uint64_t *sorted, size_t nr)
{
	size_t upto = stk_keys_upto(sorted, nr, value);

	return upto && sorted[upto - 1] == value;
}

/*
 * Who allocates stacks: whoever did so for those that tasks have. Which function that
 * is differs with the kernel and with what its compiler inlined. @caller: gets them,
 * sorted; room for @nr.
 */
static size_t find_callers(const struct stk *s, const uint64_t *begin, size_t nr,
			   const struct stk_vmap_area *area, size_t nr_areas,
			   uint64_t *caller, uint64_t *size)
{
	size_t found = 0;

	for (size_t i = 0; i < nr_areas && found < nr; i++) {
		if (!area[i].caller || !is_key(area[i].begin, begin, nr))
			continue;
		caller[found++] = area[i].caller;
		if (!*size)
			*size = area[i].end - area[i].begin - stk_page_size(s);
	}
	stk_sort_keys(caller, found);
	return found;
}

/* Where the stacks of tasks are, and who allocated them; both sorted. */
struct taken {
	uint64_t *begin, *caller;
	size_t nr, nr_callers;
	uint64_t size; /* of a stack, without its guard page; 0: not known */
};

static void find_taken(const struct stk *s, const struct stk_task *task, size_t nr,
		       const struct stk_vmap_area *area, size_t nr_areas, struct taken *t)
{
	for (size_t i = 0; i < nr; i++)
		t->begin[i] = task[i].stack;
	t->nr = nr;
	stk_sort_keys(t->begin, nr);
	t->nr_callers =
		find_callers(s, t->begin, nr, area, nr_areas, t->caller, &t->size);
}

/* An area's size counts the guard page above it. */
static bool is_free_stack(const struct stk *s, const struct stk_vmap_area *area,
			  const struct taken *t)
{
	return t->size && area->end - area->begin == t->size + stk_page_size(s) &&
	       area->begin % t->size == 0 &&
	       is_key(area->caller, t->caller, t->nr_callers) &&
	       !is_key(area->begin, t->begin, t->nr);
}

enum stk_status stk_stacks_without_task(struct stk *s, const struct stk_task *task,
					size_t nr, uint64_t *size, uint64_t **out,
					size_t *nr_out)
{
	const struct stk_vmap_area *area;
	struct taken t = { .size = *size };
	uint64_t *free_stack;
	size_t nr_areas;
	enum stk_status st = stk_vmap_areas(s, &area, &nr_areas);

	*out = NULL;
	*nr_out = 0;
	if (stk_is_passing(st))
		return st;
	if (st || !nr || !nr_areas)
		return STK_OK;
	t.begin = malloc(2 * nr * sizeof(*t.begin));
	free_stack = malloc(nr_areas * sizeof(*free_stack));
	if (!t.begin || !free_stack) {
		free(t.begin);
		free(free_stack);
		return STK_ERR_NOMEM;
	}
	t.caller = t.begin + nr;
	find_taken(s, task, nr, area, nr_areas, &t);
	for (size_t i = 0; i < nr_areas; i++)
		if (is_free_stack(s, &area[i], &t))
			free_stack[(*nr_out)++] = area[i].begin;
	*size = t.size;
	free(t.begin);
	*out = free_stack;
	return STK_OK;
}

static bool is_in_one_of(struct stk *s, const char *const *by, uint64_t caller)
{
	struct stk_name name;

	stk_symbolize(s, caller, true, &name);
	for (size_t i = 0; name.function && !name.module && by[i]; i++)
		if (!strcmp(name.function, by[i]))
			return true;
	return false;
}

bool stk_stack_of_cpu(struct stk *s, const char *const *by, uint64_t size,
		      unsigned int cpu, uint64_t *begin)
{
	const struct stk_vmap_area *area;
	uint64_t caller = 0;
	size_t nr, found = 0, possible = 0, want = 0;

	for (unsigned int i = 0; i < stk_nr_cpus(s); i++) {
		want += i < cpu && stk_cpu_possible(s, i);
		possible += stk_cpu_possible(s, i);
	}
	if (!size || stk_vmap_areas(s, &area, &nr))
		return false;
	for (size_t i = 0; i < nr; i++) {
		if (area[i].end - area[i].begin != size + stk_page_size(s) ||
		    area[i].begin % size || !area[i].caller ||
		    (area[i].caller != caller && !is_in_one_of(s, by, area[i].caller)))
			continue;
		/* Two functions made some: whose are these? */
		if (found && area[i].caller != caller)
			return false;
		caller = area[i].caller;
		if (found++ == want)
			*begin = area[i].begin;
	}
	return found == possible;
}
