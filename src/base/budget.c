/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "budget.h"

#include <stdio.h>
#include <string.h>

void stk_budget_init(struct stk_budget *b, uint64_t size)
{
	memset(b, 0, sizeof(*b));
	/* No file is larger than this; what says so is damaged, too. */
	if (size > 1ull << 48)
		size = 0;
	b->max_steps = STK_MIN_STEPS + size;
	b->max_bytes = STK_MIN_BYTES + size / 4;
	b->max_answer = STK_MIN_ANSWER + 4 * size;
	b->steps = b->max_steps;
	b->bytes = b->max_bytes;
	b->answer = b->max_answer;
	b->question = 1;
}

void stk_budget_refill(struct stk_budget *b)
{
	b->question++;
	b->steps = b->max_steps;
	b->dry = false;
}

void stk_budget_question(struct stk_budget *b)
{
	unsigned int kept = 0;

	/* A part of a question is none of its own. */
	if (b->purse)
		return;
	if (b->max_steps - b->steps > b->most_steps)
		b->most_steps = b->max_steps - b->steps;
	stk_budget_refill(b);
	b->answer = b->max_answer;
	for (unsigned int i = 0; i < b->nr_cuts; i++)
		if (b->cut[i].kept)
			b->cut[kept++] = b->cut[i];
	b->nr_cuts = kept;
}

/* Everything that is missing is told once. */
static void add_cut(struct stk_budget *b, const struct stk_cut *cut)
{
	for (unsigned int i = 0; i < b->nr_cuts; i++)
		if (!strcmp(b->cut[i].what, cut->what))
			return;
	if (b->nr_cuts < STK_MAX_CUTS)
		b->cut[b->nr_cuts++] = *cut;
}

/* What pays together with @p. */
static struct stk_purse *around(const struct stk_purse *p)
{
	return p->kept ? NULL : p->outer;
}

/* There is no more in @empty; NULL: in all of it. */
static void at_end(struct stk_budget *b, struct stk_purse *empty, bool bytes)
{
	struct stk_cut cut = {
		.what = empty ? empty->what : "the answer",
		.limit = (bytes ? b->max_bytes : b->max_steps) /
			 (empty ? empty->share : 1),
		.steps = !bytes,
		.kept = empty ? empty->kept : bytes,
	};

	for (struct stk_purse *p = b->purse; p && p != empty; p = around(p))
		p->starved = true;
	if (empty)
		empty->cut = true;
	else if (!bytes)
		b->dry = true;
	add_cut(b, &cut);
}

bool stk_budget_steps(struct stk_budget *b, uint64_t steps)
{
	struct stk_purse *p;

	for (p = b->purse; p && steps <= p->steps; p = around(p))
		;
	if (p || steps > b->steps) {
		/* A smaller request must not be granted after it. */
		*(p ? &p->steps : &b->steps) = 0;
		at_end(b, p, false);
		return false;
	}
	for (p = b->purse; p; p = around(p))
		p->steps -= steps;
	b->steps -= steps;
	return true;
}

bool stk_budget_bytes(struct stk_budget *b, uint64_t bytes)
{
	struct stk_purse *p;

	for (p = b->purse; p && bytes <= p->bytes; p = around(p))
		;
	b->refused = p || bytes > b->bytes;
	if (b->refused) {
		at_end(b, p, true);
		return false;
	}
	for (p = b->purse; p; p = around(p))
		p->bytes -= bytes;
	b->bytes -= bytes;
	return true;
}

bool stk_budget_answer(struct stk_budget *b, uint64_t bytes)
{
	struct stk_cut cut = { .what = "the answer", .limit = b->max_answer };

	if (bytes <= b->answer) {
		b->answer -= bytes;
		return true;
	}
	/* A smaller request must not be granted after it. */
	b->answer = 0;
	add_cut(b, &cut);
	return false;
}

void stk_budget_back(struct stk_budget *b, uint64_t bytes)
{
	b->bytes += bytes;
}

void stk_purse_open(struct stk_budget *b, struct stk_purse *p, const char *what,
		    unsigned int share)
{
	if (!p->question)
		p->bytes = b->max_bytes / share;
	if (p->question != b->question)
		p->steps = b->max_steps / share;
	p->question = b->question;
	p->what = what;
	p->share = share;
	p->cut = p->starved = false;
	p->outer = b->purse;
	b->purse = p;
}

void stk_purse_close(struct stk_budget *b, struct stk_purse *p)
{
	b->purse = p->outer;
	p->outer = NULL;
}

void stk_cut_text(const struct stk_cut *cut, char *text, size_t size)
{
	bool large = cut->limit >> 20;

	snprintf(
		text, size,
		"%s: incomplete: the dump asks for more than %llu %s: damaged or hostile",
		cut->what, (unsigned long long)(large ? cut->limit >> 20 : cut->limit),
		cut->steps ? large ? "million steps" : "steps"
		: large	   ? "MB"
			   : "bytes");
}
