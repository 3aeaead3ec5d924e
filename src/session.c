/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session.h"

#include <stdio.h>
#include <stdlib.h>

#include "arch/arch.h"
#include "base/safe.h"
#include "kernel/cpus.h"
#include "target/lost.h"
#include "unwind/unwind.h"

struct stk *stk_open(const struct stk_target *target)
{
	struct stk *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->target = *target;
	stk_budget_init(&s->budget, target->size);
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

const char *stk_error_text(const struct stk *s)
{
	return s->error;
}

enum stk_status stk_fail(struct stk *s, enum stk_status status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	stk_safe_vprintf(s->error, sizeof(s->error), fmt, ap);
	va_end(ap);
	s->error_status = status;
	return status;
}

const char *stk_reason(const struct stk *s, enum stk_status status)
{
	return s->error_status == status ? s->error : stk_status_text(status);
}

bool stk_interrupted(struct stk *s)
{
	return s->target.interrupted && s->target.interrupted(s->target.interrupted_priv);
}

bool stk_spend(struct stk *s, uint64_t steps)
{
	/* Asking costs more than most steps do. */
	return stk_budget_steps(&s->budget, steps) &&
	       (s->budget.steps % 256 > steps || !stk_interrupted(s));
}

bool stk_out_of_budget(const struct stk *s)
{
	const struct stk_purse *p = s->budget.purse;

	return s->budget.dry || (p && (p->cut || p->starved));
}

bool stk_must_stop(struct stk *s)
{
	return stk_out_of_budget(s) || stk_interrupted(s);
}

enum stk_status stk_why_stop(struct stk *s)
{
	if (stk_interrupted(s))
		return STK_ERR_INTERRUPTED;
	if (!s->budget.refused && !stk_out_of_budget(s))
		return STK_ERR_NOMEM;
	return stk_fail(s, STK_ERR_LIMIT, "%s", stk_status_text(STK_ERR_LIMIT));
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

bool stk_incomplete(const struct stk *s, unsigned int index, char *text, size_t size)
{
	if (index >= s->budget.nr_cuts)
		return false;
	stk_cut_text(&s->budget.cut[index], text, size);
	return true;
}

const char *stk_arch_name(struct stk *s)
{
	return s->arch->name;
}

enum stk_status stk_prepare(struct stk *s)
{
	struct stk_cpus *cpus;

	return stk_cpus_get(s, &cpus);
}
