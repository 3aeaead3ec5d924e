/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xbt -g and -o folded: equal chains once, when all are known. */
#include <stdlib.h>
#include <string.h>

#include "../base/context.h"
#include "xbt.h"

/* Chains that are equal but for whose they are. */
struct xbt_group {
	struct stk_chain *chain; /* the first of them */
	uint64_t hash;
	size_t nr, room;
	struct member {
		uint32_t pid;
		int cpu;
		char comm[16];
	} * member;
};

static uint64_t hash_chain(const struct stk_chain *chain)
{
	uint64_t h = 14695981039346656037ull ^ (uint64_t)chain->end;

	for (const struct stk_segment *seg = chain->segments; seg; seg = seg->next)
		for (size_t i = 0; i < seg->nr_frames; i++)
			h = (h ^ seg->frames[i].ip ^ (uint64_t)seg->stack.kind << 56) *
			    1099511628211ull;
	return h;
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

static void *grow(void *array, size_t nr, size_t *room, size_t size)
{
	if (nr < *room)
		return array;
	*room = *room ? *room * 2 : 16;
	return realloc(array, *room * size);
}

/* The slot of @chain's group: it holds its number plus one, or 0. */
static uint32_t *group_slot(struct xbt *x, uint64_t hash, const struct stk_chain *chain)
{
	for (uint64_t h = hash;; h++) {
		uint32_t *slot = &x->groups.index[h & (x->groups.index_size - 1)];
		const struct xbt_group *g = *slot ? &x->groups.group[*slot - 1] : NULL;

		if (!g || (g->hash == hash && same_chain(g->chain, chain)))
			return slot;
	}
}

static bool grow_index(struct xbt *x)
{
	size_t size = x->groups.index_size ? x->groups.index_size * 2 : 256;
	uint32_t *index;

	if (x->groups.nr * 2 < x->groups.index_size)
		return true;
	index = calloc(size, sizeof(*index));
	if (!index)
		return false;
	free(x->groups.index);
	x->groups.index = index;
	x->groups.index_size = size;
	for (size_t i = 0; i < x->groups.nr; i++)
		*group_slot(x, x->groups.group[i].hash, x->groups.group[i].chain) =
			(uint32_t)i + 1;
	return true;
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

/* Takes over @chain. */
static void group_chain(struct xbt *x, struct stk_chain *chain)
{
	uint64_t hash = hash_chain(chain);
	struct xbt_group *g = NULL;
	struct member *m;
	uint32_t *slot;

	if (!grow_index(x))
		goto nomem;
	slot = group_slot(x, hash, chain);
	if (*slot)
		g = &x->groups.group[*slot - 1];
	if (!has_room(x, g ? NULL : chain)) {
		stk_chain_free(x->cmd->s, chain);
		return;
	}
	if (!g) {
		g = grow(x->groups.group, x->groups.nr, &x->groups.room, sizeof(*g));
		if (!g)
			goto nomem;
		x->groups.group = g;
		g += x->groups.nr++;
		*slot = (uint32_t)x->groups.nr;
		*g = (struct xbt_group){ .chain = chain, .hash = hash };
	}
	m = grow(g->member, g->nr, &g->room, sizeof(*m));
	if (!m)
		goto nomem;
	g->member = m;
	m += g->nr++;
	m->pid = chain->start.task.pid;
	m->cpu = chain->cpu;
	memcpy(m->comm, chain->start.task.comm, sizeof(m->comm));
	if (g->chain != chain)
		stk_chain_free(x->cmd->s, chain);
	return;
nomem:
	if (!g || g->chain != chain)
		stk_chain_free(x->cmd->s, chain);
	x->res = stk_complain(x->cmd, "out of memory");
	x->stop = XBT_NO_MEMORY;
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
	for (size_t j = 0; j < g->nr; j++)
		fprintf(out, " %u \"%s\"", g->member[j].pid, g->member[j].comm);
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
		free(all->group[i].member);
	}
	free(all->group);
	free(all->index);
}

static void grouped_end(struct xbt *x)
{
	print_groups(x, print_grouped);
	if (x->doubts)
		stk_text_legend(x->cmd->out);
}

static void folded_end(struct xbt *x)
{
	print_groups(x, print_folded);
}

const struct xbt_shape xbt_grouped = {
	.collects = true,
	.summary = true,
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
