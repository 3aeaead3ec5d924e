/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words of a CPU that every era keeps under another name. One row for each place.
 *
 * 6.2-6.14 keep hot variables in one struct, pcpu_hot (commit e57ef2ed97c1, undone in
 * 6.15). A kernel may have more than one of the places, when a vendor kept an old one.
 */
#include "percpu_word.h"

#include "../../kernel/layout.h"

static const struct x86_percpu_word row[] = {
	/* hardirq_stack_ptr is 5.2+ (commit 758a2e312228), irq_stack_ptr was before. */
	{ X86_WORD_IRQ_STACK, "pcpu_hot", "hardirq_stack_ptr", NULL },
	{ X86_WORD_IRQ_STACK, "hardirq_stack_ptr", NULL, NULL },
	{ X86_WORD_IRQ_STACK, "irq_stack_ptr", NULL, NULL },
	/* 5.12+, commit 951c2a51ae75: a flag took the place of the counter irq_count. */
	{ X86_WORD_IRQ_IN_USE, "pcpu_hot", "hardirq_stack_inuse", NULL },
	{ X86_WORD_IRQ_IN_USE, "hardirq_stack_inuse", NULL, NULL },
	/* 5.12+ (commit 1591584e2e76); before, the TSS had it. */
	{ X86_WORD_TOP_OF_STACK, "pcpu_hot", "top_of_stack", "pcpu_hot.top_of_stack" },
	{ X86_WORD_TOP_OF_STACK, "cpu_current_top_of_stack", NULL,
	  "cpu_current_top_of_stack" },
	{ X86_WORD_PREEMPT_COUNT, "pcpu_hot", "preempt_count", NULL },
	{ X86_WORD_PREEMPT_COUNT, "__preempt_count", NULL, NULL },
};

#define NR_ROWS (sizeof(row) / sizeof(row[0]))

static bool find_place(struct stk *s, const struct x86_percpu_word *w, uint64_t percpu,
		       uint64_t *addr)
{
	struct stk_member m = { 0 };
	uint64_t sym;

	if (!stk_find_symbol(s, w->symbol, &sym) ||
	    (w->member && !stk_find_member(s, w->symbol, w->member, &m)))
		return false;
	*addr = sym + percpu + m.offset;
	return true;
}

const struct x86_percpu_word *x86_next_word(struct stk *s, enum x86_word word,
					    uint64_t percpu, size_t *next, uint64_t *addr)
{
	while (*next < NR_ROWS) {
		const struct x86_percpu_word *w = &row[(*next)++];

		if (w->word == word && find_place(s, w, percpu, addr))
			return w;
	}
	return NULL;
}

bool x86_has_word(struct stk *s, enum x86_word word)
{
	for (size_t i = 0; i < NR_ROWS; i++)
		if (row[i].word == word && stk_has_symbol(s, row[i].symbol))
			return true;
	return false;
}
