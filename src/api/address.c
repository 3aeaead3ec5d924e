/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The public view of stacks and of what an address is. */
#include <stackinfo/address.h>

#include <stackinfo/place.h>

#include "../base/say.h"
#include "../base/sized.h"

static void give_stack(const struct stk_stack *stack, struct stk_stack_info *out,
		       size_t size)
{
	struct stk_stack_info info = {
		.kind = stk_stack_kind_name(stack->kind),
		.cpu = stack->cpu,
		.task = stack->task,
		.begin = stack->begin,
		.end = stack->end,
		.guard = stack->guard,
		.guard_end = stack->guard_end,
		.store = stack->store,
		.mapped = stack->mapped,
	};

	stk_give(out, size, &info, sizeof(info));
}

enum stk_status stk_count_stacks(struct stk *s, size_t *nr)
{
	const struct stk_stack *stacks;

	return stk_stacks(s, &stacks, nr);
}

enum stk_status stk_get_stack(struct stk *s, size_t index, struct stk_stack_info *out,
			      size_t size)
{
	const struct stk_stack *stacks;
	size_t nr;
	enum stk_status st = stk_stacks(s, &stacks, &nr);

	if (st)
		return st;
	if (index >= nr)
		return STK_ERR_NOT_FOUND;
	give_stack(&stacks[index], out, size);
	return STK_OK;
}

enum stk_status stk_get_stack_at(struct stk *s, uint64_t addr, struct stk_stack_info *out,
				 size_t size)
{
	struct stk_stack stack;
	enum stk_status st = stk_find_stack(s, addr, &stack);

	if (!st)
		give_stack(&stack, out, size);
	return st;
}

/* What is to be doubted of the stack comes first. */
static const char *doubt_or(struct stk *s, const struct stk_stack *stack, const char *why)
{
	const char *text = stack->doubt ? stk_say(s, "in doubt: %s", stack->doubt) : why;

	return text ? text : stack->doubt;
}

enum stk_status stk_get_use(struct stk *s, uint64_t addr, struct stk_use_info *out,
			    size_t size)
{
	struct stk_use_info info;
	struct stk_stack stack;
	struct stk_use use;
	enum stk_status st = stk_find_stack(s, addr, &stack);

	if (!st)
		st = stk_stack_use(s, &stack, &use);
	if (st)
		return st;
	info = (struct stk_use_info){
		.state = stk_state_name(use.state),
		.sp = use.sp,
		.used = use.used,
		.high_water = use.high_water,
		.overrun = use.overrun,
		.why = doubt_or(s, &stack, use.why),
	};
	if (use.has_residue) {
		info.residue = use.residue.text;
		info.residue_regs_at = use.residue.regs_at;
		info.residue_ip = use.residue.ip;
		info.residue_user = use.residue.user;
	}
	stk_give(out, size, &info, sizeof(info));
	return STK_OK;
}

static void place_area(const struct stk_place *p, struct stk_place_info *info)
{
	info->area = p->area.what;
	info->area_name = p->area.name;
	info->area_access = p->area.access;
	info->area_begin = p->area.begin;
	info->area_end = p->area.end;
	info->area_guard = p->area.guard;
	info->area_caller = p->area.caller;
	info->about = p->about.what;
	info->about_value = p->about.value;
}

static void place_stack(struct stk *s, const struct stk_place *p,
			struct stk_place_info *info)
{
	if (p->has_stack) {
		info->stack_kind = stk_stack_kind_name(p->stack.kind);
		info->stack_cpu = p->stack.cpu;
		info->stack_task = p->stack.task;
		info->stack_begin = p->stack.begin;
		info->stack_end = p->stack.end;
		info->guard = p->guard;
		info->view = p->view;
		info->stack_addr = p->stack_addr;
		info->bytes_below = p->bytes_below;
		info->offset_from_end = p->offset_from_end;
	}
	if (p->state != STK_STATE_NONE)
		info->state = stk_state_name(p->state);
	info->state_why =
		p->has_stack ? doubt_or(s, &p->stack, p->state_why) : p->state_why;
	if (p->residue) {
		info->residue = p->residue->text;
		info->residue_regs_at = p->residue->regs_at;
		info->residue_ip = p->residue->ip;
		info->residue_user = p->residue->user;
	}
}

static void place_object(const struct stk_place *p, struct stk_place_info *info)
{
	const struct stk_object *o = &p->object;

	if (!o->what)
		return;
	info->object = o->what;
	info->object_begin = o->begin;
	info->object_size = o->size;
	info->object_state = stk_object_state_name(o->state);
	info->object_why = o->why;
	info->last_pid = o->last_pid;
	memcpy(info->last_comm, o->last_comm, sizeof(info->last_comm));
}

static void place_task(const struct stk_place *p, struct stk_place_info *info)
{
	info->has_task = p->has_task;
	if (!p->has_task)
		return;
	info->task = p->task.addr;
	info->pid = p->task.pid;
	memcpy(info->comm, p->task.comm, sizeof(info->comm));
}

_Static_assert(STK_MAX_ALIASES <= STK_ALIASES, "room for all");

static void place_aliases(const struct stk_place *p, struct stk_place_info *info)
{
	info->nr_aliases = p->nr_aliases;
	memcpy(info->alias, p->aliases, p->nr_aliases * sizeof(*p->aliases));
}

enum stk_status stk_get_place(struct stk *s, uint64_t addr, uint64_t task,
			      struct stk_place_info *out, size_t size)
{
	struct stk_place_info info;
	struct stk_place p;
	enum stk_status st = stk_classify_in(s, addr, task, &p);

	if (st)
		return st;
	info = (struct stk_place_info){
		.addr = p.addr,
		.region = p.region,
		.region_first = p.region_first,
		.region_last = p.region_last,
		.detail = p.detail,
		.stack_cpu = -1,
		.name = p.name,
		.percpu_cpu = p.percpu ? (int)p.percpu_cpu : -1,
		.has_percpu_ptr = p.has_percpu_ptr,
		.percpu_ptr = p.percpu_ptr,
		.has_phys = p.has_phys,
		.phys = p.phys,
		.phys_status = p.phys_status,
		.in_dump = p.in_dump,
	};
	place_area(&p, &info);
	place_stack(s, &p, &info);
	place_task(&p, &info);
	place_object(&p, &info);
	place_aliases(&p, &info);
	stk_give(out, size, &info, sizeof(info));
	return STK_OK;
}
