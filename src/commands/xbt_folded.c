/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xbt -o folded: each line once, with how many tasks it is the chain of. */
#include <stdlib.h>
#include <string.h>

#include "../base/context.h"
#include "../base/vec.h"
#include "xbt.h"
#include "../base/memstream.h"

struct xbt_line {
	const char *text;
	uint32_t hash;
	size_t nr;
};

static uint32_t line_hash(const void *lines, uint32_t number)
{
	return ((const struct xbt_lines *)lines)->line[number - 1].hash;
}

/* The line of @text, which is a new one unless there is one; NULL: no memory. */
static struct xbt_line *find_line(struct xbt_lines *all, const char *text, size_t len)
{
	const uint32_t hash = stk_hash_string(text, len);
	struct xbt_line *line;
	uint32_t *slot;

	if (!stk_hash_reserve(&all->by_text, &all->arena, all->nr + 1, line_hash, all))
		return NULL;
	stk_hash_each (slot, &all->by_text, hash)
		if (!strcmp(all->line[*slot - 1].text, text))
			return &all->line[*slot - 1];
	line = stk_vec_next(&all->arena, all->line, all->nr, all->room);
	if (!line)
		return NULL;
	line->text = stk_arena_strndup(&all->arena, text, len);
	line->hash = hash;
	if (!line->text)
		return NULL;
	*slot = (uint32_t)++all->nr;
	return line;
}

static bool count_line(struct xbt *x, const struct stk_chain *chain)
{
	struct xbt_line *line = NULL;
	char *text = NULL;
	size_t len;
	FILE *fp = open_memstream(&text, &len);
	bool has_room = true;

	if (!fp)
		return false;
	stk_folded_chain(fp, chain);
	if (stk_memstream_end(fp, &text)) {
		has_room = stk_budget_answer(&x->cmd->s->budget, len + sizeof(*line));
		if (has_room)
			line = find_line(&x->lines, text, len);
	}
	if (line)
		line->nr++;
	free(text);
	return line || !has_room;
}

static void folded_chain(struct xbt *x, struct stk_chain *chain)
{
	if (!count_line(x, chain)) {
		x->res = stk_complain(x->cmd, "out of memory");
		x->stop = XBT_NO_MEMORY;
	}
	stk_chain_free(x->cmd->s, chain);
}

/* Equal ones by their text: what two dumps share stands in the same order. */
static int by_number(const void *a, const void *b)
{
	const struct xbt_line *x = a, *y = b;

	if (x->nr != y->nr)
		return x->nr < y->nr ? 1 : -1;
	return strcmp(x->text, y->text);
}

static void folded_end(struct xbt *x)
{
	struct xbt_lines *all = &x->lines;

	if (all->nr)
		qsort(all->line, all->nr, sizeof(*all->line), by_number);
	for (size_t i = 0; i < all->nr && !x->stop; i++)
		fprintf(x->cmd->out, "%s %zu\n", all->line[i].text, all->line[i].nr);
	stk_arena_free(&all->arena);
}

const struct xbt_shape xbt_folded = {
	.collects = true,
	.chain = folded_chain,
	.no_chain = xbt_text_no_chain,
	.end = folded_end,
};
