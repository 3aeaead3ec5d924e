/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slab pages: the struct page of each tells that it is one, and of which cache. Its words
 * mean other things in other pages, so none is believed alone.
 */
#include "slab.h"

#include "../arch/arch.h"
#include "../machine/lost.h"
#include "../machine/memory.h"
#include "layout.h"
#include "list.h"

#define MAX_STRIDE 65536u
#define MAX_PAGES  1024u /* of a slab: MAX_ORDER */
#define TASK_ORDER 5u	 /* at most, of a slab of tasks; 3 is usual */

#define LAST_POINTER 0xffffffff00000000ull /* to a struct page, and by far */

/* A slab: its first page, and where that lies. */
struct slab {
	uint64_t page; /* its struct page */
	uint64_t addr, phys;
};

/* Of a cache. */
struct shape {
	uint64_t stride, left, size; /* left: a red zone before each object */
	uint64_t first, nr;	     /* of CONFIG_SLAB only; nr 0: as many as fit */
};

/*
 * The first page of those that were allocated together. Bit 0 tells that it is another
 * one; the word is its address then, or since 7.0 (compound_info) a mask that makes that
 * of the page's own. No address of a struct page is as high as any mask.
 */
static bool find_head(struct stk *s, uint64_t page, uint64_t *head)
{
	uint64_t word;

	if (stk_read_member(s, page, "page", "compound_head", &word) &&
	    stk_read_member(s, page, "page", "compound_info", &word))
		return false;
	*head = page;
	if (!(word & 1))
		return true;
	*head = --word > LAST_POINTER ? page & word : word;
	return *head != page;
}

/*
 * A flag, or since 6.10 (commit 46df8e73a4a3) a type: one bit of a word that is all ones,
 * since 6.12 (4ffca5a96678) its upper byte. VMCOREINFO tells which, and the value.
 * 1: it is one, 0: it is none, -1: nothing tells.
 */
static int is_slab(struct stk *s, uint64_t page)
{
	uint64_t want, value;

	if (stk_vmcoreinfo_number(s, "NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)", 10, &want)) {
		uint64_t mask = want & 0xffffff ? 0xffffffff : 0xff000000;

		if (stk_read_member(s, page, "page", "page_type", &value))
			return -1;
		return (value & mask) == (want & mask);
	}
	if (!stk_vmcoreinfo_number(s, "NUMBER(PG_slab)", 10, &want) || want >= 64 ||
	    stk_read_member(s, page, "page", "flags", &value))
		return -1;
	return value >> want & 1;
}

/* struct slab lies over struct page since 5.17, commit d122019bf061. */
static enum stk_status read_slab(struct stk *s, uint64_t page, const char *member,
				 uint64_t *value)
{
	struct stk_member m;

	return stk_find_member(s, "slab", member, &m)
		       ? stk_read_member(s, page, "slab", member, value)
		       : stk_read_member(s, page, "page", member, value);
}

/* The struct page of the page at @phys, and that of the first one of its allocation. */
static bool find_page(struct stk *s, uint64_t phys, uint64_t *page, uint64_t *head)
{
	uint64_t first;

	return s->arch->page_struct(s, phys, page) && find_head(s, *page, head) &&
	       find_head(s, *head, &first) && first == *head;
}

static bool find_slab(struct stk *s, uint64_t cache, uint64_t addr, uint64_t phys,
		      struct slab *out)
{
	const uint64_t bytes = 1ull << s->page_shift;
	uint64_t page, head, of, nr;
	uint32_t size;

	if (!find_page(s, phys, &page, &head) || !stk_find_size(s, "page", &size))
		return false;
	nr = (page - head) / size;
	if ((page - head) % size || nr >= MAX_PAGES || is_slab(s, head) != 1 ||
	    read_slab(s, head, "slab_cache", &of) || of != cache)
		return false;
	out->page = head;
	out->addr = addr - stk_page_offset(s, addr) - nr * bytes;
	out->phys = phys - stk_page_offset(s, phys) - nr * bytes;
	return true;
}

/* A word of a cache that only some kernels or configurations have. */
static uint64_t optional(struct stk *s, uint64_t cache, const char *member)
{
	uint64_t value;

	return stk_read_member(s, cache, "kmem_cache", member, &value) ? 0 : value;
}

/*
 * Caches of equal objects are merged, but for those with a refcount of 1. KFENCE gives
 * objects pages of their own, none larger than a page.
 */
static bool find_shape(struct stk *s, uint64_t cache, const struct slab *slab,
		       struct shape *out)
{
	uint64_t shared;

	*out = (struct shape){ .left = optional(s, cache, "red_left_pad"),
			       .nr = optional(s, cache, "num"),
			       .first = slab->addr };
	if (stk_read_member(s, cache, "kmem_cache", "refcount", &shared) || shared != 1 ||
	    stk_read_member(s, cache, "kmem_cache", "size", &out->stride) ||
	    stk_read_member(s, cache, "kmem_cache", "object_size", &out->size))
		return false;
	if (out->nr) {
		out->left = optional(s, cache, "obj_offset");
		if (read_slab(s, slab->page, "s_mem", &out->first))
			return false;
	}
	return out->stride > 1ull << s->page_shift && out->stride <= MAX_STRIDE &&
	       out->size && out->size <= out->stride &&
	       out->left <= out->stride - out->size && out->first >= slab->addr &&
	       out->first - slab->addr < out->stride;
}

