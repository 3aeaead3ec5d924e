/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An interrupted function that does not have all of its frame: at its beginning or its
 * end, or a leaf, of which compilers up to GCC 13 save s0 alone. What its code has done
 * so far tells where its caller's address and s0 are; to follow s0 would lose the caller,
 * as the kernel's own trace does.
 */
#include "../../kernel/layout.h"
#include "../../kernel/names.h"
#include "../cfi_step.h"
#include "../shadow_step.h"
#include "riscv64.h"

/* The stack pointer before the call, as the code has it; 0: it does not tell. */
static uint64_t called_at(const struct stk_cursor *c, const struct stk_code_frame *f)
{
	if (f->size_known)
		return c->regs.v[RISCV_SP] + (uint64_t)f->size;
	return f->has_record ? c->regs.v[RISCV_FP] + (uint64_t)f->record : 0;
}

static bool saved_word(struct stk *s, uint64_t cfa, int32_t below, uint64_t reg,
		       uint64_t *value)
{
	*value = reg;
	return !below || !stk_read_u64(s, cfa - (uint64_t)below, value);
}

/* A call through a pointer to what is no code: the register that it went by has it. */
static bool called_there(struct stk *s, const struct stk_cursor *c, uint64_t ret)
{
	enum riscv_reg reg;

	return riscv_called_by(s, ret, &reg) && c->regs.v[reg] == c->regs.v[RISCV_PC];
}

static enum stk_step_result step_to(struct stk *s, const struct stk_cursor *c,
				    const struct stk_code_frame *f, uint64_t cfa,
				    struct stk_step *out)
{
	uint64_t ret, fp, target;

	if (!saved_word(s, cfa, f->ret, c->regs.v[RISCV_RA], &ret) ||
	    !saved_word(s, cfa, f->fp, c->regs.v[RISCV_FP], &fp) ||
	    !stk_is_text(s, ret) || !riscv_call_before(s, ret, &target))
		return STK_STEP_NO_RULE;
	out->how = STK_HOW_REGS;
	riscv_set(&out->regs, RISCV_PC, ret);
	riscv_set(&out->regs, RISCV_FP, fp);
	riscv_set(&out->regs, RISCV_SP, cfa);
	out->at = cfa;
	out->beside = true;
	if (f->ret)
		out->slot = cfa - (uint64_t)f->ret;
	else
		out->in_register = true;
	stk_shadow_step(s, c, &(struct stk_shadow_step){ .code = *f }, out);
	stk_cfi_weigh(s, c, RISCV_RA, out);
	return STK_STEP_OK;
}

enum stk_step_result riscv_step_code(struct stk *s, const struct stk_cursor *c,
				     struct stk_step *out)
{
	uint64_t ip = c->regs.v[RISCV_PC], cfa;
	struct stk_code_frame f;

	if (!c->signal || !riscv_has(&c->regs, RISCV_RA) ||
	    !riscv_has(&c->regs, RISCV_FP))
		return STK_STEP_NO_RULE;
	if (!stk_is_text(s, ip)) {
		f = (struct stk_code_frame){ .known = true };
		out->reliable = called_there(s, c, c->regs.v[RISCV_RA]);
		return step_to(s, c, &f, c->regs.v[RISCV_SP], out);
	}
	f = riscv_frame_at(s, ip);
	if (!f.known && riscv_step_cfi(s, c, out) == STK_STEP_OK)
		return STK_STEP_OK;
	/* With all of it the record tells, and is weighed there. */
	if (f.has_record && f.ret && f.fp)
		return STK_STEP_NO_RULE;
	cfa = called_at(c, &f);
	if (!cfa)
		return STK_STEP_NO_RULE;
	out->reliable = true;
	return riscv_is_overflow(s, c, cfa) ? riscv_leave_overflow(s, c, cfa, out)
					    : step_to(s, c, &f, cfa, out);
}
