/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The edges of the kernel: where its entry code saves registers, and what a CPU that
 * was stopped inside it was about to do.
 */
#include <string.h>

#include "../../base/bytes.h"
#include "../../kernel/cpus.h"
#include "../../kernel/layout.h"
#include "../pt_regs.h"
#include "../../stacks/stack.h"
#include "exception.h"
#include "note.h"
#include "../../base/say.h"

/* Where the user's rip is in rcx, on the way in or out by SYSCALL and SYSRET. */
bool x86_in_syscall_code(struct stk *s, uint64_t ip)
{
	struct stk_name name;

	stk_symbolize(s, ip, false, &name);
	return !name.module &&
	       (stk_starts_with(name.function, "entry_SYSCALL_64") ||
		stk_starts_with(name.function, "entry_SYSCALL_compat") ||
		stk_starts_with(name.function, "syscall_return_via_sysret"));
}

/* By the section's bounds, or what can be told without them. */
bool x86_in_entry_code(struct stk *s, uint64_t ip)
{
	return x86_in_syscall_code(s, ip) ||
	       stk_between_symbols(s, "__entry_text_start", "__entry_text_end", ip);
}

/* It lies in .noinstr.text, not in the entry code's section. */
bool x86_in_fred_code(struct stk *s, uint64_t ip)
{
	struct stk_name name;

	stk_symbolize(s, ip, false, &name);
	return !name.module && stk_starts_with(name.function, "asm_fred_");
}

/*
 * Only assembly has UNWIND_HINT_REGS and _IRET_REGS: the entry code, that of early boot,
 * and some that lies elsewhere: FRED's entry (entry_64_fred.S), where a new task goes to
 * user mode, and where one that died in the kernel is made to exit
 * (rewind_stack_do_exit()).
 */
bool x86_may_save_regs(struct stk *s, uint64_t ip)
{
	static const struct {
		const char *begin, *end;
	} section[] = {
		{ "__entry_text_start", "__entry_text_end" },
		{ "__irqentry_text_start", "__irqentry_text_end" },
		{ "_sinittext", "_einittext" },
	};
	struct stk_name name;

	if (!stk_has_symbol(s, "__entry_text_start"))
		return true; /* it cannot be told */
	for (size_t i = 0; i < sizeof(section) / sizeof(section[0]); i++)
		if (stk_between_symbols(s, section[i].begin, section[i].end, ip))
			return true;
	stk_symbolize(s, ip, false, &name);
	return x86_in_fred_code(s, ip) ||
	       stk_starts_with(name.function, "ret_from_fork") ||
	       stk_starts_with(name.function, "rewind_stack_") ||
	       stk_starts_with(name.function, "vc_boot_ghcb") ||
	       stk_starts_with(name.function, "xen_");
}

bool x86_on_user_stack(struct stk *s, const struct stk_regs *regs)
{
	return x86_in_entry_code(s, regs->v[X86_IP]) &&
	       !x86_is_kernel_address(regs->v[X86_SP]);
}

/* Word 7 bit 11 since 4.15. */
#define FEATURE_PTI (7u * 32 + 11)

int x86_cpu_feature(struct stk *s, unsigned int feature)
{
	struct stk_member caps;
	uint64_t cpu;
	uint32_t word;

	if (!stk_find_symbol(s, "boot_cpu_data", &cpu) ||
	    !stk_find_member(s, "cpuinfo_x86", "x86_capability", &caps) ||
	    stk_read_u32(s, cpu + caps.offset + 4 * (feature / 32), &word))
		return X86_UNKNOWN;
	return word >> feature % 32 & 1;
}

/*
 * SWITCH_TO_KERNEL_CR3 in entry_SYSCALL_64 (entry_64.S, calling.h) has rsp for its
 * scratch register: until the next instruction loads the task's stack, it is the
 * physical address of a page table, which looks like an address of user mode.
 */
bool x86_rsp_is_cr3(struct stk *s, int cpu, uint64_t sp)
{
	struct stk_member mm_at, pgd_at;
	uint64_t mm, pgd, phys;
	struct stk_task task;

	return cpu >= 0 && !stk_cpu_current(s, (unsigned int)cpu, &task) &&
	       stk_find_member(s, "task_struct", "mm", &mm_at) &&
	       stk_find_member(s, "mm_struct", "pgd", &pgd_at) &&
	       !stk_read_u64(s, task.addr + mm_at.offset, &mm) && mm &&
	       !stk_read_u64(s, mm + pgd_at.offset, &pgd) &&
	       !x86_translate(s, pgd, &phys) &&
	       x86_cr3_table(sp) == (phys & ~X86_CR3_USER);
}

