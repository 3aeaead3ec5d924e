/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scripts/kallsyms.c of the kernel writes, and kernel/kallsyms.c reads:
 *
 *   kallsyms_num_syms	     u32, the number of symbols, sorted by address
 *   kallsyms_offsets	     s32 each; with CONFIG_KALLSYMS_ABSOLUTE_PERCPU (4.6-6.14)
 *			     values >= 0 are absolute and the others count down from
 *			     kallsyms_relative_base - 1; without it they are unsigned
 *			     and count up from the base; in 7.x there is no base and
 *			     each is the distance from its own slot
 *   kallsyms_addresses	     u64 each, instead, without CONFIG_KALLSYMS_BASE_RELATIVE
 *   kallsyms_names	     per symbol a length and that many token numbers; since
 *			     6.1 (commit 73bbb94466fd) a length with bit 7 set goes on
 *			     in a second byte
 *   kallsyms_markers	     u32, where each 256th name starts; not needed here
 *   kallsyms_token_table, kallsyms_token_index (u16)
 *			     the strings the tokens stand for; the first character of
 *			     a symbol is its type
 */
#include "kallsyms.h"

#include <stdio.h>
#include <string.h>

#include "../base/hash.h"
#include "../base/safe.h"
#include "../base/sorted.h"
#include "layout.h"
#include "../machine/lost.h"
#include "kallsyms_find.h"

#define NR_TOKENS      256u
#define MAX_SYMBOLS    (16u * 1024 * 1024)
#define MAX_NAMES_SIZE (256u * 1024 * 1024)
#define SHORT_CHAIN    8u
#define SHARE	       2u /* of the budget */

struct stk_kallsyms {
	uint32_t nr;
	uint64_t *addr; /* in kallsyms order */
	uint32_t *pos;	/* of each name in names */
	unsigned char *names;
	size_t names_size;
	char *tokens[NR_TOKENS];
	const char **expanded; /* names asked for so far */
	struct stk_hash hash;  /* of names: index + 1; built when first wanted */
	bool text_only;	       /* CONFIG_KALLSYMS_ALL=n */
};

/* Where a search of the image found a table; searched for once. */
static enum stk_status found_address(struct stk *s, const char *name, uint64_t *addr)
{
	static const struct {
		const char *name;
		size_t at; /* in struct stk_kallsyms_tables */
	} table[] = {
#define TABLE(name) { "kallsyms_" #name, offsetof(struct stk_kallsyms_tables, name) }
		TABLE(addresses),   TABLE(offsets), TABLE(relative_base),
		TABLE(num_syms),    TABLE(names),   TABLE(token_table),
		TABLE(token_index),
#undef TABLE
	};
	struct stk_kallsyms_tables *t = s->kallsyms_tables;
	uint64_t begin;

	if (!t) {
		t = s->kallsyms_tables = stk_arena_alloc(&s->arena, sizeof(*t));
		if (!t)
			return STK_ERR_NOMEM;
		/* A search meets what was freed, and left out of the dump for that. */
		stk_lost_excuse(s, true);
		if (!stk_vmcoreinfo_number(s, "SYMBOL(_stext)", 16, &begin) ||
		    !stk_kallsyms_find(s, begin, t))
			memset(t, 0, sizeof(*t));
		stk_lost_excuse(s, false);
	}
	*addr = 0;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (!strcmp(table[i].name, name))
			memcpy(addr, (const char *)t + table[i].at, sizeof(*addr));
	return *addr ? STK_OK : STK_ERR_NO_SYMBOL;
}

/*
 * During start-up the tables' addresses come from a namelist or from VMCOREINFO, or from
 * a search.
 */
static enum stk_status table_address(struct stk *s, const char *name, uint64_t *addr)
{
	const struct stk_symbol_ops *ops = s->target.symbols;
	char key[64];

	if (ops && !ops->address(s->target.symbols_priv, name, addr))
		return STK_OK;
	snprintf(key, sizeof(key), "SYMBOL(%s)", name);
	/* In VMCOREINFO since 6.0, commit 5fd8fea935a1. */
	if (stk_vmcoreinfo_number(s, key, 16, addr))
		return STK_OK;
	/* What one of these sources lacks, the kernel lacks: no mixture. */
	if (ops || stk_vmcoreinfo(s, "SYMBOL(kallsyms_num_syms)"))
		return STK_ERR_NO_SYMBOL;
	return found_address(s, name, addr);
}

static void *read_table(struct stk *s, uint64_t addr, size_t size, enum stk_status *st)
{
	void *p = stk_arena_alloc(&s->arena, size);

	*st = p ? stk_read(s, addr, p, size) : STK_ERR_NOMEM;
	return *st ? NULL : p;
}

