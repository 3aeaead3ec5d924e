/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xbt -g and -o folded: equal chains once, when all are known. */
#include <stdlib.h>
#include <string.h>

#include "../base/context.h"
#include "../base/vec.h"
#include "xbt.h"

/* A task that has the chain of a group. */
struct member {
	struct member *next;
	uint32_t pid;
	char comm[16];
};

/* Chains that are equal but for whose they are. */
struct xbt_group {
	struct stk_chain *chain; /* the first of them */
	uint32_t hash;
	size_t nr;
	struct member *first, *last;
};

static uint32_t hash_chain(const struct stk_chain *chain)
{
	uint64_t h = 14695981039346656037ull ^ (uint64_t)chain->end;

	for (const struct stk_segment *seg = chain->segments; seg; seg = seg->next) {
		uint64_t kind = seg->stack.kind ? seg->stack.kind->id : 0;

		for (size_t i = 0; i < seg->nr_frames; i++)
			h = (h ^ seg->frames[i].ip ^ kind << 56) * 1099511628211ull;
	}
	return stk_hash_number(h);
}

static bool same_chain(const struct stk_chain *a, const struct stk_chain *b)
{
	const struct stk_segment *x = a->segments, *y = b->segments;

	if (a->end != b->end || a->nr_frames != b->nr_frames ||
	    a->confidence != b->confidence)
		return false;
	for (; x && y; x = x->next, y = y->next) {
		if (x->stack.kind != y->stack.kind || x->nr_frames != y->nr_frames)
			return false;
		for (size_t i = 0; i < x->nr_frames; i++)
			if (x->frames[i].ip != y->frames[i].ip)
				return false;
	}
	return !x && !y;
}

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

		if (g->hash == hash && same_chain(g->chain, chain))
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
	const uint32_t hash = hash_chain(chain);
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

static int larger_group(const void *a, const void *b)
{
	const struct xbt_group *x = a, *y = b;

	return x->nr < y->nr ? 1 : x->nr > y->nr ? -1 : 0;
}

static void print_grouped(struct xbt *x, const struct xbt_group *g)
{
	FILE *out = x->cmd->out;

	fprintf(out, "%s%zu task%s:", g > x->groups.group ? "\n" : "", g->nr,
		g->nr > 1 ? "s" : "");
	for (const struct member *m = g->first; m; m = m->next)
		fprintf(out, " %u \"%s\"", m->pid, m->comm);
	fputc('\n', out);
	stk_text_chain(x->cmd->s, out, g->chain, &x->opt, &x->doubts);
}

static void print_folded(struct xbt *x, const struct xbt_group *g)
{
	stk_folded_chain(x->cmd->out, g->chain, g->nr);
}

static void print_groups(struct xbt *x,
			 void (*print)(struct xbt *x, const struct xbt_group *g))
{
	struct xbt_groups *all = &x->groups;

	if (all->nr)
		qsort(all->group, all->nr, sizeof(*all->group), larger_group);
	for (size_t i = 0; i < all->nr; i++) {
		if (!x->stop)
			print(x, &all->group[i]);
		stk_chain_free(x->cmd->s, all->group[i].chain);
	}
	stk_arena_free(&all->arena);
}

static void grouped_end(struct xbt *x)
{
	print_groups(x, print_grouped);
	xbt_text_end(x);
}

static void folded_end(struct xbt *x)
{
	print_groups(x, print_folded);
}

const struct xbt_shape xbt_grouped = {
	.collects = true,
	.summary = true,
	.says_which = true,
	.chain = group_chain,
	.no_chain = xbt_text_no_chain,
	.end = grouped_end,
};

const struct xbt_shape xbt_folded = {
	.collects = true,
	.chain = group_chain,
	.no_chain = xbt_text_no_chain,
	.end = folded_end,
};
