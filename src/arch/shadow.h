/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shadow.h - shadow call stacks (CONFIG_SHADOW_CALL_STACK). A function that calls others
 * puts its return address on one, too, and returns by that. Each task has one, and so has
 * what leaves its stack for another. A register points behind the newest word: they grow
 * up.
 */
#ifndef STK_ARCH_SHADOW_H
#define STK_ARCH_SHADOW_H

#include "arch.h"

/* Of each, in bytes; 0: this kernel has none, or does not use them. */
uint64_t stk_shadow_size(struct stk *s);

/* SCS_END_MAGIC, its last word. */
bool stk_is_shadow_end(uint64_t word);

/* That of @task. @sp: what its register had when the task was switched out. */
bool stk_task_shadow(struct stk *s, const struct stk_task *task, struct stk_stack *out,
		     uint64_t *sp);

/* Those that @cpu keeps for the next tasks, at most @room; returns how many. */
size_t stk_kept_shadows(struct stk *s, unsigned int cpu, struct stk_stack *out,
			size_t room);

#endif
