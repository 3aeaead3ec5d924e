/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The step of all C code: by the frame record {caller's x29, return address} that x29
 * points to. It leads from one stack to another, too: whoever switches leaves his own
 * record on the stack that he leaves.
 *
 * Where the functions' code tells how large their frames are, it tells where the caller's
 * record must be: a damaged word leads elsewhere.
 */
#include <string.h>

#include "../../kernel/layout.h"
#include "../../kernel/names.h"
#include "../callsite.h"
#include "../cfi_step.h"
#include "../shadow_step.h"
#include "insn.h"

/* Where x29 of the caller must point to; 0: the code does not tell. */
static uint64_t expected_record(struct stk *s, const struct stk_cursor *c,
				uint64_t record, uint64_t ret, uint64_t *sp)
{
	uint64_t ip = c->regs.v[ARM64_PC] - (c->signal ? 0 : 4);
	struct stk_code_frame callee = arm64_frame_at(s, ip), caller;

	*sp = 0;
	if (!callee.has_record)
		return 0;
	*sp = record + (uint64_t)callee.record;
	/* Its frame is the pt_regs that it made, of which its own code tells nothing. */
	if (arm64_in_entry_code(s, ret - 4))
		return 0;
	caller = arm64_frame_at(s, ret - 4);
	return caller.has_record && caller.size_known
		       ? *sp + (uint64_t)(caller.size - caller.record)
		       : 0;
}

/*
 * The return address is in the code that changed to this stack by a call. 0 leads to no
 * other stack: the chain ends.
 */
static bool switched_here(const struct stk_cursor *c, uint64_t fp)
{
	return fp && !stk_within(fp, c->stack.begin, c->stack.end);
}

/*
 * A function that was interrupted without a record has its caller in x30 alone, and so
 * has what is no code of the kernel's. That led nowhere: this is the caller's caller.
 */
static bool lost_caller(struct stk *s, const struct stk_cursor *c)
{
	struct stk_code_frame callee;

	if (!c->signal)
		return false;
	callee = arm64_frame_at(s, c->regs.v[ARM64_PC]);
	return (callee.known && !callee.has_record) ||
	       !stk_is_text(s, c->regs.v[ARM64_PC]);
}

#define MOV_X9_LR 0xaa1e03e9u

/* The tracer of functions makes the record of what it traces (5.5, commit 3b23e4991fb6).
 */
static bool is_traced(struct stk *s, uint64_t ret)
{
	uint32_t insn;

	return arm64_read_insn(s, ret - 8, &insn) && insn == MOV_X9_LR;
}

static bool nothing_calls(struct stk *s, const struct stk_cursor *c, struct stk_step *out)
{
	uint64_t ip = c->regs.v[ARM64_PC];
	struct stk_code_frame f;

	if (c->signal)
		return false;
	f = arm64_frame_at(s, ip - 4);
	return !f.has_record && !is_traced(s, ip) &&
	       stk_nothing_calls(s, &arm64_insns, c, &f, out);
}

static void weigh_record(struct stk *s, const struct stk_cursor *c, uint64_t record,
			 struct stk_step *out)
{
	uint64_t fp = out->regs.v[ARM64_FP], sp, expected;

	if (nothing_calls(s, c, out))
		return;
	if (lost_caller(s, c)) {
		out->reliable = false;
		out->note =
			"what this called is lost: x30, which had it, leads to no code";
		return;
	}
	expected = expected_record(s, c, record, out->regs.v[ARM64_PC], &sp);
	if (!sp)
		return;
	if (switched_here(c, fp)) {
		/* What changes stacks begins at the top of the other one. */
		out->reliable = stk_kind_is(c->stack.kind, STK_KIND_INTERRUPT)
					? sp == c->stack.end
					: out->reliable;
	} else {
		if (expected)
			out->reliable = expected == fp;
		arm64_set(&out->regs, ARM64_SP, sp);
	}
	out->misfit = !out->reliable;
	if (out->misfit)
		out->note = "its frame record is not where the code of this function "
			    "and of the one that it called puts it";
}

/*
 * Where a chain begins with a return address that was found on a stack: the record that
 * it is of has x29, too.
 */
static bool find_fp(struct stk *s, const struct stk_cursor *c, uint64_t *fp)
{
	if (arm64_has(&c->regs, ARM64_FP)) {
		*fp = c->regs.v[ARM64_FP];
		return true;
	}
	return !c->signal && !stk_read_u64(s, c->regs.v[ARM64_SP] - 16, fp);
}

/*
 * The outermost record: in the pt_regs at the top of a task's stack, whether or not the
 * task ever was in user mode (5.14, commit 7d7b720a4b80); before, none (x29 is 0).
 */
static enum stk_step_result last_record(struct stk *s, const struct stk_cursor *c,
					uint64_t regs_at, struct stk_step *out)
{
	enum stk_step_result res = stk_regs_step(s, regs_at, out);

	if (res != STK_STEP_OK)
		return res;
	/* Of frames that lie elsewhere a damaged word leads there. */
	if (arm64_has(&c->regs, ARM64_SP) && c->regs.v[ARM64_SP] != regs_at) {
		out->reliable = false;
		out->note = "the frame before it is not the outermost of its stack";
	}
	/* Of the first task of all it is empty. */
	return arm64_user_mode(&out->regs) &&
			       (out->regs.v[ARM64_PC] || out->regs.v[ARM64_SP])
		       ? STK_STEP_OK
		       : STK_STEP_END;
}

/*
 * Where a frame lies whose x29 is @fp: at its record; but what entry code points x29 to
 * is the end of a pt_regs that is its frame, and so is the outermost record.
 */
static uint64_t place_of(struct stk *s, const struct stk_cursor *c, uint64_t fp,
			 uint64_t ip)
{
	uint64_t top = stk_user_regs_at(s, &c->stack), offset;

	if (!arm64_stackframe(s, &offset))
		return fp;
	return arm64_in_entry_code(s, ip - 1) || fp == top + offset ? fp - offset : fp;
}

enum stk_step_result arm64_step_record(struct stk *s, const struct stk_cursor *c,
				       struct stk_step *out)
{
	uint64_t fp, offset, top = stk_user_regs_at(s, &c->stack), record[2];

	out->how = STK_HOW_FP;
	out->reliable = true;
	if (!find_fp(s, c, &fp))
		return STK_STEP_NO_RULE;
	if (!fp)
		return STK_STEP_END;
	if (top && arm64_stackframe(s, &offset) && fp == top + offset)
		return last_record(s, c, top, out);
	if (stk_read(s, fp, record, sizeof(record))) {
		out->end = STK_END_UNREADABLE;
		out->bad = fp;
		return STK_STEP_FAILED;
	}
	arm64_set(&out->regs, ARM64_FP, record[0]);
	arm64_set(&out->regs, ARM64_PC, arm64_code_address(s, record[1]));
	out->slot = fp + 8;
	out->at = place_of(s, c, record[0], out->regs.v[ARM64_PC]);
	/* The first one in a thread of old kernels has no caller's. */
	if (!out->at)
		out->at = fp + sizeof(record);
	weigh_record(s, c, fp, out);
	stk_shadow_step(s, c,
			&(struct stk_shadow_step){
				.code = arm64_frame_at(s, c->regs.v[ARM64_PC] -
								  (c->signal ? 0 : 4)),
				.next_slot = record[0] + 8,
				.kept_at = fp + sizeof(record),
			},
			out);
	stk_cfi_weigh(s, c, 0, out);
	return STK_STEP_OK;
}
