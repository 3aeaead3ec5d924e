/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The public view of a machine and its tasks. */
#include <stackinfo/machine.h>

#include <stackinfo/unwind.h>

#include "../base/sized.h"

int stk_panic_cpu(struct stk *s, const char **from)
{
	struct stk_panic panic = stk_panic(s);

	if (from)
		*from = panic.from;
	return panic.cpu;
}

enum stk_status stk_get_machine(struct stk *s, struct stk_machine_info *out, size_t size)
{
	struct stk_machine_info info;
	struct stk_machine m;
	enum stk_status st = stk_machine(s, &m);

	if (st)
		return st;
	info = (struct stk_machine_info){
		.release = stk_release(s),
		.arch = stk_arch_name(s),
		.node = m.node,
		.version = m.version,
		.crash_time = m.crash_time,
		.nr_cpus = stk_nr_cpus(s),
		.nr_online = stk_nr_online(s),
		.incomplete = m.incomplete,
	};
	stk_give(out, size, &info, sizeof(info));
	return STK_OK;
}

static void give_task(const struct stk_task *t, struct stk_task_info *out, size_t size)
{
	struct stk_task_info info = {
		.addr = t->addr,
		.stack = t->stack,
		.sp = t->sp,
		.pid = t->pid,
		.tgid = t->tgid,
		.state = t->state,
		.exit_state = t->exit_state,
		.flags = t->flags,
		.cpu = t->cpu,
		.on_cpu = t->on_cpu,
		.idle = t->idle,
		.found = stk_found_name(t->found),
		.kernel_thread = stk_is_kernel_thread(t),
	};

	if (t->now) {
		info.state_code = t->now->code;
		info.state_name = t->now->name;
	}
	memcpy(info.comm, t->comm, sizeof(info.comm));
	stk_give(out, size, &info, sizeof(info));
}

enum stk_status stk_count_tasks(struct stk *s, size_t *nr)
{
	const struct stk_task *tasks;

	return stk_tasks(s, &tasks, nr);
}

enum stk_status stk_get_task(struct stk *s, size_t index, struct stk_task_info *out,
			     size_t size)
{
	const struct stk_task *tasks;
	size_t nr;
	enum stk_status st = stk_tasks(s, &tasks, &nr);

	if (st)
		return st;
	if (index >= nr)
		return STK_ERR_NOT_FOUND;
	give_task(&tasks[index], out, size);
	return STK_OK;
}

enum stk_status stk_get_task_at(struct stk *s, uint64_t addr, struct stk_task_info *out,
				size_t size)
{
	struct stk_task task;
	enum stk_status st = stk_task_read(s, addr, &task);

	if (!st)
		give_task(&task, out, size);
	return st;
}

enum stk_status stk_get_task_by_pid(struct stk *s, uint32_t pid,
				    struct stk_task_info *out, size_t size)
{
	struct stk_task task;
	enum stk_status st = stk_task_by_pid(s, pid, &task);

	if (!st)
		give_task(&task, out, size);
	return st;
}

enum stk_status stk_get_current(struct stk *s, unsigned int cpu,
				struct stk_task_info *out, size_t size)
{
	struct stk_task task;
	enum stk_status st = stk_cpu_current(s, cpu, &task);

	if (!st)
		give_task(&task, out, size);
	return st;
}
