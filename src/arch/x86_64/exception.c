/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "exception.h"

#include "../../kernel/layout.h"
#include "../../machine/memory.h"

#define FRED                                                                             \
	[X86_FRED] = { .hw = X86_FRED_WORDS - X86_FRED_IP, .pt_regs = X86_FRED_PT_REGS }

#define PLAIN                                                                            \
	{                                                                                \
		[X86_IDT] = { .hw = 40, .pt_regs = X86_PT_REGS_SIZE }, FRED              \
	}

/*
 * The NMI's entry code keeps three copies of the hardware's words (entry_64.S,
 * asm_exc_nmi): those that a nested NMI writes over, those that "iret" goes by, and the
 * "outermost" ones, in which pt_regs ends. All are valid while "NMI executing" is 1. With
 * FRED no NMI comes in before the first has returned.
 */
#define COPIED                                                                           \
	{                                                                                \
		[X86_IDT] = { .hw = 40, .pt_regs = 264, .in_use = 56, .iret = 96 }, FRED \
	}

const struct x86_exception x86_exceptions[X86_NR_EXCEPTIONS] = {
	{ X86_STACK(DF), 0, true, "#DF stack", "DF_stack", PLAIN },
	{ X86_STACK(NMI), 1, true, "NMI stack", "NMI_stack", COPIED },
	/* DB2 was never mapped, DB1 took nested #DB: 5.2-5.7 (commit 2a594d4ccf3f). */
	{ X86_STACK(DB2), X86_NO_IST, false, "#DB2 stack", "DB2_stack", { { 0 } } },
	{ X86_STACK(DB1), X86_NO_IST, false, "#DB1 stack", "DB1_stack", PLAIN },
	{ X86_STACK(DB), 2, true, "#DB stack", "DB_stack", PLAIN },
	{ X86_STACK(MCE), 3, true, "#MC stack", "MCE_stack", PLAIN },
	/* 5.10+, commit 02772fb9b68e; mapped in SEV-ES guests only. */
	{ X86_STACK(VC), 4, false, "#VC stack", "VC_stack", PLAIN },
	{ X86_STACK(VC2), X86_NO_IST, false, "#VC2 stack", "VC2_stack", PLAIN },
};

const struct x86_exception *x86_exception(const struct stk_kind *kind)
{
	for (size_t i = 0; i < X86_NR_EXCEPTIONS; i++)
		if (x86_exceptions[i].kind == kind)
			return &x86_exceptions[i];
	return NULL;
}

const struct stk_kind *x86_ist_kind(unsigned int n)
{
	for (size_t i = 0; i < X86_NR_EXCEPTIONS; i++)
		if (x86_exceptions[i].ist == (int)n)
			return x86_exceptions[i].kind;
	return NULL;
}

/*
 * Where an IDT entry has its cs, FRED has rsp, which is no selector; and its own cs is
 * 16 bytes lower, with the stack level before the event above bit 15. The symbol alone
 * does not tell: FRED is used only where the CPU has it.
 */
bool x86_fred_frame(struct stk *s, const struct stk_stack *stack)
{
	uint64_t w[X86_FRED_WORDS / 8];
	struct x86_called called;

	return stk_has_symbol(s, "asm_fred_entrypoint_user") &&
	       !x86_called_stack(s, stack, &called) &&
	       !stk_read(s, stack->end - X86_FRED_WORDS, w, sizeof(w)) &&
	       !x86_is_code_segment(w[4]) && x86_is_code_segment(w[2] & 0xffff);
}

const struct x86_exception_frame *x86_frame_on(struct stk *s,
					       const struct stk_stack *stack)
{
	const struct x86_exception *e = x86_exception(stack->kind);
	struct x86_called called;

	if (!e || !e->frame[X86_IDT].hw || x86_called_stack(s, stack, &called))
		return NULL;
	return &e->frame[x86_fred_frame(s, stack) ? X86_FRED : X86_IDT];
}

int x86_is_handled(struct stk *s, const struct stk_stack *stack,
		   const struct x86_exception_frame *frame)
{
	uint64_t word;

	if (!frame->in_use || stk_read_u64(s, stack->end - frame->in_use, &word))
		return X86_UNKNOWN;
	return word == 1;
}

bool x86_keeps_copies(const struct stk_stack *stack)
{
	const struct x86_exception *e = x86_exception(stack->kind);

	return e && e->frame[X86_IDT].in_use;
}
