/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "crowd.h"

#define PF_KTHREAD 0x00200000u

static void put_state(uint64_t task, uint32_t state)
{
	syn_put32(m, task + syn_off(m, "task_struct.__state"), state);
}

/* What a call through a pointer leaves, if it ends at @ret. */
static void call_from(struct syn_cpu *cpu, uint64_t ret)
{
	syn_write(m, ret - 5, "\x90\x90\x90\xff\xd0", 5);
	syn_push(cpu, ret);
}

static void call_module(struct syn_cpu *cpu)
{
	call_from(cpu, syn_sym(m, cpu->function) + 0x70);
	syn_push(cpu, 0);
	syn_push(cpu, 0);
	call_from(cpu, SYN_MODULE + 0x140);
	/* What task_spin() would have left. */
	cpu->function = "schedule";
	syn_push(cpu, 0x1111);
}

uint64_t crowd_sleeper(const char *comm, uint32_t pid, uint32_t state, bool in_module)
{
	const uint64_t task = syn_task(m, comm, pid, 0);
	struct syn_cpu cpu = syn_cpu(m, 1, task);

	syn_syscall(&cpu);
	if (in_module)
		call_module(&cpu);
	syn_sleep(&cpu);
	put_state(task, state);
	return task;
}

void crowd(void)
{
	struct syn_cpu worker;
	uint64_t task;

	fixture_free();
	fixture_kernel();
	syn_module(m, "disk", SYN_MODULE, "disk_wait");
	crowd_sleeper("sleeper", 300, 1, false);
	crowd_sleeper("writer", 401, 2, true);
	crowd_sleeper("Writer", 402, 2, true);
	task = syn_task(m, "zombie", 500, 0);
	syn_put32(m, task + syn_off(m, "task_struct.exit_state"), 0x20);
	task = syn_task(m, "kworker", 600, 0);
	worker = syn_cpu(m, 0, task);
	syn_kthread(&worker);
	syn_sleep(&worker);
	put_state(task, 0x402);
	syn_put32(m, task + syn_off(m, "task_struct.flags"), PF_KTHREAD);
	crowd_sleeper("broken", 700, 0x55, false);
	sh = syn_task(m, "sh", 227, 0);
	c = syn_cpu(m, 1, sh);
	syn_syscall(&c);
	syn_irq(&c);
	syn_crash_note(&c);
}
