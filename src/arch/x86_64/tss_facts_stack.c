/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The top of the current task's stack, as the CPU's words have it. */
#include "tss_facts.h"

#include <inttypes.h>

#include "../../kernel/cpus.h"
#include "../../machine/memory.h"
#include "../../stacks/stack.h"
#include "percpu_word.h"
#include "../../base/say.h"

/*
 * Up to 5.11 the kernel reads it from the TSS itself: sp1 (4.15-5.11, 4.14.y) or, without
 * an entry stack, sp0. Returns where it is; of several words, one that is @want.
 */
static const char *read_top(struct stk *s, const struct stk_x86_tss *tss, uint64_t percpu,
			    uint64_t want, struct stk_x86_tss_fact *f)
{
	bool entry_stack = x86_has_entry_area(s);
	const struct stk_x86_tss_slot *slot =
		&tss->slot[entry_stack ? STK_X86_TSS_SP1 : STK_X86_TSS_SP0];
	const struct x86_percpu_word *word;
	const char *name = NULL;
	uint64_t at;

	for (size_t i = 0;
	     (word = x86_next_word(s, X86_WORD_TOP_OF_STACK, percpu, &i, &at));) {
		uint64_t value = 0;
		bool readable = !stk_read_u64(s, at, &value);

		if (name && (f->value == want || !readable || value != want))
			continue;
		f->readable = readable;
		f->value = value;
		name = word->name;
	}
	if (name)
		return name;
	f->readable = slot->readable;
	f->value = slot->value;
	return slot->name;
}

void x86_tss_top_of_stack(struct stk *s, struct stk_x86_tss *tss, uint64_t percpu)
{
	struct stk_x86_tss_fact *f =
		x86_tss_word(tss, "the current task's stack", "top_of_stack");
	uint64_t pad = x86_top_padding(s), want = 0;
	struct stk_task task, other;
	struct stk_stack stack;
	const char *where;

	if (!stk_cpu_current(s, tss->cpu, &task) && task.stack)
		want = task.stack + x86_thread_size(s) - pad;
	where = read_top(s, tss, percpu, want, f);
	if (!f->readable)
		return;
	if (!want) {
		f->meaning = stk_say(s, "%s; the current task cannot be read", where);
		return;
	}
	if (f->value == want) {
		f->meaning =
			stk_say(s, "%s: of PID %" PRIu32 " \"%s\", current%s", where,
				task.pid, task.comm, pad ? "; 16 less for FRED" : "");
		return;
	}
	f->meaning = where;
	f->problem = stk_say(s,
			     "not the top of the stack of the current task, PID %" PRIu32
			     " \"%s\": %" PRIx64,
			     task.pid, task.comm, want);
	if (stk_stack_with(s, f->value - 8, &stack) || stack.kind != X86_STACK(TASK) ||
	    f->value != stack.end - pad || stk_task_read(s, stack.task, &other))
		return;
	/* __switch_to() writes current and this word one after the other. */
	f->problem = stk_say(s,
			     "of PID %" PRIu32 " \"%s\", while PID %" PRIu32
			     " \"%s\" is current: a switch between the two is in flight",
			     other.pid, other.comm, task.pid, task.comm);
	f->in_flight = true;
}
