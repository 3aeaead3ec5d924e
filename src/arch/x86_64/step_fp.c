/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A step by frame pointers: in kernels built without ORC (CONFIG_UNWINDER_FRAME_
 * POINTER), and through BPF programs, whose JIT always keeps one.
 *
 * A frame is {caller's rbp, return address} at rbp. Entry code marks a pt_regs by an
 * rbp that is its address plus one (ENCODE_FRAME_POINTER, 4.10+). The outermost frame
 * of a task ends directly below the pt_regs of its entry from user mode.
 *
 * A function that was interrupted may have no frame yet, or no more, and some in
 * assembly never have one: then rbp is the caller's, and following it would lose the
 * caller. The kernel's own unwinder does (unwind_frame.c shows it as a "? " line).
 */
#include "../../kernel/code.h"
#include "../../kernel/layout.h"
#include "../../stacks/stack.h"
#include "prologue.h"
#include "x86_64.h"

#define MAX_CODE     2048u /* of a function that is searched for its prologue */
#define MAX_UNFRAMED 512u  /* what one without a frame may have pushed */

enum stk_step_result x86_regs_step(struct stk *s, uint64_t at, struct stk_step *out)
{
	if (x86_read_pt_regs(s, at, &out->regs)) {
		out->end = STK_END_UNREADABLE;
		out->bad = at;
		return STK_STEP_FAILED;
	}
	out->regs_at = at;
	out->full = true;
	out->signal = true;
	return STK_STEP_OK;
}

/* Can @len bytes at @at be the next frame? Upwards on the same stack, or on another. */
static bool may_be_next(struct stk *s, const struct stk_cursor *c, uint64_t at,
			uint64_t len)
{
	const struct stk_stack *stack = &c->stack;
	struct stk_stack other;
	uint64_t link_at, link;

	if (stk_within(at, stack->begin, stack->end))
		return at >= c->regs.v[X86_SP] && stack->end - at >= len;
	if (x86_link_word(s, stack, &link_at, &link) && at >= link &&
	    at - link <= STK_MAX_SWITCH_FRAME)
		return true;
	return !stk_stack_with(s, at, &other) && other.mapped && other.end - at >= len;
}

/* Is the word at @slot a return address? *target: what was called, 0 by a pointer. */
static bool is_return(struct stk *s, uint64_t slot, uint64_t *target)
{
	uint64_t ret;

	*target = 0;
	return !stk_read_u64(s, slot, &ret) && stk_is_text(s, ret) &&
	       x86_is_return(s, ret, target);
}

/* Of a direct call to @start? */
static bool is_return_of(struct stk *s, uint64_t slot, uint64_t start)
{
	uint64_t target;

	return is_return(s, slot, &target) && x86_enters(s, target, start);
}

/*
 * The word at @sp leads back into the function whose frame @bp is? Then @bp is the
 * caller's: what lies above it is a call of the caller.
 */
static bool is_callers_frame(struct stk *s, uint64_t sp, uint64_t bp)
{
	struct stk_name name;
	uint64_t ret, target;

	if (!is_return(s, sp, &target) || stk_read_u64(s, sp, &ret))
		return false;
	stk_symbolize(s, ret, true, &name);
	return name.function && is_return_of(s, bp + 8, ret - name.offset);
}

enum frame_state {
	FRAMED,	  /* rbp is the function's own */
	UNFRAMED, /* rbp is the caller's, the return address at the slot */
	LOST,	  /* rbp is the caller's, and who that is nobody knows */
};

/*
 * No frame yet, or never one: the return address is on top, or below a pushed rbp;
 * further down only where a direct call to this function tells it.
 */
static enum frame_state find_return(struct stk *s, const struct stk_cursor *c,
				    uint64_t start, uint64_t *slot)
{
	uint64_t sp = c->regs.v[X86_SP], bp = c->regs.v[X86_BP], target;
	uint64_t end = sp + MAX_UNFRAMED;

	if (bp > sp && bp < end)
		end = bp;
	for (*slot = sp; *slot < end && *slot < c->stack.end; *slot += 8)
		if (is_return(s, *slot, &target) &&
		    (x86_enters(s, target, start) || *slot <= sp + 8))
			return UNFRAMED;
	return LOST;
}

/* The same by the bytes before ip: no "mov %rsp,%rbp" yet, or the frame is gone again. */
static enum frame_state by_code(struct stk *s, const struct stk_cursor *c, uint64_t *slot)
{
	uint64_t ip = c->regs.v[X86_IP], sp = c->regs.v[X86_SP], bp = c->regs.v[X86_BP];
	unsigned char code[MAX_CODE + 1];
	uint64_t start, target;
	struct stk_name name;
	bool called;

	stk_symbolize(s, ip, !c->signal, &name);
	start = ip - name.offset;
	*slot = sp;
	if (!name.function || name.offset > MAX_CODE ||
	    stk_read(s, start, code, name.offset + 1))
		return FRAMED;
	called = is_return_of(s, sp, start);
	/* What calls has a frame; if not, it is assembly, such as a thunk. */
	if (!c->signal)
		return called && !x86_sets_rbp(code, name.offset) ? UNFRAMED : FRAMED;
	/* The compiler may have put code that needs no frame behind the rest. */
	if ((called || is_callers_frame(s, sp, bp)) && !is_return_of(s, bp + 8, start))
		return UNFRAMED;
	if (x86_frame_is_gone(code, name.offset))
		return is_return(s, sp, &target) ? UNFRAMED : FRAMED;
	return x86_sets_rbp(code, name.offset) ? FRAMED : find_return(s, c, start, slot);
}

static enum stk_step_result unframed_step(struct stk *s, const struct stk_cursor *c,
					  uint64_t slot, struct stk_step *out)
{
	uint64_t ret;

	if (stk_read_u64(s, slot, &ret))
		return STK_STEP_NO_RULE;
	x86_set(&out->regs, X86_BP, c->regs.v[X86_BP]);
	x86_set(&out->regs, X86_IP, ret);
	x86_set(&out->regs, X86_SP, slot + 8);
	out->slot = slot;
	return STK_STEP_OK;
}

/*
 * The CFI of a namelist knows of every instruction whether it has a frame. It is asked
 * only about interrupted ones: elsewhere rbp is as good, and knows of stack switches.
 * False when it does not know; *out: the step where there is no frame.
 */
static bool by_cfi(struct stk *s, const struct stk_cursor *c, enum frame_state *state,
		   struct stk_step *out)
{
	struct stk_step cfi = { .how = STK_HOW_CFI };
	uint64_t target;

	if (!c->signal || x86_step_cfi(s, c, &cfi) != STK_STEP_OK ||
	    !is_return(s, cfi.slot, &target))
		return false;
	*state = cfi.slot == c->regs.v[X86_BP] + 8 ? FRAMED : UNFRAMED;
	if (*state == UNFRAMED) {
		*out = cfi;
		out->note = NULL;
		out->reliable = true;
	}
	return true;
}

/* Nothing is left on a task's stack but the pt_regs of its entry from user mode. */
bool x86_at_task_start(struct stk *s, const struct stk_cursor *c, uint64_t top)
{
	uint64_t sp = c->regs.v[X86_SP], ret;

	/*
	 * GCC may realign the stack in a function that entry code calls: it pushes the
	 * return address a second time (unwind_frame.c, is_last_aligned_frame()).
	 */
	return sp >= top || (!c->signal && sp == top - 8 && !stk_read_u64(s, sp, &ret) &&
			     ret == c->regs.v[X86_IP]);
}

/*
 * Where a chain begins with a return address that was found on the stack, rbp is not
 * known; but the callee has pushed it right below, unless it is one without a frame:
 * then that word does not lead to a call of this function.
 */
static bool find_rbp(struct stk *s, struct stk_cursor *c)
{
	uint64_t bp, target;
	struct stk_name name;

	if (x86_has(&c->regs, X86_BP))
		return true;
	stk_symbolize(s, c->regs.v[X86_IP], true, &name);
	if (c->signal || !name.function || stk_read_u64(s, c->regs.v[X86_SP] - 16, &bp))
		return false;
	if (!(bp & 1) &&
	    (!is_return(s, bp + 8, &target) ||
	     (target && !x86_enters(s, target, c->regs.v[X86_IP] - name.offset))))
		return false;
	x86_set(&c->regs, X86_BP, bp);
	return true;
}

static enum stk_step_result by_rbp(struct stk *s, const struct stk_cursor *c,
				   struct stk_step *out)
{
	uint64_t bp = c->regs.v[X86_BP], words[2];

	if (bp & 1) {
		/* ENCODE_FRAME_POINTER is in the entry code, which pushed them. */
		out->reliable = out->reliable &&
				x86_may_save_regs(s, c->regs.v[X86_IP] - !c->signal);
		return may_be_next(s, c, bp - 1, X86_PT_REGS_SIZE)
			       ? x86_regs_step(s, bp - 1, out)
			       : STK_STEP_NO_RULE;
	}
	if (!may_be_next(s, c, bp, sizeof(words)) ||
	    stk_read(s, bp, words, sizeof(words)))
		return STK_STEP_NO_RULE;
	x86_set(&out->regs, X86_BP, words[0]);
	x86_set(&out->regs, X86_IP, words[1]);
	x86_set(&out->regs, X86_SP, bp + 16);
	out->slot = bp + 8;
	return STK_STEP_OK;
}

/* The frame of the caller, with an rbp that is known. */
static enum stk_step_result from_frame(struct stk *s, const struct stk_cursor *c,
				       bool ask_cfi, struct stk_step *out)
{
	enum frame_state state;
	uint64_t slot;

	if (ask_cfi && by_cfi(s, c, &state, out))
		return state == FRAMED ? by_rbp(s, c, out) : STK_STEP_OK;
	state = by_code(s, c, &slot);
	if (state == UNFRAMED)
		return unframed_step(s, c, slot, out);
	if (state == LOST) {
		out->reliable = false;
		out->note =
			"frames before this one may be missing: the code above keeps no "
			"frame pointer";
	}
	return by_rbp(s, c, out);
}

/* Some kernels keep a frame pointer, and so does the JIT of BPF programs. */
static bool keeps_rbp(struct stk *s, uint64_t ip)
{
	const struct stk_code *code = stk_code_at(s, ip);

	/* What has no name at all is most likely the JIT's, too. */
	return x86_unwinder(s) == X86_UNWINDER_FP ||
	       (code ? code->kind == STK_CODE_BPF : stk_is_nameless_text(s, ip));
}

enum stk_step_result x86_step_fp(struct stk *s, const struct stk_cursor *cursor,
				 struct stk_step *out)
{
	struct stk_cursor with_rbp = *cursor, *c = &with_rbp;
	bool by_fp = x86_unwinder(s) == X86_UNWINDER_FP,
	     on_task = c->stack.kind == X86_STACK(TASK);
	uint64_t top = on_task ? x86_task_pt_regs(s, &c->stack) : 0;

	if (!keeps_rbp(s, c->regs.v[X86_IP] - !c->signal))
		return STK_STEP_NO_RULE;
	/* In entry code, with a pt_regs that is not complete. */
	if (by_fp && (!on_task || c->regs.v[X86_SP] > top) &&
	    x86_step_syscall(s, c, out) == STK_STEP_OK)
		return STK_STEP_OK;
	out->how = STK_HOW_FP;
	out->reliable = true;
	if (on_task && x86_at_task_start(s, c, top)) {
		if (x86_regs_step(s, top, out) == STK_STEP_OK &&
		    x86_user_mode(&out->regs))
			return STK_STEP_OK;
		return STK_STEP_END;
	}
	return find_rbp(s, c) ? from_frame(s, c, by_fp, out) : STK_STEP_NO_RULE;
}
