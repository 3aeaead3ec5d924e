/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What proves a step, or speaks against it, on this machine. */
#include <string.h>

#include "arm64.h"

#include "../../kernel/layout.h"
#include "../../kernel/names.h"
#include "../preempt_count.h"

#define KIND(kind) (1u << ARM64_KIND_##kind)

#define ANYTHING                                                                         \
	(KIND(UNKNOWN) | KIND(TASK) | KIND(IRQ) | KIND(OVERFLOW) | KIND(SDEI_NORMAL) |   \
	 KIND(SDEI_CRITICAL) | KIND(EFI) | STK_FROM_USER)

/*
 * An interrupt, and a softirq, goes on to the IRQ stack from a task's only; so does one
 * from user mode, by way of that. The overflow stack is for whatever ran out of its own;
 * the firmware calls SDEI's handlers whatever it interrupts.
 */
const uint32_t arm64_leads_to[32] = {
	[ARM64_KIND_UNKNOWN] = ANYTHING,
	[ARM64_KIND_TASK] = KIND(UNKNOWN) | STK_FROM_USER,
	[ARM64_KIND_IRQ] = KIND(TASK) | KIND(UNKNOWN),
	[ARM64_KIND_OVERFLOW] = ANYTHING,
	[ARM64_KIND_SDEI_NORMAL] = ANYTHING,
	[ARM64_KIND_SDEI_CRITICAL] = ANYTHING,
	[ARM64_KIND_EFI] = KIND(TASK) | KIND(UNKNOWN),
};

#define PSTATE_MODE 0x1full
#define MODE_EL1H   0x05u
#define MODE_EL2H   0x09u /* of a kernel that is a hypervisor's host, too (VHE) */
#define PSTATE_DAIF 0x3c0ull
#define STACK_ALIGN 15u /* the hardware checks it at each use of sp */

static bool kernel_words(const struct stk_regs *r)
{
	uint64_t mode = r->v[ARM64_PSTATE] & PSTATE_MODE;

	return (mode == MODE_EL1H || mode == MODE_EL2H) &&
	       !(r->v[ARM64_SP] & STACK_ALIGN);
}

/* User mode can mask nothing (valid_user_regs()). */
static bool user_words(const struct stk_regs *r)
{
	return !(r->v[ARM64_PSTATE] & PSTATE_DAIF);
}

/*
 * The entry code leaves x29 and the interrupted pc in a frame record at the end of the
 * pt_regs, once more, or, since 6.13, a mark of what kind that is (commit c2c6b27b5aa1):
 * { 0, 0, FRAME_META_TYPE_PT_REGS }. From user mode it is { 0, 0 } in all of them.
 */
#define META_FINAL   1u
#define META_PT_REGS 2u

static int same_in_record(struct stk *s, const struct stk_regs *r, uint64_t at)
{
	bool user = arm64_user_mode(r);
	uint64_t offset, record[3];
	struct stk_member meta;

	if (!arm64_stackframe(s, &offset) ||
	    stk_read(s, at + offset, record, sizeof(record)))
		return -1;
	if (stk_find_member(s, "frame_record_meta", "type", &meta))
		return !record[0] && !record[1] &&
		       record[2] == (user ? META_FINAL : META_PT_REGS);
	if (user)
		return !record[0] && !record[1];
	return record[0] == r->v[ARM64_FP] &&
	       arm64_code_address(s, record[1]) == r->v[ARM64_PC];
}

/*
 * Right below the stack pointer: no event changes the stack before the registers are
 * saved, but one that finds it used up, and what the firmware calls.
 */
static int place_agrees(struct stk *s, const struct stk_stack *stack,
			const struct stk_regs *r, uint64_t at)
{
	uint64_t end = at + stk_pt_regs_room(s), sp = r->v[ARM64_SP];

	if (stk_sp_within(sp, stack->begin, stack->end))
		return end == sp;
	if (stack->kind == ARM64_STACK(OVERFLOW))
		return end == stack->end;
	return stack->kind == ARM64_STACK(TASK) || stack->kind == ARM64_STACK(IRQ) ? 0
										   : -1;
}

/*
 * Entry code is named for where it is entered from: el0_sync, el0t_64_sync and their like
 * for user mode, el1_irq, el1h_64_irq for the kernel. Others may be of either.
 */
