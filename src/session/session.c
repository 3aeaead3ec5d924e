/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rooms are tied together here; nothing that they call knows it. */
#include "session.h"

#include <elf.h>
#include <stdlib.h>

#include "../arch/arch.h"
#include "../base/context.h"
#include "../base/sized.h"
#include "../machine/lost.h"
#include "../stacks/map.h"
#include "../unwind/unwind.h"

/* All that there are. */
static const struct {
	uint16_t machine;
	const struct stk_arch *arch;
} archs[] = {
	{ EM_X86_64, &stk_arch_x86_64 },
	{ EM_AARCH64, &stk_arch_arm64 },
	{ EM_RISCV, &stk_arch_riscv64 },
};

const struct stk_arch *stk_arch_of(uint64_t machine)
{
	for (size_t i = 0; i < sizeof(archs) / sizeof(archs[0]); i++)
		if (archs[i].machine == machine)
			return archs[i].arch;
	return NULL;
}

/* What the rooms see of a session, and where the hooks that they call stand. */
struct session {
	struct stk s;
	struct stk_arch arch;
};

struct stk *stk_open_as(const struct stk_target *target, size_t size,
			const struct stk_arch *arch)
{
	struct session *session = calloc(1, sizeof(*session));
	struct stk *s;

	if (!session)
		return NULL;
	s = &session->s;
	stk_give(&s->target, sizeof(s->target), target, size);
	stk_budget_init(&s->budget, s->target.size);
	s->arena.budget = s->texts.budget = s->fixed.budget = &s->budget;
	s->fixed.unpaid = true;
	session->arch = *arch;
	stk_arch_complete(&session->arch);
	s->arch = &session->arch;
	s->page_shift = s->arch->page_shift(s);
	/* What an architecture may ask of the rooms to its right is given to it. */
	s->find_stack = stk_find_stack;
	return s;
}

struct stk *stk_open(const struct stk_target *target, size_t size)
{
	struct stk_target t;
	const struct stk_arch *arch;

	stk_give(&t, sizeof(t), target, size);
	/* A program that does not tell was built when there was one architecture. */
	arch = t.machine == EM_NONE ? archs[0].arch : stk_arch_of(t.machine);
	return arch ? stk_open_as(&t, sizeof(t), arch) : NULL;
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
