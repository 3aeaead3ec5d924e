/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A step by frame pointers: in kernels built without ORC (CONFIG_UNWINDER_FRAME_
 * POINTER), and through BPF programs, whose JIT always keeps one.
 *
 * A frame is {caller's rbp, return address} at rbp. Entry code marks a pt_regs by an
 * rbp that is its address plus one (ENCODE_FRAME_POINTER, 4.10+). The outermost frame
 * of a task ends directly below the pt_regs of its entry from user mode.
 */
#include "../../kernel/code.h"
#include "../../kernel/layout.h"
#include "x86_64.h"

static enum stk_step_result at_regs(struct stk *s, uint64_t at, struct stk_step *out)
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

/*
 * Interrupted before it set up its frame, a function's return address is still on
 * top of the stack: at its first byte, after endbr64 or the call to __fentry__, or one
 * word deeper after "push %rbp".
 */
static bool before_frame(struct stk *s, const struct stk_cursor *c, uint64_t *slot)
{
	uint64_t ip = c->regs.v[X86_IP];
	unsigned char code[16];
	struct stk_name name;
	size_t at = 0;

	if (!c->signal)
		return false;
	stk_symbolize(s, ip, false, &name);
	if (!name.function || name.offset > sizeof(code) - 6 ||
	    stk_read(s, ip - name.offset, code, sizeof(code)))
		return false;
	if (code[0] == 0xf3 && code[1] == 0x0f && code[2] == 0x1e && code[3] == 0xfa)
		at += 4;
	if (code[at] == 0xe8 || (code[at] == 0x0f && code[at + 1] == 0x1f))
		at += 5;
	*slot = c->regs.v[X86_SP];
	if (name.offset <= at)
		return true;
	if (code[at] == 0x55 && name.offset == at + 1) {
		*slot += 8;
		return true;
	}
	return false;
}

enum stk_step_result x86_step_fp(struct stk *s, const struct stk_cursor *c,
				 struct stk_step *out)
{
	uint64_t ip = c->regs.v[X86_IP] - !c->signal;
	const struct stk_code *code = stk_code_at(s, ip);
	bool no_orc = !stk_has_sym(s, __start_orc_unwind_ip);
	uint64_t bp = c->regs.v[X86_BP], words[2], slot, top;

	/* What has no name at all is most likely the JIT's, too. */
	if (!no_orc && !(code ? code->kind == STK_CODE_BPF : stk_is_nameless_text(s, ip)))
		return STK_STEP_NO_RULE;
	out->how = STK_HOW_FP;
	out->reliable = true;
	if (c->stack.kind == STK_STACK_TASK) {
		/* Nothing is left but the pt_regs of the entry from user mode. */
		top = x86_task_pt_regs(s, &c->stack);
		if (c->regs.v[X86_SP] >= top) {
			if (at_regs(s, top, out) == STK_STEP_OK &&
			    x86_user_mode(&out->regs))
				return STK_STEP_OK;
			return STK_STEP_END;
		}
	}
	if (!x86_has(&c->regs, X86_BP))
		return STK_STEP_NO_RULE;
	if (no_orc && before_frame(s, c, &slot)) {
		if (stk_read_u64(s, slot, &words[1]))
			return STK_STEP_NO_RULE;
		x86_set(&out->regs, X86_BP, bp);
		x86_set(&out->regs, X86_IP, words[1]);
		x86_set(&out->regs, X86_SP, slot + 8);
		out->slot = slot;
		return STK_STEP_OK;
	}
	if (bp & 1)
		return at_regs(s, bp - 1, out);
	if (bp < c->regs.v[X86_SP] || stk_read(s, bp, words, sizeof(words)))
		return STK_STEP_NO_RULE;
	x86_set(&out->regs, X86_BP, words[0]);
	x86_set(&out->regs, X86_IP, words[1]);
	x86_set(&out->regs, X86_SP, bp + 16);
	out->slot = bp + 8;
	return STK_STEP_OK;
}
