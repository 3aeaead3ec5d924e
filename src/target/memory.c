/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual memory is read a page at a time and kept: stacks and unwind tables are
 * looked at again and again, and a read that runs into a guard page must still
 * give what lies before it. Failures are remembered, too.
 */
#include "memory.h"

#include <string.h>

#include "../arch/arch.h"

#define CACHE_PAGES 2048u /* 8 MiB */
#define NO_PAGE	    1ull  /* no page begins there */

struct cache_page {
	uint64_t base; /* virtual page address; meaningful when data is set */
	enum stk_status status;
	unsigned char *data;
};

struct stk_page_cache {
	struct cache_page page[CACHE_PAGES];
};

enum stk_status stk_read_phys(struct stk *s, uint64_t addr, void *buf, size_t len)
{
	unsigned char *p = buf;

	while (len) {
		size_t chunk = STK_PAGE_SIZE - (addr & (STK_PAGE_SIZE - 1));
		enum stk_status st;

		if (chunk > len)
			chunk = len;
		st = s->target.memory->read_phys(s->target.memory_priv, addr, p, chunk);
		if (st)
			return st;
		addr += chunk;
		p += chunk;
		len -= chunk;
	}
	return STK_OK;
}

static enum stk_status read_page(struct stk *s, uint64_t base, unsigned char *data)
{
	const struct stk_memory_ops *ops = s->target.memory;
	enum stk_status st;
	uint64_t phys;

	if (ops->read_virt)
		return ops->read_virt(s->target.memory_priv, base, data, STK_PAGE_SIZE);
	st = stk_translate(s, base, &phys);
	if (st)
		return st;
	return ops->read_phys(s->target.memory_priv, phys, data, STK_PAGE_SIZE);
}

void stk_forget_memory(struct stk *s)
{
	for (size_t i = 0; s->cache && i < CACHE_PAGES; i++)
		s->cache->page[i].base = NO_PAGE;
}

static struct cache_page *get_page(struct stk *s, uint64_t base)
{
	struct cache_page *pg;
	uint64_t hash = base >> 12;

	if (!s->cache)
		s->cache = stk_arena_alloc(&s->arena, sizeof(*s->cache));
	if (!s->cache)
		return NULL;
	hash ^= hash >> 11 ^ hash >> 23;
	pg = &s->cache->page[hash % CACHE_PAGES];
	if (pg->data && pg->base == base)
		return pg;
	if (!pg->data) {
		unsigned char *data = stk_arena_alloc(&s->arena, STK_PAGE_SIZE);

		if (!data)
			return NULL;
		pg->data = data;
	}
	pg->base = NO_PAGE; /* until it is filled */
	pg->status = read_page(s, base, pg->data);
	if (pg->status != STK_ERR_INTERRUPTED)
		pg->base = base;
	return pg;
}

enum stk_status stk_read(struct stk *s, uint64_t addr, void *buf, size_t len)
{
	unsigned char *p = buf;

	if (addr + len < addr)
		return STK_ERR_UNMAPPED;
	while (len) {
		uint64_t offset = addr & (STK_PAGE_SIZE - 1);
		size_t chunk = STK_PAGE_SIZE - offset;
		struct cache_page *pg;

		if (chunk > len)
			chunk = len;
		if (stk_interrupted(s))
			return STK_ERR_INTERRUPTED;
		pg = get_page(s, addr - offset);
		if (!pg)
			return STK_ERR_NOMEM;
		if (pg->status)
			return pg->status;
		memcpy(p, pg->data + offset, chunk);
		addr += chunk;
		p += chunk;
		len -= chunk;
	}
	return STK_OK;
}

enum stk_status stk_read_u64(struct stk *s, uint64_t addr, uint64_t *value)
{
	return stk_read(s, addr, value, sizeof(*value));
}

enum stk_status stk_read_u32(struct stk *s, uint64_t addr, uint32_t *value)
{
	return stk_read(s, addr, value, sizeof(*value));
}

enum stk_status stk_translate(struct stk *s, uint64_t addr, uint64_t *phys)
{
	return s->arch->translate(s, addr, phys);
}
