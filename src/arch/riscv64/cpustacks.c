/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a CPU's stacks are. */
#include "riscv64.h"

#include "../../kernel/cpus.h"
#include "../../kernel/layout.h"
#include "../../machine/memory.h"
#include "../thread_size.h"

#define OVERFLOW_STACK_SIZE 4096u /* asm/thread_info.h: SZ_4K */
#define USUAL_THREAD_SIZE   16384u
#define STACK_ALIGN	    16u

uint64_t riscv_thread_size(struct stk *s)
{
	struct riscv_state *x = riscv_state(s);

	if (!x)
		return 0;
	if (!x->thread_size)
		x->thread_size = stk_thread_size(s, USUAL_THREAD_SIZE);
	return x->thread_size;
}

uint64_t riscv_pt_regs_room(struct stk *s)
{
	uint32_t size;

	if (!stk_find_size(s, "pt_regs", &size))
		return 0;
	return (size + STACK_ALIGN - 1) & ~(uint64_t)(STACK_ALIGN - 1);
}

uint64_t riscv_user_regs_at(struct stk *s, const struct stk_stack *stack)
{
	uint64_t room = riscv_pt_regs_room(s);

	return room && stack->kind == RISCV_STACK(TASK) && !stk_stack_is_free(stack)
		       ? stack->end - room
		       : 0;
}

/*
 * irq_stack_ptr: CONFIG_IRQ_STACKS, 6.5, commit 163e76cc6ef4. overflow_stack: 5.14,
 * commit 31da94c25aea; it is no pointer.
 */
static const struct {
	const char *symbol;
	enum riscv_kind kind;
	bool pointer;
} rows[] = {
	{ "irq_stack_ptr", RISCV_KIND_IRQ, true },
	{ "overflow_stack", RISCV_KIND_OVERFLOW, false },
};

static enum stk_status find_stack(struct stk *s, unsigned int cpu, uint64_t percpu,
				  size_t row, struct stk_stack *out)
{
	uint64_t at, begin, phys;
	enum stk_status st = stk_symbol(s, rows[row].symbol, &at);

	if (st)
		return st;
	begin = at + percpu;
	if (rows[row].pointer)
		st = stk_read_u64(s, at + percpu, &begin);
	if (st)
		return st;
	if (!begin || begin % STACK_ALIGN || !riscv_is_kernel_address(begin))
		return stk_fail(s, STK_ERR_CORRUPT, "CPU %u: %s is %#llx", cpu,
				rows[row].symbol, (unsigned long long)begin);
	*out = (struct stk_stack){
		.kind = &riscv_kinds[rows[row].kind],
		.cpu = (int)cpu,
		.begin = begin,
		.end = begin +
		       (rows[row].pointer ? riscv_thread_size(s) : OVERFLOW_STACK_SIZE),
		.mapped = true,
	};
	/* A stack of its own mapping has unmapped pages around it. */
	if (!stk_page_offset(s, begin) &&
	    stk_translate(s, begin - stk_page_size(s), &phys) == STK_ERR_UNMAPPED)
		out->guard = begin - stk_page_size(s);
	return STK_OK;
}

enum stk_status riscv_cpu_stacks(struct stk *s, unsigned int cpu, struct stk_stack *out,
				 size_t room, size_t *nr)
{
	enum stk_status st, first = STK_OK;
	uint64_t percpu;

	*nr = 0;
	st = stk_percpu_offset(s, cpu, &percpu);
	if (st)
		return st;
	/* One that cannot be found does not hide the others. */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && *nr < room; i++) {
		if (!stk_has_symbol(s, rows[i].symbol))
			continue;
		st = find_stack(s, cpu, percpu, i, &out[*nr]);
		*nr += !st;
		first = first ? first : st;
	}
	return *nr ? STK_OK : first;
}
