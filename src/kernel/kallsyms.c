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

#include "../base/safe.h"
#include "../base/sorted.h"
#include "../base/vec.h"
#include "kallsyms_parts.h"

static enum stk_status find_kallsyms(struct stk *s, void *value)
{
	enum stk_status st = stk_kallsyms_load(s, value);

	return st ? st : stk_kallsyms_verify(s, value);
}

enum stk_status stk_kallsyms_once(struct stk *s, struct stk_kallsyms **out)
{
	/* Half a table would say of symbols that there are none. */
	static const struct stk_once once = {
		.size = sizeof(**out),
		.find = find_kallsyms,
		.what = "the kernel's symbols",
		.share = STK_KALLSYMS_SHARE,
		.whole = true,
	};
	enum stk_status st = stk_once(s, &s->kallsyms, &once);

	*out = s->kallsyms.value;
	return s->kallsyms.status ? STK_ERR_NO_SYMBOL : st;
}

uint64_t stk_kallsyms_symbol_size(const struct stk_kallsyms *k, uint64_t addr)
{
	size_t next = stk_keys_upto(k->addr, k->nr, addr);

	return next < k->nr ? k->addr[next] - addr : 0;
}

bool stk_kallsyms_found(struct stk *s)
{
	uint64_t at;

	return !stk_kallsyms_table(s, "kallsyms_num_syms", &at);
}

bool stk_kallsyms_usable(struct stk *s)
{
	struct stk_kallsyms *k;

	return !stk_kallsyms_once(s, &k);
}

bool stk_kallsyms_text_only(struct stk *s)
{
	struct stk_kallsyms *k;

	return !stk_kallsyms_once(s, &k) && k->text_only;
}

/* The symbol at or below @addr, and the next one with another address. */
static const struct stk_kallsyms_recent *find_symbol(struct stk_kallsyms *k,
						     uint64_t addr)
{
	struct stk_kallsyms_recent *r =
		&k->recent[stk_hash_number(addr) % STK_KALLSYMS_RECENT];
	size_t high, low;

	if (r->next && r->addr == addr)
		return r;
	high = stk_keys_upto(k->addr, k->nr, addr);
	low = high - 1;
	/* Of several names for one address the kernel prints the first. */
	if (low && k->addr[low - 1] == k->addr[low])
		low = stk_keys_below(k->addr, k->nr, k->addr[low]);
	*r = (struct stk_kallsyms_recent){ addr, (uint32_t)low, (uint32_t)high };
	return r;
}

static uint32_t hash_expanded(const void *priv, uint32_t number)
{
	const struct stk_kallsyms *k = priv;

	return stk_hash_number(k->expanded[number - 1].index);
}

static const char *find_expanded(const struct stk_kallsyms *k, uint32_t i)
{
	uint32_t *slot;

	stk_hash_each (slot, &k->by_index, stk_hash_number(i))
		if (k->expanded[*slot - 1].index == i)
			return k->expanded[*slot - 1].name;
	return NULL;
}

static enum stk_status expand(struct stk *s, struct stk_kallsyms *k, uint32_t i,
			      const char **name)
{
	struct stk_kallsyms_expanded *p;
	char buf[STK_MAX_NAME], *copy;
	size_t len = stk_kallsyms_expand(k, i, buf, sizeof(buf));
	uint32_t *slot;

	/* A damaged kallsyms_token_table makes anything of them: no names. */
	for (size_t n = 0; n < len; n++)
		if (!stk_is_printable(buf[n]))
			return STK_ERR_CORRUPT;
	copy = stk_arena_strndup(&s->arena, buf, len);
	p = copy ? stk_vec_next(&s->arena, k->expanded, k->nr_expanded, k->room_expanded)
		 : NULL;
	if (!p || !stk_hash_reserve(&k->by_index, &s->arena, k->nr_expanded + 1,
				    hash_expanded, k))
		return stk_why_stop(s);
	*p = (struct stk_kallsyms_expanded){ i, copy };
	stk_hash_each (slot, &k->by_index, stk_hash_number(i))
		;
	*slot = (uint32_t)++k->nr_expanded;
	*name = copy;
	return STK_OK;
}

enum stk_status stk_kallsyms_lookup(struct stk *s, uint64_t addr, const char **name,
				    uint64_t *start, uint64_t *size)
{
	const struct stk_kallsyms_recent *r;
	struct stk_kallsyms *k;
	enum stk_status st = stk_kallsyms_once(s, &k);

	if (st || addr < k->addr[0])
		return st ? st : STK_ERR_NO_SYMBOL;
	r = find_symbol(k, addr);
	*start = k->addr[r->index];
	*size = r->next < k->nr ? k->addr[r->next] - *start : 0;
	*name = find_expanded(k, r->index);
	return *name ? STK_OK : expand(s, k, r->index, name);
}
