/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stack.h"

#include <stdlib.h>

#include "../arch/arch.h"
#include "../kernel/cpus.h"

struct stk_cpu_stacks {
	bool tried;
	enum stk_status status;
	struct stk_stack stack[STK_MAX_CPU_STACKS];
	size_t nr;
};

const char *stk_stack_kind_name(const struct stk_kind *kind)
{
	return kind ? kind->name : "UNKNOWN";
}

int stk_stack_by_begin(const void *a, const void *b)
{
	const struct stk_stack *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	if (stk_stack_is_free(x) != stk_stack_is_free(y))
		return stk_stack_is_free(x) ? 1 : -1;
	if (!x->doubt != !y->doubt)
		return x->doubt ? 1 : -1;
	/* Of one that is found twice, first what says which CPU keeps it. */
	return (x->cpu < y->cpu) - (x->cpu > y->cpu);
}

/* Room for each CPU's, which are found when they are asked for. */
static enum stk_status make_cpu_stacks(struct stk *s, void *value)
{
	struct stk_cpu_stacks **all = value;
	struct stk_cpus *cpus;
	enum stk_status st = stk_cpus_get(s, &cpus);

	if (st)
		return st;
	*all = stk_arena_array(&s->fixed, cpus->nr, sizeof(**all));
	return *all ? STK_OK : STK_ERR_NOMEM;
}

static enum stk_status find_cpu_stacks(struct stk *s, unsigned int cpu,
				       const struct stk_stack **stacks, size_t *nr)
{
	static const struct stk_once once = { .size = sizeof(struct stk_cpu_stacks *),
					      .find = make_cpu_stacks };
	struct stk_cpu_stacks *c;
	enum stk_status st = stk_once(s, &s->cpu_stacks, &once);

	*nr = 0;
	if (st)
		return st;
	if (!stk_cpu_possible(s, cpu))
		return stk_fail(s, STK_ERR_ARG, "there is no CPU %u", cpu);
	c = *(struct stk_cpu_stacks **)s->cpu_stacks.value + cpu;
	if (!c->tried) {
		c->status =
			s->arch->cpu_stacks(s, cpu, c->stack, STK_MAX_CPU_STACKS, &c->nr);
		if (stk_must_stop(s))
			return stk_why_stop(s);
		qsort(c->stack, c->nr, sizeof(c->stack[0]), stk_stack_by_begin);
		c->tried = true;
	}
	*stacks = c->stack;
	*nr = c->nr;
	return c->status;
}

enum stk_status stk_cpu_stacks(struct stk *s, unsigned int cpu,
			       const struct stk_stack **stacks, size_t *nr)
{
	stk_enter(s);
	return stk_leave(s, find_cpu_stacks(s, cpu, stacks, nr));
}

const struct stk_stack *stk_cpu_stack_at(struct stk *s, unsigned int cpu, uint64_t addr)
{
	const struct stk_stack *stack;
	size_t nr;

	if (stk_cpu_stacks(s, cpu, &stack, &nr))
		return NULL;
	for (size_t i = 0; i < nr; i++)
		if (stack[i].mapped && stk_within(addr, stack[i].begin, stack[i].end))
			return &stack[i];
	return NULL;
}

static enum stk_status place_task_stack(struct stk *s, const struct stk_task *task,
					struct stk_stack *out)
{
	if (!task->stack)
		return stk_fail(s, STK_ERR_NOT_FOUND, "PID %u has no stack any more",
				task->pid);
	*out = (struct stk_stack){
		.kind = s->arch->task_kind,
		.cpu = -1,
		.task = task->addr,
		.begin = task->stack,
		.end = task->stack + s->arch->thread_size(s),
		.mapped = true,
	};
	return STK_OK;
}

enum stk_status stk_task_stack(struct stk *s, const struct stk_task *task,
			       struct stk_stack *out)
{
	stk_enter(s);
	return stk_leave(s, place_task_stack(s, task, out));
}

enum stk_status stk_stack_with(struct stk *s, uint64_t addr, struct stk_stack *out)
{
	return s->find_stack(s, addr, out);
}