static void add_entry_fact(struct stk_entry_state *state, const char *what,
			   const char *value)
{
	state->fact[state->nr_facts].what = what;
	state->fact[state->nr_facts++].value = value;
}

static const char *whose_text(struct stk *s, const char *what, const char *whose)
{
	return whose ? stk_say(s, "%s %s's, ", what, whose) : "";
}

/* The stack that rsp is on, for the state; returns it in words. */
static const char *where_in_entry(struct stk *s, unsigned int cpu, uint64_t sp,
				  const struct stk_stack *stack,
				  struct stk_entry_state *state)
{
	state->stack = stk_stack_kind_name(stack ? stack->kind : X86_STACK(TASK));
	if (stack)
		return state->stack;
	if (x86_is_kernel_address(sp))
		return "the task's stack";
	if (x86_rsp_is_cr3(s, (int)cpu, sp)) {
		state->stack = NULL;
		return "no stack (rsp is the page table's address)";
	}
	state->stack = "user";
	return "the user's rsp";
}

/* sync_regs() and its like are C code on the trampoline's stack. */
static bool is_in_entry(struct stk *s, uint64_t ip, const struct stk_stack *stack)
{
	return x86_in_entry_code(s, ip) || (stack && stack->kind == X86_STACK(ENTRY));
}

/* @pti: is there one for each? Less than 0: not known. */
static const char *whose_table(const struct x86_system *system, int pti)
{
	if (!system->has_cr3 || pti < 0)
		return NULL;
	return pti && system->cr3 & X86_CR3_USER ? "user" : "kernel";
}

const struct stk_entry_state *x86_entry_state(struct stk *s, unsigned int cpu,
					      const struct stk_saved *saved)
{
	struct x86_system system;
	struct stk_regs regs;
	uint64_t percpu, ip, sp;
	const char *gs = NULL, *cr3, *path = "";
	const struct stk_stack *stack;
	struct stk_entry_state state;
	struct stk_name name;
	int pti;

	if (x86_note_regs(s, saved, &regs) || !x86_read_system(s, saved, &system))
		return NULL;
	ip = regs.v[X86_IP];
	sp = regs.v[X86_SP];
	stack = stk_cpu_stack_at(s, cpu, sp);
	if (stk_percpu_offset(s, cpu, &percpu) || !is_in_entry(s, ip, stack))
		return NULL;
	/* What is kept is compared with what was before, holes included. */
	memset(&state, 0, sizeof(state));
	if (system.has_gs)
		gs = system.gs_base == percpu ? "kernel" : "user";
	pti = x86_cpu_feature(s, FEATURE_PTI);
	cr3 = whose_table(&system, pti);
	add_entry_fact(&state, "gs", gs);
	add_entry_fact(&state, "cr3", cr3);
	stk_symbolize(s, ip, false, &name);
	if (stk_starts_with(name.function, "paranoid_"))
		path = ", on the paranoid path";
	state.text =
		stk_say(s, "in entry code: %s%son %s%s", whose_text(s, "GS is the", gs),
			whose_text(s, "CR3 the", pti == 1 ? cr3 : NULL),
			where_in_entry(s, cpu, sp, stack, &state), path);
	return stk_say_bytes(s, &state, sizeof(state));
}

static void try_copy(struct stk *s, const struct stk_stack *stack, uint64_t at,
		     const struct stk_regs *regs, struct stk_copy *out, size_t room,
		     size_t *nr)
{
	const uint64_t compared =
		1ull << X86_IP | 1ull << X86_SP | 1ull << X86_CS | 1ull << X86_FLAGS;
	struct stk_regs saved;

	if (*nr < room && !x86_read_pt_regs(s, at, &saved) &&
	    stk_same_regs(&saved, regs, compared))
		out[(*nr)++] = (struct stk_copy){ *stack, at };
}

/* Where the hardware begins to push when it does not change stacks: 16-byte aligned. */
static uint64_t pushed_below(uint64_t sp)
{
	return (sp & ~15ull) - X86_PT_REGS_SIZE;
}