/* The ways in which offsets have become addresses. */
enum offset_kind { ABSOLUTE_PERCPU, FROM_BASE, PC_RELATIVE };

static uint64_t offset_address(enum offset_kind kind, uint64_t at, uint64_t base,
			       const int32_t *offset, uint32_t i)
{
	switch (kind) {
	case ABSOLUTE_PERCPU:
		return offset[i] >= 0 ? (uint64_t)offset[i]
				      : base - 1 - (int64_t)offset[i];
	case PC_RELATIVE:
		return at + 4ull * i + (uint64_t)(int64_t)offset[i];
	default:
		return base + (uint32_t)offset[i];
	}
}

static enum stk_status load_addresses(struct stk *s, struct stk_kallsyms *k)
{
	enum offset_kind kind = PC_RELATIVE;
	uint64_t at, base_at, base = 0;
	int32_t *offset;
	enum stk_status st;

	if (table_address(s, "kallsyms_offsets", &at)) {
		st = table_address(s, "kallsyms_addresses", &at);
		if (!st)
			k->addr = read_table(s, at, k->nr * 8ull, &st);
		return st;
	}
	offset = read_table(s, at, k->nr * 4ull, &st);
	if (st)
		return st;
	if (!table_address(s, "kallsyms_relative_base", &base_at)) {
		st = stk_read_u64(s, base_at, &base);
		if (st)
			return st;
		/* The image is smaller than 2 GiB: unsigned offsets never look negative.
		 */
		kind = FROM_BASE;
		for (uint32_t i = 0; i < k->nr && kind == FROM_BASE; i++)
			if (offset[i] < 0)
				kind = ABSOLUTE_PERCPU;
	}
	k->addr = stk_arena_array(&s->arena, k->nr, sizeof(*k->addr));
	if (!k->addr)
		return STK_ERR_NOMEM;
	for (uint32_t i = 0; i < k->nr; i++)
		k->addr[i] = offset_address(kind, at, base, offset, i);
	for (uint32_t i = 1; kind == PC_RELATIVE && i < k->nr; i++)
		if (k->addr[i] < k->addr[i - 1])
			return stk_fail(s, STK_ERR_UNSUPPORTED,
					"kallsyms_offsets are in an unknown form");
	return STK_OK;
}

static enum stk_status load_tokens(struct stk *s, struct stk_kallsyms *k)
{
	uint64_t table_at, index_at;
	uint16_t *index;
	char *table;
	size_t size;
	enum stk_status st = table_address(s, "kallsyms_token_table", &table_at);

	if (!st)
		st = table_address(s, "kallsyms_token_index", &index_at);
	if (st)
		return st;
	index = read_table(s, index_at, NR_TOKENS * sizeof(*index), &st);
	if (st)
		return st;
	/* The table ends after the last token, which the index table follows closely. */
	size = (size_t)index[NR_TOKENS - 1] + 256;
	if (index_at > table_at && index_at - table_at < size)
		size = index_at - table_at;
	table = stk_arena_alloc(&s->arena, size + 1);
	if (!table)
		return STK_ERR_NOMEM;
	st = stk_read(s, table_at, table, size);
	if (st)
		return st;
	for (unsigned int i = 0; i < NR_TOKENS; i++) {
		if (index[i] >= size)
			return stk_fail(s, STK_ERR_CORRUPT,
					"kallsyms_token_index is damaged");
		k->tokens[i] = table + index[i];
	}
	return STK_OK;
}

/* Length of the name at @pos; moves @pos to its first token. */
static bool name_length(const struct stk_kallsyms *k, size_t *pos, size_t *len)
{
	if (*pos >= k->names_size)
		return false;
	*len = k->names[(*pos)++];
	if (*len & 0x80) {
		if (*pos >= k->names_size)
			return false;
		*len = (*len & 0x7f) | (size_t)k->names[(*pos)++] << 7;
	}
	return *len <= k->names_size - *pos;
}

static enum stk_status load_names(struct stk *s, struct stk_kallsyms *k)
{
	uint64_t names_at, end;
	size_t pos = 0;
	enum stk_status st = table_address(s, "kallsyms_names", &names_at);

	/* In every version the markers follow the names, and the tokens the markers. */
	if (!st)
		st = table_address(s, "kallsyms_token_table", &end);
	if (st)
		return st;
	if (end <= names_at || end - names_at > MAX_NAMES_SIZE)
		return stk_fail(s, STK_ERR_UNSUPPORTED, "kallsyms_names has no end");
	k->names_size = end - names_at;
	k->names = read_table(s, names_at, k->names_size, &st);
	if (st)
		return st;
	k->pos = stk_arena_array(&s->arena, k->nr, sizeof(*k->pos));
	k->expanded = stk_arena_array(&s->arena, k->nr, sizeof(*k->expanded));
	if (!k->pos || !k->expanded)
		return STK_ERR_NOMEM;
	for (uint32_t i = 0; i < k->nr; i++) {
		size_t len;

		k->pos[i] = (uint32_t)pos;
		if (!name_length(k, &pos, &len))
			return stk_fail(s, STK_ERR_CORRUPT, "kallsyms_names is damaged");
		pos += len;
	}
	return STK_OK;
}

