/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words by which a CPU enters the kernel: the one vector, the current task, the stack
 * pointers in that, and the stacks that entry code goes to.
 */
#include "../entry_words.h"
#include "riscv64.h"

#include <inttypes.h>

#include "../../kernel/layout.h"
#include "../../base/say.h"

#define VECTOR_ALIGN 4u /* the lower bits of stvec are its mode */

static void vector_word(struct stk *s, struct stk_entry_words *out)
{
	struct stk_entry_word *w;
	uint64_t addr;

	if (!stk_find_symbol(s, "handle_exception", &addr))
		return;
	w = stk_word_of(out, "handle_exception", addr);
	stk_word_is_code(s, w, VECTOR_ALIGN);
	stk_word_is_executable(s, w);
	w->meaning = "all events come here";
}

/* tp is the current task outside of user mode; the entry code changes it first of all. */
static void current_word(struct stk *s, const struct stk_regs *regs,
			 const struct stk_task *current, struct stk_entry_words *out)
{
	uint64_t tp = regs->v[RISCV_TP];
	struct stk_entry_word *w = stk_word_of(out, "tp", tp);

	if (riscv_user_mode(regs))
		w->meaning = "the user's";
	else if (!riscv_in_entry_code(s, regs->v[RISCV_PC]) ||
		 (current && tp == current->addr))
		w->is_task = true;
	else
		w->meaning = tp ? "the user's: the entry code has not changed it yet"
				: "the entry code is about to load the current task";
}

static struct stk_entry_word *saved_word(struct stk *s, const struct stk_task *task,
					 struct stk_entry_words *out, const char *member)
{
	struct stk_entry_word *w;
	struct stk_member m;

	if (!stk_find_member(s, "thread_info", member, &m))
		return NULL;
	/* CONFIG_THREAD_INFO_IN_TASK: at the task's begin. */
	w = stk_word_add(out, member);
	w->readable = !stk_read_member(s, task->addr, "thread_info", member, &w->value);
	w->has_task = true;
	w->task = *task;
	return w->readable ? w : NULL;
}

/*
 * Where the entry code goes on: the end of the stack while user mode runs. An entry from
 * the kernel leaves its own there, and a new task has its parent's.
 */
static void kernel_sp_word(struct stk *s, const struct stk_regs *regs,
			   const struct stk_task *task, struct stk_entry_words *out)
{
	struct stk_entry_word *w = saved_word(s, task, out, "kernel_sp");
	struct stk_stack stack;

	if (!w || stk_task_stack(s, task, &stack))
		return;
	if (w->value == stack.end)
		w->meaning = "the end of its stack";
	else if (regs && riscv_user_mode(regs))
		w->problem =
			stk_say(s,
				"an entry from user mode goes there, and not to the end "
				"of the task's stack, %" PRIx64,
				stack.end);
	else if (w->value)
		w->meaning = "of the last entry from the kernel";
}

static void user_sp_word(struct stk *s, const struct stk_task *task,
			 struct stk_entry_words *out)
{
	struct stk_entry_word *w = saved_word(s, task, out, "user_sp");

	if (w && w->value)
		w->meaning = riscv_is_kernel_address(w->value)
				     ? "of the last entry, from the kernel"
				     : "of the last entry, from user mode";
}

void riscv_entry_words(struct stk *s, const struct stk_regs *regs,
		       struct stk_entry_words *out)
{
	struct stk_task task;
	bool has_task;

	if (out->cpu < 0) {
		vector_word(s, out);
		return;
	}
	has_task = !stk_cpu_current(s, (unsigned int)out->cpu, &task);
	stk_word_percpu_offset(s, out, "by thread_info.cpu of the current task");
	if (regs && riscv_has(regs, RISCV_TP))
		current_word(s, regs, has_task ? &task : NULL, out);
	if (has_task) {
		kernel_sp_word(s, regs, &task, out);
		user_sp_word(s, &task, out);
	}
	stk_word_user_entry(s, out);
	stk_word_stacks(s, out, riscv_percpu_stacks, RISCV_NR_PERCPU_STACKS);
}
