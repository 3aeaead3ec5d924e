/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "btf_section.h"

#include <stdlib.h>
#include <string.h>

#include "../machine/lost.h"
#include "../machine/memory.h"
#include "../machine/watch.h"

#define BLOCK	     4096u /* no page is smaller */
#define MAGIC	     0xeb9fu
#define VERSION	     1u
#define BITS	     64u
#define UNKNOWN_KIND 0xffu

struct header {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t len, types, types_len, strings, strings_len;
};

/* Bytes that follow a type: so many, and so many for each of its members. */
struct tail {
	uint8_t fixed, each;
};

static const struct tail tails[STK_BTF_ALL_KINDS] = {
	[0] = { UNKNOWN_KIND, 0 },
	[STK_BTF_INT] = { 4, 0 },
	[STK_BTF_ARRAY] = { sizeof(struct stk_btf_array), 0 },
	[STK_BTF_STRUCT] = { 0, sizeof(struct stk_btf_member) },
	[STK_BTF_UNION] = { 0, sizeof(struct stk_btf_member) },
	[STK_BTF_ENUM] = { 0, 8 },
	[STK_BTF_FUNC_PROTO] = { 0, 8 },
	[STK_BTF_VAR] = { 4, 0 },
	[STK_BTF_DATASEC] = { 0, 12 },
	[STK_BTF_DECL_TAG] = { 4, 0 },
	[STK_BTF_ENUM64] = { 0, 12 },
	[STK_BTF_NR_KINDS... STK_BTF_ALL_KINDS - 1] = { UNKNOWN_KIND, 0 },
};

/* That these bytes make no sense is told where lost pages are. */
static enum stk_status damaged(struct stk_btf_section *b, uint32_t offset)
{
	uint64_t phys;

	if (!stk_translate(b->s, b->addr + offset, &phys))
		stk_lost_note(b->s, phys, STK_ERR_CORRUPT);
	return STK_ERR_CORRUPT;
}

/* Blocks are those of memory, so that none is in two pages. */
static enum stk_status read_block(struct stk_btf_section *b, uint32_t block)
{
	uint64_t first = b->addr & ~(uint64_t)(BLOCK - 1),
		 from = first + block * (uint64_t)BLOCK, end = from + BLOCK;
	enum stk_status st;

	from = from > b->addr ? from : b->addr;
	end = end < b->addr + b->size ? end : b->addr + b->size;
	st = stk_read(b->s, from, b->data + (from - b->addr), end - from);
	if (!st)
		b->have[block / BITS] |= 1ull << block % BITS;
	return st;
}

/* Behind the block that the byte before @offset is in. */
static uint32_t end_of_block(const struct stk_btf_section *b, uint32_t offset)
{
	uint32_t end = offset + (uint32_t)(-(b->addr + offset) % BLOCK);

	return end < b->size ? end : b->size;
}

/* The @len bytes at @offset, which lie in the section, are there then. */
static enum stk_status need(struct stk_btf_section *b, uint32_t offset, uint32_t len)
{
	uint32_t skew = b->addr & (BLOCK - 1);

	for (uint32_t i = (offset + skew) / BLOCK; i <= (offset + skew + len - 1) / BLOCK;
	     i++) {
		enum stk_status st = STK_OK;

		if (!(b->have[i / BITS] >> i % BITS & 1))
			st = read_block(b, i);
		if (st)
			return st;
	}
	return STK_OK;
}

/* Sections begin @from the header's end. */
static bool place(uint32_t head, uint32_t from, uint32_t len, uint32_t size,
		  uint32_t *begin, uint32_t *end)
{
	uint64_t at = (uint64_t)head + from;

	if (at + len > size)
		return false;
	*begin = (uint32_t)at;
	*end = (uint32_t)(at + len);
	return true;
}

/* Whoever opens the dump is told that there are no types at all. */
static enum stk_status judge_header(struct stk_btf_section *b)
{
	struct header h;
	enum stk_status st;

	if (b->size < sizeof(h))
		return STK_ERR_CORRUPT;
	st = need(b, 0, sizeof(h));
	if (st)
		return st;
	memcpy(&h, b->data, sizeof(h));
	if (h.magic != MAGIC || h.version != VERSION || h.len < sizeof(h) || h.len % 4 ||
	    h.types % 4 ||
	    !place(h.len, h.types, h.types_len, b->size, &b->types, &b->types_end) ||
	    !place(h.len, h.strings, h.strings_len, b->size, &b->strings,
		   &b->strings_end))
		return STK_ERR_CORRUPT;
	b->next = b->read = b->types;
	b->nr = 1;
	return STK_OK;
}

