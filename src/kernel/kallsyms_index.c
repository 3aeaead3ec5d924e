/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Symbols by name. There are 200,000, and some dozens are asked for: what is made for all
 * of them is to be cheap. They are put together by the last two tokens of their names, so
 * that no name need be expanded. How a name is cut into tokens must not matter: who asks
 * looks among all that end in two tokens which the name can end in, and compares.
 */
#include "kallsyms.h"

#include <string.h>

#include "kallsyms_parts.h"

#define NAMES_A_STEP 4u /* bytes of them */
#define PAIRS	     (STK_KALLSYMS_TOKENS * STK_KALLSYMS_TOKENS)

/* What stands before the only token of a name: its length. */
#define ONLY 1u

struct stk_kallsyms_index {
	uint32_t first[PAIRS]; /* of those that end so: a symbol's number, and one */
	uint32_t *next;
	/* The tokens by their last characters: those with c begin at begin[c]. */
	unsigned char token[STK_KALLSYMS_TOKENS];
	unsigned int begin[STK_KALLSYMS_TOKENS + 1];
	size_t len[STK_KALLSYMS_TOKENS];
};

static unsigned int pair_of(unsigned int before, unsigned int last)
{
	return before * STK_KALLSYMS_TOKENS + last;
}

/* Of a name without tokens, which nobody asks for, it is any. */
static unsigned int pair_at(const struct stk_kallsyms *k, uint32_t i)
{
	const unsigned char *end = k->names + k->pos[i + 1];

	return k->pos[i + 1] - k->pos[i] < 2 ? 0 : pair_of(end[-2], end[-1]);
}

/* An empty one is where no name looks. */
static unsigned char last_of(const struct stk_kallsyms *k, unsigned int token)
{
	size_t len = k->index->len[token];

	return len ? (unsigned char)k->tokens[token][len - 1] : '\0';
}

static void sort_tokens(struct stk_kallsyms *k)
{
	struct stk_kallsyms_index *index = k->index;
	unsigned int at[STK_KALLSYMS_TOKENS];

	for (unsigned int i = 0; i < STK_KALLSYMS_TOKENS; i++) {
		index->len[i] = strlen(k->tokens[i]);
		index->begin[last_of(k, i) + 1]++;
	}
	for (unsigned int i = 0; i < STK_KALLSYMS_TOKENS; i++) {
		index->begin[i + 1] += index->begin[i];
		at[i] = index->begin[i];
	}
	for (unsigned int i = 0; i < STK_KALLSYMS_TOKENS; i++)
		index->token[at[last_of(k, i)]++] = (unsigned char)i;
}

static enum stk_status build_index(struct stk *s, struct stk_kallsyms *k)
{
	struct stk_kallsyms_index *index = stk_arena_alloc(&s->arena, sizeof(*index));

	if (index)
		index->next = stk_arena_room(&s->arena, k->nr * sizeof(*index->next));
	if (!index || !index->next || !stk_spend(s, k->names_size / NAMES_A_STEP))
		return stk_why_stop(s);
	/* Of equal names the first one is to be found first. */
	for (uint32_t i = k->nr; i--;) {
		uint32_t *first = &index->first[pair_at(k, i)];

		index->next[i] = *first;
		*first = i + 1;
	}
	k->index = index;
	sort_tokens(k);
	return STK_OK;
}

static enum stk_status get_index(struct stk *s, struct stk_kallsyms **k)
{
	enum stk_status st = stk_kallsyms_once(s, k);

	if (!st && !(*k)->index) {
		struct stk_purse *purse = &s->kallsyms.purse;

		stk_purse_open(&s->budget, purse, purse->what, STK_KALLSYMS_SHARE);
		st = build_index(s, *k);
		stk_purse_close(&s->budget, purse);
	}
	return st;
}

/* Who is asked for, and who was found. */
struct wanted {
	const char *name;
	uint64_t size;	/* 0: any */
	uint32_t found; /* its number, and one; 0: none yet */
};

/* Is one of those that end in @pair called so, before the one that was found? */
static enum stk_status look_among(struct stk *s, const struct stk_kallsyms *k,
				  unsigned int pair, struct wanted *w)
{
	for (uint32_t i = k->index->first[pair]; i && (!w->found || i < w->found);
	     i = k->index->next[i - 1]) {
		if (!stk_spend(s, 1))
			return stk_why_stop(s);
		if ((!w->size ||
		     stk_kallsyms_symbol_size(k, k->addr[i - 1]) == w->size) &&
		    stk_kallsyms_named(k, i - 1, w->name))
			w->found = i;
	}
	return STK_OK;
}

/*
 * The tokens that the first @len characters of a name can end in are among these: from
 * @from on, before @to.
 */
static void tokens_for(const struct stk_kallsyms *k, const char *name, size_t len,
		       unsigned int *from, unsigned int *to)
{
	unsigned char last = len ? (unsigned char)name[len - 1] : '\0';

	/* The first token may be the symbol's type alone. */
	*from = len ? k->index->begin[last] : 0;
	*to = len ? k->index->begin[last + 1] : STK_KALLSYMS_TOKENS;
}

/* Do they? @first: the token is all of them, behind the symbol's type. */
static bool ends_in(const struct stk_kallsyms *k, const char *name, size_t len,
		    unsigned int token, bool *first)
{
	const size_t own = k->index->len[token];
	const char *text = k->tokens[token];

	*first = own == len + 1;
	return *first ? !memcmp(text + 1, name, len)
		      : own <= len && !memcmp(text, name + len - own, own);
}

/* Those whose last token is @last; @len: what is before it. */
static enum stk_status look_before(struct stk *s, const struct stk_kallsyms *k,
				   unsigned int last, size_t len, struct wanted *w)
{
	enum stk_status st = STK_OK;
	unsigned int i, end;
	bool first;

	for (tokens_for(k, w->name, len, &i, &end); !st && i < end; i++)
		if (ends_in(k, w->name, len, k->index->token[i], &first))
			st = look_among(s, k, pair_of(k->index->token[i], last), w);
	return st;
}

/* The first symbol called @name, and if @size is not 0 of that size. */
static enum stk_status find_name(struct stk *s, const char *name, uint64_t size,
				 uint64_t *addr)
{
	struct wanted w = { name, size, 0 };
	size_t len = strlen(name);
	struct stk_kallsyms *k;
	unsigned int i, end;
	enum stk_status st = get_index(s, &k);

	if (st)
		return st;
	for (tokens_for(k, name, len, &i, &end); !st && i < end; i++) {
		unsigned int last = k->index->token[i];
		bool first;

		if (!ends_in(k, name, len, last, &first))
			continue;
		st = first ? look_among(s, k, pair_of(ONLY, last), &w)
			   : look_before(s, k, last, len - k->index->len[last], &w);
	}
	if (!st && w.found)
		*addr = k->addr[w.found - 1];
	return st || w.found ? st : STK_ERR_NO_SYMBOL;
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
