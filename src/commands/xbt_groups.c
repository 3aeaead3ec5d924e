/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xbt -g: equal chains once, when all are known. */
#include <stdlib.h>
#include <string.h>

#include "../base/context.h"
#include "../base/vec.h"
#include "../unwind/same.h"
#include "xbt.h"

/* A task that has the chain of a group. */
struct member {
	struct member *next;
	uint32_t pid;
	const struct stk_task_state *now;
	char comm[16];
};

/* Chains that are equal but for whose they are. */
struct xbt_group {
	struct stk_chain *chain; /* the first of them */
	uint32_t hash;
	size_t order; /* in which it was met */
	size_t nr;
	struct member *first, *last;
};

static uint32_t group_hash(const void *groups, uint32_t number)
{
	return ((const struct xbt_groups *)groups)->group[number - 1].hash;
}

/* What a group with its chain, or a member, takes. */
static bool has_room(struct xbt *x, const struct stk_chain *chain)
{
	size_t size = sizeof(struct member);

	if (chain)
		size += sizeof(struct xbt_group) + sizeof(*chain) +
			chain->nr_frames *
				(sizeof(struct stk_frame) + sizeof(struct stk_regs));
	return stk_budget_answer(&x->cmd->s->budget, size);
}

/* Where the number of @chain's group is, or is to be; NULL: no memory. */
static uint32_t *group_slot(struct xbt_groups *all, const struct stk_chain *chain,
			    uint32_t hash)
{
	uint32_t *slot;

	if (!stk_hash_reserve(&all->by_chain, &all->arena, all->nr + 1, group_hash, all))
		return NULL;
	stk_hash_each (slot, &all->by_chain, hash) {
		const struct xbt_group *g = &all->group[*slot - 1];

		if (g->hash == hash && stk_same_chain(g->chain, chain))
			break;
	}
	return slot;
}

static bool add_member(struct xbt_groups *all, struct xbt_group *g,
		       const struct stk_task *task)
{
	struct member *m = stk_arena_alloc(&all->arena, sizeof(*m));

	if (!m)
		return false;
	m->pid = task->pid;
	m->now = task->now;
	memcpy(m->comm, task->comm, sizeof(m->comm));
	if (g->last)
		g->last->next = m;
	else
		g->first = m;
	g->last = m;
	g->nr++;
	return true;
}

/* False: no memory. @kept: the chain is that of a new group. */
static bool add_to_group(struct xbt *x, struct stk_chain *chain, bool *kept)
{
	struct xbt_groups *all = &x->groups;
	const uint32_t hash = stk_hash_number(stk_chain_hash(chain));
	uint32_t *slot = group_slot(all, chain, hash);
	struct xbt_group *g;

	if (!slot)
		return false;
	if (!has_room(x, *slot ? NULL : chain))
		return true;
	if (!*slot) {
		g = stk_vec_next(&all->arena, all->group, all->nr, all->room);
		if (!g)
			return false;
		g->chain = chain;
		g->hash = hash;
		g->order = all->nr;
		*slot = (uint32_t)++all->nr;
		*kept = true;
	}
	return add_member(all, &all->group[*slot - 1], &chain->start.task);
}

/* Takes over @chain. */
static void group_chain(struct xbt *x, struct stk_chain *chain)
{
	bool kept = false;

	if (!add_to_group(x, chain, &kept)) {
		x->res = stk_complain(x->cmd, "out of memory");
		x->stop = XBT_NO_MEMORY;
	}
	if (!kept)
		stk_chain_free(x->cmd->s, chain);
}

static int by_rank(const void *a, const void *b)
{
	const struct xbt_group *x = a, *y = b;

	if (x->nr != y->nr)
		return x->nr < y->nr ? 1 : -1;
	return x->order < y->order ? -1 : 1;
}

#define WIDTH	    100u
#define MAX_LINES   2u
#define ROOM_TO_CUT strlen(", ... and 4194304 more")

/* Members as they are listed: so many are left, on this line and column. */
struct listing {
	FILE *out;
	bool all; /* on as many lines as it takes */
	size_t left;
	unsigned int line, column;
};

