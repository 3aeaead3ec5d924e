/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Symbols by name: the hashes of names, and what is asked by them. */
#include "kallsyms.h"

#include <string.h>

#include "../base/hash.h"
#include "kallsyms_parts.h"

#define SHORT_CHAIN  8u
#define NAMES_A_STEP 4u /* bytes of them */

/*
 * The hashes of its tokens give that of a name, so no name need be expanded: there are
 * 150,000, and a handful is asked for.
 */
struct token_hash {
	uint32_t hash, factor; /* factor: STK_HASH_FACTOR to the power of the length */
};

static struct token_hash hash_token(const char *p)
{
	struct token_hash t = { stk_hash_string(p, SIZE_MAX), 1 };

	while (*p++)
		t.factor *= STK_HASH_FACTOR;
	return t;
}

/* @rest: the tokens without their first characters, which may be the symbol's type. */
static uint32_t hash_symbol(const struct stk_kallsyms *k, uint32_t i,
			    const struct token_hash *token, const struct token_hash *rest)
{
	const struct token_hash *table = rest;
	size_t pos = k->pos[i], len;
	uint32_t h = 0;

	stk_kallsyms_name_length(k, &pos, &len);
	while (len--) {
		const struct token_hash *t = &table[k->names[pos++]];

		h = h * t->factor + t->hash;
		table = token;
	}
	return h;
}

/* Many static symbols share a name; they also have the same tokens, as a rule. */
static bool same_tokens(const struct stk_kallsyms *k, uint32_t a, uint32_t b)
{
	size_t at = k->pos[a], bt = k->pos[b], alen, blen;

	stk_kallsyms_name_length(k, &at, &alen);
	stk_kallsyms_name_length(k, &bt, &blen);
	return alen == blen && !memcmp(k->names + at, k->names + bt, alen);
}

/*
 * The first of equal names is the one that is found: others need not be there, and
 * would make chains that take for ever. Comparing is dear, so it begins with the
 * chains that are longer than most.
 */
static bool insert_name(struct stk *s, const struct stk_kallsyms *k,
			struct stk_hash *table, uint32_t i, uint32_t hash)
{
	unsigned int n = 0;
	uint32_t *slot;

	stk_hash_each (slot, table, hash) {
		if (n++ < SHORT_CHAIN)
			continue;
		if (!stk_spend(s, 1))
			return false;
		if (same_tokens(k, i, *slot - 1))
			return true;
	}
	*slot = i + 1;
	return true;
}

struct token_hashes {
	struct token_hash token[STK_KALLSYMS_TOKENS], rest[STK_KALLSYMS_TOKENS];
};

static void hash_tokens(const struct stk_kallsyms *k, struct token_hashes *h)
{
	for (unsigned int i = 0; i < STK_KALLSYMS_TOKENS; i++) {
		h->token[i] = hash_token(k->tokens[i]);
		h->rest[i] = hash_token(k->tokens[i] + (*k->tokens[i] != 0));
	}
}

static enum stk_status build_hash(struct stk *s, struct stk_kallsyms *k)
{
	struct token_hashes h;
	struct stk_hash table = { 0 };

	if (!stk_hash_reserve(&table, &s->arena, k->nr, NULL, NULL) ||
	    !stk_spend(s, k->names_size / NAMES_A_STEP))
		return stk_why_stop(s);
	hash_tokens(k, &h);
	for (uint32_t i = 0; i < k->nr; i++)
		if (!insert_name(s, k, &table, i, hash_symbol(k, i, h.token, h.rest)))
			return stk_why_stop(s);
	k->hash = table;
	return STK_OK;
}

static enum stk_status get_hash(struct stk *s, struct stk_kallsyms *k)
{
	enum stk_status st = STK_OK;

	if (!k->hash.slot) {
		struct stk_purse *purse = &s->kallsyms.purse;

		stk_purse_open(&s->budget, purse, purse->what, STK_KALLSYMS_SHARE);
		st = build_hash(s, k);
		stk_purse_close(&s->budget, purse);
	}
	return st;
}

enum stk_status stk_kallsyms_address(struct stk *s, const char *name, uint64_t *addr)
{
	struct stk_kallsyms *k;
	enum stk_status st = stk_kallsyms_once(s, &k);
	uint32_t *slot;

	if (!st)
		st = get_hash(s, k);
	if (st)
		return st;
	stk_hash_each (slot, &k->hash, stk_hash_string(name, SIZE_MAX)) {
		uint32_t i = *slot - 1;

		if (!stk_spend(s, 1))
			return stk_why_stop(s);
		if (stk_kallsyms_named(k, i, name)) {
			*addr = k->addr[i];
			return STK_OK;
		}
	}
	return STK_ERR_NO_SYMBOL;
}

enum stk_status stk_kallsyms_sized(struct stk *s, const char *name, uint64_t size,
				   uint64_t *addr)
{
	uint32_t wanted = stk_hash_string(name, SIZE_MAX);
	struct token_hashes h;
	struct stk_kallsyms *k;
	enum stk_status st = stk_kallsyms_once(s, &k);

	if (st || !stk_spend(s, k->names_size / NAMES_A_STEP))
		return st ? st : stk_why_stop(s);
	hash_tokens(k, &h);
	for (uint32_t i = 0; i < k->nr; i++) {
		if (hash_symbol(k, i, h.token, h.rest) != wanted ||
		    stk_kallsyms_symbol_size(k, k->addr[i]) != size)
			continue;
		if (stk_kallsyms_named(k, i, name)) {
			*addr = k->addr[i];
			return STK_OK;
		}
	}
	return STK_ERR_NO_SYMBOL;
}