static size_t expand(const struct stk_kallsyms *k, uint32_t i, char *buf, size_t room);

/* Is @name among the symbols at @addr? */
static bool has_name(struct stk *s, const struct stk_kallsyms *k, uint64_t addr,
		     const char *name)
{
	char buf[STK_MAX_NAME];

	for (size_t i = stk_keys_below(k->addr, k->nr, addr);
	     i < k->nr && k->addr[i] == addr && stk_spend(s, 16); i++) {
		expand(k, (uint32_t)i, buf, sizeof(buf));
		if (!strcmp(buf, name))
			return true;
	}
	return false;
}

/*
 * Without CONFIG_KALLSYMS_ALL only what lies in the image's text has a name, and nearly
 * all of them have a type, the first character of the first token, of code: where a part
 * of the text begins data may begin as well (__init_begin). With it a third is data, most
 * of which lies behind the text.
 */
static bool lists_text_only(const struct stk_kallsyms *k)
{
	uint32_t data = 0;

	for (uint32_t i = k->nr; i-- && data <= k->nr / 16;) {
		size_t pos = k->pos[i], len;
		char type;

		name_length(k, &pos, &len);
		type = len ? *k->tokens[k->names[pos]] : '\0';
		data += type == '\0' || !strchr("tTwW", type);
	}
	return data <= k->nr / 16;
}

/*
 * A page lost from the tables would give wrong names that look right: the addresses
 * must rise, and symbols that VMCOREINFO knows must be where it says.
 */
static enum stk_status verify(struct stk *s, const struct stk_kallsyms *k)
{
	static const struct {
		const char *key, *name;
		bool data;
	} known[] = {
		{ "SYMBOL(_stext)", "_stext", false },
		{ "SYMBOL(init_uts_ns)", "init_uts_ns", true },
	};
	uint64_t addr;

	for (uint32_t i = 1; i < k->nr; i++)
		if (k->addr[i] < k->addr[i - 1])
			return stk_fail(s, STK_ERR_CORRUPT,
					"kallsyms_offsets is damaged");
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!(known[i].data && k->text_only) &&
		    stk_vmcoreinfo_number(s, known[i].key, 16, &addr) &&
		    !has_name(s, k, addr, known[i].name))
			return stk_fail(
				s, STK_ERR_CORRUPT,
				"the kallsyms tables are damaged: %s is not in its "
				"place",
				known[i].name);
	return STK_OK;
}

static enum stk_status find_kallsyms(struct stk *s, void *value)
{
	struct stk_kallsyms *k = value;
	uint64_t at;
	enum stk_status st = table_address(s, "kallsyms_num_syms", &at);

	if (!st)
		st = stk_read_u32(s, at, &k->nr);
	if (st)
		return stk_fail(s, st, "cannot find the kernel's kallsyms tables");
	if (!k->nr || k->nr > MAX_SYMBOLS)
		return stk_fail(s, STK_ERR_CORRUPT, "kallsyms_num_syms is damaged");
	if (!stk_spend(s, k->nr))
		return stk_why_stop(s);
	st = load_tokens(s, k);
	if (!st)
		st = load_addresses(s, k);
	if (!st)
		st = load_names(s, k);
	if (st)
		return st;
	k->text_only = lists_text_only(k);
	return verify(s, k);
}

/* STK_ERR_NO_SYMBOL: there are none for good. */
static enum stk_status get_kallsyms(struct stk *s, struct stk_kallsyms **out)
{
	/* Half a table would say of symbols that there are none. */
	static const struct stk_once once = {
		.size = sizeof(**out),
		.find = find_kallsyms,
		.what = "the kernel's symbols",
		.share = SHARE,
		.whole = true,
	};
	enum stk_status st = stk_once(s, &s->kallsyms, &once);

	*out = s->kallsyms.value;
	return s->kallsyms.status ? STK_ERR_NO_SYMBOL : st;
}

