/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doubts.h"

#include "../arch/arch.h"
#include "../kernel/layout.h"
#include "../kernel/task_word.h"
#include "../machine/lost.h"
#include "../machine/memory.h"
#include "stack.h"

/* Is there an area at @begin which @vm describes? It is at hand where all are known. */
static const struct stk_vmap_area *area_of(struct stk *s, uint64_t vm, uint64_t begin)
{
	const struct stk_vmap_area *area = vm ? stk_vmap_area_at(s, begin) : NULL;

	return area && area->vm == vm && area->begin == begin ? area : NULL;
}

bool stk_is_stack_area(struct stk *s, const struct stk_vmap_area *area)
{
	return !area->freed &&
	       area->end - area->begin == s->arch->thread_size(s) + stk_page_size(s);
}

/* What a damaged word leads to nobody wants: no page is lost there. */
static bool read_vm_begin(struct stk *s, uint64_t vm, uint64_t *begin)
{
	const bool excused = stk_lost_excuse(s, true);
	enum stk_status st = stk_read_member(s, vm, "vm_struct", "addr", begin);

	stk_lost_excuse(s, excused);
	return !st;
}

static bool read_kept(struct stk *s, uint64_t task, uint64_t *vm)
{
	const bool excused = stk_lost_excuse(s, true);
	enum stk_status st = stk_task_word(s, task, STK_TASK_STACK_VM_AREA, vm);

	stk_lost_excuse(s, excused);
	return !st;
}

bool stk_stack_kept(struct stk *s, const struct stk_task *task, struct stk_stack *out)
{
	const struct stk_vmap_area *area;
	uint64_t vm, begin;

	/* Where the machine goes on, the task may have ended since it was listed. */
	if (s->target.live || !read_kept(s, task->addr, &vm) || !vm ||
	    area_of(s, vm, task->stack) || !read_vm_begin(s, vm, &begin))
		return false;
	area = area_of(s, vm, begin);
	if (!area || !stk_is_stack_area(s, area))
		return false;
	*out = (struct stk_stack){
		.kind = s->arch->task_kind,
		.cpu = -1,
		.task = task->addr,
		.begin = begin,
		.end = begin + s->arch->thread_size(s),
		.mapped = true,
		.doubt = "its task's pointer to its stack leads elsewhere",
	};
	return true;
}

static int task_agrees(struct stk *s, const struct stk_stack *stack)
{
	const struct stk_vmap_area *area;
	uint64_t vm, begin;

	/* A shadow call stack has no second word. */
	if (!stack->task || stk_stack_grows_up(stack) || s->target.live ||
	    !read_kept(s, stack->task, &vm))
		return -1;
	if (area_of(s, vm, stack->begin))
		return 1;
	if (vm)
		return read_vm_begin(s, vm, &begin) ? begin == stack->begin : -1;
	/* The first task's is the image's, and it keeps none. */
	area = stk_vmap_area_at(s, stack->begin);
	return area && area->begin == stack->begin && stk_is_stack_area(s, area) ? 0 : -1;
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
	return stk_stack_is_task(stack) ? task_agrees(s, stack) : cpu_agrees(s, stack);
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

/* How much speaks for it: both words, one, or two that do not agree. */
static int weight(const struct member *m)
{
	return m->agrees == 1 ? 2 : m->agrees ? 1 : 0;
}

static bool share(const struct member *a, const struct member *b)
{
	return a->stack && overlap(a->stack, b->stack);
}

/* For whom as much speaks says so, and for whom less does, that may not be its own. */
static void compare(struct stk *s, const struct member *a, const struct member *b)
{
	if (!a->stack->doubt && weight(b) >= weight(a))
		a->stack->doubt = shared_with(s, b->stack);
	if (!b->stack->doubt && weight(a) >= weight(b))
		b->stack->doubt = shared_with(s, a->stack);
}

static bool reaches_farther(const struct member *a, const struct member *b)
{
	return !b->stack || a->stack->end >= b->stack->end;
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
	struct member far = { 0 }, proven = { 0 };
	size_t first = 0;

	for (size_t i = 0; i < nr; i++) {
		struct member now = { &all[i], stk_stack_agrees(s, &all[i]) };

		if (!stk_spend(s, 1))
			return stk_why_stop(s);
		if (!now.agrees && !now.stack->doubt)
			now.stack->doubt = why_not(now.stack);
		/* Of those before it that have some of it: for which most speaks. */
		if (share(&proven, &now))
			compare(s, &proven, &now);
		else if (share(&far, &now))
			compare(s, &far, &now);
		if (now.stack->mapped && reaches_farther(&now, &far))
			far = now;
		if (now.agrees == 1 && reaches_farther(&now, &proven))
			proven = now;
	}
	for (size_t i = 1; i <= nr; i++) {
		if (i < nr && all[i].begin == all[first].begin)
			continue;
		believed_last(&all[first], &all[i]);
		first = i;
	}
	return stk_must_stop(s) ? stk_why_stop(s) : STK_OK;
}
