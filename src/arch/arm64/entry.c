/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The edges of the kernel: which event its entry code was entered by, and from where.
 * That is in the names of the code: el1h_64_irq, el0t_32_sync, …; up to 5.13
 * el1_irq, el0_sync_compat, ….
 */
#include <fnmatch.h>
#include <string.h>

#include "../../kernel/cpus.h"
#include "../../kernel/layout.h"
#include "../../stacks/stack.h"
#include "../syscall_name.h"
#include "arm64.h"
#include "../../base/say.h"

const struct stk_entry_kind arm64_entries[ARM64_NR_ENTRIES] = {
	[ARM64_ENTRY_SYSCALL] = { "syscall" },
	[ARM64_ENTRY_SYSCALL_COMPAT] = { "syscall_compat" },
	[ARM64_ENTRY_EXCEPTION] = { "exception" },
	[ARM64_ENTRY_IRQ] = { "interrupt" },
	[ARM64_ENTRY_FIQ] = { "fiq" },
	[ARM64_ENTRY_SERROR] = { "serror" },
};

bool arm64_in_entry_code(struct stk *s, uint64_t ip)
{
	return stk_between_symbols(s, "__entry_text_start", "__entry_text_end", ip) ||
	       arm64_tramp_text(s, ip);
}

/*
 * The C code of each entry is called by that, and by nothing else: el1h_64_irq_handler()
 * by el1h_64_irq (arch/arm64/kernel/entry-common.c).
 */
bool arm64_only_entry_calls(struct stk *s, uint64_t callee)
{
	struct stk_name name;

	stk_symbolize(s, callee, false, &name);
	return name.function && !fnmatch("el[01]*_handler", name.function, 0);
}

/*
 * Tables of vectors, one behind the other: 16 slots, four for each place that an event
 * can come from. Those of the trampoline have none for the kernel; the others make branch
 * prediction safe (5.17, commit bd09128d16fa).
 */
static const char *const tables[] = { "vectors", "tramp_vectors",
				      "__bp_harden_el1_vectors" };

#define VECTOR_SIZE   0x80u
#define NR_VECTORS    16u
#define VECTOR_EL0    8u /* the first of those from user mode */
#define VECTOR_COMPAT 12u

/* @begin: where the code begins, whose names may be several, @offset bytes before. */
static bool in_vectors(struct stk *s, uint64_t begin, uint64_t offset,
		       struct arm64_path *out)
{
	static const enum arm64_entry event[] = {
		ARM64_ENTRY_EXCEPTION,
		ARM64_ENTRY_IRQ,
		ARM64_ENTRY_FIQ,
		ARM64_ENTRY_SERROR,
	};
	uint64_t slot = offset / VECTOR_SIZE % NR_VECTORS, table;
	bool found = false;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		found |= stk_find_symbol(s, tables[i], &table) && table == begin;
	if (!found)
		return false;
	*out = (struct arm64_path){
		.user = slot >= VECTOR_EL0,
		.compat = slot >= VECTOR_COMPAT,
		.kind = &arm64_entries[event[slot % 4]],
		.vector = true,
	};
	return true;
}

static const struct {
	const char *part;
	enum arm64_entry entry;
} events[] = {
	{ "_irq", ARM64_ENTRY_IRQ },
	{ "_fiq", ARM64_ENTRY_FIQ },
	{ "_error", ARM64_ENTRY_SERROR },
};

bool arm64_entry_path(struct stk *s, uint64_t ip, struct arm64_path *out)
{
	struct stk_name name;
	const char *f;
	uint64_t at;

	*out = (struct arm64_path){ 0 };
	stk_symbolize(s, ip, false, &name);
	f = name.function;
	if (!f || name.module)
		return false;
	at = arm64_tramp_text(s, ip);
	if (in_vectors(s, (at ? at : ip) - name.offset, name.offset, out))
		return true;
	out->leaves = !strncmp(f, "tramp_exit", 10);
	if (out->leaves || !strncmp(f, "ret_to_user", 11) ||
	    !strncmp(f, "ret_fast_syscall", 16) ||
	    !strncmp(f, "finish_ret_to_user", 18)) {
		out->user = true;
		return true;
	}
	if (strncmp(f, "el0", 3) && strncmp(f, "el1", 3))
		return false;
	out->user = f[2] == '0';
	out->compat = strstr(f, "_32") || strstr(f, "compat");
	out->kind = ARM64_ENTRY(EXCEPTION);
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (strstr(f, events[i].part))
			out->kind = &arm64_entries[events[i].entry];
	return true;
}

