/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The edges of the kernel: one vector, handle_exception, for all that comes. What it was
 * is in scause, which the entry code saves in the pt_regs.
 */
#include <string.h>

#include "../../kernel/cpus.h"
#include "../../kernel/layout.h"
#include "../../machine/lost.h"
#include "../../machine/memory.h"
#include "../../stacks/stack.h"
#include "../syscall_name.h"
#include "riscv64.h"
#include "../../base/say.h"

const struct stk_entry_kind riscv_entries[RISCV_NR_ENTRIES] = {
	[RISCV_ENTRY_SYSCALL] = { "syscall" },
	[RISCV_ENTRY_EXCEPTION] = { "exception" },
	[RISCV_ENTRY_INTERRUPT] = { "interrupt" },
};

/* Without ret_from_exception_end the next function ends the range. */
bool riscv_entry_code(struct stk *s, uint64_t *begin, uint64_t *end)
{
	return stk_find_symbol(s, "handle_exception", begin) &&
	       (stk_find_symbol(s, "ret_from_exception_end", end) ||
		stk_find_symbol(s, "__switch_to", end)) &&
	       *begin < *end;
}

bool riscv_in_entry_code(struct stk *s, uint64_t ip)
{
	uint64_t begin, end;

	return riscv_entry_code(s, &begin, &end) && stk_within(ip, begin, end);
}

#define MAX_HANDLERS 32u /* scause has 16 exceptions, and room for more */

/*
 * The entry code calls the handler of an exception by a table, and nothing else calls
 * those: their only argument is the pt_regs that it has made.
 */
bool riscv_only_entry_calls(struct stk *s, uint64_t callee)
{
	bool excused;
	uint64_t handler[MAX_HANDLERS] = { 0 }, begin, end;
	struct stk_name name;
	bool found = false;

	if (!stk_find_symbol(s, "excp_vect_table", &begin) ||
	    !stk_find_symbol(s, "excp_vect_table_end", &end) ||
	    end - begin > sizeof(handler))
		return false;
	/* A small dump was made by who did not need it, and no handler is at 0. */
	excused = stk_lost_excuse(s, true);
	stk_read(s, begin, handler, end - begin);
	stk_lost_excuse(s, excused);
	stk_symbolize(s, callee, false, &name);
	for (size_t i = 0; i < MAX_HANDLERS; i++)
		found |= name.function && handler[i] == callee - name.offset;
	return found;
}

/* Until the entry code has changed it, sp is the user's. */
bool riscv_on_user_stack(struct stk *s, const struct stk_regs *regs)
{
	return riscv_in_entry_code(s, regs->v[RISCV_PC]) &&
	       !riscv_is_kernel_address(regs->v[RISCV_SP]);
}

const struct stk_entry_state *riscv_entry_state(struct stk *s, unsigned int cpu,
						const struct stk_saved *saved)
{
	struct stk_entry_state state;
	const struct stk_stack *stack;
	struct stk_regs regs;

	if (riscv_note_regs(s, saved, &regs) || !riscv_in_entry_code(s, regs.v[RISCV_PC]))
		return NULL;
	/* What is kept is compared with what was before, holes included. */
	memset(&state, 0, sizeof(state));
	stack = stk_cpu_stack_at(s, cpu, regs.v[RISCV_SP]);
	state.stack =
		riscv_is_kernel_address(regs.v[RISCV_SP])
			? stk_stack_kind_name(stack ? stack->kind : RISCV_STACK(TASK))
			: "user";
	state.text = stk_say(
		s,
		"in entry code, with the stack pointer of %s: where it came from is in no "
		"register of the note (sepc)",
		riscv_is_kernel_address(regs.v[RISCV_SP]) ? "the kernel" : "user mode");
	return stk_say_bytes(s, &state, sizeof(state));
}

