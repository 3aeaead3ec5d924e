/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual memory is read a page at a time and kept: stacks and unwind tables are
 * looked at again and again, and a read that runs into a guard page must still
 * give what lies before it. Failures are remembered, too.
 */
#include "memory.h"

#include "../base/say.h"

#include <string.h>

#include "../arch/arch.h"
#include "../base/safe.h"
#include "lost.h"
#include "watch.h"

#define CACHE_PAGES 2048u /* 8 MiB */
#define NO_PAGE	    1ull  /* no page begins there */

/* Of a string that is read at a time: it does not cross the end of any page. */
#define STRING_PIECE 16u

struct cache_page {
	uint64_t base; /* virtual page address; meaningful when data is set */
	uint64_t phys; /* where its bytes are, if they were read there */
	enum stk_status status;
	uint64_t lost; /* the page that is not in the dump: its own, or a page table's */
	enum stk_status lost_status; /* STK_OK: none, and none of one that was read */
	unsigned char *data;
};

struct stk_page_cache {
	struct cache_page page[CACHE_PAGES];
};

/* One that fails, and whose page is wanted, is a loss. */
static enum stk_status fetch_phys(struct stk *s, uint64_t addr, void *buf, size_t len)
{
	enum stk_status st =
		s->target.memory->read_phys(s->target.memory_priv, addr, buf, len);

	stk_lost_note(s, addr, st);
	return st;
}

/*
 * All that is read passes here, by its physical address: who looks on sees it. @virt: 0
 * of a physical read.
 */
static enum stk_status pass_watch(struct stk *s, uint64_t phys, size_t len, uint64_t virt)
{
	const struct stk_purse *purse = s->budget.purse;

	if (virt && s->watch->searching)
		return STK_OK;
	if (s->watch->kept && !stk_words_have(s->watch->kept, phys, len)) {
		stk_lost_note(s, phys, STK_ERR_EXCLUDED);
		return STK_ERR_EXCLUDED;
	}
	if (s->watch->record)
		stk_words_add(s->watch->record, phys, len, virt,
			      purse ? purse->what : NULL);
	return STK_OK;
}

bool stk_in_dump(struct stk *s, uint64_t phys)
{
	unsigned char byte;

	if (!stk_spend(s, STK_FETCH_STEPS) ||
	    s->target.memory->read_phys(s->target.memory_priv, phys, &byte, 1))
		return false;
	if (s->watch)
		pass_watch(s, phys, 0, 0);
	return true;
}

enum stk_status stk_read_phys(struct stk *s, uint64_t addr, void *buf, size_t len)
{
	unsigned char *p = buf;

	while (len) {
		size_t chunk = stk_in_page(s, addr, len);
		enum stk_status st;

		if (!stk_spend(s, STK_FETCH_STEPS))
			return stk_why_stop(s);
		st = fetch_phys(s, addr, p, chunk);
		if (!st && s->watch)
			st = pass_watch(s, addr, chunk, 0);
		if (st)
			return st;
		addr += chunk;
		p += chunk;
		len -= chunk;
	}
	return STK_OK;
}

static enum stk_status read_page(struct stk *s, uint64_t base, unsigned char *data,
				 uint64_t *phys)
{
	const struct stk_memory_ops *ops = s->target.memory;
	enum stk_status st, virt = STK_OK;

	if (ops->read_virt)
		virt = ops->read_virt(s->target.memory_priv, base, data,
				      stk_page_size(s));
	if (ops->read_virt && !virt)
		return virt;
	/* Whoever translates for us does not tell why it failed: the walk does. */
	st = stk_translate(s, base, phys);
	if (!st)
		st = fetch_phys(s, *phys, data, stk_page_size(s));
	return virt ? virt : st;
}

/* Read it, and remember which page was missing for it. */
static void fill_page(struct stk *s, struct cache_page *pg, uint64_t base)
{
	pg->base = NO_PAGE; /* until it is filled */
	if (!stk_spend(s, STK_FETCH_STEPS)) {
		pg->status = stk_why_stop(s);
		return;
	}
	stk_lost_none(s);
	pg->status = read_page(s, base, pg->data, &pg->phys);
	pg->lost_status = pg->status ? stk_lost_last(s, &pg->lost) : STK_OK;
	if (!stk_is_passing(pg->status))
		pg->base = base;
}

