/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What proves a step, or speaks against it, on this machine. */
#include "../../base/bytes.h"
#include "../../kernel/code.h"
#include "../../kernel/cpus.h"
#include "../../kernel/layout.h"
#include "../preempt_count.h"
#include "exception.h"
#include "percpu_word.h"

#define KIND(kind) (1u << X86_KIND_##kind)

/* An exception that the IST gives a stack may hit anything, user mode included. */
#define EXCEPTION                                                                        \
	(KIND(DF) | KIND(NMI) | KIND(DB) | KIND(DB1) | KIND(DB2) | KIND(MCE) |           \
	 KIND(VC) | KIND(VC2))
#define ANYTHING                                                                         \
	(EXCEPTION | KIND(TASK) | KIND(IRQ) | KIND(SOFTIRQ) | KIND(ENTRY) |              \
	 KIND(ESPFIX) | KIND(UNKNOWN) | STK_FROM_USER)

/*
 * Up to 5.7 the entry code changes to the IRQ stack, since then the C code that it
 * calls; either way the task's stack was entered first. A CPU that is past panic()
 * spins with interrupts on, on whatever stack it panicked, and #DB handlers of old
 * kernels enabled them, too. UNKNOWN is a stack pointer on no stack: one that ran into
 * a guard page, or the user's own until SYSCALL's entry code has changed it.
 */
const uint32_t x86_leads_to[X86_NR_KINDS] = {
	[X86_KIND_UNKNOWN] = ANYTHING,
	[X86_KIND_TASK] = KIND(UNKNOWN) | STK_FROM_USER,
	[X86_KIND_IRQ] = KIND(TASK) | KIND(UNKNOWN) | EXCEPTION,
	[X86_KIND_SOFTIRQ] = KIND(TASK) | KIND(IRQ) | KIND(UNKNOWN),
	[X86_KIND_ENTRY] = KIND(ESPFIX) | KIND(UNKNOWN) | STK_FROM_USER,
	[X86_KIND_ESPFIX] = KIND(ENTRY) | KIND(UNKNOWN) | STK_FROM_USER,
	[X86_KIND_DF] = ANYTHING,
	[X86_KIND_NMI] = ANYTHING,
	[X86_KIND_DB2] = ANYTHING,
	[X86_KIND_DB1] = ANYTHING,
	[X86_KIND_DB] = ANYTHING,
	[X86_KIND_MCE] = ANYTHING,
	[X86_KIND_VC] = ANYTHING,
	[X86_KIND_VC2] = ANYTHING,
};

uint64_t x86_user_regs_at(struct stk *s, const struct stk_stack *stack)
{
	return stack->kind == X86_STACK(TASK) && !stk_stack_is_free(stack)
		       ? x86_task_pt_regs(s, stack)
		       : 0;
}

/* --- registers --- */

#define FLAGS_ALWAYS   0x2ull	/* bit 1 reads as one */
#define FLAGS_IF       0x200ull /* interrupts are on */
#define FLAGS_IOPL     0x3000ull
#define FLAGS_RESERVED 0xffffffffffc08028ull

#define KERNEL_CS 0x10u /* asm/segment.h */
#define KERNEL_SS 0x18u

/*
 * Going to ring 0 with another stack loads a null SS, and SYSCALL loads __KERNEL_DS;
 * so an interrupt of the kernel pushes one or the other. The detour of an optimized
 * kprobe has no word for it in old kernels: its pt_regs ends in what lay at rsp.
 */
static bool kernel_words(struct stk *s, const struct stk_stack *stack,
			 const struct stk_regs *r, uint64_t at, uint64_t flags)
{
	uint64_t top = x86_user_regs_at(s, stack), sp = r->v[X86_SP];
	bool has_ss = x86_has(r, X86_SS) && at + X86_PT_REGS_SIZE != sp + 8;

	if (r->v[X86_CS] != KERNEL_CS || flags & FLAGS_RESERVED ||
	    !(flags & FLAGS_ALWAYS))
		return false;
	if (has_ss && r->v[X86_SS] != KERNEL_SS && r->v[X86_SS] != 0)
		return false;
	/* Only entry code uses what lies above the user's registers. */
	return !top || sp <= top || sp >= stack->end ||
	       x86_in_entry_code(s, r->v[X86_IP]) || x86_in_fred_code(s, r->v[X86_IP]);
}

