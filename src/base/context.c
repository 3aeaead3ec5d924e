/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "context.h"

#include <stdio.h>

#include "safe.h"

const char *stk_error_text(const struct stk *s)
{
	return s->error_status ? stk_reason(s, s->error_status) : "";
}

#undef stk_fail /* the analyzer's */
enum stk_status stk_fail(struct stk *s, enum stk_status status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	stk_safe_vprintf(s->error, sizeof(s->error), fmt, ap);
	va_end(ap);
	s->error_status = status;
	return status;
}

static void forget_failure(struct stk *s)
{
	s->error[0] = '\0';
	s->error_status = STK_OK;
}

void stk_enter(struct stk *s)
{
	if (!s->entered++)
		forget_failure(s);
}

enum stk_status stk_leave(struct stk *s, enum stk_status status)
{
	if (--s->entered)
		return status;
	if (!status)
		forget_failure(s);
	else if (s->error_status != status) {
		/* Its own text, which nobody may ask for. */
		forget_failure(s);
		s->error_status = status;
	}
	return status;
}

const char *stk_reason(const struct stk *s, enum stk_status status)
{
	return s->error_status == status && *s->error ? s->error
						      : stk_status_text(status);
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

bool stk_must_stop_all(struct stk *s)
{
	return s->budget.dry || s->budget.short_of_memory == s->budget.question ||
	       stk_interrupted(s);
}

bool stk_must_stop(struct stk *s)
{
	return stk_out_of_budget(s) || stk_must_stop_all(s);
}

enum stk_status stk_why_stop(struct stk *s)
{
	if (stk_interrupted(s))
		return STK_ERR_INTERRUPTED;
	if (s->budget.short_of_memory == s->budget.question ||
	    (!s->budget.refused && !stk_out_of_budget(s)))
		return STK_ERR_NOMEM;
	return stk_fail(s, STK_ERR_LIMIT, "%s", stk_status_text(STK_ERR_LIMIT));
}

bool stk_incomplete(const struct stk *s, unsigned int index, char *text, size_t size)
{
	if (index >= s->budget.nr_cuts)
		return false;
	stk_cut_text(&s->budget.cut[index], text, size);
	return true;
}
