/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The firmware calls the kernel back, on a stack of its own (SDEI, 4.16, commit
 * f5df26961853). __sdei_asm_handler() begins that with the record {x29, pc} of what was
 * interrupted, or {0, 0} when that was not the kernel. All of its registers are in the
 * event that is handled.
 */
#include "../../kernel/cpus.h"
#include "../../kernel/layout.h"
#include "arm64.h"

#define RECORD 16u

/* commit 5cd474e57368 */
static const char *active_event(const struct stk_kind *kind)
{
	return kind == ARM64_STACK(SDEI_NORMAL)	    ? "sdei_active_normal_event"
	       : kind == ARM64_STACK(SDEI_CRITICAL) ? "sdei_active_critical_event"
						    : NULL;
}

/* The registers of the event that @c's CPU handles, if they are those of @record. */
static bool find_regs(struct stk *s, const struct stk_cursor *c, const char *symbol,
		      const uint64_t *record, uint64_t *at)
{
	uint64_t variable, offset, event;
	struct stk_member member;
	struct stk_regs regs;

	if (c->cpu < 0 || !stk_find_symbol(s, symbol, &variable) ||
	    stk_percpu_offset(s, (unsigned int)c->cpu, &offset) ||
	    stk_read_u64(s, variable + offset, &event) || !event ||
	    !stk_find_member(s, "sdei_registered_event", "interrupted_regs", &member) ||
	    arm64_read_pt_regs(s, event + member.offset, &regs))
		return false;
	*at = event + member.offset;
	return regs.v[ARM64_FP] == record[0] && regs.v[ARM64_PC] == record[1];
}

enum stk_step_result arm64_step_sdei(struct stk *s, const struct stk_cursor *c,
				     struct stk_step *out)
{
	const char *event = active_event(c->stack.kind);
	uint64_t fp = c->regs.v[ARM64_FP], record[2], regs;

	if (!event || c->signal || !arm64_has(&c->regs, ARM64_FP) ||
	    fp != c->stack.end - RECORD || stk_read(s, fp, record, sizeof(record)))
		return STK_STEP_NO_RULE;
	out->reliable = true;
	if (!record[0] && !record[1])
		return arm64_user_step(out);
	if (find_regs(s, c, event, record, &regs))
		return stk_regs_step(s, regs, out);
	out->how = STK_HOW_FP;
	out->signal = true;
	arm64_set(&out->regs, ARM64_FP, record[0]);
	arm64_set(&out->regs, ARM64_PC, record[1]);
	out->at = record[0];
	return STK_STEP_OK;
}