/* Write the name of symbol @i, without its type, to @buf; returns its length. */
static size_t expand(const struct stk_kallsyms *k, uint32_t i, char *buf, size_t room)
{
	size_t pos = k->pos[i], len, out = 0;
	bool type = true;

	name_length(k, &pos, &len);
	while (len-- && out + 1 < room) {
		for (const char *p = k->tokens[k->names[pos++]]; *p; p++) {
			if (!type && out + 1 < room)
				buf[out++] = *p;
			type = false;
		}
	}
	buf[out] = '\0';
	return out;
}

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

	name_length(k, &pos, &len);
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

	name_length(k, &at, &alen);
	name_length(k, &bt, &blen);
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
	struct token_hash token[NR_TOKENS], rest[NR_TOKENS];
};

static void hash_tokens(const struct stk_kallsyms *k, struct token_hashes *h)
{
	for (unsigned int i = 0; i < NR_TOKENS; i++) {
		h->token[i] = hash_token(k->tokens[i]);
		h->rest[i] = hash_token(k->tokens[i] + (*k->tokens[i] != 0));
	}
}

static enum stk_status build_hash(struct stk *s, struct stk_kallsyms *k)
{
	struct token_hashes h;
	struct stk_hash table = { 0 };

	if (!stk_hash_reserve(&table, &s->arena, k->nr, NULL, NULL) ||
	    !stk_spend(s, k->names_size / 4))
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

		stk_purse_open(&s->budget, purse, purse->what, SHARE);
		st = build_hash(s, k);
		stk_purse_close(&s->budget, purse);
	}
	return st;
}

enum stk_status stk_kallsyms_address(struct stk *s, const char *name, uint64_t *addr)
{
	struct stk_kallsyms *k;
	char buf[STK_MAX_NAME];
	enum stk_status st = get_kallsyms(s, &k);
	uint32_t *slot;

	if (!st)
		st = get_hash(s, k);
	if (st)
		return st;
	stk_hash_each (slot, &k->hash, stk_hash_string(name, SIZE_MAX)) {
		uint32_t i = *slot - 1;

		if (!stk_spend(s, 1))
			return stk_why_stop(s);
		expand(k, i, buf, sizeof(buf));
		if (!strcmp(buf, name)) {
			*addr = k->addr[i];
			return STK_OK;
		}
	}
	return STK_ERR_NO_SYMBOL;
}

/* To the next symbol with another address; 0: there is none. */
static uint64_t symbol_size(const struct stk_kallsyms *k, uint64_t addr)
{
	size_t next = stk_keys_upto(k->addr, k->nr, addr);

	return next < k->nr ? k->addr[next] - addr : 0;
}

enum stk_status stk_kallsyms_sized(struct stk *s, const char *name, uint64_t size,
				   uint64_t *addr)
{
	uint32_t wanted = stk_hash_string(name, SIZE_MAX);
	struct token_hashes h;
	struct stk_kallsyms *k;
	char buf[STK_MAX_NAME];
	enum stk_status st = get_kallsyms(s, &k);

	if (st || !stk_spend(s, k->names_size / 4))
		return st ? st : stk_why_stop(s);
	hash_tokens(k, &h);
	for (uint32_t i = 0; i < k->nr; i++) {
		if (hash_symbol(k, i, h.token, h.rest) != wanted ||
		    symbol_size(k, k->addr[i]) != size)
			continue;
		expand(k, i, buf, sizeof(buf));
		if (!strcmp(buf, name)) {
			*addr = k->addr[i];
			return STK_OK;
		}
	}
	return STK_ERR_NO_SYMBOL;
}

bool stk_kallsyms_text_only(struct stk *s)
{
	struct stk_kallsyms *k;

	return !get_kallsyms(s, &k) && k->text_only;
}

enum stk_status stk_kallsyms_lookup(struct stk *s, uint64_t addr, const char **name,
				    uint64_t *start, uint64_t *size)
{
	struct stk_kallsyms *k;
	size_t low, high;
	char buf[STK_MAX_NAME];
	enum stk_status st = get_kallsyms(s, &k);

	if (st || addr < k->addr[0])
		return st ? st : STK_ERR_NO_SYMBOL;
	high = stk_keys_upto(k->addr, k->nr, addr);
	low = high - 1;
	/* Of several names for one address the kernel prints the first. */
	if (low && k->addr[low - 1] == k->addr[low])
		low = stk_keys_below(k->addr, k->nr, k->addr[low]);
	*start = k->addr[low];
	*size = symbol_size(k, *start);
	if (!k->expanded[low]) {
		size_t len = expand(k, (uint32_t)low, buf, sizeof(buf));
		char *copy;

		/* A damaged kallsyms_token_table makes anything of them: no names. */
		for (size_t i = 0; i < len; i++)
			if (!stk_is_printable(buf[i]))
				return STK_ERR_CORRUPT;
		copy = stk_arena_strndup(&s->arena, buf, len);
		if (!copy)
			return stk_why_stop(s);
		k->expanded[low] = copy;
	}
	*name = k->expanded[low];
	return STK_OK;
}
