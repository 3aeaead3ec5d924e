/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doubts.h"

#include "../arch/arch.h"
#include "../kernel/layout.h"
#include "../kernel/task_word.h"
#include "../kernel/vmalloc.h"
#include "../machine/lost.h"
#include "../machine/memory.h"
#include "claims.h"
#include "stack.h"

/* Is there an area at @begin which @vm describes? It is at hand where all are known. */
static const struct stk_vmap_area *area_of(struct stk *s, uint64_t vm, uint64_t begin)
{
	const struct stk_vmap_area *area = vm ? stk_vmap_area_at(s, begin) : NULL;

	return area && area->vm == vm && area->begin == begin ? area : NULL;
}

bool stk_stack_kept(struct stk *s, const struct stk_task *task, struct stk_stack *out)
{
	const uint64_t size = s->arch->thread_size(s);
	const struct stk_vmap_area *area;
	uint64_t vm, begin;
	enum stk_status st;
	bool excused;

	if (stk_task_word(s, task->addr, STK_TASK_STACK_VM_AREA, &vm) ||
	    area_of(s, vm, task->stack))
		return false;
	/* What a damaged word leads to nobody wants. */
	excused = stk_lost_excuse(s, true);
	st = vm ? stk_read_member(s, vm, "vm_struct", "addr", &begin) : STK_ERR_NOT_FOUND;
	stk_lost_excuse(s, excused);
	area = st || begin == task->stack ? NULL : area_of(s, vm, begin);
	if (!area || area->freed || area->end - begin != size + stk_page_size(s))
		return false;
	*out = (struct stk_stack){
		.kind = s->arch->task_kind,
		.cpu = -1,
		.task = task->addr,
		.begin = begin,
		.end = begin + size,
		.mapped = true,
		.doubt = "its task's pointer to its stack leads elsewhere",
	};
	return true;
}

/* If it is not that area, the task is asked. */
static int task_agrees(struct stk *s, const struct stk_stack *stack)
{
	struct stk_task task;
	uint64_t vm;

	/* A shadow call stack has no second word. */
	if (!stack->task || stk_stack_grows_up(stack) ||
	    stk_task_word(s, stack->task, STK_TASK_STACK_VM_AREA, &vm))
		return -1;
	if (area_of(s, vm, stack->begin))
		return 1;
	return stk_task_read(s, stack->task, &task) ? -1 : stk_vm_area_agrees(s, &task);
}

static int cpu_agrees(struct stk *s, const struct stk_stack *stack)
{
	uint64_t phys, store;

	if (!stack->mapped || !stack->store || stk_translate(s, stack->begin, &phys) ||
	    stk_translate(s, stack->store, &store))
		return -1;
	return phys == store;
}

int stk_stack_agrees(struct stk *s, const struct stk_stack *stack)
{
	/* What a damaged word leads to nobody wants. */
	const bool excused = stk_lost_excuse(s, true);
	int agrees =
		stk_stack_is_task(stack) ? task_agrees(s, stack) : cpu_agrees(s, stack);

	stk_lost_excuse(s, excused);
	return agrees;
}

static const char *why_not(const struct stk_stack *stack)
{
	return stk_stack_is_task(stack)
		       ? "its task's vmalloc area is another one"
		       : "its pages are not those that the CPU has for it";
}

/* @other has some of it. It is kept with the stacks, for longer than an answer. */
static const char *shared_with(struct stk *s, const struct stk_stack *other)
{
	const char *kind = stk_stack_kind_name(other->kind), *text = NULL;
	struct stk_task task;

	if (other->task && !stk_task_read(s, other->task, &task))
		text = stk_arena_printf(&s->arena, "it is the %s stack of PID %u \"%s\"",
					kind, task.pid, task.comm);
	else if (other->cpu >= 0)
		text = stk_arena_printf(&s->arena, "it is the %s stack of CPU %d", kind,
					other->cpu);
	return text ? text : "it is another one's, too";
}

static bool overlap(const struct stk_stack *a, const struct stk_stack *b)
{
	return a->mapped && b->mapped && a->begin < b->end && b->begin < a->end;
}

/* A stack of those that share some memory, and whether both its words agree. */
struct member {
	struct stk_stack *stack;
	int agrees;
};

/*
 * @now overlaps what comes before it, at @last; @proven: the last one of which both words
 * agree, or none. Who has a proof is believed, unless another one has, too.
 */
static void compare(struct stk *s, const struct member *now, const struct member *last,
		    const struct member *proven)
{
	const struct member *with =
		proven->stack && overlap(proven->stack, now->stack) ? proven : last;

	if (!with->stack || !overlap(with->stack, now->stack))
		return;
	if (!now->stack->doubt && (now->agrees != 1 || with->agrees == 1))
		now->stack->doubt = shared_with(s, with->stack);
	if (!with->stack->doubt && (with->agrees != 1 || now->agrees == 1))
		with->stack->doubt = shared_with(s, now->stack);
}

/* Of those from @begin to @end, which begin at the same address. */
static void believed_last(struct stk_stack *begin, struct stk_stack *end)
{
	for (struct stk_stack *k = end; k-- > begin;) {
		struct stk_stack other = end[-1];

		if (k->doubt)
			continue;
		end[-1] = *k;
		*k = other;
		return;
	}
}

enum stk_status stk_doubt_stacks(struct stk *s, struct stk_stack *all, size_t nr)
{
	struct member last = { 0 }, proven = { 0 };
	size_t first = 0;

	for (size_t i = 0; i < nr; i++) {
		struct member now = { &all[i], stk_stack_agrees(s, &all[i]) };

		if (!stk_spend(s, 1))
			return stk_why_stop(s);
		if (!now.agrees && !now.stack->doubt)
			now.stack->doubt = why_not(now.stack);
		compare(s, &now, &last, &proven);
		last = now;
		proven = now.agrees == 1 ? now : proven;
	}
	for (size_t i = 1; i <= nr; i++) {
		if (i < nr && all[i].begin == all[first].begin)
			continue;
		believed_last(&all[first], &all[i]);
		first = i;
	}
	return stk_must_stop(s) ? stk_why_stop(s) : STK_OK;
}
