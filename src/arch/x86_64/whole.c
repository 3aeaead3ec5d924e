/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a small dump has whole, since other programs read all of it. */
#include "x86_64.h"

#include "../../kernel/cpus.h"
#include "../../kernel/layout.h"
#include "orc.h"

#define IDT_SIZE (256u * 16)

bool x86_whole_table(struct stk *s, unsigned int nth, uint64_t *begin, uint64_t *end)
{
	const unsigned int nr = stk_nr_cpus(s);
	uint64_t offset;
	uint32_t size;

	*begin = *end = 0;
	if (nth > nr)
		return orc_rule_table(s, nth - nr - 1, begin, end);
	if (nth == nr) {
		if (stk_find_symbol(s, "idt_table", begin))
			*end = *begin + IDT_SIZE;
	} else if (stk_cpu_possible(s, nth) && stk_find_symbol(s, "pcpu_hot", begin) &&
		   stk_find_size(s, "pcpu_hot", &size) &&
		   !stk_percpu_offset(s, nth, &offset)) {
		/* 6.2 to 6.14: the CPU's number and what else was per CPU before. */
		*begin += offset;
		*end = *begin + size;
	} else {
		*begin = 0;
	}
	return true;
}