static void try_below(struct stk *s, const struct stk_stack *stack,
		      const struct stk_regs *regs, struct stk_copy *out, size_t room,
		      size_t *nr)
{
	uint64_t sp = regs->v[X86_SP];

	if (sp <= stack->begin + X86_PT_REGS_SIZE || sp > stack->end)
		return;
	try_copy(s, stack, pushed_below(sp), regs, out, room, nr);
	if (stk_has_symbol(s, "asm_fred_entrypoint_user"))
		try_copy(s, stack, X86_FRED_TOP(sp) - X86_FRED_PT_REGS, regs, out, room,
			 nr);
}

/* Where an event that led to the stack has its pt_regs; 0: none leads there. */
static uint64_t event_regs_at(struct stk *s, const struct stk_stack *stack)
{
	const struct x86_exception_frame *frame = x86_frame_on(s, stack);

	if (frame)
		return stack->end - frame->pt_regs;
	return stack->kind == X86_STACK(ENTRY) ? stack->end - X86_PT_REGS_SIZE : 0;
}

size_t x86_saved_copies(struct stk *s, int cpu, const struct stk_stack *task,
			const struct stk_regs *regs, struct stk_copy *out, size_t room)
{
	struct stk_stack stack[STK_MAX_CPU_STACKS];
	size_t nr = 0, stacks = 0;
	uint64_t at;

	if (cpu >= 0)
		x86_cpu_stacks(s, (unsigned int)cpu, stack, STK_MAX_CPU_STACKS, &stacks);
	for (size_t i = 0; i < stacks; i++) {
		if (!stack[i].mapped)
			continue;
		at = event_regs_at(s, &stack[i]);
		if (at)
			try_copy(s, &stack[i], at, regs, out, room, &nr);
		try_below(s, &stack[i], regs, out, room, &nr);
	}
	if (task && x86_user_mode(regs))
		try_copy(s, task, x86_task_pt_regs(s, task), regs, out, room, &nr);
	else if (task)
		try_below(s, task, regs, out, room, &nr);
	return nr;
}

/*
 * An NMI sets "NMI executing" in its stack and clears it at its end: while it is set,
 * the pt_regs there are what it interrupted (entry_64.S, asm_exc_nmi).
 */
static bool interrupted_by_nmi(struct stk *s, const struct stk_stack *stack,
			       struct stk_regs *regs)
{
	struct stk_evidence e = { 0 };
	uint64_t at;

	at = event_regs_at(s, stack);
	if (!x86_keeps_copies(stack) || x86_read_pt_regs(s, at, regs))
		return false;
	x86_weigh_regs(s, stack, regs, at, 0, &e);
	return !e.differ;
}

/*
 * Whoever switches to the IRQ stack leaves the stack pointer in its top word and calls
 * from there (asm/irq_stack.h): while the stack is in use, that call is not over.
 */
static bool called_on_irq_stack(struct stk *s, const struct stk_stack *stack,
				struct stk_regs *regs)
{
	uint64_t slot = stack->end - 16, ip, target;

	if (stack->kind != X86_STACK(IRQ) || stk_read_u64(s, slot, &ip) ||
	    !stk_is_text(s, ip) || !x86_is_return(s, ip, &target))
		return false;
	*regs = (struct stk_regs){ .valid = 1ull << X86_IP | 1ull << X86_SP };
	regs->v[X86_IP] = ip;
	regs->v[X86_SP] = slot + 8;
	return true;
}

/* What was done last comes first: an NMI interrupts all else. */
static const struct {
	bool (*find)(struct stk *s, const struct stk_stack *stack, struct stk_regs *regs);
	bool signal;
	const char *why;
} vouched[] = {
	{ interrupted_by_nmi, true,
	  "no registers were saved; these are what the NMI that the CPU was handling had "
	  "interrupted" },
	{ called_on_irq_stack, false,
	  "no registers were saved; the CPU was on its IRQ stack, and the chain begins with "
	  "the first call there: what that led to is not known" },
};

bool x86_vouched_regs(struct stk *s, unsigned int cpu, struct stk_regs *regs,
		      bool *signal, const char **why)
{
	struct stk_stack stack[STK_MAX_CPU_STACKS];
	const char *live;
	size_t nr = 0;

	x86_cpu_stacks(s, cpu, stack, STK_MAX_CPU_STACKS, &nr);
	for (size_t v = 0; v < sizeof(vouched) / sizeof(vouched[0]); v++)
		for (size_t i = 0; i < nr; i++) {
			if (!stack[i].mapped || x86_in_use(s, &stack[i], &live) != 1 ||
			    !vouched[v].find(s, &stack[i], regs))
				continue;
			*signal = vouched[v].signal;
			*why = vouched[v].why;
			return true;
		}
	return false;
}
