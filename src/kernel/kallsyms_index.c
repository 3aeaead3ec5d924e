/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Symbols by name. There are 200,000, and some dozens are asked for: what is made for all
 * of them is to be cheap. They are put together by how their names end, which the last
 * few tokens tell, so that no name need be expanded; who asks compares those that end
 * alike.
 */
#include "kallsyms.h"

#include <string.h>

#include "kallsyms_parts.h"

#define NAMES_A_STEP 4u /* bytes of them */
#define END	     6u /* characters, less than 8 */

/* The last characters of a token, the very last one lowest; and how many it has. */
struct token_end {
	uint64_t last;
	size_t len;
};

/* @rest: without its first character, which of the first token is the symbol's type. */
struct token_ends {
	struct token_end token[STK_KALLSYMS_TOKENS], rest[STK_KALLSYMS_TOKENS];
};

static struct token_end end_of(const char *p)
{
	struct token_end e = { 0, strlen(p) };

	for (p += e.len > END ? e.len - END : 0; *p; p++)
		e.last = e.last << 8 | (unsigned char)*p;
	return e;
}

static void end_tokens(const struct stk_kallsyms *k, struct token_ends *e)
{
	for (unsigned int i = 0; i < STK_KALLSYMS_TOKENS; i++) {
		e->token[i] = end_of(k->tokens[i]);
		e->rest[i] = end_of(k->tokens[i] + (*k->tokens[i] != 0));
	}
}

/* What end_of() says of the whole name. */
static uint64_t name_end(const struct stk_kallsyms *k, uint32_t i,
			 const struct token_ends *e)
{
	const struct token_end *t;
	const unsigned char *token;
	size_t pos = k->pos[i], left, len = 0;
	uint64_t last = 0;

	stk_kallsyms_name_length(k, &pos, &left);
	for (token = k->names + pos + left; left-- && len < END; len += t->len) {
		t = &(left ? e->token : e->rest)[*--token];
		last |= t->last << 8 * len;
	}
	/* How a name is cut into tokens must not matter. */
	return last & ((1ull << 8 * END) - 1);
}

/* Where those begin that end so. */
static uint32_t *first_of(const struct stk_kallsyms *k, uint64_t last)
{
	return &k->first[stk_hash_number(last) >> (32 - k->bits)];
}

static enum stk_status build_index(struct stk *s, struct stk_kallsyms *k)
{
	struct token_ends ends;

	k->bits = stk_hash_bits(k->nr);
	k->next = stk_arena_array(&s->arena, k->nr, sizeof(*k->next));
	k->first = k->bits ? stk_arena_array(&s->arena, (size_t)1 << k->bits,
					     sizeof(*k->first))
			   : NULL;
	if (!k->first || !k->next || !stk_spend(s, k->names_size / NAMES_A_STEP)) {
		k->first = NULL;
		return stk_why_stop(s);
	}
	end_tokens(k, &ends);
	/* Of equal names the first one is to be found first. */
	for (uint32_t i = k->nr; i--;) {
		uint32_t *first = first_of(k, name_end(k, i, &ends));

		k->next[i] = *first;
		*first = i + 1;
	}
	return STK_OK;
}

static enum stk_status get_index(struct stk *s, struct stk_kallsyms **k)
{
	enum stk_status st = stk_kallsyms_once(s, k);

	if (!st && !(*k)->first) {
		struct stk_purse *purse = &s->kallsyms.purse;

		stk_purse_open(&s->budget, purse, purse->what, STK_KALLSYMS_SHARE);
		st = build_index(s, *k);
		stk_purse_close(&s->budget, purse);
	}
	return st;
}

/* The first symbol called @name, and if @size is not 0 of that size. */
static enum stk_status find_name(struct stk *s, const char *name, uint64_t size,
				 uint64_t *addr)
{
	struct stk_kallsyms *k;
	enum stk_status st = get_index(s, &k);

	if (st)
		return st;
	for (uint32_t i = *first_of(k, end_of(name).last); i; i = k->next[i - 1]) {
		if (!stk_spend(s, 1))
			return stk_why_stop(s);
		if ((size && stk_kallsyms_symbol_size(k, k->addr[i - 1]) != size) ||
		    !stk_kallsyms_named(k, i - 1, name))
			continue;
		*addr = k->addr[i - 1];
		return STK_OK;
	}
	return STK_ERR_NO_SYMBOL;
}

enum stk_status stk_kallsyms_address(struct stk *s, const char *name, uint64_t *addr)
{
	return find_name(s, name, 0, addr);
}

enum stk_status stk_kallsyms_sized(struct stk *s, const char *name, uint64_t size,
				   uint64_t *addr)
{
	return find_name(s, name, size, addr);
}