static bool entered_from(struct stk *s, uint64_t by, bool user)
{
	struct stk_name name;

	stk_symbolize(s, by - 1, false, &name);
	return !name.function || strncmp(name.function, user ? "el1" : "el0", 3) != 0;
}

void arm64_weigh_regs(struct stk *s, const struct stk_stack *stack,
		      const struct stk_regs *regs, uint64_t at, uint64_t by,
		      struct stk_evidence *e)
{
	uint64_t top = stack->kind ? stk_user_regs_at(s, stack) : 0;
	bool user = arm64_user_mode(regs), words, entry;

	if (!arm64_has(regs, ARM64_PSTATE))
		return;
	entry = arm64_in_entry_code(s, by - 1);
	/* Those that the firmware passes on lie on no stack, and have no record. */
	if (stack->kind || entry)
		stk_weigh(e, STK_WITNESS_COPY, same_in_record(s, regs, at));
	words = user ? user_words(regs) : kernel_words(regs);
	stk_weigh(e, STK_WITNESS_REGS, words && (!entry || entered_from(s, by, user)));
	if (user) {
		if (top)
			stk_weigh(e, STK_WITNESS_PLACE, at == top);
		return;
	}
	stk_weigh(e, STK_WITNESS_PLACE, place_agrees(s, stack, regs, at));
}

/* From user mode all go to the task's stack first, but what the firmware calls. */
bool arm64_user_below(struct stk *s, const struct stk_kind *kind, uint64_t ip)
{
	return kind != ARM64_STACK(IRQ) && kind != ARM64_STACK(EFI) &&
	       !stk_kind_is(kind, STK_KIND_GROWS_UP);
}

/* Is x29 where the code that calls there has it, above this stack pointer? */
static bool frame_fits(struct stk *s, const struct stk_regs *regs)
{
	struct stk_code_frame f = arm64_frame_at(s, regs->v[ARM64_PC] - 4);

	return !arm64_has(regs, ARM64_FP) || !f.has_record || !f.size_known ||
	       regs->v[ARM64_FP] == regs->v[ARM64_SP] + (uint64_t)(f.size - f.record);
}

/*
 * cpu_switch_to() is called in one place, in __switch_to(), and what it saved is the
 * address behind that call; of a new task it is ret_from_fork (copy_thread()).
 */
int arm64_begins_sleep(struct stk *s, const struct stk_regs *regs)
{
	uint64_t ip = regs->v[ARM64_PC], fork, target;
	const char *why;

	if (!stk_is_text(s, ip))
		return 0;
	if (stk_find_symbol(s, "ret_from_fork", &fork) && fork == ip)
		return 1;
	if (!stk_find_symbol(s, "cpu_switch_to", &target))
		return -1;
	switch (arm64_call_evidence(s, ip, target, true, &why)) {
	case STK_CALL_REACHES:
		return frame_fits(s, regs);
	case STK_CALL_UNREADABLE:
	case STK_CALL_UNFOLLOWED:
		return -2;
	default:
		return 0;
	}
}

/*
 * A thread begins in ret_from_fork (copy_thread()), an idle task where its CPU started,
 * both below the place of the registers of an entry from user mode.
 */
bool arm64_begins_stack(struct stk *s, const struct stk_cursor *c, bool idle)
{
	uint64_t top = stk_user_regs_at(s, &c->stack), ip = c->regs.v[ARM64_PC];
	struct stk_name name;
	bool forked;

	if (!top || c->at > top + stk_pt_regs_room(s) ||
	    (arm64_has(&c->regs, ARM64_SP) && c->regs.v[ARM64_SP] != top))
		return false;
	stk_symbolize(s, ip, !c->signal, &name);
	forked = name.function && !strcmp(name.function, "ret_from_fork");
	return idle ? !forked && !arm64_in_entry_code(s, ip) : forked;
}

int arm64_counts_context(struct stk *s, unsigned int cpu, const struct stk_kind *kind)
{
	uint32_t bits = kind == ARM64_STACK(IRQ)	   ? STK_COUNT_INTERRUPTS
			: kind == ARM64_STACK(SDEI_NORMAL) ? STK_COUNT_NMI
							   : 0;

	return stk_task_counts(s, cpu, bits);
}
