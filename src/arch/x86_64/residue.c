/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The leftovers of the last use of an idle stack. One row for each kind of
 * stack and way in which it is left.
 */
#include "exception.h"

#include "../../kernel/layout.h"
#include "../../machine/memory.h"
#include "../../base/say.h"

#define SYSRET_RSP 8u /* below the trampoline's top: the user's rsp, since 4.15 */

static bool is_selector(uint64_t value)
{
	return value && value <= 0xffff;
}

static const char *place_text(struct stk *s, uint64_t ip, bool user)
{
	struct stk_name name;

	if (user)
		return stk_say(s, "user mode at %#llx", (unsigned long long)ip);
	stk_symbolize(s, ip, false, &name);
	if (!name.function)
		return stk_say(s, "%#llx", (unsigned long long)ip);
	return stk_say(s, "%s+%llu%s%s%s", name.function, (unsigned long long)name.offset,
		       name.module ? " [" : "", name.module ? name.module : "",
		       name.module ? "]" : "");
}

static bool saved_regs(struct stk *s, uint64_t at, struct stk_regs *regs)
{
	return !x86_read_pt_regs(s, at, regs) && regs->v[X86_CS] &&
	       (x86_user_mode(regs) ? !x86_is_kernel_address(regs->v[X86_IP])
				    : stk_is_text(s, regs->v[X86_IP]));
}

static void set_residue(struct stk *s, struct stk_residue *out, const char *what,
			uint64_t at, uint64_t ip, bool user)
{
	const char *where = place_text(s, ip, user);

	out->regs_at = at;
	out->ip = ip;
	out->user = user;
	out->text = stk_say(s, "%s %s", what, where ? where : "");
}

/*
 * error_entry() leaves a pt_regs and, below it, its return address in the handler's
 * entry code. Leaving by SYSRET puts the user's rdi and rsp over the last two words.
 */
static void entry_stack(struct stk *s, const struct stk_stack *stack,
			struct stk_residue *out)
{
	uint64_t at = stack->end - X86_PT_REGS_SIZE, caller = 0, ss = 0;
	struct stk_entry entry = { .kind = NULL };
	struct stk_regs regs;
	const char *what;

	if (!saved_regs(s, at, &regs) || !x86_user_mode(&regs))
		return;
	stk_read_u64(s, stack->end - SYSRET_RSP, &ss);
	if (!stk_read_u64(s, at - 8, &caller) && stk_is_text(s, caller))
		x86_describe_entry(s, caller, &regs, at, &entry);
	if (entry.kind && entry.code >= 0)
		what = stk_say(s, "last entry: %s %lld (%s) from",
			       stk_entry_kind_name(entry.kind), (long long)entry.code,
			       entry.name);
	else if (entry.kind)
		what = stk_say(s, "last entry: %s (%s) from",
			       stk_entry_kind_name(entry.kind), entry.name);
	else
		what = "last entry from";
	set_residue(s, out, what ? what : "", at, regs.v[X86_IP], true);
	if (!is_selector(ss) && out->text)
		out->text = stk_say(s,
				    "%s; left since by SYSRET, "
				    "to user rsp %#llx",
				    out->text, (unsigned long long)ss);
}

/* The outermost call on it: its return address lies below the word of the switch. */
static void irq_stack(struct stk *s, const struct stk_stack *stack,
		      struct stk_residue *out)
{
	uint64_t ip;

	if (stk_read_u64(s, stack->end - 16, &ip) || !stk_is_text(s, ip))
		return;
	set_residue(s, out, "last used by", 0, ip, false);
}

static void called_stack(struct stk *s, const struct stk_stack *stack,
			 struct stk_residue *out)
{
	struct x86_called called;

	if (!x86_called_stack(s, stack, &called))
		return;
	set_residue(s, out, "handle_stack_overflow() was called on it by", 0, called.ret,
		    false);
}

/*
 * From user mode an NMI leaves at once for the task's stack: only its frame is here, the
 * last one, nested or not. From the kernel its pt_regs lies below the copies.
 */
static void copied_frame(struct stk *s, const struct stk_stack *stack,
			 const struct x86_exception_frame *place, struct stk_residue *out)
{
	uint64_t at = stack->end - place->pt_regs;
	struct stk_regs frame, regs;
	bool user;

	if (x86_read_iret(s, stack->end - place->hw, &frame) || !frame.v[X86_CS])
		return;
	user = x86_user_mode(&frame);
	if (user ? x86_is_kernel_address(frame.v[X86_IP])
		 : !stk_is_text(s, frame.v[X86_IP]))
		return;
	if (user || !saved_regs(s, at, &regs) || regs.v[X86_IP] != frame.v[X86_IP])
		at = 0;
	set_residue(s, out, "the last NMI interrupted", at, frame.v[X86_IP], user);
}

static void exception_stack(struct stk *s, const struct stk_stack *stack,
			    struct stk_residue *out)
{
	const struct x86_exception_frame *frame = x86_frame_on(s, stack);
	struct stk_regs regs;
	uint64_t at;

	if (!frame) {
		called_stack(s, stack, out);
		return;
	}
	if (frame->iret) {
		copied_frame(s, stack, frame, out);
		return;
	}
	at = stack->end - frame->pt_regs;
	if (!saved_regs(s, at, &regs))
		return;
	set_residue(s, out, "the last exception interrupted", at, regs.v[X86_IP],
		    x86_user_mode(&regs));
}

static void task_stack(struct stk *s, const struct stk_stack *stack,
		       struct stk_residue *out)
{
	uint64_t at = x86_task_pt_regs(s, stack);
	struct stk_regs regs;

	if (!saved_regs(s, at, &regs) || !x86_user_mode(&regs))
		return;
	set_residue(s, out, "last entry from", at, regs.v[X86_IP], true);
}

/* rax, and the frame of an IRET: native_irq_return_ldt in entry_64.S. */
static void espfix_stack(struct stk *s, const struct stk_stack *stack,
			 struct stk_residue *out)
{
	struct stk_regs regs;

	if (x86_read_iret(s, stack->begin + 8, &regs) || !x86_user_mode(&regs))
		return;
	set_residue(s, out, "last return to a 16-bit stack:", 0, regs.v[X86_IP], true);
}

/* Those of the others are exception stacks. */
static const struct {
	const struct stk_kind *kind;
	void (*read)(struct stk *s, const struct stk_stack *stack,
		     struct stk_residue *out);
} residue[] = {
	{ X86_STACK(TASK), task_stack },
	{ X86_STACK(IRQ), irq_stack },
	{ X86_STACK(ENTRY), entry_stack },
	{ X86_STACK(ESPFIX), espfix_stack },
};

bool x86_residue(struct stk *s, const struct stk_stack *stack, struct stk_residue *out)
{
	void (*read)(struct stk * s, const struct stk_stack *stack,
		     struct stk_residue *out) = exception_stack;

	*out = (struct stk_residue){ 0 };
	for (size_t i = 0; i < sizeof(residue) / sizeof(residue[0]); i++)
		if (residue[i].kind == stack->kind)
			read = residue[i].read;
	if (stack->mapped)
		read(s, stack, out);
	return out->text;
}
