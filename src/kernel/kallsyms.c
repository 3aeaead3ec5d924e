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

enum stk_status stk_kallsyms_lookup(struct stk *s, uint64_t addr, const char **name,
				    uint64_t *start, uint64_t *size)
{
	const struct stk_kallsyms_recent *r;
	struct stk_kallsyms *k;
	uint32_t low;
	char buf[STK_MAX_NAME];
	enum stk_status st = stk_kallsyms_once(s, &k);

	if (st || addr < k->addr[0])
		return st ? st : STK_ERR_NO_SYMBOL;
	r = find_symbol(k, addr);
	low = r->index;
	*start = k->addr[low];
	*size = r->next < k->nr ? k->addr[r->next] - *start : 0;
	if (!k->expanded[low]) {
		size_t len = stk_kallsyms_expand(k, low, buf, sizeof(buf));
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