/* False: it is too long for what is left; that is told in its place. */
static bool list_member(struct listing *l, const struct member *m)
{
	char text[64];
	int len = snprintf(text, sizeof(text), "%u \"%s\"%s", m->pid, m->comm,
			   l->left > 1 ? "," : "");
	bool last_line = !l->all && l->line == MAX_LINES;
	size_t room = last_line && l->left > 1 ? ROOM_TO_CUT : 0;

	if (l->column + 1 + (unsigned int)len + room > WIDTH) {
		if (last_line) {
			fprintf(l->out, " ... and %zu more", l->left);
			return false;
		}
		l->column = (unsigned int)fprintf(l->out, "\n      ") - 1;
		l->line++;
	}
	l->column += (unsigned int)fprintf(l->out, " %s", text);
	l->left--;
	return true;
}

/* Those in one state, @nr of them. */
static void list_members(const struct xbt *x, const struct xbt_group *g,
			 const struct stk_task_state *now, size_t nr)
{
	struct listing l = { x->cmd->out, x->opt.verbose, nr, 1, 0 };

	l.column = (unsigned int)fprintf(l.out, "    %s:", stk_text_state(now));
	for (const struct member *m = g->first; m; m = m->next)
		if (m->now == now && !list_member(&l, m))
			break;
	fputc('\n', l.out);
}

/* The states by number; behind them what is none. */
static const struct stk_task_state *state_number(size_t i, bool *is_last)
{
	const struct stk_task_state *now = stk_task_states(i);

	*is_last = !now;
	return now;
}

static size_t count_members(const struct xbt_group *g, const struct stk_task_state *now)
{
	size_t nr = 0;

	for (const struct member *m = g->first; m; m = m->next)
		nr += m->now == now;
	return nr;
}

/* @print: for each state that members are in. */
static void each_state(const struct xbt *x, const struct xbt_group *g,
		       void (*print)(const struct xbt *x, const struct xbt_group *g,
				     const struct stk_task_state *now, size_t nr))
{
	bool last = false;

	for (size_t i = 0; !last; i++) {
		const struct stk_task_state *now = state_number(i, &last);
		size_t nr = count_members(g, now);

		if (nr)
			print(x, g, now, nr);
	}
}

static void print_state(const struct xbt *x, const struct xbt_group *g,
			const struct stk_task_state *now, size_t nr)
{
	if (nr == g->nr)
		fprintf(x->cmd->out, " %s", stk_text_state(now));
	else
		fprintf(x->cmd->out, " %zu %s", nr, stk_text_state(now));
}

/* Of one member alone, the header of its chain says the rest. */
static void print_members(const struct xbt *x, const struct xbt_group *g)
{
	fprintf(x->cmd->out, "%zu task%s:", g->nr, g->nr > 1 ? "s" : "");
	each_state(x, g, print_state);
	fputc('\n', x->cmd->out);
	if (g->nr > 1)
		each_state(x, g, list_members);
}

static void count_exited(struct xbt *x, const struct stk_task *task, const char *why)
{
	(void)task;
	(void)why;
	x->nr_exited++;
}

static void grouped_end(struct xbt *x)
{
	struct xbt_groups *all = &x->groups;

	if (all->nr)
		qsort(all->group, all->nr, sizeof(*all->group), by_rank);
	for (size_t i = 0; i < all->nr; i++) {
		struct xbt_group *g = &all->group[i];

		if (!x->stop) {
			if (i)
				fputc('\n', x->cmd->out);
			print_members(x, g);
			stk_text_chain(x->cmd->s, x->cmd->out, g->chain, &x->opt,
				       &x->doubts);
			/* It asks the dump for names: some may be missing now. */
			if (stk_interrupted(x->cmd->s))
				x->stop = XBT_INTERRUPTED;
		}
		stk_chain_free(x->cmd->s, g->chain);
	}
	stk_arena_free(&all->arena);
	if (x->nr_exited && !x->stop)
		fprintf(x->cmd->out, "xbt: %zu more %s exited and no stack any more\n",
			x->nr_exited, x->nr_exited == 1 ? "task has" : "tasks have");
	xbt_text_end(x);
}

const struct xbt_shape xbt_grouped = {
	.collects = true,
	.summary = true,
	.says_which = true,
	.chain = group_chain,
	.no_chain = xbt_text_no_chain,
	.exited = count_exited,
	.end = grouped_end,
};