void stk_forget_memory(struct stk *s)
{
	for (size_t i = 0; s->cache && i < CACHE_PAGES; i++)
		s->cache->page[i].base = NO_PAGE;
}

static struct cache_page *get_page(struct stk *s, uint64_t base)
{
	struct cache_page *pg;
	uint64_t hash = stk_page_number(s, base);

	if (!s->cache)
		s->cache = stk_arena_alloc(&s->fixed, sizeof(*s->cache));
	if (!s->cache)
		return NULL;
	hash ^= hash >> 11 ^ hash >> 23;
	pg = &s->cache->page[hash % CACHE_PAGES];
	if (pg->data && pg->base == base) {
		/* Another question may be the first that lacks it. Few do, and all come
		 * here. */
		if (pg->lost_status)
			stk_lost_note(s, pg->lost, pg->lost_status);
		return pg;
	}
	if (!pg->data) {
		unsigned char *data = stk_arena_room(&s->fixed, stk_page_size(s));

		if (!data)
			return NULL;
		pg->data = data;
	}
	fill_page(s, pg, base);
	return pg;
}

static enum stk_status read_bytes(struct stk *s, uint64_t addr, void *buf, size_t len)
{
	unsigned char *p = buf;

	if (addr + len < addr)
		return STK_ERR_UNMAPPED;
	while (len) {
		uint64_t offset = stk_page_offset(s, addr);
		size_t chunk = stk_in_page(s, addr, len);
		struct cache_page *pg;
		enum stk_status st;

		if (stk_interrupted(s))
			return STK_ERR_INTERRUPTED;
		if (!stk_spend(s, 1 + chunk / 64))
			return stk_why_stop(s);
		pg = get_page(s, addr - offset);
		if (!pg)
			return STK_ERR_NOMEM;
		st = pg->status;
		if (!st && s->watch)
			st = pass_watch(s, pg->phys + offset, chunk, addr);
		if (st)
			return st;
		memcpy(p, pg->data + offset, chunk);
		addr += chunk;
		p += chunk;
		len -= chunk;
	}
	return STK_OK;
}

enum stk_status stk_read(struct stk *s, uint64_t addr, void *buf, size_t len)
{
	enum stk_status st = read_bytes(s, addr, buf, len);

	return st ? stk_fail(s, st, "cannot read %zu bytes at %#llx: %s", len,
			     (unsigned long long)addr, stk_status_text(st))
		  : STK_OK;
}

enum stk_status stk_read_string(struct stk *s, uint64_t addr, char *buf, size_t room)
{
	size_t len = 0, left = room - 1;
	enum stk_status st = STK_OK;

	buf[0] = '\0';
	/* In pieces: what lies behind the string may not be there, and was not asked for.
	 */
	while (left && len == strlen(buf)) {
		size_t chunk = STRING_PIECE - (addr + len) % STRING_PIECE;

		chunk = chunk < left ? chunk : left;
		st = stk_read(s, addr + len, buf + len, chunk);
		if (st)
			break;
		len += chunk;
		left -= chunk;
		buf[len] = '\0';
	}
	stk_safe_bytes(buf, strlen(buf));
	return len && st != STK_ERR_INTERRUPTED ? STK_OK : st;
}

const char *stk_string_at(struct stk *s, uint64_t addr, size_t room)
{
	char buf[STK_MAX_NAME];

	if (room > sizeof(buf))
		room = sizeof(buf);
	if (!room || stk_read_string(s, addr, buf, room) || !*buf)
		return NULL;
	return stk_say(s, "%s", buf);
}

enum stk_status stk_read_u64(struct stk *s, uint64_t addr, uint64_t *value)
{
	return stk_read(s, addr, value, sizeof(*value));
}

enum stk_status stk_read_u32(struct stk *s, uint64_t addr, uint32_t *value)
{
	return stk_read(s, addr, value, sizeof(*value));
}

const char *stk_arch_name(struct stk *s)
{
	return s->arch->name;
}

enum stk_status stk_translate(struct stk *s, uint64_t addr, uint64_t *phys)
{
	return stk_spend(s, 1) ? s->arch->translate(s, addr, phys) : stk_why_stop(s);
}
