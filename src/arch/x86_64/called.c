/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An exception stack that no exception entered: the page fault handler itself goes on to
 * one when the fault was in a guard page, since there may be no room left where it is
 * (no_context(), later page_fault_oops(), of arch/x86/mm/fault.c). It points rsp to the
 * topmost word and calls handle_stack_overflow(). So the return address is the second
 * word from the top, and no pt_regs is there.
 *
 * Since 5.16 that is call_on_stack() (commit 44b979fa302c), which stores the old rsp in
 * the topmost word and has a "pop %rsp" behind the call. Before, the old rsp was lost.
 * From 4.14 to 5.1 the stack is the NMI's: an index that counts from one was used for an
 * array that counts from zero.
 */
#include <string.h>

#include "../../kernel/layout.h"
#include "../../stacks/stack.h"
#include "exception.h"
#include "orc.h"
#include "prologue.h"

#define MAX_PADDING 64u	  /* in front of a function: call depth tracking calls that */
#define MAX_LOAD    16u	  /* of the instructions that load rsp, and the call */
#define MAX_FRAME   1024u /* of the function that called */
#define ARGUMENTS   512u  /* below the return address: where the pt_regs is known */
#define MAX_STEPS   16u	  /* from there to the pt_regs of the fault */

bool x86_called_stack(struct stk *s, const struct stk_stack *stack,
		      struct x86_called *out)
{
	uint64_t callee, target;
	unsigned char next;

	if (!stack->mapped || !x86_exception(stack->kind) ||
	    !stk_find_symbol(s, "handle_stack_overflow", &callee) ||
	    stk_read_u64(s, stack->end - 16, &out->ret) || !stk_is_text(s, out->ret) ||
	    !x86_call_before(s, out->ret, &target) || callee - target > MAX_PADDING)
		return false;
	out->saved =
		!stk_read(s, out->ret, &next, 1) && x86_match(X86_P_POP_RSP, &next, 1);
	return true;
}

bool x86_called_frame(struct stk *s, const struct stk_cursor *c, struct x86_called *out)
{
	return !c->signal && c->regs.v[X86_SP] == c->stack.end - 8 &&
	       x86_called_stack(s, &c->stack, out) && c->regs.v[X86_IP] == out->ret;
}

/* ---- back from there without a saved rsp ---- */

/*
 * How large the caller's frame is. ORC may have lost track where rsp is loaded: then it
 * is as large as right before.
 */
static bool frame_size(struct stk *s, uint64_t ret, uint64_t *size)
{
	struct orc_rule rule;

	for (uint64_t at = ret - 1; at > ret - MAX_LOAD; at--) {
		if (orc_find(s, at, &rule) || rule.type != ORC_CALL ||
		    rule.sp_reg != ORC_SP || rule.sp_offset < 8 ||
		    rule.sp_offset > (int)MAX_FRAME)
			continue;
		*size = (uint64_t)rule.sp_offset;
		return true;
	}
	return false;
}

/* Of the parts of a function ("f", "f.cold", "f.constprop.0") the name up to the dot. */
static size_t base_name(const struct stk_name *name)
{
	return name->function ? strcspn(name->function, ".") : 0;
}

static bool same_function(struct stk *s, uint64_t a, uint64_t b)
{
	struct stk_name x, y;
	size_t len;

	stk_symbolize(s, a, true, &x);
	stk_symbolize(s, b, true, &y);
	len = base_name(&x);
	return len && len == base_name(&y) && !strncmp(x.function, y.function, len);
}

static bool is_return(struct stk *s, uint64_t slot, uint64_t *ret)
{
	uint64_t target;

	return !stk_read_u64(s, slot, ret) && stk_is_text(s, *ret) &&
	       x86_call_before(s, *ret, &target);
}

/* Does a frame whose caller goes on at @base lead to the pt_regs at @regs_at? */
static bool leads_to(struct stk *s, const struct stk_stack *stack, uint64_t base,
		     uint64_t regs_at)
{
	struct stk_cursor at = { .cpu = -1, .stack = *stack, .arena = &s->arena };
	uint64_t ret;

	if (!is_return(s, base - 8, &ret))
		return false;
	x86_set(&at.regs, X86_IP, ret);
	x86_set(&at.regs, X86_SP, base);
	for (unsigned int i = 0; i < MAX_STEPS && at.regs.v[X86_SP] <= regs_at; i++) {
		struct stk_step step = { 0 };

		if (x86_step_orc(s, &at, &step) != STK_STEP_OK || !step.reliable)
			return false;
		if (step.regs_at)
			return step.regs_at == regs_at;
		if (!is_return(s, step.slot, &ret) ||
		    step.regs.v[X86_SP] <= at.regs.v[X86_SP])
			return false;
		at.regs = step.regs;
	}
	return false;
}

