/* SPDX-License-Identifier: GPL-2.0-or-later */
/* viewed.h - each member of the public structures says what the rooms know. */
#ifndef UNIT_VIEWED_H
#define UNIT_VIEWED_H

#include "fixture.h"

#include <stackinfo/kernel.h>
#include <stackinfo/place.h>
#include <stackinfo/stackinfo.h>
#include <stackinfo/unwind.h>

#include "unwind/unwind.h"

#define SAME(a, b) ck_assert_msg((a) == (b), "%s is not %s", #a, #b)

void same_task(const struct stk_task_info *info, const struct stk_task *t);
void same_stack(const struct stk_stack_info *info, const struct stk_stack *stack);
void same_use(const struct stk_use_info *info, const struct stk_use *use);
void same_crossing(const struct stk_segment_info *info, const struct stk_segment *seg);
/* These ask for the public view themselves, of all that belongs to it. */
void same_place(struct stk *s, uint64_t addr, uint64_t task, const struct stk_place *p);
void same_chain_all(struct stk *s, const struct stk_chain *chain);
void same_tss(struct stk *s, const struct stk_x86_tss *t, bool evidence);

#endif
