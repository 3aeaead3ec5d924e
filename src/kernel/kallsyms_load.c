/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables in memory become a struct stk_kallsyms, addresses whatever they were. */
#include "kallsyms_parts.h"

#include "layout.h"

#define MAX_SYMBOLS    (16u * 1024 * 1024)
#define MAX_NAMES_SIZE (256u * 1024 * 1024)
#define LAST_TOKEN     256u /* bytes of it, at most */

static void *read_table(struct stk *s, uint64_t addr, size_t size, enum stk_status *st)
{
	void *p = stk_arena_room(&s->arena, size);

	*st = p ? stk_read(s, addr, p, size) : STK_ERR_NOMEM;
	return *st ? NULL : p;
}

/* The ways in which offsets have become addresses. */
enum offset_kind { ABSOLUTE_PERCPU, FROM_BASE, PC_RELATIVE };

/* @at: of the offsets. */
static void make_addresses(enum offset_kind kind, uint64_t at, uint64_t base,
			   const int32_t *offset, struct stk_kallsyms *k)
{
	const uint32_t nr = k->nr;
	uint64_t *addr = k->addr;

	switch (kind) {
	case ABSOLUTE_PERCPU:
		for (uint32_t i = 0; i < nr; i++)
			addr[i] = offset[i] >= 0
					  ? (uint64_t)offset[i]
					  : base - 1 - (uint64_t)(int64_t)offset[i];
		break;
	case PC_RELATIVE:
		for (uint32_t i = 0; i < nr; i++)
			addr[i] = at + 4ull * i + (uint64_t)(int64_t)offset[i];
		break;
	default:
		for (uint32_t i = 0; i < nr; i++)
			addr[i] = base + (uint32_t)offset[i];
		break;
	}
}

static enum stk_status load_addresses(struct stk *s, struct stk_kallsyms *k)
{
	enum offset_kind kind = PC_RELATIVE;
	uint64_t at, base_at, base = 0;
	int32_t *offset;
	enum stk_status st;

	if (stk_kallsyms_table(s, "kallsyms_offsets", &at)) {
		st = stk_kallsyms_table(s, "kallsyms_addresses", &at);
		k->addr = st ? NULL : read_table(s, at, k->nr * 8ull, &st);
		return st;
	}
	offset = read_table(s, at, k->nr * 4ull, &st);
	if (st)
		return st;
	if (!stk_kallsyms_table(s, "kallsyms_relative_base", &base_at)) {
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
	k->addr = stk_arena_room(&s->arena, k->nr * sizeof(*k->addr));
	if (!k->addr)
		return STK_ERR_NOMEM;
	make_addresses(kind, at, base, offset, k);
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
	enum stk_status st;

	if ((st = stk_kallsyms_table(s, "kallsyms_token_table", &table_at)) ||
	    (st = stk_kallsyms_table(s, "kallsyms_token_index", &index_at)))
		return st;
	index = read_table(s, index_at, STK_KALLSYMS_TOKENS * sizeof(*index), &st);
	if (st)
		return st;
	/* The table ends after the last token, which the index table follows closely. */
	size = (size_t)index[STK_KALLSYMS_TOKENS - 1] + LAST_TOKEN;
	if (index_at > table_at && index_at - table_at < size)
		size = index_at - table_at;
	table = stk_arena_alloc(&s->arena, size + 1);
	if (!table)
		return STK_ERR_NOMEM;
	st = stk_read(s, table_at, table, size);
	if (st)
		return st;
	for (unsigned int i = 0; i < STK_KALLSYMS_TOKENS; i++) {
		if (index[i] >= size)
			return stk_fail(s, STK_ERR_CORRUPT,
					"kallsyms_token_index is damaged");
		k->tokens[i] = table + index[i];
	}
	return STK_OK;
}

/* Where each name begins, and all of them end. False: they are damaged. */
static bool place_names(struct stk_kallsyms *k)
{
	const unsigned char *names = k->names;
	const size_t size = k->names_size;
	const uint32_t nr = k->nr;
	uint32_t *place = k->pos;
	size_t pos = 0, len;

	for (uint32_t i = 0; i < nr; i++) {
		place[i] = (uint32_t)pos;
		/* Nearly all are that short. */
		if (pos < size && names[pos] < 0x80 && names[pos] < size - pos)
			len = 1u + names[pos];
		else if (!stk_kallsyms_name_length(k, &pos, &len))
			return false;
		pos += len;
	}
	place[nr] = (uint32_t)pos;
	return true;
}

static enum stk_status load_names(struct stk *s, struct stk_kallsyms *k)
{
	uint64_t names_at, end;
	enum stk_status st;

	/* In every version the markers follow the names, and the tokens the markers. */
	if ((st = stk_kallsyms_table(s, "kallsyms_names", &names_at)) ||
	    (st = stk_kallsyms_table(s, "kallsyms_token_table", &end)))
		return st;
	if (end <= names_at || end - names_at > MAX_NAMES_SIZE)
		return stk_fail(s, STK_ERR_UNSUPPORTED, "kallsyms_names has no end");
	k->names_size = end - names_at;
	k->names = read_table(s, names_at, k->names_size, &st);
	if (st)
		return st;
	k->pos = stk_arena_room(&s->arena, (k->nr + 1) * sizeof(*k->pos));
	if (!k->pos)
		return STK_ERR_NOMEM;
	return place_names(k) ? STK_OK
			      : stk_fail(s, STK_ERR_CORRUPT, "kallsyms_names is damaged");
}

enum stk_status stk_kallsyms_load(struct stk *s, struct stk_kallsyms *k)
{
	uint64_t at;
	enum stk_status st;

	if ((st = stk_kallsyms_table(s, "kallsyms_num_syms", &at)) ||
	    (st = stk_read_u32(s, at, &k->nr)))
		return stk_fail(s, st, "cannot find the kernel's kallsyms tables");
	if (!k->nr || k->nr > MAX_SYMBOLS)
		return stk_fail(s, STK_ERR_CORRUPT, "kallsyms_num_syms is damaged");
	if (!stk_spend(s, k->nr))
		return stk_why_stop(s);
	if ((st = load_tokens(s, k)) || (st = load_addresses(s, k)))
		return st;
	return load_names(s, k);
}