/* Where it was found that the function went on to the exception stack. */
struct place {
	uint64_t ret, size; /* the function, and how large its frame is */
	uint64_t regs_at;   /* the pt_regs of the fault that it is about */
	uint64_t sp;
	unsigned int nr; /* that would do; sp is one of them */
};

/*
 * Where below the pt_regs was rsp? The function had called others before, from the same
 * frame: the last of these calls left its return address right below rsp, and nothing has
 * run on that stack since. And the frame leads to the pt_regs.
 */
static void look_below(struct stk *s, const struct stk_stack *stack, struct place *p)
{
	uint64_t before;

	for (uint64_t sp = stack->begin + 8; sp + p->size <= p->regs_at; sp += 8) {
		if (stk_interrupted(s))
			return;
		if (!is_return(s, sp - 8, &before) || !same_function(s, before, p->ret) ||
		    !leads_to(s, stack, sp + p->size, p->regs_at))
			continue;
		p->sp = sp;
		p->nr++;
	}
}

/* The pt_regs of a fault in the kernel, on another stack than the one that it led to. */
static bool is_fault(struct stk *s, const struct stk_stack *led_to, uint64_t at,
		     struct stk_stack *stack)
{
	struct stk_regs regs;

	return !(at & 7) && x86_is_kernel_address(at) && !stk_stack_with(s, at, stack) &&
	       stack->mapped && stack->begin != led_to->begin &&
	       at + X86_PT_REGS_SIZE <= stack->end && !x86_read_pt_regs(s, at, &regs) &&
	       x86_is_code_segment(regs.v[X86_CS]) && !x86_user_mode(&regs);
}

/* handle_stack_overflow() was given the pt_regs and passes it on. */
static bool find_place(struct stk *s, const struct stk_stack *stack, struct place *p)
{
	uint64_t slot = stack->end - 16, at, tried = 0;
	struct stk_stack before;

	if (!frame_size(s, p->ret, &p->size))
		return false;
	for (uint64_t w = slot - ARGUMENTS; w < slot && !p->nr; w += 8) {
		if (stk_read_u64(s, w, &at) || at == tried ||
		    !is_fault(s, stack, at, &before))
			continue;
		p->regs_at = tried = at;
		look_below(s, &before, p);
	}
	return p->nr;
}

enum stk_step_result x86_step_called(struct stk *s, const struct stk_cursor *c,
				     const struct x86_called *called,
				     struct stk_step *out)
{
	struct place p = { .ret = called->ret };
	uint64_t ret;

	out->end = STK_END_NO_RULE;
	out->bad = called->ret;
	if (!find_place(s, &c->stack, &p) || stk_read_u64(s, p.sp + p.size - 8, &ret))
		return STK_STEP_FAILED;
	x86_set(&out->regs, X86_IP, ret);
	x86_set(&out->regs, X86_SP, p.sp + p.size);
	out->slot = p.sp + p.size - 8;
	out->how = STK_HOW_SCAN;
	out->reliable = p.nr == 1;
	out->note = stk_arena_printf(
		c->arena,
		"rsp was not saved: %s place below the pt_regs at %#llx that fits",
		p.nr == 1 ? "this is the only" : "this is not the only",
		(unsigned long long)p.regs_at);
	return STK_STEP_OK;
}

bool x86_left_at(struct stk *s, const struct stk_stack *stack, uint64_t *sp)
{
	struct x86_called called;
	struct place p = { 0 };
	uint64_t at;

	if (stack->kind == X86_STACK(IRQ))
		return x86_link_word(s, stack, &at, sp);
	if (!x86_called_stack(s, stack, &called))
		return false;
	if (called.saved)
		return !stk_read_u64(s, stack->end - 8, sp);
	p.ret = called.ret;
	if (!find_place(s, stack, &p))
		return false;
	*sp = p.sp;
	return true;
}
