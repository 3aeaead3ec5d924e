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
 * commit 31da94c25aea; it is no pointer. Shadow call stacks: 6.8, commits d1584d791a29
 * and c40fef858d00.
 */
const struct stk_percpu_stack riscv_percpu_stacks[RISCV_NR_PERCPU_STACKS] = {
	{ .symbol = "irq_stack_ptr",
	  .kind = RISCV_STACK(IRQ),
	  .pointer = true,
	  .array = "irq_stack",
	  .made_by = stk_irq_stacks_made_by },
	{ .symbol = "overflow_stack",
	  .kind = RISCV_STACK(OVERFLOW),
	  .size = OVERFLOW_STACK_SIZE },
	{ .symbol = "irq_shadow_call_stack_ptr",
	  .kind = RISCV_STACK(IRQ_SCS),
	  .pointer = true,
	  .none = "shadow call stacks are off",
	  .shadow = true },
};

enum stk_status riscv_cpu_stacks(struct stk *s, unsigned int cpu, struct stk_stack *out,
				 size_t room, size_t *nr)
{
	return stk_percpu_stacks(s, cpu, riscv_percpu_stacks, RISCV_NR_PERCPU_STACKS, out,
				 room, nr);
}
