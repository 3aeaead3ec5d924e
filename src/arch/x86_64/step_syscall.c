/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A CPU that stopped in the first or the last instructions of the kernel: no pt_regs
 * is complete, ORC says "end of stack", and yet the chain ends in user mode.
 * SYSCALL leaves the user's rip in rcx and rflags in r11; rsp is the user's until the
 * entry code switches stacks, and the five words of the hardware frame are pushed
 * to the task's stack (arch/x86/entry/entry_64.S, entry_SYSCALL_64).
 */
#include <string.h>

#include "../../kernel/cpus.h"
#include "../../kernel/layout.h"
#include "x86_64.h"

#define USER_CS 0x33u /* __USER_CS, __USER_DS */
#define USER_SS 0x2bu

/* Where the entry code keeps the user's rsp while it switches stacks. */
static bool parked_rsp(struct stk *s, int cpu, uint64_t *rsp)
{
	struct stk_member hw, sp2;
	uint64_t percpu, sym;

	if (cpu < 0 || stk_percpu_offset(s, (unsigned int)cpu, &percpu))
		return false;
	/* Up to 4.20 a variable of its own, then the unused sp2 of the TSS. */
	if (stk_find_symbol(s, "rsp_scratch", &sym))
		return !stk_read_u64(s, sym + percpu, rsp);
	return stk_find_symbol(s, "cpu_tss_rw", &sym) &&
	       stk_find_member(s, "tss_struct", "x86_tss", &hw) &&
	       stk_find_member(s, "x86_hw_tss", "sp2", &sp2) &&
	       !stk_read_u64(s, sym + percpu + hw.offset + sp2.offset, rsp);
}

/*
 * On its way back the exit code goes over to the trampoline stack and copies the iret
 * frame there; until it is whole, the one that it copies from is still in the task's
 * pt_regs (swapgs_restore_regs_and_return_to_usermode).
 */
static bool leaving_by_iret(struct stk *s, const struct stk_cursor *c,
			    struct stk_step *out)
{
	uint64_t iret = c->stack.end - 40;
	struct stk_stack stack;
	struct stk_task task;

	if (c->stack.kind != X86_STACK(ENTRY))
		return false;
	if (c->regs.v[X86_SP] > iret) {
		if (c->cpu < 0 || stk_cpu_current(s, (unsigned int)c->cpu, &task) ||
		    stk_task_stack(s, &task, &stack))
			return false;
		iret = x86_task_pt_regs(s, &stack) + X86_IRET_OFFSET;
	}
	if (x86_read_iret(s, iret, &out->regs) || !x86_user_mode(&out->regs))
		return false;
	out->regs_at = iret - X86_IRET_OFFSET;
	return true;
}

/* The five words of the hardware frame, once they are on the task's stack. */
static bool pushed_words(struct stk *s, const struct stk_cursor *c, struct stk_step *out)
{
	uint64_t regs;

	if (c->stack.kind != X86_STACK(TASK))
		return false;
	regs = x86_task_pt_regs(s, &c->stack);
	if (c->regs.v[X86_SP] > regs + X86_IRET_OFFSET ||
	    x86_read_iret(s, regs + X86_IRET_OFFSET, &out->regs) ||
	    !x86_user_mode(&out->regs))
		return false;
	out->regs_at = regs;
	return true;
}

/* The user's rsp, before they are. */
static bool find_rsp(struct stk *s, const struct stk_cursor *c, uint64_t *rsp)
{
	*rsp = c->regs.v[X86_SP];
	if (!x86_is_kernel_address(*rsp) && !x86_rsp_is_cr3(s, c->cpu, *rsp))
		return true;
	/* On the way out: what sysret needs. */
	if (c->stack.kind == X86_STACK(ENTRY) && *rsp < c->stack.end &&
	    !stk_read_u64(s, c->stack.end - 8, rsp))
		return true;
	return parked_rsp(s, c->cpu, rsp);
}

/* What SYSCALL left in registers. */
static bool in_registers(struct stk *s, const struct stk_cursor *c, struct stk_step *out)
{
	uint64_t rsp;

	if (x86_is_kernel_address(c->regs.v[X86_CX]))
		return false;
	memset(&out->regs, 0, sizeof(out->regs));
	x86_set(&out->regs, X86_IP, c->regs.v[X86_CX]);
	x86_set(&out->regs, X86_CS, USER_CS);
	x86_set(&out->regs, X86_SS, USER_SS);
	if (x86_has(&c->regs, X86_R11))
		x86_set(&out->regs, X86_FLAGS, c->regs.v[X86_R11]);
	if (find_rsp(s, c, &rsp))
		x86_set(&out->regs, X86_SP, rsp);
	return true;
}

enum stk_step_result x86_step_syscall(struct stk *s, const struct stk_cursor *c,
				      struct stk_step *out)
{
	uint64_t ip = c->regs.v[X86_IP];

	if (!c->signal || !x86_has(&c->regs, X86_CX) || !x86_in_entry_code(s, ip))
		return STK_STEP_NO_RULE;
	if (x86_in_syscall_code(s, ip)
		    ? !pushed_words(s, c, out) && !in_registers(s, c, out)
		    : !leaving_by_iret(s, c, out))
		return STK_STEP_NO_RULE;
	out->how = STK_HOW_REGS;
	out->reliable = true;
	return STK_STEP_OK;
}
