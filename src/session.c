/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/context.h"

#include <stdio.h>
#include <stdlib.h>

#include "arch/arch.h"
#include "base/safe.h"
#include "base/sized.h"
#include "kernel/cpus.h"
#include "machine/lost.h"
#include "unwind/unwind.h"

struct stk *stk_open(const struct stk_target *target, size_t size)
{
	struct stk *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	stk_give(&s->target, sizeof(s->target), target, size);
	stk_budget_init(&s->budget, s->target.size);
	s->arena.budget = s->texts.budget = &s->budget;
	/* The one architecture so far; others are told by the dump's ELF machine. */
	s->arch = &stk_arch_x86_64;
	return s;
}

void stk_close(struct stk *s)
{
	if (!s)
		return;
	stk_free_chains(s);
	stk_arena_free(&s->arena);
	stk_arena_free(&s->fixed);
	stk_arena_free(&s->texts);
	free(s);
}

void stk_question(struct stk *s)
{
	/* What was lost until the first one concerns it. */
	if (s->budget.question > 1 && !s->budget.purse)
		stk_lost_forget(s);
	stk_budget_question(&s->budget);
	stk_budget_back(&s->budget, s->texts.taken);
	s->texts.taken = 0;
}

const char *stk_arch_name(struct stk *s)
{
	return s->arch->name;
}

enum stk_status stk_prepare(struct stk *s)
{
	struct stk_cpus *cpus;

	stk_enter(s);
	return stk_leave(s, stk_cpus_get(s, &cpus));
}