/* User mode runs with interrupts on unless it may turn them off itself. */
static bool user_words(const struct stk_regs *r, uint64_t flags)
{
	return !(flags & FLAGS_RESERVED) && flags & FLAGS_ALWAYS &&
	       (flags & FLAGS_IF || (flags & FLAGS_IOPL) == FLAGS_IOPL) &&
	       (!x86_has(r, X86_SS) || (r->v[X86_SS] & 3) == 3);
}

/*
 * The entry code of an NMI copies the five words that the hardware pushed, twice, and
 * the pt_regs ends in the "outermost" copy (entry_64.S, asm_exc_nmi). A nested NMI has
 * written over the others.
 */
static int same_as_copies(struct stk *s, const struct stk_stack *stack,
			  const struct stk_regs *r, uint64_t at)
{
	const struct x86_exception_frame *f;
	bool nested[2], same = true;
	struct stk_regs copy;

	if (!x86_keeps_copies(stack))
		return X86_UNKNOWN;
	f = &x86_exception(stack->kind)->frame[X86_IDT];
	if (at != stack->end - f->pt_regs)
		return X86_UNKNOWN;
	for (size_t i = 0; i < 2; i++) {
		if (x86_read_iret(s, stack->end - (i ? f->iret : f->hw), &copy))
			return X86_UNKNOWN;
		nested[i] = stk_within(copy.v[X86_SP], stack->begin, stack->end);
		for (unsigned int reg = X86_IP; reg <= X86_SS && !nested[i]; reg++)
			same = same && r->v[reg] == copy.v[reg];
	}
	/*
	 * A nested one leaves where it came from among the hardware's, and repeat_nmi in
	 * the other, until that is made anew; the other one alone is nobody's doing.
	 */
	if (nested[1])
		return nested[0] ? X86_UNKNOWN : 0;
	return same;
}

/*
 * The entry code of int3 moves its frame down by six words, so that its handler can
 * emulate a call (create_gap in entry_64.S, 5.2, commit 2700fefdb2d9).
 */
#define INT3_GAP 48u

static bool makes_gap(struct stk *s, uint64_t by)
{
	struct stk_name name;

	stk_symbolize(s, by, true, &name);
	return stk_same_text(name.function, "asm_exc_int3") ||
	       stk_same_text(name.function, "int3");
}

/* It goes on behind the int3, or in a copy of the instruction that a kprobe is at. */
static bool behind_int3(struct stk *s, uint64_t ip)
{
	const struct stk_code *code = stk_code_at(s, ip);

	return (code && code->kind == STK_CODE_KPROBE) || x86_has_int3(s, ip - 1);
}

/*
 * Where the CPU pushes: below rsp, aligned to 16, when it keeps the stack; else at the
 * stack's top. What builds a pt_regs by itself (an optimized kprobe) pushes directly
 * below rsp, in old kernels without its last word.
 */
static int place_agrees(struct stk *s, const struct stk_stack *stack,
			const struct stk_regs *r, uint64_t at, uint64_t by)
{
	const struct x86_exception *e = x86_exception(stack->kind);
	uint64_t sp = r->v[X86_SP], end = at + X86_PT_REGS_SIZE;
	bool fred;

	if (stk_sp_within(sp, stack->begin, stack->end)) {
		if (x86_keeps_copies(stack) &&
		    at >= stack->end - e->frame[X86_IDT].pt_regs)
			return X86_UNKNOWN; /* a nested NMI's, at the top once more */
		return end == (sp & ~15ull) || end == sp || end == sp + 8 ||
		       (end + INT3_GAP == (sp & ~15ull) && makes_gap(s, by)) ||
		       (at + X86_FRED_PT_REGS == X86_FRED_TOP(sp) && x86_uses_fred(s));
	}
	if (!e)
		return X86_UNKNOWN;
	fred = x86_fred_frame(s, stack);
	return at == stack->end - e->frame[fred ? X86_FRED : X86_IDT].pt_regs ||
	       (!fred && end == stack->end);
}

void x86_weigh_regs(struct stk *s, const struct stk_stack *stack,
		    const struct stk_regs *regs, uint64_t at, uint64_t by,
		    struct stk_evidence *e)
{
	uint64_t flags = regs->v[X86_FLAGS];
	uint64_t top = x86_user_regs_at(s, stack);

