/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a CPU's stacks are. */
#include "riscv64.h"

#include "../../kernel/layout.h"
#include "../thread_size.h"

#define OVERFLOW_STACK_SIZE 4096u /* asm/thread_info.h: SZ_4K */
#define USUAL_THREAD_SIZE   16384u

uint64_t riscv_thread_size(struct stk *s)
{
	struct riscv_state *x = riscv_state(s);

	if (!x)
		return 0;
	if (!x->thread_size)
		x->thread_size = stk_thread_size(s, USUAL_THREAD_SIZE);
	return x->thread_size;
}

/*
 * irq_stack_ptr: CONFIG_IRQ_STACKS, 6.5, commit 163e76cc6ef4. overflow_stack: 5.14,
 * commit 31da94c25aea; it is no pointer.
 */
const struct stk_percpu_stack riscv_percpu_stacks[RISCV_NR_PERCPU_STACKS] = {
	{ "irq_stack_ptr", RISCV_STACK(IRQ), true, 0, NULL, "irq_stack",
	  stk_irq_stacks_made_by },
	{ "overflow_stack", RISCV_STACK(OVERFLOW), false, OVERFLOW_STACK_SIZE, NULL, NULL,
	  NULL },
};

enum stk_status riscv_cpu_stacks(struct stk *s, unsigned int cpu, struct stk_stack *out,
				 size_t room, size_t *nr)
{
	return stk_percpu_stacks(s, cpu, riscv_percpu_stacks, RISCV_NR_PERCPU_STACKS, out,
				 room, nr);
}
