/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session.h"

#include <stdio.h>
#include <stdlib.h>

#include "arch/arch.h"
#include "base/context.h"
#include "base/safe.h"
#include "base/sized.h"
#include "kernel/cpus.h"
#include "machine/lost.h"
#include "unwind/unwind.h"

/* What the rooms see of a session, and where the hooks that they call stand. */
struct session {
	struct stk s;
	struct stk_arch arch;
};

struct stk *stk_open_as(const struct stk_target *target, size_t size,
			const struct stk_arch *arch)
{
	struct session *session = calloc(1, sizeof(*session));
	struct stk *s = &session->s;

	if (!session)
		return NULL;
	stk_give(&s->target, sizeof(s->target), target, size);
	stk_budget_init(&s->budget, s->target.size);
	s->arena.budget = s->texts.budget = &s->budget;
	session->arch = *arch;
	stk_arch_complete(&session->arch);
	s->arch = &session->arch;
	return s;
}

struct stk *stk_open(const struct stk_target *target, size_t size)
{
	/* The one architecture so far; others are told by the dump's ELF machine. */
	return stk_open_as(target, size, &stk_arch_x86_64);
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
