/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "claims.h"

#include "../arch/arch.h"
#include "../base/sorted.h"
#include "../base/vec.h"
#include "../kernel/layout.h"
#include "../kernel/task_word.h"
#include "../machine/memory.h"

struct claim {
	uint64_t begin;
	size_t task; /* index in stk_tasks() */
};

/* All tasks by their stacks. */
struct stk_claims {
	struct claim *claim;
	size_t nr;
};

static enum stk_status find_claims(struct stk *s, void *value)
{
	struct stk_claims *c = value;
	const struct stk_task *task;
	size_t nr;
	enum stk_status st = stk_tasks(s, &task, &nr);

	if (st)
		return st;
	c->claim = stk_arena_array(&s->arena, nr ? nr : 1, sizeof(*c->claim));
	if (!c->claim)
		return stk_why_stop(s);
	/* One without a stack claims what is at 0, where no stack is. */
	for (size_t i = 0; i < nr; i++)
		c->claim[c->nr++] = (struct claim){ task[i].stack, i };
	stk_sort(c->claim, c->nr, begin);
	return STK_OK;
}

/* NULL: there is no list of tasks, or this is no time to ask (stk_must_stop()). */
static struct stk_claims *get_claims(struct stk *s)
{
	static const struct stk_once once = {
		.size = sizeof(struct stk_claims),
		.find = find_claims,
	};

	stk_once(s, &s->claims, &once);
	return s->claims.value;
}

bool stk_claimed_by_other(struct stk *s, const struct stk_task *task,
			  struct stk_task *other)
{
	struct stk_claims *c = get_claims(s);
	uint64_t size = s->arch->thread_size(s), low = task->stack - size;
	const struct stk_task *all;
	size_t nr;

	if (!c || stk_tasks(s, &all, &nr))
		return false;
	for (size_t i = stk_upto(c->claim, c->nr, begin, low);
	     i < c->nr && c->claim[i].begin < task->stack + size; i++) {
		if (all[c->claim[i].task].addr == task->addr)
			continue;
		*other = all[c->claim[i].task];
		return true;
	}
	return false;
}

struct cpu_claim {
	uint64_t begin, end;
	int cpu;
};

/* The stacks of all CPUs. */
struct cpu_claims {
	struct cpu_claim *claim;
	size_t nr, room;
	uint64_t largest;
};

static enum stk_status find_cpu_claims(struct stk *s, void *value)
{
	struct cpu_claims *c = value;

	for (unsigned int cpu = 0; cpu < stk_nr_cpus(s); cpu++) {
		const struct stk_stack *stack;
		size_t nr;

		if (!stk_spend(s, 1))
			return stk_why_stop(s);
		if (stk_cpu_stacks(s, cpu, &stack, &nr))
			continue;
		for (size_t i = 0; i < nr; i++) {
			const uint64_t size = stack[i].end - stack[i].begin;
			struct cpu_claim *p =
				stk_vec_next(&s->arena, c->claim, c->nr, c->room);

			if (!p)
				return stk_why_stop(s);
			*p = (struct cpu_claim){ stack[i].begin, stack[i].end, (int)cpu };
			c->nr++;
			c->largest = size > c->largest ? size : c->largest;
		}
	}
	stk_sort(c->claim, c->nr, begin);
	return STK_OK;
}

bool stk_is_shared(struct stk *s, const struct stk_stack *stack,
		   const struct stk_task *task)
{
	static const struct stk_once once = {
		.size = sizeof(struct cpu_claims),
		.find = find_cpu_claims,
	};
	const struct cpu_claims *c;
	uint64_t low;

	if (task && task->stack < stack->end &&
	    stack->begin < task->stack + s->arch->thread_size(s))
		return true;
	if (stk_once(s, &s->cpu_claims, &once))
		return false;
	c = s->cpu_claims.value;
	low = stack->begin > c->largest ? stack->begin - c->largest : 0;
	for (size_t i = stk_below(c->claim, c->nr, begin, low);
	     i < c->nr && c->claim[i].begin < stack->end; i++)
		if (c->claim[i].cpu != stack->cpu && stack->begin < c->claim[i].end)
			return true;
	return false;
}

int stk_pid_agrees(struct stk *s, const struct stk_task *task)
{
	struct stk_member numbers, number;
	uint64_t pid;
	uint32_t nr;

	if (stk_task_word(s, task->addr, STK_TASK_THREAD_PID, &pid) || !pid ||
	    !stk_find_member(s, "pid", "numbers", &numbers) ||
	    !stk_find_member(s, "upid", "nr", &number) ||
	    stk_read_u32(s, pid + numbers.offset + number.offset, &nr))
		return -1;
	return nr == task->pid;
}

/* Is it in the kernel's image or the direct map? Then it has no vmalloc area. */
static bool is_not_vmapped(struct stk *s, uint64_t stack)
{
	uint64_t phys, addr;

	return stk_translate(s, stack, &phys) ||
	       (s->arch->direct_map(s, phys, &addr) && addr == stack) ||
	       (s->arch->image_map(s, phys, &addr) && addr == stack);
}

int stk_vm_area_agrees(struct stk *s, const struct stk_task *task)
{
	uint64_t area, addr;

	if (stk_task_word(s, task->addr, STK_TASK_STACK_VM_AREA, &area))
		return -1;
	if (!area)
		return is_not_vmapped(s, task->stack) ? -1 : 0;
	if (stk_read_member(s, area, "vm_struct", "addr", &addr))
		return -1;
	return addr == task->stack;
}