/* The end of the pages that belong to @slab, but not past @limit. */
static uint64_t end_of(struct stk *s, const struct slab *slab, uint64_t from,
		       uint64_t limit)
{
	const uint64_t bytes = 1ull << s->page_shift;
	uint64_t at = from - stk_page_offset(s, from) + bytes, page, head;

	while (at < limit &&
	       s->arch->page_struct(s, slab->phys + (at - slab->addr), &page) &&
	       find_head(s, page, &head) && head == slab->page)
		at += bytes;
	return at < limit ? at : limit;
}

static void set(struct stk_slab_object *out, uint64_t begin, uint64_t end, bool gap)
{
	*out = (struct stk_slab_object){ begin, end - begin, gap };
}

static void place_in(struct stk *s, const struct slab *slab, const struct shape *c,
		     uint64_t addr, struct stk_slab_object *out)
{
	uint64_t nr, slot, object, end;

	if (addr < c->first) {
		set(out, slab->addr, c->first, true);
		return;
	}
	nr = (addr - c->first) / c->stride;
	slot = c->first + nr * c->stride;
	object = slot + c->left;
	end = end_of(s, slab, addr, slot + c->stride);
	if (end < slot + c->stride || (c->nr && nr >= c->nr))
		set(out, slot, end, true);
	else if (addr < object)
		set(out, slot, object, true);
	else if (addr >= object + c->size)
		set(out, object + c->size, end, true);
	else
		set(out, object, object + c->size, false);
}

/* The cache that the kernel's variable @name points to. */
static bool find_cache(struct stk *s, const char *name, uint64_t *cache)
{
	return stk_find_symbol(s, name, cache) && !stk_read_u64(s, *cache, cache) &&
	       *cache;
}

bool stk_slab_object_at(struct stk *s, const char *cache, uint64_t addr, uint64_t phys,
			struct stk_slab_object *out)
{
	struct shape shape;
	struct slab slab;
	uint64_t at;

	if (!find_cache(s, cache, &at) || !find_slab(s, at, addr, phys, &slab) ||
	    !find_shape(s, at, &slab, &shape))
		return false;
	place_in(s, &slab, &shape, addr, out);
	return !stk_must_stop(s);
}

bool stk_slab_is_of(struct stk *s, const char *cache, uint64_t addr, uint64_t phys)
{
	struct slab slab;
	uint64_t at;

	return find_cache(s, cache, &at) && find_slab(s, at, addr, phys, &slab);
}

/* A cache is on the list of caches. */
static bool is_cache(struct stk *s, uint64_t cache)
{
	struct stk_member list;
	uint64_t next;

	return stk_find_member(s, "kmem_cache", "list", &list) &&
	       stk_list_next(s, cache + list.offset, &next);
}

/*
 * Is the page at @phys of the cache after all? A slab's first page is where its size
 * divides the address: those are asked, too, so that no word alone tells that it is not.
 */
static bool may_be_of(struct stk *s, uint64_t cache, uint64_t phys)
{
	uint64_t page, of;
	bool excused, found = false;

	/* Whoever's they are, they are no loss. */
	excused = stk_lost_excuse(s, true);
	for (unsigned int order = 0; order <= TASK_ORDER && !found; order++) {
		const uint64_t first = phys & ~((stk_page_size(s) << order) - 1);

		found = s->arch->page_struct(s, first, &page) &&
			!read_slab(s, page, "slab_cache", &of) && of == cache;
	}
	stk_lost_excuse(s, excused);
	return found;
}

/* SLUB: the low half of a slab's counters is in use:16, objects:15, frozen:1. */
#define OBJECTS(counters) ((counters) >> 16 & 0x7fff)

/* And the low half of what a cache knows of those that it makes is objects:16. */
#define OBJECTS_MADE(oo) ((oo) % 0x10000)

/* Has the slab as many objects as those of that cache, or as the least that it has? */
static bool has_objects_of(struct stk *s, uint64_t page, uint64_t cache)
{
	uint64_t counters, nr, usual = optional(s, cache, "oo"),
			       least = optional(s, cache, "min");

	if (read_slab(s, page, "counters", &counters))
		return false;
	nr = OBJECTS(counters);
	return nr && (nr == OBJECTS_MADE(usual) || nr == OBJECTS_MADE(least));
}

bool stk_slab_is_other(struct stk *s, const char *cache, uint64_t phys)
{
	uint64_t at, page, head, of;

	if (!find_cache(s, cache, &at) || may_be_of(s, at, phys) ||
	    !find_page(s, phys, &page, &head) || read_slab(s, head, "slab_cache", &of) ||
	    of == at)
		return false;
	switch (is_slab(s, head)) {
	case 1:
		return is_cache(s, of) && has_objects_of(s, head, of) &&
		       !has_objects_of(s, head, at);
	case 0:
		return true;
	default:
		return false;
	}
}