enum stk_status stk_btf_section_open(struct stk_btf_section *b, struct stk *s,
				     uint64_t addr, uint32_t size)
{
	uint32_t most = size / sizeof(struct stk_btf_type) + 1;
	enum stk_status st;

	*b = (struct stk_btf_section){ .s = s, .addr = addr, .size = size };
	/* They are large, and hardly used: so the system gives them page by page. */
	if (!stk_budget_bytes(&s->budget, size + most * sizeof(*b->type_at)))
		return stk_why_stop(s);
	b->data = calloc(1, size);
	b->have = calloc((size / BLOCK + 2) / BITS + 1, sizeof(*b->have));
	b->type_at = calloc(most, sizeof(*b->type_at));
	if (!b->data || !b->have || !b->type_at)
		return STK_ERR_NOMEM;
	st = judge_header(b);
	/* A dump that is being packed gets it whole: another reader asks other things. */
	return !st && stk_watch_records(s) ? need(b, 0, size) : st;
}

void stk_btf_section_free(struct stk_btf_section *b)
{
	free(b->data);
	free(b->have);
	free(b->type_at);
	*b = (struct stk_btf_section){ 0 };
}

/* Types are walked in their order: all that lies before @b->read is there. */
static enum stk_status read_to(struct stk_btf_section *b, uint32_t end)
{
	enum stk_status st;

	if (end <= b->read)
		return STK_OK;
	st = need(b, b->read, end - b->read);
	if (!st)
		b->read = end_of_block(b, end);
	return st;
}

static enum stk_status walk_type(struct stk_btf_section *b)
{
	uint32_t at = b->next, left = b->types_end - at,
		 size = sizeof(struct stk_btf_type);
	const struct stk_btf_type *t = (const void *)(b->data + at);
	enum stk_btf_kind kind;
	enum stk_status st;

	if (!left)
		return STK_ERR_NO_TYPE;
	if (left < size)
		return damaged(b, at);
	st = read_to(b, at + size);
	if (st)
		return st;
	kind = stk_btf_kind(t);
	if (tails[kind].fixed == UNKNOWN_KIND)
		return damaged(b, at);
	size += tails[kind].fixed + tails[kind].each * stk_btf_vlen(t);
	if (size > left)
		return damaged(b, at);
	st = read_to(b, at + size);
	if (st)
		return st;
	b->type_at[b->nr++] = at;
	b->next = at + size;
	return STK_OK;
}

/* The same of those that were read, without a look at anything else: there are 100,000.
 */
static bool walk_read(struct stk_btf_section *b)
{
	const uint32_t end = b->read < b->types_end ? b->read : b->types_end;
	uint32_t at = b->next, nr = b->nr;
	bool met = false;

	while (!met && end - at >= sizeof(struct stk_btf_type)) {
		const struct stk_btf_type *t = (const void *)(b->data + at);
		const struct tail *tail = &tails[stk_btf_kind(t)];
		const uint32_t size =
			(uint32_t)sizeof(*t) + tail->fixed + tail->each * stk_btf_vlen(t);

		if (tail->fixed == UNKNOWN_KIND || size > end - at)
			break;
		b->type_at[nr++] = at;
		at += size;
		met = stk_btf_is_composite(t);
	}
	b->next = at;
	b->nr = nr;
	return met;
}

enum stk_status stk_btf_walk(struct stk_btf_section *b)
{
	enum stk_status st;

	do
		st = walk_read(b) ? STK_OK : walk_type(b);
	while (!st && !stk_btf_is_composite(stk_btf_type(b, b->nr - 1)));
	return st;
}

void stk_btf_walk_back(struct stk_btf_section *b)
{
	b->next = b->type_at[--b->nr];
}

enum stk_status stk_btf_string(struct stk_btf_section *b, uint32_t offset,
			       const char **out)
{
	uint32_t size = b->strings_end - b->strings, at = b->strings + offset;

	if (offset >= size)
		return damaged(b, b->strings);
	*out = (const char *)b->data + at;
	/* Most end in the block in which they begin. */
	while (at < b->strings_end) {
		uint32_t end = end_of_block(b, at + 1), room;
		enum stk_status st;

		room = (end < b->strings_end ? end : b->strings_end) - at;
		st = need(b, at, room);
		if (st)
			return st;
		if (memchr(b->data + at, '\0', room))
			return STK_OK;
		at += room;
	}
	return damaged(b, b->strings + offset);
}