	if (!x86_has(regs, X86_CS) || !x86_has(regs, X86_FLAGS))
		return;
	stk_weigh(e, STK_WITNESS_COPY, same_as_copies(s, stack, regs, at));
	if (x86_user_mode(regs)) {
		stk_weigh(e, STK_WITNESS_REGS, user_words(regs, flags));
		if (top)
			stk_weigh(e, STK_WITNESS_PLACE, at == top);
		return;
	}
	stk_weigh(e, STK_WITNESS_REGS,
		  kernel_words(s, stack, regs, at, flags) &&
			  (!makes_gap(s, by) || behind_int3(s, regs->v[X86_IP])));
	if (x86_has(regs, X86_SP))
		stk_weigh(e, STK_WITNESS_PLACE, place_agrees(s, stack, regs, at, by));
}

/*
 * From user mode the entry code leaves the stack that the IST gave for the task's before
 * it calls a handler (asm_exc_nmi, idtentry_mce_db: 4.15+ for #DB and #MC, 5.8 all); #DF
 * stays. sync_regs() and fixup_bad_iret() help with that.
 */
bool x86_user_below(struct stk *s, const struct stk_kind *kind, uint64_t ip)
{
	struct stk_name name;

	if (!x86_exception(kind) || kind == X86_STACK(DF) || x86_may_save_regs(s, ip))
		return true;
	stk_symbolize(s, ip, false, &name);
	return stk_same_text(name.function, "sync_regs") ||
	       stk_same_text(name.function, "fixup_bad_iret") ||
	       stk_same_text(name.function, "error_entry");
}

/* --- sleeping tasks --- */

/*
 * __switch_to_asm() is called in one place, in __schedule(), and what it pushed last
 * is the address after that call; of a new task it is ret_from_fork (copy_thread()).
 */
int x86_begins_sleep(struct stk *s, const struct stk_regs *regs)
{
	uint64_t ip = regs->v[X86_IP], fork, target;
	const char *why;

	if (!stk_is_text(s, ip))
		return 0;
	if ((stk_find_symbol(s, "ret_from_fork_asm", &fork) && fork == ip) ||
	    (stk_find_symbol(s, "ret_from_fork", &fork) && fork == ip))
		return 1;
	if (!stk_find_symbol(s, "__switch_to_asm", &target))
		return -1;
	switch (x86_call_evidence(s, ip, target, true, &why)) {
	case STK_CALL_REACHES:
		return 1;
	case STK_CALL_UNREADABLE:
	case STK_CALL_UNFOLLOWED:
		return -2;
	default:
		return 0;
	}
}

/*
 * A thread begins in ret_from_fork (copy_thread()), an idle task where its CPU started,
 * both right below the place of the registers of an entry from user mode. ORC says "end
 * of stack" of entry code, too, as long as no pt_regs is complete.
 */
bool x86_begins_stack(struct stk *s, const struct stk_cursor *c, bool idle)
{
	uint64_t top = x86_user_regs_at(s, &c->stack), sp = c->regs.v[X86_SP], ret;
	uint64_t ip = c->regs.v[X86_IP] - !c->signal;
	struct stk_name name;
	bool forked;

	/* Where GCC realigned the stack the return address lies there twice. */
	if (!top ||
	    (sp != top && (c->signal || sp != top - 8 || stk_read_u64(s, sp, &ret) ||
			   ret != c->regs.v[X86_IP])))
		return false;
	stk_symbolize(s, ip, false, &name);
	forked = stk_starts_with(name.function, "ret_from_fork");
	return idle ? !forked && !x86_in_entry_code(s, ip) : forked;
}

/* --- what a CPU counts --- */

static bool preempt_count(struct stk *s, unsigned int cpu, uint32_t *count)
{
	uint64_t percpu, at;
	size_t next = 0;

	return !stk_percpu_offset(s, cpu, &percpu) &&
	       x86_next_word(s, X86_WORD_PREEMPT_COUNT, percpu, &next, &at) &&
	       !stk_read_u32(s, at, count);
}

/* It is counted after the stack is entered and before it is left: silence is no proof. */
int x86_counts_context(struct stk *s, unsigned int cpu, const struct stk_kind *kind)
{
	uint32_t count, bits = kind == X86_STACK(NMI)	? STK_COUNT_NMI
			       : kind == X86_STACK(IRQ) ? STK_COUNT_INTERRUPTS
							: 0;

	return bits && preempt_count(s, cpu, &count) && count & bits ? 1 : X86_UNKNOWN;
}
