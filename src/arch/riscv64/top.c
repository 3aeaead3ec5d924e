/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lies at the top of a task's stack: where its first frame begins. */
#include <string.h>

#include "../../kernel/layout.h"
#include "../../kernel/names.h"
#include "riscv64.h"

#define STATUS_SPP  0x100ull
#define STATUS_SPIE 0x020ull

static bool is_blank(struct stk *s, uint64_t at)
{
	struct stk_regs regs;

	if (riscv_read_pt_regs(s, at, &regs) ||
	    regs.v[RISCV_STATUS] != (STATUS_SPP | STATUS_SPIE))
		return false;
	for (unsigned int i = 0; i < RISCV_NR_REGS; i++)
		if (i != RISCV_STATUS && regs.v[i])
			return false;
	return true;
}

bool riscv_is_thread_start(struct stk *s, const struct stk_cursor *c)
{
	uint64_t top = stk_user_regs_at(s, &c->stack);

	return top && c->at == top && riscv_makes_return(s, c->regs.v[RISCV_PC]) &&
	       is_blank(s, top);
}

static bool is_start(const char *function)
{
	static const char *const start[] = { "_start_kernel",
					     "clear_bss_done", /* a label in it */
					     "secondary_start_common",
					     "secondary_start_sbi" };

	for (size_t i = 0; function && i < sizeof(start) / sizeof(start[0]); i++)
		if (!strcmp(function, start[i]))
			return true;
	return false;
}

/*
 * The code that starts a CPU left no room for the user's registers, of which an idle task
 * has none: its first frame record is the last thing on the stack. Behind the registers
 * would be a hole.
 */
static bool has_no_place(struct stk *s, const struct stk_stack *stack)
{
	struct stk_function f;
	uint64_t ret;
	uint64_t pid;

	return !stk_read_u64(s, stack->end - 8, &ret) &&
	       stk_function_at(s, ret - 1, &f) && is_start(f.name) &&
	       !stk_read_member(s, stack->task, "task_struct", "pid", &pid) && !pid;
}

uint64_t riscv_user_regs_at(struct stk *s, const struct stk_stack *stack)
{
	uint64_t at = stk_user_regs_at(s, stack);

	return at && !has_no_place(s, stack) ? at : 0;
}

uint64_t riscv_stack_top(struct stk *s, const struct stk_stack *stack)
{
	uint64_t at = stk_user_regs_at(s, stack);

	return at && has_no_place(s, stack) ? stack->end : at;
}
