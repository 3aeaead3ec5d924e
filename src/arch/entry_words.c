/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "entry_words.h"

#include <inttypes.h>

#include "../kernel/cpus.h"
#include "../kernel/layout.h"
#include "../machine/memory.h"
#include "../stacks/stack.h"
#include "../base/say.h"

struct stk_entry_word *stk_word_add(struct stk_entry_words *out, const char *name)
{
	struct stk_entry_word *w = &out->word[out->nr];

	if (out->nr < STK_MAX_ENTRY_WORDS - 1)
		out->nr++;
	*w = (struct stk_entry_word){ .name = name };
	return w;
}

struct stk_entry_word *stk_word_of(struct stk_entry_words *out, const char *name,
				   uint64_t value)
{
	struct stk_entry_word *w = stk_word_add(out, name);

	w->readable = true;
	w->value = value;
	return w;
}

struct stk_entry_word *stk_word_percpu(struct stk *s, struct stk_entry_words *out,
				       const char *symbol)
{
	struct stk_entry_word *w;
	uint64_t at, percpu;

	if (!stk_find_symbol(s, symbol, &at) ||
	    stk_percpu_offset(s, (unsigned int)out->cpu, &percpu))
		return NULL;
	w = stk_word_add(out, symbol);
	w->readable = !stk_read_u64(s, at + percpu, &w->value);
	return w;
}

void stk_word_percpu_offset(struct stk *s, struct stk_entry_words *out, const char *where)
{
	struct stk_entry_word *w = stk_word_add(out, "per-CPU offset");

	w->readable = !stk_percpu_offset(s, (unsigned int)out->cpu, &w->value);
	w->meaning = where;
}

void stk_word_is_code(struct stk *s, struct stk_entry_word *w, uint64_t align)
{
	uint64_t phys;

	if (!w->readable)
		return;
	w->is_code = true;
	if (!s->arch->is_kernel_address(w->value)) {
		w->problem = "no address of the kernel's";
		return;
	}
	if (w->value % align) {
		w->problem = stk_say(s,
				     "not aligned to %" PRIu64 " bytes, as the hardware "
				     "wants it",
				     align);
		return;
	}
	/* What the dump does not have tells nothing. */
	if (stk_translate(s, w->value, &phys) == STK_ERR_UNMAPPED)
		w->problem = "nothing is mapped there";
}

void stk_word_is_executable(struct stk *s, struct stk_entry_word *w)
{
	uint64_t phys;

	if (w->readable && !w->problem && !stk_translate(s, w->value, &phys) &&
	    !s->arch->executable(s, w->value))
		w->problem = "the page tables let no code run there";
}

static void find_stack(struct stk *s, struct stk_entry_word *w, unsigned int cpu,
		       const struct stk_kind *kind)
{
	const struct stk_stack *stack;
	size_t nr;

	if (stk_cpu_stacks(s, cpu, &stack, &nr))
		return;
	for (size_t i = 0; i < nr && !w->has_stack; i++)
		if (stack[i].kind == kind && stack[i].begin == w->value) {
			w->has_stack = true;
			w->stack = stack[i];
		}
}

static void judge_pointer(struct stk *s, struct stk_entry_word *w,
			  const struct stk_percpu_stack *row)
{
	if (!w->value) {
		w->meaning = row->none;
		w->detail = row->none;
		w->problem = row->none ? NULL : "the CPU has no such stack";
	} else if (!stk_is_stack_begin(s, row, w->value)) {
		w->problem = "no stack can begin there";
	}
}

void stk_word_stacks(struct stk *s, struct stk_entry_words *out,
		     const struct stk_percpu_stack *row, size_t nr_rows)
{
	for (size_t i = 0; i < nr_rows; i++) {
		unsigned int cpu = (unsigned int)out->cpu;
		struct stk_entry_word *w;
		uint64_t at;

		if (row[i].pointer) {
			w = stk_word_percpu(s, out, row[i].symbol);
			if (!w || !w->readable)
				continue;
			judge_pointer(s, w, &row[i]);
		} else if (!stk_percpu_address(s, row[i].symbol, cpu, &at)) {
			w = stk_word_of(out, row[i].symbol, at);
		} else {
			continue;
		}
		if (!w->problem)
			find_stack(s, w, cpu, row[i].kind);
	}
}

void stk_word_user_entry(struct stk *s, struct stk_entry_words *out)
{
	struct stk_entry_word *w;
	struct stk_stack stack;
	struct stk_task task;
	struct stk_regs regs;
	uint64_t at;

	if (stk_cpu_current(s, (unsigned int)out->cpu, &task) ||
	    stk_is_kernel_thread(&task) || stk_task_stack(s, &task, &stack))
		return;
	at = s->arch->user_regs_at(s, &stack);
	if (!at)
		return;
	w = stk_word_of(out, "sp at user entry", at);
	w->has_stack = true;
	w->stack = stack;
	w->has_task = true;
	w->task = task;
	w->meaning = "the stack's end less pt_regs";
	if (!s->arch->read_pt_regs(s, at, &regs) && s->arch->user_mode(&regs) &&
	    !s->arch->is_kernel_address(regs.v[s->arch->ip]))
		w->meaning =
			stk_say(s, "the last time from %" PRIx64, regs.v[s->arch->ip]);
}