size_t riscv_saved_copies(struct stk *s, int cpu, const struct stk_stack *task,
			  const struct stk_regs *regs, struct stk_copy *out, size_t room)
{
	const uint64_t compared =
		1ull << RISCV_PC | 1ull << RISCV_SP | 1ull << RISCV_RA | 1ull << RISCV_FP;

	return stk_saved_copies(s, cpu, task, regs, compared, out, room);
}

/* --- scause: the privileged architecture, "Supervisor Cause Register" --- */

#define CAUSE_INTERRUPT (1ull << 63)
#define CAUSE_SYSCALL	8u
#define MAX_SYSCALLS	0x1000

static const struct {
	const char *name;
	enum stk_fault_kind kind;
	const char *access;
} causes[] = {
	{ "instruction address misaligned", STK_FAULT_PROTECTION, "execute" },
	{ "instruction access fault", STK_FAULT_PROTECTION, "execute" },
	{ "illegal instruction", STK_FAULT_OTHER, NULL },
	{ "breakpoint", STK_FAULT_TRAP, NULL },
	{ "load address misaligned", STK_FAULT_PROTECTION, "read" },
	{ "load access fault", STK_FAULT_PROTECTION, "read" },
	{ "store address misaligned", STK_FAULT_PROTECTION, "write" },
	{ "store access fault", STK_FAULT_PROTECTION, "write" },
	{ "environment call from U-mode", STK_FAULT_OTHER, NULL },
	{ "environment call from S-mode", STK_FAULT_OTHER, NULL },
	{ NULL, STK_FAULT_OTHER, NULL },
	{ NULL, STK_FAULT_OTHER, NULL },
	{ "instruction page fault", STK_FAULT_PAGE, "execute" },
	{ "load page fault", STK_FAULT_PAGE, "read" },
	{ NULL, STK_FAULT_OTHER, NULL },
	{ "store page fault", STK_FAULT_PAGE, "write" },
};
#define NR_CAUSES (sizeof(causes) / sizeof(causes[0]))

static const char *const syscall_prefix[] = { "__riscv_sys_", "__se_sys_", "sys_", NULL };

void riscv_describe_entry(struct stk *s, uint64_t ip, const struct stk_regs *user,
			  uint64_t at, struct stk_entry *out)
{
	uint64_t cause = user->v[RISCV_CAUSE];

	*out = (struct stk_entry){ .nr = -1, .code = -1 };
	if (!riscv_has(user, RISCV_CAUSE) || !riscv_in_entry_code(s, ip - 1))
		return;
	if (cause & CAUSE_INTERRUPT) {
		out->kind = RISCV_ENTRY(INTERRUPT);
		return;
	}
	out->kind = RISCV_ENTRY(EXCEPTION);
	out->code = (int64_t)cause;
	out->code_name = "scause";
	out->name = cause < NR_CAUSES ? causes[cause].name : NULL;
	if (cause != CAUSE_SYSCALL)
		return;
	*out = (struct stk_entry){ .kind = RISCV_ENTRY(SYSCALL), .nr = -1, .code = -1 };
	if (user->v[RISCV_A7] < MAX_SYSCALLS) {
		out->nr = (int64_t)user->v[RISCV_A7];
		out->name = stk_syscall_name(s, "sys_call_table", user->v[RISCV_A7],
					     syscall_prefix);
	}
}

bool riscv_describe_fault(struct stk *s, uint64_t ip, const struct stk_regs *regs,
			  uint64_t at, struct stk_fault *out)
{
	uint64_t cause = regs->v[RISCV_CAUSE];

	*out = (struct stk_fault){ 0 };
	riscv_describe_entry(s, ip, regs, at, &out->entry);
	if (out->entry.kind != RISCV_ENTRY(EXCEPTION))
		return false;
	if (cause >= NR_CAUSES)
		return true;
	out->kind = causes[cause].kind;
	out->access = causes[cause].access;
	if (out->kind == STK_FAULT_PAGE || out->kind == STK_FAULT_PROTECTION) {
		out->address_name = "badaddr";
		out->address = regs->v[RISCV_BADADDR];
	}
	return true;
}
