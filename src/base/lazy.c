/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lazy.h"

#include <string.h>

#include "context.h"

/* Does @st say something of the dump, or only of how this try went? */
static enum stk_status judge_try(struct stk *s, const struct stk_lazy *lazy,
				 const struct stk_once *once, enum stk_status st,
				 bool *of_data)
{
	const struct stk_purse *p = &lazy->purse;

	*of_data = false;
	if (st == STK_ERR_NOMEM || st == STK_ERR_INTERRUPTED)
		return st;
	/* One that pays by itself does not mind the purse of whoever asks. */
	if (once->what ? p->starved || stk_must_stop_all(s) : stk_must_stop(s))
		return stk_why_stop(s);
	*of_data = true;
	if (once->what && p->cut)
		return once->whole ? stk_fail(s, STK_ERR_LIMIT, "%s: %s", once->what,
					      stk_status_text(STK_ERR_LIMIT))
				   : STK_OK;
	*of_data = st != STK_ERR_LIMIT;
	return st;
}

static void keep_failure(struct stk *s, struct stk_lazy *lazy, enum stk_status st)
{
	const char *text = stk_reason(s, st);

	if (!lazy->text)
		lazy->text = stk_arena_strndup(&s->fixed, text, strlen(text));
	if (!s->target.live)
		lazy->status = st;
}

static enum stk_status try_to_find(struct stk *s, struct stk_lazy *lazy,
				   const struct stk_once *once)
{
	enum stk_status st;

	if (!lazy->memory)
		lazy->memory = stk_arena_alloc(&s->fixed, once->size);
	if (!lazy->memory)
		return STK_ERR_NOMEM;
	memset(lazy->memory, 0, once->size);
	lazy->finding = true;
	if (once->what) {
		lazy->purse.kept = true;
		stk_purse_open(&s->budget, &lazy->purse, once->what, once->share);
	}
	st = once->find(s, lazy->memory);
	if (once->what)
		stk_purse_close(&s->budget, &lazy->purse);
	lazy->finding = false;
	return st;
}

enum stk_status stk_once_find(struct stk *s, struct stk_lazy *lazy,
			      const struct stk_once *once)
{
	enum stk_status st;
	bool of_data;

	if (lazy->finding)
		return STK_ERR_NOT_FOUND;
	if (lazy->status)
		return stk_fail(s, lazy->status, "%s",
				lazy->text ? lazy->text : stk_status_text(lazy->status));
	st = judge_try(s, lazy, once, try_to_find(s, lazy, once), &of_data);
	if (!st)
		lazy->value = lazy->memory;
	else if (of_data)
		keep_failure(s, lazy, st);
	else
		/* What this try took is no part of the value: the next has all again. */
		lazy->purse.question = 0;
	return st;
}