/* The hardware does not change sp: at the vector that is the end of the task's stack. */
bool arm64_on_user_stack(struct stk *s, const struct stk_regs *regs)
{
	struct arm64_path path;

	return arm64_entry_path(s, regs->v[ARM64_PC], &path) && path.user && path.vector;
}

const struct stk_entry_state *arm64_entry_state(struct stk *s, unsigned int cpu,
						const struct stk_saved *saved)
{
	struct stk_entry_state state;
	struct arm64_path path;
	struct stk_regs regs;
	const struct stk_stack *stack;

	if (arm64_note_regs(s, saved, &regs) ||
	    !arm64_in_entry_code(s, regs.v[ARM64_PC]) ||
	    !arm64_entry_path(s, regs.v[ARM64_PC], &path))
		return NULL;
	/* What is kept is compared with what was before, holes included. */
	memset(&state, 0, sizeof(state));
	stack = stk_cpu_stack_at(s, cpu, regs.v[ARM64_SP]);
	state.stack = stk_stack_kind_name(stack ? stack->kind : ARM64_STACK(TASK));
	if (path.vector)
		state.text = stk_say(
			s,
			"at the vector of an event from %s mode (%s): nothing is saved "
			"yet, and where it came from is in no register of the note",
			path.user ? "user" : "kernel", stk_entry_kind_name(path.kind));
	else if (path.leaves)
		state.text = "in the trampoline on the way to user mode, whose registers "
			     "are loaded";
	else
		state.text = stk_say(s, "in entry code, on %s", state.stack);
	return stk_say_bytes(s, &state, sizeof(state));
}

size_t arm64_saved_copies(struct stk *s, int cpu, const struct stk_stack *task,
			  const struct stk_regs *regs, struct stk_copy *out, size_t room)
{
	const uint64_t compared = 1ull << ARM64_PC | 1ull << ARM64_SP |
				  1ull << ARM64_PSTATE | 1ull << ARM64_FP;

	return stk_saved_copies(s, cpu, task, regs, compared, out, room);
}

#define NO_SYSCALL   (-1) /* asm/ptrace.h */
#define MAX_SYSCALLS 0x1000

static const char *const syscall_prefix[] = { "__arm64_compat_sys_", "__arm64_sys_",
					      "compat_sys_", "sys_", NULL };

void arm64_describe_entry(struct stk *s, uint64_t ip, const struct stk_regs *user,
			  uint64_t at, struct stk_entry *out)
{
	struct arm64_path path;
	int32_t nr = NO_SYSCALL;

	*out = (struct stk_entry){ .nr = -1, .code = -1 };
	if (!arm64_entry_path(s, ip - 1, &path))
		return;
	if (arm64_has(user, ARM64_SYSCALLNO))
		nr = (int32_t)user->v[ARM64_SYSCALLNO];
	out->kind = path.kind;
	/* The entry code of all else has NO_SYSCALL there (4.14, commit 35d0e6fb4d21). */
	if (path.kind == ARM64_ENTRY(EXCEPTION) && nr >= 0 && nr < MAX_SYSCALLS) {
		out->kind =
			path.compat ? ARM64_ENTRY(SYSCALL_COMPAT) : ARM64_ENTRY(SYSCALL);
		out->nr = nr;
		out->name = stk_syscall_name(
			s, path.compat ? "compat_sys_call_table" : "sys_call_table",
			(uint64_t)nr, syscall_prefix);
	}
}
